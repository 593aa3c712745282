"""Finds the tags of a text: whole, broken, or made of characters that only look like braces."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from beian.lint.report import Line, Report, short

_FILL = "改为标签，或者删去。"
_MARKS = [
    (
        "template-own-mark",
        r"【待[填定]：?[^】]*】?",
        "草稿输出的标记",
        "换回原来的标签；正式稿遇到它会拒绝生成。",
    ),
    (
        "template-drafting-mark",
        r"【(?!待[填定])[^】]{0,30}?(?:待|填写|请输入|请选择|此处|示例|样例|TODO)[^】]*】",
        "起草标记",
        _FILL,
    ),
    (
        "template-drafting-mark",
        r"(?<![A-Za-z0-9])[XxＸ]{3,}(?![A-Za-z0-9])|[×✕╳]{2,}",
        "起草标记",
        _FILL,
    ),
    ("template-drafting-mark", r"待补充|待填写|此处填写|此处输入|某某", "起草标记", _FILL),
    ("template-drafting-mark", r"(?i)\b(?:TODO|FIXME|TBD)\b|lorem ipsum", "起草标记", _FILL),
    ("template-blank", r"(?<![A-Za-z0-9])[XxＸ]{2}(?![A-Za-z0-9XxＸ])", "疑似未填的空位", _FILL),
    ("template-blank", r"[_＿]{3,}", "留空的横线", "需要填写的改为标签；供手写签名的保留。"),
]
_MARKS_COMPILED = [(rule, re.compile(one), name, hint) for rule, one, name, hint in _MARKS]

CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENING = {closing: opening for opening, closing in CLOSING.items()}
EDGE = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
ANY_TAG = re.compile(r"\{\{[^{}<>]*\}\}|\{%[^{}<>]*%\}")
_HALF_CLOSED = {"{{": re.compile(r"\}(?!\})"), "{%": re.compile(r"[%}](?!\})")}
PREFIX = re.compile(r"(tr|tc|p|r)\s+")
_SPACED_PREFIX = re.compile(r"\s+(tr|tc|p|r)\s+(?=(?:if|elif|else|endif|for|endfor)\b)")
_WORD = re.compile(r"\s*([^\W\d]\w*)\s*(.*)\Z", re.DOTALL)

_BRACES = str.maketrans("｛﹛｝﹜％﹪＃", "{{}}%%#")
_LOOKALIKE_BRACES = re.compile("[{｛﹛][{｛﹛%％﹪#＃]|[}｝﹜%％﹪#＃][}｝﹜]")
_SPACED_BRACES = re.compile(r"\{\s+[{%]|[}%]\s+\}")

BLOCK_WORDS = ("if", "elif", "else", "endif", "for", "endfor")


@dataclass(slots=True)
class Tag:
    """One tag as it stands in a line.

    ``level`` is what it stands in once compiled (tags of a block must share it), ``home`` what
    holds that; an ``unsure`` tag was repaired by guess and counts for the blocks only.
    """

    line: Line
    start: int
    end: int
    kind: str
    prefix: str
    body: str
    shown: str
    unsure: bool = False
    level: Any = None
    home: Any = None

    def source(self) -> str:
        return f"{self.kind} {self.body} {CLOSING[self.kind]}"

    def word(self) -> tuple[str, str]:
        """The first word of a statement, and what follows it."""
        found = _WORD.match(self.body)
        return (found[1], found[2].strip()) if found else ("", self.body)


def scan(text: str, line_at: Callable[[int], Line], report: Report) -> Iterator[Tag]:
    """The tags of a text; broken ones are reported, and repaired where that can be guessed."""
    meant = _with_plain_braces(text, line_at, report)
    position = 0
    while edge := EDGE.search(meant, position):
        start, opening, line = edge.start(), edge[0], line_at(edge.start())
        if opening in _OPENING:
            words = f"多余的“{opening}”：同一段里，它之前没有“{_OPENING[opening]}”"
            report.add("template-broken-tag", line, words, "标签须在同一段之内写完。")
            position = edge.end()
            continue
        end, fault = _end_of_tag(meant, start)
        whole = meant[start:end]
        if fault:
            hint = f"标签以“{CLOSING[opening]}”结束，须在同一段之内写完。"
            report.add("template-broken-tag", line, f"标签“{short(whole)}”{fault}", hint)
        closed = whole.endswith(CLOSING[opening]) or fault != _UNCLOSED
        body = re.sub(r"[%}#]{1,2}\Z", "", whole[2:]) if closed else whole[2:]
        tag = _made_tag(line, start, end, opening, body, text[start:end])
        tag.unsure = not closed
        if closed or tag.word()[0] in BLOCK_WORDS:
            yield tag
        position = end if closed else start + 2


_UNCLOSED = "没有结束"


def _end_of_tag(text: str, start: int) -> tuple[int, str]:
    """Where a tag ends, and what is wrong with its end."""
    opening = text[start : start + 2]
    closing = CLOSING[opening]
    if opening == "{#":
        end = text.find(closing, start + 2)
        return (end + 2, "") if end >= 0 else (len(text), _UNCLOSED)
    following = EDGE.search(text, start + 2)
    if following is not None and following[0] == closing:
        return following.end(), ""
    limit = following.start() if following is not None else len(text)
    half = _HALF_CLOSED[opening].search(text, start + 2, limit)
    if half is not None:
        return half.end(), f"只以“{half[0]}”结束"
    if following is not None and following[0] in _OPENING:
        return following.end(), f"以“{opening}”开始，却以“{following[0]}”结束"
    return limit, _UNCLOSED


def _made_tag(line: Line, start: int, end: int, kind: str, body: str, shown: str) -> Tag:
    prefix = PREFIX.match(body) or (_SPACED_PREFIX.match(body) if kind == "{%" else None)
    if prefix is not None:
        body = body[prefix.end() :]
    elif kind != "{#":
        body = re.sub(r"\A[-+]|[-+]\Z", "", body)
    return Tag(line, start, end, kind, prefix[1] if prefix else "", body.strip(), shown)


def _with_plain_braces(text: str, line_at: Callable[[int], Line], report: Report) -> str:
    """The text with look-alike braces, which are reported, made what they were meant to be."""
    meant = text
    for found in _LOOKALIKE_BRACES.finditer(text):
        plain = found[0].translate(_BRACES)
        if plain != found[0]:
            meant = meant[: found.start()] + plain + meant[found.end() :]
            words = f"“{found[0]}”不是“{plain}”，不会当作标签"
            report.add(
                "template-lookalike", line_at(found.start()), words, "用英文输入法重写标签的括号。"
            )
    for found in _SPACED_BRACES.finditer(ANY_TAG.sub(lambda tag: "\0" * len(tag[0]), meant)):
        words = f"“{found[0]}”中间有空格，不会当作标签"
        hint = "本来就是文字的不用改；要写标签的，去掉空格。"
        report.add("template-spaced-braces", line_at(found.start()), words, hint)
    return meant


def beside_tags(text: str, tags: Iterable[Tag]) -> str:
    """The text with its tags blanked out."""
    for tag in tags:
        text = text[: tag.start] + "\0" * (tag.end - tag.start) + text[tag.end :]
    return text


def check_words(text: str, line: Line, report: Report) -> None:
    """Marks of drafting in a text without its tags."""
    for rule, pattern, name, hint in _MARKS_COMPILED:
        if found := pattern.search(text):
            report.add(rule, line, f"{name}“{short(found[0])}”", hint)
