"""What applies to a matter, and why: the conclusions of law with the facts they rest on."""

from __future__ import annotations

from collections.abc import Iterator

from beian import conditions, dossier
from beian.derive import Concluded
from beian.model import Value
from beian.pipeline import Examination
from beian.printing import in_message, value_text
from beian.view import Fact

IN_SCOPE, ROUTE = "derived.scope.measures", "derived.scope.route"
_VERDICTS = {"applies": "是", "does_not": "否", "open": "存疑", "unknown": "未定"}


def scope(result: Examination) -> dict[str, Value]:
    """A record of the day, the scope, the route, each conclusion, and what is open."""
    derived = result.derived
    done = [derived.conclude(path) for path in result.library.conclusions]
    return {
        "as_of": result.as_of,
        "in_scope": derived.conclude(IN_SCOPE).value,
        "route": derived.conclude(ROUTE).value,
        "obligations": [_obligation(one, result) for one in done],
        "open_questions": [*_questions(done, result)],
        "determinations": [
            {"conclusion": one.conclusion.path, "value": one.value, "reason": one.because}
            for one in done
            if one.determined
        ],
    }


def _obligation(done: Concluded, result: Examination) -> dict[str, Value]:
    path = done.conclusion.path
    because, facts = dossier.explain(path, result.derived, result.library.register)
    if done.needs is not None:
        verdict = "open" if done.open else "unknown"
    else:
        verdict = "does_not" if done.value in (False, None, "none") else "applies"
    return {
        "id": done.conclusion.id,
        "path": path,
        "title": done.conclusion.title,
        "title_en": result.library.derived_schema.fields[path].title_en,
        "verdict": verdict,
        "value": done.value,
        "basis": [result.library.register.cite(one).as_json() for one in done.basis],
        "because": because,
        "facts": list(dict.fromkeys(facts)),
        "documents": [
            one.id
            for one in result.library.documents.values()
            if path in set(conditions.reads(one.when))
        ],
    }


def _questions(done: list[Concluded], result: Examination) -> Iterator[dict[str, Value]]:
    """Open points for counsel, and the absent facts that decide."""
    asked: set[str] = set()
    for one in done:
        if one.open:
            yield {"conclusion": one.conclusion.path, "question": one.open}
        for path in one.needs or ():
            if path not in result.library.conclusions and path not in asked:
                asked.add(path)
                yield {"fact": path, "question": result.view.title(path)}


def as_text(record: dict[str, Value], result: Examination, lang: str = "zh") -> str:
    """The record as counsel reads it."""
    lines = [f"申报日 {record['as_of']}"]
    fields = result.library.derived_schema.fields
    for one in record["obligations"]:
        title = one["title"] if lang == "zh" else f"{one['title_en']}（{one['title']}）"
        answer = _VERDICTS[one["verdict"]]
        if isinstance(one["value"], str):
            answer = value_text(one["value"], fields[one["path"]])
        lines.append(f"{title}　{answer}")
        if one["because"]:
            lines.append(f"    理由  {one['because']}")
        facts = [_stated(path, result) for path in one["facts"]]
        lines += [
            f"    {'事实' if not number else '　　'}  {words}" for number, words in enumerate(facts)
        ]
        if one["documents"]:
            titles = "、".join(
                f"《{result.library.documents[name].title}》" for name in one["documents"]
            )
            lines.append(f"    文书  {titles}")
    for number, one in enumerate(record["open_questions"]):
        lines.append(
            f"{'待答' if not number else '　　'}  {one['question']}"
            f"（{one.get('fact') or one.get('conclusion')}）"
        )
    return "\n".join(lines)


def _stated(path: str, result: Examination) -> str:
    node = result.view.read(path)
    shown = in_message(node, None) if isinstance(node, Fact) else "（未填）"
    place = result.facts.placed.place(path)
    return f"{result.view.title(path)}：{shown}（{place}）"
