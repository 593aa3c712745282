"""The command line: each command parses, calls, prints and exits; nothing else does."""

from __future__ import annotations

import gc
import io
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import beian
from beian.errors import BeianError

#: Each command with its modules and with what the list of commands says of it. A module is imported
#: when its command is called, so that the list costs no more with every command.
COMMANDS: dict[str, tuple[tuple[str, ...], str]] = {
    "new": (("new",), "新建项目：空白（带说明）或者从样例复制。"),
    "ask": (("ask",), "逐题提问，填写事实；只问用得到的。"),
    "scope": (("scope",), "判断适用哪些规定、走哪条路径，并说明理由。"),
    "check": (("check",), "检查事实：哪些阻断、缺少、未定或者需要复核。"),
    "intake": (("intake",), "用 Excel 采集事实：导出问题，读回答案。"),
    "build": (("build",), "生成材料：Word、Excel 和网页。"),
    "annex": (("annex",), "客户的清单：检查、统计，生成分类清楚的附件。"),
    "diff": (("diff",), "比较两套事实：引起哪些变更备案、新版本和评估。"),
    "due": (("due",), "列出期限：哪些已逾期，哪些将到期，缺少哪些起算日。"),
    "explain": (("explain",), "说明一个事实、规则、义务、文书、期限或者条文。"),
    "schema": (("schema",), "输出事实的 JSON Schema，供编辑器和程序使用。"),
    "lint-terms": (("lint_terms",), "检查一份服务协议的条款，也用于他人起草的协议。"),
    "templates": (
        ("templates", "templates_eject", "templates_adopt"),
        "文书模板：列出、检查，自制版式。",
    ),
}


class _Commands(TyperGroup):
    """Imports a command when it is called; says in one Chinese message what keeps it from its work."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        whole = group = typer.Typer(rich_markup_mode=None)
        whole.callback()(lambda: None)
        for module in COMMANDS[cmd_name][0]:
            # The first module of a group of commands returns the group, for the others to join.
            group = import_module(f"beian.commands.{module}").register(group) or group
        made: Any = typer.main.get_command(whole)
        return made.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

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


def main() -> None:
    """Runs the command line in this process."""
    gc.set_threshold(1_000_000, 20, 100)  # nearly all that a command makes lives until its end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    app(prog_name="beian")
