"""Draws the sheets of the questions, with what is answered already."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beian import paths
from beian.errors import BeianError
from beian.facts import Facts
from beian.intake import answers as cutting
from beian.intake import cells, looks
from beian.intake.allowed import Allowed
from beian.intake.answers import Answers, items_at
from beian.intake.layout import (
    SENSITIVE,
    Answer,
    Block,
    Heading,
    Items,
    Sheet,
    Table,
    Ticks,
    is_record,
    paths_of,
)
from beian.intake.marks import (
    ANSWER,
    BASE,
    COLUMN_NAMES,
    COLUMNS,
    END,
    HEAD,
    HELP,
    LAST_HELP,
    MARK,
    NUMBER,
    PATH,
    REFERENCE,
    TITLE,
    escaped,
)
from beian.intake.words import NEEDED, WORDS, said
from beian.interview.question import roles, who
from beian.model import Value
from beian.schema import Field, Schema

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_SPARE_ROWS, _SPARE_ITEMS, _FEWEST_ITEMS = 5, 2, 3
_NO_SHEET_NAME = re.compile(r"[\\/*?:\[\]]")


def put(sheet: Worksheet, row: int, column: int, value: str | int | float) -> Any:
    """Writes a cell; text stays text, whatever it begins with."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = escaped(value)
        cell.data_type = "s"
    else:
        cell.value = value
    return cell


@dataclass(slots=True)
class Drawn:
    """What was drawn on one sheet."""

    name: str
    questions: int
    needed: int
    who: tuple[str, ...]


class Drawing:
    """Draws sheet after sheet; one style, one list of choices for all."""

    def __init__(
        self,
        book: Any,
        schema: Schema,
        facts: Facts,
        held: Answers,
        base: cutting.Digests,
        needed: set[str],
        cite: Callable[[str], str],
        lang: str,
    ) -> None:
        self.book = book
        self.schema = schema
        self.facts = facts
        self.held = held
        self.base = base
        self.needed = needed
        self.needed_above = {above for path in needed for above in _above(path)}
        self.cite = cite
        self.lang = lang
        self.words = WORDS[lang]
        self.allowed = Allowed(schema, lang)
        self.marked = 0
        looks.add_styles(book)

    # --- one sheet -------------------------------------------------------------------------------

    def sheet(self, sheet: Sheet) -> Drawn:
        """Draws one section."""
        from openpyxl.utils import get_column_letter

        drawn: Worksheet = self.book.create_sheet(self._name(sheet))
        self.drawn = drawn
        self.row = 1
        self.marked_here = 0
        self.with_base = sheet.key == SENSITIVE
        for column, name in COLUMN_NAMES.items():
            put(drawn, 1, column, f"{MARK}{name}")
        drawn.row_dimensions[1].hidden = True
        self.row = 2
        for row in (2, 3):
            put(drawn, row, PATH, f"{MARK}{HEAD}")
        put(drawn, 2, TITLE, self._titled(sheet.title, sheet.title_en)).style = "beian-title"
        drawn.row_dimensions[2].height = 30
        self.row = 3
        for column, caption in zip(
            (NUMBER, TITLE, ANSWER, HELP), self.words["captions"], strict=True
        ):
            put(drawn, 3, column, caption).style = "beian-head"
        self._merge_help(3)
        drawn.row_dimensions[3].height = 20
        self.row = 4
        for block in sheet.blocks:
            self._block(block)
        for column in range(1, max(drawn.max_column, LAST_HELP) + 1):
            width = looks.WIDTHS.get(column, looks.WIDTH)
            drawn.column_dimensions[get_column_letter(column)].width = width
        for column in (PATH, BASE):
            drawn.column_dimensions[get_column_letter(column)].hidden = True
        drawn.freeze_panes = drawn.cell(4, ANSWER).coordinate
        looks.set_up(drawn)
        questions = sum(1 for _ in paths_of((sheet,)))
        return Drawn(drawn.title, questions, self.marked_here, self._who(sheet))

    def _who(self, sheet: Sheet) -> tuple[str, ...]:
        """Who could know the answers of a sheet, in the order in which the schema names them."""
        named = {who(block.field, self.schema) for block in sheet.blocks}
        key = "title" if self.lang == "zh" else "x-title-en"
        return tuple(one[key] for role, one in roles(self.schema).items() if role in named)

    def _name(self, sheet: Sheet) -> str:
        title = sheet.title if self.lang == "zh" else sheet.title_en
        name = _NO_SHEET_NAME.sub(" ", title)[:28]
        number = 2
        taken = {one.casefold() for one in self.book.sheetnames}
        whole = name
        while whole.casefold() in taken:
            whole, number = f"{name} {number}", number + 1
        return whole

    def _titled(self, title: str, title_en: str) -> str:
        return title if self.lang == "zh" or not title_en else f"{title_en}（{title}）"

    def _label(self, field: Field) -> str:
        return self._titled(field.title, field.title_en)

    def _block(self, block: Block) -> None:
        match block:
            case Heading():
                self._heading(block)
            case Answer():
                self._answer(block.field)
            case Items():
                self._items(block)
            case Ticks():
                self._ticks(block)
            case Table():
                self._table(block)

    def _heading(self, block: Heading) -> None:
        field = block.field
        self.row += 1
        put(self.drawn, self.row, TITLE, self._label(field)).style = "beian-group"
        if field.null_text is not None:
            self._mark(field.path)
            self._none_cell(field)
            if self.held.single.get(field.path, 0) is None:
                self._answer_cell(ANSWER, field, None, "")
            self._base(field.path)
        self._finish(self._label(field), "", self._help(said(field, self.lang)))

    def _answer(self, field: Field) -> None:
        needed = self._mark(field.path)
        label = put(self.drawn, self.row, TITLE, self._label(field))
        label.style = "beian-label"
        text = self._fill(ANSWER, field, self.held.single, field.path, needed)
        self.allowed.answers(self.drawn, _range(ANSWER, self.row), field)
        help_text = self._help(self._explained(field))
        self._base(field.path)
        self._finish(label.value, text, help_text)

    def _items(self, block: Items) -> None:
        """A row for each text; the first says it all where there is none."""
        field, item = block.field, block.item
        needed = self._mark(field.path)
        stated = self.held.single.get(field.path, ())
        plain = isinstance(stated, (list, tuple)) and all(_is_scalar(one) for one in stated)
        values = list(stated) if plain else [stated]
        rows = max(len(values) + (_SPARE_ITEMS if plain else 0), 3)
        explained = f"{self._explained(field)}\n{self.words['one_per_row']}"
        first = self.row
        for number in range(rows):
            label = (
                self._label(field) if not number else self.words["item"].format(number=number + 1)
            )
            drawn = put(self.drawn, self.row, TITLE, label)
            drawn.style = "beian-label" if not number else "beian-item"
            put(self.drawn, self.row, PATH, f"{MARK}{field.path}[]")
            value = {"": values[number]} if number < len(values) else {}
            whole = not plain and number == 0 and field.path in self.held.single
            text = self._fill(
                ANSWER, field if whole else item, value, "", needed and not number, field.path
            )
            help_text = self._help(explained) if not number else ""
            if not number:
                self._base(field.path)
                self.allowed.answers(self.drawn, _range(ANSWER, self.row), field, item)
            self._finish(label, text, help_text)
        if rows > 1:
            self.allowed.answers(
                self.drawn, _range(ANSWER, first + 1, self.row - 1), field, item, may_be_none=False
            )

    def _ticks(self, block: Ticks) -> None:
        """A row for each choice; positions instead of ticks where the order is not the usual."""
        field = block.field
        needed = self._mark(field.path)
        label = self._label(field)
        put(self.drawn, self.row, TITLE, label).style = "beian-label"
        stated = self.held.single.get(field.path, ())
        codes = list(field.choices or {})
        known = isinstance(stated, (list, tuple)) and _ticked(stated, codes)
        if field.null_text is not None:
            self._none_cell(field)
        if not known:
            self._answer_cell(ANSWER, field, stated, field.path)
        help_text = self._help(f"{self._explained(field)}\n{self.words['ticks']}")
        self._base(field.path)
        self._finish(label, "", help_text)
        first = self.row
        order = list(stated) if known else []
        usual = order == [code for code in codes if code in order]
        for code, title in (field.choices or {}).items():
            named = field.choices_en.get(code, title) if self.lang == "en" else title
            put(self.drawn, self.row, PATH, f"{MARK}{field.path}={code}")
            put(self.drawn, self.row, TITLE, named).style = "beian-item"
            cell = self.drawn.cell(self.row, ANSWER)
            if code in order:
                text = cells.TICK if usual else str(order.index(code) + 1)
                cell = put(self.drawn, self.row, ANSWER, text)
            cell.style = "beian-tick-needed" if needed else "beian-tick"
            self._finish(named, "", "")
        self.allowed.ticks(self.drawn, _range(ANSWER, first, self.row - 1), field)

    # --- a table ---------------------------------------------------------------------------------

    def _table(self, table: Table) -> None:
        field = table.field
        columns = dict(table.columns)
        start = ANSWER if table.parent is not None else TITLE
        drawn = self.drawn
        self.row += 1
        title = self._label(field)
        put(drawn, self.row, TITLE, title).style = "beian-group"
        needed, help_text = False, self._explained(field, is_list=True)
        if not table.extends:
            needed = not table.is_column and self._mark(field.path)
            if field.null_text is not None and table.parent is None:
                self._none_cell(field)
        if table.extends or table.is_column:
            put(drawn, self.row, PATH, f"{MARK}{END}")
        help_text = "" if table.extends else help_text
        rows = self._rows(table)
        if rows is None and not table.extends:
            stated = _plain_at(self.facts.value, field.path)
            if stated is None and field.path in self.held.lists:
                self._answer_cell(ANSWER, field, None, field.path)
            rows = []
        self._help(help_text)
        self._finish(title, "", help_text)
        put(drawn, self.row, PATH, f"{MARK}{COLUMNS}")
        heads: list[str] = []
        if table.parent is not None:
            put(drawn, self.row, TITLE, f"{MARK}{REFERENCE}")
            heads.append(self.words["reference"])
        for number, one in enumerate(columns.values(), start):
            put(drawn, self.row, number, f"{MARK}{one.path}")
            heads.append(self._column_title(table, one))
        drawn.row_dimensions[self.row].hidden = True
        self.row += 1
        put(drawn, self.row, PATH, f"{MARK}{HEAD}")
        put(drawn, self.row, NUMBER, "№" if self.lang == "en" else "序号").style = "beian-head"
        for number, head in enumerate(heads, TITLE):
            put(drawn, self.row, number, head).style = "beian-head"
        drawn.row_dimensions[self.row].height = 36
        self.row += 1
        first = self.row
        spare = 0 if table.extends else _SPARE_ROWS
        for number, row in enumerate([*(rows or ()), *([None] * spare)], 1):
            self._table_row(table, columns, start, number, row, needed and number == 1)
        last = max(self.row - 1, first)
        for number, one in enumerate(columns.values(), start):
            self.allowed.answers(drawn, _range(number, first, last), one)
        put(drawn, self.row, PATH, f"{MARK}{END}")
        self.row += 1

    def _table_row(
        self,
        table: Table,
        columns: Mapping[str, Field],
        start: int,
        number: int,
        row: tuple[str, int, Value] | None,
        needed: bool,
    ) -> None:
        drawn, tallest = self.drawn, 1
        here, parent, item = row or (f"{table.path}[]", 0, {})
        put(drawn, self.row, PATH, f"{MARK}{here}").style = "beian-open"
        put(drawn, self.row, NUMBER, number).style = "beian-number"
        drawn.cell(self.row, BASE).style = "beian-open"
        held = cutting.cut_item(item, tuple(columns))
        if table.parent is not None:
            cell = put(drawn, self.row, TITLE, parent) if row else drawn.cell(self.row, TITLE)
            cell.style = "beian-answer-number"
        for column, (below, field) in enumerate(columns.items(), start):
            path = f"{here}.{below}"
            wanted = path in self.needed if row else needed
            if row and wanted:
                self._count()
            if is_record(self.schema, field):
                self._none_of(column, field, held.get(below, ""), path)
                continue
            text = self._fill(column, field, held, below, wanted, path)
            tallest = max(tallest, looks.lines_of(text, looks.WIDTHS.get(column, looks.WIDTH)))
        if self.with_base and row:
            known = {
                one: self.base[f"{here}.{one}"] for one in held if f"{here}.{one}" in self.base
            }
            put(drawn, self.row, BASE, json.dumps(known))
        drawn.row_dimensions[self.row].height = looks.height(tallest)
        self.row += 1

    def _rows(self, table: Table) -> list[tuple[str, int, Value]] | None:
        """The rows of a table: path and value of each item, and the row of its parent."""
        if table.extends:
            assert table.parent is not None
            return [
                (path, number, item)
                for number, (path, item) in enumerate(items_at(self.facts.value, table.path), 1)
            ]
        if table.parent is not None:
            numbers = {
                path: number
                for number, (path, _) in enumerate(items_at(self.facts.value, table.parent), 1)
            }
            return [
                (path, numbers[path[: path.rindex(".", 0, path.rindex("["))]], item)
                for path, item in items_at(self.facts.value, table.path)
            ]
        if self.held.lists.get(table.path) is None:
            return None
        return [(path, 0, item) for path, item in items_at(self.facts.value, table.path)]

    def _column_title(self, table: Table, field: Field) -> str:
        words, above = [self._label(field)], paths.parent(field.path)
        while above not in (table.path, f"{table.path}[]"):
            words.insert(0, self._label(self.schema.fields[above]))
            above = paths.parent(above)
        return "\n".join(words)

    # --- one row ---------------------------------------------------------------------------------

    def _mark(self, path: str) -> bool:
        """Names the row, and says whether its answer is needed now."""
        put(self.drawn, self.row, PATH, f"{MARK}{path}")
        needed = path in self.needed
        if needed:
            self._count()
        if needed or path in self.needed_above:
            put(self.drawn, self.row, NUMBER, NEEDED).style = "beian-mark"
        return needed

    def _count(self) -> None:
        self.marked += 1
        self.marked_here += 1

    def _base(self, path: str) -> None:
        if self.with_base and path in self.base:
            put(self.drawn, self.row, BASE, json.dumps({path: self.base[path]}))

    def _fill(
        self,
        column: int,
        field: Field,
        held: Mapping[str, Value],
        key: str,
        needed: bool,
        path: str = "",
    ) -> str:
        """Fills one answer cell, and gives its text."""
        cell = self.drawn.cell(self.row, column)
        text = ""
        if key in held:
            cell, text = self._answer_cell(column, field, held[key], path or field.path)
        numeric = field.kind in ("integer", "number") and not isinstance(cell.value, str)
        cell.style = (
            f"beian-answer{'-number' if numeric else ''}"
            f"{'-needed' if needed and cell.value is None else ''}"
        )
        return text

    def _answer_cell(self, column: int, field: Field, value: Value, path: str) -> tuple[Any, str]:
        titles = field.choices_en if self.lang == "en" else None
        held = cells.written(value, field, titles or None)
        if isinstance(held, str) and len(escaped(held).encode("utf-16-le")) // 2 > cells.LONGEST:
            raise BeianError(
                f"“{self.schema.title(path) if path else field.title}”有 {len(held)} 字，"
                f"一个单元格最多容纳 {cells.LONGEST} 字，未导出。",
                place=self.facts.placed.place(path or field.path),
                hint="精简该项，或者分成几项，再导出。",
            )
        return put(self.drawn, self.row, column, held), str(held)

    def _none_cell(self, field: Field) -> None:
        """A cell beside the title of a list that takes nothing but "none"."""
        self.drawn.cell(self.row, ANSWER).style = "beian-none"
        self.allowed.only_none(self.drawn, _range(ANSWER, self.row), field)

    def _none_of(self, column: int, field: Field, value: Value, path: str) -> None:
        """The cell of an item that says there is nothing in its list; the list has a table."""
        if value is None:
            self._answer_cell(column, field, None, path)
        self.drawn.cell(self.row, column).style = "beian-none"

    def _explained(self, field: Field, *, is_list: bool = False) -> str:
        lines = [said(field, self.lang)]
        if field.null_text is not None and cells.NONE not in lines[0]:
            key = "list_none" if is_list or (field.choices and field.is_list) else "none"
            lines.append(self.words[key])
        if field.basis:
            lines.append(self.words["basis"] + "；".join(map(self.cite, field.basis)))
        return "\n".join(line for line in lines if line)

    def _help(self, text: str) -> str:
        if text:
            put(self.drawn, self.row, HELP, text)
        self.drawn.cell(self.row, HELP).style = "beian-help"
        self._merge_help(self.row)
        return text

    def _merge_help(self, row: int) -> None:
        # Not merge_cells, which spends half of the whole export on borders that are not there.
        self.drawn.merged_cells.add(f"{_range(HELP, row)}:{_range(LAST_HELP, row)}")

    def _finish(self, label: str, text: str, help_text: str) -> None:
        tallest = max(
            looks.lines_of(label, looks.WIDTHS[TITLE]),
            looks.lines_of(text, looks.WIDTHS[ANSWER]),
            looks.lines_of(help_text, looks.HELP_WIDTH),
        )
        self.drawn.row_dimensions[self.row].height = looks.height(tallest)
        self.row += 1


def _range(column: int, first: int, last: int | None = None) -> str:
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    return f"{letter}{first}" if last in (None, first) else f"{letter}{first}:{letter}{last}"


def _is_scalar(value: Value) -> bool:
    return value is not None and not isinstance(value, (list, dict))


def _ticked(stated: Collection[Value], codes: list[Value]) -> bool:
    """Whether a list of choices can be shown by ticks alone."""
    usual = [one for one in stated if isinstance(one, str) and one in codes]
    return len(usual) == len(stated) == len(set(usual))


def _above(path: str) -> list[str]:
    found = []
    while path := paths.parent(path):
        found.append(path)
    return found


def _plain_at(value: Value, path: str) -> Value:
    for step in path.replace("[]", "").split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
