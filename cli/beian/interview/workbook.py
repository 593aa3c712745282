"""A list from a workbook that somebody has already: read, shown, and written when confirmed."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from beian import paths
from beian.interview.question import Kind
from beian.interview.saving import save
from beian.interview.state import State

if TYPE_CHECKING:
    from beian.intake.merge import Entry, Merge
    from beian.intake.table import TableRead

#: How many rows of a workbook are shown before they are taken over.
_MOST = 20


@dataclass(frozen=True, slots=True)
class Offer:
    """What a workbook says to a list: ``table`` as it was read, ``merge`` held against the facts."""

    table: TableRead
    merge: Merge

    @property
    def replacing(self) -> int:
        """How many answers that are there would become others."""
        return sum(1 for entry in self.merge.entries if self._replaces(entry))

    def accepted(self, *, all_of_it: bool) -> list[int]:
        """The positions of the entries to be written: all, or what replaces nothing."""
        return [
            number
            for number, entry in enumerate(self.merge.entries)
            if all_of_it or not self._replaces(entry)
        ]

    def _replaces(self, entry: Entry) -> bool:
        from beian.intake.merge import CHANGE

        return entry.kind == CHANGE and entry.path != self.table.path  # a list of texts only grows


def takes(path: str, kind: Kind) -> bool:
    """Whether a question can be answered by pointing at a workbook: a list not inside another."""
    return kind in (Kind.TEXTS, Kind.ITEMS) and "[" not in path


def offered(state: State, path: str, named: str) -> Offer:
    """What the workbook named, with or without its sheet, says to a list. BeianError as it reads."""
    from beian.intake.table import merge_table, read_table

    file, sheet = _named(named, state.store.facts.folder)
    table = read_table(file, path, state.library, sheet)
    return Offer(table, merge_table(state.store.facts.value, table, state.library))


def _named(text: str, folder: Path | None) -> tuple[Path, str]:
    """The file that begins a line, here or in the matter, and the sheet that may follow it."""
    words = text.split(" ")
    for end in range(len(words), 0, -1):
        name = os.path.expanduser(_bare(" ".join(words[:end])))
        for root in (Path(), folder or Path()):
            if name and os.path.isfile(root / name):
                return root / name, _bare(" ".join(words[end:]))
    return Path(os.path.expanduser(_bare(text))), ""


def _bare(text: str) -> str:
    return text.strip().strip("\"'“”")


def preview(state: State, offer: Offer) -> list[tuple[str, str]]:
    """The columns understood, each row that is new, each answer that changes, and what was not read."""
    words, table = state.words, offer.table
    meant = [
        words("column", header=" ".join(header.split()), title=_title(state, table, below))
        for header, below in table.headers.items()
    ]
    body = [(words("sheet"), words("sheet_read", sheet=table.sheet, count=len(table.rows)))]
    body.append((words("columns"), "；".join(meant)))
    body += _cut(
        state, [row for entry in offer.merge.entries for row in _rows(state, entry, table)]
    )
    body += _cut(
        state,
        [
            (words("unread"), f"{one.place}　{words.foreign(f'{one.message}{one.hint or str()}')}")
            for one in table.problems
        ],
    )
    return [*body, *(("", words.foreign(one)) for one in offer.merge.reading.notes)]


def _cut(state: State, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if len(rows) <= _MOST:
        return rows
    return [*rows[:_MOST], ("", state.words("rows_more", count=len(rows) - _MOST))]


def _rows(state: State, entry: Entry, table: TableRead) -> list[tuple[str, str]]:
    from beian.intake.merge import CHANGE

    words = state.words
    if entry.path == table.path:  # a list of texts
        held = entry.old if isinstance(entry.old, list) else []
        return [
            (words("new"), state.shown(f"{entry.path}[0]", one)) for one in entry.new[len(held) :]
        ]
    if not entry.below:
        return [(words("new"), state.item_text(entry.path, entry.new))]
    said = f"{state.full_title(entry.path)}：{state.shown(entry.path, entry.new)}"
    if entry.kind != CHANGE:
        return [(words("new"), said)]
    old = state.shown(entry.path, entry.old)
    return [(words("changed"), said + words("instead", value=old))]


def _title(state: State, table: TableRead, below: str) -> str:
    return state.title(paths.child(f"{table.path}[]", below) if below else table.path)


def take_over(state: State, offer: Offer, *, all_of_it: bool) -> bool:
    """Writes what was confirmed; whether it was admitted. The notes count it."""
    from beian.intake import merge as merging

    accepted = offer.accepted(all_of_it=all_of_it)
    wanted = offer.merge.result(accepted)
    changes, removed = merging.operations(state.store.facts.value, wanted)
    path = offer.table.path
    state.forget("skipped", path)
    if not save(state, changes, path, tuple(removed)):
        return False
    state.remember("unfinished", path)
    rows = sum(len(_rows(state, offer.merge.entries[number], offer.table)) for number in accepted)
    state.notes.insert(0, state.words("taken_over", count=rows, sheet=offer.table.sheet))
    return True
