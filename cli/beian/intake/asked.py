"""Which questions a workbook asks for some documents, and which of them are needed now."""

from __future__ import annotations

from collections.abc import Callable, Collection

from beian import conditions, paths
from beian.errors import BeianError
from beian.interview.lint import COUNSEL
from beian.library import Library
from beian.needs import NEEDED, UNDETERMINED
from beian.pipeline import Examination
from beian.render.dispatch import Renderer


def questions_for(
    names: Collection[str], library: Library, *, client: bool = False
) -> Callable[[str], bool]:
    """Whether a question is read by the named documents (none named: every question is asked).

    For a ``client``, what counsel writes is left out. BeianError for an unknown document.
    """
    if not names:
        return lambda path: not (client and _is_counsels(path))
    reads: set[str] = set()
    renderer = Renderer(library)
    for name in names:
        document = library.documents.get(name)
        if document is None:
            raise BeianError(
                f"没有“{name}”这份文书。", hint=f"可写：{'、'.join(library.documents)}。"
            )
        reads.update(conditions.reads(document.when))
        reads.update(paths.generic(read.path) for read, _ in renderer.reads(document))
        reads.update(row["signer"] for row in document.signatures)
    reads = _inputs(reads, library)

    def wanted(path: str) -> bool:
        if client and _is_counsels(path):
            return False
        if path in reads:
            return True
        above = paths.parent(path.removesuffix("[]"))
        return above in reads and not any(one.startswith(f"{above}.") for one in reads)

    return wanted


def needed_now(result: Examination, names: Collection[str] = ()) -> set[str]:
    """The absent facts that rules and the named documents (none named: all) need now."""
    elsewhere = result.elsewhere(names)
    return {
        one.path
        for one in result.findings
        if one.rule in (NEEDED, UNDETERMINED) and one.path not in elsewhere
    }


def _is_counsels(path: str) -> bool:
    return str(paths.parse(path.replace("[]", ""))[0]) in COUNSEL


def _inputs(reads: set[str], library: Library) -> set[str]:
    """The facts read, those behind figures and conclusions included."""
    known: set[str] = set()
    waiting = set(reads)
    while waiting:
        path = waiting.pop()
        if path in known:
            continue
        known.add(path)
        field = library.derived_schema.field(path) if path.startswith("derived.") else None
        if field is not None:
            waiting.update(map(paths.generic, field.inputs))
        conclusion = library.conclusions.get(path)
        for decision in conclusion.decisions if conclusion is not None else ():
            for case in decision.cases:
                waiting.update(conditions.reads(case.when))
    return known
