"""What applies to a matter, and why: the conclusions of law as a record and as text for counsel."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from beian import advice, compliance
from beian.compliance import Judged
from beian.model import Value
from beian.pipeline import Examination
from beian.view import Fact

IN_SCOPE, ROUTE = "derived.scope.measures", "derived.scope.route"
BY_FUNCTION = "derived.roles.by_function"
#: Columns of a terminal, of which a Chinese character takes two.
WIDTH = 80
_NEVER_FIRST = "，。；：、）》！？”"
_NEVER_LAST = "（《“"


def scope(result: Examination) -> dict[str, Value]:
    """A record of the day, scope, route, red flags, each conclusion, what is open and what comes."""
    told = advice.advise(result.library, result.view, result.derived, result.as_of)
    drawn = [*told["flags"], *told["conclusions"]]
    roles = result.view.read(BY_FUNCTION)
    return {
        "as_of": result.as_of,
        "in_scope": result.derived.conclude(IN_SCOPE).value,
        "route": result.derived.conclude(ROUTE).value,
        "red_flags": [one["id"] for one in told["red_flags"] or ()],
        "obligations": [_obligation(one, result) for one in drawn],
        "roles": roles.value if isinstance(roles, Fact) else [],
        "other_laws": [one["id"] for one in told["other_laws"] or ()],
        "duties": [_owed(one, result) for one in result.duties if one.duty.nature != "context"],
        "open_questions": [*_questions(drawn, result)],
        "determinations": [
            {"conclusion": one["path"], "value": one["value"], "reason": one["because"]}
            for one in drawn
            if one["determined"]
        ],
        "horizon": told["horizon"] or [],
    }


def _obligation(one: dict[str, Value], result: Examination) -> dict[str, Value]:
    kept = ("id", "path", "group", "title", "title_en", "verdict", "value", "answer", "basis",
            "because", "citations", "facts", "practice", "changes", "decides", "determined")  # fmt: skip
    documents = advice.documents_of(one["path"], result.library)
    return {**{key: one[key] for key in kept}, "documents": documents}


def _owed(one: Judged, result: Examination) -> dict[str, Value]:
    register = result.library.register
    return {
        "id": one.duty.id,
        "title": one.duty.title,
        "area": one.duty.area,
        "nature": one.duty.nature,
        "verdict": one.verdict,
        "because": one.because,
        "facts": list(one.facts),
        "state": one.state,
        "basis": [register.cite(reference).as_json() for reference in one.duty.basis],
        "checked": compliance.verified(one.duty, register),
        "documents": [carrier.document for carrier in one.duty.carriers],
        "due": one.due,
    }


def _questions(
    drawn: list[dict[str, Value]], result: Examination
) -> Iterator[dict[str, Value]]:
    """Open points for counsel, and the absent facts that decide; those on scope come first."""
    asked: set[str] = set()
    order = [*list(advice.GROUPS)[1:], "flags"]
    for one in sorted(drawn, key=lambda one: order.index(one["group"])):
        if one["open"]:
            yield {
                "conclusion": one["path"],
                "question": one["open"],
                "decides": one["decides"],
                "changes": one["changes"],
            }
        for path in one["needs"] or ():
            if path not in result.library.conclusions and path not in asked:
                asked.add(path)
                yield {"fact": path, "question": result.view.title(path)}


def as_text(
    record: dict[str, Value], result: Examination, lang: str = "zh", *, duties: bool = False
) -> str:
    """The record as counsel reads it, in lines of at most 80 columns; ``duties`` lists each duty."""
    lines = [f"申报日 {record['as_of']}"]
    drawn = record["obligations"]
    for name, title in advice.GROUPS.items():
        shown = [one for one in drawn if one["group"] == name and not _idle(one)]
        idle = [one for one in drawn if one["group"] == name and _idle(one)]
        if not shown and not idle:
            continue
        lines += ["", f"【{title}】"]
        for one in shown:
            lines += _block(one, result, lang)
        if name == "roles":
            lines += _roles(record["roles"], result)
        if idle:
            words = "；".join(_title(one, lang) for one in idle)
            lines += _wrapped("    不涉及  ", f"{words}。")
    lines += _duties(record, result, whole=duties)
    lines += _rest(record)
    return "\n".join(lines)


def _idle(one: dict[str, Value]) -> bool:
    """Whether counsel need not read the reasons: a red flag, role or further law that is not there."""
    return one["group"] != "scope" and one["verdict"] in ("does_not", "no_law")


def _title(one: dict[str, Value], lang: str) -> str:
    return f"{one['title_en']}（{one['title']}）" if lang == "en" else str(one["title"])


def _block(one: dict[str, Value], result: Examination, lang: str) -> Iterator[str]:
    yield from _wrapped("", f"{_title(one, lang)}　{one['answer']}")
    because = f"律师认定：{one['because']}" if one["determined"] else one["because"]
    cited = f"（{one['citations']}）" if one["citations"] else ""
    yield from _wrapped("    理由  ", because + cited)
    yield from _listed("事实", [_stated(path, result) for path in one["facts"]])
    if one["practice"]:
        yield from _wrapped("    实务  ", f"{one['practice']}（待核对）")
    if one["changes"]:
        yield from _wrapped("    变化  ", one["changes"])
    if one["decides"]:
        yield from _wrapped("    决定  ", one["decides"])
    if one["documents"]:
        titles = (f"《{result.library.documents[name].title}》" for name in one["documents"])
        yield from _wrapped("    文书  ", "、".join(titles))


def _roles(rows: list[dict[str, str]], result: Examination) -> Iterator[str]:
    """One line a function; the roles themselves stand above with their reasons."""
    field = result.library.field(f"{BY_FUNCTION}[].role")
    choices = (field.choices or {}) if field else {}
    told: dict[str, list[str]] = {}
    for row in rows:
        told.setdefault(row["function"], []).append(str(choices.get(row["role"], row["role"])))
    yield from _listed("功能", [f"{name}：{'、'.join(roles)}" for name, roles in told.items()])


def _rest(record: dict[str, Value]) -> Iterator[str]:
    if record["open_questions"]:
        yield from ("", "【待定事项】")
        for one in record["open_questions"]:
            word = "存疑" if "conclusion" in one else "待答"
            where = one.get("fact") or one.get("conclusion")
            yield from _wrapped(f"    {word}  ", f"{one['question']}（{where}）")
    if record["horizon"]:
        yield from ("", "【动向】（不产生义务）")
        for one in record["horizon"]:
            when = f"，{one['on']}" if one["on"] else ""
            yield from _wrapped("    ", f"《{one['title']}》（{one['state']}{when}）：{one['words']}")


def _duties(record: dict[str, Value], result: Examination, *, whole: bool) -> Iterator[str]:
    """How many duties apply; with ``whole``, each that applies or may, with sources and documents."""
    counts = Counter(one["verdict"] for one in record["duties"])
    named = "，".join(
        f"{words} {sum(counts[verdict] for verdict in verdicts)} 项"
        for words, verdicts in (
            ("适用", ("applies",)),
            ("存疑和未定", ("open", "unknown")),
            ("不适用", ("does_not",)),
        )
    )
    more = "" if whole or not record["duties"] else "；加 --duties 逐项列出"
    yield from ("", "【义务】", f"    {named}{more}")
    for one in result.duties if whole else ():
        if one.owed and one.duty.nature != "context":
            mark = "" if one.verdict == "applies" else "（是否适用待定）"
            yield from _wrapped("", f"{one.duty.id}　{one.duty.title}{mark}")
            sources = compliance.sources(one.duty, result.library.register, record["as_of"])
            yield from _wrapped("    依据  ", "；".join(sources))
            carriers = "、".join(compliance.carried(one.duty.carriers, result.entries))
            if carriers:
                yield from _wrapped("    文书  ", carriers)


def _stated(path: str, result: Examination) -> str:
    return f"{advice.stated(path, result.view)}（{result.facts.placed.place(path)}）"


def _listed(word: str, items: list[str]) -> Iterator[str]:
    for number, words in enumerate(items):
        yield from _wrapped(f"    {word if not number else '　　'}  ", words)


def _wrapped(head: str, text: str) -> list[str]:
    """The text behind its head, broken at 80 columns under where it began."""
    pad = " " * _columns(head)
    lines, line = [], head
    for piece in _pieces(text):
        # Two columns stay free for a mark that may not begin a line.
        room = WIDTH if piece in _NEVER_FIRST else WIDTH - 2
        if _columns(line) + _columns(piece) > room and line.strip() and line != pad:
            lines.append(line)
            line = pad + piece.lstrip()
        else:
            line += piece
    return [*lines, line]


def _pieces(text: str) -> Iterator[str]:
    """What stays on one line: a Chinese character, a word, with the bracket that opens before it."""
    piece = ""
    for char in text:
        word = char.isascii() and char != " " and piece.lstrip(_NEVER_LAST).isascii()
        joined = piece and (piece[-1] in _NEVER_LAST or word)
        if piece and not joined:
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)
