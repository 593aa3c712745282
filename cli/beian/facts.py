"""A matter's facts: read with their places, changed with their comments kept, saved safely."""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import json
import os
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from beian import paths, yamltext
from beian.errors import BeianError
from beian.model import Place, Value
from beian.schema import Schema
from beian.yamltext import PlacedText

NAMES = ("facts.yaml", "facts.yml", "facts.json")
FOLDERS = ("annexes", "evidence", "filed")


@dataclass(slots=True)
class Facts:
    """The answers of one matter.

    ``value`` is a mapping of sections; ``placed`` knows where each answer stands; ``folder`` is
    the matter's folder, or None when facts came from standard input; ``files`` names what lies in
    annexes/ and evidence/ (relative, with /), or None without a folder.
    """

    placed: PlacedText
    file: Path | None = None
    folder: Path | None = None
    files: frozenset[str] | None = None
    digest: str = ""
    settings: dict[str, Value] = field(default_factory=dict)

    @property
    def value(self) -> dict[str, Value]:
        value: dict[str, Value] = self.placed.value
        return value

    def attachment(self, path: str) -> bytes | None:
        """What lies under a name in annexes/ or evidence/; None when nothing does."""
        if self.folder is None or self.files is None or path not in self.files:
            return None
        return _read(self.folder / path)


def load(matter: str | Path, schema: Schema, settings: tuple[str, ...] = ()) -> Facts:
    """The facts of a matter folder, of one file, or (``-``) of standard input.

    ``settings`` are ``path=value`` texts laid over the facts. BeianError when the facts cannot be
    read as text of YAML 1.2 or JSON whose top is a mapping.
    """
    if str(matter) == "-":
        if sys.stdin is None:
            raise BeianError(
                "标准输入已关闭，没有可以读取的事实。", hint="写明项目目录或者事实文件。"
            )
        raw = sys.stdin.buffer.read(yamltext.LARGEST_TEXT + 1)
        facts = _from_text(yamltext.decode(raw, "<stdin>"), "<stdin>", schema)
    else:
        file = find(Path(matter))
        raw = _read_text(file)
        text = yamltext.decode(raw, str(file))
        facts = _from_text(text, str(file), schema, as_json=file.suffix == ".json")
        facts.file, facts.folder = file, file.parent
        facts.files = listing(file.parent)
        facts.digest = hashlib.sha256(raw).hexdigest()
    for setting in settings:
        _lay_over(facts, setting, schema)
    return facts


def from_value(value: Value, schema: Schema, file: str = "facts") -> Facts:
    """Facts made of a plain value, as if it had been read from JSON."""
    return _from_text(json.dumps(value, ensure_ascii=False, indent=1), file, schema, as_json=True)


def find(matter: Path) -> Path:
    """The facts file of a matter given as its folder or as the file itself."""
    try:
        if matter.is_dir():
            found = [matter / name for name in NAMES if (matter / name).exists()]
            if len(found) > 1:
                raise BeianError(
                    f"目录中同时有 {found[0].name} 和 {found[1].name}，无法确定用哪一份。",
                    place=Place(str(matter)),
                    hint="只保留一份，或直接写明文件名。",
                )
            if not found:
                raise BeianError(
                    "目录中没有事实文件（facts.yaml 或 facts.json）。",
                    place=Place(str(matter)),
                    hint=f"新建一份：beian new {matter!s}",
                )
            return found[0]
        if not matter.exists():
            raise BeianError(
                "找不到该文件或目录。",
                place=Place(str(matter)),
                hint=f"核对路径；新建项目用 beian new {matter!s}",
            )
    except PermissionError as error:
        raise _unreadable(matter, error) from None
    return matter


def save(
    facts: Facts, changes: Mapping[str, Value], schema: Schema, removed: Collection[str] = ()
) -> bool:
    """Writes changed answers into the file they came from; whether anything was written.

    ``removed`` names answers to be taken away after the changes; a mapping left without answers
    goes with its last one. Comments, order and spelling of everything else stay. The file is
    replaced at once and only if nobody changed it since it was loaded; its mode becomes 0600. A
    JSON file stays JSON.
    """
    if facts.file is None or not (changes or removed):
        return False
    wanted = facts.value
    for path, value in changes.items():
        wanted = paths.with_value(wanted, paths.parse(path), value)
    gone = []
    for path in removed:
        gone.append(_emptied(wanted, path))
        wanted = paths.without(wanted, paths.parse(gone[-1]))
    if wanted == facts.value:
        return False
    with _locked(facts.file.parent):
        raw = _read(facts.file)
        if hashlib.sha256(raw).hexdigest() != facts.digest:
            raise BeianError(
                "文件在读取之后被别处改过，未写入。",
                place=Place(str(facts.file)),
                hint="重新运行命令，在最新内容上修改。",
            )
        text, placed = _rewritten(raw, facts, changes, gone, wanted, schema)
        write_privately(facts.file, text.encode())
        facts.placed, facts.digest = placed, hashlib.sha256(text.encode()).hexdigest()
    return True


def write_privately(file: Path, content: bytes, *, new: bool = False) -> None:
    """Writes a file at once, readable by its owner only; ``new`` refuses to replace one."""
    if new and file.exists():
        raise BeianError(
            "文件已存在，未覆盖。", place=Place(str(file)), hint="换一个目录，或先移走它。"
        )
    draft = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if new:
                os.link(draft, file)
            else:
                os.replace(draft, file)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        raise BeianError(
            "文件已存在，未覆盖。", place=Place(str(file)), hint="换一个目录，或先移走它。"
        ) from None
    except OSError as error:
        raise BeianError(
            f"无法写入：{error.strerror or error}。",
            place=Place(str(file)),
            hint="检查目录权限和剩余空间。",
        ) from None


def canonical(value: Value) -> bytes:
    """One byte form of equal facts: sorted keys, no white space; what a manifest hashes."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_json(value: Value) -> bytes:
    """The facts as a JSON file that can be loaded again."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _from_text(text: str, file: str, schema: Schema, as_json: bool | None = None) -> Facts:
    placed = yamltext.read(text, file, as_json=as_json)
    if placed.value is None:
        placed.value = {}  # a fresh file: nothing but comments
    if not isinstance(placed.value, dict):
        raise BeianError(
            "最外层应是“部分: 内容”这样的键值，例如 subject:。",
            place=placed.place(""),
            hint="用 beian new 新建一份带说明的事实文件，对照填写。",
        )
    for path, typed in placed.typed.items():
        field = schema.field(path)
        if field is not None and field.takes_text:
            placed.value = _replaced(placed.value, path, typed)
    return Facts(placed)


def _lay_over(facts: Facts, setting: str, schema: Schema) -> None:
    path, equals, text = setting.partition("=")
    path = path.strip()
    try:
        steps = paths.parse(path)
    except ValueError:
        steps = ()
    if not equals or not steps:
        raise BeianError(
            f"--set {setting!r} 不合写法。",
            hint="写作 --set 路径=值，例如 --set subject.name=某某公司",
        )
    field = schema.field(path)
    value = yamltext.scalar(text)
    typed = isinstance(value, (int, float)) and not isinstance(value, bool)
    if field is not None and field.takes_text and typed:
        value = text.strip()
    if field is not None and field.is_list and not isinstance(value, (list, type(None))):
        value = [part.strip() for part in text.split(",")]
    try:
        facts.placed.value = paths.with_value(facts.value, steps, value)
    except ValueError:
        raise BeianError(
            f"--set {path}：事实中没有可以放这个值的位置。",
            hint="核对路径；列表只能改已有的项或在末尾加一项。",
        ) from None
    facts.settings[path] = value
    for known in [
        key
        for key in facts.placed.places
        if key == path or key.startswith((f"{path}.", f"{path}["))
    ]:
        del facts.placed.places[known]
    here = ""
    for step in steps:
        here = paths.child(here, step)
        facts.placed.places.setdefault(here, Place("--set"))
    for below, _ in paths.leaves(value, path):
        facts.placed.places.setdefault(below, Place("--set"))
    if isinstance(value, list):
        for index in range(len(value)):
            facts.placed.places.setdefault(f"{path}[{index}]", Place("--set"))


def _replaced(value: Value, path: str, new: Value) -> Value:
    """``value`` with one answer replaced in place."""
    steps = paths.parse(path)
    holder: Any = value
    for step in steps[:-1]:
        holder = holder[step]
    holder[steps[-1]] = new
    return value


def _emptied(value: Value, path: str) -> str:
    """What goes when an answer is taken away: the answer, or the mapping it alone stands in."""
    above = paths.parent(path)
    if not above or path.endswith("]") or above.endswith("]"):
        return path
    holder = value
    for step in paths.parse(above):
        holder = holder[step]
    return _emptied(value, above) if len(holder) == 1 else path


def _rewritten(
    raw: bytes,
    facts: Facts,
    changes: Mapping[str, Value],
    removed: list[str],
    wanted: dict[str, Value],
    schema: Schema,
) -> tuple[str, PlacedText]:
    """The new text of the facts and its values; BeianError when they are not those wanted."""
    file, old = str(facts.file), facts.placed
    text = raw.decode("utf-8-sig")
    touched = {str(paths.parse(path)[0]) for path in (*changes, *removed)}
    if not old.is_json and len(touched) == 1:
        [section] = touched
        done = _rewritten_section(text, file, old, section, changes, removed, wanted, schema)
        if done is not None:
            return done
    edited = as_json(wanted).decode() if old.is_json else _edited(text, old.spans, changes, removed)
    again = _from_text(edited or _EMPTY, file, schema, as_json=old.is_json).placed
    if canonical(again.value) != canonical(wanted):
        raise BeianError(
            "改动无法在保留注释的前提下写回该文件，未写入。",
            place=Place(file),
            hint="在编辑器中手工修改这一处：" + "、".join((*changes, *removed)),
        )
    return edited or _EMPTY, again


_EMPTY = "# 事实文件\n"


def _rewritten_section(
    text: str,
    file: str,
    old: PlacedText,
    section: str,
    changes: Mapping[str, Value],
    removed: list[str],
    wanted: dict[str, Value],
    schema: Schema,
) -> tuple[str, PlacedText] | None:
    """The same for one section alone, which spares reading and laying out all others.

    None when the section does not stand in lines of its own, or does not come out as wanted.
    """
    tops = sorted(
        (place.line or 0, place.column or 0, key)
        for key, place in old.keys.items()
        if place.line is not None and "." not in key and "[" not in key
    )
    if not tops or any(column != 1 for _, column, _ in tops) or _ODD_BREAKS.search(text):
        return None
    begins = [0, *(match.end() for match in re.finditer("\n", text))]
    starts = [begins[line - 1] for line, _, _ in tops] + [len(text)]
    at = next((index for index, (_, _, key) in enumerate(tops) if key == section), None)
    if at is None:
        if not text.endswith("\n"):
            return None
        start = end = len(text)
    else:
        start, end = starts[at], _before_comments(text, starts[at], starts[at + 1])
    own = re.compile(rf"{re.escape(section)}(?![a-z0-9_])").match
    spans = {path: (one - start, other - start) for path, (one, other) in old.spans.items()}
    chunk = _edited(text[start:end], spans, changes, removed, like=text)
    if section in wanted:
        part = _from_text(chunk, file, schema, as_json=False).placed
    else:
        part = PlacedText({})
        if chunk.strip():
            return None
    if canonical(part.value) != canonical({key: wanted[key] for key in wanted if key == section}):
        return None
    edited = text[:start] + chunk + text[end:]
    if not edited.strip():
        return None
    before = text.count("\n", 0, start)
    longer, more = len(chunk) - (end - start), chunk.count("\n") - text.count("\n", start, end)

    def moved(places: dict[str, Place], new: dict[str, Place]) -> dict[str, Place]:
        made = {
            path: place
            if (place.line or 0) <= before or path == ""
            else Place(place.file, (place.line or 0) + more, place.column)
            for path, place in places.items()
            if not own(path)
        }
        for path, place in new.items():
            if own(path):
                made[path] = Place(place.file, (place.line or 0) + before, place.column)
        return made

    merged = PlacedText(
        wanted,
        places=moved(old.places, part.places),
        keys=moved(old.keys, part.keys),
        typed={path: typed for path, typed in old.typed.items() if not own(path)} | part.typed,
        spans={
            path: (one, other) if one < start else (one + longer, other + longer)
            for path, (one, other) in old.spans.items()
            if not own(path)
        }
        | {path: (one + start, other + start) for path, (one, other) in part.spans.items()},
    )
    return edited, merged


def _before_comments(text: str, start: int, end: int) -> int:
    """Where a section ends: blank lines and comments at the margin belong to what follows."""
    while end > start:
        line = text.rfind("\n", start, end - 1) + 1 or start
        if text[line:end].strip() and not text.startswith("#", line):
            break
        end = line
    return end


# Line breaks of YAML that are none of ours, and what is no section.
_ODD_BREAKS = re.compile("[\r\x85\u2028\u2029]|^(?:---|\\.\\.\\.|%)", re.MULTILINE)


def _edited(
    text: str,
    spans: Mapping[str, tuple[int, int]],
    changes: Mapping[str, Value],
    removed: list[str],
    like: str | None = None,
) -> str:
    """The YAML text with some answers changed, and comments as they were.

    A scalar that replaces a scalar changes nothing else; any other change lays the text out anew,
    lists indented as they are in ``like``.
    """
    structural = {}
    for path, value in sorted(
        changes.items(), key=lambda change: spans.get(change[0], (0, 0)), reverse=True
    ):
        if path in spans and not isinstance(value, (list, dict)):
            start, end = spans[path]
            text = text[:start] + _scalar_text(value) + text[end:]
        else:
            structural[path] = value
    if structural:
        text = _laid_out(text, structural, [], like or text)
    for at, path in enumerate(removed):
        lines = _lines_of(text, path)
        if lines is None:
            return _laid_out(text, {}, removed[at:], like or text)
        rows = text.split("\n")
        text = "\n".join([*rows[: lines[0]], *rows[lines[1] :]])
    return text


def _lines_of(text: str, path: str) -> tuple[int, int] | None:
    """From which line to before which an answer stands; None when it shares one with another.

    Taking those lines away keeps the comments before and after the answer, which laying the text
    out anew would not.
    """
    read = yamltext.read(text, "", as_json=False)
    is_item = path.endswith("]")
    place = (read.places if is_item else read.keys)[path]
    rows = text.split("\n")
    first, column = (place.line or 1) - 1, (place.column or 1) - 1
    before = rows[first][:column]
    if before.strip() != ("-" if is_item else ""):
        return None
    margin = before.index("-") if is_item else column
    last = first
    for number in range(first + 1, len(rows)):
        row = rows[number].strip()
        indent = len(rows[number]) - len(rows[number].lstrip(" "))
        # A list may stand below its key without being indented.
        hangs = not is_item and indent == margin and (row == "-" or row.startswith("- "))
        if row and indent <= margin and not hangs:
            break
        if row:
            last = number
    return first, last + 1


def _scalar_text(value: Value) -> str:
    """A scalar as it may stand anywhere in YAML."""
    if isinstance(value, str) and _PLAIN.match(value) and isinstance(yamltext.resolve(value), str):
        return value
    return json.dumps(value, ensure_ascii=False)


# Letters, digits and Chinese characters with the marks that mean nothing to YAML between them.
_PLAIN = re.compile(r"[^\W_][\w.，。、；（）《》“”/@ -]*(?<! )\Z")


def _laid_out(text: str, changes: Mapping[str, Value], removed: list[str], like: str) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    editor = YAML(typ="rt", pure=True)
    editor.preserve_quotes = True
    # "None" must be written out: a key with nothing behind it is a question not answered yet.
    editor.representer.add_representer(
        type(None), lambda node, _: node.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    editor.width = 1 << 20
    dash = _FIRST_LIST.search(like)
    offset = max(len(dash[2]) - len(dash[1]), 0) if dash else 2
    editor.indent(mapping=2, sequence=offset + 2, offset=offset)
    tree = editor.load(text)
    comments = ""
    if tree is None:
        comments, tree = text if text.endswith("\n") else text + "\n", CommentedMap()
    for path, value in changes.items():
        holder = tree
        *above, last = paths.parse(path)
        for step, following in itertools.pairwise([*above, last]):
            if isinstance(step, int) and step == len(holder):
                holder.append([] if isinstance(following, int) else CommentedMap())
            elif isinstance(step, str) and holder.get(step) is None:
                holder[step] = [] if isinstance(following, int) else CommentedMap()
            holder = holder[step]
        if isinstance(holder, CommentedMap) and not holder:
            holder.fa.set_block_style()
        if isinstance(last, int) and last == len(holder):
            holder.append(_dressed(value))
        else:
            holder[last] = _dressed(value)
    for path in removed:
        holder = tree
        *above, last = paths.parse(path)
        for step in above:
            holder = holder[step]
        del holder[last]
    if not tree:
        return comments
    out = io.StringIO()
    editor.dump(tree, out)
    return comments + out.getvalue()


# A key with nothing beside it, and the dash of the list below it.
_FIRST_LIST = re.compile(
    r"^( *)\S[^\n]*:[^\S\n]*(?:#[^\n]*)?\n(?:[^\S\n]*(?:#[^\n]*)?\n)*( *)- ", re.MULTILINE
)


def _dressed(value: Value) -> Any:
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

    if isinstance(value, str):
        if "\n" in value:
            return LiteralScalarString(value)
        if not isinstance(yamltext.resolve(value), str):
            return DoubleQuotedScalarString(value)
        return value
    if isinstance(value, list):
        return [_dressed(item) for item in value]
    if isinstance(value, dict):
        return {key: _dressed(item) for key, item in value.items()}
    return value


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keeps other savers out while the block runs, where the system can lock folders."""
    try:
        import fcntl
    except ImportError:  # not on Windows; the digest check still holds there
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read_text(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            raw = stream.read(yamltext.LARGEST_TEXT + 1)
    except OSError as error:
        raise _unreadable(file, error) from None
    if len(raw) > yamltext.LARGEST_TEXT:
        raise yamltext.too_large(max(size, len(raw)), str(file))
    return raw


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except IsADirectoryError:
        raise BeianError("这是一个目录，不是文件。", place=Place(str(file))) from None
    except OSError as error:
        raise _unreadable(file, error) from None


def _unreadable(file: Path, error: OSError) -> BeianError:
    reason = (
        "没有读取权限" if isinstance(error, PermissionError) else (error.strerror or str(error))
    )
    return BeianError(f"无法读取：{reason}。", place=Place(str(file)), hint="检查文件权限和路径。")


def listing(folder: Path) -> frozenset[str]:
    """What lies in annexes/ and evidence/ of a matter, relative to it, with /."""
    return frozenset(_listing(folder))


def _listing(folder: Path) -> Iterator[str]:
    for name in FOLDERS[:2]:
        below = folder / name
        if below.is_dir():
            for file in sorted(below.rglob("*")):
                if file.is_file():
                    yield file.relative_to(folder).as_posix()
