"""The interview asks what is read, in order, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from beian import facts as facts_file
from beian import paths, pipeline
from beian.facts import Facts
from beian.interview import lint, next_question
from beian.interview.question import Kind, describe, kind_of, suggestions
from beian.library import Library
from beian.schema import Schema
from conftest import AS_OF, ROOT, SAMPLES, Ran

FOLDERS = sorted(
    one.parent for root in (SAMPLES, ROOT / "tests" / "cases") for one in root.glob("*/facts.yaml"))


def answers_of(folder: Path, library: Library) -> Any:
    return pipeline.load(folder, library).value


def given(facts: Facts, path: str, value: Any) -> Facts:
    """The facts with one answer more; of a list or group only that it is there."""
    if isinstance(value, dict):
        value = {}
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        value = [{} for _ in value]
    whole = paths.with_value(facts.value, paths.parse(path), value)
    return replace(facts, placed=replace(facts.placed, value=whole))


def asked_in_rounds(source: Any, library: Library) -> Iterator[tuple[str, Facts]]:
    """(path, facts after) of every question, each round answering all that can be seen."""
    facts = facts_file.from_value({}, library.schema)
    while True:
        outlook = next_question.look(facts, library, AS_OF)
        known = [path for path in outlook.needed if next_question.stated(source, path)]
        if not known:
            return
        for path in known:
            facts = given(facts, path, next_question.value_at(source, path))
            yield path, facts


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_service_is_asked_what_nothing_reads(folder: Path, library: Library) -> None:
    """Held against what the data say they read, which the engine does not look at."""
    read = lint.read_paths(library, AS_OF)
    source = answers_of(folder, library)
    asked = [path for path, _ in asked_in_rounds(source, library)]
    assert len(asked) == len(set(asked))
    assert asked or not source
    for path in asked:
        generic = paths.generic(path)
        below = any(one.startswith((f"{generic}.", f"{generic}[")) for one in read)
        assert generic in read or below, path


#: Samples of matters that are complete; the others are early drafts, or stopped by a red flag.
COMPLETE = [
    file.parent for file in sorted(SAMPLES.glob("*/expected.json"))
    if not json.loads(file.read_text("utf-8"))["stops"]
]


@pytest.mark.parametrize("folder", COMPLETE, ids=lambda folder: folder.name)
def test_a_sample_answers_every_question_it_is_asked(folder: Path, library: Library) -> None:
    facts = None
    for _, facts in asked_in_rounds(answers_of(folder, library), library):  # noqa: B007
        pass
    assert facts is not None
    outlook = next_question.look(facts, library, AS_OF)
    assert outlook.needed == ()
    assert next_question.next_question(facts, library, AS_OF) is None


def test_an_internal_service_is_told_so_after_few_questions(
    library: Library, say: Callable[[str], None]
) -> None:
    source = answers_of(ROOT / "tests" / "cases" / "internal-tool", library)
    facts = facts_file.from_value({}, library.schema)
    asked, told = 0, 0
    while (question := next_question.next_question(facts, library, AS_OF)) is not None:
        facts = given(facts, question.path, next_question.value_at(source, question.path))
        asked += 1
        scope = pipeline.check(facts, library, AS_OF).derived.conclude("derived.scope.measures")
        told = told or (asked if scope.needs is None else 0)
    say(f"an internal service: told after {told} questions that it is outside the Measures, "
              f"{asked} in all")
    assert scope.value is False
    assert 0 < told <= asked < 15


def test_the_first_needed_absent_fact_in_schema_order_is_next(library: Library) -> None:
    known = {"subject": {"name": "某某科技有限公司", "province": "北京市", "mainland_entity": True},
             "service": {"name": "测试服务", "generates": ["text"]}}
    facts = facts_file.from_value(known, library.schema)
    question = next_question.next_question(facts, library, AS_OF)
    outlook = next_question.look(facts, library, AS_OF)
    assert question is not None
    assert question.path == min(outlook.needed, key=library.schema.order)
    assert question.kind is Kind.YES_NO
    assert question.section == "服务"
    assert question.basis and question.users
    asked = describe("service.offered_to_public", library)
    assert "选“是”" in asked.help and "true" not in asked.help


def test_what_is_answered_none_is_not_asked_again(library: Library) -> None:
    facts = facts_file.from_value({"service": {"generates": None}}, library.schema)
    assert "service.generates" not in next_question.look(facts, library, AS_OF).needed


def test_a_refused_answer_is_asked_again(library: Library) -> None:
    facts = facts_file.from_value({"service": {"generates": ["smoke"]}}, library.schema)
    assert "service.generates" in " ".join(next_question.look(facts, library, AS_OF).needed)


def test_only_the_documents_named_are_asked_for(sample: Facts, library: Library) -> None:
    """Leave out what two documents read: each asks for its own."""
    facts = sample
    for path in ("complaints.reply_working_days", "algorithm.scenario_paragraphs"):
        facts = replace(facts, placed=replace(
            facts.placed, value=paths.without(facts.value, paths.parse(path))))
    asked = {
        name: next_question.look(facts, library, AS_OF, only=(name,)).needed
        for name in ("service-disclosure", "algorithm-publication")
    }
    assert asked["service-disclosure"] == ("complaints.reply_working_days",)
    assert asked["algorithm-publication"] == ("algorithm.scenario_paragraphs",)


def test_what_is_begun_is_finished_first_and_a_list_comes_again_after_its_items(library: Library) -> None:
    facts = facts_file.from_value({"products": [{"name": "甲"}]}, library.schema)
    outlook = next_question.look(facts, library, AS_OF)
    needed = replace(outlook, needed=("products[0].form", "algorithm.name"))
    assert next_question.next_path(needed, library, unfinished=["products"]) == "products[0].form"
    earlier = replace(outlook, needed=("subject.name", "products[0].form"))
    for begun in ({"unfinished": ["products"]}, {"begun": ["products[0]"]}):
        assert next_question.next_path(earlier, library, **begun) == "products[0].form"
    assert next_question.next_path(earlier, library) == "subject.name"
    nothing = replace(outlook, needed=("subject.name",))
    assert next_question.next_path(nothing, library, begun=["products[1]"]) == "products[1].name"
    done = replace(outlook, needed=("algorithm.name",))
    assert next_question.next_path(done, library, unfinished=["products"]) == "products"
    assert next_question.next_path(done, library) == "algorithm.name"
    assert next_question.next_path(done, library, skipped=["algorithm"]) is None
    assert next_question.next_path(needed, library, section="algorithm") == "algorithm.name"


def test_suggestions_come_from_answers_and_only_where_declared(library: Library) -> None:
    value = {
        "subject": {"name": "某某公司"},
        "service": {"launched_on": "2026-12-01"},
        "labels": [{"modality": "text", "evidence": "text-label"}],
        "training_data": {"sources": [{"kind": "self_collected"}, {"kind": "commercial"}]},
    }
    facts = facts_file.from_value(value, library.schema)
    view = next_question.look(facts, library, AS_OF).result.view

    def suggested(path: str) -> list[Any]:
        field = library.schema.field(path)
        assert field is not None
        return [one for one, _ in suggestions(path, field, view)]

    assert suggested("labels[0].since_on") == ["2026-12-01"]
    assert suggested("training_data.sources[0].provider_name") == ["某某公司"]
    assert suggested("training_data.sources[1].provider_name") == []
    assert suggested("subject.name") == []
    for path, field in library.schema.fields.items():
        if "x-suggest" in field.schema:
            for one, _ in suggestions(path.replace("[]", "[0]"), field, view):
                assert one is not None


def test_a_refused_answer_is_refused_in_both_languages_alike(library: Library) -> None:
    """Every kind of refusal, for a field of every section: the English names both titles."""
    bad = ("x" * 9999, "", " x ", "下周", -1, 10**12, True, [], ["甲", "甲"], ["x" * 9999], None)
    seen: set[str] = set()
    for path in list(library.schema.fields)[::5]:
        if "[" in path:
            continue
        for value in bad:
            placed = facts_file.from_value(
                paths.with_value({}, paths.parse(path), value), library.schema).placed
            chinese = library.schema.check(placed)
            english = library.schema.check(placed, "en")
            assert [one.path for one in chinese] == [one.path for one in english]
            for one in english:
                about = library.schema.fields[paths.generic(one.path).removesuffix("[]")]
                assert f"{about.title_en}（{about.title}）" in one.message, one
                said = f"{one.message}{one.hint or ''}"
                plain = said.replace(about.title, "").replace(str(value), "").replace("下周", "")
                assert not set("。，、") & set(plain.split("Choices:")[0]), said
                seen.add(one.message.partition("）")[2].lstrip(":0123456789 ")[:12])
    assert len(seen) > 8


def test_a_group_that_may_be_none_is_asked_for_before_its_parts(sample: Facts, library: Library) -> None:
    bare = paths.without(sample.value, paths.parse("subject.filing_agent"))
    facts = facts_file.from_value(bare, library.schema)
    asked = next_question.look(facts, library, AS_OF).needed
    assert "subject.filing_agent" in asked and "subject.filing_agent.name" not in asked
    opened = next_question.look(facts, library, AS_OF, opened=["subject.filing_agent"]).needed
    assert "subject.filing_agent.name" in opened and "subject.filing_agent" not in opened


def test_every_question_can_be_described_in_both_languages(library: Library) -> None:
    described = 0
    for path, field in library.schema.fields.items():
        if path.endswith("[]") or kind_of(field, library.schema) is None:
            continue
        concrete = path.replace("[]", "[0]")
        chinese = describe(concrete, library)
        english = describe(concrete, library, lang="en")
        assert (chinese.help and field.title in chinese.title) or chinese.section == field.title
        assert field.title in english.title and field.title_en in english.title, path
        assert [code for code, _ in chinese.options] == [code for code, _ in english.options]
        described += 1
    assert described > 400


# --- the questions themselves --------------------------------------------------------------------


def test_the_questions_have_no_fault(library: Library) -> None:
    assert [str(one) for one in lint.faults(library, "2022-03-01")] == []


def test_the_command_lints_the_questions(beian: Callable[..., Ran]) -> None:
    ran = beian("schema", "--lint", "--as-of", AS_OF)
    assert ran.code == 0 and "0 处问题" in ran.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda part: part.update(description=""), "没有填写说明"),
        (lambda part: part.pop("x-title-en"), "没有英文题目"),
        (lambda part: part["oneOf"][0].update(title=""), "没有中文名称"),
        (lambda part: part.update({"x-who": "nobody"}), "没有在 x-roles 中说明"),
        (lambda part: part.update({"x-suggest": [{"fact": "no.such"}]}), "不是已声明的事实"),
        (lambda part: part.update(type=["boolean", "string"], oneOf=[]), "永远问不到"),
    ],
)
def test_the_linter_finds(change: Any, words: str, library: Library) -> None:
    resolved = copy.deepcopy(library.schema.resolved)
    change(resolved["properties"]["service"]["properties"]["stage"])
    faulty = replace(library, schema=Schema(resolved))
    found = lint.faults(faulty, AS_OF)
    assert [one.path for one in found] == ["service.stage"]
    assert words in found[0].message


def test_the_linter_finds_a_question_that_nothing_reads(library: Library) -> None:
    resolved = copy.deepcopy(library.schema.resolved)
    service = resolved["properties"]["service"]["properties"]
    service["colour"] = {**service["name"], "title": "颜色", "x-title-en": "colour"}
    [found] = lint.faults(replace(library, schema=Schema(resolved)), AS_OF)
    assert found.path == "service.colour" and "没有用处" in found.message


def test_the_linter_finds_a_question_that_nobody_would_miss(library: Library) -> None:
    """Printed only as the signer of a paper: absent, it is never asked for."""
    [name, *_] = [one for one, document in library.documents.items() if document.signatures]
    document = library.documents[name]
    row = {**document.signatures[0], "signer": "service.colour"}
    resolved = copy.deepcopy(library.schema.resolved)
    service = resolved["properties"]["service"]["properties"]
    service["colour"] = {**service["name"], "title": "颜色", "x-title-en": "colour"}
    documents = {**library.documents, name: replace(document, signatures=(row,))}
    [found] = lint.faults(replace(library, schema=Schema(resolved), documents=documents), AS_OF)
    assert found.path == "service.colour" and "永远问不到" in found.message
