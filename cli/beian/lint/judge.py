"""Judges what a tag says, alone: the compile step's own check, going on after each fault."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import replace

import jinja2
from jinja2 import nodes

from beian.errors import BeianError
from beian.library import Library
from beian.lint.report import Report, short
from beian.lint.tags import Tag
from beian.paths import generic
from beian.render.compiled import FILTERS, Checker, environment
from beian.schema import Field, nearest

#: Who may not read personal data, and what such papers are called.
_OUTSIDERS = {"public": "向社会公开", "authority": "提交主管部门"}
#: Inside a tag, outside its quotations: what was typed -> what was meant.
_LOOKALIKES = {
    "｜": "|", "（": "(", "）": ")", "［": "[", "］": "]", "，": ",", "、": ",", "．": ".", "。": ".",
    "＝": "=", "！": "!", "＜": "<", "＞": ">", "＋": "+", "－": "-", "＿": "_", "：": ":", "＂": '"', "＇": "'",
    "｀": "'", "「": '"', "」": '"', "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
}  # fmt: skip
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’")
_CURLY = str.maketrans("“”‘’", "\"\"''")
_AFTER = {"if": "{% endif %}", "for": "{% endfor %}", "elif": "{% endif %}"}
_BEFORE = {"elif": "{% if true %}"}

#: What jinja2 says -> what is told.
_SYNTAX = [
    (r"unexpected char '(.+?)' at \d+", "“{0}”不能写在标签里"),
    (r"Expected an expression, got 'end of .*'", "标签里缺少内容"),
    (r"tag name expected", "标签里缺少内容"),
    (r"expected token 'end of .*', got '(.*)'", "“{0}”是多余的"),
    (r"expected token '(.*)', got '(.*)'", "此处应为“{0}”，写的是“{1}”"),
    (r"unexpected '(.*)'(?:, expected .*)?", "“{0}”写得不是地方"),
    (r"unexpected end of template.*", "括号或者引号没有结束"),
]

#: Forms that compute: what they compute with is checked all the same.
_COMPUTED = (
    nodes.CondExpr, nodes.Test, nodes.Concat, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul,
    nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow,
)  # fmt: skip
_SCALARS = ("string", "integer", "number", "boolean")
#: What kinds of fact a filter, or a comparison with a constant of some type, can take.
_TAKES = {"percent": ("number", "integer"), "length": ("array", "string"), "code": _SCALARS}
_COMPARABLE = {
    bool: ("boolean",), int: ("number", "integer"), float: ("number", "integer"), str: ("string",),
}  # fmt: skip
LABEL_EDGES = re.compile(
    r"^[\s　*＊※]*(?:[（(]?[0-9一二三四五六七八九十]+[）).、．]\s*)?|[\s　:：*＊]+$"
)
ONLY = "模板只能写 {{ 路径 }}、{% if %}、{% for %}；可用的路径见 beian explain。"
#: Stands for whatever an unknown list may hold, so that one wrong path is reported once.
_ANYTHING = Field(
    path="?", title="?", title_en="", description="", kind="array", basis=(), choices=None,
    null_text=None, sensitive=None, format=None, portal=None, inputs=(), keys=(), schema={},
)  # fmt: skip


class EveryFault(Checker):
    """The compile step's own check of one tag, going on after each fault.

    A loop whose list is unknown gives its name the path ``?``, under which anything may stand.
    """

    def __init__(self, judge: Judge, names: dict[str, str]) -> None:
        super().__init__({}, judge.declared)
        self.judge = judge
        self.names = dict(names)
        self.anchors = judge.anchors
        self.faults: list[tuple[str, str, str | None, str]] = []

    def add(self, rule: str, message: str, hint: str | None = None, path: str = "") -> None:
        self.faults.append((rule, message, hint, path))

    def check(self, node: nodes.Node) -> None:
        before = len(self.faults)
        try:
            super().check(node)
        except BeianError as fault:
            if len(self.faults) == before:
                self.add("template-forbidden-form", fault.message, ONLY)
        if isinstance(node, _COMPUTED):
            for below in node.iter_child_nodes():
                self.check(below)

    def _error(self, node: nodes.Node, message: str) -> BeianError:
        return BeianError(message)

    def _path(self, node: nodes.Expr) -> None:
        path = self._resolve(node)
        if path is not None and self.declared(path) is None:
            hint = self.judge.meant_path(path)
            self.add("template-unknown-path", f"没有“{path}”这个事实", hint, path)
        else:
            super()._path(node)

    def _filter(self, node: nodes.Filter) -> None:
        if node.name in FILTERS or node.node is None:
            if not self._is_open(node.node):
                super()._filter(node)
            return
        close = difflib.get_close_matches(node.name, FILTERS, n=1)
        hint = f"是否想写 {close[0]}？" if close else f"可用的过滤器：{'、'.join(FILTERS)}。"
        self.add("template-unknown-filter", f"没有“{node.name}”这个过滤器", hint)
        self.check(node.node)

    def _choices(self, node: nodes.Expr, field: Field) -> None:
        try:
            super()._choices(node, field)
        except BeianError as fault:
            codes = "、".join(f"{code}（{title}）" for code, title in (field.choices or {}).items())
            self.add("template-unknown-choice", fault.message, f"可选：{codes}。", field.path)

    def _compare(self, node: nodes.Compare) -> None:
        super()._compare(node)
        left, right = node.expr, node.ops[0].expr
        if node.ops[0].op in ("in", "notin"):
            return
        for side, other in ((left, right), (right, left)):
            field = self._field(side)
            if field is None or field.choices or not isinstance(other, nodes.Const):
                continue
            kinds = _COMPARABLE.get(type(other.value))
            if kinds and field.kind not in kinds and not field.path.startswith("?"):
                words = f"“{field.title}”不能和 {other.value!r} 比较，两者种类不同"
                self.add(
                    "template-unknown-choice", words, "是否题直接写路径；数不加引号。", field.path
                )

    def check_printing(self, node: nodes.Node) -> None:
        """A group of facts cannot be printed; some filters take some kinds of fact only."""
        name = node.name if isinstance(node, nodes.Filter) else ""
        field = self._field(node.node if isinstance(node, nodes.Filter) else node)
        if self.faults or field is None or field.path.startswith("?"):
            return
        item = self.declared(f"{field.path}[]") if field.is_list else field
        if item is not None and item.kind == "object" and name not in ("length", "flowchart", "bars"):
            words = f"“{field.path}”是一组内容，不能直接打印"
            keys = "、".join(item.keys[:6])
            hint = f"列表用 {{% for %}} 逐项写，写到具体的一项，例如 {keys}。"
            self.add("template-unprintable", words, hint, field.path)
        elif name in _TAKES and field.kind not in _TAKES[name]:
            words = f"“{field.title}”不能用过滤器 {name}"
            self.add("template-unprintable", words, f"去掉“|{name}”。", field.path)

    def _is_open(self, node: nodes.Node | None) -> bool:
        field = self._field(node)
        return field is not None and field.path.startswith("?")

    def _field(self, node: nodes.Node | None) -> Field | None:
        if not isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)):
            return None
        try:
            return self.declared(self._resolve(node) or "")
        except BeianError:
            return None


class Judge:
    """What the data say of a template: which paths, citations and labels there are."""

    def __init__(
        self, library: Library, audience: str | None, report: Report, asked: Collection[str] = ()
    ) -> None:
        self.library = library
        self.audience = audience
        self.asked = asked
        self.report = report
        self.fields: dict[str, Field] = {
            path: one
            for schema in (library.schema, library.derived_schema, library.dossier_schema)
            for path, one in schema.fields.items()
        }
        self.anchors: set[str] = set()
        self.refs: dict[str, Tag] = {}
        self.labels: dict[str, list[str]] = {}
        for path, one in library.schema.fields.items():
            self._label(path, one)

    def _label(self, path: str, one: Field) -> None:
        if path.endswith("[]") or (one.kind == "object" and "name" not in one.keys):
            return
        shown = f"{path}.name" if one.kind == "object" else path
        for label in {one.title, str((one.portal or {}).get("label", ""))} - {""}:
            self.labels.setdefault(LABEL_EDGES.sub("", label), []).append(shown)

    def declared(self, path: str) -> Field | None:
        return _ANYTHING if path.startswith("?") else self.library.field(generic(path))

    def meant_path(self, path: str) -> str:
        """The path most probably meant by one that does not exist."""
        known = ""
        for step in re.findall(r"[^.\[\]]+|\[\]", path):
            here = f"{known}[]" if step == "[]" else f"{known}.{step}".lstrip(".")
            if here not in self.fields:
                break
            known = here
        step, above = path[len(known) :].lstrip(".").partition(".")[0], self.fields.get(known)
        if above is not None and above.is_list:
            return f"“{known}”是列表：用 {{% for 变量 in {known} %}} 逐项写。"
        if above is not None and above.keys:
            under = {key: {"title": self.fields[f"{known}.{key}"].title} for key in above.keys}
            return nearest(step, under)
        close = difflib.get_close_matches(path, self.fields, n=1, cutoff=0.7)
        close = close or self.labels.get(path, [])[:1]
        if not close:
            titles = difflib.get_close_matches(path, self.labels, n=1, cutoff=0.7)
            close = self.labels[titles[0]][:1] if titles else []
        if close:
            return f"是否想写 {close[0]}（{self.fields[close[0]].title}）？"
        return "可用的路径见 beian explain；循环变量只能在它的 {% for %} 之内使用。"

    def check(self, tag: Tag, names: dict[str, str]) -> dict[str, str]:
        """Reports every fault of one tag; returns the name that a loop brings, with its path."""
        tag = self._with_plain_signs(tag)
        word = tag.word()[0] if tag.kind == "{%" else ""
        tree = self._parsed(tag, _BEFORE.get(word, ""), _AFTER.get(word, ""))
        if tree is None:
            found = re.match(r"for\s+(\w+)", tag.body)
            return {found[1]: "?"} if word == "for" and found else {}
        every = EveryFault(self, names)
        try:
            every.check(tree)
            for node in tree.find_all(nodes.Output) if tag.kind == "{{" else ():
                for printed in node.nodes:
                    every.check_printing(printed)
        except RecursionError:
            every.add("template-forbidden-form", "写得过长或者过深", ONLY)
        for name in every.refs:
            self.refs.setdefault(name, tag)
        self._check_cited(every)
        self._check_personal(every)
        for rule, message, hint, path in every.faults:
            self.report.add(rule, tag.line, f"标签“{short(tag.shown)}”{message}", hint, path)
        return self._loop_name(tree, every) if word == "for" else {}

    def end_part(self) -> None:
        """Anchors and references belong to one part: what refers to nothing is reported."""
        for name, tag in self.refs.items():
            if name not in self.anchors:
                words = f"标签“{short(tag.shown)}”没有“{name}”这个锚点"
                hint = f'在所指的段落中写 {{{{ "{name}"|anchor }}}}。'
                self.report.add("template-unknown-anchor", tag.line, words, hint)
        self.anchors, self.refs = set(), {}

    def _with_plain_signs(self, tag: Tag) -> Tag:
        outside = _QUOTED.sub(lambda found: " " * len(found[0]), tag.body)
        odd = [sign for sign in _LOOKALIKES if sign in outside]
        if odd:
            named = "、".join(
                f"“{one}”" if one.isprintable() else f"U+{ord(one):04X}" for one in odd
            )
            words = f"标签“{short(tag.shown)}”中有不能用的字符 {named}"
            self.report.add("template-lookalike", tag.line, words, "用英文输入法重写这个标签。")
        if any(sign in tag.body for sign in "“”‘’") and not odd:
            words = f"标签“{short(tag.shown)}”用了中文引号，Word 模板中按英文引号处理"
            self.report.add("template-curly-quote", tag.line, words, "宜改为英文引号。")
        body = "".join(
            _LOOKALIKES.get(sign, sign) if blank == sign else sign
            for sign, blank in zip(tag.body, outside, strict=True)
        )
        return replace(tag, body=body.translate(_CURLY))

    def _parsed(self, tag: Tag, before: str, after: str) -> nodes.Template | None:
        try:
            return environment().parse(before + tag.source() + after)
        except jinja2.TemplateSyntaxError as error:
            words = _syntax_words(error.message or "")
        except (RecursionError, ValueError, OverflowError):
            words = "写得过长或者过深"
        self.report.add(
            "template-broken-tag", tag.line, f"标签“{short(tag.shown)}”写法有误：{words}", ONLY
        )
        return None

    def _check_cited(self, every: EveryFault) -> None:
        for citing in every.cites:
            try:
                self.library.register.cite(citing.reference)
            except (LookupError, BeianError):
                known = [
                    f"{law.id}:{article}"
                    for law in self.library.register.instruments.values()
                    for article in law.articles
                ]
                close = difflib.get_close_matches(citing.reference, known, n=1)
                hint = f"是否想写 {close[0]}？" if close else "登记的规定见 beian explain。"
                every.add("template-unknown-citation", f"引用的“{citing.reference}”没有登记", hint)

    def _check_personal(self, every: EveryFault) -> None:
        for path in dict.fromkeys(read.path for read in every.reads):
            one = self.declared(path)
            if self.audience == "authority" and path in self.asked:
                continue
            if self.audience in _OUTSIDERS and one is not None and one.sensitive:
                words = f"用到个人信息“{one.title}”，而本文书{_OUTSIDERS[self.audience]}"
                hint = "个人信息只写入内部文书；确属栏目要求的，由经办人手工填写。"
                every.add("template-sensitive", words, hint, path)

    def _loop_name(self, tree: nodes.Template, every: EveryFault) -> dict[str, str]:
        loop = next(tree.find_all(nodes.For), None)
        if loop is None or not isinstance(loop.target, nodes.Name):
            return {}
        listed = every._field(loop.iter)
        path = f"{listed.path}[]" if listed is not None and listed.is_list else "?"
        return {loop.target.name: "?" if path.startswith("?") else path}


def _syntax_words(message: str) -> str:
    for pattern, words in _SYNTAX:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return words.format(*found.groups())
    return message.rstrip(".")
