"""Makes synthetic annexes of any size: neutral tokens, never a real keyword or question.

``python -m workshop.annexes`` writes those of samples/chat-assistant; needs no pandoc.
"""

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from beian.annexes import kinds
from beian.annexes.kinds import Catalogue, Class
from beian.render.seal import reseal
from beian.resources import House

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
_METHOD = "按语料条数比例分层随机抽取，对照违法不良信息判定规程逐条判定"

#: What samples/chat-assistant/facts.yaml states.
CHAT_ASSISTANT = Size(
    keywords=12860,
    generated=3200,
    refuse=800,
    answer=650,
    updated_on=("2026-11-16", "2026-11-02"),
    corpora=(
        ["示例中文指令数据集（第三版）", "开源", "境内", "中文", "文本", 120000,
         "示例开放数据联合体", "2026-06-15"],
        ["示例文苑授权文稿语料", "商业", "境内", "中文", "文本", 65000,
         "上海示例文苑数据服务有限公司", "2026-06-20"],
        ["云笺自编写作和安全答复语料", "自采", "境内", "中文", "文本", 24200,
         "北京示例云笺科技有限公司", "2026-08-24"],
    ),
    samplings=(
        Sampling("来源采集前核验", "示例中文指令数据集（第三版）", "2026-06-12", 142600, 1000, 994,
                 "从发布者提供的预览文件中随机抽取", "示例丁、示例戊"),
        Sampling("来源采集前核验", "示例文苑授权文稿语料", "2026-06-16", 67900, 800, 800,
                 "从供方提供的目录中随机抽取样稿", "示例丁、示例戊"),
        Sampling("来源采集前核验", "云笺自编写作和安全答复语料", "2026-07-06", 240, 240, 240,
                 "对编写任务单和编写提纲逐份审核", "示例丁、示例己"),
        Sampling("来源采集后核验", "示例中文指令数据集（第三版）", "2026-06-26", 128300, 1000, 996,
                 "从下载的全部文件中随机抽取", "示例丁、示例戊"),
        Sampling("来源采集后核验", "示例文苑授权文稿语料", "2026-06-28", 66750, 800, 799,
                 "从交付的全部文稿中随机抽取", "示例丁、示例戊"),
        Sampling("来源采集后核验", "云笺自编写作和安全答复语料", "2026-08-24", 24200, 500, 500,
                 "从交付的全部条目中随机抽取", "示例丁、示例己"),
        Sampling("语料人工抽检", "", "2026-08-28", 209200, 4000, 3948,
                 _METHOD, "示例丁、示例戊、示例辛"),
        Sampling("语料关键词抽检", "", "2026-08-26", 209200, 24000, 23850,
                 "随机抽取后以关键词库比对，命中的由人工确认", "示例己"),
        Sampling("语料分类模型抽检", "", "2026-08-26", 209200, 24000, 23786,
                 "随机抽取后以分类模型判定，得分高于阈值的由人工确认", "示例己"),
        Sampling("生成内容人工抽检", "", "2026-11-11", 3200, 1000, 968,
                 "按31类风险分层随机抽题，由两名判定人员分别判定", "示例丁、示例戊"),
        Sampling("生成内容关键词抽检", "", "2026-11-10", 3200, 1000, 981,
                 "随机抽题，以关键词库判定生成内容，命中的由人工确认", "示例己"),
        Sampling("生成内容分类模型抽检", "", "2026-11-10", 3200, 1000, 972,
                 "随机抽题，以独立于拦截环节的分类模型判定生成内容", "示例己"),
        Sampling("应拒答抽检", "", "2026-11-12", 800, 300, 293,
                 "按17类风险分层随机抽题，由人工判定是否拒答", "示例丁、示例辛"),
        Sampling("非拒答抽检", "", "2026-11-12", 650, 300, 7,
                 "按13个方面分层随机抽题，由人工判定是否拒答", "示例丁、示例辛"),
    ),
)


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

    def one(subject: str, population: int, sample: int, good: int) -> Sampling:
        return Sampling(subject, "", "2026-11-10", population, sample, good, _METHOD, "示例丁、示例戊")

    return Size(
        keywords=12000,
        generated=20000,
        refuse=1500,
        answer=1500,
        updated_on=("2026-11-16", "2026-11-02"),
        corpora=corpora,
        samplings=(
            one("语料人工抽检", total, 4000, 3950),
            one("语料关键词抽检", total, 100000, 99000),
            one("语料分类模型抽检", total, 100000, 98500),
            one("生成内容人工抽检", 20000, 1000, 960),
            one("应拒答抽检", 1500, 300, 290),
            one("非拒答抽检", 1500, 300, 6),
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


def main(folder: Path = Path("samples/chat-assistant/annexes")) -> int:
    """Write the annexes of the sample and print their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in make(CHAT_ASSISTANT, kinds.load(House.open())).items():
        (folder / name).write_bytes(content)
        print((folder / name).as_posix())
    return 0


if __name__ == "__main__":
    sys.exit(main())
