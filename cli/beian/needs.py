"""Absent facts as findings: one for each, naming every document and rule that needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from beian.compliance import IS_OPEN, Judged
from beian.derive import Derived
from beian.dossier import Entry
from beian.library import Library
from beian.model import Finding, Level, Place, Verdict
from beian.render.dispatch import Renderer
from beian.rules import Judgement
from beian.view import View, merged

NEEDED, UNDETERMINED, UNSHOWN = "needed", "undetermined", "duty"
_LEVELS = {NEEDED: Level.MISSING, UNDETERMINED: Level.UNDETERMINED, UNSHOWN: Level.REVIEW}


@dataclass
class Needs:
    """What the plan and the rules read and did not find."""

    library: Library
    view: View
    derived: Derived
    entries: list[Entry]
    judged: Judgement
    duties: list[Judged]
    place: Callable[[str], Place]

    def findings(self, but: set[str]) -> list[Finding]:
        """The findings in question order; not for answers that are there but wrong (``but``)."""
        absent = dict.fromkeys(
            [*self.users, *self.judged.needed, *self.hanging, *self.unshown]
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
            for path in entry.needs:
                hanging.setdefault(path, []).append(f"《{entry.document.title}》是否需要")
        for path, found in self.judged.deciding.items():
            hanging.setdefault(path, []).extend(f"“{rule.title}”" for rule in found)
        return {path: list(dict.fromkeys(titles)) for path, titles in hanging.items()}

    @cached_property
    def unshown(self) -> dict[str, list[str]]:
        """The duties of which each absent fact would show whether they apply or are fulfilled.

        They are read only by a document that tells of the duties; where none is owed, none asks.
        """
        unshown: dict[str, list[str]] = {}
        for one in self.duties if self._duties_told() else ():
            if one.duty.nature == "context" or one.verdict == IS_OPEN:
                continue
            for path in merged(one.needs, *(part.needs for part in one.parts)):
                unshown.setdefault(path, []).append(f"{one.duty.id}“{one.duty.title}”")
        return unshown

    def _duties_told(self) -> bool:
        renderer = Renderer(self.library)
        return any(
            entry.verdict is Verdict.HOLDS
            and any(read.path.startswith("dossier.duties") for read, _ in renderer.reads(entry.document))
            for entry in self.entries
        )

    def _finding(self, path: str) -> Finding:
        if path in self.library.conclusions:
            return self._open_point(path)
        title = self.view.title(path)
        if path in self.users:
            return self._about(path, f"缺少“{title}”。", tuple(self.users[path]))
        if path in self.judged.needed:
            rule = self.judged.needed[path][0]
            return self._about(path, f"缺少“{title}”（检查项“{rule.title}”需要）。", ())
        if path not in self.hanging:
            return self._about_duties(path, title)
        titles = self.hanging[path]
        listed = "、".join(titles[:3])
        more = f"等 {len(titles)} 项" if len(titles) > 3 else ""
        message = f"未填“{title}”，{listed}{more}无法判断。"
        return self._about(path, message, self._undecided(path), UNDETERMINED)

    def _about_duties(self, path: str, title: str) -> Finding:
        """What only the duties ask for weakens the filing, and does not stop it."""
        duties = self.unshown[path]
        more = f"等 {len(duties)} 项" if len(duties) > 3 else ""
        message = f"未填“{title}”，义务{'、'.join(duties[:3])}{more}的落实情况无法判断。"
        return self._about(path, message, (), UNSHOWN)

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
        return tuple(one.document.title for one in self.entries if path in one.needs)

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
