"""Finds the shipped folders and the user's override folders, and reads their data files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from beian.errors import BeianError
from beian.model import Place, Value

#: One JSON file with every shipped YAML file, because parsing YAML costs the user time.
BUNDLE = "schemas/bundle.json"
_BUNDLED = (
    "schemas/laws/*.yaml",
    "schemas/rules/*.yaml",
    "schemas/conclusions/*.yaml",
    "templates/*/document.yaml",
    "templates/*/workbook.yaml",
)


@cache
def shipped() -> Path:
    """The folder that holds ``templates``, ``schemas`` and ``samples``."""
    package = Path(__file__).resolve().parent
    inside = package / "shipped"
    if inside.is_dir():
        return inside
    source = package.parent.parent
    if (source / "schemas").is_dir() and (source / "templates").is_dir():
        return source
    raise BeianError("安装不完整：找不到随附的模板和数据。", hint="重新安装 beian。")


@dataclass(frozen=True, slots=True)
class Record:
    """One data file: where it stands inside its folder, what messages call it, what it says."""

    relative: str
    file: str
    data: Value


@dataclass(frozen=True, slots=True)
class House:
    """The folders that templates, rules and laws come from; later ones prevail."""

    roots: tuple[Path, ...]

    @classmethod
    def open(cls, overrides: tuple[Path, ...] = ()) -> House:
        """The shipped folder followed by the override folders (also from BEIAN_HOUSE)."""
        named = [Path(part) for part in os.environ.get("BEIAN_HOUSE", "").split(os.pathsep) if part]
        for folder in (*named, *overrides):
            if not folder.is_dir():
                raise BeianError(
                    "自有模板目录不存在，或不是目录。",
                    place=Place(str(folder)),
                    hint="该目录下应有 templates/ 或 schemas/ 子目录。",
                )
        return cls((shipped(), *named, *overrides))

    def path(self, relative: str) -> Path:
        """The file that prevails; a path that does not exist when no folder has it."""
        for root in reversed(self.roots):
            if (root / relative).exists():
                return root / relative
        return self.roots[0] / relative

    def json(self, relative: str) -> Value:
        """The value of a shipped or overriding JSON file."""
        return json.loads(self.path(relative).read_bytes())

    def records(self, pattern: str) -> Iterator[Record]:
        """Every data file that matches, shipped ones first, in the order of their names.

        A file of an override folder replaces the shipped file of the same name.
        """
        found: dict[str, Path] = {}
        for root in self.roots:
            for file in sorted(root.glob(pattern)):
                found[file.relative_to(root).as_posix()] = root
        bundle = _bundle()
        for relative, root in found.items():
            file = root / relative
            raw = file.read_bytes()
            kept = bundle.get(relative) if root == shipped() else None
            if kept and kept["sha256"] == hashlib.sha256(raw).hexdigest():
                yield Record(relative, _name(file, root), kept["data"])
            else:
                yield Record(relative, _name(file, root), _read_yaml(raw, _name(file, root)))


def make_bundle() -> bytes:
    """The bundle that ``schemas/bundle.json`` must equal."""
    root = shipped()
    files = sorted(file for pattern in _BUNDLED for file in root.glob(pattern))
    entries = {}
    for file in files:
        raw = file.read_bytes()
        relative = file.relative_to(root).as_posix()
        entries[relative] = {
            "sha256": hashlib.sha256(raw).hexdigest(),
            "data": _read_yaml(raw, relative),
        }
    return (json.dumps(entries, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


@cache
def _bundle() -> dict[str, dict[str, Value]]:
    file = shipped() / BUNDLE
    bundle: dict[str, dict[str, Value]] = json.loads(file.read_bytes()) if file.exists() else {}
    return bundle


def _read_yaml(raw: bytes, file: str) -> Value:
    from beian import yamltext

    return yamltext.read(yamltext.decode(raw, file), file, as_json=False, dotted_keys=True).value


def _name(file: Path, root: Path) -> str:
    if root == shipped():
        return PurePosixPath(file.relative_to(root)).as_posix()
    return str(file)
