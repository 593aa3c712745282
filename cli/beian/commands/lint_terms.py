"""beian lint-terms: unfair, incomplete or unclear terms of an agreement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, day

if TYPE_CHECKING:
    from beian.terms import Reading, Remark


def register(app: typer.Typer) -> None:
    @app.command("lint-terms")
    def lint_terms(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="服务协议：.docx，或者 .txt。")],
        as_of: AsOf = "",
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """检查一份服务协议：可能无效、不完整、含混的条款，各在何处，怎样改写。

        有修订的，按接受全部修订之后的文字检查。全部问题均为复核，由律师判断。
        退出码：0 没有发现；1 有发现；2 无法读取。
        """
        from beian import terms
        from beian.library import Library

        judged_on = day(as_of)
        reading = terms.lint(file, Library.open(house or ()), judged_on)
        typer.echo(_json(reading, judged_on) if as_json else _text(reading, judged_on))
        raise typer.Exit(1 if reading.remarks else 0)


def _text(reading: Reading, as_of: str) -> str:
    lines = [_remark(one) for one in reading.remarks]
    lines.append(f"按 {as_of} 的规定检查：复核 {len(reading.remarks)}")
    lines += [f"  没有检查 {code}　{reason}" for code, reason in reading.unchecked]
    return "\n".join(lines)


def _remark(one: Remark) -> str:
    from beian import report

    head, *rest = report.finding_text(one.finding).split("\n")
    shown = [f"{head}（{one.code}）"]
    if one.clause:
        shown.append(f"    条款  {one.clause}")
    if one.quote:
        shown.append(f"    原文  {one.quote}")
    return "\n".join([*shown, *rest])


def _json(reading: Reading, as_of: str) -> str:
    record = {
        "as_of": as_of,
        "stops": False,
        "findings": [one.as_json() for one in reading.remarks],
        "unchecked": [{"code": code, "reason": reason} for code, reason in reading.unchecked],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)
