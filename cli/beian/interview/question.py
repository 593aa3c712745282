"""A fact as a question: what kind of answer it takes, who could know it, what may be suggested."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from beian import conditions, english, paths
from beian.library import Library
from beian.model import Value, Verdict
from beian.schema import Field, Schema
from beian.view import Fact, View


class Kind(Enum):
    """How a fact is answered."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    YES_NO = "yes_no"
    ONE_OF = "one_of"
    MANY_OF = "many_of"
    TEXTS = "texts"  # a list of texts, item by item
    ITEMS = "items"  # a list of groups, each with questions of its own
    GROUP = "group"  # something that is there, with questions of its own, or not there (null)
    FILE = "file"


def kind_of(field: Field, schema: Schema) -> Kind | None:
    """The kind of a field; None when no prompt can ask for such a value."""
    types = field.schema.get("type", ())
    types = {types} if isinstance(types, str) else set(types)
    named = types - {"null"}
    if field.kind == "object":
        return Kind.GROUP
    if field.kind == "array":
        item = schema.fields.get(f"{field.path}[]")
        if field.choices:
            return Kind.MANY_OF
        if item is not None and item.kind == "object":
            return Kind.ITEMS
        return Kind.TEXTS if item is not None and item.kind == "string" else None
    if field.choices:
        return Kind.ONE_OF
    if named == {"boolean"}:
        return Kind.YES_NO
    if named and named <= {"integer", "number"}:
        return Kind.NUMBER
    if named != {"string"}:
        return None
    if field.format == "date":
        return Kind.DAY
    return Kind.FILE if "x-file" in field.schema else Kind.TEXT


def who(field: Field, schema: Schema) -> str | None:
    """Who could know the answer, as the field or the nearest group above it says (``x-who``)."""
    path = field.path
    while path:
        above = schema.fields.get(path)
        if above is not None and "x-who" in above.schema:
            named: str = above.schema["x-who"]
            return named
        path = path.removesuffix("[]") if path.endswith("[]") else path.rpartition(".")[0]
    return None


def roles(schema: Schema) -> dict[str, dict[str, str]]:
    """The title and the English title of each who, in order, as the schema declares them."""
    declared: dict[str, dict[str, str]] = schema.resolved.get("x-roles", {})
    return declared


def suggestions(path: str, field: Field, view: View) -> tuple[tuple[Value, str], ...]:
    """(value, path it comes from) of each suggestion that the schema declares and the facts give.

    ``x-suggest`` lists ``{fact: PATH, when: CONDITION}``; ``item.`` stands for the list item that
    the field belongs to, and ``[]`` in a path for every item of a list.
    """
    item = path.rpartition(".")[0]
    found: dict[str, tuple[Value, str]] = {}
    for one in field.schema.get("x-suggest", ()):
        outcome = conditions.judge(one.get("when"), view, item)
        if outcome.verdict is not Verdict.HOLDS:
            continue
        source = one["fact"]
        source = item + source[4:] if conditions.is_item(source) else source
        for read, value in _values(source, view):
            for single in value if isinstance(value, list) and not field.is_list else [value]:
                if single is not None and read != path:
                    found.setdefault(repr(single), (single, read))
    return tuple(found.values())


def _values(path: str, view: View) -> Iterator[tuple[str, Value]]:
    """(path, value) of a stated or derived fact, or of that fact in every item of a list."""
    before, items, after = path.partition("[]")
    node = view.read(before)
    if not isinstance(node, Fact):
        return
    if not items:
        yield before, node.value
        return
    for one in node.items():
        yield from _values(f"{one.path}{after}", view)


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a prompt, a workbook row or a web page needs to ask for one fact.

    ``options`` are (code, title) pairs, in the language asked for; ``users`` the titles of the
    documents and rules that wait for the answer.
    """

    path: str
    field: Field
    kind: Kind
    title: str
    section: str
    help: str
    basis: tuple[str, ...]
    users: tuple[str, ...]
    none: str | None
    who: str | None
    options: tuple[tuple[Value, str], ...] = ()
    suggested: tuple[tuple[Value, str], ...] = ()


def describe(
    path: str,
    library: Library,
    *,
    users: tuple[str, ...] = (),
    view: View | None = None,
    lang: str = "zh",
) -> Question:
    """The question that asks for a fact. ValueError when no prompt can ask for it."""
    schema = library.schema
    field = schema.field(path)
    kind = kind_of(field, schema) if field is not None else None
    if field is None or kind is None:
        raise ValueError(f"no question asks for {path}")
    choices = [(code, title) for code, title in (field.choices or {}).items() if code is not None]
    english_titles = field.choices_en if lang == "en" else {}
    told = english.in_words(field.description) if lang == "en" else field.description
    return Question(
        path=path,
        field=field,
        kind=kind,
        title=title_of(path, schema, lang),
        section=section_title(path, schema, lang),
        help=spoken(told),
        basis=cited(field.basis, library),
        users=users,
        none=field.null_text if "null" in _types(field) else None,
        who=who(field, schema),
        options=tuple((code, english_titles.get(code, title)) for code, title in choices),
        suggested=suggestions(path, field, view) if view is not None else (),
    )


def cited(references: tuple[str, ...], library: Library) -> tuple[str, ...]:
    """The citations, each instrument named once: 《……》第二条第一款、第二十二条第一项."""
    articles: dict[str, list[str]] = {}
    for one in map(library.register.cite, references):
        mark = "" if one.certain else "（待核对）"
        articles.setdefault(f"《{one.title}》", []).append(f"{one.label}{mark}")
    return tuple(title + "、".join(labels) for title, labels in articles.items())


def _types(field: Field) -> tuple[str, ...]:
    types = field.schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def title_of(path: str, schema: Schema, lang: str = "zh") -> str:
    """How a fact is called where its section is already named; English with the Chinese term."""
    steps = paths.parse(path)
    words: list[str] = []
    here = ""
    for number, step in enumerate(steps):
        here = paths.child(here, step)
        if isinstance(step, int):
            words.append(f"第{step + 1}项" if lang == "zh" else f"no. {step + 1}")
            continue
        if number == 0 and len(steps) > 1 and not isinstance(steps[1], int):
            continue  # the section stands above
        field = schema.field(here)
        if field is None:
            words.append(step)
        elif lang == "en" and field.title_en:
            words.append(f"{field.title_en}（{field.title}）")
        else:
            words.append(field.title)
    return " · ".join(words)


def section_title(path: str, schema: Schema, lang: str = "zh") -> str:
    """How the section of a fact is called."""
    field = schema.fields[str(paths.parse(path)[0])]
    return f"{field.title_en}（{field.title}）" if lang == "en" else field.title


_SPOKEN = (
    (re.compile(r"写 ?null"), "选“无”"),
    (re.compile(r"[写为] ?true"), "选“是”"),
    (re.compile(r"[写为] ?false"), "选“否”"),
    (re.compile(r"\bnull\b"), "“none”"),
    (re.compile(r"\btrue\b(?= when| if|[.,;])"), "“yes”"),
    (re.compile(r"\bfalse\b(?= when| if|[.,;])"), "“no”"),
)


def spoken(description: str) -> str:
    """The help of a field for somebody who answers prompts instead of writing a file."""
    for written, said in _SPOKEN:
        description = written.sub(said, description)
    return description
