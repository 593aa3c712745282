"""The dated rules for the terms of an agreement, as schemas/terms/*.yaml states them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from beian.errors import BeianError
from beian.model import Place, Value
from beian.resources import House

_WORD = re.compile(r"<([a-z_]+)>")
Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that must be said: its name, and the patterns of which one says it."""

    name: str
    any: Patterns


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look for; which fields count depends on ``kind``, see terms.schema.json."""

    kind: str
    within: str
    all: Patterns
    unless: Patterns
    spared: Patterns
    needs: tuple[Need, ...]
    message: str
    when_absent: str | None
    hint: str


@dataclass(frozen=True, slots=True)
class Version:
    """What a rule looks for from ``since`` to ``until``, both days included."""

    since: str
    until: str | None
    basis: tuple[str, ...]
    practice: str | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class TermsRule:
    """A rule for the terms; ``code`` is its number in the catalogue of checks."""

    id: str
    code: str
    title: str
    versions: tuple[Version, ...]
    file: str

    def version(self, day: str) -> Version | None:
        """The version in force; None on a day that no version covers."""
        for one in self.versions:
            if one.since <= day and (one.until is None or day <= one.until):
                return one
        return None


def load(house: House) -> dict[str, TermsRule]:
    """Every rule by id; a rule of an override folder replaces the shipped one of the same id."""
    records = [*house.records("schemas/terms/*.yaml")]
    words = {name: text for one in records for name, text in one.data.get("words", {}).items()}
    rules: dict[str, TermsRule] = {}
    for record in records:
        for data in record.data.get("rules", ()):
            rules[data["id"]] = _rule(data, words, record.file)
    return dict(sorted(rules.items(), key=lambda one: _catalogue(one[1].code)))


def _catalogue(code: str) -> tuple[str, int]:
    return code.rstrip("0123456789"), int(re.sub(r"\D", "", code) or 0)


def _rule(data: dict[str, Value], words: Mapping[str, str], file: str) -> TermsRule:
    def compiled(texts: list[str] | None) -> Patterns:
        return tuple(
            _compiled(text, words, f"条款规则“{data['id']}”", file) for text in texts or ()
        )

    def check(one: dict[str, Value]) -> Check:
        needs = (Need(need["name"], compiled(need["any"])) for need in one.get("needs", ()))
        return Check(
            kind=one["kind"],
            within=one.get("within", "sentence"),
            all=compiled(one.get("all")),
            unless=compiled(one.get("unless")),
            spared=compiled(one.get("spared")),
            needs=tuple(needs),
            message=one["message"],
            when_absent=one.get("when_absent"),
            hint=one["hint"],
        )

    versions = tuple(
        Version(
            since=one["since"],
            until=one.get("until"),
            basis=tuple(one["basis"]),
            practice=one.get("practice"),
            checks=tuple(map(check, one["checks"])),
        )
        for one in data["versions"]
    )
    return TermsRule(data["id"], data["code"], data["title"], versions, file)


def _compiled(text: str, words: Mapping[str, str], owner: str, file: str) -> re.Pattern[str]:
    def spelt(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise BeianError(f"{owner}所用的词组 <{found[1]}> 没有定义。", place=Place(file))
        return f"(?:{words[found[1]]})"

    try:
        return re.compile(_WORD.sub(spelt, text))
    except re.error:
        raise BeianError(f"{owner}的正则表达式 {text} 不合写法。", place=Place(file)) from None
