"""Hands out a document's folder so that a lawyer can edit its Word file, with a guide beside it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from beian.assembly import write_new_folder
from beian.documents import Document
from beian.errors import BeianError
from beian.labels import title
from beian.library import Library
from beian.model import Place
from beian.render.dispatch import Renderer
from beian.render.html import source
from beian.render.seal import reseal

GUIDE = "使用说明.docx"
#: What is not handed out: once the Word file is edited by hand, its source is no source any more.
_LEFT_BEHIND = ("template.md",)
_LONG_LIST = 16
_HEAD_FONT, _BODY_FONT = "黑体", "仿宋"


def write(library: Library, name: str, folder: Path) -> list[Path]:
    """Copies a document folder to DIR/templates/<id>/ with a guide, and tells its files.

    BeianError when there is no such document, nothing to edit, or something in the way.
    """
    document = library.documents.get(name)
    if document is None:
        known = "、".join(one for one, made in library.documents.items() if made.templates)
        raise BeianError(f"没有“{name}”这份文书。", hint=f"可写：{known}。")
    if not document.templates:
        raise BeianError(f"《{document.title}》没有模板可以取出。")
    target = folder / "templates" / name
    if target.exists():
        raise BeianError(
            "目录已存在，未覆盖。", place=Place(str(target)), hint="换一个目录，或先移走它。"
        )
    home = next(iter(document.formats.values())).parent
    files = {
        file.name: source(file) if file.suffix == ".html" else file.read_bytes()
        for file in sorted(home.iterdir())
        if file.is_file() and file.name not in (*_LEFT_BEHIND, GUIDE)
    }
    write_new_folder(target, files | {GUIDE: guide(library, document)})
    return sorted(target.iterdir())


def facts_used(library: Library, document: Document) -> dict[str, str]:
    """The title of each fact that a document prints or asks for, by its generic path, in order."""
    reads: dict[str, str] = {}
    for read, _ in Renderer(library).reads(document):
        field = library.field(read.path)
        if field is not None and field.kind != "object" and not read.path.endswith("[]"):
            reads.setdefault(read.path, title(library, read.path))
    return reads


def guide(library: Library, document: Document) -> bytes:
    """The guide as a Word file: what tags are, what may be done with them, which facts there are."""
    import docx

    made = docx.Document()
    _set_up(made)
    _line(made, f"《{document.title}》模板使用说明", _HEAD_FONT, 16)
    for head, lines in _words(document).items():
        _line(made, head, _HEAD_FONT, 11)
        for text in lines:
            _line(made, text, _BODY_FONT, 10.5)
    _line(made, "五、本文书用到的事实", _HEAD_FONT, 11)
    used = facts_used(library, document)
    _fact_table(made, [(words, path) for path, words in used.items()])
    stream = io.BytesIO()
    made.save(stream)
    return reseal(stream.getvalue(), {})


def _words(document: Document) -> dict[str, list[str]]:
    """The sections of the guide, by their heading."""
    return {
        "一、标签是什么": [
            "双花括号中的文字是标签，例如 {{ subject.name }}：生成文书时，标签处印出同名的事实；"
            "尚未填写的事实印作【待填：…】，不会留空。",
            "{% if … %} 与 {% endif %} 之间的文字，条件成立才印出；{% for … %} 与 {% endfor %} "
            "之间的文字，列表有几项就印几遍；竖线后的词（例如 |join、|box）只改变印法。",
        ],
        "二、可以做什么": [
            "标签以外的文字、字体、字号、行距、表格线都可以改；标签所在处是什么字体，印出的事实就是什么字体。",
            "{{ … }} 可以整个移动、复制或者删去；要加一个事实，照第五部分的写法写在双花括号里。",
            "写法中带 [] 的是列表各项的内容：写在 for 之内，例如 {% for model in models %} 之后写 "
            "{{ model.name }}；或者写明第几项（从 0 起），例如 {{ models[0].name }}。",
        ],
        "三、不可以做什么": [
            "花括号、竖线和引号须为半角；标签内不要换行、不要改一部分字的格式，不要翻译其中的英文。",
            "{%p … %} 须独占一段，{%tr … %} 须独占表格的一行：旁边的文字会丢失，程序因此拒绝这样的模板。",
            "if、for 与各自的 endif、endfor 须成对，移动时一起移动，次序不变。",
            "不要另存为 .doc；修订痕迹须先全部接受。",
        ],
        "四、怎样检查和使用": [
            "本文件夹放在“自有目录/templates/"
            + document.id
            + "/”下。检查：beian templates lint "
            + document.id
            + " --house 自有目录；生成：beian build 项目目录 -o 输出目录 --house 自有目录。",
            "编号（文件夹名）相同的，整份代替随附的文书；随附的文书以后更新时，自有的不会跟着变。",
            *_other_formats(document),
        ],
    }


def _other_formats(document: Document) -> Iterator[str]:
    if "xlsx" in document.formats:
        yield "Excel 部分的版式写在 workbook.yaml 中，用文本编辑器修改。"
    if "html" in document.formats:
        yield "网页部分的版式写在 page.html 中，用文本编辑器修改。"


def _set_up(made: Any) -> None:
    from docx.shared import Cm, Pt

    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    _type(made.styles["Normal"], _BODY_FONT, 10.5)
    made.styles["Normal"].paragraph_format.space_after = Pt(3)


def _type(thing: Any, font: str, size: float) -> None:
    """Sets the type of a style or run, East Asian text too: by itself Word takes a Japanese face."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    thing.font.name, thing.font.size = "Times New Roman", Pt(size)
    thing.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _line(made: Any, text: str, font: str, size: float) -> None:
    _type(made.add_paragraph().add_run(text), font, size)


def _fact_table(made: Any, facts: list[tuple[str, str]]) -> None:
    """Title and path of each fact; a long list in two columns, so that a page holds it."""
    from docx.shared import Cm, Pt

    halves = 2 if len(facts) > _LONG_LIST else 1
    table = made.add_table(rows=1, cols=2 * halves, style="Table Grid")
    _row(table.rows[0], ["名称", "写法"] * halves, _HEAD_FONT)
    step = -(-len(facts) // halves)
    for number in range(step):
        pairs = [
            facts[at] if at < len(facts) else ("", "") for at in range(number, halves * step, step)
        ]
        _row(table.add_row(), [text for pair in pairs for text in pair], _BODY_FONT)
    for row in table.rows:
        for position, cell in enumerate(row.cells):
            cell.width = Cm((7.5, 9.5)[position % 2] / halves)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)


def _row(row: Any, texts: list[str], font: str) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        _type(cell.paragraphs[0].add_run(text), font, 7.5 if len(texts) > 2 else 9)
