"""beian explain: a fact path, rule, duty, document or article."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, Lang, day

if TYPE_CHECKING:
    from beian.library import Library


def register(app: typer.Typer) -> None:
    @app.command()
    def explain(
        reference: Annotated[
            str,
            typer.Argument(
                metavar="REF",
                help="例如 subject.name、algorithm-name-length、M17-1、service-disclosure、AG14、DL01、暂行办法:10。",
            ),
        ],
        matter: Annotated[
            str, typer.Option("--in", metavar="MATTER", help="按哪个项目的事实说明条款的条号。")
        ] = "",
        as_of: AsOf = "",
        house: House = None,
        lang: Lang = "zh",
        as_json: AsJson = False,
    ) -> None:
        """说明它是什么，依据什么，哪些文书和检查用到它，从哪天起有效。

        退出码：0 找到；2 没有这一项。
        """
        from beian import explain as explaining
        from beian.library import Library

        library = Library.open(house or ())
        made = _made(matter, library, day(as_of)) if matter else None
        record = explaining.explain(reference, library, lang, made)
        typer.echo(
            json.dumps(record, ensure_ascii=False, indent=2)
            if as_json
            else explaining.as_text(record)
        )


def _made(matter: str, library: Library, as_of: str) -> Callable[[str], bytes | None]:
    """The Word files of a matter by the document's id, each drafted when asked for."""
    from beian import assembly, pipeline

    result = pipeline.check(pipeline.load(matter, library), library, as_of)

    def file(document: str) -> bytes | None:
        if all(one.document.id != document or one.state == "excluded" for one in result.entries):
            return None
        made = assembly.build(result, draft=True, only=(document,))
        files = (raw for path, raw in made.files.items() if path.startswith("working/"))
        return next(files, None)

    return file
