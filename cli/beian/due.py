"""What is due when: every deadline of a matter with its last day, its state, and what is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from beian import calendar, conditions
from beian.calendar import LastDay
from beian.conditions import Outcome
from beian.deadlines import MOVES, Deadline, Limit, Version
from beian.library import Library
from beian.model import Verdict
from beian.printing import value_text
from beian.view import Absent, Fact, View, merged


class State(Enum):
    """How a deadline stands on the day, most urgent first."""

    OVERDUE = "overdue"
    UNCONFIRMED = "unconfirmed"
    BEHIND = "behind"
    OPEN = "open"
    PROMPT = "prompt"
    AWAITED = "awaited"
    KEPT = "kept"
    DONE = "done"
    LATE = "late"
    UNKNOWN = "unknown"
    EXCLUDED = "excluded"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    State.OVERDUE: "已逾期",
    State.UNCONFIRMED: "期限已过，未填是否办结",
    State.BEHIND: "已过实务日期",
    State.OPEN: "待办",
    State.PROMPT: "及时办理",
    State.AWAITED: "等待答复",
    State.KEPT: "保存",
    State.DONE: "已办结",
    State.LATE: "已办结，逾期",
    State.UNKNOWN: "未定",
    State.EXCLUDED: "不适用",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """One limit applied to one event: its words, and the last day where there is a number."""

    limit: Limit
    words: str
    last: LastDay | None


@dataclass(frozen=True, slots=True)
class Due:
    """One deadline of the matter.

    ``label`` tells several events of one kind apart; ``start`` is the day of the event and
    ``start_path`` the fact that states it; ``needs`` the absent facts that leave the deadline (or
    whether it was met) open; ``because`` why it is unknown or does not apply.
    """

    deadline: Deadline
    state: State
    label: str | None = None
    start: date | None = None
    start_path: str | None = None
    version: Version | None = None
    limits: tuple[Reached, ...] = ()
    done_on: date | None = None
    needs: tuple[str, ...] = ()
    because: str | None = None
    #: What a calendar knows the entry by, the same as long as the event stays in its place.
    key: str = field(default="")

    @property
    def binding(self) -> LastDay | None:
        """The earliest last day that law or the provider's own word sets."""
        return _earliest(one for one in self.limits if one.limit.force != "practice")

    @property
    def last(self) -> LastDay | None:
        """The last day that counts: the binding one, or that of practice where there is none."""
        return self.binding or _earliest(self.limits)

    def of(self, force: str) -> tuple[Reached, ...]:
        """The limits of one force."""
        return tuple(one for one in self.limits if one.limit.force == force)


def due(library: Library, view: View, as_of: str) -> list[Due]:
    """Every deadline of the matter on the day ``as_of``: overdue first, then by last day."""
    today = date.fromisoformat(as_of)
    found = [
        one
        for deadline in library.deadlines.values()
        for one in _Matter(library, view, today).dues(deadline)
    ]
    order = list(State)
    return sorted(found, key=lambda one: (order.index(one.state), _next(one, today)))


def _next(one: Due, today: date) -> date:
    """The day by which a deadline is listed: its nearest last day to come, else the one past."""
    days = [limit.last.day for limit in one.limits if limit.last]
    coming = [day for day in days if day >= today]
    return min(coming or days, default=one.start or date.max)


def _earliest(limits: Iterator[Reached] | tuple[Reached, ...]) -> LastDay | None:
    days = [one.last for one in limits if one.last is not None]
    return min(days, key=lambda last: last.day, default=None)


@dataclass(frozen=True, slots=True)
class _Matter:
    """The facts and the day that deadlines are applied to; without ``counts`` no day is counted."""

    library: Library
    view: View
    today: date
    counts: bool = True

    def dues(self, deadline: Deadline) -> Iterator[Due]:
        if deadline.each is None:
            yield from self._events(deadline, None)
            return
        node = self.view.read(deadline.each)
        if isinstance(node, Absent):
            yield self._open(deadline, node.needs)
            return
        assert isinstance(node, Fact)
        found = [one for item in node.items() for one in self._events(deadline, item.path)]
        # An event of another kind is not worth a line of its own.
        relevant = [one for one in found if one.state is not State.EXCLUDED]
        if relevant:
            yield from relevant
        else:
            title = self.view.title(deadline.each)
            yield Due(deadline, State.EXCLUDED, because=f"{title}中没有引起这一期限的事项。")

    def _open(self, deadline: Deadline, needs: tuple[str, ...]) -> Due:
        """A deadline whose events are not known: out of question, or open for want of ``needs``."""
        version = deadline.version(self.today.isoformat())
        if version is None:
            return Due(deadline, State.EXCLUDED, because=self._no_law(deadline))
        outcome = conditions.judge(conditions.without_item(version.when), self.view)
        if outcome.verdict is Verdict.FAILS:
            return self._excluded(deadline, outcome)
        return Due(deadline, State.UNKNOWN, version=version, needs=outcome.needs or needs)

    def _events(self, deadline: Deadline, item: str | None) -> Iterator[Due]:
        start, path, needs = self._start(deadline, item)
        # What is owed every year is judged by the law of the day, everything else by its event's.
        chosen = self.today if start is None or deadline.yearly else start
        version = deadline.version(chosen.isoformat())
        label = self._text(_placed(deadline.label, item))
        if version is None:
            yield self._without_version(deadline, start, path, label)
            return
        outcome = conditions.judge(version.when, self.view, item)
        if outcome.verdict is Verdict.FAILS:
            yield self._excluded(deadline, outcome)
        elif needs or outcome.verdict is Verdict.UNKNOWN:
            yield Due(
                deadline,
                State.UNKNOWN,
                label,
                start,
                path,
                version,
                needs=outcome.needs or needs,
            )
        elif start is None or path is None:
            title = self.view.title(deadline.starts[-1])
            words = value_text(None, self.view.field(deadline.starts[-1]))
            yield Due(deadline, State.EXCLUDED, because=f"{title}：{words}。")
        elif deadline.yearly:
            yield from self._yearly(deadline, start, path)
        else:
            yield self._applied(deadline, version, item, start, path, label)

    def _applied(
        self,
        deadline: Deadline,
        version: Version,
        item: str | None,
        start: date,
        path: str,
        label: str | None,
    ) -> Due:
        limits = tuple(
            reached(self.library, self.view, deadline, one, start, counts=self.counts)
            for one in version.limits
        )
        done_on, done_needs = self._done(_placed(deadline.done, item))
        made = Due(deadline, State.OPEN, label, start, path, version, limits, done_on)
        state = self._state(made, done_needs)
        open_needs = done_needs if state in (State.UNCONFIRMED, State.OPEN, State.PROMPT) else ()
        key = f"{deadline.id}/{item or ''}"
        return Due(
            deadline, state, label, start, path, version, limits, done_on, open_needs, key=key
        )

    def _state(self, made: Due, done_needs: tuple[str, ...]) -> State:
        kind, last, binding = made.deadline.kind, made.last, made.binding
        if kind == "keep":
            return State.KEPT
        if made.done_on is not None and made.done_on <= self.today:
            return State.LATE if binding and made.done_on > binding.day else State.DONE
        if kind == "expect":
            return State.AWAITED
        if last is None:
            return State.PROMPT
        if binding is not None and binding.day < self.today:
            return State.UNCONFIRMED if done_needs else State.OVERDUE
        return State.BEHIND if last.day < self.today else State.OPEN

    def _yearly(self, deadline: Deadline, start: date, path: str) -> Iterator[Due]:
        """Every year not known to be done up to the next last day, and that one."""
        assert deadline.yearly is not None
        done, needs = self._years_done(deadline)
        back = int(deadline.yearly.covers_previous)
        for year in range(start.year, self.today.year + 2):
            due_year = year + back
            version, last = self._yearly_last(deadline, due_year)
            if version is None or last is None or year in done:
                continue
            limits = tuple(
                Reached(one, one.words(deadline.event, deadline.kind, None), LastDay(last))
                for one in version.limits
            )
            passed = last < self.today
            state = State.OPEN
            if passed:
                state = State.UNCONFIRMED if needs else State.OVERDUE
            yield Due(
                deadline,
                state,
                f"{year}年度",
                start,
                path,
                version,
                limits,
                needs=needs,
                key=f"{deadline.id}/{year}",
            )
            if not passed:
                return

    def _yearly_last(self, deadline: Deadline, year: int) -> tuple[Version | None, date | None]:
        for version in deadline.versions:
            for limit in version.limits:
                if limit.yearly:
                    last = date(year, *limit.yearly)
                    if version.covers(last.isoformat()):
                        return version, last
        return None, None

    def _years_done(self, deadline: Deadline) -> tuple[set[int], tuple[str, ...]]:
        assert deadline.yearly is not None
        node = self.view.read(deadline.yearly.reports)
        if isinstance(node, Absent):
            return set(), node.needs
        assert isinstance(node, Fact)
        done: set[int] = set()
        needs: tuple[str, ...] = ()
        for item in node.items():
            kind, year, on = (item.child(key) for key in ("kind", "year", "done_on"))
            if not (isinstance(kind, Fact) and isinstance(year, Fact) and isinstance(on, Fact)):
                absent = [one for one in (kind, year, on) if isinstance(one, Absent)]
                needs = merged(needs, *(one.needs for one in absent))
            elif kind.value == deadline.yearly.kind and on.value <= self.today.isoformat():
                done.add(year.value)
        return done, needs

    def _start(
        self, deadline: Deadline, item: str | None
    ) -> tuple[date | None, str | None, tuple[str, ...]]:
        for written in deadline.starts:
            path = _placed(written, item)
            assert path is not None
            node = self.view.read(path)
            if isinstance(node, Absent):
                return None, None, node.needs
            assert isinstance(node, Fact)
            if node.value is not None:
                return date.fromisoformat(node.value), path, ()
        return None, None, ()

    def _done(self, path: str | None) -> tuple[date | None, tuple[str, ...]]:
        if path is None:
            return None, ()
        node = self.view.read(path)
        if isinstance(node, Absent):
            return None, node.needs
        assert isinstance(node, Fact)
        return (date.fromisoformat(node.value) if node.value else None), ()

    def _without_version(
        self, deadline: Deadline, start: date | None, path: str | None, label: str | None
    ) -> Due:
        """An event on a day without such a deadline; one before the law leaves a question."""
        first = deadline.versions[0]
        late = start is not None and start.isoformat() < first.since and not deadline.yearly
        outcome = conditions.judge(conditions.without_item(first.when), self.view)
        if start is None or not late or outcome.verdict is Verdict.FAILS:
            return Due(deadline, State.EXCLUDED, label, start, path, because=self._no_law(deadline))
        because = f"事件早于规定施行日 {first.since}，期限是否适用、从何日起算，须由律师确认。"
        return Due(deadline, State.UNKNOWN, label, start, path, first, because=because)

    def _no_law(self, deadline: Deadline) -> str:
        return f"当日没有这一期限的规定（自 {deadline.versions[0].since} 起）。"

    def _excluded(self, deadline: Deadline, outcome: Outcome) -> Due:
        [(path, value)] = outcome.because[:1] or [(outcome.failing or "", None)]
        words = value_text(value, self.view.field(path))
        because = f"{self.view.title(path)}：{words}。"
        return Due(deadline, State.EXCLUDED, because=because)

    def _text(self, path: str | None) -> str | None:
        node = self.view.read(path) if path else None
        return str(node.value) if isinstance(node, Fact) and node.value is not None else None


def _placed(path: str | None, item: str | None) -> str | None:
    if path is None or item is None or not conditions.is_item(path):
        return path
    return item + path[4:]


def reached(
    library: Library,
    view: View,
    deadline: Deadline,
    limit: Limit,
    start: date,
    *,
    counts: bool = True,
) -> Reached:
    """A limit of a deadline applied to an event of the day ``start``; without a last day where
    nobody asks for one (not ``counts``)."""
    length = limit.length
    if limit.fact:
        node = view.read(limit.fact)
        length = node.value if isinstance(node, Fact) else None
    words = limit.words(deadline.event, deadline.kind, length)
    if length is None or limit.unit is None or not counts:
        return Reached(limit, words, None)
    rule = library.counting.get(MOVES)
    moves = rule is not None and rule.since <= start.isoformat()
    last = calendar.last_day(
        start,
        length,
        limit.unit,
        before=limit.before,
        moves=deadline.kind == "act" and moves,
    )
    return Reached(limit, words, last)


def needed(dues: Iterable[Due]) -> dict[str, list[Due]]:
    """The absent facts that leave deadlines open, each with the deadlines it decides."""
    found: dict[str, list[Due]] = {}
    for one in dues:
        if one.state is State.UNKNOWN:
            for path in one.needs:
                found.setdefault(path, []).append(one)
    return found


def awaited(library: Library, view: View, as_of: str) -> dict[str, list[Due]]:
    """The same for the day ``as_of``, without the calendar that counting days would load."""
    matter = _Matter(library, view, date.fromisoformat(as_of), counts=False)
    return needed(one for each in library.deadlines.values() for one in matter.dues(each))
