"""Deadlines as data: what starts each period, how long it is, and who says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from beian import conditions
from beian.calendar import Unit
from beian.conditions import Condition
from beian.errors import BeianError
from beian.laws import Register
from beian.model import Place, Value
from beian.resources import House

UNITS: dict[Unit, str] = {
    "workday": "个工作日",
    "hour": "小时",
    "day": "日",
    "week": "周",
    "month": "个月",
    "year": "年",
}


class Limit(NamedTuple):
    """One length with its source.

    ``force`` is statutory, practice or promised (published by the provider itself). ``length`` is
    None where the source gives no number, and where ``fact`` names the fact that states it;
    ``yearly`` is (month, day) of a last day that is the same in every year.
    """

    force: str
    length: int | None
    fact: str | None
    unit: Unit | None
    before: bool
    yearly: tuple[int, int] | None
    basis: tuple[str, ...]
    source: str | None
    confidence: str
    checked: str

    @property
    def certain(self) -> bool:
        """Whether the number itself was read, not recalled or taken from a single source."""
        return self.confidence in ("official", "several") and self.checked != "recalled"

    def words(self, event: str, kind: str, length: int | None) -> str:
        """The length as counsel says it: 自变更之日起10个工作日内."""
        if self.yearly:
            return f"每年{self.yearly[0]}月{self.yearly[1]}日以前"
        if length is None:
            return "公布的时限未填" if self.fact else "没有规定日数，应当及时办理"
        assert self.unit is not None
        if self.before:
            event = event.removesuffix("之日")
            return f"{event}前{length}{UNITS[self.unit]}" if length else f"{event}之前"
        if kind == "keep":
            return f"自{event}起至少{length}{UNITS[self.unit]}"
        return f"自{event}起{length}{UNITS[self.unit]}内"


class Yearly(NamedTuple):
    """Something owed once for every year: the list of doings, their kind, and which year it is."""

    reports: str
    kind: str
    covers_previous: bool


class Version(NamedTuple):
    """How the period runs when its event happens from ``since`` to ``until``, both included."""

    since: str
    until: str | None
    when: Condition | None
    limits: tuple[Limit, ...]
    action: str

    def covers(self, day: str) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class Deadline(NamedTuple):
    """A deadline with its versions; ``each`` names a list whose items each start a period.

    ``kind``: act (the provider does it), expect (the authority answers), keep (papers are kept).
    ``starts`` are the paths of the day that starts the period: the first that is not null counts.
    """

    id: str
    code: str | None
    title: str
    title_en: str
    kind: str
    event: str
    each: str | None
    label: str | None
    starts: tuple[str, ...]
    done: str | None
    yearly: Yearly | None
    documents: tuple[str, ...]
    papers: tuple[str, ...]
    versions: tuple[Version, ...]
    file: str

    def version(self, day: str) -> Version | None:
        """The version for an event of that day; None on a day that no version covers."""
        return next((one for one in self.versions if one.covers(day)), None)

    def reads(self) -> Iterator[str]:
        """The generic paths that any version may read."""
        if self.each:
            yield self.each
        own = [*self.starts, *filter(None, (self.done, self.label))]
        own += [limit.fact for one in self.versions for limit in one.limits if limit.fact]
        yield from conditions.reads(dict.fromkeys(own), self.each)
        for one in self.versions:
            yield from conditions.reads(one.when, self.each)
        if self.yearly:
            yield self.yearly.reports
            yield from (f"{self.yearly.reports}[].{key}" for key in ("kind", "year", "done_on"))


class Counting(NamedTuple):
    """A provision on counting, from ``since`` on; ``reading`` says how sure its use here is."""

    id: str
    title: str
    since: str
    basis: tuple[str, ...]
    reading: str

    def text(self, register: Register) -> str:
        """The provision as a note under a calendar."""
        cited = "、".join(str(register.cite(one)) for one in self.basis)
        return f"{self.title.removesuffix('。')}（{cited}；{self.reading}，待核对）。"


#: The counting provision that moves a period which ends on a day off.
MOVES = "last-day-off-moves"


def load(house: House) -> dict[str, Deadline]:
    """Every deadline by id; one of an override folder replaces the shipped one of the same id."""
    deadlines: dict[str, Deadline] = {}
    for record in house.records("schemas/deadlines/*.yaml"):
        here: set[str] = set()
        for data in record.data:
            if data["id"] in here:
                raise BeianError(f"期限“{data['id']}”写了两次。", place=Place(record.file))
            here.add(data["id"])
            deadlines[data["id"]] = _deadline(data, record.file)
    return deadlines


def load_counting(house: House) -> dict[str, Counting]:
    """The provisions on counting by id."""
    return {
        data["id"]: Counting(
            data["id"], data["title"], data["since"], tuple(data["basis"]), data["reading"]
        )
        for record in house.records("schemas/counting.yaml")
        for data in record.data
    }


def _deadline(data: dict[str, Value], file: str) -> Deadline:
    starts, yearly = data["from"], data.get("yearly")
    return Deadline(
        id=data["id"],
        code=data.get("code"),
        title=data["title"],
        title_en=data["title_en"],
        kind=data["kind"],
        event=data["event"],
        each=data.get("each"),
        label=data.get("label"),
        starts=(starts,) if isinstance(starts, str) else tuple(starts),
        done=data.get("done"),
        yearly=Yearly(yearly["reports"], yearly["kind"], yearly["covers"] == "previous")
        if yearly
        else None,
        documents=tuple(data["documents"]),
        papers=tuple(data["papers"]),
        versions=tuple(
            Version(
                one["since"],
                one.get("until"),
                one.get("when"),
                tuple(map(_limit, one["limits"])),
                one["action"],
            )
            for one in data["versions"]
        ),
        file=file,
    )


def _limit(data: dict[str, Value]) -> Limit:
    length = data.get("length")
    return Limit(
        force=data["force"],
        length=length if isinstance(length, int) else None,
        fact=length["fact"] if isinstance(length, dict) else None,
        unit=data.get("unit"),
        before=data.get("direction") == "before",
        yearly=(data["month"], data["day"]) if "month" in data else None,
        basis=tuple(data.get("basis", ())),
        source=data.get("source"),
        confidence=data["confidence"],
        checked=data["checked"],
    )
