"""beian explain: a fact path, rule, document or article."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from beian.commands.options import AsJson, House, Lang


def register(app: typer.Typer) -> None:
    @app.command(short_help="说明一个事实、规则、文书或者条文。")
    def explain(
        reference: Annotated[
            str,
            typer.Argument(
                metavar="REF",
                help="例如 subject.name、algorithm-name-length、service-disclosure、暂行办法:10。",
            ),
        ],
        house: House = None,
        lang: Lang = "zh",
        as_json: AsJson = False,
    ) -> None:
        """说明它是什么，依据什么，哪些文书和检查用到它，从哪天起有效。

        退出码：0 找到；2 没有这一项。
        """
        from beian import explain as explaining
        from beian.library import Library

        record = explaining.explain(reference, Library.open(house or ()), lang)
        typer.echo(
            json.dumps(record, ensure_ascii=False, indent=2)
            if as_json
            else explaining.as_text(record)
        )
