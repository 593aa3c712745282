"""The flow of an algorithm as steps that lead to each other, and how a chart of them is laid out.

The main way (each step's first way on) runs down the first column; what branches off stands to the
right of it, at most three columns wide.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = 3
#: Millimetres: the tallest chart on an A4 page, a box and the gap below it at their best, and the
#: lowest box that still holds its words.
_TALLEST, _BOX, _GAP, _LOWEST = 190.0, 13.0, 8.0, 9.5


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what stands in its box, and the (step, condition or nothing) pairs
    that it leads to."""

    id: str
    name: str
    kind: str
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a step stands, from 0."""

    row: int
    column: int


def arrange(steps: list[Step]) -> dict[str, Cell]:
    """The cell of each step by its id; steps that nothing leads to stand at the foot."""
    known = {one.id: one for one in steps}
    cells: dict[str, Cell] = {}
    taken: set[Cell] = set()

    def place(name: str, row: int, column: int) -> None:
        while Cell(row, column) in taken:
            row += 1
        cells[name] = Cell(row, column)
        taken.add(cells[name])

    def follow(name: str) -> None:
        """Places the main way from a step down the first column."""
        row = max((one.row + 1 for one in taken if one.column == 0), default=0)
        while name in known and name not in cells:
            place(name, row, 0)
            row += 1
            if not known[name].ways:
                return
            name = known[name].ways[0][0]

    for start in steps:
        if start.id in cells:
            continue
        follow(start.id)
        waiting = list(cells)
        while waiting:
            here = waiting.pop(0)
            for target, _ in known[here].ways:
                if target in known and target not in cells:
                    column = min(cells[here].column + 1, COLUMNS - 1)
                    down = int(cells[here].column == column)
                    place(target, cells[here].row + down, column)
                    waiting.append(target)
    return cells


def fits(steps: list[Step]) -> bool:
    """Whether a chart of these steps is legible on one A4 page."""
    rows = 1 + max(cell.row for cell in arrange(steps).values())
    return box_height(rows) >= _LOWEST


def pitch(rows: int) -> float:
    """Millimetres from one row to the next."""
    return min(_BOX + _GAP, _TALLEST / rows)


def box_height(rows: int) -> float:
    """Millimetres that a box is high."""
    return pitch(rows) * _BOX / (_BOX + _GAP)


def unreached(steps: list[Step]) -> list[str]:
    """Names of the steps that no way leads to from the first one."""
    ways = {one.id: [to for to, _ in one.ways] for one in steps}
    reached: set[str] = set()
    waiting = [steps[0].id] if steps else []
    while waiting:
        here = waiting.pop()
        if here in ways and here not in reached:
            reached.add(here)
            waiting += ways[here]
    return [one.name for one in steps if one.id not in reached]


def unknown_targets(steps: list[Step]) -> list[str]:
    """What ways lead to and no step is."""
    known = {one.id for one in steps}
    return list(dict.fromkeys(to for one in steps for to, _ in one.ways if to not in known))
