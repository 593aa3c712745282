"""How a matter stands to its duties: which fall on it and why, what is done, shown, planned, open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from beian import conditions, dossier
from beian.derive import Derived
from beian.dossier import Entry
from beian.due import Due, State
from beian.due_report import name_of
from beian.duties import Carrier, Duty, Means
from beian.laws import Register
from beian.library import Library
from beian.model import Citation, Value, Verdict
from beian.printing import day_text, value_text
from beian.view import Absent, Fact, Node, View, merged

#: How far a part of a duty is done, best first; the worst part decides.
EVIDENCED, CLAIMED, PLANNED = "evidenced", "claimed", "planned"
OPEN, UNFULFILLED, ON_EVENT = "open", "unfulfilled", "on_event"
_STATES = (EVIDENCED, CLAIMED, PLANNED, OPEN, UNFULFILLED)
#: Of several measures against one thing, the best that is known decides.
_BEST = (EVIDENCED, CLAIMED, OPEN, PLANNED, UNFULFILLED)

#: What shows a part that needs no evidence of its own.
_EVIDENT = "所填事实和承载的文书"

APPLIES, DOES_NOT, IS_OPEN, UNKNOWN = "applies", "does_not", "open", "unknown"


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure that a duty points to: where it is stated, its name, what is done, how far."""

    path: str
    title: str
    description: str | None
    state: str
    since: str | None
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a duty: its state, what is done in words, the titles of its evidence, what is
    lacking, the day by which it is planned, the absent facts, and the measures behind it."""

    state: str
    words: str = ""
    evidence: tuple[str, ...] = ()
    gap: str | None = None
    planned_on: str | None = None
    needs: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One duty of a matter on a day.

    ``verdict`` is applies, does_not, open (a point that only counsel settles) or unknown (facts are
    absent, named by ``needs``); ``facts`` are the stated facts relied on. ``state`` is that of the
    worst part; None where nothing is owed.
    """

    duty: Duty
    verdict: str
    because: str
    facts: tuple[str, ...]
    needs: tuple[str, ...]
    state: str | None
    parts: tuple[Part, ...]
    owner: str | None
    due: str | None
    #: The titles of the absent facts that have to be stated, or that would be once it applies.
    asked: tuple[str, ...] = ()

    @property
    def waits(self) -> tuple[str, ...]:
        """The absent facts on which it hangs whether it applies or is done.

        None of what only counsel can settle: what is asked then depends on the answer.
        """
        if self.duty.nature == "context" or self.verdict == IS_OPEN:
            return ()
        return merged(self.needs, *(part.needs for part in self.parts))

    @property
    def owed(self) -> bool:
        """Whether it falls on the matter, or may."""
        return self.verdict != DOES_NOT


def judge(
    duties: Iterable[Duty], view: View, derived: Derived, register: Register, as_of: str
) -> list[Judged]:
    """Every duty that exists on the day ``as_of``, in order of the register."""
    titles = _evidence_titles(view)
    return [
        _judge(one, view, derived, register, as_of, titles) for one in duties if one.covers(as_of)
    ]


def waiting(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The absent facts (and open conclusions) on which it hangs whether a duty applies or is done."""
    found: dict[str, list[Judged]] = {}
    for one in judged:
        for path in one.waits:
            found.setdefault(path, []).append(one)
    return found


def _judge(
    duty: Duty, view: View, derived: Derived, register: Register, as_of: str, titles: dict[str, str]
) -> Judged:
    verdict, because, facts, needs = _verdict(duty, view, derived, register)
    parts: tuple[Part, ...] = ()
    state = None
    if duty.nature != "context" and verdict in (APPLIES, IS_OPEN):
        at = _Standing(view, as_of, titles, _stated(view, duty.due))
        parts = tuple(part for means in duty.means for part in _parts(means, at))
        if parts:
            state = max((part.state for part in parts), key=_STATES.index)
        elif duty.nature == "act":
            state = ON_EVENT
    return Judged(
        duty, verdict, because, facts, needs, state, parts,
        owner=_stated(view, duty.owner), due=_due(duty, state, parts, view),
        asked=_titles(merged(*(part.needs for part in parts)) or needs, view),
    )  # fmt: skip


def _verdict(
    duty: Duty, view: View, derived: Derived, register: Register
) -> tuple[str, str, tuple[str, ...], tuple[str, ...]]:
    """The verdict, its reason in words, the stated facts relied on, and the absent ones."""
    if duty.applies is None:
        return APPLIES, "不以具体事实为条件。", (), ()
    outcome = conditions.judge(duty.applies, view)
    because, facts = dossier.reasons(outcome.because, view, derived, register)
    if outcome.verdict is Verdict.HOLDS:
        return APPLIES, because, facts, ()
    if outcome.verdict is Verdict.FAILS:
        return DOES_NOT, because, facts, ()
    points = [derived.conclude(path) for path in outcome.needs if path in derived.conclusions]
    if points:
        return IS_OPEN, "".join(one.open or one.because for one in points), facts, outcome.needs
    return UNKNOWN, f"取决于：{'、'.join(_titles(outcome.needs, view))}。", facts, outcome.needs


def _due(duty: Duty, state: str | None, parts: tuple[Part, ...], view: View) -> str | None:
    """The day by which what is not yet done has to be, or is planned to be."""
    if state in (None, EVIDENCED, CLAIMED, ON_EVENT):
        return None
    planned = [part.planned_on for part in parts if part.planned_on]
    return _stated(view, duty.due) or (max(planned) if planned else None)


# --- what is done --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Standing:
    """The facts and the day they are read on, the titles of the evidence by id, and the day by
    which the duty at hand has to be fulfilled."""

    view: View
    as_of: str
    titles: dict[str, str]
    due: str | None


def _parts(means: Means, at: _Standing) -> Iterator[Part]:
    """What the facts say of one means; nothing where it is not owed."""
    if means.each is not None:
        yield from _items(means, at)
        return
    owed = conditions.judge(means.when, at.view)
    if owed.verdict is Verdict.FAILS:
        return
    if owed.verdict is Verdict.UNKNOWN:
        yield _unanswered(means.title or at.view.title(means.measure or ""), owed.needs)
    elif means.measure is not None:
        yield _measures(means, at.view.read(means.measure), at)
    else:
        yield _condition(means, None, at)


def _items(means: Means, at: _Standing) -> Iterator[Part]:
    """The worst of the items of a list; an absent list is open, none at all is nothing to fulfil."""
    assert means.each is not None and means.title is not None
    node = at.view.read(means.each)
    if isinstance(node, Absent):
        rest = conditions.judge(conditions.without_item(means.when), at.view)
        if rest.verdict is not Verdict.FAILS:
            yield _unanswered(means.title, merged(rest.needs, node.needs))
        return
    assert isinstance(node, Fact)
    parts = []
    for item in node.items():
        owed = conditions.judge(means.when, at.view, item.path)
        if owed.verdict is Verdict.HOLDS:
            parts.append(_condition(means, item.path, at))
        elif owed.verdict is Verdict.UNKNOWN:
            parts.append(_unanswered(means.title, owed.needs))
    if parts:
        worst = max(parts, key=lambda part: _STATES.index(part.state))
        shown = tuple(dict.fromkeys(title for part in parts for title in part.evidence))
        yield Part(
            worst.state, worst.words, shown, worst.gap, worst.planned_on,
            merged(*(part.needs for part in parts)),
        )  # fmt: skip


def _condition(means: Means, item: str | None, at: _Standing) -> Part:
    title = means.title or ""
    outcome = conditions.judge(means.must, at.view, item, first=False)
    if outcome.verdict is Verdict.UNKNOWN:
        return _unanswered(title, outcome.needs)
    if outcome.verdict is Verdict.FAILS and at.due is not None and at.due > at.as_of:
        words = f"{title}（期限{day_text(at.due)}）"
        return Part(PLANNED, f"待办：{words}", gap=f"待办：{words}", planned_on=at.due)
    if outcome.verdict is Verdict.FAILS:
        stated = "；".join(
            f"{at.view.title(path)}为{value_text(value, at.view.field(path))}"
            for path, value in outcome.because
            if not isinstance(value, (dict, list))
        )
        words = f"{title}：未落实" + (f"（{stated}）" if stated else "")
        return Part(UNFULFILLED, words, gap=f"未落实：{title}")
    day = _stated(at.view, means.on)
    if day is not None and day > at.as_of:
        return _planned(title, day)
    if means.evident:
        return Part(EVIDENCED, f"{title}：已落实", (_EVIDENT,))
    if means.evidence is None:
        return Part(CLAIMED, f"{title}：已落实", gap=f"无佐证：{title}")
    shown = at.view.read(conditions.placed(means.evidence, item))
    part = _done(title, day, shown, at.titles)
    return replace(part, needs=shown.needs) if isinstance(shown, Absent) else part


def _measures(means: Means, node: Node, at: _Standing) -> Part:
    """A measure, or a list of measures of which the best decides and each leaves its own gap."""
    field = at.view.field(means.measure or "")
    title = field.title if field is not None else ""
    if isinstance(node, Absent):
        return _unanswered(title, node.needs)
    assert isinstance(node, Fact)
    if node.value is None:
        return Part(UNFULFILLED, f"{title}：未落实", gap=f"未落实：{title}")
    items = node.items() if isinstance(node.value, list) else [node]
    parts = [_measure(means, item, title, at) for item in items]
    best = min(parts, key=lambda part: _BEST.index(part.state))
    planned = [part.planned_on for part in parts if part.planned_on]
    return Part(
        best.state,
        "；".join(part.words for part in parts),
        tuple(dict.fromkeys(shown for part in parts for shown in part.evidence)),
        "；".join(part.gap for part in parts if part.gap) or None,
        max(planned) if planned else None,
        merged(*(part.needs for part in parts)),
        tuple(measure for part in parts for measure in part.measures),
    )


def _measure(means: Means, node: Node, title: str, at: _Standing) -> Part:
    named = node.child(means.named_by or "name") if _has(node, means.named_by or "name") else None
    if isinstance(named, Fact):
        words = value_text(named.value, named.field)
        title = f"{title}（{words}）" if means.named_by else words
    day = _stated(at.view, f"{node.path}.since_on")
    part = _status(node, title, day, at)
    part = replace(part, needs=merged(part.needs, _untold(node, means.named_by or "name")))
    text = _stated(at.view, f"{node.path}.description") if _has(node, "description") else None
    shown = "、".join(part.evidence) or None
    return replace(part, measures=(Measure(node.path, title, text, part.state, day, shown),))


def _untold(node: Node, name: str) -> tuple[str, ...]:
    """What is not stated of a measure: what it is and, where it is done or planned, since when and
    what shows it."""
    status = node.child("status")
    asked = [name, "description"]
    if isinstance(status, Fact) and status.value in ("implemented", "planned"):
        asked.append("since_on")
    if isinstance(status, Fact) and status.value == "implemented":
        asked.append("evidence")
    children = [node.child(key) for key in asked if _has(node, key)]
    return merged(*(one.needs for one in children if isinstance(one, Absent)))


def _status(node: Node, title: str, day: str | None, at: _Standing) -> Part:
    """What the status of a measure says; one that starts later is planned, whatever it says."""
    status = node.child("status")
    if isinstance(status, Absent):
        return _unanswered(title, status.needs)
    assert isinstance(status, Fact)
    if status.value == "implemented" and (day is None or day <= at.as_of):
        return _done(title, day, node.child("evidence"), at.titles)
    if status.value in ("implemented", "planned"):
        return _planned(title, day)
    return Part(UNFULFILLED, f"{title}：未实施", gap=f"未实施：{title}")


def _done(title: str, day: str | None, evidence: Node, titles: dict[str, str]) -> Part:
    words = f"{title}：已实施" + (f"（自{day_text(day)}起）" if day else "")
    if isinstance(evidence, Fact) and evidence.value is not None:
        return Part(EVIDENCED, words, (titles.get(str(evidence.value), str(evidence.value)),))
    return Part(CLAIMED, words, gap=f"无佐证：{title}")


def _planned(title: str, day: str | None) -> Part:
    when = f"（{day_text(day)}）" if day else ""
    return Part(PLANNED, f"{title}：拟实施{when}", gap=f"拟实施：{title}{when}", planned_on=day)


def _unanswered(title: str, needs: tuple[str, ...]) -> Part:
    return Part(OPEN, f"{title}：待答", needs=needs)


def _titles(needs: tuple[str, ...], view: View) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(view.title, needs)))


def _has(node: Node, key: str) -> bool:
    field = node.field if isinstance(node, Fact) else None
    return field is None or key in field.keys


def _stated(view: View, path: str | None) -> str | None:
    """The text of a stated fact; None when there is no path, no answer, or null."""
    node = view.read(path) if path is not None else None
    return str(node.value) if isinstance(node, Fact) and node.value is not None else None


def _evidence_titles(view: View) -> dict[str, str]:
    """The title of each evidence by its id; those without a title are left out."""
    node = view.read("evidence")
    items = node.value if isinstance(node, Fact) and isinstance(node.value, list) else []
    return {
        one["id"]: one["title"]
        for one in items
        if isinstance(one, dict) and {"id", "title"} <= set(one)
    }


# --- as internal papers see it -------------------------------------------------------------------


def as_value(
    judged: list[Judged],
    entries: list[Entry],
    library: Library,
    as_of: str,
    dues: Iterable[Due] = (),
) -> Value:
    """The rows of the matrix, to be read under ``dossier``; lists without items are null.

    ``dues`` are the deadlines of the matter, where somebody asks for the days.
    """
    owed = [one for one in judged if one.duty.nature != "context" and one.owed]
    rows = {one.duty.id: _row(one, entries, library, as_of) for one in judged}
    days = _last_days(dues)
    for one in owed:
        told = [line for name in one.duty.deadlines for line in days.get(name, ())]
        rows[one.duty.id]["deadlines"] = "\n".join(told) or None
    return {
        "duties": [rows[one.duty.id] for one in owed] or None,
        "duties_elsewhere": [
            rows[one.duty.id]
            for one in judged
            if one.duty.nature != "context" and not one.owed
        ]
        or None,
        "context": [rows[one.duty.id] for one in judged if one.duty.nature == "context"] or None,
        "control_points": [*_control_points(judged, library)],
        "measures": [*_measures_told(owed)] or None,
        "tally": _tally(judged),
    }


def _row(one: Judged, entries: list[Entry], library: Library, as_of: str) -> dict[str, Value]:
    duty = one.duty
    point = library.control_points.get(duty.control_point or "")
    evidence = [title for part in one.parts for title in part.evidence]
    return {
        "id": duty.id,
        "title": duty.title,
        "area": duty.area,
        "nature": duty.nature,
        "bearer": duty.bearer,
        "gist": duty.gist,
        "control_point": f"{point.group}：{point.title}" if point else None,
        "basis": "；".join(sources(duty, library.register, as_of)),
        "checked": verified(duty, library.register),
        "verdict": one.verdict,
        "because": one.because,
        "event": duty.event,
        "state": one.state,
        "done": "\n".join(part.words for part in one.parts) or None,
        "evidence": "\n".join(dict.fromkeys(evidence)) or None,
        "documents": "\n".join(carried(duty.carriers, entries)) or None,
        "gap": _gap(one),
        "owner": one.owner,
        "due": one.due,
        "deadlines": None,
        "note": duty.note,
    }


def _last_days(dues: Iterable[Due]) -> dict[str, list[str]]:
    """What is to be said of the deadlines that run, by their ids: the last day, and how each stands."""
    told: dict[str, list[str]] = {}
    for one in dues:
        if one.state in (State.EXCLUDED, State.UNKNOWN):
            continue
        day = day_text(one.last.day.isoformat()) if one.last is not None else ""
        provisional = "（暂定）" if one.last is not None and one.last.provisional else ""
        line = f"{name_of(one)}：{day}{provisional}{'，' if day else ''}{one.state.label}"
        told.setdefault(one.deadline.id, []).append(line)
    return told


def sources(duty: Duty, register: Register, as_of: str) -> Iterator[str]:
    """What the duty rests on: its basis, what else says the same on the day, and practice.

    Instruments go by their short titles, because a row has little room.
    """
    for reference in duty.basis:
        yield _short(register.cite(reference), register, duty.certain)
    for reference in duty.related:
        citation = register.cite(reference)
        if register.instruments[citation.instrument].covers(as_of):
            yield _short(citation, register, True)
    if duty.practice:
        yield f"{duty.practice.rstrip('。')}（备案实务，待核对）"


def _short(citation: Citation, register: Register, sure: bool) -> str:
    words = f"《{register.instruments[citation.instrument].short}》{citation.label}"
    return words if sure and citation.certain else f"{words}（待核对）"


def verified(duty: Duty, register: Register) -> bool:
    """Whether both the reading behind the row and every provision of its basis were verified."""
    return duty.certain and not duty.practice and all(
        register.cite(one).certain for one in duty.basis
    )


def carried(carriers: Iterable[Carrier], entries: list[Entry]) -> Iterator[str]:
    """The planned documents that carry a duty, each with its heading."""
    planned = {one.document.id: one for one in entries if one.verdict is not Verdict.FAILS}
    for one in carriers:
        if one.document in planned:
            where = f"“{one.heading}”" if one.heading else ""
            yield f"《{planned[one.document].document.title}》{where}"


def _gap(one: Judged) -> str | None:
    lacking = [part.gap for part in one.parts if part.gap]
    if one.verdict in (IS_OPEN, UNKNOWN):
        lacking.insert(0, "是否适用尚未确定")
    lacking += [f"【待填：{title}】" if one.waits else f"待答：{title}" for title in one.asked]
    late = [part.planned_on for part in one.parts if part.planned_on and one.due]
    if late and one.due and max(late) > one.due:
        lacking.append(f"拟实施日期晚于应当完成的日期{day_text(one.due)}")
    return "\n".join(dict.fromkeys(lacking)) or None


def _control_points(judged: list[Judged], library: Library) -> Iterator[dict[str, Value]]:
    """One row for each control point: its duties, the worst state of those that are owed."""
    for point in library.control_points.values():
        under = [
            one
            for one in judged
            if one.duty.control_point == point.id and one.duty.nature != "context"
        ]
        owed = [one for one in under if one.owed]
        states = [one.state for one in owed if one.state in _STATES]
        yield {
            "group": point.group,
            "title": point.title,
            "duties": "、".join(one.duty.id for one in under) or None,
            "owed": "、".join(one.duty.id for one in owed) or None,
            "verdict": _together([one.verdict for one in under]),
            "state": max(states, key=_STATES.index) if states else None,
            "gap": "\n".join(
                dict.fromkeys(f"{one.duty.id}　{gap}" for one in owed if (gap := _gap(one)))
            )
            or None,
        }


def _measures_told(owed: list[Judged]) -> Iterator[dict[str, Value]]:
    """One row for each measure, with the duties that point to it."""
    told: dict[str, Measure] = {}
    duties: dict[str, list[str]] = {}
    for one in owed:
        for measure in (measure for part in one.parts for measure in part.measures):
            told[measure.path] = measure
            duties.setdefault(measure.path, []).append(one.duty.id)
    for path, measure in told.items():
        yield {
            "title": measure.title,
            "description": measure.description,
            "state": measure.state,
            "since_on": measure.since,
            "evidence": measure.evidence,
            "duties": "、".join(dict.fromkeys(duties[path])),
        }


def _together(verdicts: list[str]) -> str | None:
    """What several duties say of one point: one that applies is enough."""
    order = (APPLIES, IS_OPEN, UNKNOWN, DOES_NOT)
    return min(verdicts, key=order.index) if verdicts else None


def _tally(judged: list[Judged]) -> dict[str, int]:
    """How many duties have each verdict and, of those owed, each state."""
    rows = [one for one in judged if one.duty.nature != "context"]
    verdicts = Counter(one.verdict for one in rows)
    states = Counter(one.state for one in rows if one.owed)
    return {
        **{verdict: verdicts[verdict] for verdict in (APPLIES, DOES_NOT)},
        "undecided": verdicts[IS_OPEN] + verdicts[UNKNOWN],
        **{f"state_{state}": states[state] for state in (*_STATES, ON_EVENT)},
    }
