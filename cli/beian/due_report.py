"""Deadlines as text for a terminal, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from beian import calendar
from beian.calendar import LastDay
from beian.due import Due, Reached, State, needed
from beian.laws import Register
from beian.library import Library
from beian.model import Place, Value
from beian.view import View

WIDTH = 80
FORCES = {"statutory": "法定", "practice": "实务", "promised": "承诺"}
_OPEN_STATES = (State.OPEN, State.PROMPT, State.AWAITED, State.KEPT, State.DONE, State.LATE)
#: What is not broken over two lines; what may not begin a line, by the rules of Chinese composition.
_TOGETHER = ("待核对", "暂定）")
_CLOSING = "、。，；：？！）》」』”’％%)"

PlaceOf = Callable[[str], Place]


def stops(dues: Iterable[Due]) -> bool:
    """Whether a last day is past and nobody has said that the thing was done in time."""
    return any(one.state in (State.OVERDUE, State.UNCONFIRMED) for one in dues)


def day_words(last: LastDay) -> str:
    """A last day with its weekday and what is to be said of it."""
    notes = []
    if last.moved_from:
        notes.append(f"{last.moved_from.isoformat()} 为休假日，顺延")
    elif not calendar.is_working_day(last.day):
        notes.append("休假日，宜提前")
    if last.provisional:
        notes.append("暂定")
    return f"{last.day.isoformat()} 周{'一二三四五六日'[last.day.weekday()]}" + (
        f"（{'；'.join(notes)}）" if notes else ""
    )


def distance_words(one: Due, today: date) -> str:
    """How far the last day is, or how the deadline stands where there is none."""
    last = one.last
    if one.state in (State.DONE, State.LATE):
        assert one.done_on is not None
        return f"{one.done_on.isoformat()} {one.state.label}"
    if last is None:
        return one.state.label
    days = (last.day - today).days
    practice = [reached.last.day for reached in one.of("practice") if reached.last]
    nearer = one.binding is not None and bool(practice) and today <= min(practice) < last.day
    if one.state is State.OVERDUE:
        return f"已逾期 {-days} 日"
    if one.state is State.UNCONFIRMED:
        return f"期限已过 {-days} 日，未填是否办结"
    if one.state is State.BEHIND:
        return f"实务日期已过 {-days} 日"
    if days < 0:
        return f"期满 {-days} 日" + ("，未见结果" if one.state is State.AWAITED else "")
    words = "今日到期" if days == 0 else f"还有 {days} 日"
    return words + (f"（实务 {(min(practice) - today).days} 日）" if nearer else "")


def source_words(reached: Reached, register: Register) -> str:
    """Where a limit comes from, with 待核对 where the provision or the number was not read."""
    limit = reached.limit
    articles: dict[str, list[str]] = {}
    for cited in map(register.cite, limit.basis):
        articles.setdefault(cited.title, []).append(cited.label)
    provisions = "、".join(f"《{title}》{'、'.join(found)}" for title, found in articles.items())
    words = "；".join(filter(None, (provisions, limit.source)))
    return words + (" 待核对" if not is_certain(reached, register) else "")


def is_certain(reached: Reached, register: Register) -> bool:
    """Whether the number and every provision behind it were read; practice never is certain."""
    if reached.limit.force == "practice":
        return False
    return reached.limit.certain and all(register.cite(one).certain for one in reached.limit.basis)


def name_of(one: Due) -> str:
    """A deadline with its short number and what tells its event from others."""
    code = f"（{one.deadline.code}）" if one.deadline.code else ""
    return f"{one.deadline.title}{code}" + (f"　{one.label}" if one.label else "")


def as_json(dues: list[Due], library: Library, as_of: str, place: PlaceOf) -> Value:
    """The day, whether something is overdue, how far the calendar is known, and every deadline."""
    today = date.fromisoformat(as_of)
    return {
        "as_of": as_of,
        "overdue": stops(dues),
        "calendar_published_through": calendar.published_through(today.year),
        "deadlines": [_record(one, library, today, place) for one in dues],
    }


def _record(one: Due, library: Library, today: date, place: PlaceOf) -> Value:
    deadline, last = one.deadline, one.last
    return {
        "id": deadline.id,
        "code": deadline.code,
        "title": deadline.title,
        "title_en": deadline.title_en,
        "kind": deadline.kind,
        "state": one.state.value,
        "label": one.label,
        "from": {
            "path": one.start_path,
            "day": one.start.isoformat(),
            "place": str(place(one.start_path)),
        }
        if one.start and one.start_path
        else None,
        "last_day": last.day.isoformat() if last else None,
        "days_left": (last.day - today).days if last else None,
        "provisional": last.provisional if last else False,
        "done_on": one.done_on.isoformat() if one.done_on else None,
        "limits": [
            {
                "force": reached.limit.force,
                "words": reached.words,
                "last_day": reached.last.day.isoformat() if reached.last else None,
                "provisional": reached.last.provisional if reached.last else False,
                "moved_from": reached.last.moved_from.isoformat()
                if reached.last and reached.last.moved_from
                else None,
                "basis": [library.register.cite(ref).as_json() for ref in reached.limit.basis],
                "source": reached.limit.source,
                "certain": is_certain(reached, library.register),
            }
            for reached in one.limits
        ],
        "action": one.version.action if one.version else None,
        "documents": list(deadline.documents),
        "papers": list(deadline.papers),
        "missing": list(one.needs),
        "because": one.because,
    }


def as_text(dues: list[Due], library: Library, view: View, as_of: str, place: PlaceOf) -> str:
    """The deadlines in lines of 80 columns: what is past first, then by last day, then unknowns."""
    today = date.fromisoformat(as_of)
    late = [one for one in dues if one.state in (State.OVERDUE, State.UNCONFIRMED)]
    unknown = sum(one.state is State.UNKNOWN for one in dues)
    verdict = f"【{len(late)} 项期限已过】" if late else "没有逾期"
    if unknown:  # what is not known may be overdue
        verdict = f"{verdict}，{unknown} 项未定" if late else f"未见逾期，{unknown} 项未定"
    lines = [f"期限　{as_of}　{verdict}"]
    groups = {
        "期限已过": late,
        "已过实务日期": [one for one in dues if one.state is State.BEHIND],
        "待办、等待和保存": [one for one in dues if one.state in _OPEN_STATES],
    }
    for heading, group in groups.items():
        if group:
            lines += ["", heading]
            for one in group:
                lines += _entry(one, library, view, today, place)
    lines += _unknown(dues, view)
    lines += _excluded(dues)
    lines += ["", *_notes(library, today)]
    return "\n".join(lines)


def note_texts(library: Library, today: date) -> list[str]:
    """How days were counted, one sentence each."""
    known = calendar.published_through(today.year)
    return [
        *(one.text(library.register) for one in library.counting.values()),
        f"休假日安排已知至 {known} 年；标“暂定”的，待下一年度的放假通知公布后复算。"
        "标“待核对”的，日数或者条文未核对原文。",
    ]


def _notes(library: Library, today: date) -> Iterator[str]:
    for number, one in enumerate(note_texts(library, today)):
        yield from wrapped("计算  " if number == 0 else "　　  ", one)


def as_value(dues: list[Due], library: Library, view: View, as_of: str) -> Value:
    """The deadlines as internal papers read them under ``dossier.calendar``."""
    today = date.fromisoformat(as_of)
    known = [one for one in dues if one.state not in (State.UNKNOWN, State.EXCLUDED)]
    unknown = [
        {"missing": f"{view.title(path)}（{path}）", "titles": _names(waiting)}
        for path, waiting in needed(dues).items()
    ]
    unknown += [
        {"missing": one.because, "titles": name_of(one)}
        for one in dues
        if one.state is State.UNKNOWN and one.because
    ]
    excluded = [
        {"because": because, "titles": _names(found)} for because, found in _reasons(dues).items()
    ]
    return {
        "rows": [_row(one, library, view, today) for one in known] or None,
        "unknown": unknown or [{"missing": "没有尚不能判断的期限。", "titles": "无"}],
        "excluded": excluded or [{"because": "没有不适用的期限。", "titles": "无"}],
        "notes": [{"text": text} for text in note_texts(library, today)],
    }


def _row(one: Due, library: Library, view: View, today: date) -> Value:
    assert one.version is not None and one.start is not None and one.start_path is not None
    law, rest = one.of("statutory"), (*one.of("practice"), *one.of("promised"))
    days = [reached.last for reached in law if reached.last]
    others = [f"{FORCES[reached.limit.force]}：{reached.words}" for reached in rest]
    dates = [day_words(reached.last) for reached in rest if reached.last]
    return {
        "code": one.deadline.code,
        "title": one.deadline.title + (f"　{one.label}" if one.label else ""),
        "event": view.title(one.start_path),
        "start_on": one.start.isoformat(),
        "statutory": "；".join(reached.words for reached in law) or None,
        "statutory_on": "；".join(map(day_words, days)) or None,
        "practice": "；".join(others) or None,
        "practice_on": "；".join(dict.fromkeys(dates)) or None,
        "state": one.state.value,
        "distance": distance_words(one, today),
        "basis": "；".join(source_words(reached, library.register) for reached in one.limits),
        "action": one.version.action,
        "papers": papers_of(one, library) or None,
    }


def papers_of(one: Due, library: Library) -> str:
    """The papers that go with a deadline, ours first."""
    titles = [f"《{library.documents[name].title}》" for name in one.deadline.documents]
    return "；".join([*titles, *one.deadline.papers])


def _names(dues: Iterable[Due]) -> str:
    return "；".join(dict.fromkeys(map(name_of, dues)))


def _reasons(dues: list[Due]) -> dict[str, list[Due]]:
    """The deadlines that do not apply, by the reason why."""
    reasons: dict[str, list[Due]] = {}
    for one in dues:
        if one.state is State.EXCLUDED:
            reasons.setdefault(one.because or "", []).append(one)
    return reasons


def _entry(one: Due, library: Library, view: View, today: date, place: PlaceOf) -> Iterator[str]:
    yield from wrapped("  ", f"{distance_words(one, today)}　{name_of(one)}", "      ")
    for reached in one.limits:
        shown = day_words(reached.last) + "　" if reached.last else ""
        yield from wrapped(f"      {FORCES[reached.limit.force]}  ", f"{shown}{reached.words}")
        yield from wrapped("            ", source_words(reached, library.register))
    if one.start and one.start_path:
        words = f"{view.title(one.start_path)} {one.start.isoformat()}（{place(one.start_path)}）"
        yield from wrapped("      起算  ", words)
    if one.done_on and one.done_on > today:
        yield from wrapped("      计划  ", f"{one.done_on.isoformat()} 办理")
    for path in one.needs:
        yield from wrapped("      办结  ", f"未填“{view.title(path)}”（{path}）")
    if one.state in (State.DONE, State.LATE):
        return
    if one.version:
        yield from wrapped("      办理  ", one.version.action)
    papers = papers_of(one, library)
    if papers:
        yield from wrapped("      材料  ", papers)


def _unknown(dues: list[Due], view: View) -> Iterator[str]:
    unknown = [one for one in dues if one.state is State.UNKNOWN]
    if not unknown:
        return
    yield from ("", "未定")
    for path, waiting in needed(dues).items():
        yield from wrapped("  ", f"缺少“{view.title(path)}”（{path}）", "      ")
        yield from wrapped("      决定  ", _names(waiting))
    for one in unknown:
        if one.because:
            yield from wrapped("  ", name_of(one), "      ")
            yield from wrapped("      原因  ", one.because)


def _excluded(dues: list[Due]) -> Iterator[str]:
    reasons = _reasons(dues)
    if reasons:
        yield from ("", "不适用")
    for reason, found in reasons.items():
        yield from wrapped("  ", reason, "      ")
        yield from wrapped("            ", _names(found))


def wrapped(lead: str, text: str, indent: str | None = None) -> Iterator[str]:
    """The text behind ``lead`` in lines of at most 80 columns, the rest indented as deep.

    A Chinese character takes two columns; words of Latin letters and digits are not broken, and no
    line begins with a closing mark.
    """
    from wcwidth import wcswidth, wcwidth

    indent = " " * wcswidth(lead) if indent is None else indent
    line, width, empty = lead, wcswidth(lead), True
    for piece in _pieces(text):
        size = sum(max(wcwidth(one), 0) for one in piece)
        if width + size > WIDTH and not empty:
            yield line.rstrip()
            line, width, piece = indent, wcswidth(indent), piece.lstrip()
            size = sum(max(wcwidth(one), 0) for one in piece)
        line, width, empty = line + piece, width + size, False
    yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """The parts of a text between which a line may end."""
    piece = ""
    for one in text:
        joins = piece and (
            one in _CLOSING
            or any(word.startswith(piece + one) for word in _TOGETHER)
            or (one.isascii() and piece[-1].isascii() and piece[-1] != " ")
        )
        if not joins and piece and piece[-1] not in "（《“":
            yield piece
            piece = ""
        piece += one
    if piece:
        yield piece
