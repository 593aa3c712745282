"""In the long papers, numbers, references and contents stay right whatever part falls away."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lxml import etree

from beian import assembly, paths
from beian.documents import Document
from beian.facts import Facts
from beian.pipeline import Examination
from beian.render.dispatch import Renderer

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGITS = "零一二三四五六七八九"
LONG = ["user-agreement", "security-assessment"]


def chinese(number: int) -> str:
    """Counted here on its own, so that the product's counting is held against another."""
    tens, ones = divmod(number, 10)
    return (("十" if tens == 1 else DIGITS[tens] + "十") if tens else "") + (
        DIGITS[ones] if ones or not tens else "")


def others(value: Any, field: Any) -> Iterator[Any]:
    """What else a fact that decides a condition might say."""
    if isinstance(value, bool):
        yield not value
    elif field.choices is not None and not isinstance(value, list):
        yield from (code for code in field.choices if code != value)
    elif field.null_text is not None and value is not None:
        yield None
    elif isinstance(value, list) and len(value) > 1:
        yield value[:1]


def deciding(document: Document, renderer: Renderer) -> list[str]:
    """The stated facts that any condition of the Word template reads."""
    text = (document.formats["docx"].parent / "template.md").read_text("utf-8")
    tests = re.findall(r"\{%p? (?:el)?if (.*?) %\}", text)
    named = {name for test in tests for name in re.findall(r"[a-z_]+(?:\.[a-z_]+)+", test)}
    known = {read.path for read, _ in renderer.reads(document)}
    return sorted(named & known)


@pytest.mark.parametrize("name", LONG)
def test_numbers_hold_whatever_condition_turns(
    name: str, sample: Facts, examine: Callable[..., Examination],
    say: Callable[[str], None],
) -> None:
    whole = examine(sample.value)
    document = whole.library.documents[name]
    renderer = Renderer(whole.library)
    tried = 0
    for path in deciding(document, renderer):
        steps = paths.parse(path)
        value: Any = sample.value
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        field = whole.library.field(path)
        changes: list[Any] = [] if path.startswith("derived.") else list(others(value, field))
        for new in changes:
            tried += 1
            check(examine(paths.with_value(sample.value, steps, new)), name, f"{path} = {new}")
    check(whole, name, "as it is")
    say(f"{name}: {tried} turns of its conditions")
    assert tried >= 10


def check(result: Examination, name: str, turn: str) -> None:
    made = assembly.build(result, draft=True, only=(name,))
    [content] = [one for path, one in made.files.items() if path.startswith("working/")]
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml"))
    numbers = dict(number(root))
    marks = {one.get(f"{W}name"): next(one.iterancestors(f"{W}p"))
             for one in root.iter(f"{W}bookmarkStart")}
    for code, text in fields(root):
        reference = re.match(r" REF (\S+) ", code)
        if reference:
            assert numbers[marks[reference[1]]].rstrip(".") == text, turn
    contents = [(one.get(f"{W}anchor"), words(one)) for one in root.iter(f"{W}hyperlink")
                if (one.get(f"{W}anchor") or "").startswith("_Toc")]
    assert contents, turn
    for anchor, text in contents:
        heading = marks[anchor]
        own = numbers[heading][numbers[heading].find("（"):] if "、（" in numbers[heading] \
            else numbers[heading]
        assert text.replace("\u3000", "") == own + words(heading).replace("\u3000", ""), turn


def number(root: Any) -> Iterator[tuple[Any, str]]:
    """Each numbered paragraph with its full number, counted by its style alone."""
    clause = sub = first = second = third = fourth = 0
    for paragraph in root.iter(f"{W}p"):
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        match style.get(f"{W}val") if style is not None else None:
            case "Clause":
                clause, sub = clause + 1, 0
                yield paragraph, f"第{chinese(clause)}条"
            case "Subclause":
                sub += 1
                yield paragraph, f"第{chinese(clause)}条（{chinese(sub)}）"
            case "Heading1":
                first, second, third, fourth = first + 1, 0, 0, 0
                yield paragraph, f"{chinese(first)}、"
            case "Heading2":
                second, third, fourth = second + 1, 0, 0
                yield paragraph, f"{chinese(first)}、（{chinese(second)}）"
            case "Heading3":
                third, fourth = third + 1, 0
                yield paragraph, f"{chinese(first)}、（{chinese(second)}）{third}."
            case "Heading4":
                fourth += 1
                yield paragraph, f"{chinese(first)}、（{chinese(second)}）{third}.（{fourth}）"


def fields(root: Any) -> Iterator[tuple[str, str]]:
    """(code, result) of every field that stands in one paragraph."""
    for paragraph in root.iter(f"{W}p"):
        code = text = ""
        state = ""
        for run in paragraph.iter(f"{W}r"):
            mark = run.find(f"{W}fldChar")
            if mark is not None:
                state = mark.get(f"{W}fldCharType")
                if state == "end" and code:
                    yield code, text
                code, text = ("", "") if state == "begin" else (code, text)
            elif state == "begin":
                code += "".join(one.text or "" for one in run.iter(f"{W}instrText"))
            elif state == "separate":
                text += "".join(one.text or "" for one in run.iter(f"{W}t"))


def words(element: Any) -> str:
    return "".join(one.text or "" for one in element.iter(f"{W}t"))
