"""Every decision row on scope and route has a case that holds, one that fails, one that is unknown."""

from __future__ import annotations

from typing import Any

import pytest

from beian import yamltext
from beian.model import Value
from conftest import ROOT
from test_rules import read_cases


def read_yaml(name: str) -> Any:
    file = ROOT / "tests" / name
    return yamltext.read(file.read_text("utf-8"), str(file), as_json=False, dotted_keys=True).value


ROWS: dict[str, dict[str, str]] = read_yaml("decision-rows.yaml")
CONCLUSIONS = {name: {case["name"]: case["result"] for case in cases}
               for owners in read_cases("conclusions").values() for name, cases in owners.items()}
DUTIES: list[dict[str, Value]] = read_yaml("duties/cases.yaml")


def outcome(by: str, case: str) -> Value:
    """What a case says of the conclusion or the duty that decides a row."""
    if by in CONCLUSIONS:
        return CONCLUSIONS[by][case]
    [found] = [one for one in DUTIES if one["name"] == case]
    [said] = [key for key in ("applies", "does_not", "open", "unknown") if by in found.get(key, ())]
    return said


def test_the_rows_are_complete() -> None:
    assert [*ROWS] == [f"S{n}" for n in range(1, 24)] + [f"O{n}" for n in range(1, 5)]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_three_cases_and_they_end_differently(row: str) -> None:
    one = ROWS[row]
    holds, fails, unknown = (outcome(one["by"], one[key]) for key in ("holds", "fails", "unknown"))
    assert unknown == "unknown"
    assert holds != fails
    assert "unknown" not in (holds, fails)
    assert "no-law" not in (holds, fails)
