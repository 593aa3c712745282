"""beian check: everything that stops or weakens the filing."""

from __future__ import annotations

import typer

from beian.commands.options import AsJson, AsOf, House, Matter, Settings, examined


def register(app: typer.Typer) -> None:
    @app.command()
    def check(
        matter: Matter,
        as_of: AsOf = "",
        settings: Settings = None,
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """检查事实：哪些阻断申报，还缺什么，哪些需要复核。

        退出码：0 没有阻断；1 有阻断或者缺项；2 无法执行。
        """
        from beian import report

        result = examined(matter, as_of, settings, house)
        typer.echo(report.findings_json(result) if as_json else report.findings_text(result))
        raise typer.Exit(1 if result.stops else 0)
