"""What annexes hold and what is wrong in them, as text for people or JSON for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from beian import report
from beian.annexes.examination import Examination
from beian.annexes.kinds import Kind
from beian.annexes.problems import Problem
from beian.model import Level, Value

#: So many problems of each kind are shown; the rest is in the JSON and in the workbook.
SHOWN = 50


def as_text(result: Examination) -> str:
    """The figures of each kind, the problems, the findings, and a count."""
    lines = [
        f"申报日 {result.as_of}，按应当开展安全评估的服务检查。",
        *(f"标准　{one}（各项数值据公开资料，待核对）" for one in result.yardsticks),
    ]
    for kind, figures in result.kinds():
        lines += ["", f"{kind.title}（{'、'.join(result.annexes.files.get(kind.id, ['没有']))}）"]
        lines += [f"  {line}" for line in _described(kind, figures)]
    if result.annexes.problems:
        lines += ["", *_problems(result)]
    if result.findings:
        lines += ["", *_findings(result)]
    lines += ["", summary(result)]
    return "\n".join(lines)


def as_json(result: Examination) -> str:
    """The same as one JSON object, with every problem."""
    record: Value = {
        "as_of": result.as_of,
        "strict": result.strict,
        "stops": result.stops,
        "standards": [one.as_json() for one in result.yardsticks],
        "annexes": {
            kind.id: {"files": result.annexes.files.get(kind.id, []), **figures}
            for kind, figures in result.kinds()
        },
        "findings": [one.as_json() | {"place": str(one.place)} for one in result.findings],
        "problems": [one.as_json() for one in result.annexes.problems],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _described(kind: Kind, figures: dict[str, Value]) -> Iterator[str]:
    read = f"读取 {figures['row_count']} 行，没有计入 {figures['rejected_count']} 行"
    if "duplicate_count" in figures:
        read += f"，重复 {figures['duplicate_count']} 行"
    yield read
    if "classes" in figures:
        yield from _of_classes(kind, figures)
    elif "source_count" in figures:
        yield (
            f"来源 {figures['source_count']} 个，语料 {figures['item_count']} 条，"
            f"其中境外 {figures['foreign_item_count']} 条"
        )
        for name, title in (
            ("languages", "语种"),
            ("data_types", "类型"),
            ("source_kinds", "来源"),
        ):
            parts = [
                f"{one['title']} {one['source_count']} 个 {one['item_count']} 条"
                for one in figures[name]
            ]
            yield f"{title}　{'；'.join(parts)}"
    elif "records" in figures:
        for one in figures["records"]:
            word = "拒答" if one["passed_count"] is None else "合格"
            again = "" if one["latest"] else "（其后另有抽检）"
            yield (
                f"{one['title']}　{one['conducted_on']}　总体 {one['population_count']}　"
                f"抽检 {one['sample_count']}　{word} {one['good_count']}　{one['rate_text']}{again}"
            )
    elif "safety_count" in figures:
        yield (
            f"标注 {figures['item_count']} 条：功能性 {figures['functional_count']}，"
            f"安全性 {figures['safety_count']}，覆盖 {figures['covered_count']} 类风险；"
            f"标注 {figures['annotator_count']} 人，审核 {figures['reviewer_count']} 人"
        )


def _of_classes(kind: Kind, figures: dict[str, Value]) -> Iterator[str]:
    word = "个方面" if kind.classes == "aspects" else "类风险"
    covered = f"{figures['covered_count']}/{len(figures['classes'])} {word}"
    if kind.slice == "all" and kind.classes == "risks":
        covered += f"（其中违法不良信息 {figures['illegal_covered_count']} 类）"
    yield (
        f"去重之后 {figures['distinct_count']} {kind.unit}，覆盖 {covered}，"
        f"最近更新 {figures['updated_on'] or '没有写明'}"
    )
    counts = [one["distinct_count"] for one in figures["classes"]]
    least = min(counts, default=0)
    first = next(one["title"] for one in figures["classes"] if one["distinct_count"] == least)
    yield f"最少的一类　{first}　{least}"
    if figures["beyond_count"]:
        yield f"另有不要求覆盖的风险 {figures['beyond_count']} {kind.unit}，计入总数"


def _problems(result: Examination) -> Iterator[str]:
    by_kind: dict[str, list[Problem]] = {}
    for one in result.annexes.problems:
        by_kind.setdefault(one.annex, []).append(one)
    for found in by_kind.values():
        found.sort(key=lambda one: one.level is Level.REVIEW)  # what was left out comes first
        said: set[str] = set()
        for one in found[:SHOWN]:
            yield f"{one.place}  {one.level.label}  {one.message}"
            if one.hint not in said:
                yield f"    建议  {one.hint}"
                said.add(one.hint)
        if len(found) > SHOWN:
            yield f"　　……另有 {len(found) - SHOWN} 处，全部见 --json 或者 --problems 文件.xlsx"


def _findings(result: Examination) -> Iterator[str]:
    """Every finding; of several by one rule only the first repeats source and next step."""
    before = ""
    for one in result.findings:
        text = report.finding_text(one)
        yield text.partition("\n")[0] if one.rule == before else text
        before = one.rule


def summary(result: Examination) -> str:
    """How much is wrong, and whether the lists pass."""
    findings = Counter(one.level for one in result.findings)
    left_out = result.annexes.count(Level.BLOCK)
    looked_at = result.annexes.count(Level.REVIEW)
    words = [f"{one.label} {findings[one]}" for one in (Level.BLOCK, Level.REVIEW)]
    strict = "（从严：复核也不通过）" if result.strict else ""
    return (
        f"标准要求：{' · '.join(words)}；单元格：没有计入 {left_out} 处，应复核 {looked_at} 处。"
        f"{'不通过' if result.stops else '通过'}{strict}"
    )
