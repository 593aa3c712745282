"""Workbooks drawn from workbook.yaml: label/value rows and tables, text kept as text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beian.errors import BeianError
from beian.model import Place, Value
from beian.render.compiled import Compile, Compiled, Declared, Spot, Surface, compile_text
from beian.render.portalform import Part, parts_of
from beian.render.seal import reseal
from beian.view import Absent, Unknown, View

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# Control characters cannot stand in facts, so these never meet a value.
_CELL, _ROW, CELL_MARK = "\x1f", "\x1e", "\x1d"

#: Fill of each tone; pale enough to be read when printed in grey.
_TONES = {
    "good": "FFE2EFDA",
    "mild": "FFFFF2CC",
    "warning": "FFFCE4D6",
    "bad": "FFF8CBAD",
    "muted": "FFF2F2F2",
}

_HEAD_FONT, _BODY_FONT, _TITLE_FONT = "黑体", "宋体", "黑体"


class CellSurface(Surface):
    """Prints plain text; marks are told apart so that their cells can be coloured."""

    def fact(self, path: str, text: str, line: int) -> str:
        return text

    def blank(self, thing: Absent | Unknown, line: int) -> str:
        return CELL_MARK + self.blank_words(thing)

    def undecided(self, needs: tuple[str, ...], line: int, filling: bool) -> str:
        words = CELL_MARK + (self.fill_words(needs) if filling else self.pending_words(needs))
        return words + _ROW if self.spots[line].kind == "row" else words


@dataclass(slots=True)
class Block:
    """One compiled part of a sheet: its rows are cut from one text."""

    compiled: Compiled

    def rows(self, view: View, surface: CellSurface) -> Iterator[list[str]]:
        text = self.compiled.render(view, surface)
        for row in text.split(_ROW)[:-1]:
            yield row.split(_CELL)


@dataclass(slots=True)
class Sheet:
    """One sheet: what workbook.yaml says of it, and its compiled parts."""

    spec: dict[str, Value]
    title: Block | None
    fields: Block | None
    table: Block | None


@dataclass(slots=True)
class Workbook:
    """A compiled workbook.yaml."""

    sheets: list[Sheet]

    @property
    def compiled(self) -> Iterator[Compiled]:
        for sheet in self.sheets:
            for block in (sheet.title, sheet.fields, sheet.table):
                if block is not None:
                    yield block.compiled


def compile_book(
    spec: Value,
    file: str,
    declared: Declared,
    compile_source: Compile = compile_text,
) -> Workbook:
    """A compiled workbook; faults name the sheet and the column or label."""
    sheets = []
    for sheet in spec["sheets"]:
        where = f"{file} 工作表“{sheet['name']}”"

        def block(
            rows: list[list[tuple[str, str]]],
            where: str = where,
        ) -> Block:
            return _block([Part(rows)], where, declared, compile_source)

        table, form = sheet.get("table"), sheet.get("form")
        sheets.append(
            Sheet(
                spec=sheet,
                title=block([[("标题", sheet["title"])]]) if "title" in sheet else None,
                fields=block(
                    [[("标签", label), (label, value)] for label, value in sheet["fields"]]
                )
                if "fields" in sheet
                else None,
                table=_block(_table_parts(table, where), where, declared, compile_source)
                if table
                else _block(parts_of(form, where, declared), where, declared, compile_source)
                if form
                else None,
            )
        )
    return Workbook(sheets)


def _table_parts(table: dict[str, Value], where: str) -> list[Part]:
    """The row of each item, or the named rows one by one; BeianError for one of the wrong length."""
    columns = table["columns"]
    if "each" in table:
        row = [(one["title"], one["value"]) for one in columns]
        return [Part([row], (table["as"], table["each"]))]
    for number, named in enumerate(table["rows"], 1):
        if len(named["cells"]) != len(columns):
            raise BeianError(
                f"第{number}行有{len(named['cells'])}格，表格有{len(columns)}列。",
                place=Place(where), hint="每行的格数与列数相同，空格写作“　”。")
    return [
        Part([[(one["title"], cell) for one, cell in zip(columns, named["cells"], strict=True)]],
             condition=named.get("if"))
        for named in table["rows"]]


def _block(
    parts: list[Part],
    where: str,
    declared: Declared,
    compile_source: Compile,
) -> Block:
    from beian.render.html import TAG

    pieces: list[str] = []
    spots: dict[int, Spot] = {}
    line = 1

    def add(text: str, section: str, kind: str) -> None:
        nonlocal line
        for piece in TAG.split(text):
            if TAG.fullmatch(piece):
                line += 1
                spots[line] = Spot(f"{where}“{section}”", section, kind)
                pieces.append(f"{piece[:2]}\n{piece[2:].replace(chr(10), ' ')}")
            else:
                line += piece.count("\n")
                pieces.append(piece)

    sheet = where.rpartition("“")[2].rstrip("”")
    for part in parts:
        if part.condition:
            add(f"{{% if {part.condition} %}}", sheet, "row")
        if part.loop:
            add(f"{{% for {part.loop[0]} in {part.loop[1]} %}}", sheet, "row")
        for row in part.rows:
            for number, (label, text) in enumerate(row):
                pieces.append(_CELL if number else "")
                add(text, label, "value")
            pieces.append(_ROW)
        if part.loop:
            add("{% endfor %}", "", "row")
        if part.condition:
            add("{% endif %}", "", "row")
    return Block(compile_source("".join(pieces), spots, declared))


def compile_cell(text: str, place: str, declared: Declared) -> Compiled:
    """The text of one cell, compiled; faults name ``place``."""
    from beian.render.html import TAG

    pieces, spots, line = [], {}, 1
    for piece in TAG.split(text):
        if TAG.fullmatch(piece):
            line += 1
            spots[line] = Spot(place, "", "value")
            piece = f"{piece[:2]}\n{piece[2:].replace(chr(10), ' ')}"
        else:
            line += piece.count("\n")
        pieces.append(piece)
    return compile_text("".join(pieces), spots, declared)


def render(book: Workbook, view: View, surface: CellSurface) -> bytes:
    """The finished workbook, sealed."""
    from openpyxl import Workbook as Made

    made = Made()
    made.remove(made.worksheets[0])
    for sheet in book.sheets:
        _draw(made.create_sheet(sheet.spec["name"]), sheet, view, surface)
    stream = io.BytesIO()
    made.save(stream)
    return reseal(stream.getvalue(), {"xl/styles.xml": in_schema_order})


# CT_Font is a sequence; openpyxl writes the name first, which validators refuse.
_FONT_ORDER = (
    "b",
    "i",
    "strike",
    "condense",
    "extend",
    "outline",
    "shadow",
    "u",
    "vertAlign",
    "sz",
    "color",
    "name",
    "family",
    "charset",
    "scheme",
)


def in_schema_order(styles: bytes) -> bytes:
    """The styles of a workbook with the parts of each font in the order that validators want."""
    from lxml import etree

    root = etree.fromstring(styles)
    for font in root.iter("{*}font"):
        font[:] = sorted(font, key=lambda child: _FONT_ORDER.index(etree.QName(child).localname))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def text_of(raw: bytes) -> Iterator[str]:
    """Every cell's text, read again from the file's bytes."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(raw))
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            for value in row:
                if value is not None:
                    yield str(value)


def _draw(drawn: Worksheet, sheet: Sheet, view: View, surface: CellSurface) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    spec = sheet.spec
    listed = spec.get("table") or spec.get("form") or {}
    columns = listed.get("columns") or [{"width": one} for one in spec["widths"]]
    for number, column in enumerate(columns, 1):
        drawn.column_dimensions[get_column_letter(number)].width = column["width"]
    row = 1
    if sheet.title is not None:
        for cells in sheet.title.rows(view, surface):
            drawn.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(columns))
            cell = _write(drawn, row, 1, cells[0])
            cell.font = Font(name=_TITLE_FONT, size=16)
            cell.alignment = Alignment(horizontal="center", vertical="center")
            drawn.row_dimensions[row].height = 30
            row += 1
    if sheet.fields is not None:
        span = spec.get("label_span", 1)
        # Above a table a label may take several of its columns, and the value then takes the rest.
        end = len(columns) if span > 1 else 2
        room = sum(one["width"] for one in columns[span:end])
        for label, value in sheet.fields.rows(view, surface):
            for number in range(1, end + 1):
                _style(drawn.cell(row, number), head=number <= span)
            _style(_write(drawn, row, 1, label), head=True)
            _style(_write(drawn, row, span + 1, value), marked=value.startswith(CELL_MARK))
            if span > 1:
                drawn.merge_cells(start_row=row, end_row=row, start_column=1, end_column=span)
                drawn.merge_cells(
                    start_row=row, end_row=row, start_column=span + 1, end_column=end
                )
            drawn.row_dimensions[row].height = max(22, 15 * _lines(value, room) + 7)
            row += 1
        row += 1 if sheet.table is not None else 0
    for note in spec.get("notes", ()):
        drawn.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(columns))
        _style(_write(drawn, row, 1, note), border=False)
        drawn.row_dimensions[row].height = 15 * _lines(note, sum(one["width"] for one in columns))
        row += 1
    if sheet.table is not None:
        frozen = spec.get("freeze_columns", 0)
        _draw_table(drawn, sheet.table, columns, row, frozen, view, surface)
    _set_up_page(drawn, spec, row if sheet.table is not None else None)


def _draw_table(
    drawn: Worksheet,
    table: Block,
    columns: list[dict[str, Value]],
    row: int,
    frozen: int,
    view: View,
    surface: CellSurface,
) -> None:
    from openpyxl.utils import get_column_letter

    for number, column in enumerate(columns, 1):
        _style(_write(drawn, row, number, column["title"]), head=True)
    lines = max(_lines(one["title"], one["width"] + 2) for one in columns)
    drawn.row_dimensions[row].height = 9 + 15 * lines
    head = row
    for cells in table.rows(view, surface):
        row += 1
        if len(cells) == 1:  # a mark in the place of the whole list
            drawn.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(columns))
            _style(_write(drawn, row, 1, cells[0]), marked=True)
            drawn.row_dimensions[row].height = 22
            continue
        height = 1
        for number, (column, text) in enumerate(zip(columns, cells, strict=True), 1):
            cell = _write(drawn, row, number, text, as_number=column.get("type") == "number")
            _style(
                cell,
                centred=column.get("align") == "center",
                marked=text.startswith(CELL_MARK),
                tone=_tone(text, column.get("tones", {})),
            )
            height = max(height, _lines(text, column["width"]))
        drawn.row_dimensions[row].height = max(22, 15.5 * height + 8)
    last = f"{get_column_letter(len(columns))}{max(row, head)}"
    drawn.auto_filter.ref = f"A{head}:{last}"
    drawn.freeze_panes = f"{get_column_letter(frozen + 1)}{head + 1}"
    drawn.print_title_rows = f"{head}:{head}"


def _write(drawn: Worksheet, row: int, column: int, text: str, *, as_number: bool = False) -> Any:
    cell = drawn.cell(row, column)
    text = text.replace(CELL_MARK, "")
    if as_number and text.lstrip("-").isdecimal():
        cell.value = int(text)
        return cell
    cell.value = text or None
    if text:
        # A leading = would become a formula, an 18-digit id a rounded number: text stays text.
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = text[0] in "=+-@"
    return cell


def _style(
    cell: Any,
    *,
    head: bool = False,
    centred: bool = False,
    marked: bool = False,
    border: bool = True,
    tone: str | None = None,
) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    cell.font = Font(name=_HEAD_FONT if head else _BODY_FONT, size=11)
    centre = head or centred
    cell.alignment = Alignment(
        horizontal="center" if centre else "left",
        vertical="center",
        wrap_text=True,
        indent=0 if centre else 1,
    )
    if border:
        line = Side(style="thin", color="FF000000")
        cell.border = Border(left=line, right=line, top=line, bottom=line)
    if marked:
        cell.fill = PatternFill("solid", fgColor="FFFFFF00")
    elif tone is not None:
        cell.fill = PatternFill("solid", fgColor=_TONES[tone])
    elif head and border:
        cell.fill = PatternFill("solid", fgColor="FFEDEDED")


def _tone(text: str, tones: dict[str, str]) -> str | None:
    """The tone of the first word that the text begins with."""
    return next((tone for word, tone in tones.items() if text.startswith(word)), None)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of ``width`` half-width characters."""
    from wcwidth import wcswidth

    text = text.replace(CELL_MARK, "")

    return sum(
        max(1, -(-max(wcswidth(part), 0) // max(int(width) - 3, 1))) for part in text.split("\n")
    )


def _set_up_page(drawn: Worksheet, spec: dict[str, Value], head: int | None) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    drawn.page_setup.paperSize = 9  # A4
    drawn.page_setup.orientation = spec.get("orientation", "landscape")
    drawn.page_setup.fitToWidth = 1
    drawn.page_setup.fitToHeight = 0
    drawn.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    drawn.print_options.horizontalCentered = True
    footer: Any = drawn.oddFooter
    footer.center.text = "第 &P 页 共 &N 页"
    drawn.page_margins.left = drawn.page_margins.right = 0.5
    drawn.page_margins.top = drawn.page_margins.bottom = 0.6
    drawn.page_margins.header = drawn.page_margins.footer = 0.3
    drawn.sheet_view.showGridLines = False
