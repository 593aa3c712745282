"""What changed between two sets of facts, and what each change calls forth by when."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date

from beian import conditions, due, paths
from beian.due import Reached
from beian.facts import canonical
from beian.library import Library
from beian.model import Finding, Level, Place, Value, Verdict
from beian.paths import child, generic
from beian.printing import value_text
from beian.schema import Field, Schema, mask
from beian.triggers import Trigger
from beian.view import Fact, View

#: The facts in which the user states what has changed since the filing.
STATED = "filing_history.changes"
#: What tells one item of a list from another, in the order in which it is tried.
_KEYS = (("id",), ("name", "form"), ("name",), ("modality",), ("title",), ("file",), ("what",),
         ("kind",), ("use",))  # fmt: skip


class Nothing:
    """What stands where a fact is absent, which is not null."""


NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class Change:
    """One fact that differs; ``path`` is its place in the new facts, of a removed one in the old.

    ``old`` or ``new`` is NOTHING where the fact, or the item of a list, is not there. ``item`` is
    what the list item is called in which it stands.
    """

    path: str
    old: Value
    new: Value
    item: str | None = None

    @property
    def generic(self) -> str:
        return generic(self.path)


@dataclass(frozen=True, slots=True)
class Struck:
    """A trigger that some changes strike.

    ``verdict`` is UNKNOWN when the absent facts ``needs`` decide whether it applies. ``start`` is
    the day the period runs from, ``start_path`` the fact that states it; None where no fact does
    and the day of the report was taken. ``same_version`` says that a paper has changed while its
    version has not.
    """

    trigger: Trigger
    changes: tuple[Change, ...]
    documents: tuple[str, ...]
    verdict: Verdict
    needs: tuple[str, ...]
    start: date
    start_path: str | None
    limits: tuple[Reached, ...]
    same_version: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that changed since ``filed_on`` (None: between two sets of facts) and what it
    calls forth."""

    changes: tuple[Change, ...]
    struck: tuple[Struck, ...]
    filed_on: str | None = None
    intact: bool | None = None


# --- comparing -----------------------------------------------------------------------------------

def compare(old: Value, new: Value, schema: Schema) -> list[Change]:
    """The facts that differ, in question order."""
    found = list(_compare(old, new, "", None, schema))
    return sorted(found, key=lambda one: schema.order(one.path))


def _compare(
    old: Value, new: Value, path: str, item: str | None, schema: Schema
) -> Iterator[Change]:
    if _same(old, new):
        return
    sides = [{} if side is NOTHING else side for side in (old, new)]
    item_alone = path.endswith("]") and NOTHING in (old, new)
    if all(isinstance(side, dict) for side in sides) and not item_alone:
        for key in dict.fromkeys((*sides[0], *sides[1])):
            below = child(path, key)
            if schema.field(below) is None:
                continue  # no fact: the schema says so, and it may be no path either
            before, after = (side.get(key, NOTHING) for side in sides)
            yield from _compare(before, after, below, item, schema)
    elif _of_mappings(old) and _of_mappings(new):
        for one, other in _pairs(old, new):
            here = child(path, one if other is None else other)  # type: ignore[arg-type]  # not both
            before = NOTHING if one is None else old[one]
            after = NOTHING if other is None else new[other]
            named = _called(before if other is None else after, here, schema)
            yield from _compare(before, after, here, named, schema)
    else:
        yield Change(path, old, new, item)


def _same(old: Value, new: Value) -> bool:
    """Equal and of one kind: 1 is not true, and an absent fact is not null."""
    if old is NOTHING or new is NOTHING:
        return old is new
    return canonical(old) == canonical(new)


def _of_mappings(value: Value) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _pairs(old: list[Value], new: list[Value]) -> Iterator[tuple[int | None, int | None]]:
    """Which item of a list became which: equal ones, then ones of the same name, then the next that
    says mostly the same; what is left was removed or added."""
    olds, news = dict(enumerate(old)), dict(enumerate(new))
    paired: list[tuple[int | None, int | None]] = []

    def pair(alike: Callable[[Value, Value], bool]) -> None:
        for one in list(olds):
            other = next((at for at in news if alike(olds[one], news[at])), None)
            if other is not None:
                paired.append((one, other))
                del olds[one], news[other]

    pair(_same)
    for keys in _KEYS:
        pair(lambda one, other, keys=keys: all(  # type: ignore[misc]  # bound now
            key in one and key in other and one[key] == other[key] for key in keys))
    pair(_mostly_alike)
    yield from sorted(paired, key=lambda one: one[1] or 0)
    yield from ((one, None) for one in olds)
    yield from ((None, other) for other in news)


def _mostly_alike(one: Value, other: Value) -> bool:
    left, right = dict(paths.leaves(one)), dict(paths.leaves(other))
    same = sum(1 for path, value in left.items() if path in right and right[path] == value)
    return same * 2 >= max(len(left), len(right))


def _called(item: Value, path: str, schema: Schema) -> str | None:
    """What an item of a list is called by; products of one name are told apart by their form."""
    for key in ("name", "title", "what", "modality", "use", "id"):
        if isinstance(item, dict) and isinstance(item.get(key), str):
            named = value_text(item[key], schema.field(child(path, key)))
            form = item.get("form")
            return f"{named}（{value_text(form, schema.field(child(path, 'form')))}）" if form else named
    return None


# --- in words ------------------------------------------------------------------------------------

def title(change: Change, schema: Schema) -> str:
    """What has changed, in Chinese: 产品“云笺”·访问地址."""
    field = schema.field(change.path)
    listed = schema.field(change.path[: change.path.rfind("[")])
    if change.item is None or listed is None:
        return schema.title(change.path)
    named = f"{listed.title}“{change.item}”"
    return named if change.path.endswith("]") else f"{named}·{field.title if field else ''}"


def text(value: Value, path: str, schema: Schema, hidden: str | None = None) -> str:
    """A value in words; ``hidden`` stands for personal data, which is masked where it is None."""
    if value is NOTHING:
        return "（没有）" if path.endswith("]") else "（未填）"
    field = schema.field(path)
    if isinstance(value, dict):
        parts = ((child(path, key), part) for key, part in value.items())
        return "；".join(
            f"{_title(one, schema)}：{text(part, one, schema, hidden).removesuffix('。')}"
            for one, part in parts
        )
    if _of_mappings(value):
        return "；".join(
            text(part, child(path, at), schema, hidden) for at, part in enumerate(value)
        )
    if field is not None and field.sensitive and value is not None:
        return hidden or mask(str(value))
    if isinstance(value, list):
        return _listed(value, field)
    return value_text(value, field)


def _listed(value: list[Value], field: Field | None) -> str:
    said = [value_text(one, field) for one in value]
    return "".join(said) if all(one.endswith("。") for one in said) else "；".join(said)


def _title(path: str, schema: Schema) -> str:
    field = schema.field(path)
    return field.title if field else path


# --- what it calls forth -------------------------------------------------------------------------

def judge(
    changes: list[Change], library: Library, view: View, on: str, changed: Collection[str] = ()
) -> list[Struck]:
    """The triggers that strike, in the order of the data.

    ``view`` sees the new facts; ``on`` is the day from which a period runs that no fact gives a day
    for; ``changed`` names the documents whose text has changed.
    """
    found: list[Struck] = []
    settled: set[str] = set()  # by a change filing that is owed: no other has to be thought of
    for trigger in library.triggers.values():
        mine = tuple(one for one in changes if trigger.strikes(one.generic))
        if trigger.does in ("change_filing", "nothing") and not trigger.owed:
            mine = tuple(one for one in mine if one.path not in settled)
        papers = tuple(one for one in trigger.documents if one in changed)
        if not trigger.covers(on) or not (mine or papers):
            continue
        outcome = conditions.judge(trigger.when, view)
        if outcome.verdict is Verdict.FAILS:
            continue
        if trigger.does == "change_filing" and trigger.owed:
            settled.update(one.path for one in mine)
        start, path = _start(trigger, library, view, on)
        same = bool(trigger.version) and not any(one.path == trigger.version for one in changes)
        # Without a new version there is no day on which it takes effect.
        limits = () if same else _limits(trigger, library, view, start)
        found.append(
            Struck(
                trigger, mine, papers, outcome.verdict, outcome.needs, start, path, limits, same
            )
        )
    return found


def _start(trigger: Trigger, library: Library, view: View, on: str) -> tuple[date, str | None]:
    """The day of the change as the facts state it, else ``on``."""
    deadline = library.deadlines[trigger.deadline] if trigger.deadline else None
    if deadline is not None and deadline.each == STATED:
        for item in unfiled(view):
            kind, changed_on = item.child("kind"), item.child("changed_on")
            told = isinstance(kind, Fact) and isinstance(changed_on, Fact)
            if told and kind.value == trigger.id:  # type: ignore[union-attr]  # told says so
                return date.fromisoformat(changed_on.value), changed_on.path  # type: ignore[union-attr]
    elif deadline is not None and deadline.each is None:
        node = view.read(deadline.starts[0])
        if isinstance(node, Fact) and node.value is not None:
            return date.fromisoformat(node.value), node.path
    return date.fromisoformat(on), None


def unfiled(view: View) -> list[Fact]:
    """The stated changes for which nothing has been filed yet."""
    node = view.read(STATED)
    items = node.items() if isinstance(node, Fact) else []
    return [
        item
        for item in items
        if isinstance(item, Fact)
        and isinstance(filed := item.child("filed_on"), Fact)
        and filed.value is None
    ]


def _limits(trigger: Trigger, library: Library, view: View, start: date) -> tuple[Reached, ...]:
    deadline = library.deadlines[trigger.deadline] if trigger.deadline else None
    version = deadline.version(start.isoformat()) if deadline else None
    if deadline is None or version is None:
        return ()
    return tuple(due.reached(library, view, deadline, one, start) for one in version.limits)


# --- since the last filing -----------------------------------------------------------------------

def as_value(compared: Comparison | None, view: View, schema: Schema) -> Value:
    """What the note on a change of the filing prints: an old and a new value for each fact.

    A change that counsel has to decide on is listed where the facts state a change of its kind.
    """
    if compared is None:
        return {"filed_on": None, "rows": None}
    stated = set(kinds(view))
    rows = []
    for one in _filings(compared):
        if one.trigger.owed or one.trigger.id in stated:
            rows += [
                {
                    "kind": one.trigger.title,
                    "fact": title(change, schema),
                    **{
                        side: text(_told(value, change, one.trigger), change.path, schema, _HIDDEN)
                        for side, value in (("old", change.old), ("new", change.new))
                    },
                }
                for change in one.changes
            ]
    return {"filed_on": compared.filed_on, "rows": rows or None}


def _told(value: Value, change: Change, trigger: Trigger) -> Value:
    """Of an item that was added or removed, what the trigger is about."""
    if not isinstance(value, dict):
        return value
    return {
        key: part
        for key, part in value.items()
        if trigger.strikes(generic(child(change.path, key)))
    }


_HIDDEN = "（以备案系统的填报为准）"


def kinds(view: View) -> Iterator[str]:
    """The kinds of the stated changes for which nothing has been filed yet."""
    for item in unfiled(view):
        kind = item.child("kind")
        if isinstance(kind, Fact):
            yield kind.value


def findings(
    compared: Comparison | None, view: View, library: Library, place: Callable[[str], Place]
) -> Iterator[Finding]:
    """Changes since the last filing that the facts do not state, and snapshots that cannot be
    relied on."""
    stated = list(kinds(view))
    if compared is None:
        if stated:
            yield Finding(
                rule="filed-snapshot", level=Level.BLOCK, path=STATED, place=place(STATED),
                message="有尚未办理的备案变更，但没有备案时的快照，无法列出变更前后的内容。",
                hint="把备案时的事实另存为 filed/备案日期/facts.json；以后提交时用 beian build --filed 日期 留存。",
            )
        return
    if compared.intact is False:
        yield Finding(
            rule="filed-snapshot", level=Level.REVIEW, path=STATED, place=place(STATED),
            message=f"{compared.filed_on} 备案快照中的事实与其清单不符，可能在留存之后被改过。",
            hint="对照备案系统中已提交的内容核对，从备份恢复 filed/ 中的文件。",
        )
    for one in _filings(compared):
        if one.trigger.id in stated:
            continue
        named = [title(change, library.schema) for change in one.changes]
        listed = "、".join(named[:3]) + (f" 等 {len(named)} 处" if len(named) > 3 else "")
        path = one.changes[0].path
        yield Finding(
            rule="filed-facts-changed", level=Level.REVIEW, path=path, place=place(path),
            message=f"与 {compared.filed_on} 备案时相比，“{one.trigger.title}”已有改动（{listed}），"
            f"{'应当' if one.trigger.owed else '由律师判断是否'}办理变更备案。",
            hint=f"在 filing_history.changes 中加一项：kind: {one.trigger.id}、变更日期和原因；"
            "尚未实际变更的，待变更之日再填。",
            basis=tuple(map(library.register.cite, one.trigger.basis)),
            practice=one.trigger.practice,
        )


def _filings(compared: Comparison) -> list[Struck]:
    return [one for one in compared.struck if one.trigger.does == "change_filing"]
