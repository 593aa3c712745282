"""Cases are files: facts.yaml beside expected.json. Adding a case adds no Python.

``BEIAN_FIX=1`` writes what came out; read it before committing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from beian import assembly, clauses, pipeline
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES, Ran

FOLDERS = sorted(
    one.parent for root in (SAMPLES, ROOT / "tests" / "cases") for one in root.glob("*/facts.yaml"))


def outcome(result: pipeline.Examination) -> dict[str, Any]:
    """What a case fixes: findings by rule, level and path; documents by id and state."""
    return {
        "as_of": result.as_of,
        "stops": result.stops,
        "findings": [
            {"rule": one.rule, "level": one.level.value, "path": one.path,
             **({"waived": True} if one.waiver else {}),
             "message": one.message}
            for one in result.findings
        ],
        "documents": {one.document.id: one.state for one in result.entries},
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_case_comes_out_as_expected(folder: Path, library: Library) -> None:
    file = folder / "expected.json"
    expected = json.loads(file.read_text("utf-8")) if file.exists() else {}
    facts = pipeline.load(folder, library)
    made = outcome(pipeline.check(facts, library, expected.get("as_of", AS_OF)))
    if os.environ.get("BEIAN_FIX"):
        file.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", "utf-8")
        expected = made
    assert made == expected


def test_the_clauses_of_each_sample_come_out_as_expected(library: Library) -> None:
    """The matrix of samples and clauses, as read back from the drafts of their papers."""
    file = ROOT / "tests" / "golden" / "clauses.json"
    catalogue = list(clauses.load(library.house).values())
    made: dict[str, dict[str, str]] = {}
    for folder in (one for one in FOLDERS if one.parent == SAMPLES):
        result = pipeline.check(pipeline.load(folder, library), library, AS_OF)
        states = {one.document.id: one.state for one in result.entries}
        made[folder.name] = {}
        for document in sorted({one.document for one in catalogue}):
            if states[document] == "excluded":
                continue
            files = assembly.build(result, draft=True, only=(document,)).files
            found = clauses.articles(next(one for path, one in files.items() if path.endswith(".docx")))
            made[folder.name][document] = " ".join(
                one.id for one in catalogue
                if one.document == document and set(one.anchors) <= set(found))
    if os.environ.get("BEIAN_FIX"):
        file.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", "utf-8")
    assert made == json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_command_line_says_the_same(folder: Path, beian: Callable[..., Ran]) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    ran = beian("check", str(folder), "--as-of", expected["as_of"], "--json")
    said = json.loads(ran.out)
    assert ran.code == int(expected["stops"])
    assert [(one["rule"], one["path"]) for one in said["findings"]] == [
        (one["rule"], one["path"]) for one in expected["findings"]]
    assert {one["id"]: one["state"] for one in said["documents"]} == expected["documents"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_draft_of_any_case_is_written_with_marks(
    folder: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    ran = beian("build", str(folder), "-o", "out", "--draft", "--as-of", expected["as_of"])
    assert ran.code == int(expected["stops"])
    made = {one.name for one in (tmp_path / "out").iterdir()}
    assert made <= {"working", "internal"}
    assert "internal" in made


def test_the_same_facts_are_judged_by_the_law_of_the_day(library: Library) -> None:
    facts = pipeline.load(SAMPLES / "chat-assistant", library)
    states = {}
    for day in ("2022-02-28", "2023-08-14", "2023-08-15"):
        result = pipeline.check(facts, library, day)
        states[day] = {one.document.id: one.state for one in result.entries}
    assert states["2022-02-28"] == {}
    [finding] = [one for one in pipeline.check(facts, library, "2022-02-28").findings if one.stops]
    assert "没有任何适用的文书（最早自 2022-03-01 起）" in finding.message
    assert "service-disclosure" not in states["2023-08-14"]
    assert states["2023-08-14"]["algorithm-publication"] == "ready"
    assert states["2023-08-15"]["service-disclosure"] == "ready"
