"""Deadlines as a calendar file (RFC 5545): all-day events with reminders, the same bytes each time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from beian.due import Due, Reached, State
from beian.due_report import FORCES, name_of, papers_of, source_words
from beian.errors import BeianError
from beian.library import Library
from beian.model import Place
from beian.view import Fact, View

if TYPE_CHECKING:
    from icalendar import Alarm, Event

_SHOWN = (
    State.OVERDUE,
    State.UNCONFIRMED,
    State.BEHIND,
    State.OPEN,
    State.AWAITED,
    State.KEPT,
)
#: Nine in the morning, a week and a day before; an all-day event begins at midnight.
_REMINDERS = (timedelta(days=-6, hours=-15), timedelta(hours=-15))
_FIRST_LINE = b"BEGIN:VCALENDAR"


def make(dues: list[Due], library: Library, view: View, as_of: str) -> bytes:
    """The calendar of what is not done yet; its time stamps are the day judged for."""
    from icalendar import Calendar

    today = date.fromisoformat(as_of)
    made = Calendar()
    made.add("prodid", "-//beian//deadlines//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    name = _stated(view, "service.name")
    made.add("x-wr-calname", f"{name}　期限" if name else "期限")
    matter = "\n".join(map(str, (_stated(view, "subject.credit_code"), name)))
    for one in dues:
        if one.state in _SHOWN:
            for reached in one.limits:
                if reached.last is not None:
                    made.add_component(_event(one, reached, library, matter, today))
    content: bytes = made.to_ical()
    return content


def write(content: bytes, file: Path) -> None:
    """Writes a calendar; BeianError when the file is there and is no calendar."""
    if file.is_dir() or (file.exists() and not file.read_bytes().startswith(_FIRST_LINE)):
        raise BeianError(
            "该位置已有目录或者不是日历的文件，未覆盖。",
            place=Place(str(file)),
            hint="换一个文件名，例如 deadlines.ics。",
        )
    file.write_bytes(content)


def _event(one: Due, reached: Reached, library: Library, matter: str, today: date) -> Event:
    from icalendar import Event

    assert reached.last is not None
    last = reached.last
    event = Event()
    key = "\n".join((matter, one.key, reached.limit.force)).encode()
    event.add("uid", f"{hashlib.sha256(key).hexdigest()[:32]}@beian")
    event.add("dtstamp", datetime(today.year, today.month, today.day, tzinfo=UTC))
    event.add("dtstart", last.day)
    event.add("dtend", last.day + timedelta(days=1))
    mark = "（暂定）" if last.provisional else ""
    event.add("summary", f"【{FORCES[reached.limit.force]}】{name_of(one)}{mark}")
    event.add("description", "\n".join(_description(one, reached, library)))
    event.add("categories", [FORCES[reached.limit.force]])
    event.add("status", "TENTATIVE" if last.provisional else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    if last.day > today and one.state is not State.KEPT:
        for before in _REMINDERS:
            event.add_component(_reminder(one, before))
    return event


def _reminder(one: Due, before: timedelta) -> Alarm:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", name_of(one))
    alarm.add("trigger", before)
    return alarm


def _description(one: Due, reached: Reached, library: Library) -> Iterator[str]:
    yield reached.words
    yield f"依据：{source_words(reached, library.register)}"
    if one.start:
        yield f"起算：{one.start.isoformat()}"
    if one.version:
        yield f"办理：{one.version.action}"
    papers = papers_of(one, library)
    if papers:
        yield f"材料：{papers}"


def _stated(view: View, path: str) -> str:
    node = view.read(path)
    return str(node.value) if isinstance(node, Fact) and node.value is not None else ""
