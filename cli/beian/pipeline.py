"""The flow on one screen: load, validate, derive, judge, plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from beian import (
    advice,
    changes,
    compliance,
    determinations,
    dossier,
    pair,
    paths,
    rules,
    snapshots,
)
from beian import facts as facts_file
from beian.annexes import shown
from beian.annexes.counting import counting
from beian.changes import Comparison
from beian.compliance import Judged
from beian.derive import Derived
from beian.dossier import Entry
from beian.facts import Facts
from beian.library import Library
from beian.model import Finding, Level, Place, Value, Verdict
from beian.needs import Needs
from beian.render.dispatch import Renderer
from beian.shelf import cache_folder
from beian.view import View


@dataclass(slots=True)
class Examination:
    """A matter judged for one day: what is wrong or missing, what is owed, what is to be made."""

    facts: Facts
    as_of: str
    library: Library
    view: View
    derived: Derived
    entries: list[Entry]
    needs: Needs
    duties: list[Judged]
    compared: Comparison | None
    findings: list[Finding]
    #: The same matter as its second filing sees it, where the capability is filed in both roles.
    second: Examination | None = None

    @property
    def stops(self) -> bool:
        """Whether anything keeps a final dossier from being written."""
        return self.stops_for(())

    def stops_for(self, only: Collection[str]) -> bool:
        """Whether anything keeps the named documents (none named: all) from being written.

        What is missing in other documents alone does not.
        """
        elsewhere = self.elsewhere(only)
        return any(
            one.stops and (one.level is Level.BLOCK or one.path not in elsewhere)
            for one in self.findings
        )

    def elsewhere(self, only: Collection[str]) -> set[str]:
        """The absent facts that only documents other than the named ones (none named: all) need."""
        wanted: set[str] = set()
        others: set[str] = set()
        for entry in self.entries if only else ():
            named = wanted if entry.document.id in only else others
            named.update(entry.missing, entry.needs)
        return others - wanted


def load(matter: str | Path, library: Library, settings: tuple[str, ...] = ()) -> Facts:
    """The facts of a matter (a folder, a file, or ``-``)."""
    return facts_file.load(matter, library.schema, settings)


def check(
    facts: Facts,
    library: Library,
    as_of: str,
    reads: set[str] | None = None,
    wrong: list[Finding] | None = None,
    *,
    is_second: bool = False,
) -> Examination:
    """Judges the facts for the day ``as_of`` (YYYY-MM-DD) and plans the dossier.

    ``reads``, where given, collects the path of every stated fact that was looked at; ``wrong``
    says what the schema finds, where the caller has asked it already; ``is_second`` that these are
    the facts as the second filing of a pair sees them.
    """
    if wrong is None:
        wrong = library.schema.check(facts.placed)
    usable = _without(facts.value, wrong)
    annexes = counting(facts.attachment, library.catalogue, library.counted, cache_folder())
    derived = Derived(
        library.derived_schema,
        library.conclusions,
        as_of,
        facts.files,
        annexes,
        library.requirements,
    )
    view = View(usable, library.schema, derived, reads=reads)
    derived.view = view
    judged = rules.judge(library.rules, view, as_of, library.register, facts.placed.place)
    entries = dossier.plan(library.documents, view, derived, library.register, as_of)
    duties = compliance.judge(
        library.duties.values(), view, derived, library.register, as_of
    )
    compared = _since_filed(facts, usable, library, view, as_of, is_second)
    _record_needs(entries, duties, compared, library, view, derived, as_of)
    twin = None if is_second else pair.counterpart(facts, library.schema)
    second = check(twin, library, as_of, is_second=True) if twin is not None else None
    if second is not None:
        _join_needs(entries, second, library)
    needs = Needs(library, view, derived, entries, judged, duties, as_of, facts.placed.place)
    told = changes.findings(compared, view, library, facts.placed.place)
    if is_second and compared is None:
        told = iter(())  # the second filing is new
    findings = [
        *_no_law(entries, library, as_of, facts),
        *wrong,
        *determinations.check(view, library, facts.placed.place),
        *judged.findings,
        *told,
        *needs.findings({finding.path for finding in wrong}),
    ]
    if second is not None:
        findings += _of_second(second, findings, facts, library)
    order = list(Level)
    findings.sort(key=lambda one: order.index(one.level))
    return Examination(
        facts, as_of, library, view, derived, entries, needs, duties, compared,
        determinations.waive(findings, view), second,
    )


def _join_needs(entries: list[Entry], second: Examination, library: Library) -> None:
    """What only the second filing lacks is lacking in the matter."""
    for entry, other in zip(entries, second.entries, strict=True):
        if entry.document.per_filing:
            for path, sections in other.missing.items():
                entry.missing.setdefault(pair.stated_path(path, library.schema), sections)


def _of_second(
    second: Examination, own: list[Finding], facts: Facts, library: Library
) -> Iterator[Finding]:
    """What is found in the second filing alone, told with the place where it is stated."""
    known = {(finding.rule, finding.path) for finding in own}
    for finding in second.findings:
        path = pair.stated_path(finding.path, library.schema)
        if (finding.rule, path) not in known:
            words = f"另一角色的备案：{finding.message}"
            place = facts.placed.place(path)
            yield replace(finding, path=path, place=place, message=words, waiver=None)


def _since_filed(
    facts: Facts,
    usable: dict[str, Value],
    library: Library,
    view: View,
    as_of: str,
    is_second: bool,
) -> Comparison | None:
    """What changed since the last snapshot up to the day; None when nothing was kept."""
    kept = snapshots.latest(facts.folder, as_of, library.schema) if facts.folder else None
    filed = kept.facts if kept is not None else None
    if filed is not None and is_second:
        filed = pair.counterpart(filed, library.schema)
    if kept is None or filed is None:
        return None
    found = [  # each filing of a pair is compared with itself
        one
        for one in changes.compare(filed.value, usable, library.schema)
        if not paths.within(one.path, pair.COUNTERPART)
    ]
    struck = changes.judge(found, library, view, as_of)
    return Comparison(tuple(found), tuple(struck), kept.filed_on, kept.intact)


def _no_law(entries: list[Entry], library: Library, as_of: str, facts: Facts) -> Iterator[Finding]:
    """On a day before all law there is nothing to make, which is no reason to be content."""
    if not entries:
        first = min(one.since for one in library.documents.values())
        yield Finding(
            rule="as-of",
            level=Level.BLOCK,
            path="",
            place=Place(facts.placed.place("").file),
            message=f"申报日 {as_of} 没有任何适用的文书（最早自 {first} 起）。",
            hint="核对 --as-of 的年份。",
        )


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


def _record_needs(
    entries: list[Entry],
    duties: list[Judged],
    compared: Comparison | None,
    library: Library,
    view: View,
    derived: Derived,
    as_of: str,
) -> None:
    renderer = Renderer(library)
    # A calendar shows what is not known; nothing has to be known for it.
    told = advice.advise(library, view, derived, as_of)
    further = {
        "calendar": None,
        "proofs": None,
        "advice": told,
        "changes": changes.as_value(compared, view, library.schema),
        "lists": shown.as_value(library.rules.values(), view, as_of),
        **compliance.as_value(duties, entries, library, as_of),
    }
    unshown = [one for one in compliance.waiting(duties) if one not in library.conclusions]
    for entry in entries:
        if entry.verdict is Verdict.HOLDS:
            value = dossier.as_value(entries, {}, view, as_of, further)
            entry.missing = renderer.missing(entry.document, view, value)
            for section in renderer.sections(entry.document, "dossier.duties") if unshown else ():
                for path in unshown:
                    entry.missing.setdefault(path, {section: None})
