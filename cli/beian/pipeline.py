"""The flow: load, validate, derive, judge, plan, render, seal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from beian import conditions, dossier, paths, rules, schema
from beian import documents as folders
from beian import facts as facts_file
from beian import laws as register_of_laws
from beian.derive import Conclusion, Derived, load_conclusions
from beian.documents import Document
from beian.dossier import Entry
from beian.errors import BeianError
from beian.facts import Facts
from beian.laws import Register
from beian.model import Finding, Level, Place, Value, Verdict, Waiver
from beian.resources import House
from beian.rules import Judgement, Rule
from beian.schema import SCHEMA_RULE, Field, Schema
from beian.view import Absent, Fact, View

NEEDED, UNDETERMINED, DETERMINATION = "needed", "undetermined", "determination"


@dataclass(slots=True)
class Library:
    """Everything that is data: schemas, laws, rules, conclusions, documents."""

    house: House
    schema: Schema
    derived_schema: Schema
    dossier_schema: Schema
    register: Register
    rules: dict[str, Rule]
    conclusions: dict[str, Conclusion]
    documents: dict[str, Document]

    @classmethod
    def open(cls, overrides: Iterable[Path] = ()) -> Library:
        """The shipped data with the user's override folders laid over."""
        house = House.open(tuple(overrides))
        library = cls(
            house=house,
            schema=schema.load(house, "schemas/facts.schema.json"),
            derived_schema=schema.load(house, "schemas/derived.schema.json"),
            dossier_schema=schema.load(house, "schemas/dossier.schema.json"),
            register=register_of_laws.load(house),
            rules=rules.load(house),
            conclusions=load_conclusions(house),
            documents=folders.load(house),
        )
        library.refuse_unknown_paths()
        return library

    def refuse_unknown_paths(self) -> None:
        """A path that no schema declares would read as absent for ever: refuse it at once."""
        for rule in self.rules.values():
            for path in rule.reads():
                if self.field(path) is None:
                    raise BeianError(
                        f"规则“{rule.id}”读取的“{path}”不是已声明的事实。", place=Place(rule.file)
                    )
        for document in self.documents.values():
            for path in conditions.reads(document.when):
                if self.field(path) is None:
                    raise BeianError(
                        f"文书“{document.id}”的条件读取的“{path}”不是已声明的事实。",
                        place=Place(document.file),
                    )

    def field(self, path: str) -> Field | None:
        """The declaration of a generic path under any root; None when there is none."""
        root = path.partition(".")[0].partition("[")[0]
        known = {"derived": self.derived_schema, "dossier": self.dossier_schema}
        return known.get(root, self.schema).field(path)


@dataclass(slots=True)
class Examination:
    """A matter judged for one day: what is wrong or missing, and what is to be made."""

    facts: Facts
    as_of: str
    library: Library
    view: View
    derived: Derived
    entries: list[Entry]
    findings: list[Finding] = field(default_factory=list)

    @property
    def stops(self) -> bool:
        """Whether anything keeps a final dossier from being written."""
        return self.stops_for(())

    def stops_for(self, only: Collection[str]) -> bool:
        """Whether anything keeps the named documents (none named: all) from being written.

        What is missing in other documents alone does not.
        """
        elsewhere: set[str] = set()
        if only:
            wanted: set[str] = set()
            for entry in self.entries:
                named = wanted if entry.document.id in only else elsewhere
                named.update(entry.missing, entry.needs)
            elsewhere -= wanted
        return any(
            one.stops and (one.level is Level.BLOCK or one.path not in elsewhere)
            for one in self.findings
        )


def load(matter: str | Path, library: Library, settings: tuple[str, ...] = ()) -> Facts:
    """The facts of a matter (a folder, a file, or ``-``)."""
    return facts_file.load(matter, library.schema, settings)


def check(facts: Facts, library: Library, as_of: str) -> Examination:
    """Judges the facts for the day ``as_of`` (YYYY-MM-DD) and plans the dossier."""
    wrong = library.schema.check(facts.placed)
    usable = _without(facts.value, wrong)
    derived = Derived(library.derived_schema, library.conclusions, as_of, facts.files)
    view = View(usable, library.schema, derived)
    derived.view = view
    judged = rules.judge(library.rules, view, as_of, library.register, facts.placed.place)
    entries = dossier.plan(library.documents, view, derived, library.register, as_of)
    _record_needs(entries, library, view, as_of)
    result = Examination(facts, as_of, library, view, derived, entries)
    asked = _Needs(result, judged, {finding.path for finding in wrong})
    result.findings = _waived(
        [*wrong, *_check_determinations(result), *judged.findings, *asked.findings()], result
    )
    order = list(Level)
    result.findings.sort(key=lambda one: order.index(one.level))
    return result


def _without(value: dict[str, Value], wrong: list[Finding]) -> dict[str, Value]:
    """The facts without the answers that the schema refuses, so that the rest can be judged."""
    left = value
    for path in {_nearest_key(finding.path) for finding in wrong if finding.path}:
        try:
            left = paths.without(left, paths.parse(path))
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # gone with something above it, or a key that is no path
    return left if isinstance(left, dict) else {}


def _nearest_key(path: str) -> str:
    while path.endswith("]"):
        path = paths.parent(path)
    return path


def _record_needs(entries: list[Entry], library: Library, view: View, as_of: str) -> None:
    from beian.render.dispatch import Renderer

    renderer = Renderer(library)
    for entry in entries:
        if entry.verdict is Verdict.HOLDS:
            value = dossier.as_value(entries, {}, view, as_of)
            entry.missing = renderer.missing(entry.document, view, value)


@dataclass
class _Needs:
    """Turns absent facts into findings: one for each, with all that need it."""

    result: Examination
    judged: Judgement
    wrong: set[str]

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """Which documents, and where in them, need each absent fact."""
        users: dict[str, list[str]] = {}
        for entry in self.result.entries:
            for path, sections in entry.missing.items():
                named = [
                    f"{entry.document.title}（{one}）" if one else entry.document.title
                    for one in sections
                ]
                users.setdefault(path, []).extend(dict.fromkeys(named))
        return users

    def findings(self) -> list[Finding]:
        deciding: dict[str, list[str]] = {
            path: [rule.title for rule in found] for path, found in self.judged.deciding.items()
        }
        for entry in self.result.entries:
            for path in entry.needs:
                deciding.setdefault(path, []).append(entry.document.title)
        absent = dict.fromkeys([*self.users, *self.judged.needed, *deciding])
        view = self.result.view
        made = []
        for path in sorted(absent, key=self.result.library.schema.order):
            if any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in self.wrong):
                continue  # already reported as wrong
            if path in self.result.library.conclusions:
                made.append(self._open_point(path, deciding.get(path, [])))
            elif path in self.users or path in self.judged.needed:
                checks = [rule.title for rule in self.judged.needed.get(path, [])]
                made.append(self._missing(path, checks))
            else:
                made.append(self._undetermined(path, deciding[path], view))
        return made

    def _missing(self, path: str, checks: list[str]) -> Finding:
        documents = tuple(self.users.get(path, ()))
        why = "" if documents else f"（检查项“{checks[0]}”需要）"
        return self._about(
            NEEDED, Level.MISSING, path, f"缺少“{self.result.view.title(path)}”{why}。", documents
        )

    def _undetermined(self, path: str, hanging: list[str], view: View) -> Finding:
        listed = "、".join(f"“{one}”" for one in dict.fromkeys(hanging[:3]))
        more = f"等 {len(set(hanging))} 项" if len(set(hanging)) > 3 else ""
        return self._about(
            UNDETERMINED,
            Level.UNDETERMINED,
            path,
            f"未填“{view.title(path)}”，{listed}{more}无法判断。",
            self._hanging_documents(path),
        )

    def _open_point(self, path: str, hanging: list[str]) -> Finding:
        done = self.result.derived.conclude(path)
        if done.open is None:
            return self._about(
                UNDETERMINED, Level.UNDETERMINED, path, f"“{done.conclusion.title}”无法判断。", ()
            )
        basis = tuple(map(self.result.library.register.cite, done.basis))
        return Finding(
            UNDETERMINED,
            Level.UNDETERMINED,
            path,
            self.result.facts.placed.place("determinations"),
            f"“{done.conclusion.title}”存疑：{done.open}",
            f"在 determinations 中写明：conclusion: {path}、value、reason、by、on。",
            basis,
            documents=self._hanging_documents(path),
        )

    def _hanging_documents(self, path: str) -> tuple[str, ...]:
        return tuple(one.document.title for one in self.result.entries if path in one.needs)

    def _about(
        self, rule: str, level: Level, path: str, message: str, documents: tuple[str, ...]
    ) -> Finding:
        library = self.result.library
        declared = library.field(path)
        basis = tuple(map(library.register.cite, declared.basis)) if declared else ()
        return Finding(
            rule,
            level,
            path,
            self.result.facts.placed.place(path),
            message,
            declared.description if declared and declared.description else None,
            basis,
            documents=documents,
        )


def _check_determinations(result: Examination) -> list[Finding]:
    """What is wrong with counsel's own entries: incomplete, or about nothing known."""
    found: list[Finding] = []
    known: dict[str, tuple[str, list[str]]] = {
        "determinations": ("conclusion", list(result.library.conclusions)),
        "waivers": ("finding", list(result.library.rules)),
    }
    for section, (about, targets) in known.items():
        node = result.view.read(section)
        for item in node.items() if isinstance(node, Fact) else ():
            declared = result.library.schema.fields[f"{section}[]"]
            for key in declared.keys:
                part = item.child(key)
                place = result.facts.placed.place(part.path)
                if isinstance(part, Absent):
                    found.append(
                        Finding(
                            NEEDED,
                            Level.MISSING,
                            part.path,
                            place,
                            f"缺少“{result.view.title(part.path)}”。",
                            "结论、理由、认定人和日期都要写明，才会生效。",
                        )
                    )
                elif isinstance(part, Fact) and key == about and part.value not in targets:
                    listed = "、".join(targets[:6])
                    found.append(
                        Finding(
                            DETERMINATION,
                            Level.BLOCK,
                            part.path,
                            place,
                            f"没有“{part.value}”这一项。",
                            f"可写：{listed} 等。",
                        )
                    )
    return found


def _waived(findings: list[Finding], result: Examination) -> list[Finding]:
    from dataclasses import replace

    node = result.view.read("waivers")
    waivers: dict[str, Waiver] = {}
    for item in node.items() if isinstance(node, Fact) else ():
        parts = [item.child(key) for key in ("finding", "reason", "by", "on")]
        if all(isinstance(part, Fact) for part in parts):
            name, reason, by, on = (part.value for part in parts if isinstance(part, Fact))
            waivers[name] = Waiver(reason, by, on)
    return [
        replace(one, waiver=waivers[one.rule])
        if one.rule in waivers and one.rule not in (SCHEMA_RULE, NEEDED, UNDETERMINED)
        else one
        for one in findings
    ]


Progress = Callable[[str], None]


def nowhere(_: str) -> None:
    """Progress that nobody watches."""
