"""Compiled templates kept on disk from one run to the next, so that a command starts quickly."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from beian.render.compiled import Compiled, Declared, Spot, compile_text, thaw
from beian.shelf import Shelf


def template_shelf(folder: Path | None, raw: bytes) -> Shelf:
    """The shelf of one template file, by its bytes."""
    return Shelf(folder, template_key(raw), "template")


def template_key(raw: bytes) -> bytes:
    """All that decides how one template file compiles."""
    return _engine() + raw


class TextCompiler:
    """Compiles the texts of one template file, or takes them from its shelf."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        kept = shelf.read()
        self._kept: dict[str, bytes] = kept if isinstance(kept, dict) else {}
        self._used: dict[str, bytes] = {}

    def __call__(self, source: str, spots: dict[int, Spot], declared: Declared) -> Compiled:
        """As :func:`beian.render.compiled.compile_text`."""
        frozen = self._kept.get(source)
        made = thaw(frozen) if frozen is not None else None
        if made is None or not all(declared(read.path) for read in made.reads):
            made = compile_text(source, spots, declared)
        made.spots = spots
        self._used[source] = frozen or made.freeze()
        return made

    def close(self) -> None:
        """Puts on the shelf what was not there."""
        if self._used.keys() != self._kept.keys():
            self._shelf.write(self._used)


@cache
def _engine() -> bytes:
    """What, beside the file itself, decides how a template compiles."""
    here = Path(__file__).parent
    made = hashlib.sha256(sys.version.encode())
    for package in ("jinja2", "docxtpl", "lxml"):
        made.update(version(package).encode())
    for source in ("compiled", "flowchart", "barchart", "layout", "wordsource", "word", "excel", "portalform", "html"):
        made.update((here / f"{source}.py").read_bytes())
    return made.digest()
