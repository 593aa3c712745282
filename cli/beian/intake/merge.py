"""What a filled workbook would change in the facts: three ways, answer by answer."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from beian import paths
from beian.facts import canonical
from beian.intake import answers as cutting
from beian.intake.answers import Answers, digest
from beian.intake.layout import plan
from beian.intake.read import Reading, ReadList, ReadRow
from beian.model import Value
from beian.schema import Schema

ADD, CHANGE, REMOVE, ORDER = "add", "change", "remove", "order"


@dataclass(slots=True)
class Entry:
    """One answer that differs: what it is in the facts (``old``) and in the workbook (``new``).

    ``kind`` is add, change, remove, or order (of a list); ``place`` is the cell. ``row`` and
    ``below`` say which answer of which item it is.
    """

    kind: str
    path: str
    old: Value
    new: Value
    place: str
    row: ReadRow | None = None
    below: str = ""


@dataclass(slots=True)
class Merge:
    """The differences between a matter's facts and a workbook.

    ``entries`` can be taken one by one; ``conflicts`` changed on both sides since the export, and
    wait for somebody to decide; ``kept`` names what the facts alone have changed since.
    """

    value: dict[str, Value]
    reading: Reading
    entries: list[Entry] = field(default_factory=list)
    conflicts: list[Entry] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def take(self, conflict: Entry) -> int:
        """Lets the workbook prevail in a conflict; the position of its entry."""
        self.conflicts.remove(conflict)
        self.entries.append(conflict)
        return len(self.entries) - 1

    def result(self, accepted: Collection[int]) -> dict[str, Value]:
        """The facts with the entries at these positions taken."""
        taken = [self.entries[number] for number in sorted(accepted)]
        value = copy.deepcopy(self.value)
        by_list: dict[str, list[Entry]] = {}
        for entry in taken:
            path = entry.path.partition("[")[0]
            if path in self.reading.lists:
                by_list.setdefault(path, []).append(entry)
            elif entry.kind == REMOVE:
                _remove(value, entry.path)
            else:
                cutting.put(value, entry.path, entry.new)
        for path, entries in by_list.items():
            items = _rebuilt(_at(self.value, path), self.reading.lists[path], entries, path)
            if items == []:
                _remove(value, path)
            else:
                cutting.put(value, path, items)
        return value


def merge(
    value: dict[str, Value], reading: Reading, schema: Schema, prefer: str | None = None
) -> Merge:
    """What the workbook says anew; ``prefer`` (workbook or facts) decides where both did."""
    made = Merge(value, reading)
    ours = cutting.cut(value, plan(schema))
    merger = _Merger(made, ours, prefer)
    for path in reading.asked:
        if path not in reading.bad:
            merger.single(path)
    for path, listed in reading.lists.items():
        if not listed.bad:
            merger.listed(path, listed)
    for found in (made.entries, made.conflicts):
        found.sort(key=lambda entry: schema.order(entry.path))
    return made


def operations(old: Value, new: Value) -> tuple[dict[str, Value], list[str]]:
    """The smallest edits that make ``old`` into ``new``: answers to set, and then answers to take
    away, in an order in which none moves those that follow.

    Paths are those of ``old``; what is new in a list stands behind its end.
    """
    changes, removed = _operations(old, new, "")
    removed.sort(
        key=lambda path: [(isinstance(step, int), step) for step in paths.parse(path)], reverse=True
    )
    return changes, removed


def _operations(old: Value, new: Value, path: str) -> tuple[dict[str, Value], list[str]]:
    changes: dict[str, Value] = {}
    removed: list[str] = []

    def deeper(one: Value, other: Value, below: str) -> None:
        inner, gone = _operations(one, other, below)
        changes.update(inner)
        removed.extend(gone)

    if isinstance(old, dict) and isinstance(new, dict) and (new or not old or not path):
        for key, value in new.items():
            here = paths.child(path, key)
            if key in old:
                deeper(old[key], value, here)
            else:
                changes[here] = value
        removed.extend(paths.child(path, key) for key in old if key not in new)
        return changes, removed
    if isinstance(old, list) and isinstance(new, list):
        steps = _list_steps(old, new)
        if steps is None:
            return {path: new}, []
        end = len(old)
        for one, other in steps:
            if one is None and other is not None:
                changes[f"{path}[{end}]"] = new[other]
                end += 1
            elif one is not None and other is None:
                removed.append(f"{path}[{one}]")
            elif one is not None and other is not None:
                deeper(old[one], new[other], f"{path}[{one}]")
        return changes, removed
    if canonical(old) != canonical(new):
        changes[path] = new
    return changes, removed


def _list_steps(old: list[Value], new: list[Value]) -> list[tuple[int | None, int | None]] | None:
    """Which items become which, gone or added ones beside None; None when some come in between."""
    if not old or not new:
        return None
    matcher = difflib.SequenceMatcher(
        None, [canonical(one) for one in old], [canonical(one) for one in new], autojunk=False
    )
    steps: list[tuple[int | None, int | None]] = []
    for _, first, last, from_, to in matcher.get_opcodes():
        pairs = min(last - first, to - from_)
        if to - from_ > pairs and last != len(old):
            return None
        steps += [(first + n, from_ + n) for n in range(pairs)]
        steps += [(n, None) for n in range(first + pairs, last)]
        steps += [(None, n) for n in range(from_ + pairs, to)]
    return steps


class _Merger:
    """Compares the facts, the workbook, and what both were at export."""

    def __init__(self, made: Merge, ours: Answers, prefer: str | None) -> None:
        self.made = made
        self.ours = ours
        self.prefer = prefer
        stamp = made.reading.stamp
        assert stamp is not None, "only our own workbooks can be merged three ways"
        self.salt = stamp.facts
        # Facts without any answer are a new matter: nothing was taken away there.
        fresh = not ours.single and not ours.lists
        self.base: cutting.Digests = {} if fresh else stamp.base
        self.fresh = fresh
        self.counted: dict[str, list[tuple[int, str, Value]]] = {}
        for path, known in self.base.items():
            head, bracket, rest = path.partition("[")
            if bracket:
                number, _, below = rest.partition("].")
                self.counted.setdefault(head, []).append((int(number), below, known))

    def single(self, path: str) -> None:
        """One answer with a path of its own."""
        reading = self.made.reading
        self._compare(
            Entry("", path, None, None, reading.asked[path]),
            self.base.get(path),
            self.ours.single,
            path,
            reading.single,
            path,
        )

    def _compare(
        self,
        entry: Entry,
        base: Value,
        ours: dict[str, Value],
        key: str,
        theirs: dict[str, Value],
        their_key: str,
    ) -> None:
        here = digest(ours[key], self.salt) if key in ours else None
        there = digest(theirs[their_key], self.salt) if their_key in theirs else None
        if here == there:
            return
        entry.old, entry.new = ours.get(key), theirs.get(their_key)
        entry.kind = ADD if here is None else REMOVE if there is None else CHANGE
        if there == base:
            if self.prefer == "workbook":
                self.made.entries.append(entry)
            else:
                self.made.kept.append(entry.path)
        elif here == base:
            self.made.entries.append(entry)
        else:
            self._contested(entry)

    def _contested(self, entry: Entry) -> None:
        """Both sides changed: shown as a conflict, unless somebody has said which is right."""
        if self.prefer == "workbook":
            self.made.entries.append(entry)
        elif self.prefer == "facts":
            self.made.kept.append(entry.path)
        else:
            self.made.conflicts.append(entry)

    def listed(self, path: str, listed: ReadList) -> None:
        """A list of items."""
        ours = self.ours.lists.get(path)
        stated = path in self.ours.lists
        base = self._items(path)
        if self.fresh:
            listed.rows = [_as_new(row) for row in listed.rows]
        rows = listed.rows
        cleared = not listed.none and not rows
        theirs = None if listed.none else [cutting.item_of(one.cells) for one in rows]
        kind = REMOVE if cleared else CHANGE if stated else ADD
        whole = Entry(kind, path, ours, theirs, listed.place)
        count = self.base.get(path)
        same_there = self._unchanged(listed, base, count is None and path in self.base)
        same_here = (
            not stated
            if path not in self.base
            else stated and (ours is None) == (count is None) and self._like(ours or [], base)
        )
        if listed.none or (ours is None and stated):
            self._with_none(whole, listed, stated and ours is None, same_here, same_there)
        elif not stated and path in self.base:
            # Taken away from the facts after the export.
            if same_there and self.prefer != "workbook":
                self.made.kept.append(path)
            elif same_there or self.prefer == "workbook":
                listed.rows = [_as_new(row) for row in rows]
                self._add_all(path, listed.rows)
            else:
                self._contested(whole)
        elif not stated or same_here or (stated and self._aligned(ours or [], base)):
            self._items_of(path, listed, ours or [], base)
        elif same_there and self.prefer != "workbook":
            self.made.kept.append(path)
        elif not self._equal(ours or [], listed):
            self._contested(whole)

    def _with_none(
        self,
        whole: Entry,
        listed: ReadList,
        none_here: bool,
        same_here: bool,
        same_there: bool,
    ) -> None:
        """One side says that there is none."""
        if listed.none and none_here:
            return
        if same_there and self.prefer != "workbook":
            self.made.kept.append(whole.path)
        elif same_here or same_there:
            self.made.entries.append(whole)
        else:
            self._contested(whole)

    def _items(self, path: str) -> list[dict[str, Value]]:
        """The digests of the items at export."""
        count = self.base.get(path)
        items: list[dict[str, Value]] = [{} for _ in range(count if isinstance(count, int) else 0)]
        for number, below, known in self.counted.get(path, ()):
            if number < len(items):
                items[number][below] = known
        return items

    def _digests(self, item: dict[str, Value]) -> dict[str, Value]:
        return {key: digest(one, self.salt) for key, one in item.items()}

    def _like(self, items: list[dict[str, Value]], base: list[dict[str, Value]]) -> bool:
        return [self._digests(one) for one in items] == base

    def _unchanged(self, listed: ReadList, base: list[dict[str, Value]], none: bool) -> bool:
        if listed.none or none:
            return listed.none and none
        if [row.origin for row in listed.rows] != list(range(len(base))):
            return False
        return all(
            self._digests(row.cells).get(key) == base[number].get(key) or key in row.bad
            for number, row in enumerate(listed.rows)
            for key in listed.columns
        )

    def _equal(self, ours: list[dict[str, Value]], listed: ReadList) -> bool:
        return [self._digests(one) for one in ours] == [
            self._digests(row.cells) for row in listed.rows
        ]

    def _aligned(self, ours: list[dict[str, Value]], base: list[dict[str, Value]]) -> bool:
        """Whether the items of the facts are still those of the export, perhaps edited, perhaps
        with more behind them: each is unchanged or has kept its first answer."""
        if len(ours) < len(base) or not base:
            return False
        for item, was in zip(ours, base, strict=False):
            first = next(iter(was), None)
            now = self._digests(item)
            if now != was and (first is None or now.get(first) != was[first]):
                return False
        return True

    def _items_of(
        self,
        path: str,
        listed: ReadList,
        ours: list[dict[str, Value]],
        base: list[dict[str, Value]],
    ) -> None:
        """The list item by item, where the items of both sides are known to be the same."""
        for row in listed.rows:
            if row.origin is not None and row.origin >= len(base):
                row.origin = None
        kept = [row for row in listed.rows if row.origin is not None]
        for row in kept:
            number = row.origin
            assert number is not None
            for key in sorted(listed.columns - row.bad, key=_column_order(listed, ours, number)):
                place = row.places.get(key, row.place)
                self._compare(
                    Entry("", f"{path}[{number}].{key}", None, None, place, row, key),
                    base[number].get(key),
                    ours[number],
                    key,
                    row.cells,
                    key,
                )
        for number in sorted(set(range(len(base))) - {row.origin for row in kept}):
            entry = Entry(REMOVE, f"{path}[{number}]", ours[number], None, listed.place)
            if self._digests(ours[number]) == base[number]:
                self.made.entries.append(entry)
            else:
                self._contested(entry)
        order = [row.origin for row in kept]
        if order != sorted(order, key=lambda one: one or 0):
            old = [self._named(ours[n]) for n in range(len(base)) if n in order]
            new = [self._named(ours[n]) for n in order if n is not None]
            self.made.entries.append(Entry(ORDER, path, old, new, listed.place))
        known = [self._digests(one) for one in ours[len(base) :]]
        self._add_all(
            path,
            [
                one
                for one in listed.rows
                if one.origin is None and self._digests(one.cells) not in known
            ],
            len(ours),
        )

    def _add_all(self, path: str, rows: list[ReadRow], end: int = 0) -> None:
        for number, row in enumerate(rows, end):
            if row.cells:
                made = cutting.item_of(row.cells)
                self.made.entries.append(
                    Entry(ADD, f"{path}[{number}]", None, made, row.place, row)
                )

    @staticmethod
    def _named(item: dict[str, Value]) -> Value:
        return next((one for one in item.values() if isinstance(one, str)), "…")


def _as_new(row: ReadRow) -> ReadRow:
    row.origin = None
    return row


def _column_order(
    listed: ReadList, ours: list[dict[str, Value]], number: int
) -> Callable[[str], tuple[int, str]]:
    known = list(ours[number])
    return lambda key: (known.index(key) if key in known else len(known), key)


def _rebuilt(ours: Value, listed: ReadList, entries: list[Entry], path: str) -> list[Value] | None:
    """A list with some entries taken: the rows in their order, the items of the facts behind."""
    whole = next((one for one in entries if one.path == path and one.kind != ORDER), None)
    if whole is not None:
        if listed.none:
            return None
        return [cutting.item_of(row.cells) for row in listed.rows]
    items: list[Value] = list(ours) if isinstance(ours, list) else []
    edited = copy.deepcopy(items)
    removed: set[int] = set()
    added: set[int] = set()  # rows, by identity
    for entry in entries:
        if entry.kind == ORDER:
            continue
        if entry.row is not None and not entry.below:
            added.add(id(entry.row))
        elif not entry.below:
            removed.add(int(entry.path.removeprefix(f"{path}[").removesuffix("]")))
        elif entry.row is not None and entry.row.origin is not None:
            item = edited[entry.row.origin]
            if entry.kind == REMOVE or entry.below not in entry.row.cells:
                _remove(item, entry.below)
            else:
                cutting.put(item, entry.below, entry.new)
    by_row = any(one.kind == ORDER for one in entries)
    placed = [row.origin for row in listed.rows if row.origin is not None]
    if not by_row:
        placed.sort()
    sequence: list[int | ReadRow] = []
    wanted = iter(placed)
    for row in listed.rows:
        if row.origin is not None:
            sequence.append(next(wanted))
        elif id(row) in added:
            sequence.append(row)
    for number in sorted(set(range(len(items))) - set(placed)):
        if number not in removed:
            at = next(
                (n for n, one in enumerate(sequence) if isinstance(one, int) and one > number),
                None,
            )
            sequence.insert(len(sequence) if at is None else at, number)
    return [edited[one] if isinstance(one, int) else cutting.item_of(one.cells) for one in sequence]


def _remove(value: Value, path: str) -> None:
    """Takes an answer away, and the groups that hold nothing else."""
    *above, last = path.split(".")
    holders = [value]
    for key in above:
        holder = holders[-1].get(key)
        if not isinstance(holder, dict):
            return
        holders.append(holder)
    holders[-1].pop(last, None)
    for key, holder in zip(reversed(above), reversed(holders[:-1]), strict=True):
        if holder[key] == {}:
            del holder[key]


def _at(value: Value, path: str) -> Value:
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
