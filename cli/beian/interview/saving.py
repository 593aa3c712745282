"""Saves an answer that the schema admits, and says what else it changed."""

from __future__ import annotations

from dataclasses import replace

from beian import paths, scope
from beian.errors import BeianError
from beian.interview.answer import refuse_control
from beian.interview.next_question import Outlook, with_opened
from beian.interview.state import State
from beian.model import Finding, Value
from beian.printing import value_text


def save(
    state: State, changes: dict[str, Value], about: str, removed: tuple[str, ...] = ()
) -> bool:
    """Whether the change was admitted and written; otherwise the notes say why not."""
    try:
        for value in changes.values():
            refuse_control(value)
    except BeianError as error:
        state.notes.append(state.told(error))
        return False
    section = str(paths.parse(about)[0])
    found = _findings(state, section, changes, removed)
    refused = state.refused(found, about)
    if refused:
        state.notes += map(state.said, refused)
        return False
    held = frozenset(state.answers())
    try:
        state.store.save(changes, removed)
    except BeianError as error:
        state.notes.append(state.told(error))
        return False
    others = [one for one in state.wrong if not _in_part(one.path, section)]
    state.wrong = [*others, *found]
    state.prune()
    before, state.outlook = state.outlook, state.look()
    _tell(state, before, held, about)
    return True


def _findings(
    state: State, section: str, changes: dict[str, Value], removed: tuple[str, ...]
) -> list[Finding]:
    """What the schema says of a section with the changes made, by the same path as a file."""
    facts = with_opened(state.store.facts, state.store.progress.opened if changes else ())
    value: Value = facts.value
    for path, new in changes.items():
        value = paths.with_value(value, paths.parse(path), new)
    for path in removed:
        value = paths.without(value, paths.parse(path))
    part = {section: value[section]} if section in value else {}
    return state.library.schema.check(replace(facts.placed, value=part), state.words.lang)


def _tell(state: State, before: Outlook, held: frozenset[str], path: str) -> None:
    """Says what a change did beyond itself; ``held`` are the answers that were there before it."""
    now, words = state.outlook, state.words
    known = [one for one in state.answers() if one in held and not _in_part(one, path)]
    gone = [one for one in known if one in before.reads and one not in now.reads]
    back = [one for one in known if one in now.reads and one not in before.reads]
    for key, found in (("unused", gone), ("used_again", back)):
        if found:
            titles = [state.full_title(one) for one in found]
            state.notes.append(words(key, count=len(found), titles=state.listed(titles)))
    state.notes += _conclusions(state, before)
    old = {one.message for one in before.result.findings}
    for one in now.result.findings:
        if _in_part(path, one.path) and one.message not in old and one in state.standing(now):
            state.notes.append(state.said(one))


def _conclusions(state: State, before: Outlook) -> list[str]:
    """The scope and the route, once the answers decide them."""
    said = []
    for path in (scope.IN_SCOPE, scope.ROUTE):
        if path not in state.library.conclusions:
            continue
        done = state.outlook.result.derived.conclude(path)
        old = before.result.derived.conclude(path)
        if done.open is not None and old.open is None:
            said.append(f"{state.derived_title(path)}：{done.open}")
        if done.needs is None and (old.needs is not None or old.value != done.value):
            field = state.library.derived_schema.fields[path]
            title = state.derived_title(path)
            said.append(
                state.words(
                    "concluded",
                    title=title,
                    value=value_text(done.value, field),
                    because=done.because,
                )
            )
    return said


def _in_part(path: str, section: str) -> bool:
    """Whether a path, perhaps one with keys that are none, stands in a section, list or group."""
    return path == section or path.startswith((f"{section}.", f"{section}["))
