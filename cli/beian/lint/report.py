"""What lint finds: the rules with their weight, and the findings in the order of the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from beian.errors import BeianError
from beian.model import Finding, Level, Place

#: Every rule and how much it weighs.
RULES = {
    "template-file": Level.BLOCK,
    "template-refused": Level.BLOCK,
    "template-broken-tag": Level.BLOCK,
    "template-lookalike": Level.BLOCK,
    "template-unbalanced-block": Level.BLOCK,
    "template-crossed-block": Level.BLOCK,
    "template-misplaced-tag": Level.BLOCK,
    "template-unfilled-place": Level.BLOCK,
    "template-forbidden-form": Level.BLOCK,
    "template-unknown-path": Level.BLOCK,
    "template-unknown-choice": Level.BLOCK,
    "template-unknown-filter": Level.BLOCK,
    "template-unknown-citation": Level.BLOCK,
    "template-unknown-anchor": Level.BLOCK,
    "template-unprintable": Level.BLOCK,
    "template-lost-text": Level.BLOCK,
    "template-sensitive": Level.BLOCK,
    "template-drafting-mark": Level.BLOCK,
    "template-own-mark": Level.BLOCK,
    "template-tracked-change": Level.BLOCK,
    "template-comment": Level.BLOCK,
    "template-tracked-change-elsewhere": Level.REVIEW,
    "template-comment-elsewhere": Level.REVIEW,
    "template-mixed-format": Level.REVIEW,
    "template-block-over-paragraphs": Level.REVIEW,
    "template-spaced-braces": Level.REVIEW,
    "template-curly-quote": Level.REVIEW,
    "template-blank": Level.REVIEW,
    "template-font": Level.REVIEW,
    "template-untagged-label": Level.REVIEW,
    "template-external": Level.REVIEW,
    "template-macro": Level.REVIEW,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, cell or line of a template: its rank in the file and how to say where."""

    number: int
    where: Callable[[], str]
    text: str = ""


class Report:
    """Collects findings, each once, and hands them out in the order of the text."""

    def __init__(self, file: str) -> None:
        self.file = Line(-1, lambda: file)
        self._found: dict[tuple[str, str, str], tuple[int, Finding]] = {}

    def add(
        self, rule: str, line: Line, message: str, hint: str | None = None, path: str = ""
    ) -> None:
        place = line.where()
        finding = Finding(rule, RULES[rule], path, Place(place), f"{message}。", hint)
        self._found.setdefault((rule, place, message), (line.number, finding))

    @property
    def blocks(self) -> bool:
        return any(one.level is Level.BLOCK for _, one in self._found.values())

    def findings(self) -> list[Finding]:
        return [one for _, one in sorted(self._found.values(), key=lambda found: found[0])]

    def refused(self, line: Line, compile_: Callable[[], object]) -> None:
        """The compile step has the last word: what only it sees is reported as it says it."""
        try:
            compile_()
        except BeianError as error:
            place = str(error.place) if error.place else line.where()
            words = error.message.removeprefix("模板有误：").rstrip("。")
            if not self.blocks:
                self.add("template-refused", Line(line.number, lambda: place), words, error.hint)
        except Exception as error:  # its libraries fail in ways of their own on malformed files
            if not self.blocks:
                words = f"程序无法编译这份模板（{type(error).__name__}）"
                self.add(
                    "template-refused", line, words, "检查文件是否完好，用 Word 另存一次再试。"
                )


def short(text: str, longest: int = 40) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"
