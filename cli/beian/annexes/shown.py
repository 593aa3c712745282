"""The client's lists as papers show them: counts beside the minimum of the day, and exact rates."""

from __future__ import annotations

from collections.abc import Iterable

from beian.annexes import bounds
from beian.annexes.bounds import Bound
from beian.model import Value
from beian.printing import percent_text
from beian.rules import Rule
from beian.view import Fact, View

_CLASSED = ("keywords", "generated", "refuse", "answer")
_CORPORA = "derived.annex.corpora"
_WAYS = {"languages": "语种", "data_types": "数据类型", "source_kinds": "来源类型"}
_WORDS = {"minimum": "不低于", "maximum": "不高于"}


def as_value(rules: Iterable[Rule], view: View, as_of: str) -> dict[str, Value]:
    """What papers read under ``dossier.lists``: for each list that is given a row a class, and a row
    for the latest of each sampling of the whole, and the sources of the corpus; None for what is
    not given."""
    rules = list(rules)
    made: dict[str, Value] = {kind: _classes(rules, view, as_of, kind) for kind in _CLASSED}
    return made | {"samplings": _samplings(rules, view, as_of)} | _corpora(view)


def _classes(rules: list[Rule], view: View, as_of: str, kind: str) -> list[dict[str, Value]] | None:
    each = f"derived.annex.{kind}.classes"
    rows = _stated(view, each)
    if rows is None:
        return None
    found = bounds.of_items(rules, view, as_of, each, "distinct_count")
    return [_class(one, bound) for one, bound in zip(rows, found, strict=True)]


def _class(one: dict[str, Value], bound: Bound | None) -> dict[str, Value]:
    least = bound[1] if bound else None
    count = one["distinct_count"]
    # Aspects have no code: their key is their name.
    code = "" if one["class"] == one["title"] or one["group"] is None else one["class"]
    return {
        "code": code or None,
        "title": one["title"],
        "group": one["group"],
        "label": f"{code} {one['title']}".strip(),
        "value": count,
        "text": str(count),
        "bound": least,
        "bound_text": None if least is None else str(least),
        "short": None if least is None else max(0, least - count),
    }


def _samplings(rules: list[Rule], view: View, as_of: str) -> list[dict[str, Value]] | None:
    each = "derived.annex.samplings.records"
    rows = _stated(view, each)
    if rows is None:
        return None
    found = bounds.of_items(rules, view, as_of, each, "rate")
    return [
        _sampling(one, bound)
        for one, bound in zip(rows, found, strict=True)
        if bound and one["latest"] and one["rate"] is not None and one["object"] is None
    ]


def _sampling(one: dict[str, Value], bound: Bound) -> dict[str, Value]:
    word, limit, _ = bound
    met = one["rate"] >= limit if word == "minimum" else one["rate"] <= limit
    return {
        "title": one["title"],
        "label": one["title"],
        "conducted_on": one["conducted_on"],
        "population_count": one["population_count"],
        "sample_count": one["sample_count"],
        "good_count": one["good_count"],
        "value": one["rate"],
        "text": one["rate_text"],
        "bound": limit,
        "bound_text": f"{_WORDS[word]}{percent_text(limit)}",
        "met": met,
    }


def _corpora(view: View) -> dict[str, Value]:
    """The sources of the corpus by language, type and kind, with shares that are never rounded."""
    total = _number(view, "item_count")
    if total is None:
        return {"corpora": None, "foreign_share_text": None}
    from beian.annexes.counts import percent

    made = [
        {
            "way": way,
            "title": one["title"],
            "source_count": one["source_count"],
            "item_count": one["item_count"],
            "share_text": percent(one["item_count"], total),
        }
        for key, way in _WAYS.items()
        for one in _stated(view, f"{_CORPORA}.{key}") or ()
    ]
    foreign = _number(view, "foreign_item_count") or 0
    return {"corpora": made, "foreign_share_text": percent(foreign, total)}


def _number(view: View, key: str) -> int | None:
    node = view.read(f"{_CORPORA}.{key}")
    return node.value if isinstance(node, Fact) else None


def _stated(view: View, path: str) -> list[dict[str, Value]] | None:
    node = view.read(path)
    return node.value if isinstance(node, Fact) else None
