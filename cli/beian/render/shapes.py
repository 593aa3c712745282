"""Shapes of Word in one group: text stays text, at A4, the same every time."""

from __future__ import annotations

from beian.ooxml import escape

#: English Metric Units in a millimetre.
MM = 36000
#: x, y, width and height in millimetres.
Box = tuple[float, float, float, float]
WHITE = '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'
NO_LINE = "<a:ln><a:noFill/></a:ln>"


def emu(millimetres: float) -> int:
    return round(millimetres * MM)


class Shapes:
    """The shapes of a group, one after another."""

    def __init__(self, first_id: int) -> None:
        self.made: list[str] = []
        self._last = first_id

    def add(
        self,
        geometry: str,
        box: Box,
        look: str,
        words: str,
        *,
        inset: int = 18000,
        flips: str = "",
    ) -> None:
        self._last += 1
        x, y, width, height = map(emu, box)
        kind = "<wps:cNvCnPr/>" if geometry == "line" else "<wps:cNvSpPr/>"
        text = f"<wps:txbx><w:txbxContent>{words}</w:txbxContent></wps:txbx>" if words else ""
        inside = f'lIns="{inset}" tIns="0" rIns="{inset}" bIns="0"'
        self.made.append(
            f'<wps:wsp><wps:cNvPr id="{self._last}" name="shape{self._last}"/>{kind}<wps:spPr>'
            f'<a:xfrm{flips}><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
            f'<a:prstGeom prst="{geometry}"><a:avLst/></a:prstGeom>{look}</wps:spPr>{text}'
            f'<wps:bodyPr wrap="square" {inside} anchor="ctr"><a:noAutofit/></wps:bodyPr></wps:wsp>'
        )

    def group(self, number: int, wide: float, high: float, told: str) -> str:
        """A run with the group; ``told`` is what it says to who cannot see it."""
        size = f'cx="{emu(wide)}" cy="{emu(high)}"'
        told = escape(told, {'"': "&quot;"})
        a = "http://schemas.openxmlformats.org/drawingml/2006"
        word = "http://schemas.microsoft.com/office/word/2010"
        return (
            '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
            f' xmlns:wpg="{word}/wordprocessingGroup" xmlns:wps="{word}/wordprocessingShape"'
            f' xmlns:wp="{a}/wordprocessingDrawing" xmlns:a="{a}/main"><mc:Choice Requires="wpg">'
            f'<w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
            f'<wp:docPr id="{number}" name="figure{number}" descr="{told}"/><wp:cNvGraphicFramePr/>'
            f'<a:graphic><a:graphicData uri="{word}/wordprocessingGroup"><wpg:wgp><wpg:cNvGrpSpPr/>'
            f'<wpg:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/><a:chOff x="0" y="0"/>'
            f"<a:chExt {size}/></a:xfrm></wpg:grpSpPr>{''.join(self.made)}</wpg:wgp></a:graphicData>"
            "</a:graphic></wp:inline></w:drawing></mc:Choice></mc:AlternateContent></w:r>"
        )


def filled(colour: str) -> str:
    """The look of an area without a line around it."""
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>{NO_LINE}'


def stroke(colour: str, width: int, tail: str = "") -> str:
    """The look of a line; ``width`` in EMU."""
    return (
        f'<a:ln w="{width}"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>{tail}</a:ln>'
    )


def paragraph(text: str, half_points: int, align: str = "center") -> str:
    return (
        f'<w:p><w:pPr><w:pStyle w:val="TableText"/><w:spacing w:before="0" w:after="0" w:line="240"'
        f' w:lineRule="auto"/><w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="{align}"/></w:pPr>'
        f'<w:r><w:rPr><w:rFonts w:hint="eastAsia"/><w:sz w:val="{half_points}"/>'
        f'<w:szCs w:val="{half_points}"/></w:rPr><w:t>{escape(text)}</w:t></w:r></w:p>'
    )
