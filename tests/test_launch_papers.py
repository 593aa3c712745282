"""The papers of the launch filing and of the registration: which are owed, and what each must say."""

from __future__ import annotations

import copy
import io
from typing import Any

import docx
import pytest

from beian import assembly, facts, pipeline
from beian.facts import Facts
from beian.library import Library
from beian.render import word
from conftest import AS_OF, SAMPLES


@pytest.fixture(scope="module")
def registration(library: Library) -> Facts:
    return pipeline.load(SAMPLES / "writing-api", library)


@pytest.fixture(scope="module")
def registered(registration: Facts, library: Library) -> assembly.Dossier:
    return assembly.build(pipeline.check(registration, library, AS_OF))


def changed(given: Facts, library: Library, **new: Any) -> pipeline.Examination:
    """The examination of a sample with some facts replaced; ``__`` stands for a dot."""
    value = copy.deepcopy(given.value)
    for path, fact in new.items():
        *groups, key = path.split("__")
        group = value
        for one in groups:
            group = group[one]
        group[key] = fact
    made = facts.from_value(value, library.schema)
    made.files = given.files
    return pipeline.check(made, library, AS_OF)


def text(made: pipeline.Examination, name: str) -> str:
    """The text of one paper of a draft."""
    dossier = assembly.build(made, draft=True)
    [path] = [one for one in dossier.files if one.endswith(f"{name}.docx")]
    return "\n".join(word.text_of(dossier.files[path]))


def states(made: pipeline.Examination) -> dict[str, str]:
    return {one.document.id: one.state for one in made.entries}


def test_each_route_has_its_own_papers(
    sample: Facts, registration: Facts, library: Library
) -> None:
    filing = states(pipeline.check(sample, library, AS_OF))
    registering = states(pipeline.check(registration, library, AS_OF))
    assert filing["launch-application"] == registering["launch-application"] == "ready"
    assert filing["annotation-rules"] == "ready" and registering["annotation-rules"] == "excluded"
    for one in ("filed-model-statement", "content-safety-rules"):
        assert filing[one] == "excluded" and registering[one] == "ready"


def test_the_application_has_merged_cells_and_no_promise(registered: assembly.Dossier) -> None:
    made = docx.Document(io.BytesIO(registered.files["submission/生成式人工智能服务上线备案申请表.docx"]))
    [table] = made.tables
    body = table._tbl.xml
    assert body.count('w:vMerge w:val="restart"') >= 5 and "w:gridSpan" in body
    parts = [cell.text for cell in table.columns[0].cells]
    assert list(dict.fromkeys(one for one in parts if one)) == [
        "申请", "一、基本情况", "二、模型研制", "三、服务与安全防范", "四、安全评估", "五、自愿承诺"]
    rows = [[cell.text for cell in row.cells] for row in table.rows if row.cells[0].text[:1] == "五"]
    assert rows[0][2] == "以省级网信部门发放的表格所载为准，此处留空。"
    assert not any("承诺" in cell for row in rows for cell in row[2:])


def test_a_rule_that_is_not_issued_is_a_draft(registration: Facts, library: Library) -> None:
    stated = registration.value["governance"]["content_rule"]
    approved = f"本制度经{stated['approver']}批准，自2026年11月12日起施行"
    issued = text(pipeline.check(registration, library, AS_OF), "内容安全管理制度")
    assert "草案" not in issued and approved in issued and stated["number"] in issued
    for key in stated:
        made = changed(registration, library, **{f"governance__content_rule__{key}": None})
        draft = text(made, "内容安全管理制度")
        assert "\n草案\n" in draft and "本制度为草案，自批准发布之日起施行" in draft, key
        assert approved not in draft and stated["number"] not in draft, key


def test_the_rules_of_annotation_have_one_for_each_risk(
    sample: Facts, library: Library
) -> None:
    from beian.annexes import kinds

    risks = [one.title for one in kinds.load(library.house).risks]
    dossier = assembly.build(pipeline.check(sample, library, AS_OF))
    made = docx.Document(io.BytesIO(dossier.files["submission/语料标注规则.docx"]))
    [table] = [one for one in made.tables if one.cell(0, 2).text == "风险"]
    rows = [[cell.text for cell in row.cells] for row in table.rows][1:]
    assert [row[2] for row in rows] == risks and len(risks) == 31
    assert [row[1] for row in rows] == [str(number) for number in range(1, 32)]
    assert len({row[3] for row in rows}) == 31 and all(row[4] for row in rows)


def test_no_annotation_is_told_with_its_reason(sample: Facts, library: Library) -> None:
    made = changed(sample, library, annotation={
        "performed": False, "omission_reason": "优化训练只用已经标注的开源指令数据，没有另行标注。"})
    told = text(made, "语料标注规则")
    assert "不涉及数据标注" in told and "没有另行标注" in told and "功能性标注规则" not in told


def test_the_test_accounts_never_leave_the_house(registered: assembly.Dossier) -> None:
    paths = [path for path in registered.files if "测试账号" in path]
    assert paths == ["internal/测试账号及接口说明.docx"]


@pytest.mark.parametrize(
    ("reported_on", "events", "owed"),
    [
        (None, None, True),
        ("2026-11-01", None, False),
        ("2026-11-01", [("users_grew", None)], True),
        ("2026-11-01", [("users_grew", "2026-11-10")], False),
        ("2026-11-01", [("function_added", None)], True),
        ("2026-11-01", [("complaint", None)], False),
    ],
)
def test_the_report_of_2018_is_owed_only_in_a_situation(
    reported_on: str | None, events: list[tuple[str, str | None]] | None, owed: bool,
    registration: Facts, library: Library,
) -> None:
    happened = events and [
        {"kind": kind, "what": "示例事件", "on": "2026-11-05", "done_on": done}
        for kind, done in events]
    made = changed(
        registration, library,
        filing_history__assessment_reported_on=reported_on, events=happened)
    assert (states(made)["opinion-assessment"] != "excluded") is owed


def test_the_report_of_2018_passes_nothing_that_is_not_in_effect(
    registration: Facts, library: Library
) -> None:
    passed = text(pipeline.check(registration, library, AS_OF), "互联网信息服务安全评估报告")
    assert "评估通过" in passed and "没有落实" not in passed
    made = changed(registration, library, measures__police_support=None)
    failed = text(made, "互联网信息服务安全评估报告")
    assert "在落实之前不作出评估通过的结论" in failed
    assert "\n为公安机关、国家安全机关提供支持的工作机制\n" in failed
    assert "opinion-items-settled" in [one.rule for one in made.findings]


#: What filings come back for, by a few words, and the rules that find it; a string says why a rule
#: is not what is wanted.
RETURNED_FOR: dict[str, tuple[str, ...] | str] = {
    "an attachment missing": ("annex-lists-given", "annex-files-exist", "evidence-files"),
    "scope without a bound": ("bounded-scope",),
    "rules on paper, nothing in the system": (
        "measures-have-evidence", "keyword-list-evidence", "monitors-evidence"),
    "crawled data without a list": ("self-collected-recorded", "self-collected-addressed"),
    "aggregated set, licences not traceable": ("aggregated-corpus-traced",),
    "overseas data of unknown origin": ("foreign-corpus-placed", "corpus-source-proven"),
    "keyword list too small": ("keyword-total", "annex-keywords-total"),
    "foundation model not filed, or no proof": ("third-party-model-filed", "model-filing-proved"),
    "no layer of content safety": ("input-reviewed", "output-reviewed"),
    "copyright works in the corpora": ("property-review-resulted",),
    "slogans": ("no-slogans",),
    "architecture figure missing": ("architecture-figured",),
    "how much the barrier for minors blocks": ("minors-barrier-tested", "minors-barrier-counts"),
    "front ends not described one by one": ("product-screens", "product-reaches-person"),
    "labels of data too coarse": ("corpus-content-described",),
    "changed model handed in as registration": ("registration-without-training",),
    "contact cannot answer": ("contact-can-answer", "contact-mobile"),
    "seal missing": "the checklist lists every signature and seal; paper is beyond what facts show",
    "test accounts too few, or in the folder": ("test-accounts-ready", "test-access-without-secrets"),
    "keyword list unclassified or old": (
        "annex-rows-read", "annex-keywords-coverage", "annex-keywords-updates"),
    "annotation not applicable, without a reason": ("annotation-omission-explained",),
    "helper files in the folder": ("evidence-files-tidy",),
    "policy and report list different data": "all papers print one list, personal_information.items",
    "assessor without qualification": ("third-party-assessor-named", "assessor-qualified"),
    "harmless questions refused": ("annex-answer-rate", "stated-answer-rate"),
    "days contradict each other": (
        "assessment-days-in-order", "measures-before-launch", "evidence-not-before-measure"),
    "no proof of acceptance": ("acceptance-shown", "agreement-accepted-by-act"),
}


@pytest.mark.parametrize("reason", RETURNED_FOR)
def test_what_filings_come_back_for_is_found_by_a_rule(reason: str, library: Library) -> None:
    rules = RETURNED_FOR[reason]
    if isinstance(rules, tuple):
        for rule in rules:
            assert library.rules[rule].version(AS_OF) is not None, rule
