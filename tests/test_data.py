"""Contracts that all shipped data keeps: schemas, laws, rules, conclusions, figures, documents.

``BEIAN_FIX=1 pytest tests/test_data.py`` brings the JSON Schema files into canonical form.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from beian import (
    conditions,
    english,
    facts,
    formats,
    manifest,
    paths,
    pipeline,
    rules,
    terms,
    yamltext,
)
from beian.conditions import Condition
from beian.derive import FIGURES
from beian.library import Library
from beian.model import Value
from beian.render.dispatch import Renderer
from beian.render.word import LONGEST_CONTROL_NAME

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "samples" / "chat-assistant"
LIBRARY = Library.open()

#: Which schema each kind of data file satisfies.
KINDS = {
    "schemas/laws/*.yaml": "law.schema.json",
    "schemas/rules/*.yaml": "rule.schema.json",
    "schemas/conclusions/*.yaml": "conclusion.schema.json",
    "schemas/duties/*.yaml": "duty.schema.json",
    "schemas/control-points.yaml": "control-points.schema.json",
    "schemas/terms/*.yaml": "terms.schema.json",
    "schemas/help-en.yaml": "help.schema.json",
    "schemas/deadlines/*.yaml": "deadline.schema.json",
    "schemas/counting.yaml": "counting.schema.json",
    "schemas/annexes/*.yaml": "annex.schema.json",
    "schemas/changes.yaml": "change.schema.json",
    "schemas/risks.yaml": "risks.schema.json",
    "schemas/requirements.yaml": "requirements.schema.json",
    "templates/*/document.yaml": "document.schema.json",
    "templates/*/workbook.yaml": "workbook.schema.json",
    "templates/*/clauses.yaml": "clauses.schema.json",
    "tests/rules/*.yaml": "rule-cases.schema.json",
    "tests/conclusions/*.yaml": "rule-cases.schema.json#/$defs/conclusions",
    "tests/return-reasons.yaml": "rule-cases.schema.json#/$defs/returnReasons",
    "tests/deadlines/*.yaml": "rule-cases.schema.json#/$defs/deadlines",
}

#: What only the pipeline reads: counsel's word about what rules found, and what stands in the
#: place of other facts in a second filing.
READ_BY_THE_PIPELINE = ("determinations", "waivers", "algorithm.counterpart.")

FOREVER = "9999-12-31"
SLOT = re.compile(r"\{[a-z][a-z0-9_.\[\]]*(:(percent|count))?\}")


def relative(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def read_yaml(file: Path) -> Value:
    text = yamltext.decode(file.read_bytes(), str(file))
    return yamltext.read(text, str(file), as_json=False, dotted_keys=True).value


def faults(schema: str, value: Value) -> list[str]:
    """What a schema file under schemas/ says against a value."""
    validator: Any = Draft202012Validator(
        {"$ref": schema}, registry=registry(), format_checker=formats.checker()
    )
    return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(value)]


@cache
def registry() -> Registry[Any]:
    return Registry().with_resources(
        (file.name, Resource.from_contents(json.loads(file.read_bytes())))
        for file in (ROOT / "schemas").glob("*.schema.json")
    )


# --- files ---------------------------------------------------------------------------------------

DATA_FILES = [
    pytest.param(file, schema, id=relative(file))
    for pattern, schema in KINDS.items()
    for file in sorted(ROOT.glob(pattern))
]
SCHEMA_FILES = [
    pytest.param(file, id=relative(file)) for file in sorted(ROOT.glob("schemas/**/*.schema.json"))
]


@pytest.mark.parametrize(("file", "schema"), DATA_FILES)
def test_data_file_satisfies_its_schema(file: Path, schema: str) -> None:
    assert faults(schema, read_yaml(file)) == []


def test_shipped_data_would_pass_as_an_override() -> None:
    """A run without override folders does not ask this again."""
    LIBRARY.refuse_faulty()


def test_every_kind_of_data_file_is_looked_at() -> None:
    assert [pattern for pattern in KINDS if not list(ROOT.glob(pattern))] == []


@pytest.mark.parametrize("file", SCHEMA_FILES)
def test_schema_file_is_valid_json_schema(file: Path) -> None:
    schema = json.loads(file.read_bytes())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(formats_in(schema)) <= set(formats.FORMATS)


@pytest.mark.parametrize("file", SCHEMA_FILES)
def test_schema_file_is_in_canonical_form(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    wanted = json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n"
    if os.environ.get("BEIAN_FIX") and text != wanted:
        file.write_text(wanted, encoding="utf-8")
        text = wanted
    assert text == wanted, "run BEIAN_FIX=1 pytest tests/test_data.py"


MANIFESTS: dict[str, dict[str, Value]] = {
    "of a complete matter": {},
    "of a matter with findings": {"subject.credit_code": "91110999MA00Y0J124"},
    "of a matter with a waiver": {
        "algorithm.name": "云笺算法",
        "waivers": [
            {"finding": "algorithm-name-length", "reason": "已公示", "by": "甲", "on": "2026-11-01"}
        ],
    },
    "of a matter with open points": {
        "service.offered_to_public": False,
        "service.admitted": ["invited"],
        "service.stage": "closed_test",
    },
}


@pytest.mark.parametrize("changes", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_manifest_satisfies_its_schema(changes: dict[str, Value]) -> None:
    value = facts.load(SAMPLE, LIBRARY.schema).value
    for path, new in changes.items():
        value = paths.with_value(value, paths.parse(path), new)
    matter = facts.from_value(value, LIBRARY.schema)
    result = pipeline.check(matter, LIBRARY, "2026-11-20")
    name = "internal/note.txt"
    made = manifest.make(result, {name: b"text"}, {name: "materials-checklist"}, draft=True)
    assert faults("manifest.schema.json", json.loads(made)) == []


def formats_in(schema: Value) -> Iterator[str]:
    """Every format that a schema names."""
    if isinstance(schema, dict):
        if isinstance(schema.get("format"), str):
            yield schema["format"]
        for part in schema.values():
            yield from formats_in(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from formats_in(part)


# --- laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(ROOT.glob("schemas/laws/*.yaml")), ids=relative)
def test_instrument_is_named_like_its_file_and_its_articles_are_unique(file: Path) -> None:
    data = read_yaml(file)
    assert data["id"] == file.stem
    assert data["successor"] is None or data["successor"] in LIBRARY.register.instruments
    assert repeated(one["article"] for one in data["articles"]) == []


def test_names_of_instruments_are_unique() -> None:
    instruments = LIBRARY.register.instruments.values()
    assert repeated(one.short for one in instruments) == []
    assert repeated(one.title for one in instruments) == []


def assert_covered(basis: Iterable[str], since: str, until: str | None) -> None:
    """Every reference exists and is law, never a draft, on every day from since to until."""
    for reference in basis:
        instrument = LIBRARY.register.instruments[LIBRARY.register.cite(reference).instrument]
        assert instrument.covers(since), f"{reference} is no law on {since}"
        assert instrument.covers(until or FOREVER), f"{reference} ends before {until or FOREVER}"


def repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


# --- rules and conclusions -----------------------------------------------------------------------

LISTED = [
    pytest.param(rule, id=f"{rule.file}:{rule.id}") for rule in LIBRARY.rules.values() if rule.each
]
RULE_VERSIONS = [
    pytest.param(rule, version, id=f"{rule.file}:{rule.id}@{version.since}")
    for rule in LIBRARY.rules.values()
    for version in rule.versions
]
DECISIONS = [
    pytest.param(decision, id=f"{conclusion.file}:{conclusion.id}@{decision.since}")
    for conclusion in LIBRARY.conclusions.values()
    for decision in conclusion.decisions
]
SPANS = {
    **{
        f"{rule.file}:{rule.id}": [(one.since, one.until) for one in rule.versions]
        for rule in LIBRARY.rules.values()
    },
    **{
        f"{conclusion.file}:{conclusion.id}": [
            (one.since, one.until) for one in conclusion.decisions
        ]
        for conclusion in LIBRARY.conclusions.values()
    },
    **{
        f"{deadline.file}:{deadline.id}": [(one.since, one.until) for one in deadline.versions]
        for deadline in LIBRARY.deadlines.values()
    },
}


@pytest.mark.parametrize("kind", ["rules", "conclusions", "deadlines"])
def test_ids_are_unique_over_all_files(kind: str) -> None:
    files = sorted((ROOT / "schemas" / kind).glob("*.yaml"))
    assert repeated(record["id"] for file in files for record in read_yaml(file)) == []


@pytest.mark.parametrize("spans", SPANS.values(), ids=SPANS.keys())
def test_versions_are_sorted_and_do_not_overlap(spans: list[tuple[str, str | None]]) -> None:
    end = ""
    for since, until in spans:
        assert since > end, f"{since} is not after {end}"
        end = until or FOREVER
        assert since <= end, f"{since} is after {until}"


@pytest.mark.parametrize(("rule", "version"), RULE_VERSIONS)
def test_rule_version_rests_on_law_of_its_days_or_on_practice(
    rule: rules.Rule, version: rules.Version
) -> None:
    assert version.basis or version.practice
    assert_covered(version.basis, version.since, version.until)


@pytest.mark.parametrize("decision", DECISIONS)
def test_conclusion_rests_on_law_of_its_days(decision: Any) -> None:
    for case in decision.cases:
        assert_covered(case.basis, decision.since, decision.until)


@pytest.mark.parametrize(("rule", "version"), RULE_VERSIONS)
def test_rule_version_starts_no_earlier_than_the_conclusions_it_hangs_on(
    rule: rules.Rule, version: rules.Version
) -> None:
    # Before its first version a conclusion is null, and the rule would not ask anybody; where a
    # condition has alternatives, one of them is enough.
    whole = version.when if isinstance(version.when, list) else [version.when or {}]
    late = [
        [path for path in conditions.reads(part, rule.each)
         if path in LIBRARY.conclusions
         and version.since < LIBRARY.conclusions[path].decisions[0].since]
        for part in whole
    ]
    assert [] in late, late


@pytest.mark.parametrize("rule", LISTED)
def test_each_is_a_list(rule: rules.Rule) -> None:
    assert rule.each is not None
    field = LIBRARY.field(rule.each)
    assert field is not None and field.is_list


@pytest.mark.parametrize(("rule", "version"), RULE_VERSIONS)
def test_messages_repeat_declared_facts(rule: rules.Rule, version: rules.Version) -> None:
    for text in (version.message, version.hint or ""):
        assert not re.search(r"[{}]", SLOT.sub("", text)), f"no slot: {text}"
        assert undeclared(rules.slots(text, rule.each)) == []


def undeclared(read: Iterable[str]) -> list[str]:
    return [path for path in read if LIBRARY.field(path) is None]


# --- rules for the terms of agreements ------------------------------------------------------------

TERMS = terms.load(LIBRARY.house)
TERMS_VERSIONS = [
    pytest.param(version, id=f"{rule.file}:{rule.id}@{version.since}")
    for rule in TERMS.values()
    for version in rule.versions
]


def test_ids_and_codes_of_terms_rules_are_unique() -> None:
    files = sorted((ROOT / "schemas" / "terms").glob("*.yaml"))
    found = [rule for file in files for rule in read_yaml(file).get("rules", ())]
    assert repeated(rule["id"] for rule in found) == repeated(rule["code"] for rule in found) == []


@pytest.mark.parametrize("version", TERMS_VERSIONS)
def test_terms_rule_rests_on_law_of_its_days_or_on_practice(version: Any) -> None:
    assert version.basis or version.practice
    assert_covered(version.basis, version.since, version.until)


@pytest.mark.parametrize("rule", [pytest.param(one, id=one.id) for one in TERMS.values()])
def test_versions_of_terms_rule_are_sorted_and_do_not_overlap(rule: Any) -> None:
    test_versions_are_sorted_and_do_not_overlap([(one.since, one.until) for one in rule.versions])


# --- conditions ----------------------------------------------------------------------------------

CONDITIONS = [
    pytest.param(condition, each, id=f"{name} {word}")
    for name, word, condition, each in (
        *(
            (f"{rule.file}:{rule.id}@{version.since}", word, condition, rule.each)
            for rule in LIBRARY.rules.values()
            for version in rule.versions
            for word, condition in (("when", version.when), ("must", version.must))
        ),
        *(
            (f"{one.file}:{one.id}@{decision.since}", f"case {number}", case.when, None)
            for one in LIBRARY.conclusions.values()
            for decision in one.decisions
            for number, case in enumerate(decision.cases, 1)
        ),
        *(
            (f"{one.file}:{one.id}@{version.since}", "when", version.when, one.each)
            for one in LIBRARY.deadlines.values()
            for version in one.versions
        ),
        *((one.file, "when", one.when, None) for one in LIBRARY.documents.values()),
        *(
            (f"{one.file}:{one.id}", word, condition, each)
            for one in LIBRARY.duties.values()
            for word, condition, each in (
                ("applies", one.applies, None),
                *(
                    (f"{word} of means {number}", condition, means.each)
                    for number, means in enumerate(one.means, 1)
                    for word, condition in (("when", means.when), ("must", means.must))
                ),
            )
        ),
    )
    if condition is not None
]


@pytest.mark.parametrize(("condition", "each"), CONDITIONS)
def test_condition_reads_declared_paths(condition: Condition, each: str | None) -> None:
    for path in conditions.reads(condition, each):
        field = LIBRARY.field(path)
        assert field is not None, path
        assert field.kind != "object", f"{path} has no value of its own"
        assert not path.startswith("dossier."), "the plan is made from conditions"


@pytest.mark.parametrize(("condition", "each"), CONDITIONS)
def test_bound_stands_with_its_type(condition: Condition, each: str | None) -> None:
    # {minimum: 5} alone is true of a text, {contains: …} alone of what is no list.
    for path, fragment in conditions.fragments(condition):
        if isinstance(fragment, dict):
            Draft202012Validator.check_schema(fragment)
            assert set(formats_in(fragment)) <= set(formats.FORMATS), path
            assert "type" in fragment or set(fragment) <= {"const", "enum"}, path


@pytest.mark.parametrize(("condition", "each"), CONDITIONS)
def test_condition_asks_for_what_the_fact_can_be(condition: Condition, each: str | None) -> None:
    # A misspelt choice would never hold, and nobody would notice.
    for path, fragment in conditions.fragments(condition):
        field = LIBRARY.field(f"{each}[]{path[4:]}" if path.startswith("item.") else path)
        assert field is not None, path
        for schema, value in constants(fragment, field.schema):
            assert Draft202012Validator(schema).is_valid(value), f"{path} is never {value!r}"
        if isinstance(fragment, dict) and "type" in fragment:
            assert fragment["type"] in types_of(field.schema), f"{path} is no {fragment['type']}"


def constants(fragment: Value, schema: Value) -> Iterator[tuple[Value, Value]]:
    """Every constant a fragment compares with, beside the schema of the fact it stands for."""
    if not isinstance(fragment, dict):
        for value in fragment if isinstance(fragment, list) else [fragment]:
            yield schema, value
        return
    if "const" in fragment and not isinstance(fragment["const"], dict):
        yield schema, fragment["const"]
    for value in fragment.get("enum", ()):
        yield schema, value
    if "contains" in fragment:
        yield from constants(fragment["contains"], schema["items"])
    if "not" in fragment:
        yield from constants(fragment["not"], schema)
    for part in (*fragment.get("allOf", ()), *fragment.get("anyOf", ())):
        yield from constants(part, schema)


def types_of(schema: dict[str, Value]) -> set[str]:
    stated = schema["type"]
    types = {stated} if isinstance(stated, str) else set(stated)
    return types | {"number"} if "integer" in types else types


# --- deadlines -----------------------------------------------------------------------------------

DEADLINES = [pytest.param(one, id=one.id) for one in LIBRARY.deadlines.values()]
PERIODS = [
    pytest.param(deadline, version, id=f"{deadline.file}:{deadline.id}@{version.since}")
    for deadline in LIBRARY.deadlines.values()
    for version in deadline.versions
]


@pytest.mark.parametrize(("deadline", "version"), PERIODS)
def test_deadline_rests_on_law_of_its_days(deadline: Any, version: Any) -> None:
    for limit in version.limits:
        assert_covered(limit.basis, version.since, version.until)


def test_counting_rests_on_law_of_its_days() -> None:
    for one in LIBRARY.counting.values():
        assert_covered(one.basis, one.since, None)


@pytest.mark.parametrize("deadline", DEADLINES)
def test_deadline_runs_from_days_and_to_days(deadline: Any) -> None:
    days = [*deadline.starts, *([deadline.done] if deadline.done else [])]
    for path in days:
        field = LIBRARY.field(f"{deadline.each}[]{path[4:]}" if path.startswith("item.") else path)
        assert field is not None and field.schema["format"] == "date", path
    if deadline.each:
        field = LIBRARY.field(deadline.each)
        assert field is not None and field.is_list


@pytest.mark.parametrize("deadline", DEADLINES)
def test_yearly_deadline_counts_a_kind_of_report_that_can_be_stated(deadline: Any) -> None:
    if deadline.yearly is None:
        return
    field = LIBRARY.field(f"{deadline.yearly.reports}[].kind")
    assert field is not None and deadline.yearly.kind in (field.choices or {})
    assert all(limit.yearly for version in deadline.versions for limit in version.limits)


@pytest.mark.parametrize("deadline", DEADLINES)
def test_length_that_a_fact_states_is_a_number(deadline: Any) -> None:
    for limit in (limit for version in deadline.versions for limit in version.limits):
        if limit.fact:
            field = LIBRARY.field(limit.fact)
            assert field is not None and field.kind == "integer", limit.fact


def test_short_numbers_of_deadlines_are_unique_and_ids_name_nothing_else() -> None:
    deadlines = LIBRARY.deadlines.values()
    assert repeated(one.code for one in deadlines if one.code) == []
    others = {*LIBRARY.rules, *LIBRARY.documents, *LIBRARY.register.instruments}
    others |= {one.id for one in LIBRARY.conclusions.values()}
    assert {one.id for one in deadlines} & others == set()


# --- figures -------------------------------------------------------------------------------------

DERIVED = {
    path: field
    for path, field in LIBRARY.derived_schema.fields.items()
    if field.kind != "object" and "[]" not in path  # an item belongs to its list
}


def test_every_figure_and_conclusion_is_declared_and_the_reverse() -> None:
    assert set(DERIVED) == {*FIGURES, *LIBRARY.conclusions}
    assert not set(FIGURES) & set(LIBRARY.conclusions)


@pytest.mark.parametrize("path", LIBRARY.conclusions)
def test_conclusion_may_be_null_where_no_law_applies(path: str) -> None:
    assert "null" in types_of(DERIVED[path].schema)


@pytest.mark.parametrize("path", FIGURES)
def test_inputs_of_figure_are_declared_facts(path: str) -> None:
    inputs = DERIVED[path].inputs
    assert inputs, "a finding about a figure points at the first of its inputs"
    assert [one for one in inputs if LIBRARY.schema.field(one) is None] == []


# --- fields --------------------------------------------------------------------------------------

FIELDS = [pytest.param(one, id=path) for path, one in LIBRARY.schema.fields.items()]
ANSWERS = [
    pytest.param(one, id=path)
    for path, one in LIBRARY.schema.fields.items()
    if one.kind != "object" and not path.endswith("[]")
]


@pytest.mark.parametrize("field", FIELDS)
def test_field_says_what_it_is_and_how_to_answer(field: Any) -> None:
    schema = field.schema
    assert field.title
    if not field.path.endswith("[]"):  # an item is called like its list
        assert schema["title"] and schema["x-title-en"] and schema["description"]
    for choice in schema.get("oneOf", ()):
        assert choice["const"] and choice["title"] and choice["x-title-en"]


@pytest.mark.parametrize("field", FIELDS)
def test_field_says_how_none_prints_exactly_where_none_is_an_answer(field: Any) -> None:
    assert ("x-null" in field.schema) == ("null" in types_of(field.schema))


@pytest.mark.parametrize("field", FIELDS)
def test_text_is_bounded(field: Any) -> None:
    if "string" in types_of(field.schema):
        assert {"minLength", "format", "oneOf"} & set(field.schema), "empty text is no answer"


@pytest.mark.parametrize("field", FIELDS)
def test_basis_of_field_exists(field: Any) -> None:
    for reference in field.basis:
        LIBRARY.register.cite(reference)


@pytest.mark.parametrize("field", ANSWERS)
def test_field_is_read(field: Any) -> None:
    assert field.path.startswith(READ_BY_THE_PIPELINE) or field.path in all_reads()


@cache
def all_reads() -> frozenset[str]:
    """Every path that a rule, message, conclusion, duty, figure or document reads."""
    read: set[str] = set()
    for rule in LIBRARY.rules.values():
        read.update(rule.reads())
        for version in rule.versions:
            read.update(rules.slots(version.message + (version.hint or ""), rule.each))
    for conclusion in LIBRARY.conclusions.values():
        for decision in conclusion.decisions:
            for case in decision.cases:
                read.update(conditions.reads(case.when))
    for deadline in LIBRARY.deadlines.values():
        read.update(deadline.reads())
    for duty in LIBRARY.duties.values():
        read.update(LIBRARY.reads_of(duty))
    for field in DERIVED.values():
        read.update(field.inputs)
    for document in LIBRARY.documents.values():
        read.update(conditions.reads(document.when))
        read.update(one.path for one, _ in renderer().reads(document))
        read.update(one["signer"] for one in document.signatures)
    return frozenset(read)


@pytest.mark.parametrize(
    "path", [*LIBRARY.schema.fields, *LIBRARY.derived_schema.fields, *LIBRARY.dossier_schema.fields]
)
def test_path_fits_the_tag_of_a_content_control(path: str) -> None:
    longest = path.replace("[]", "[999]")
    assert len(longest) <= LONGEST_CONTROL_NAME, longest


# --- documents -----------------------------------------------------------------------------------

DOCUMENTS = [pytest.param(one, id=one.id) for one in LIBRARY.documents.values()]


@cache
def renderer() -> Renderer:
    return Renderer(LIBRARY)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_rests_on_law_of_its_days(document: Any) -> None:
    assert_covered(document.basis, document.since, document.until)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_reads_declared_paths(document: Any) -> None:
    read = [one.path for one, _ in renderer().reads(document)]
    assert undeclared([*read, *(one["signer"] for one in document.signatures)]) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_document_prints_only_citations_that_exist_and_are_certain(document: Any) -> None:
    for citing, spot in renderer().cites(document):
        assert_covered([citing.reference], document.since, document.until)
        certain = LIBRARY.register.cite(citing.reference).certain
        assert certain or document.audience == "internal", f"{spot.place}: {citing.reference}"


#: What is about one person, and goes to the authority alone.
PERSONAL = {"lead-employment-proof", "filing-authority"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_personal_data_stays_inside_the_house(document: Any) -> None:
    if document.audience == "internal":
        return
    if document.id in PERSONAL:
        assert document.audience == "authority"
        return
    for read, spot in renderer().reads(document):
        field = LIBRARY.field(read.path)
        assert field is not None and not field.sensitive, f"{spot.place}: {read.path}"


@pytest.mark.parametrize("key", ["family", "audience", "official_form"])
def test_words_for_documents_are_those_of_the_plan(key: str) -> None:
    schema = json.loads((ROOT / "schemas" / "document.schema.json").read_bytes())
    field = LIBRARY.field(f"dossier.documents[].{key}")
    assert field is not None and field.choices is not None
    assert schema["properties"][key]["enum"] == list(field.choices)


def test_output_names_are_unique() -> None:
    assert repeated(one.output for one in LIBRARY.documents.values()) == []


def test_every_help_has_its_english_and_every_english_its_help() -> None:
    entries = read_yaml(ROOT / english.FILE)["help"]
    assert len({one["zh"] for one in entries}) == len(entries)
    fields = LIBRARY.schema.fields.values()
    told = {field.description for field in fields} - {""}
    told |= {field.schema["x-pattern"] for field in fields if "x-pattern" in field.schema}
    known = {one["zh"] for one in entries}
    assert sorted(told - known) == [], f"write their English in {english.FILE}"
    assert sorted(known - told) == [], f"no fact says so any more: take it out of {english.FILE}"
