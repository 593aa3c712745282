"""Facts as templates and rules see them: nodes that know their path, and three-valued logic.

A node is a :class:`Fact` (answered, perhaps with null) or :class:`Absent` (not answered). Logic over
nodes gives True, False or :class:`Unknown`; an Unknown carries the absent facts that decide it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from beian import paths
from beian.model import Value
from beian.paths import Step
from beian.schema import Field, Schema


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, because the facts named by ``needs`` are absent (in the order met)."""

    needs: tuple[str, ...]


@dataclass(slots=True)  # frozen would make every step of every path three times as slow
class Fact:
    """A stated or derived value with its path; children of a null fact are null."""

    value: Value
    path: str
    view: View

    @property
    def field(self) -> Field | None:
        return self.view.field(self.path)

    def child(self, step: Step) -> Node:
        path = paths.child(self.path, step)
        if self.view.reads is not None:
            self.view.reads.add(path)
        if self.value is None:
            return Fact(None, path, self.view)
        try:
            return Fact(self.value[step], path, self.view)
        except (KeyError, IndexError, TypeError):
            return Absent(path, (path,), self.view)

    def items(self) -> list[Node]:
        """The items of a list, each with its own path; none of null."""
        if self.value is None:
            return []
        return [Fact(item, f"{self.path}[{n}]", self.view) for n, item in enumerate(self.value)]


@dataclass(frozen=True, slots=True)
class Absent:
    """A fact that nobody has stated; ``needs`` names the facts to be asked for it."""

    path: str
    needs: tuple[str, ...]
    view: View

    @property
    def field(self) -> Field | None:
        return self.view.field(self.path)

    def child(self, step: Step) -> Node:
        path = paths.child(self.path, step)
        needs = (path,) if self.needs == (self.path,) else self.needs
        return Absent(path, needs, self.view)


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the derived tree that is no figure itself."""

    path: str
    view: View

    def child(self, step: Step) -> Node:
        return self.view.derived_node(paths.child(self.path, step))


Node = Fact | Absent | Branch
Truth = bool | Unknown


class DerivedValues(Protocol):
    """What the view asks for figures and conclusions."""

    schema: Schema

    def read(self, path: str) -> tuple[Value, tuple[str, ...] | None]:
        """A value, and None; or None, and the absent facts that keep it from being known."""
        ...


class View:
    """The facts, the derived values and any further roots, read by path.

    ``reads``, where given, collects the path of every stated fact that is looked at.
    """

    def __init__(
        self,
        facts: dict[str, Value],
        schema: Schema,
        derived: DerivedValues | None = None,
        extra: dict[str, tuple[Value, Schema]] | None = None,
        reads: set[str] | None = None,
    ) -> None:
        self.facts = facts
        self.schema = schema
        self.derived = derived
        self.extra = extra or {}
        self.reads = reads
        self._nodes: dict[str, Node] = {}

    def field(self, path: str) -> Field | None:
        """The declaration of a path, whichever root it stands under."""
        return self._schema(path).field(path)

    def title(self, path: str) -> str:
        """How a path is called in Chinese."""
        return self._schema(path).title(path)

    def _schema(self, path: str) -> Schema:
        root = path.partition(".")[0].partition("[")[0]
        if root == "derived" and self.derived is not None:
            return self.derived.schema
        return self.extra[root][1] if root in self.extra else self.schema

    def root(self, name: str) -> Node:
        """The node of a section, of ``derived``, or of a further root."""
        if name == "derived":
            return Branch("derived", self)
        if name in self.extra:
            return Fact(self.extra[name][0], name, self)
        if name in self.facts:
            if self.reads is not None:
                self.reads.add(name)
            return Fact(self.facts[name], name, self)
        return Absent(name, (name,), self)

    @cached_property
    def evidence_numbers(self) -> dict[str, int]:
        """The place of each evidence in its list, from 1, by id; papers cite it by that."""
        listed = self.facts.get("evidence")
        items = listed if isinstance(listed, list) else []
        return {
            one["id"]: number
            for number, one in reversed(list(enumerate(items, 1)))
            if isinstance(one, dict) and isinstance(one.get("id"), str)
        }

    def read(self, path: str) -> Node:
        """The node at a path."""
        if self.reads is not None:
            return self._read(path)  # each step is to be recorded
        node = self._nodes.get(path)
        if node is None:
            node = self._nodes[path] = self._read(path)
        return node

    def _read(self, path: str) -> Node:
        if self.derived is not None and path in self.derived.schema.fields:
            return self.derived_node(path)
        first, *rest = paths.parse(path)
        node = self.root(str(first))
        for step in rest:
            node = node.child(step)
        return node

    def derived_node(self, path: str) -> Node:
        """A figure or conclusion, or the branch that leads to some."""
        if self.derived is None:
            raise LookupError(f"no derived values here: {path}")
        field = self.derived.schema.field(path)
        if field is None:
            raise LookupError(f"not a derived value: {path}")
        if field.kind == "object":
            return Branch(path, self)
        value, needs = self.derived.read(path)
        return Fact(value, path, self) if needs is None else Absent(path, needs, self)


# --- three-valued logic ------------------------------------------------------------------------


def merged(*needs: Iterable[str]) -> tuple[str, ...]:
    """Paths of several answers, each once, in the order met."""
    return tuple(dict.fromkeys(path for part in needs for path in part))


def truth(thing: object) -> Truth:
    """Whether a node or a result holds: null, false, zero, empty text and empty lists do not."""
    if isinstance(thing, Fact):
        return bool(thing.value)
    if isinstance(thing, Absent):
        return Unknown(thing.needs)
    if isinstance(thing, Unknown):
        return thing
    return bool(thing)


def negation(thing: object) -> Truth:
    """``not``: the negation of the unknown is unknown."""
    known = truth(thing)
    return known if isinstance(known, Unknown) else not known


def conjunction(*things: object) -> Truth:
    """``and``: one false settles it; otherwise the first unknown leaves it open."""
    return _settle(things, settles=False)


def disjunction(*things: object) -> Truth:
    """``or``: one true settles it; otherwise the first unknown leaves it open."""
    return _settle(things, settles=True)


def _settle(things: Iterable[object], *, settles: bool) -> Truth:
    needs: tuple[str, ...] = ()
    for known in map(truth, things):
        if isinstance(known, Unknown):
            needs = needs or known.needs
        elif known is settles:
            return settles
    return Unknown(needs) if needs else not settles


_ORDER: dict[str, Callable[[Value, Value], bool]] = {
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}


def comparison(kind: str, left: object, right: object) -> Truth:
    """``== != < <= > >= in notin``; null is equal to null only, and in no order with anything."""
    needs = merged(*(_needs(side) for side in (left, right)))
    if needs:
        return Unknown(needs)
    one, other = plain(left), plain(right)
    if kind == "eq":
        return _equal(one, other)
    if kind == "ne":
        return not _equal(one, other)
    if kind in ("in", "notin"):
        inside = other is not None and any(_equal(one, item) for item in other)
        return inside is (kind == "in")
    if one is None or other is None:
        return False
    return _ORDER[kind](one, other)


def plain(thing: object) -> Value:
    """The value behind a node; a list of things becomes a list of their values."""
    if isinstance(thing, Fact):
        return thing.value
    if isinstance(thing, list):
        return [plain(item) for item in thing]
    return thing


def _needs(thing: object) -> tuple[str, ...]:
    if isinstance(thing, (Absent, Unknown)):
        return thing.needs
    if isinstance(thing, list):
        return merged(*map(_needs, thing))
    return ()


def _equal(one: Value, other: Value) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
