"""What a workbook would change, as text for people or as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator

from beian import paths
from beian.intake.merge import ADD, CHANGE, ORDER, REMOVE, Entry, Merge
from beian.model import Finding, Value
from beian.printing import value_text
from beian.schema import Field, Schema, mask

_KINDS = {ADD: "新增", CHANGE: "修改", REMOVE: "删去", ORDER: "调整顺序"}
_LONGEST = 200


def problem_text(finding: Finding) -> str:
    """One thing that is wrong in a cell: place, field, cause; cure."""
    path = f"　{finding.path}" if finding.path else ""
    return f"{finding.place}{path}  {finding.message}\n    改法  {finding.hint}"


def merge_text(merged: Merge, schema: Schema) -> str:
    """Every difference, old over new, then the conflicts and what was left as it is."""
    lines: list[str] = []
    for kind, word in _KINDS.items():
        found = [one for one in merged.entries if one.kind == kind]
        if found:
            lines.append(f"{word} {len(found)} 项")
            for entry in found:
                lines += entry_lines(entry, schema)
    if merged.conflicts:
        lines.append(f"冲突 {len(merged.conflicts)} 项：导出之后事实文件和工作簿都改过")
        for entry in merged.conflicts:
            lines += entry_lines(entry, schema, "事实文件", "工作簿")
    if merged.kept:
        shown = "、".join(schema.title(one) for one in merged.kept[:5])
        more = f" 等 {len(merged.kept)} 项" if len(merged.kept) > 5 else ""
        lines.append(f"工作簿与导出时相同、事实文件已不同，按事实文件保留：{shown}{more}")
        lines.append("    建议  要改用工作簿中的，加 --prefer workbook。")
    lines += merged.reading.notes
    return "\n".join(lines)


def entry_lines(entry: Entry, schema: Schema, before: str = "原", after: str = "新") -> list[str]:
    """One difference: where, what it is called, what it is now and would be."""
    where = f"（{entry.place}）" if entry.place else ""
    lines = [f"  {entry.path}　{schema.title(entry.path)}{where}"]
    width = max(len(before), len(after))
    for word, value, there in (
        (before, entry.old, entry.kind != ADD),
        (after, entry.new, entry.kind != REMOVE),
    ):
        pad = "　" * (width - len(word))
        shown = _shown(value, entry.path, schema) if there else "（未答）"
        if there or before != "原":
            lines.append(f"    {word}{pad}  {shown}")
    return lines


def as_json(merged: Merge, schema: Schema, *, written: bool) -> Value:
    """The same as one JSON object; personal data stays masked."""

    def record(entry: Entry) -> Value:
        return {
            "kind": entry.kind,
            "path": entry.path,
            "title": schema.title(entry.path),
            "place": entry.place,
            "old": guarded(entry.old, entry.path, schema),
            "new": guarded(entry.new, entry.path, schema),
        }

    return {
        "problems": [
            {
                "place": str(one.place),
                "path": one.path,
                "title": schema.title(one.path) if one.path else "",
                "message": one.message,
                "hint": one.hint,
            }
            for one in merged.reading.problems
        ],
        "changes": [record(one) for one in merged.entries],
        "conflicts": [record(one) for one in merged.conflicts],
        "kept": list(merged.kept),
        "notes": list(merged.reading.notes),
        "written": written,
    }


def guarded(value: Value, path: str, schema: Schema) -> Value:
    """A value with the personal data in it masked."""
    if isinstance(value, dict):
        return {key: guarded(one, paths.child(path, key), schema) for key, one in value.items()}
    if isinstance(value, list):
        return [guarded(one, f"{path}[{number}]", schema) for number, one in enumerate(value)]
    field = schema.field(path)
    if value is not None and _is_personal(field, path, schema):
        return mask(str(value))
    return value


def _is_personal(field: Field | None, path: str, schema: Schema) -> bool:
    above = schema.field(paths.parent(path)) if path.endswith("]") else None
    return any(one is not None and bool(one.sensitive) for one in (field, above))


def _shown(value: Value, path: str, schema: Schema) -> str:
    text = "；".join(_parts(value, path, schema)) or "（空）"
    text = text.replace("\n", "⏎")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…（共 {len(text)} 字）"


def _parts(value: Value, path: str, schema: Schema) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            field = schema.field(paths.child(path, key))
            title = field.title if field is not None else key
            below = "、".join(_parts(one, paths.child(path, key), schema))
            yield f"{title}：{below}"
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield "，".join(_parts(one, f"{path}[{number}]", schema))
    else:
        field = schema.field(path)
        text = value_text(guarded(value, path, schema), field)
        yield str(value) if field is not None and field.format == "date" else text
