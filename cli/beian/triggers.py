"""Triggers as data: which changed facts call for a change filing, a new version or an assessment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from beian import conditions
from beian.conditions import Condition
from beian.errors import BeianError
from beian.model import Place
from beian.paths import within
from beian.resources import House

#: What a trigger calls for, in the words of a report.
DOES = {
    "change_filing": "变更备案",
    "statement": "说明的新版本",
    "agreement": "协议的新版本",
    "security_assessment": "安全评估",
    "launch_filing": "上线备案（登记）",
    "nothing": "不引起变更备案",
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger; it strikes where one of ``facts`` (generic paths, with all that stands below)
    has changed, or the text of one of ``documents``.

    ``owed`` is false where counsel has to decide; ``deadline`` is the key of the deadline that says
    by when; ``version`` and ``dated`` are the facts that tell the version of a published paper.
    """

    id: str
    title: str
    does: str
    owed: bool
    facts: tuple[str, ...]
    documents: tuple[str, ...]
    since: str
    until: str | None
    when: Condition | None
    deadline: str | None
    version: str | None
    dated: str | None
    reason: str
    basis: tuple[str, ...]
    practice: str | None
    certain: bool
    file: str

    def covers(self, day: str) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def strikes(self, path: str) -> bool:
        """Whether a generic path is one of the facts, stands below one, or holds one."""
        return any(within(path, one) or within(one, path) for one in self.facts)

    def reads(self) -> Iterator[str]:
        """The generic paths of facts that the trigger names or reads."""
        yield from self.facts
        yield from filter(None, (self.version, self.dated))
        yield from conditions.reads(self.when)


def load(house: House) -> dict[str, Trigger]:
    """Every trigger by id; one of an override folder replaces the shipped one of the same id."""
    triggers: dict[str, Trigger] = {}
    for record in house.records("schemas/changes.yaml"):
        here: set[str] = set()
        for data in record.data:
            if data["id"] in here:
                raise BeianError(f"变更事项“{data['id']}”写了两次。", place=Place(record.file))
            here.add(data["id"])
            triggers[data["id"]] = Trigger(
                id=data["id"],
                title=data["title"],
                does=data["does"],
                owed=data["level"] == "owed",
                facts=tuple(data.get("facts", ())),
                documents=tuple(data.get("documents", ())),
                since=data["since"],
                until=data.get("until"),
                when=data.get("when"),
                deadline=data.get("deadline"),
                version=data.get("version"),
                dated=data.get("dated"),
                reason=data["reason"],
                basis=tuple(data["basis"]),
                practice=data.get("practice"),
                certain=data["confidence"] in ("official", "several")
                and data["checked"] != "recalled",
                file=record.file,
            )
    return triggers
