"""Reads one cell as its column asks, or refuses it; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from beian.annexes.kinds import Column
from beian.annexes.normalise import FORBIDDEN, key, label, seen
from beian.annexes.problems import Refused, shown
from beian.model import Value

Parse = Callable[[Value], Value]

#: Excel keeps fifteen digits of a number.
_DIGITS_KEPT = 10**15
_REMEMBERED = 4096
_DAY = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:t?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?"
)
_DAY_SHORT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_COUNT = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.0+)?")
_SHARE = re.compile(r"(\d+(?:\.\d+)?)(%?)")
_BETWEEN = re.compile(r"[、,，;；/\s]+")


def parser(column: Column, header: str) -> Parse:
    """How cells of a column are read; ``header`` is what the client called it."""
    if column.type == "text":
        return text
    if column.type == "choice":
        return _remembering(_choice(column, header))
    if column.type == "count":
        return _remembering(_count(column))
    return _remembering({"people": _people, "day": _day, "share": _share}[column.type])


def _remembering(parse: Parse) -> Parse:
    """The same, reading equal cells once; columns of days and choices repeat themselves."""
    known: dict[tuple[type, Value], Value] = {}

    def remembered(raw: Value) -> Value:
        name = type(raw), raw  # True is no 1
        if name not in known:
            if len(known) > _REMEMBERED:
                known.clear()
            known[name] = parse(raw)
        return known[name]

    return remembered


def text(raw: Value) -> str | None:
    """A text as seen; whole numbers as digits. Refuses what Excel has changed beyond repair."""
    if isinstance(raw, str):
        if raw.isprintable():  # nothing unseen in it, and by far the usual case
            return raw.strip() or None
        words = seen(raw)
        if FORBIDDEN.search(words):
            raise Refused(
                "control-character",
                f"“{shown(FORBIDDEN.sub('□', words))}”含有不可见的控制字符。",
                "删去控制字符，重新填写这一格。",
            )
        return words or None
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, (date, time, timedelta)):
        raise Refused(
            "became-date",
            "这一格是日期或者时间，原来的文字可能已被 Excel 改动。",
            "把单元格的格式设为“文本”，重新填写原来的文字。",
        )
    return _digits(raw)


def _digits(raw: Value) -> str:
    if abs(raw) >= _DIGITS_KEPT:
        raise Refused(
            "digits-lost",
            "这一格是超过 15 位的数字，末尾几位已被 Excel 改为零。",
            "把单元格的格式设为“文本”，重新填写全部数字。",
        )
    return str(int(raw)) if raw == int(raw) else repr(raw)


def _people(raw: Value) -> tuple[str, ...] | None:
    words = text(raw)
    return tuple(filter(None, _BETWEEN.split(words))) if words else None


def _day(raw: Value) -> str | None:
    """A day as YYYY-MM-DD."""
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    words = key(raw) if isinstance(raw, str) else ""
    if isinstance(raw, str) and not words:
        return None
    if isinstance(raw, float) and raw == int(raw) and 19000101 <= raw <= 99991231:
        words = str(int(raw))
    match = _DAY.fullmatch(words) or _DAY_SHORT.fullmatch(words)
    try:
        if match:
            return date(*map(int, match.groups()[:3])).isoformat()
    except ValueError:
        pass
    raise Refused(
        "not-a-day",
        f"“{shown(raw if isinstance(raw, str) else text(raw))}”不是写明年月日的日期。",
        "写作 2026-11-02，或者把单元格的格式设为日期。",
    )


def _count(column: Column) -> Parse:
    endings = tuple(column.units)

    def parse(raw: Value) -> int | None:
        if isinstance(raw, (int, float)) and not isinstance(raw, bool):
            if raw == int(raw) and 0 <= raw < _DIGITS_KEPT:
                return int(raw)
        elif isinstance(raw, str):
            words = key(raw)
            if not words:
                return None
            for ending in endings:
                words = words.removesuffix(ending)
            if _COUNT.fullmatch(words):
                return int(words.replace(",", "").partition(".")[0])
        raise Refused(
            "not-a-count",
            f"“{shown(raw)}”不是整数。",
            "只写数字，例如 12000；不写“约”“万”“以上”。",
        )

    return parse


def _share(raw: Value) -> Fraction | None:
    """A share (0 to 1), exactly as written; 96 and 96% both mean 0.96."""
    if isinstance(raw, float) and 0 <= raw <= 1:
        return Fraction(repr(raw))
    words = key(str(raw))
    if not words:
        return None
    match = _SHARE.fullmatch(words)
    if match:
        number = Fraction(match[1])
        if match[2] or number > 1:
            number /= 100
        if number <= 1:
            return number
    raise Refused("not-a-share", f"“{shown(raw)}”不是比率。", "写作 97.5%。")


_YES, _NO = ("是", "y", "yes", "true", "√", "1"), ("否", "n", "no", "false", "×", "x", "0")


def _choice(column: Column, header: str) -> Parse:
    meanings = {key(word): one.code for one in column.choices for word in (one.title, *one.words)}
    for asked, yes, no in column.yes_no:
        if label(asked) == label(header):
            meanings |= dict.fromkeys(_YES, yes) | dict.fromkeys(_NO, no)
    titles = "、".join(one.title for one in column.choices)

    def parse(raw: Value) -> str | None:
        words = key(text(raw) or "")
        if not words:
            return None
        if words not in meanings:
            raise Refused(
                "not-a-choice",
                f"“{shown(raw)}”不在“{column.title}”的写法之内。",
                f"改为下列之一：{titles}。",
            )
        return meanings[words]

    return parse
