"""Working days and last days: counted by hand, and compared with a second library day by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from beian import calendar, yamltext
from conftest import ROOT

CASES: list[dict[str, Any]] = yamltext.read(
    (ROOT / "tests/calendar/last-days.yaml").read_text("utf-8"), "last-days.yaml", as_json=False
).value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_period_ends_where_the_hand_count_ends(case: dict[str, Any]) -> None:
    moved = case.get("moved_from")
    assert calendar.last_day(
        date.fromisoformat(case["start"]), case["length"], case["unit"],
        before=case.get("before", False), moves=case.get("moves", False),
    ) == calendar.LastDay(
        date.fromisoformat(case["last"]), case.get("provisional", False),
        date.fromisoformat(moved) if moved else None)


def test_every_day_is_what_a_second_library_says() -> None:
    import chinese_calendar

    day, end = date(2018, 1, 1), date(2026, 12, 31)
    differing = []
    while day <= end:
        if calendar.is_working_day(day) != chinese_calendar.is_workday(day):
            differing.append(day.isoformat())
        day += timedelta(days=1)
    assert differing == []


def test_a_year_without_a_notice_is_known_to_be_one() -> None:
    # When the notice for 2027 is in the library, move the cases above to the year after.
    published = [year for year in range(2004, 2030) if calendar.is_published(year)]
    assert published == list(range(2004, 2027))
    assert not calendar.is_provisional(date(2026, 12, 28))
    assert calendar.is_provisional(date(2026, 12, 29))
