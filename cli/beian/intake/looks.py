"""How the workbook looks: named styles, widths and heights, protection, the printed page."""

from __future__ import annotations

from typing import Any

from beian.intake.marks import ANSWER, BASE, NUMBER, PATH, TITLE

WIDTHS = {PATH: 4, BASE: 4, NUMBER: 5, TITLE: 32, ANSWER: 48}
WIDTH = 20
#: Help stands in four merged cells.
HELP_WIDTH = 4 * WIDTH
#: What fits across a page and stays readable, in half-width characters.
_PAGE = 260
#: A row cannot be higher than 409 points.
_TALLEST = 400


def lines_of(text: str, width: float) -> int:
    from beian.render.excel import _lines as counted

    return counted(str(text), width)


def height(lines: int) -> float:
    return min(max(20, 15 * lines + 6), _TALLEST)


def add_styles(book: Any) -> None:
    """The looks of all cells, by name; only answers are unlocked."""
    from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side

    line = Side(style="thin", color="FFA6A6A6")
    framed = Border(left=line, right=line, top=line, bottom=line)
    yellow, grey, blue = (
        PatternFill("solid", fgColor=one) for one in ("FFFFF2CC", "FFEDEDED", "FFDDE8F3")
    )
    body, bold = Font(name="宋体", size=11), Font(name="黑体", size=11)
    small = Font(name="宋体", size=10, color="FF595959")
    wrap = Alignment(horizontal="left", vertical="center", wrap_text=True)
    inside = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
    centre = Alignment(horizontal="center", vertical="center", wrap_text=True)

    def add(name: str, font: Any, place: Any, **more: Any) -> None:
        book.add_named_style(NamedStyle(f"beian-{name}", font=font, alignment=place, **more))

    open_ = {"border": framed, "protection": Protection(locked=False)}
    add("title", Font(name="黑体", size=16), Alignment(vertical="center"))
    add("group", Font(name="黑体", size=12, color="FF1F3864"), wrap)
    add("head", bold, centre, border=framed, fill=grey)
    add("label", body, wrap)
    add("item", body, Alignment(horizontal="right", vertical="center", wrap_text=True, indent=1))
    add("help", small, wrap)
    add("note", small, Alignment(vertical="center"))
    add("mark", Font(name="宋体", size=11, color="FFC00000"), centre)
    add("number", small, centre, protection=Protection(locked=False))
    add("row", body, wrap, border=framed)
    add("open", body, wrap, protection=Protection(locked=False))
    for needed, fill in (("", PatternFill()), ("-needed", yellow)):
        add(f"answer{needed}", body, inside, number_format="@", fill=fill, **open_)
        add(f"answer-number{needed}", body, inside, number_format="General", fill=fill, **open_)
        add(f"tick{needed}", body, centre, number_format="@", fill=fill, **open_)
    add("none", body, centre, number_format="@", fill=blue, **open_)


def set_up(sheet: Any) -> None:
    """Protection without a password, and the printed page."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.protection.insertRows = False
    sheet.protection.deleteRows = False
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape"
    width = sum(
        one.width for one in sheet.column_dimensions.values() if not one.hidden and one.width
    )
    sheet.page_setup.fitToWidth = max(1, round(width / _PAGE))
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.sheet_view.showGridLines = False
