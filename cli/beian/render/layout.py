"""What can only be done once a Word text is printed: references, contents, figures, merged cells.

Templates leave elements of a name space of our own (``MARKS``) where such a thing belongs; here they
are replaced. Numbers are counted as Word counts its lists, so that references and contents are right
before anybody updates a field, and stay right when somebody does.

The work is done on the text, in which every tag has one spelling, that of the compiled template:
making a tree of a long paper and writing it again takes longer than printing it.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from beian.errors import BeianError
from beian.model import Place
from beian.ooxml import escape, unescape, w
from beian.render.numbering import PROPERTIES, STYLED, Numbered, Numbering

MARKS = "urn:beian:marks"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_IMAGE = f"{_R}/image"
#: English Metric Units in a twentieth of a point and, at 96 dots an inch, in a pixel.
_TWIP, _PIXEL = 635, 9525
#: Draws a figure as a run, by its caption, its number, and the room there is (EMU).
Draw = Callable[[str, int, int], str]


#: An attribute's value: what must not stand in it as it is, beside what XML forbids in any text.
_QUOTED = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
_UNQUOTED = {code: character for character, code in _QUOTED.items()}
_MARKED = re.compile(rf'<b:(\w+) xmlns:b="{MARKS}"((?: \w+="[^"]*")*)/>')
_ATTRIBUTE = re.compile(r' ([\w:]+)="([^"]*)"')
_NUMBERED = re.compile(r"^图\d+")
_PARAGRAPH = re.compile(r"<w:p(?: [^>]*)?>|</w:p>")
_SECTION = re.compile(r"<w:sectPr[ >].*?</w:sectPr>", re.DOTALL)
_PAGE = re.compile(r"<w:pg(?:Sz|Mar)( [^>]*)/>")
_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>")


def mark(kind: str, **attributes: str) -> str:
    """A mark as it stands in the printed text of a part."""
    named = "".join(f' {key}="{escape(value, _QUOTED)}"' for key, value in attributes.items())
    return f'<b:{kind} xmlns:b="{MARKS}"{named}/>'


@dataclass(slots=True)
class Finished:
    """A finished text part, and the pictures that it refers to by relationship id."""

    text: str
    pictures: dict[str, tuple[str, bytes]]


def finish(
    text: str, numbering: Numbering, pictures: dict[str, bytes | Draw], name: str
) -> Finished:
    """A printed part with every mark replaced; ``pictures`` are PNG bytes or steps, by path."""
    if '<b:merge xmlns:b="' in text:
        text = _with_merged_cells(text)
    work = _Finishing(text, numbering.count(text), pictures, name)
    return Finished(work.text(), work.used)


class _Finishing:
    """One part on its way: what takes the place of what, collected and then joined."""

    def __init__(
        self,
        text: str,
        numbered: list[Numbered],
        pictures: dict[str, bytes | Draw],
        name: str,
    ) -> None:
        self._text = text
        self._numbered = numbered
        self._pictures = pictures
        self._name = name
        self._anchors: dict[str, str] = {}
        self._figures = 0
        self._changes: list[tuple[int, int, str]] = []
        self.used: dict[str, tuple[str, bytes]] = {}

    def text(self) -> str:
        """The finished text."""
        marks = [*_MARKED.finditer(self._text)]
        for one in marks:
            if one[1] == "anchor":
                self._set_anchor(one)
        for one in marks:
            if one[1] == "ref":
                self._put(one, self._reference(one[2]))
            elif one[1] == "figure":
                self._set_figure(one)
            elif one[1] == "toc":
                self._set_contents(one)
        pieces: list[str] = []
        position = 0
        for start, end, made in sorted(self._changes, key=lambda change: change[:2]):
            pieces += (self._text[position:start], made)
            position = end
        return "".join([*pieces, self._text[position:]])

    def _put(self, one: re.Match[str], made: str) -> None:
        self._changes.append((*one.span(), made))

    def _set_anchor(self, one: re.Match[str]) -> None:
        """Makes a bookmark of an anchor and keeps the full number of its paragraph."""
        name = _attributes(one[2])["id"]
        after = bisect_left(self._numbered, one.start(), key=lambda number: number.position)
        start, _ = _paragraph(self._text, one.start())
        if not after or self._numbered[after - 1].position < start:
            raise BeianError(f"模板有误：锚点“{name}”所在的段落没有编号。", place=Place(self._name))
        # As Word's REF \\w gives it: with the numbers above, without a period at the end.
        self._anchors[name] = self._numbered[after - 1].full.rstrip(".")
        opened, closed = _bookmark(len(self._anchors), f"_Ref_{name}")
        self._put(one, opened + closed)

    def _reference(self, asked: str) -> str:
        """A field that shows the number of its anchor, with the look of the words around it."""
        attributes = _attributes(asked)
        target, properties = attributes["id"], attributes.get("properties", "")
        if target not in self._anchors:
            raise BeianError(
                f"模板有误：所引的“{target}”不在成文中，引用它的文字却在。",
                place=Place(self._name),
                hint="把引用放在与被引条款相同的条件之下。",
            )
        # Word gives a new result the look of the field's first character.
        begin, end = _field(f" REF _Ref_{target} \\w \\h ", properties)
        return f"{begin}{_run(f'<w:t>{escape(self._anchors[target])}</w:t>', properties)}{end}"

    def _set_figure(self, one: re.Match[str]) -> None:
        """Draws a figure in a paragraph of the style for figures, with its caption below."""
        self._figures += 1
        number = self._figures
        asked = _attributes(one[2])
        # A figure before it may have been left out: numbers run on.
        told = _NUMBERED.sub(f"图{number}", asked["caption"])
        content, caption = self._pictures[asked["path"]], escape(told, _QUOTED)
        start, end = _paragraph(self._text, one.start())
        room = _text_width(self._text, end)
        if isinstance(content, bytes):
            relation = f"rIdFigure{number}"
            self.used[relation] = (f"media/figure{number}.png", content)
            self._put(one, _drawing(number, relation, caption, content, room))
        else:
            self._put(one, content(told, number, room))
        inside = self._text.index(">", start) + 1
        outside = inside
        if self._text.startswith(PROPERTIES, inside):
            outside = self._text.index("</w:pPr>", inside) + len("</w:pPr>")
        section = _SECTION.search(self._text, inside, outside)
        kept = section[0] if section is not None else ""
        styled = f'{PROPERTIES}<w:pStyle w:val="Figure"/>{kept}</w:pPr>'
        self._changes.append((inside, outside, styled))
        below = _run(f'<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t>{caption}</w:t>')
        below = f'<w:p>{PROPERTIES}<w:pStyle w:val="Caption"/></w:pPr>{below}</w:p>'
        self._changes.append((end, end, below))

    def _set_contents(self, one: re.Match[str]) -> None:
        """Lists the headings with their numbers; page numbers come when Word updates the field."""
        styles, code = CONTENTS[_attributes(one[2])["levels"]]
        numbers = {number.position: number.shown for number in self._numbered}
        headings = [found for found in STYLED.finditer(self._text) if found[1] in styles]
        begin, end = _field(code)
        made = ""
        for number, heading in enumerate(headings, 1):
            shown = numbers.get(heading.start() - len(PROPERTIES), "")
            made += (
                f'<w:p>{PROPERTIES}<w:pStyle w:val="TOC{styles.index(heading[1]) + 1}"/></w:pPr>'
                f"{begin if number == 1 else ''}{self._entry(number, heading.end(), shown)}"
                f"{end if number == len(headings) else ''}</w:p>"
            )
        self._changes.append((*_paragraph(self._text, one.start()), made))

    def _entry(self, number: int, position: int, shown: str) -> str:
        """A line of the contents that leads to its heading, which gets a bookmark."""
        name = f"_Toc{number:06d}"
        opened, closed = _bookmark(10000 + number, name)
        _, end = _paragraph(self._text, position)
        start, end = self._text.index("</w:pPr>", position) + len("</w:pPr>"), end - len("</w:p>")
        self._changes += ((start, start, opened), (end, end, closed))
        printed = _MARKED.sub(
            lambda one: self._reference(one[2]) if one[1] == "ref" else "", self._text[start:end]
        )
        gap = "\u3000" if shown.endswith("条") else ""
        words = f"{escape(shown)}{gap}{''.join(_TEXT.findall(printed))}"
        run = _run(
            f'<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t xml:space="preserve">{words}</w:t>'
        )
        return f'<w:hyperlink w:anchor="{name}" w:history="1">{run}</w:hyperlink>'


#: What ``toc`` may ask for: the styles listed, and the field that Word would update.
CONTENTS = {
    "1": (("Heading1",), ' TOC \\o "1-1" \\h \\z \\u '),
    "1-2": (("Heading1", "Heading2"), ' TOC \\o "1-2" \\h \\z \\u '),
    "clause": (("Clause",), ' TOC \\h \\z \\t "Clause,1" '),
}


def _attributes(tag: str) -> dict[str, str]:
    return {key: unescape(value, _UNQUOTED) for key, value in _ATTRIBUTE.findall(tag)}


def _paragraph(text: str, position: int) -> tuple[int, int]:
    """Where the paragraph around a position begins and ends; text boxes hold further ones."""
    start = position
    while True:
        start = text.rindex("<w:p", 0, start)
        if text[start + 4] in " >" and _depth(text[start:position]) == 1:
            break
    depth = 1
    for one in _PARAGRAPH.finditer(text, position):
        depth += _step(one[0])
        if depth == 0:
            return start, one.end()
    raise ValueError(position)


def _depth(text: str) -> int:
    """How many paragraphs a piece of text opens and does not close."""
    return sum(map(_step, _PARAGRAPH.findall(text)))


def _step(tag: str) -> int:
    if tag.startswith("</"):
        return -1
    return 0 if tag.endswith("/>") else 1


def _bookmark(number: int, name: str) -> tuple[str, str]:
    """The start and the end of a bookmark."""
    return (
        f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>',
        f'<w:bookmarkEnd w:id="{number}"/>',
    )


def _field(code: str, properties: str = "") -> tuple[str, str]:
    """What stands before and after the result of a field."""
    instruction = f'<w:instrText xml:space="preserve">{escape(code)}</w:instrText>'
    begin = (
        _run('<w:fldChar w:fldCharType="begin"/>', properties)
        + _run(instruction, properties)
        + _run('<w:fldChar w:fldCharType="separate"/>', properties)
    )
    return begin, _run('<w:fldChar w:fldCharType="end"/>', properties)


def _run(inner: str, properties: str = "") -> str:
    return f"<w:r>{properties}{inner}</w:r>"


# --- figures -------------------------------------------------------------------------------------


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG picture in pixels; None when it is none."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return (width, height) if width and height else None


def _text_width(text: str, position: int) -> int:
    """The width of the text block of the section that a position is in, in EMU."""
    section = _SECTION.search(text, position)
    if section is None:
        return 8000 * _TWIP
    sizes: dict[str, str] = {}
    for one in _PAGE.findall(section[0]):
        sizes |= _ATTRIBUTE.findall(one)
    edges = int(sizes["w:left"]) + int(sizes["w:right"])
    return (int(sizes["w:w"]) - edges) * _TWIP


def _drawing(number: int, relation: str, caption: str, content: bytes, room: int) -> str:
    """A run with a picture no wider than the text; ``caption`` is escaped already."""
    width, height = png_size(content) or (1, 1)
    wide = min(width * _PIXEL, room)
    high = wide * height // width
    tallest = 17 * 360000  # what leaves room for the caption on an A4 page
    if high > tallest:
        wide, high = wide * tallest // high, tallest
    a = "http://schemas.openxmlformats.org/drawingml/2006"
    return (
        f'<w:r xmlns:r="{_R}"><w:drawing>'
        f'<wp:inline xmlns:wp="{a}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{number}" name="figure{number}" descr="{caption}"/>'
        f'<a:graphic xmlns:a="{a}/main"><a:graphicData uri="{a}/picture">'
        f'<pic:pic xmlns:pic="{a}/picture"><pic:nvPicPr>'
        f'<pic:cNvPr id="{number}" name="figure{number}.png" descr="{caption}"/>'
        f"<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>"
        f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        f"</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def with_png(content_types: bytes) -> bytes:
    """The content types of a package in which figures may come to stand."""
    if b'Extension="png"' in content_types:
        return content_types
    declared = b'<Default Extension="png" ContentType="image/png"/><Default '
    return content_types.replace(b"<Default ", declared, 1)


def with_pictures(
    parts: list[tuple[str, bytes]], owner: str, pictures: dict[str, tuple[str, bytes]]
) -> list[tuple[str, bytes]]:
    """The parts of a package with pictures and their relationships added."""
    if not pictures:
        return parts
    from lxml import etree

    folder, _, file = owner.rpartition("/")
    relations = f"{folder}/_rels/{file}.rels"
    made = []
    for name, body in parts:
        if name == relations:
            root = etree.fromstring(body)
            for relation, (target, _) in pictures.items():
                one = etree.SubElement(root, f"{{{_RELATIONS}}}Relationship")
                one.set("Id", relation)
                one.set("Type", _IMAGE)
                one.set("Target", target)
            body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        made.append((name, body))
    return made + [(f"{folder}/{target}", content) for target, content in pictures.values()]


# --- merged cells --------------------------------------------------------------------------------

_START = re.compile(r"<([A-Za-z][\w:]*)[^>]*>")
_TABLE = re.compile(r"</?w:tbl>")


def _with_merged_cells(text: str) -> str:
    """Joins cells of one column that hold the same marked value in rows that follow each other.

    Only the tables that have such marks are read, each under the start tag of the whole part.
    """
    opening = _START.search(text)
    assert opening is not None
    done, after = [], 0
    for begin, end in _tables(text):
        table = text[begin:end]
        if MARKS in table:
            done += [text[after:begin], _merged(table, opening[0], opening[1])]
            after = end
    return "".join([*done, text[after:]])


def _tables(text: str) -> Iterator[tuple[int, int]]:
    """Where the tables that stand in no other table begin and end."""
    depth = begin = 0
    for found in _TABLE.finditer(text):
        if found[0] == "<w:tbl>":
            begin = begin if depth else found.start()
            depth += 1
        else:
            depth -= 1
            if not depth:
                yield begin, found.end()


def _merged(text: str, opening: str, name: str) -> str:
    from lxml import etree

    root: Any = etree.fromstring(f"{opening}{text}</{name}>".encode())
    for table in root.iter(w("tbl")):
        last: dict[int, tuple[str, Any]] = {}
        for row in table.findall(w("tr")):
            here: dict[int, tuple[str, Any]] = {}
            for column, cell in enumerate(row.findall(w("tc"))):
                found = [*cell.iter(f"{{{MARKS}}}merge")]
                if not found:
                    continue
                for one in found:
                    one.getparent().remove(one)
                text = "".join(part.text or "" for part in cell.iter(w("t")))
                before = last.get(column)
                if before is not None and before[0] == text:
                    _join(before[1], "restart")
                    _join(cell, "continue")
                    here[column] = before
                else:
                    here[column] = (text, cell)
            last = here
    made: str = etree.tostring(root, encoding="unicode")
    return made[made.index(">") + 1 : made.rindex("<")]


def _join(cell: Any, how: str) -> None:
    from lxml import etree

    properties = cell.find(w("tcPr"))
    if properties is None:
        properties = etree.Element(w("tcPr"))
        cell.insert(0, properties)
    if properties.find(w("vMerge")) is None:
        # vMerge stands behind tcW and gridSpan, before everything else.
        position = sum(
            1 for one in properties if one.tag in (w("tcW"), w("gridSpan"), w("cnfStyle"))
        )
        made = etree.Element(w("vMerge"))
        made.set(w("val"), how)
        properties.insert(position, made)
    if how == "continue":
        for paragraph in cell.findall(w("p"))[1:]:
            cell.remove(paragraph)
        for one in [*cell.find(w("p"))]:
            if one.tag != w("pPr"):
                one.getparent().remove(one)
