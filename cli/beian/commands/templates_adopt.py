"""beian templates adopt: makes a template of an authority's own form."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsJson, House, day
from beian.errors import BeianError

if TYPE_CHECKING:
    from beian.adopt import Blank, Decision, Proposal

Form = Annotated[
    Path, typer.Argument(metavar="FORM", help="主管部门或者本所的表格（.docx 或 .xlsx）。")
]
Id = Annotated[str, typer.Option("--id", metavar="ID", help="文书编号，例如 beijing-launch-form。")]
Out = Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="自有模板目录。")]
Replaces = Annotated[
    str,
    typer.Option(
        "--replaces", metavar="ID", help="代替哪份文书：沿用它的类别、条件、起始日、依据和签章。"
    ),
]
Audience = Annotated[
    str, typer.Option("--audience", metavar="authority|public|internal", help="给谁看。")
]
Family = Annotated[
    str, typer.Option("--family", metavar="FAMILY", help="类别，例如 algorithm-filing；默认沿用。")
]
Official = Annotated[
    str,
    typer.Option(
        "--official", metavar="portal|province|none", help="谁的表格；默认沿用或者 portal。"
    ),
]
Basis = Annotated[
    list[str] | None,
    typer.Option("--basis", metavar="REF", help="依据，例如 interim-measures:17，可以重复。"),
]
Retrieved = Annotated[
    str, typer.Option("--retrieved-on", metavar="DAY", help="取得表格的日期；默认今天。")
]
Mapping = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE.yaml", help="已确认的对应表：序号: 路径。"),
]
Yes = Annotated[bool, typer.Option("--yes", help="只采用确定的，不提问。")]


def register(sub: typer.Typer) -> None:
    sub.command("adopt", short_help="采用主管部门的表格：把表中的空对应到事实。")(adopt)


def adopt(
    form: Form,
    name: Id,
    out: Out,
    replaces: Replaces = "",
    audience: Audience = "",
    family: Family = "",
    official: Official = "",
    basis: Basis = None,
    retrieved_on: Retrieved = "",
    mapping: Mapping = None,
    yes: Yes = False,
    house: House = None,
    as_json: AsJson = False,
) -> None:
    """读出表格中的标签和空，逐个提出对应的事实，写成自有模板目录中的一份文书。

    不在终端中运行时，须给 --mapping 或者 --yes，否则只列出、不写入。没有对应的空保持原样。

    退出码：0 已写入，没有未定的空；1 还有待确认或者未对应的空；2 无法执行。
    """
    from beian.adopt import About, propose, write_folder
    from beian.library import Library

    proposal = propose(form, Library.open(house or ()))
    about = About(
        id=name,
        retrieved_on=_known_day(retrieved_on),
        replaces=replaces or None,
        audience=audience or None,
        family=family or None,
        official_form=official or None,
        basis=tuple(basis or ()),
    )
    asking = _in_terminal() and not (yes or mapping or as_json)
    decisions = _decide(proposal, mapping, asking=asking)
    written = []
    if asking or yes or mapping:
        written = write_folder(proposal, decisions, out, about)
    _report(proposal, decisions, written, as_json=as_json)
    raise typer.Exit(0 if written and not any(one.is_open for one in decisions) else 1)


def _decide(proposal: Proposal, mapping: Path | None, *, asking: bool) -> list[Decision]:
    from beian.adopt import as_text, decide, read_mapping

    if mapping is not None:
        return decide(proposal, read_mapping(mapping, proposal))
    if asking:
        typer.echo(as_text(proposal, decide(proposal, {})))
        return decide(proposal, _ask(proposal))
    return decide(proposal, {})


def _report(
    proposal: Proposal, decisions: list[Decision], written: list[Path], *, as_json: bool
) -> None:
    from beian import adopt as adopting

    if as_json:
        shown = adopting.record(proposal, decisions)
        shown["written"] = [str(one) for one in written]
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    typer.echo(adopting.as_text(proposal, decisions))
    counts = adopting.states(decisions)
    listed = "，".join(
        f"{adopting.STATES[state]} {count}" for state, count in counts.items() if count
    )
    typer.echo(f"\n{listed}。")
    if personal := adopting.personal(proposal, decisions):
        typer.echo(f"注意：表中将印出个人信息（{'、'.join(personal)}）。")
    if not written:
        typer.echo(
            "未写入。\n    建议  加 --yes 只采用确定的，或者把选定的对应写成 --mapping FILE.yaml。"
        )
        return
    typer.echo(f"已写入 {written[0].parent}/：{'、'.join(one.name for one in written)}")
    if counts["unsure"] or counts["unmapped"]:
        typer.echo(
            "    建议  在 mapping.yaml 中补上 path，再以 --mapping 重新采用；未对应的空保持原样。"
        )


def _ask(proposal: Proposal) -> dict[int, str | None]:
    """Asks about each unsure blank; what is skipped stays open."""
    chosen: dict[int, str | None] = {}
    for blank in proposal.blanks:
        if blank.path is not None and not blank.sure:
            path = _ask_one(proposal, blank)
            if path:
                chosen[blank.number] = path
    return chosen


def _ask_one(proposal: Proposal, blank: Blank) -> str | None:
    from beian import adopt as adopting
    from beian.labels import title

    offered = [one for one in (blank.path, *blank.alternatives) if one]
    typer.echo(f"\n{blank.number}  {blank.place}  {blank.label}")
    for number, path in enumerate(offered, 1):
        typer.echo(f"   {number}  {title(proposal.library, path)}（{path}）")
    while True:
        answer = typer.prompt("   序号，0 跳过，或者写路径", default="1").strip()
        if answer == "0":
            return None
        if answer.isdigit() and int(answer) <= len(offered):
            answer = offered[int(answer) - 1]
        try:
            adopting.check(proposal, blank, answer)
        except BeianError as error:
            typer.echo(f"   {error.message}{error.hint or ''}")
        else:
            return str(answer)


def _in_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _known_day(text: str) -> str:
    from beian.formats import parse_date

    if text and parse_date(text) is None:
        raise BeianError(f"--retrieved-on {text} 不是有效日期。", hint="写作 2026-03-01")
    return text or day("")
