"""One capability filed twice: as provider and as technical supporter, from the facts of one matter."""

from __future__ import annotations

from dataclasses import replace

from beian.facts import Facts
from beian.model import Value
from beian.paths import within
from beian.schema import Schema
from beian.yamltext import PlacedText

#: The facts in which the second filing differs from the first.
COUNTERPART = "algorithm.counterpart"


def counterpart(facts: Facts, schema: Schema) -> Facts | None:
    """The facts as the second filing sees them; None where there is one filing only.

    Each filing is the other's counterpart. What the second filing states for itself stands in the
    place of the first's; where it does not state it, it is absent: a number or a name is never
    taken from the other filing.
    """
    algorithm = facts.value.get("algorithm")
    stated = algorithm.get("counterpart") if isinstance(algorithm, dict) else None
    if not isinstance(stated, dict):
        return None
    value, places = facts.value, dict(facts.placed.places)
    first: dict[str, Value] = {}  # what the first states, which is the second's counterpart
    for key, path in _replaced(schema).items():
        section, name = path.split(".")
        held = value.get(section)
        if isinstance(held, dict) and name in held:
            first[key] = held[name]
        kept = {one: part for one, part in held.items() if one != name} if isinstance(held, dict) else {}
        value = {**value, section: {**kept, **({name: stated[key]} if key in stated else {})}}
        for below, place in facts.placed.places.items():
            if within(below, f"{COUNTERPART}.{key}"):
                places[f"{path}{below.removeprefix(f'{COUNTERPART}.{key}')}"] = place
    value["algorithm"] = {**value["algorithm"], "counterpart": first}
    return replace(facts, placed=PlacedText(value, places=places))


def stated_path(path: str, schema: Schema) -> str:
    """Where a fact of the second filing is stated in the matter."""
    for key, replaced in _replaced(schema).items():
        if within(path, replaced):
            return f"{COUNTERPART}.{key}{path.removeprefix(replaced)}"
    return path


def _replaced(schema: Schema) -> dict[str, str]:
    """Which fact of the first filing each fact of the second stands in the place of."""
    field = schema.field(COUNTERPART)
    found = {}
    for key in field.keys if field is not None else ():
        own = schema.field(f"{COUNTERPART}.{key}")
        found[key] = own.schema.get("x-replaces", f"algorithm.{key}") if own else f"algorithm.{key}"
    return found
