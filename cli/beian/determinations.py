"""Counsel's own entries: determinations of conclusions, and waivers of findings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from beian.library import Library
from beian.model import Finding, Level, Place, Waiver
from beian.needs import AWAITED, NEEDED, UNDETERMINED, UNSHOWN
from beian.schema import SCHEMA_RULE, show
from beian.view import Absent, Fact, Node, View

DETERMINATION = "determination"


def check(view: View, library: Library, place: Callable[[str], Place]) -> Iterator[Finding]:
    """What is wrong with the entries: incomplete, about nothing known, or about one thing twice."""
    yield from _check(view, library, place, "determinations", "conclusion", library.conclusions)
    yield from _check(view, library, place, "waivers", "finding", library.rules)


def waive(findings: list[Finding], view: View) -> list[Finding]:
    """The findings, those that counsel lets stand marked so; what is missing cannot be waived."""
    waivers = {}
    for item in _items(view, "waivers"):
        parts = [item.child(key) for key in ("finding", "reason", "by", "on")]
        answers = [part.value for part in parts if isinstance(part, Fact)]
        if len(answers) == len(parts):
            waivers[answers[0]] = Waiver(*answers[1:])
    fixed = (SCHEMA_RULE, NEEDED, UNDETERMINED, UNSHOWN, AWAITED, DETERMINATION)
    return [
        replace(one, waiver=waivers.get(one.rule)) if one.rule not in fixed else one
        for one in findings
    ]


def _items(view: View, section: str) -> list[Node]:
    node = view.read(section)
    return node.items() if isinstance(node, Fact) else []


def _check(
    view: View,
    library: Library,
    place: Callable[[str], Place],
    section: str,
    about: str,
    known: Collection[str],
) -> Iterator[Finding]:
    seen = set()
    for item in _items(view, section):
        for key in library.schema.fields[f"{section}[]"].keys:
            part = item.child(key)
            if isinstance(part, Absent):
                yield Finding(
                    NEEDED,
                    Level.MISSING,
                    part.path,
                    place(part.path),
                    f"缺少“{view.title(part.path)}”。",
                    "各项都写明才会生效；在此之前按规则推导的结论判断。",
                )
        subject = item.child(about)
        if not isinstance(subject, Fact):
            continue
        value = item.child("value")
        if isinstance(value, Fact) and subject.value in library.conclusions:
            yield from _check_value(subject.value, value, library, place)
        if subject.value not in known:
            listed = "、".join(list(known)[:6])
            words, hint = f"没有“{subject.value}”这一项。", f"可写：{listed} 等。"
        elif subject.value in seen:
            words, hint = f"“{subject.value}”写了不止一次。", "只保留最后作出的一项。"
        else:
            seen.add(subject.value)
            continue
        yield Finding(DETERMINATION, Level.BLOCK, subject.path, place(subject.path), words, hint)


def _check_value(
    conclusion: str, value: Fact, library: Library, place: Callable[[str], Place]
) -> Iterator[Finding]:
    field = library.derived_schema.fields[conclusion]
    choices = [code for code in field.choices or (True, False) if code is not None]
    if not any(type(code) is type(value.value) and code == value.value for code in choices):
        yield Finding(
            DETERMINATION,
            Level.BLOCK,
            value.path,
            place(value.path),
            f"“{field.title}”的认定结果不能是 {show(value.value, None)}。",
            f"可写：{'、'.join(show(code, None) for code in choices)}。",
        )
