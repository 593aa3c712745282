"""The papers of a matter say the same: read back from the built files of every complete sample."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import etree

from beian import assembly, paths, pipeline
from beian import facts as facts_file
from beian.library import Library
from beian.printing import value_text
from beian.render import excel, word
from beian.render.dispatch import Renderer
from conftest import AS_OF, SAMPLES

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Row = dict[str, str]


def complete() -> Iterator[str]:
    """The samples whose dossier is whole."""
    for file in sorted(SAMPLES.glob("*/expected.json")):
        expected = json.loads(file.read_text("utf-8"))
        if not expected["stops"] and expected["documents"]["user-agreement"] == "ready":
            yield file.parent.name


#: Laid over a sample, so that what is read back is not only what its file happens to hold.
CHANGED: dict[str, Any] = {
    "personal_information.items": [
        {"name": name, "purpose": f"{name}的目的", "required": needed, "collection": "provided",
         "kept": "至账号注销后三日", "sensitive_kind": kind, **more}
        for name, needed, kind, more in (
            ("号码甲", True, "none", {}),
            ("人脸乙", False, "biometric", {"necessity": "不采集就不能换脸", "separate_consent": True}))],
    "complaints.acknowledge_working_days": 3,
    "complaints.reply_working_days": 17,
    "audience.groups": ["甲类用户", "乙类用户"],
    "audience.purposes": ["用途甲", "用途乙", "用途丙"],
    "audience.prohibited_purposes": ["禁止甲", "禁止乙"],
    "models[0].name": "改名模型",
    "models[0].version": "V9.9",
    "models[0].filing_number": "Beijing-GaiMing-202601010009",
    "labels[0].explicit_text": "人工智能生成",
    "labels[0].explicit_position": "文末单独一行",
    "labels[0].implicit_method": "写入文件的 AIGC 字段",
    "minors.access": "with_guardian",
    "minors.protection_paragraphs": ["每日不超过一小时。"],
    "minors.annual_statement_url": None,
    "agreement.guardian_consent_steps": ["监护人扫码"],
    "agreement.api": {"offered": True, "takedown_hours": 2},
}


@dataclass(frozen=True, repr=False)
class Papers:
    """The finished files of a matter: the Word files and workbooks by the document's id."""

    facts: Any
    word: dict[str, bytes]
    books: dict[str, bytes]

    def lines(self, name: str) -> list[str]:
        return list(word.text_of(self.word[name]))

    def rows(self, name: str, *headers: str) -> list[Row]:
        """The rows of the first table that has these columns, by header; none when there is no such table."""
        for table in tables(self.word[name]):
            if table and set(headers) <= set(table[0]):
                return [dict(zip(table[0], row, strict=False)) for row in table[1:]]
        return []


def tables(raw: bytes) -> Iterator[list[list[str]]]:
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(raw)).read("word/document.xml"))
    for table in root.iter(f"{W}tbl"):
        yield [
            ["".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]
            for row in table.iter(f"{W}tr")]


@pytest.fixture(scope="module", params=[(name, turn) for name in complete() for turn in ("stated", "changed")],
                ids=" ".join)
def papers(request: pytest.FixtureRequest, library: Library) -> Papers:
    name, turn = request.param
    facts = pipeline.load(SAMPLES / name, library)
    value: Any = facts.value
    for path, new in CHANGED.items() if turn == "changed" else ():
        value = paths.with_value(value, paths.parse(path), new)
    facts = facts if turn == "stated" else facts_file.from_value(value, library.schema)
    made = assembly.build(pipeline.check(facts, library, AS_OF), draft=turn == "changed")
    kept = {path: raw for path, raw in made.files.items()
            if path.startswith(("working/", "internal/")) and path in made.owners}
    return Papers(
        facts.value,
        {made.owners[path]: raw for path, raw in kept.items() if path.endswith(".docx")},
        {made.owners[path]: raw for path, raw in kept.items() if path.endswith(".xlsx")})


# --- personal information ------------------------------------------------------------------------

PERSONAL = ("privacy-policy", "user-agreement", "service-disclosure", "security-assessment")


def test_the_items_of_personal_information_are_one_set(papers: Papers, library: Library) -> None:
    wanted = [
        (one["name"], one["purpose"], "是" if one["required"] else "否")
        for one in papers.facts["personal_information"]["items"]]
    for name in PERSONAL:
        rows = papers.rows(name, "个人信息种类", "处理目的")
        needed = next(header for header in rows[0] if "必" in header)
        assert [(one["个人信息种类"], one["处理目的"], one[needed]) for one in rows] == wanted, name
    names = [one[0] for one in wanted]
    for name in {"impact-assessment", "minors-notice"} & set(papers.word):
        assert [one["个人信息种类"] for one in papers.rows(name, "个人信息种类", "处理目的")] == names, name


@pytest.mark.parametrize("name", [*PERSONAL, "impact-assessment", "minors-notice"])
def test_the_set_is_one_by_construction(name: str, library: Library) -> None:
    document = library.documents[name]
    by_format: dict[str, set[str]] = {ending: set() for ending in document.formats}
    for one, spot in Renderer(library).reads(document):
        by_format["html" if ".html" in spot.place else "docx"].add(one.path)
    for ending, read in by_format.items():
        assert {f"personal_information.items[].{key}" for key in ("name", "purpose", "required")} <= read, ending


def test_who_receives_information_is_the_same_in_all_papers(papers: Papers) -> None:
    recipients = papers.facts["agreement"]["recipients"]
    agreed = papers.rows("user-agreement", "接收方", "接收方的身份")
    assert [one["接收方"] for one in agreed] == [one["name"] for one in recipients]
    text = "\n".join(excel.text_of(papers.books["third-party-list"]))
    for capacity, header in (("entrusted", "受托方"), ("independent", "接收方")):
        wanted = [(one["name"], one["purpose"], one["information"], one["manner"], one["contact"])
                  for one in recipients if one["capacity"] == capacity]
        rows = papers.rows("privacy-policy", header, "联系方式")
        assert [tuple(one[key] for key in (header, "目的", "信息", "方式", "联系方式")) for one in rows] == wanted
        for row in wanted:
            assert all(cell in text for cell in row)


# --- users and purposes --------------------------------------------------------------------------


def said(papers: Papers, name: str, key: str) -> list[str]:
    """What a paper says the people or purposes are."""
    lines = papers.lines(name)
    if name == "user-agreement":
        label = {"groups": "适用人群：", "purposes": "用途：", "prohibited_purposes": "不得用于："}[key]
        [line] = [one for one in lines if one.startswith(label)]
        return line.removeprefix(label).partition("。")[0].split("；")
    if name == "security-assessment":
        label = {"groups": "适用的人群", "purposes": "可以用于", "prohibited_purposes": "不得用于"}[key]
        [row] = [row for table in tables(papers.word[name]) for row in table if row[0] == label]
        return row[1].split("；")
    if name == "api-customer-notice":
        first, end = "客户及其用户不得将本服务用于下列用途。", "违法内容的处置"
    else:
        first, end = {
            "groups": ("适用的人群", "不适用的人群"), "purposes": ("可以用于", "不得用于"),
            "prohibited_purposes": ("不得用于", "服务的局限和使用指引")}[key]
    part = lines[lines.index(first) + 1:]
    part = part[:part.index(end)]
    return [one.rstrip("；。") for one in part if not one.startswith("本服务适用于下列人群")]


@pytest.mark.parametrize("key", ["groups", "purposes", "prohibited_purposes"])
def test_users_and_purposes_are_the_same_in_all_papers(key: str, papers: Papers) -> None:
    for name in ("user-agreement", "service-disclosure", "security-assessment"):
        assert said(papers, name, key) == papers.facts["audience"][key], name
    if key == "prohibited_purposes" and "api-customer-notice" in papers.word:
        assert said(papers, "api-customer-notice", key) == papers.facts["audience"][key]


# --- models, days, minors, labels ----------------------------------------------------------------


def test_models_and_their_numbers_are_the_same_in_all_papers(papers: Papers, library: Library) -> None:
    field = library.field("models[].filing_number")
    assert field is not None
    wanted = [
        (one["name"], one["version"], one["provider_name"],
         one["filing_number"] or ("尚未取得" if one["source"] == "self" else field.null_text))
        for one in papers.facts["models"]]
    keys = ("模型名称", "版本", "提供方", "备案号")
    for name in {"user-agreement", "service-disclosure", "security-assessment", "algorithm-statement",
                 "api-customer-notice"} & set(papers.word):
        assert [tuple(one[key] for key in keys) for one in papers.rows(name, *keys)] == wanted, name
    text = "\n".join(papers.lines("algorithm-self-assessment"))
    sheet = "\n".join(excel.text_of(papers.books["materials-checklist"]))
    for name, _, _, number in wanted:
        assert name in text and number in text
        assert number == "尚未取得" or f"{name}（{number}）" in sheet


DAYS = re.compile(r"自收到(?:投诉举报)?之日起(\d+)个工作日内受理，自受理之日起(\d+)个工作日内反馈")


def test_the_days_for_complaints_are_the_same_in_all_papers(papers: Papers) -> None:
    stated = papers.facts["complaints"]
    wanted = {(str(stated["acknowledge_working_days"]), str(stated["reply_working_days"]))}
    telling = {}
    for name in papers.word:
        found = set(DAYS.findall("\n".join(papers.lines(name))))
        if found:
            telling[name] = found
    assert set(telling) >= {
        "user-agreement", "service-disclosure", "complaints-guide", "label-statement", "privacy-policy",
        "security-assessment", "algorithm-self-assessment"}
    assert all(found == wanted for found in telling.values()), telling


def test_the_choice_on_minors_is_the_same_in_all_papers(papers: Papers) -> None:
    excluded = papers.facts["minors"]["access"] == "excluded"
    barred = re.compile("不向(未满十八周岁的)?未成年人提供")
    admitted = re.compile("未成年人使用本服务的条件[：为]经监护人同意后可以使用")
    for name in ("user-agreement", "service-disclosure", "privacy-policy", "security-assessment",
                 "algorithm-self-assessment"):
        text = "\n".join(papers.lines(name))
        assert bool(admitted.search(text)) != excluded, name
        assert bool(re.search("(本|该)服务" + barred.pattern, text)) == excluded, name
    assert ("minors-notice" in papers.word) != excluded


def test_labels_are_the_same_in_all_papers(papers: Papers, library: Library) -> None:
    field = library.field("labels[].modality")
    keys = ("modality", "explicit_text", "explicit_position", "implicit_method")
    wanted = [tuple(value_text(one[key], field if key == "modality" else None) for key in keys)
              for one in papers.facts["labels"]]
    columns = {
        "user-agreement": ("内容", "显式标识样式", "显式标识位置", "隐式标识方法"),
        "algorithm-self-assessment": ("内容", "标识文字", "位置"),
    }
    usual = ("内容", "显式标识文字", "显式标识位置", "隐式标识方式")
    for name in {"user-agreement", "service-disclosure", "label-statement", "security-assessment",
                 "algorithm-self-assessment", "api-customer-notice"} & set(papers.word):
        headers = columns.get(name, usual)
        rows = papers.rows(name, *headers)
        assert [tuple(one[key] for key in headers) for one in rows] == [
            one[:len(headers)] for one in wanted], name
    sheet = "\n".join(excel.text_of(papers.books["portal-copy-sheet"]))
    for modality, text, position, implicit in wanted:
        assert f"{modality}：“{text}”，{position}" in sheet
        assert f"{modality}：{implicit}" in sheet
