"""Published pages: no accessibility violation in a real browser, wide and narrow, light and dark."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from beian import assembly, paths, pipeline
from beian import facts as facts_file
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES

pytestmark = pytest.mark.browser

#: What makes every page owed and turns most of their conditions.
OPENED: dict[str, Any] = {
    "minors.access": "with_guardian",
    "minors.protection_paragraphs": ["每日使用不超过一小时。"],
    "minors.annual_statement_url": None,
    "agreement.guardian_consent_steps": ["监护人扫码"],
    "agreement.api": {"offered": True, "takedown_hours": 2},
    "agreement.enterprise": {
        "offered": True, "admin_access": None, "training_use": False, "data_returned_days": 30},
    "personal_information.items[0].sensitive_kind": "biometric",
    "personal_information.items[0].necessity": "不采集就不能换脸",
    "personal_information.items[0].separate_consent": True,
}
TOOLS = Path(os.environ.get("BEIAN_SMOKE_TOOLS", ROOT / "build" / "smoke"))


def test_pages_have_no_accessibility_violation(library: Library, tmp_path: Path) -> None:
    pages, seen = [], set()
    for name, matter, draft in (("final", SAMPLES / "chat-assistant", False),
                                ("open", SAMPLES / "chat-assistant", True),
                                ("draft", ROOT / "tests/cases/three-answers", True)):
        facts = pipeline.load(matter, library)
        value: Any = facts.value
        for path, new in OPENED.items() if name == "open" else ():
            value = paths.with_value(value, paths.parse(path), new)
        if name == "open":
            facts = facts_file.from_value(value, library.schema)
        result = pipeline.check(facts, library, AS_OF)
        made = assembly.build(result, draft=draft)
        for path, content in made.files.items():
            if path.endswith(".html"):
                page = tmp_path / f"{name}-{len(pages)}.html"
                page.write_bytes(content)
                pages.append(str(page))
                seen.add((name, made.owners[path]))
    having = {one.id for one in library.documents.values() if "html" in one.formats}
    assert {document for name, document in seen if name == "open"} == having
    assert {name for name, _ in seen} == {"final", "open", "draft"}
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, str(ROOT / "tests/browser/axe.mjs"), *pages], capture_output=True, text=True,
        cwd=TOOLS / "browser", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
