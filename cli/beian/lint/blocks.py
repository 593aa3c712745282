"""Follows the blocks of a template from tag to tag: what is open, crossed, or never ended."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field

from beian.lint.judge import ONLY, Judge
from beian.lint.report import short
from beian.lint.tags import BLOCK_WORDS, Tag

_OTHER_STATEMENTS = {
    "set", "macro", "call", "filter", "with", "include", "import", "from", "extends", "block", "do",
    "break", "continue", "raw", "autoescape", "trans", "pluralize", "debug", "print",
    "cellbg", "colspan", "vm", "hm",
}  # fmt: skip
_LEVEL_WORDS = {
    "": "段落之内",
    "r": "段落之内",
    "p": "段落之间",
    "tr": "表格的行之间",
    "tc": "单元格之间",
}
_NESTING = "后开始的先结束：先关闭里面的，再关闭外面的。"


@dataclass(slots=True)
class _Open:
    """A block that waits for its end."""

    tag: Tag
    word: str
    names: dict[str, str] = field(default_factory=dict)
    had_else: bool = False


class Blocks:
    """Follows the blocks of one part from tag to tag, and has each tag judged on the way."""

    def __init__(self, tags: list[Tag], judge: Judge) -> None:
        self.tags = tags
        self.judge = judge
        self.report = judge.report
        self.open: list[_Open] = []
        self.words = [self._word(tag) if tag.kind == "{%" else "" for tag in tags]

    def check(self) -> None:
        for number, (tag, word) in enumerate(zip(self.tags, self.words, strict=True)):
            if tag.kind == "{{":
                self.judge.check(tag, self.names)
            elif word in ("if", "for"):
                names = {} if tag.unsure else self.judge.check(tag, self.names)
                self.open.append(_Open(tag, word, names))
            elif word in ("elif", "else"):
                self._branch(tag, word)
            elif word:
                self._close(tag, word, number)
        for one in self.open:
            words = f"标签“{short(one.tag.shown)}”没有对应的 {{% end{one.word} %}}"
            hint = f"在它管到的内容之后写 {{% end{one.word} %}}。"
            self.report.add("template-unbalanced-block", one.tag.line, words, hint)
        self.judge.end_part()

    @property
    def names(self) -> dict[str, str]:
        return {name: path for one in self.open for name, path in one.names.items()}

    def _word(self, tag: Tag) -> str:
        """The block word of a statement; empty for what is none, which is reported."""
        word, rest = tag.word()
        shown = f"标签“{short(tag.shown)}”"
        if word == "else" and re.match(r"if\b", rest):
            self.report.add(
                "template-broken-tag", tag.line, f"{shown}写法有误", "写作 {% elif 条件 %}。"
            )
            tag.unsure = True
            return "elif"
        if word in BLOCK_WORDS:
            if word in ("else", "endif", "endfor") and rest and not tag.unsure:
                words = f"{shown}写法有误：“{short(rest)}”是多余的"
                self.report.add("template-broken-tag", tag.line, words, f"只写 {{% {word} %}}。")
            return word
        if word.removeprefix("end") in _OTHER_STATEMENTS:
            if not word.startswith("end"):
                words = f"{shown}不能使用{{% {word} %}}"
                self.report.add("template-forbidden-form", tag.line, words, ONLY)
            return ""
        close = difflib.get_close_matches(word.lower(), BLOCK_WORDS, n=1, cutoff=0.7)
        words = f"{shown}写法有误：" + (f"没有“{word}”这个标签" if word else "标签里缺少内容")
        hint = f"是否想写 {close[0]}？" if close else ONLY
        self.report.add("template-broken-tag", tag.line, words, hint)
        tag.unsure = True
        return close[0] if close else ""

    def _branch(self, tag: Tag, word: str) -> None:
        if word == "elif" and not tag.unsure:
            self.judge.check(tag, self.names)
        shown, inner = f"标签“{short(tag.shown)}”", self.open[-1] if self.open else None
        if inner is None:
            words = f"{shown}之前没有 {{% if %}}"
            self.report.add(
                "template-unbalanced-block", tag.line, words, "补上 {% if %}，或者删去。"
            )
        elif inner.word == "for" and any(one.word == "if" for one in self.open):
            words = f"{shown}和“{short(inner.tag.shown)}”交错"
            self.report.add("template-crossed-block", tag.line, words, _NESTING)
        elif inner.word == "for":
            words = f"{shown}不能写在 {{% for %}} 里"
            self.report.add(
                "template-forbidden-form", tag.line, words, "空列表另用 {% if %} 判断。"
            )
        elif inner.had_else:
            words = f"{shown}写在同一个 {{% if %}} 的 {{% else %}} 之后"
            self.report.add(
                "template-unbalanced-block",
                tag.line,
                words,
                "一个 {% if %} 只有一个 {% else %}，在最后。",
            )
        else:
            inner.had_else = word == "else"
            self._check_level(inner.tag, tag)

    def _close(self, tag: Tag, word: str, number: int) -> None:
        wanted = word.removeprefix("end")
        inner = self.open[-1] if self.open else None
        match = next((one for one in reversed(self.open) if one.word == wanted), None)
        shown = f"标签“{short(tag.shown)}”"
        if inner is not None and match is inner:
            self.open.pop()
            self._check_level(inner.tag, tag)
        elif match is not None and inner is not None:
            self.open.remove(match)
            words = f"{shown}和“{short(inner.tag.shown)}”交错"
            self.report.add("template-crossed-block", tag.line, words, _NESTING)
        elif inner is not None and not self._ends_later(inner, number):
            self.open.pop()
            words = f"{shown}关闭的却是“{short(inner.tag.shown)}”"
            self.report.add(
                "template-crossed-block", tag.line, words, f"写作 {{% end{inner.word} %}}。"
            )
        else:
            words = f"{shown}之前没有 {{% {wanted} %}}"
            self.report.add(
                "template-unbalanced-block", tag.line, words, "补上开头的标签，或者删去。"
            )

    def _ends_later(self, one: _Open, number: int) -> bool:
        rest = self.words[number + 1 :]
        return rest.count(f"end{one.word}") > rest.count(one.word)

    def _check_level(self, first: Tag, last: Tag) -> None:
        if first.level is last.level or first.unsure or last.unsure:
            return
        if first.level is None or last.level is None:  # its misplacement is already reported
            return
        inside = {first.prefix, last.prefix} <= {"", "r"}
        if inside and first.home is not None and first.home is last.home:
            words = f"“{short(first.shown)}”和“{short(last.shown)}”不在同一段"
            hint = "整段取舍的，用独占一段的 {%p … %}；否则空出的段落会留在文书里。"
            self.report.add("template-block-over-paragraphs", last.line, words, hint)
            return
        ways = [_LEVEL_WORDS[first.prefix], _LEVEL_WORDS[last.prefix]]
        words = f"“{short(first.shown)}”和“{short(last.shown)}”"
        words += f"一个在{ways[0]}，一个在{ways[1]}" if ways[0] != ways[1] else "不在同一个容器里"
        hint = "成对的标签用同样的 p、tr、tc，放在同一张表、同一个单元格或者同一段里。"
        self.report.add("template-crossed-block", last.line, words, hint)
