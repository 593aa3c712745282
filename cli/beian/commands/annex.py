"""beian annex: the client's lists, checked and cleaned without a matter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, day
from beian.errors import BeianError
from beian.model import Place

if TYPE_CHECKING:
    from beian.annexes.reading import Source
    from beian.library import Library

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="清单文件：.xlsx、.xls、.ods 或者 .csv。")
]
StrictOption = Annotated[bool, typer.Option("--strict", help="从严：应当复核的也不通过。")]
KindOption = Annotated[
    str,
    typer.Option(
        "--kind", metavar="KIND", help="全部文件都是这一种清单；默认按工作表名称和表头识别。"
    ),
]


def register(app: typer.Typer) -> typer.Typer:
    """Adds the sub-commands and returns their group."""
    sub = typer.Typer(
        name="annex",
        help="客户的清单：关键词库、测试题库、语料来源、标注和抽检记录。",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    _register_check(sub)
    _register_clean(sub)
    app.add_typer(sub, name="annex", short_help="客户的清单：检查、统计，生成分类清楚的附件。")
    return sub


def _register_check(sub: typer.Typer) -> None:
    @sub.command(short_help="检查清单：逐格的问题、数量和合格率。")
    def check(
        files: Files,
        kind: KindOption = "",
        strict: StrictOption = False,
        as_of: AsOf = "",
        problems: Annotated[
            Path | None,
            typer.Option(
                "--problems", metavar="X.xlsx", help="把全部问题写入工作簿；不覆盖已有的文件。"
            ),
        ] = None,
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """检查清单，不需要项目：表头和每一行能否读取，去重之后的数量、各类风险的数量、抽检的合格率是否达到标准。

        一次列出全部问题，指明工作表和单元格；每种清单显示前 50 处。

        退出码：0 通过；1 有没有计入的行，或者没有达到标准；2 无法执行。
        """
        from beian.annexes import examination, report
        from beian.library import Library

        judged_on = day(as_of)
        library = Library.open(house or ())
        result = examination.examine(
            sources(files, kind, library), library, judged_on, strict=strict
        )
        if problems is not None:
            from beian import facts
            from beian.annexes import papers

            facts.write_privately(problems, papers.problem_book(result), new=True)
        typer.echo(report.as_json(result) if as_json else report.as_text(result))
        raise typer.Exit(1 if result.stops else 0)


def _register_clean(sub: typer.Typer) -> None:
    @sub.command(short_help="生成附件4、附件5 和统计图表。")
    def clean(
        files: Files,
        out: Annotated[
            Path, typer.Option("--out", "-o", metavar="DIR", help="输出目录，不能已经存在。")
        ],
        kind: KindOption = "",
        strict: StrictOption = False,
        as_of: AsOf = "",
        house: House = None,
    ) -> None:
        """生成分类清楚的附件：去重，分类写标准的名称，按分类排列；另有内部用的统计图表和问题清单。

        只写能够计入的行；没有计入的在问题清单中逐格列出。

        退出码：0 已生成，没有问题；1 已生成，但有没有计入的行或者没有达到标准；2 无法执行。
        """
        from beian import assembly
        from beian.annexes import examination, papers, report
        from beian.library import Library

        judged_on = day(as_of)
        if out.exists():
            raise BeianError(
                "输出目录已经存在，未写入。", place=Place(str(out)), hint="换一个目录名。"
            )
        library = Library.open(house or ())
        result = examination.examine(
            sources(files, kind, library), library, judged_on, strict=strict, keep=True
        )
        made = papers.clean_books(result) | {papers.FIGURES: papers.figures_book(result)}
        if result.annexes.problems or result.findings:
            made[papers.PROBLEMS] = papers.problem_book(result)
        assembly.write_new_folder(out, made)
        for name in made:
            typer.echo(f"{out}/{name}")
        typer.echo(report.summary(result))
        raise typer.Exit(1 if result.stops else 0)


def sources(files: list[Path], kind: str, library: Library) -> list[Source]:
    """The files with their bytes; BeianError for one that cannot be read or an unknown kind."""
    from beian import resources
    from beian.annexes.reading import Source

    known = {one.id: one.title for one in library.catalogue.kinds.values() if one.read}
    if kind and kind not in known:
        raise BeianError(
            f"没有“{kind}”这种清单。",
            hint="可选：" + "、".join(f"{name}（{title}）" for name, title in known.items()),
        )
    for file in files:
        if file.is_dir():
            raise BeianError(
                "这是目录，不是清单文件。", place=Place(str(file)), hint=f"写作 {file}/*.xlsx"
            )
    return [Source(str(file), resources.read(file), kind or None) for file in files]
