"""beian scope: which regime, route and duties apply, and why."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, Lang, Matter, Settings, examined


def register(app: typer.Typer) -> None:
    @app.command()
    def scope(
        matter: Matter,
        as_of: AsOf = "",
        settings: Settings = None,
        house: House = None,
        lang: Lang = "zh",
        duties: Annotated[bool, typer.Option("--duties", help="逐项列出适用的义务。")] = False,
        as_json: AsJson = False,
    ) -> None:
        """判断是否适用《暂行办法》、是否应当备案、走哪条路径，逐项说明理由和所依据的事实。

        退出码：0 都有结论；1 有存疑或者未定；2 无法执行。
        """
        from beian import scope as scoping

        result = examined(matter, as_of, settings, house)
        record = scoping.scope(result)
        typer.echo(
            json.dumps(record, ensure_ascii=False, indent=2)
            if as_json
            else scoping.as_text(record, result, lang, duties=duties)
        )
        raise typer.Exit(1 if record["open_questions"] else 0)
