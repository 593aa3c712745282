"""Turns a part of a Word template into source for the template compiler.

docxtpl joins what Word has split over runs; then every run is broken around its tags, so that each
tag stands between runs, on a source line of its own, with a spot that tells where it stands.
"""

from __future__ import annotations

import copy
import io
import re
from typing import Any

from lxml import etree

from beian.errors import BeianError
from beian.model import Place
from beian.ooxml import W, w
from beian.render.compiled import Spot

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_HELD = "{beian}tag"
_HELD_TEXT = re.compile(r'<(\w+):tag xmlns:\1="beian" number="(\d+)"/>')
_NAMESPACE = re.compile(r' xmlns:\w+="[^"]*"')
_HEADING = re.compile(r"Title\Z|Heading\d\Z|Clause\Z")
_NUMBERED = re.compile(r"Title\Z|Heading\d\Z|Clause\Z|Subclause\Z|List|TOC")
_PARTS = {"document": "正文", "footnotes": "脚注", "endnotes": "尾注"}


# What stands before w:highlight in the sequence that CT_RPr asks for.
_BEFORE_HIGHLIGHT = frozenset(
    map(
        w,
        (
            "rStyle",
            "rFonts",
            "b",
            "bCs",
            "i",
            "iCs",
            "caps",
            "smallCaps",
            "strike",
            "dstrike",
            "outline",
            "shadow",
            "emboss",
            "imprint",
            "noProof",
            "snapToGrid",
            "vanish",
            "webHidden",
            "color",
            "spacing",
            "w",
            "kern",
            "position",
            "sz",
            "szCs",
        ),
    )
)
_KINDS = {
    w("tbl"): "row",
    w("tr"): "cell",
    w("body"): "block",
    w("tc"): "block",
    w("hdr"): "block",
    w("ftr"): "block",
    w("footnote"): "block",
    w("endnote"): "block",
}


def template_source(part: bytes, file: str, name: str) -> tuple[str, dict[int, Spot]]:
    """The source of one XML part and the spot of the tag on each of its lines."""
    from docxtpl import DocxTemplate

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(part, parser)
    except etree.XMLSyntaxError as error:
        raise BeianError(f"模板的 {name} 不是合法的 XML（{error}）。", place=Place(file)) from None
    where = Whereabouts(root, file, name)
    _refuse_revisions(root, where)
    _refuse_lost_text(root, where)
    patched = DocxTemplate(io.BytesIO()).patch_xml(etree.tostring(root, encoding="unicode"))
    try:
        tree = etree.fromstring(_TAG.sub(_escaped, patched).encode(), parser)
    except etree.XMLSyntaxError:
        raise BeianError(
            "模板有误：有标签跨越了段落、单元格或者修订，无法还原。",
            place=Place(f"{file} {where.part}"),
            hint="在 Word 中把该标签删去，在一个段落里重新输入。",
        ) from None
    _break_runs(tree)
    _lift_tags(tree)
    _refuse_misplaced(tree, where)
    where = Whereabouts(tree, file, name)
    texts: list[str] = []
    spots: dict[int, Spot] = {}
    # Line 1 is the XML declaration's; each tag brings one line break with it, inside itself.
    held = [*tree.iter(_HELD)]
    for line, tag in enumerate(held, 2):
        spots[line] = _spot(tag, where)
        words = tag.get("text").replace("\n", " ")
        texts.append(f"{words[:2]}\n{words[2:]}")
    for number, tag in enumerate(held):
        for key in list(tag.attrib):
            del tag.attrib[key]
        tag.set("number", str(number))
    text = etree.tostring(tree, encoding="unicode").replace("\n", " ")
    text = _HELD_TEXT.sub(lambda found: texts[int(found[2])], text)
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}', spots


def _escaped(match: re.Match[str]) -> str:
    return match[0].replace("<", "&lt;").replace(">", "&gt;")


def _refuse_lost_text(root: Any, where: Whereabouts) -> None:
    """docxtpl drops whatever shares a paragraph or row with {%p %} or {%tr %}: refuse it."""
    for name in ("p", "tr"):
        mark = re.compile(r"\{[%{]" + name + r"\s[^}%]*[%}]\}")
        for element in root.iter(w(name)):
            whole = "".join(text.text or "" for text in element.iter(w("t")))
            rest = mark.sub("", whole, count=1).strip()
            if mark.search(whole) and rest:
                raise BeianError(
                    f"模板有误：{{%{name} %}} 标签旁边的文字“{rest[:20]}”会丢失。",
                    place=Place(where.words(element)),
                    hint="该标签须独占一段。" if name == "p" else "该标签须独占一行。",
                )


def _refuse_revisions(root: Any, where: Whereabouts) -> None:
    """Tracked changes carry their author and half-deleted tags into the paper: refuse them."""
    kinds = map(w, ("ins", "del", "moveFrom", "moveTo", "commentReference"))
    found = next(root.iter(*kinds), None)
    if found is not None:
        raise BeianError(
            "模板有误：含有修订痕迹或者批注。",
            place=Place(where.words(found)),
            hint="在 Word 中接受或者拒绝全部修订，删除批注，再保存。",
        )


def _refuse_misplaced(tree: Any, where: Whereabouts) -> None:
    """A tag in a field code, an attribute or the like would be printed as it stands."""
    for element in tree.iter():
        texts = [element.text or "", *element.attrib.values()] if element.tag != _HELD else []
        if any(_TAG.search(text) for text in texts):
            raise BeianError(
                "模板有误：标签在不能填写的位置（域代码、属性等）。",
                place=Place(where.words(element)),
                hint="把标签移到普通的文字中。",
            )


def _break_runs(tree: Any) -> None:
    """Splits each run that has tags into runs of plain text with the tags between them."""
    for run in [
        one
        for one in tree.iter(w("r"))
        if any(_TAG.search(text.text or "") for text in one.findall(w("t")))
    ]:
        properties = run.find(w("rPr"))
        made: list[Any] = []
        for child in run:
            if child.tag == w("rPr"):
                continue
            pieces = _TAG.split(child.text or "") if child.tag == w("t") else [None]
            for piece in pieces:
                if piece is None:
                    made.append(_run(properties, child))
                elif _TAG.fullmatch(piece):
                    made.append(_tag(piece, properties))
                elif piece:
                    text = etree.Element(w("t"))
                    text.text = piece
                    text.set(_SPACE, "preserve")
                    made.append(_run(properties, text))
        parent, position = run.getparent(), run.getparent().index(run)
        if made and run.tail:
            made[-1].tail = run.tail
        run.tail = None
        parent[position : position + 1] = made


def _run(properties: Any, child: Any) -> Any:
    run = etree.Element(w("r"))
    if properties is not None:
        run.append(copy.deepcopy(properties))
    child = copy.deepcopy(child)
    child.tail = None
    run.append(child)
    return run


def _tag(text: str, properties: Any = None) -> Any:
    element = etree.Element(_HELD)
    element.set("text", text)
    if properties is not None:
        element.set("properties", _plain_xml(properties))
    return element


def _lift_tags(tree: Any) -> None:
    """Makes an element of each tag that stands between blocks, rows or cells."""
    for element in [*tree.iter()]:
        if not isinstance(element.tag, str) or element.tag in (w("t"), _HELD, w("instrText")):
            pass
        elif _TAG.search(element.text or ""):
            first, *rest = _TAG.split(element.text)
            element.text = first
            element[0:0] = _with_tails(rest)
        if _TAG.search(element.tail or ""):
            first, *rest = _TAG.split(element.tail)
            element.tail = first
            parent = element.getparent()
            position = parent.index(element) + 1
            parent[position:position] = _with_tails(rest)


def _with_tails(pieces: list[str]) -> list[Any]:
    tags = []
    for text, tail in zip(pieces[::2], pieces[1::2], strict=True):
        tag = _tag(text)
        tag.tail = tail
        tags.append(tag)
    return tags


def _spot(tag: Any, where: Whereabouts) -> Spot:
    parent = tag.getparent()
    kind = _KINDS.get(parent.tag)
    if kind is None:
        kind = "run"
        if parent.tag == w("sdtContent") and parent.getparent().getparent().tag in _KINDS:
            kind = "block"
    place, section = where.words(tag), where.section(tag)
    text = tag.get("text")
    if kind != "run" and text.startswith("{{"):
        raise BeianError(
            f"模板有误：{text} 不在段落里。", place=Place(place), hint="去掉标签中的 p、tr、tc。"
        )
    properties = tag.get("properties") or ""
    highlighted = _highlighted(properties)
    text_run = '<w:t xml:space="preserve">'
    before, marked, after = (
        f"<w:r>{properties}{text_run}",
        f"<w:r>{highlighted}{text_run}",
        "</w:t></w:r>",
    )
    if kind != "run":
        marked = f"<w:r>{_highlighted('')}{text_run}"
    if kind == "block":
        marked, after = f"<w:p>{_paragraph_properties(tag)}{marked}", f"{after}</w:p>"
    elif kind == "cell":
        marked, after = f"<w:tc><w:p>{marked}", f"{after}</w:p></w:tc>"
    elif kind == "row":
        opening, closing = _row(tag)
        marked, after = f"{opening}{marked}", f"{after}{closing}"
    return Spot(place, section, kind, before, after, marked)


def _highlighted(properties: str) -> str:
    """Run properties with the yellow of a mark, put where the schema wants it."""
    if not properties:
        return '<w:rPr><w:highlight w:val="yellow"/></w:rPr>'
    element = etree.fromstring(properties.replace("<w:rPr", f'<w:rPr xmlns:w="{W}"', 1))
    for old in element.findall(w("highlight")):
        element.remove(old)
    position = sum(1 for child in element if child.tag in _BEFORE_HIGHLIGHT)
    mark = etree.Element(w("highlight"))
    mark.set(w("val"), "yellow")
    element.insert(position, mark)
    return _plain_xml(element)


def _paragraph_properties(tag: Any) -> str:
    """Those of the nearest paragraph of plain text beside a tag: a mark takes no number."""
    following = [one for one in tag.itersiblings() if one.tag == w("p")]
    preceding = [one for one in tag.itersiblings(preceding=True) if one.tag == w("p")]
    for paragraph in (*following, *preceding):
        properties = paragraph.find(w("pPr"))
        if properties is None:
            return ""
        style = properties.find(w("pStyle"))
        named = style.get(w("val"), "") if style is not None else ""
        if not _NUMBERED.match(named) and properties.find(w("numPr")) is None:
            return _plain_xml(properties)
    return ""


def _row(tag: Any) -> tuple[str, str]:
    """What stands before and after a mark that takes the place of a whole row: one wide cell."""
    pattern = next((one for one in tag.itersiblings() if one.tag == w("tr")), None)
    cells = pattern.findall(w("tc")) if pattern is not None else []
    spans = [
        one.get(w("val"))
        for one in (cell.find(f"{w('tcPr')}/{w('gridSpan')}") for cell in cells)
        if one is not None
    ]
    columns = max(len(cells) - len(spans) + sum(map(int, spans)), 1)
    paragraph = cells[0].find(f"{w('p')}/{w('pPr')}") if cells else None
    properties = _plain_xml(paragraph) if paragraph is not None else ""
    span = f'<w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr>' if columns > 1 else ""
    return f"<w:tr><w:tc>{span}<w:p>{properties}", "</w:p></w:tc></w:tr>"


def _plain_xml(element: Any) -> str:
    """An element as text without name-space declarations, which the part's root carries."""
    copied = copy.deepcopy(element)
    copied.tail = None
    return _NAMESPACE.sub("", etree.tostring(copied, encoding="unicode"))


class Whereabouts:
    """Tells in words where an element of a part stands, and which heading is above it."""

    def __init__(self, root: Any, file: str, part: str) -> None:
        self.file = file
        stem = part.removeprefix("word/").removesuffix(".xml")
        self.part = _PARTS.get(stem, "页眉" if stem.startswith("header") else "页脚")
        self.tables = {table: number for number, table in enumerate(root.iter(w("tbl")), 1)}
        self.headings: dict[Any, str] = {}
        heading = ""
        for element in root.iter(w("p"), _HELD):
            if element.tag == w("p"):
                style = element.find(f"{w('pPr')}/{w('pStyle')}")
                if style is not None and _HEADING.match(style.get(w("val"), "")):
                    heading = _TAG.sub("", "".join(one.text or "" for one in element.iter(w("t"))))
            self.headings[element] = heading

    def words(self, element: Any) -> str:
        """``file 正文第1表第2行第1格第1段“…”`` for an element."""
        paragraph = next(
            (one for one in (element, *element.iterancestors()) if one.tag == w("p")), None
        )
        around = _text(paragraph) if paragraph is not None else element.get("text", "")
        return f"{self.file} {self.place(element)}“{around[:40]}”"

    def place(self, element: Any) -> str:
        """``正文第1表第2行第1格第1段`` for an element."""
        words = [self.part]
        for above in reversed([element, *element.iterancestors()]):
            parent = above.getparent()
            if above.tag == w("tbl"):
                words.append(f"第{self.tables.get(above, 1)}表")
            elif above.tag == w("tr") and parent is not None:
                words.append(f"第{_position(above)}行")
            elif above.tag == w("tc") and parent is not None:
                words.append(f"第{_position(above)}格")
            elif above.tag == w("p") and parent is not None:
                words.append(f"第{_position(above)}段")
        return "".join(words)

    def section(self, tag: Any) -> str:
        """The label of the row a tag stands in, or the heading above it."""
        for above in tag.iterancestors():
            if above.tag == w("tr"):
                first = above.find(w("tc"))
                if first is not None and tag not in [*first.iter(_HELD)]:
                    label = "".join(text.text or "" for text in first.iter(w("t"))).strip()
                    if label:
                        return label
        return self.headings.get(tag, "")


def _position(element: Any) -> int:
    return 1 + sum(1 for one in element.itersiblings(preceding=True) if one.tag == element.tag)


def _text(element: Any) -> str:
    words = []
    for one in element.iter(w("t"), _HELD):
        words.append(one.get("text") if one.tag == _HELD else one.text or "")
    return "".join(words)
