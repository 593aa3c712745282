"""Conditions in data: maps from paths to JSON Schema fragments that hold, fail or are unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from beian import formats, paths, shapes
from beian.model import Value, Verdict
from beian.view import Absent, Fact, View, merged

#: All entries of a mapping must hold; of a list of mappings, one must.
Condition = dict[str, Value] | list[dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a condition says, and why.

    ``because`` holds the (path, value) pairs that were read; ``needs`` the absent facts that
    leave it unknown; ``failing`` the first path that failed.
    """

    verdict: Verdict
    because: tuple[tuple[str, Value], ...] = ()
    needs: tuple[str, ...] = ()
    failing: str | None = None


def judge(
    condition: Condition | None, view: View, item: str | None = None, *, first: bool = True
) -> Outcome:
    """The outcome of a condition; ``item`` is the path that ``item.`` stands for.

    Of several absent facts only the ``first`` in writing is named, because the others matter only
    if that one lets them; a demand, which wants them all, names them all.
    """
    if condition is None:
        return Outcome(Verdict.HOLDS)
    if isinstance(condition, list):
        return _any([_all(part, view, item, first) for part in condition])
    return _all(condition, view, item, first)


def without_item(condition: Condition | None) -> Condition | None:
    """What a condition asks of the matter as a whole, not of one item."""
    if isinstance(condition, list):
        return [_whole(part) for part in condition]
    return _whole(condition or {})


def _whole(part: dict[str, Value]) -> dict[str, Value]:
    return {path: fragment for path, fragment in part.items() if not is_item(path)}


def reads(condition: Condition | None, each: str | None = None) -> Iterator[str]:
    """The generic paths that a condition may read."""
    if condition is None:
        return
    for part in condition if isinstance(condition, list) else [condition]:
        for path, fragment in part.items():
            yield paths.generic(placed(path, f"{each}[]" if each else None))
            for other in _references(fragment):
                yield paths.generic(placed(other, f"{each}[]" if each else None))


def fragments(condition: Condition | None) -> Iterator[tuple[str, Value]]:
    """Every (path, fragment) pair of a condition, as written."""
    for part in condition if isinstance(condition, list) else [condition or {}]:
        yield from part.items()


def _all(condition: dict[str, Value], view: View, item: str | None, first: bool) -> Outcome:
    because: list[tuple[str, Value]] = []
    needs: tuple[str, ...] = ()
    for written, fragment in condition.items():
        path = placed(written, item)
        node = view.read(path)
        missing = node.needs if isinstance(node, Absent) else ()
        fragment, more = _resolved(fragment, view, item)
        missing = merged(missing, more)
        if missing:
            needs = needs if first and needs else merged(needs, missing)
            continue
        assert isinstance(node, Fact), path
        because.append((path, node.value))
        if not admits(fragment, node.value):
            return Outcome(Verdict.FAILS, ((path, node.value),), failing=path)
    if needs:
        return Outcome(Verdict.UNKNOWN, tuple(because), needs)
    return Outcome(Verdict.HOLDS, tuple(because))


def _any(outcomes: list[Outcome]) -> Outcome:
    for outcome in outcomes:
        if outcome.verdict is Verdict.HOLDS:
            return outcome
    because = tuple(dict.fromkeys(_hashable(pair) for one in outcomes for pair in one.because))
    readable = tuple((path, json.loads(value)) for path, value in because)
    unknown = [one for one in outcomes if one.verdict is Verdict.UNKNOWN]
    if unknown:
        return Outcome(Verdict.UNKNOWN, readable, merged(*(one.needs for one in unknown)))
    failing = outcomes[0].failing if outcomes else None
    return Outcome(Verdict.FAILS, readable, failing=failing)


def _hashable(pair: tuple[str, Value]) -> tuple[str, str]:
    return pair[0], json.dumps(pair[1], ensure_ascii=False)


def admits(fragment: Value, value: Value) -> bool:
    """Whether a fragment admits a value: a scalar is short for const, a list for enum."""
    if isinstance(fragment, dict):
        try:
            return shapes.fits(fragment, value)
        except shapes.Unspoken:
            return bool(_validator(json.dumps(fragment, sort_keys=True)).is_valid(value))
    options = fragment if isinstance(fragment, list) else [fragment]
    return any(type(option) is type(value) and option == value for option in options)


@lru_cache(maxsize=4096)
def _validator(fragment: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(fragment), format_checker=formats.checker())


def is_item(path: str) -> bool:
    """Whether a path is about the item that ``each`` is at."""
    return path == "item" or path.startswith(("item.", "item["))


def placed(path: str, item: str | None) -> str:
    """The path that a written one stands for, where ``item`` is the path of the item."""
    if is_item(path):
        if item is None:
            raise ValueError(f"{path!r} without each")
        return item + path[4:]
    return path


def _references(fragment: Value) -> Iterator[str]:
    if isinstance(fragment, dict):
        if set(fragment) == {"fact"}:
            yield fragment["fact"]
        else:
            for part in fragment.values():
                yield from _references(part)
    elif isinstance(fragment, list):
        for part in fragment:
            yield from _references(part)


def _resolved(fragment: Value, view: View, item: str | None) -> tuple[Value, tuple[str, ...]]:
    """The fragment with every ``{fact: PATH}`` replaced by that fact, and what is absent."""
    if isinstance(fragment, dict):
        if set(fragment) == {"fact"}:
            node = view.read(placed(fragment["fact"], item))
            if isinstance(node, Absent):
                return None, node.needs
            assert isinstance(node, Fact)
            return node.value, ()
        parts = {key: _resolved(part, view, item) for key, part in fragment.items()}
        needs = merged(*(missing for _, missing in parts.values()))
        return {key: part for key, (part, _) in parts.items()}, needs
    if isinstance(fragment, list):
        listed = [_resolved(part, view, item) for part in fragment]
        return [part for part, _ in listed], merged(*(missing for _, missing in listed))
    return fragment, ()
