"""Every statement of a matter that cites evidence, with the file that proves it and its state."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from beian import paths
from beian.model import Value
from beian.printing import value_text
from beian.view import Fact, View

#: What an item is called by, in the order of preference.
_NAMES = ("name", "title", "kind", "modality", "requirement", "risk")


def as_value(view: View, attachment: Callable[[str], bytes | None]) -> Value:
    """The proofs as internal papers read them; ``attachment`` gives what lies under a name."""
    return list(_proofs(view, attachment)) or None


def _proofs(
    view: View, attachment: Callable[[str], bytes | None]
) -> Iterator[dict[str, Value]]:
    known = _known(view)
    cited: set[Value] = set()
    for path, evidence in paths.leaves(view.facts):
        if not path.endswith(".evidence"):
            continue
        cited.add(evidence)
        yield {
            "statement": _statement(view, path.removesuffix(".evidence")),
            "status": _state(view, path.removesuffix(".evidence")),
            "source": path,
            **_file(evidence, known, attachment),
        }
    for name in known:
        if name not in cited:
            yield {
                "statement": "（没有措施引用）",
                "status": None,
                "source": known[name].path,
                **_file(name, known, attachment),
            }


def _known(view: View) -> dict[Value, Fact]:
    """The registered evidence by its id."""
    node = view.read("evidence")
    found: dict[Value, Fact] = {}
    for item in node.items() if isinstance(node, Fact) else ():
        name = item.child("id")
        if isinstance(item, Fact) and isinstance(name, Fact):
            found[name.value] = item
    return found


def _statement(view: View, path: str) -> str:
    """What is proved: the title of the item and what it is called by."""
    named = (_text(view, f"{path}.{key}") for key in _NAMES)
    name = next((one for one in named if one), None)
    title = view.title(path)
    return f"{title}：{name}" if name else title


def _state(view: View, path: str) -> str | None:
    """Whether the measure is taken, or what the assessment found."""
    return _text(view, f"{path}.status") or _text(view, f"{path}.result")


def _text(view: View, path: str) -> str | None:
    if view.field(path) is None:
        return None
    node = view.read(path)
    if not isinstance(node, Fact) or node.value is None:
        return None
    return value_text(node.value, node.field)


def _file(
    evidence: str | None, known: dict[Value, Fact], attachment: Callable[[str], bytes | None]
) -> dict[str, Value]:
    row: dict[str, Value] = dict.fromkeys(("evidence", "title", "file", "obtained_on", "sha256"))
    row["evidence"] = evidence
    if evidence is None:
        return {**row, "state": "none"}
    if evidence not in known:
        return {**row, "state": "unregistered"}
    for key in ("title", "file", "obtained_on"):
        part = known[evidence].child(key)
        row[key] = part.value if isinstance(part, Fact) else None
    content = attachment(row["file"]) if row["file"] else None
    if content is None:
        return {**row, "state": "missing"}
    return {**row, "sha256": hashlib.sha256(content).hexdigest(), "state": "ready"}
