"""Dated rules: the version in force on a day is chosen, and judged against the facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from beian import conditions, paths
from beian.conditions import Condition
from beian.errors import BeianError
from beian.laws import Register
from beian.model import Finding, Level, Place, Value, Verdict
from beian.printing import in_message
from beian.resources import House
from beian.view import Absent, Fact, View

_SLOT = re.compile(r"\{([a-z][a-z0-9_.\[\]]*)(?::([a-z]+))?\}")


class Version(NamedTuple):
    """What a rule says from ``since`` to ``until``, both days included.

    ``practice`` tells where a demand comes from that no text of law makes.
    """

    since: str
    until: str | None
    when: Condition | None
    must: Condition
    basis: tuple[str, ...]
    practice: str | None
    message: str
    hint: str | None

    def covers(self, day: str) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class Rule(NamedTuple):
    """A rule with its versions; ``each`` names a list whose items are judged one by one."""

    id: str
    title: str
    topic: str
    level: Level
    each: str | None
    versions: tuple[Version, ...]
    file: str

    def version(self, day: str) -> Version | None:
        """The version in force; None on a day that no version covers."""
        return next((one for one in self.versions if one.covers(day)), None)

    def reads(self) -> Iterator[str]:
        """The generic paths that any version may read."""
        if self.each:
            yield self.each
        for one in self.versions:
            yield from conditions.reads(one.when, self.each)
            yield from conditions.reads(one.must, self.each)


@dataclass(slots=True)
class Judgement:
    """What the rules found, and which absent facts they need or hang on.

    ``needed`` and ``deciding`` map an absent path to the rules that read it in ``must`` and in
    ``when``.
    """

    findings: list[Finding] = field(default_factory=list)
    needed: dict[str, list[Rule]] = field(default_factory=dict)
    deciding: dict[str, list[Rule]] = field(default_factory=dict)


def load(house: House) -> dict[str, Rule]:
    """Every rule by id; a rule of an override folder replaces the shipped one of the same id."""
    rules: dict[str, Rule] = {}
    for record in house.records("schemas/rules/*.yaml"):
        topic = record.relative.rpartition("/")[2].removesuffix(".yaml")
        here: set[str] = set()
        for data in record.data:
            if data["id"] in here:
                raise BeianError(f"规则“{data['id']}”写了两次。", place=Place(record.file))
            here.add(data["id"])
            rules[data["id"]] = Rule(
                id=data["id"],
                title=data["title"],
                topic=topic,
                level=Level(data["level"]),
                each=data.get("each"),
                versions=tuple(map(_version, data["versions"])),
                file=record.file,
            )
    return rules


def judge(
    rules: dict[str, Rule],
    view: View,
    as_of: str,
    register: Register,
    place: Callable[[str], Place],
) -> Judgement:
    """Judges every rule that exists on the day ``as_of`` against the facts in ``view``."""
    result = Judgement()
    for rule in rules.values():
        version = rule.version(as_of)
        if version is None:
            continue
        for item in _items(rule, version, view, result):
            _judge_one(rule, version, view, item, register, place, result)
    return result


def _version(data: dict[str, Value]) -> Version:
    return Version(
        since=data["since"],
        until=data.get("until"),
        when=data.get("when"),
        must=data["must"],
        basis=tuple(data["basis"]),
        practice=data.get("practice"),
        message=data["message"],
        hint=data.get("hint"),
    )


def _items(rule: Rule, version: Version, view: View, result: Judgement) -> list[str | None]:
    """What is judged: once without an item, or each item of the list."""
    if rule.each is None:
        return [None]
    node = view.read(rule.each)
    if isinstance(node, Fact):
        return [item.path for item in node.items()]
    assert isinstance(node, Absent)
    # An absent list matters only when the rest of the condition lets it.
    rest = conditions.judge(conditions.without_item(version.when), view)
    needs = node.needs if rest.verdict is Verdict.HOLDS else rest.needs
    for path in needs:
        result.deciding.setdefault(path, []).append(rule)
    return []


def _judge_one(
    rule: Rule,
    version: Version,
    view: View,
    item: str | None,
    register: Register,
    place: Callable[[str], Place],
    result: Judgement,
) -> None:
    when = conditions.judge(version.when, view, item)
    if when.verdict is Verdict.FAILS:
        return
    if when.verdict is Verdict.UNKNOWN:
        for path in when.needs:
            result.deciding.setdefault(path, []).append(rule)
        return
    must = conditions.judge(version.must, view, item, first=False)
    if must.verdict is Verdict.UNKNOWN:
        for path in must.needs:
            result.needed.setdefault(path, []).append(rule)
    elif must.verdict is Verdict.FAILS:
        failing = must.failing or next(iter(dict(conditions.fragments(version.must))))
        path = _fact_behind(failing, view)
        result.findings.append(
            Finding(
                rule=rule.id,
                level=rule.level,
                path=path,
                place=place(path),
                message=_filled(version.message, view, item, failing),
                hint=_filled(version.hint, view, item, failing) if version.hint else None,
                basis=tuple(map(register.cite, version.basis)),
                practice=version.practice,
            )
        )


def _fact_behind(path: str, view: View) -> str:
    """The stated fact to point at: a figure points at the first of its inputs."""
    field = view.field(path.partition("[")[0] if path.startswith("derived.") else path)
    if path.startswith("derived.") and field is not None and field.inputs:
        return field.inputs[0]
    return path


def _filled(message: str, view: View, item: str | None, failing: str) -> str:
    def fill(match: re.Match[str]) -> str:
        name, style = match[1], match[2]
        path = failing if name == "value" else name
        if item and (conditions.is_item(path)):
            path = item + path[4:]
        return in_message(view.read(path), style)

    return _SLOT.sub(fill, message)


def slots(message: str, each: str | None) -> Iterator[str]:
    """The generic paths that a message repeats."""
    for match in _SLOT.finditer(message):
        if match[1] != "value":
            path = match[1]
            yield paths.generic(f"{each}[]{path[4:]}" if conditions.is_item(path) else path)
