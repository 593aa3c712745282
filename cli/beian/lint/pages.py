"""Templates that are text: page.html and workbook.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator

from beian.errors import BeianError
from beian.lint.blocks import Blocks
from beian.lint.judge import Judge
from beian.lint.report import Line, short
from beian.lint.tags import ANY_TAG, Tag, beside_tags, check_words, scan
from beian.model import Value

_MARKUP = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)


def lint_page(raw: bytes, file: str, judge: Judge) -> None:
    from beian.render import html

    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        judge.report.add("template-file", judge.report.file, "不是 UTF-8 文本", "另存为 UTF-8。")
        return

    def line_at(position: int) -> Line:
        number = text.count("\n", 0, position) + 1
        return Line(number, lambda: f"{file}:{number}")

    page = _without_styles(text)
    tags = [*scan(page, line_at, judge.report)]
    Blocks(tags, judge).check()
    shown = _MARKUP.sub(lambda found: _spaces(found[0]), beside_tags(page, tags))
    for number, words in enumerate(shown.split("\n"), 1):
        check_words(words, Line(number, lambda number=number: f"{file}:{number}"), judge.report)  # type: ignore[misc]
    judge.report.refused(judge.report.file, lambda: html.compile_page(text, file, judge.declared))


def _without_styles(text: str) -> str:
    """A page whose style sheets and scripts keep their tags only: braces mean other things there."""

    def kept(found: re.Match[str]) -> str:
        pieces = re.split(r"(\{\{.*?\}\}|\{%.*?%\})", found[0], flags=re.DOTALL)
        return "".join(one if at % 2 else _spaces(one) for at, one in enumerate(pieces))

    return re.sub(r"(?is)<(style|script)\b.*?</\1>", kept, text)


def _spaces(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def lint_workbook(raw: bytes, file: str, judge: Judge) -> None:
    from beian import yamltext
    from beian.render import excel

    report = judge.report
    try:
        spec = yamltext.read(
            yamltext.decode(raw, file), file, as_json=False, dotted_keys=True
        ).value
    except BeianError as error:
        place = str(error.place or file)
        report.add("template-file", Line(0, lambda: place), error.message.rstrip("。"), error.hint)
        return
    fault = next(judge.library.house.validator("workbook").iter_errors(spec), None)
    if fault is not None:
        where = "/".join(map(str, fault.absolute_path)) or "（整个文件）"
        words = f"{where} 不合 workbook.yaml 的写法（{fault.validator}）"
        report.add("template-file", report.file, words, "写法见 schemas/workbook.schema.json。")
        return
    for number, sheet in enumerate(spec["sheets"]):
        _check_sheet(sheet, number * 1000, f"{file} 工作表“{sheet['name']}”", judge)
    report.refused(report.file, lambda: excel.compile_book(spec, file, judge.declared))


def _check_sheet(sheet: dict[str, Value], rank: int, where: str, judge: Judge) -> None:
    table: dict[str, Value] = sheet.get("table") or {}
    cells = [("标题", sheet.get("title", ""))]
    cells += [(label, text) for label, value in sheet.get("fields", ()) for text in (label, value)]
    columns = table.get("columns", ())
    plain = [*sheet.get("notes", ()), *(one["title"] for one in columns)]
    tags = [*_cell_tags(cells, rank, where, judge)]
    Blocks(tags, judge).check()
    if "each" in table:
        loop = f"{{% for {table['as']} in {table['each']} %}}"
        values = [(one["title"], one["value"]) for one in columns]
        row = [("表格", loop), *values, ("表格", "{% endfor %}")]
        Blocks([*_cell_tags(row, rank + 500, where, judge)], judge).check()
    for named in table.get("rows", ()):
        row = [(one["title"], cell) for one, cell in zip(columns, named["cells"], strict=False)]
        if "if" in named:
            row = [("表格", f"{{% if {named['if']} %}}"), *row, ("表格", "{% endif %}")]
        Blocks([*_cell_tags(row, rank + 500, where, judge)], judge).check()
    for text in plain:
        line = Line(rank + 900, lambda: where)
        check_words(text, line, judge.report)
        if found := ANY_TAG.search(text):
            words = f"标签“{short(found[0])}”写在附注或者列标题里，不会填写"
            judge.report.add(
                "template-unfilled-place", line, words, "移到标签行或者列的 value 中。"
            )


def _cell_tags(cells: list[tuple[str, str]], rank: int, where: str, judge: Judge) -> Iterator[Tag]:
    for number, (label, text) in enumerate(cells):
        place = f"{where}“{label}”"
        line = Line(rank + number, lambda place=place: place, text)  # type: ignore[misc]
        tags = [*scan(text, lambda _, line=line: line, judge.report)]  # type: ignore[misc]
        for tag in tags:
            tag.level = label if label == "表格" else line
        check_words(beside_tags(text, tags), line, judge.report)
        yield from tags
