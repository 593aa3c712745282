"""The document folders: what can be made, when it is owed, and what it looks like."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from beian.conditions import Condition
from beian.errors import BeianError
from beian.model import Place, Value
from beian.resources import House

#: Template file of a document folder, and the ending of what is made from it.
SOURCES = {
    "template.docx": "docx",
    "workbook.yaml": "xlsx",
    "form.xlsx": "xlsx",
    "page.html": "html",
}


@dataclass(frozen=True, slots=True)
class Document:
    """One document folder.

    ``audience`` is authority, public or internal; ``formats`` maps each ending made to its
    template (none where the paper is prepared separately); ``annexes`` names the kinds of lists whose
    clean rows it holds, or what is told of them; ``calendar`` says that the deadlines go beside it
    as a calendar file, ``per_filing`` that a capability filed in both roles has it twice;
    ``personal`` names the personal data that the authority asks for in it;
    ``workbook`` is the parsed workbook.yaml; ``official_form`` is portal, province or none.
    """

    id: str
    title: str
    family: str
    output: str
    audience: str
    calendar: bool
    per_filing: bool
    personal: tuple[str, ...]
    annexes: tuple[str, ...]
    when: Condition | None
    since: str
    until: str | None
    basis: tuple[str, ...]
    signatures: tuple[dict[str, Value], ...]
    official_form: str
    origin: dict[str, Value]
    formats: dict[str, Path]
    workbook: Value
    file: str

    @property
    def templates(self) -> dict[str, Path]:
        """What can be edited: nothing where the client's lists are the content."""
        return {} if self.annexes else self.formats

    def covers(self, day: str) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def load(house: House) -> dict[str, Document]:
    """Every document by id; a folder in an override folder replaces the shipped one whole."""
    books = {
        (one.root, one.relative.split("/")[1]): one.data
        for pattern in ("templates/*/workbook.yaml", "templates/*/fill.yaml")
        for one in house.records(pattern)
    }
    documents = {}
    for record in house.records("templates/*/document.yaml"):
        data: dict[str, Value] = record.data
        name = record.relative.split("/")[1]
        folder = record.root / "templates" / name
        formats = {
            ending: folder / source
            for source, ending in SOURCES.items()
            if (folder / source).exists()
        }
        if data.get("annexes"):
            formats["xlsx"] = folder / "document.yaml"  # its rows are those of the client's lists
        if not formats and data.get("made", True):
            raise BeianError(
                "文书目录中没有模板（template.docx、workbook.yaml 或 page.html）。",
                place=Place(str(folder)),
            )
        documents[name] = Document(
            id=name,
            title=data["title"],
            family=data["family"],
            output=data["output"],
            audience=data["audience"],
            calendar=data.get("calendar", False),
            per_filing=data.get("per_filing", False),
            personal=tuple(data.get("personal", ())),
            annexes=tuple(data.get("annexes", ())),
            when=data.get("when"),
            since=data["since"],
            until=data.get("until"),
            basis=tuple(data["basis"]),
            signatures=tuple(data["signatures"]),
            official_form=data["official_form"],
            origin=data["origin"],
            formats=formats,
            workbook=books.get((record.root, name)),
            file=record.file,
        )
    return documents
