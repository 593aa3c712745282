"""Finds the blanks of a Word form, and puts texts into them without touching anything else."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from beian import formgrid
from beian.errors import BeianError
from beian.formgrid import Cell, Found, Grid
from beian.labels import Context
from beian.model import Place
from beian.ooxml import w

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TEXT_PART = re.compile(r"word/(document|header\d*|footer\d*)\.xml\Z")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
_LARGEST_PART = 64 * 1024 * 1024
#: Boxes that Word draws from a symbol font: Wingdings, Wingdings 2.
_BOX_SYMBOLS = frozenset({"F06F", "F0A8", "F071", "F0A3", "F0FE", "F052", "F02A"})
_HEADING_STYLE = re.compile(r"heading|\A[1-6]\Z|\A标题", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Atom:
    """One character of a paragraph, and the element (and position) that holds it."""

    character: str
    node: Any
    index: int
    underlined: bool


class Line:
    """A paragraph as text that can be replaced character by character."""

    def __init__(self, paragraph: Any) -> None:
        self.paragraph = paragraph
        self.atoms = list(_atoms(paragraph))
        self.shadow = "".join(
            "_"
            if one.character in "_＿﹍" or (one.underlined and one.character.isspace())
            else one.character
            for one in self.atoms
        )

    def replace(self, start: int, end: int, text: str) -> None:
        """Puts text in the place of some characters, into the run of the first of them."""
        gone = self.atoms[start:end]
        for atom in reversed(gone[1:]):
            _put(atom, "")
        if gone:
            _put(gone[0], text)
        elif self.atoms:
            atom = self.atoms[start - 1] if start else self.atoms[0]
            kept = atom.character if atom.index >= 0 else ""
            _put(atom, kept + text if start else text + kept)
        elif text:
            self._new_run(text)

    def _new_run(self, text: str) -> None:
        """Into an empty run of the paragraph, or a new one in the type of the paragraph's mark."""
        run = next((one for one in self.paragraph.iter(w("r")) if _is_empty(one)), None)
        if run is None:
            run = etree.SubElement(self.paragraph, w("r"))
            mark = self.paragraph.find(f"{w('pPr')}/{w('rPr')}")
            if mark is not None:
                properties = etree.SubElement(run, w("rPr"))
                properties.extend(
                    copy.deepcopy(one) for one in mark if one.tag not in _ONLY_FOR_MARKS
                )
        element = etree.SubElement(run, w("t"))
        element.text = text
        element.set(_SPACE, "preserve")


# What the properties of a paragraph's mark may hold and those of a run may not.
_ONLY_FOR_MARKS = frozenset(map(w, ("ins", "del", "moveFrom", "moveTo", "rPrChange")))


def _is_empty(run: Any) -> bool:
    return all(child.tag == w("rPr") for child in run)


def _atoms(paragraph: Any) -> Iterator[_Atom]:
    for run in paragraph.iter(w("r")):
        if next(run.iterancestors(w("p"))) is not paragraph:
            continue  # of a text box that hangs on this paragraph
        line = run.find(f"{w('rPr')}/{w('u')}")
        underlined = line is not None and line.get(w("val"), "none") != "none"
        for child in run:
            if child.tag == w("t"):
                for index, character in enumerate(child.text or ""):
                    yield _Atom(character, child, index, underlined)
            elif child.tag == w("tab"):
                yield _Atom("\t", child, -1, underlined)
            elif child.tag in (w("br"), w("cr")):
                yield _Atom("\n", child, -1, False)
            elif child.tag == w("sym"):
                is_box = child.get(w("char"), "").upper() in _BOX_SYMBOLS
                yield _Atom("□" if is_box else "\ufffc", child, -1, False)
            elif child.tag not in (w("rPr"), w("fldChar"), w("instrText")):
                yield _Atom("\ufffc", child, -1, False)


def _put(atom: _Atom, text: str) -> None:
    if atom.index >= 0:
        whole = atom.node.text
        atom.node.text = whole[: atom.index] + text + whole[atom.index + 1 :]
        atom.node.set(_SPACE, "preserve")
        return
    if text:
        element = etree.Element(w("t"))
        element.text = text
        element.set(_SPACE, "preserve")
        atom.node.addprevious(element)
    if atom.character in "\t□":
        atom.node.getparent().remove(atom.node)


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a text goes: (line, start, end) of the blank, of what goes with it, of its boxes."""

    line: Line
    start: int
    end: int
    more: tuple[tuple[Line, int, int], ...] = ()


class WordForm:
    """The blanks of a Word file; :meth:`fill` gives the file with texts in them."""

    def __init__(self, raw: bytes, file: str) -> None:
        self._entries = _entries(raw, file)
        self._trees: dict[str, Any] = {}
        self.blanks: list[Found] = []
        for entry, body in self._entries:
            if _TEXT_PART.match(entry.filename):
                root = etree.fromstring(body, _PARSER)
                self._trees[entry.filename] = root
                self.blanks.extend(_Reader(entry.filename).read(root))
        self.title = _title(self._trees.get("word/document.xml"))

    def fill(self, texts: Mapping[int, str | Mapping[int, str]]) -> bytes:
        """The file with a text in some blanks (by position), or one in some boxes of a blank."""
        edits: list[tuple[Line, int, int, str]] = []
        for number, text in texts.items():
            spot = self.blanks[number].spot
            if isinstance(text, str):
                edits.append((spot.line, spot.start, spot.end, text))
                edits.extend((line, start, end, "") for line, start, end in spot.more)
            else:
                edits.extend((*spot.more[box], one) for box, one in text.items())
        changed = set()
        for line, start, end, words in sorted(edits, key=lambda one: (-one[1], -one[2])):
            line.replace(start, end, words)
            changed.add(line.paragraph.getroottree().getroot())
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for entry, body in self._entries:
                if self._trees.get(entry.filename) in changed:
                    body = _serialised(self._trees[entry.filename])
                archive.writestr(entry, body, zipfile.ZIP_DEFLATED)
        return stream.getvalue()


def _serialised(root: Any) -> bytes:
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _entries(raw: bytes, file: str) -> list[tuple[zipfile.ZipInfo, bytes]]:
    place = Place(file)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if any(entry.file_size > _LARGEST_PART for entry in archive.infolist()):
                raise BeianError("文件过大，未读取。", place=place)
            entries = [(entry, archive.read(entry)) for entry in archive.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        raise BeianError(
            "不是 Word 文件（.docx），或者文件已加密。",
            place=place,
            hint="在 Word 或 WPS 中打开，去掉密码，另存为 .docx。",
        ) from None
    names = {entry.filename for entry, _ in entries}
    if "word/document.xml" not in names:
        raise BeianError("不是 Word 文件（.docx）。", place=place)
    if "word/vbaProject.bin" in names:
        raise BeianError("文件中有宏，未采用。", place=place, hint="另存为不含宏的 .docx。")
    return entries


class _Reader:
    """Walks one part in order and collects its blanks."""

    def __init__(self, part: str) -> None:
        stem = part.removeprefix("word/").removesuffix(".xml")
        self.part = (
            "正文" if stem == "document" else "页眉" if stem.startswith("header") else "页脚"
        )
        self.found: list[Found] = []
        self.tables = 0
        self.headings: list[tuple[int, str]] = []
        self.earlier: list[str] = []
        self.waiting = ""

    def read(self, root: Any) -> list[Found]:
        body = root if root.tag != w("document") else root.find(w("body"))
        number = 0
        for block in _flat(body):
            if block.tag == w("p"):
                number += 1
                self._paragraph(block, f"{self.part}第{number}段")
            elif block.tag == w("tbl"):
                self._table(block, ())
                self.waiting = ""
        return self.found

    # --- running text ---------------------------------------------------------------------------

    def _paragraph(self, paragraph: Any, place: str) -> None:
        line = Line(paragraph)
        before = len(self.found)
        if line.shadow.strip() and not line.shadow.strip("_ \u3000\t") and self._continues(line):
            return
        self._in_line(line, place, self._over(), self.waiting)
        words = line.shadow.strip()
        asks = words.endswith((":", "：")) and len(words) <= 30
        if len(self.found) == before:
            if words:
                self._heading(paragraph, words)
                self.waiting = words if asks else ""
            return
        last = self.found[before - 1] if before else None
        if last is not None and last.kind == "open" and self.waiting == self.found[before].label:
            del self.found[before - 1]  # its blank is this line
        opens = self.found[-1].kind == "open"
        self.waiting = self.found[-1].label if asks and opens else ""

    def _continues(self, line: Line) -> bool:
        """Whether a line of nothing but underscores goes on with the blank before it."""
        if not self.found or self.found[-1].kind != "gap":
            return False
        last = self.found[-1]
        if last.spot.line.shadow[last.spot.end :].strip():
            return False
        spans = (*last.spot.more, (line, 0, len(line.atoms)))
        spot = _Spot(last.spot.line, last.spot.start, last.spot.end, spans)
        self.found[-1] = Found(last.place, last.label, "gap", last.contexts, spot)
        return True

    def _in_line(
        self,
        line: Line,
        place: str,
        over: tuple[Context, ...],
        fallback: str = "",
        *,
        in_cell: bool = False,
    ) -> None:
        """The blanks, lists of boxes and open end of one paragraph, from the left."""
        shadow = line.shadow.rstrip() if in_cell else line.shadow
        spots: list[tuple[int, str, str, _Spot, tuple[str, ...]]] = []
        for one in formgrid.pieces(shadow, in_cell=in_cell):
            spots.append((one.start, one.label, one.kind, _Spot(line, one.start, one.end), ()))
        for group in formgrid.boxes(shadow):
            first = group.options[0].start
            boxes = tuple((line, one.start, one.end) for one in group.options)
            words = tuple(one.text for one in group.options)
            spots.append((first, group.label, "boxes", _Spot(line, first, first, boxes), words))
        if not spots and (label := formgrid.open_label(line.shadow)):
            end = len(line.atoms)
            spots.append((end, label, "open", _Spot(line, end, end), ()))
        shown = f"{place}“{line.shadow.strip()[:24]}”"
        for _, label, kind, spot, words in sorted(spots, key=lambda one: one[0]):
            label = label or fallback
            beside = tuple(Context(one, "beside") for one in reversed(self.earlier[-6:]))
            self.found.append(Found(shown, label, kind, (*over, *beside), spot, words))
            if label:
                self.earlier.append(label)

    def _heading(self, paragraph: Any, words: str) -> None:
        style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
        named = style is not None and _HEADING_STYLE.search(style.get(w("val"), ""))
        if not (formgrid.is_heading(words) or (named and len(words) <= formgrid.LONGEST_LABEL)):
            return
        level = 2 if re.match(r"\s*[（(]|\s*\d", words) else 1
        self.headings = [one for one in self.headings if one[0] < level]
        self.headings.append((level, words))
        self.earlier = []

    def _over(self) -> tuple[Context, ...]:
        return tuple(Context(words, "heading") for _, words in reversed(self.headings))

    # --- tables ---------------------------------------------------------------------------------

    def _table(self, table: Any, over: tuple[Context, ...]) -> None:
        self.tables += 1
        name = f"{self.part}第{self.tables}表"
        grid = Grid(_cells(table), (*over, *self._over()))
        self.earlier = []
        taken, under = formgrid.headed(grid, fewest_rows=2)
        for cell in grid.cells:
            if id(cell) in under:
                label, heads, kind = under[id(cell)]
                self.found.append(Found(_place(name, cell), label, kind, heads, _spot(cell)))
            if id(cell) in taken:
                continue
            place = _place(name, cell)
            if cell.nested:
                self._nested(grid, cell, place)
            elif grid.kind(cell) == "blank":
                self._blank(grid, cell, place)
            elif grid.kind(cell) in ("inline", "text") or (
                grid.kind(cell) == "label" and not _has_blank_beside(grid, cell)
            ):
                self._inside(grid, cell, place)
        self.earlier = []

    def _blank(self, grid: Grid, cell: Cell, place: str) -> None:
        label, below = grid.label_of(cell)
        words = label.shadow.strip() if label is not None else ""
        over = grid.contexts(label or cell, self.earlier)
        several = below and len(grid.row(cell.row)) > 2
        self.found.append(Found(place, words, "cell", over, _spot(cell), below=several))
        if words:
            self.earlier.append(words)

    def _inside(self, grid: Grid, cell: Cell, place: str) -> None:
        """What stands inside a cell that is not empty; boxes of several lines are one list."""
        label, _ = grid.label_of(cell)
        words = label.shadow.strip() if label is not None else ""
        over = grid.contexts(label or cell, [])
        lines: list[Line] = cell.handle
        before = len(self.found)
        for line in lines:
            self._in_line(line, place, over, words, in_cell=True)
        made = self.found[before:]
        boxes = [one for one in made if one.kind == "boxes"]
        if len(boxes) > 1 and len({one.label for one in boxes}) == 1:
            first = boxes[0]
            more = tuple(span for one in boxes for span in one.spot.more)
            spot = _Spot(first.spot.line, first.spot.start, first.spot.end, more)
            options = tuple(text for one in boxes for text in one.options)
            joined = Found(first.place, first.label, "boxes", first.contexts, spot, options)
            self.found[before:] = [
                joined if one is first else one for one in made if one not in boxes[1:]
            ]

    def _nested(self, grid: Grid, cell: Cell, place: str) -> None:
        label, _ = grid.label_of(cell)
        over = grid.contexts(label or cell, [])
        if label is not None:
            over = (Context(label.shadow.strip(), "span"), *over)
        for block in _flat(cell.handle[0].paragraph.getparent()):
            if block.tag == w("tbl"):
                self._table(block, over)
            elif block.tag == w("p"):
                self._in_line(Line(block), place, over, in_cell=True)


def _has_blank_beside(grid: Grid, cell: Cell) -> bool:
    """Whether the blank of a label that ends in a colon is a cell of its own."""
    right = grid.at.get((cell.row, cell.column + cell.columns))
    below = grid.at.get((cell.row + cell.rows, cell.column))
    if right is not None and grid.kind(right) in ("blank", "inline", "label"):
        return True
    return below is not None and grid.kind(below) == "blank"


def _spot(cell: Cell) -> _Spot:
    """The place for the text of an empty cell: its first paragraph, whole."""
    lines: list[Line] = cell.handle
    first = next((one for one in lines if one.shadow.strip()), lines[0])
    more = tuple((one, 0, len(one.atoms)) for one in lines if one is not first and one.atoms)
    return _Spot(first, 0, len(first.atoms), more)


def _place(name: str, cell: Cell) -> str:
    return f"{name}第{cell.row + 1}行第{cell.position}格"


def _flat(container: Any) -> Iterator[Any]:
    """The blocks, rows or cells of a container, also those wrapped in content controls."""
    for child in container:
        if child.tag == w("sdt"):
            content = child.find(w("sdtContent"))
            if content is not None:
                yield from _flat(content)
        elif child.tag in (w("customXml"), w("ins"), w("smartTag")):
            yield from _flat(child)
        elif isinstance(child.tag, str):
            yield child


def _cells(table: Any) -> list[Cell]:
    """The cells of a table with what they span; a vertically merged cell counts once."""
    cells: list[Cell] = []
    open_above: dict[int, Cell] = {}
    rows = [row for row in _flat(table) if row.tag == w("tr")]
    for number, row in enumerate(rows):
        column = _number(row.find(f"{w('trPr')}/{w('gridBefore')}"), 0)
        position = 0
        for element in _flat(row):
            if element.tag != w("tc"):
                continue
            position += 1
            span = _number(element.find(f"{w('tcPr')}/{w('gridSpan')}"), 1)
            merge = element.find(f"{w('tcPr')}/{w('vMerge')}")
            above = open_above.get(column)
            if merge is not None and merge.get(w("val")) != "restart" and above is not None:
                above.rows += 1
            else:
                cell = _cell(element, number, column, span, position)
                cells.append(cell)
                open_above.pop(column, None)
                if merge is not None:
                    open_above[column] = cell
            column += span
    return cells


def _cell(element: Any, row: int, column: int, span: int, position: int) -> Cell:
    lines = [Line(one) for one in _flat(element) if one.tag == w("p")]
    nested = any(one.tag == w("tbl") for one in _flat(element))
    shadow = "\n".join(line.shadow for line in lines)
    return Cell(row, column, 1, span, shadow, lines, nested=nested, position=position)


def _number(element: Any, otherwise: int) -> int:
    text = element.get(w("val"), "") if element is not None else ""
    return int(text) if text.isdigit() else otherwise


def _title(root: Any) -> str:
    """The first centred or titled paragraph of a form, before its first blank; empty if none."""
    if root is None:
        return ""
    for paragraph in [*root.iter(w("p"))][:12]:
        words = "".join(one.character for one in _atoms(paragraph)).strip()
        properties = paragraph.find(w("pPr"))
        if not words or len(words) > 60 or properties is None:
            continue
        centred = properties.find(w("jc"))
        style = properties.find(w("pStyle"))
        if (centred is not None and centred.get(w("val")) == "center") or (
            style is not None and style.get(w("val"), "").lower() in ("title", "a3")
        ):
            return re.sub(r"\s+", "", words).strip("《》")
    return ""
