"""A flow chart drawn from its steps as shapes of Word: text stays text, at A4, the same every time.

Lines run straight down a column, or in the gutters between columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from beian.flow import COLUMNS, Cell, Step, arrange, box_height, pitch
from beian.printing import value_text
from beian.render.shapes import MM, NO_LINE, WHITE, Shapes, paragraph, stroke
from beian.view import Absent, Fact, Node, Unknown, merged

#: Millimetres: between columns, at the left edge, and the widest box.
_GUTTER, _EDGE, _WIDEST_BOX = 17.0, 7.0, 56.0
_TRACK, _WORDS_HEIGHT = 2.2, 3.4


@dataclass(frozen=True, slots=True)
class _Grid:
    """The measures of a chart in millimetres."""

    left: float
    box_width: float
    box_height: float
    pitch: float

    def x(self, cell: Cell) -> float:
        return self.left + cell.column * (self.box_width + _GUTTER)

    def y(self, cell: Cell) -> float:
        return cell.row * self.pitch


@dataclass(slots=True)
class _Line:
    """A line with an arrow at its end, and the words beside its beginning."""

    points: list[tuple[float, float]]
    words: str
    words_at: tuple[float, float] = field(default=(0.0, 0.0))


def needs(nodes: Fact) -> Unknown | None:
    """The absent facts without which the chart cannot be drawn; None when it can."""
    absent = merged(
        *(
            part.needs
            for node in nodes.items()
            for part in (*map(node.child, ("id", "name", "kinds", "next")), *_targets(node))
            if isinstance(part, Absent)
        )
    )
    return Unknown(absent) if absent else None


def _targets(node: Node) -> Iterator[Node]:
    following = node.child("next")
    for way in following.items() if isinstance(following, Fact) else ():
        yield way.child("to")
        yield way.child("when")


def read(nodes: Fact) -> list[Step]:
    """The steps that a list of facts states, all of them known."""
    steps = []
    for node in nodes.items():
        kinds = node.child("kinds")
        following = node.child("next")
        ways = following.items() if isinstance(following, Fact) else []
        steps.append(
            Step(
                id=_text(node, "id"),
                name=_text(node, "name"),
                kind=value_text(kinds.value, kinds.field) if isinstance(kinds, Fact) else "",
                ways=tuple((_text(way, "to"), _text(way, "when")) for way in ways),
            )
        )
    return steps


def _text(node: Node, key: str) -> str:
    part = node.child(key)
    return str(part.value) if isinstance(part, Fact) and part.value is not None else ""


def draw(steps: list[Step], caption: str, number: int, room: int) -> str:
    """A run with the chart, no wider than ``room`` (EMU); ``number`` counts figures from 1."""
    cells = arrange(steps)
    rows = 1 + max(cell.row for cell in cells.values())
    columns = 1 + max(cell.column for cell in cells.values())
    wide = room / MM
    width = min((wide - _EDGE - (columns - 1) * _GUTTER) / columns, _WIDEST_BOX)
    left = max(_EDGE, (wide - columns * width - (columns - 1) * _GUTTER) / 2)
    grid = _Grid(left, width, box_height(rows), pitch(rows))
    high = (rows - 1) * grid.pitch + grid.box_height
    shapes = _Chart(number * 1000)
    lines = list(_lines(steps, cells, grid))
    for line in lines:
        shapes.add_line(line)
    for line in lines:
        shapes.add_words(line)
    for one in steps:
        shapes.add_box(one, grid.x(cells[one.id]), grid.y(cells[one.id]), grid)
    return shapes.group(number, wide, high, f"{caption}。{in_words(steps)}")


def in_words(steps: list[Step]) -> str:
    """The chart told in one sentence a step, for who cannot see it."""
    names = {one.id: one.name for one in steps}
    told = []
    for one in steps:
        ways = [
            f"{f'{when}时' if when else ''}到“{names[to]}”" for to, when in one.ways if to in names
        ]
        told.append(f"“{one.name}”{'，'.join(ways) if ways else '为终点'}。")
    return "".join(told)


def _lines(steps: list[Step], cells: dict[str, Cell], grid: _Grid) -> Iterator[_Line]:
    tracks: dict[int, int] = defaultdict(int)
    leaving: dict[tuple[str, int], int] = defaultdict(int)
    for one in steps:
        start = cells[one.id]
        for target, when in one.ways:
            if target not in cells:
                continue
            end = cells[target]
            if end.column == start.column and end.row == start.row + 1:
                x = grid.x(start) + grid.box_width / 2
                top = grid.y(start) + grid.box_height
                yield _Line([(x, top), (x, grid.y(end))], when, (x + 0.8, top + 1.2))
                continue
            yield _bent(one.id, start, end, when, grid, tracks, leaving)


def _bent(
    name: str,
    start: Cell,
    end: Cell,
    when: str,
    grid: _Grid,
    tracks: dict[int, int],
    leaving: dict[tuple[str, int], int],
) -> _Line:
    """A line from side to side; gutter n lies to the left of column n."""
    out = start.column + 1 if end.column > start.column else start.column
    into = end.column if end.column > start.column else end.column + 1
    if end.column == start.column:
        out = into = start.column if start.column in (0, COLUMNS - 1) else start.column + 1
    toward = (end.row > start.row) - (end.row < start.row)
    again = leaving[(name, toward)]
    leaving[(name, toward)] += 1
    height = grid.box_height
    rightward = out > start.column
    # What leaves to the left stands further out, so that it never runs into what comes from there.
    aside = min((0.3 if rightward else 0.42) + 0.1 * again, 0.46)
    y1 = grid.y(start) + height * (0.5 + toward * aside)
    y2 = grid.y(end) + height * (0.5 - toward * 0.3)
    x1 = grid.x(start) + (grid.box_width if rightward else 0)
    x2 = grid.x(end) + (grid.box_width if into > end.column else 0)
    points = [(x1, y1)]
    if toward or out != into:
        track = _track(out, grid, tracks)
        points.append((track, y1))
        if out != into:
            above = grid.y(end) - (grid.pitch - height) * 0.35
            other = _track(into, grid, tracks)
            points += [(track, above), (other, above)]
            track = other
        points.append((track, y2))
    points.append((x2, y2))
    beside = x1 + 0.6 if rightward else x1 - 0.6 - words_width(when)
    # Two lines that leave downward are closer than their words are high: the second has them below.
    below = toward > 0 and again % 2
    return _Line(points, when, (beside, y1 + 0.1 if below else y1 - _WORDS_HEIGHT - 0.1))


def words_width(words: str) -> float:
    """Millimetres that the words beside a line take."""
    return len(words) * 2.7 + 0.6


def _track(gutter: int, grid: _Grid, tracks: dict[int, int]) -> float:
    """A free place for a vertical line in a gutter, from its right side."""
    tracks[gutter] += 1
    right = grid.left + gutter * (grid.box_width + _GUTTER)
    room = _EDGE if gutter == 0 else _GUTTER
    return right - min(1.6 + _TRACK * tracks[gutter], room - 1.0)


class _Chart(Shapes):
    """Boxes, lines and words of a flow chart."""

    def add_box(self, step: Step, x: float, y: float, grid: _Grid) -> None:
        geometry = "rect" if step.ways else "flowChartTerminator"
        words = paragraph(step.name, 18) + paragraph(f"（{step.kind}）", 15)
        self.add(
            geometry,
            (x, y, grid.box_width, grid.box_height),
            WHITE + stroke("000000", 9525),
            words,
        )

    def add_line(self, line: _Line) -> None:
        for number, (one, other) in enumerate(zip(line.points, line.points[1:], strict=False), 2):
            if one == other:
                continue
            self._add_segment(one, other, arrow=number == len(line.points))

    def add_words(self, line: _Line) -> None:
        """The condition of a line, over whatever line it may cross."""
        if line.words:
            box = (*line.words_at, words_width(line.words), _WORDS_HEIGHT)
            self.add("rect", box, WHITE + NO_LINE, paragraph(line.words, 15), inset=0)

    def _add_segment(
        self, one: tuple[float, float], other: tuple[float, float], *, arrow: bool
    ) -> None:
        x, y = min(one[0], other[0]), min(one[1], other[1])
        flips = (' flipH="1"' if other[0] < one[0] else "") + (
            ' flipV="1"' if other[1] < one[1] else ""
        )
        tail = '<a:tailEnd type="triangle" w="med" len="med"/>' if arrow else ""
        self.add(
            "line",
            (x, y, abs(one[0] - other[0]), abs(one[1] - other[1])),
            stroke("000000", 9525, tail),
            "",
            flips=flips,
        )
