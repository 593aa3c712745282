"""Rows of a copy sheet for an online form, made from what the schema says of each field's place there."""

from __future__ import annotations

from dataclasses import dataclass

from beian.counting import bounds_text
from beian.errors import BeianError
from beian.model import Place, Value
from beian.render.compiled import Declared
from beian.schema import Field


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a sheet, each a list of (column or label, template text); perhaps for each item of a
    list (its name and path), perhaps only where a condition holds."""

    rows: list[list[tuple[str, str]]]
    loop: tuple[str, str] | None = None
    condition: str | None = None


def parts_of(form: dict[str, Value], where: str, declared: Declared) -> list[Part]:
    """The parts of a form, in the order of the screens; BeianError for a field that is none."""
    titles = [one["title"] for one in form["columns"]]
    made = []
    for part in form["parts"]:
        loop = (part["as"], part["each"]) if "each" in part else None
        rows = []
        for row in part["rows"]:
            cells = (
                _asked(row, loop, where, declared)
                if isinstance(row, str)
                else _told(row)
            )
            rows.append(list(zip(titles, [part["section"], *cells], strict=True)))
        made.append(Part(rows, loop, part.get("if")))
    return made


def _told(row: dict[str, Value]) -> list[str]:
    """A row whose words stand in the workbook."""
    required = {True: "必填", False: "选填", None: "—"}[row.get("required")]
    return [row["label"], required, row["value"], "—", row.get("limit", "—"), "—", row.get("source", "—")]


def _asked(
    path: str, loop: tuple[str, str] | None, where: str, declared: Declared
) -> list[str]:
    """A row for one field: label, required, value, characters, bounds, verdict, source fact."""
    real = path
    if loop is not None and path.startswith(f"{loop[0]}."):
        real = f"{loop[1]}[].{path.partition('.')[2]}"
    field = declared(real)
    if field is None:
        raise BeianError(f"没有“{path}”这个字段。", place=Place(where))
    portal = field.portal or {}
    bounds = bounds_text(portal.get("minimum"), portal.get("maximum"))
    counted = field.kind in ("string", "array") and not _choices(field) and field.format is None
    return [
        str(portal.get("label", field.title)),
        {True: "必填", False: "选填", None: "—"}[portal.get("required")],
        _value(path, field),
        f"{{{{ {path}|characters }}}}" if counted else "—",
        bounds or "—",
        f"{{{{ {path}|bounds }}}}" if bounds else "—",
        real,
    ]


def _choices(field: Field) -> bool:
    return "oneOf" in field.schema or "oneOf" in field.schema.get("items", {})


def _value(path: str, field: Field) -> str:
    """What is pasted or ticked."""
    if _choices(field):
        boxes = f"{{{{ {path}|boxes }}}}"
        if field.is_list and field.null_text:
            # Nothing ticked is an answer of its own, which empty boxes alone would not tell.
            return f"{boxes}{{% if {path} %}}{{% else %}}（均不选：{field.null_text}）{{% endif %}}"
        return boxes
    if field.kind == "boolean":
        return f"{{% if {path} %}}☑是　☐否{{% else %}}☐是　☑否{{% endif %}}"
    if field.is_list:
        return f'{{{{ {path}|join("；") }}}}'
    return f"{{{{ {path} }}}}"
