"""The core types: verdicts, levels, places, citations and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

#: A plain JSON value: None, bool, int, float, str, list or dict.
Value = Any


class Verdict(Enum):
    """What a condition says: never two answers, always three."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Level(Enum):
    """How much a finding weighs, heaviest first."""

    BLOCK = "block"
    MISSING = "missing"
    UNDETERMINED = "undetermined"
    REVIEW = "review"

    @property
    def label(self) -> str:
        return {"block": "阻断", "missing": "待补", "undetermined": "未定", "review": "复核"}[
            self.value
        ]

    @property
    def stops(self) -> bool:
        """Whether a final dossier may not be written while such a finding is open."""
        return self is not Level.REVIEW


class Place(NamedTuple):
    """Where something stands: a file and, where known, line and column (both from 1)."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(
            str(part) for part in (self.file, self.line, self.column) if part is not None
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """An article as it is shown to counsel, with how far its text was verified.

    ``certain`` is true only where an official text was read; everything else is shown as 待核对.
    """

    instrument: str
    title: str
    article: str | None
    label: str
    since: str | None
    certain: bool
    checked: str

    def __str__(self) -> str:
        mark = "" if self.certain else " 待核对"
        return f"《{self.title}》{self.label}{mark}"

    def as_json(self) -> dict[str, Value]:
        return {
            "instrument": self.instrument,
            "title": self.title,
            "article": self.article,
            "checked": self.checked,
        }


@dataclass(frozen=True, slots=True)
class Waiver:
    """Counsel's decision that a finding may stand: why, by whom, on which day."""

    reason: str
    by: str
    on: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stops or weakens the filing.

    ``path`` is the fact concerned; ``documents`` names the documents (and their sections) that
    need it; ``rule`` is the id of the rule, or ``schema`` / ``needed`` / ``undetermined``.
    """

    rule: str
    level: Level
    path: str
    place: Place
    message: str
    hint: str | None = None
    basis: tuple[Citation, ...] = ()
    practice: str | None = None
    documents: tuple[str, ...] = ()
    waiver: Waiver | None = field(default=None)

    @property
    def stops(self) -> bool:
        return self.level.stops and self.waiver is None

    def as_json(self) -> dict[str, Value]:
        record: dict[str, Value] = {
            "rule": self.rule,
            "level": self.level.value,
            "path": self.path,
            "place": str(self.place),
            "message": self.message,
            "hint": self.hint,
            "basis": [citation.as_json() for citation in self.basis],
            "documents": list(self.documents),
        }
        if self.practice:
            record["practice"] = self.practice
        if self.waiver:
            record["waived"] = {
                "reason": self.waiver.reason,
                "by": self.waiver.by,
                "on": self.waiver.on,
            }
        return record
