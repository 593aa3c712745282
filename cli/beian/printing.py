"""How values are printed in Chinese documents and messages."""

from __future__ import annotations

from fractions import Fraction

from beian.formats import parse_date
from beian.model import Value
from beian.schema import Field, mask
from beian.view import Absent, Branch, Fact, Node


def day_text(text: str) -> str:
    """A day as official papers write it: 2026年3月1日, without leading zeros."""
    day = parse_date(text)
    return f"{day.year}年{day.month}月{day.day}日" if day else text


def percent_text(share: float) -> str:
    """A share (0 to 1) in percent, never rounded: 0.899 is 89.9%, a third 33.3333…%."""
    digits, rest = divmod(Fraction(str(share)) * 10**6, 1)
    words = f"{digits // 10**4}.{digits % 10**4:04}"
    return (words + "…" if rest else words.rstrip("0").rstrip(".")) + "%"


def number_text(number: int | float) -> str:
    """A number as typed; floats without an exponent."""
    if isinstance(number, int):
        return str(number)
    return f"{number:.10f}".rstrip("0").rstrip(".")


def value_text(value: Value, field: Field | None) -> str:
    """A value as a document prints it: choices by title, days in Chinese, null as declared."""
    if field is not None and field.choices is not None and not isinstance(value, list):
        known = field.choices.get(value) if _hashable(value) else None
        if known is not None:
            return known
    if value is None:
        return (field.null_text if field is not None else None) or "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, list):
        # Groups of fields have no text of their own: that they are stated is all that is told.
        if any(isinstance(one, dict) for one in value):
            return f"{len(value)}项"
        return joined_text(value, field, "、")
    if isinstance(value, dict):
        return "已填写"
    text = str(value)
    if field is not None and field.format == "date":
        return day_text(text)
    return text


def fact_text(fact: Fact) -> str:
    """A stated fact as a document prints it; evidence goes by its number in the list of evidence."""
    path = fact.path
    if isinstance(fact.value, str) and (path.endswith("evidence") or path.startswith("evidence[")):
        number = fact.view.evidence_numbers.get(fact.value)
        if number is not None and path.endswith((".evidence", "_evidence", "].id")):
            return f"证据{number}"
    return value_text(fact.value, fact.field)


def joined_text(values: list[Value], field: Field | None, between: str) -> str:
    """The printed items of a list of scalars."""
    return between.join(value_text(value, field) for value in values)


def in_message(node: Node, style: str | None) -> str:
    """A node as a finding may repeat it: masked when it is personal data."""
    if isinstance(node, Absent):
        return "（未填）"
    if isinstance(node, Branch):
        return node.path
    assert isinstance(node, Fact)
    field = node.field
    if style == "percent" and isinstance(node.value, (int, float)):
        return percent_text(node.value)
    if style == "count" and isinstance(node.value, list):
        return str(len(node.value))
    if isinstance(node.value, dict):
        return "（一组字段）"
    text = value_text(node.value, field)
    if field is not None and field.sensitive:
        return mask(text)
    return text if len(text) <= 60 else text[:59] + "…"


def _hashable(value: Value) -> bool:
    return not isinstance(value, (list, dict))
