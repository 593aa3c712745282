"""Facts cut into the answers of the workbook, and put together again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from beian import paths
from beian.intake.layout import Heading, Sheet, Table
from beian.model import Value

Digests = dict[str, Value]


@dataclass(slots=True)
class Answers:
    """The answers by path.

    ``single`` holds what has a place of its own (a list of texts is one answer). ``lists`` holds, by
    the path of a list, null or its items, each as a mapping of what follows the item in a path.
    What was not answered has no key.
    """

    single: dict[str, Value] = field(default_factory=dict)
    lists: dict[str, list[dict[str, Value]] | None] = field(default_factory=dict)


def cut(value: Value, sheets: tuple[Sheet, ...]) -> Answers:
    """The answers among the facts that the sheets ask for."""
    answers = Answers()
    for path in single_paths(sheets):
        found, answer = _find(value, path)
        if found and not isinstance(answer, dict):
            answers.single[path] = answer
    for path, columns in list_columns(sheets).items():
        found, answer = _find(value, path)
        if found and isinstance(answer, list):
            if all(isinstance(item, dict) for item in answer):
                answers.lists[path] = [cut_item(item, columns) for item in answer]
        elif found and answer is None:
            answers.lists[path] = None
    return answers


def cut_item(item: Value, columns: tuple[str, ...]) -> dict[str, Value]:
    """The answers of one item, by what follows it in a path."""
    found = ((one, _find(item, one)) for one in columns)
    return {one: answer for one, (known, answer) in found if known}


def put_together(answers: Answers) -> Value:
    """The facts that the answers make; the reverse of :func:`cut`."""
    value: dict[str, Value] = {}
    for path, answer in answers.single.items():
        put(value, path, answer)
    for path, items in answers.lists.items():
        put(value, path, None if items is None else [item_of(one) for one in items])
    return value


def item_of(cells: Mapping[str, Value]) -> dict[str, Value]:
    """One item of a list made of its answers."""
    item: dict[str, Value] = {}
    for below, answer in cells.items():
        put(item, below, answer)
    return item


def put(holder: dict[str, Value], path: str, answer: Value) -> None:
    """Lays one answer into a mapping, making the mappings above it."""
    *above, last = path.split(".")
    for key in above:
        if not isinstance(holder.get(key), dict):
            holder[key] = {}
        holder = holder[key]
    holder[last] = answer


def single_paths(sheets: tuple[Sheet, ...]) -> list[str]:
    """The paths of the answers that stand alone."""
    return [
        block.field.path
        for sheet in sheets
        for block in sheet.blocks
        if not isinstance(block, Table)
        and (not isinstance(block, Heading) or block.field.null_text is not None)
    ]


def list_columns(sheets: tuple[Sheet, ...]) -> dict[str, tuple[str, ...]]:
    """For the path of each list of items: what may follow an item, lists inside it whole."""
    columns: dict[str, list[str]] = {}
    for table in _tables(sheets):
        root, _, inner = table.path.partition("[].")
        if "[]" not in table.path:
            columns.setdefault(root, []).extend(table.columns)
        elif not table.extends and "[]" not in inner:
            columns.setdefault(root, []).append(inner)
    return {path: tuple(dict.fromkeys(found)) for path, found in columns.items()}


def digests(answers: Answers, salt: str) -> Digests:
    """What an answer was at export, told without its words: a digest by path.

    Of a list of items, its own path gives how many there are.
    """
    made: Digests = {path: digest(one, salt) for path, one in answers.single.items()}
    for path, items in answers.lists.items():
        made[path] = None if items is None else len(items)
        for number, item in enumerate(items or ()):
            made |= {f"{path}[{number}].{key}": digest(one, salt) for key, one in item.items()}
    return made


def digest(value: Value, salt: str) -> str:
    """Twelve characters that tell whether two answers are the same."""
    text = json.dumps(_even(value), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{salt}\0{text}".encode()).hexdigest()[:12]


def _even(value: Value) -> Value:
    """16.0 is the same answer as 16: a sheet does not tell them apart."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_even(one) for one in value]
    if isinstance(value, dict):
        return {key: _even(one) for key, one in value.items()}
    return value


def _tables(sheets: tuple[Sheet, ...]) -> Iterator[Table]:
    for sheet in sheets:
        yield from (block for block in sheet.blocks if isinstance(block, Table))


def _find(value: Value, path: str) -> tuple[bool, Value]:
    """Whether a path without list positions is answered, and with what."""
    for step in paths.parse(path):
        if not isinstance(value, dict) or step not in value:
            return False, None
        value = value[str(step)]
    return True, value


def items_at(value: Value, path: str) -> list[tuple[str, Value]]:
    """The items of every list at a generic path, with their own paths, in order."""
    found: list[tuple[str, Value]] = [("", value)]
    for part in path.split("[]"):
        deeper = []
        for here, holder in found:
            whole = f"{here}{part}" if here else part
            for step in part.strip(".").split("."):
                holder = holder.get(step) if isinstance(holder, dict) else None
            if isinstance(holder, list):
                deeper += [(f"{whole}[{number}]", one) for number, one in enumerate(holder)]
        found = deeper
    return [(here, one) for here, one in found if isinstance(one, dict)]
