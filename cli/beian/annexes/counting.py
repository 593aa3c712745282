"""Counts the annexes that a matter names, each content once, from one run to the next."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from beian.annexes.kinds import Catalogue
from beian.model import Value
from beian.shelf import Shelf

#: The figures of each kind of annex.
Figures = dict[str, dict[str, Value]]
#: As :data:`beian.derive.CountAnnexes`.
CountAnnexes = Callable[[tuple[tuple[str, str | None], ...]], Figures]


def counting(
    attachment: Callable[[str], bytes | None],
    catalogue: Catalogue,
    known: dict[bytes, Figures],
    folder: Path | None = None,
) -> CountAnnexes:
    """What counts the annexes that a matter names; files of equal bytes are counted once.

    ``attachment`` gives the bytes of a file of the matter, ``known`` keeps figures by content, and
    so does a shelf in ``folder``: what is counted hangs on the files, the catalogue and our code,
    on no fact and no day.
    """

    @cache
    def count(files: tuple[tuple[str, str | None], ...]) -> Figures:
        named = [
            (file, kind if kind in catalogue.kinds else None, raw)
            for file, kind in files
            if (raw := attachment(file)) is not None
        ]
        digest = hashlib.sha256(_engine() + repr(catalogue).encode())
        for file, kind, raw in named:
            digest.update(f"{file}\0{kind}\0{len(raw)}\0".encode() + raw)
        name = digest.digest()
        if name not in known:
            known[name] = _counted(named, catalogue, Shelf(folder, name, "figures", veiled=True))
        return known[name]

    return count


def _counted(
    named: list[tuple[str, str | None, bytes]], catalogue: Catalogue, shelf: Shelf
) -> Figures:
    kept: Figures | None = shelf.read()
    if kept is None:
        from beian.annexes.reading import Source, read

        kept = read([Source(file, raw, kind) for file, kind, raw in named], catalogue).figures
        shelf.write(kept)
    return kept


@cache
def _engine() -> bytes:
    """What, beside the files and the catalogue, decides what is counted."""
    made = hashlib.sha256(f"{sys.version} {version('python-calamine')}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        made.update(source.read_bytes())
    return made.digest()
