"""What was filed on a day: the facts and the manifest, kept under filed/ and never overwritten."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from beian import facts as facts_file
from beian.errors import BeianError
from beian.facts import Facts
from beian.formats import parse_date
from beian.model import Place
from beian.schema import Schema

FOLDER = "filed"
FACTS, MANIFEST = "facts.json", "manifest.json"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts as filed on a day.

    ``intact`` says whether they are those the manifest beside them was made from; None where no
    manifest that can be read lies there.
    """

    filed_on: str
    facts: Facts
    intact: bool | None


def days(matter: Path) -> list[str]:
    """The days of a matter's snapshots, oldest first."""
    folder = matter / FOLDER
    if not folder.is_dir():
        return []
    return sorted(one.name for one in folder.iterdir() if parse_date(one.name) and one.is_dir())


def latest(matter: Path, as_of: str, schema: Schema) -> Snapshot | None:
    """The last snapshot of a matter up to a day; None when there is none."""
    known = [day for day in days(matter) if day <= as_of]
    return load(matter / FOLDER / known[-1], schema) if known else None


def load(folder: Path, schema: Schema) -> Snapshot:
    """One snapshot; its facts see the lists and proofs of the matter it belongs to.

    BeianError when the facts cannot be read.
    """
    facts = facts_file.load(folder, schema)
    facts.folder = folder.parent.parent
    facts.files = facts_file.listing(facts.folder)
    return Snapshot(folder.name, facts, _intact(folder / MANIFEST, facts))


def is_snapshot(path: Path) -> bool:
    """Whether a path is the folder of a snapshot: filed/<day>."""
    path = path.absolute()
    return path.is_dir() and path.parent.name == FOLDER and parse_date(path.name) is not None


def refuse_existing(matter: Path, day: str) -> None:
    """BeianError when something was filed on the day already."""
    target = matter / FOLDER / day
    if target.exists():
        raise BeianError(
            "该日的备案快照已经存在，未覆盖。",
            place=Place(str(target)),
            hint="快照只写一次；确实写错的，由经办人自行移走该目录后再办理。",
        )


def write(matter: Path, day: str, facts: bytes, manifest: bytes) -> Path:
    """Writes a snapshot, whole or not at all, readable by its owner only.

    BeianError when there is one of that day, or when it cannot be written.
    """
    refuse_existing(matter, day)
    target = matter / FOLDER / day
    draft = target.with_name(f".{day}.tmp")
    try:
        target.parent.mkdir(mode=0o700, exist_ok=True)
        draft.mkdir(mode=0o700)
        facts_file.write_privately(draft / FACTS, facts, new=True)
        facts_file.write_privately(draft / MANIFEST, manifest, new=True)
        draft.rename(target)
    except OSError as error:
        raise BeianError(
            f"备案快照无法写入：{error.strerror or error}。",
            place=Place(str(target)),
            hint="检查目录权限和剩余空间，再以同样的日期生成一次。",
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _intact(manifest: Path, facts: Facts) -> bool | None:
    try:
        known = json.loads(manifest.read_bytes())["facts_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return bool(known == hashlib.sha256(facts_file.canonical(facts.value)).hexdigest())
