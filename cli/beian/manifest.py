"""What was made from what: hashes of facts, data and files, the same on every machine."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path, PurePosixPath

import beian
from beian import facts as facts_file
from beian.model import Value
from beian.pipeline import Examination

NAME = "internal/manifest.json"


def make(
    result: Examination, files: dict[str, bytes], owners: dict[str, str], draft: bool
) -> bytes:
    """The manifest of a dossier; ``owners`` maps each file to the document it belongs to."""
    library = result.library
    record: Value = {
        "tool": {"name": "beian", "version": beian.__version__},
        "as_of": result.as_of,
        "draft": draft,
        "facts_sha256": hashlib.sha256(facts_file.canonical(result.facts.value)).hexdigest(),
        "data_sha256": _data_digest(result),
        "conclusions": [
            {
                "path": path,
                "value": done.value,
                "open": done.needs is not None,
                "because": done.because,
                "facts": [read for read, _ in done.facts],
            }
            for path in library.conclusions
            for done in [result.derived.conclude(path)]
        ],
        "documents": [
            {
                "id": one.document.id,
                "title": one.document.title,
                "state": one.state,
                "because": one.because,
                "files": [file for file, owner in owners.items() if owner == one.document.id],
            }
            for one in result.entries
        ],
        # Without places: they name the folder the facts were read from.
        "findings": [
            {key: value for key, value in finding.as_json().items() if key != "place"}
            for finding in result.findings
        ],
        "files": [
            {
                "path": path,
                "sha256": hashlib.sha256(content).hexdigest(),
                "content_sha256": content_digest(content),
            }
            for path, content in sorted(files.items())
        ],
    }
    return (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()


def content_digest(content: bytes) -> str:
    """A hash of what a file says: for Office files of its uncompressed parts, so that another
    compression library makes no difference."""
    digest = hashlib.sha256()
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in sorted(archive.namelist()):
                digest.update(name.encode() + b"\x00" + hashlib.sha256(archive.read(name)).digest())
    else:
        digest.update(content)
    return digest.hexdigest()


def changed_since(folder: Path) -> list[str] | None:
    """The files that differ from the manifest of a dossier; None when it has no manifest."""
    try:
        record = json.loads((folder / NAME).read_bytes())
        known = {one["path"]: one["sha256"] for one in record["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    known[NAME] = ""
    changed = []
    folders = {parent for path in known for parent in PurePosixPath(path).parents}
    for file in sorted(folder.rglob("*")):
        path = file.relative_to(folder).as_posix()
        if file.is_dir() and not file.is_symlink() and PurePosixPath(path) in folders:
            continue
        if file.is_dir() or file.is_symlink():
            changed.append(path)
            continue
        wanted = known.pop(path, None)
        if wanted is None or (wanted and hashlib.sha256(file.read_bytes()).hexdigest() != wanted):
            changed.append(path)
    return changed


def _data_digest(result: Examination) -> str:
    """A hash over every data file and template that could have shaped the dossier."""
    digest = hashlib.sha256()
    for root in result.library.house.roots:
        for part in ("schemas", "templates"):
            for file in sorted((root / part).rglob("*")):
                if file.is_file():
                    name = file.relative_to(root).as_posix()
                    digest.update(
                        name.encode() + b"\x00" + hashlib.sha256(file.read_bytes()).digest()
                    )
    return digest.hexdigest()
