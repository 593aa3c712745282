"""beian diff: what changed between two sets of facts, and what that calls forth."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, day


def register(app: typer.Typer) -> None:
    @app.command()
    def diff(
        old: Annotated[
            str, typer.Argument(metavar="OLD", help="变更前：项目目录、事实文件，或者 filed/ 中的快照。")
        ],
        new: Annotated[str, typer.Argument(metavar="NEW", help="变更后：同上。")],
        changed_on: Annotated[
            str,
            typer.Option(
                "--changed-on", metavar="DAY", help="事实中没有填变更之日的，从这一天起算；默认为申报日。"
            ),
        ] = "",
        as_of: AsOf = "",
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """比较两套事实，逐项说明是否引起变更备案、说明和协议的新版本、安全评估，最迟哪天办理，改变哪些文书。

        退出码：0 没有引起任何手续；1 有应当办理或者复核的；2 无法执行。
        """
        from beian import difference
        from beian.library import Library

        judged_on = day(as_of)
        library = Library.open(house or ())
        found = difference.compare(
            difference.load(old, library),
            difference.load(new, library),
            library,
            judged_on,
            day(changed_on, "--changed-on") if changed_on else judged_on,
        )
        typer.echo(
            json.dumps(difference.as_json(found), ensure_ascii=False, indent=2)
            if as_json
            else difference.as_text(found)
        )
        raise typer.Exit(1 if found.calls else 0)
