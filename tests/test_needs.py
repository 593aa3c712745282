"""What is needed is what is read: every fact of the sample, taken away alone, is missed by name."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import docx
import icalendar
import openpyxl
import pytest

from beian import assembly, paths, pipeline
from beian.documents import Document
from beian.facts import Facts
from beian.library import Library
from beian.model import Level, Verdict
from beian.pipeline import Examination
from beian.render import word
from conftest import ROOT, SAMPLES
from test_dossier import W, dump

SECTIONS = {one.stem.partition(".")[0] for one in (ROOT / "schemas" / "facts").glob("*.json")}
Judge = Callable[..., Examination]


def plan_of(result: Examination) -> dict[str, tuple[Verdict, tuple[str, ...], str]]:
    return {one.document.id: (one.verdict, one.reasons, one.because) for one in result.entries}


def test_every_leaf_taken_away_alone_is_missed_by_name(
    sample: Facts, examine: Judge, say: Callable[[str], None]
) -> None:
    whole = plan_of(examine(sample.value))
    tried = unseen = 0
    for path, _ in paths.leaves(sample.value):
        tried += 1
        result = examine(paths.without(sample.value, paths.parse(path)))
        named = [one for one in result.findings if one.path == path]
        plan = plan_of(result)
        changed = plan != whole and any(
            path in reasons for _, reasons, _ in [*whole.values(), *plan.values()])
        if not named and not changed:
            unseen += 1
            print("not missed:", path)
        for one in named:
            assert one.documents, path
            # Deadlines that cannot be told yet stop no paper; everything else does.
            awaited = one.rule == "deadline"
            assert one.level in ((Level.REVIEW,) if awaited else (Level.MISSING, Level.UNDETERMINED))
    say(f"{tried} leaves of the sample taken away one by one, {unseen} unseen")
    assert unseen == 0
    assert tried > 100


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_without_any_one_leaf_a_draft_has_a_mark_and_no_blank(
    section: str, sample: Facts, examine: Judge
) -> None:
    """Of lists the first item stands for the others, and only the papers concerned are made."""
    for path, _ in paths.leaves(sample.value):
        if re.search(r"\[[1-9]", path) or re.split(r"[.\[]", path)[0] != section:
            continue
        result = examine(paths.without(sample.value, paths.parse(path)))
        concerned = tuple(one.document.id for one in result.entries if path in one.missing)
        if not concerned:
            continue
        made = assembly.build(result, draft=True, only=concerned)
        for name, content in made.files.items():
            if made.owners.get(name) in concerned:
                text = dump(name, content)
                # A calendar file holds only the days that are known: the sheet beside it has the mark.
                assert name.endswith(".ics") or "【待填：" in text or "【待定：" in text, (path, name)
                assert_no_blank(name, content)


def by_hand(cell: Any) -> str:
    """The underlined blank of a cell that is filled in by hand; empty when there is none."""
    styles = {one.get(f"{W}val") for one in cell.iter(f"{W}rStyle")}
    return "＿" if "Blank" in styles else ""


def assert_no_blank(name: str, content: bytes) -> None:
    """No empty cell of a Word table, no label of a workbook and no entry of a calendar without words."""
    if name.endswith(".docx"):
        for table in docx.Document(io.BytesIO(content)).tables:
            for row in table.rows:
                # python-docx does not look into content controls, so the elements are read.
                texts = ["".join(map(word.paragraph_text, cell._tc.iter(f"{W}p"))).strip()
                         or by_hand(cell._tc) for cell in row.cells]
                assert all(texts) or texts[0].startswith("【待填"), (name, texts)
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        if "统一口径" in book.sheetnames:
            for row in book["统一口径"].iter_rows(min_row=2, values_only=True):
                assert all(row[:2]), (name, row)
    if name.endswith(".ics"):
        for event in icalendar.Calendar.from_ical(content).walk("VEVENT"):
            for key in ("summary", "description", "dtstart"):
                assert event[key].to_ical(), (name, key)


@pytest.mark.parametrize(
    "answers",
    [
        {"service": {"name": "测试", "generates": ["text"], "offered_to_public": True}},
        {"service": {"generates": ["text"], "offered_to_public": True, "mainland_access": True}},
        {"subject": {"name": "某某公司"}, "minors": {"access": "excluded"},
         "personal_information": {"training_use": "opt_in"}},
    ],
)
def test_a_draft_of_three_answers_asserts_nothing_else(
    answers: dict[str, Any], examine: Judge
) -> None:
    result = examine(answers)
    made = assembly.build(result, draft=True)
    wanted = {one.document.id for one in result.entries
              if one.verdict is not Verdict.FAILS and one.document.formats}
    assert set(made.owners.values()) == wanted
    assert wanted >= {"algorithm-publication", "service-disclosure"}
    text = "\n".join(dump(path, content) for path, content in made.files.items()
                     if not path.endswith(".json"))
    # Sentences that stand under a condition whose fact nobody stated.
    hanging = {
        "minors.access": ["本服务不向未满十八周岁的未成年人提供", "未成年人使用本服务的条件"],
        "personal_information.training_use": ["默认用于训练模型", "不用于训练模型"],
        "audience.important_occasions": ["不是专门用于关键信息基础设施", "用于下列重要场合"],
        "audience.excluded_groups": ["没有另行限定不适用的人群", "不向下列人群提供"],
        "audience.excluded_occasions": ["没有另行限定不适用的场合", "不适用于下列场合"],
        "minors.barrier.status": ["尚未实施年龄核验措施", "起采取"],
        "models": ["的权重"],
        "labels": ["起实施"],
    }
    for path, sentences in hanging.items():
        section, key = [*path.split("."), ""][:2]
        if key and answers.get(section, {}).get(key) is not None:
            continue
        for sentence in sentences:
            assert sentence not in text, (path, sentence)
    assert "【待填：" in text


#: The complete samples; the first that owes a document tries its conditions.
MATTERS = ("chat-assistant", "writing-api", "model-platform", "image-studio", "companion")
DOCUMENTS = sorted(one.parent.name for one in (ROOT / "templates").glob("*/document.yaml"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_conditional_sentence_is_held_against_its_absent_fact(
    document: str, library: Library, examine: Judge, say: Callable[[str], None]
) -> None:
    """For each condition of each template: without the facts that decide, neither branch."""
    for matter in MATTERS:
        value = pipeline.load(SAMPLES / matter, library).value
        [entry] = [one for one in examine(value).entries if one.document.id == document]
        if entry.verdict is Verdict.HOLDS:
            break
    else:
        pytest.skip("no complete sample owes it")
    stated = {path for path, _ in paths.leaves(value)}
    stated |= {paths.parent(path) for path in stated} | set(value)
    stated |= {re.sub(r"\[0\].*", "", path) for path in stated}
    tested = 0
    for ending in entry.document.formats:
        if ending == "xlsx":
            continue
        for path, branches in branches_of(entry.document, ending):
            if path not in stated:
                continue  # under a branch that the sample does not take
            without = examine(paths.without(value, paths.parse(path.replace("[]", "[0]"))))
            made = assembly.build(without, draft=True, only=(document,))
            for name, content in made.files.items():
                if made.owners.get(name) == document and name.endswith(ending):
                    text = dump(f"x.{ending}", content)
                    assert "【待定：" in text, path
                    for branch in branches:
                        assert branch not in text, (path, branch)
            tested += 1
    say(f"{document} of {matter}: {tested} conditions")


def branches_of(document: Document, ending: str) -> list[tuple[str, list[str]]]:
    """(deciding path, static sentences of its branches) of each ``if`` that reads a stated fact."""
    source = document.formats[ending]
    text = (source.parent / "template.md").read_text("utf-8") if ending == "docx" \
        else source.read_text("utf-8")
    found = []
    pattern = re.compile(
        r"\{%p? if (?:not )?([a-z_.]+)[^%]*%\}(.*?)\{%p? endif %\}", re.DOTALL)
    for match in pattern.finditer(text):
        path = match[1]
        if path.partition(".")[0] not in SECTIONS:
            continue
        pieces = re.split(r"\{[{%].*?[%}]\}|<[^>]*>|\n|:::|\|", match[2])
        sentences = [one.strip() for one in pieces if len(one.strip()) >= 8]
        found.append((path, sentences))
    return found
