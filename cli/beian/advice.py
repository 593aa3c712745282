"""What counsel is told: red flags, conclusions with reasons, open points, determinations, horizon."""

from __future__ import annotations

from collections.abc import Iterator

from beian import conditions, dossier
from beian.derive import Concluded, Derived
from beian.laws import NO_LAW
from beian.library import Library
from beian.model import Value
from beian.printing import day_text, in_message, value_text
from beian.view import Fact, View

#: Groups of conclusions by the second word of their path, in the order in which counsel reads them.
GROUPS = {
    "flags": "红旗事项",
    "scope": "适用范围和路径",
    "roles": "角色",
    "laws": "其他规定",
}
VERDICTS = {"applies": "是", "does_not": "否", "open": "存疑", "unknown": "未定", "no_law": "尚无规定"}


def advise(library: Library, view: View, derived: Derived, as_of: str) -> dict[str, Value]:
    """A record of all conclusions of the day, as ``beian scope`` and the memorandum show them.

    Lists that would be empty are null, because a document prints null as 无.
    """
    drawn = [_told(derived.conclude(path), library, view, derived) for path in _ordered(library)]
    return {
        "red_flags": [one for one in _of(drawn, "flags") if one["verdict"] == "applies"] or None,
        "conclusions": [one for one in drawn if one["group"] != "flags"],
        "flags": _of(drawn, "flags"),
        "open_points": [one for one in drawn if one["verdict"] == "open"] or None,
        "waiting": [one for one in drawn if one["verdict"] == "unknown"] or None,
        "other_laws": [one for one in _of(drawn, "laws") if one["verdict"] in ("applies", "open")]
        or None,
        "facts": _facts(drawn),
        "determinations": [*_determinations(derived, view)] or None,
        "waivers": [*_waivers(library, view)] or None,
        "horizon": [*_drafts(library, as_of), *_coming(library, as_of)] or None,
    }


def group(path: str) -> str:
    """To which group the conclusion at a path belongs."""
    return path.split(".")[1]


def _ordered(library: Library) -> list[str]:
    order = list(GROUPS)
    return sorted(
        library.conclusions,
        key=lambda path: order.index(group(path)) if group(path) in order else len(order),
    )


def _of(drawn: list[dict[str, Value]], name: str) -> list[dict[str, Value]]:
    return [one for one in drawn if one["group"] == name]


def _told(done: Concluded, library: Library, view: View, derived: Derived) -> dict[str, Value]:
    path = done.conclusion.path
    field = library.derived_schema.fields[path]
    verdict = _verdict(done)
    answer = VERDICTS[verdict]
    if isinstance(done.value, str):
        answer = value_text(done.value, field)
    _, facts = dossier.explain(path, derived, library.register)
    told = list(dict.fromkeys(facts))
    return {
        "group": group(path),
        "group_title": GROUPS.get(group(path), "其他结论"),
        "id": done.conclusion.id,
        "path": path,
        "title": done.conclusion.title,
        "title_en": field.title_en,
        "verdict": verdict,
        "value": done.value,
        "answer": answer,
        "because": done.because,
        "citations": "、".join(str(library.register.cite(one)) for one in done.basis) or None,
        "basis": [library.register.cite(one).as_json() for one in done.basis],
        "facts": told,
        "stated": [stated(one, view) for one in told] or None,
        "practice": done.case.practice if done.case else None,
        "changes": done.case.changes if done.case else None,
        "open": done.open,
        "decides": done.case.decides if done.case else None,
        "needs": list(done.needs) if verdict == "unknown" and done.needs else None,
        "asked": [view.title(one) for one in done.needs or ()] if verdict == "unknown" else None,
        "determined": done.determined is not None,
    }


def _verdict(done: Concluded) -> str:
    if done.open:
        return "open"
    if done.needs is not None:
        return "unknown"
    if done.value is None:
        return "no_law"
    return "does_not" if done.value in (False, "none") else "applies"


def stated(path: str, view: View) -> str:
    """A fact as one line; of a list of records, their names or how many there are."""
    node = view.read(path)
    if not isinstance(node, Fact):
        return f"{view.title(path)}：未填"
    if isinstance(node.value, list) and any(isinstance(item, dict) for item in node.value):
        names = [item.get("name") for item in node.value if isinstance(item, dict)]
        shown = "、".join(map(str, names)) if all(names) else f"{len(node.value)}项"
        return f"{view.title(path)}：{shown}"
    return f"{view.title(path)}：{in_message(node, None)}"


def _facts(drawn: list[dict[str, Value]]) -> list[str] | None:
    """Every stated fact that some conclusion rests on, once, in the order met."""
    told = [line for one in drawn for line in one["stated"] or ()]
    return list(dict.fromkeys(told)) or None


def _determinations(derived: Derived, view: View) -> Iterator[dict[str, Value]]:
    for path, conclusion in derived.conclusions.items():
        done = derived.conclude(path)
        if done.determined is not None:
            answer = value_text(done.value, view.field(path))
            yield {
                "title": conclusion.title,
                "answer": answer,
                "reason": done.because,
                "by": _value(view, f"{done.determined}.by"),
                "on": _value(view, f"{done.determined}.on"),
            }


def _waivers(library: Library, view: View) -> Iterator[dict[str, Value]]:
    node = view.read("waivers")
    for item in node.items() if isinstance(node, Fact) else ():
        told = {key: _value(view, f"{item.path}.{key}") for key in ("finding", "reason", "by", "on")}
        rule = library.rules.get(told["finding"])
        if rule is not None and None not in told.values():
            yield {**told, "finding": rule.title}


def _value(view: View, path: str) -> Value:
    node = view.read(path)
    return node.value if isinstance(node, Fact) else None


def _drafts(library: Library, as_of: str) -> Iterator[dict[str, Value]]:
    """What is drafted, planned or issued and not in force on the day; none of it binds."""
    for one in library.register.instruments.values():
        known = one.issued_on is None or one.issued_on <= as_of
        if one.status in NO_LAW and known:
            state = "征求意见稿" if one.status == "draft" else "立法计划"
            yield {"title": one.title, "state": state, "on": one.issued_on, "words": one.horizon}
        elif one.status not in NO_LAW and one.since is not None and known and one.since > as_of:
            words = f"自{day_text(one.since)}起施行。"
            yield {"title": one.title, "state": "已公布未施行", "on": one.since, "words": words}


def _coming(library: Library, as_of: str) -> Iterator[dict[str, Value]]:
    """Conclusions that will be drawn by other rows from a later day on."""
    for one in library.conclusions.values():
        later = [decision.since for decision in one.decisions if decision.since > as_of]
        if later:
            words = f"自{day_text(later[0])}起按新的规定判断。"
            yield {"title": one.title, "state": "判断将变化", "on": later[0], "words": words}


def documents_of(path: str, library: Library) -> list[str]:
    """The ids of the documents that are owed, or not, because of a conclusion."""
    return [
        one.id
        for one in library.documents.values()
        if path in set(conditions.reads(one.when))
    ]
