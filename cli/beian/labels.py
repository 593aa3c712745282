"""What a form's label means: the facts and groups that schema titles and schemas/labels.yaml name."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from beian import paths, yamltext
from beian.errors import BeianError
from beian.library import Library
from beian.model import Place, Value
from beian.resources import House
from beian.schema import Field

FILE = "schemas/labels.yaml"
_BY_PATH = ("labels", "within", "groups")

_CIRCLED = re.compile(r"^\s*[\u2460-\u2473\u2474-\u2487]")
_NUMBERING = re.compile(
    r"^(?:第[一二三四五六七八九十\d]{1,3}[、.项条]"
    r"|\([一二三四五六七八九十\d]{1,3}\)|[一二三四五六七八九十]{1,3}[、.)]"
    r"|\d{1,2}(?:\.\d{1,2})+[.、)]?|\d{1,2}[.、)])"
)
_MARKS = re.compile(r"[\s:*★※●◆·“”\"'《》_]+")
_PARENTHESES = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
#: A shorter title (姓名, 用途) is too common to name one fact by itself.
_SHORTEST_TITLE = 4
_CLOSE = 0.72
_MOST_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True)
class Context:
    """A label that stands over another one: ``how`` is span, section, heading or beside.

    What stands only beside (an earlier label of the row or the lines above) makes nothing sure.
    """

    text: str
    how: str


@dataclass(frozen=True, slots=True)
class Match:
    """The fact a label seems to name; ``sure`` only when nothing else can be meant."""

    path: str | None
    sure: bool = False
    alternatives: tuple[str, ...] = ()


def normal(text: str) -> str:
    """A label as it is compared: no spaces, numbering, marks or colons, one width, one case."""
    text = unicodedata.normalize("NFKC", _CIRCLED.sub("", text)).casefold()
    return _MARKS.sub("", _NUMBERING.sub("", _MARKS.sub("", text)))


def variants(text: str) -> tuple[str, ...]:
    """The comparable forms of a label: whole, and without what stands in parentheses."""
    whole = normal(text)
    bare = normal(_PARENTHESES.sub("", whole))
    return tuple(dict.fromkeys(one for one in (whole, bare) if one))


def load(house: House) -> dict[str, Value]:
    """schemas/labels.yaml with those of the override folders added to it."""
    merged: dict[str, Value] = {}
    for root in house.roots:
        file = root / FILE
        if not file.exists():
            continue
        text = yamltext.decode(file.read_bytes(), str(file))
        data = yamltext.read(text, str(file), as_json=False, dotted_keys=True)
        error = next(iter(house.validator("labels").iter_errors(data.value)), None)
        if error is not None:
            raise BeianError(f"标签表不合要求：{error.message}", place=Place(str(file)))
        for key, value in data.value.items():
            if key in _BY_PATH:
                into = merged.setdefault(key, {})
                for path, words in value.items():
                    into[path] = [*into.get(path, ()), *words]
            else:
                merged[key] = [*merged.get(key, ()), *value]
    return merged


def printable(field: Field) -> bool:
    """Whether a fact can be printed by one tag: no group, no list of groups."""
    return field.kind != "object" and "properties" not in field.schema.get("items", {})


def title(library: Library, path: str) -> str:
    """How a fact is called in Chinese, under the name of its group: 联系人·联系人姓名."""
    words: list[str] = []
    here = ""
    for step in re.findall(r"[a-z][a-z0-9_]*|\[\d*\]", path):
        here = f"{here}[]" if step.startswith("[") else paths.child(here, step)
        field = library.field(here)
        if field is not None and not step.startswith("["):
            words.append(field.title)
        elif step.startswith("[") and step != "[]":
            words[-1] += f"第{int(step[1:-1]) + 1}项"
    return "·".join(words[-2:])


class Labels:
    """Knows by which names forms call facts and groups."""

    def __init__(self, library: Library) -> None:
        data = load(library.house)
        self.library = library
        self._data = data
        self._alone: defaultdict[str, list[str]] = defaultdict(list)
        self._within: defaultdict[str, list[str]] = defaultdict(list)
        self._groups: defaultdict[str, list[str]] = defaultdict(list)
        self._rank = {path: rank for rank, path in enumerate(library.schema.fields)}
        for path, field in library.schema.fields.items():
            if any(path == one or _under(path, one) for one in data.get("left_out", ())):
                continue
            if printable(field) and not (path.endswith("[]")):
                self._add_fact(path, field)
            elif not path.endswith("[]"):
                _add(self._groups, path, (field.title, *data["groups"].get(path, ())))

    def signed_by_hand(self, label: str) -> bool:
        """Whether the blank beside a label is for a hand-written signature."""
        return any(word in label for word in self._data.get("signature", ()))

    def sealed(self, label: str) -> bool:
        """Whether the blank beside a label takes a seal."""
        return any(word in label for word in self._data.get("seal", ()))

    def knows(self, label: str) -> bool:
        """Whether a label is exactly the name of some fact, alone or under its group."""
        return any(name in self._alone or name in self._within for name in variants(label))

    def group(self, text: str) -> str | None:
        """The group that a heading, section row or row span names; None when it names none."""
        for name in variants(text):
            for form in self._without_endings(name):
                if found := self._groups.get(form):
                    return found[0]
        return None

    def is_neutral(self, text: str) -> bool:
        """Whether a heading speaks of nobody in particular (基本信息, 备案申请表)."""
        neutral = {"", *map(normal, self._data.get("neutral", ()))}
        return any(
            form in neutral for name in variants(text) for form in self._without_endings(name)
        )

    def match(self, label: str, contexts: Iterable[Context] = ()) -> Match:
        """The fact that a label names, given the labels over it, the nearest first."""
        names = variants(label)
        if not names or self.signed_by_hand(label):
            return Match(None)
        contexts = tuple(one for one in contexts if normal(one.text) != names[0])
        group, stranger = self._standing_under(contexts)
        alone = self._known(self._alone, names)
        anywhere = self._known(self._within, names)
        if group is not None:
            found = self._match_in(group, alone, anywhere, names)
        elif stranger:
            found = self._unsure([*alone, *anywhere, *self._close(names, "")])
        else:
            found = self._match_free(contexts, alone, anywhere, names)
        if self.sealed(label) and found.sure:
            return Match(found.path, False, found.alternatives)
        return found

    def _match_in(
        self, group: str, alone: list[str], anywhere: list[str], names: tuple[str, ...]
    ) -> Match:
        inside = [one for one in dict.fromkeys((*alone, *anywhere)) if _under(one, group)]
        direct = [one for one in inside if paths.parent(one).removesuffix("[]") == group]
        others = [one for one in dict.fromkeys((*alone, *anywhere)) if one not in inside]
        best = direct if len(direct) == 1 else inside
        if len(best) == 1:
            rest = [*(one for one in inside if one != best[0]), *others]
            return self._one(best[0], rest, sure=True)
        close = self._close(names, group)
        if inside or close:
            return self._unsure([*inside, *close, *others])
        if "." in group:  # a person's number is not the company's
            return Match(None, False, self._shown(others))
        return self._unsure([*others, *self._close(names, "")])

    def _match_free(
        self,
        contexts: tuple[Context, ...],
        alone: list[str],
        anywhere: list[str],
        names: tuple[str, ...],
    ) -> Match:
        if len(alone) == 1 and not [one for one in anywhere if one != alone[0]]:
            return self._one(alone[0], (), sure=True)
        beside = next(
            (found for one in contexts if one.how == "beside" and (found := self.group(one.text))),
            None,
        )
        near = [one for one in anywhere if beside and _under(one, beside)]
        return self._unsure([*near, *alone, *anywhere, *self._close(names, "")])

    def _standing_under(self, contexts: tuple[Context, ...]) -> tuple[str | None, bool]:
        """The group that the nearest label over it names; or whether that names a stranger."""
        for one in contexts:
            if one.how == "beside":
                continue
            group = self.group(one.text)
            if group is not None:
                return group, False
            if not self.is_neutral(one.text):
                return None, True
        return None, False

    def _known(self, index: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
        found = next((index[name] for name in names if name in index), [])
        return sorted(dict.fromkeys(found), key=self._rank.__getitem__)

    def _close(self, names: tuple[str, ...], group: str) -> list[str]:
        """The facts whose names resemble a label, the most similar first."""
        scores: dict[str, float] = {}
        for index in (self._alone, self._within):
            for known, found in index.items():
                score = max(_likeness(name, known) for name in names)
                if score < _CLOSE or (index is self._within and not group):
                    continue
                for path in found:
                    if not group or _under(path, group):
                        scores[path] = max(scores.get(path, 0), score)
        return sorted(scores, key=lambda path: (-scores[path], self._rank[path]))

    def _one(self, path: str, others: Iterable[str], *, sure: bool) -> Match:
        return Match(stated(path), sure and "[]" not in path, self._shown(others))

    def _unsure(self, found: Iterable[str]) -> Match:
        listed = [*dict.fromkeys(found)]
        return Match(stated(listed[0]), False, self._shown(listed[1:])) if listed else Match(None)

    def _shown(self, found: Iterable[str]) -> tuple[str, ...]:
        kept = dict.fromkeys(map(stated, found))
        return tuple(kept)[:_MOST_ALTERNATIVES]

    def _add_fact(self, path: str, field: Field) -> None:
        above = self.library.field(paths.parent(path)) if "." in path else None
        names = [field.title] if len(normal(field.title)) >= _SHORTEST_TITLE else []
        short = [field.title]
        if above is not None and field.title.startswith(above.title):
            short.append(field.title.removeprefix(above.title))
        if field.portal and field.portal.get("label"):
            names.append(field.portal["label"])
        _add(self._alone, path, (*names, *self._data["labels"].get(path, ())))
        _add(self._within, path, (*short, *self._data["within"].get(path, ())))

    def _without_endings(self, name: str) -> Iterator[str]:
        """A group's label, and what is left of it when its endings are taken away."""
        yield name
        endings = sorted(map(normal, self._data.get("endings", ())), key=len, reverse=True)
        while found := next((one for one in endings if name.endswith(one)), None):
            name = name.removesuffix(found)
            yield name


def stated(path: str) -> str:
    """A path that a tag can print: the first item stands for a list."""
    return path.replace("[]", "[0]")


def _add(index: defaultdict[str, list[str]], path: str, names: Iterable[str]) -> None:
    for name in names:
        for form in variants(name):
            if path not in index[form]:
                index[form].append(path)


def _under(path: str, group: str) -> bool:
    return path.startswith((f"{group}.", f"{group}[]"))


def _likeness(label: str, known: str) -> float:
    """From 0 to 1: how probably a label is a longer, shorter or otherwise worded name."""
    short, long = sorted((label, known), key=len)
    if len(short) >= 3 and short in long:
        return 0.5 + 0.5 * len(short) / len(long)
    if len(short) < 4:
        return 0.0
    return difflib.SequenceMatcher(None, label, known, autojunk=False).ratio()
