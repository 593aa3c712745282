"""Opens a workbook or text table of any make as sheets of rows, each cell with its place."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from beian.errors import BeianError
from beian.model import Place, Value

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

#: A list of a million rows has less; what unpacks to more is no list.
LARGEST_FILE = 256 * 1024 * 1024
LARGEST_UNPACKED = 2 * 1024 * 1024 * 1024
_BOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et")
_TEXTS = (".csv", ".tsv", ".txt")
Cells = list[Value]


@dataclass(slots=True)
class Table:
    """One sheet. Rows come in order; an empty cell is ``""``; a merged cell fills its range."""

    file: str
    sheet: str
    hidden: bool = False
    _source: Any = None
    _text: str | None = None
    _shift: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def rows(self) -> Iterator[tuple[int, Cells]]:
        """(row number from 1, cells from the first column of the sheet's used part)."""
        if self._text is not None:
            yield from enumerate(_records(self._text, self.file), 1)
        elif not self.merged:
            yield from enumerate(self._source.iter_rows(), 1)
        else:
            yield from self._filled()

    def _filled(self) -> Iterator[tuple[int, Cells]]:
        waiting = sorted(self.merged)
        open_: list[tuple[int, int, int, Value]] = []
        for number, cells in enumerate(self._source.iter_rows(), 1):
            while waiting and waiting[0][0] == number:
                _, left, bottom, right = waiting.pop(0)
                open_.append((bottom, left, right, cells[left] if left < len(cells) else ""))
            for bottom, left, right, value in open_:
                for column in range(left, min(right + 1, len(cells))):
                    cells[column] = value
                del bottom
            open_ = [one for one in open_ if one[0] > number]
            yield number, cells

    def cell(self, row: int, column: int) -> str:
        """The name of a cell, such as C17; ``column`` counts as :meth:`rows` does, from 0."""
        return f"{letters(column + self._shift)}{row}"


def letters(column: int) -> str:
    """A, B … Z, AA for 0, 1 … 25, 26."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def read(raw: bytes, file: str) -> list[Table]:
    """The sheets of a workbook (.xlsx, .xls, .ods …) or of a text table (.csv, .tsv).

    BeianError when it is none, when it is encrypted, or when it is too large to be a list.
    """
    if len(raw) > LARGEST_FILE:
        raise BeianError(
            f"文件有 {len(raw) // 1024 // 1024} MB，超过 {LARGEST_FILE // 1024 // 1024} MB。",
            place=Place(file),
            hint="按类别拆成几个文件。",
        )
    if not raw.strip(b"\0 \r\n\t"):
        raise BeianError("文件是空的。", place=Place(file), hint="核对文件，重新导出。")
    ending = file[file.rfind(".") :].lower()
    if raw[:4] == b"PK\x03\x04" or raw[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return list(_sheets(raw, file))
    if ending in _BOOKS:
        raise BeianError(
            "不是 Excel 工作簿，或者文件已损坏。",
            place=Place(file),
            hint="在 Excel 或 WPS 中打开，另存为 .xlsx。",
        )
    if ending in _TEXTS:
        return [Table(file, _stem(file), _text=_decoded(raw, file))]
    raise BeianError(
        "不是可以读取的清单。", place=Place(file), hint="用 .xlsx 工作簿或者 .csv 文本。"
    )


def _sheets(raw: bytes, file: str) -> Iterator[Table]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    _refuse_bomb(raw, file)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        for meta in book.sheets_metadata:
            if meta.typ is not SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(meta.name)
            shift = sheet.start[1] if sheet.start else 0
            yield Table(
                file,
                meta.name,
                hidden=meta.visible is not SheetVisibleEnum.Visible,
                _source=sheet,
                _shift=shift,
                merged=_merged(sheet, shift),
            )
    except (BeianError, GeneratorExit):
        raise
    except Exception as error:  # calamine's errors share no base with a public name
        locked = "password" in str(error).lower() or "encrypt" in str(error).lower()
        raise BeianError(
            "工作簿已加密，无法读取。" if locked else f"无法读取工作簿：{error}。",
            place=Place(file),
            hint="在 Excel 或 WPS 中打开，去掉密码，另存为 .xlsx。",
        ) from None


def without_value(raw: bytes) -> Iterator[tuple[str, str, int]]:
    """(sheet, first cell, how many) where formulas were saved without their results.

    Programs other than Excel and WPS save such files, and every reader takes the cells for empty.
    """
    if raw[:2] != b"PK":
        return
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        computing = []
        for part in archive.namelist():
            if part.startswith("xl/worksheets/") and part.endswith(".xml"):
                with archive.open(part) as stream:
                    if _holds_formula(stream):
                        computing.append(part)
        if not computing:
            return
        for name, part in _parts(archive):
            found = _NO_VALUE.findall(archive.read(part)) if part in computing else []
            if found:
                yield name, found[0].decode("ascii", "replace"), len(found)


#: A cell with a formula and an empty value, or none.
_NO_VALUE = re.compile(
    rb'<c\b[^>]*\br="([A-Z]+[0-9]+)"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)


def _holds_formula(stream: IO[bytes]) -> bool:
    tail = b""
    while chunk := stream.read(1 << 20):
        if b"<f>" in (whole := tail + chunk) or b"<f " in whole:
            return True
        tail = chunk[-2:]
    return False


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name of the sheet, its part) of every sheet of an .xlsx file."""
    from lxml import etree

    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {str(one.get("Id")): one.get("Target") or "" for one in relations}
    for sheet in etree.fromstring(archive.read("xl/workbook.xml")).iter("{*}sheet"):
        identity = next(
            (value for key, value in sheet.attrib.items() if str(key).endswith("}id")), None
        )
        target = targets.get(str(identity), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part in names:
            yield sheet.get("name", ""), part


def _merged(sheet: CalamineSheet, shift: int) -> list[tuple[int, int, int, int]]:
    """(first row from 1, first column, last row, last column) of every merged range."""
    return [
        (top + 1, left - shift, bottom + 1, right - shift)
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if left >= shift
    ]


def _refuse_bomb(raw: bytes, file: str) -> None:
    if raw[:2] != b"PK":
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
    except zipfile.BadZipFile:
        raise BeianError(
            "不是 Excel 工作簿，或者文件已损坏。",
            place=Place(file),
            hint="在 Excel 或 WPS 中打开，另存为 .xlsx。",
        ) from None
    if unpacked > LARGEST_UNPACKED:
        raise BeianError(
            f"解压后有 {unpacked // 1024 // 1024} MB，不像一份清单。",
            place=Place(file),
            hint="删去图片和多余的空行，或者按类别拆成几个文件。",
        )


def _decoded(raw: bytes, file: str) -> str:
    """The text of a table: UTF-8, UTF-16 with its mark, or GB 18030."""
    marked = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    for coding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            return raw.decode(coding)
        except UnicodeDecodeError:
            continue
    raise BeianError(
        "文本的编码既不是 UTF-8，也不是 GB 18030。",
        place=Place(file),
        hint="在 Excel 中另存为“CSV UTF-8（逗号分隔）”或者 .xlsx。",
    )


def _records(text: str, file: str) -> Iterator[Cells]:
    first = text[: text.find("\n") + 1] or text
    mark = max(",\t;", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    except csv.Error as error:
        raise BeianError(
            f"不是完整的 CSV 文本：{error}。",
            place=Place(file),
            hint="在 Excel 中另存为“CSV UTF-8（逗号分隔）”或者 .xlsx。",
        ) from None


def _stem(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2].rpartition(".")[0]
