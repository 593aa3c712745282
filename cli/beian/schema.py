"""The facts schema: what may be answered, how it is called, and what is wrong with an answer."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from beian import english, formats, paths, shapes
from beian.model import Finding, Level, Value
from beian.resources import House

if TYPE_CHECKING:
    from beian.yamltext import PlacedText

SCHEMA_RULE = "schema"

_TYPES = {
    "object": "一组字段",
    "array": "列表",
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "是否（true 或 false）",
    "null": "空（null）",
}
_FORMATS = {
    "date": "日期（写作 2026-03-01）",
    "email": "电子邮箱",
    "url": "网址（http:// 或 https:// 开头）",
}


class Field(NamedTuple):
    """One field of the facts, the figures or the dossier, by its generic path.

    ``choices`` maps each code to its Chinese title; ``null_text`` is what "none" prints as, or
    None where null is no answer; ``sensitive`` is None or the kind of personal data.
    """

    path: str
    title: str
    title_en: str
    description: str
    kind: str
    basis: tuple[str, ...]
    choices: dict[Value, str] | None
    null_text: str | None
    sensitive: str | None
    format: str | None
    portal: dict[str, Value] | None
    inputs: tuple[str, ...]
    keys: tuple[str, ...]
    schema: dict[str, Value]

    @property
    def choices_en(self) -> dict[Value, str]:
        """The English title beside the Chinese one, by code."""
        options = self.schema.get("oneOf") or self.schema.get("items", {}).get("oneOf", ())
        return {
            one["const"]: f"{one['x-title-en']}，{one['title']}"
            for one in options
            if "x-title-en" in one
        }

    @property
    def guarded(self) -> bool:
        """Whether the value, or anything that belongs below it, is personal data."""
        return _holds(self.schema, "x-sensitive")

    @property
    def is_list(self) -> bool:
        return self.kind == "array"

    @property
    def takes_text(self) -> bool:
        types = self.schema.get("type", ())
        return "string" in types and "number" not in types and "integer" not in types


class Schema:
    """A resolved JSON Schema together with the fields it declares, in question order."""

    def __init__(self, resolved: dict[str, Value]) -> None:
        self.resolved = resolved
        self.fields: dict[str, Field] = {}
        self._titles: dict[str, str] = {}
        for key, part in resolved["properties"].items():
            self._collect(key, part, part.get("title", key))

    def field(self, path: str) -> Field | None:
        """The field at a path, with or without list positions."""
        return self.fields.get(paths.generic(path))

    def title(self, path: str) -> str:
        """How a fact is called in Chinese, with the position of each list item it stands in."""
        if path not in self._titles:
            self._titles[path] = self._title(path)
        return self._titles[path]

    def _title(self, path: str) -> str:
        words: list[str] = []
        here = ""
        for step in paths.parse(path):
            here = paths.child(here, step)
            field = self.field(here)
            if isinstance(step, int):
                words[-1] = f"{words[-1]}第{step + 1}项"
            elif field is not None:
                words.append(field.title)
            else:
                words.append(str(step))
        return "·".join(words[-2:] if len(words) > 2 else words)

    def order(self, path: str) -> tuple[int, ...]:
        """A key that sorts paths in question order, list items one after another."""
        key: list[int] = []
        here = ""
        for step in paths.parse(path):
            here = paths.child(here, step)
            if isinstance(step, int):
                key.append(step)
            else:
                key.append(self._ranks.get(paths.generic(here), len(self._ranks)))
        return tuple(key)

    def check(self, placed: PlacedText, lang: str = "zh") -> list[Finding]:
        """Every answer that the schema does not admit, in the order of the text.

        The messages are Chinese; with ``lang`` "en" English, for people who answer questions.
        """
        findings: list[Finding] = []
        with contextlib.suppress(shapes.Unspoken):
            if shapes.fits(self.resolved, placed.value):
                return findings
        for error in self._validator.iter_errors(placed.value):
            findings.extend(self._word(error, placed, lang))
        findings.sort(key=lambda finding: (finding.place.line or 0, finding.place.column or 0))
        return findings

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {path: rank for rank, path in enumerate(self.fields)}

    @cached_property
    def _validator(self) -> Any:
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.resolved, format_checker=formats.checker())

    def _collect(self, path: str, part: dict[str, Value], title: str) -> None:
        types = part.get("type", ())
        types = [types] if isinstance(types, str) else list(types)
        items = part.get("items", {})
        options = part.get("oneOf") or (items.get("oneOf") if "array" in types else None)
        kind = next((name for name in types if name != "null"), "string")
        self.fields[path] = Field(
            path=path,
            title=title,
            title_en=part.get("x-title-en", ""),
            description=part.get("description", ""),
            kind=kind,
            basis=tuple(part.get("x-basis", ())),
            choices={option["const"]: option["title"] for option in options} if options else None,
            null_text=part.get("x-null"),
            sensitive=part.get("x-sensitive"),
            format=part.get("format"),
            portal=part.get("x-portal"),
            inputs=tuple(part.get("x-inputs", ())),
            keys=tuple(part.get("properties", {})),
            schema=part,
        )
        for key, below in part.get("properties", {}).items():
            self._collect(paths.child(path, key), below, below.get("title", key))
        if kind == "array":
            self._collect(f"{path}[]", items, items.get("title", title))

    def _word(self, error: Any, placed: PlacedText, lang: str) -> Iterator[Finding]:
        path = ""
        for step in error.absolute_path:
            path = paths.child(path, step)
        where = placed.place(path)
        field = self.field(path) if path else None
        name = f"“{self.title(path)}”" if field and "." in path else "事实文件"
        if field and "." not in path:
            name = f"“{field.title}”"
        shown = show(error.instance, field)
        if error.validator == "additionalProperties":
            yield from self._unknown_keys(error, path, placed)
            return
        if lang == "en" and field is not None:
            about = self.fields[field.path.removesuffix("[]")]  # an item is called by its list
            title = f"{about.title_en}（{about.title}）"
            message, hint = english.refusal(error, title, shown, field.choices_en)
        else:
            message, hint = _reason(error, name, shown, field)
        yield Finding(SCHEMA_RULE, Level.BLOCK, path, where, message, hint)

    def _unknown_keys(self, error: Any, path: str, placed: PlacedText) -> Iterator[Finding]:
        known = error.schema.get("properties", {})
        for key in error.instance:
            if key in known:
                continue
            here = paths.child(path, key)
            yield Finding(
                SCHEMA_RULE,
                Level.BLOCK,
                here,
                placed.keys.get(here, placed.place(path)),
                f"不认识的键“{key}”。",
                nearest(key, known),
            )


def _holds(part: Value, keyword: str) -> bool:
    if isinstance(part, dict):
        return keyword in part or any(_holds(below, keyword) for below in part.values())
    return False


def nearest(key: str, known: dict[str, Value]) -> str:
    """A hint that names the key most probably meant."""
    close = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    if not close:
        titles = {part.get("title", ""): name for name, part in known.items()}
        hit = difflib.get_close_matches(key, titles, n=1, cutoff=0.5)
        close = [titles[hit[0]]] if hit else []
    if close:
        return f"是否想写 {close[0]}（{known[close[0]].get('title', '')}）？"
    listed = "、".join(list(known)[:8])
    return f"此处可写的键：{listed}{' 等' if len(known) > 8 else ''}。"


def show(value: Value, field: Field | None, *, longest: int = 30) -> str:
    """A value as a message may repeat it: shortened, and masked when it is personal data."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return "一组字段" if isinstance(value, dict) else f"{len(value)} 项的列表"
    text = "null" if value is None else str(value)
    if field is not None and field.guarded:
        return mask(text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def mask(text: str) -> str:
    """Personal data with only its first and last characters left."""
    if len(text) <= 4:
        return "*" * len(text)
    keep = 3 if len(text) >= 10 else 1
    return text[:keep] + "*" * (len(text) - 2 * keep) + text[-keep:]


def _reason(error: Any, name: str, shown: str, field: Field | None) -> tuple[str, str | None]:
    wanted = error.validator_value
    match error.validator:
        case "type":
            types = [wanted] if isinstance(wanted, str) else list(wanted)
            words = "或".join(_TYPES[one] for one in types if one != "null" or len(types) == 1)
            hint = None
            if error.instance is None:
                hint = "尚未知道的，删去这一键（或在行首加 # 注释）；此项不能答“无”。"
            elif "boolean" in types:
                hint = "写 true（是）或 false（否）。"
            elif "array" in types:
                hint = "每项另起一行，以“- ”开头。"
            elif "string" in types and not isinstance(error.instance, (dict, list)):
                hint = "给该值加引号。"
            return f"{name}应为{words}，现为 {shown}。", hint
        case "oneOf" | "enum" | "const":
            options = field.choices if field is not None and field.choices else {}
            listed = "、".join(
                f"{'null' if code is None else code}（{title}）" for code, title in options.items()
            )
            return f"{name}的值 {shown} 不在可选项内。", f"可选：{listed}。" if listed else None
        case "format":
            if str(wanted) == "date":
                return (
                    f"{name}的值 {shown} 不是有效日期。",
                    "写作 2026-03-01，且须为日历上有的日子。",
                )
            return f"{name}的值 {shown} 不是{_FORMATS.get(str(wanted), str(wanted))}。", None
        case "pattern":
            return f"{name}的值 {shown} 不合写法。", error.schema.get("x-pattern")
        case "minLength":
            return (
                f"{name}是空的文字。",
                "尚未知道的，删去这一键；确实没有的，按字段说明写 null。",
            )
        case "maxLength":
            return f"{name}有 {len(error.instance)} 字，超过 {wanted} 字。", "精简后再填。"
        case "minimum" | "exclusiveMinimum":
            return f"{name}的值 {shown} 过小，不应小于 {wanted}。", None
        case "maximum" | "exclusiveMaximum":
            return f"{name}的值 {shown} 过大，不应大于 {wanted}。", None
        case "minItems":
            return (
                f"{name}是空列表。" if not error.instance else f"{name}至少应有 {wanted} 项。",
                "尚未知道的，删去这一键；确实没有的，按字段说明写 null。",
            )
        case "maxItems":
            return f"{name}有 {len(error.instance)} 项，超过 {wanted} 项。", None
        case "uniqueItems":
            return f"{name}中有重复的项。", "每项只写一次。"
        case _:
            return f"{name}的值 {shown} 不合要求（{error.validator}）。", None


def load(house: House, relative: str) -> Schema:
    """The schema of a shipped file with every reference resolved."""
    return Schema(house.resolved(relative))


def in_english(node: Value) -> Value:
    """A schema with English help and English titles, the Chinese titles beside them."""
    if isinstance(node, list):
        return [in_english(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: in_english(item) for key, item in node.items()}
    if isinstance(made.get("x-title-en"), str) and isinstance(made.get("title"), str):
        made["title"] = f"{made['x-title-en']}（{made['title']}）"
        if isinstance(made.get("description"), str):
            made["description"] = english.in_words(made["description"])
    return made


def heading() -> str:
    """The first line of a facts file."""
    return "# 事实文件。每一项只填一次，各份材料都由此生成。\n"


def blank_facts(schema: Schema) -> str:
    """An empty facts file in which every field stands commented, with how to answer it."""
    lines = [
        heading().rstrip(),
        "# 填写时去掉该行及其上级行首的“# ”（井号和一个空格），缩进保持不动。",
        "# 不知道的留着不填；确实没有的，说明中允许的写 null（表示“无”）。",
    ]
    for path, field in schema.fields.items():
        if "." not in path and "[" not in path:
            lines += ["", *_blank(schema, path, field, 0)]
    return "\n".join(lines) + "\n"


def _blank(schema: Schema, path: str, field: Field, depth: int) -> Iterator[str]:
    indent = "# " + "  " * depth
    key = path.rpartition(".")[2]
    yield (
        f"{indent}# {field.title}：{field.description}"
        if field.description
        else f"{indent}# {field.title}"
    )
    if field.choices:
        codes = "、".join(
            f"{'null' if code is None else code}（{title}）"
            for code, title in field.choices.items()
        )
        yield f"{indent}#   可选：{codes}"
    if field.is_list and field.null_text:
        yield f"{indent}#   没有的写 null"
    yield f"{indent}{key}:"
    item = schema.fields.get(f"{path}[]")
    if item is not None and item.kind == "object":
        yield f"{indent}  - # 每{item.title}一项"
        for below in item.keys:
            yield from _blank(
                schema, f"{path}[].{below}", schema.fields[f"{path}[].{below}"], depth + 2
            )
    elif item is not None:
        yield f"{indent}  -"
    for below in field.keys:
        yield from _blank(schema, f"{path}.{below}", schema.fields[f"{path}.{below}"], depth + 1)
