"""beian templates: the templates there are, and what is wrong with them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beian.commands.options import AsJson, House
from beian.errors import BeianError
from beian.model import Finding, Level, Place, Value

if TYPE_CHECKING:
    from beian.documents import Document
    from beian.library import Library

#: What is looked for in a folder that is named.
_PATTERNS = ("*.docx", "*.docm", "*.dotx", "*.html", "workbook.yaml")
#: Lock files of Word, the untouched original of an adopted form, the guide of an ejected one.
_NOT_OURS = ("~$", "original.", "使用说明.")
_AUDIENCES = ("authority", "public", "internal")


def register(app: typer.Typer) -> typer.Typer:
    """Adds the sub-commands and returns their group, to which others may add more."""
    sub = typer.Typer(
        name="templates",
        help="文书模板：列出、检查，自制版式。",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    _register_list(sub)
    _register_lint(sub)
    app.add_typer(sub, name="templates")
    return sub


def _register_list(sub: typer.Typer) -> None:
    @sub.command("list", short_help="列出全部文书及其模板。")
    def list_(house: House = None, as_json: AsJson = False) -> None:
        """列出全部文书：编号、名称、类别、对象、格式、来源把握、起始日期。

        退出码：0 已列出；2 无法执行。
        """
        from beian.library import Library

        library = Library.open(house or ())
        records = [_record(one) for one in library.documents.values()]
        if as_json:
            typer.echo(json.dumps({"documents": records}, ensure_ascii=False, indent=2))
            return
        for document, record in zip(library.documents.values(), records, strict=True):
            formats = "、".join(record["formats"]) or "另行准备"
            words = [
                _worded(library, key, getattr(document, key)) for key in ("family", "audience")
            ]
            sure = _CONFIDENCE.get(record["confidence"], record["confidence"])
            typer.echo(f"{document.id}  《{document.title}》")
            typer.echo(f"    {'　'.join(words)}　{formats}　来源：{sure}　{document.since} 起")


def _register_lint(sub: typer.Typer) -> None:
    @sub.command("lint", short_help="检查模板：一次列出全部问题。")
    def lint(
        targets: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="FILE|DIR|ID", help="模板文件、目录或者文书编号；默认全部文书。"
            ),
        ] = None,
        audience: Annotated[
            str,
            typer.Option(
                "--audience",
                metavar="WHO",
                help="文书给谁看：authority、public、internal；默认按 document.yaml。",
            ),
        ] = "",
        house: House = None,
        as_json: AsJson = False,
    ) -> None:
        """检查模板：标签、事实的路径、残留的起草标记、修订和批注、字体、外部链接。

        退出码：0 没有阻断；1 有阻断；2 无法执行。
        """
        from beian import lint as linting
        from beian import report
        from beian.library import Library

        if audience and audience not in _AUDIENCES:
            raise BeianError(
                f"--audience {audience} 不在可选项内。", hint=f"可选：{'、'.join(_AUDIENCES)}。"
            )
        library = Library.open(house or ())
        files = dict(_wanted(targets or [*library.documents], library))
        findings = [
            finding
            for file, known in files.items()
            for finding in linting.lint(file, library, audience=audience or known)
        ]
        stops = any(one.stops for one in findings)
        if as_json:
            typer.echo(_as_json(files, findings, stops))
        else:
            for finding in findings:
                typer.echo(report.finding_text(finding))
            typer.echo(_summary(len(files), findings))
        raise typer.Exit(1 if stops else 0)


#: How sure we are of where a form comes from, as document.yaml says it.
_CONFIDENCE = {"official": "官方或者自拟", "several": "多份材料相符", "single": "仅一份材料"}


def _record(document: Document) -> dict[str, Value]:
    return {
        "id": document.id,
        "title": document.title,
        "family": document.family,
        "audience": document.audience,
        "formats": list(document.formats),
        "confidence": document.origin["confidence"],
        "since": document.since,
    }


def _worded(library: Library, key: str, code: str) -> str:
    field = library.field(f"dossier.documents[].{key}")
    return (field.choices or {}).get(code, code) if field else code


def _wanted(targets: list[str], library: Library) -> Iterator[tuple[Path, str | None]]:
    """The template files that the targets name, each with the audience of its document."""
    audiences = {
        file.resolve(): document.audience
        for document in library.documents.values()
        for file in document.templates.values()
    }
    for target in targets:
        path = Path(target)
        if target in library.documents and not path.is_file():
            files = list(library.documents[target].templates.values())
        elif path.is_dir():
            files = sorted({one for pattern in _PATTERNS for one in path.rglob(pattern)})
            files = [one for one in files if not one.name.startswith(_NOT_OURS)]
            if not files:
                raise BeianError(
                    "目录中没有模板。",
                    place=Place(target),
                    hint="模板为 .docx、.html 或者 workbook.yaml。",
                )
        elif path.exists():
            files = [path]
        else:
            raise BeianError(
                f"没有“{target}”这个文件、目录或者文书。",
                hint="文书的编号见 beian templates list。",
            )
        for file in files:
            yield file, audiences.get(file.resolve()) or _audience_beside(file)


def _audience_beside(file: Path) -> str | None:
    """The audience that a document.yaml beside the file states; None when there is none."""
    from beian import yamltext

    beside = file.parent / "document.yaml"
    if not beside.is_file():
        return None
    text = yamltext.decode(beside.read_bytes(), str(beside))
    data = yamltext.read(text, str(beside), as_json=False, dotted_keys=True).value
    audience = data.get("audience") if isinstance(data, dict) else None
    return audience if audience in _AUDIENCES else None


def _summary(files: int, findings: list[Finding]) -> str:
    counted = Counter(one.level for one in findings)
    parts = [f"{level.label} {counted[level]}" for level in (Level.BLOCK, Level.REVIEW)]
    return f"检查了 {files} 个模板：{' · '.join(parts)}"


def _as_json(files: dict[Path, str | None], findings: list[Finding], stops: bool) -> str:
    record = {
        "stops": stops,
        "templates": [{"file": str(file), "audience": known} for file, known in files.items()],
        "findings": [finding.as_json() for finding in findings],
    }
    return json.dumps(record, ensure_ascii=False, indent=2)
