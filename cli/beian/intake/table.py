"""Reads one list of facts (models, corpora, evidence …) from a workbook that somebody has already."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beian import labels, yamltext
from beian.errors import BeianError
from beian.intake import answers as cutting
from beian.intake import cells, read, stamp
from beian.intake.answers import digest
from beian.intake.cells import Misread
from beian.intake.layout import Table, is_record, plan
from beian.intake.merge import ADD, CHANGE, Entry, Merge
from beian.intake.package import Book, Cell, Row, open_book
from beian.intake.read import Reading, ReadList, ReadRow
from beian.library import Library
from beian.model import Finding, Place, Value
from beian.schema import Field

#: Titles, logos and notes may stand above the headers, but not more than this.
_ROWS_ABOVE = 40
_NUMBERING = frozenset(map(labels.normal, ("序号", "编号", "No.", "No", "#", "№", "行号")))
_CLOSE = 0.6


@dataclass(slots=True)
class TableRead:
    """A list as a foreign workbook has it.

    ``rows`` are its items with their cells; ``headers`` maps each header that was understood to what
    follows the item in a path; ``notes`` says which columns were not read.
    """

    path: str
    sheet: str
    headers: dict[str, str]
    rows: list[ReadRow]
    problems: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def values(self) -> list[Value]:
        """The list as it would stand in the facts."""
        if "" in self.headers.values():
            return [row.cells[""] for row in self.rows if "" in row.cells]
        return [cutting.item_of(row.cells) for row in self.rows if row.cells]


def read_table(file: Path, path: str, library: Library, sheet: str = "") -> TableRead:
    """The items of the list at ``path`` (``models``, ``training_data.sources``) in a workbook.

    The sheet is the named one, or the one whose headers name most fields of the list. BeianError
    when ``path`` is no such list, or no sheet has headers that name its fields.
    """
    columns = _columns(path, library)
    names = _names(path, columns, library)
    book = open_book(file)
    if stamp.SHEET in book.names:
        raise BeianError(
            "这是 beian intake export 导出的工作簿，不是现成的清单。",
            place=Place(book.file),
            hint="用 beian intake import 读入。",
        )
    if sheet and sheet not in book.names:
        raise BeianError(
            f"没有“{sheet}”这张工作表。",
            place=Place(book.file),
            hint=f"可写：{'、'.join(book.visible)}。",
        )
    found = max(
        (_headed(book, name, names) for name in ([sheet] if sheet else book.visible)),
        key=lambda one: len(one.across),
        default=None,
    )
    if found is None or not found.across:
        listed = "、".join(one.title for one in columns.values())
        raise BeianError(
            f"没有找到“{library.schema.title(path)}”的表头。",
            place=Place(f"{book.file} {sheet}".strip()),
            hint=f"表头应写明下列名称中的几个：{listed}。",
        )
    return _read(found, path, columns, names, library)


def merge_table(value: dict[str, Value], table: TableRead, library: Library) -> Merge:
    """What the table adds to the facts: rows that name an item change it, others are added.

    Nothing is taken away: an empty cell and an item that is not in the table stay as they are.
    """
    reading = Reading(None)
    reading.problems, reading.notes = table.problems, table.notes
    made = Merge(value, reading)
    if "" in table.headers.values():
        _add_texts(made, table, library)
        return made
    held = cutting.cut(value, plan(library.schema)).lists.get(table.path) or []
    listed = ReadList("", set(table.headers.values()), table.rows)
    reading.lists[table.path] = listed
    key = _key(held, table)
    if key is not None:
        title = library.schema.fields[f"{table.path}[].{key}"].title
        reading.notes.append(f"已有的各项按“{title}”对应；表中没有的项、空着的格保持不变。")
    known = {digest(item, ""): number for number, item in enumerate(held)}
    by_key = {item[key]: number for number, item in enumerate(held) if key is not None}
    end = len(held)
    for row in table.rows:
        if not row.cells:
            continue
        number = (
            by_key.get(row.cells.get(key)) if key is not None else known.get(digest(row.cells, ""))
        )
        if number is None:
            made.entries.append(
                Entry(ADD, f"{table.path}[{end}]", None, cutting.item_of(row.cells), row.place, row)
            )
            end += 1
            continue
        row.origin = number
        made.entries += _edits(table.path, row, held[number])
    return made


def _edits(path: str, row: ReadRow, held: dict[str, Value]) -> Iterator[Entry]:
    for below, new in row.cells.items():
        if below not in held or digest(held[below], "") != digest(new, ""):
            kind = CHANGE if below in held else ADD
            yield Entry(
                kind,
                f"{path}[{row.origin}].{below}",
                held.get(below),
                new,
                row.places[below],
                row,
                below,
            )


def _add_texts(made: Merge, table: TableRead, library: Library) -> None:
    held = cutting.cut(made.value, plan(library.schema)).single.get(table.path)
    old = held if isinstance(held, list) else []
    new = [one for one in dict.fromkeys(table.values) if one not in old]
    if new:
        kind = ADD if held is None else CHANGE
        place = table.rows[0].place
        made.entries.append(Entry(kind, table.path, held, [*old, *new], place))


def _key(held: list[dict[str, Value]], table: TableRead) -> str | None:
    """The first column that tells the items apart, in the facts and in the table."""
    for below in table.headers.values():
        ours = [item.get(below) for item in held]
        theirs = [row.cells.get(below) for row in table.rows if row.cells]
        if all(
            all(isinstance(one, str) for one in side) and len(set(side)) == len(side)
            for side in (ours, theirs)
        ):
            return below if held else None
    return None


@dataclass(slots=True)
class _Headed:
    """A sheet with the row of its headers."""

    name: str
    across: dict[int, str]
    headers: Row
    rows: list[tuple[int, Row]]


def _columns(path: str, library: Library) -> dict[str, Field]:
    """What the list asks for, by what follows the item in a path; "" where it is a list of texts."""
    schema = library.schema
    asked = schema.fields.get(path)
    if asked is None or not asked.is_list or "[]" in path:
        known = [
            one
            for one, it in schema.fields.items()
            if "[" not in one and is_list_of_groups(it, library)
        ]
        close = difflib.get_close_matches(path, known, n=3, cutoff=0.4)
        raise BeianError(
            f"“{path}”不是可以整表读入的列表。", hint=f"例如：{'、'.join(close or known[:6])}。"
        )
    if not is_record(schema, asked):
        return {"": schema.fields[f"{path}[]"]}
    found: dict[str, Field] = {}
    for sheet in plan(schema):
        for block in sheet.blocks:
            if isinstance(block, Table) and block.path == path:
                found |= {
                    below: one for below, one in block.columns.items() if not is_record(schema, one)
                }
    order = list(schema.fields)
    return dict(sorted(found.items(), key=lambda one: order.index(one[1].path)))


def is_list_of_groups(one: Field, library: Library) -> bool:
    """Whether a field is a list whose items have fields of their own."""
    return is_record(library.schema, one)


def _names(path: str, columns: dict[str, Field], library: Library) -> dict[str, str]:
    """What follows the item in a path, by each header that can mean nothing else."""
    data = labels.load(library.house)
    schema = library.schema
    item = schema.fields[f"{path}[]"].title
    whole = schema.fields[path].title
    meant: dict[str, set[str]] = {}
    for below, one in columns.items():
        group = [
            schema.fields[f"{path}[].{below.rsplit('.', depth)[0]}"].title
            for depth in range(below.count("."), 0, -1)
        ]
        titles = [
            one.title,
            one.title_en,
            below.replace("_", " "),
            *(one.title.removeprefix(start) for start in (item, whole, item[-2:], whole[-2:])),
            *((one.portal or {}).get("label", ""),),
            *data.get("labels", {}).get(one.path, ()),
            *data.get("within", {}).get(one.path, ()),
        ]
        for title in titles:
            for name in labels.variants(title):
                meant.setdefault(name, set()).add(below)
                if group:
                    meant.setdefault(labels.normal("".join(group)) + name, set()).add(below)
    return {name: found.pop() for name, found in meant.items() if len(found) == 1}


def _headed(book: Book, name: str, names: dict[str, str]) -> _Headed:
    """A sheet with the row that names most columns; none where no row names enough."""
    rows = list(book.rows(name))
    best = _Headed(name, {}, {}, [])
    for at, (number, row) in enumerate(rows):
        if number > _ROWS_ABOVE:
            break
        across: dict[int, str] = {}
        for column, cell in row.items():
            below = _meant(cell, names)
            if below is not None and below not in across.values():
                across[column] = below
        enough = len(across) >= min(2, len(set(names.values())))
        if enough and len(across) > len(best.across):
            best = _Headed(name, across, row, rows[at + 1 :])
    return best


def _meant(cell: Cell, names: dict[str, str]) -> str | None:
    if not isinstance(cell.raw, str):
        return None
    return next((names[one] for one in labels.variants(cell.raw) if one in names), None)


def _read(
    found: _Headed, path: str, columns: dict[str, Field], names: dict[str, str], library: Library
) -> TableRead:
    headers = {str(found.headers[at].raw): below for at, below in found.across.items()}
    order = list(columns)
    headers = dict(sorted(headers.items(), key=lambda one: order.index(one[1])))
    made = TableRead(path, found.name, headers, [])
    _say_unread(made, found, columns, names)
    for _, row in found.rows:
        if _meant_again(row, found):
            continue
        one = ReadRow(None, next(iter(row.values())).place)
        for at, below in found.across.items():
            cell = row.get(at)
            if cell is None or cells.is_blank(cell.raw):
                continue
            one.places[below] = cell.place
            try:
                one.cells[below] = _value(cell, columns[below])
            except Misread as error:
                one.bad.add(below)
                made.problems.append(
                    read.problem(columns[below].path, cell.place, columns[below].title, error)
                )
        if one.places:
            one.place = next(iter(one.places.values()))
            made.rows.append(one)
    _check(made, library)
    return made


def _value(cell: Cell, asked: Field) -> Value:
    raw: Any = cell.raw
    if cell.kind == "f":
        raise Misread("是公式，不是写定的内容。", "复制该列，选择性粘贴为“数值”。")
    if cell.kind == "e":
        raise Misread(f"是表格程序的错误值 {raw}。", "重新输入内容。")
    value = cells.read(raw, asked)
    if isinstance(value, str) and (hidden := yamltext.unwritable(value)):
        raise Misread(
            f"含有不可见的字符 U+{ord(hidden):04X}。", "多由复制粘贴带入；清空该格后重新输入。"
        )
    return value


def _meant_again(row: Row, found: _Headed) -> bool:
    """Whether the headers stand there once more, as on every page of a printed list."""
    return all(at in row and row[at].raw == found.headers[at].raw for at in found.across)


def _say_unread(
    made: TableRead, found: _Headed, columns: dict[str, Field], names: dict[str, str]
) -> None:
    """Says of each column that was not read what it may have been meant for."""
    unread = {below: one for below, one in columns.items() if below not in found.across.values()}
    for at, cell in found.headers.items():
        if at in found.across or cells.is_blank(cell.raw):
            continue
        name = labels.normal(str(cell.raw))
        if name in _NUMBERING:
            continue
        close = difflib.get_close_matches(
            name, [one for one, below in names.items() if below in unread], n=1, cutoff=_CLOSE
        )
        meant = f"，是否为“{columns[names[close[0]]].title}”" if close else ""
        made.notes.append(f"{cell.place}：“{cell.raw}”一列没有读取{meant}。")
    if unread:
        listed = "、".join(one.title for one in unread.values())
        made.notes.append(f"表中没有的字段：{listed}。")


def _check(made: TableRead, library: Library) -> None:
    """Adds what the schema refuses; what it refuses is left out."""
    reading = Reading(None)
    if "" in made.headers.values():
        reading.single[made.path] = made.values
        reading.asked[made.path] = made.rows[0].place if made.rows else ""
        if not made.rows:
            return
    elif made.rows:
        reading.lists[made.path] = ReadList("", set(made.headers.values()), made.rows)
    read.check(reading, library.schema)
    made.problems += reading.problems
    if reading.bad:
        made.rows = []


__all__ = ["TableRead", "merge_table", "read_table"]
