"""Native charts of annexes: counts beside their minimum, and rates beside their bound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_BAR, _LINE = "FF4472C4", "FFC00000"
_HEIGHT = 11  # centimetres


def beside_bound(
    title: str,
    *,
    names: int,
    values: int,
    bounds: int,
    unit: str,
    width: float,
    percent: bool = False,
) -> Callable[[Any, int], None]:
    """Draws bars of one column and, as a line, the bound in another; columns count from 1,
    ``width`` is in centimetres."""

    def draw(sheet: Any, last: int) -> None:
        from openpyxl.chart import BarChart, LineChart, Reference

        if last < 2:
            return
        categories = Reference(sheet, min_col=names, min_row=2, max_row=last)
        bars: Any = BarChart()
        bars.type = "col"
        bars.add_data(
            Reference(sheet, min_col=values, min_row=1, max_row=last), titles_from_data=True
        )
        bars.set_categories(categories)
        bars.title = title
        bars.y_axis.title = unit
        bars.y_axis.number_format = "0%" if percent else "0"
        bars.y_axis.scaling.min = 0
        if percent:
            bars.y_axis.scaling.max = 1
        bars.gapWidth = 60
        bars.width, bars.height = width, _HEIGHT
        bars.legend.position = "b"
        for axis in (bars.x_axis, bars.y_axis):
            axis.delete = False  # openpyxl leaves it open, and Excel then hides the axis
        bars.series[0].graphicalProperties.solidFill = _BAR[2:]
        lines: Any = LineChart()
        lines.add_data(
            Reference(sheet, min_col=bounds, min_row=1, max_row=last), titles_from_data=True
        )
        lines.set_categories(categories)
        bound = lines.series[0]
        bound.graphicalProperties.line.solidFill = _LINE[2:]
        bound.graphicalProperties.line.width = 22225  # 1.75 pt
        bound.smooth = False
        bars += lines
        sheet.add_chart(bars, f"A{last + 3}")

    return draw
