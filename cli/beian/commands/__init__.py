"""The command line: each command parses, calls, prints and exits; nothing else does."""

from __future__ import annotations

import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import beian
from beian.commands import (
    build,
    check,
    due,
    explain,
    lint_terms,
    new,
    schema,
    scope,
    templates,
    templates_adopt,
    templates_eject,
)
from beian.errors import BeianError


class _Commands(TyperGroup):
    """Says in one Chinese message what keeps a command from its work, and exits with 2."""

    def main(self, *args: Any, **options: Any) -> Any:
        alone, options["standalone_mode"] = options.get("standalone_mode", True), False
        if not alone:
            return super().main(*args, **options)
        try:
            code = super().main(*args, **options)
        except BeianError as error:
            typer.echo(str(error), err=True)
            code = 2
        except (KeyboardInterrupt, typer.Abort):
            typer.echo("已中断；已保存的答案不受影响。", err=True)
            code = 130
        except UnicodeEncodeError:
            typer.echo(
                "系统的文件名编码不支持中文。\n    建议  设置 LC_ALL=C.UTF-8 或 PYTHONUTF8=1 后再试。",
                err=True,
            )
            code = 2
        except BrokenPipeError:
            sys.stdout = io.StringIO()  # nobody reads on; do not complain while closing
            code = 2
        except OSError as error:
            where = f"{error.filename}  " if error.filename else ""
            hint = "检查路径、权限和剩余空间。"
            typer.echo(f"{where}无法读写：{error.strerror or error}。\n    建议  {hint}", err=True)
            code = 2
        except Exception as error:
            code = _usage(error)
        sys.exit(code if isinstance(code, int) else 0)


def _usage(error: Exception) -> int:
    """Words what typer says of a wrong call; raises anything that is not about the call."""
    words, context = getattr(error, "format_message", None), getattr(error, "ctx", None)
    if words is None:
        raise error
    name, parameter = type(error).__name__, getattr(error, "param", None)
    if name == "NoArgsIsHelpError":
        typer.echo(words())
        return 2
    if name == "MissingParameter" and parameter is not None:
        options = "/".join(one for one in parameter.opts if one.startswith("-"))
        message = f"缺少 {options or parameter.metavar or parameter.human_readable_name}。"
    elif name == "NoSuchOption":
        message = f"没有 {getattr(error, 'option_name', '')} 这个选项。"
    elif words().startswith("No such command"):
        message = f"没有 {words().partition(' ')[2].split()[-1].strip('.')} 这个命令。"
    else:
        message = f"命令写法有误：{words()}"
    path = context.command_path if context is not None else "beian"
    typer.echo(f"{message}\n    建议  用法见 {path} --help", err=True)
    return 2


app = typer.Typer(
    name="beian",
    cls=_Commands,
    help="生成式人工智能服务备案材料：采集一次事实，按有效的规定检查，生成 Word 和 Excel 材料。",
    epilog="退出码：0 没有阻断；1 有阻断或者缺项；2 无法执行；130 被中断。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _common(
    version: Annotated[bool, typer.Option("--version", help="显示版本后退出。")] = False,
) -> None:
    if version:
        typer.echo(f"beian {beian.__version__}")
        raise typer.Exit


for _module in (new, scope, check, build, due, explain, schema, lint_terms):
    _module.register(app)
_group = templates.register(app)
templates_eject.register(_group)
templates_adopt.register(_group)


def main() -> None:
    """Runs the command line in this process."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app(prog_name="beian")
