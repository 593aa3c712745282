"""Opens a workbook that somebody sent: says in one message why when it cannot be read."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beian.errors import BeianError
from beian.intake.marks import unescaped
from beian.model import Place

#: A workbook that people filled in comes nowhere near these.
LARGEST_FILE, LARGEST_CONTENT, MOST_PARTS = 64 * 1024**2, 400 * 1024**2, 5000
MOST_ROWS, MOST_COLUMNS = 200_000, 500
_WORST_RATIO = 500
_SAVE_AS = "在 Excel 或 WPS 中打开，另存为“Excel 工作簿（.xlsx）”，再试。"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds; ``kind`` is the library's letter: s text, n number, f formula, e error."""

    raw: Any
    kind: str
    place: str


Row = dict[int, Cell]


@dataclass(slots=True)
class Book:
    """An opened workbook, read sheet by sheet."""

    file: str
    opened: Any

    @property
    def names(self) -> list[str]:
        return [sheet.title for sheet in self._sheets]

    @property
    def visible(self) -> list[str]:
        return [sheet.title for sheet in self._sheets if sheet.sheet_state == "visible"]

    def rows(self, name: str) -> Iterator[tuple[int, Row]]:
        """The rows that hold something, with their numbers: the cells that are not empty, by column."""
        sheet = self.opened[name]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(), 1):
            held = {
                cell.column: Cell(
                    unescaped(cell.value) if isinstance(cell.value, str) else cell.value,
                    cell.data_type,
                    f"{name}!{cell.coordinate}",
                )
                for cell in row
                if cell.value is not None
            }
            if held and number > MOST_ROWS:
                raise self._too_long(name, f"超过 {MOST_ROWS} 行")
            if held and max(held) > MOST_COLUMNS:
                raise self._too_long(name, f"超过 {MOST_COLUMNS} 列")
            if held:
                yield number, held

    def _too_long(self, name: str, what: str) -> BeianError:
        return BeianError(
            f"工作表“{name}”{what}，未读取。",
            place=Place(self.file),
            hint="删去多余的行和列后再试。",
        )

    @property
    def _sheets(self) -> list[Any]:
        return [one for one in self.opened.worksheets if hasattr(one, "iter_rows")]


def open_book(file: Path) -> Book:
    """The workbook in a file; BeianError for what is too large, encrypted, or no .xlsx."""
    place = Place(str(file))
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise BeianError(
                f"文件有 {size / 1024**2:.0f} MB，超过 {LARGEST_FILE // 1024**2} MB 的上限，未读取。",
                place=place,
                hint="删去其中的图片和无关的工作表。",
            )
        raw = file.read_bytes()
    except IsADirectoryError:
        raise BeianError("这是一个目录，不是工作簿。", place=place) from None
    except FileNotFoundError:
        raise BeianError("找不到该文件。", place=place, hint="核对路径。") from None
    except OSError as error:
        raise BeianError(f"文件无法读取：{error.strerror}。", place=place) from None
    _refuse_other_kinds(raw, place)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _refuse_bombs(archive, place)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise BeianError(
            "文件已损坏，或者不是 .xlsx 工作簿。", place=place, hint=_SAVE_AS
        ) from None
    return Book(str(file), _load(raw, place))


def _refuse_other_kinds(raw: bytes, place: Place) -> None:
    if not raw:
        raise BeianError("文件是空的。", place=place)
    if raw.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise BeianError(
                "工作簿加了密码，无法读取。",
                place=place,
                hint="在 Excel 或 WPS 中打开，去掉打开密码，再另存为 .xlsx。",
            )
        raise BeianError("这是旧版工作簿（.xls、.et），不是 .xlsx。", place=place, hint=_SAVE_AS)
    if not raw.startswith(b"PK"):
        raise BeianError("不是 Excel 工作簿（.xlsx）。", place=place, hint=_SAVE_AS)


def _refuse_bombs(archive: zipfile.ZipFile, place: Place) -> None:
    parts = archive.infolist()
    names = {one.filename for one in parts}
    if "xl/workbook.bin" in names:
        raise BeianError("这是二进制工作簿（.xlsb），不是 .xlsx。", place=place, hint=_SAVE_AS)
    if "xl/workbook.xml" not in names:
        raise BeianError("不是 Excel 工作簿（.xlsx）。", place=place, hint=_SAVE_AS)
    whole = sum(one.file_size for one in parts)
    packed = sum(one.compress_size for one in parts) or 1
    bloated = whole > 10 * 1024**2 and whole / packed > _WORST_RATIO
    if whole > LARGEST_CONTENT or len(parts) > MOST_PARTS or bloated:
        raise BeianError(
            f"工作簿解压后有 {whole / 1024**2:.0f} MB、{len(parts)} 个部件，超过上限，未读取。",
            place=place,
            hint="如果确是正常的工作簿，把答案复制到新导出的工作簿中。",
        )
    if any(one.flag_bits & 1 for one in parts):
        raise BeianError("文件加了密码，无法读取。", place=place, hint="去掉密码后再试。")
    for one in parts:
        if one.filename.endswith((".xml", ".rels")):
            with archive.open(one) as stream:
                if _ENTITY.search(stream.read(4096)):
                    raise BeianError(
                        "工作簿中有不应出现的实体声明，未读取。", place=place, hint=_SAVE_AS
                    )


def _load(raw: bytes, place: Place) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about looks that we do not read
            return load_workbook(io.BytesIO(raw), read_only=True)
    except Exception:  # whatever the library meets in a broken file is one thing to the user
        raise BeianError("工作簿的内容已损坏，无法读取。", place=place, hint=_SAVE_AS) from None
