"""What to ask next: the first needed absent fact in question order; nothing is asked in vain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from beian import paths, pipeline
from beian.facts import Facts
from beian.interview.question import Question, describe, kind_of
from beian.library import Library
from beian.model import Finding, Value
from beian.pipeline import Examination
from beian.schema import SCHEMA_RULE

#: Stands after every position that a list can have.
_LAST = 1 << 30


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a matter needs on a day, as far as can be seen: an answer may open more.

    ``needed`` are absent facts in question order, and answers that the schema refuses; ``reads``
    every stated fact that some rule or document looked at; ``open_points`` the conclusions that
    only counsel can settle.
    """

    result: Examination
    needed: tuple[str, ...]
    open_points: tuple[str, ...]
    reads: frozenset[str]
    users: dict[str, tuple[str, ...]]

    def uses(self, path: str) -> bool:
        """Whether an answer is looked at by any rule or document, or is itself still needed."""
        return path in self.reads or path in self.needed


def look(
    facts: Facts,
    library: Library,
    as_of: str,
    *,
    only: Collection[str] = (),
    opened: Iterable[str] = (),
    wrong: list[Finding] | None = None,
) -> Outlook:
    """What the facts leave to be asked for the documents ``only`` (none named: the whole dossier).

    ``opened`` names list items and groups that the user has said are there, of which nothing is
    stated yet; ``wrong`` says what the schema finds, where the caller has asked it already.
    """
    reads: set[str] = set()
    result = pipeline.check(with_opened(facts, opened), library, as_of, reads, wrong)
    elsewhere = result.elsewhere(only)
    users: dict[str, tuple[str, ...]] = {}
    for entry in result.entries:
        for path, sections in entry.missing.items():
            parts = "、".join(
                one for one in map(_heading, sections) if one not in ("", entry.document.title)
            )
            title = f"《{entry.document.title}》" + (f"（{parts}）" if parts else "")
            users[path] = (*users.get(path, ()), title)
    for path, rules in result.needs.judged.needed.items():
        if path not in users:
            users[path] = tuple(f"检查项“{rule.title}”" for rule in rules)
    for path, titles in result.needs.hanging.items():
        users.setdefault(path, tuple(titles))
    for path, titles in {} if only else result.needs.awaited.items():
        users.setdefault(path, tuple(f"期限{one}" for one in titles))
    refused = {one.path for one in result.findings if one.rule == SCHEMA_RULE}
    asked = {path: _asked_as(path, result.facts.value, library) for path in users}
    absent = {asked[path] for path in users if path not in elsewhere and not _below(path, refused)}
    for path, group in asked.items():
        if group != path:
            users[group] = tuple(dict.fromkeys((*users.get(group, ()), *users[path])))
    open_points = tuple(path for path in absent if path in library.conclusions)
    needed = {
        path
        for path in absent | {path for path in refused if path}
        if (field := library.schema.field(path)) is not None
        and kind_of(field, library.schema) is not None
    }
    ordered = sorted(needed, key=library.schema.order)
    return Outlook(result, tuple(ordered), open_points, frozenset(reads), users)


def _asked_as(path: str, value: Value, library: Library) -> str:
    """The absent group above a path that may be answered with none, or the path itself."""
    steps = paths.parse(path)
    here = ""
    for step in steps[:-1]:
        here = paths.child(here, step)
        field = library.schema.field(here)
        if field is not None and field.kind == "object" and not stated(value, here):
            types = field.schema.get("type", ())
            if "null" in ([types] if isinstance(types, str) else types):
                return here
    return path


def _heading(section: str) -> str:
    """A heading without the marks that were left where it prints facts."""
    return section.strip("：:、，；。·—（）《》 ")


def with_opened(facts: Facts, opened: Iterable[str]) -> Facts:
    """The facts with an empty group laid where the user has said that there is one."""
    value: Value = facts.value
    for path in opened:
        if not stated(value, path):
            value = paths.with_value(value, paths.parse(path), {})
    if value is facts.value:
        return facts
    return replace(facts, placed=replace(facts.placed, value=value))


def stated(value: Value, path: str) -> bool:
    """Whether there is an answer (null included) at a path."""
    here = value
    for step in paths.parse(path):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def value_at(value: Value, path: str) -> Value:
    """The answer at a path; None when there is none."""
    here = value
    for step in paths.parse(path):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def next_path(
    outlook: Outlook,
    library: Library,
    *,
    skipped: Collection[str] = (),
    unfinished: Collection[str] = (),
    begun: Collection[str] = (),
    section: str = "",
) -> str | None:
    """The first fact to be asked; None when nothing is needed but what was ``skipped``.

    What has been begun is finished first: the parts of an item just added or of a group that is
    there (``begun``), then the list that the user is still filling (``unfinished``), which comes up
    again after its items.
    """
    order = library.schema.order
    candidates: list[tuple[tuple[int, ...], str]] = [
        (order(path), path)
        for path in (*outlook.needed, *first_parts(begun, outlook, library))
        if path not in unfinished
    ]
    candidates += [((*order(path), _LAST), path) for path in unfinished]
    first = {*begun, *unfinished}
    return min(
        (
            (not _below(path, first), key, path)
            for key, path in candidates
            if not _below(path, skipped) and (not section or _below(path, {section}))
        ),
        default=(True, (), None),
    )[2]


def first_parts(begun: Collection[str], outlook: Outlook, library: Library) -> list[str]:
    """The first part of each item of which nothing is needed: it is there once that is said."""
    found = []
    for path in begun:
        item = library.schema.field(path)
        below = any(one.startswith(f"{path}.") for one in outlook.needed)
        if path.endswith("]") and item is not None and item.keys and not below:
            found.append(f"{path}.{item.keys[0]}")
    return found


def next_question(
    facts: Facts, library: Library, as_of: str, *, only: Collection[str] = ()
) -> Question | None:
    """The next question of a matter as it stands; None when it needs nothing."""
    outlook = look(facts, library, as_of, only=only)
    path = next_path(outlook, library)
    if path is None:
        return None
    users = outlook.users.get(path, ())
    return describe(path, library, users=users, view=outlook.result.view)


def questions(
    facts: Facts, library: Library, as_of: str, *, only: Collection[str] = ()
) -> Iterator[Question]:
    """Every question that can be seen now, in order; answers may open more."""
    outlook = look(facts, library, as_of, only=only)
    for path in outlook.needed:
        users = outlook.users.get(path, ())
        yield describe(path, library, users=users, view=outlook.result.view)


def answered(value: Value) -> list[str]:
    """The path of every answer, in the order of the file."""
    return [path for path, _ in paths.leaves(value) if path]


def answered_below(value: Value, path: str) -> list[str]:
    """The path of every answer at or below a path, null aside."""
    here = value_at(value, path)
    return [one for one, found in paths.leaves(here, path) if found is not None]


def _below(path: str, above: Collection[str]) -> bool:
    """Whether a path is one of ``above`` or stands below one."""
    here = path
    while here:
        if here in above:
            return True
        here = paths.parent(here)
    return False
