"""The plan of the workbook: which question stands on which sheet, and in which form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from beian import paths
from beian.schema import Field, Schema

#: The sheet that holds personal data, apart from the questions of its section.
SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a group of questions; ``field`` takes an answer only where null is one."""

    field: Field
    depth: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with one answer: a row of its own."""

    field: Field


@dataclass(frozen=True, slots=True)
class Items:
    """A question answered by a list of texts or numbers: a row for each."""

    field: Field
    item: Field


@dataclass(frozen=True, slots=True)
class Ticks:
    """A question answered by ticking any number of choices: a row for each choice."""

    field: Field


@dataclass(frozen=True, slots=True)
class Table:
    """A list of items with several fields each: a row for each item.

    ``path`` is the generic path of the list (``models``, ``models[].parts``); ``columns`` maps what
    follows the item in a path (``name``, ``check.method``) to its field. A table with a ``parent``
    has a column that tells the row of the parent's table to which each of its rows belongs: it is
    either a list inside an item, or (``extends``) the personal data of the same items. A list inside
    an item that may be none is a column too, which takes nothing else.
    """

    path: str
    field: Field
    columns: Mapping[str, Field]
    parent: str | None = None
    extends: bool = False

    @property
    def is_column(self) -> bool:
        """Whether the table its items belong to has a column to say that there are none."""
        return self.parent is not None and self.field.null_text is not None


Block = Heading | Answer | Items | Ticks | Table


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a section of the facts, or what is personal data in all sections."""

    key: str
    title: str
    title_en: str
    blocks: tuple[Block, ...]


@dataclass(slots=True)
class _Collected:
    open: list[Block] = field(default_factory=list)
    sensitive: list[Block] = field(default_factory=list)


def plan(schema: Schema, wanted: Callable[[str], bool] = lambda _: True) -> tuple[Sheet, ...]:
    """The sheets in question order; ``wanted`` tells by generic path which questions are asked."""
    sheets, sensitive = [], []
    for key, section in schema.fields.items():
        if "." in key or key.endswith("[]"):
            continue
        found = _Collected()
        _collect(schema, section, 0, wanted, found)
        if found.open:
            sheets.append(Sheet(key, section.title, section.title_en, tuple(found.open)))
        sensitive += found.sensitive
    if sensitive:
        sheets.append(Sheet(SENSITIVE, "敏感信息", "Personal data", tuple(sensitive)))
    return tuple(sheets)


def paths_of(sheets: tuple[Sheet, ...]) -> Iterator[str]:
    """The generic path of every question, once for each place in which it is asked."""
    for sheet in sheets:
        for block in sheet.blocks:
            if isinstance(block, Table):
                if not block.extends and not block.is_column:
                    yield block.path
                yield from (f"{block.path}[].{below}" for below in block.columns)
            elif not isinstance(block, Heading) or block.field.null_text is not None:
                yield block.field.path


def is_record(schema: Schema, one: Field) -> bool:
    """Whether a field is a list of items that have fields of their own."""
    return one.is_list and schema.fields[f"{one.path}[]"].kind == "object"


def _collect(
    schema: Schema, one: Field, depth: int, wanted: Callable[[str], bool], found: _Collected
) -> None:
    if one.kind == "object":
        below = _Collected()
        for key in one.keys:
            _collect(schema, schema.fields[f"{one.path}.{key}"], depth + 1, wanted, below)
        head: list[Block] = [Heading(one, depth)] if depth else []
        nullable = one.null_text is not None and wanted(one.path)
        if below.open or nullable:
            found.open += [*head, *below.open]
        if below.sensitive:
            named = [] if one.null_text is not None else [Heading(one, depth)]
            found.sensitive += [*named, *below.sensitive]
    elif is_record(schema, one):
        _tabulate(schema, one, None, wanted, found)
    elif wanted(one.path):
        into = found.sensitive if _is_sensitive(schema, one) else found.open
        if not one.is_list:
            into.append(Answer(one))
        elif one.choices:
            into.append(Ticks(one))
        else:
            into.append(Items(one, schema.fields[f"{one.path}[]"]))


def _tabulate(
    schema: Schema,
    one: Field,
    parent: str | None,
    wanted: Callable[[str], bool],
    found: _Collected,
) -> None:
    """The table of a list, then those of the lists inside its items, and its personal data."""
    columns: dict[str, Field] = {}
    guarded: dict[str, Field] = {}
    inside: list[Field] = []
    for below, column in _columns(schema, schema.fields[f"{one.path}[]"], ""):
        if is_record(schema, column):
            inside.append(column)
            if column.null_text is not None and wanted(column.path):
                columns[below] = column
        elif wanted(column.path):
            (guarded if _is_sensitive(schema, column) else columns)[below] = column
    nested = _Collected()
    for deeper in inside:
        _tabulate(schema, deeper, one.path, wanted, nested)
    if not columns and not guarded and not wanted(one.path) and nested == _Collected():
        return
    found.open += [Table(one.path, one, columns, parent), *nested.open]
    if guarded:
        found.sensitive.append(Table(one.path, one, guarded, one.path, extends=True))
    found.sensitive += nested.sensitive


def _columns(schema: Schema, group: Field, above: str) -> Iterator[tuple[str, Field]]:
    for key in group.keys:
        column = schema.fields[f"{group.path}.{key}"]
        below = paths.child(above, key)
        if column.kind == "object":
            yield from _columns(schema, column, below)
        else:
            yield below, column


def _is_sensitive(schema: Schema, one: Field) -> bool:
    return bool(one.sensitive) or (one.is_list and bool(schema.fields[f"{one.path}[]"].sensitive))
