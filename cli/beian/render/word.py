"""Word documents: a template compiled to text with tags, printed, parsed strictly, sealed."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from beian import flow, resources
from beian.errors import BeianError
from beian.model import Place
from beian.ooxml import escape, w
from beian.paths import generic
from beian.render import barchart, flowchart
from beian.render.compiled import (
    Citing,
    Compiled,
    Declared,
    Read,
    Spot,
    Surface,
    Text,
    compile_text,
    thaw,
)
from beian.render.kept import template_shelf
from beian.render.layout import MARKS, Draw, finish, mark, png_size, with_pictures, with_png
from beian.render.numbering import Numbering
from beian.render.seal import seal
from beian.view import Absent, Fact, Unknown, View

#: Word allows 64 characters in the tag and the alias of a content control.
LONGEST_CONTROL_NAME = 64


@dataclass(slots=True)
class WordTemplate:
    """A compiled Word file: its bytes, and the compiled text of each part that has tags, by name."""

    raw: bytes
    texts: dict[str, Compiled] = field(default_factory=dict)
    _parts: list[tuple[str, bytes | Compiled]] | None = None
    _numbering: Numbering | None = None
    _stem: bytes = b""

    @property
    def parts(self) -> list[tuple[str, bytes | Compiled]]:
        """The parts in order, each fixed bytes or a compiled text."""
        if self._parts is None:
            self._parts = [(name, self.texts.get(name, part)) for name, part in _unpacked(self.raw)]
        return self._parts

    @property
    def stem(self) -> bytes:
        """The parts that every file made of this template has in common, sealed."""
        if not self._stem:
            self._stem = seal(
                (name, part)
                for name, part in self.parts
                if isinstance(part, bytes) and _is_fixed(name)
            )
        return self._stem

    @property
    def numbering(self) -> Numbering:
        """How Word would count the paragraphs of this file."""
        if self._numbering is None:
            self._numbering = Numbering.read(
                {name: part for name, part in self.parts if isinstance(part, bytes)}
            )
        return self._numbering

    @property
    def compiled(self) -> Iterator[Compiled]:
        return iter(self.texts.values())

    def reads(self) -> Iterator[tuple[Read, Spot]]:
        for part in self.compiled:
            yield from ((read, part.spots[read.spot]) for read in part.reads)

    def cites(self) -> Iterator[tuple[Citing, Spot]]:
        for part in self.compiled:
            yield from ((one, part.spots[one.spot]) for one in part.cites)


class WordSurface(Surface):
    """Prints runs; in a working copy every fact is a content control named by its path."""

    def __init__(
        self,
        view: View,
        cite: Callable[[str], str],
        *,
        controls: bool,
        picture: Callable[[str], bytes | None] = lambda _: None,
    ) -> None:
        super().__init__(view, cite)
        self.controls = controls
        self.picture = picture
        self.pictures: dict[str, bytes | Draw] = {}
        self._merged: dict[str, str] = {}
        self._last_id = 0

    def fact(self, path: str, text: str, line: int) -> str:
        spot = self.spots[line]
        run = f"{spot.before}{_broken(text)}{spot.after}"
        return self._control(path, run) if self.controls and path else run

    def blank(self, thing: Absent | Unknown, line: int) -> str:
        spot = self.spots[line]
        run = f"{spot.marked_before}{escape(self.blank_words(thing))}{spot.after}"
        path = thing.path if isinstance(thing, Absent) else ""
        return self._control(path, run) if self.controls and path else run

    def undecided(self, needs: tuple[str, ...], line: int, filling: bool) -> str:
        spot = self.spots[line]
        words = self.fill_words(needs) if filling else self.pending_words(needs)
        return f"{spot.marked_before}{escape(words)}{spot.after}"

    def arrange(self, thing: Text, line: int) -> str:
        spot = self.spots[line]
        if thing.kind == "anchor":
            return mark("anchor", id=thing.text)
        if thing.kind == "ref":
            properties = spot.before.removeprefix("<w:r>").partition("<w:t")[0]
            return mark("ref", id=thing.text, properties=properties)
        if thing.kind == "toc":
            return mark("toc", levels=thing.text)
        if thing.kind == "merge":
            # A cell that says what the one above it says is joined to that one.
            column = generic(thing.path)
            if self._merged.get(column) != thing.text:
                self._merged[column] = thing.text
                self.printed.append((thing.path, thing.text))
            return self.fact(thing.path, thing.text, line) + mark("merge")
        if thing.kind == "flowchart":
            return self._flowchart(thing, line)
        if thing.kind == "bars":
            return self._bars(thing, line)
        content = self.picture(thing.text)
        if content is None or png_size(content) is None:
            return f"{spot.marked_before}{escape(f'【待补图片：{thing.text}】')}{spot.after}"
        self.pictures[thing.text] = content
        return mark("figure", path=thing.text, caption=thing.more)

    def _flowchart(self, thing: Text, line: int) -> str:
        spot = self.spots[line]
        nodes = self.view.read(thing.path)
        assert isinstance(nodes, Fact)
        steps = flowchart.read(nodes)
        if not steps or not flow.fits(steps):
            return f"{spot.marked_before}{escape(f'【待补图片：{thing.more}】')}{spot.after}"
        self.pictures[thing.path] = partial(flowchart.draw, steps)
        self.printed += [(thing.path, one.name) for one in steps]
        return mark("figure", path=thing.path, caption=thing.more)

    def _bars(self, thing: Text, line: int) -> str:
        rows = self.view.read(thing.path)
        assert isinstance(rows, Fact)
        bars = barchart.read(rows)
        if not bars:
            spot = self.spots[line]
            return f"{spot.marked_before}{escape(f'【待补图片：{thing.more}】')}{spot.after}"
        self.pictures[thing.path] = partial(barchart.draw, bars)
        self.printed += [(thing.path, text) for one in bars for text in (one.label, one.text)]
        return mark("figure", path=thing.path, caption=thing.more)

    def _control(self, path: str, run: str) -> str:
        self._last_id += 1
        return (
            f'<w:sdt><w:sdtPr><w:alias w:val="{_alias(self.view.title(path))}"/><w:tag w:val="{path}"/>'
            f'<w:id w:val="{self._last_id}"/></w:sdtPr><w:sdtContent>{run}</w:sdtContent></w:sdt>'
        )


@lru_cache(maxsize=4096)
def _alias(title: str) -> str:
    return escape(title[:LONGEST_CONTROL_NAME], {'"': "&quot;"})


def _broken(text: str) -> str:
    """Text inside w:t; line breaks and tabs become elements."""
    escaped = escape(text)
    if "\n" in escaped or "\t" in escaped:
        escaped = escaped.replace("\n", _BREAK).replace("\t", _TAB)
    return escaped


_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
_TAB = '</w:t><w:tab/><w:t xml:space="preserve">'


def render(template: WordTemplate, view: View, surface: WordSurface) -> bytes:
    """The finished file; every rendered part has been parsed strictly."""
    made: list[tuple[str, bytes]] = []
    drawn: list[tuple[str, dict[str, tuple[str, bytes]]]] = []
    for name, part in template.parts:
        if isinstance(part, Compiled):
            raw, pictures = _settled(part.render(view, surface), name, template, surface)
            made.append((name, raw))
            drawn.append((name, pictures))
        elif not _is_fixed(name):
            made.append((name, part))
    for name, pictures in drawn:
        made = with_pictures(made, name, pictures)
    return seal(made, template.stem)


def _is_fixed(name: str) -> bool:
    """Whether a part without facts is the same in every file; relationships may gain figures."""
    return not name.startswith("word/_rels/")


def _settled(
    text: str, name: str, template: WordTemplate, surface: WordSurface
) -> tuple[bytes, dict[str, tuple[str, bytes]]]:
    """The part, parsed strictly, and its pictures; a cell without a paragraph gets an empty one."""
    from lxml import etree  # takes its time, and no template on the shelf needs it

    pictures: dict[str, tuple[str, bytes]] = {}
    if MARKS in text:
        done = finish(text, template.numbering, surface.pictures, name)
        text, pictures = done.text, done.pictures
    raw = text.encode()
    try:
        root = etree.fromstring(raw, _parser())
    except etree.XMLSyntaxError as error:
        raise BeianError(
            f"模板生成的 {name} 不是合法的 XML（{error}）。",
            place=Place(name),
            hint="检查模板中 {%p %}、{%tr %} 标签是否成对、是否独占一段或一行。",
        ) from None
    paragraph = w("p")
    empty = [cell for cell in root.iter(w("tc")) if not len(cell) or cell[-1].tag != paragraph]
    if empty:
        for cell in empty:
            etree.SubElement(cell, paragraph)
        raw = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return raw, pictures


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=False
    )


def text_of(raw: bytes) -> Iterator[str]:
    """The paragraphs of every text part of a Word file, read again from its bytes."""
    from lxml import etree

    parser = _parser()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for name in archive.namelist():
            if is_text_part(name):
                for paragraph in etree.fromstring(archive.read(name), parser).iter(w("p")):
                    yield paragraph_text(paragraph)


def paragraph_text(paragraph: Any) -> str:
    """The text of one paragraph; breaks and tabs as the characters they stand for."""
    words = []
    for one in paragraph.iter(w("t"), w("br"), w("tab")):
        if one.tag == w("t"):
            words.append(one.text or "")
        elif one.getparent().tag == w("r"):
            words.append("\n" if one.tag == w("br") else "\t")
    return "".join(words)


def load(file: Path, declared: Declared, cache_folder: Path | None = None) -> WordTemplate:
    """A compiled Word template, from the shelf when the same file was compiled before."""
    raw = resources.read(file)
    shelf = template_shelf(cache_folder, raw)
    kept = shelf.read()
    if isinstance(kept, dict):
        template = WordTemplate(raw, {name: thaw(text) for name, text in kept.items()})
        if all(declared(read.path) for part in template.compiled for read in part.reads):
            return template
    template = compile_file(raw, str(file), declared)
    shelf.write({name: part.freeze() for name, part in template.texts.items()})
    return template


def compile_file(
    raw: bytes,
    file: str,
    declared: Declared,
) -> WordTemplate:
    """A compiled Word template; BeianError with part, table, row, cell and paragraph of a fault."""
    from beian.render.wordsource import template_source

    template = WordTemplate(raw)
    try:
        contents = _unpacked(raw)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        contents = []
    if not any(name == "word/document.xml" for name, _ in contents):
        raise BeianError("不是 Word 文件（.docx），或者文件已损坏。", place=Place(file))
    for name, part in contents:
        if is_text_part(name) and b"{" in part:
            source, spots = template_source(part, file, name)
            template.texts[name] = compile_text(source, spots, declared)
    return template


def _unpacked(raw: bytes) -> list[tuple[str, bytes]]:
    """The parts of a Word file, which may then hold pictures."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    return [(name, with_png(part) if name == "[Content_Types].xml" else part) for name, part in parts]


def is_text_part(name: str) -> bool:
    return bool(re.match(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml\Z", name))
