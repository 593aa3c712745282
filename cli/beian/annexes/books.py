"""Writes long lists as workbooks: set up for print, filtered, frozen; text stays text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from beian.model import Value
from beian.ooxml import escape
from beian.render.excel import in_schema_order
from beian.render.seal import reseal

_STYLE = re.compile(rb'<c r="[A-Z]+[0-9]+" s="([0-9]+)"')
#: Characters that a cell can hold.
_LONGEST = 32767
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
    mend: dict[str, Callable[[bytes], bytes]] = {"xl/styles.xml": in_schema_order}
    for number, one in enumerate(sheets, 1):
        rows = list(one.rows)
        _write(made.create_sheet(one.name), one, len(rows))
        mend[f"xl/worksheets/sheet{number}.xml"] = partial(_filled, rows=rows)
    stream = io.BytesIO()
    made.save(stream)
    return reseal(stream.getvalue(), mend)


def _filled(raw: bytes, rows: list[list[Value]]) -> bytes:
    """The part of a sheet with its rows in place of the two that only carry the styles.

    Written as text: openpyxl takes ten times as long for a cell.
    """
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.utils import get_column_letter

    start, end = raw.index(b'<row r="2"'), raw.index(b"</sheetData>")
    styles = [int(one) for one in _STYLE.findall(raw[start:end])]
    width = len(styles) // 2
    numbers, texts = styles[:width], styles[width:]
    letters = [get_column_letter(place) for place in range(1, width + 1)]
    made = []
    for number, cells in enumerate(rows, 2):
        made.append(f'<row r="{number}">')
        for place, value in enumerate(cells):
            spot = f'<c r="{letters[place]}{number}" s="'
            if value is None:
                made.append(f'{spot}{texts[place]}"/>')
            elif isinstance(value, str):
                # Text stays text: a leading = would become a formula and #N/A an error.
                words = escape(ILLEGAL_CHARACTERS_RE.sub("", value)[:_LONGEST])
                made.append(
                    f'{spot}{texts[place]}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'
                )
            else:
                made.append(f'{spot}{numbers[place]}"><v>{value!r}</v></c>')
        made.append("</row>")
    return raw[:start] + "".join(made).encode() + raw[end:]


def _write(sheet: Any, spec: Sheet, count: int) -> None:
    """The sheet with its header and two rows that carry the styles of numbers and of texts."""
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
    last = 1 + count
    for value in (0, "文"):
        sheet.append(
            [
                filled(like, value, one.number_format)
                for like, one in zip(bodies, spec.columns, strict=True)
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
