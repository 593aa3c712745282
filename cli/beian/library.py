"""Everything that is data, in one hand: schemas, laws, rules, conclusions, documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from beian import conditions, documents, laws, rules, schema
from beian.derive import Conclusion, load_conclusions
from beian.documents import Document
from beian.errors import BeianError
from beian.laws import Register
from beian.model import Place
from beian.resources import House
from beian.rules import Rule
from beian.schema import Field, Schema


@dataclass(slots=True)
class Library:
    """The shipped data with the user's override folders laid over."""

    house: House
    schema: Schema
    derived_schema: Schema
    dossier_schema: Schema
    register: Register
    rules: dict[str, Rule]
    conclusions: dict[str, Conclusion]
    documents: dict[str, Document]

    @classmethod
    def open(cls, overrides: Iterable[Path] = ()) -> Library:
        """Reads all data; BeianError when an override folder holds something faulty."""
        house = House.open(tuple(overrides))
        library = cls(
            house=house,
            schema=schema.load(house, "schemas/facts.schema.json"),
            derived_schema=schema.load(house, "schemas/derived.schema.json"),
            dossier_schema=schema.load(house, "schemas/dossier.schema.json"),
            register=laws.load(house),
            rules=rules.load(house),
            conclusions=load_conclusions(house),
            documents=documents.load(house),
        )
        library.refuse_unknown_paths()
        return library

    def refuse_unknown_paths(self) -> None:
        """A path that no schema declares would read as absent for ever: refuse it at once."""
        for rule in self.rules.values():
            for path in rule.reads():
                if self.field(path) is None:
                    raise BeianError(
                        f"规则“{rule.id}”读取的“{path}”不是已声明的事实。", place=Place(rule.file)
                    )
        for document in self.documents.values():
            for path in conditions.reads(document.when):
                if self.field(path) is None:
                    raise BeianError(
                        f"文书“{document.id}”的条件读取的“{path}”不是已声明的事实。",
                        place=Place(document.file),
                    )

    def field(self, path: str) -> Field | None:
        """The declaration of a generic path under any root; None when there is none."""
        root = path.partition(".")[0].partition("[")[0]
        known = {"derived": self.derived_schema, "dossier": self.dossier_schema}
        return known.get(root, self.schema).field(path)
