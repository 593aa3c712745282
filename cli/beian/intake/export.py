"""The workbook of a matter: planned, drawn, stamped and sealed."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from beian import paths
from beian.facts import Facts
from beian.intake import answers as cutting
from beian.intake import looks, stamp
from beian.intake.answers import Answers
from beian.intake.draw import Drawing, Drawn, put
from beian.intake.layout import SENSITIVE, Sheet, paths_of, plan
from beian.intake.words import WORDS
from beian.model import Value
from beian.schema import Schema


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished workbook; ``left_out`` names the answers that no question of the schema takes."""

    content: bytes
    questions: int
    needed: int
    left_out: tuple[str, ...]


def export(
    facts: Facts,
    schema: Schema,
    *,
    day: str,
    needed: Collection[str],
    cite: Callable[[str], str],
    wanted: Callable[[str], bool] = lambda _: True,
    documents: tuple[tuple[str, str], ...] = (),
    lang: str = "zh",
) -> Exported:
    """The workbook of a matter, sealed.

    ``needed`` holds the paths that are needed now; ``wanted`` tells which questions are asked, as
    ``documents`` (id and title) need them. BeianError when an answer does not fit a cell.
    """
    from openpyxl import Workbook

    from beian.render.excel import in_schema_order
    from beian.render.seal import reseal

    sheets = plan(schema, wanted)
    held = cutting.cut(facts.value, sheets)
    salt = stamp.facts_digest(facts.value)
    base = cutting.digests(held, salt)
    hidden = sensitive_paths(sheets)
    shown = {path: one for path, one in base.items() if paths.generic(path) not in hidden}
    made = stamp.make(
        facts.value,
        schema,
        shown,
        day=day,
        lang=lang,
        documents=tuple(one for one, _ in documents),
    )
    book = Workbook()
    book.remove(book.worksheets[0])
    drawing = Drawing(book, schema, facts, held, base, set(needed), cite, lang)
    guide = book.create_sheet(WORDS[lang]["guide"])
    drawn = [drawing.sheet(sheet) for sheet in sheets]
    _guide(guide, drawing, drawn, made, facts.value, tuple(title for _, title in documents))
    drawing.allowed.draw(book)
    _stamp(book, made)
    stream = io.BytesIO()
    book.save(stream)
    return Exported(
        content=reseal(stream.getvalue(), {"xl/styles.xml": in_schema_order}),
        questions=sum(1 for _ in paths_of(sheets)),
        needed=drawing.marked,
        left_out=tuple(_left_out(facts.value, held, schema, wanted)),
    )


def sensitive_paths(sheets: tuple[Sheet, ...]) -> frozenset[str]:
    """The generic paths asked on the sheet of personal data."""
    return frozenset(paths_of(tuple(one for one in sheets if one.key == SENSITIVE)))


def _left_out(
    value: Value, held: Answers, schema: Schema, wanted: Callable[[str], bool]
) -> list[str]:
    kept = dict(paths.leaves(cutting.put_together(held)))
    lost = []
    for path, _ in paths.leaves(value):
        field, generic = schema.field(path), paths.generic(path)
        # A group that is answered with none is asked where one of its questions is.
        asked = field is None or any(
            wanted(one) for one in (generic, *(paths.child(generic, key) for key in field.keys))
        )
        if path and path not in kept and asked:
            lost.append(path)
    return lost


def _stamp(book: Any, made: stamp.Stamp) -> None:
    sheet = book.create_sheet(stamp.SHEET)
    sheet.sheet_state = "veryHidden"
    for row, text in enumerate(made.cells(), 1):
        put(sheet, row, 1, text)


def _guide(
    sheet: Any,
    drawing: Drawing,
    drawn: list[Drawn],
    made: stamp.Stamp,
    value: Value,
    documents: tuple[str, ...],
) -> None:
    """The first sheet: how to fill in, and what there is."""
    words = drawing.words
    widths = (46, 14, 16, 44)
    for number, width in enumerate(widths):
        sheet.column_dimensions["ABCD"[number]].width = width
    service = value.get("service")
    name = service.get("name") if isinstance(service, dict) else None
    heading = words["heading"] + (f"：{name}" if isinstance(name, str) else "")
    put(sheet, 1, 1, heading).style = "beian-title"
    sheet.row_dimensions[1].height = 34
    lines = [words["needed"].format(count=drawing.marked), *words["rules"]]
    if documents:
        listed = "、".join(f"《{one}》" for one in documents)
        lines.append(words["documents"].format(listed=listed))
    for row, line in enumerate(lines, 2):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=4)
        text = f"{row - 1}. {line}"
        put(sheet, row, 1, text).style = "beian-label"
        sheet.row_dimensions[row].height = looks.height(looks.lines_of(text, sum(widths)))
    row = len(lines) + 3
    for column, caption in enumerate(words["contents"], 1):
        put(sheet, row, column, caption).style = "beian-head"
    for one in drawn:
        row += 1
        shown: tuple[str | int, ...] = (
            one.name,
            one.questions,
            one.needed,
            words["between"].join(one.who),
        )
        for column, held in enumerate(shown, 1):
            put(sheet, row, column, held).style = "beian-row"
    text = words["stamp"].format(version=made.version, day=made.day, facts=made.facts)
    put(sheet, row + 2, 1, text).style = "beian-note"
    looks.set_up(sheet)
