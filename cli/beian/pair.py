"""One capability filed twice: as provider and as technical supporter, from the facts of one matter."""

from __future__ import annotations

from dataclasses import replace

from beian.facts import Facts
from beian.schema import Schema
from beian.yamltext import PlacedText

#: The facts in which the second filing differs from the first.
COUNTERPART = "algorithm.counterpart"
_SECTION = "algorithm"


def counterpart(facts: Facts, schema: Schema) -> Facts | None:
    """The facts as the second filing sees them; None where there is one filing only.

    What the second filing states for itself stands in the place of the first's; where it does not
    state it, it is absent: a number or a name is never taken from the other filing.
    """
    algorithm = facts.value.get(_SECTION)
    stated = algorithm.get("counterpart") if isinstance(algorithm, dict) else None
    if not isinstance(algorithm, dict) or not isinstance(stated, dict):
        return None
    own = _keys(schema)
    shared = {key: value for key, value in algorithm.items() if key not in own}
    second = {**shared, **{key: stated[key] for key in own if key in stated}, "counterpart": None}
    places = dict(facts.placed.places)
    for path in list(places):
        if path.startswith(f"{COUNTERPART}."):
            places[f"{_SECTION}{path.removeprefix(COUNTERPART)}"] = places[path]
    value = {**facts.value, _SECTION: second}
    return replace(facts, placed=PlacedText(value, places=places))


def stated_path(path: str, schema: Schema) -> str:
    """Where a fact of the second filing is stated in the matter."""
    for key in _keys(schema):
        here = f"{_SECTION}.{key}"
        if path == here or path.startswith((f"{here}.", f"{here}[")):
            return f"{COUNTERPART}{path.removeprefix(_SECTION)}"
    return path


def _keys(schema: Schema) -> tuple[str, ...]:
    field = schema.field(COUNTERPART)
    return field.keys if field is not None else ()
