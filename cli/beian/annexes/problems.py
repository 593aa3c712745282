"""What is wrong in an annex: a row or column, where it stands, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from beian.model import Level, Place, Value


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell, row, column or sheet that was not read as it stands.

    ``level`` is BLOCK for what was left out of the count, REVIEW for what was counted (or counted
    once) and should be looked at. ``cell`` is empty where a whole sheet is meant.
    """

    reason: str
    level: Level
    annex: str
    file: str
    sheet: str
    cell: str
    value: str
    message: str
    hint: str

    @property
    def place(self) -> Place:
        spot = f"{self.sheet}!{self.cell}" if self.cell else self.sheet
        return Place(f"{self.file} {spot}" if spot else self.file)

    @property
    def row(self) -> int:
        """The number of the row, or 0 where a whole sheet is meant."""
        digits = self.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return int(digits) if digits.isdecimal() else 0

    def as_json(self) -> dict[str, Value]:
        return {
            "reason": self.reason,
            "level": self.level.value,
            "annex": self.annex,
            "place": str(self.place),
            "file": self.file,
            "sheet": self.sheet,
            "cell": self.cell,
            "value": self.value,
            "message": self.message,
            "hint": self.hint,
        }


@dataclass(slots=True)
class Problems:
    """The problems of some files in the order found."""

    found: list[Problem] = field(default_factory=list)

    def count(self, level: Level) -> int:
        return sum(1 for one in self.found if one.level is level)


class Refused(Exception):
    """A cell that cannot be read as its column asks: why, and what to do."""

    def __init__(self, reason: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.hint = hint


_SHOWN = 40


def shown(raw: Value) -> str:
    """A cell as a message repeats it: one line, cut when long."""
    text = " ".join(str(raw).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
