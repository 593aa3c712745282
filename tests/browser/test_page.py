"""Published pages: no accessibility violation in a real browser, wide and narrow, light and dark."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from beian import assembly, pipeline
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES

pytestmark = pytest.mark.browser

TOOLS = Path(os.environ.get("BEIAN_SMOKE_TOOLS", ROOT / "build" / "smoke"))


def test_pages_have_no_accessibility_violation(library: Library, tmp_path: Path) -> None:
    pages = []
    for name, matter, draft in (("final", SAMPLES / "chat-assistant", False),
                                ("draft", ROOT / "tests/cases/three-answers", True)):
        result = pipeline.check(pipeline.load(matter, library), library, AS_OF)
        for path, content in assembly.build(result, draft=draft).files.items():
            if path.endswith(".html"):
                page = tmp_path / f"{name}-{len(pages)}.html"
                page.write_bytes(content)
                pages.append(str(page))
    assert len(pages) >= 2
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(
        [node, str(ROOT / "tests/browser/axe.mjs"), *pages], capture_output=True, text=True,
        cwd=TOOLS / "browser", timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
