"""Traces the clauses of a catalogue: which articles carry them, in a template or in a made file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from beian.conditions import Condition
from beian.lint.elements import joined, parsed
from beian.ooxml import w
from beian.render.numbering import Numbering
from beian.resources import House
from beian.terms.text import paragraph_numbers

#: How the renderer names the bookmark that an anchor becomes.
_BOOKMARK = "_Ref_"
_ANCHOR = re.compile(r'\{\{\s*"([a-z-]+)"\s*\|\s*anchor\s*\}\}')
_TAG = re.compile(r"\{[{%].*?[%}]\}")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the catalogue; ``anchors`` name the articles of ``document`` that carry it."""

    id: str
    title: str
    force: str
    anchors: tuple[str, ...]
    when: Condition | None
    basis: tuple[str, ...]
    document: str
    file: str


@dataclass(frozen=True, slots=True)
class Article:
    """A numbered paragraph with an anchor: its number (empty in a template) and its heading."""

    number: str
    heading: str

    def __str__(self) -> str:
        return f"{self.number}　{self.heading}" if self.number else self.heading


def load(house: House) -> dict[str, Clause]:
    """Every clause by its id, as templates/<document>/clauses.yaml states them."""
    clauses: dict[str, Clause] = {}
    for record in house.records("templates/*/clauses.yaml"):
        for data in record.data:
            clauses[data["id"]] = Clause(
                id=data["id"],
                title=data["title"],
                force=data["force"],
                anchors=tuple(data["anchors"]),
                when=data.get("when"),
                basis=tuple(data["basis"]),
                document=record.relative.split("/")[1],
                file=record.file,
            )
    return clauses


def articles_of_template(raw: bytes) -> dict[str, Article]:
    """The heading behind which each anchor of a Word template stands."""
    found: dict[str, Article] = {}
    for paragraph in _body(_parts(raw)).iter(w("p")):
        text = joined(paragraph.iter(w("t")))
        for anchor in _ANCHOR.finditer(text):
            found[anchor[1]] = Article("", _TAG.sub("", text))
    return found


def articles(raw: bytes) -> dict[str, Article]:
    """The number and the heading of each anchor of a Word file that was made from a template."""
    parts = _parts(raw)
    root = _body(parts)
    numbers = paragraph_numbers(root, Numbering.read(parts))
    return {
        name: Article(numbers.get(paragraph, ""), joined(paragraph.iter(w("t"))))
        for name, paragraph in _bookmarks(root)
    }


def carried(clause: Clause, found: Mapping[str, Article]) -> list[Article]:
    """The articles that carry a clause, of those that were found."""
    return [found[anchor] for anchor in clause.anchors if anchor in found]


def _bookmarks(root: Any) -> Iterator[tuple[str, Any]]:
    for mark in root.iter(w("bookmarkStart")):
        name = mark.get(w("name"), "")
        paragraph = next(mark.iterancestors(w("p")), None)
        if name.startswith(_BOOKMARK) and paragraph is not None:
            yield name.removeprefix(_BOOKMARK), paragraph


def _body(parts: Mapping[str, bytes]) -> Any:
    return parsed(parts["word/document.xml"])


def _parts(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".xml")}
