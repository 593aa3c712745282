"""Writes long lists as workbooks: set up for print, filtered, frozen; text stays text."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from beian.model import Value
from beian.render.excel import in_schema_order
from beian.render.seal import reseal

_HEAD_FONT, _BODY_FONT = "黑体", "宋体"
#: From this width on a column holds sentences: they are set flush left and broken into lines.
_PROSE = 30
#: Up to this width a sheet with a chart stands upright.
_PORTRAIT = 120


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, its width in half-width characters, and how numbers are shown."""

    title: str
    width: int
    number_format: str = "0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a header and rows of texts and numbers.

    ``draw`` adds a chart below the rows; it is called with the sheet and the number of the last row,
    and such a sheet prints on one page.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[list[Value]]
    draw: Callable[[Any, int], None] | None = None


def book(sheets: Iterable[Sheet]) -> bytes:
    """A workbook with these sheets, row by row; equal sheets give equal bytes."""
    from openpyxl import Workbook

    made = Workbook(write_only=True)
    for one in sheets:
        _write(made.create_sheet(one.name), one)
    stream = io.BytesIO()
    made.save(stream)
    return reseal(stream.getvalue(), {"xl/styles.xml": in_schema_order})


def _write(sheet: Any, spec: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    line = Side(style="thin", color="FF000000")
    frame = Border(left=line, right=line, top=line, bottom=line)

    def styled(head: bool, column: Column) -> Any:
        cell: Any = WriteOnlyCell(sheet)
        cell.font = Font(name=_HEAD_FONT if head else _BODY_FONT, size=11)
        centred = head or column.width < _PROSE
        cell.alignment = Alignment(
            horizontal="center" if centred else "left", vertical="center", wrap_text=True
        )
        cell.border = frame
        if head:
            cell.fill = PatternFill("solid", fgColor="FFEDEDED")
        return cell

    def filled(like: Any, value: Value, number_format: str = "0") -> Any:
        cell: Any = WriteOnlyCell(sheet, value)
        cell._style = like._style  # one style object for the whole column
        if isinstance(value, str):
            # A leading = would become a formula and #N/A an error: text stays text.
            cell.data_type = "s"
        elif value is not None and number_format != "0":
            cell.number_format = number_format
        return cell

    _set_up(sheet, spec)
    heads = [styled(True, one) for one in spec.columns]
    bodies = [styled(False, one) for one in spec.columns]
    sheet.append([filled(like, one.title) for like, one in zip(heads, spec.columns, strict=True)])
    last = 1
    for cells in spec.rows:
        last += 1
        sheet.append(
            [
                filled(like, value, one.number_format)
                for like, value, one in zip(bodies, cells, spec.columns, strict=True)
            ]
        )
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(spec.columns))}{last}"
    if spec.draw is not None:
        spec.draw(sheet, last)


def _set_up(sheet: Any, spec: Sheet) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for number, column in enumerate(spec.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.row_dimensions[1].height = 24
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.paperSize = 9  # A4
    alone = spec.draw is not None
    narrow = sum(one.width for one in spec.columns) <= _PORTRAIT
    sheet.page_setup.orientation = "portrait" if alone and narrow else "landscape"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if alone else 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    # & begins a code in headers and footers.
    sheet.oddHeader.center.text = spec.title.replace("&", "&&")
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
