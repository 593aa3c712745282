"""beian build: the dossier."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsJson, AsOf, House, Matter, Settings, day
from beian.errors import BeianError

if TYPE_CHECKING:
    from beian.assembly import Dossier, Progress
    from beian.facts import Facts


def register(app: typer.Typer) -> None:
    @app.command()
    def build(
        matter: Matter,
        out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="输出目录。")],
        only: Annotated[
            list[str] | None,
            typer.Option("--only", metavar="DOC", help="只生成这份文书（编号），可以重复。"),
        ] = None,
        draft: Annotated[
            bool,
            typer.Option(
                "--draft", help="草稿：缺少的事实以【待填】、尚不能判断的以【待定】标出。"
            ),
        ] = False,
        replace: Annotated[
            bool, typer.Option("--replace", help="覆盖输出目录中生成之后改动过的文件。")
        ] = False,
        filed: Annotated[
            str,
            typer.Option(
                "--filed",
                metavar="DAY",
                help="这一套材料于该日提交：在项目的 filed/ 中留存事实和清单，以后据此列出变更。",
            ),
        ] = "",
        as_of: AsOf = "",
        settings: Settings = None,
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """生成材料。有阻断或者缺项时不生成正式材料；--draft 照常生成草稿。

        退出码：0 已生成且没有阻断；1 有阻断或者缺项；2 无法执行。
        """
        from beian import assembly, manifest, pipeline, report, snapshots
        from beian.library import Library

        judged_on = day(as_of or filed, "--as-of" if as_of else "--filed")
        if filed:
            _refuse_unfit(filed, judged_on, draft=draft, partial=bool(only), laid_over=bool(settings))
        library = Library.open(house or ())
        facts = pipeline.load(matter, library, tuple(settings or ()))
        kept = _snapshot_folder(facts, filed) if filed else None
        with _progress() as progress:
            progress("检查事实")
            result = pipeline.check(facts, library, judged_on)
            made = None
            stops = result.stops_for(only or ())
            if draft or not stops:
                made = assembly.build(
                    result, draft=draft, only=tuple(only or ()), progress=progress
                )
                progress("写入输出目录")
                assembly.write(made, out, replace=replace)
                if kept is not None:
                    kept = snapshots.write(
                        kept, filed, made.files["internal/facts.json"], made.files[manifest.NAME]
                    )
        if as_json:
            record = json.loads(report.findings_json(result))
            record["written"] = sorted(made.files) if made else []
            record["snapshot"] = str(kept) if made and kept else None
            typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        else:
            typer.echo(report.findings_text(result))
            typer.echo(_outcome(made, out, matter))
            if made and kept:
                typer.echo(f"已留存 {filed} 的备案快照：{kept}")
        raise typer.Exit(1 if stops else 0)


def _refuse_unfit(
    filed: str, judged_on: str, *, draft: bool, partial: bool, laid_over: bool
) -> None:
    """A snapshot tells what was filed: the whole and final papers of that day, from the facts as
    they stand in the file."""
    day(filed, "--filed")
    if judged_on != filed:
        raise BeianError(
            f"--as-of {judged_on} 与 --filed {filed} 不是同一天。", hint="去掉 --as-of：按提交之日的规定判断。"
        )
    unfit = {"--draft": draft, "--only": partial, "--set": laid_over}
    for option in (name for name, given in unfit.items() if given):
        raise BeianError(
            f"--filed 留存的是实际提交的整套材料，不能与 {option} 同用。",
            hint=f"去掉 {option}；临时改动的事实先写入事实文件。",
        )


def _snapshot_folder(facts: Facts, filed: str) -> Path:
    """The matter in which a snapshot will be kept; BeianError before anything is written."""
    from beian import snapshots

    if facts.folder is None:
        raise BeianError("事实来自标准输入，没有项目目录可以留存快照。", hint="写明项目目录。")
    snapshots.refuse_existing(facts.folder, filed)
    return facts.folder


def _outcome(made: Dossier | None, out: Path, matter: str) -> str:
    if made is None:
        return (
            "\n未生成：先处理上面的阻断、待补和未定。\n"
            f"    建议  要先看草稿，运行 beian build {matter} -o {out} --draft"
        )
    titles = {one.document.id: one.document.title for one in made.examination.entries}
    lines = [f"\n已生成{'草稿' if made.draft else '材料'}，在 {out}/："]
    for path in sorted(made.files, key=lambda one: (_ORDER[one.partition("/")[0]], one)):
        title = titles.get(made.owners.get(path, ""), "")
        note = "" if not title or title in path else f"　《{title}》"
        lines.append(f"  {path}{note}")
    lines.append("下一步：")
    lines += _next_steps(made, out)
    return "\n".join(lines)


_ORDER = {"submission": 0, "working": 1, "internal": 2}


def _next_steps(made: Dossier, out: Path) -> Iterator[str]:
    entries = made.examination.entries
    if made.draft:
        yield "  - 按上面的清单补齐事实；草稿中缺少之处以黄色【待填】【待定】标出。"
        return
    yield f"  - 打开 {out}/internal/ 下的材料清单与签章表，逐项核对、签章。"
    portal = [
        one.document.title
        for one in entries
        if one.document.official_form == "portal" and one.state in ("ready", "separate")
    ]
    if portal:
        listed = "、".join(f"《{title}》" for title in portal)
        yield f"  - {listed}以备案系统下载的模板为准：提交前换用官方文件。"
    separate = [one.document.title for one in entries if one.state == "separate"]
    if separate:
        listed = "、".join(f"《{title}》" for title in separate)
        yield f"  - {listed}本版工具尚不生成，须另行准备。"
    yield f"  - {out}/submission/ 为提交或者发布的净稿；要修改，在 working/ 中改，或者改事实后重新生成。"


@contextmanager
def _progress() -> Iterator[Progress]:
    """Shows what is being done, on standard error and only in a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
