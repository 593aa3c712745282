"""Finds the risk or aspect that the class cells of a row name; never the likeliest one."""

from __future__ import annotations

from dataclasses import dataclass

from beian.annexes.kinds import Catalogue, Class, Column, Group, Kind
from beian.annexes.normalise import label
from beian.annexes.problems import shown
from beian.model import Level, Value


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a class cell leaves open; ``column`` is its position among the class columns."""

    column: int
    reason: str
    level: Level
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """The class that the cells name, or None; and the doubts about it."""

    known: Class | None
    doubts: tuple[Doubt, ...] = ()


class Classifier:
    """Resolves the class cells of one table; equal cells are resolved once."""

    def __init__(self, kind: Kind, catalogue: Catalogue, columns: list[Column]) -> None:
        self._columns = columns
        self._known = catalogue.classes(kind)
        self._groups = catalogue.groups if kind.classes == "risks" else ()
        self._required = kind.class_required
        self._called = "方面" if kind.classes == "aspects" else "风险"
        self._by_name: dict[str, Class] = {}
        self._group_by_name: dict[str, Group] = {}
        for one in self._known:
            for name in (one.title, *one.aliases):
                self._by_name[label(name)] = one
                if one.group is not None:
                    self._by_name[label(one.id) + label(name)] = one
                    self._by_name[label(one.id[-1]) + label(name)] = one  # a) 煽动…
            if one.group is not None:
                self._by_name[label(one.id)] = one
                self._by_name["附录a" + label(one.id)] = one
        for group in self._groups:
            for name in (group.title, *group.aliases, group.id, group.id + group.title):
                self._group_by_name[label(name)] = group
        self._done: dict[tuple[Value, ...], Resolved] = {}

    def __call__(self, cells: tuple[Value, ...]) -> Resolved:
        known = self._done.get(cells)
        if known is None:
            known = self._done[cells] = self._resolve(cells)
        return known

    def _resolve(self, cells: tuple[Value, ...]) -> Resolved:
        named: list[tuple[int, Class]] = []
        groups: list[tuple[int, Group]] = []
        unknown: list[int] = []
        for position, cell in enumerate(cells):
            words = label(str(cell)) if isinstance(cell, str) else (str(cell) if cell else "")
            if not words:
                continue
            if words in self._by_name:
                named.append((position, self._by_name[words]))
            elif words in self._group_by_name:
                groups.append((position, self._group_by_name[words]))
            else:
                unknown.append(position)
        if not named:
            return Resolved(None, self._nothing_named(cells, groups, unknown))
        first = named[0][1]
        for position, other in named[1:]:
            if other is not first:
                return Resolved(
                    None, (self._conflict(cells, position, named[0][0], first.title, other.title),)
                )
        for position, group in groups:
            if group.id != first.group:
                own = next(one.title for one in self._groups if one.id == first.group)
                return Resolved(
                    None,
                    (
                        Doubt(
                            position,
                            "class-conflict",
                            Level.BLOCK,
                            f"一级分类写为“{group.title}”，但“{first.title}”属于“{own}”。",
                            "核对这一行应当归入哪一类，改正其中一处。",
                        ),
                    ),
                )
        return Resolved(first, tuple(self._own_name(cells, one, first) for one in unknown))

    def _nothing_named(
        self, cells: tuple[Value, ...], groups: list[tuple[int, Group]], unknown: list[int]
    ) -> tuple[Doubt, ...]:
        if unknown:
            # The finest column decides; the coarser ones may hold the client's own names.
            position = unknown[-1]
            return (self._unknown(cells[position], position),)
        if groups:
            position, group = groups[0]
            return (
                Doubt(
                    position,
                    "class-too-coarse",
                    Level.BLOCK,
                    f"只写到一级分类“{group.title}”，没有写明是哪一类风险。",
                    "在“二级分类”栏写明附录 A 的风险名称，或者在“风险编号”栏写明编号（如 A.1.a）。",
                ),
            )
        if not self._required:
            return ()
        return (
            Doubt(
                0,
                "class-empty",
                Level.BLOCK,
                f"没有写明属于哪一类{self._called}。",
                f"补写{self._called}的名称；合并单元格拆分之后，每一行都要写。",
            ),
        )

    def _unknown(self, cell: Value, position: int) -> Doubt:
        from difflib import get_close_matches

        words = label(str(cell))
        near = get_close_matches(words, list(self._by_name), n=1, cutoff=0.5)
        if not near:
            near = [name for name in self._by_name if len(words) > 1 and words in name][:1]
        known = self._by_name[near[0]].title if near else ""
        advice = f"如果是指“{known}”，改为该名称；" if known else ""
        listed = "十三个方面之一" if self._called == "方面" else "附录 A 的风险名称或者编号"
        return Doubt(
            position,
            "class-unknown",
            Level.BLOCK,
            f"“{shown(cell)}”不是标准所列的{self._called}。",
            f"{advice}写法应为{listed}。",
        )

    def _conflict(
        self, cells: tuple[Value, ...], position: int, first: int, one: str, other: str
    ) -> Doubt:
        return Doubt(
            position,
            "class-conflict",
            Level.BLOCK,
            f"“{self._columns[first].title}”栏指向“{one}”，“{self._columns[position].title}”栏"
            f"指向“{other}”。",
            "核对这一行应当归入哪一类，改正其中一处。",
        )

    def _own_name(self, cells: tuple[Value, ...], position: int, known: Class) -> Doubt:
        return Doubt(
            position,
            "class-own-name",
            Level.REVIEW,
            f"“{shown(cells[position])}”不是标准的分类名称，这一行按“{known.title}”计数。",
            "自有的分类名称不必改；提交的清单将写标准的名称。",
        )
