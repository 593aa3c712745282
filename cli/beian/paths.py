"""The path notation: ``subject.name``, ``models[0].filing_number``, generic ``models[].name``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from beian.model import Value

Step = str | int

_STEP = re.compile(r"\.?([a-z][a-z0-9_]*)|\[(\d+)\]")
_GENERIC = re.compile(r"\[\d+\]")


@lru_cache(maxsize=1 << 16)
def parse(path: str) -> tuple[Step, ...]:
    """The steps of a path; ValueError when the notation is not followed."""
    steps: list[Step] = []
    end = 0
    while end < len(path):
        match = _STEP.match(path, end)
        if not match or (match[0].startswith(".") and end == 0):
            raise ValueError(f"not a path: {path!r}")
        if match[1] is not None and end > 0 and not match[0].startswith("."):
            raise ValueError(f"not a path: {path!r}")
        steps.append(match[1] if match[1] is not None else int(match[2]))
        end = match.end()
    if not steps or not isinstance(steps[0], str):
        raise ValueError(f"not a path: {path!r}")
    return tuple(steps)


def child(path: str, step: Step) -> str:
    """The path one step further down."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{step}" if path else step


def parent(path: str) -> str:
    """The path one step further up; empty at the top."""
    return path[: max(path.rfind("."), path.rfind("["), 0)]


def within(path: str, above: str) -> bool:
    """Whether a path is another one or stands below it."""
    return path == above or path.startswith((f"{above}.", f"{above}["))


@lru_cache(maxsize=1 << 16)
def generic(path: str) -> str:
    """The path with every list position left open: ``models[0].name`` is ``models[].name``."""
    return _GENERIC.sub("[]", path)


def leaves(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Every answer below a value: scalars, nulls, empty lists and lists of scalars, in order."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, child(path, key))
    elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        for index, item in enumerate(value):
            yield from leaves(item, child(path, index))
    else:
        yield path, value


def with_value(value: Value, steps: tuple[Step, ...], new: Value) -> Value:
    """A copy of ``value`` in which the place named by ``steps`` holds ``new``.

    Missing mappings are made; a list grows by one place at most. ValueError when a step does not
    fit what is there.
    """
    if not steps:
        return new
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(value) if isinstance(value, list) else []
        if value is not None and not isinstance(value, list):
            raise ValueError("not a list")
        if step > len(items):
            raise ValueError("beyond the end of the list")
        if step == len(items):
            items.append(None)
        items[step] = with_value(items[step], rest, new)
        return items
    if value is not None and not isinstance(value, dict):
        raise ValueError("not a mapping")
    mapping = dict(value or {})
    mapping[step] = with_value(mapping.get(step), rest, new)
    return mapping


def without(value: Value, steps: tuple[Step, ...]) -> Value:
    """A copy of ``value`` with the answer named by ``steps`` taken away."""
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(value)
        if rest:
            items[step] = without(items[step], rest)
        else:
            del items[step]
        return items
    mapping = dict(value)
    if rest:
        mapping[step] = without(mapping[step], rest)
    else:
        del mapping[step]
    return mapping
