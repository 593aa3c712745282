"""The register of law and all that cites it: nothing contradicts it, and a fault names its line."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from beian import yamltext
from beian.errors import BeianError
from beian.laws import NO_LAW, Register
from beian.library import Library
from beian.model import Value
from beian.resources import House
from beian.yamltext import PlacedText
from conftest import ROOT, Ran

FOREVER = "9999-12-31"
CITED_IN_WORDS = re.compile(r"《([^《》]+)》(第[零一二三四五六七八九十百千]+条(?:第.款)?(?:第.项)?)")
CITED_IN_TEMPLATE = re.compile(r'"([^"]+)"\s*\|\s*cite')
CITED_BY_FIELD = re.compile(r'^\s*"([a-z][a-z0-9-]*(?::[^"]+)?)",?$')
BASIS = re.compile(r"(^|\.)basis\[\d+\]$")


# --- what may be wrong ---------------------------------------------------------------------------


def contradictions(root: Path) -> list[str]:
    """Every place, as ``file:line``, where data under a folder contradicts its own register."""
    register = register_of(root)
    return [
        *wrong_numbers(root),
        *wrong_succession(root, register),
        *overlaps(root),
        *wrong_bases(root, register),
        *wrong_words(root, register),
    ]


def register_of(root: Path) -> Register:
    from beian import laws

    return laws.load(House((root,)))


def placed(root: Path, pattern: str) -> Iterator[PlacedText]:
    for file in sorted(root.glob(pattern)):
        name = file.relative_to(root).as_posix()
        text = yamltext.decode(file.read_bytes(), name)
        yield yamltext.read(text, name, as_json=False, dotted_keys=True)


def fault(text: PlacedText, path: str, words: str) -> str:
    place = text.place(path)
    return f"{place.file}:{place.line}: {words}"


def wrong_numbers(root: Path) -> Iterator[str]:
    """Articles whose printed form is not that of their number, and articles entered twice."""
    for text in placed(root, "schemas/laws/*.yaml"):
        seen: set[str] = set()
        for index, article in enumerate(text.value["articles"]):
            path, number, label = f"articles[{index}]", article["article"], article["label"]
            if number in seen:
                yield fault(text, f"{path}.article", f"{number} is entered twice")
            seen.add(number)
            if label not in labels_of(number):
                yield fault(text, f"{path}.label", f"{number} is not printed as {label}")


def labels_of(number: str) -> tuple[str, ...]:
    """How an article or clause may be printed: 14.2 as 第十四条第二款 or, of a standard, 14.2."""
    parts = re.fullmatch(r"(\d+)(?:\.(\d+))?(?:\((\d+)\))?", number)
    if parts is None:
        return (number,)
    article, paragraph, item = parts.groups()
    printed = f"第{chinese(int(article))}条"
    printed += f"第{chinese(int(paragraph))}款" if paragraph else ""
    printed += f"第{chinese(int(item))}项" if item else ""
    return (printed, number, f"第{number}章")


def chinese(number: int) -> str:
    """A number from 1 to 9999 in Chinese: 一千零一十九."""
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap and text else "") + "零一二三四五六七八九"[digit] + name
        gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


def wrong_succession(root: Path, register: Register) -> Iterator[str]:
    for text in placed(root, "schemas/laws/*.yaml"):
        one = text.value
        if one["since"] and one["until"] and one["until"] < one["since"]:
            yield fault(text, "until", f"ends {one['until']} before it begins")
        if one["successor"] is None:
            continue
        later = register.instruments.get(one["successor"])
        if later is None:
            yield fault(text, "successor", f"unknown instrument {one['successor']}")
        elif one["status"] == "superseded" and (
            later.since is None or later.since <= one["until"]
        ):
            yield fault(text, "successor", f"overlaps {later.id}, in force since {later.since}")


def overlaps(root: Path) -> Iterator[str]:
    for kind in ("rules", "conclusions"):
        for text in placed(root, f"schemas/{kind}/*.yaml"):
            for index, record in enumerate(text.value):
                end = ""
                for number, version in enumerate(record["versions"]):
                    path = f"[{index}].versions[{number}].since"
                    if version["since"] <= end:
                        yield fault(text, path, f"{record['id']} has a version until {end}")
                    end = version.get("until", FOREVER)


def wrong_bases(root: Path, register: Register) -> Iterator[str]:
    """Bases that the register does not know, that are no law, or no law on all days relied on."""
    for kind in ("rules", "conclusions"):
        for text in placed(root, f"schemas/{kind}/*.yaml"):
            for index, record in enumerate(text.value):
                for number, version in enumerate(record["versions"]):
                    days = version["since"], version.get("until", FOREVER)
                    yield from of_version(text, f"[{index}].versions[{number}]", register, days)
    for text in placed(root, "templates/*/document.yaml"):
        days = text.value["since"], text.value.get("until", FOREVER)
        yield from of_version(text, "", register, days)
    for file in sorted(root.glob("templates/*/*")):
        if file.suffix in (".md", ".html", ".yaml"):
            for number, line in lines(file):
                for reference in CITED_IN_TEMPLATE.findall(line):
                    for words in wrong(reference, register):
                        yield f"{file.relative_to(root).as_posix()}:{number}: {words}"
    for file in sorted(root.glob("schemas/facts/*.json")):
        for number, line in lines(file):
            reference = CITED_BY_FIELD.match(line)
            if reference and reference[1].partition(":")[0] in register.instruments:
                for words in wrong(reference[1], register):
                    yield f"{file.relative_to(root).as_posix()}:{number}: {words}"


def lines(file: Path) -> Iterator[tuple[int, str]]:
    return enumerate(file.read_text(encoding="utf-8").splitlines(), 1)


def of_version(
    text: PlacedText, below: str, register: Register, days: tuple[str, str]
) -> Iterator[str]:
    for path in text.places:
        if path.startswith(below) and BASIS.search(path):
            value = text.value
            for step in re.findall(r"\[(\d+)\]|([^.\[\]]+)", path):
                value = value[int(step[0]) if step[0] else step[1]]
            for words in wrong(value, register, days):
                yield fault(text, path, words)


def wrong(
    reference: str, register: Register, days: tuple[str, ...] = ()
) -> Iterator[str]:
    instrument = register.instruments.get(reference.partition(":")[0])
    if instrument is None:
        yield f"unknown instrument: {reference}"
        return
    try:
        register.cite(reference)
    except BeianError:
        yield f"article outside the register: {reference}"
    if instrument.status in NO_LAW:
        yield f"draft used as law: {reference}"
    for day in days:
        if instrument.status not in NO_LAW and not instrument.covers(day):
            yield f"no law on {day}: {reference}"


def wrong_words(root: Path, register: Register) -> Iterator[str]:
    """Articles named in prose, such as 《暂行办法》第十条, that the register does not hold."""
    patterns = ("schemas/facts/*.json", "schemas/rules/*.yaml", "schemas/conclusions/*.yaml",
                "templates/*/document.yaml", "templates/*/template.md", "templates/*/page.html",
                "templates/*/workbook.yaml", "templates/*/fill.yaml")
    for file in (one for pattern in patterns for one in sorted(root.glob(pattern))):
        for number, line in lines(file):
            for title, label in CITED_IN_WORDS.findall(line):
                if register.find(f"{title}:{label}") is None:
                    yield (f"{file.relative_to(root).as_posix()}:{number}: "
                           f"article outside the register: 《{title}》{label}")


# --- the shipped data, and data made wrong -------------------------------------------------------


def test_shipped_data_agrees_with_the_register() -> None:
    assert contradictions(ROOT) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for room in ("schemas", "templates"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("*.docx"))
    return tmp_path


SCOPE, DEEP = "schemas/conclusions/scope.yaml", "schemas/laws/deep-synthesis.yaml"
MISTAKES = {
    "unknown instrument": (
        SCOPE, '["interim-measures:2.1"]', '["interim-measure:2.1"]',
        "unknown instrument: interim-measure:2.1"),
    "article outside the register": (
        SCOPE, '["interim-measures:2.1"]', '["interim-measures:29"]',
        "article outside the register: interim-measures:29"),
    "draft used as law": (
        SCOPE, '["interim-measures:2.1"]', '["digital-human-draft"]',
        "draft used as law: digital-human-draft"),
    "law used before its day": (
        SCOPE, '["opinion-services-assessment:2(1)"]', '["labelling-measures:4.1"]',
        "no law on 2018-11-30: labelling-measures:4.1"),
    "overlapping versions": (
        SCOPE, "until: 2023-08-14", "until: 2023-08-15",
        "opinion-attribute has a version until 2023-08-15"),
    "wrong printed number": (
        DEEP, "label: 第十九条第二款", "label: 第十九条第三款", "19.2 is not printed as 第十九条第三款"),
    "article entered twice": (DEEP, 'article: "6.2"', 'article: "6"', "6 is entered twice"),
    "overlapping instruments": (
        "schemas/laws/cybersecurity-law-2016.yaml", "until: 2025-12-31", "until: 2026-01-01",
        "overlaps cybersecurity-law, in force since 2026-01-01"),
    "unknown successor": (
        "schemas/laws/cybersecurity-law-2016.yaml", "successor: cybersecurity-law", "successor: none",
        "unknown instrument none"),
    "template cites what is not there": (
        "templates/user-agreement/template.md", '"interim-measures:9.2"|cite',
        '"interim-measures:9.9"|cite', "article outside the register: interim-measures:9.9"),
    "field cites what is not there": (
        "schemas/facts/service.schema.json", '"interim-measures:2.1"', '"interim-measures:2.9"',
        "article outside the register: interim-measures:2.9"),
    "prose names what is not there": (
        "templates/service-disclosure/document.yaml", "按《暂行办法》第十条", "按《暂行办法》第四十条",
        "article outside the register: 《暂行办法》第四十条"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_contradiction_is_reported_with_file_and_line(
    copied: Path, file: str, old: str, new: str, words: str
) -> None:
    text = (copied / file).read_text(encoding="utf-8")
    assert old in text
    (copied / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    found = contradictions(copied)
    assert any(one.startswith(f"{file}:") and one.endswith(words) for one in found), found
    # An overlap shows at the version that begins too early, a missing item at what holds it.
    assert any(abs(int(one.split(":")[1]) - line) <= 1 for one in found) or "version until" in words


# --- how it is shown -----------------------------------------------------------------------------

NAMES = {
    "暂行办法:17": "interim-measures:17",
    "暂行办法第十七条": "interim-measures:17",
    "《生成式人工智能服务管理暂行办法》第十七条": "interim-measures:17",
    "gbt-45654": "gbt-45654",
    "GB/T 45654-2025": "gbt-45654",
    "gb/t45654": "gbt-45654",
    "算法推荐：24": "algorithm-recommendation:24",
    "深度合成:19.2": "deep-synthesis:19.2",
    "标识办法": "labelling-measures",
    "拟人化办法:14": "anthropomorphic-measures:14",
    "安全评估规定:7": "opinion-services-assessment:7",
    "网络安全法:20": "cybersecurity-law:20",
    "消费者权益保护法:26": "consumer-law:26",
    "个人信息保护法:55": "pipl:55",
}


@pytest.mark.parametrize(("words", "reference"), NAMES.items())
def test_instruments_and_articles_are_found_by_the_names_people_use(
    library: Library, words: str, reference: str
) -> None:
    found = library.register.find(words)
    assert found is not None
    instrument, article = found
    assert (f"{instrument.id}:{article.article}" if article else instrument.id) == reference


@pytest.mark.parametrize("words", ["暂行办法:99", "不存在的办法", "第十七条", ""])
def test_what_is_not_in_the_register_is_not_found(library: Library, words: str) -> None:
    assert library.register.find(words) is None


def test_a_draft_and_a_plan_are_never_in_force(library: Library) -> None:
    announced = [one for one in library.register.instruments.values() if one.status in NO_LAW]
    assert {one.status for one in announced} == set(NO_LAW)
    assert not any(one.covers(day) for one in announced for day in ("2026-11-20", FOREVER))


def test_an_amended_law_takes_over_the_day_its_old_text_ends(library: Library) -> None:
    laws = library.register.instruments
    old, new = laws["cybersecurity-law-2016"], laws["cybersecurity-law"]
    assert (old.covers("2025-12-31"), new.covers("2025-12-31")) == (True, False)
    assert (old.covers("2026-01-01"), new.covers("2026-01-01")) == (False, True)


SHOWN: dict[str, list[str]] = {
    "gbt-45654": ["文号  GB/T 45654-2025", "状态  现行，2025-11-01 起"],
    "数字虚拟人办法（征求意见稿）": ["状态  征求意见稿，不产生义务，施行日期未定"],
    "人工智能法（立法研究）": ["状态  立法计划，没有文本，不产生义务，施行日期未定"],
    "网络安全法（2016年）": ["已失效，2017-06-01 至 2025-12-31", "后继  cybersecurity-law"],
    "民法典:1019": ["第一千零一十九条", "核对  待核对"],
}


@pytest.mark.parametrize(("words", "expected"), SHOWN.items())
def test_explain_shows_number_days_state_and_mark(
    beian: Callable[..., Ran], words: str, expected: list[Value]
) -> None:
    ran = beian("explain", words)
    assert ran.code == 0, ran.err
    assert [one for one in expected if one not in ran.out] == []


def test_explain_names_the_headings_that_print_an_article(beian: Callable[..., Ran]) -> None:
    ran = beian("explain", "暂行办法:14.2")
    line = next(one for one in ran.out.splitlines() if "security-assessment" in one)
    assert "违规使用者处置" in line
