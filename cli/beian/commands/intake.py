"""beian intake: the questions as a workbook for the client, out and back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, Lang, Matter, Settings, day
from beian.errors import BeianError
from beian.model import Place, Value

if TYPE_CHECKING:
    from beian.facts import Facts
    from beian.intake.merge import Entry, Merge
    from beian.library import Library

Yes = Annotated[bool, typer.Option("--yes", help="不再询问，写入全部没有冲突的改动。")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只显示，不写入。")]


def register(app: typer.Typer) -> typer.Typer:
    """Adds the sub-commands and returns their group, to which others may add more."""
    sub = typer.Typer(
        name="intake",
        help="用 Excel 采集事实：导出问题，读回答案。",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    _register_export(sub)
    _register_import(sub)
    _register_table(sub)
    app.add_typer(sub, name="intake")
    return sub


def _register_export(sub: typer.Typer) -> None:
    @sub.command("export", short_help="把问题导出为工作簿，已有的答案预先填好。")
    def export(
        matter: Matter,
        out: Annotated[Path, typer.Option("-o", "--out", metavar="X.xlsx", help="输出的文件。")],
        documents: Annotated[
            list[str] | None,
            typer.Option("--for", metavar="DOC", help="只问这份文书（编号）需要的，可以重复。"),
        ] = None,
        client: Annotated[
            bool, typer.Option("--client", help="交客户填写：不含律师自己填的认定和保留意见。")
        ] = False,
        lang: Lang = "zh",
        replace: Annotated[
            bool, typer.Option("--replace", help="覆盖已有的文件（其中可能有填好的答案）。")
        ] = False,
        as_of: AsOf = "",
        settings: Settings = None,
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """导出工作簿：每一部分一张表，现在就需要的答案标为黄色。

        退出码：0 已导出；2 无法执行。
        """
        from beian import facts as facts_file
        from beian import pipeline
        from beian.intake import asked
        from beian.intake import export as exporting
        from beian.library import Library

        judged_on = day(as_of)
        if out.suffix.lower() != ".xlsx":
            raise BeianError(
                "输出的文件名应以 .xlsx 结尾。", place=Place(str(out)), hint="例如 -o 事实.xlsx"
            )
        if out.exists() and not replace:
            raise BeianError(
                "文件已存在，未覆盖（其中可能有填好的答案）。",
                place=Place(str(out)),
                hint="先读入它，或者换一个文件名；确定不要的，加 --replace。",
            )
        library = Library.open(house or ())
        names = tuple(dict.fromkeys(documents or ()))
        wanted = asked.questions_for(names, library, client=client)
        facts = pipeline.load(matter, library, tuple(settings or ()))
        result = pipeline.check(facts, library, judged_on)
        made = exporting.export(
            facts,
            library.schema,
            day=judged_on,
            needed=asked.needed_now(result, names),
            cite=lambda reference: str(library.register.cite(reference)),
            wanted=wanted,
            documents=tuple((name, library.documents[name].title) for name in names),
            lang=lang,
        )
        facts_file.write_privately(out, made.content, new=not replace)
        record = {
            "file": str(out),
            "questions": made.questions,
            "needed": made.needed,
            "left_out": list(made.left_out),
        }
        if as_json:
            typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
            return
        typer.echo(f"已导出 {out}：{made.questions} 题，其中现在就需要的 {made.needed} 项。")
        if made.left_out:
            typer.echo(f"没有对应的问题、未写入工作簿的：{'、'.join(made.left_out)}。")
        if matter != "-":
            typer.echo(f"    建议  填好后运行 beian intake import {out} {matter}")


def _register_import(sub: typer.Typer) -> None:
    @sub.command("import", short_help="读回填好的工作簿，确认后写入事实文件。")
    def import_(
        file: Annotated[Path, typer.Argument(metavar="X.xlsx", help="填好的工作簿。")],
        matter: Matter,
        yes: Yes = False,
        dry_run: DryRun = False,
        prefer: Annotated[
            str,
            typer.Option(
                "--prefer",
                metavar="workbook|facts",
                help="导出之后两边不一致的，以哪边为准；不写则列为冲突，不动。",
            ),
        ] = "",
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """读回工作簿：逐格报告问题，逐项对照现有事实，确认后写入。

        退出码：0 已写入，或者没有改动；1 有问题、冲突或者未确认的改动；2 无法执行。
        """
        from beian import pipeline
        from beian.intake import merge as merging
        from beian.intake import read as reading
        from beian.library import Library

        if prefer not in ("", "workbook", "facts"):
            raise BeianError(f"--prefer {prefer} 不可用。", hint="写 workbook 或者 facts。")
        _refuse_stdin(matter)
        library = Library.open(house or ())
        facts = pipeline.load(matter, library)
        found = reading.read(file, library.schema)
        merged = merging.merge(facts.value, found, library.schema, prefer or None)
        conclude(merged, facts, library, yes=yes, dry_run=dry_run, as_json=as_json)


def _register_table(sub: typer.Typer) -> None:
    @sub.command("table", short_help="从现成的清单读入一个列表，例如模型、语料、佐证。")
    def table(
        file: Annotated[Path, typer.Argument(metavar="X.xlsx", help="客户自己的清单。")],
        path: Annotated[
            str,
            typer.Argument(metavar="PATH", help="列表的路径，例如 models、training_data.sources。"),
        ],
        matter: Matter,
        sheet: Annotated[
            str, typer.Option("--sheet", metavar="NAME", help="工作表；默认选表头最相符的一张。")
        ] = "",
        yes: Yes = False,
        dry_run: DryRun = False,
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """按表头对应字段：同名的项更新，新的项追加，不删去任何内容。

        退出码：0 已写入，或者没有改动；1 有问题或者未确认的改动；2 无法执行。
        """
        from beian import pipeline
        from beian.intake import table as tables
        from beian.library import Library

        _refuse_stdin(matter)
        library = Library.open(house or ())
        facts = pipeline.load(matter, library)
        found = tables.read_table(file, path, library, sheet)
        merged = tables.merge_table(facts.value, found, library)
        if not as_json:
            named = [
                f"{header}→{below or path}".replace("\n", "")
                for header, below in found.headers.items()
            ]
            typer.echo(f"工作表“{found.sheet}”，{len(found.rows)} 行：{'，'.join(named)}")
        conclude(merged, facts, library, yes=yes, dry_run=dry_run, as_json=as_json)


def conclude(
    merged: Merge, facts: Facts, library: Library, *, yes: bool, dry_run: bool, as_json: bool
) -> None:
    """Shows a merge, asks where somebody is there to answer, writes what was confirmed, exits."""
    from beian.intake import report

    schema = library.schema
    if not as_json:
        for problem in merged.reading.problems:
            typer.echo(report.problem_text(problem))
        if text := report.merge_text(merged, schema):
            typer.echo(text)
    accepted: list[int] = []
    if yes and not dry_run:
        accepted = list(range(len(merged.entries)))
    elif not dry_run and not as_json and sys.stdin is not None and sys.stdin.isatty():
        accepted = _confirmed(merged, library)
    differed = bool(merged.entries)
    written = _write(merged, facts, library, accepted)
    refused = len(merged.entries) - len(accepted) if not dry_run else 0
    stops = bool(merged.reading.problems or merged.conflicts or refused)
    if as_json:
        record: Value = report.as_json(merged, schema, written=written)
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
    else:
        _say(merged, facts, accepted, written=written, differed=differed, dry_run=dry_run)
    raise typer.Exit(1 if stops else 0)


def _say(
    merged: Merge,
    facts: Facts,
    accepted: list[int],
    *,
    written: bool,
    differed: bool,
    dry_run: bool,
) -> None:
    counts = []
    if merged.reading.problems:
        counts.append(f"有问题的 {len(merged.reading.problems)} 处没有读入")
    if merged.conflicts:
        counts.append(f"冲突 {len(merged.conflicts)} 项没有写入")
    if written:
        typer.echo(f"已写入 {facts.file}：{len(accepted)} 项。")
    elif not differed and not counts:
        typer.echo("工作簿与事实文件一致，没有改动。")
    elif dry_run:
        typer.echo("只显示，未写入。")
    elif differed:
        typer.echo("未写入。\n    建议  确认无误后加 --yes 写入。")
    if counts:
        typer.echo("；".join(counts) + "。")
    if merged.conflicts:
        typer.echo("    建议  以工作簿为准加 --prefer workbook，以事实文件为准加 --prefer facts。")


def _write(merged: Merge, facts: Facts, library: Library, accepted: list[int]) -> bool:
    from beian import facts as facts_file
    from beian.intake import merge as merging

    if not accepted:
        return False
    wanted = merged.result(accepted)
    changes, removed = merging.operations(facts.value, wanted)
    return facts_file.save(facts, changes, library.schema, removed)


def _confirmed(merged: Merge, library: Library) -> list[int]:
    """The positions of the entries that the person at the terminal wants written."""
    from beian.intake import report

    accepted: list[int] = []
    entries = list(merged.entries)
    if entries:
        answer = _choice(f"写入以上 {len(entries)} 项？y 全部，i 逐项，n 不写", "yin", "n")
        if answer == "y":
            accepted = list(range(len(entries)))
        elif answer == "i":
            for number, entry in enumerate(entries):
                typer.echo("\n".join(report.entry_lines(entry, library.schema)))
                if _choice("写入？y/n", "yn", "n") == "y":
                    accepted.append(number)
    conflicts: list[Entry] = list(merged.conflicts)
    for entry in conflicts:
        typer.echo("\n".join(report.entry_lines(entry, library.schema, "事实文件", "工作簿")))
        answer = _choice("以哪边为准？w 工作簿，f 事实文件，s 以后再定", "wfs", "s")
        if answer == "w":
            accepted.append(merged.take(entry))
        elif answer == "f":
            merged.conflicts.remove(entry)
    return accepted


def _choice(words: str, known: str, default: str) -> str:
    """One letter typed by the person at the terminal."""
    while True:
        answer: str = typer.prompt(words, default=default).strip().lower()[:1]
        if answer in known:
            return answer


def _refuse_stdin(matter: str) -> None:
    if matter == "-":
        raise BeianError("要写入的事实不能从标准输入读取。", hint="写明项目目录或者事实文件。")
