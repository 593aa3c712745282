"""The options that several commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.errors import BeianError

if TYPE_CHECKING:
    from beian.pipeline import Examination


def _known_language(value: str) -> str:
    if value not in ("zh", "en"):
        raise BeianError(f"--lang {value} 不可用。", hint="写 zh 或者 en。")
    return value


Matter = Annotated[
    str, typer.Argument(metavar="MATTER", help="项目目录、事实文件，或者 -（从标准输入读取）。")
]
AsOf = Annotated[
    str,
    typer.Option(
        "--as-of", metavar="DAY", help="按哪一天的规定判断，通常为计划提交的日期；默认今天。"
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="临时改动一个事实，可以重复；不写回文件。"),
]
House = Annotated[
    list[Path] | None,
    typer.Option(
        "--house", metavar="DIR", help="自有的模板和规则目录（含 templates/、schemas/），可以重复。"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON。")]

Lang = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="zh|en",
        callback=_known_language,
        help="名称、说明和选项的语言：zh 中文，en 英文（名称附中文）。",
    ),
]


def day(text: str, option: str = "--as-of") -> str:
    """The day to judge for: as given, or today; the only place that knows what day it is."""
    from beian.formats import parse_date

    if not text:
        return date.today().isoformat()
    if parse_date(text) is None:
        raise BeianError(f"{option} {text} 不是有效日期。", hint=f"写作 {option} 2026-03-01")
    return text


def examined(
    matter: str, as_of: str, settings: list[str] | None, house: list[Path] | None
) -> Examination:
    """A matter as the options name it, judged for the day."""
    from beian import pipeline
    from beian.library import Library

    judged_on = day(as_of)
    library = Library.open(house or ())
    facts = pipeline.load(matter, library, tuple(settings or ()))
    return pipeline.check(facts, library, judged_on)
