"""Chinese working days, and the last day of a period.

Days off and make-up working days are those of the yearly notices of the State Council's office, as
the holidays library keeps them. Of a year whose notice it does not have yet, it knows the weekends
and the statutory holidays only; whatever was counted on such days is provisional.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from holidays import HolidayBase

Unit = Literal["workday", "hour", "day", "week", "month", "year"]

_DAY = timedelta(days=1)
# The notice for a year has also moved days at the end of the year before: 2007-12-29,
# 2011-12-31, 2018-12-29 (worked), 2007-12-31, 2018-12-31 (off).
_NEXT_NOTICE_REACHES_BACK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of a period.

    ``provisional`` says that a day which counts belongs to a year without a published calendar;
    ``moved_from`` is the day off on which the period would have ended.
    """

    day: date
    provisional: bool = False
    moved_from: date | None = None


def is_working_day(day: date) -> bool:
    """Whether offices work: no weekend or holiday, or a weekend day that makes up for one."""
    return _china().is_working_day(day)


@cache
def is_published(year: int) -> bool:
    """Whether the year's notice is known: each since 2004 has named make-up working days."""
    china = _china()
    _ = date(year, 1, 1) in china  # the library fills in a year when it is asked for one
    return any(day.year == year for day in china.weekend_workdays)


def published_through(year: int) -> int:
    """The last year with a known notice, looking back and on from ``year``."""
    while is_published(year + 1):
        year += 1
    while not is_published(year):
        year -= 1
    return year


def is_provisional(day: date) -> bool:
    """Whether a notice that is not known yet may still change what a day is."""
    return not is_published(day.year) or not is_published((day + _NEXT_NOTICE_REACHES_BACK).year)


def last_day(
    start: date, length: int, unit: Unit, *, before: bool = False, moves: bool = False
) -> LastDay:
    """The last day of ``length`` units after ``start`` (or before it), which is not counted itself.

    Hours end on the day they begin: the clock is not known, and the first day is the safe one.
    ``moves`` says that a period which ends on a day off ends on the next working day; it moves no
    period counted backwards, which would make it shorter.
    """
    step = -1 if before else 1
    if unit == "workday":
        return _working(start, length, step)
    if unit in ("hour", "day", "week"):
        days = {"hour": 0, "day": 1, "week": 7}[unit]
        end = start + step * length * days * _DAY
    else:
        end = _months_later(start, step * length * (12 if unit == "year" else 1))
    moves = moves and not before and unit != "hour"
    if moves and not is_working_day(end):
        moved = _working(end, 1, 1)
        return LastDay(moved.day, moved.provisional or is_provisional(end), end)
    return LastDay(end, moves and is_provisional(end))


def _working(start: date, length: int, step: int) -> LastDay:
    day, provisional = start, False
    while length:
        day += step * _DAY
        provisional = provisional or is_provisional(day)
        length -= is_working_day(day)
    return LastDay(day, provisional)


def _months_later(start: date, months: int) -> date:
    """The same day of a later month, or its last day where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


@cache
def _china() -> HolidayBase:
    from holidays import country_holidays

    return country_holidays("CN")
