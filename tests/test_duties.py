"""The register of duties: complete, resting on law, judged on samples and on condensed cases.

``tests/duties/register.yaml`` lists every row that must be there. ``tests/duties/<matter>.json`` holds
the verdict and state of each duty for a sample or a case (``BEIAN_FIX=1`` writes what came out).
``tests/duties/cases.yaml`` changes the sample chat-assistant and says which duties then apply, do not
apply, are open or unknown, and how far they are fulfilled.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from beian import compliance, due, explain, pipeline, scope, yamltext
from beian import facts as facts_file
from beian import paths as fact_paths
from beian.compliance import Judged
from beian.derive import Derived
from beian.duties import Duty
from beian.errors import BeianError
from beian.library import Library
from beian.model import Value
from beian.printing import day_text
from beian.render.dispatch import Renderer
from beian.view import View
from conftest import AS_OF, ROOT, SAMPLES, Ran

HERE = ROOT / "tests" / "duties"
LIBRARY = Library.open()
MATTERS = sorted(
    one.parent for root in (SAMPLES, ROOT / "tests" / "cases") for one in root.glob("*/facts.yaml"))
SAMPLE = facts_file.load(SAMPLES / "chat-assistant", LIBRARY.schema)
DUTIES = [pytest.param(one, id=one.id) for one in LIBRARY.duties.values()]


def read_yaml(file: Path) -> Value:
    return yamltext.read(file.read_text("utf-8"), str(file), as_json=False, dotted_keys=True).value


REGISTER = read_yaml(HERE / "register.yaml")
CASES: list[dict[str, Value]] = read_yaml(HERE / "cases.yaml")


@cache
def judged(matter: Path) -> tuple[Judged, ...]:
    return tuple(pipeline.check(pipeline.load(matter, LIBRARY), LIBRARY, AS_OF).duties)


def in_case(case: dict[str, Value]) -> dict[str, Judged]:
    value = SAMPLE.value
    for path, new in case.get("set", {}).items():
        value = fact_paths.with_value(value, fact_paths.parse(path), new)
    for path in case.get("remove", ()):
        value = fact_paths.without(value, fact_paths.parse(path))
    facts = facts_file.from_value(value, LIBRARY.schema)
    assert LIBRARY.schema.check(facts.placed) == [], "what the schema refuses is judged by nobody"
    as_of = case.get("as_of", AS_OF)
    derived = Derived(LIBRARY.derived_schema, LIBRARY.conclusions, as_of, SAMPLE.files)
    view = View(value, LIBRARY.schema, derived)
    derived.view = view
    found = compliance.judge(LIBRARY.duties.values(), view, derived, LIBRARY.register, as_of)
    return {one.duty.id: one for one in found}


# --- the register --------------------------------------------------------------------------------


def test_every_row_is_registered_and_nothing_else() -> None:
    assert {*REGISTER["rows"], *REGISTER["acts"]} == set(LIBRARY.duties)


def test_every_row_carries_the_mark_of_its_verification() -> None:
    found = {
        row["id"]: [row["confidence"], row["checked"]]
        for record in LIBRARY.house.records("schemas/duties/*.yaml")
        for row in record.data["duties"]
        if row["id"] in REGISTER["rows"]
    }
    assert found == REGISTER["rows"]


def test_every_control_point_is_traceable_to_a_duty() -> None:
    points = [one.title for one in LIBRARY.control_points.values()]
    assert points == REGISTER["control_points"]
    assert len(points) == 26
    carried = {one.control_point for one in LIBRARY.duties.values() if one.nature != "context"}
    assert carried - {None} == set(LIBRARY.control_points)


@pytest.mark.parametrize("act", REGISTER["acts"])
def test_an_act_stands_beside_the_row_that_is_owed_before_it(act: str) -> None:
    before, after = LIBRARY.duties[act.removesuffix("-act")], LIBRARY.duties[act]
    assert after.nature == "act" and after.event
    assert before.nature in ("mechanism", "duty") and before.means
    assert set(after.basis) == set(before.basis)
    assert after.control_point == before.control_point


@pytest.mark.parametrize("duty", DUTIES)
def test_a_duty_rests_on_law_of_its_days_and_never_on_a_draft(duty: Duty) -> None:
    for reference in duty.basis:
        instrument = LIBRARY.register.instruments[LIBRARY.register.cite(reference).instrument]
        assert instrument.covers(duty.since), f"{reference} is no law on {duty.since}"
        assert instrument.covers(duty.until or "9999-12-31"), f"{reference} ends before the duty"
    for reference in duty.related:
        instrument = LIBRARY.register.instruments[LIBRARY.register.cite(reference).instrument]
        assert instrument.status in ("in-force", "superseded"), reference


@pytest.mark.parametrize("duty", DUTIES)
def test_a_duty_starts_no_earlier_than_the_conclusions_it_hangs_on(duty: Duty) -> None:
    parts = duty.applies if isinstance(duty.applies, list) else [duty.applies or {}]
    late = [
        [path for path in part if path in LIBRARY.conclusions
         and LIBRARY.conclusions[path].decisions[0].since > duty.since]
        for part in parts
    ]
    assert [] in late, late


@pytest.mark.parametrize("duty", DUTIES)
def test_a_duty_exists_from_its_first_day(duty: Duty) -> None:
    from datetime import date, timedelta

    before = (date.fromisoformat(duty.since) - timedelta(days=1)).isoformat()
    assert not duty.covers(before)
    assert duty.covers(duty.since)


@pytest.mark.parametrize("duty", DUTIES)
def test_the_documents_of_a_duty_have_the_heading_that_carries_it(duty: Duty) -> None:
    for carrier in duty.carriers:
        if carrier.heading is not None:
            assert carrier.heading in headings(carrier.document), carrier


@cache
def headings(document: str) -> set[str]:
    """Every heading, clause and sheet of a document."""
    found = {spot.section for _, spot in Renderer(LIBRARY).reads(LIBRARY.documents[document])}
    source = ROOT / "templates" / document / "template.md"
    if source.exists():
        lines = source.read_text("utf-8").splitlines()
        found |= {
            line.lstrip("# ").partition("{{")[0].strip() for line in lines if line.startswith("##")}
    return found


CARRIED = sorted({(part.document, part.heading) for duty in LIBRARY.duties.values()
                  for part in duty.carriers if part.heading})


def test_only_filings_are_carried_by_a_paper_as_a_whole() -> None:
    whole = {duty.id for duty in LIBRARY.duties.values() for part in duty.carriers if part.heading is None}
    assert whole == {"A08", "D05", "M17-1", "M17-2", "P09"}


@pytest.mark.parametrize(("document", "heading"), CARRIED)
def test_a_heading_leads_to_its_articles_and_each_of_them_back(document: str, heading: str) -> None:
    record = explain.explain(f"{document}:{heading}", LIBRARY)
    carried = [duty for duty in LIBRARY.duties.values()
               if (document, heading) in {(one.document, one.heading) for one in duty.carriers}]
    assert {duty.id for duty in carried} <= {one.partition("　")[0] for one in record["duties"]}
    for duty in carried:
        for reference in duty.basis + duty.related:
            assert str(LIBRARY.register.cite(reference)) in record["basis"]
    reference = carried[0].basis[0]
    [back] = [one for one in explain.explain(reference, LIBRARY)["documents"] if one.startswith(f"{document}　")]
    assert heading in back.partition("：")[2].split("；")


def test_a_heading_of_the_agreement_names_its_clauses_and_a_wrong_one_the_nearest() -> None:
    record = explain.explain("user-agreement：费用", LIBRARY)
    assert any(re.match(r"AG\d\d　", one) for one in record["duties"])
    with pytest.raises(BeianError) as said:
        explain.explain("user-agreement:费 用", LIBRARY)
    assert "费用" in (said.value.hint or "")


@pytest.mark.parametrize("duty", DUTIES)
def test_a_deadline_of_a_duty_exists_and_is_told(duty: Duty) -> None:
    told = explain.explain(duty.id, LIBRARY)["deadlines"]
    assert len(told) == len(duty.deadlines)
    assert set(duty.deadlines) <= set(LIBRARY.deadlines)


def test_the_matrix_shows_the_days_that_the_calendar_counts() -> None:
    """The launch of the sample is planned; everything that hangs on it is counted from that day."""
    facts = pipeline.load(SAMPLES / "chat-assistant", LIBRARY)
    result = pipeline.check(facts, LIBRARY, AS_OF)
    dues = due.due(LIBRARY, result.view, AS_OF)
    told = compliance.as_value(result.duties, result.entries, LIBRARY, AS_OF, dues)
    rows = {row["id"]: row["deadlines"] for row in told["duties"]}
    [filing] = [one for one in dues if one.deadline.id == "file-algorithm"]
    assert filing.last is not None
    assert day_text(filing.last.day.isoformat()) in rows["M17-2"].splitlines()[0]
    assert rows["M17-2"].startswith("提交算法备案（DL01）：")
    assert rows["P12-act"] is None, "no event, no day"
    untold = compliance.as_value(result.duties, result.entries, LIBRARY, AS_OF)
    assert {row["deadlines"] for row in untold["duties"]} == {None}


# --- verdicts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("matter", MATTERS, ids=lambda matter: matter.name)
def test_the_duties_of_a_matter_come_out_as_expected(matter: Path) -> None:
    made = {
        one.duty.id: [one.verdict, one.state]
        for one in judged(matter)
        if one.duty.nature != "context"
    }
    file = HERE / f"{matter.name}.json"
    if os.environ.get("BEIAN_FIX"):
        lines = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in made.items())
        file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    assert made == json.loads(file.read_text("utf-8"))


def test_every_table_belongs_to_a_matter() -> None:
    assert {one.stem for one in HERE.glob("*.json")} == {one.name for one in MATTERS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_duties_of_a_case(case: dict[str, Value]) -> None:
    found = in_case(case)
    for verdict in ("applies", "does_not", "open", "unknown"):
        wanted = case.get(verdict, [])
        assert {name: found[name].verdict for name in wanted} == dict.fromkeys(wanted, verdict)
    for name in case.get("no_law", ()):
        assert name not in found
    states = case.get("states", {})
    assert {name: found[name].state for name in states} == states


def test_both_sides_of_every_condition_are_shown() -> None:
    shown: set[tuple[str, str]] = set()
    for matter in MATTERS:
        shown |= {(one.duty.id, one.verdict) for one in judged(matter)}
    for case in CASES:
        shown |= {(name, verdict) for verdict in ("applies", "does_not") for name in case.get(verdict, ())}
    lacking = [
        (duty.id, verdict)
        for duty in LIBRARY.duties.values()
        if duty.applies is not None
        for verdict in ("applies", "does_not")
        if (duty.id, verdict) not in shown
    ]
    assert lacking == []


def test_every_state_is_shown() -> None:
    states = {state for case in CASES for state in case.get("states", {}).values()}
    assert states >= {"evidenced", "claimed", "planned", "open", "unfulfilled", "on_event"}


def test_context_has_no_state_and_no_gap() -> None:
    for one in judged(SAMPLES / "chat-assistant"):
        if one.duty.nature == "context":
            assert (one.state, one.parts, one.due) == (None, (), None)


# --- what is shown -------------------------------------------------------------------------------


def test_explain_shows_a_duty_and_what_hangs_on_it(beian: Callable[..., Ran]) -> None:
    ran = beian("explain", "M17-1")
    assert ran.code == 0
    for words in ("开展安全评估", "2023-08-15 起", "第十七条", "security-assessment", "schemas/duties/"):
        assert words in ran.out
    for name, word in (
        ("interim-measures:17", "M17-1"), ("measures.content_disposal", "M14-1a"),
        ("derived.scope.opinion_attribute", "M17-1"), ("P07", "待核对"),
    ):
        assert word in explain.as_text(explain.explain(name, LIBRARY))
    with pytest.raises(BeianError) as error:
        explain.explain("M17-9", LIBRARY)
    assert "M17-1" in (error.value.hint or "")


def test_scope_lists_the_duties(beian: Callable[..., Ran]) -> None:
    sample = str(SAMPLES / "chat-assistant")
    result = pipeline.check(pipeline.load(sample, LIBRARY), LIBRARY, AS_OF)
    record = scope.scope(result)
    duties = {one["id"]: one for one in record["duties"]}
    assert set(duties) == {
        one.id for one in LIBRARY.duties.values() if one.nature != "context" and one.covers(AS_OF)}
    assert duties["M10-1"]["verdict"] == "applies"
    assert duties["M10-1"]["basis"][0]["instrument"] == "interim-measures"
    assert "service-disclosure" in duties["M10-1"]["documents"]
    assert duties["P07"]["checked"] is False
    short = scope.as_text(record, result)
    assert "加 --duties 逐项列出" in short and "M10-1" not in short
    whole = beian("scope", sample, "--as-of", AS_OF, "--duties").out
    assert "M10-1　明确并公开适用人群、场合、用途" in whole
    assert "A02　" not in whole


def test_an_absent_fact_of_a_duty_is_missed_in_the_matrix_alone(
    examine: Callable[..., Any]
) -> None:
    value = fact_paths.without(SAMPLE.value, fact_paths.parse("measures.rumours"))
    result = examine(value)
    [finding] = [one for one in result.findings if one.path == "measures.rumours"]
    assert (finding.level.value, finding.stops) == ("missing", True)
    assert finding.documents == ("合规控制点对照表（义务对照）",)
    assert "C08" in finding.message
    assert finding.path in result.elsewhere(("user-agreement",))


def test_the_matrix_has_every_duty_and_prints_on_paper(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF,
                "--only", "control-matrix")
    assert ran.code == 0, ran.err
    book = load_workbook(tmp_path / "out" / "internal" / "合规控制点对照表.xlsx")
    rows = judged(SAMPLES / "chat-assistant")
    sheets = {
        "义务对照": [one.duty.id for one in rows if one.duty.nature != "context" and one.owed],
        "不适用的义务": [one.duty.id for one in rows if one.duty.nature != "context" and not one.owed],
        "原则、权力和责任": [one.duty.id for one in rows if one.duty.nature == "context"],
    }
    for name, ids in sheets.items():
        sheet = book[name]
        found = [row[0] for row in sheet.iter_rows(values_only=True)]
        assert found[found.index("编号") + 1:] == ids
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows and sheet.auto_filter.ref and sheet.freeze_panes
    points = [row[2] for row in book["控制点"].iter_rows(values_only=True)]
    assert points[points.index("控制点") + 1:] == REGISTER["control_points"]
    header = next(row for row in book["义务对照"].iter_rows(values_only=True) if row[0] == "编号")
    [row] = [row for row in book["义务对照"].iter_rows(values_only=True) if row[0] == "M07-2"]
    cells = dict(zip(header, row, strict=True))
    assert cells["落实状态"] == "已实施，有佐证"
    assert "拟实施：涉及知识产权语料的摘要公开（2027年3月31日）" in cells["缺口"]
    assert cells["负责人"] == "示例庚"
    assert "《安全自评估报告》“语料合法性”" in cells["承载的文书和位置"]


def test_tones_name_what_a_cell_may_say() -> None:
    book = LIBRARY.documents["control-matrix"].workbook
    choices = LIBRARY.dossier_schema.fields["dossier.duties[].state"].choices or {}
    verdicts = LIBRARY.dossier_schema.fields["dossier.control_points[].verdict"].choices or {}
    for sheet in book["sheets"]:
        for column in sheet.get("table", {}).get("columns", ()):
            assert set(column.get("tones", ())) <= {*choices.values(), *verdicts.values()}


def test_a_duty_of_a_house_is_added_by_a_file_and_faults_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "house" / "schemas" / "duties"
    folder.mkdir(parents=True)
    text = (
        "title: 本所要求\norder: 90\nduties:\n"
        "- id: H01\n  title: 留存会议纪要\n  nature: duty\n  bearer: 提供者\n  since: 2023-08-15\n"
        "  basis: []\n  practice: 本所惯例。\n  confidence: single\n  checked: recalled\n"
        "  gist: 留存讨论会议的纪要。\n  applies: {derived.scope.measures: true}\n"
        "  fulfilled_by:\n    - {measure: measures.updates}\n")
    (folder / "own.yaml").write_text(text, "utf-8")
    library = Library.open((tmp_path / "house",))
    assert not compliance.verified(library.duties["H01"], library.register)
    for old, new in (
        ("measures.updates", "measures.update"), ("measures.updates", "subject.name"),
        ("basis: []", "basis: [nolaw]"), ("nature: duty", "nature: rule"), ("order: 90", "order: x"),
    ):
        (folder / "own.yaml").write_text(text.replace(old, new), "utf-8")
        with pytest.raises(BeianError) as error:
            Library.open((tmp_path / "house",))
        assert "own.yaml" in str(error.value.place) or "nolaw" in str(error.value)
