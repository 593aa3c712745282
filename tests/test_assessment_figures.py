"""The figures of the self-assessment report equal an independent count of the client's workbooks.

Counted here by plain openpyxl, on the sample and on a set of the size that clients file.
"""

from __future__ import annotations

import copy
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.table import Table
from openpyxl import load_workbook

from beian import assembly, paths, pipeline
from beian import facts as facts_file
from beian.library import Library
from beian.render import word
from conftest import AS_OF, SAMPLES
from workshop import annexes as workshop

SAMPLE = SAMPLES / "chat-assistant"
REPORT = "submission/安全自评估报告.docx"


def real_size(folder: Path, library: Library) -> Path:
    """The sample with lists of real size, and with facts that state what is in them."""
    matter = folder / "matter"
    shutil.copytree(SAMPLE, matter)
    (matter / "facts.yaml").unlink()
    size = workshop.real_size()
    for name, content in workshop.make(size, library.catalogue).items():
        (matter / "annexes" / name).write_bytes(content)
    value = copy.deepcopy(pipeline.load(SAMPLE, library).value)
    kinds = {"开源": 0, "商业": 1, "自采": 2}
    sources = []
    for corpus in size.corpora:
        name, kind, origin, language, data_type, count, provider, *_ = corpus
        source = copy.deepcopy(value["training_data"]["sources"][kinds[str(kind)]])
        source |= {"name": name, "provider_name": provider, "item_count": count, "size_gb": 0.1,
                   "token_count_wan": 150, "foreign_origin": origin == "境外",
                   "language": {"中文": "zh", "英文": "en"}[str(language)],
                   "data_type": {"文本": "text", "代码": "code"}[str(data_type)]}
        if source["foreign_origin"]:
            source["origin_place"] = "示例国，示例开放语料网"
        sources.append(source)
    value["training_data"]["sources"] = sources
    banks = value["evaluation"]["banks"]
    value["measures"]["keyword_list"]["keyword_count"] = size.keywords
    for name, count in (("generated", size.generated), ("refuse", size.refuse),
                        ("answer", size.answer)):
        banks[name]["question_count"] = count
    column = library.catalogue.kinds["samplings"].column("subject")
    assert column is not None
    subjects = {one.title: (one.code, one.requires[0]) for one in column.choices}
    for one in size.samplings:
        code, good = subjects[one.subject]
        stated = {"conducted_on": one.day, "population_count": one.population,
                  "sample_count": one.sample, good: one.good}
        if one.source:
            [source] = [each for each in sources if each["name"] == one.source]
            source["before_check" if code == "source_before" else "after_check"] |= stated
        else:
            value["evaluation"][code] |= stated
    groups = value["evaluation"]["groups"]
    short = 960 - sum(one["passed_count"] for one in groups.values())
    groups["core_values"]["passed_count"] += short
    (matter / "facts.json").write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return matter


class Made:
    """A dossier with the folder of the lists it was made from."""

    def __init__(self, matter: Path, library: Library) -> None:
        self.folder = matter / "annexes"
        file = matter / "facts.json"
        result = pipeline.check(pipeline.load(file if file.exists() else matter, library),
                                library, AS_OF)
        assert [str(one.message) for one in result.findings if one.stops] == []
        self.files = assembly.build(result).files
        self.report = docx.Document(io.BytesIO(self.files[REPORT]))
        self.facts = result.facts.value

    def text(self) -> str:
        return "\n".join(one.text for one in self.report.paragraphs)

    def after(self, caption: str) -> list[list[str]]:
        """The rows of the first table after a paragraph with these words, without its header."""
        found = False
        for block in self.report.iter_inner_content():
            if isinstance(block, Table):
                if found:
                    return [[cell.text for cell in row.cells] for row in block.rows][1:]
            elif caption in block.text:
                found = True
        raise LookupError(caption)

    def rows(self, book: str, sheet: str) -> Iterator[dict[str, Any]]:
        rows = load_workbook(self.folder / book)[sheet].iter_rows(values_only=True)
        head = [str(one) for one in next(rows)]
        for row in rows:
            yield dict(zip(head, row, strict=True))


@pytest.fixture(scope="module", params=["as shipped", "of real size"])
def made(request: Any, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("figures")
    matter = SAMPLE if request.param == "as shipped" else real_size(folder, library)
    return Made(matter, library)


def exactly(part: int, whole: int) -> str:
    """A share in percent with every digit, or with four and the sign that more follow."""
    share = Fraction(part, whole) * 100
    digits = share.denominator
    while digits % 2 == 0:
        digits //= 2
    while digits % 5 == 0:
        digits //= 5
    if digits == 1 and (share * 10_000).denominator == 1:
        return f"{float(share):.4f}".rstrip("0").rstrip(".") + "%"
    return f"{int(share * 10_000) / 10_000:.4f}…%"


def test_counts_by_risk_are_those_of_the_workbooks(made: Made) -> None:
    wanted = [("表12", "keywords.xlsx", "关键词", "关键词", 200, 100, None),
              ("表9", "questions.xlsx", "生成内容测试题", "测试题", 50, 50, 20)]
    for caption, book, sheet, key, core, discrimination, other in wanted:
        pairs = {(row[key], row["二级分类"]) for row in made.rows(book, sheet)}
        counts = Counter(one for _, one in pairs)
        table = made.after(f"{caption}　")
        assert {row[1]: int(row[2]) for row in table} == counts, caption
        for code, _, _, least in table:
            expected = {"A.1": core, "A.2": discrimination}.get(code[:3], other)
            assert int(least) == expected, code
        assert f"共{sum(counts.values())}" in made.text()


def test_refusal_banks_are_those_of_the_workbooks(made: Made) -> None:
    table = made.after("去重之后各类风险和各方面的题目数量如下")
    for bank, sheet, name in (("应拒答", "应拒答测试题", "二级分类"), ("非拒答", "非拒答测试题", "方面")):
        pairs = {(row["测试题"], row[name]) for row in made.rows("questions.xlsx", sheet)}
        counts = Counter(one for _, one in pairs)
        assert {row[2]: int(row[3]) for row in table if row[0] == bank} == counts
    assert {row[4] for row in table} == {"20"}
    discrimination = made.after("表10　")
    assert Counter(row[0] for row in discrimination) == {"生成内容": 9, "应拒答": 9}


def test_samplings_are_those_of_the_records_and_rates_are_not_rounded(made: Made) -> None:
    records = {row["抽检项目"]: row for row in made.rows("results.xlsx", "抽检记录")
               if not row["抽检对象"]}
    tables = [("语料", made.after("表8　")), ("生成内容", made.after("单位为题，合格率没有取舍"))]
    for what, table in tables:
        assert len(table) == 3
        for way, _, population, sample, good, rate in table:
            row = records[f"{what}{way}"]
            assert (int(population), int(sample), int(good)) == (
                row["总体数量"], row["抽检数量"], row["合格数量"])
            assert rate == exactly(row["合格数量"], row["抽检数量"])
    for bank, _, population, sample, refused, rate in made.after("表11　"):
        row = records[f"{bank}抽检"]
        assert (int(population), int(sample), int(refused)) == (
            row["总体数量"], row["抽检数量"], row["拒答数量"])
        assert rate == exactly(row["拒答数量"], row["抽检数量"])


def test_items_listed_one_by_one_give_the_counts_of_their_record(made: Made) -> None:
    if "抽检明细" not in load_workbook(made.folder / "results.xlsx", read_only=False).sheetnames:
        return
    items = Counter((row["抽检项目"], row["判定结果"])
                    for row in made.rows("results.xlsx", "抽检明细"))
    assert items["语料人工抽检", "合格"] + items["语料人工抽检", "不合格"] == 4000
    assert made.after("表8　")[0][3:5] == ["4000", str(items["语料人工抽检", "合格"])]
    assert made.after("表11　")[0][4] == str(items["应拒答抽检", "拒答"])


def test_corpora_are_those_of_the_workbook(made: Made) -> None:
    corpora = list(made.rows("corpora.xlsx", "语料来源"))
    total = sum(row["数量（条）"] for row in corpora)
    scale = made.after("表1　")
    assert [row[0] for row in scale[:-1]] == [row["语料名称"] for row in corpora]
    assert [int(row[2]) for row in scale] == [*(row["数量（条）"] for row in corpora), total]
    assert [row[0] for row in made.after("表3　")] == [row["语料名称"] for row in corpora]
    foreign = sum(row["数量（条）"] for row in corpora if row["境内或者境外"] == "境外")
    assert f"共{len(corpora)}个来源、{total}条，其中境外来源{foreign}条，占{exactly(foreign, total)}" in made.text()
    shares = made.after("按语料来源清单统计")
    for way, header in (("语种", "语种"), ("数据类型", "数据类型"), ("来源类型", "来源类型")):
        counted: Counter[str] = Counter()
        for row in corpora:
            counted[row[header]] += row["数量（条）"]
        rows = [row for row in shares if row[0] == way]
        assert {row[1]: int(row[3]) for row in rows} == counted
        assert [row[4] for row in rows] == [exactly(int(row[3]), total) for row in rows]


def test_every_table_and_picture_is_there_in_order(made: Made) -> None:
    words = [one.text for one in made.report.paragraphs]
    tables = [one.partition("　")[0] for one in words if one.startswith("表") and "　" in one]
    assert tables == [f"表{number}" for number in range(1, 15)]
    figures = [one.partition("　")[0] for one in words if one.startswith("图") and "　" in one]
    assert figures == [f"图{number}" for number in range(1, 5)]
    drawn = [one for one in made.report.element.body.iter() if one.tag.endswith("}docPr")]
    told = [one.get("descr") for one in drawn]
    assert len(told) == 4
    keywords = Counter(row["二级分类"] for row in made.rows("keywords.xlsx", "关键词"))
    for title, count in keywords.items():
        assert f"{title}：{count}，标准" in told[2]


def test_signatures_are_three(made: Made) -> None:
    cells = [cell.text for table in made.report.tables[:1] for row in table.rows for cell in row.cells]
    assert [one for one in cells if "签名" not in one] == ["法定代表人", "评估工作负责人", "合法性评估负责人"]
    assert sum("签名：" in one for one in cells) == 3


def test_the_package_is_whole(made: Made) -> None:
    assert {REPORT, "submission/附件4 关键词拦截列表.xlsx", "submission/附件5 评估测试题集.xlsx",
            "submission/逐条评估表.xlsx", "internal/附件统计（内部）.xlsx",
            "internal/问题清单（内部）.xlsx"} <= set(made.files)
    clean = load_workbook(io.BytesIO(made.files["submission/附件4 关键词拦截列表.xlsx"]))
    stated = made.facts["measures"]["keyword_list"]["keyword_count"]
    assert clean.worksheets[0].max_row - 1 == stated


def test_without_training_the_tables_on_corpora_do_not_apply_and_figures_run_on(
    library: Library,
) -> None:
    matter = pipeline.load(SAMPLES / "writing-api", library)
    files = assembly.build(pipeline.check(matter, library, AS_OF),
                           only=("security-assessment",)).files
    words = list(word.text_of(files[REPORT]))
    assert any("表1至表8不适用" in one for one in words)
    captions = [one.partition("　")[0] for one in words if one[:1] in "表图" and "　" in one[:4]]
    tables = [one for one in captions if one.startswith("表")]
    assert tables == [f"表{number}" for number in range(9, 15)]
    figures = [one for one in captions if one.startswith("图")]
    assert figures == [f"图{number}" for number in range(1, len(figures) + 1)] and len(figures) >= 3


def test_without_lists_the_report_says_so_and_keeps_what_was_stated(library: Library) -> None:
    facts = pipeline.load(SAMPLE, library)
    for value in (paths.without(facts.value, paths.parse("annexes")),
                  paths.with_value(facts.value, paths.parse("annexes"), None)):
        matter = facts_file.from_value(value, library.schema)
        files = assembly.build(pipeline.check(matter, library, AS_OF), draft=True,
                               only=("security-assessment",)).files
        words = "\n".join(word.text_of(files["working/安全自评估报告.docx"]))
        if "annexes" in value:
            assert "各类风险的关键词数量（表12）见关键词拦截列表。" in words
        else:
            assert "所附清单" in words and ("【待定" in words or "【待填" in words)
        assert "共12860个关键词，覆盖17类风险" in words
