"""Self-contained web pages: the same facts, escaped, with visible marks in a draft."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

from beian import resources, yamltext
from beian.render.compiled import Compile, Compiled, Declared, Spot, Surface, compile_text
from beian.render.kept import TextCompiler, template_shelf
from beian.view import Absent, Unknown

TAG = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)
_STYLE_SHEET = re.compile(rb'<link rel="stylesheet" href="([^":]+\.css)">')
_HEADING = re.compile(r"<h[1-6][^>]*>(.*?)</h[1-6]>", re.DOTALL)


class HtmlSurface(Surface):
    """Prints escaped text; line breaks of a value stay."""

    def fact(self, path: str, text: str, line: int) -> str:
        return html.escape(text).replace("\n", "<br>")

    def blank(self, thing: Absent | Unknown, line: int) -> str:
        return self._mark(self.blank_words(thing))

    def undecided(self, needs: tuple[str, ...], line: int, filling: bool) -> str:
        return self._mark(self.fill_words(needs) if filling else self.pending_words(needs))

    def _mark(self, words: str) -> str:
        return f"<mark>{html.escape(words)}</mark>"


def load(file: Path, declared: Declared, cache_folder: Path | None = None) -> Compiled:
    """A compiled page template, from the shelf when the same file was compiled before."""
    raw = source(file)
    texts = TextCompiler(template_shelf(cache_folder, raw))
    page = compile_page(yamltext.decode(raw, str(file)), str(file), declared, texts)
    texts.close()
    return page


def source(file: Path) -> bytes:
    """A page template with its linked style sheets written into it, each on one line.

    A page is published as one file; a house's own page may hold its style itself.
    """

    def style(link: re.Match[bytes]) -> bytes:
        sheet = resources.read(file.parent / link[1].decode("utf-8", "replace"))
        return b"<style>" + b" ".join(sheet.split()) + b"</style>"

    return _STYLE_SHEET.sub(style, resources.read(file))


def compile_page(
    text: str,
    file: str,
    declared: Declared,
    compile_source: Compile = compile_text,
) -> Compiled:
    """A compiled page; faults name the file and the line."""
    pieces, spots = [], {}
    line, made_line, heading = 1, 1, ""
    for piece in TAG.split(text):
        if TAG.fullmatch(piece):
            made_line += 1
            spots[made_line] = Spot(f"{file}:{line}", heading, "html")
            pieces.append(f"{piece[:2]}\n{piece[2:].replace(chr(10), ' ')}")
        else:
            made_line += piece.count("\n")
            found = _HEADING.findall(piece)
            heading = re.sub(r"<[^>]*>", "", found[-1]).strip() if found else heading
            pieces.append(piece)
        line += piece.count("\n")
    return compile_source("".join(pieces), spots, declared)


class _Text(HTMLParser):
    """Collects what a reader sees, one line a block element."""

    _BLOCKS = frozenset(
        {
            "p",
            "h1",
            "h2",
            "h3",
            "h4",
            "li",
            "tr",
            "div",
            "section",
            "header",
            "footer",
            "main",
            "dt",
            "dd",
            "title",
            "table",
            "ul",
            "ol",
            "dl",
            "body",
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "head"):
            self._hidden += 1
        if tag in self._BLOCKS:
            self.lines.append("")
        if tag == "br":
            self.lines[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "head"):
            self._hidden -= 1
        if tag in self._BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.lines[-1] += data


def text_of(raw: bytes) -> list[str]:
    """The lines of text a reader of the page sees, read again from its bytes."""
    reader = _Text()
    reader.feed(raw.decode())
    reader.close()
    return [line for line in reader.lines if line.strip()]
