"""Whether a value has the shape that a JSON Schema asks for, answered at once for the keywords in use.

jsonschema says *what* is wrong with a value, and takes its time to be loaded; most values are right.
Both answer alike: a test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from beian import formats
from beian.model import Value

#: What says nothing of the shape.
_SILENT = frozenset({"title", "description"})


class Unspoken(Exception):
    """A schema uses a keyword that is not answered here."""


def fits(schema: Value, value: Value) -> bool:
    """Whether the schema admits the value; Unspoken when a keyword is met that only jsonschema knows."""
    if isinstance(schema, bool):
        return schema
    for keyword, wanted in schema.items():
        test = _TESTS.get(keyword)
        if test is None:
            if keyword not in _SILENT and not keyword.startswith("x-"):
                raise Unspoken(keyword)
        elif not test(wanted, value, schema):
            return False
    return True


def equal(one: Value, other: Value) -> bool:
    """Equality of JSON values: 1 is 1.0, but neither is true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    return bool(one == other)


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_TYPES: dict[str, Callable[[Value], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "null": lambda value: value is None,
    "number": _is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


def _has_type(wanted: Value, value: Value, _: Value) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return any(_TYPES[name](value) for name in names)


def _has_format(wanted: Value, value: Value, _: Value) -> bool:
    test = formats.FORMATS.get(wanted)
    return test is None or not isinstance(value, str) or test(value)


def _has_known_keys(wanted: Value, value: Value, schema: Value) -> bool:
    if "patternProperties" in schema:
        raise Unspoken("patternProperties")
    known = schema.get("properties", {})
    return not isinstance(value, dict) or all(
        key in known or fits(wanted, below) for key, below in value.items()
    )


def _holds_some(wanted: Value, value: Value, schema: Value) -> bool:
    if "minContains" in schema or "maxContains" in schema:
        raise Unspoken("minContains")
    return not isinstance(value, list) or any(fits(wanted, item) for item in value)


def _is_unique(wanted: Value, value: Value, _: Value) -> bool:
    if not wanted or not isinstance(value, list):
        return True
    if all(isinstance(item, str) for item in value):
        return len(set(value)) == len(value)
    return not any(equal(one, other) for n, one in enumerate(value) for other in value[:n])


def _of(kind: type, test: Callable[[Any, Any], bool]) -> Callable[[Value, Value, Value], bool]:
    """A test that asks only values of one kind."""
    return lambda wanted, value, _: not isinstance(value, kind) or test(wanted, value)


def _of_number(test: Callable[[Any, Any], bool]) -> Callable[[Value, Value, Value], bool]:
    return lambda wanted, value, _: not _is_number(value) or test(wanted, value)


_TESTS: dict[str, Callable[[Value, Value, Value], bool]] = {
    "type": _has_type,
    "const": lambda wanted, value, _: equal(wanted, value),
    "enum": lambda wanted, value, _: any(equal(one, value) for one in wanted),
    "pattern": _of(str, lambda wanted, value: re.search(wanted, value) is not None),
    "format": _has_format,
    "minLength": _of(str, lambda wanted, value: len(value) >= wanted),
    "maxLength": _of(str, lambda wanted, value: len(value) <= wanted),
    "minimum": _of_number(lambda wanted, value: value >= wanted),
    "maximum": _of_number(lambda wanted, value: value <= wanted),
    "exclusiveMinimum": _of_number(lambda wanted, value: value > wanted),
    "exclusiveMaximum": _of_number(lambda wanted, value: value < wanted),
    "minItems": _of(list, lambda wanted, value: len(value) >= wanted),
    "maxItems": _of(list, lambda wanted, value: len(value) <= wanted),
    "uniqueItems": _is_unique,
    "items": _of(list, lambda wanted, value: all(fits(wanted, item) for item in value)),
    "contains": _holds_some,
    "properties": _of(
        dict,
        lambda wanted, value: all(
            fits(wanted[key], below) for key, below in value.items() if key in wanted
        ),
    ),
    "additionalProperties": _has_known_keys,
    "required": _of(dict, lambda wanted, value: all(key in value for key in wanted)),
    "not": lambda wanted, value, _: not fits(wanted, value),
    "allOf": lambda wanted, value, _: all(fits(one, value) for one in wanted),
    "anyOf": lambda wanted, value, _: any(fits(one, value) for one in wanted),
    "oneOf": lambda wanted, value, _: sum(fits(one, value) for one in wanted) == 1,
}
