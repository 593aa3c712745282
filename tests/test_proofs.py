"""The list of proofs: every statement that cites evidence, its file, its sum, its state."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import openpyxl

from beian import assembly, facts, paths, pipeline, proofs
from beian.library import Library
from beian.model import Value
from beian.render import word
from conftest import AS_OF, SAMPLES


def rows(library: Library, changes: dict[str, Value]) -> list[dict[str, Value]]:
    matter = facts.load(SAMPLES / "chat-assistant", library.schema)
    value = matter.value
    for path, new in changes.items():
        value = paths.with_value(value, paths.parse(path), new)
    result = pipeline.check(facts.from_value(value, library.schema), library, AS_OF)
    made: Any = proofs.as_value(result.view, matter.attachment)
    return list(made)


def row(made: list[dict[str, Value]], source: str) -> dict[str, Value]:
    [found] = [one for one in made if one["source"] == source]
    return found


def test_each_statement_stands_with_its_file_and_the_sum_of_it(library: Library) -> None:
    made = rows(library, {})
    label = row(made, "labels[0].evidence")
    file = SAMPLES / "chat-assistant" / "evidence" / "text-label.png"
    assert label["file"] == "evidence/text-label.png"
    assert label["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (label["status"], label["state"]) == ("已实施", "ready")
    assert str(row(made, "measures.input_review[0].evidence")["statement"]).endswith("：输入关键词审核")
    cited = {path for path, _ in paths.leaves(facts.load(
        SAMPLES / "chat-assistant", library.schema).value) if path.endswith(".evidence")}
    assert cited <= {one["source"] for one in made}


def test_what_is_missing_is_told_apart(library: Library) -> None:
    made = rows(library, {
        "labels[0].evidence": None,
        "measures.input_review[0].evidence": "nobody-registered-this",
        "evidence[0].file": "evidence/nowhere.png",
    })
    assert row(made, "labels[0].evidence")["state"] == "none"
    assert row(made, "measures.input_review[0].evidence")["state"] == "unregistered"
    assert row(made, "minors.barrier.evidence")["state"] == "missing"


def test_evidence_that_nothing_cites_is_listed_too(library: Library) -> None:
    more = [*facts.load(SAMPLES / "chat-assistant", library.schema).value["evidence"],
            {"id": "spare", "title": "备用", "file": "evidence/spare.txt", "obtained_on": "2026-11-01"}]
    [spare] = [one for one in rows(library, {"evidence": more}) if one["evidence"] == "spare"]
    assert (spare["statement"], spare["state"]) == ("（没有措施引用）", "missing")


def test_the_workbook_has_a_row_for_each(library: Library) -> None:
    matter = facts.load(SAMPLES / "chat-assistant", library.schema)
    result = pipeline.check(matter, library, AS_OF)
    files = assembly.build(result, only=("evidence-checklist",)).files
    sheet = openpyxl.load_workbook(io.BytesIO(files["internal/截图与佐证清单.xlsx"])).active
    assert sheet is not None and sheet.max_row == 2 + len(rows(library, {}))
    states = {one[7] for one in sheet.iter_rows(min_row=3, values_only=True)}
    assert states <= {"齐备", "没有佐证"}


def test_papers_cite_evidence_by_its_number_in_the_list(library: Library) -> None:
    matter = pipeline.load(SAMPLES / "chat-assistant", library)
    made = assembly.build(pipeline.check(matter, library, AS_OF), only=("security-assessment",))
    [content] = [one for name, one in made.files.items()
                 if name.startswith("submission/") and name.endswith(".docx")]
    lines = list(word.text_of(content))
    listed = lines[lines.index("表14　证据清单"):]
    for number, item in enumerate(matter.value["evidence"], 1):
        assert listed[listed.index(f"证据{number}") + 1] == item["title"]
        assert not any(re.search(rf"(?<![\w/-]){item['id']}(?![\w.-])", line) for line in lines)
    cited = matter.value["labels"][0]["evidence"]
    number = [one["id"] for one in matter.value["evidence"]].index(cited) + 1
    assert any(f"佐证：证据{number}" in line or line == f"证据{number}" for line in lines)
