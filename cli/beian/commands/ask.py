"""beian ask: the interview that fills the facts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsOf, House, Lang, day
from beian.errors import BeianError

if TYPE_CHECKING:
    from beian.interview.screen import Asker
    from beian.interview.session import Session
    from beian.library import Library


def register(app: typer.Typer) -> None:
    @app.command()
    def ask(
        matter: Annotated[
            Path,
            typer.Argument(metavar="MATTER", help="项目目录或者事实文件；没有的目录会新建。"),
        ],
        only: Annotated[
            list[str] | None,
            typer.Option("--for", metavar="DOC", help="只问这份文书（编号）需要的，可以重复。"),
        ] = None,
        section: Annotated[
            str,
            typer.Option(
                "--section", metavar="NAME", help="只问这一部分，例如 products 或者 产品。"
            ),
        ] = "",
        review: Annotated[bool, typer.Option("--review", help="先核对已填的回答。")] = False,
        plain: Annotated[
            bool,
            typer.Option(
                "--plain", help="逐行问答，不移动光标；用于读屏软件、简单的终端、录制和脚本。"
            ),
        ] = False,
        lang: Lang = "zh",
        as_of: AsOf = "",
        house: House = None,
    ) -> None:
        """逐题提问，回答即时写入事实文件；随时可以退出，下次从同一题继续。

        退出码：0 需要的都已填写；1 还有缺项；2 无法执行；130 被中断（回答已保存）。
        """
        from beian.library import Library

        judged_on = day(as_of)
        library = Library.open(house or ())
        wanted = _documents(only or [], library)
        part = _section(section, library) if section else ""
        made = _prepared(matter, library)
        front = _front(plain)
        if made:
            from beian.interview.words import Words

            front.say([Words(lang)("made", matter=matter)])
        from beian.interview.session import Session
        from beian.interview.store import Store
        from beian.pipeline import load

        store = Store(load(matter, library), library.schema)
        session = Session(
            store, library, judged_on, only=wanted, section=part, lang=lang, review=review
        )
        try:
            _run(session, front)
        finally:
            front.say(_closing(session, matter))
        raise typer.Exit(1 if session.needed else 0)


def _run(session: Session, front: Asker) -> None:
    while (screen := session.screen()) is not None:
        session.take(front.ask(screen))


def _closing(session: Session, matter: Path) -> list[str]:
    words = session.words
    if session.needed:
        return [
            "",
            words("left", needed=session.needed),
            words("saved", command=f"beian ask {matter}"),
        ]
    return ["", words("finished"), words("check_next", command=f"beian check {matter}")]


def _front(plain: bool) -> Asker:
    """Prompts on a terminal, plain lines everywhere else."""
    if sys.stdin is None:
        raise BeianError("标准输入已关闭，无法提问。", hint="在终端中运行，或者用 beian intake。")
    if plain or not (sys.stdin.isatty() and sys.stdout.isatty()):
        from beian.interview.plain import Plain

        return Plain(sys.stdin, sys.stdout)
    from beian.interview.prompts import Prompts

    return Prompts()


def _prepared(matter: Path, library: Library) -> bool:
    """Makes a new matter where there is none; whether it was made."""
    from beian import facts, schema

    if str(matter) == "-":
        raise BeianError(
            "标准输入用于回答问题，不能同时读取事实。", hint="写明项目目录或者事实文件。"
        )
    if matter.suffix in (".yaml", ".yml", ".json") or (matter.exists() and not matter.is_dir()):
        return False
    if matter.is_dir() and any(one.name not in facts.FOLDERS for one in matter.iterdir()):
        return False
    for name in facts.FOLDERS:
        (matter / name).mkdir(parents=True, exist_ok=True)
    facts.write_privately(matter / "facts.yaml", schema.heading().encode(), new=True)
    return True


def _documents(names: list[str], library: Library) -> tuple[str, ...]:
    for name in names:
        if name not in library.documents:
            listed = "、".join(library.documents)
            raise BeianError(f"没有“{name}”这份文书。", hint=f"可写的编号：{listed}。")
    return tuple(names)


def _section(name: str, library: Library) -> str:
    """The key of a section called by its key, its title or its English title."""
    fields = library.schema.fields
    sections = {key: field for key, field in fields.items() if "." not in key and "[" not in key}
    for key, field in sections.items():
        if name.strip().lower() in (key, field.title, field.title_en.lower()):
            return key
    listed = "、".join(f"{key}（{field.title}）" for key, field in sections.items())
    raise BeianError(f"没有“{name}”这一部分。", hint=f"可写：{listed}。")
