"""Everything that is data, in one hand: schemas, laws, rules, conclusions, documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from beian import (
    conditions,
    deadlines,
    documents,
    duties,
    laws,
    requirements,
    rules,
    schema,
    triggers,
)
from beian.annexes import kinds
from beian.annexes.kinds import Catalogue
from beian.conditions import Condition
from beian.deadlines import Counting, Deadline
from beian.derive import Conclusion, load_conclusions
from beian.documents import Document
from beian.duties import ControlPoint, Duty
from beian.errors import BeianError
from beian.laws import Register
from beian.model import Place, Value
from beian.requirements import Requirements
from beian.resources import House
from beian.rules import Rule
from beian.schema import Field, Schema
from beian.triggers import Trigger


@dataclass(slots=True)
class Library:
    """The shipped data with the user's override folders laid over."""

    house: House
    schema: Schema
    derived_schema: Schema
    dossier_schema: Schema
    register: Register
    rules: dict[str, Rule]
    conclusions: dict[str, Conclusion]
    documents: dict[str, Document]
    deadlines: dict[str, Deadline]
    counting: dict[str, Counting]
    catalogue: Catalogue
    requirements: Requirements
    duties: dict[str, Duty]
    control_points: dict[str, ControlPoint]
    triggers: dict[str, Trigger]
    #: Figures of annexes by content, so that each file is counted once.
    counted: dict[bytes, dict[str, Value]] = field(default_factory=dict)
    #: Compiled templates by document and ending, so that each is compiled once.
    compiled: dict[tuple[str, str], Any] = field(default_factory=dict)

    @classmethod
    def open(cls, overrides: Iterable[Path] = ()) -> Library:
        """Reads all data; BeianError when an override folder holds something faulty."""
        house = House.open(tuple(overrides))
        library = cls(
            house=house,
            schema=schema.load(house, "schemas/facts.schema.json"),
            derived_schema=schema.load(house, "schemas/derived.schema.json"),
            dossier_schema=schema.load(house, "schemas/dossier.schema.json"),
            register=laws.load(house),
            rules=rules.load(house),
            conclusions=load_conclusions(house),
            documents=documents.load(house),
            deadlines=deadlines.load(house),
            counting=deadlines.load_counting(house),
            catalogue=kinds.load(house),
            requirements=requirements.load(house),
            duties=duties.load(house),
            control_points=duties.load_control_points(house),
            triggers=triggers.load(house),
        )
        if len(house.roots) > 1:  # the shipped data alone is looked through by a test
            library.refuse_faulty()
        return library

    def refuse_faulty(self) -> None:
        """What would otherwise be quiet: paths that nothing declares would be absent for ever,
        unknown laws, versions out of order, patterns that are none."""
        for rule in self.rules.values():
            owner = f"规则“{rule.id}”"
            self._refuse_paths(owner, rule.file, rule.reads())
            for one in rule.versions:
                self._refuse_version(owner, rule.file, one.since, one.until, one.basis)
                for text in (one.message, one.hint or ""):
                    self._refuse_paths(owner, rule.file, rules.slots(text, rule.each))
                for condition in (one.when, one.must):
                    self._refuse_patterns(owner, rule.file, condition)
        for conclusion in self.conclusions.values():
            for decision in conclusion.decisions:
                for case in decision.cases:
                    owner = f"结论“{conclusion.id}”"
                    self._refuse_paths(owner, conclusion.file, conditions.reads(case.when))
        for deadline in self.deadlines.values():
            self._refuse_deadline(deadline)
        for duty in self.duties.values():
            self._refuse_duty(duty)
        for trigger in self.triggers.values():
            self._refuse_trigger(trigger)
        outputs: dict[str, str] = {}
        for document in self.documents.values():
            owner, file = f"文书“{document.id}”", document.file
            signers = (row["signer"] for row in document.signatures)
            self._refuse_paths(owner, file, chain(conditions.reads(document.when), signers))
            self._refuse_version(owner, file, document.since, document.until, document.basis)
            if outputs.setdefault(document.output, document.id) != document.id:
                raise BeianError(
                    f"{owner}与“{outputs[document.output]}”的输出文件名相同。",
                    place=Place(file),
                    hint="改用另一个 output；要替换随附的文书，用相同的编号。",
                )

    def _refuse_deadline(self, deadline: Deadline) -> None:
        owner, file = f"期限“{deadline.id}”", deadline.file
        self._refuse_paths(owner, file, deadline.reads())
        for name in deadline.documents:
            if name not in self.documents:
                raise BeianError(f"{owner}所列的文书“{name}”不存在。", place=Place(file))
        for one in deadline.versions:
            basis = tuple(chain.from_iterable(limit.basis for limit in one.limits))
            self._refuse_version(owner, file, one.since, one.until, basis)
            self._refuse_patterns(owner, file, one.when)

    def _refuse_duty(self, duty: Duty) -> None:
        owner = f"义务“{duty.id}”"
        self._refuse_paths(owner, duty.file, duty.reads())
        self._refuse_version(owner, duty.file, duty.since, duty.until, duty.basis + duty.related)
        for condition in (duty.applies, *(one.when for one in duty.means)):
            self._refuse_patterns(owner, duty.file, condition)
        for one in duty.means:
            self._refuse_patterns(owner, duty.file, one.must)
            if one.measure is not None and not self._is_measure(one.measure):
                raise BeianError(f"{owner}的“{one.measure}”不是措施。", place=Place(duty.file))
        if duty.control_point not in (None, *self.control_points):
            raise BeianError(
                f"{owner}的控制点“{duty.control_point}”没有登记。", place=Place(duty.file)
            )
        for name in duty.deadlines:
            if name not in self.deadlines:
                raise BeianError(f"{owner}的期限“{name}”没有登记。", place=Place(duty.file))
        for carrier in duty.carriers:
            if carrier.document not in self.documents:
                raise BeianError(f"{owner}的文书“{carrier.document}”不存在。", place=Place(duty.file))

    def _refuse_trigger(self, trigger: Trigger) -> None:
        owner, file = f"变更事项“{trigger.id}”", trigger.file
        self._refuse_paths(owner, file, trigger.reads())
        self._refuse_version(owner, file, trigger.since, trigger.until, trigger.basis)
        self._refuse_patterns(owner, file, trigger.when)
        for name in trigger.documents:
            if name not in self.documents:
                raise BeianError(f"{owner}的文书“{name}”不存在。", place=Place(file))
        if trigger.deadline not in (None, *self.deadlines):
            raise BeianError(f"{owner}的期限“{trigger.deadline}”不存在。", place=Place(file))

    def _is_measure(self, path: str) -> bool:
        """Whether a path is a measure or a list of measures: something with a status."""
        item = self._measure(path)
        return item is not None and set(duties.MEASURE_KEYS) <= set(item.keys)

    def _measure(self, path: str) -> Field | None:
        """The declaration of a measure, or of the items of a list of measures."""
        found = self.field(path)
        return self.field(f"{path}[]") if found is not None and found.is_list else found

    def reads_of(self, duty: Duty) -> Iterator[str]:
        """The generic paths that the judgement of a duty may read, down to each key of a measure."""
        yield from duty.reads()
        for means in duty.means:
            item = self._measure(means.measure) if means.measure is not None else None
            if item is not None:
                told = (means.named_by, *duties.MEASURE_TEXTS, *duties.MEASURE_KEYS)
                yield from (f"{item.path}.{key}" for key in item.keys if key in told)

    def _refuse_paths(self, owner: str, file: str, reads: Iterable[str]) -> None:
        try:
            found = list(reads)
        except ValueError as error:
            raise BeianError(f"{owner}的路径不合写法（{error}）。", place=Place(file)) from None
        for path in found:
            known = self.field(path)
            if known is None or (path.startswith("derived.") and known.kind == "object"):
                raise BeianError(f"{owner}读取的“{path}”不是已声明的事实。", place=Place(file))

    def _refuse_version(
        self, owner: str, file: str, since: str, until: str | None, basis: tuple[str, ...]
    ) -> None:
        if until is not None and until < since:
            raise BeianError(f"{owner}的截止日 {until} 早于起始日 {since}。", place=Place(file))
        for reference in basis:
            self.register.cite(reference)

    def _refuse_patterns(self, owner: str, file: str, condition: Condition | None) -> None:
        for _, fragment in conditions.fragments(condition):
            for pattern in _patterns(fragment):
                try:
                    re.compile(pattern)
                except re.error:
                    raise BeianError(
                        f"{owner}的正则表达式 {pattern} 不合写法。", place=Place(file)
                    ) from None

    def field(self, path: str) -> Field | None:
        """The declaration of a generic path under any root; None when there is none."""
        root = path.partition(".")[0].partition("[")[0]
        known = {"derived": self.derived_schema, "dossier": self.dossier_schema}
        return known.get(root, self.schema).field(path)


def _patterns(fragment: Value) -> Iterator[str]:
    if isinstance(fragment, dict):
        for key, below in fragment.items():
            if key == "pattern":
                yield below
            else:
                yield from _patterns(below)
    elif isinstance(fragment, list):
        for below in fragment:
            yield from _patterns(below)
