"""Absent facts as findings: one for each, naming every document and rule that needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from beian import compliance, due, paths
from beian.compliance import Judged
from beian.derive import Derived
from beian.documents import Document
from beian.dossier import Entry
from beian.library import Library
from beian.model import Finding, Level, Place, Verdict
from beian.render.dispatch import Renderer
from beian.rules import Judgement
from beian.view import Absent, View

NEEDED, UNDETERMINED, UNSHOWN, AWAITED = "needed", "undetermined", "duty", "deadline"
_LEVELS = {
    NEEDED: Level.MISSING,
    UNDETERMINED: Level.UNDETERMINED,
    UNSHOWN: Level.REVIEW,
    AWAITED: Level.REVIEW,
}


@dataclass
class Needs:
    """What the plan and the rules read and did not find."""

    library: Library
    view: View
    derived: Derived
    entries: list[Entry]
    judged: Judgement
    duties: list[Judged]
    as_of: str
    place: Callable[[str], Place]

    def findings(self, but: set[str]) -> list[Finding]:
        """The findings in question order; not for answers that are there but wrong (``but``)."""
        absent = dict.fromkeys(
            [*self.users, *self.judged.needed, *self.hanging, *self.open_points, *self.awaited]
        )
        return [
            self._finding(path)
            for path in sorted(absent, key=self.library.schema.order)
            if not any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in but)
        ]

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """Which documents, and where in them, print each absent fact or branch on it."""
        users: dict[str, list[str]] = {}
        for entry in self.entries:
            title = entry.document.title
            for path, sections in entry.missing.items():
                named = [f"{title}（{one}）" if one else title for one in sections]
                users.setdefault(path, []).extend(named)
        return users

    @cached_property
    def hanging(self) -> dict[str, list[str]]:
        """The titles of the rules and documents that each absent fact decides on."""
        hanging: dict[str, list[str]] = {}
        for entry in self.entries:
            for path in map(self._asked, entry.needs):
                hanging.setdefault(path, []).append(f"《{entry.document.title}》是否需要")
        for path, found in self.judged.deciding.items():
            hanging.setdefault(self._asked(path), []).extend(f"“{rule.title}”" for rule in found)
        return {path: list(dict.fromkeys(titles)) for path, titles in hanging.items()}

    def _asked(self, path: str) -> str:
        """What decides on an absent fact: the group it is a part of, where there may be none of it."""
        above = paths.parent(path)
        while above:
            field = self.library.schema.field(above)
            nullable = field is not None and "null" in field.schema.get("type", ())
            if nullable and isinstance(self.view.read(above), Absent):
                return self._asked(above)
            above = paths.parent(above)
        return path

    @cached_property
    def unshown(self) -> dict[str, list[str]]:
        """The duties of which each absent fact would show whether they apply or are fulfilled."""
        return {
            path: [f"{one.duty.id}“{one.duty.title}”" for one in found]
            for path, found in compliance.waiting(self.duties).items()
        }

    @cached_property
    def open_points(self) -> list[str]:
        """The conclusions that only counsel can draw and some paper tells of."""
        renderer = Renderer(self.library)
        if not any(renderer.sections(one, "dossier.duties") for one in self._owed):
            return []
        return [one for one in self.unshown if one in self.library.conclusions]

    @cached_property
    def awaited(self) -> dict[str, list[str]]:
        """The deadlines that each absent fact leaves open, where a calendar of them is owed."""
        if not self._calendars:
            return {}
        found = due.awaited(self.library, self.view, self.as_of)
        return {path: [f"“{one.deadline.title}”" for one in dues] for path, dues in found.items()}

    @property
    def _owed(self) -> list[Document]:
        return [one.document for one in self.entries if one.verdict is Verdict.HOLDS]

    @property
    def _calendars(self) -> list[Document]:
        return [one for one in self._owed if one.calendar]

    def _finding(self, path: str) -> Finding:
        if path in self.library.conclusions:
            return self._open_point(path)
        title = self.view.title(path)
        if path in self.users:
            duties = self.unshown.get(path)
            decided = f"，义务{_listed(duties)}的落实情况无法判断" if duties else ""
            return self._about(path, f"缺少“{title}”{decided}。", tuple(self.users[path]))
        if path in self.judged.needed:
            rule = self.judged.needed[path][0]
            return self._about(path, f"缺少“{title}”（检查项“{rule.title}”需要）。", ())
        if path in self.hanging:
            message = f"未填“{title}”，{_listed(self.hanging[path])}无法判断。"
            return self._about(path, message, self._undecided(path), UNDETERMINED)
        message = f"未填“{title}”，期限{_listed(self.awaited[path])}无法计算。"
        shown = tuple(one.title for one in self._calendars)
        return self._about(path, message, shown, AWAITED)

    def _open_point(self, path: str) -> Finding:
        done = self.derived.conclude(path)
        rule = UNDETERMINED if path in self.hanging else UNSHOWN
        return Finding(
            rule=rule,
            level=_LEVELS[rule],
            path=path,
            place=self.place("determinations"),
            message=f"“{done.conclusion.title}”存疑：{done.open}",
            hint=f"在 determinations 中写明：conclusion: {path}、value、reason、by、on。",
            basis=tuple(map(self.library.register.cite, done.basis)),
            documents=self._undecided(path),
        )

    def _undecided(self, path: str) -> tuple[str, ...]:
        return tuple(
            one.document.title
            for one in self.entries
            if path in one.needs or path in map(self._asked, one.needs)
        )

    def _about(
        self, path: str, message: str, documents: tuple[str, ...], rule: str = NEEDED
    ) -> Finding:
        field = self.library.field(path)
        return Finding(
            rule=rule,
            level=_LEVELS[rule],
            path=path,
            place=self.place(path),
            message=message,
            hint=field.description or None if field else None,
            basis=tuple(map(self.library.register.cite, field.basis)) if field else (),
            documents=documents,
        )


def _listed(names: list[str]) -> str:
    more = f"等 {len(names)} 项" if len(names) > 3 else ""
    return "、".join(names[:3]) + more
