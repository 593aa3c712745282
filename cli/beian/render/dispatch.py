"""Renders any document by the kind of its template, and checks what was made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beian.documents import Document
from beian.errors import BeianError
from beian.library import Library
from beian.model import Place, Value
from beian.paths import generic
from beian.render.compiled import Citing, Compiled, Read, Recording, Spot, Surface
from beian.schema import Field
from beian.view import View


@dataclass(frozen=True, slots=True)
class Made:
    """One finished file: its ending, its bytes, and what was missing in it."""

    ending: str
    content: bytes
    missing: dict[str, dict[str, None]]


def cache_folder() -> Path | None:
    """Where compiled templates are kept; None when BEIAN_CACHE is empty."""
    named = os.environ.get("BEIAN_CACHE")
    if named is not None:
        return Path(named) if named else None
    from platformdirs import user_cache_path

    return user_cache_path("beian") / "templates"


class Renderer:
    """Compiles templates once and prints them as often as asked."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._compiled: dict[tuple[str, str], Any] = {}

    def missing(self, document: Document, view: View, dossier: Value) -> dict[str, dict[str, None]]:
        """The absent facts that a document reads, each with the sections that read it.

        What is made in several formats is named by the sections of the first.
        """
        missing: dict[str, dict[str, None]] = {}
        for ending in document.formats:
            surface = Recording(self._seen(view, dossier), self._cite)
            for part in self._parts(document, ending):
                part.render(surface.view, surface)
            for path, sections in surface.missing.items():
                if not path.startswith("dossier."):
                    missing.setdefault(path, sections)
        return missing

    def make(
        self,
        document: Document,
        ending: str,
        view: View,
        dossier: Value,
        *,
        controls: bool,
        draft: bool,
    ) -> Made:
        """One finished file, reopened and checked.

        ``controls`` wraps each fact of a Word file in a content control; a final file (not
        ``draft``) may hold no mark.
        """
        from beian.render import excel, html, seal, word

        seen = self._seen(view, dossier)
        template = self._template(document, ending)
        surface: Surface
        if ending == "docx":
            surface = word.WordSurface(seen, self._cite, controls=controls)
            content = seal.seal(word.render(template, seen, surface))
            text = "\n".join(word.text_of(content))
        elif ending == "xlsx":
            surface = excel.CellSurface(seen, self._cite)
            content = excel.render(template, seen, surface)
            text = "\n".join(excel.text_of(content))
        else:
            surface = html.HtmlSurface(seen, self._cite)
            content = template.render(seen, surface).encode()
            text = "\n".join(html.text_of(content))
        _inspect(document, ending, text, surface, draft=draft)
        return Made(ending, content, surface.missing)

    def reads(self, document: Document) -> Iterator[tuple[Read, Spot]]:
        """Every path that the document's templates read, with where."""
        for ending in document.formats:
            for part in self._parts(document, ending):
                yield from ((read, part.spots[read.spot]) for read in part.reads)

    def cites(self, document: Document) -> Iterator[tuple[Citing, Spot]]:
        """Every citation that the document's templates print, with where."""
        for ending in document.formats:
            for part in self._parts(document, ending):
                yield from ((one, part.spots[one.spot]) for one in part.cites)

    def _parts(self, document: Document, ending: str) -> list[Compiled]:
        template = self._template(document, ending)
        return [template] if isinstance(template, Compiled) else list(template.compiled)

    def _template(self, document: Document, ending: str) -> Any:
        key = (document.id, ending)
        if key not in self._compiled:
            self._compiled[key] = self._compile(document, ending)
        return self._compiled[key]

    def _compile(self, document: Document, ending: str) -> Any:
        file = document.formats[ending]
        if ending == "docx":
            from beian.render import word

            return word.load(file, self._declared, cache_folder())
        if ending == "xlsx":
            from beian.render import excel

            return excel.compile_book(document.workbook, str(file), self._declared)
        from beian.render import html

        return html.load(file, self._declared)

    def _declared(self, path: str) -> Field | None:
        return self.library.field(generic(path))

    def _cite(self, reference: str) -> str:
        citation = self.library.register.cite(reference)
        return f"《{citation.title}》{citation.label}"

    def _seen(self, view: View, dossier: Value) -> View:
        return View(
            view.facts,
            view.schema,
            view.derived,
            {"dossier": (dossier, self.library.dossier_schema)},
        )


def _inspect(document: Document, ending: str, text: str, surface: Surface, *, draft: bool) -> None:
    """Reads the finished file again: no tag left, no mark in a final file, no value lost."""
    place = Place(f"{document.output}.{ending}")
    values = "\x00".join(value for _, value in surface.printed)
    for mark in ("{{", "}}", "{%", "%}"):
        if text.count(mark) > values.count(mark):
            raise BeianError(
                f"生成的文件中残留模板标签 {mark}。", place=place, hint="检查模板中未识别的标签。"
            )
    if not draft:
        for mark in ("【待填", "【待定"):
            if text.count(mark) > values.count(mark):
                raise BeianError(f"正式文件中仍有{mark}…】。", place=place)
    position = 0
    for path, value in surface.printed:
        found = text.find(value, position)
        if found < 0:
            raise BeianError(
                f"事实“{path or value[:20]}”没有完整出现在生成的文件中。",
                place=place,
                hint="检查模板中该标签所在的段落。",
            )
        position = found + len(value)
