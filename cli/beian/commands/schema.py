"""beian schema: the facts schema in one piece, for editors and programs."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from beian.commands.options import AsOf, House, Lang, day


def register(app: typer.Typer) -> None:
    @app.command()
    def schema(
        house: House = None,
        lang: Lang = "zh",
        lint: Annotated[
            bool,
            typer.Option("--lint", help="检查各题：没有名称、说明或者回答人，没有用处，问不到。"),
        ] = False,
        as_of: AsOf = "",
    ) -> None:
        """输出事实文件的 JSON Schema（2020-12），全部引用已展开；--lint 检查其中的问题。

        退出码：0 已输出，或者检查没有发现；1 检查有发现；2 无法执行。
        """
        from beian import schema as declared
        from beian.library import Library

        library = Library.open(house or ())
        if lint:
            from beian.interview.lint import faults

            found = faults(library, day(as_of))
            for one in found:
                typer.echo(str(one))
            typer.echo(f"{len(library.schema.fields)} 个字段，{len(found)} 处问题。")
            raise typer.Exit(1 if found else 0)
        resolved = library.schema.resolved
        if lang == "en":
            resolved = declared.in_english(resolved)
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **resolved}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
