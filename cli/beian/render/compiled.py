"""Templates in a small part of Jinja: checked by an allow-list, made three-valued, compiled.

What a template may say: ``{{ path }}``, ``{{ path | filter }}``, ``{% if %}`` with and/or/not,
comparisons and ``in``, and ``{% for x in path %}``. Everything else is refused with its place, so
that a template can neither compute, nor call, nor reach anything but facts.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from types import CodeType
from typing import Any, NamedTuple, cast

import jinja2
from jinja2 import nodes
from jinja2.compiler import generate
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from beian import counting
from beian.errors import BeianError
from beian.model import Place, Value
from beian.printing import fact_text, joined_text, number_text, percent_text, value_text
from beian.render import barchart
from beian.render.flowchart import needs as flowchart_needs
from beian.render.layout import CONTENTS
from beian.schema import Field
from beian.view import (
    Absent,
    Branch,
    Fact,
    Unknown,
    View,
    comparison,
    conjunction,
    disjunction,
    negation,
    truth,
)

#: Gives the declaration of a generic path, or None when there is none.
Declared = Callable[[str], Field | None]

#: Compiles a source with its spots: :func:`compile_text`, or one that remembers.
Compile = Callable[[str, "dict[int, Spot]", Declared], "Compiled"]

LOOP_WORDS = frozenset({"index", "index0", "first", "last", "length"})
UNKNOWN = 2
_RAW = re.compile(r"\{%\s*raw\b|\{[%{]\s*[-+]|[-+]\s*[%}]\}")

#: filter -> (smallest, largest) number of arguments
FILTERS = {
    "join": (0, 1),
    "length": (0, 0),
    "characters": (0, 0),
    "bounds": (0, 0),
    "percent": (0, 0),
    "code": (0, 0),
    "boxes": (0, 0),
    "box": (1, 1),
    "merge": (0, 0),
    "figure": (1, 1),
    "flowchart": (1, 1),
    "bars": (1, 1),
    **dict.fromkeys(("cite", "anchor", "ref", "toc"), (0, 0)),
}
#: What these filters take is written out in the template, not read from the facts.
_ON_CONSTANTS = {
    "cite": '写明的条文，例如 "interim-measures:10"',
    "anchor": '写明的编号，例如 "complaints"',
    "ref": '写明的编号，例如 "complaints"',
    "toc": '写明的级别，例如 "1-2"',
}

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.For,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
    nodes.List,
    nodes.Tuple,
)
_FORBIDDEN_WORDS = {
    "CondExpr": "“甲 if 条件 else 乙”（改用 {% if %} 分支）",
    "Test": "“is …”判断（直接写条件，缺失的事实会自行标出）",
    "Call": "调用",
    "Add": "算术",
    "Sub": "算术",
    "Mul": "算术",
    "Div": "算术",
    "FloorDiv": "算术",
    "Mod": "算术",
    "Pow": "算术",
    "Neg": "算术",
    "Pos": "算术",
    "Concat": "拼接（~）",
    "Assign": "{% set %}",
    "AssignBlock": "{% set %}",
    "Macro": "{% macro %}",
    "CallBlock": "{% call %}",
    "FilterBlock": "{% filter %}",
    "With": "{% with %}",
    "Include": "{% include %}",
    "Import": "{% import %}",
    "FromImport": "{% from %}",
    "Extends": "{% extends %}",
    "Block": "{% block %}",
    "Slice": "切片",
    "Dict": "字典",
    "ExprStmt": "{% do %}",
    "Break": "{% break %}",
    "Continue": "{% continue %}",
}


class Spot(NamedTuple):
    """Where one tag stands in a template, and what a mark in its place looks like.

    ``kind`` is run, block, row, cell, html or value; ``section`` is the heading above it;
    ``before``/``after`` wrap a mark, ``marked_before`` a highlighted fact.
    """

    place: str
    section: str
    kind: str
    before: str = ""
    after: str = ""
    marked_before: str = ""


class Read(NamedTuple):
    """One place where a template reads a path (generic, with ``[]`` for list positions)."""

    path: str
    spot: int


class Citing(NamedTuple):
    """One citation a template prints, ``instrument:article``."""

    reference: str
    spot: int


@dataclass(slots=True)
class Compiled:
    """A compiled template text with its spots (by line of the source) and all it reads."""

    code: CodeType
    _spots: dict[int, Spot] | bytes  # as frozen, until somebody asks
    reads: list[Read]
    cites: list[Citing]
    _template: jinja2.Template | None = field(default=None, repr=False)

    @property
    def spots(self) -> dict[int, Spot]:
        if isinstance(self._spots, bytes):
            kept = marshal.loads(self._spots)
            self._spots = {line: Spot._make(parts) for line, parts in kept.items()}
        return self._spots

    @spots.setter
    def spots(self, spots: dict[int, Spot]) -> None:
        self._spots = spots

    def render(self, view: View, surface: Surface) -> str:
        """The text with every tag replaced; the surface decides what is printed."""
        if self._template is None:
            self._template = jinja2.Template.from_code(
                environment(), self.code, environment().globals, None
            )
        context: dict[str, Any] = {name: view.root(name) for name in self.roots()}
        context.update(
            k_print=surface.print,
            k_hold=surface.hold,
            k_list=surface.list,
            k_mark=surface.mark,
        )
        surface.printing = self
        try:
            return self._template.render(context)
        except (TypeError, SecurityError) as error:
            raise surface.error(surface.line, f"这里的值不能这样用（{error}）") from None

    def roots(self) -> set[str]:
        """The roots that the template reads."""
        return {read.path.partition(".")[0].partition("[")[0] for read in self.reads}

    def freeze(self) -> bytes:
        """A byte form that :func:`thaw` turns back; only for the same Python and Jinja."""
        spots = {line: tuple(spot) for line, spot in self.spots.items()}
        reads, cites = ([tuple(one) for one in all_] for all_ in (self.reads, self.cites))
        return marshal.dumps((self.code, marshal.dumps(spots), reads, cites))


def thaw(raw: bytes) -> Compiled:
    """A compiled template from its frozen form."""
    code, spots, reads, cites = marshal.loads(raw)
    return Compiled(
        code,
        spots,
        list(map(Read._make, reads)),
        list(map(Citing._make, cites)),
    )


class Surface:
    """What a template is printed on; knows which facts were missing, and where.

    ``missing`` maps each absent path to the sections that print it or hang on it;
    ``printed`` lists the (path, text) pairs in the order printed.
    """

    def __init__(self, view: View, cite: Callable[[str], str]) -> None:
        self.view = view
        self.cite = cite
        self.printing: Compiled | None = None
        self.missing: dict[str, dict[str, None]] = {}
        self.printed: list[tuple[str, str]] = []
        self.line = 0

    @property
    def spots(self) -> dict[int, Spot]:
        """The spots of the text that is being printed."""
        return self.printing.spots if self.printing is not None else {}

    def print(self, thing: object, line: int) -> Value:
        """What stands in the place of ``{{ thing }}``."""
        self.line = line
        if isinstance(thing, (Absent, Unknown)):
            self.note(thing.needs, line)
            return self.blank(thing, line)
        if isinstance(thing, Text) and thing.kind not in ("text", "cite"):
            return self.arrange(thing, line)
        path, text = self.text(thing, line)
        self.printed.append((path, text))
        return self.fact(path, text, line)

    def hold(self, test: object, line: int) -> int:
        """0, 1, or UNKNOWN when the facts that decide are absent."""
        self.line = line
        known = truth(test)
        if isinstance(known, Unknown):
            self.note(known.needs, line)
            self._undecided = known.needs
            return UNKNOWN
        return int(known)

    def list(self, thing: object, line: int) -> Any:
        """The items to loop over; None when the list is absent."""
        self.line = line
        if isinstance(thing, (Absent, Unknown)):
            self.note(thing.needs, line)
            self._undecided = thing.needs
            return None
        if isinstance(thing, Fact) and isinstance(thing.value, (type(None), list)):
            return thing.items()
        raise self.error(line, "循环的对象不是列表")

    def mark(self, filling: int, line: int) -> Value:
        """What stands in the place of an undecided branch (or, ``filling``, of an absent list)."""
        return self.undecided(self._undecided, line, bool(filling))

    def text(self, thing: object, line: int) -> tuple[str, str]:
        """(path, text) of something known; the path is empty for what is no fact."""
        if isinstance(thing, Fact):
            value = thing.value
            if _is_group(value):
                raise self.error(line, f"“{thing.path}”是一组内容，不能直接打印")
            return thing.path, fact_text(thing)
        if isinstance(thing, Text):
            return thing.path, self.cite(thing.text) if thing.kind == "cite" else thing.text
        if isinstance(thing, Branch):
            raise self.error(line, f"“{thing.path}”不是一个事实，不能打印")
        return "", str(thing)

    def note(self, needs: tuple[str, ...], line: int) -> None:
        section = self.spots[line].section
        for path in needs:
            self.missing.setdefault(path, {})[section] = None

    def error(self, line: int, message: str) -> BeianError:
        spot = self.spots.get(line)
        return BeianError(f"模板有误：{message}。", place=Place(spot.place if spot else "template"))

    # What each kind of paper does differently:

    def fact(self, path: str, text: str, line: int) -> Value:
        raise NotImplementedError

    def blank(self, thing: Absent | Unknown, line: int) -> Value:
        raise NotImplementedError

    def undecided(self, needs: tuple[str, ...], line: int, filling: bool) -> Value:
        raise NotImplementedError

    def blank_words(self, thing: Absent | Unknown) -> str:
        """【待填：…】 for an absent fact, 【待定：…】 for what absent facts leave open."""
        if isinstance(thing, Absent) and not thing.path.startswith("derived."):
            return self.fill_words(thing.needs)
        return self.pending_words(thing.needs)

    def arrange(self, thing: Text, line: int) -> Value:
        """What stands in the place of an anchor, a reference, contents, or a figure."""
        raise self.error(line, f"{thing.kind} 只能用于 Word 模板")

    def fill_words(self, needs: tuple[str, ...]) -> str:
        """【待填：…】 for what is absent."""
        return f"【待填：{self._titles(needs)}】"

    def pending_words(self, needs: tuple[str, ...]) -> str:
        """【待定：…】 for what cannot be decided yet."""
        return f"【待定：{self._titles(needs)}】"

    def _titles(self, needs: tuple[str, ...]) -> str:
        return "、".join(dict.fromkeys(self.view.title(path) for path in needs))

    _undecided: tuple[str, ...] = ()


class Recording(Surface):
    """A surface that prints nothing and only records what is missing."""

    def print(self, thing: object, line: int) -> Value:
        known = isinstance(thing, Fact) and not _is_group(thing.value)
        return "" if known else super().print(thing, line)  # how it would read is not asked

    def fact(self, path: str, text: str, line: int) -> Value:
        return ""

    def blank(self, thing: Absent | Unknown, line: int) -> Value:
        return ""

    def undecided(self, needs: tuple[str, ...], line: int, filling: bool) -> Value:
        return ""

    def arrange(self, thing: Text, line: int) -> Value:
        return ""


@dataclass(frozen=True, slots=True)
class Text:
    """The result of a filter: a text that still knows which fact it came from.

    ``kind`` is text, cite, or one of the arrangements that only a Word file can have: anchor, ref,
    toc, merge, figure, flowchart and bars (whose caption is ``more``).
    """

    path: str
    text: str
    kind: str = "text"
    more: str = ""


class _Environment(SandboxedEnvironment):
    """A second wall behind the allow-list: only nodes and loop counters give attributes."""

    def call(self, context: Any, obj: Any, *args: Any, **kwargs: Any) -> Any:
        # The allow-list leaves no call in a template: every one was put there by _ThreeValued.
        return obj(*args)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, (Fact, Absent, Branch)):
            return obj.child(attribute)
        if type(obj).__name__ == "LoopContext" and attribute in LOOP_WORDS:
            return getattr(obj, attribute)
        raise SecurityError(attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, (Fact, Absent)) and isinstance(argument, int):
            return obj.child(argument)
        raise SecurityError(str(argument))


@cache
def environment() -> SandboxedEnvironment:
    """The one environment all templates share."""
    made = _Environment(
        # Whatever is printed goes through a surface, which escapes as its kind of paper needs.
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        optimized=False,
        cache_size=0,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    made.tests.clear()
    made.filters.clear()
    made.globals.update(
        k_and=conjunction,
        k_or=disjunction,
        k_not=negation,
        k_compare=comparison,
        k_filter=_filtered,
    )
    return made


def compile_text(
    source: str,
    spots: dict[int, Spot],
    declared: Declared,
) -> Compiled:
    """A compiled template; BeianError with the tag's place when it says what none may say.

    ``spots`` gives the place of the tag on each line; ``declared`` gives the declaration of a
    generic path, or None.
    """
    env = environment()
    raw = _RAW.search(source)
    if raw is not None:
        line = source.count("\n", 0, raw.end()) + 1
        what = "{% raw %}" if raw[0].endswith("raw") else "{%- 或者 -%}（会吞掉旁边的文字）"
        raise _refusal(spots, line, f"不能使用{what}")
    try:
        tree = env.parse(source)
    except jinja2.TemplateSyntaxError as error:
        raise _refusal(spots, error.lineno, f"标签写法有误（{error.message}）") from None
    except (ValueError, RecursionError):
        raise _refusal(spots, None, "标签过长或者嵌套过深") from None
    checker = Checker(spots, declared)
    checker.check(tree)
    checker.finish()
    program = generate(_ThreeValued().visit(tree), env, "template", "template", optimized=False)
    assert isinstance(program, str)
    code = compile(program, "<template>", "exec")
    return Compiled(code, spots, checker.reads, checker.cites)


def _refusal(spots: dict[int, Spot], line: int | None, message: str) -> BeianError:
    spot = spots.get(line or 0) or next(
        (spots[one] for one in sorted(spots, reverse=True) if one <= (line or 0)), None
    )
    return BeianError(
        f"模板有误：{message}。",
        place=Place(spot.place if spot else "template"),
        hint="模板只能写 {{ 路径 }}、{% if %}、{% for %}；可用的路径见 beian explain。",
    )


class Checker:
    """Walks a template once: refuses what is not allowed, collects what is read."""

    def __init__(
        self,
        spots: dict[int, Spot],
        declared: Declared,
    ) -> None:
        self.spots = spots
        self.declared = declared
        self.reads: list[Read] = []
        self.cites: list[Citing] = []
        self.names: dict[str, str] = {}
        self.line = 0
        self.anchors: set[str] = set()
        self.refs: dict[str, nodes.Filter] = {}

    def finish(self) -> None:
        """What can be said only when the whole template has been read."""
        for name, node in self.refs.items():
            if name not in self.anchors:
                raise self._error(node, f"没有“{name}”这个锚点")

    def check(self, node: nodes.Node) -> None:
        name = type(node).__name__
        self.line = max(self.line, node.lineno or 0)
        if not isinstance(node, _ALLOWED):
            raise self._error(node, f"不能使用{_FORBIDDEN_WORDS.get(name, name)}")
        if isinstance(node, nodes.For):
            self._for(node)
        elif isinstance(node, (nodes.Name, nodes.Getattr, nodes.Getitem)):
            self._path(node)
        elif isinstance(node, nodes.Filter):
            self._filter(node)
        elif isinstance(node, nodes.Compare):
            self._compare(node)
        elif isinstance(node, nodes.Const):
            if not isinstance(node.value, (str, int, float, bool, type(None))):
                raise self._error(node, "不能使用这种常量")
        else:
            for below in node.iter_child_nodes():
                self.check(below)

    def _for(self, node: nodes.For) -> None:
        if node.test is not None or node.else_ or node.recursive:
            raise self._error(node, "{% for %} 不能带 if、else 或 recursive")
        if not isinstance(node.target, nodes.Name):
            raise self._error(node, "{% for %} 只能有一个变量")
        self.check(node.iter)
        path = self._resolve(node.iter)
        field = self.declared(path) if path else None
        if field is None or not field.is_list:
            raise self._error(node, "{% for %} 只能循环事实中的列表")
        name = node.target.name
        if name == "loop" or name.startswith("k_") or self.declared(name) or name in self.names:
            raise self._error(node, f"循环变量不能叫“{name}”")
        self.names[name] = f"{path}[]"
        for below in node.body:
            self.check(below)
        del self.names[name]

    def _compare(self, node: nodes.Compare) -> None:
        if len(node.ops) != 1:
            raise self._error(node, "比较不能连写")
        left, right = node.expr, node.ops[0].expr
        self.check(left)
        self.check(right)
        for side, other in ((left, right), (right, left)):
            if not isinstance(side, (nodes.Name, nodes.Getattr, nodes.Getitem)):
                continue
            field = self.declared(self._resolve(side) or "")
            if field is not None and field.choices is not None:
                self._choices(other, field)

    def _choices(self, node: nodes.Expr, field: Field) -> None:
        """A misspelt choice would quietly never hold: refuse it."""
        for one in node.find_all(nodes.Const) if isinstance(node, nodes.List) else [node]:
            if isinstance(one, nodes.Const) and one.value not in (field.choices or {}):
                raise self._error(node, f"“{field.title}”没有“{one.value}”这个选项")

    def _path(self, node: nodes.Expr) -> None:
        path = self._resolve(node)
        if path is None:
            return
        if self.declared(path) is None:
            raise self._error(node, f"没有“{path}”这个事实")
        self.reads.append(Read(path, node.lineno))

    def _resolve(self, node: nodes.Node) -> str | None:
        """The generic path of an expression; None for a loop counter."""
        if isinstance(node, nodes.Name):
            if node.name in self.names:
                return self.names[node.name]
            if node.name == "loop" and self.names:
                raise self._error(node, "loop 后须写 .index 等")
            return node.name
        if isinstance(node, nodes.Getattr):
            if isinstance(node.node, nodes.Name) and node.node.name == "loop" and self.names:
                if node.attr not in LOOP_WORDS:
                    raise self._error(node, f"loop.{node.attr} 不可用")
                return None
            above = self._resolve(node.node)
            if above is None:
                raise self._error(node, "loop 的计数之下没有内容")
            return f"{above}.{node.attr}"
        if isinstance(node, nodes.Getitem):
            if not (
                isinstance(node.arg, nodes.Const)
                and type(node.arg.value) is int
                and 0 <= node.arg.value < 1000
            ):
                raise self._error(node, "方括号内只能写序号")
            return f"{self._resolve(node.node)}[]"
        raise self._error(node, "此处应写事实的路径")

    def _filter(self, node: nodes.Filter) -> None:
        if node.name not in FILTERS or node.node is None:
            raise self._error(node, f"没有“{node.name}”这个过滤器")
        low, high = FILTERS[node.name]
        plain = all(
            isinstance(one, nodes.Const) and isinstance(one.value, str) for one in node.args
        )
        if (
            not low <= len(node.args) <= high
            or node.kwargs
            or node.dyn_args
            or node.dyn_kwargs
            or not plain
        ):
            raise self._error(node, f"过滤器“{node.name}”的参数不对")
        if node.name in _ON_CONSTANTS:
            if not (isinstance(node.node, nodes.Const) and isinstance(node.node.value, str)):
                raise self._error(node, f"{node.name} 只用于{_ON_CONSTANTS[node.name]}")
            self._constant(node, node.node.value)
            return
        field = self.declared(self._resolve(node.node) or "")
        self.check(node.node)
        if node.name in ("box", "boxes") and (field is None or field.choices is None):
            raise self._error(node, f"{node.name} 只用于有选项的事实")
        if node.name == "flowchart" and not self._are_steps(field):
            raise self._error(node, "flowchart 只用于流程节点的列表")
        if node.name == "bars" and not self._has(field, *barchart.KEYS):
            raise self._error(node, "bars 只用于有名称、数值和标准的列表")
        if node.name == "box" and field is not None:
            self._choices(node.args[0], field)

    def _are_steps(self, field: Field | None) -> bool:
        """Whether a field is a list of steps, as a flow chart wants them."""
        return self._has(field, "id", "name", "kinds", "next")

    def _has(self, field: Field | None, *keys: str) -> bool:
        """Whether a field is a list whose items have these keys."""
        item = self.declared(f"{field.path}[]") if field is not None and field.is_list else None
        return item is not None and set(keys) <= set(item.keys)

    def _constant(self, node: nodes.Filter, value: str) -> None:
        if node.name == "cite":
            self.cites.append(Citing(value, node.lineno))
        elif node.name == "toc" and value not in CONTENTS:
            raise self._error(node, f"toc 只能是 {'、'.join(CONTENTS)}")
        elif node.name == "anchor" and value in self.anchors:
            raise self._error(node, f"锚点“{value}”写了两次")
        elif node.name == "anchor":
            self.anchors.add(value)
        elif node.name == "ref":
            self.refs.setdefault(value, node)

    def _error(self, node: nodes.Node, message: str) -> BeianError:
        # A few kinds of node carry no line: they stand at the next tag.
        following = min((line for line in self.spots if line > self.line), default=self.line)
        return _refusal(self.spots, node.lineno or following, message)


class _ThreeValued(NodeTransformer):
    """Rewrites logic, printing, branches and loops into calls that know the unknown."""

    def __init__(self) -> None:
        self._count = 0

    def visit_And(self, node: nodes.And) -> nodes.Node:
        self.generic_visit(node)
        return _call(node, "k_and", node.left, node.right)

    def visit_Or(self, node: nodes.Or) -> nodes.Node:
        self.generic_visit(node)
        return _call(node, "k_or", node.left, node.right)

    def visit_Not(self, node: nodes.Not) -> nodes.Node:
        self.generic_visit(node)
        return _call(node, "k_not", node.node)

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:
        self.generic_visit(node)
        one = node.ops[0]
        return _call(node, "k_compare", nodes.Const(one.op), node.expr, one.expr)

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:
        self.generic_visit(node)
        assert node.node is not None
        return _call(node, "k_filter", nodes.Const(node.name), node.node, *node.args)

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        self.generic_visit(node)
        node.nodes = [
            one
            if isinstance(one, nodes.TemplateData)
            else _call(one, "k_print", one, nodes.Const(one.lineno))
            for one in node.nodes
        ]
        return node

    def visit_If(self, node: nodes.If) -> list[nodes.Node]:
        if node.elif_:
            first, *rest = node.elif_
            first.elif_, first.else_ = rest, node.else_
            node.elif_, node.else_ = [], [first]
        self.generic_visit(node)
        name = self._name()
        line = nodes.Const(node.lineno)
        held = nodes.Assign(
            nodes.Name(name, "store"), _call(node, "k_hold", node.test, line), lineno=node.lineno
        )
        open_ = nodes.Compare(nodes.Name(name, "load"), [nodes.Operand("eq", nodes.Const(UNKNOWN))])
        mark = nodes.Output([_call(node, "k_mark", nodes.Const(0), line)], lineno=node.lineno)
        known = nodes.If(nodes.Name(name, "load"), node.body, [], node.else_, lineno=node.lineno)
        return [held, nodes.If(open_, [mark], [], [known], lineno=node.lineno)]

    def visit_For(self, node: nodes.For) -> list[nodes.Node]:
        self.generic_visit(node)
        name = self._name()
        line = nodes.Const(node.lineno)
        listed = nodes.Assign(
            nodes.Name(name, "store"), _call(node, "k_list", node.iter, line), lineno=node.lineno
        )
        absent = nodes.Compare(nodes.Name(name, "load"), [nodes.Operand("eq", nodes.Const(None))])
        mark = nodes.Output([_call(node, "k_mark", nodes.Const(1), line)], lineno=node.lineno)
        loop = nodes.For(
            node.target, nodes.Name(name, "load"), node.body, [], None, False, lineno=node.lineno
        )
        return [listed, nodes.If(absent, [mark], [], [loop], lineno=node.lineno)]

    def _name(self) -> str:
        self._count += 1
        return f"k_{self._count}"


def _call(node: nodes.Node, name: str, *arguments: nodes.Node) -> nodes.Call:
    return nodes.Call(
        nodes.Name(name, "load", lineno=node.lineno),
        cast(Any, list(arguments)),
        [],
        None,
        None,
        lineno=node.lineno,
    )


def _filtered(name: str, thing: object, *arguments: str) -> object:
    if name in _ON_CONSTANTS:
        return Text("", str(thing), name)
    if isinstance(thing, (Absent, Unknown)):
        return thing
    if not isinstance(thing, Fact):
        raise SecurityError(name)
    value = thing.value
    if name == "figure":
        return thing if value is None else Text(thing.path, str(value), "figure", arguments[0])
    if name in ("characters", "bounds"):
        return Text(thing.path, _counted(name, value, thing.field))
    if name == "flowchart":
        return flowchart_needs(thing) or Text(thing.path, thing.path, name, arguments[0])
    if name == "bars":
        return barchart.needs(thing) or Text(thing.path, thing.path, name, arguments[0])
    if name == "merge":
        return Text(thing.path, value_text(value, thing.field), "merge")
    if name in ("box", "boxes"):
        return Text(thing.path, _boxes(thing, arguments))
    if name == "length":
        return Text(thing.path, str(len(value if value is not None else ())))
    if _is_group(value):
        raise TypeError(thing.path)
    if name == "code":
        return Text(thing.path, "" if value is None else str(value))
    if value is None:
        return thing
    if name == "percent":
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(thing.path)
        return Text(thing.path, percent_text(value))
    if isinstance(value, list):
        between = arguments[0] if arguments else "、"
        return Text(thing.path, joined_text(value, thing.field, between))
    return Text(thing.path, number_text(value) if isinstance(value, (int, float)) else str(value))


def _counted(name: str, value: Value, field: Field | None) -> str:
    """How many characters an answer has, or what the portal's bounds say of that."""
    texts = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    if value is None:
        return "—"
    if name == "characters":
        return str(sum(map(counting.characters, texts)))
    portal = (field.portal if field is not None else None) or {}
    return counting.fault(texts, portal.get("minimum"), portal.get("maximum")) or "符合"


def _is_group(value: Value) -> bool:
    """Whether a value is made of further values that have names, and so cannot be printed."""
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value)
    )


def _boxes(thing: Fact, codes: tuple[str, ...]) -> str:
    """A ticked or empty box: for the one choice named, or for every choice with its title."""
    chosen = thing.value if isinstance(thing.value, list) else [thing.value]
    options = thing.field.choices or {} if thing.field else {}
    if codes:
        return "☑" if codes[0] in chosen else "☐"
    return "　".join(
        f"{'☑' if code in chosen else '☐'}{title}"
        for code, title in options.items()
        if code is not None
    )
