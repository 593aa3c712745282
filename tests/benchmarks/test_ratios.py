"""Ratios of pairs measured in one run; run by ``make bench``, never by ``make test``."""

from __future__ import annotations

import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from docxtpl import DocxTemplate

from beian import advice, compliance, dossier, pipeline
from beian.library import Library
from beian.pipeline import Examination
from beian.render import word
from beian.render.compiled import FILTERS
from beian.view import View
from conftest import AS_OF, SAMPLES

pytestmark = pytest.mark.bench


def interleaved(
    one: Callable[[], object], other: Callable[[], object], times: int
) -> tuple[float, float]:
    """Medians of two pieces of work run in turn, so that both meet the same weather."""
    one(), other()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for work, list_ in zip((one, other), taken, strict=True):
            start = time.perf_counter()
            work()
            list_.append(time.perf_counter() - start)
    return statistics.median(taken[0]), statistics.median(taken[1])


def process(*arguments: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, *arguments], capture_output=True, check=True)


def as_spaces(value: Any) -> Any:
    """Facts as plain objects: in dicts, Jinja would find the method ``items`` before the fact."""
    if isinstance(value, dict):
        return SimpleNamespace(**{key: as_spaces(item) for key, item in value.items()})
    if isinstance(value, list):
        return [as_spaces(item) for item in value]
    return "" if value is None else value  # plain Jinja cannot loop over None


def say(capsys: pytest.CaptureFixture[str], words: str) -> None:
    with capsys.disabled():
        print(f"\n  {words}")


def test_help_costs_little_more_than_typer(capsys: pytest.CaptureFixture[str]) -> None:
    bare, ours = interleaved(
        process("-c", "import typer"), process("-m", "beian", "--help"), 40)
    say(capsys, f"beian --help / import typer: {ours / bare:.2f} "
                f"({ours * 1000:.0f} ms / {bare * 1000:.0f} ms), wanted at most 1.50")
    assert ours / bare <= 1.5


def test_check_of_a_whole_matter(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Both with their bytecode, as installed programs have it, whatever the surroundings say."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(*arguments: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-m", "beian", *arguments],
                                      capture_output=True, check=True, env=environment)

    bare, ours = interleaved(
        run("--version"), run("check", str(SAMPLES / "chat-assistant"), "--as-of", AS_OF), 15)
    say(capsys, f"beian check / beian --version: {ours / bare:.2f} "
                f"({ours * 1000:.0f} ms / {bare * 1000:.0f} ms), wanted at most 3.00")
    assert ours / bare <= 3


def test_warm_word_documents_against_plain_docxtpl(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {one.id for one in library.documents.values() if "docx" in one.formats}
    theirs, own = measured(library, names)
    say(capsys, f"plain docxtpl / beian, {len(names)} templates warm: {theirs / own:.1f} "
                f"({theirs * 1000:.0f} ms / {own * 1000:.1f} ms), wanted at least 10")
    assert theirs / own >= 10


def figures(result: Examination) -> dict[str, Any]:
    """The figures and conclusions of a matter as a tree."""
    made: dict[str, Any] = {}
    for path, field in result.library.derived_schema.fields.items():
        if field.kind != "object" and "[" not in path:
            *above, last = path.split(".")[1:]
            here = made
            for step in above:
                here = here.setdefault(step, {})
            here[last], _ = result.derived.read(path)
    return made


def dossier_of(result: Examination) -> Any:
    """What the dossier says of itself, as far as Word papers read it."""
    advised = advice.advise(result.library, result.view, result.derived, AS_OF)
    further = {"calendar": None, "proofs": None, "advice": advised} | compliance.as_value(
        result.duties, result.entries, result.library, AS_OF)
    files = {one.document.id: [""] for one in result.entries}
    return dossier.as_value(result.entries, files, result.view, AS_OF, further)


def measured(library: Library, names: set[str]) -> tuple[float, float]:
    """Seconds that plain docxtpl and beian take for the Word templates of these documents."""
    facts = pipeline.load(SAMPLES / "chat-assistant", library)
    result = pipeline.check(facts, library, AS_OF)
    files = [library.documents[name].formats["docx"] for name in sorted(names)]
    about = dossier_of(result)
    spaces = as_spaces({**facts.value, "derived": figures(result), "dossier": about})
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.ChainableUndefined)
    for name in set(FILTERS) - {"join", "length"}:
        environment.filters[name] = lambda value, *_: str(value)

    def plain() -> None:
        for file in files:
            template = DocxTemplate(file)
            template.render(vars(spaces), environment)
            template.save(io.BytesIO())

    templates = [word.load(file, library.field) for file in files]
    further = {"dossier": (about, library.dossier_schema)}

    def ours() -> None:
        for template in templates:
            view = View(facts.value, library.schema, result.derived, further)
            surface = word.WordSurface(view, str, controls=True, picture=facts.attachment)
            word.render(template, view, surface)

    return interleaved(plain, ours, 15)
