"""beian schema: the facts schema in one piece, for editors and programs."""

from __future__ import annotations

import json

import typer

from beian.commands.options import House, Lang


def register(app: typer.Typer) -> None:
    @app.command()
    def schema(house: House = None, lang: Lang = "zh") -> None:
        """输出事实文件的 JSON Schema（2020-12），全部引用已展开。

        退出码：0 已输出；2 无法执行。
        """
        from beian import schema as declared
        from beian.library import Library

        resolved = Library.open(house or ()).schema.resolved
        if lang == "en":
            resolved = declared.in_english(resolved)
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **resolved}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
