"""Finds the blanks of an Excel form."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

from beian import formgrid
from beian.errors import BeianError
from beian.formgrid import Cell, Found, Grid
from beian.labels import Context
from beian.model import Place

#: A form is for people: what is larger is a list.
_MOST_ROWS, _MOST_COLUMNS = 1500, 80


class BookForm:
    """The blanks of a workbook; :meth:`fill` tells what is to stand in which cell."""

    def __init__(self, raw: bytes, file: str) -> None:
        self.title = ""
        self.blanks: list[Found] = []
        for sheet in _open(raw, file).worksheets:
            if sheet.sheet_state != "visible":
                continue
            if sheet.max_row > _MOST_ROWS or sheet.max_column > _MOST_COLUMNS:
                raise BeianError(
                    f"工作表“{sheet.title}”有 {sheet.max_row} 行、{sheet.max_column} 列，不像一张表格。",
                    place=Place(file),
                    hint="删去多余的空行、空列，或者只留下表格所在的工作表。",
                )
            grid = Grid(list(_cells(sheet)))
            self.title = self.title or _title(grid)
            self.blanks.extend(_Sheet(sheet.title, grid).read())

    def fill(self, texts: Mapping[int, str | Mapping[int, str]]) -> dict[str, dict[str, str]]:
        """{sheet: {cell: path or text with tags}} for a text in some blanks (by position)."""
        edits: dict[tuple[str, str, str], list[tuple[int, int, str]]] = {}
        for number, text in texts.items():
            spot = self.blanks[number].spot
            key = (spot["sheet"], spot["cell"], spot["text"])
            if isinstance(text, str):
                edits.setdefault(key, []).append((spot["start"], spot["end"], text))
            else:
                edits.setdefault(key, []).extend(
                    (*spot["boxes"][box], one) for box, one in text.items()
                )
        cells: dict[str, dict[str, str]] = {}
        for (sheet, name, whole), changes in edits.items():
            for start, end, words in sorted(changes, reverse=True):
                whole = whole[:start] + words + whole[end:]
            cells.setdefault(sheet, {})[name] = whole
        return cells


def _open(raw: bytes, file: str) -> Any:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise BeianError("不是 Excel 工作簿（.xlsx）。", place=Place(file))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what would be lost is said by render.form
            return load_workbook(io.BytesIO(raw))
    except (zipfile.BadZipFile, KeyError, ValueError):
        raise BeianError(
            "不是 Excel 工作簿（.xlsx），或者文件已加密。",
            place=Place(file),
            hint="在 Excel 或 WPS 中打开，去掉密码，另存为 .xlsx。",
        ) from None


def _cells(sheet: Any) -> Iterator[Cell]:
    """Every cell of the used part and one column more; a merged range is one cell."""
    merged = {
        (one.min_row, one.min_col): (one.max_row - one.min_row + 1, one.max_col - one.min_col + 1)
        for one in sheet.merged_cells.ranges
    }
    covered = {
        (row, column)
        for one in sheet.merged_cells.ranges
        for row in range(one.min_row, one.max_row + 1)
        for column in range(one.min_col, one.max_col + 1)
    } - set(merged)
    for row in range(1, sheet.max_row + 1):
        for column in range(1, sheet.max_column + 2):
            if (row, column) in covered:
                continue
            cell = sheet.cell(row, column)
            rows, columns = merged.get((row, column), (1, 1))
            drawn = (row, column) in merged or _is_drawn(cell)
            text = "" if cell.value is None else str(cell.value)
            yield Cell(row - 1, column - 1, rows, columns, _shadow(text), cell, drawn)


def _is_drawn(cell: Any) -> bool:
    """Whether something shows that a cell is a blank: a line, a colour, an open lock."""
    border = cell.border
    lines = (border.left, border.right, border.top, border.bottom)
    return (
        any(one is not None and one.style for one in lines)
        or cell.fill.fill_type is not None
        or cell.protection.locked is False
    )


def _shadow(text: str) -> str:
    return text.replace("＿", "_").replace("﹍", "_").replace("\r", "\n")


def _title(grid: Grid) -> str:
    first = next((one for one in grid.cells if one.shadow.strip()), None)
    if first is None or grid.kind(first) != "label" or first.columns < 2:
        return ""
    return "".join(first.shadow.split()).strip("《》")


class _Sheet:
    """Collects the blanks of one sheet."""

    def __init__(self, name: str, grid: Grid) -> None:
        self.name = name
        self.grid = grid
        self.found: list[Found] = []
        self.earlier: list[str] = []
        self.taken: set[int] = set()

    def read(self) -> list[Found]:
        self.taken, under = formgrid.headed(self.grid, fewest_rows=1)
        for cell in self.grid.cells:
            kind = self.grid.kind(cell)
            if id(cell) in under:
                label, over, headed = under[id(cell)]
                self._add(cell, label, headed, over)
            if id(cell) in self.taken:
                continue
            if kind == "blank":
                self._blank(cell)
            elif kind == "inline" or (kind == "label" and not self._is_followed(cell)):
                self._inside(cell)
        return self.found

    def _blank(self, cell: Cell) -> None:
        label, below = self.grid.label_of(cell)
        if (label is None or id(label) in self.taken) and not cell.drawn:
            return
        words = label.shadow.strip() if label is not None else ""
        if below and not cell.drawn:
            return
        if not words and (self._left_is_blank(cell) or cell.rows * cell.columns == 1):
            return  # the ruled space beside or below a form
        over = self.grid.contexts(label or cell, self.earlier)
        is_form = cell.drawn or words.endswith((":", "："))
        several = below and len([one for one in self.grid.row(cell.row) if one.drawn]) > 2
        self._add(cell, words, "cell" if is_form else "weak", over, below=several)
        if words and is_form:
            self.earlier.append(words)

    def _left_is_blank(self, cell: Cell) -> bool:
        left = self.grid.left(cell)
        return left is not None and self.grid.kind(left) == "blank"

    def _is_followed(self, cell: Cell) -> bool:
        """Whether the blank of a label is a cell of its own."""
        right = self.grid.at.get((cell.row, cell.column + cell.columns))
        return right is not None and (
            self.grid.kind(right) in ("inline", "label")
            or (self.grid.kind(right) == "blank" and right.drawn)
        )

    def _inside(self, cell: Cell) -> None:
        label, _ = self.grid.label_of(cell)
        words = label.shadow.strip() if label is not None else ""
        over = self.grid.contexts(label or cell, [])
        text = cell.shadow
        for one in formgrid.pieces(text.rstrip(), in_cell=True):
            self._add(cell, one.label or words, one.kind, over, one.start, one.end)
        for group in formgrid.boxes(text):
            boxes = [(one.start, one.end) for one in group.options]
            options = tuple(one.text for one in group.options)
            self._add(cell, group.label or words, "boxes", over, boxes=boxes, options=options)
        if self.grid.kind(cell) == "label" and (label_here := formgrid.open_label(text)):
            self._add(cell, label_here, "open", over, len(text), len(text))

    def _add(
        self,
        cell: Cell,
        label: str,
        kind: str,
        over: tuple[Context, ...],
        start: int = 0,
        end: int | None = None,
        *,
        below: bool = False,
        boxes: list[tuple[int, int]] | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        name = cell.handle.coordinate
        spot = {
            "sheet": self.name,
            "cell": name,
            "text": cell.shadow,
            "start": start,
            "end": len(cell.shadow) if end is None else end,
            "boxes": boxes or [],
        }
        place = f"工作表“{self.name}”{name}"
        self.found.append(Found(place, label, kind, over, spot, options, below))
