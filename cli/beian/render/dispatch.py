"""Renders any document by the kind of its template, and checks what was made."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from beian import resources
from beian.documents import Document
from beian.errors import BeianError
from beian.formats import is_resident_id
from beian.library import Library
from beian.model import Place, Value
from beian.paths import generic, leaves
from beian.render.compiled import Citing, Compiled, Read, Recording, Spot, Surface
from beian.schema import Field
from beian.shelf import Shelf, cache_folder
from beian.view import Absent, Fact, View


@dataclass(frozen=True, slots=True)
class Made:
    """One finished file: its ending, its bytes, and what was missing in it."""

    ending: str
    content: bytes
    missing: dict[str, dict[str, None]]


class Renderer:
    """Compiles templates once and prints them as often as asked."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._compiled = library.compiled
        self._reads: dict[tuple[str, str], list[str]] = {}

    def missing(self, document: Document, view: View, dossier: Value) -> dict[str, dict[str, None]]:
        """The absent facts that a document reads, each with the sections that read it.

        What is made in several formats is named by the sections of the first.
        """
        missing: dict[str, dict[str, None]] = {}
        if document.annexes and isinstance(view.read("annexes"), Absent):
            return {"annexes": {document.title: None}}
        for ending in document.formats:
            if self._all_stated(document, ending, view):
                continue
            surface = Recording(self._seen(view, dossier), self._cite)
            for part in self._parts(document, ending):
                part.render(surface.view, surface)
            for path, sections in surface.missing.items():
                if not path.startswith("dossier."):
                    missing.setdefault(path, sections)
        return missing

    def _all_stated(self, document: Document, ending: str, view: View) -> bool:
        """Whether all that a shipped template reads is stated, so that nothing can be missing in it.

        A template of a house is printed in any case, because it may be at fault; so is every template
        where somebody wants to know what was looked at.
        """
        if view.reads is not None or len(self.library.house.roots) > 1:
            return False
        paths = self._reads.get((document.id, ending))
        if paths is None:
            shelf = self._shelf_of_reads(document, ending)
            paths = shelf.read()
            if not isinstance(paths, list):
                paths = self._facts_read(document, ending)
                shelf.write(paths)
            self._reads[document.id, ending] = paths
        return bool(paths) and all(_is_stated(view, path) for path in paths)

    def _shelf_of_reads(self, document: Document, ending: str) -> Shelf:
        from beian.render.kept import template_key

        file = document.formats[ending]
        raw = json.dumps(document.workbook).encode() if ending == "xlsx" else resources.read(file)
        return Shelf(cache_folder(), template_key(raw) + file.name.encode(), "reads")

    def _facts_read(self, document: Document, ending: str) -> list[str]:
        """The generic paths of facts and figures that a template reads; none where it reads a group
        as a whole, because nobody knows what of it is printed."""
        found = {read.path for part in self._parts(document, ending) for read in part.reads}
        for path in found:
            field = self.library.field(path)
            below = (f"{path}.", f"{path}[].")
            if field is None or (
                (field.keys or (field.is_list and self.library.field(f"{path}[]").keys))  # type: ignore[union-attr]  # lists have items
                and not any(other.startswith(below) for other in found)
            ):
                return []
        return sorted(path for path in found if not path.startswith("dossier."))

    def make(
        self,
        document: Document,
        ending: str,
        view: View,
        dossier: Value,
        *,
        controls: bool,
        draft: bool,
        picture: Callable[[str], bytes | None] = lambda _: None,
    ) -> Made:
        """One finished file, reopened and checked.

        ``controls`` wraps each fact of a Word file in a content control; a final file (not
        ``draft``) may hold no mark.
        """
        from beian.render import excel, form, html, word

        seen = self._seen(view, dossier)
        template = self._template(document, ending)
        surface: Surface
        if ending == "docx":
            surface = word.WordSurface(seen, self._cite, controls=controls, picture=picture)
            content = word.render(template, seen, surface)
            text = "\n".join(word.text_of(content))
        elif ending == "xlsx":
            surface = excel.CellSurface(seen, self._cite)
            adopted = isinstance(template, form.Form)
            content = (
                template.render(seen, surface) if adopted else excel.render(template, seen, surface)
            )
            text = "\n".join(excel.text_of(content))
        else:
            surface = html.HtmlSurface(seen, self._cite)
            content = template.render(seen, surface).encode()
            text = "\n".join(html.text_of(content))
        if document.audience == "public":
            _refuse_personal(document, ending, view, surface)
        _inspect(document, ending, text, surface, draft=draft)
        return Made(ending, content, surface.missing)

    def reads(self, document: Document) -> Iterator[tuple[Read, Spot]]:
        """Every path that the document's templates read, with where."""
        for ending in document.formats:
            for part in self._parts(document, ending):
                yield from ((read, part.spots[read.spot]) for read in part.reads)

    def sections(self, document: Document, path: str) -> list[str]:
        """The headings under which the document reads a path or what is below it."""
        found = (
            part.spots[read.spot].section
            for ending in document.formats
            for part in self._parts(document, ending)
            for read in part.reads
            if _below(read.path, path)
        )
        return list(dict.fromkeys(found))

    def cites(self, document: Document) -> Iterator[tuple[Citing, Spot]]:
        """Every citation that the document's templates print, with where."""
        for ending in document.formats:
            for part in self._parts(document, ending):
                yield from ((one, part.spots[one.spot]) for one in part.cites)

    def _parts(self, document: Document, ending: str) -> list[Compiled]:
        if document.annexes:
            return []
        template = self._template(document, ending)
        return [template] if isinstance(template, Compiled) else list(template.compiled)

    def _template(self, document: Document, ending: str) -> Any:
        key = (document.id, ending)
        if key not in self._compiled:
            self._compiled[key] = self._compile(document, ending)
            if document.audience != "internal":
                self._guard(document, ending)
        return self._compiled[key]

    def _guard(self, document: Document, ending: str) -> None:
        """Published papers print no personal data, papers that leave no citation in doubt.

        The authority's own forms ask for identity numbers, so those may go to the authority.
        """
        for part in self._parts(document, ending):
            for read in part.reads if document.audience == "public" else ():
                field = self.library.field(read.path)
                if field is not None and field.sensitive:
                    raise BeianError(
                        f"“{read.path}”是个人信息，不能出现在公开文件中。",
                        place=Place(part.spots[read.spot].place),
                        hint="从模板中删去该标签，或者把文书的 audience 改为 internal。",
                    )
            for one in part.cites:
                if not self.library.register.cite(one.reference).certain:
                    raise BeianError(
                        f"“{one.reference}”尚待核对，不能作为引用印入对外文件。",
                        place=Place(part.spots[one.spot].place),
                        hint="改为只写文件名称，或者核对原文后在 schemas/laws/ 中更新核对程度。",
                    )

    def _compile(self, document: Document, ending: str) -> Any:
        file = document.formats[ending]
        if ending == "docx":
            from beian.render import word

            return word.load(file, self._declared, cache_folder())
        if ending == "xlsx":
            from beian.render import excel, form
            from beian.render.kept import TextCompiler, template_shelf

            if file.name == "form.xlsx":
                return form.load(file, document.workbook or {}, self._declared)
            texts = TextCompiler(
                template_shelf(cache_folder(), json.dumps(document.workbook).encode())
            )
            book = excel.compile_book(document.workbook, str(file), self._declared, texts)
            texts.close()
            return book
        from beian.render import html

        return html.load(file, self._declared, cache_folder())

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
            view.reads,
        )


def _below(read: str, path: str) -> bool:
    return read == path or read.startswith((f"{path}.", f"{path}["))


def _refuse_personal(document: Document, ending: str, view: View, surface: Surface) -> None:
    """Nothing published holds a resident id, or a number that is stated as somebody's own."""
    guarded = {path for path, field in view.schema.fields.items() if field.sensitive}
    private = {
        value
        for path, value in leaves(view.facts)
        if generic(path) in guarded and re.fullmatch(r"\d{11,17}[\dX]?", str(value))
    }
    for path, value in surface.printed:
        bare = re.sub(r"[\s-]", "", value)
        ids = re.findall(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])", bare)
        if any(one in bare for one in private) or any(is_resident_id(one.upper()) for one in ids):
            raise BeianError(
                f"“{path}”中有个人的身份证件号码或者手机号码，不能出现在公开文件中。",
                place=Place(f"{document.output}.{ending}"),
                hint="改为单位对外公布的联系方式，或者删去号码。",
            )


def _is_stated(view: View, path: str) -> bool:
    """Whether a generic path is answered, in every item of the lists that it leads through."""
    head, *rest = path.split("[]")
    node = view.read(head)
    if isinstance(node, Absent):
        return False
    here = [node.value] if isinstance(node, Fact) else []
    for part in rest:
        here = [item for value in here for item in value or ()]
        for key in filter(None, part.split(".")):
            if not all(value is None or key in value for value in here):
                return False
            here = [None if value is None else value[key] for value in here]
    return True


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
    # An adopted workbook is filled in the order of its mapping, not of its cells.
    in_order = document.formats[ending].name != "form.xlsx"
    position = 0
    for path, value in surface.printed:
        found = text.find(value, position)
        if found < 0:
            raise BeianError(
                f"事实“{path or value[:20]}”没有完整出现在生成的文件中。",
                place=place,
                hint="检查模板中该标签所在的段落。",
            )
        position = found + len(value) if in_order else 0
