"""Three verdicts, never two: the logic over facts that may be absent."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beian.library import Library
from beian.view import (
    Absent,
    Fact,
    Unknown,
    View,
    comparison,
    conjunction,
    disjunction,
    negation,
    truth,
)


@pytest.fixture
def view(library: Library) -> View:
    facts = {
        "service": {"generates": ["text"], "offered_to_public": False, "public_functions": None},
        "models": [{"name": "甲"}, {}],
        "audience": {"minimum_age": 18},
    }
    return View(facts, library.schema)


def test_an_absent_fact_knows_its_path(view: View) -> None:
    node = view.read("models[1].name")
    assert isinstance(node, Absent)
    assert node.needs == ("models[1].name",)


def test_children_of_null_are_null(view: View) -> None:
    node = view.read("service.public_functions").child("anything").child(3)
    assert isinstance(node, Fact)
    assert node.value is None
    assert truth(node) is False


def test_absent_is_unknown_not_false(view: View) -> None:
    absent = view.read("service.mainland_access")
    assert truth(absent) == Unknown(("service.mainland_access",))
    assert negation(absent) == Unknown(("service.mainland_access",))


def test_what_hangs_below_an_absent_section_names_the_fact_itself(view: View) -> None:
    node = view.read("complaints.reply_working_days")
    assert isinstance(node, Absent)
    assert node.needs == ("complaints.reply_working_days",)


def test_a_known_answer_settles_and_or(view: View) -> None:
    absent, no = view.read("service.stage"), view.read("service.offered_to_public")
    yes = view.read("service.generates")
    assert conjunction(absent, no) is False
    assert disjunction(absent, yes) is True
    assert conjunction(yes, absent) == Unknown(("service.stage",))
    assert disjunction(no, absent) == Unknown(("service.stage",))


def test_comparison_with_an_absent_fact_is_unknown(view: View) -> None:
    absent, age = view.read("service.stage"), view.read("audience.minimum_age")
    for kind in ("eq", "ne", "lt", "lteq", "gt", "gteq", "in", "notin"):
        assert comparison(kind, absent, age) == Unknown(("service.stage",))
        assert comparison(kind, age, absent) == Unknown(("service.stage",))
    assert comparison("in", absent, ["live"]) == Unknown(("service.stage",))


def test_null_equals_null_only_and_has_no_order(view: View) -> None:
    none = view.read("service.public_functions")
    assert comparison("eq", none, "") is False
    assert comparison("ne", none, "") is True
    assert comparison("eq", none, None) is True
    assert comparison("lt", none, 3) is False
    assert comparison("gteq", none, 3) is False
    assert comparison("in", "x", none) is False


def test_true_is_not_one(view: View) -> None:
    assert comparison("eq", True, 1) is False
    assert comparison("in", 0, [False]) is False


# The truth tables of Kleene's strong logic: false < unknown < true; and = min, or = max.
_RANK = {False: 0, None: 1, True: 2}
_VALUES: tuple[bool | None, ...] = (False, None, True)


def _thing(value: bool | None, name: str) -> object:
    return Unknown((name,)) if value is None else value


def _plain(known: object) -> bool | None:
    return None if isinstance(known, Unknown) else bool(known)


@pytest.mark.parametrize(("one", "other"), list(itertools.product(_VALUES, repeat=2)))
def test_logic_follows_the_strong_tables(one: bool | None, other: bool | None) -> None:
    left, right = _thing(one, "a"), _thing(other, "b")
    assert _RANK[_plain(conjunction(left, right))] == min(_RANK[one], _RANK[other])
    assert _RANK[_plain(disjunction(left, right))] == max(_RANK[one], _RANK[other])
    assert _RANK[_plain(negation(left))] == 2 - _RANK[one]


@given(st.lists(st.sampled_from(_VALUES), min_size=1, max_size=6))
def test_answering_an_unknown_never_contradicts_what_was_known(values: list[bool | None]) -> None:
    things = [_thing(value, f"x{n}") for n, value in enumerate(values)]
    before = _plain(conjunction(*things))
    for answer in (True, False):
        after = _plain(conjunction(*[answer if value is None else value for value in values]))
        assert before is None or before == after
