"""Findings and plans as text for people, or as JSON for programs."""

from __future__ import annotations

import json
from collections import Counter

from beian.model import Finding, Level, Value
from beian.pipeline import Examination

_STATES = {
    "ready": "齐备",
    "incomplete": "待补",
    "undetermined": "未定",
    "separate": "另行准备",
    "excluded": "不需要",
}


def findings_text(result: Examination) -> str:
    """Every finding, place first, then a count and the state of each document."""
    blocks = [finding_text(finding) for finding in result.findings]
    blocks.append(summary(result))
    return "\n".join(blocks)


def finding_text(finding: Finding) -> str:
    """One finding: place, level and sentence; source; next step."""
    lines = [f"{finding.place}  {finding.level.label}  {finding.message}"]
    if finding.documents:
        lines.append(f"    用于  {_listed(list(finding.documents))}")
    sources = "；".join(_source(one) for one in finding.basis)
    if finding.practice:
        sources += ("；" if sources else "") + f"{finding.practice}（备案实务，待核对）"
    if sources:
        lines.append(f"    依据  {sources}")
    if finding.hint:
        lines.append(f"    建议  {finding.hint}")
    if finding.waiver:
        waiver = finding.waiver
        lines.append(f"    保留  {waiver.reason}（{waiver.by}，{waiver.on}）")
    return "\n".join(lines)


def summary(result: Examination) -> str:
    """The count of open findings, and the state of each planned document."""
    counted = Counter(one.level for one in result.findings if one.waiver is None)
    waived = sum(1 for one in result.findings if one.waiver is not None)
    parts = [f"{level.label} {counted[level]}" for level in Level]
    parts[1] = f"{Level.MISSING.label}（至少还缺）{counted[Level.MISSING]}"
    if waived:
        parts.append(f"已保留 {waived}")
    lines = [f"申报日 {result.as_of}：{' · '.join(parts)}"]
    width = max((len(one.document.title) for one in result.entries), default=0)
    for entry in result.entries:
        title = entry.document.title + "　" * (width - len(entry.document.title))
        lines.append(f"  {title}　{_STATES[entry.state]}")
    excluded = [entry.because for entry in result.entries if entry.state == "excluded"]
    lines += [f"  不需要的理由：{because}" for because in dict.fromkeys(excluded)]
    return "\n".join(lines)


def findings_json(result: Examination) -> str:
    """The same as one JSON object: as_of, stops, findings, documents."""
    record: Value = {
        "as_of": result.as_of,
        "stops": result.stops,
        "findings": [finding.as_json() for finding in result.findings],
        "documents": [entry.as_json() for entry in result.entries],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _source(citation: object) -> str:
    from beian.model import Citation

    assert isinstance(citation, Citation)
    since = f"（{citation.since} 起）" if citation.since else ""
    mark = "" if citation.certain else "待核对"
    return f"《{citation.title}》{citation.label}{since}{mark}"


def _listed(names: list[str], most: int = 4) -> str:
    shown = "、".join(names[:most])
    return shown if len(names) <= most else f"{shown} 等 {len(names)} 处"
