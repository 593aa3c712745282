"""beian new: a new matter, from a sample or empty and commented."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from beian.errors import BeianError
from beian.model import Place


def register(app: typer.Typer) -> None:
    @app.command()
    def new(
        folder: Annotated[Path, typer.Argument(metavar="DIR", help="新项目的目录。")],
        sample: Annotated[
            str, typer.Option("--from", metavar="SAMPLE", help="从样例复制，例如 chat-assistant。")
        ] = "",
    ) -> None:
        """新建项目。不覆盖任何已有的文件。

        退出码：0 已新建；2 无法执行。
        """
        from beian import facts, resources, schema

        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BeianError(
                "目录已存在且不是空的，未新建。", place=Place(str(folder)), hint="换一个目录名。"
            )
        files: dict[str, bytes] = {}
        if sample:
            source = resources.shipped() / "samples" / sample
            known = sorted(one.name for one in source.parent.iterdir() if one.is_dir())
            if sample not in known:
                raise BeianError(
                    f"没有“{sample}”这个样例。", hint=f"可用的样例：{'、'.join(known)}。"
                )
            for file in sorted(source.rglob("*")):
                if file.is_file() and file.name != "expected.json":
                    files[file.relative_to(source).as_posix()] = file.read_bytes()
        else:
            house = resources.House.open()
            declared = schema.load(house, "schemas/facts.schema.json")
            files["facts.yaml"] = schema.blank_facts(declared).encode()
        made = folder.exists()
        try:
            for name in facts.FOLDERS:
                (folder / name).mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                facts.write_privately(folder / name, content, new=True)
        except BaseException:
            # The folder was empty or not there: leave it so, for another try.
            shutil.rmtree(folder, ignore_errors=True)
            if made:
                folder.mkdir(exist_ok=True)
            raise
        typer.echo(f"已新建 {folder}/，事实文件是 {folder}/facts.yaml。")
        if sample:
            typer.echo(f"    建议  检查：beian check {folder}；生成：beian build {folder} -o out")
        else:
            typer.echo(f"    建议  去掉要填写的行首的 #，填好后运行 beian check {folder}")
