"""Judges annexes alone, without a matter: the same rules, for a service that has to be assessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from beian import rules
from beian.annexes import bounds, reading
from beian.annexes.bounds import Bound
from beian.annexes.kinds import Kind
from beian.annexes.problems import Problem
from beian.annexes.reading import Annexes, Source
from beian.derive import Derived
from beian.library import Library
from beian.model import Citation, Finding, Level, Place, Value
from beian.rules import Rule
from beian.view import View

_ROOT = "derived.annex."
_ASSUMED = "derived.scope.opinion_attribute"


@dataclass(slots=True)
class Examination:
    """Annexes judged for one day."""

    annexes: Annexes
    findings: list[Finding]
    as_of: str
    strict: bool
    library: Library
    view: View

    @property
    def stops(self) -> bool:
        """Whether a row was left out or a bound of the chosen profile is missed."""
        things: list[Finding | Problem] = [*self.findings, *self.annexes.problems]
        return any(self.strict or one.level.stops for one in things)

    @property
    def yardsticks(self) -> list[Citation]:
        """The standards that the rules of the day rest on."""
        cited = [
            self.library.register.cite(reference.partition(":")[0])
            for _, version in bounds.on(self.library.rules.values(), self.as_of)
            for reference in version.basis
        ]
        return list(dict.fromkeys(cited))

    def kinds(self) -> Iterator[tuple[Kind, dict[str, Value]]]:
        """Every kind that was found, with its figures, in the order of the catalogue's files."""
        for kind in self.library.catalogue.kinds.values():
            if kind.id in self.annexes.figures:
                yield kind, self.annexes.figures[kind.id]

    def bounds(self, each: str, name: str) -> list[Bound | None]:
        """For each item of a list: which bound (minimum or maximum) ``name`` has on the day, its
        value, and its weight; None where the rules of the day set none."""
        return bounds.of_items(self.library.rules.values(), self.view, self.as_of, each, name)


def examine(
    sources: Iterable[Source],
    library: Library,
    as_of: str,
    *,
    strict: bool = False,
    keep: bool = False,
) -> Examination:
    """The annexes read and judged for a day, as if for a service with the opinion attribute.

    BeianError when none of the files can be opened.
    """
    sources = list(sources)
    annexes = reading.read(sources, library.catalogue, keep=keep)
    if len(annexes.unopened) == len(sources):
        raise annexes.unopened[0]
    facts: dict[str, Value] = {
        "annexes": [
            {"file": file, "kind": kind} for kind, files in annexes.files.items() for file in files
        ],
        "determinations": [
            {
                "conclusion": _ASSUMED,
                "value": True,
                "reason": "只检查附件",
                "by": "附件检查",
                "on": as_of,
            }
        ],
    }
    derived = Derived(
        library.derived_schema, library.conclusions, as_of, annexes=lambda _: annexes.figures
    )
    view = View(facts, library.schema, derived)
    derived.view = view
    chosen = {name: rule for name, rule in library.rules.items() if rule.topic == bounds.TOPIC}
    judged = rules.judge(chosen, view, as_of, library.register, Place)
    findings = [
        replace(one, place=Place("、".join(_files(chosen[one.rule], annexes))))
        for one in judged.findings
    ]
    order = list(Level)
    findings.sort(key=lambda one: order.index(one.level))
    return Examination(annexes, findings, as_of, strict, library, view)


def _files(rule: Rule, annexes: Annexes) -> list[str]:
    """The files that a rule is about."""
    kinds = [
        path.removeprefix(_ROOT).partition(".")[0]
        for path in rule.reads()
        if path.startswith(_ROOT)
    ]
    # Items may be listed where no record is: then the list of items is what the rule is about.
    return annexes.files.get(kinds[0]) or annexes.files.get("results") or ["—"]
