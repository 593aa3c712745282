"""The command line: each command parses, calls, prints and exits; nothing else does."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

import beian

EXIT_CODES = "退出码：0 没有阻断；1 有阻断或者缺项；2 无法执行；130 被中断。"

app = typer.Typer(
    name="beian",
    help="生成式人工智能服务备案材料：采集一次事实，按有效的规定检查，生成 Word 和 Excel 材料。",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="显示版本后退出。", is_eager=True)
    ] = False,
) -> None:
    if version:
        typer.echo(f"beian {beian.__version__}")
        raise typer.Exit


def main() -> None:
    """Runs the command line; one clear message and exit code 2 when the work cannot be done."""
    from beian.errors import BeianError

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except BeianError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("已中断；已保存的答案不受影响。", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(2)


from beian.commands import build as _build  # noqa: E402
from beian.commands import check as _check  # noqa: E402
from beian.commands import explain as _explain  # noqa: E402
from beian.commands import new as _new  # noqa: E402

for _module in (_new, _check, _build, _explain):
    _module.register(app)
