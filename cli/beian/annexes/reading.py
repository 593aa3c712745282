"""The flow of annexes on one screen: tables, headers, rows, counts; every problem in one run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from beian.annexes import columns, tables
from beian.annexes.counts import Figures, Tally, tally
from beian.annexes.kinds import Catalogue, Kind
from beian.annexes.problems import Problem
from beian.annexes.rows import Reader, Row
from beian.annexes.tables import Table
from beian.errors import BeianError
from beian.model import Level


@dataclass(frozen=True, slots=True)
class Source:
    """One file as given: what messages call it, its bytes, and its kind where the user named it."""

    file: str
    raw: bytes
    kind: str | None = None


@dataclass(slots=True)
class Annexes:
    """What some files hold: which files hold which kind, figures by kind, problems in the order
    found, and (only when asked for) the distinct rows by kind."""

    files: dict[str, list[str]] = field(default_factory=dict)
    #: What keeps files from being opened at all; each is among the problems too.
    unopened: list[BeianError] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def count(self, level: Level) -> int:
        """How many problems weigh so much."""
        return sum(1 for one in self.problems if one.level is level)


def read(sources: Iterable[Source], catalogue: Catalogue, *, keep: bool = False) -> Annexes:
    """Everything that the files hold, and every problem in them."""
    found = Annexes()
    tallies: dict[str, Tally] = {}
    for source in sources:
        for table in _opened(source, found):
            before = len(found.problems)
            header = columns.recognise(table, catalogue, source.kind, found.problems.append)
            if header is None:
                continue
            found.problems.extend(columns.doubts(table, header))
            kind = header.kind
            holding = found.files.setdefault(kind.id, [])
            if source.file not in holding:
                holding.append(source.file)
            counted = tallies.setdefault(kind.id, tally(kind, catalogue, found.problems.append))
            reader = Reader(table, header, catalogue, found.problems.append)
            kept = found.rows.setdefault(kind.id, []) if keep else None
            for row in reader.rows():
                if counted.add(row) and kept is not None:
                    kept.append(row)
            _note_rows(found, kind, reader)
            # Rows are counted in batches: what was said of them is brought back into their order.
            found.problems[before:] = sorted(found.problems[before:], key=lambda one: one.row)
    for name, counted in tallies.items():
        found.figures[name] |= counted.figures()
    if "samplings" in found.figures or "results" in found.figures:
        _join(found.figures, catalogue)
    found.figures["files"] = {"problem_count": found.count(Level.BLOCK)}
    return found


def _opened(source: Source, found: Annexes) -> list[Table]:
    """The tables of a file; none of a file that cannot be opened, which does not stop the others."""
    try:
        opened = tables.read(source.raw, source.file)
        for sheet, cell, count in tables.without_value(source.raw):
            found.problems.append(
                Problem(
                    "formula-without-value",
                    Level.BLOCK,
                    source.kind or "",
                    source.file,
                    sheet,
                    cell,
                    "",
                    f"有 {count} 格公式没有结果，读作空格。",
                    "在 Excel 或 WPS 中打开并保存，使公式有结果，或者粘贴为数值。",
                )
            )
        return opened
    except BeianError as error:
        found.unopened.append(error)
        found.problems.append(
            Problem(
                "file-unopened",
                Level.BLOCK,
                source.kind or "",
                source.file,
                "",
                "",
                "",
                error.message,
                error.hint or "",
            )
        )
        return []


def _note_rows(found: Annexes, kind: Kind, reader: Reader) -> None:
    figures = found.figures.setdefault(kind.id, {"row_count": 0, "rejected_count": 0})
    figures["row_count"] += reader.row_count
    figures["rejected_count"] += reader.rejected_count


def _join(figures: dict[str, Figures], catalogue: Catalogue) -> None:
    """Sets samplings beside the lists that they were drawn from and the items that were judged."""
    listed = figures.get("results", {}).get("subjects", {})
    samplings = figures.setdefault(
        "samplings", {"row_count": 0, "rejected_count": 0, "records": []}
    )
    column = catalogue.kinds["samplings"].column("subject")
    assert column is not None
    lists = {one.code: one.population for one in column.choices}
    for record in samplings["records"]:
        size = figures.get(lists[record["subject"]] or "", {})
        record["listed_population"] = size.get("item_count", size.get("distinct_count"))
        items = listed.get(record["subject"], {}) if record["latest"] else {}
        record["listed_count"] = items.get("listed_count")
        record["listed_good_count"] = items.get("listed_good_count")
    recorded = {record["subject"] for record in samplings["records"]}
    titles = {one.code: one.title for one in column.choices}
    samplings["unrecorded"] = [titles[one] for one in listed if one not in recorded]
