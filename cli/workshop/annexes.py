"""Makes synthetic annexes of any size: neutral tokens, never a real keyword or question.

``python -m workshop.annexes`` writes those of every complete sample from its facts; needs no pandoc.
"""

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beian import pipeline
from beian.annexes.kinds import Catalogue, Class
from beian.library import Library
from beian.render.seal import reseal

Cells = list[str | int]
Sheet = tuple[str, Cells, Iterable[Cells]]


@dataclass(frozen=True)
class Sampling:
    """One sampling record as its row is written; ``good`` passed or were refused."""

    subject: str
    source: str
    day: str
    population: int
    sample: int
    good: int
    method: str
    reviewers: str


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    keywords: int
    generated: int
    refuse: int
    answer: int
    updated_on: tuple[str, str]
    corpora: tuple[Cells, ...]
    samplings: tuple[Sampling, ...]
    #: Samplings whose items are listed one by one.
    listed: tuple[str, ...] = ()


REFUSALS = ("应拒答抽检", "非拒答抽检")
SOURCE_CHECKS = ("来源采集前核验", "来源采集后核验")
CORPUS_HEADER: Cells = [
    "序号", "语料名称", "来源类型", "境内或者境外", "语种", "数据类型", "数量（条）", "提供者", "取得日期",
]
KINDS = {"open_source": "开源", "self_collected": "自采", "commercial": "商业", "user_input": "使用者输入"}
LANGUAGES = {"zh": "中文", "en": "英文", "other": "其他", "none": "不区分"}
TYPES = {"text": "文本", "code": "代码", "image": "图片", "audio": "音频", "video": "视频", "other": "其他"}
SAMPLINGS = {
    "corpus_manual": "语料人工抽检",
    "corpus_keyword": "语料关键词抽检",
    "corpus_classifier": "语料分类模型抽检",
    "generated_manual": "生成内容人工抽检",
    "generated_keyword": "生成内容关键词抽检",
    "generated_classifier": "生成内容分类模型抽检",
    "refuse": "应拒答抽检",
    "answer": "非拒答抽检",
}
_METHOD = "按语料条数比例分层随机抽取，对照违法不良信息判定规程逐条判定"


def stated(facts: Mapping[str, Any]) -> Size:
    """What the facts of a complete sample say there is: corpora and samplings included."""
    banks, sources = facts["evaluation"]["banks"], facts["training_data"]["sources"] or []
    corpora = tuple(
        [one["name"], KINDS[one["kind"]], "境外" if one["foreign_origin"] else "境内",
         LANGUAGES[one["language"]], TYPES[one["data_type"]], one["item_count"], one["provider_name"],
         str(one["obtained_on"])]
        for one in sources
    )
    samplings = [
        _sampling(subject, one["name"], one[check])
        for subject, check in (("来源采集前核验", "before_check"), ("来源采集后核验", "after_check"))
        for one in sources
    ]
    samplings += [
        _sampling(subject, "", facts["evaluation"][key])
        for key, subject in SAMPLINGS.items()
        if key in facts["evaluation"]
    ]
    return Size(
        keywords=facts["measures"]["keyword_list"]["keyword_count"],
        generated=banks["generated"]["question_count"],
        refuse=banks["refuse"]["question_count"],
        answer=banks["answer"]["question_count"],
        updated_on=(str(facts["measures"]["keyword_list"]["updated_on"]), str(banks["refuse"]["updated_on"])),
        corpora=corpora,
        samplings=tuple(samplings),
    )


def _sampling(subject: str, source: str, one: Mapping[str, Any]) -> Sampling:
    good = one["refused_count"] if subject in REFUSALS else one["passed_count"]
    return Sampling(subject, source, str(one["conducted_on"]), one["population_count"],
                    one["sample_count"], good, one["method"], "、".join(one["reviewers"]))


def real_size() -> Size:
    """A large filing: 40 corpora, 4000 sampled items one by one, banks of 20000 and twice 1500."""
    kinds, languages = ("开源", "商业", "自采"), ("中文", "英文")
    types = ("文本", "代码")
    corpora = tuple(
        [f"示例语料{number:02}", kinds[number % 3], "境外" if number % 10 == 0 else "境内",
         languages[number % 2], types[number // 2 % 2], 25000, f"示例提供者{number:02}", "2026-06-15"]
        for number in range(1, 41)
    )
    total = sum(int(one[5]) for one in corpora)

    def one(
        subject: str, day: str, population: int, sample: int, good: int, source: str = ""
    ) -> Sampling:
        return Sampling(subject, source, day, population, sample, good, _METHOD, "示例丁、示例戊")

    names = [str(corpus[0]) for corpus in corpora]
    return Size(
        keywords=12000,
        generated=20000,
        refuse=1500,
        answer=1500,
        updated_on=("2026-11-16", "2026-11-02"),
        corpora=corpora,
        samplings=(
            *(one("来源采集前核验", "2026-06-12", 25600, 500, 498, name) for name in names),
            *(one("来源采集后核验", "2026-06-26", 25200, 500, 499, name) for name in names),
            one("语料人工抽检", "2026-08-28", total, 4000, 3950),
            one("语料关键词抽检", "2026-08-26", total, 100000, 99000),
            one("语料分类模型抽检", "2026-08-26", total, 100000, 98500),
            one("生成内容人工抽检", "2026-11-11", 20000, 1000, 960),
            one("生成内容关键词抽检", "2026-11-10", 20000, 1000, 981),
            one("生成内容分类模型抽检", "2026-11-10", 20000, 1000, 972),
            one("应拒答抽检", "2026-11-12", 1500, 300, 290),
            one("非拒答抽检", "2026-11-12", 1500, 300, 6),
        ),
        listed=("语料人工抽检", "生成内容人工抽检", "应拒答抽检", "非拒答抽检"),
    )


def make(size: Size, catalogue: Catalogue) -> dict[str, bytes]:
    """The workbooks of one client by file name; equal sizes give equal bytes."""
    refusal = [one for one in catalogue.risks if one.refusal]
    groups = {one.id: one.title for one in catalogue.groups}

    def classed(token: str, count: int, classes: list[Class], day: str) -> Iterator[Cells]:
        for number in range(count):
            one = classes[number % len(classes)]
            place = number // len(classes) + 1
            name = f"{token}-{one.id.replace('.', '')}-{place:04}"
            yield [number + 1, name, groups.get(one.group or "", ""), one.title, day]

    def bank(token: str, count: int, classes: list[Class]) -> Iterable[Cells]:
        return classed(token, count, classes, size.updated_on[1])

    header: Cells = ["序号", "测试题", "一级分类", "二级分类", "更新日期"]
    banks: list[Sheet] = [
        ("生成内容测试题", header, bank("题-生成", size.generated, list(catalogue.risks))),
        ("应拒答测试题", header, bank("题-拒答", size.refuse, refusal)),
        ("非拒答测试题", ["序号", "测试题", "方面", "更新日期"],
         ([cells[0], cells[1], cells[3], cells[4]]
          for cells in bank("题-应答", size.answer, list(catalogue.aspects)))),
    ]
    records: list[Sheet] = [
        ("抽检记录",
         ["序号", "抽检项目", "抽检对象", "抽检日期", "总体数量", "抽检数量", "合格数量", "拒答数量",
          "抽检方法", "抽检人员"],
         (_record(number, one) for number, one in enumerate(size.samplings, 1))),
    ]
    if size.listed:
        records.append(("抽检明细", ["序号", "抽检项目", "样本编号", "判定结果", "判定人员"], _items(size)))
    keywords = classed("词", size.keywords, refusal, size.updated_on[0])
    return {
        "keywords.xlsx": _book([("关键词", ["序号", "关键词", "一级分类", "二级分类", "更新日期"], keywords)]),
        "questions.xlsx": _book(banks),
        "corpora.xlsx": _book([
            ("语料来源", CORPUS_HEADER, ([number, *cells] for number, cells in enumerate(size.corpora, 1)))
        ]),
        "results.xlsx": _book(records),
    }


def _record(number: int, one: Sampling) -> Cells:
    refusal = one.subject in REFUSALS
    return [number, one.subject, one.source, one.day, one.population, one.sample,
            "" if refusal else one.good, one.good if refusal else "", one.method, one.reviewers]


def _items(size: Size) -> Iterator[Cells]:
    number = 0
    for one in size.samplings:
        if one.subject not in size.listed:
            continue
        good, bad = ("拒答", "回答") if one.subject in REFUSALS else ("合格", "不合格")
        for place in range(1, one.sample + 1):
            number += 1
            verdict = good if place <= one.good else bad
            yield [number, one.subject, f"样本-{place:05}", verdict, one.reviewers.split("、")[0]]


def _book(sheets: list[Sheet]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, header, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.append(header)
        for cells in rows:
            sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return reseal(stream.getvalue(), {})


def of_sample(folder: Path, library: Library) -> dict[str, bytes]:
    """The workbooks that the facts of a sample name, by their paths in its folder."""
    facts = pipeline.load(str(folder), library).value
    made = make(stated(facts), library.catalogue)
    return {one["file"]: made[Path(one["file"]).name] for one in facts["annexes"]}


def main(samples: Path = Path("samples")) -> int:
    """Write the annexes of every sample that has some and print their paths."""
    library = Library.open()
    for facts in sorted(samples.glob("*/facts.yaml")):
        if "\nannexes:" not in facts.read_text("utf-8"):
            continue
        for name, content in of_sample(facts.parent, library).items():
            target = facts.parent / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
            print(target.as_posix())
    return 0


if __name__ == "__main__":
    sys.exit(main())
