"""The agreement has exactly the clauses whose conditions hold, and each is traced to its article."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from beian import assembly, clauses, conditions, paths, pipeline, terms
from beian.conditions import fragments
from beian.facts import Facts
from beian.library import Library
from beian.model import Verdict
from beian.pipeline import Examination
from conftest import AS_OF, ROOT, SAMPLES, Ran
from test_references import check, chinese

LIBRARY = Library.open()
CATALOGUE = clauses.load(LIBRARY.house)
AGREEMENT = [one for one in CATALOGUE.values() if one.document == "user-agreement"]
FOLDERS = sorted(
    one.parent for root in (SAMPLES, ROOT / "tests" / "cases") for one in root.glob("*/facts.yaml"))

#: What turns each conditional clause; those of the sample's own choosing are turned off.
TURNS: dict[str, dict[str, Any]] = {
    "AG09": {"agreement.account.registration": False},
    "AG15": {"agreement.unlabelled_export": {
        "offered": True, "apply_steps": ["点击“申请”"], "log_months": 6}},
    "AG21": {"agreement.elderly_measures": ["大字界面"]},
    "AG22": {"service.synthesis_functions": ["dialogue_writing", "voice"]},
    "AG23": {"agreement.companion": {
        "offered": True, "reminder_minutes": 120, "reminder_status": "planned",
        "reminder_since_on": "2026-12-15", "exit_steps": ["点击“退出”"],
        "history_steps": ["点击“记录”"], "emergency_contact_steps": None,
        "crisis_paragraphs": ["显示求助电话。"]}},
    "AG24": {"agreement.recommendation": {
        "offered": True, "off_steps": ["点击“关闭”"], "tag_steps": None}},
    "AG30": {"agreement.enterprise": {
        "offered": True, "admin_access": ["成员的使用次数"], "training_use": False,
        "data_returned_days": 30}},
    "AG31": {"agreement.api": {"offered": True, "takedown_hours": 2}},
}


def file(result: Examination) -> bytes:
    files = assembly.build(result, draft=True, only=("user-agreement",)).files
    [content] = [one for path, one in files.items() if path.startswith("working/")]
    return content


def made(result: Examination) -> dict[str, clauses.Article]:
    return clauses.articles(file(result))


def owed(result: Examination) -> set[str]:
    """The anchors of the clauses whose conditions hold."""
    return {
        anchor for one in AGREEMENT for anchor in one.anchors
        if conditions.judge(one.when, result.view).verdict is Verdict.HOLDS}


def assert_exact(result: Examination, turn: str) -> dict[str, clauses.Article]:
    found = made(result)
    assert set(found) == owed(result), turn
    numbers = [one.number for one in found.values()]
    assert numbers == [f"第{chinese(n)}条" for n in range(1, len(found) + 1)], turn
    check(result, "user-agreement", turn)
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_a_matter_has_exactly_the_clauses_that_it_owes(folder: Path) -> None:
    result = pipeline.check(pipeline.load(folder, LIBRARY), LIBRARY, AS_OF)
    if any(one.document.id == "user-agreement" and one.state != "excluded" for one in result.entries):
        assert_exact(result, folder.name)


def test_every_conditional_clause_is_turned() -> None:
    assert set(TURNS) == {one.id for one in AGREEMENT if one.when is not None}
    for name, turn in TURNS.items():
        asked = {path for path, _ in fragments(CATALOGUE[name].when)}
        assert any(path.startswith(stated) for stated in turn for path in asked), name


@pytest.mark.parametrize("name", TURNS)
def test_a_clause_comes_and_goes_with_its_condition(
    name: str, sample: Facts, examine: Callable[..., Examination]
) -> None:
    before = assert_exact(examine(sample.value), "as it is")
    value: Any = sample.value
    for path, new in TURNS[name].items():
        value = paths.with_value(value, paths.parse(path), new)
    after = assert_exact(examine(value), name)
    assert set(before) ^ set(after) == set(CATALOGUE[name].anchors)


def test_all_clauses_together(sample: Facts, examine: Callable[..., Examination]) -> None:
    value: Any = sample.value
    for name, turn in TURNS.items():
        for path, new in turn.items():
            if name != "AG09":
                value = paths.with_value(value, paths.parse(path), new)
    result = examine(value)
    found = assert_exact(result, "all")
    assert set(found) == {anchor for one in AGREEMENT for anchor in one.anchors}
    reading = terms.judge(
        terms.parse(file(result), "agreement.docx"), terms.load(LIBRARY.house), AS_OF, LIBRARY.register)
    assert [(one.code, one.quote) for one in reading.remarks] == []


# --- the statements, by their sections -----------------------------------------------------------

#: The statements with a catalogue, and what the sample has to offer before it owes each.
STATEMENTS: dict[str, dict[str, Any]] = {
    "privacy-policy": {},
    "service-disclosure": {},
    "minors-notice": {
        "minors.access": "allowed", "minors.protection_paragraphs": ["每日不超过一小时。"],
        "minors.annual_statement_url": None, "agreement.guardian_consent_steps": ["监护人扫码"]},
    "api-customer-notice": {"agreement.api": {"offered": True, "takedown_hours": 2}},
}

def sections(result: Examination, document: str) -> dict[str, clauses.Article]:
    files = assembly.build(result, draft=True, only=(document,)).files
    [raw] = [one for path, one in files.items() if path.endswith(".docx")]
    return clauses.articles(raw)


def assert_sections(result: Examination, document: str) -> None:
    """Each section stands exactly where a clause that holds is carried by it."""
    catalogue = [one for one in CATALOGUE.values() if one.document == document]
    holding = {
        anchor for one in catalogue for anchor in one.anchors
        if conditions.judge(one.when, result.view).verdict is Verdict.HOLDS}
    assert set(sections(result, document)) == holding, document


@pytest.mark.parametrize("document", STATEMENTS)
def test_a_statement_has_exactly_the_sections_that_it_owes(
    document: str, sample: Facts, examine: Callable[..., Examination]
) -> None:
    value: Any = sample.value
    for path, new in STATEMENTS[document].items():
        value = paths.with_value(value, paths.parse(path), new)
    assert_sections(examine(value), document)
    for turn in (TURNS["AG23"], TURNS["AG30"]):  # what adds sections to statements
        for path, new in turn.items():
            value = paths.with_value(value, paths.parse(path), new)
    assert_sections(examine(value), document)


@pytest.mark.parametrize("document", STATEMENTS)
def test_every_anchored_section_of_a_statement_is_in_its_catalogue(document: str) -> None:
    found = clauses.articles_of_template(LIBRARY.documents[document].formats["docx"].read_bytes())
    assert set(found) == {
        anchor for one in CATALOGUE.values() if one.document == document for anchor in one.anchors}


# --- the catalogue -------------------------------------------------------------------------------


def test_every_article_of_the_template_is_in_the_catalogue_and_the_reverse() -> None:
    template = LIBRARY.documents["user-agreement"].formats["docx"]
    found = clauses.articles_of_template(template.read_bytes())
    assert set(found) == {anchor for one in AGREEMENT for anchor in one.anchors}
    source = (template.parent / "template.md").read_text("utf-8")
    assert len(found) == source.count('custom-style="Clause"')


@pytest.mark.parametrize("clause", CATALOGUE.values(), ids=lambda one: one.id)
def test_a_clause_rests_on_what_the_register_knows(clause: clauses.Clause) -> None:
    for reference in clause.basis:
        LIBRARY.register.cite(reference)
    for path in conditions.reads(clause.when):
        assert LIBRARY.field(path) is not None, path


def test_a_clause_is_traced_to_article_and_law(beian: Callable[..., Ran]) -> None:
    ran = beian("explain", "AG14")
    assert ran.code == 0
    assert "《用户服务协议》标识的方法和样式" in ran.out
    assert "《人工智能生成合成内容标识办法》第八条" in ran.out
    matter = str(SAMPLES / "chat-assistant")
    ran = beian("explain", "AG14", "--in", matter, "--as-of", AS_OF, "--json")
    said = json.loads(ran.out)
    assert said["articles_carrying"] == [
        "《用户服务协议》第十五条　标识的方法和样式", "《用户服务协议》第十六条　用户的标识义务"]
    assert "labels[].explicit_text　显式标识文字" in said["reads"]
    ran = beian("explain", "AG15", "--in", matter, "--as-of", AS_OF)
    assert "按该项目的事实，《用户服务协议》中没有这一条" in ran.out
    said = json.loads(beian("explain", "PP08", "--in", matter, "--as-of", AS_OF, "--json").out)
    assert said["articles_carrying"] == ["《隐私政策》八、　向其他个人信息处理者提供"]
    said = json.loads(beian("explain", "PD03", "--in", matter, "--as-of", AS_OF, "--json").out)
    assert said["articles_carrying"] == ["《适用人群、适用场合和用途说明》（一）　服务的局限"]
    ran = beian("explain", "MN05", "--in", matter, "--as-of", AS_OF)
    assert "按该项目的事实，《未成年人使用须知》中没有这一条" in ran.out
    assert "LT3　概括免责（liability-excluded）" in beian("explain", "LT3").out
