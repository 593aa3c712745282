"""The client's own lists: what is read and counted, what is said of the rest, what is made of them."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beian.annexes import examination, normalise
from beian.annexes.counts import percent, quotient
from beian.annexes.kinds import Catalogue
from beian.annexes.reading import Source
from beian.library import Library
from conftest import AS_OF, SAMPLES, Ran
from workshop import annexes as workshop

SAMPLE = SAMPLES / "chat-assistant" / "annexes"
Beian = Callable[..., Ran]
Rows = Iterable[list[Any]]


@pytest.fixture
def catalogue(library: Library) -> Catalogue:
    return library.catalogue


def book(file: Path, sheets: dict[str, Rows], merged: dict[str, list[str]] | None = None) -> str:
    """Writes a workbook as a client would, and returns its name."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cells in (merged or {}).get(name, []):
            sheet.merge_cells(cells)
    made.save(file)
    return file.name


def checked(beian: Beian, *arguments: str, as_of: str = AS_OF) -> tuple[int, dict[str, Any]]:
    """The exit code of annex check, and what it says as JSON."""
    ran = beian("annex", "check", *arguments, "--as-of", as_of, "--json")
    assert ran.err == ""
    return ran.code, json.loads(ran.out)


def said(record: dict[str, Any]) -> list[tuple[str, str]]:
    """(cell, reason) of every problem."""
    return [(f"{one['sheet']}!{one['cell']}", one["reason"]) for one in record["problems"]]


# --- what is there is counted --------------------------------------------------------------------


def test_the_figures_are_those_of_an_independent_count(beian: Beian, tmp_path: Path) -> None:
    files = sorted(map(str, SAMPLE.iterdir()))
    code, record = checked(beian, *files)
    assert (code, record["problems"], record["findings"]) == (0, [], [])
    found = record["annexes"]
    for file, sheet, kind, column in (
        ("keywords.xlsx", "关键词", "keywords", 3),
        ("questions.xlsx", "生成内容测试题", "generated", 3),
        ("questions.xlsx", "应拒答测试题", "refuse", 3),
        ("questions.xlsx", "非拒答测试题", "answer", 2),
    ):
        rows = list(openpyxl.load_workbook(SAMPLE / file)[sheet].iter_rows(min_row=2, values_only=True))
        counted = Counter(row[column] for row in rows)
        assert found[kind]["distinct_count"] == len({row[1] for row in rows})
        assert {one["title"]: one["distinct_count"] for one in found[kind]["classes"]} == counted
        assert found[kind]["covered_count"] == len(counted)
    assert found["generated"]["illegal_covered_count"] == 29
    assert found["corpora"]["item_count"] == 120000 + 65000 + 24200


COMPLETE = sorted(one.parent.name for one in SAMPLES.glob("*/annexes"))


@pytest.mark.parametrize("sample", COMPLETE)
def test_a_sample_has_the_annexes_that_the_workshop_makes(library: Library, sample: str) -> None:
    folder = SAMPLES / sample
    made = workshop.of_sample(folder, library)
    assert set(made) == {f"annexes/{one.name}" for one in (folder / "annexes").iterdir()}
    for name, content in made.items():
        assert parts(content) == parts((folder / name).read_bytes()), "python -m workshop.annexes"


def parts(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_set_of_real_size(beian: Beian, catalogue: Catalogue, tmp_path: Path) -> None:
    for name, content in workshop.make(workshop.real_size(), catalogue).items():
        (tmp_path / name).write_bytes(content)
    names = ("keywords.xlsx", "questions.xlsx", "corpora.xlsx", "results.xlsx")
    code, record = checked(beian, *names)
    assert (code, record["problems"], record["findings"]) == (0, [], [])
    found = record["annexes"]
    assert [found[kind]["distinct_count"] for kind in ("keywords", "generated", "refuse", "answer")] == [
        12000, 20000, 1500, 1500]
    assert found["corpora"]["source_count"] == 40
    assert found["corpora"]["foreign_share"] == 0.1
    assert [(one["title"], one["listed_count"], one["listed_good_count"])
            for one in found["samplings"]["records"] if one["listed_count"]] == [
        ("语料人工抽检", 4000, 3950), ("生成内容人工抽检", 1000, 960),
        ("应拒答抽检", 300, 290), ("非拒答抽检", 300, 6)]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=8))
def test_keys_of_many_are_the_keys_of_each(texts: list[str]) -> None:
    assert normalise.keys(texts) == [normalise.key(one) for one in texts] if texts else True


@given(st.text("词题目abcXYZ09-()/%", min_size=1))
def test_width_case_and_spacing_make_no_other_entry(text: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)
    for same in (wide, text.upper(), text.lower(), "\u3000".join(text), f" {text}\u200b\n", "\u00a0".join(wide)):
        assert normalise.key(same) == normalise.key(text)
    assert normalise.key(text + "词") != normalise.key(text)


# --- a client's mangled set ----------------------------------------------------------------------

RISK, OTHER = "民族歧视内容", "地域歧视内容"
GROUP = "包含歧视性内容"


def test_a_mangled_list_gives_messages_with_cells_and_loses_no_good_row(
    beian: Beian, tmp_path: Path
) -> None:
    book(tmp_path / "客户词库.xlsx", {
        "填写说明": [["本表由数据组维护"]],
        "关键词": [
            ["某某公司拦截关键词（内部资料）"],
            [],
            ["序号", "敏感词", "分类", None, "ＵＰＤＡＴＥ", "更新时间", None],
            [None, None, "一级类别", "二级类别", None, None, None],
            [1, "词-A2a-0001", GROUP, RISK, None, "2026-11-02", None],
            [2, "词－Ａ２ａ－０００１", GROUP, RISK, None, "2026/11/2", None],
            [3, " 词-a2a-\u200b0002 ", GROUP, "民族歧视", None, "2026年11月3日", None],
            [],
            [4, "词-A2a-0003", GROUP, "民族岐视", None, "2026-11-02", None],
            [5, None, GROUP, RISK, None, "2026-11-02", None],
            [6, "词-A2a-0004", GROUP, None, None, "2026-11-02", None],
            [7, 20260001, "A.2", "A.2.d", None, "20261104", None],
            [8, "词-A2a-0005", "商业违法违规", RISK, None, None, None],
            [9, "词-A2a-0006", "涉政", RISK, None, "上周", None],
            ["序号", "敏感词", "一级类别", "二级类别", None, "更新时间", None],
            [10, "词-A2a-0007", GROUP, "ａ）民族歧视内容", None, None, "临时加"],
            [11, "词-A2a-0001", GROUP, OTHER, None, None, None],
            [12, 1234567890123456789, GROUP, RISK, None, None, None],
            [13, "=1+1", GROUP, RISK, None, None, None],
        ],
        "Sheet3": [],
    }, merged={"关键词": ["A1:G1", "C3:D3", "A3:A4", "B3:B4"]})
    text_not_formula(tmp_path / "客户词库.xlsx", "关键词", "B19")
    code, record = checked(beian, "客户词库.xlsx")
    assert code == 1
    figures = record["annexes"]["keywords"]
    counted = {one["class"]: one["distinct_count"] for one in figures["classes"] if one["distinct_count"]}
    # 0001, 0002, 0006, 0007, =1+1 under A.2.a; 20260001 and once more 0001 under A.2.d
    assert counted == {"A.2.a": 5, "A.2.d": 2}
    assert figures["distinct_count"] == 6
    assert (figures["row_count"], figures["rejected_count"], figures["duplicate_count"]) == (13, 5, 2)
    assert figures["updated_on"] == "2026-11-04"
    assert said(record) == [
        ("关键词!E4", "header-unknown"),
        ("关键词!B6", "duplicate"),
        ("关键词!D9", "class-unknown"),
        ("关键词!B10", "empty"),
        ("关键词!C11", "class-too-coarse"),
        ("关键词!C13", "class-conflict"),
        ("关键词!F14", "not-a-day"),
        ("关键词!C14", "class-own-name"),
        ("关键词!B15", "header-repeated"),
        ("关键词!G16", "column-nameless"),
        ("关键词!B17", "duplicate"),
        ("关键词!B18", "digits-lost"),
    ]
    words = {one["cell"]: one["message"] + one["hint"] for one in record["problems"]}
    assert words["D9"] == (
        "“民族岐视”不是标准所列的风险。如果是指“民族歧视内容”，改为该名称；写法应为附录 A 的风险名称或者编号。")
    assert words["B6"] == "与第 5 行重复（不计大小写、全半角和空格），只计一次。删去重复的行。"
    assert "两行的分类不同，在“民族歧视内容”和“地域歧视内容”中各计一次" in words["B17"]
    assert words["C13"].startswith("一级分类写为“商业违法违规”，但“民族歧视内容”属于“包含歧视性内容”。")
    places = {one["place"] for one in record["problems"]}
    assert "客户词库.xlsx 关键词!D9" in places


def text_not_formula(file: Path, sheet: str, cell: str) -> None:
    """Makes a cell that begins with = a text, as Excel does of what was typed with a leading '."""
    made = openpyxl.load_workbook(file)
    made[sheet][cell].data_type = "s"
    made.save(file)


def test_a_class_that_is_merged_down_holds_for_all_its_rows(beian: Beian, tmp_path: Path) -> None:
    rows = [["关键词", "风险类型"], ["词-1", RISK], ["词-2", None], ["词-3", None], ["词-4", None]]
    book(tmp_path / "k.xlsx", {"词库": rows}, merged={"词库": ["B2:B4"]})
    code, record = checked(beian, "k.xlsx")
    assert record["annexes"]["keywords"]["distinct_count"] == 3
    assert (code, said(record)) == (1, [("词库!B5", "class-empty")])


def test_a_list_that_starts_in_the_middle_of_the_sheet_keeps_its_cells(
    beian: Beian, tmp_path: Path
) -> None:
    rows = [[], [None, None, "关键词", "类别"], [None, None, "词-1", RISK], [None, None, "词-2", "不明"]]
    book(tmp_path / "k.xlsx", {"表": rows})
    _, record = checked(beian, "k.xlsx")
    assert record["annexes"]["keywords"]["distinct_count"] == 1
    assert said(record) == [("表!D4", "class-unknown")]


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_tables_in_the_usual_encodings(coding: str, beian: Beian, tmp_path: Path) -> None:
    text = f"关键词,二级分类,更新日期\r\n词-1,{RISK},2026-11-02\r\n\"词,2\",{OTHER},\r\n词-3,没有这类,\r\n"
    (tmp_path / "词库.csv").write_bytes(text.encode(coding))
    code, record = checked(beian, "词库.csv")
    assert code == 1
    assert record["annexes"]["keywords"]["distinct_count"] == 2
    assert [one["place"] for one in record["problems"]] == ["词库.csv 词库!B4"]


def test_sheets_that_look_alike_are_told_by_name_or_not_at_all(beian: Beian, tmp_path: Path) -> None:
    rows = [["题目", "风险类别"], ["题-1", RISK]]
    book(tmp_path / "一.xlsx", {"Sheet1": rows})
    code, record = checked(beian, "一.xlsx")
    assert (code, [one["reason"] for one in record["problems"]]) == (1, ["kind-unclear"])
    assert "可能是生成内容测试题库、应拒答测试题库" in record["problems"][0]["message"]
    code, record = checked(beian, "一.xlsx", "--kind", "refuse")
    assert (record["annexes"].keys() & {"refuse", "generated"}, record["problems"]) == ({"refuse"}, [])
    book(tmp_path / "二.xlsx", {"生成类": rows, "拒答": rows, "非拒答": [["题目", "方面"], ["题-2", "历史"]]})
    _, record = checked(beian, "二.xlsx")
    assert record["problems"] == []
    assert {kind: record["annexes"][kind]["distinct_count"] for kind in ("generated", "refuse", "answer")} == {
        "generated": 1, "refuse": 1, "answer": 1}


def test_what_is_not_read_is_said(beian: Beian, tmp_path: Path) -> None:
    book(tmp_path / "k.xlsx", {
        "数据": [["甲", "乙"], [1, 2]],
        "词库": [["关键词", "备注"], ["词-1", "x"]],
        "词库2": [["关键词", "敏感词", "二级分类"], ["词-1", "词-2", RISK]],
        "隐藏": [["关键词", "二级分类"], ["词-9", RISK]],
    })
    made = openpyxl.load_workbook(tmp_path / "k.xlsx")
    made["隐藏"].sheet_state = "hidden"
    made.save(tmp_path / "k.xlsx")
    _, record = checked(beian, "k.xlsx")
    assert [(one["sheet"], one["reason"]) for one in record["problems"]] == [
        ("数据", "no-header"), ("词库", "column-missing"), ("词库2", "header-twice"), ("隐藏", "hidden-sheet")]
    assert "缺少“二级分类”栏" in record["problems"][1]["message"]
    assert record["annexes"]["keywords"]["distinct_count"] == 1


def test_formulas_without_results_are_not_taken_for_empty_rows(beian: Beian, tmp_path: Path) -> None:
    rows = [["关键词", "二级分类"], ["词-1", RISK], ['="词-"&"2"', RISK], ['="词-"&"3"', '="民族歧视"']]
    book(tmp_path / "k.xlsx", {"说明": [["=1+1"]], "词库": rows})  # openpyxl computes nothing
    code, record = checked(beian, "k.xlsx")
    assert (code, record["annexes"]["keywords"]["distinct_count"]) == (1, 1)
    found = {one["place"]: one["message"] for one in record["problems"]}
    assert found["k.xlsx 词库!A3"] in ("有 3 格公式没有结果，读作空格。", "“关键词”是空的。")
    assert [one["message"] for one in record["problems"] if one["reason"] == "formula-without-value"] == [
        "有 1 格公式没有结果，读作空格。", "有 3 格公式没有结果，读作空格。"]


def test_a_file_that_cannot_be_opened_does_not_hide_the_others(beian: Beian, tmp_path: Path) -> None:
    book(tmp_path / "k.xlsx", {"词库": [["关键词", "二级分类"], ["词-1", RISK], ["词-2", "不明"]]})
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 nothing")
    code, record = checked(beian, "坏.xlsx", "k.xlsx")
    assert (code, record["annexes"]["keywords"]["distinct_count"]) == (1, 1)
    assert [(one["place"], one["reason"]) for one in record["problems"]] == [
        ("坏.xlsx", "file-unopened"), ("k.xlsx 词库!B3", "class-unknown")]


SAMPLING = ["抽检项目", "抽检日期", "总体数量", "抽检数量", "合格数量", "拒答数量", "合格率", "抽检方法", "抽检人员"]


def sampling(beian: Beian, tmp_path: Path, *rows: list[Any], as_of: str = AS_OF, **more: Rows) -> tuple[int, Any]:
    book(tmp_path / "s.xlsx", {"抽检记录": [SAMPLING, *rows], **more})
    return checked(beian, "s.xlsx", as_of=as_of)


def record_of(subject: str, population: Any, drawn: Any, good: Any, **changes: Any) -> list[Any]:
    refusal = subject in workshop.REFUSALS
    row = {"subject": subject, "day": "2025-09-30", "population": population, "drawn": drawn,
           "passed": None if refusal else good, "refused": good if refusal else None,
           "share": None, "method": "随机抽取", "people": "示例甲、示例乙"}
    return list((row | changes).values())


def test_numbers_that_are_texts_are_numbers_and_others_are_refused(beian: Beian, tmp_path: Path) -> None:
    code, record = sampling(
        beian, tmp_path,
        record_of("语料人工抽检", "２０９，２００条", "4,000", "3948条"),
        record_of("生成内容人工抽检", "3200", "约1000", 968),
        record_of("应拒答抽检", 800, 300, 293, people=None),
        record_of("非拒答抽检", 650, 300, None),
        record_of("随便看看", 1, 1, 1),
        record_of("生成内容关键词抽检", 3200, 1000, 959.5),
    )
    assert code == 1
    assert [(one["sample_count"], one["population_count"], one["rate_text"])
            for one in record["annexes"]["samplings"]["records"]] == [(4000, 209200, "98.7%")]
    assert said(record) == [
        ("抽检记录!D3", "not-a-count"), ("抽检记录!I4", "empty"), ("抽检记录!F5", "empty"),
        ("抽检记录!A6", "not-a-choice"), ("抽检记录!E7", "not-a-count")]


def test_a_result_without_its_record_does_not_exist(beian: Beian, tmp_path: Path) -> None:
    items = [["抽检项目", "样本编号", "是否合格", "判定人员"],
             *(["生成内容人工抽检", f"样本-{n}", "是", "示例甲"] for n in range(1000))]
    code, record = sampling(beian, tmp_path, 抽检明细=items)
    assert code == 1
    assert record["annexes"]["samplings"]["records"] == []
    [finding] = record["findings"]
    assert finding["rule"] == "annex-results-recorded"
    assert "生成内容人工抽检" in finding["message"]
    code, record = sampling(
        beian, tmp_path, record_of("生成内容人工抽检", 3200, 1000, 999), 抽检明细=items)
    assert [one["rule"] for one in record["findings"]] == ["annex-sample-as-itemised"]


def test_annotations_are_counted_and_roles_looked_at(beian: Beian, tmp_path: Path) -> None:
    header = ["数据编号", "标注类型", "风险类型", "标注人", "审核人"]
    book(tmp_path / "a.xlsx", {"标注记录": [
        header, ["甲1", "安全性", RISK, "示例甲", "示例乙"], ["甲2", "安全性", RISK, "示例甲", None],
        ["甲3", "功能性", None, "示例甲", "示例甲"], ["甲4", "安全性", None, "示例甲", "示例乙"]]})
    code, record = checked(beian, "a.xlsx")
    figures = record["annexes"]["annotations"]
    assert (figures["safety_count"], figures["functional_count"], figures["covered_count"]) == (2, 1, 1)
    assert said(record) == [("标注记录!A3", "unreviewed"), ("标注记录!A4", "self-reviewed"),
                            ("标注记录!C5", "empty")]
    assert {one["rule"] for one in record["findings"]} == {
        "annex-safety-annotation-reviewed", "annex-annotation-roles"}
    assert code == 1


# --- both sides of every bound, by the regime of the day ------------------------------------------

#: (subject, population, drawn, good) on the right side and the wrong side, and the rule between.
BOUNDS = [
    (("语料人工抽检", 9999, 4000, 3840), ("语料人工抽检", 9999, 4000, 3839), "annex-corpus-manual-rate"),
    (("语料人工抽检", 9999, 4000, 4000), ("语料人工抽检", 9999, 3999, 3999), "annex-corpus-manual-size"),
    (("语料关键词抽检", 9999, 1000, 980), ("语料关键词抽检", 9999, 1000, 979), "annex-corpus-technical-rate"),
    (("语料分类模型抽检", 10000, 1000, 1000), ("语料分类模型抽检", 10001, 1000, 1000),
     "annex-corpus-technical-share"),
    (("生成内容人工抽检", 2000, 1000, 900), ("生成内容人工抽检", 2000, 1000, 899), "annex-generated-rate"),
    (("生成内容关键词抽检", 2000, 1000, 1000), ("生成内容关键词抽检", 2000, 999, 999),
     "annex-generated-sample-size"),
    (("应拒答抽检", 500, 300, 285), ("应拒答抽检", 500, 300, 284), "annex-refuse-rate"),
    (("应拒答抽检", 500, 300, 300), ("应拒答抽检", 500, 299, 299), "annex-refuse-sample-size"),
    (("非拒答抽检", 500, 300, 15), ("非拒答抽检", 500, 300, 16), "annex-answer-rate"),
    (("非拒答抽检", 500, 300, 0), ("非拒答抽检", 500, 299, 0), "annex-answer-sample-size"),
]  # fmt: skip


@pytest.mark.parametrize(("day", "basis"), [("2025-10-31", "tc260-003"), ("2025-11-01", "gbt-45654")])
def test_both_sides_of_every_bound_of_samplings(
    day: str, basis: str, library: Library, tmp_path: Path
) -> None:
    for number, (right, wrong, _) in enumerate(BOUNDS):
        book(tmp_path / f"right{number}.xlsx", {"抽检记录": [SAMPLING, record_of(*right)]})
        book(tmp_path / f"wrong{number}.xlsx", {"抽检记录": [SAMPLING, record_of(*wrong)]})
    for number, (_, _, rule) in enumerate(BOUNDS):
        for side, expected in (("right", []), ("wrong", [(rule, basis)])):
            file = tmp_path / f"{side}{number}.xlsx"
            result = examination.examine([Source(file.name, file.read_bytes())], library, day)
            assert [(one.rule, one.basis[0].instrument) for one in result.findings] == expected, side


@given(st.integers(1, 10**7), st.sampled_from(["0.9", "0.95", "0.96", "0.98", "0.05", "0.1", "0.3"]), st.integers(-2, 2))
def test_a_rate_is_never_rounded_over_its_bound(whole: int, bound: str, off: int) -> None:
    exact = Fraction(bound)
    part = min(whole, max(0, int(exact * whole) + off))
    rate = quotient(part, whole)
    assert rate is not None
    assert (rate >= float(bound)) == (Fraction(part, whole) >= exact)
    assert (rate <= float(bound)) == (Fraction(part, whole) <= exact)


def test_a_share_is_printed_as_it_is() -> None:
    assert percent(3839, 4000) == "95.975%"
    assert percent(899999, 1000000) == "89.9999%"
    assert percent(1, 3) == "33.3333…%"
    assert percent(8999999, 10000000) == "89.9999…%"
    assert percent(1, 1) == "100%"


def test_a_stated_rate_that_rounds_over_the_bound_is_shown_beside_the_exact_one(
    beian: Beian, tmp_path: Path
) -> None:
    code, record = sampling(beian, tmp_path, record_of("语料人工抽检", 9999, 4000, 3839, share="96%"))
    assert code == 1
    [problem] = record["problems"]
    assert problem["message"] == "比率写为 96%，按数量计算是 95.975%。"
    assert "95.975%（3839/4000），低于 96%" in record["findings"][0]["message"]


def keywords(catalogue: Catalogue, short: str = "", total: int = 10000) -> Rows:
    """A list that just fulfils everything, but for one keyword of one risk."""
    risks = [one for one in catalogue.risks if one.refusal]
    least = {one.id: (200 if one.group == "A.1" else 100) - (one.id == short) for one in risks}
    spare = "A.2.i" if short != "A.2.i" else "A.2.h"
    least[spare] += total - sum(least.values())
    yield ["关键词", "二级分类", "更新日期"]
    for one in risks:
        yield from ([f"词-{one.id}-{n}", one.title, "2025-10-29"] for n in range(least[one.id]))


def test_one_keyword_short_in_one_risk(
    beian: Beian, library: Library, catalogue: Catalogue, tmp_path: Path
) -> None:
    book(tmp_path / "short.xlsx", {"关键词": keywords(catalogue, "A.1.c")})
    for strict, expected in ((), 0), (("--strict",), 1):
        code, record = checked(beian, "short.xlsx", *strict, as_of="2025-11-01")
        assert code == expected
        [finding] = record["findings"]
        assert (finding["rule"], finding["level"]) == ("annex-keywords-core-values", "review")
        assert "“煽动分裂国家、破坏国家统一和社会稳定”（A.1.c）的关键词为 199 个，不足 200 个" in finding["message"]
    for total, day, expected in (
        (10000, "2025-11-01", []),
        (9999, "2025-10-31", [("annex-keywords-total", "tc260-003")]),
        (9999, "2025-11-01", [("annex-keywords-total", "gbt-45654")]),
    ):
        lines = [",".join(row) for row in keywords(catalogue, total=total)]
        source = Source("关键词.csv", "\n".join(lines).encode())
        result = examination.examine([source], library, day, strict=True)
        assert [(one.rule, one.basis[0].instrument) for one in result.findings] == expected
        assert result.stops == bool(expected)


def test_every_number_is_shown_to_be_unverified(beian: Beian, tmp_path: Path) -> None:
    book(tmp_path / "k.xlsx", {"词库": [["关键词", "二级分类"], ["词-1", RISK]]})
    ran = beian("annex", "check", "k.xlsx", "--as-of", AS_OF)
    assert ran.code == 1
    sources = [line for line in ran.out.splitlines() if line.startswith("    依据")]
    assert sources
    assert all("待核对" in line for line in sources)
    # The total and each of seventeen risks fall short; each of the five rules says its source once.
    assert (ran.out.count("的关键词为"), len(sources)) == (1 + 17, 5)


# --- many problems, and what is made ---------------------------------------------------------------

def test_fifty_problems_are_shown_and_all_are_in_the_workbook(beian: Beian, tmp_path: Path) -> None:
    rows = [["关键词", "二级分类"], *([f"词-{n}", f"没有这类{n}"] for n in range(120))]
    book(tmp_path / "k.xlsx", {"词库": rows})
    ran = beian("annex", "check", "k.xlsx", "--as-of", AS_OF, "--problems", "问题.xlsx")
    assert ran.code == 1
    assert ran.out.count("不是标准所列的风险") == 50
    assert "另有 70 处" in ran.out
    sheet = openpyxl.load_workbook(tmp_path / "问题.xlsx")["问题清单"]
    listed = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(listed) == 120
    assert listed[119][:7] == (120, "阻断", "关键词库", "k.xlsx", "词库", "B121", "没有这类119")
    again = beian("annex", "check", "k.xlsx", "--as-of", AS_OF, "--problems", "问题.xlsx")
    assert (again.code, "文件已存在，未覆盖" in again.err) == (2, True)


def test_clean_lists_are_classified_distinct_and_ready_to_print(
    beian: Beian, catalogue: Catalogue, tmp_path: Path
) -> None:
    shutil.copy(SAMPLE / "questions.xlsx", tmp_path)
    book(tmp_path / "k.xlsx", {"词库": [
        ["关键词", "一级分类", "二级分类", "语种"],
        ["=SUM(A1)", "A.2", "地域歧视", "中文"], ["词-2", "涉政", "A.1.a", None],
        ["词－２", "", "A.1.a", None], ["#N/A", GROUP, RISK, None], ["词-4", GROUP, "不明", None]]})
    text_not_formula(tmp_path / "k.xlsx", "词库", "A2")
    made = openpyxl.load_workbook(tmp_path / "k.xlsx")
    made["词库"]["A5"].data_type = "s"
    made.save(tmp_path / "k.xlsx")
    for out in ("out", "again"):
        ran = beian("annex", "clean", "k.xlsx", "questions.xlsx", "--as-of", AS_OF, "-o", out)
        assert ran.code == 1, ran.err
    names = {"附件4 关键词拦截列表.xlsx", "附件5 评估测试题集.xlsx", "附件统计（内部）.xlsx", "问题清单（内部）.xlsx"}
    assert {one.name for one in (tmp_path / "out").iterdir()} == names
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "out" / "附件4 关键词拦截列表.xlsx")["关键词拦截列表"]
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == [
        ["序号", "关键词", "一级分类", "二级分类", "风险编号", "语种"],
        [1, "词-2", "包含违反社会主义核心价值观的内容", "煽动颠覆国家政权、推翻社会主义制度", "A.1.a", None],
        [2, "#N/A", GROUP, RISK, "A.2.a", None],
        [3, "=SUM(A1)", GROUP, OTHER, "A.2.d", "中文"]]
    assert sheet["B4"].data_type == "s"
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:F4", "$1:$1")
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.orientation) == (1, "landscape")
    banks = openpyxl.load_workbook(tmp_path / "out" / "附件5 评估测试题集.xlsx")
    assert banks.sheetnames == ["生成内容测试题", "应拒答测试题", "非拒答测试题"]
    assert [one.max_row - 1 for one in banks.worksheets] == [3200, 800, 650]


def test_charts_set_counts_beside_minimums_and_rates_beside_bounds(beian: Beian, tmp_path: Path) -> None:
    ran = beian("annex", "clean", *sorted(map(str, SAMPLE.iterdir())), "--as-of", AS_OF, "-o", "out")
    assert ran.code == 0
    file = tmp_path / "out" / "附件统计（内部）.xlsx"
    drawn = {name: body for name, body in parts(file.read_bytes()).items() if name.startswith("xl/charts/")}
    assert len(drawn) == 5  # four lists and the samplings
    assert all(b"barChart" in body and b"lineChart" in body for body in drawn.values())
    made = openpyxl.load_workbook(file)
    rows = list(made["生成内容测试题库"].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in rows] == [50] * 17 + [20] * 14
    least = {row[1]: row[8] for row in made["抽检"].iter_rows(min_row=2, values_only=True)}
    assert (least["语料人工抽检"], least["非拒答抽检"]) == (0.96, 0.05)


# --- bad input -----------------------------------------------------------------------------------

@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("空.xlsx", b"", "文件是空的"),
        ("坏.xlsx", b"PK\x03\x04 nothing", "不是 Excel 工作簿，或者文件已损坏"),
        ("坏.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "无法读取"),
        ("字.docx", b"hello", "不是可以读取的清单"),
        ("码.csv", b"\x81\xff\xff\x20", "编码既不是 UTF-8"),
        ("假.xlsx", "关键词,分类".encode(), "不是 Excel 工作簿"),
    ],
)
def test_a_file_that_is_no_list_is_said_in_one_message(
    name: str, content: bytes, words: str, beian: Beian, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    ran = beian("annex", "check", name, "--as-of", AS_OF)
    assert (ran.code, ran.out, words in ran.err) == (2, "", True), ran.err
    assert ran.err.startswith(name)


def test_a_wrong_call_is_said(beian: Beian, tmp_path: Path) -> None:
    book(tmp_path / "k.xlsx", {"词库": [["关键词", "二级分类"], ["词-1", RISK]]})
    for arguments, words in (
        (("check", "lost.xlsx"), "无法读取"),
        (("check", "."), "这是目录"),
        (("check", "k.xlsx", "--kind", "words"), "没有“words”这种清单"),
        (("check", "k.xlsx", "--as-of", "昨天"), "不是有效日期"),
        (("clean", "k.xlsx", "-o", "."), "输出目录已经存在"),
        (("check",), "缺少"),
    ):
        ran = beian("annex", *arguments)
        assert (ran.code, words in ran.err) == (2, True), ran


def test_the_sub_commands_say_their_exit_codes(beian: Beian) -> None:
    for command in ("check", "clean"):
        ran = beian("annex", command, "--help")
        assert ran.code == 0
        assert "退出码：0" in ran.out


# --- in a matter ---------------------------------------------------------------------------------

def test_a_matter_must_state_what_its_annexes_hold(beian: Beian, tmp_path: Path) -> None:
    matter = tmp_path / "matter"
    shutil.copytree(SAMPLE.parent, matter)
    file = matter / "annexes" / "keywords.xlsx"
    made = openpyxl.load_workbook(file)
    made["关键词"].delete_rows(12861)
    made["关键词"]["D5"] = "没有这类"
    made.save(file)
    ran = beian("check", "matter", "--as-of", AS_OF, "--json")
    assert ran.code == 1
    found = {one["rule"]: one for one in json.loads(ran.out)["findings"]}
    assert set(found) == {"annex-keywords-as-stated", "annex-rows-read", "requirements-numbered"}
    assert "填写的是 12860 个、17 类风险，所附清单去重之后为 12858 个、17 类" in (
        found["annex-keywords-as-stated"]["message"])
    assert found["annex-rows-read"]["path"] == "annexes"


# --- the data ------------------------------------------------------------------------------------

def test_the_catalogue_is_that_of_the_standards(catalogue: Catalogue) -> None:
    assert Counter(one.group for one in catalogue.risks) == {"A.1": 8, "A.2": 9, "A.3": 5, "A.4": 7, "A.5": 2}
    assert sum(one.illegal_information for one in catalogue.risks) == 29
    assert sum(one.refusal for one in catalogue.risks) == 17
    assert len(catalogue.aspects) == 13


@pytest.mark.parametrize("classes", ["risks", "aspects"])
def test_a_name_means_one_class(classes: str, catalogue: Catalogue) -> None:
    names = [normalise.label(name) for one in getattr(catalogue, classes) for name in (one.title, *one.aliases)]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_a_header_means_one_column_and_a_name_one_kind(catalogue: Catalogue) -> None:
    for kind in catalogue.kinds.values():
        meant = [*map(normalise.label, kind.ignored)]
        for column in kind.columns:
            meant += {normalise.label(name) for name in (column.title, *column.headers)}
        assert [name for name, count in Counter(meant).items() if count > 1] == [], kind.id
    names = [normalise.label(name) for kind in catalogue.kinds.values() for name in kind.names]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_facts_and_figures_know_every_kind(library: Library) -> None:
    field = library.field("annexes[].kind")
    assert field is not None and field.choices is not None
    kinds = {one.id: one.title for one in library.catalogue.kinds.values() if one.read}
    assert field.choices == kinds | {"by_sheet": "按工作表识别"}
    subjects = library.catalogue.kinds["samplings"].column("subject")
    declared = library.field("derived.annex.samplings.records[].subject")
    assert subjects is not None and declared is not None
    assert declared.choices == {one.code: one.title for one in subjects.choices}
    itemised = library.catalogue.kinds["results"].column("subject")
    assert itemised is not None
    assert {one.code for one in itemised.choices} <= {one.code for one in subjects.choices}
