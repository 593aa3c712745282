"""The questions as a workbook: everything asked once, everything read back, every mistake named."""

from __future__ import annotations

import copy
import io
import json
import os
import pty
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beian import facts as facts_file
from beian import paths, pipeline
from beian.errors import BeianError
from beian.facts import Facts
from beian.intake import answers, asked, cells, layout, marks, stamp
from beian.intake import export as exporting
from beian.intake import merge as merging
from beian.intake import read as reading
from beian.intake import table as tables
from beian.library import Library
from beian.model import Value
from beian.schema import Schema
from conftest import AS_OF, ROOT, SAMPLES, Ran

MATTERS = [*sorted(SAMPLES.iterdir()), *sorted((ROOT / "tests" / "cases").iterdir())]
Beian = Callable[..., Ran]


def exported(
    value: Value, library: Library, wanted: str = "", lang: str = "zh", needed: set[str] | None = None
) -> bytes:
    """The workbook of plain facts; ``wanted`` names the sections asked, all when empty."""
    sections = wanted.split()
    facts = facts_file.from_value(value, library.schema)
    return exporting.export(
        facts, library.schema, day=AS_OF, needed=needed or (), lang=lang,
        cite=lambda one: str(library.register.cite(one)),
        wanted=lambda path: not sections or path.partition(".")[0].partition("[")[0] in sections,
    ).content


def read_back(content: bytes, library: Library, folder: Path) -> reading.Reading:
    file = folder / "filled.xlsx"
    file.write_bytes(content)
    return reading.read(file, library.schema)


def taken(value: Value, found: reading.Reading, library: Library, prefer: str | None = None) -> Value:
    """The facts after everything in the workbook was confirmed."""
    merged = merging.merge(value, found, library.schema, prefer)
    return merged.result(range(len(merged.entries)))


class Book:
    """A workbook as a person edits it: cells found by what stands in the hidden ones."""

    def __init__(self, content: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(content))

    def rows(self, path: str) -> list[tuple[Any, int]]:
        """Sheet and row of every row that carries the mark of a path."""
        return [(sheet, row[0].row) for sheet in self.book.worksheets
                for row in sheet.iter_rows(max_col=1)
                if row[0].value == f"{marks.MARK}{path}"]

    def cell(self, path: str, nth: int = 0) -> Any:
        """The answer cell of a question, or of the nth row of a list of texts."""
        sheet, row = self.rows(path)[nth]
        return sheet.cell(row, marks.ANSWER)

    def item(self, path: str, below: str, nth: int) -> Any:
        """The cell of the nth row (from 0) of a table."""
        at, *_ = [cell for sheet in self.book.worksheets for row in sheet.iter_rows() for cell in row
                if cell.value == f"{marks.MARK}{path}[].{below}" and cell.column > marks.PATH]
        sheet = at.parent
        return sheet.cell(at.row + 2 + nth, at.column)

    def saved(self) -> bytes:
        stream = io.BytesIO()
        self.book.save(stream)
        return stream.getvalue()


def place(cell: Any) -> str:
    return f"{cell.parent.title}!{cell.coordinate}"


@pytest.fixture(scope="module")
def whole(library: Library) -> bytes:
    """The workbook of the sample, with every question."""
    return exported(pipeline.load(SAMPLES / "chat-assistant", library).value, library)


@pytest.fixture(scope="module")
def opened(whole: bytes) -> Book:
    """The same, opened to be looked at."""
    return Book(whole)


# --- everything is asked, once ---------------------------------------------------------------------

def questions(schema: Schema) -> list[str]:
    """The generic path of everything that can be answered."""
    return [path for path, field in schema.fields.items()
            if not path.endswith("[]") and (field.kind != "object" or field.null_text is not None)]


def test_every_field_appears_in_the_workbook_exactly_once(library: Library, opened: Book) -> None:
    planned = Counter(layout.paths_of(layout.plan(library.schema)))
    assert set(planned) == set(questions(library.schema))
    assert set(planned.values()) == {1}
    found: Counter[str] = Counter()
    for sheet in opened.book.worksheets:
        here = set()
        for row in sheet.iter_rows():
            for cell in row:
                text = str(cell.value or "")
                if text.startswith(marks.MARK):
                    here.add(paths.generic(text[1:].partition("=")[0]))
        tables = {path for path in here if path.endswith("[]") and path.removesuffix("[]") in here}
        found.update(path.removesuffix("[]") for path in here - tables
                     if path.removesuffix("[]") in planned)
    assert found == planned


def test_every_choice_can_be_chosen_and_every_question_has_help(library: Library, opened: Book) -> None:
    book = opened.book
    shown = {str(cell.value) for row in book[marks.CHOICES].iter_rows() for cell in row}
    shown |= {str(row[marks.TITLE - 1].value) for sheet in book.worksheets
              for row in sheet.iter_rows(max_col=marks.TITLE)}
    helped = {rule.prompt for sheet in book.worksheets for rule in sheet.data_validations.dataValidation}
    assert all(helped)
    for path in questions(library.schema):
        field = library.schema.fields[path]
        assert set((field.choices or {}).values()) <= shown, path


def test_personal_data_stands_on_a_sheet_of_its_own(
    sample: Facts, library: Library, opened: Book
) -> None:
    assert "敏感信息" in opened.book.sheetnames
    text = "\n".join(str(cell.value) for sheet in opened.book.worksheets if sheet.title != "敏感信息"
                     for row in sheet.iter_rows() for cell in row)
    personal = [value for path, value in paths.leaves(sample.value)
                if (field := library.schema.field(path)) is not None and field.sensitive]
    assert len(personal) == 4
    assert not [one for one in personal if str(one) in text]


def test_what_is_needed_now_is_marked_and_nothing_else(library: Library) -> None:
    facts = pipeline.load(ROOT / "tests" / "cases" / "wrong-everywhere", library)
    needed = asked.needed_now(pipeline.check(facts, library, AS_OF))
    book = Book(exported(facts.value, library, "subject service products", needed=needed))
    for path in ("subject.registered_address", "service.name"):
        assert path in needed
        assert book.cell(path).style == "beian-answer-needed"
    assert "subject.name" not in needed
    assert book.cell("subject.name").style == "beian-answer"
    assert "products[1].address" in needed
    assert book.item("products", "address", 1).style == "beian-answer-needed"
    assert book.item("products", "name", 1).style == "beian-answer"


def test_a_workbook_for_one_document_asks_what_the_document_reads(beian: Beian, tmp_path: Path) -> None:
    ran = beian("intake", "export", str(SAMPLES / "chat-assistant"), "-o", "x.xlsx",
                "--for", "algorithm-publication", "--json")
    record = json.loads(ran.out)
    assert (ran.code, record["left_out"]) == (0, [])
    assert 5 < record["questions"] < 60
    book = Book((tmp_path / "x.xlsx").read_bytes())
    assert book.rows("algorithm.name")
    assert not book.rows("agreement.court")
    unknown = beian("intake", "export", str(SAMPLES / "chat-assistant"), "-o", "y.xlsx", "--for", "nope")
    assert (unknown.code, "没有“nope”这份文书" in unknown.err) == (2, True)


def test_a_workbook_for_the_client_asks_for_no_opinion_of_counsel(library: Library) -> None:
    for names in ((), ("security-assessment",)):
        wanted = asked.questions_for(names, library, client=True)
        keys = {sheet.key for sheet in layout.plan(library.schema, wanted)}
        assert "subject" in keys
        assert not keys & {"determinations", "waivers"}


def test_only_answers_are_unlocked_and_nothing_is_a_formula(opened: Book) -> None:
    book = opened.book
    assert book.sheetnames[0] == "填写说明"
    assert (book[stamp.SHEET].sheet_state, book[marks.CHOICES].sheet_state) == ("veryHidden", "hidden")
    open_cells = 0
    for sheet in book.worksheets:
        if sheet.title not in (stamp.SHEET, marks.CHOICES):
            assert sheet.protection.sheet
            assert not sheet.protection.password
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                open_cells += not cell.protection.locked and cell.style.startswith("beian-answer")
        if sheet["A1"].value == f"{marks.MARK}path":
            assert sheet.column_dimensions["A"].hidden
            assert sheet.cell(4, marks.TITLE).protection.locked
    assert open_cells > 500


def test_the_same_facts_give_the_same_bytes(sample: Facts, library: Library, whole: bytes) -> None:
    assert exported(sample.value, library) == whole


# --- out and back ----------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("matter", "lang"),
    [*((one, "zh") for one in MATTERS), (SAMPLES / "chat-assistant", "en")],
    ids=lambda one: getattr(one, "name", one),
)
def test_a_workbook_read_into_an_empty_matter_gives_equal_facts(
    matter: Path, lang: str, library: Library, tmp_path: Path
) -> None:
    facts = pipeline.load(matter, library)
    found = read_back(exported(facts.value, library, lang=lang), library, tmp_path)
    assert found.problems == []
    value = copy.deepcopy(facts.value)
    for finding in library.schema.check(facts.placed):  # a key that no question takes
        value = paths.without(value, paths.parse(finding.path))
    assert taken({}, found, library) == value


def test_unchanged_it_changes_no_byte_of_the_file(beian: Beian, tmp_path: Path) -> None:
    beian("new", "matter", "--from", "chat-assistant")
    file = tmp_path / "matter" / "facts.yaml"
    text = file.read_text("utf-8").replace("  name: 云笺对话助手\n", "  name: 云笺对话助手   # 注册商标\n", 1)
    file.write_text(text, "utf-8")
    assert beian("intake", "export", "matter", "-o", "x.xlsx", "--as-of", AS_OF).code == 0
    ran = beian("intake", "import", "x.xlsx", "matter", "--yes")
    assert (ran.code, "没有改动" in ran.out) == (0, True), ran
    assert file.read_text("utf-8") == text
    again = beian("intake", "export", "matter", "-o", "x.xlsx")
    assert (again.code, "文件已存在" in again.err) == (2, True)


def test_one_changed_cell_changes_one_line(
    beian: Beian, tmp_path: Path, sample: Facts, library: Library
) -> None:
    file = tmp_path / "matter" / "facts.yaml"
    file.parent.mkdir()
    file.write_bytes((SAMPLES / "chat-assistant" / "facts.yaml").read_bytes())
    before = file.read_text("utf-8").splitlines()
    book = Book(exported(sample.value, library, "models"))
    cell = book.item("models", "version", 0)
    assert cell.value == "V2.1"
    cell.value = "V2.2"
    (tmp_path / "x.xlsx").write_bytes(book.saved())
    shown = beian("intake", "import", "x.xlsx", "matter", "--json")
    assert shown.code == 1  # nobody has confirmed it
    [change] = json.loads(shown.out)["changes"]
    assert {"kind": "change", "path": "models[0].version", "old": "V2.1", "new": "V2.2",
            "place": place(cell)}.items() <= change.items()
    dry = beian("intake", "import", "x.xlsx", "matter", "--dry-run", "--yes")
    assert (dry.code, file.read_text("utf-8").splitlines()) == (0, before)
    ran = beian("intake", "import", "x.xlsx", "matter", "--yes")
    assert (ran.code, "已写入" in ran.out) == (0, True), ran
    after = file.read_text("utf-8").splitlines()
    assert [(one, other) for one, other in zip(before, after, strict=True) if one != other] == [
        ("    version: V2.1", "    version: V2.2")]


NASTY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40),
    st.sampled_from([
        "=1+1", "+86", "-", "@SUM(A1)", "'quoted", '"', "{{ x }}", "{% if %}", "😀👨‍👩‍👧", "_x0041_", "_x005F_",
        "无", "不适用", "〔无〕", "〔原文〕", "是", "TRUE", "1.10", "007", "110999198002290017", "１２３", "  a  ",
        "a\nb", "甲\n\n乙", "\t", "1e5", "2026-3-1", "<&>", "#N/A", "☑", "46000", "a\u00a0", "§subject.name"]),
)


@given(texts=st.lists(NASTY, min_size=1, max_size=12), single=NASTY)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_as_it_was(
    texts: list[str], single: str, library: Library, tmp_path: Path
) -> None:
    value = {"subject": {"name": single}, "audience": {"groups": texts, "excluded_groups": texts},
             "products": [{"name": one, "access_steps": texts, "icp_number": one} for one in texts[:3]]}
    content = exported(value, library, "subject audience products")
    found = read_back(content, library, tmp_path)
    merged = merging.merge(value, found, library.schema)
    assert (merged.entries, merged.conflicts) == ([], [])
    for path, text in [("subject.name", single), *((f"audience.groups[{n}]", t) for n, t in enumerate(texts))]:
        if path in found.single:
            assert found.single[path] == text


@given(st.one_of(NASTY, st.none(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
                 st.booleans(), st.lists(NASTY, max_size=4)))
@settings(max_examples=300, deadline=None)
def test_what_is_written_in_a_cell_reads_as_the_same_value(value: Value) -> None:
    schema = Library.open().schema if not SCHEMA else SCHEMA[0]
    SCHEMA[:] = [schema]
    for path in ("subject.name", "service.launched_on", "service.stage", "audience.minimum_age",
                 "training_data.sources[].size_gb", "algorithm.filing_number",
                 "products[].access_steps", "service.offered_to_public", "determinations[].value"):
        field = schema.fields[path]
        again = cells.read(cells.written(value, field), field)
        assert (again, type(again)) == (value, type(value)), path


SCHEMA: list[Schema] = []


def test_text_up_to_the_limit_of_a_cell_comes_back_and_beyond_it_is_refused(
    library: Library, tmp_path: Path, beian: Beian
) -> None:
    longest = "长" * cells.LONGEST
    content = exported({"subject": {"name": longest}}, library, "subject")
    found = read_back(content, library, tmp_path)
    assert taken({"subject": {"name": longest}}, found, library) == {"subject": {"name": longest}}
    facts = tmp_path / "facts.yaml"
    facts.write_text(f"subject:\n  name: {longest}长\n", "utf-8")
    ran = beian("intake", "export", str(facts), "-o", "long.xlsx")
    assert (ran.code, "主体名称”有 32768 字" in ran.err, "facts.yaml:2:9" in ran.err) == (2, True, True)
    assert not (tmp_path / "long.xlsx").exists()


# --- moved about -----------------------------------------------------------------------------------

VALUE: dict[str, Any] = {
    "subject": {"name": "甲公司", "contact": {"name": "示例丙", "mobile": "13000000002"}},
    "service": {"name": "云笺", "generates": ["text", "image"], "stage": "launching", "launched_on": "2026-12-15"},
    "audience": {"groups": ["成年人", "教师"], "minimum_age": 18, "excluded_groups": None},
    "products": [
        {"name": "网站端", "form": "website", "access_steps": ["打开", "登录"], "icp_number": None},
        {"name": "应用端", "form": "app", "icp_number": "京ICP备00000000号-1"},
        {"name": "小程序端", "form": "mini_program"},
    ],
    "models": [{"name": "模型一", "weights_changed": True}],
}
SECTIONS = "subject service audience products models measures"


@pytest.fixture(scope="module")
def content(library: Library) -> bytes:
    return exported(VALUE, library, SECTIONS)


def test_moved_rows_columns_and_sheets_are_found_again(
    content: bytes, library: Library, tmp_path: Path
) -> None:
    book = Book(content)
    sheet = book.book["产品"]
    sheet.insert_cols(marks.ANSWER)  # names now stand left of an empty column
    sheet.title = "产品清单（改）"
    book.book.move_sheet(sheet, -3)
    service = book.book["服务"]
    service.insert_rows(5, 3)
    service.insert_cols(1)
    sheet.insert_rows(1, 2)
    book.book.create_sheet("随手记")["A1"] = "与本表无关"
    found = read_back(book.saved(), library, tmp_path)
    assert [str(one) for one in found.problems] == []
    merged = merging.merge(VALUE, found, library.schema)
    assert (merged.entries, merged.conflicts, merged.kept) == ([], [], [])
    assert "“随手记”不是导出时的表" in found.notes[0]


def test_what_people_type_is_understood(content: bytes, library: Library, tmp_path: Path) -> None:
    book = Book(content)
    typed: dict[str, tuple[Any, Any]] = {
        "subject.credit_code": ("９１１１０９９９ＭＡ００Ｙ０Ｊ１２３", "91110999MA00Y0J123"),
        "subject.contact.mobile": (13000000009, "13000000009"),
        "service.launched_on": (datetime(2027, 1, 2), "2027-01-02"),
        "service.stage": ("live", "live"),
        "service.offered_to_public": (True, True),
        "service.mainland_access": ("否", False),
        "service.version": ("  Ｖ１．０ ", "V1.0"),
        "audience.minimum_age": ("１６", 16),
    }
    for path, (raw, _) in typed.items():
        book.cell(path).value = raw
    book.cell("service.public_functions").value = "无"
    for nth, text in enumerate(["甲", "", "乙"]):
        book.cell("audience.occasions[]", nth).value = text
    book.cell("audience.excluded_groups[]").value = "不适用"
    book.item("products", "launched_on", 2).value = "2026年3月1日"
    book.item("products", "form", 3).value = "小程序"
    book.item("products", "name", 3).value = "新端"
    book.item("models", "hosted_in_mainland", 0).value = "TRUE"
    found = read_back(book.saved(), library, tmp_path)
    assert found.problems == []
    value = taken(VALUE, found, library)
    for path, (_, wanted) in typed.items():
        held = value
        for step in path.split("."):
            held = held[step]
        assert held == wanted, path
    assert value["service"]["public_functions"] is None
    assert value["audience"]["occasions"] == ["甲", "乙"]
    assert value["audience"]["excluded_groups"] is None
    assert value["products"][2]["launched_on"] == "2026-03-01"
    assert value["products"][3] == {"name": "新端", "form": "mini_program"}
    assert value["models"][0]["hosted_in_mainland"] is True


def test_ticks_keep_an_order_that_is_not_the_usual(library: Library, tmp_path: Path) -> None:
    value = {"service": {"generates": ["image", "text"]}}
    found = read_back(exported(value, library, "service"), library, tmp_path)
    assert taken({}, found, library) == value


# --- mistakes --------------------------------------------------------------------------------------

Find = Callable[[Book], Any]


def single(path: str, nth: int = 0) -> Find:
    return lambda book: book.cell(path, nth)


def item(path: str, below: str, nth: int = 0) -> Find:
    return lambda book: book.item(path, below, nth)


#: What is typed where (and what beside it); then field, words of the cause, words of the cure.
MISTAKES: dict[str, tuple[Find, Any, str, str, str]] = {
    "no such day": (
        single("service.launched_on"), "2026-02-30", "service.launched_on", "日历上没有这一天", "2026-03-01"),
    "words for a day": (
        item("products", "launched_on"), "明年三月", "products[].launched_on", "不是完整的日期", "2026-03-01"),
    "a bare serial": (
        item("products", "launched_on", 1), 46000, "products[].launched_on", "内部序号", "2025-12-09"),
    "unknown choice": (single("service.stage"), "已经上线啦", "service.stage", "不在可选项内", "可选："),
    "choice in a table": (
        item("products", "form"), "网页", "products[].form", "不在可选项内", "是否想选“网站”"),
    "unit with a number": (
        single("audience.minimum_age"), "18岁", "audience.minimum_age", "不是整数", "不带单位"),
    "none not allowed": (single("subject.name"), "无", "subject.name", "不能答“无”", "留空"),
    "none mark not allowed": (
        single("service.summary"), "〔无〕", "service.summary", "不能答“无”", "留空"),
    "neither yes nor no": (
        single("service.offered_to_public"), "差不多", "service.offered_to_public", "看不出是或者否",
        "选“是”或者“否”"),
    "digits lost": (
        single("subject.contact.mobile"), 110999198002290017, "subject.contact.mobile", "超过 15 位", "文本"),
    "text became a day": (
        single("service.version"), datetime(2026, 1, 2), "service.version", "改成了日期", "文本"),
    "a formula": (item("models", "name"), "=A1", "models[].name", "是公式", "数值"),
    "an error value": (
        item("models", "provider_name"), "#N/A", "models[].provider_name", "错误值", "重新输入"),
    "too long": (
        single("subject.registered_address"), "址" * 501, "subject.registered_address", "超过 500 字", "精简"),
    "not one line": (single("service.name"), "两\n行", "service.name", "不合写法", "写成一行"),
    "not an email": (
        single("subject.algorithm_security_lead.email"), "a@b", "subject.algorithm_security_lead.email",
        "不是电子邮箱", "邮箱"),
    "twice the same": (single("audience.groups[]", 1), "成年人", "audience.groups", "重复", "只写一次"),
    "tick that is none": (
        single("service.generates=audio"), "可能", "service.generates", "看不出是否选中", "☑"),
    "none and ticks": (
        single("service.synthesis_functions=dialogue_writing"),
        ("☑", single("service.synthesis_functions"), "〔无〕"),
        "service.synthesis_functions", "又选中了选项", "只留其一"),
    "none and rows": (
        single("measures.updates"), ("〔无〕", item("measures.updates", "name"), "甲"),
        "measures.updates", "又在表中填了内容", "清空"),
    "text for none": (
        single("measures.property"), "已采取", "measures.property", "只能选", "填在下面的表中"),
    "text over a table": (single("products"), "见附件", "products", "此处不填写", "在下面的表中"),
    "broken exact text": (
        item("products", "address", 1), "〔原文〕{", "products[].address", "不是完整的 JSON", "删去"),
    "invisible character": (
        item("products", "disclosure_place"), "首页\u200b底部", "products[].disclosure_place", "U+200B",
        "重新输入"),
    "below the bound": (
        item("measures.classifiers", "risk_count"), -3, "measures.classifiers[0].risk_count", "过小", "类"),
    "no row of any question": (
        lambda book: book.book["服务"].cell(40, marks.ANSWER), "散落的字", "", "不属于任何一题", "答案格"),
}


@pytest.fixture(scope="module")
def mistaken(content: bytes, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One workbook with every mistake, and what reading it in one run said."""
    book = Book(content)
    sheet = book.book["服务"]
    sheet.insert_rows(40)
    where = {}
    for name, (find, typed, *_) in MISTAKES.items():
        cell = find(book)
        raw, *beside = typed if isinstance(typed, tuple) else (typed,)
        cell.value = raw
        if raw == "#N/A":
            cell.data_type = "e"
        if beside:
            beside[0](book).value = beside[1]
        where[name] = place(cell)
    found = read_back(book.saved(), library, tmp_path_factory.mktemp("mistakes"))
    return where, found


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_by_cell_field_cause_and_cure(name: str, mistaken: Any) -> None:
    where, found = mistaken
    _, _, path, cause, cure = MISTAKES[name]
    here = [one for one in found.problems if str(one.place) == where[name]]
    assert len(here) == 1, [str(one.place) for one in found.problems]
    [problem] = here
    assert problem.path == path
    assert cause in problem.message
    assert cure in (problem.hint or "")


def test_a_cell_with_a_mistake_changes_nothing_and_the_others_are_taken(
    mistaken: Any, library: Library
) -> None:
    _, found = mistaken
    assert len(found.problems) == len(MISTAKES)
    value = taken(VALUE, found, library)
    for section in ("subject", "audience", "models"):
        assert value[section] == VALUE[section], section
    assert value["products"] == VALUE["products"]
    assert "measures" not in value


def test_problems_are_printed_for_people_and_for_programs(
    content: bytes, beian: Beian, tmp_path: Path
) -> None:
    book = Book(content)
    book.cell("service.launched_on").value = "下月"
    book.cell("subject.contact.mobile").value = "130-0000-0009"
    where = place(book.cell("service.launched_on"))
    (tmp_path / "x.xlsx").write_bytes(book.saved())
    (tmp_path / "facts.json").write_bytes(facts_file.as_json(VALUE))
    ran = beian("intake", "import", "x.xlsx", "facts.json", "--yes")
    assert ran.code == 1
    assert f"{where}　service.launched_on  “服务·上线日期”写的是“下月”，不是完整的日期。" in ran.out
    assert "    改法  写作 2026-03-01" in ran.out
    assert "130-0000-0009" not in ran.out  # personal data stays masked
    again = beian("intake", "import", "x.xlsx", "facts.json", "--json")
    [problem] = json.loads(again.out)["problems"]
    assert (problem["place"], problem["path"]) == (where, "service.launched_on")
    assert "13000000002" not in again.out + ran.out
    assert json.loads((tmp_path / "facts.json").read_text())["subject"]["contact"]["mobile"] == "130-0000-0009"


# --- lost and doubled parts ------------------------------------------------------------------------

def test_a_deleted_sheet_takes_no_answer_away(content: bytes, library: Library, tmp_path: Path) -> None:
    book = Book(content)
    del book.book["敏感信息"]
    del book.book["产品"]
    found = read_back(book.saved(), library, tmp_path)
    assert taken(VALUE, found, library) == VALUE


def test_a_deleted_hidden_row_is_one_clear_problem(content: bytes, library: Library, tmp_path: Path) -> None:
    book = Book(content)
    book.book["服务"].delete_rows(1)
    found = read_back(book.saved(), library, tmp_path)
    assert [(str(one.place), "定位行" in one.message) for one in found.problems] == [("服务!A1", True)]
    assert taken(VALUE, found, library) == VALUE


def test_a_copied_sheet_is_read_once(content: bytes, library: Library, tmp_path: Path) -> None:
    book = Book(content)
    book.book.copy_worksheet(book.book["产品"]).title = "产品 (2)"
    found = read_back(book.saved(), library, tmp_path)
    assert ["同一张表" in one.message for one in found.problems] == [True]
    assert taken(VALUE, found, library) == VALUE


def test_a_column_of_their_own_is_named_as_not_read(content: bytes, library: Library, tmp_path: Path) -> None:
    book = Book(content)
    name = book.item("products", "name", 0)
    sheet, column = name.parent, name.parent.max_column + 1
    sheet.cell(name.row - 1, column).value = "备注"
    sheet.cell(name.row, column).value = "待定"
    found = read_back(book.saved(), library, tmp_path)
    assert [one for one in found.notes if "“备注”不是本表的问题" in one]


# --- three ways ------------------------------------------------------------------------------------

def edited(content: bytes, edit: Callable[[Book], None], library: Library, folder: Path) -> reading.Reading:
    book = Book(content)
    edit(book)
    return read_back(book.saved(), library, folder)


def changed(**values: Any) -> dict[str, Any]:
    value = copy.deepcopy(VALUE)
    for path, new in values.items():
        section, key = path.split("__")
        value[section][key] = new
    return value


def set_name(text: str) -> Callable[[Book], None]:
    return lambda book: setattr(book.cell("service.name"), "value", text)


def test_what_only_the_facts_changed_stays(content: bytes, library: Library, tmp_path: Path) -> None:
    ours = changed(service__name="新名", audience__groups=["成年人"])
    found = read_back(content, library, tmp_path)
    merged = merging.merge(ours, found, library.schema)
    assert (merged.entries, merged.conflicts) == ([], [])
    assert merged.kept == ["service.name", "audience.groups"]


def test_what_both_changed_is_a_conflict_until_somebody_decides(
    content: bytes, library: Library, tmp_path: Path
) -> None:
    ours = changed(service__name="事实名")
    found = edited(content, set_name("表中名"), library, tmp_path)
    merged = merging.merge(ours, found, library.schema)
    [conflict] = merged.conflicts
    assert (conflict.path, conflict.old, conflict.new) == ("service.name", "事实名", "表中名")
    assert (merged.entries, merged.result(())) == ([], ours)
    assert taken(ours, found, library, "workbook")["service"]["name"] == "表中名"
    assert taken(ours, found, library, "facts") == ours
    assert merging.merge(changed(service__name="表中名"), found, library.schema).conflicts == []


def test_a_conflict_is_shown_and_not_written(content: bytes, beian: Beian, tmp_path: Path) -> None:
    book = Book(content)
    set_name("表中名")(book)
    book.cell("service.version").value = "V9"
    (tmp_path / "x.xlsx").write_bytes(book.saved())
    (tmp_path / "facts.json").write_bytes(facts_file.as_json(changed(service__name="事实名")))
    ran = beian("intake", "import", "x.xlsx", "facts.json", "--yes")
    assert (ran.code, "冲突 1 项" in ran.out, "--prefer workbook" in ran.out) == (1, True, True)
    service = json.loads((tmp_path / "facts.json").read_text())["service"]
    assert (service["name"], service["version"]) == ("事实名", "V9")
    ran = beian("intake", "import", "x.xlsx", "facts.json", "--yes", "--prefer", "workbook")
    assert ran.code == 0
    assert json.loads((tmp_path / "facts.json").read_text())["service"]["name"] == "表中名"


def clear(book: Book, nth: int) -> None:
    for below in ("name", "form", "access_steps", "icp_number"):
        book.item("products", below, nth).value = None


def rename(book: Book, nth: int, text: str) -> None:
    book.item("products", "form", nth).value = text


def test_items_are_added_edited_and_taken_away_one_by_one(
    content: bytes, library: Library, tmp_path: Path
) -> None:
    def edit(book: Book) -> None:
        clear(book, 0)
        rename(book, 1, "网站")
        book.item("products", "name", 3).value = "新端"

    found = edited(content, edit, library, tmp_path)
    merged = merging.merge(VALUE, found, library.schema)
    assert [(one.kind, one.path) for one in merged.entries] == [
        ("remove", "products[0]"), ("change", "products[1].form"), ("add", "products[3]")]
    names = [[one["name"] for one in merged.result(some)["products"]]
             for some in ((), (0,), (2,), (0, 1, 2))]
    assert names == [["网站端", "应用端", "小程序端"], ["应用端", "小程序端"],
                     ["网站端", "应用端", "小程序端", "新端"], ["应用端", "小程序端", "新端"]]
    assert merged.result((1,))["products"][1]["form"] == "website"


def test_a_list_edited_on_both_sides_merges_where_its_items_are_known(
    content: bytes, library: Library, tmp_path: Path
) -> None:
    found = edited(content, lambda book: rename(book, 1, "网站"), library, tmp_path)
    ours = copy.deepcopy(VALUE)
    ours["products"][0]["icp_number"] = "京ICP备00000000号-9"
    ours["products"].append({"name": "第四端"})
    merged = merging.merge(ours, found, library.schema)
    assert merged.conflicts == []
    products = taken(ours, found, library)["products"]
    assert [one.get("form") for one in products] == ["website", "website", "mini_program", None]
    assert products[0]["icp_number"] == "京ICP备00000000号-9"
    # An item put in before the others: nobody can say which is which.
    moved = copy.deepcopy(VALUE)
    moved["products"].insert(0, {"name": "第零端"})
    merged = merging.merge(moved, found, library.schema)
    assert [(one.path, merged.entries) for one in merged.conflicts] == [("products", [])]
    assert merging.merge(moved, read_back(content, library, tmp_path), library.schema).conflicts == []


def test_an_item_changed_here_and_taken_away_there_is_a_conflict(
    content: bytes, library: Library, tmp_path: Path
) -> None:
    found = edited(content, lambda book: clear(book, 1), library, tmp_path)
    ours = copy.deepcopy(VALUE)
    ours["products"][1]["icp_number"] = "京ICP备00000000号-7"
    merged = merging.merge(ours, found, library.schema)
    assert [(one.kind, one.path) for one in merged.conflicts] == [("remove", "products[1]")]
    assert len(taken(ours, found, library, "workbook")["products"]) == 2


def test_rows_in_another_order_give_another_order(content: bytes, library: Library, tmp_path: Path) -> None:
    def edit(book: Book) -> None:
        first, second = (book.item("products", "name", nth) for nth in (0, 1))
        sheet = first.parent
        for column in range(1, sheet.max_column + 1):
            one, other = sheet.cell(first.row, column), sheet.cell(second.row, column)
            one.value, other.value = other.value, one.value

    found = edited(content, edit, library, tmp_path)
    merged = merging.merge(VALUE, found, library.schema)
    assert [(one.kind, one.new) for one in merged.entries] == [("order", ["应用端", "网站端", "小程序端"])]
    assert [one["name"] for one in taken(VALUE, found, library)["products"]] == ["应用端", "网站端", "小程序端"]


def test_a_whole_list_answered_none_or_cleared(content: bytes, library: Library, tmp_path: Path) -> None:
    def cleared(book: Book) -> None:
        for nth in range(3):
            clear(book, nth)

    value = taken(VALUE, edited(content, cleared, library, tmp_path), library)
    assert "products" not in value
    none = edited(content, lambda book: setattr(book.cell("measures.updates"), "value", "〔无〕"), library, tmp_path)
    assert taken(VALUE, none, library)["measures"] == {"updates": None}


def test_a_row_that_was_copied_is_one_item_more(content: bytes, library: Library, tmp_path: Path) -> None:
    def edit(book: Book) -> None:
        sheet, row = book.item("products", "name", 0).parent, book.item("products", "name", 0).row
        sheet.insert_rows(row + 1)
        for column in range(1, sheet.max_column + 1):
            sheet.cell(row + 1, column).value = sheet.cell(row, column).value

    products = taken(VALUE, edited(content, edit, library, tmp_path), library)["products"]
    assert products == [VALUE["products"][0], *VALUE["products"]]


def as_read(value: Value, rows: list[tuple[int | None, dict[str, Value]]]) -> reading.Reading:
    """What reading would give for a list of models, exported from ``value`` and then edited."""
    schema = SCHEMA[0] if SCHEMA else Library.open().schema
    SCHEMA[:] = [schema]
    held = answers.cut(value, layout.plan(schema))
    found = reading.Reading(stamp.make(
        value, schema, answers.digests(held, stamp.facts_digest(value)), day=AS_OF, lang="zh", documents=()))
    made = [reading.ReadRow(origin, "模型!E1", cells=dict(one)) for origin, one in rows]
    found.lists["models"] = reading.ReadList("模型!E1", {"name", "version", "use"}, made)
    return found


MODELS = [{"name": f"模型{n}", "version": f"V{n}"} for n in range(4)]
EDITS = st.fixed_dictionaries({}, optional={"version": st.sampled_from(["V0", "V9"]), "use": st.just("对话")})


@given(order=st.permutations(range(4)), keep=st.integers(0, 4), edits=st.lists(EDITS, min_size=4, max_size=4),
       new=st.lists(st.integers(0, 4), max_size=2))
@settings(max_examples=80, deadline=None)
def test_a_list_becomes_what_the_workbook_says_when_nobody_else_touched_it(
    order: list[int], keep: int, edits: list[dict[str, str]], new: list[int]
) -> None:
    rows: list[tuple[int | None, dict[str, Value]]] = [
        (n, {**MODELS[n], **edits[n]}) for n in order[:keep]]
    for at in new:
        rows.insert(at, (None, {"name": "新模型"}))
    value = {"models": MODELS}
    merged = merging.merge(value, as_read(value, rows), SCHEMA[0])
    assert merged.conflicts == []
    assert merged.result(()) == value
    everything = merged.result(range(len(merged.entries)))
    assert everything == ({"models": [one for _, one in rows]} if rows else {})
    changes, removed = merging.operations(value, everything)
    assert applied(value, changes, removed) == everything


@given(ours=st.lists(EDITS, min_size=4, max_size=4), theirs=st.lists(EDITS, min_size=4, max_size=4),
       gone=st.sets(st.integers(0, 3), max_size=2), more=st.booleans())
@settings(max_examples=80, deadline=None)
def test_both_sides_keep_what_they_alone_changed(
    ours: list[dict[str, str]], theirs: list[dict[str, str]], gone: set[int], more: bool
) -> None:
    value = {"models": MODELS}
    found = as_read(value, [(n, {**MODELS[n], **theirs[n]}) for n in range(4) if n not in gone])
    mine = {"models": [{**one, **edit} for one, edit in zip(MODELS, ours, strict=True)]
            + ([{"name": "我方新增"}] if more else [])}
    merged = merging.merge(mine, found, SCHEMA[0])
    result = merged.result(range(len(merged.entries)))["models"]
    contested = {one.path for one in merged.conflicts}
    by_name = {one["name"]: one for one in result}
    assert ("我方新增" in by_name) == more
    for n, was in enumerate(MODELS):
        if n in gone:
            touched = mine["models"][n] != was
            assert (f"models[{n}]" in contested) == touched == (was["name"] in by_name)
            continue
        for key in ("version", "use"):
            a, b, c = (one.get(key) for one in (was, mine["models"][n], {**was, **theirs[n]}))
            both = a != b and a != c and b != c
            assert (f"models[{n}].{key}" in contested) == both
            assert by_name[was["name"]].get(key) == (b if both or c == a else c)


def applied(value: Value, changes: dict[str, Value], removed: list[str]) -> Value:
    """The value after these edits, as facts are saved."""
    for path, one in changes.items():
        value = paths.with_value(value, paths.parse(path), one)
    for path in removed:
        value = paths.without(value, paths.parse(path))
    return value


@given(st.lists(st.sampled_from(range(6)), max_size=6, unique=True), st.data())
@settings(max_examples=150, deadline=None)
def test_edits_make_one_value_of_another(kept: list[int], data: Any) -> None:
    old = {"a": [{"n": n, "x": {"y": n}} for n in range(6)], "b": 1}
    new = {"a": [{"n": n, "x": {"y": data.draw(st.sampled_from([n, 9]))}} for n in kept] or None, "c": [1, 2]}
    assert applied(old, *merging.operations(old, new)) == new


# --- writing ---------------------------------------------------------------------------------------

COMMENTED = """\
# 头部说明
subject:
  name: 甲公司   # 照执照
  # 联系人由法务提供
  contact:
    name: 示例丙
    mobile: "13000000002"
service:
  name: 云笺
  # 阶段每周更新
  stage: launching
products:
  # 官网
  - name: 网站端
    form: website   # 备案用
  # 应用
  - name: 应用端
    form: app
"""


def test_comments_and_order_of_the_file_stay(
    beian: Beian, tmp_path: Path, library: Library
) -> None:
    folder = tmp_path / "matter"
    folder.mkdir()
    (folder / "facts.yaml").write_text(COMMENTED, "utf-8")
    book = Book(exported(pipeline.load(folder, library).value, library, SECTIONS))
    book.cell("service.name").value = None
    book.cell("service.version").value = "V1"
    book.cell("subject.registered_address").value = "某地"
    clear(book, 0)
    book.item("products", "name", 2).value = "新端"
    (tmp_path / "x.xlsx").write_bytes(book.saved())
    ran = beian("intake", "import", "x.xlsx", "matter", "--yes")
    assert ran.code == 0, ran
    text = (folder / "facts.yaml").read_text("utf-8")
    for comment in ("# 头部说明", "# 照执照", "# 联系人由法务提供", "# 阶段每周更新", "# 应用\n"):
        assert comment in text, text
    assert "云笺" not in text
    assert text.index("subject:") < text.index("service:") < text.index("products:")
    loaded = beian("intake", "import", "x.xlsx", "matter", "--yes")
    assert (loaded.code, "没有改动" in loaded.out) == (0, True), loaded.out


def test_a_new_matter_is_filled_from_the_workbook(beian: Beian, tmp_path: Path, library: Library) -> None:
    beian("new", "matter")
    empty = (tmp_path / "matter" / "facts.yaml").read_text("utf-8")
    (tmp_path / "x.xlsx").write_bytes(exported(VALUE, library, SECTIONS))
    ran = beian("intake", "import", "x.xlsx", "matter", "--yes")
    assert ran.code == 0, ran
    assert pipeline.load(tmp_path / "matter", library).value == VALUE
    assert (tmp_path / "matter" / "facts.yaml").read_text("utf-8").startswith(empty)


def at_terminal(folder: Path, typed: bytes, *arguments: str) -> tuple[int, str]:
    """Runs a command with a terminal for its input."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed)
        done = subprocess.run([sys.executable, "-m", "beian", *arguments], stdin=theirs, cwd=folder,
                              capture_output=True, timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    return done.returncode, done.stdout.decode()


@pytest.mark.parametrize(
    ("typed", "names", "code"),
    [(b"n\nw\n", ("V1", "表中名"), 1), (b"y\nf\n", ("V9", "事实名"), 0), (b"i\ny\ns\n", ("V9", "事实名"), 1)],
)
def test_somebody_at_a_terminal_confirms_what_is_written(
    typed: bytes, names: tuple[str, str], code: int, library: Library, tmp_path: Path
) -> None:
    value = changed(service__version="V1")
    book = Book(exported(value, library, "service"))
    set_name("表中名")(book)
    book.cell("service.version").value = "V9"
    (tmp_path / "x.xlsx").write_bytes(book.saved())
    value["service"]["name"] = "事实名"
    (tmp_path / "facts.json").write_bytes(facts_file.as_json(value))
    ended, out = at_terminal(tmp_path, typed, "intake", "import", "x.xlsx", "facts.json")
    service = json.loads((tmp_path / "facts.json").read_text())["service"]
    assert ((service["version"], service["name"]), ended) == (names, code), out


# --- what is no workbook of ours ---------------------------------------------------------------------

def plain_book() -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "主体名称"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A copy of an archive with some parts replaced or added."""
    stream = io.BytesIO()
    named = {name.replace("__", "/"): body for name, body in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, \
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, named.pop(one, None) or old.read(one))
        for name, body in named.items():
            new.writestr(name, body)
    return stream.getvalue()


def with_stamp(content: bytes, old: str, new: str) -> bytes:
    book = Book(content)
    sheet = book.book[stamp.SHEET]
    sheet["A2"].value = sheet["A2"].value.replace(old, new)
    return book.saved()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
FOREIGN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "another tool": (lambda _: plain_book(), "没有版本标记"),
    "old format": (lambda _: OLE, "旧版工作簿"),
    "encrypted": (lambda _: OLE + "EncryptedPackage".encode("utf-16-le"), "加了密码"),
    "no workbook": (lambda _: b"%PDF-1.7", "不是 Excel 工作簿"),
    "empty": (lambda _: b"", "文件是空的"),
    "cut off": (lambda content: content[: len(content) // 2], "已损坏"),
    "another archive": (lambda _: repacked(zipped("a.txt", b"x")), "不是 Excel 工作簿"),
    "binary workbook": (lambda _: zipped("xl/workbook.bin", b"x"), ".xlsb"),
    "bomb": (lambda content: repacked(content, **{"xl__media__a.xml": b"\0" * (60 * 1024**2)}), "超过上限"),
    "entities": (lambda content: repacked(content, **{"xl__workbook.xml": ENTITIES}), "实体声明"),
    "broken part": (lambda content: repacked(content, **{"xl__workbook.xml": b"<workbook"}), "内容已损坏"),
    "later layout": (lambda content: with_stamp(content, '"form": 1', '"form": 2'), "版式与本版"),
    "broken stamp": (lambda content: with_stamp(content, '"base": {', '"base": ['), "版本标记已损坏"),
}


def zipped(name: str, body: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, body)
    return stream.getvalue()


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_workbook_of_ours_gets_one_message(
    kind: str, content: bytes, library: Library, tmp_path: Path
) -> None:
    make, words = FOREIGN[kind]
    file = tmp_path / "x.xlsx"
    file.write_bytes(make(content))
    with pytest.raises(BeianError, match=words) as error:
        reading.read(file, library.schema)
    assert error.value.place is not None
    assert "x.xlsx" in str(error.value.place)


def test_every_command_says_how_it_ends(beian: Beian) -> None:
    for command in ("export", "import", "table"):
        assert "退出码：0" in beian("intake", command, "--help").out


def test_such_a_message_ends_the_command_with_2(beian: Beian, tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(OLE)
    matter = str(SAMPLES / "chat-assistant")
    ran = beian("intake", "import", "x.xlsx", matter)
    assert (ran.code, ran.out, ran.err.startswith("x.xlsx  ")) == (2, "", True)
    assert beian("intake", "import", "nothing.xlsx", matter).code == 2
    assert "--prefer" in beian("intake", "import", "x.xlsx", matter, "--prefer", "x").err
    assert "标准输入" in beian("intake", "import", "x.xlsx", "-").err
    assert ".xlsx 结尾" in beian("intake", "export", matter, "-o", "x.xls").err


def test_a_workbook_of_another_schema_is_read_with_a_note(
    content: bytes, library: Library, tmp_path: Path
) -> None:
    book = Book(content)
    cell = book.cell("service.version")
    book.rows("service.version")[0][0].cell(cell.row, 1).value = f"{marks.MARK}service.gone"
    cell.value = "旧答案"
    sheet = book.book[stamp.SHEET]
    sheet["A2"].value = sheet["A2"].value.replace(stamp.schema_digest(library.schema), "0" * 16)
    found = read_back(book.saved(), library, tmp_path)
    assert "问题表更改之前导出" in found.notes[0]
    assert [(str(one.place), "没有“service.gone”这一题" in one.message) for one in found.problems] == [
        (place(cell), True)]
    assert taken(VALUE, found, library) == VALUE


# --- lists inside items, groups that may be none -----------------------------------------------------

def invented() -> Schema:
    """A schema with what no shipped section has yet: lists in items, personal data in lists."""
    def text(title: str, **more: Any) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "title": title, "x-title-en": title,
                "description": f"写{title}。", **more}

    def group(title: str, **properties: Any) -> dict[str, Any]:
        return {"type": "object", "title": title, "x-title-en": title, "description": title,
                "additionalProperties": False, "properties": properties}

    def listed(title: str, item: dict[str, Any]) -> dict[str, Any]:
        return {"type": "array", "minItems": 1, "title": title, "x-title-en": title,
                "description": f"每{title}一项。", "items": item}

    branch = group("分支", name=text("分支名"), phone=text("分支电话", **{"x-sensitive": "contact"}))
    links = listed("链接", group("链接项", to=text("去向"))) | {"type": ["array", "null"], "x-null": "没有链接"}
    unit = group("单位", name=text("单位名"), id=text("证件号", **{"x-sensitive": "identity"}),
                 branches=listed("分支机构", branch), links=links)
    nullable = group("委托", name=text("受托人")) | {"type": ["object", "null"], "x-null": "没有委托"}
    return Schema({"type": "object", "additionalProperties": False,
                   "properties": {"units": listed("单位表", unit), "more": group("其他", agent=nullable)}})


DEEP: dict[str, Any] = {
    "units": [
        {"name": "甲", "id": "1", "branches": [{"name": "甲一", "phone": "11"}, {"name": "甲二"}]},
        {"name": "乙", "links": None},
        {"name": "丙", "id": "3", "links": [{"to": "x"}, {"to": "y"}], "branches": [{"name": "丙一", "phone": "31"}]},
    ],
    "more": {"agent": None},
}


def deep_export(value: Value) -> bytes:
    schema = invented()
    return exporting.export(facts_file.from_value(value, schema), schema, day=AS_OF, needed=(), cite=str).content


def test_lists_inside_items_and_their_personal_data_come_back(tmp_path: Path) -> None:
    schema, file = invented(), tmp_path / "x.xlsx"
    content = deep_export(DEEP)
    file.write_bytes(content)
    found = reading.read(file, schema)
    assert found.problems == []
    merged = merging.merge({}, found, schema)
    assert merged.result(range(len(merged.entries))) == DEEP
    merged = merging.merge(DEEP, reading.read(file, schema), schema)
    assert (merged.entries, merged.conflicts, merged.kept) == ([], [], [])


def test_a_list_inside_an_item_is_none_or_has_rows(tmp_path: Path) -> None:
    schema, file = invented(), tmp_path / "x.xlsx"
    book = Book(deep_export(DEEP))
    none = book.item("units", "links", 2)
    none.value = "〔无〕"
    book.item("units", "links", 0).value = "有的"
    file.write_bytes(book.saved())
    found = reading.read(file, schema)
    assert [("只能选" in one.message, "又填了内容" in one.message) for one in found.problems] == [
        (True, False), (False, True), (False, True)]
    merged = merging.merge(DEEP, found, schema)
    assert merged.result(range(len(merged.entries))) == DEEP


def test_a_row_that_belongs_to_no_item_is_a_problem(tmp_path: Path) -> None:
    schema, file = invented(), tmp_path / "x.xlsx"
    book = Book(deep_export(DEEP))
    cell = book.item("units[].branches", "name", 0)
    cell.parent.cell(cell.row, marks.TITLE).value = 9
    file.write_bytes(book.saved())
    found = reading.read(file, schema)
    assert ["找不到这一项" in one.message for one in found.problems] == [True]
    assert str(found.problems[0].place).startswith("单位表!")


# --- a list that somebody has already ----------------------------------------------------------------

def client_list(rows: list[list[Any]], title: str = "清单") -> bytes:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "封面"
    book.worksheets[0]["A1"] = "资料汇总"
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


CORPORA = [
    ["某某公司训练语料清单（2026年11月）"],
    [],
    ["序号", "名 称", "来源类型", "提供方", "条数", "取得时间", "采集前评估·抽检日期", "备注", "授权依据"],
    [1, "语料甲", "开源语料", "某联合体", "12,000", "2026年6月1日", datetime(2026, 5, 30), "x", "某许可"],
    [2, "语料乙", "自采", "本公司", "许多", None, None, None, "自有"],
    [],
    ["序号", "名 称", "来源类型", "提供方", "条数", "取得时间", "采集前评估·抽检日期", "备注", "授权依据"],
    [3, "语料丙", "商业语料", None, 5, "2026.7.1", None, None, None],
]


def table_of(content: bytes, path: str, library: Library, folder: Path) -> tables.TableRead:
    file = folder / "list.xlsx"
    file.write_bytes(content)
    return tables.read_table(file, path, library)


def test_headers_of_a_clients_list_are_understood(library: Library, tmp_path: Path) -> None:
    found = table_of(client_list(CORPORA), "training_data.sources", library, tmp_path)
    assert found.sheet == "清单"
    assert set(found.headers.values()) >= {"name", "kind", "provider_name", "item_count", "before_check.conducted_on"}
    assert found.values[0] | {"licence": "某许可"} == found.values[0] | {
        "name": "语料甲", "kind": "open_source", "provider_name": "某联合体", "item_count": 12000,
        "before_check": {"conducted_on": "2026-05-30"}, "licence": "某许可"}
    assert [one["name"] for one in found.values] == ["语料甲", "语料乙", "语料丙"]
    problems = {str(one.place): one.message for one in found.problems}
    assert "不在可选项内" in problems.pop("清单!C5")
    assert "不是整数" in problems.pop("清单!E5")
    assert problems == {}
    assert any("“备注”一列没有读取" in note for note in found.notes)


def test_a_clients_list_updates_by_name_and_takes_nothing_away(library: Library, tmp_path: Path) -> None:
    value = {"models": [{"name": "模型一", "version": "V1", "use": "对话"}, {"name": "模型二"}]}
    content = client_list([["模型名称", "版本", "提供方"], ["模型二", "V2", "乙公司"], ["模型三", "", "丙"]])
    found = table_of(content, "models", library, tmp_path)
    merged = tables.merge_table(value, found, library)
    assert [(one.kind, one.path) for one in merged.entries] == [
        ("add", "models[1].version"), ("add", "models[1].provider_name"), ("add", "models[2]")]
    assert merged.result(range(3))["models"] == [
        {"name": "模型一", "version": "V1", "use": "对话"},
        {"name": "模型二", "version": "V2", "provider_name": "乙公司"},
        {"name": "模型三", "provider_name": "丙"}]


def test_a_list_of_texts_is_read_and_joined_to_what_is_there(library: Library, tmp_path: Path) -> None:
    found = table_of(client_list([["适用人群"], ["成年人"], ["教师"]]), "audience.groups", library, tmp_path)
    merged = tables.merge_table({"audience": {"groups": ["教师"]}}, found, library)
    assert merged.result((0,)) == {"audience": {"groups": ["教师", "成年人"]}}
    assert [one.path for one in merged.entries] == ["audience.groups"]


def test_our_own_workbook_is_no_clients_list(content: bytes, library: Library, tmp_path: Path) -> None:
    with pytest.raises(BeianError, match="不是现成的清单") as error:
        table_of(content, "models", library, tmp_path)
    assert "beian intake import" in (error.value.hint or "")


def test_a_list_is_read_from_the_command_line(beian: Beian, tmp_path: Path) -> None:
    (tmp_path / "list.xlsx").write_bytes(client_list([["文件编号", "无关"], ["甲", "乙"]]))
    (tmp_path / "facts.json").write_bytes(facts_file.as_json(VALUE))
    ran = beian("intake", "table", "list.xlsx", "models", "facts.json")
    assert (ran.code, "没有找到“模型”的表头" in ran.err) == (2, True)
    assert "不是可以整表读入的列表" in beian("intake", "table", "list.xlsx", "model", "facts.json").err
    assert "没有“别的”这张工作表" in beian(
        "intake", "table", "list.xlsx", "models", "facts.json", "--sheet", "别的").err
    (tmp_path / "list.xlsx").write_bytes(client_list([["模型名称", "版本号"], ["模型一", "V7"]]))
    ran = beian("intake", "table", "list.xlsx", "models", "facts.json", "--yes")
    assert ran.code == 0, ran
    assert json.loads((tmp_path / "facts.json").read_text())["models"][0]["version"] == "V7"


# --- long lists --------------------------------------------------------------------------------------

def test_a_list_of_thousands_goes_out_and_back(library: Library, tmp_path: Path) -> None:
    rows = 2000
    value = {"evidence": [{"id": f"proof-{n}", "title": f"第{n}份", "file": f"evidence/{n}.png",
                           "obtained_on": "2026-11-05"} for n in range(rows)]}
    content = exported(value, library, "evidence")
    book = Book(content)
    book.item("evidence", "title", rows - 1).value = "最后一份"
    found = read_back(book.saved(), library, tmp_path)
    [entry] = merging.merge(value, found, library.schema).entries
    assert (entry.path, entry.new) == (f"evidence[{rows - 1}].title", "最后一份")
