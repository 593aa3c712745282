"""An agreement as passages of text: where each stands, its clause, what of it is emphasised."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beian.errors import BeianError
from beian.lint.elements import local, parsed
from beian.model import Place
from beian.ooxml import w
from beian.render.numbering import Numbering
from beian.render.wordsource import Whereabouts

_LARGEST = 200 * 1024 * 1024
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
#: Parts with running text, in the order in which they are read.
_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_SHAPES = {
    b"\xd0\xcf\x11\xe0": "是旧版 .doc，或者是加密的文件",
    b"%PDF": "是 PDF",
    b"{\\rtf": "是 RTF",
}
_SAVE = "用 Word 另存为 .docx，或者把文字存成 .txt 再试。"
#: Text that a reader no longer sees once the tracked changes are accepted.
_GONE = {"del", "moveFrom", "Fallback"}
_CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef，。；：、（）《》“”"
_LOOSE = re.compile(rf"(?<=[{_CJK}])\s+|\s+(?=[{_CJK}])")
#: What may open a clause where no heading style says so; the first that a file uses counts.
_OPENS = tuple(
    map(
        re.compile,
        (
            r"第[〇零一二三四五六七八九十百\d]{1,5}条",
            r"[一二三四五六七八九十]{1,3}[、.．]",
            r"\d{1,2}[.．、](?!\d)",
        ),
    )
)
_HEADING = re.compile(r"(?i)title|heading ?\d|标题 ?\d?|clause")
_ENDS = "。；：，、！？.;:,!?"
_LONGEST_HEADING = 40


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph or cell paragraph: its text, and the clause it belongs to by number from 0.

    ``emphasis`` says of each character whether it stands out (bold, underlined, marked); it is
    None where the file has no formatting.
    """

    text: str
    clause: int
    heading: str
    emphasis: tuple[bool, ...] | None
    where: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """The passages of one file in reading order, and what they say clause by clause."""

    file: str
    passages: tuple[Passage, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    emphasis: tuple[bool, ...] | None
    number: str
    titled: bool
    where: Callable[[], str]


def read(file: Path) -> Agreement:
    """The agreement in a .docx, .docm or text file; BeianError when it is none that can be read."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise BeianError(f"无法读取：{error.strerror or error}。", place=Place(str(file))) from None
    return parse(raw, str(file))


def parse(raw: bytes, file: str) -> Agreement:
    """As ``read``, from bytes; ``file`` names them in messages and tells text from Word."""
    text = file.lower().endswith((".txt", ".md"))
    lines = [*(_text_lines(raw, file) if text else _word_lines(raw, file))]
    if not lines:
        raise BeianError(
            "文件中没有文字，可能是扫描件。", place=Place(file), hint="先作文字识别再试。"
        )
    passages: list[Passage] = []
    clauses: list[list[str]] = [[]]
    heading = ""
    opens = _opening(lines)
    for line in lines:
        if line.titled or (opens is not None and opens.match(f"{line.number}{line.text}")):
            clauses.append([])
            shown = f"{line.number} {line.text}".strip()[:_LONGEST_HEADING]
            heading = re.sub(r"^(第\S{1,5}?条)(?=\S)", r"\1 ", shown)
        clauses[-1].append(line.text)
        at = len(clauses) - 1
        passages.append(Passage(line.text, at, heading, line.emphasis, line.where))
    return Agreement(file, tuple(passages), tuple("\n".join(one) for one in clauses))


def _opening(lines: list[_Line]) -> re.Pattern[str] | None:
    """What opens a clause in this file; None when nothing does so twice."""
    for pattern in _OPENS:
        if sum(1 for line in lines if pattern.match(f"{line.number}{line.text}")) > 1:
            return pattern
    return None


# --- text files ----------------------------------------------------------------------------------


def _text_lines(raw: bytes, file: str) -> Iterator[_Line]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise BeianError("不是 UTF-8 或者 GB18030 编码的文字。", place=Place(file), hint=_SAVE)
    if "\0" in text:
        raise BeianError("不是文字文件。", place=Place(file), hint=_SAVE)
    for number, line in enumerate(text.splitlines(), 1):
        shown = _LOOSE.sub("", line.lstrip("# ").strip())
        if shown:
            titled = line.startswith("#")
            yield _Line(shown, None, "", titled, lambda n=number: f"第{n}行")  # type: ignore[misc]  # bound here


# --- Word files ----------------------------------------------------------------------------------


def _word_lines(raw: bytes, file: str) -> Iterator[_Line]:
    parts = _unpacked(raw, file)
    numbering, styles = Numbering.read(parts), _Styles(parts.get("word/styles.xml", b""))
    for name in _PARTS:
        if name not in parts:
            continue
        root = parsed(parts[name])
        if root is None:
            raise BeianError(f"{name} 不是合法的 XML。", place=Place(file), hint=_SAVE)
        numbers = paragraph_numbers(root, numbering)
        where = Whereabouts(root, file, name)
        held: list[tuple[str, bool]] = []
        for paragraph in root.iter(w("p")):
            if _is_gone(paragraph):
                continue
            held += _characters(paragraph, styles)
            if _mark_is_deleted(paragraph):
                continue  # once accepted, the next paragraph goes on in this one
            text, emphasis = _condensed(held)
            held = []
            if text:
                yield _Line(
                    text,
                    emphasis,
                    numbers.get(paragraph, "").strip(),
                    _is_titled(paragraph, styles) and text[-1] not in _ENDS,
                    lambda one=paragraph, spot=where: spot.place(one),  # type: ignore[misc]  # bound here
                )


def paragraph_numbers(root: Any, numbering: Numbering) -> dict[Any, str]:
    """What the lists of a part print before its paragraphs; those that fall away are not counted."""
    paragraphs = [one for one in root.iter(w("p")) if not _is_gone(one)]
    chosen: list[tuple[int, tuple[str, int]]] = []
    for position, paragraph in enumerate(paragraphs):
        style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
        own = paragraph.find(f"{w('pPr')}/{w('numPr')}")
        number, level = (
            own.find(w(name)) if own is not None else None for name in ("numId", "ilvl")
        )
        if number is not None and number.get(w("val")) != "0":
            at = int(level.get(w("val"))) if level is not None else 0
            chosen.append((position, (number.get(w("val")), at)))
        elif number is None and style is not None and style.get(w("val")) in numbering.styles:
            chosen.append((position, numbering.styles[style.get(w("val"))]))
    return {paragraphs[one.position]: one.shown for one in numbering.numbered(chosen)}


def _unpacked(raw: bytes, file: str) -> dict[str, bytes]:
    shape = next((words for head, words in _SHAPES.items() if raw.startswith(head)), None)
    if shape is not None:
        raise BeianError(f"不是 Word 文件（.docx）：{shape}。", place=Place(file), hint=_SAVE)
    wanted = {*_PARTS, "word/numbering.xml", "word/styles.xml"}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            held = [one for one in archive.infolist() if one.filename in wanted]
            if sum(one.file_size for one in held) > _LARGEST:
                raise BeianError("文件展开后超过 200 MB。", place=Place(file), hint=_SAVE)
            parts = {one.filename: archive.read(one) for one in held}
    except BeianError:
        raise
    except Exception:  # zipfile lets through what struct, zlib, lzma and bz2 raise on damaged files
        raise BeianError(
            "不是 Word 文件（.docx），或者文件已损坏。", place=Place(file), hint=_SAVE
        ) from None
    if "word/document.xml" not in parts:
        raise BeianError("不是 Word 文件：没有正文。", place=Place(file), hint=_SAVE)
    if _STRICT in parts["word/document.xml"][:4096]:
        raise BeianError(
            "是严格 Open XML 文档，无法识别。",
            place=Place(file),
            hint="另存时选“Word 文档（*.docx）”，不选“严格 Open XML 文档”。",
        )
    for name in ("word/numbering.xml", "word/styles.xml"):
        if name in parts and parsed(parts[name]) is None:
            raise BeianError(f"{name} 不是合法的 XML。", place=Place(file), hint=_SAVE)
    return parts


def _is_gone(element: Any) -> bool:
    """Whether an element falls away with the accepted changes, or doubles a drawing's text."""
    for above in element.iterancestors():
        name = local(above)
        if name in _GONE:
            return True
        if name == "tr" and above.find(f"{w('trPr')}/{w('del')}") is not None:
            return True
    return False


def _mark_is_deleted(paragraph: Any) -> bool:
    mark = paragraph.find(f"{w('pPr')}/{w('rPr')}")
    return mark is not None and any(local(one) in ("del", "moveFrom") for one in mark)


def _characters(paragraph: Any, styles: _Styles) -> list[tuple[str, bool]]:
    """The characters of a paragraph's own runs, each with whether it stands out."""
    found: list[tuple[str, bool]] = []
    chosen = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
    style = chosen.get(w("val")) if chosen is not None else None
    for run in paragraph.iter(w("r")):
        if next(run.iterancestors(w("p"))) is not paragraph or _is_gone(run):
            continue
        strong = styles.stands_out(run.find(w("rPr")), style)
        for one in run:
            name = local(one)
            if name == "t":
                found += [(letter, strong) for letter in one.text or ""]
            elif name in ("tab", "br", "cr"):
                found.append((" ", strong))
            elif name == "noBreakHyphen":
                found.append(("-", strong))
    return found


def _condensed(held: list[tuple[str, bool]]) -> tuple[str, tuple[bool, ...]]:
    """Text without the space that Chinese does not need, and its emphasis letter by letter."""
    text = "".join(letter for letter, _ in held)
    dropped = {at for one in _LOOSE.finditer(text) for at in range(*one.span())}
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    kept = [held[at] for at in range(start, end) if at not in dropped]
    return "".join(letter for letter, _ in kept), tuple(strong for _, strong in kept)


def _is_titled(paragraph: Any, styles: _Styles) -> bool:
    properties = paragraph.find(w("pPr"))
    if properties is None:
        return False
    if properties.find(w("outlineLvl")) is not None:
        return True
    style = properties.find(w("pStyle"))
    return style is not None and styles.is_heading(style.get(w("val"), ""))


class _Styles:
    """What the styles of a file say about emphasis and headings."""

    def __init__(self, raw: bytes) -> None:
        root = parsed(raw) if raw else None
        found = [] if root is None else [*root.iter(w("style"))]
        self.styles = {one.get(w("styleId")): one for one in found}

    def is_heading(self, name: str) -> bool:
        for style in self._chain(name):
            named = style.find(w("name"))
            if _HEADING.match(named.get(w("val"), "") if named is not None else ""):
                return True
        return _HEADING.match(name) is not None

    def stands_out(self, properties: Any, paragraph_style: str | None) -> bool:
        """Whether a run is bold, underlined, dotted or marked, by itself or by its styles."""
        chosen = properties.find(w("rStyle")) if properties is not None else None
        looks = [properties]
        for name in (chosen.get(w("val")) if chosen is not None else None, paragraph_style):
            looks += [style.find(w("rPr")) for style in self._chain(name)]
        return any(_shown(looks, kind) for kind in ("b", "u", "em", "highlight"))

    def _chain(self, name: str | None) -> Iterator[Any]:
        seen: set[str] = set()
        while name is not None and name in self.styles and name not in seen:
            seen.add(name)
            yield self.styles[name]
            above = self.styles[name].find(w("basedOn"))
            name = above.get(w("val")) if above is not None else None


def _shown(looks: list[Any], kind: str) -> bool:
    """What the nearest of several run properties says about one kind of emphasis."""
    for one in looks:
        said = one.find(w(kind)) if one is not None else None
        if said is not None:
            return said.get(w("val"), "true") not in ("0", "false", "off", "none")
    return False
