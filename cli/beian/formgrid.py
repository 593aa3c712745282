"""Reads a form as people do: which cell is a label, which a blank, which label stands over which.

Knows nothing of Word or Excel: both hand in texts and cells, and get back what they found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from beian.labels import Context, normal

LONGEST_LABEL = 40
_LONGEST_OPEN_LABEL = 20

BOXES = "□☐○◯☑☒■▢"
#: No box to tick: one of a row of them, and the one in 请在□内打√.
_BOX = re.compile(rf"[{BOXES}](?![{BOXES}]|\s*[内中里](?:打|划|画|勾|填|用))")
_SPACE = " \t\u3000\u00a0"
_GAP = f"[_{_SPACE}]"
_ASKING = "填写|填入|填报|请填|请输入|请选择|待填|待补|录入"
#: How a blank looks in running text, where underlined spaces are read as underscores; the first
#: that fits counts.
_PATTERNS = (
    (
        "mark",
        re.compile(
            rf"[【\[〔〖][^【】\[\]〔〕〖〗]{{0,40}}(?:{_ASKING})[^【】\[\]〔〕〖〗]{{0,40}}[】\]〕〗]"
        ),
    ),
    ("mark", re.compile(r"\A\s*[（(]\s*(?:请|此处|待)[^（）()]{0,40}[）)]\s*\Z")),
    ("date", re.compile(rf"(?:20\d{{0,2}})?{_GAP}*年{_GAP}+月{_GAP}+日")),
    ("gap", re.compile(rf"(?<=[【〔〖]){_GAP}*(?=[】〕〗])")),
    ("gap", re.compile(rf"(?<=[（(\[]){_GAP}+(?=[）)\]])")),
    ("gap", re.compile(r"_{2,}(?:[ \u3000]*_{2,})*")),
    ("gap", re.compile(rf"(?<=[:：])[{_SPACE}]{{2,}}")),
)
_UNIT = re.compile(
    rf"\A(?P<gap>[{_SPACE}]{{2,}})"
    r"(?:人|名|个|万?元|%|％|天|日|(?:个)?工作日|条|项|次|周?岁|家|件|台|款|小时)\Z"
)
_CUT = re.compile(rf"[。；;，,、！!？?\n{BOXES}]|[{_SPACE}]{{2,}}|\t")
_AFTER = re.compile(
    r"\s*[（(](?:以下(?:简称|称)[“\"'‘「]?)?([^（）()“”\"'‘’「」]{2,20})[”\"'’」]?[）)]"
)
_HEADING = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[）)]|\d{1,2}[.、．])"
)
_LONGEST_HEADING = 30
_NUMBER_CELL = re.compile(r"\d{0,3}\Z|…+\Z|\.{3,}\Z")


@dataclass(slots=True)
class Cell:
    """One cell of a form: where it stands, what it says, and whose it is.

    ``shadow`` is ``text`` with underlined spaces as underscores; ``drawn`` is false for a cell of a
    worksheet that nothing shows to be a blank.
    """

    row: int
    column: int
    rows: int
    columns: int
    shadow: str
    handle: Any
    drawn: bool = True
    nested: bool = False
    position: int = 1

    @property
    def kind(self) -> str:
        """blank, label, inline (holds blanks or boxes) or text."""
        if self.nested or "{{" in self.shadow or "{%" in self.shadow:
            return "text"
        if is_blank(self.shadow):
            return "blank"
        words = self.shadow.rstrip()
        if any(pieces(words, in_cell=True)) or boxes(words):
            return "inline"
        words = words.strip()
        return "label" if len(normal(words)) <= LONGEST_LABEL and "。" not in words else "text"


@dataclass(frozen=True, slots=True)
class Piece:
    """A blank inside a text: from where to where, its label there, and how it looks."""

    start: int
    end: int
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Option:
    """One box of a list: where the box stands, and the words beside it."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """A list of boxes under one label."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A blank of a form with everything that tells what belongs there.

    ``kind`` is cell, gap, date, mark, boxes, open (a colon at the end of a line), weak (a cell that
    nothing shows to be a blank) or column (of a list of rows); ``spot`` is the reader's.
    """

    place: str
    label: str
    kind: str
    contexts: tuple[Context, ...]
    spot: Any
    options: tuple[str, ...] = ()
    below: bool = False


def is_heading(words: str) -> bool:
    """Whether a line is a numbered heading, and no numbered clause."""
    short = len(words.strip()) <= _LONGEST_HEADING
    return short and bool(_HEADING.match(words)) and not re.search(r"[。；;，,]", words)


def is_blank(shadow: str) -> bool:
    """Whether a text holds nothing but space, underscores, or one mark that asks to be filled."""
    if not shadow.strip(f"_{_SPACE}\n"):
        return True
    words = shadow.strip()
    return any(kind == "mark" and one.fullmatch(words) for kind, one in _PATTERNS)


def pieces(shadow: str, *, in_cell: bool = False) -> Iterator[Piece]:
    """The blanks inside a text, in order; a text that is one blank from end to end is one."""
    if in_cell and (found := _UNIT.match(shadow)):
        yield Piece(0, found.end("gap"), "", "gap")
        return
    last = 0
    for start, end, kind in _spans(shadow):
        kept = end
        if kind == "gap" and not shadow[start:end].strip(_SPACE) and shadow[start - 1] in ":：":
            kept = end if not shadow[end:].strip() else end - 2  # what follows keeps its distance
        label = _label(shadow, last, start) or _label_after(shadow, end)
        if kind == "date" and not re.search(r"[日期间]", label):
            label = "…".join(filter(None, (label, _CUT.split(shadow[end:].strip())[0][:8])))
        yield Piece(start, max(kept, start), label, kind)
        last = end


def _spans(shadow: str) -> list[tuple[int, int, str]]:
    taken: list[tuple[int, int, str]] = []
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(shadow):
            start, end = found.span()
            if not any(
                (start < one[1] and one[0] < end) or (start, end) == one[:2] for one in taken
            ):
                taken.append((start, end, kind))
    return sorted(taken)


def _label(shadow: str, start: int, end: int) -> str:
    """The words that lead up to a blank."""
    words = shadow[start:end].strip().rstrip(":：（([【〔〖" + _SPACE)
    words = _CUT.split(words)[-1] if words else ""
    opened = max(words.rfind("（"), words.rfind("("))
    if opened > max(words.rfind("）"), words.rfind(")")):
        words = words[opened + 1 :]
    if start and words.startswith(("）", ")", "】", "〕", "〗", "]")):
        words = words[1:]
    words = re.sub(r"\A[（(][^（）()]*[）)]", "", words) if start else words
    words = words.strip(":：" + _SPACE)
    return words[:-1] if len(words) > 2 and words[-1] in "为是系" else words


def _label_after(shadow: str, end: int) -> str:
    found = _AFTER.match(shadow, end)
    return found[1].strip() if found and found[1].strip(_SPACE + "_") else ""


def open_label(shadow: str) -> str:
    """The label of a line that ends in a colon and nothing; empty when there is none."""
    words = shadow.rstrip()
    if not words.endswith((":", "：")) or len(words) > _LONGEST_OPEN_LABEL:
        return ""
    return _label(shadow, 0, len(words))


def boxes(shadow: str) -> list[Boxes]:
    """The lists of boxes in a text, each with the label before it."""
    marks = [one.start() for one in _BOX.finditer(shadow)]
    if not marks:
        return []
    if _stands_after(shadow, marks):
        return _boxes_after_words(shadow, marks)
    made: list[Boxes] = []
    label, options = _label(shadow, 0, marks[0]), list[Option]()
    for mark, following in zip(marks, [*marks[1:], len(shadow)], strict=True):
        words = shadow[mark + 1 : following]
        own, rest = _own_words(words)
        options.append(Option(mark, mark + 1, own))
        heading = rest.strip()
        if heading.endswith((":", "：")) and following < len(shadow):
            made.append(Boxes(label, tuple(options)))
            label, options = _label(heading, 0, len(heading)), []
    if options:
        made.append(Boxes(label, tuple(options)))
    return made


def _own_words(words: str) -> tuple[str, str]:
    """The words of an option, and what follows them before the next box."""
    lead = len(words) - len(words.lstrip(_SPACE))
    end = re.compile(rf"[{_SPACE}]{{2,}}|\n|_|[；;，,。]|\t").search(words, lead)
    cut = end.start() if end else len(words)
    return words[lead:cut].strip().rstrip(":：").strip(), words[cut:]


def _stands_after(shadow: str, marks: list[int]) -> bool:
    """Whether boxes stand behind their words, as in 是□ 否□."""
    head = re.split(r"[:：]", shadow[: marks[0]])[-1].strip()
    return bool(head) and not shadow[marks[-1] + 1 :].strip("。；;，, \u3000\n")


def _boxes_after_words(shadow: str, marks: list[int]) -> list[Boxes]:
    options: list[Option] = []
    last, label = 0, ""
    for mark in marks:
        words = shadow[last:mark]
        if not options and (found := re.search(r"[:：]", words)):
            label, words = _label(shadow, 0, found.start()), words[found.end() :]
        options.append(Option(mark, mark + 1, words.strip(_SPACE + "\n/／、;；,，")))
        last = mark + 1
    return [Boxes(label, tuple(options))]


@dataclass(slots=True)
class Grid:
    """The cells of one table, by the row and column they cover."""

    cells: list[Cell]
    heading: tuple[Context, ...] = ()
    at: dict[tuple[int, int], Cell] = field(default_factory=dict)
    columns: int = 0

    def __post_init__(self) -> None:
        for cell in self.cells:
            self.columns = max(self.columns, cell.column + cell.columns)
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    self.at.setdefault((row, column), cell)
        self._kinds = {id(cell): cell.kind for cell in self.cells}

    _kinds: dict[int, str] = field(default_factory=dict, repr=False)

    def kind(self, cell: Cell) -> str:
        return self._kinds[id(cell)]

    def left(self, cell: Cell) -> Cell | None:
        return self.at.get((cell.row, cell.column - 1))

    def above(self, cell: Cell) -> Cell | None:
        return self.at.get((cell.row - 1, cell.column))

    def row(self, number: int) -> list[Cell]:
        """The cells that begin in a row, from the left."""
        return sorted((one for one in self.cells if one.row == number), key=lambda one: one.column)

    def label_of(self, cell: Cell) -> tuple[Cell | None, bool]:
        """The label of a blank, and whether it stands above instead of to the left."""
        left = self.left(cell)
        if left is not None and self.kind(left) == "label":
            return left, False
        above = self.above(cell)
        if (
            above is not None
            and self.kind(above) == "label"
            and (above.column, above.columns) == (cell.column, cell.columns)
        ):
            return above, True
        return None, False

    def contexts(self, label: Cell, earlier: list[str]) -> tuple[Context, ...]:
        """What stands over a label: row spans, the section row, the heading, earlier labels."""
        over: list[Context] = []
        left = self.left(label)
        while left is not None and self.kind(left) == "label":
            over.append(Context(left.shadow.strip(), "span"))
            left = self.left(left)
        section = self._section(label)
        if section is not None:
            over.append(Context(section.shadow.strip(), "section"))
        else:
            over.extend(self.heading)
        over.extend(Context(one, "beside") for one in reversed(earlier[-6:]))
        return tuple(over)

    def _section(self, label: Cell) -> Cell | None:
        """The nearest row above that is nothing but one label: merged, or a numbered heading."""
        for number in range(label.row - 1, -1, -1):
            row = [one for one in self.row(number) if one.drawn or self.kind(one) != "blank"]
            if len(row) != 1 or self.kind(row[0]) != "label" or (number, 0) not in self.at:
                continue
            [above] = row
            merged = above.columns > 1 and above.column == 0
            if (merged or is_heading(above.shadow)) and not self._has_blank_below(above):
                return above
        return None

    def _has_blank_below(self, cell: Cell) -> bool:
        below = self.at.get((cell.row + cell.rows, cell.column))
        return below is not None and below.columns == cell.columns and self.kind(below) == "blank"


@dataclass(frozen=True, slots=True)
class Head:
    """A row of column titles and the rows under it: a list to be filled, or a matrix."""

    titles: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_matrix: bool


def heads(grid: Grid, *, fewest_rows: int) -> Iterator[Head]:
    """The rows of at least three (over several rows: two) column titles with empty rows below.

    Under a matrix each row begins with a label of its own. ``fewest_rows`` tells how many empty
    rows make a list.
    """
    numbers = sorted({cell.row for cell in grid.cells})
    done = -1
    for number in numbers:
        titles = [one for one in grid.row(number) if one.rows == 1]
        while titles and not titles[-1].drawn and grid.kind(titles[-1]) == "blank":
            titles.pop()
        if number <= done or len(titles) < 2 or any(grid.kind(one) != "label" for one in titles):
            continue
        listed = _rows_below(grid, titles, numbers, matrix=False)
        if len(listed) >= (fewest_rows if len(titles) > 2 else max(2, fewest_rows)):
            yield Head(tuple(titles), tuple(listed), False)
            done = listed[-1][0].row
            continue
        listed = _rows_below(grid, titles, numbers, matrix=True)
        if listed and len(titles) > 2:
            yield Head(tuple(titles), tuple(listed), True)
            done = listed[-1][0].row


Headed = tuple[str, tuple[Context, ...], str]


def headed(grid: Grid, *, fewest_rows: int) -> tuple[set[int], dict[int, Headed]]:
    """The cells (by identity) that belong to heads, and of their blanks label, contexts, kind."""
    taken: set[int] = set()
    blanks: dict[int, Headed] = {}
    for head in heads(grid, fewest_rows=fewest_rows):
        if not any(one.drawn for one in (*head.titles, *head.rows[0])):
            continue
        taken.update(id(cell) for row in (head.titles, *head.rows) for cell in row)
        for cell, label, over in _under(grid, head):
            blanks[id(cell)] = (label, over, "cell" if head.is_matrix else "column")
    return taken, blanks


def _under(grid: Grid, head: Head) -> Iterator[tuple[Cell, str, tuple[Context, ...]]]:
    """The blanks under a head with label and contexts: each of a matrix, the first of a list."""
    if not head.is_matrix:
        for title, cell in zip(head.titles, head.rows[0], strict=True):
            yield cell, title.shadow.strip(), grid.contexts(title, [])
        return
    for first, *others in head.rows:
        over = (Context(first.shadow.strip(), "span"), *grid.contexts(first, []))
        for title, cell in zip(head.titles[1:], others, strict=True):
            yield cell, title.shadow.strip(), over


def _rows_below(
    grid: Grid, titles: list[Cell], numbers: list[int], *, matrix: bool
) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    shape = [(one.column, one.columns) for one in titles]
    for number in numbers:
        if number <= titles[0].row:
            continue
        cells = [one for one in grid.row(number) if one.column <= shape[-1][0]]
        if [(one.column, one.columns) for one in cells] != shape:
            break
        first, *others = cells
        fits = grid.kind(first) == "label" and not _NUMBER_CELL.match(first.shadow.strip())
        if not matrix:
            fits = grid.kind(first) == "blank" or bool(_NUMBER_CELL.match(first.shadow.strip()))
        if not fits or any(grid.kind(one) != "blank" for one in others):
            break
        rows.append(tuple(cells))
    return rows
