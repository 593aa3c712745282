"""beian due: deadlines in Chinese working days."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, Matter, Settings, examined


def register(app: typer.Typer) -> None:
    @app.command()
    def due(
        matter: Matter,
        ics: Annotated[
            Path | None,
            typer.Option("--ics", metavar="FILE", help="另存为日历文件（.ics），可导入日历软件。"),
        ] = None,
        as_of: AsOf = "",
        settings: Settings = None,
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """列出备案、评估、个人信息和运营中的期限。法定期限与实务日期并列；工作日按放假通知计算，含调休。

        退出码：0 没有逾期；1 有期限已过而未办结；2 无法执行。
        """
        from beian import due as dueing
        from beian import due_report

        result = examined(matter, as_of, settings, house)
        library, place = result.library, result.facts.placed.place
        wrong = sum(1 for one in result.findings if one.rule == "schema")
        if wrong:
            typer.echo(
                f"有 {wrong} 处事实填写有误，按未填计算。\n    建议  先运行 beian check {matter}",
                err=True,
            )
        dues = dueing.due(library, result.view, result.as_of)
        if ics is not None:
            from beian import calendar_file

            calendar_file.write(calendar_file.make(dues, library, result.view, result.as_of), ics)
        typer.echo(
            json.dumps(
                due_report.as_json(dues, library, result.as_of, place),
                ensure_ascii=False,
                indent=2,
            )
            if as_json
            else due_report.as_text(dues, library, result.view, result.as_of, place)
        )
        if ics is not None:
            typer.echo(f"已写入 {ics}", err=True)
        raise typer.Exit(1 if due_report.stops(dues) else 0)
