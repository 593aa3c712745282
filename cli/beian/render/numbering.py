"""Numbers of paragraphs, counted as Word counts its multi-level lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from beian.ooxml import w

# A printed part has one spelling for each tag, that of the compiled template.
PROPERTIES = "<w:pPr>"
STYLED = re.compile(r'<w:pStyle w:val="([^"]*)"/>')
_LISTED = re.compile(r"<w:numPr>(.*?)</w:numPr>")
_LIST = re.compile(r'<w:numId w:val="([^"]*)"/>')
_LEVEL = re.compile(r'<w:ilvl w:val="([^"]*)"/>')


@dataclass(frozen=True, slots=True)
class _Level:
    form: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Numbered:
    """A numbered paragraph: where its properties stand, its number, and that with those above it."""

    position: int
    shown: str
    full: str


@dataclass(slots=True)
class Numbering:
    """The lists of a Word file: which style counts in which list, and what its numbers look like."""

    styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    lists: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)
    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)

    @classmethod
    def read(cls, parts: dict[str, bytes]) -> Numbering:
        """The lists that ``word/numbering.xml`` and ``word/styles.xml`` declare."""
        made = cls()
        for root in _roots(parts, "word/numbering.xml"):
            for one in root.iter(w("abstractNum")):
                made.levels[one.get(w("abstractNumId"))] = dict(map(_level, one.iter(w("lvl"))))
            for one in root.iter(w("num")):
                starts = {
                    int(over.get(w("ilvl"))): int(_value(over, "startOverride") or 1)
                    for over in one.iter(w("lvlOverride"))
                }
                made.lists[one.get(w("numId"))] = (_value(one, "abstractNumId") or "", starts)
        for root in _roots(parts, "word/styles.xml"):
            for one in root.iter(w("style")):
                chosen = _choice(one)
                if chosen is not None:
                    made.styles[one.get(w("styleId"))] = chosen
        return made

    def count(self, text: str) -> list[Numbered]:
        """The numbered paragraphs of a printed part, in order."""
        return self.numbered(self._chosen(text))

    def numbered(self, chosen: Iterable[tuple[int, tuple[str, int]]]) -> list[Numbered]:
        """The same for paragraphs known by their position, list and level."""
        counters: dict[str, dict[int, int]] = {}
        shown: dict[str, dict[int, str]] = {}
        seen: set[str] = set()
        found: list[Numbered] = []
        for position, (number, level) in chosen:
            abstract, starts = self.lists.get(number, ("", {}))
            levels = self.levels.get(abstract, {})
            if level not in levels:
                continue
            counter = counters.setdefault(abstract, {})
            if number not in seen:
                seen.add(number)
                for at, start in starts.items():
                    counter[at] = start - 1
            counter[level] = counter.get(level, levels[level].start - 1) + 1
            for below in [at for at in counter if at > level]:
                del counter[below]
            own = self._shown(levels, level, counter)
            above = {at: one for at, one in shown.get(abstract, {}).items() if at < level}
            shown[abstract] = above | {level: own}
            full = "".join(one for _, one in sorted(shown[abstract].items()))
            found.append(Numbered(position, own, full))
        return found

    def _chosen(self, text: str) -> list[tuple[int, tuple[str, int]]]:
        """Where the properties of each paragraph in a list stand, with that list and level.

        The list is that of the paragraph's style, unless the paragraph chooses one itself, or none.
        """
        found: dict[int, tuple[str, int]] = {}
        for style in STYLED.finditer(text):
            if style[1] in self.styles:
                found[style.start() - len(PROPERTIES)] = self.styles[style[1]]
        for own in _LISTED.finditer(text):
            position = text.rfind(PROPERTIES, 0, own.start())
            number, level = _LIST.search(own[1]), _LEVEL.search(own[1])
            if number is not None and number[1] != "0":
                found[position] = (number[1], int(level[1]) if level is not None else 0)
            elif number is not None:
                found.pop(position, None)
        return sorted(found.items())

    def _shown(self, levels: dict[int, _Level], level: int, counter: dict[int, int]) -> str:
        text = levels[level].text
        for at, one in levels.items():
            if f"%{at + 1}" in text:
                text = text.replace(f"%{at + 1}", number_text(counter.get(at, one.start), one.form))
        return text


def number_text(number: int, form: str) -> str:
    """A number as a list prints it; forms other than decimal and Chinese counting as digits."""
    if form not in ("chineseCounting", "chineseCountingThousand", "taiwaneseCounting"):
        return str(number)
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    if number < 100:
        return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
    return str(number)


def _level(one: Any) -> tuple[int, _Level]:
    form, text = _value(one, "numFmt") or "decimal", _value(one, "lvlText") or ""
    return int(one.get(w("ilvl"))), _Level(form, text, int(_value(one, "start") or 1))


def _choice(element: Any) -> tuple[str, int] | None:
    chosen = element.find(f"{w('pPr')}/{w('numPr')}")
    return _chosen(chosen) if chosen is not None else None


def _chosen(choice: Any) -> tuple[str, int] | None:
    number, level = _value(choice, "numId"), _value(choice, "ilvl")
    return (number, int(level or 0)) if number not in (None, "0") else None


def _value(element: Any, name: str) -> str | None:
    found = element.find(w(name))
    value: str | None = found.get(w("val")) if found is not None else None
    return value


def _roots(parts: dict[str, bytes], name: str) -> Iterator[Any]:
    if name in parts:
        from lxml import etree

        yield etree.fromstring(parts[name])
