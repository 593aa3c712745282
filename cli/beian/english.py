"""The help of facts, and why an answer is refused, in English: for counsel who works with people abroad."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from beian import resources, yamltext

FILE = "schemas/help-en.yaml"


def in_words(chinese: str) -> str:
    """The English of a fact's help; of what has none (a house's own), the Chinese."""
    return _catalogue().get(chinese, chinese)


_TYPES = {
    "object": "a group of fields",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "null": "none",
}
_FORMATS = {
    "date": "a day of the calendar",
    "email": "an e-mail address",
    "url": "a web address (beginning with http:// or https://)",
}


def refusal(
    error: Any, name: str, shown: str, choices: Mapping[Any, str]
) -> tuple[str, str | None]:
    """(message, hint) of an error of the schema about the answer called ``name``."""
    wanted = error.validator_value
    match error.validator:
        case "type":
            types = [wanted] if isinstance(wanted, str) else list(wanted)
            words = " or ".join(_TYPES[one] for one in types if one != "null" or len(types) == 1)
            hint = (
                " “None” is no answer here; skip it if unknown." if error.instance is None else None
            )
            return f"{name} should be {words}, not {shown}.", hint
        case "oneOf" | "enum" | "const":
            listed = ", ".join(choices.values())
            return (
                f"{shown} is none of the choices of {name}.",
                f" Choices: {listed}." if listed else None,
            )
        case "format":
            hint = " Write 2026-03-01." if wanted == "date" else None
            return f"{name}: {shown} is not {_FORMATS.get(str(wanted), str(wanted))}.", hint
        case "pattern":
            told = error.schema.get("x-pattern")
            return f"{name}: {shown} is not written as it should be.", told and f" {in_words(told)}"
        case "minLength":
            return f"{name} is an empty text.", " Skip it if unknown."
        case "maxLength":
            count = len(error.instance)
            return f"{name} has {count} characters, more than {wanted}.", " Shorten it."
        case "minimum" | "exclusiveMinimum":
            return f"{name}: {shown} is too small; at least {wanted} is expected.", None
        case "maximum" | "exclusiveMaximum":
            return f"{name}: {shown} is too large; at most {wanted} is expected.", None
        case "minItems":
            return f"{name} needs at least {wanted} items.", " Skip it if unknown."
        case "maxItems":
            return f"{name} has {len(error.instance)} items, more than {wanted}.", None
        case "uniqueItems":
            return f"{name} names an item twice.", " Name each item once."
        case _:
            return f"{name}: {shown} is not admitted ({error.validator}).", None


@cache
def _catalogue() -> dict[str, str]:
    text = yamltext.decode(resources.read(resources.shipped() / FILE), FILE)
    entries = yamltext.read(text, FILE, as_json=False).value["help"]
    return {one["zh"]: one["en"] for one in entries}
