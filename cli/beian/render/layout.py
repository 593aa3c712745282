"""What can only be done once a Word text is printed: numbers, references, contents, figures.

Templates leave elements of a name space of our own (``MARKS``) where such a thing belongs; here they
are replaced. Numbers are counted as Word counts its lists, so that references and contents are right
before anybody updates a field, and stay right when somebody does.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from beian.errors import BeianError
from beian.model import Place

MARKS = "urn:beian:marks"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_IMAGE = f"{_R}/image"
#: English Metric Units in a twentieth of a point and, at 96 dots an inch, in a pixel.
_TWIP, _PIXEL = 635, 9525


def _w(name: str) -> str:
    return f"{{{_W}}}{name}"


_PROPERTIES, _STYLE, _LIST, _VALUE = map(_w, ("pPr", "pStyle", "numPr", "val"))
_PARAGRAPH = _w("p")


def mark(kind: str, **attributes: str) -> str:
    """A mark as it stands in the printed text of a part."""
    named = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f'<b:{kind} xmlns:b="{MARKS}"{named}/>'


# --- numbers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of a Word file: which style counts in which list, and what its numbers look like."""

    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)
    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)

    @classmethod
    def read(cls, parts: dict[str, bytes]) -> Numbering:
        """The lists that ``word/numbering.xml`` and ``word/styles.xml`` declare."""
        made = cls()
        for root in _roots(parts, "word/numbering.xml"):
            for one in root.iter(_w("abstractNum")):
                made.levels[one.get(_w("abstractNumId"))] = dict(map(_level, one.iter(_w("lvl"))))
            for one in root.iter(_w("num")):
                starts = {
                    int(over.get(_w("ilvl"))): int(_value(over, "startOverride") or 1)
                    for over in one.iter(_w("lvlOverride"))
                }
                made.lists[one.get(_w("numId"))] = (_value(one, "abstractNumId") or "", starts)
        for root in _roots(parts, "word/styles.xml"):
            for one in root.iter(_w("style")):
                chosen = _choice(one)
                if chosen is not None:
                    made.styles[one.get(_w("styleId"))] = chosen
        return made

    def count(self, body: Any) -> dict[Any, tuple[str, int, str]]:
        """Each numbered paragraph with its list, its level and its number as printed."""
        counters: dict[str, dict[int, int]] = {}
        seen: set[str] = set()
        numbers: dict[Any, tuple[str, int, str]] = {}
        for paragraph, (number, level) in self._chosen(body).items():
            if number not in self.lists:
                continue
            abstract, starts = self.lists[number]
            levels = self.levels.get(abstract, {})
            if level not in levels:
                continue
            counter = counters.setdefault(abstract, {})
            if number not in seen:
                seen.add(number)
                for at, start in starts.items():
                    counter[at] = start - 1
            counter[level] = counter.get(level, levels[level].start - 1) + 1
            for below in [at for at in counter if at > level]:
                del counter[below]
            numbers[paragraph] = (abstract, level, self._shown(levels, level, counter))
        return numbers

    def _chosen(self, body: Any) -> dict[Any, tuple[str, int]]:
        """The list and level of each paragraph that has one, by its style or by its own choice."""
        found: dict[Any, tuple[str, int]] = {}
        for one in body.iter(_STYLE, _LIST):
            style = one.tag == _STYLE
            chosen = self.styles.get(one.get(_VALUE)) if style else _chosen(one)
            if chosen is not None:
                found[one.getparent().getparent()] = chosen
        return found

    def _shown(self, levels: dict[int, _Level], level: int, counter: dict[int, int]) -> str:
        text = levels[level].text
        for at, one in levels.items():
            if f"%{at + 1}" in text:
                text = text.replace(f"%{at + 1}", number_text(counter.get(at, one.start), one.form))
        return text


def number_text(number: int, form: str) -> str:
    """A number as a list prints it; forms other than decimal and Chinese counting as digits."""
    if form not in ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting"):
        return str(number)
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    if number < 100:
        return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
    return str(number)


def _level(one: Any) -> tuple[int, _Level]:
    form, text = _value(one, "numFmt") or "decimal", _value(one, "lvlText") or ""
    return int(one.get(_w("ilvl"))), _Level(form, text, int(_value(one, "start") or 1))


def _choice(element: Any) -> tuple[str, int] | None:
    chosen = element.find(f"{_w('pPr')}/{_w('numPr')}")
    return _chosen(chosen) if chosen is not None else None


def _chosen(choice: Any) -> tuple[str, int] | None:
    number, level = _value(choice, "numId"), _value(choice, "ilvl")
    return (number, int(level or 0)) if number not in (None, "0") else None


def _value(element: Any, name: str) -> str | None:
    found = element.find(_w(name))
    value: str | None = found.get(_w("val")) if found is not None else None
    return value


def _roots(parts: dict[str, bytes], name: str) -> Iterator[Any]:
    if name in parts:
        yield etree.fromstring(parts[name])


# --- replacing the marks -------------------------------------------------------------------------


@dataclass(slots=True)
class Finished:
    """A finished text part, and the pictures that it refers to by relationship id."""

    part: bytes
    pictures: dict[str, tuple[str, bytes]]


def finish(root: Any, numbering: Numbering, pictures: dict[str, bytes], name: str) -> Finished:
    """Replaces every mark in a part; ``pictures`` are the figures' PNG bytes by their path."""
    numbers = numbering.count(root)
    anchors = _set_anchors(root, numbers, name)
    _set_references(root, anchors, name)
    _merge_cells(root)
    used = _set_figures(root, pictures)
    _set_contents(root, numbers)
    part = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return Finished(part, used)


def _marks(root: Any, kind: str) -> list[Any]:
    return [*root.iter(f"{{{MARKS}}}{kind}")]


def _set_anchors(root: Any, numbers: dict[Any, tuple[str, int, str]], name: str) -> dict[str, str]:
    """Makes a bookmark of each anchor; the full number of its paragraph by the anchor's id."""
    full: dict[Any, str] = {}
    above: dict[str, dict[int, str]] = {}
    for paragraph, (abstract, level, number) in numbers.items():
        higher = {at: text for at, text in above.get(abstract, {}).items() if at < level}
        above[abstract] = higher | {level: number}
        full[paragraph] = "".join(text for _, text in sorted(above[abstract].items()))
    anchors: dict[str, str] = {}
    for count, one in enumerate(_marks(root, "anchor"), 1):
        paragraph = next(one.iterancestors(_w("p")))
        if paragraph not in full:
            raise BeianError(
                f"模板有误：锚点“{one.get('id')}”所在的段落没有编号。", place=Place(name)
            )
        # As Word's REF \\w gives it: with the numbers above, without a period at the end.
        anchors[one.get("id")] = full[paragraph].rstrip(".")
        _replace(one, [_bookmark("Start", count, f"_Ref_{one.get('id')}"), _bookmark("End", count)])
    return anchors


def _set_references(root: Any, anchors: dict[str, str], name: str) -> None:
    for one in _marks(root, "ref"):
        target = one.get("id")
        if target not in anchors:
            raise BeianError(
                f"模板有误：所引的“{target}”不在成文中，引用它的文字却在。",
                place=Place(name),
                hint="把引用放在与被引条款相同的条件之下。",
            )
        code = f" REF _Ref_{target} \\w \\h "
        _replace(one, _field(code, anchors[target], one.get("properties", "")))


def _merge_cells(root: Any) -> None:
    """Joins cells of one column that hold the same marked value in rows that follow each other."""
    if not _marks(root, "merge"):
        return
    for table in root.iter(_w("tbl")):
        last: dict[int, tuple[str, Any]] = {}
        for row in table.findall(_w("tr")):
            here: dict[int, tuple[str, Any]] = {}
            for column, cell in enumerate(row.findall(_w("tc"))):
                found = [*cell.iter(f"{{{MARKS}}}merge")]
                if not found:
                    continue
                for one in found:
                    _replace(one, [])
                text = "".join(part.text or "" for part in cell.iter(_w("t")))
                before = last.get(column)
                if before is not None and before[0] == text:
                    _join(before[1], "restart")
                    _join(cell, "continue")
                    here[column] = before
                else:
                    here[column] = (text, cell)
            last = here


def _join(cell: Any, how: str) -> None:
    properties = cell.find(_w("tcPr"))
    if properties is None:
        properties = etree.Element(_w("tcPr"))
        cell.insert(0, properties)
    if properties.find(_w("vMerge")) is None:
        # vMerge stands behind tcW and gridSpan, before everything else.
        position = sum(
            1 for one in properties if one.tag in (_w("tcW"), _w("gridSpan"), _w("cnfStyle"))
        )
        made = etree.Element(_w("vMerge"))
        made.set(_w("val"), how)
        properties.insert(position, made)
    if how == "continue":
        for paragraph in cell.findall(_w("p"))[1:]:
            cell.remove(paragraph)
        for one in [*cell.find(_w("p"))]:
            if one.tag != _w("pPr"):
                one.getparent().remove(one)


def _set_figures(root: Any, pictures: dict[str, bytes]) -> dict[str, tuple[str, bytes]]:
    """Draws each figure with its caption below; (file name, bytes) by relationship id."""
    used: dict[str, tuple[str, bytes]] = {}
    for number, one in enumerate(_marks(root, "figure"), 1):
        path, caption = one.get("path"), one.get("caption")
        relation, file = f"rIdFigure{number}", f"media/figure{number}.png"
        used[relation] = (file, pictures[path])
        paragraph = next(one.iterancestors(_w("p")))
        width = _text_width(root, paragraph)
        _replace(one, [_drawing(number, relation, caption, pictures[path], width)])
        _restyle(paragraph, "Figure")
        below = etree.fromstring(
            f'<w:p xmlns:w="{_W}"><w:pPr><w:pStyle w:val="Caption"/></w:pPr><w:r><w:rPr>'
            f'<w:rFonts w:hint="eastAsia"/></w:rPr><w:t>{escape(caption)}</w:t></w:r></w:p>'
        )
        paragraph.addnext(below)
    return used


def png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG picture in pixels; None when it is none."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:24])
    return (width, height) if width and height else None


def _text_width(root: Any, paragraph: Any) -> int:
    """The width of the text block around a paragraph, in EMU."""
    sections = list(root.iter(_w("sectPr")))
    following = {id(one) for one in paragraph.itersiblings()}
    for one in sections:
        holder = next((up for up in one.iterancestors() if up.tag == _w("p")), one)
        if id(holder) in following or one is sections[-1]:
            size, margin = one.find(_w("pgSz")), one.find(_w("pgMar"))
            edges = int(margin.get(_w("left"))) + int(margin.get(_w("right")))
            return (int(size.get(_w("w"))) - edges) * _TWIP
    return 8000 * _TWIP


def _drawing(number: int, relation: str, caption: str, content: bytes, room: int) -> Any:
    width, height = png_size(content) or (1, 1)
    wide = min(width * _PIXEL, room)
    high = wide * height // width
    tallest = 17 * 360000  # what leaves room for the caption on an A4 page
    if high > tallest:
        wide, high = wide * tallest // high, tallest
    a = "http://schemas.openxmlformats.org/drawingml/2006"
    return etree.fromstring(
        f'<w:r xmlns:w="{_W}" xmlns:r="{_R}"><w:drawing>'
        f'<wp:inline xmlns:wp="{a}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{number}" name="figure{number}" descr={quoteattr(caption)}/>'
        f'<a:graphic xmlns:a="{a}/main"><a:graphicData uri="{a}/picture">'
        f'<pic:pic xmlns:pic="{a}/picture"><pic:nvPicPr>'
        f'<pic:cNvPr id="{number}" name="figure{number}.png" descr={quoteattr(caption)}/>'
        f"<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>"
        f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        f"</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


#: What ``toc`` may ask for: the styles listed, and the field that Word would update.
CONTENTS = {
    "1": (("Heading1",), ' TOC \\o "1-1" \\h \\z \\u '),
    "1-2": (("Heading1", "Heading2"), ' TOC \\o "1-2" \\h \\z \\u '),
    "clause": (("Clause",), ' TOC \\h \\z \\t "Clause,1" '),
}


def _set_contents(root: Any, numbers: dict[Any, tuple[str, int, str]]) -> None:
    """Lists the headings with their numbers; page numbers come when Word updates the field."""
    for one in _marks(root, "toc"):
        paragraph = next(one.iterancestors(_PARAGRAPH))
        styles, code = CONTENTS[one.get("levels")]
        looks = ((one.get(_VALUE), one) for one in root.iter(_STYLE))
        headings = [
            (styles.index(style), one.getparent().getparent())
            for style, one in looks
            if style in styles
        ]
        entries = [
            (level, numbers.get(heading, ("", 0, ""))[2], heading) for level, heading in headings
        ]
        made = [_entry(number, *entry) for number, entry in enumerate(entries, 1)]
        if made:
            begin, end = _field_ends(code)
            properties = made[0].find(_PROPERTIES)
            position = made[0].index(properties) + 1
            made[0][position:position] = begin
            made[-1].append(end)
        for entry in reversed(made):
            paragraph.addnext(entry)
        paragraph.getparent().remove(paragraph)


def _entry(number: int, level: int, shown: str, heading: Any) -> Any:
    name = f"_Toc{number:06d}"
    text = "".join(part.text or "" for part in heading.iter(_w("t")))
    start = 1 if heading.find(_w("pPr")) is not None else 0
    heading.insert(start, _bookmark("Start", 10000 + number, name))
    heading.append(_bookmark("End", 10000 + number))
    gap = "\u3000" if shown.endswith("条") else ""
    return etree.fromstring(
        f'<w:p xmlns:w="{_W}"><w:pPr><w:pStyle w:val="TOC{level + 1}"/></w:pPr>'
        f'<w:hyperlink w:anchor="{name}" w:history="1"><w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(shown + gap + text)}</w:t></w:r></w:hyperlink></w:p>'
    )


# --- small pieces --------------------------------------------------------------------------------


def _bookmark(end: str, number: int, name: str | None = None) -> Any:
    made = etree.Element(_w(f"bookmark{end}"))
    made.set(_w("id"), str(number))
    if name is not None:
        made.set(_w("name"), name)
    return made


def _field(code: str, text: str, properties: str) -> list[Any]:
    """A field with its result; Word gives a new result the look of the field's first character."""
    begin, end = _field_ends(code, properties)
    return [*begin, _run(f"<w:t>{escape(text)}</w:t>", properties), end]


def _field_ends(code: str, properties: str = "") -> tuple[list[Any], Any]:
    instruction = f'<w:instrText xml:space="preserve">{escape(code)}</w:instrText>'
    return [
        _run('<w:fldChar w:fldCharType="begin"/>', properties),
        _run(instruction, properties),
        _run('<w:fldChar w:fldCharType="separate"/>', properties),
    ], _run('<w:fldChar w:fldCharType="end"/>', properties)


def _run(inner: str, properties: str) -> Any:
    return etree.fromstring(f'<w:r xmlns:w="{_W}">{properties}{inner}</w:r>')


def _replace(element: Any, made: list[Any]) -> None:
    parent = element.getparent()
    position = parent.index(element)
    parent[position : position + 1] = made


def _restyle(paragraph: Any, style: str) -> None:
    properties = paragraph.find(_w("pPr"))
    if properties is None:
        properties = etree.Element(_w("pPr"))
        paragraph.insert(0, properties)
    for one in [*properties]:
        if one.tag != _w("sectPr"):
            properties.remove(one)
    chosen = etree.Element(_w("pStyle"))
    chosen.set(_w("val"), style)
    properties.insert(0, chosen)


def with_pictures(
    parts: list[tuple[str, bytes]], owner: str, pictures: dict[str, tuple[str, bytes]]
) -> list[tuple[str, bytes]]:
    """The parts of a package with pictures, their relationships and their content type added."""
    if not pictures:
        return parts
    folder, _, file = owner.rpartition("/")
    relations = f"{folder}/_rels/{file}.rels"
    made = []
    for name, body in parts:
        if name == "[Content_Types].xml" and b'Extension="png"' not in body:
            body = body.replace(
                b"<Default ", b'<Default Extension="png" ContentType="image/png"/><Default ', 1
            )
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
