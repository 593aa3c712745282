"""Fills an authority's own workbook: cells get texts, and nothing else of it changes."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beian import resources
from beian.errors import BeianError
from beian.model import Place
from beian.render.compiled import Compiled, Declared
from beian.render.excel import CELL_MARK, CellSurface, compile_cell, in_schema_order
from beian.render.seal import reseal
from beian.view import View

#: Parts that openpyxl silently leaves out when it saves, and what they hold.
_DROPPED_PARTS = (
    (re.compile(r"vbaProject\.bin\Z"), "宏"),
    (re.compile(r"xl/(?:charts|chartsheets)/"), "图表"),
    (re.compile(r"xl/media/"), "图片"),
    (re.compile(r"xl/drawings/[^/]+\.xml\Z"), "图片或者图形"),
    (re.compile(r"xl/(?:ctrlProps|activeX)/"), "窗体控件"),
    (re.compile(r"xl/embeddings/"), "嵌入的文件"),
    (re.compile(r"xl/(?:slicers|slicerCaches|timelines|timelineCaches)/"), "切片器"),
    (re.compile(r"xl/(?:threadedComments|persons)/"), "会话式批注"),
    (re.compile(r"xl/(?:model|queryTables)/|xl/connections\.xml\Z"), "数据连接"),
    (re.compile(r"_xmlsignatures/"), "数字签名"),
)
#: Extensions of a worksheet (Excel 2010 and later) that openpyxl does not read.
_DROPPED_MARKUP = (
    (
        re.compile(rb"<(?:\w+:)?dataValidations[^>]*2009/9/main|<x14:dataValidation"),
        "Excel 2010 的数据有效性",
    ),
    (re.compile(rb"<x14:conditionalFormatting"), "Excel 2010 的条件格式"),
    (re.compile(rb"<x14:sparkline"), "迷你图"),
    (re.compile(rb"<extLst\b"), "扩展内容"),
)
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml\Z")


def fill(
    raw: bytes, cells: Mapping[str, Mapping[str, str]], printed: Callable[[str], str]
) -> bytes:
    """The workbook with ``printed(what)`` in each cell of {sheet: {cell: what}}, sealed.

    What is printed stays text, whatever it looks like; what is printed empty leaves the cell
    alone. BeianError when the workbook holds anything that would be lost, or lacks a cell named.
    """
    from openpyxl.utils.exceptions import InvalidFileException

    refuse_losses(raw)
    try:
        book = _load(raw)
    except (InvalidFileException, KeyError, ValueError) as error:
        raise BeianError(f"工作簿无法读取：{error}") from None
    for sheet, places in cells.items():
        if sheet not in book.sheetnames:
            raise BeianError(
                f"表格中没有工作表“{sheet}”。", hint=f"现有：{'、'.join(book.sheetnames)}。"
            )
        for name, what in places.items():
            _write(book[sheet], name, printed(what))
    stream = io.BytesIO()
    book.save(stream)
    return reseal(stream.getvalue(), {"xl/styles.xml": in_schema_order})


def losses(raw: bytes) -> list[str]:
    """What saving the workbook anew would lose, in Chinese; empty when nothing."""
    found: dict[str, None] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                for pattern, words in _DROPPED_PARTS:
                    if pattern.search(name):
                        found[words] = None
                if _SHEET.match(name):
                    body = archive.read(name)
                    hit = next((words for one, words in _DROPPED_MARKUP if one.search(body)), None)
                    if hit:
                        found[hit] = None
    except zipfile.BadZipFile:
        raise BeianError("不是 Excel 工作簿（.xlsx）。") from None
    return list(found)


def refuse_losses(raw: bytes, file: str = "form.xlsx") -> None:
    """BeianError when saving the workbook anew would lose something."""
    lost = losses(raw)
    if lost:
        raise BeianError(
            f"工作簿含有{'、'.join(lost)}，填写后会丢失，因此不填写。",
            place=Place(file),
            hint="在 Excel 中去掉这些内容另存一份，或者对照事实手工填写原表。",
        )


def _load(raw: bytes) -> Any:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # openpyxl warns of what it leaves out: whatever the list above does not know.
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message="Workbook contains no default style")
        try:
            return load_workbook(io.BytesIO(raw), rich_text=True)
        except UserWarning as warning:
            raise BeianError(f"工作簿含有填写后会丢失的内容（{warning}），因此不填写。") from None


def _write(sheet: Any, name: str, text: str) -> None:
    from openpyxl.cell.cell import MergedCell

    cell = sheet[name]
    if isinstance(cell, (tuple, MergedCell)):
        raise BeianError(f"“{sheet.title}”中的 {name} 不是一个单元格，或者被合并覆盖。")
    if not text:
        return
    cell.value = text
    cell.data_type = "s"  # a leading = would become a formula, a day a number
    if text[0] in "=+-@":
        cell.quotePrefix = True


@dataclass(slots=True)
class Form:
    """An adopted workbook: its bytes, what stands in its cells, and each such text compiled."""

    raw: bytes
    cells: dict[str, dict[str, str]]
    texts: dict[str, Compiled]

    @property
    def compiled(self) -> Iterator[Compiled]:
        yield from self.texts.values()

    def render(self, view: View, surface: CellSurface) -> bytes:
        """The filled workbook, sealed; marks of a draft stand in the cells as text."""
        return fill(
            self.raw,
            self.cells,
            lambda what: str(self.texts[what].render(view, surface)).replace(CELL_MARK, ""),
        )


def load(file: Path, cells: dict[str, dict[str, str]], declared: Declared) -> Form:
    """An adopted workbook with the texts of its cells compiled; faults name sheet and cell."""
    texts: dict[str, Compiled] = {}
    for sheet, places in cells.items():
        for name, what in places.items():
            text = what if "{" in what else f"{{{{ {what} }}}}"
            texts[what] = compile_cell(text, f"{file} 工作表“{sheet}”{name}", declared)
    return Form(resources.read(file), cells, texts)
