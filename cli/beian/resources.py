"""Finds the shipped folders and the user's override folders, and reads their data files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from beian import formats, paths
from beian.errors import BeianError
from beian.model import Place, Value

if TYPE_CHECKING:
    from beian.yamltext import PlacedText

#: One JSON file with every shipped YAML file, because parsing YAML costs the user time.
BUNDLE = "schemas/bundle.json"
_ROOMS = ("templates", "schemas")
#: What a schema file says of itself.
_ASIDE = frozenset({"$ref", "$defs", "$id", "$schema", "$comment"})
#: Where each kind of data file stands, and which schema says what it may hold.
_KINDS = {
    "schemas/laws/*.yaml": "law",
    "schemas/rules/*.yaml": "rule",
    "schemas/conclusions/*.yaml": "conclusion",
    "schemas/terms/*.yaml": "terms",
    "schemas/deadlines/*.yaml": "deadline",
    "schemas/counting.yaml": "counting",
    "schemas/annexes/*.yaml": "annex",
    "schemas/changes.yaml": "change",
    "schemas/risks.yaml": "risks",
    "schemas/requirements.yaml": "requirements",
    "schemas/duties/*.yaml": "duty",
    "schemas/control-points.yaml": "control-points",
    "templates/*/document.yaml": "document",
    "templates/*/workbook.yaml": "workbook",
    "templates/*/clauses.yaml": "clauses",
    "templates/*/fill.yaml": "fill",
}


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
    """One data file: its folder, its place in there, what messages call it, what it says."""

    root: Path
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
            if folder.is_dir() and not any((folder / one).is_dir() for one in _ROOMS):
                raise BeianError(
                    "自有目录中没有 templates/ 或 schemas/ 子目录，没有可以加载的内容。",
                    place=Place(str(folder)),
                    hint="文书放在 templates/<编号>/，规则放在 schemas/rules/，法规放在 schemas/laws/。",
                )
            if not folder.is_dir():
                raise BeianError(
                    "自有模板目录不存在，或不是目录。",
                    place=Place(str(folder)),
                    hint="该目录下应有 templates/ 或 schemas/ 子目录。",
                )
        return cls((shipped(), *named, *overrides))

    def resolved(self, relative: str) -> dict[str, Value]:
        """A JSON Schema file with every reference replaced by what it refers to.

        What several places refer to is one object in all of them: nobody changes a schema.
        """
        seen: dict[str, Value] = {}
        waiting: list[tuple[dict[str, Value], str]] = []

        def load(name: str) -> Value:
            if name not in seen:

                def note(node: dict[str, Value]) -> dict[str, Value]:
                    if "$ref" in node:
                        waiting.append((node, name))
                    return node

                seen[name] = json.loads((shipped() / name).read_bytes(), object_hook=note)
            return seen[name]

        def resolve(node: Value, name: str) -> None:
            if not isinstance(node, dict) or "$ref" not in node:
                return
            target, _, pointer = node["$ref"].partition("#")
            base = (PurePosixPath(name).parent / target).as_posix() if target else name
            part = load(base)
            for step in filter(None, pointer.split("/")):
                part = part[step]
            resolve(part, base)
            own = {key: value for key, value in node.items() if key not in _ASIDE}
            node.clear()
            node.update({key: value for key, value in part.items() if key not in _ASIDE} | own)

        whole: dict[str, Value] = load(relative)
        while waiting:
            resolve(*waiting.pop())
        return {key: value for key, value in whole.items() if key not in _ASIDE}

    def validator(self, kind: str) -> Any:
        """A jsonschema validator for one kind of data file, by the name of its schema."""
        from jsonschema import Draft202012Validator
        from referencing import Registry, Resource

        def retrieve(uri: str) -> Resource[Any]:
            return Resource.from_contents(json.loads((shipped() / "schemas" / uri).read_bytes()))

        registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]  # attrs alias
        return Draft202012Validator(
            {"$ref": f"{kind}.schema.json"}, registry=registry, format_checker=formats.checker()
        )

    def records(self, pattern: str) -> Iterator[Record]:
        """Every data file that matches: the shipped ones, then those of the override folders."""
        for root in self.roots:
            for file in sorted(root.glob(pattern)):
                yield self._record(root, file)

    def _record(self, root: Path, file: Path) -> Record:
        relative, raw = file.relative_to(root).as_posix(), read(file)
        if root == shipped():
            kept = _bundle().get(relative)
            if kept is not None and kept["sha256"] == hashlib.sha256(raw).hexdigest():
                return Record(root, relative, relative, kept["data"])
            return Record(root, relative, relative, _read_yaml(raw, relative).value)
        placed = _read_yaml(raw, str(file))
        self._refuse_faulty(relative, placed)
        return Record(root, relative, str(file), placed.value)

    def _refuse_faulty(self, relative: str, placed: PlacedText) -> None:
        """What the shipped files are tested for, a file of an override folder is asked when read."""
        kind = next(
            name for pattern, name in _KINDS.items() if PurePosixPath(relative).match(pattern)
        )
        error = next(iter(self.validator(kind).iter_errors(placed.value)), None)
        if error is not None:
            path = ""
            for step in error.absolute_path:
                path = paths.child(path, step)
            raise BeianError(
                f"数据文件不合要求：{path or '最外层'}，{error.message}",
                place=placed.place(path),
                hint=f"写法见 schemas/{kind}.schema.json 和随附的同类文件。",
            )


def read(file: Path) -> bytes:
    """The bytes of a data file or template."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise BeianError(f"无法读取：{error.strerror or error}。", place=Place(str(file))) from None


def make_bundle() -> bytes:
    """The bundle that ``schemas/bundle.json`` must equal."""
    root = shipped()
    files = sorted(file for pattern in _KINDS for file in root.glob(pattern))
    entries = {}
    for file in files:
        raw = file.read_bytes()
        relative = file.relative_to(root).as_posix()
        entries[relative] = {
            "sha256": hashlib.sha256(raw).hexdigest(),
            "data": _read_yaml(raw, relative).value,
        }
    return (json.dumps(entries, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


@cache
def _bundle() -> dict[str, dict[str, Value]]:
    file = shipped() / BUNDLE
    bundle: dict[str, dict[str, Value]] = json.loads(file.read_bytes()) if file.exists() else {}
    return bundle


def _read_yaml(raw: bytes, file: str) -> PlacedText:
    from beian import yamltext

    return yamltext.read(yamltext.decode(raw, file), file, as_json=False, dotted_keys=True)
