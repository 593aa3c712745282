"""The register of instruments: what is cited, since when, and how far it was verified."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from beian.errors import BeianError
from beian.model import Citation, Value
from beian.resources import House

#: States of what may be announced as coming and is never a basis.
NO_LAW = ("draft", "planned")


@dataclass(frozen=True, slots=True)
class Article:
    """One cited article: its gist in our own words and how far its text was verified."""

    article: str
    label: str
    gist: str
    confidence: str
    checked: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One law, rule, standard or notice; days are YYYY-MM-DD, inclusive."""

    id: str
    title: str
    short: str
    kind: str
    issuers: tuple[str, ...]
    number: str | None
    issued_on: str | None
    status: str
    since: str | None
    until: str | None
    successor: str | None
    source: str
    confidence: str
    checked: str
    note: str | None
    articles: dict[str, Article]
    file: str
    #: Of what is not law yet: what it would bring, for the horizon of the memorandum.
    horizon: str | None = None

    def covers(self, day: str) -> bool:
        """Whether the instrument is in force on a day."""
        if self.status in NO_LAW or self.since is None or day < self.since:
            return False
        return self.until is None or day <= self.until


def certain(confidence: str, checked: str) -> bool:
    """Whether something may be cited without the mark 待核对."""
    # What is recalled or comes from a single source is shown as 待核对 and never printed as a
    # citation in papers for the authority.
    return confidence in ("official", "several") and checked in ("text-read", "excerpt-read")


_STATE, _YEAR = "中华人民共和国", re.compile(r"-\d{4}$")
_ARTICLE = re.compile(r"(?<=.)(第.+条.*)$")


def _names(one: Instrument) -> list[str]:
    """What a reader may call an instrument; a standard also by its number, with or without year."""
    names = [one.short, one.title, one.title.removeprefix(_STATE)]
    if one.kind.endswith(("standard", "document")) and one.number:
        names += [one.number, _YEAR.sub("", one.number)]
    return names


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


class Register:
    """All instruments by id."""

    def __init__(self, instruments: dict[str, Instrument]) -> None:
        self.instruments = instruments
        self._names = {
            _plain(name): one.id for one in instruments.values() for name in _names(one)
        }

    def cite(self, reference: str) -> Citation:
        """The citation for ``instrument:article`` or ``instrument``; BeianError when unknown."""
        name, _, number = reference.partition(":")
        instrument = self.instruments.get(name)
        if instrument is None or (number and number not in instrument.articles):
            raise BeianError(
                f"法规库中没有“{reference}”。",
                hint="写法如 interim-measures:10；先在 schemas/laws/ 中登记。",
            )
        citation = Citation(
            instrument=instrument.id,
            title=instrument.title,
            article=None,
            label="",
            since=instrument.since,
            certain=certain(instrument.confidence, instrument.checked),
            checked=instrument.checked,
        )
        if not number:
            return citation
        article = instrument.articles[number]
        return replace(
            citation,
            article=number,
            label=article.label,
            checked=article.checked,
            certain=certain(article.confidence, article.checked),
        )

    def find(self, words: str) -> tuple[Instrument, Article | None] | None:
        """The instrument, and the article named, for ``暂行办法:17``, ``gbt-45654`` and the like."""
        words = words.replace("《", "").replace("》", "").replace("：", ":")
        if ":" not in words:  # 暂行办法第十七条
            words = _ARTICLE.sub(r":\1", words)
        name, _, number = (part.strip() for part in words.partition(":"))
        key = self._names.get(_plain(name), name)
        instrument = self.instruments.get(key)
        if instrument is None:
            return None
        if not number:
            return instrument, None
        for article in instrument.articles.values():
            if number in (article.article, article.label):
                return instrument, article
        return None


def load(house: House) -> Register:
    """The register made of every file under schemas/laws."""
    instruments = {}
    for record in house.records("schemas/laws/*.yaml"):
        data: dict[str, Value] = record.data
        articles = {one["article"]: Article(**one) for one in data["articles"]}
        own = {key: data[key] for key in data if key not in ("articles", "issuers", "title_en")}
        instruments[data["id"]] = Instrument(
            **own, issuers=tuple(data["issuers"] or ()), articles=articles, file=record.file
        )
    return Register(instruments)
