"""Turns the rows below a header into values with keys and classes; rejects row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from beian.annexes.classes import Classifier
from beian.annexes.columns import Header
from beian.annexes.kinds import Catalogue, Class, Column, Kind
from beian.annexes.normalise import keys, seen
from beian.annexes.problems import Problem, Refused, shown
from beian.annexes.tables import Cells, Table
from beian.annexes.values import Parse, parser
from beian.model import Level, Value

#: Rows normalised together; bounds the memory and makes normalising cheap.
_BATCH = 2048
_CLASS_TYPES = ("code", "class", "group")
Report = Callable[[Problem], None]


@dataclass(slots=True)
class Row:
    """One accepted row: its values by column id, the key that tells it apart, and its class."""

    table: Table
    number: int
    values: dict[str, Value]
    known: Class | None
    #: Where its key (or else its first value) stands, counted as in ``table``.
    position: int
    key: str = ""


class Reader:
    """Reads the rows of one table."""

    def __init__(self, table: Table, header: Header, catalogue: Catalogue, report: Report) -> None:
        self.table = table
        self.header = header
        self.kind: Kind = header.kind
        self._report = report
        found = header.columns.items()
        order = [one.id for one in self.kind.columns]
        self._classed = sorted(
            ((position, column) for position, (column, _) in found if column.type in _CLASS_TYPES),
            # From coarse to fine: an unknown name is said of the finest column.
            key=lambda one: ("group", "class", "code").index(one[1].type),
        )
        self._plain: list[tuple[int, Column, Parse]] = sorted(
            (
                (position, column, parser(column, words))
                for position, (column, words) in found
                if column.type not in _CLASS_TYPES
            ),
            key=lambda one: order.index(one[1].id),
        )
        columns = [column for _, column in self._classed]
        self._class_spots = [position for position, _ in self._classed]
        self._demanding = [
            (position, column, choice)
            for position, column, _ in self._plain
            for choice in column.choices
            if choice.requires
        ]
        self._classify = Classifier(self.kind, catalogue, columns) if columns else None
        key = self.kind.key
        self._spot = next(
            (position for position, (column, _) in found if column is key), min(header.columns)
        )
        self._words = {position: words for position, (_, words) in found}
        self._nameless: set[int] = set()
        self.row_count = 0
        self.rejected_count = 0

    def rows(self) -> Iterator[Row]:
        """Every row that can be counted, in order; the others are reported with their cells."""
        parsed, column = self._parsed(), self.kind.key
        while batch := list(islice(parsed, _BATCH)):
            if column is not None:
                names = keys([row.values[column.id] for row in batch])
                for row, name in zip(batch, names, strict=True):
                    row.key = name
            yield from batch

    def _parsed(self) -> Iterator[Row]:
        last, named = self.header.last, self.header.named
        width = 0
        loose: list[int] = []
        for number, cells in self.table.rows():
            if number <= last:
                continue
            if len(cells) != width:
                width = len(cells)
                loose = [one for one in range(width) if one not in named]
            for position in loose:
                if cells[position] != "":
                    self._say_nameless(number, position, cells[position])
            first = self._first_filled(cells)
            if first is None:
                continue
            if cells[first] == self._words.get(first) and self._repeats_header(cells):
                self._say(
                    number,
                    first,
                    "header-repeated",
                    Level.REVIEW,
                    cells[first],
                    "这一行重复了表头，没有计数。",
                    "删去这一行。",
                )
                continue
            self.row_count += 1
            row = self._row(number, cells)
            if row is None:
                self.rejected_count += 1
            else:
                yield row

    def _row(self, number: int, cells: Cells) -> Row | None:
        width, good = len(cells), True
        refused: set[str] = set()
        values: dict[str, Value] = {}
        for position, column, parse in self._plain:
            raw = cells[position] if position < width else ""
            try:
                value = parse(raw) if raw != "" else None
            except Refused as fault:
                self._say(
                    number, position, fault.reason, Level.BLOCK, raw, fault.message, fault.hint
                )
                value = None
                refused.add(column.id)
                good = good and not column.required
            else:
                if value is None and column.required:
                    self._say_empty(number, position, column)
                    good = False
            values[column.id] = value
        known = None
        if self._classify is not None:
            found = tuple([cells[one] if one < width else "" for one in self._class_spots])
            resolved = self._classify(found)
            known = resolved.known
            for doubt in resolved.doubts:
                position = self._class_spots[doubt.column]
                self._say(
                    number,
                    position,
                    doubt.reason,
                    doubt.level,
                    found[doubt.column],
                    doubt.message,
                    doubt.hint,
                )
                good = good and doubt.level is not Level.BLOCK
        if not self._has_what_choices_require(number, values, known, refused) or not good:
            return None
        return Row(self.table, number, values, known, self._spot)

    def _has_what_choices_require(
        self, number: int, values: dict[str, Value], known: Class | None, refused: set[str]
    ) -> bool:
        good = True
        for position, column, choice in self._demanding:
            if values[column.id] != choice.code:
                continue
            for name in choice.requires:
                if (known if name == "class" else values.get(name)) is None:
                    if name not in refused:  # which has been said
                        self._say_lacking(number, position, choice.title, name)
                    good = False
        return good

    def _first_filled(self, cells: Cells) -> int | None:
        width = len(cells)
        if self._spot < width and not _is_blank(cells[self._spot]):
            return self._spot
        filled = (one for one in self._words if one < width and not _is_blank(cells[one]))
        return next(filled, None)

    def _repeats_header(self, cells: Cells) -> bool:
        filled = [one for one in self._words if one < len(cells) and not _is_blank(cells[one])]
        return len(filled) > 1 and all(cells[one] == self._words[one] for one in filled)

    # --- what is said ----------------------------------------------------------------------------

    def _say_empty(self, number: int, position: int, column: Column) -> None:
        self._say(
            number,
            position,
            "empty",
            Level.BLOCK,
            "",
            f"“{column.title}”是空的。",
            "补写；是公式的，先在 Excel 中打开并保存，使公式有结果；不需要的行整行删去。",
        )

    def _say_lacking(self, number: int, position: int, choice: str, name: str) -> None:
        column = self.kind.column("risk" if name == "class" else name)
        title = column.title if column is not None else name
        here = next((one for one, other in self._where() if other is column), position)
        self._say(
            number,
            here,
            "empty",
            Level.BLOCK,
            "",
            f"“{choice}”应当写明“{title}”，但没有写。",
            f"补写“{title}”。",
        )

    def _say_nameless(self, number: int, position: int, raw: Value) -> None:
        if position in self._nameless or _is_blank(raw):
            return
        self._nameless.add(position)
        self._say(
            number,
            position,
            "column-nameless",
            Level.BLOCK,
            raw,
            "这一栏没有表头，整栏没有读取。",
            "补上表头；不需要的栏目删去。",
        )

    def _where(self) -> Iterator[tuple[int, Column]]:
        yield from ((position, column) for position, (column, _) in self.header.columns.items())

    def _say(
        self,
        number: int,
        position: int,
        reason: str,
        level: Level,
        raw: Value,
        message: str,
        hint: str,
    ) -> None:
        table = self.table
        self._report(
            Problem(
                reason,
                level,
                self.kind.id,
                table.file,
                table.sheet,
                table.cell(number, position),
                shown(raw),
                message,
                hint,
            )
        )


def _is_blank(cell: Value) -> bool:
    if not isinstance(cell, str):
        return False
    return not cell or cell.isspace() or (not cell.isprintable() and not seen(cell))
