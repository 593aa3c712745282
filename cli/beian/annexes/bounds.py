"""What the rules of a day demand of each item of a list, read from the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from beian import conditions
from beian.model import Level, Value, Verdict
from beian.rules import Rule, Version
from beian.view import Fact, View

#: The rules that lists are judged by; what a matter states beside them is another topic.
TOPIC = "annexes"
Bound = tuple[str, Value, Level]


def of_items(
    rules: Iterable[Rule], view: View, as_of: str, each: str, name: str
) -> list[Bound | None]:
    """For each item of a list: which bound (minimum or maximum) ``name`` has on the day, its value,
    and its weight; None where the rules of the day set none."""
    node = view.read(each)
    items = [one.path for one in node.items()] if isinstance(node, Fact) else []
    found: list[Bound | None] = [None] * len(items)
    for rule, version in on(rules, as_of):
        if rule.each != each or not isinstance(version.must, dict):
            continue
        fragment = version.must.get(f"item.{name}")
        if not isinstance(fragment, dict):
            continue
        for place, item in enumerate(items):
            if conditions.judge(version.when, view, item).verdict is Verdict.HOLDS:
                for word in ("minimum", "maximum"):
                    if word in fragment:
                        found[place] = word, fragment[word], rule.level
    return found


def on(rules: Iterable[Rule], as_of: str) -> Iterator[tuple[Rule, Version]]:
    """The rules on lists that exist on a day, each with its version."""
    for rule in rules:
        version = rule.version(as_of) if rule.topic == TOPIC else None
        if version is not None:
            yield rule, version
