"""Answers an interview from prepared facts, in whatever way it is asked."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from beian import facts as facts_file
from beian import paths
from beian.interview.next_question import stated, value_at
from beian.interview.prompts import OFFERED
from beian.interview.question import Kind, kind_of
from beian.interview.screen import Form, Reply, Screen, typed
from beian.interview.session import Session
from beian.interview.store import Progress, Store
from beian.interview.words import COMMANDS
from beian.library import Library
from conftest import AS_OF


class MemoryStore(Store):
    """Keeps the answers of a session in memory."""

    def __init__(self, library: Library, value: Any = None, folder: Path | None = None) -> None:
        self.facts = facts_file.from_value(value or {}, library.schema)
        if folder is not None:
            self.facts.folder, self.facts.files = folder, facts_file.listing(folder)
        self.schema = library.schema
        self.progress = Progress()
        self.saves = 0

    def save(self, changes: Any, removed: tuple[str, ...] = ()) -> None:
        value: Any = self.facts.value
        for path, new in changes.items():
            value = paths.with_value(value, paths.parse(path), new)
        for path in removed:
            value = paths.without(value, paths.parse(path))
        self.facts = replace(self.facts, placed=replace(self.facts.placed, value=value))
        self.saves += 1


def session_of(
    library: Library, value: Any = None, folder: Path | None = None, **options: Any
) -> Session:
    return Session(MemoryStore(library, value, folder), library, AS_OF, **options)


def attached(matter: Path, source: Path) -> Path:
    """A matter folder in which nothing lies but the proofs and annexes of another."""
    for name in ("annexes", "evidence"):
        if (source / name).is_dir():
            shutil.copytree(source / name, matter / name)
    return matter


class Respondent:
    """Knows a matter's facts, and answers whatever screen is shown."""

    def __init__(self, source: Any, library: Library) -> None:
        self.source = source
        self.library = library

    def reply(self, session: Session, screen: Screen) -> Reply:
        """The answer that the prepared facts give; skips what they do not say."""
        path = screen.path
        if not path:
            return Reply(keys=("finish",))
        field = self.library.schema.field(path)
        assert field is not None
        kind = kind_of(field, self.library.schema)
        value = value_at(self.source, path)
        if not stated(self.source, path):
            return Reply(command="skip")
        if value is None:
            return Reply(command="none")
        known = value_at(session.store.facts.value, path)
        entered = len(known) if isinstance(known, list) else 0
        if kind is Kind.TEXTS:
            return Reply(text=value[entered] if entered < len(value) else "")
        if kind is Kind.ITEMS:
            return Reply(keys=("add" if entered < len(value) else "done",))
        if kind is Kind.GROUP:
            return Reply(keys=("there_is",))
        if kind is Kind.MANY_OF:
            return Reply(keys=tuple(value))
        if kind in (Kind.YES_NO, Kind.ONE_OF):
            return Reply(keys=(str(value).lower() if isinstance(value, bool) else str(value),))
        return Reply(text=str(value))


def as_line(reply: Reply, screen: Screen) -> str:
    """What a person types for a reply where lines are read."""
    if reply.command:
        line = f":{COMMANDS[reply.command][0]}"
    elif reply.keys is not None:
        at = {option.key: number for number, option in enumerate(screen.options, 1)}
        line = " ".join(str(at[key]) for key in reply.keys)
    else:
        line = f":{reply.text}" if reply.text.startswith((":", "：")) else reply.text
    back = typed(line, screen)
    assert screen.form is Form.MARK or back == reply, (line, back, reply)
    return line


DOWN, ENTER, SPACE, ESCAPE = "\x1b[B", "\r", " ", "\x1b"


def as_keys(reply: Reply, screen: Screen) -> list[str]:
    """What a person presses for a reply where prompts move, for a question not yet answered."""
    if screen.form is Form.LINE:
        return [as_line(reply, screen), ENTER]
    keys = [option.key for option in screen.options]
    if screen.form is Form.MARK:
        wanted = set(reply.keys or ())
        rows = [*keys, "none"]
        if reply.command:
            wanted = {reply.command}
        presses = []
        for row in rows:
            presses += [SPACE] if row in wanted else []
            presses += [DOWN]
        return [*presses, ENTER]
    rows = [*keys, *(one for one in screen.commands if one in OFFERED)]
    row = reply.command or (reply.keys or ("",))[0]
    start = keys.index(screen.chosen[0]) if screen.chosen and screen.chosen[0] in keys else 0
    return [DOWN] * ((rows.index(row) - start) % len(rows)) + [ENTER]


def matter_of(folder: Path, library: Library) -> Any:
    from beian import pipeline

    return pipeline.load(folder, library).value
