"""Where an interview keeps its answers, and how far it has come, after every single reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from beian import facts as facts_file
from beian.facts import Facts
from beian.model import Value
from beian.schema import Schema


@dataclass(slots=True)
class Progress:
    """What the facts cannot say: questions skipped, lists not yet finished, items just begun.

    Paths only, never an answer; without it an interview asks again what was skipped.
    """

    skipped: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.skipped or self.unfinished or self.opened)


class Store:
    """The facts file of a matter and the interview.json beside it; each is replaced at once."""

    def __init__(self, facts: Facts, schema: Schema) -> None:
        self.facts = facts
        self.schema = schema
        self.progress = self._read()

    @property
    def note(self) -> Path | None:
        """The file of the progress; None where the facts have no file."""
        file = self.facts.file
        if file is None:
            return None
        name = "interview.json" if file.name in facts_file.NAMES else f"{file.name}.interview.json"
        return file.with_name(name)

    def save(self, changes: Mapping[str, Value], removed: tuple[str, ...] = ()) -> None:
        """Writes answers, and takes some away. BeianError when the file cannot be written."""
        facts_file.save(self.facts, changes, self.schema, removed)

    def look_round(self) -> None:
        """Sees the files that have been put into the matter's folders in the meantime."""
        if self.facts.folder is not None:
            self.facts.files = facts_file.listing(self.facts.folder)

    def remember(self) -> None:
        """Writes the progress; the file goes when there is nothing to remember."""
        file = self.note
        if file is None:
            return
        if not self.progress:
            file.unlink(missing_ok=True)
            return
        record = {
            "skipped": self.progress.skipped,
            "unfinished": self.progress.unfinished,
            "opened": self.progress.opened,
        }
        content = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
        if not file.exists() or file.read_text("utf-8") != content:
            facts_file.write_privately(file, content.encode())

    def _read(self) -> Progress:
        file = self.note
        try:
            record = json.loads(file.read_text("utf-8")) if file is not None else {}
        except (OSError, ValueError):
            return Progress()
        parts = [record.get(key) for key in ("skipped", "unfinished", "opened")]
        return Progress(*([one for one in part or () if self._known(one)] for part in parts))

    def _known(self, path: Value) -> bool:
        try:
            return isinstance(path, str) and self.schema.field(path) is not None
        except ValueError:
            return False
