"""The kinds of annexes and the classes of their rows, as schemas/annexes and risks.yaml say."""

from __future__ import annotations

from typing import NamedTuple

from beian.model import Value
from beian.resources import House


class Choice(NamedTuple):
    """One admitted value of a column, and the words that mean it."""

    code: str
    title: str
    words: tuple[str, ...]
    requires: tuple[str, ...] = ()
    population: str | None = None


class Column(NamedTuple):
    """What is read from one column; ``type`` says how."""

    id: str
    title: str
    type: str
    headers: tuple[str, ...]
    required: bool = False
    key: bool = False
    width: int = 12
    units: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    #: header: what yes and what no mean below it
    yes_no: tuple[tuple[str, str, str], ...] = ()


class Paper(NamedTuple):
    """The clean list: its file (without ending), title and sheet."""

    file: str
    title: str
    sheet: str


class Kind(NamedTuple):
    """One kind of annex."""

    id: str
    title: str
    unit: str
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    ignored: tuple[str, ...] = ()
    read: bool = True
    classes: str | None = None
    class_required: bool = False
    slice: str = "all"
    paper: Paper | None = None

    @property
    def key(self) -> Column | None:
        """The column that tells rows apart."""
        return next((one for one in self.columns if one.key), None)

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.id == name), None)


class Class(NamedTuple):
    """A risk of Annex A or an aspect; ``group`` and the flags are those of its group."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()
    group: str | None = None
    refusal: bool = True
    illegal_information: bool = True


class Group(NamedTuple):
    """A part of Annex A."""

    id: str
    title: str
    aliases: tuple[str, ...] = ()


class Catalogue(NamedTuple):
    """All kinds by id, the risks with their groups, and the aspects."""

    kinds: dict[str, Kind]
    groups: tuple[Group, ...]
    risks: tuple[Class, ...]
    aspects: tuple[Class, ...]

    def classes(self, kind: Kind) -> tuple[Class, ...]:
        """Every class that a row of the kind may have."""
        return self.aspects if kind.classes == "aspects" else self.risks

    def to_cover(self, kind: Kind) -> tuple[Class, ...]:
        """The classes that a list of the kind has to cover."""
        return tuple(one for one in self.classes(kind) if kind.slice == "all" or one.refusal)


def load(house: House) -> Catalogue:
    """The catalogue of the shipped data and the override folders; a kind of the same id replaces."""
    data_of = {one.data["id"]: one.data for one in house.records("schemas/annexes/*.yaml")}
    in_order = sorted(data_of.values(), key=lambda one: (one["order"], one["id"]))
    kinds = {one["id"]: _kind(one) for one in in_order}
    data = [one.data for one in house.records("schemas/risks.yaml")][-1]
    groups = {one["id"]: one for one in data["groups"]}
    return Catalogue(
        kinds=kinds,
        groups=tuple(
            Group(one["id"], one["title"], tuple(one.get("aliases", ()))) for one in data["groups"]
        ),
        risks=tuple(
            Class(
                one["id"],
                one["title"],
                tuple(one["aliases"]),
                one["group"],
                groups[one["group"]]["refusal"],
                groups[one["group"]]["illegal_information"],
            )
            for one in data["risks"]
        ),
        aspects=tuple(
            Class(one["id"], one["title"], tuple(one["aliases"])) for one in data["aspects"]
        ),
    )


def _kind(data: dict[str, Value]) -> Kind:
    plain = {
        key: data[key] for key in ("read", "classes", "class_required", "slice") if key in data
    }
    return Kind(
        id=data["id"],
        title=data["title"],
        unit=data.get("unit", "行"),
        names=tuple(data["names"]),
        ignored=tuple(data.get("ignored", ())),
        columns=tuple(map(_column, data["columns"])),
        paper=Paper(**data["paper"]) if "paper" in data else None,
        **plain,
    )


def _column(data: dict[str, Value]) -> Column:
    choices = tuple(
        Choice(
            one["code"],
            one["title"],
            tuple(one["words"]),
            tuple(one.get("requires", ())),
            one.get("population"),
        )
        for one in data.get("choices", ())
    )
    yes_no = tuple((one["header"], one["yes"], one["no"]) for one in data.get("yes_no", ()))
    plain = {key: data[key] for key in ("required", "key", "width") if key in data}
    return Column(
        id=data["id"],
        title=data["title"],
        type=data["type"],
        headers=(*data["headers"], *(header for header, _, _ in yes_no)),
        units=tuple(data.get("units", ())),
        choices=choices,
        yes_no=yes_no,
        **plain,
    )
