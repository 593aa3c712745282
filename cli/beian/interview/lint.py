"""What is wrong with the questions themselves: no label, no help, no reader, no way to get there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from beian import conditions, pair, paths
from beian.interview.question import kind_of, roles, who
from beian.library import Library
from beian.render.dispatch import Renderer
from beian.schema import Field

#: Counsel's own entries: the pipeline reads them, and nobody is asked for them.
COUNSEL = ("determinations", "waivers")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a question: the generic path of the field, and what is wrong with it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}  {self.message}"


def faults(library: Library, as_of: str) -> list[Fault]:
    """Every fault of the questions that can be asked on a day or later, in question order."""
    reads = read_paths(library, as_of)
    signers = {
        row["signer"] for document in library.documents.values() for row in document.signatures
    }
    found: list[Fault] = []
    for path, field in library.schema.fields.items():
        if _section(path) in COUNSEL or path.endswith("[]"):
            continue
        found += (Fault(path, message) for message in _words(field, library))
        if not _asked(field, library):
            continue
        if kind_of(field, library.schema) is None:
            found.append(Fault(path, "没有哪一种提问方式适合这种值，永远问不到。"))
        elif path not in reads and path in signers:
            found.append(Fault(path, "只在签章表中用作签署人，缺了不会提问，永远问不到。"))
        elif path not in reads:
            found.append(Fault(path, "没有检查项、结论、期限或者文书读取，问了也没有用处。"))
    return found


def read_paths(library: Library, as_of: str) -> set[str]:
    """The generic paths whose absence rules, conclusions, figures, deadlines or documents miss from a day on."""
    reads: set[str] = set()
    for rule in library.rules.values():
        for version in rule.versions:
            if version.until is None or version.until >= as_of:
                reads.update([rule.each] if rule.each else [])
                reads.update(conditions.reads(version.when, rule.each))
                reads.update(conditions.reads(version.must, rule.each))
    for conclusion in library.conclusions.values():
        for decision in conclusion.decisions:
            if decision.until is None or decision.until >= as_of:
                for case in decision.cases:
                    reads.update(conditions.reads(case.when))
    for deadline in library.deadlines.values():
        reads.update(deadline.reads())
    for duty in library.duties.values():
        if duty.until is None or duty.until >= as_of:
            reads.update(library.reads_of(duty))
    renderer = Renderer(library)
    for document in library.documents.values():
        if document.until is None or document.until >= as_of:
            reads.update(conditions.reads(document.when))
            reads.update(paths.generic(read.path) for read, _ in renderer.reads(document))
    for path in [one for one in reads if one.startswith("derived.")]:
        field = library.derived_schema.field(path)
        reads.update(map(paths.generic, field.inputs if field is not None else ()))
    reads.update([pair.stated_path(path, library.schema) for path in reads])  # the second filing reads its own
    # Whoever reads a part has gone through the list or the group.
    for path in [*reads]:
        reads.update(path[:at] for at in range(len(path)) if path[at] in ".[")
    return reads


def _words(field: Field, library: Library) -> Iterator[str]:
    if not field.title:
        yield "没有中文题目。"
    if not field.title_en:
        yield "没有英文题目。"
    if not field.description:
        yield "没有填写说明。"
    for code, title in (field.choices or {}).items():
        if not title:
            yield f"选项 {code} 没有中文名称。"
        elif code is not None and code not in field.choices_en:
            yield f"选项 {code} 没有英文名称。"
    named = who(field, library.schema)
    if named is None:
        yield "没有写明由谁回答（x-who）。"
    elif named not in roles(library.schema):
        yield f"回答人 {named} 没有在 x-roles 中说明。"
    for one in field.schema.get("x-suggest", ()):
        item = field.path.rpartition(".")[0]
        wanted = [one["fact"], *conditions.reads(one.get("when"), item.removesuffix("[]"))]
        for path in wanted:
            known = item + path[4:] if conditions.is_item(path) else path
            if library.field(paths.generic(known)) is None:
                yield f"建议的来源 {path} 不是已声明的事实。"


def _asked(field: Field, library: Library) -> bool:
    """Whether anybody would be asked: groups that are always there ask only through their parts."""
    if field.kind != "object":
        return True
    return "null" in field.schema.get("type", ())


def _section(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
