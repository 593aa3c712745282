"""Fixtures that many tests share: the data, the sample, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from beian import facts as facts_file
from beian import pipeline
from beian.facts import Facts
from beian.library import Library
from beian.pipeline import Examination

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
AS_OF = "2026-11-20"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compiled templates go to a folder of this run, never to the user's."""
    os.environ["BEIAN_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    os.environ.pop("BEIAN_HOUSE", None)


@pytest.fixture(scope="session")
def library() -> Library:
    return Library.open()


@pytest.fixture
def sample(library: Library) -> Facts:
    return pipeline.load(SAMPLES / "chat-assistant", library)


@pytest.fixture
def examine(library: Library) -> Callable[..., Examination]:
    """Judges a plain value as facts, with the files of the sample at hand."""

    def judge(value: object, as_of: str = AS_OF) -> Examination:
        facts = facts_file.from_value(value, library.schema)
        facts.files = frozenset({"evidence/age-gate.png", "evidence/text-label.png"})
        return pipeline.check(facts, library, as_of)

    return judge


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Has a figure printed at the end of the run, whichever worker found it."""
    return lambda words: record_property("said", words)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = (one for found in terminalreporter.stats.values() for one in found)
    said = [str(value) for one in reports if getattr(one, "when", "") == "call"
            for key, value in one.user_properties if key == "said"]
    if said:
        terminalreporter.section("figures")
        for words in sorted(said):
            terminalreporter.line(words)


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def beian(tmp_path: Path) -> Callable[..., Ran]:
    """Runs the real command line in an empty folder, in a process of its own."""

    def run(*arguments: str, stdin: bytes = b"", **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "beian", *arguments],
            input=stdin, capture_output=True, cwd=tmp_path,
            env={**os.environ, "PYTHONWARNINGS": "error", **environment}, timeout=120,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
