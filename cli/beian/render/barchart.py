"""Bars beside what is demanded of each, drawn as shapes of Word."""

from __future__ import annotations

from dataclasses import dataclass

from beian.render.shapes import MM, NO_LINE, Shapes, filled, paragraph, stroke
from beian.view import Absent, Fact, Unknown, merged

#: What an item of a list must say to become a bar.
KEYS = ("label", "value", "text", "bound", "bound_text")
#: Millimetres: a row, the bar in it, the widest column of labels, room for the number behind a bar.
_ROW, _BAR, _LABELS, _BEHIND = 5.6, 3.2, 68.0, 17.0
_SIZE = 14
_FILL, _MARK, _AXIS = "7F9DB9", "C00000", "808080"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ``bound`` is None where nothing is demanded."""

    label: str
    value: float
    text: str
    bound: float | None
    bound_text: str | None


def needs(rows: Fact) -> Unknown | None:
    """The absent facts without which the bars cannot be drawn; None when they can."""
    absent = merged(
        *(
            part.needs
            for row in rows.items()
            for part in map(row.child, KEYS)
            if isinstance(part, Absent)
        )
    )
    return Unknown(absent) if absent else None


def read(rows: Fact) -> list[Bar]:
    """The bars that a list states, all of them known."""
    return [Bar(*(row[key] for key in KEYS)) for row in rows.value or ()]


def draw(bars: list[Bar], caption: str, number: int, room: int) -> str:
    """A run with the bars, no wider than ``room`` (EMU); ``number`` counts figures from 1."""
    wide = room / MM
    labels = min(_LABELS, 4.0 + max(_millimetres(one.label) for one in bars))
    left, span = labels + 1.5, wide - labels - 1.5 - _BEHIND
    most = max(max(one.value, one.bound or 0) for one in bars) or 1
    shapes = Shapes(number * 1000)
    high = _ROW * len(bars)
    shapes.add("line", (left, 0, 0, high), stroke(_AXIS, 6350), "")
    for place, one in enumerate(bars):
        top = place * _ROW
        length = span * one.value / most
        box = (0.0, top, labels, _ROW)
        # A label that is too long for its column is set smaller, never cut.
        size = min(_SIZE, int(_SIZE * (labels - 1) / _millimetres(one.label)))
        shapes.add("rect", box, _CLEAR, paragraph(one.label, size, "right"), inset=0)
        shapes.add("rect", (left, top + (_ROW - _BAR) / 2, length, _BAR), filled(_FILL), "")
        if one.bound is not None:
            x = left + span * one.bound / most
            shapes.add("line", (x, top + 0.6, 0, _ROW - 1.2), stroke(_MARK, 19050), "")
        behind = left + max(length, span * (one.bound or 0) / most) + 1.0
        box = (behind, top, wide - behind, _ROW)
        shapes.add("rect", box, _CLEAR, paragraph(one.text, _SIZE, "left"), inset=0)
    return shapes.group(number, wide, high, f"{caption}。{in_words(bars)}")


_CLEAR = f"<a:noFill/>{NO_LINE}"


def in_words(bars: list[Bar]) -> str:
    """The bars told one after another, for who cannot see them."""
    told = [
        f"{one.label}：{one.text}" + (f"，标准{one.bound_text}" if one.bound_text else "")
        for one in bars
    ]
    return "；".join(told) + "。"


def _millimetres(text: str) -> float:
    """How wide a label is, generously."""
    return sum(1.4 if character.isascii() else 2.55 for character in text)
