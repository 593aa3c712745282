"""Holds the passages of an agreement against the rules for its terms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from beian.laws import Register
from beian.model import Finding, Level, Place, Value
from beian.terms.rules import Check, Patterns, TermsRule, Version
from beian.terms.text import Agreement, Passage

_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;\n]*")
_QUOTED = re.compile(r"《[^》]*》|“[^”]*”|「[^」]*」|\"[^\"]*\"")
_PUNCTUATION = re.compile(r"[\s，。；：、（）“”《》,.;:()]")
_SAID = re.compile(r"[，。；：！？]")
_AROUND = 30
_MOST_PLACES = 3


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding about the terms, with the clause it stands in and the words it rests on."""

    finding: Finding
    code: str
    clause: str
    quote: str

    def as_json(self) -> dict[str, Value]:
        record = self.finding.as_json()
        for key in ("path", "documents"):
            del record[key]
        return {"code": self.code, **record, "clause": self.clause, "text": self.quote}


@dataclass(slots=True)
class Reading:
    """What was remarked, in the order of the text; and what could not be looked at, and why."""

    remarks: list[Remark] = field(default_factory=list)
    unchecked: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Hit:
    """Where a check strikes: the passage (None for the whole text), the span, words for slots."""

    passage: Passage | None
    span: tuple[int, int]
    slots: Mapping[str, str] = field(default_factory=dict)
    absent: bool = False


def judge(
    agreement: Agreement, rules: Mapping[str, TermsRule], as_of: str, register: Register
) -> Reading:
    """Every remark that the rules in force on the day ``as_of`` make about the agreement."""
    reading = Reading()
    order = {id(one): number for number, one in enumerate(agreement.passages)}
    found: list[tuple[int, str, Remark]] = []
    for rule in rules.values():
        version = rule.version(as_of)
        for check in version.checks if version is not None else ():
            assert version is not None
            if check.kind == "plain" and agreement.passages[0].emphasis is None:
                reading.unchecked.append((rule.code, f"{rule.title}：文字文件没有格式，无法判断"))
                continue
            for hit in _KINDS[check.kind](check, agreement):
                at = order[id(hit.passage)] if hit.passage is not None else len(order)
                remark = _remark(rule, version, check, hit, agreement, register)
                # One passage may offend against one rule in several ways; the first check says it.
                apart = remark.finding.message if check.kind == "mixes" else ""
                found.append((at, f"{rule.id} {remark.finding.place} {apart}", remark))
    seen: set[str] = set()
    for _, key, remark in sorted(found, key=lambda one: one[0]):
        if key not in seen:
            seen.add(key)
            reading.remarks.append(remark)
    return reading


def _remark(
    rule: TermsRule,
    version: Version,
    check: Check,
    hit: _Hit,
    agreement: Agreement,
    register: Register,
) -> Remark:
    words = check.when_absent if hit.absent and check.when_absent else check.message
    for name, text in hit.slots.items():
        words = words.replace(f"{{{name}}}", text)
    place = hit.passage.where() if hit.passage is not None else "全文"
    finding = Finding(
        rule=rule.id,
        level=Level.REVIEW,
        path="",
        place=Place(f"{agreement.file} {place}"),
        message=words,
        hint=check.hint,
        basis=tuple(register.cite(one) for one in version.basis),
        practice=version.practice,
    )
    if hit.passage is None:
        return Remark(finding, rule.code, "", "")
    return Remark(finding, rule.code, hit.passage.heading, _around(hit.passage.text, hit.span))


def _around(text: str, span: tuple[int, int]) -> str:
    start, end = max(0, span[0] - _AROUND), min(len(text), span[1] + _AROUND)
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


# --- kinds of checks -----------------------------------------------------------------------------


def _says(check: Check, agreement: Agreement) -> Iterator[_Hit]:
    """Units in which all patterns are found, but none that excuses; one hit a passage."""
    for passage in agreement.passages:
        for span in _struck(check, passage, agreement):
            yield _Hit(passage, span)
            break


def _plain(check: Check, agreement: Agreement) -> Iterator[_Hit]:
    """The same, where the words of the first pattern do not stand out from the text."""
    for passage in agreement.passages:
        for start, end in _struck(check, passage, agreement):
            assert passage.emphasis is not None
            shown = zip(passage.text[start:end], passage.emphasis[start:end], strict=True)
            if not all(strong or _PUNCTUATION.match(letter) for letter, strong in shown):
                yield _Hit(passage, (start, end))
                break


def _lacks(check: Check, agreement: Agreement) -> Iterator[_Hit]:
    """The first passage on a topic, when what must be said about it is not said in the scope."""
    on_topic = [
        (passage, span)
        for passage in agreement.passages
        for span in _struck(check, passage, agreement)
    ]
    if check.all and not on_topic and check.when_absent is None:
        return
    clauses = {passage.clause for passage, _ in on_topic}
    scope = [
        one.text
        for one in agreement.passages
        if check.within == "document" or one.clause in clauses
    ]
    missing = [need.name for need in check.needs if not any(_found(need.any, one) for one in scope)]
    if missing or (check.all and not on_topic):
        # A heading only names the topic: what is missing is missing from the sentence below it.
        said = [one for one in on_topic if _SAID.search(one[0].text)] or on_topic
        passage, span = said[0] if said else (None, (0, 0))
        yield _Hit(
            passage, span, {"missing": "、".join(missing)}, absent=not on_topic and bool(check.all)
        )


def _mixes(check: Check, agreement: Agreement) -> Iterator[_Hit]:
    """The first use of the rarer of several names for one thing, when more than one is used."""
    uses: dict[str, list[tuple[Passage, tuple[int, int]]]] = {one.name: [] for one in check.needs}
    for passage in agreement.passages:
        for start, end in _units(check.within, passage):
            text = _QUOTED.sub(lambda one: "□" * len(one[0]), passage.text[start:end])
            if _found(check.unless, text):
                continue
            for pattern in check.spared:
                text = pattern.sub(lambda one: "□" * len(one[0]), text)
            for need in check.needs:
                for one in (match for pattern in need.any for match in pattern.finditer(text)):
                    uses[need.name].append((passage, (start + one.start(), start + one.end())))
    used = sorted((name for name in uses if uses[name]), key=lambda name: -len(uses[name]))
    for name in used[1:]:
        passage, span = uses[name][0]
        places = list(dict.fromkeys(one.where() for one, _ in uses[name]))[:_MOST_PLACES]
        slots = {"usual": used[0], "other": name, "count": str(len(uses[name]))}
        yield _Hit(passage, span, {**slots, "places": "、".join(places)})


_KINDS = {"says": _says, "plain": _plain, "lacks": _lacks, "mixes": _mixes}


def _struck(check: Check, passage: Passage, agreement: Agreement) -> Iterator[tuple[int, int]]:
    """Where the first pattern stands in each unit that has all of them and no excuse."""
    excused: bool | None = None
    for start, end in _units(check.within, passage):
        text = passage.text[start:end]
        found = [pattern.search(text) for pattern in check.all]
        if not found or None in found or _found(check.unless, text):
            continue
        if excused is None:
            excused = _found(check.spared, agreement.clauses[passage.clause])
        if excused:
            return
        first = found[0]
        assert first is not None
        yield start + first.start(), start + first.end()


def _units(within: str, passage: Passage) -> Iterator[tuple[int, int]]:
    if within != "sentence":
        yield 0, len(passage.text)
        return
    for one in _SENTENCE.finditer(passage.text):
        yield one.span()


def _found(patterns: Patterns, text: str) -> bool:
    return any(pattern.search(text) for pattern in patterns)
