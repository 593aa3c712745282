"""The workbooks made of annexes: problems, the clean lists for the authority, figures with charts."""

from __future__ import annotations

from collections.abc import Iterator

from beian.annexes import books, charts
from beian.annexes.books import Column, Sheet
from beian.annexes.examination import Examination
from beian.annexes.kinds import Catalogue, Kind
from beian.annexes.rows import Row
from beian.model import Value

#: File names within the folder of clean lists.
FIGURES, PROBLEMS = "附件统计（内部）.xlsx", "问题清单（内部）.xlsx"
_PERCENT = "0.0000%"


def problem_book(result: Examination) -> bytes:
    """Every problem with its cell, and every finding of the rules."""
    return books.book(
        [
            Sheet(
                "问题清单",
                "附件问题清单",
                (
                    Column("序号", 8), Column("等级", 8), Column("清单", 20), Column("文件", 24),
                    Column("工作表", 18), Column("单元格", 10), Column("原值", 30),
                    Column("问题", 50), Column("处理", 50),
                ),
                _problem_rows(result),
            ),
            Sheet(
                "标准要求",
                "没有达到的标准要求",
                (
                    Column("序号", 8), Column("等级", 8), Column("文件", 24), Column("问题", 60),
                    Column("依据", 50), Column("处理", 50),
                ),
                _finding_rows(result),
            ),
        ]
    )  # fmt: skip


def _problem_rows(result: Examination) -> Iterator[list[Value]]:
    titles = {one.id: one.title for one in result.library.catalogue.kinds.values()}
    for number, one in enumerate(result.annexes.problems, 1):
        yield [
            number, one.level.label, titles.get(one.annex, "未识别"), one.file, one.sheet, one.cell,
            one.value, one.message, one.hint,
        ]  # fmt: skip


def _finding_rows(result: Examination) -> Iterator[list[Value]]:
    for number, one in enumerate(result.findings, 1):
        basis = "；".join(
            [*map(str, one.basis), *([f"{one.practice}（待核对）"] if one.practice else [])]
        )
        yield [number, one.level.label, one.place.file, one.message, basis, one.hint or ""]


def paper(
    kinds: tuple[str, ...], result: Examination | None, catalogue: Catalogue, *, draft: bool
) -> bytes | None:
    """One paper of a dossier: the clean rows of some kinds, or ``problems``, or ``figures``.

    A draft marks what was not given; a final paper is not made without its lists (None).
    """
    if kinds == ("problems",):
        return problem_book(result) if result else _lacking("所附清单", draft)
    if kinds == ("figures",):
        return figures_book(result) if result else _lacking("所附清单", draft)
    named = [catalogue.kinds[name] for name in kinds]
    given = [one for one in named if result is not None and result.annexes.rows.get(one.id)]
    if result is None or len(given) < len(named):
        lacking = "、".join(one.title for one in named if one not in given)
        if not draft or result is None or not given:
            return _lacking(lacking, draft)
        return books.book([*(_clean_sheet(result, one) for one in given), _mark(lacking)])
    return books.book([_clean_sheet(result, one) for one in given])


def _lacking(lacking: str, draft: bool) -> bytes | None:
    return books.book([_mark(lacking)]) if draft else None


def _mark(lacking: str) -> Sheet:
    return Sheet("待填", lacking, (Column("待填", 60),), [[f"【待填：{lacking}】"]])


# --- clean lists ---------------------------------------------------------------------------------


def clean_books(result: Examination) -> dict[str, bytes]:
    """The clean, classified lists by file name; only rows that were counted, each once."""
    files: dict[str, list[Kind]] = {}
    for kind, _ in result.kinds():
        if kind.paper is not None and result.annexes.rows.get(kind.id):
            files.setdefault(f"{kind.paper.file}.xlsx", []).append(kind)
    return {
        name: books.book([_clean_sheet(result, kind) for kind in kinds])
        for name, kinds in files.items()
    }


def _clean_sheet(result: Examination, kind: Kind) -> Sheet:
    assert kind.paper is not None
    rows = result.annexes.rows[kind.id]
    catalogue = result.library.catalogue
    order = {one.id: number for number, one in enumerate(catalogue.classes(kind))}
    groups = {one.id: one.title for one in catalogue.groups}
    # Stable: within a class the client's own order stays.
    rows = sorted(rows, key=lambda row: order[row.known.id] if row.known else -1)
    columns = [one for one in kind.columns if _is_told(one.id, one.type, kind, rows)]

    def value(row: Row, name: str, type_: str) -> Value:
        if row.known is None or type_ not in ("group", "class", "code"):
            return row.values.get(name)
        told = {"group": groups.get(row.known.group or ""), "class": row.known.title}
        return told.get(type_, row.known.id)

    return Sheet(
        kind.paper.sheet,
        kind.paper.title,
        (Column("序号", 8), *(Column(one.title, one.width) for one in columns)),
        (
            [number, *(value(row, one.id, one.type) for one in columns)]
            for number, row in enumerate(rows, 1)
        ),
    )


def _is_told(name: str, type_: str, kind: Kind, rows: list[Row]) -> bool:
    """Whether a column of the clean list holds anything: classes always, the rest where stated."""
    if type_ in ("class", "code"):
        return True
    if type_ == "group":
        return kind.classes == "risks"
    return any(row.values.get(name) is not None for row in rows)


# --- figures -------------------------------------------------------------------------------------


def figures_book(result: Examination) -> bytes:
    """Counts of each class beside the minimum of the day, and rates beside their bound."""
    sheets = [
        _class_sheet(result, kind, figures)
        for kind, figures in result.kinds()
        if "classes" in figures
    ]
    sheets += [
        _rate_sheet(result, figures["records"])
        for _, figures in result.kinds()
        if figures.get("records")
    ]
    sheets += [_corpora_sheet(figures) for kind, figures in result.kinds() if kind.id == "corpora"]
    return books.book(sheets)


def _class_sheet(result: Examination, kind: Kind, figures: dict[str, Value]) -> Sheet:
    bounds = result.bounds(f"derived.annex.{kind.id}.classes", "distinct_count")
    aspects = kind.classes == "aspects"

    def rows() -> Iterator[list[Value]]:
        for one, bound in zip(figures["classes"], bounds, strict=True):
            least = bound[1] if bound else None
            short = max(0, least - one["distinct_count"]) if least is not None else None
            name = one["title"] if aspects else one["class"]
            yield [name, one["title"], one["distinct_count"], least, short]

    title = f"{kind.title}：去重之后 {figures['distinct_count']} {kind.unit}，申报日 {result.as_of}"
    return Sheet(
        kind.title,
        title,
        (
            Column("方面" if aspects else "风险编号", 12), Column("名称", 64),
            Column("数量", 12), Column("下限（待核对）", 16), Column("缺少", 12),
        ),
        rows(),
        charts.beside_bound(
            f"{kind.title}按{'方面' if aspects else '风险'}的数量和下限",
            names=1, values=3, bounds=4, unit="数量", width=24,
        ),
    )  # fmt: skip


def _rate_sheet(result: Examination, records: list[dict[str, Value]]) -> Sheet:
    bounds = result.bounds("derived.annex.samplings.records", "rate")

    def rows() -> Iterator[list[Value]]:
        for number, (one, bound) in enumerate(zip(records, bounds, strict=True), 1):
            word = {"minimum": "不低于", "maximum": "不高于"}[bound[0]] if bound else "—"
            met: Value = "—"
            if bound and one["rate"] is not None:
                good = one["rate"] >= bound[1] if bound[0] == "minimum" else one["rate"] <= bound[1]
                met = "达到" if good else "没有达到"
            yield [
                number, one["title"], one["conducted_on"], one["population_count"], one["sample_count"],
                one["good_count"], one["rate"], word, bound[1] if bound else None, met,
                one["rate_text"],
            ]  # fmt: skip

    return Sheet(
        "抽检",
        f"抽检的合格率和拒答率，申报日 {result.as_of}",
        (
            Column("序号", 8), Column("抽检", 56), Column("日期", 14), Column("总体", 12), Column("抽检数量", 12),
            Column("合格或者拒答", 16), Column("比率", 14, _PERCENT), Column("要求", 10),
            Column("标准（待核对）", 16, "0%"), Column("结果", 12), Column("精确的比率", 16),
        ),
        rows(),
        charts.beside_bound(
            "抽检的比率和标准", names=1, values=7, bounds=9, unit="比率", width=31, percent=True
        ),
    )  # fmt: skip


def _corpora_sheet(figures: dict[str, Value]) -> Sheet:
    def rows() -> Iterator[list[Value]]:
        for name, title in (
            ("languages", "语种"),
            ("data_types", "数据类型"),
            ("source_kinds", "来源类型"),
        ):
            for one in figures[name]:
                yield [title, one["title"], one["source_count"], one["item_count"], one["share"]]
        yield ["来源地", "境外", None, figures["foreign_item_count"], figures["foreign_share"]]

    return Sheet(
        "语料",
        f"语料来源：{figures['source_count']} 个来源，{figures['item_count']} 条",
        (
            Column("分法", 14), Column("名称", 30), Column("来源数量", 12),
            Column("数量（条）", 14), Column("占比", 14, _PERCENT),
        ),
        rows(),
    )  # fmt: skip
