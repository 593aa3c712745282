"""What a security self-assessment judges: each demand, and where the yardstick of the day has it."""

from __future__ import annotations

from dataclasses import dataclass

from beian.model import Value
from beian.resources import House


@dataclass(frozen=True, slots=True)
class Regime:
    """The standard that is the yardstick on some days."""

    instrument: str
    since: str
    until: str | None

    def covers(self, day: str) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Clause:
    """Where a standard has a demand; ``number`` is None where it is not known, and ``checked`` says
    that counsel has compared it with the text."""

    section: str
    number: str | None
    checked: bool


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand in our own words; only a required one counts for the overall conclusion."""

    id: str
    part: str
    gist: str
    required: bool
    evidence: str
    note: str | None
    confidence: str
    clauses: dict[str, Clause]


@dataclass(frozen=True, slots=True)
class Requirements:
    """Every demand with the titles of its parts and the regimes it is read under."""

    all: tuple[Requirement, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    regimes: tuple[Regime, ...] = ()

    def regime(self, day: str) -> Regime | None:
        """The yardstick of a day, or None."""
        return next((one for one in self.regimes if one.covers(day)), None)

    def before(self, day: str) -> Regime | None:
        """The last yardstick that ended before a day, whose numbers are still spoken of."""
        ended = [one for one in self.regimes if one.until is not None and one.until < day]
        return max(ended, key=lambda one: one.since, default=None)

    def on(self, day: str) -> list[tuple[Requirement, Clause]]:
        """The demands of the yardstick of a day, each with its clause."""
        regime = self.regime(day)
        if regime is None:
            return []
        return [
            (one, one.clauses[regime.instrument])
            for one in self.all
            if regime.instrument in one.clauses
        ]


def load(house: House) -> Requirements:
    """The demands of the shipped file, or of the last override folder that has one."""
    data = [one.data for one in house.records("schemas/requirements.yaml")][-1]
    return Requirements(
        tuple(_requirement(one) for one in data["requirements"]),
        tuple((one["id"], one["title"]) for one in data["parts"]),
        tuple(
            Regime(one["instrument"], one["since"], one.get("until")) for one in data["regimes"]
        ),
    )


def _requirement(data: dict[str, Value]) -> Requirement:
    return Requirement(
        id=data["id"],
        part=data["part"],
        gist=data["gist"],
        required=data["force"] == "required",
        evidence=data["evidence"],
        note=data.get("note"),
        confidence=data["confidence"],
        clauses={
            name: Clause(one["section"], one["number"], one.get("checked", False))
            for name, one in data["clauses"].items()
        },
    )
