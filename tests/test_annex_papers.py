"""The client's lists in a dossier: clean lists, figures, problems, what is missing marked in drafts.

What papers say is compared with counts made here by plain openpyxl.
"""

from __future__ import annotations

import io
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from beian import assembly, paths, pipeline
from beian import facts as facts_file
from beian.annexes import books
from beian.annexes.books import Column, Sheet
from beian.facts import Facts
from beian.library import Library
from conftest import AS_OF, SAMPLES, Ran

PAPERS = ("keyword-list", "test-questions", "annex-problems", "annex-figures")
KEYWORDS, QUESTIONS = "附件4 关键词拦截列表.xlsx", "附件5 评估测试题集.xlsx"


def built(facts: Facts, library: Library, *, draft: bool = False) -> dict[str, bytes]:
    result = pipeline.check(facts, library, AS_OF)
    return assembly.build(result, draft=draft, only=PAPERS).files


def rows_of(raw: bytes, sheet: int = 0) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(raw))
    return [list(row) for row in book.worksheets[sheet].iter_rows(values_only=True)]


def counted(file: Path, sheet: str, key: str, name: str) -> Counter[str]:
    """How many distinct entries a client's sheet has of each class."""
    rows = load_workbook(file)[sheet].iter_rows(values_only=True)
    head = list(next(rows))
    pairs = {(row[head.index(key)], row[head.index(name)]) for row in rows}
    return Counter(one for _, one in pairs)


def test_clean_lists_hold_every_row_of_the_client_once(sample: Facts, library: Library) -> None:
    made = built(sample, library)
    folder = SAMPLES / "chat-assistant" / "annexes"
    wanted = counted(folder / "keywords.xlsx", "关键词", "关键词", "二级分类")
    head, *rows = rows_of(made[f"submission/{KEYWORDS}"])
    assert head[:4] == ["序号", "关键词", "一级分类", "二级分类"]
    assert Counter(row[3] for row in rows) == wanted
    assert [row[0] for row in rows] == list(range(1, wanted.total() + 1))
    for number, (sheet, name) in enumerate(
        [("生成内容测试题", "二级分类"), ("应拒答测试题", "二级分类"), ("非拒答测试题", "方面")]
    ):
        wanted = counted(folder / "questions.xlsx", sheet, "测试题", name)
        head, *rows = rows_of(made[f"submission/{QUESTIONS}"], number)
        assert Counter(row[head.index(name)] for row in rows) == wanted, sheet
    assert f"working/{KEYWORDS}" not in made  # one copy: there is nothing to edit in it


def test_lists_are_set_up_for_reading_and_printing(sample: Facts, library: Library) -> None:
    made = built(sample, library)
    for name in (KEYWORDS, QUESTIONS):
        for sheet in load_workbook(io.BytesIO(made[f"submission/{name}"])).worksheets:
            assert sheet.freeze_panes == "A2"
            assert sheet.print_title_rows == "$1:$1"
            assert sheet.auto_filter.ref == f"A1:{sheet.cell(1, sheet.max_column).column_letter}{sheet.max_row}"
            assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == ("9", 1) or (
                sheet.page_setup.paperSize == 9)
            assert min(one.width for one in sheet.column_dimensions.values()) >= 8
            assert sheet["B2"].alignment.wrap_text and sheet["B2"].border.left.style == "thin"


def test_figures_have_native_charts_beside_the_minimum_of_the_day(
    sample: Facts, library: Library
) -> None:
    book = load_workbook(io.BytesIO(built(sample, library)["internal/附件统计（内部）.xlsx"]))
    assert book.sheetnames == [
        "关键词库", "生成内容测试题库", "应拒答测试题库", "非拒答测试题库", "抽检", "语料"]
    for name in book.sheetnames[:5]:
        [chart] = book[name]._charts  # type: ignore[attr-defined]
        assert chart is not None
    rows = list(book["关键词库"].iter_rows(values_only=True))
    least = {str(row[0]): row[3] for row in rows[1:18]}
    assert {least[one] for one in least if one.startswith("A.1")} == {200}
    assert {least[one] for one in least if one.startswith("A.2")} == {100}


def faulty(folder: Path, library: Library, raw: bytes) -> Facts:
    """The sample with another keyword list, in a folder of its own."""
    copy = folder / "matter"
    shutil.copytree(SAMPLES / "chat-assistant", copy)
    (copy / "annexes" / "keywords.xlsx").write_bytes(raw)
    return pipeline.load(copy, library)


def book_of(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "关键词"
    for row in rows:
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_rejected_row_stands_among_the_problems_and_good_rows_in_the_list(
    tmp_path: Path, library: Library
) -> None:
    raw = book_of([["关键词", "二级分类"], ["词-A2a-0001", "民族歧视内容"], ["词-丙", "没有这一类"],
                   ["＝1＋1", "民族歧视内容"]])
    made = built(faulty(tmp_path, library, raw), library, draft=True)
    _, *rows = rows_of(made[f"working/{KEYWORDS}"])
    assert [row[1] for row in rows] == ["词-A2a-0001", "＝1＋1"]
    head, *problems = rows_of(made["internal/问题清单（内部）.xlsx"])
    [one] = [dict(zip(head, row, strict=True)) for row in problems
             if row[head.index("文件")] == "annexes/keywords.xlsx"]
    assert (one["工作表"], one["单元格"], one["原值"]) == ("关键词", "B3", "没有这一类")
    assert one["等级"] == "阻断" and one["问题"] and one["处理"]


@pytest.mark.parametrize("annexes", [None, "absent"])
def test_a_draft_marks_lists_that_were_not_given(
    sample: Facts, library: Library, annexes: str | None
) -> None:
    where = paths.parse("annexes")
    value = (paths.without(sample.value, where) if annexes == "absent"
             else paths.with_value(sample.value, where, None))
    result = pipeline.check(facts_file.from_value(value, library.schema), library, AS_OF)
    states = {one.document.id: one.state for one in result.entries}
    assert states["keyword-list"] == ("incomplete" if annexes == "absent" else "ready")
    assert result.stops
    made = assembly.build(result, draft=True, only=PAPERS).files
    assert rows_of(made[f"working/{KEYWORDS}"])[1] == ["【待填：关键词库】"]
    lacking = "【待填：生成内容测试题库、应拒答测试题库、非拒答测试题库】"
    assert rows_of(made[f"working/{QUESTIONS}"])[1] == [lacking]


def test_facts_without_a_folder_make_no_lists(beian: Callable[..., Ran], tmp_path: Path) -> None:
    stdin = (SAMPLES / "chat-assistant" / "facts.yaml").read_bytes()
    ran = beian("build", "-", "-o", "out", "--as-of", AS_OF, "--only", "keyword-list", stdin=stdin)
    assert ran.code == 0, ran.out
    assert not list((tmp_path / "out").rglob("附件4*"))


@pytest.mark.parametrize("text", ["=1+1", "#N/A", "a<b>&c", "行\n二", "　首", "0012", "😀"])
def test_text_of_a_list_stays_text(text: str) -> None:
    raw = books.book([Sheet("表", "表", (Column("序号", 8), Column("文", 40)), [[1, text], [2.5, None]])])
    sheet = load_workbook(io.BytesIO(raw)).worksheets[0]
    assert (sheet["B2"].value, sheet["B2"].data_type) == (text, "s")
    assert [sheet["A2"].value, sheet["A3"].value, sheet["B3"].value] == [1, 2.5, None]
    assert sheet.max_row == 3


def test_an_empty_list_has_its_header_only() -> None:
    raw = books.book([Sheet("表", "表", (Column("序号", 8), Column("文", 40)), [])])
    assert rows_of(raw) == [["序号", "文"]]
