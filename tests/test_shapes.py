"""The quick answer whether a value has a shape is jsonschema's answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from beian import conditions, formats, pipeline, shapes
from beian.library import Library
from conftest import SAMPLES

SCALARS = (st.none() | st.booleans() | st.integers(-2, 3)
           | st.sampled_from([0.0, 1.0, 1.5, "", "a", "ab", "甲", "2026-01-01", "13800000000"]))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6)
KINDS = st.sampled_from(["array", "boolean", "integer", "null", "number", "object", "string"])
COUNTS, BOUNDS = st.integers(0, 3), st.sampled_from([-1, 0, 1, 1.5, 2])
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "type": KINDS | st.lists(KINDS, min_size=1, max_size=2, unique=True),
    "const": VALUES, "enum": st.lists(VALUES, min_size=1, max_size=3),
    "pattern": st.sampled_from(["a", "^a", "b$", "^$", "[甲乙]"]),
    "format": st.sampled_from(["date", "mobile", "no-such-format"]),
    "minLength": COUNTS, "maxLength": COUNTS, "minItems": COUNTS, "maxItems": COUNTS,
    "minimum": BOUNDS, "maximum": BOUNDS, "exclusiveMinimum": BOUNDS, "exclusiveMaximum": BOUNDS,
    "uniqueItems": st.booleans(), "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
    "title": st.just("题"), "x-null": st.just("无"),
}


def wider(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.fixed_dictionaries({}, optional={
        **PLAIN, "items": inner, "contains": inner, "not": inner, "allOf": several, "anyOf": several,
        "oneOf": several, "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
        "additionalProperties": inner | st.booleans()})


SHAPES = st.recursive(st.fixed_dictionaries({}, optional=PLAIN), wider, max_leaves=4)


@settings(max_examples=400, deadline=None)
@given(SHAPES, VALUES)
def test_any_shape_is_judged_as_jsonschema_judges_it(shape: Any, value: Any) -> None:
    asked = Draft202012Validator(shape, format_checker=formats.checker()).is_valid(value)
    assert shapes.fits(shape, value) is asked


@pytest.mark.parametrize("shape", [
    {"if": {"type": "string"}, "then": {"minLength": 1}}, {"minContains": 2, "contains": {}},
    {"patternProperties": {"^a": {}}, "additionalProperties": False}, {"$ref": "#/$defs/a"}])
def test_what_is_not_spoken_is_left_to_jsonschema(shape: Any) -> None:
    with pytest.raises(shapes.Unspoken):
        shapes.fits(shape, ["a"] if "contains" in shape else {"a": 1})


@pytest.mark.parametrize("name", sorted(one.name for one in SAMPLES.iterdir()))
def test_a_sample_is_judged_alike(name: str, library: Library) -> None:
    facts = pipeline.load(SAMPLES / name, library)
    slow = Draft202012Validator(library.schema.resolved, format_checker=formats.checker())
    assert shapes.fits(library.schema.resolved, facts.value) is slow.is_valid(facts.value)


def test_a_sample_with_any_section_spoilt_is_judged_alike(library: Library) -> None:
    facts = pipeline.load(SAMPLES / "overseas-model", library)
    slow = Draft202012Validator(library.schema.resolved, format_checker=formats.checker())
    for spoilt in spoilings(facts.value):
        assert shapes.fits(library.schema.resolved, spoilt) is slow.is_valid(spoilt)


def spoilings(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The facts with one section changed in each way that a section may be wrong."""
    for section, below in value.items():
        for wrong in ([], {}, "", 0, {"no_such_key": 1}, [*below, *below] if isinstance(below, list) else None):
            yield {**value, section: wrong}


def test_nothing_shipped_needs_jsonschema_to_be_judged(library: Library) -> None:
    conditions_ = [one for rule in library.rules.values() for each in rule.versions
                   for one in (each.when, each.must)]
    conditions_ += [case.when for one in library.conclusions.values() for decision in one.decisions
                    for case in decision.cases]
    conditions_ += [one.when for one in library.documents.values()]
    conditions_ += [one for duty in library.duties.values()
                    for one in (duty.applies, *(part for means in duty.means
                                                for part in (means.when, means.must)))]
    for condition in conditions_:
        for _, fragment in conditions.fragments(condition):
            if isinstance(fragment, dict):
                for value in (None, True, 3, 0.5, "甲", ["甲"], [{"a": 1}], {"a": 1}):
                    shapes.fits(without_facts(fragment), value)


def without_facts(fragment: Any) -> Any:
    """A fragment with every ``{fact: PATH}`` replaced by a number."""
    if isinstance(fragment, dict):
        return 1 if set(fragment) == {"fact"} else {
            key: without_facts(part) for key, part in fragment.items()}
    return [without_facts(part) for part in fragment] if isinstance(fragment, list) else fragment
