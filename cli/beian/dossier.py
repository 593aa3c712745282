"""Which documents a matter owes on a day, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from beian import conditions
from beian.derive import Derived
from beian.documents import Document
from beian.laws import Register
from beian.model import Value, Verdict
from beian.printing import value_text
from beian.schema import Field
from beian.view import Fact, View


@dataclass(slots=True)
class Entry:
    """One document of the plan.

    ``because`` tells why in Chinese; ``reasons`` are the stated facts relied on, by path; ``needs``
    the absent facts that leave it open; ``missing`` maps each absent fact that the document itself
    reads to the sections that read it.
    """

    document: Document
    verdict: Verdict
    because: str
    reasons: tuple[str, ...]
    needs: tuple[str, ...]
    missing: dict[str, dict[str, None]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        if self.verdict is Verdict.FAILS:
            return "excluded"
        if self.verdict is Verdict.UNKNOWN:
            return "undetermined"
        if not self.document.formats:
            return "separate"
        return "incomplete" if self.missing else "ready"

    def as_json(self) -> dict[str, Value]:
        return {
            "id": self.document.id,
            "title": self.document.title,
            "family": self.document.family,
            "state": self.state,
            "because": self.because,
            "facts": list(self.reasons),
            "missing": list(self.missing),
            "undecided": list(self.needs),
        }


def plan(
    documents: dict[str, Document], view: View, derived: Derived, register: Register, as_of: str
) -> list[Entry]:
    """Every document that exists on the day, with whether it is owed, in order of its family."""
    entries = []
    for document in documents.values():
        if not document.covers(as_of):
            continue
        outcome = conditions.judge(document.when, view)
        because, facts = reasons(outcome.because, view, derived, register)
        if outcome.verdict is Verdict.UNKNOWN:
            titles = "、".join(dict.fromkeys(map(view.title, outcome.needs)))
            because = f"取决于：{titles}。"
        elif document.when is None:
            because = "每次申报都需要。"
        entries.append(Entry(document, outcome.verdict, because, facts, outcome.needs))
    order = {
        "overview": 0,
        "algorithm-filing": 1,
        "launch-filing": 2,
        "opinion-assessment": 3,
        "agreement": 4,
        "disclosure": 5,
    }
    entries.sort(key=lambda one: (order.get(one.document.family, 9), one.document.id))
    return entries


def as_value(
    entries: list[Entry],
    files: dict[str, list[str]],
    view: View,
    as_of: str,
    further: dict[str, Value],
) -> Value:
    """The plan as internal papers read it under ``dossier``, with what ``further`` adds."""
    signatures = [
        {
            "document": one.document.title,
            "capacity": row["capacity"],
            "signer": _stated(view, row["signer"]),
            "manner": row["manner"],
        }
        for one in entries
        if one.verdict is not Verdict.FAILS
        for row in one.document.signatures
    ]
    return {
        "as_of": as_of,
        "documents": [
            {
                "id": one.document.id,
                "title": one.document.title,
                "family": one.document.family,
                "audience": one.document.audience,
                "official_form": one.document.official_form,
                "state": one.state,
                "because": one.because,
                "files": files.get(one.document.id) or None,
                "missing": list(one.missing) or None,
            }
            for one in entries
        ],
        "signatures": signatures or None,
        **further,
    }


def _stated(view: View, path: str) -> Value:
    node = view.read(path)
    return node.value if isinstance(node, Fact) else None


def reasons(
    because: tuple[tuple[str, Value], ...], view: View, derived: Derived, register: Register
) -> tuple[str, tuple[str, ...]]:
    """Why a condition says what it says: words with citations, and the stated facts relied on."""
    words: list[str] = []
    facts: list[str] = []
    for path, value in because:
        if path in derived.conclusions:
            more, behind = explain(path, derived, register)
            words.append(more)
            facts.extend(behind)
        else:
            words.append(f"{view.title(path)}{_told(value, view.field(path))}。")
            facts.extend(_stated_behind(path, derived))
    return "".join(words), tuple(dict.fromkeys(facts))


def _told(value: Value, field: Field | None) -> str:
    """A value at the end of a reason; of a list of groups, how many there are."""
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return f"有{len(value)}项"
    return f"为{value_text(value, field)}"


def explain(path: str, derived: Derived, register: Register) -> tuple[str, list[str]]:
    """Why a conclusion is what it is: words with citations, and the stated facts relied on."""
    done = derived.conclude(path)
    cited = "、".join(str(register.cite(one)) for one in done.basis)
    words = done.because + (f"（{cited}）" if cited else "")
    if done.determined:
        words = f"律师认定：{words}"
    facts: list[str] = []
    for read, _ in done.facts:
        if read in derived.conclusions:
            facts.extend(explain(read, derived, register)[1])
        else:
            facts.extend(_stated_behind(read, derived))
    return words, facts


def _stated_behind(path: str, derived: Derived) -> list[str]:
    """The stated facts that a figure is made of; a stated fact itself."""
    field = derived.schema.field(path) if path.startswith("derived.") else None
    return [one for one in field.inputs if "[]" not in one] if field is not None else [path]
