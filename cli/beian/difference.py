"""Two sets of facts side by side: what changed, which papers, what it calls forth, as text or JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from beian import assembly, changes, facts, pipeline, snapshots, triggers
from beian.changes import NOTHING, Change, Comparison, Struck
from beian.documents import Document
from beian.due_report import FORCES
from beian.facts import Facts
from beian.library import Library
from beian.manifest import content_digest
from beian.model import Value, Verdict
from beian.paths import generic, within
from beian.pipeline import Examination
from beian.render.dispatch import Renderer


@dataclass(frozen=True, slots=True)
class Difference:
    """What ``comparison`` says of the new facts, and the ids of the papers whose text differs."""

    new: Examination
    comparison: Comparison
    papers: dict[str, str]
    reads: dict[str, frozenset[str]]

    @property
    def calls(self) -> list[Struck]:
        """What is called for, or has to be decided by counsel."""
        return [one for one in self.comparison.struck if one.trigger.does != "nothing"]

    def effects(self, change: Change) -> list[Struck]:
        """What one change calls forth, itself or by the papers that read it."""
        papers = self.papers_of(change)
        return [
            one
            for one in self.comparison.struck
            if change in one.changes or any(name in papers for name in one.documents)
        ]

    def papers_of(self, change: Change) -> list[str]:
        """The changed papers that read a fact."""
        return [
            name for name in self.papers
            if any(within(read, change.generic) or within(change.generic, read)
                   for read in self.reads[name])
        ]  # fmt: skip


def load(place: str, library: Library) -> Facts:
    """The facts of a matter folder, a facts file, or a snapshot under filed/."""
    path = Path(place)
    if place != "-" and snapshots.is_snapshot(path):
        return snapshots.load(path, library.schema).facts
    return facts.load(place, library.schema)


def compare(old: Facts, new: Facts, library: Library, as_of: str, on: str) -> Difference:
    """Both sets judged and rendered for the day ``as_of``, so that only the facts make a difference.

    ``on`` is the day from which a period runs that no fact gives a day for.
    """
    after = pipeline.check(new, library, as_of)
    found = changes.compare(old.value, new.value, library.schema)
    papers = _papers(pipeline.check(old, library, as_of), after) if found else {}
    struck = changes.judge(found, library, after.view, on, papers)
    return Difference(
        after,
        Comparison(tuple(found), tuple(struck)),
        papers,
        {name: _reads(library.documents[name], library) for name in papers},
    )


def _papers(old: Examination, new: Examination) -> dict[str, str]:
    """The papers for others and those of the algorithm filing that changed: added, removed, changed."""
    before, after = _digests(old), _digests(new)
    found: dict[str, str] = {}
    for name in new.library.documents:
        was, is_now = before.get(name), after.get(name)
        if was != is_now:
            found[name] = "added" if was is None else "removed" if is_now is None else "changed"
    return found


def _digests(result: Examination) -> dict[str, list[str]]:
    """What each paper says, by its id; internal papers tell of all facts and are left out."""
    told = tuple(
        one.document.id
        for one in result.entries
        if one.verdict is not Verdict.FAILS
        and (one.document.audience != "internal" or one.document.family == "algorithm-filing")
    )
    found: dict[str, list[str]] = {name: [] for name in told}
    if told:
        made = assembly.build(result, draft=True, only=told)
        for path, owner in made.owners.items():
            found[owner].append(content_digest(made.files[path]))
    return found


def _reads(document: Document, library: Library) -> frozenset[str]:
    """The generic paths of the facts that a document reads, itself or through figures."""
    found: set[str] = set()
    waiting = [read.path for read, _ in Renderer(library).reads(document)]
    while waiting:
        path = generic(waiting.pop())
        if path in found or path.startswith("dossier."):
            continue
        field, item = library.field(path), library.field(f"{path}[]")
        # Going through a list reads no more of its items than what is read of each.
        if field is not None and not (item is not None and item.keys):
            found.add(path)
            waiting += field.inputs
    return frozenset(one for one in found if not one.startswith("derived."))


# --- in words ------------------------------------------------------------------------------------

def as_json(found: Difference) -> dict[str, Value]:
    """The difference as one JSON value; personal data is masked."""
    library, as_of = found.new.library, found.new.as_of
    return {
        "as_of": as_of,
        "changes": [
            {
                "path": change.path,
                "title": changes.title(change, library.schema),
                "change": _kind(change),
                "old": changes.text(change.old, change.path, library.schema),
                "new": changes.text(change.new, change.path, library.schema),
                "triggers": [one.trigger.id for one in found.effects(change)],
                "documents": found.papers_of(change),
            }
            for change in found.comparison.changes
        ],
        "triggers": [_trigger_json(one, library) for one in found.comparison.struck],
        "documents": [
            {"id": name, "title": library.documents[name].title, "change": kind}
            for name, kind in found.papers.items()
        ],
    }


def _kind(change: Change) -> str:
    return "added" if change.old is NOTHING else "removed" if change.new is NOTHING else "changed"


def _trigger_json(one: Struck, library: Library) -> dict[str, Value]:
    trigger = one.trigger
    return {
        "id": trigger.id,
        "title": trigger.title,
        "calls_for": trigger.does,
        "level": "owed" if trigger.owed else "review",
        "verdict": one.verdict.value,
        "needs": list(one.needs),
        "facts": [change.path for change in one.changes],
        "documents": list(one.documents),
        "reason": trigger.reason,
        "counted_from": {"day": one.start.isoformat(), "fact": one.start_path},
        "limits": [
            {
                "force": reached.limit.force,
                "words": reached.words,
                "last_day": reached.last.day.isoformat() if reached.last else None,
                "provisional": bool(reached.last and reached.last.provisional),
            }
            for reached in one.limits
        ],
        "same_version": one.same_version,
        "basis": [library.register.cite(ref).as_json() for ref in trigger.basis],
        "practice": trigger.practice,
        "certain": trigger.certain,
    }


def as_text(found: Difference) -> str:
    """The difference for people: each changed fact, then what is called for and by when."""
    library, compared = found.new.library, found.comparison
    if not compared.changes:
        return "两边的事实相同：没有变更，不引起任何手续。"
    lines = [f"有 {len(compared.changes)} 处事实改变："]
    for change in compared.changes:
        lines += _change_lines(change, found)
    lines.append("")
    if found.calls:
        lines.append(f"由此引起 {len(found.calls)} 项（按 {found.new.as_of} 的规定）：")
    else:
        lines.append("没有引起变更备案、新版本或者安全评估。")
    for one in found.calls:
        lines += _call_lines(one, library)
    if found.papers:
        words = {"added": "，新增", "removed": "，不再需要", "changed": ""}
        listed = "、".join(
            f"《{library.documents[name].title}》{words[kind]}" for name, kind in found.papers.items()
        )
        lines.append(f"\n内容改变的文书：{listed}")
    if any(one.trigger.does == "change_filing" for one in found.calls):
        lines.append(
            "下一步：在 filing_history.changes 中逐类填写变更日期和原因，"
            "再用 beian build 生成《变更备案说明》和更换后的材料，办理之日加 --filed 日期 留存。"
        )
    return "\n".join(lines)


def _change_lines(change: Change, found: Difference) -> list[str]:
    schema, library = found.new.library.schema, found.new.library
    old, new = (
        _short(changes.text(value, change.path, schema)) for value in (change.old, change.new)
    )
    said = {
        "added": f"新增：{new}" if change.path.endswith("]") else f"{old} → {new}",
        "removed": f"删去：{old}" if change.path.endswith("]") else f"{old} → {new}",
        "changed": f"{old} → {new}",
    }[_kind(change)]
    lines = [f"  {changes.title(change, schema)}（{change.path}）", f"    {said}"]
    effects = list(dict.fromkeys(
        f"{triggers.DOES[one.trigger.does]}"
        + ("" if one.trigger.does == "nothing" else f"“{one.trigger.title}”")
        + ("" if one.trigger.owed or one.trigger.does == "nothing" else "（复核）")
        for one in found.effects(change)
    ))  # fmt: skip
    lines.append(f"    引起  {'；'.join(effects) or '没有列入备案信息的变更事项'}")
    papers = [library.documents[name].title for name in found.papers_of(change)]
    if papers:
        lines.append(f"    文书  {'、'.join(f'《{one}》' for one in papers)}")
    return lines


def _call_lines(one: Struck, library: Library) -> list[str]:
    trigger = one.trigger
    level = "应当办理" if trigger.owed else "复核"
    lines = [f"  {triggers.DOES[trigger.does]}  {level}  {trigger.title}"]
    if one.verdict is Verdict.UNKNOWN:
        needs = "、".join(library.schema.title(path) if library.schema.field(path) else path
                         for path in one.needs)
        lines.append(f"    未定  是否适用取决于：{needs}")
    named = "、".join(
        [changes.title(change, library.schema) for change in one.changes[:4]]
        + [f"《{library.documents[name].title}》的文字" for name in one.documents]
    )
    more = f" 等 {len(one.changes)} 处" if len(one.changes) > 4 else ""
    lines.append(f"    事项  {named}{more}")
    lines.append(f"    理由  {trigger.reason}")
    lines += _limit_lines(one)
    if one.same_version and trigger.version:
        lines.append(
            f"    版本  文字已改，{library.schema.title(trigger.version)}（{trigger.version}）"
            "没有改变；填写新版本之后再计算期限"
        )
    cited = "；".join(str(library.register.cite(ref)) for ref in trigger.basis)
    practice = f"{trigger.practice}（备案实务，待核对）" if trigger.practice else ""
    mark = "" if trigger.certain or practice else "（事项的范围待核对）"
    lines.append(f"    依据  {'；'.join(filter(None, (cited, practice)))}{mark}")
    return lines


def _limit_lines(one: Struck) -> list[str]:
    """By when; where the facts do not state the day of the change, it says what it counted from."""
    lines = []
    for reached in one.limits:
        force = FORCES[reached.limit.force]
        words = f"{force}：{reached.words}{'' if reached.limit.certain else ' 待核对'}"
        if reached.last is None:
            lines.append(f"    期限  {words}")
            continue
        provisional = "；该年放假安排尚未公布" if reached.last.provisional else ""
        origin = (
            f"{one.start_path} 为 {one.start}" if one.start_path else f"事实未填变更之日，按 {one.start} 计算"
        )
        lines.append(f"    期限  {reached.last.day}（{words}；{origin}{provisional}）")
    return lines


def _short(said: str, longest: int = 60) -> str:
    return said if len(said) <= longest else said[: longest - 1] + "…"
