"""The stamp of a workbook: which tool, schema, day and facts it was made of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import beian
from beian import facts as facts_file
from beian.errors import BeianError
from beian.intake.answers import Digests
from beian.model import Place, Value
from beian.schema import Schema

#: The hidden sheet and the word in its first cell by which our workbooks are known.
SHEET, TOOL = "beian", "beian intake"
#: How the workbook is laid out; another number cannot be read by this version.
FORM = 1
_CHUNK = 30000


@dataclass(frozen=True, slots=True)
class Stamp:
    """``schema`` and ``facts`` are digests; ``base`` tells each answer as it was at export."""

    form: int
    version: str
    schema: str
    day: str
    facts: str
    lang: str
    documents: tuple[str, ...]
    base: Digests

    def cells(self) -> list[str]:
        """The stamp as the texts of one column."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return [TOOL, *(text[at : at + _CHUNK] for at in range(0, len(text), _CHUNK))]


def make(
    value: Value, schema: Schema, base: Digests, *, day: str, lang: str, documents: tuple[str, ...]
) -> Stamp:
    """The stamp of a workbook made today of these facts."""
    return Stamp(
        form=FORM,
        version=beian.__version__,
        schema=schema_digest(schema),
        day=day,
        facts=facts_digest(value),
        lang=lang,
        documents=documents,
        base=base,
    )


def read(cells: list[str], file: str) -> Stamp:
    """The stamp in the hidden column; BeianError when this version cannot read such a workbook."""
    try:
        found = json.loads("".join(cells[1:]))
        if found["form"] != FORM:
            raise BeianError(
                f"工作簿由 beian {found['version']} 导出，版式与本版（{beian.__version__}）不同。",
                place=Place(file),
                hint="用导出它的版本读入，或者升级后重新导出、把答案粘贴过去。",
            )
        found["documents"] = tuple(found["documents"])
        stamp = Stamp(**found)
        if not isinstance(stamp.base, dict):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise BeianError(
            "工作簿的版本标记已损坏，无法核对它从哪些事实导出。",
            place=Place(file),
            hint="重新导出工作簿，再把答案粘贴过去。",
        ) from None
    return stamp


def facts_digest(value: Value) -> str:
    """Tells whether two sets of facts are the same."""
    return hashlib.sha256(facts_file.canonical(value)).hexdigest()[:16]


def schema_digest(schema: Schema) -> str:
    """Tells whether two versions ask the same questions."""
    return hashlib.sha256(facts_file.canonical(schema.resolved)).hexdigest()[:16]
