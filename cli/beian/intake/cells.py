"""One answer as it stands in a cell, and back: numbers, days, choices, none, and text as typed."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from beian.formats import parse_date
from beian.model import Value
from beian.schema import Field, show

#: Says "answered: none" in a cell; an empty cell says "not answered".
NONE = "〔无〕"
#: Stands before the JSON form of an answer that a plain cell would not give back.
EXACTLY = "〔原文〕"
TICK = "☑"
#: What one cell of a workbook can hold, in UTF-16 units.
LONGEST = 32767

#: What people write for "none", beside what the field itself prints for it.
_NONE = frozenset({"无", "没有", "不适用", "none", "n/a", "null"})
_YES = frozenset({"是", "true", "yes", "y", "√", "✓", "☑"})
_NO = frozenset({"否", "false", "no", "n", "×", "✗", "☐"})
_TICKED = _YES | {"x", "1", "有", "选"}
_UNTICKED = _NO | {"0", ""}
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\Z")
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?\Z")
_INTEGER = re.compile(r"[-+]?\d+\Z")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)\Z")
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
#: A sheet counts days from here; 60 is a day that never was, so counting starts before it.
_FIRST_DAY = date(1899, 12, 30)
#: A number that stands for a day between 1990 and 2099.
_SERIALS = range(32874, 73051)
#: A sheet keeps fifteen digits of a number.
_MOST_DIGITS = 10**15


class Misread(Exception):
    """What is wrong in a cell (a sentence without its subject), and how to put it right."""

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.cure = cure


def written(
    value: Value, field: Field, titles: Mapping[Value, str] | None = None
) -> str | int | float:
    """What the cell of an answer holds; reading it gives exactly ``value`` again.

    ``titles`` are the names of choices in another language than the schema's first.
    """
    plain = _plain(value, field, titles or field.choices or {})
    if plain is not None:
        try:
            again = read(plain, field)
        except Misread:
            pass
        else:
            if _same(again, value):
                return plain
    return EXACTLY + json.dumps(value, ensure_ascii=False)


def _plain(value: Value, field: Field, titles: Mapping[Value, str]) -> str | int | float | None:
    if value is None:
        return NONE
    if isinstance(value, list):
        lines = [_plain(one, field, titles) for one in value]
        texts = [str(one) for one in lines if one is not None]
        return "\n".join(texts) if len(texts) == len(value) else None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        fits = field.kind in ("integer", "number") and abs(value) < _MOST_DIGITS
        return value if fits and not field.is_list else str(value)
    if isinstance(value, str):
        return titles.get(value, value)
    return None


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and bool(one == other)


def read(raw: Any, field: Field) -> Value:
    """The answer in a cell that is not empty; Misread says what is wrong and the cure.

    ``raw`` is text, a number, a truth value or a day, as a workbook library gives it.
    """
    if is_exact(raw):
        return _exact(raw)
    if field.is_list:
        return _lines(raw, field)
    text = plain_text(raw)
    if is_none(text, field):
        return None
    if text == NONE or (text.casefold() in _NONE and not _is_choice(text, field)):
        raise Misread(f"答了“{text}”，但此项不能答“无”。", "按说明填写；尚未知道的留空。")
    if field.choices is not None:
        return _choice(text, field)
    match field.kind:
        case "boolean":
            if "string" not in field.schema["type"]:
                return _truth(raw, text, field)
            known = isinstance(raw, bool) or text.casefold() in _YES | _NO
            return _truth(raw, text, field) if known else _words(raw, field)
        case "integer" | "number":
            return _number(raw, text, field)
    if field.format == "date":
        return _day(raw, text, field)
    return _words(raw, field)


def is_none(text: str, field: Field) -> bool:
    """Whether the text of a cell answers "none" to a question that may be answered so."""
    if field.null_text is None:
        return False
    return text == NONE or text.casefold() in _NONE or text == field.null_text


def is_ticked(raw: Any) -> bool | int:
    """Whether a choice is ticked; or its position, where positions were written."""
    text = plain_text(raw).casefold()
    if text in _UNTICKED:
        return False
    if _INTEGER.match(text) and int(text) > 0:
        return int(text)
    if text in _TICKED:
        return True
    raise Misread(f"写的是“{text[:20]}”，看不出是否选中。", f"选中的选 {TICK}，不选的留空。")


def is_exact(raw: Any) -> bool:
    """Whether a cell holds an answer in its exact form."""
    return isinstance(raw, str) and raw.startswith(EXACTLY)


def is_blank(raw: Any) -> bool:
    """Whether a cell is empty, or holds nothing but white space."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def plain_text(raw: Any) -> str:
    """What a cell holds as text in one width, without white space around it."""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return unicodedata.normalize("NFKC", str(raw)).strip().replace("[无]", NONE)


def _exact(raw: str) -> Value:
    try:
        return json.loads(raw.removeprefix(EXACTLY))
    except ValueError:
        raise Misread(
            f"以 {EXACTLY} 开头，但后面不是完整的 JSON。", f"删去 {EXACTLY}，直接写内容。"
        ) from None


def _lines(raw: Any, field: Field) -> Value:
    """A list in one cell: a line for each item; choices may also stand between 、."""
    text = str(raw).replace("\r\n", "\n").strip() if isinstance(raw, str) else raw
    if isinstance(text, str) and is_none(plain_text(text), field):
        return None
    parts = text.split("\n") if isinstance(text, str) else [text]
    single = _item(field)
    if field.choices and len(parts) == 1 and not _is_choice(plain_text(raw), field):
        parts = re.split(r"[、,，;；]", str(text))
    return [read(part, single) for part in parts if not is_blank(part)]


def _item(field: Field) -> Field:
    """The item of a list of scalars as a field that is read alone."""
    items = field.schema.get("items", {})
    types = items.get("type", "string")
    kind = types if isinstance(types, str) else next(one for one in types if one != "null")
    return field._replace(
        kind=kind, null_text=items.get("x-null"), format=items.get("format"), schema=items
    )


def _is_choice(text: str, field: Field) -> bool:
    return field.choices is not None and _named(text, field) is not None


def _named(text: str, field: Field) -> Value:
    wanted = _squeezed(text)
    english = field.choices_en
    for code, title in (field.choices or {}).items():
        both = english.get(code, "")
        names = {title, str(code), both, both.removesuffix(f"，{title}")}
        if wanted in {_squeezed(name) for name in names if name}:
            return code
    return None


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _choice(text: str, field: Field) -> Value:
    code = _named(text, field)
    if code is not None:
        return code
    import difflib

    titles = list((field.choices or {}).values())
    close = difflib.get_close_matches(text, titles, n=1, cutoff=0.4)
    cure = f"是否想选“{close[0]}”？" if close else ""
    raise Misread(
        f"写的是“{show(text, field)}”，不在可选项内。",
        f"{cure}可选：{'、'.join(f'“{title}”' for title in titles)}。",
    )


def _truth(raw: Any, text: str, field: Field) -> bool:
    if isinstance(raw, bool):
        return raw
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise Misread(f"写的是“{show(text, field)}”，看不出是或者否。", "选“是”或者“否”。")


def _number(raw: Any, text: str, field: Field) -> int | float:
    whole = field.kind == "integer"
    kind = "整数" if whole else "数字"
    if isinstance(raw, bool):
        raise Misread(f"写的是“{text}”，不是{kind}。", f"写阿拉伯数字表示的{kind}。")
    if isinstance(raw, (datetime, date, time)):
        raise Misread("是一个日期，不是数字。", "把单元格格式改为“常规”，重新写数字。")
    if isinstance(raw, (int, float)):
        number: int | float = raw
    else:
        bare = text.replace(",", "") if _THOUSANDS.match(text) else text
        if not _NUMBER.match(bare):
            raise Misread(
                f"写的是“{show(text, field)}”，不是{kind}。",
                f"只写阿拉伯数字表示的{kind}，不带单位、百分号和“约”“以上”等字样。",
            )
        number = int(bare) if _INTEGER.match(bare) else float(bare)
    if isinstance(number, float) and number.is_integer() and abs(number) < _MOST_DIGITS:
        number = int(number)
    if whole and isinstance(number, float):
        raise Misread(f"写的是 {number:g}，不是整数。", "写整数；需要换算的，换算后再写。")
    return number


def _day(raw: Any, text: str, field: Field) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    cure = "写作 2026-03-01，且须为日历上有的日子。"
    if isinstance(raw, (int, float)) and not isinstance(raw, bool) and int(raw) in _SERIALS:
        likely = _FIRST_DAY + timedelta(days=int(raw))
        raise Misread(
            f"是数字 {text}，像是日期的内部序号。",
            f"如果是 {likely.isoformat()}，就写 {likely.isoformat()}。",
        )
    match = _DAY.match(text) or _EIGHT.match(text)
    if not match:
        raise Misread(f"写的是“{show(text, field)}”，不是完整的日期。", cure)
    day = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    if parse_date(day) is None:
        raise Misread(f"写的是“{show(text, field)}”，日历上没有这一天。", cure)
    return day


def _words(raw: Any, field: Field) -> Value:
    """Text as typed; identifiers in full-width characters are written in half-width ones."""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, (datetime, date, time)):
        shown = raw.strftime("%H:%M") if isinstance(raw, time) else f"{raw:%Y-%m-%d}"
        raise Misread(
            f"被表格程序改成了日期或者时间（{shown}）。",
            "把单元格格式设为“文本”，再重新输入原来的内容。",
        )
    if isinstance(raw, (int, float)):
        if abs(raw) >= _MOST_DIGITS:
            raise Misread(
                "是超过 15 位的数字，末位已被表格程序改为 0。",
                "把单元格格式设为“文本”，再按原件重新输入。",
            )
        return plain_text(raw)
    text = str(raw).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not _IDEOGRAPH.search(text):
        text = text.translate(_WIDE)
    return text
