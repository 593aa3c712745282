"""Rules, conclusions and figures, judged on small cases.

``tests/rules/<topic>.yaml`` has, for each rule of ``schemas/rules/<topic>.yaml``, a list of cases::

    minors-excluded-means-adults:
      - name: seventeen is too young
        as_of: 2026-11-20                  # the day judged; this one when left out
        outside: true                      # the sample as a tool for own staff; may be left out
        set: {audience.minimum_age: 17}    # laid over the facts of the sample chat-assistant
        remove: [subject.contact]          # and then taken away
        files: none                        # facts from standard input; may be left out
        counted: {keywords.covered_count: 16}  # laid over what the sample's annexes hold
        verdict: fails
        path: audience.minimum_age         # where a finding points; may be left out
        basis: ["interim-measures:10"]     # what the version of that day cites; may be left out

Verdicts: ``fails`` is a finding of this rule; ``unknown`` is that the rule waits for the facts
removed (or for the one at ``path``); ``holds`` is that the rule asked and was satisfied; ``silent``
is that it did not ask at all, because no version covers the day or because ``when`` fails.

Every rule has a case that holds, one that fails and one that is unknown. Where no absent fact can
leave a rule unknown, ``{unknown: impossible, because: …}`` stands instead and says why.

``tests/conclusions/<topic>.yaml`` has the same for conclusions of law, with ``result``: ``true``,
``false``, ``open`` (only counsel can settle it), ``unknown`` (facts are absent) or ``no-law`` (no
version covers the day); ``determined: true`` where counsel's determination prevailed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from beian import conditions, derive, facts, formats, paths, rules, yamltext
from beian.annexes import counts
from beian.annexes.counting import counting
from beian.derive import FIGURES, Concluded, Derived, Reading
from beian.library import Library
from beian.model import Place, Value, Verdict
from beian.view import Fact, View

HERE = Path(__file__).resolve().parent
LIBRARY = Library.open()
SAMPLE = facts.load(HERE.parent / "samples" / "chat-assistant", LIBRARY.schema)
AS_OF = "2026-11-20"

Case = dict[str, Value]


def read_cases(folder: str) -> dict[str, dict[str, list[Case]]]:
    """The cases of each topic by the id of the rule or conclusion."""
    return {
        file.stem: yamltext.read(
            file.read_text(encoding="utf-8"), str(file), as_json=False, dotted_keys=True
        ).value
        for file in sorted((HERE / folder).glob("*.yaml"))
    }


RULE_CASES = read_cases("rules")
CONCLUSION_CASES = read_cases("conclusions")


def each_case(topics: dict[str, dict[str, list[Case]]]) -> Iterator[tuple[str, str, Case]]:
    for topic, owners in topics.items():
        for owner, cases in owners.items():
            yield from ((f"{topic}.yaml:{owner}", owner, one) for one in cases if "name" in one)


def parameters(topics: dict[str, dict[str, list[Case]]]) -> list[Any]:
    return [
        pytest.param(owner, case, id=f"{file}: {case['name']}")
        for file, owner, case in each_case(topics)
    ]


#: What makes the sample a tool for own staff: a bare "not offered to the public" would not do.
OUTSIDE: dict[str, Value] = {
    "service.offered_to_public": False,
    "service.admitted": ["own_staff"],
    "service.stage": "live",
    "service.public_functions": None,
    "products[2].form": "website",
}


def changed(case: Case) -> dict[str, Value]:
    """The facts of the sample as the case changes them."""
    value: dict[str, Value] = SAMPLE.value
    for path, new in {**(OUTSIDE if "outside" in case else {}), **case.get("set", {})}.items():
        value = paths.with_value(value, paths.parse(path), new)
    for path in case.get("remove", ()):
        value = paths.without(value, paths.parse(path))
    return value


def views(case: Case) -> tuple[View, Derived, str]:
    """The case as rules see it, and its day; made as in :func:`beian.pipeline.check`."""
    as_of = case.get("as_of", AS_OF)
    derived = Derived(
        LIBRARY.derived_schema, LIBRARY.conclusions, as_of, files_of(case), annexes_of(case),
        LIBRARY.requirements,
    )
    view = View(changed(case), LIBRARY.schema, derived)
    derived.view = view
    return view, derived, as_of


def files_of(case: Case) -> frozenset[str] | None:
    """What lies in the matter folder; None for facts from standard input (``files: none``)."""
    return None if case.get("files") == "none" else SAMPLE.files


COUNT = counting(SAMPLE.attachment, LIBRARY.catalogue, LIBRARY.counted)
ANNEXES = COUNT(tuple((one["file"], one["kind"]) for one in SAMPLE.value["annexes"]))


def annexes_of(case: Case) -> derive.CountAnnexes | None:
    """What counts the annexes: the sample's figures as ``counted`` changes them, with the
    quotients that follow from them; an annex that is null was not given."""
    if case.get("files") == "none":
        return None
    figures: Value = ANNEXES
    for path, new in case.get("counted", {}).items():
        figures = paths.with_value(figures, paths.parse(path), new)
    figures = {kind: one for kind, one in figures.items() if one is not None}
    if "annotations" in figures:  # the sample sends none
        kind = LIBRARY.catalogue.kinds["annotations"]
        none = counts.Annotations(kind, LIBRARY.catalogue, lambda _: None).figures()
        figures["annotations"] = {"row_count": 0, "rejected_count": 0} | none | figures["annotations"]
    if "corpora" in figures:
        figures["corpora"] = counts.with_share(figures["corpora"])
    if "samplings" in figures:
        records = [counts.with_rates(one) for one in figures["samplings"]["records"]]
        figures["samplings"] = figures["samplings"] | {"records": records}
    return lambda _: figures


@cache
def facts_validator() -> Any:
    return Draft202012Validator(LIBRARY.schema.resolved, format_checker=formats.checker())


# --- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("owner", "case"), parameters(RULE_CASES))
def test_rule_judges_case(owner: str, case: Case) -> None:
    rule = LIBRARY.rules[owner]
    view, _, as_of = views(case)
    judged = rules.judge({owner: rule}, view, as_of, LIBRARY.register, lambda _: Place("facts"))
    waits = {*judged.needed, *judged.deciding}
    if judged.findings:
        found = "fails"
    elif waits:
        found = "unknown"
    else:
        found = "holds" if asks(rule, view, as_of) else "silent"
    assert found == case["verdict"], (judged.findings, waits)
    if found == "fails":
        assert case.get("path") in (None, *(one.path for one in judged.findings))
        cited = [
            f"{one.instrument}:{one.article}" if one.article else one.instrument
            for one in judged.findings[0].basis
        ]
        assert cited == case.get("basis", cited)
    if found == "unknown":
        assert {case["path"]} <= waits if "path" in case else set(case["remove"]) <= waits


def asks(rule: rules.Rule, view: View, as_of: str) -> bool:
    """Whether a version covers the day and its ``when`` holds, for one item at least."""
    version = rule.version(as_of)
    listed = view.read(rule.each) if rule.each else None
    items = [one.path for one in listed.items()] if isinstance(listed, Fact) else [None]
    return version is not None and any(
        conditions.judge(version.when, view, item).verdict is Verdict.HOLDS for item in items
    )


def test_every_topic_has_a_file_of_cases_and_every_case_a_rule() -> None:
    known: dict[str, set[str]] = {}
    for rule in LIBRARY.rules.values():
        known.setdefault(rule.topic, set()).add(rule.id)
    assert {topic: set(cases) for topic, cases in RULE_CASES.items()} == known


@pytest.mark.parametrize("rule", LIBRARY.rules.values(), ids=lambda rule: f"{rule.file}:{rule.id}")
def test_rule_has_cases_that_hold_fail_and_stay_unknown(rule: rules.Rule) -> None:
    cases = RULE_CASES[rule.topic][rule.id]
    shown = {case.get("verdict") for case in cases}
    if any(case.get("unknown") == "impossible" for case in cases):
        assert "unknown" not in shown, "a case shows that it is possible"
        shown.add("unknown")
    assert {"holds", "fails", "unknown"} <= shown


# --- conclusions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("owner", "case"), parameters(CONCLUSION_CASES))
def test_conclusion_is_drawn_in_case(owner: str, case: Case) -> None:
    path = next(one.path for one in LIBRARY.conclusions.values() if one.id == owner)
    _, derived, _ = views(case)
    done = derived.conclude(path)
    assert result(done) == case["result"], done
    assert (done.determined is not None) == case.get("determined", False)
    assert list(done.basis) == case.get("basis", list(done.basis))
    if done.needs is not None and done.open is None:
        expected = [case["path"]] if "path" in case else case["remove"]
        assert set(expected) <= set(done.needs)


def result(done: Concluded) -> Value:
    if done.open is not None:
        return "open"
    if done.needs is not None:
        return "unknown"
    return "no-law" if done.value is None else done.value


def test_every_conclusion_has_cases_for_every_result() -> None:
    shown = {
        owner: {str(case["result"]) for case in cases}
        for owners in CONCLUSION_CASES.values()
        for owner, cases in owners.items()
    }
    wanted = {
        one.id: {"unknown", "no-law"} | {
            "open" if case.open else str(case.value)
            for decision in one.decisions for case in decision.cases
        }
        for one in LIBRARY.conclusions.values()
    }
    assert shown == wanted


# --- cases and figures ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "case"), [*parameters(RULE_CASES), *parameters(CONCLUSION_CASES)]
)
def test_case_is_one_that_the_facts_schema_admits(owner: str, case: Case) -> None:
    # What the schema refuses never reaches a rule.
    assert [one.message for one in facts_validator().iter_errors(changed(case))] == []


@pytest.mark.parametrize("topics", [RULE_CASES, CONCLUSION_CASES], ids=["rules", "conclusions"])
def test_names_of_cases_are_unique(topics: dict[str, dict[str, list[Case]]]) -> None:
    names = [(file, case["name"]) for file, _, case in each_case(topics)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", FIGURES)
def test_figure_reads_exactly_what_it_declares(path: str) -> None:
    changed = [{"kind": "other", "what": "改动", "happened_on": "2026-11-01", "filed_on": None}]
    cases: list[Case] = [{}, {"set": {"filing_history.changes": changed}}]  # no rule is about them
    for topics in (RULE_CASES, CONCLUSION_CASES):
        cases += [case for _, _, case in each_case(topics)]
    read: set[str] = set()
    for case in cases:
        view, _, as_of = views(case)
        read_by = Reading(view, as_of, files_of(case), annexes_of(case))
        with suppress(derive._Missing):  # it still tells what it read before the absent fact
            FIGURES[path](read_by)
        read.update(read_by.read)
    declared = LIBRARY.derived_schema.fields[path].inputs
    assert read == set(declared)
