"""What a self-assessment judges: the list of demands, their results, and the overall conclusion."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from openpyxl import load_workbook

from beian import assembly, paths, pipeline
from beian import facts as facts_file
from beian.derive import Derived
from beian.facts import Facts
from beian.library import Library
from beian.requirements import Requirements
from beian.view import Fact, View
from conftest import AS_OF, SAMPLES


def seen(facts: Facts, library: Library, as_of: str = AS_OF, **changes: Any) -> View:
    value: Any = facts.value
    for path, new in changes.items():
        value = paths.with_value(value, paths.parse(path), new)
    derived = Derived(
        library.derived_schema, library.conclusions, as_of, requirements=library.requirements)
    derived.view = View(value, library.schema, derived)
    return derived.view


def value_of(view: View, path: str) -> Any:
    node = view.read(path)
    assert isinstance(node, Fact), node
    return node.value


def answered(library: Library, **results: str) -> list[dict[str, Any]]:
    """A result for every demand: met, or as told by its key (hyphens as underscores)."""
    told = {key.replace("_", "-"): result for key, result in results.items()}
    return [
        {"requirements": [one.id], "result": told.get(one.id, "met"), "reason": "事实", "remedy": None,
         "evidence": "record"}
        for one in library.requirements.all]


def test_the_list_is_whole_and_consistent(library: Library) -> None:
    listed = library.requirements
    # Rows of the notes: 29 of chapter 5, 6 of 6, 23 of 7 and the part of 7 b) 1) that is only
    # recommended, 16 demands with numbers of 8 and 8.2 c), seven samplings of 9.
    assert Counter(one.part for one in listed.all) == {
        "training_data": 29, "model": 6, "measures": 24, "resources": 17, "indicators": 7}
    assert len({one.id for one in listed.all}) == len(listed.all)
    assert {one.part for one in listed.all} == {name for name, _ in listed.parts}
    for one in listed.all:
        assert set(one.clauses) == {"tc260-003", "gbt-45654"}, one.id
        assert one.gist[-1] not in "。；，", one.id
        former = one.clauses["tc260-003"]
        assert former.number is not None and former.number.startswith(former.section), one.id
    recommended = [one.id for one in listed.all if not one.required]
    assert len(recommended) == 15
    assert "keywords-coverage" not in recommended and "keywords-total" in recommended


def test_no_number_of_the_new_standard_is_made_up(library: Library) -> None:
    assert {one.clauses["gbt-45654"].number for one in library.requirements.all} == {None}


@pytest.mark.parametrize(("day", "instrument", "before"), [
    ("2024-02-28", None, None), ("2024-02-29", "tc260-003", None),
    ("2025-10-31", "tc260-003", None), ("2025-11-01", "gbt-45654", "tc260-003")])
def test_the_yardstick_changes_on_its_day(
    library: Library, day: str, instrument: str | None, before: str | None
) -> None:
    listed: Requirements = library.requirements
    now, former = listed.regime(day), listed.before(day)
    assert (now.instrument if now else None) == instrument
    assert (former.instrument if former else None) == before
    assert len(listed.on(day)) == (83 if instrument else 0)


@pytest.mark.parametrize(("changed", "overall"), [
    ({}, "all_met"),
    ({"trusted_boot": "not_met", "keywords_total": "not_met"}, "all_met"),
    ({"several_sources": "not_applicable"}, "all_met"),
    ({"several_sources": "not_met"}, "partly_met"),
    ({"several_sources": "not_met", "trusted_boot": "met"}, "partly_met"),
])
def test_only_required_demands_make_the_conclusion(
    sample: Facts, library: Library, changed: dict[str, str], overall: str
) -> None:
    results = answered(library, **changed)
    view = seen(sample, library, **{"assessment.results": results})
    assert value_of(view, "derived.assessment.overall") == overall


def test_none_met_is_what_fails_in_all_required_demands(sample: Facts, library: Library) -> None:
    required = {one.id.replace("-", "_"): "not_met" for one in library.requirements.all
                if one.required}
    results = answered(library, **required)
    view = seen(sample, library, **{"assessment.results": results})
    assert value_of(view, "derived.assessment.overall") == "none_met"
    results = answered(library, **{**required, "several_sources": "not_applicable"})
    view = seen(sample, library, **{"assessment.results": results})
    assert value_of(view, "derived.assessment.overall") == "none_met"


def test_without_every_result_there_is_no_conclusion(sample: Facts, library: Library) -> None:
    results = answered(library)[1:]
    view = seen(sample, library, **{"assessment.results": results})
    assert value_of(view, "derived.assessment.overall") is None
    gist = library.requirements.all[0].gist
    assert value_of(view, "derived.assessment.unassessed") == [gist]


def test_the_table_has_every_demand_with_the_sample_s_results(library: Library) -> None:
    facts = pipeline.load(SAMPLES / "chat-assistant", library)
    made = assembly.build(pipeline.check(facts, library, AS_OF), only=("clause-assessment",))
    sheet = load_workbook(io.BytesIO(made.files["submission/逐条评估表.xlsx"])).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    [head] = [number for number, row in enumerate(rows) if row[0] == "序号"]
    columns = rows[head]
    table = [dict(zip(columns, row, strict=True)) for row in rows[head + 1:]]
    assert [row["评估要求"] for row in table] == [one.gist for one in library.requirements.all]
    # Blank for counsel; what is recalled goes into no paper for an authority.
    assert {(row["分条号"] or "").strip() for row in table} == {""}
    assert {row["章节"] for row in table} == {"5", "6", "7", "附录B"}
    expected = {name: one for one in facts.value["assessment"]["results"]
                for name in one["requirements"]}
    numbers = {one["id"]: f"证据{number}" for number, one in enumerate(facts.value["evidence"], 1)}
    titles = {"met": "符合", "not_met": "不符合", "not_applicable": "不适用"}
    for one, row in zip(library.requirements.all, table, strict=True):
        stated = expected[one.id]
        assert (row["评估结果"], row["事实和理由"]) == (titles[stated["result"]], stated["reason"])
        assert row["佐证"] == (numbers[stated["evidence"]] if stated["evidence"] else "无")
        assert row["性质"] == ("应当满足" if one.required else "建议满足")
    assert sheet.freeze_panes == f"C{head + 2}"
    assert sheet.print_title_rows == f"${head + 1}:${head + 1}"
    assert any(row[2] == "全部符合要求" for row in rows[:head])


def test_an_unanswered_demand_is_shown_in_a_draft(library: Library) -> None:
    facts = pipeline.load(SAMPLES / "chat-assistant", library)
    value = paths.with_value(
        facts.value, paths.parse("assessment.results[0].requirements"), ["trusted-boot"])
    changed = facts_file.from_value(value, library.schema)
    made = assembly.build(
        pipeline.check(changed, library, AS_OF), draft=True, only=("clause-assessment",))
    sheet = load_workbook(io.BytesIO(made.files["working/逐条评估表.xlsx"])).worksheets[0]
    texts = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert {"尚未评估", "尚有要求没有评估，不能得出结论"} <= texts
