"""Reads YAML 1.2 or JSON text into plain values, with the line and column of every one."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from beian import paths
from beian.errors import BeianError
from beian.model import Place, Value

#: A facts file is text that people write; nothing honest comes near these.
LARGEST_TEXT = 4 * 1024 * 1024
DEEPEST_NESTING = 24

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"
    # Marks without width or for the direction of writing: names that look alike would differ.
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
#: Where libyaml, which knows YAML 1.1, reads a text otherwise.
_UNLIKE = re.compile("[\t\x85\u2028\u2029\ufeff]")
_RETURN = re.compile("\r")
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_STRING_TAG = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class PlacedText:
    """A value read from text.

    ``places`` gives the place of each value by its path, ``keys`` the place of each mapping key;
    ``typed`` holds each unquoted number exactly as it was typed; ``spans`` tells from where to where
    in the text each scalar on one line stands.
    """

    value: Value
    places: dict[str, Place] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    is_json: bool = False

    def place(self, path: str) -> Place:
        """The place of a value; of an absent one, the place of what would hold it."""
        while path and path not in self.places:
            path = paths.parent(path)
        return self.places[path]


def decode(raw: bytes, file: str) -> str:
    """The text of a file; refuses what is too large, not UTF-8, or not text at all."""
    if len(raw) > LARGEST_TEXT:
        raise too_large(len(raw), file)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _not_utf8(file, "UTF-16")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        head, line = raw[: error.start], raw[: error.start].count(b"\n") + 1
        if b"\x00" in raw[:4096]:
            raise _not_text(file) from None
        try:
            raw.decode("gb18030")
        except UnicodeDecodeError:
            raise _not_text(file) from None
        column = len(head.rpartition(b"\n")[2]) + 1
        raise _not_utf8(file, "GBK", line, column) from None
    if "\x00" in text:
        raise _not_text(file)
    for number, row in enumerate(text.splitlines(), 1):
        match = _FORBIDDEN.search(row)
        if match:
            raise _control(Place(file, number, match.start() + 1), match[0])
    return text


def read(
    text: str, file: str, *, as_json: bool | None = None, dotted_keys: bool = False
) -> PlacedText:
    """The values of a YAML 1.2 or JSON text; BeianError with the place of the first fault.

    Refused are duplicate keys, aliases, tags, several documents, keys that are not text, control
    characters (also escaped ones), lone surrogates and nesting deeper than DEEPEST_NESTING.
    ``dotted_keys`` admits keys that are paths, as conditions have them.
    """
    if not text.strip():
        raise BeianError(
            "文件是空的。",
            place=Place(file),
            hint="用 beian new 新建一份带说明的事实文件，再填写。",
        )
    if as_json is None:
        as_json = text.lstrip().startswith(("{", "["))
    if as_json:
        return _read_json(text, file)
    return _Builder(text, file, dotted_keys=dotted_keys).build()


def _read_json(text: str, file: str) -> PlacedText:
    # Raw tabs inside JSON strings are illegal, so every tab is white space: a YAML scanner, which
    # refuses tabs, may read blanks instead and columns stay right.
    placed = _Builder(text.replace("\t", " "), file, is_json=True).build()
    try:
        placed.value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise BeianError(
            f"不是有效的 JSON：{_JSON_WORDS.get(error.msg, error.msg)}。",
            place=Place(file, error.lineno, error.colno),
            hint="检查该处的引号、逗号和括号；不确定时可改用 YAML 书写。",
        ) from None
    except ValueError as error:
        shown = str(error)[:20]
        raise BeianError(
            f"不是有效的 JSON：有写不下的数字（{shown}）。",
            place=Place(file),
            hint="给该值加引号。",
        ) from None
    # Escapes that JSON joins into one character (surrogate pairs) are judged after joining.
    for path, value in _texts(placed.value, ""):
        _refuse_control(value, placed.places[path])
    return placed


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_JSON_WORDS = {
    "Expecting value": "此处应有一个值",
    "Expecting property name enclosed in double quotes": "此处应有双引号括起的键名",
    "Expecting ',' delimiter": "此处应有逗号",
    "Expecting ':' delimiter": "此处应有冒号",
    "Extra data": "结束之后还有内容",
    "Unterminated string starting at": "引号没有闭合",
    "Invalid control character at": "字符串里有换行或控制字符",
    "Illegal trailing comma before end of object": "最后一项之后不应有逗号",
    "Illegal trailing comma before end of array": "最后一项之后不应有逗号",
}


def _texts(value: Value, path: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(path, value)]
    if isinstance(value, dict):
        return [hit for key, item in value.items() for hit in _texts(item, paths.child(path, key))]
    if isinstance(value, list):
        return [hit for n, item in enumerate(value) for hit in _texts(item, paths.child(path, n))]
    return []


def _events(text: str) -> Iterable[Any]:
    """The parser's events: libyaml's where it can read the text, which takes a fifteenth of the time.

    ruamel's own parser reads the rest: texts with tabs or with line breaks that are none in YAML 1.2,
    and those with a fault, whose place it tells.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    def parsed(pure: bool) -> Iterator[Any]:
        reader = YAML(typ="safe", pure=pure)
        reader.version = None
        events: Iterator[Any] = reader.parse(text)
        return events

    if _UNLIKE.search(text) is None:
        with contextlib.suppress(YAMLError):
            return [*parsed(pure=False)]
    return parsed(pure=True)


class _Open:
    """A mapping or sequence whose end has not been read yet."""

    __slots__ = ("container", "key", "path")

    def __init__(self, container: dict[str, Value] | list[Value], path: str) -> None:
        self.container = container
        self.path = path
        self.key: str | None = None


class _Builder:
    """Builds values from parser events, without recursion, so that nesting cannot hurt."""

    def __init__(
        self, text: str, file: str, *, is_json: bool = False, dotted_keys: bool = False
    ) -> None:
        self.text = text
        self.file = file
        self.dotted_keys = dotted_keys
        self.result = PlacedText(None, is_json=is_json)
        self.stack: list[_Open] = []

    def build(self) -> PlacedText:
        from ruamel.yaml.error import MarkedYAMLError, YAMLError

        self.result.places[""] = Place(self.file, 1, 1)
        try:
            for event in _events(self.text):
                self._take(event)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            place = Place(self.file, mark.line + 1, mark.column + 1) if mark else Place(self.file)
            raise BeianError(
                f"不是有效的{'JSON' if self.result.is_json else ' YAML'}：{_yaml_words(error)}。",
                place=place,
                hint="检查该处的缩进（用空格，不用制表符）、冒号后的空格、引号和括号是否成对。",
            ) from None
        except YAMLError as error:
            raise BeianError(f"不是有效的 YAML：{error}", place=Place(self.file)) from None
        except (ValueError, IndexError, AttributeError, TypeError, AssertionError):
            # ruamel's scanner answers some garbage with errors of its own making.
            raise BeianError(
                "不是有效的 YAML，无法读取。",
                place=Place(self.file),
                hint="确认打开的是事实文件（facts.yaml 或 facts.json），而不是其他文件。",
            ) from None
        return self.result

    def _take(self, event: Any) -> None:
        kind = type(event).__name__
        if kind == "AliasEvent":
            raise self._error(event, "不接受别名（*）和锚点（&）；每个事实在原处写明。")
        if getattr(event, "anchor", None):
            raise self._error(event, "不接受锚点（&）；每个事实在原处写明。")
        if kind == "DocumentStartEvent" and "document" in self.result.keys:
            raise self._error(event, "一个文件只能写一份事实，不能用 --- 分成几份。")
        if kind == "DocumentStartEvent":
            self.result.keys["document"] = Place(self.file)
        elif kind == "ScalarEvent":
            self._scalar(event)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._open(event, {} if kind == "MappingStartEvent" else [])
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self.stack.pop()

    def _open(self, event: Any, container: dict[str, Value] | list[Value]) -> None:
        if event.tag is not None and str(event.tag) != "!":
            raise self._error(event, f"不接受标签 {event.tag}。")
        if len(self.stack) >= DEEPEST_NESTING:
            raise self._error(event, f"嵌套超过 {DEEPEST_NESTING} 层。")
        if self.stack and isinstance(self.stack[-1].container, dict) and self.stack[-1].key is None:
            raise self._error(event, "键名必须是一个词，不能是列表或一组键值。")
        path = self._put(event, container)
        self.stack.append(_Open(container, path))

    def _scalar(self, event: Any) -> None:
        if event.tag is not None and str(event.tag) not in ("!", _STRING_TAG):
            raise self._error(event, f"不接受标签 {event.tag}。")
        if not self.result.is_json and (found := unwritable(event.value)):
            raise _control(self._place(event), found)
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.container, dict) and top.key is None:
            self._key(event, top)
            return
        plain = not event.style and event.tag is None
        if plain and not event.value and top is not None and isinstance(top.container, dict):
            top.key = None  # a key with nothing behind it is a question not answered yet
            return
        # The line break that ends a block scalar (| or >) is layout, not part of the answer.
        text = event.value.rstrip("\n") if event.style in ("|", ">") else event.value
        path = self._put(event, resolve(text) if plain else text)
        if plain and _FLOAT.match(event.value):
            self.result.typed[path] = event.value
        if (
            event.start_mark.line == event.end_mark.line
            and event.start_mark.index < event.end_mark.index
        ):
            self.result.spans[path] = (event.start_mark.index, event.end_mark.index)

    def _key(self, event: Any, top: _Open) -> None:
        key = event.value
        if key == "<<":
            raise self._error(event, "不接受合并键（<<）；每个事实在原处写明。")
        if not key or (("." in key or "[" in key) and not self.dotted_keys):
            raise self._error(event, f"键名“{key}”不合写法：用小写英文字母、数字和下划线。")
        path = paths.child(top.path, key)
        if path in self.result.keys:
            raise self._error(event, f"键“{key}”在同一处写了两次。", "删去其中一个，或合并内容。")
        top.key = key
        self.result.keys[path] = self._place(event)

    def _put(self, event: Any, value: Value) -> str:
        if not self.stack:
            self.result.value = value
            self.result.places[""] = self._place(event)
            return ""
        top = self.stack[-1]
        if isinstance(top.container, list):
            path = paths.child(top.path, len(top.container))
            top.container.append(value)
        else:
            assert top.key is not None
            path = paths.child(top.path, top.key)
            top.container[top.key] = value
            top.key = None
        # A block begins on the line after its key; the key is where people look for it.
        begins = event.start_mark.index == event.end_mark.index
        known = self.result.keys.get(path) if begins else None
        self.result.places[path] = known or self._place(event)
        return path

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _error(self, event: Any, message: str, hint: str | None = None) -> BeianError:
        return BeianError(message, place=self._place(event), hint=hint)


def resolve(text: str) -> Value:
    """A plain scalar by the core schema of YAML 1.2; dates stay text, as typed."""
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INTEGER.match(text) and len(text) < 4000:
        return int(text)
    if _FLOAT.match(text) and len(text) < 400:
        number = float(text)
        return number if number not in (float("inf"), float("-inf")) else text
    return text


def scalar(text: str) -> Value:
    """One value typed on a command line, read as in a facts file."""
    stripped = text.strip()
    if not stripped:
        return ""
    if stripped[0] in "[{\"'":
        return read(text, "--set", as_json=False).value
    _refuse_control(text, Place("--set"))
    return resolve(stripped)


def unwritable(text: str) -> str | None:
    """The first character of a text that no fact may hold; None when there is none."""
    match = _FORBIDDEN.search(text) or _RETURN.search(text)
    return match[0] if match else None


def _refuse_control(text: str, place: Place) -> None:
    if found := unwritable(text):
        raise _control(place, found)


def _control(place: Place, character: str) -> BeianError:
    code = ord(character)
    kind = "不成对的代理字符" if 0xD800 <= code <= 0xDFFF else "控制字符"
    return BeianError(
        f"含有不可见的{kind} U+{code:04X}，不能写入材料。",
        place=place,
        hint="多由复制粘贴带入；删去该字符后重新输入。",
    )


def too_large(size: int, file: str) -> BeianError:
    """What to say of a file of ``size`` bytes that is over LARGEST_TEXT."""
    return BeianError(
        f"文件有 {size / 1048576:.1f} MB，超过 {LARGEST_TEXT // 1048576} MB 的上限，未读取。",
        place=Place(file),
        hint="事实文件只写事实；词库、题库等长清单放在 annexes/ 下的 Excel 文件中。",
    )


def _not_utf8(
    file: str, encoding: str, line: int | None = None, column: int | None = None
) -> BeianError:
    return BeianError(
        f"文件不是 UTF-8 编码（像是 {encoding}）。",
        place=Place(file, line, column),
        hint="在编辑器中“另存为”，编码选 UTF-8，再试。",
    )


def _not_text(file: str) -> BeianError:
    return BeianError(
        "不是文本文件，无法作为事实读取。",
        place=Place(file),
        hint="事实文件应为 YAML 或 JSON 文本（facts.yaml 或 facts.json）。",
    )


def _yaml_words(error: Any) -> str:
    problem = str(error.problem or error.context or "")
    for words, chinese in _YAML_WORDS:
        if words in problem:
            return chinese
    return problem or "语法有误"


_YAML_WORDS = (
    (
        "mapping values are not allowed",
        "冒号出现在不该出现的地方（多为缩进不对，或文字中的“: ”未加引号）",
    ),
    ("could not find expected ':'", "此处缺少冒号"),
    ("found character '\\t'", "用了制表符；缩进只能用空格"),
    ("that cannot start any token", "有不能作为开头的字符（@、`、% 或制表符须加引号）"),
    ("did not find expected key", "此处应有键名（多为缩进不齐）"),
    ("expected <block end>", "缩进不齐"),
    ("did not find expected", "结构不完整（缺括号、逗号或缩进不齐）"),
    ("unexpected end of stream", "文件在引号或括号中间结束"),
    ("while scanning a quoted scalar", "引号没有闭合"),
    ("found unknown escape character", "双引号内有不认识的反斜杠转义（路径请用单引号）"),
    ("expected ',' or", "方括号或花括号内缺少逗号"),
    ("found undefined alias", "不接受别名（*）"),
    (
        "expected alphabetic or numeric character",
        "不接受锚点（&）或别名（*）；以 & 或 * 开头的文字须加引号",
    ),
    ("expected the node content", "此处缺少内容"),
    ("found duplicate", "指令重复"),
    ("incompatible YAML document", "不支持该 YAML 版本"),
)
