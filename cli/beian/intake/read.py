"""Reads a filled workbook: every answer with its cell, and everything that is wrong, at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beian import paths, yamltext
from beian.errors import BeianError
from beian.intake import answers as cutting
from beian.intake import cells, stamp
from beian.intake.answers import Answers
from beian.intake.cells import Misread
from beian.intake.layout import Answer, Block, Heading, Items, Table, Ticks, is_record, plan
from beian.intake.marks import CHOICES, COLUMN_NAMES, COLUMNS, END, HEAD, MARK, REFERENCE
from beian.intake.package import Book, Cell, Row, open_book
from beian.intake.stamp import Stamp
from beian.model import Finding, Level, Place, Value
from beian.schema import Field, Schema
from beian.yamltext import PlacedText

RULE = "intake"
_OURS = (stamp.SHEET, CHOICES)
_MARKS_WITHIN = 40
_CONCRETE = re.compile(r"\[(\d+)\]")


@dataclass(slots=True)
class ReadRow:
    """One item of a list: ``origin`` is its position at export, None for a new one.

    ``cells`` holds what was answered, by what follows the item in a path; ``bad`` names the answers
    that could not be read, which stay as they are in the facts.
    """

    origin: int | None
    place: str
    number: int | None = None
    reference: int | None = None
    cells: dict[str, Value] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ReadList:
    """A list of items as the workbook has it; ``columns`` are those that it asks for."""

    place: str
    columns: set[str] = field(default_factory=set)
    rows: list[ReadRow] = field(default_factory=list)
    none: bool = False
    bad: bool = False


@dataclass(slots=True)
class Reading:
    """What a workbook says; ``stamp`` is None for one that is not ours.

    ``single`` holds the answers by path; ``asked`` the paths for which it has a row at all; what is
    asked and not answered was left empty. ``bad`` paths are neither. ``places`` tells the cells of
    the items of a list of texts.
    """

    stamp: Stamp | None
    single: dict[str, Value] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)
    lists: dict[str, ReadList] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def answers(self) -> Answers:
        """The answers alone, bad ones left out."""
        lists: dict[str, list[dict[str, Value]] | None] = {}
        for path, one in self.lists.items():
            if one.none:
                lists[path] = None
            elif one.rows:
                lists[path] = [row.cells for row in one.rows]
        return Answers(dict(self.single), lists)


def read(file: Path, schema: Schema) -> Reading:
    """The answers of a workbook made by ``beian intake export``; BeianError when it is none."""
    book = open_book(file)
    made_by = _stamp(book)
    reading = Reading(made_by)
    if made_by.schema != stamp.schema_digest(schema):
        reading.notes.append(
            f"工作簿由 beian {made_by.version} 在问题表更改之前导出；"
            "本版没有的问题逐一列出，本版新增的问题不在其中。"
        )
    reader = _Reader(book, schema, reading)
    for name in book.names:
        if name not in _OURS:
            reader.sheet(name)
    reader.finish()
    check(reading, schema)
    reading.problems.sort(key=lambda one: _order(one.place, book.names))
    return reading


def _order(place: Place, names: list[str]) -> tuple[int, int, str]:
    name, _, cell = place.file.rpartition("!")
    row = re.sub(r"\D", "", cell)
    return (names.index(name) if name in names else -1, int(row or 0), cell)


def _stamp(book: Book) -> Stamp:
    # A copy of the workbook may carry the stamp under another name.
    for name in sorted(book.names, key=lambda one: one != stamp.SHEET):
        rows = book.rows(name)
        _, first = next(rows, (0, {}))
        if 1 in first and first[1].raw == stamp.TOOL:
            return stamp.read([stamp.TOOL, *(str(row[1].raw) for _, row in rows)], book.file)
    raise BeianError(
        "不是由 beian intake export 导出的工作簿（没有版本标记）。",
        place=Place(book.file),
        hint="先导出再填写；要读入一张现成的清单，用 beian intake table。",
    )


class _Reader:
    """Goes through the rows of the sheets, knowing which question each belongs to."""

    def __init__(self, book: Book, schema: Schema, reading: Reading) -> None:
        self.book = book
        self.schema = schema
        self.reading = reading
        self.blocks: dict[str, Block] = {}
        self.columns: dict[str, tuple[Table, str]] = {}
        self.rows: dict[tuple[str, bool], list[ReadRow]] = {}
        self.items: dict[str, list[tuple[Value, str]]] = {}
        self.ticks: dict[str, list[tuple[bool | int, str, str]]] = {}
        self.seen: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.origins: set[tuple[str, bool, str]] = set()
        for sheet in plan(schema):
            for block in sheet.blocks:
                if isinstance(block, Table):
                    if not block.extends:
                        self.blocks[block.path] = block
                    for below in block.columns:
                        self.columns[f"{block.path}[].{below}"] = (block, below)
                else:
                    self.blocks[block.field.path] = block

    def sheet(self, name: str) -> None:
        """Reads one sheet, whatever it is called and wherever it stands."""
        rows = list(self.book.rows(name))
        marks = next((row for number, row in rows[:_MARKS_WITHIN] if _is_marks(row)), None)
        if marks is None:
            self._foreign(name, rows)
            return
        at = {str(cell.raw).removeprefix(MARK): column for column, cell in marks.items()}
        lost = [one for one in COLUMN_NAMES.values() if one not in at]
        if lost:
            self.problem(
                "",
                f"{name}!A1",
                f"工作表“{name}”的隐藏定位行不完整，这张表没有读取。",
                "撤销对隐藏行、列的改动；不能撤销的，重新导出，把答案粘贴过去。",
            )
            return
        _Sheet(self, name, at).read([one for one in rows if one[1] is not marks])

    def _foreign(self, name: str, rows: list[tuple[int, Row]]) -> None:
        marked = any(_mark(cell) for _, row in rows for cell in row.values())
        if marked:
            self.problem(
                "",
                f"{name}!A1",
                f"工作表“{name}”的隐藏定位行已被删除，这张表没有读取。",
                "撤销删除；不能撤销的，重新导出，把答案粘贴过去。",
            )
        elif rows and self.book.names.index(name) > 0:
            self.reading.notes.append(f"工作表“{name}”不是导出时的表，没有读取。")

    def base(self, cell: Cell | None) -> None:
        """Takes up what an answer was at export, where it is told beside the answer."""
        if cell is not None and isinstance(cell.raw, str):
            try:
                found = json.loads(cell.raw)
            except ValueError:
                return  # then the answer counts as new, and is shown as such
            if isinstance(found, dict) and self.reading.stamp is not None:
                self.reading.stamp.base.update(found)

    def value(self, cell: Cell | None, asked: Field, path: str) -> tuple[bool, Value]:
        """Whether a cell answers, and what; a problem makes the path bad and answers nothing."""
        if cell is None or cells.is_blank(cell.raw):
            return False, None
        try:
            return True, self._plain(cell, asked)
        except Misread as error:
            self.problem(path, cell.place, error.cause, error.cure, asked)
            raise

    def _plain(self, cell: Cell, asked: Field) -> Value:
        if cell.kind == "f":
            raise Misread("是公式，不是写定的内容。", "复制该格，选择性粘贴为“数值”。")
        if cell.kind == "e":
            raise Misread(f"是表格程序的错误值 {cell.raw}。", "重新输入内容。")
        if is_record(self.schema, asked) and not cells.is_exact(cell.raw):
            if cells.is_none(cells.plain_text(cell.raw), asked):
                return None
            raise Misread(
                f"此处只能选 {cells.NONE}。", f"有内容的，填在“{asked.title}”的表中，此处留空。"
            )
        found = cells.read(cell.raw, asked)
        for text in _texts(found):
            if hidden := yamltext.unwritable(text):
                raise Misread(
                    f"含有不可见的字符 U+{ord(hidden):04X}。",
                    "多由复制粘贴带入；清空该格后重新输入。",
                )
        return found

    def problem(
        self, path: str, place: str, cause: str, cure: str, asked: Field | None = None
    ) -> None:
        known = self.schema.field(path) if "[]" in path else None
        title = self.schema.title(path) if path and "[]" not in path else ""
        title = asked.title if asked is not None and known else known.title if known else title
        self.reading.problems.append(
            Finding(
                RULE, Level.BLOCK, path, Place(place), f"“{title}”{cause}" if title else cause, cure
            )
        )

    def once(self, path: str, place: str, value: tuple[bool, Value]) -> bool:
        """Whether a question is met for the first time; two different answers are a problem."""
        if path not in self.seen:
            self.seen[path] = place
            return True
        held = (path in self.reading.single, self.reading.single.get(path))
        if value[0] and held != value:
            self.problem(
                path,
                place,
                f"在两处有不同的答案（另一处是 {self.seen[path]}）。",
                "只保留一处，清空另一处。",
            )
            self.reading.bad.add(path)
        return False

    def finish(self) -> None:
        """Puts lists together from their rows."""
        for path, found in self.items.items():
            self._finish_items(path, found)
        for path, ticked in self.ticks.items():
            self._finish_ticks(path, ticked)
        self._finish_tables()
        for path in self.reading.bad:
            self.reading.single.pop(path, None)

    def _finish_items(self, path: str, found: list[tuple[Value, str]]) -> None:
        values = [value for value, _ in found]
        reading = self.reading
        reading.places |= {f"{path}[{number}]": place for number, (_, place) in enumerate(found)}
        for number, (value, place) in enumerate(found):
            if value in values[:number] and self.blocks[path].field.schema.get("uniqueItems"):
                first = values.index(value) + 1
                self.problem(path, place, f"与第 {first} 项重复。", "只写一次，清空其余。")
                reading.bad.add(path)
        if path in reading.bad:
            return
        if None in values and len(values) > 1:
            place = next(place for value, place in found if value is None)
            self.problem(path, place, f"既选了 {cells.NONE}，又写了内容。", "二者只留其一。")
            reading.bad.add(path)
        elif values == [None]:
            reading.single[path] = None
        elif values:
            whole = next((one for one in values if isinstance(one, _Whole)), None)
            reading.single[path] = whole.value if whole is not None else values

    def _finish_ticks(self, path: str, ticked: list[tuple[bool | int, str, str]]) -> None:
        reading, chosen = self.reading, [one for one in ticked if one[0] is not False]
        if not chosen:
            return
        if path in reading.single:
            self.problem(
                path, chosen[0][2], f"既选了 {cells.NONE}，又选中了选项。", "二者只留其一。"
            )
            reading.bad.add(path)
        elif all(one[0] is True for one in chosen):
            reading.single[path] = [code for _, code, _ in chosen]
        else:
            # Positions stand where the order was not the usual; a tick beside them comes last.
            last = len(ticked) + 1
            chosen.sort(key=lambda one: last if one[0] is True else int(one[0]))
            reading.single[path] = [code for _, code, _ in chosen]

    def _finish_tables(self) -> None:
        reading = self.reading
        for (path, extends), rows in self.rows.items():
            if extends:
                self._extend(path, rows)
        own = {path: rows for (path, extends), rows in self.rows.items() if not extends}
        # The innermost first, so that each item is complete when it enters the one around it.
        for path in sorted(own, key=lambda one: -one.count("[]")):
            block = self.blocks[path]
            if isinstance(block, Table) and block.parent is not None:
                self._nest(block, own[path])
            else:
                self.listed(path).rows = own[path]
        for path, one in reading.lists.items():
            if one.none and one.rows:
                self.problem(
                    path,
                    one.place,
                    f"既选了 {cells.NONE}，又在表中填了内容。",
                    "有内容的，清空该格；没有的，清空下面各行。",
                )
                one.bad = True

    def listed(self, path: str) -> ReadList:
        return self.reading.lists.setdefault(path, ReadList(""))

    def _extend(self, path: str, rows: list[ReadRow]) -> None:
        numbered = self._numbered(path)
        for row in rows:
            owner = self._owner(numbered, row, path)
            if owner is not None:
                owner.cells |= row.cells
                owner.bad |= row.bad
                owner.places |= row.places

    def _nest(self, block: Table, rows: list[ReadRow]) -> None:
        assert block.parent is not None
        key = block.path.removeprefix(f"{block.parent}[].")
        numbered = self._numbered(block.parent)
        for row in rows:
            owner = self._owner(numbered, row, block.path)
            if owner is not None and owner.cells.get(key, 0) is None:
                self.problem(
                    block.path,
                    row.place,
                    f"所属的第 {row.reference} 项选了 {cells.NONE}，此处又填了内容。",
                    "二者只留其一。",
                )
                owner.bad.add(key)
            elif owner is not None:
                owner.cells.setdefault(key, []).append(cutting.item_of(row.cells))
                owner.places.setdefault(key, row.place)
                if row.bad:
                    owner.bad.add(key)

    def _numbered(self, path: str) -> dict[int, list[ReadRow]]:
        """The rows of a table by the number that stands beside them."""
        found: dict[int, list[ReadRow]] = {}
        for row in self.rows.get((path, False), []):
            if row.number is not None:
                found.setdefault(row.number, []).append(row)
        return found

    def _owner(self, numbered: dict[int, list[ReadRow]], row: ReadRow, path: str) -> ReadRow | None:
        found = numbered.get(row.reference, []) if row.reference is not None else []
        if len(found) == 1:
            return found[0]
        title = self.schema.fields[path.rpartition("[].")[0] or path].title
        named = "没有写明" if row.reference is None else f"写的是 {row.reference}，但找不到这一项，"
        self.problem(
            path, row.place, f"{named}属于哪一项。", f"写“{title}”所在的表中该项左侧的序号。"
        )
        return None


class _Whole:
    """A list given in one cell in its exact form."""

    def __init__(self, value: Value) -> None:
        self.value = value


class _Sheet:
    """The rows of one sheet."""

    def __init__(self, reader: _Reader, name: str, at: dict[str, int]) -> None:
        self.reader = reader
        self.reading = reader.reading
        self.name = name
        self.at = at
        self.table: Table | None = None
        self.across: dict[int, str] = {}
        self.reference: int | None = None
        self.spoken_of: set[int] = set()
        self.heads: Row = {}
        self.open_items: str | None = None
        self.number = 0

    def _place(self) -> str:
        """The answer cell of the row at hand."""
        from openpyxl.utils import get_column_letter

        column = min(self.across) if self.table is not None else self.at["answer"]
        return f"{self.name}!{get_column_letter(column)}{self.number}"

    def read(self, rows: list[tuple[int, Row]]) -> None:
        """Reads the rows; a copy of a sheet that was read already is refused whole."""
        asked = {mark for _, row in rows for cell in row.values() if (mark := self._asks(cell))}
        twice = next((self.reader.owners[one] for one in asked if one in self.reader.owners), None)
        if twice is not None:
            self.reader.problem(
                "",
                f"{self.name}!A1",
                f"工作表“{self.name}”与“{twice}”是同一张表，只读取了后者。",
                "只保留一张，把要用的答案并到一起。",
            )
            return
        self.reader.owners |= dict.fromkeys(asked, self.name)
        for number, row in rows:
            self.number = number
            mark = _mark(row.get(self.at["path"]))
            if mark == COLUMNS:
                self._columns(row)
            elif mark == END:
                self.table, self.open_items = None, None
            elif mark == HEAD:
                self.heads = row
            elif self.table is not None and _is_row_of(mark, self.table):
                self._table_row(row, mark)
            elif mark is None:
                self._unmarked(row)
            else:
                self.table = None
                self._question(row, mark)

    def _asks(self, cell: Cell) -> str | None:
        """The question or column that a hidden cell names; rows of tables name none."""
        mark = _mark(cell)
        if mark is None or mark in (COLUMNS, HEAD, END, REFERENCE, *COLUMN_NAMES.values()):
            return None
        whole = paths.generic(mark)
        table = self.reader.blocks.get(whole.removesuffix("[]"))
        return None if whole.endswith("[]") and isinstance(table, Table) else mark

    def _columns(self, row: Row) -> None:
        self.across, self.reference, self.table = {}, None, None
        for column, cell in row.items():
            mark = _mark(cell)
            if mark == REFERENCE:
                self.reference = column
            elif mark in self.reader.columns:
                self.table, self.across[column] = self.reader.columns[mark]
            elif mark is not None and mark != COLUMNS:
                self.reading.notes.append(f"{cell.place}：本版没有“{mark}”这一列，没有读取。")
        if self.table is not None and self.table.parent is None:
            self.reader.listed(self.table.path).columns |= set(self.across.values())
        if self.table is not None:
            self.reader.rows.setdefault((self.table.path, self.table.extends), [])
            if self.table.parent is not None:
                self._cover(self.table)

    def _cover(self, table: Table) -> None:
        root = table.path.partition("[]")[0]
        listed = self.reader.listed(root)
        if table.extends and table.path == root:
            listed.columns |= set(self.across.values())
        elif not table.extends:
            listed.columns.add(table.path.removeprefix(f"{root}[].").partition("[]")[0])

    def _table_row(self, row: Row, mark: str | None) -> None:
        assert self.table is not None
        table, reader = self.table, self.reader
        number = row.get(self.at["number"])
        made = ReadRow(
            origin=self._origin(mark),
            place=self._place(),
            number=_whole(number.raw) if number is not None else None,
        )
        reader.base(row.get(self.at["base"]))
        for column, below in self.across.items():
            asked, cell = table.columns[below], row.get(column)
            if cell is None:
                continue
            made.places[below] = cell.place
            try:
                answered, value = reader.value(cell, asked, f"{table.path}[].{below}")
            except Misread:
                made.bad.add(below)
                continue
            if answered:
                made.cells[below] = value
        self._stray(row)
        if self.reference is not None:
            cell = row.get(self.reference)
            made.reference = _whole(cell.raw) if cell is not None else None
        if made.cells or made.bad:
            made.place = next(iter(made.places.values()))
            reader.rows[table.path, table.extends].append(made)

    def _origin(self, mark: str | None) -> int | None:
        """The position at export; a row that was copied keeps it only once."""
        assert self.table is not None
        found = _CONCRETE.findall(mark or "")
        key = (self.table.path, self.table.extends, mark or "")
        if not found or key in self.reader.origins:
            return None
        self.reader.origins.add(key)
        return int(found[-1])

    def _stray(self, row: Row) -> None:
        """Says once of each column that nobody asked for that it is not read."""
        known = {*self.across, self.at["path"], self.at["base"], self.at["number"], self.reference}
        for column, cell in row.items():
            if column in known or column in self.spoken_of or cells.is_blank(cell.raw):
                continue
            self.spoken_of.add(column)
            head = self.heads.get(column)
            named = f"“{head.raw}”" if head is not None else ""
            self.reading.notes.append(f"{cell.place}：这一列{named}不是本表的问题，没有读取。")

    def _unmarked(self, row: Row) -> None:
        cell = row.get(self.at["answer"])
        if cell is None or cells.is_blank(cell.raw):
            return
        if self.open_items is not None:
            self._item(cell, self.open_items)
        else:
            self.reader.problem(
                "",
                cell.place,
                "这一行不属于任何一题，写的内容没有读取。",
                "移到所属问题的答案格中；表格要加行的，在表格中间插入。",
            )

    def _question(self, row: Row, mark: str) -> None:
        reader, cell = self.reader, row.get(self.at["answer"])
        path, _, code = mark.partition("=")
        path = path.removesuffix("[]")
        block = reader.blocks.get(paths.generic(path))
        self.open_items = path if isinstance(block, Items) else None
        reader.base(row.get(self.at["base"]))
        if block is None:
            if cell is not None and not cells.is_blank(cell.raw):
                reader.problem("", cell.place, f"本版没有“{path}”这一题。", "该格的内容没有读取。")
            return
        place = cell.place if cell is not None else self._place()
        match block:
            case Items():
                self.reading.asked.setdefault(path, place)
                self._item(cell, path)
            case Ticks() if code:
                self._tick(cell, path, code)
            case Table():
                self._table_title(cell, block)
            case _:
                self._single(cell, block, path, place)

    def _single(
        self, cell: Cell | None, block: Answer | Heading | Ticks, path: str, place: str
    ) -> None:
        if isinstance(block, Heading) and block.field.null_text is None:
            return
        asked = block.field
        only_none = isinstance(block, (Heading, Ticks))
        self.reading.asked.setdefault(path, place)
        if only_none and cell is not None and not cells.is_blank(cell.raw):
            value: tuple[bool, Value] = (True, None)
            text = str(cell.raw).strip()
            try:
                if not cells.is_none(text, asked) or text.startswith(cells.EXACTLY):
                    value = self.reader.value(cell, asked, path)
            except Misread:
                self.reading.bad.add(path)
                return
        else:
            try:
                value = self.reader.value(cell, asked, path)
            except Misread:
                self.reading.bad.add(path)
                return
        if self.reader.once(path, place, value) and value[0]:
            self.reading.single[path] = value[1]

    def _item(self, cell: Cell | None, path: str) -> None:
        block = self.reader.blocks[path]
        assert isinstance(block, Items)
        if cell is None or cells.is_blank(cell.raw):
            return
        text = str(cell.raw).strip()
        try:
            value: Value
            if cells.is_none(cells.plain_text(cell.raw), block.field):
                value = None
            else:
                value = self.reader.value(cell, block.item, path)[1]
                if text.startswith(cells.EXACTLY) and not isinstance(value, str):
                    value = _Whole(value)
        except Misread:
            self.reading.bad.add(path)
            return
        self.reader.items.setdefault(path, []).append((value, cell.place))

    def _tick(self, cell: Cell | None, path: str, code: str) -> None:
        found: bool | int = False
        place = cell.place if cell is not None else ""
        if cell is not None and not cells.is_blank(cell.raw):
            try:
                if cell.kind == "f":
                    raise Misread(
                        "是公式，不是写定的内容。", f"选中的选 {cells.TICK}，不选的留空。"
                    )
                found = cells.is_ticked(cell.raw)
            except Misread as error:
                self.reader.problem(path, place, error.cause, error.cure)
                self.reading.bad.add(path)
        self.reader.ticks.setdefault(path, []).append((found, code, place))

    def _table_title(self, cell: Cell | None, table: Table) -> None:
        if table.parent is not None:
            return
        one = self.reader.listed(table.path)
        one.place = self._place()
        if cell is None or cells.is_blank(cell.raw):
            return
        if cells.is_none(cells.plain_text(cell.raw), table.field):
            one.none = True
            return
        if table.field.null_text is None:
            cause, cure = "此处不填写（写了内容）。", "清空该格，在下面的表中填写。"
        else:
            cause = f"写的是“{str(cell.raw)[:20]}”，此处只能选 {cells.NONE}。"
            cure = "有内容的，填在下面的表中；没有的，选 " + cells.NONE + "。"
        self.reader.problem(table.path, cell.place, cause, cure)
        one.bad = True


def problem(path: str, place: str, title: str, error: Misread) -> Finding:
    """What is wrong in a cell, as a finding that names the field."""
    message = f"“{title}”{error.cause}" if title else error.cause
    return Finding(RULE, Level.BLOCK, path, Place(place), message, error.cure)


def check(reading: Reading, schema: Schema) -> None:
    """Adds what the schema refuses, cell by cell; what it refuses becomes bad."""
    placed = PlacedText(cutting.put_together(reading.answers()), {"": Place("")})
    for path, place in (reading.asked | reading.places).items():
        placed.places[path] = Place(place)
    for path, one in reading.lists.items():
        placed.places[path] = Place(one.place)
        for number, row in enumerate(one.rows):
            here = f"{path}[{number}]"
            placed.places[here] = Place(row.place)
            for below, place in row.places.items():
                placed.places[f"{here}.{below}"] = Place(place)
    for finding in schema.check(placed):
        known = schema.field(finding.path)
        cure = finding.hint or (f"按说明填写：{known.description}" if known else "按说明填写。")
        reading.problems.append(
            Finding(RULE, Level.BLOCK, finding.path, finding.place, finding.message, cure)
        )
        _spoil(reading, finding.path)


def _spoil(reading: Reading, path: str) -> None:
    head, bracket, rest = path.partition("[")
    if head not in reading.lists:
        while head not in reading.asked and head:
            head = paths.parent(head)
        reading.bad.add(head)
        reading.single.pop(head, None)
        return
    one = reading.lists[head]
    if not bracket:
        one.bad = True
        return
    number, _, below = rest.partition("].")
    row = one.rows[int(number.removesuffix("]"))]
    below = below.partition("[")[0]
    while below and below not in row.cells:
        below = below.rpartition(".")[0]
    if below:
        row.bad.add(below)
        row.cells.pop(below)
    else:
        one.bad = True


def _mark(cell: Cell | None) -> str | None:
    if cell is None or not isinstance(cell.raw, str) or not cell.raw.startswith(MARK):
        return None
    return cell.raw.removeprefix(MARK).strip() or None


def _is_marks(row: Row) -> bool:
    return sum(_mark(cell) in COLUMN_NAMES.values() for cell in row.values()) > 1


def _is_row_of(mark: str | None, table: Table) -> bool:
    return mark is None or paths.generic(mark) == f"{table.path}[]"


def _whole(raw: Any) -> int | None:
    text = cells.plain_text(raw)
    return int(text) if text.isdecimal() else None


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)
