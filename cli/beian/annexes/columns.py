"""Finds the kind of a sheet, its header row, and which column holds what; says what it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from beian.annexes.kinds import Catalogue, Column, Kind
from beian.annexes.normalise import label
from beian.annexes.problems import Problem, shown
from beian.annexes.tables import Cells, Table
from beian.model import Level

#: Titles, notes and dates may stand above the header.
_LOOKED_AT = 40
#: A header may be two rows, the upper one merged over several columns.
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header of a table of one kind stands, and what it says.

    ``columns`` maps a position to what is read there and the client's words; ``unknown`` are
    positions with words that say nothing to us, ``twice`` those that say what another one said.
    """

    kind: Kind
    first: int
    last: int
    columns: dict[int, tuple[Column, str]]
    unknown: dict[int, str]
    twice: dict[int, tuple[Column, str]]
    named: frozenset[int]

    @property
    def missing(self) -> list[Column]:
        """The columns that a table of this kind cannot do without."""
        have = {column.id for column, _ in self.columns.values()}
        lacking = [one for one in self.kind.columns if one.required and one.id not in have]
        classed = any(
            column.type in ("code", "class", "group") for column, _ in self.columns.values()
        )
        if self.kind.class_required and not classed:
            lacking.append(next(one for one in self.kind.columns if one.type == "class"))
        return lacking


def find(table: Table, kind: Kind) -> Header | None:
    """The best header of a kind in the first rows, or None where no word of it is found."""
    rows = list(islice(table.rows(), _LOOKED_AT))
    headers = _meanings(kind)
    best: tuple[int, Header] | None = None
    for start in range(len(rows)):
        for depth in range(1, _DEEPEST + 1):
            if start + depth > len(rows):
                break
            found = _read(rows[start : start + depth], kind, headers)
            if best is None or len(found.columns) > len(best[1].columns):
                best = len(found.columns), found
    return best[1] if best is not None and best[0] else None


def _meanings(kind: Kind) -> dict[str, Column | None]:
    """What each header means; None for those that are known and not read."""
    meanings: dict[str, Column | None] = dict.fromkeys(map(label, kind.ignored))
    for column in kind.columns:
        for name in (column.title, *column.headers):
            meanings.setdefault(label(name), column)
    return meanings


def _read(rows: list[tuple[int, Cells]], kind: Kind, meanings: dict[str, Column | None]) -> Header:
    columns: dict[int, tuple[Column, str]] = {}
    unknown: dict[int, str] = {}
    twice: dict[int, tuple[Column, str]] = {}
    named: set[int] = set()
    for position in range(max(len(cells) for _, cells in rows)):
        stack = [
            str(cells[position]).strip()
            for _, cells in rows
            if position < len(cells) and str(cells[position]).strip()
        ]
        if not stack:
            continue
        named.add(position)
        # The lowest word says most; what only both together say comes next.
        for words in dict.fromkeys([stack[-1], "".join(stack), stack[0]]):
            name = label(words)
            if name in meanings:
                column = meanings[name]
                if column is None:
                    break
                if any(column.id == other.id for other, _ in columns.values()):
                    twice[position] = column, words
                else:
                    columns[position] = column, words
                break
        else:
            unknown[position] = stack[-1]
    return Header(kind, rows[0][0], rows[-1][0], columns, unknown, twice, frozenset(named))


def recognise(
    table: Table, catalogue: Catalogue, wanted: str | None, report: Callable[[Problem], None]
) -> Header | None:
    """The header of a sheet; None when there is nothing to read, and why is reported.

    ``wanted`` is the kind that the user named. Otherwise names of sheet, title rows and file decide
    between the kinds whose columns are all there.
    """
    if next(iter(table.rows()), None) is None:
        return None
    notes = [one for one in catalogue.kinds.values() if not one.read]
    if _named(label(table.sheet), notes, whole=True):
        return None
    readable = [one for one in catalogue.kinds.values() if one.read]
    if table.hidden:
        report(
            _of_sheet(
                table,
                "hidden-sheet",
                Level.REVIEW,
                "工作表是隐藏的，没有读取。",
                "需要计入的，取消隐藏；不需要的，删去。",
            )
        )
        return None
    if wanted is not None:
        header = find(table, catalogue.kinds[wanted])
        return _complete(table, [header] if header else [], report)
    found = [header for kind in readable if (header := find(table, kind)) is not None]
    whole = [one for one in found if not one.missing]
    if not whole:
        found.sort(key=lambda one: -len(one.columns))
        named = _by_name(table, found)
        return _complete(table, named or found[:1], report)
    chosen = _by_name(table, whole) or _most_telling(whole)
    if len(chosen) == 1:
        return chosen[0]
    titles = "、".join(one.kind.title for one in chosen)
    report(
        _of_sheet(
            table,
            "kind-unclear",
            Level.BLOCK,
            f"从工作表名称、标题和表头看不出是哪一种附件，可能是{titles}。",
            "在工作表名称中写明，例如“应拒答测试题”；只有一种的，用 --kind 指定。",
        )
    )
    return None


def _by_name(table: Table, headers: list[Header]) -> list[Header]:
    """Those of the headers whose kind the sheet, its titles or its file name, in this order."""
    kinds = [one.kind for one in headers]
    first = min((one.first for one in headers), default=1)
    titles = [
        str(cell)
        for number, cells in islice(table.rows(), _LOOKED_AT)
        if number < first
        for cell in cells
    ]
    file = table.file.replace("\\", "/").rpartition("/")[2]
    for words in (table.sheet, " ".join(dict.fromkeys(titles)), file):
        named = _named(label(words), kinds)
        if named:
            return [one for one in headers if one.kind in named]
    return []


def _named(words: str, kinds: Iterable[Kind], *, whole: bool = False) -> list[Kind]:
    """The kinds with the longest name in ``words``."""
    lengths = [
        (len(name), kind)
        for kind in kinds
        for name in map(label, kind.names)
        if (name == words if whole else name in words)
    ]
    longest = max((length for length, _ in lengths), default=0)
    return list({kind.id: kind for length, kind in lengths if length == longest}.values())


def _most_telling(headers: list[Header]) -> list[Header]:
    most = max(len(one.columns) for one in headers)
    fewest_left = [one for one in headers if len(one.columns) == most]
    return fewest_left


def _complete(
    table: Table, headers: list[Header], report: Callable[[Problem], None]
) -> Header | None:
    """The header when nothing is missing in it; otherwise what is missing is reported."""
    if not headers:
        report(
            _of_sheet(
                table,
                "no-header",
                Level.BLOCK,
                "没有可以识别的表头，这张工作表没有读取。",
                "写上表头（例如“关键词”“一级分类”“二级分类”）；不是清单的，工作表改名为“说明”。",
            )
        )
        return None
    header = headers[0]
    if not header.missing:
        return header
    names = "、".join(f"“{one.title}”" for one in header.missing)
    known = "、".join(header.missing[0].headers[:4])
    report(
        _of_sheet(
            table,
            "column-missing",
            Level.BLOCK,
            f"按{header.kind.title}读取，缺少{names}栏，这张工作表没有读取。",
            f"补上这一栏；“{header.missing[0].title}”栏的表头可以写作{known}等。",
            kind=header.kind,
            cell=f"{header.last}:{header.last}",
        )
    )
    return None


def doubts(table: Table, header: Header) -> Iterable[Problem]:
    """The columns of a header that say nothing to us, or say the same as another."""
    for position, words in header.unknown.items():
        yield _of_sheet(
            table,
            "header-unknown",
            Level.BLOCK,
            f"表头“{shown(words)}”没有对应的栏目，这一栏没有读取。",
            "改用标准的表头；不需要的栏目删去。",
            kind=header.kind,
            cell=table.cell(header.last, position),
            value=shown(words),
        )
    for position, (column, words) in header.twice.items():
        yield _of_sheet(
            table,
            "header-twice",
            Level.BLOCK,
            f"表头“{shown(words)}”与前面的一栏都表示“{column.title}”，只读取了前面的一栏。",
            "两栏只留一栏，或者改正其中一个表头。",
            kind=header.kind,
            cell=table.cell(header.last, position),
            value=shown(words),
        )


def _of_sheet(
    table: Table,
    reason: str,
    level: Level,
    message: str,
    hint: str,
    *,
    kind: Kind | None = None,
    cell: str = "",
    value: str = "",
) -> Problem:
    annex = kind.id if kind else ""
    return Problem(reason, level, annex, table.file, table.sheet, cell, value, message, hint)
