"""The register of duties: what the law asks of a service, of whom, since when, what fulfils it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from beian import conditions, paths
from beian.conditions import Condition
from beian.errors import BeianError
from beian.laws import certain
from beian.model import Place, Value
from beian.resources import House

CONTROL_POINTS = "schemas/control-points.yaml"

#: What every measure of the facts tells.
MEASURE_KEYS = ("status", "since_on", "evidence")
#: What most measures tell in words.
MEASURE_TEXTS = ("name", "description")


class Means(NamedTuple):
    """One thing that fulfils a duty, or a part of it.

    Either ``measure`` is the path of a measure or of a list of measures, named by the key
    ``named_by``; or ``must`` is a condition over facts, of every item of ``each`` where given, done
    from the day at ``on`` and shown by the evidence at ``evidence``, or ``evident`` by itself. Not
    owed unless ``when`` holds, which may speak of the item too.
    """

    when: Condition | None
    measure: str | None
    named_by: str | None
    title: str | None
    each: str | None
    must: Condition | None
    evidence: str | None
    evident: bool
    on: str | None

    def reads(self) -> Iterator[str]:
        """The generic paths that it may read."""
        yield from conditions.reads(self.when, self.each)
        yield from conditions.reads(self.must, self.each)
        for path in (self.measure, self.each, self.on):
            if path is not None:
                yield path
        if self.evidence is not None:
            item = f"{self.each}[]" if self.each else None
            yield paths.generic(conditions.placed(self.evidence, item))


class Carrier(NamedTuple):
    """A document that carries a duty, and the heading in it where one can be named."""

    document: str
    heading: str | None


class Duty(NamedTuple):
    """One row of the register.

    ``nature`` is duty, mechanism (owed from the first day for an event that may come), act (owed
    when ``event`` happens) or context (a principle, power, right, definition: it can have no gap).
    ``related`` are further provisions, shown on days on which they are law; ``deadlines`` are those that
    count the last day for doing it.
    """

    id: str
    title: str
    nature: str
    area: str
    bearer: str
    since: str
    until: str | None
    basis: tuple[str, ...]
    related: tuple[str, ...]
    practice: str | None
    certain: bool
    gist: str
    control_point: str | None
    applies: Condition | None
    event: str | None
    means: tuple[Means, ...]
    carriers: tuple[Carrier, ...]
    owner: str | None
    due: str | None
    deadlines: tuple[str, ...]
    note: str | None
    file: str

    def covers(self, day: str) -> bool:
        """Whether the duty exists on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def reads(self) -> Iterator[str]:
        """The generic paths that its judgement may read."""
        yield from conditions.reads(self.applies)
        for one in self.means:
            yield from one.reads()
        for path in (self.owner, self.due):
            if path is not None:
                yield path


class ControlPoint(NamedTuple):
    """One point by which counsel reviews a service."""

    id: str
    group: str
    title: str


def load(house: House) -> dict[str, Duty]:
    """Every duty by id, in order of the areas; one of an override folder replaces the shipped one."""
    records = sorted(house.records("schemas/duties/*.yaml"), key=lambda one: one.data["order"])
    duties: dict[str, Duty] = {}
    for record in records:
        here: set[str] = set()
        for data in record.data["duties"]:
            if data["id"] in here:
                raise BeianError(f"义务“{data['id']}”写了两次。", place=Place(record.file))
            here.add(data["id"])
            duties[data["id"]] = _duty(data, record.data["title"], record.file)
    return duties


def load_control_points(house: House) -> dict[str, ControlPoint]:
    """The control points by id, in order; those of override folders come last."""
    return {
        data["id"]: ControlPoint(data["id"], data["group"], data["title"])
        for record in house.records(CONTROL_POINTS)
        for data in record.data
    }


def _duty(data: dict[str, Value], area: str, file: str) -> Duty:
    return Duty(
        id=data["id"],
        title=data["title"],
        nature=data["nature"],
        area=area,
        bearer=data["bearer"],
        since=data["since"],
        until=data.get("until"),
        basis=tuple(data["basis"]),
        related=tuple(data.get("related", ())),
        practice=data.get("practice"),
        certain=certain(data["confidence"], data["checked"]),
        gist=data["gist"],
        control_point=data.get("control_point"),
        applies=data.get("applies"),
        event=data.get("event"),
        means=tuple(map(_means, data.get("fulfilled_by", ()))),
        carriers=tuple(
            Carrier(one["document"], one.get("heading")) for one in data.get("carried_by", ())
        ),
        owner=data.get("owner"),
        due=data.get("due"),
        deadlines=tuple(data.get("deadlines", ())),
        note=data.get("note"),
        file=file,
    )


def _means(data: dict[str, Value]) -> Means:
    return Means(
        when=data.get("when"),
        measure=data.get("measure"),
        named_by=data.get("named_by"),
        title=data.get("title"),
        each=data.get("each"),
        must=data.get("must"),
        evidence=data.get("evidence"),
        evident=data.get("evident", False),
        on=data.get("on"),
    )
