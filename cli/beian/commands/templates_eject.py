"""beian templates eject: hands out a document's template for editing in Word."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from beian.commands.options import House


def register(sub: typer.Typer) -> None:
    @sub.command("eject", short_help="取出一份文书的模板，以便在 Word 中修改。")
    def eject(
        name: Annotated[
            str, typer.Argument(metavar="ID", help="文书编号，例如 service-disclosure。")
        ],
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="自有模板目录。")],
        house: House = None,
    ) -> None:
        """把文书目录复制到 DIR/templates/ID/，附使用说明。不覆盖任何已有的文件。

        退出码：0 已取出；2 无法执行。
        """
        from beian import eject as ejecting
        from beian.library import Library

        files = ejecting.write(Library.open(house or ()), name, folder)
        typer.echo(f"已取出到 {folder}/templates/{name}/：")
        for file in files:
            typer.echo(f"  {file.name}")
        typer.echo(
            f"    建议  先读 {ejecting.GUIDE}；改好后检查：beian templates lint {name} --house {folder}；"
            f"生成：beian build MATTER -o OUT --house {folder}"
        )
