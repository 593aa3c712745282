"""Template lint: every planted fault is found with its place, and sound templates stay clean.

``python tests/test_lint.py DIR`` writes the broken templates to a folder and, where docxtpl-lint is
on the path, records what it finds in ``tests/lint/docxtpl-lint.json``.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pytest
import typer
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from beian import report
from beian.commands import templates
from beian.errors import BeianError
from beian.library import Library
from beian.lint import RULES, lint
from beian.render import word
from beian.render.compiled import FILTERS

RECORD = Path(__file__).parent / "lint" / "docxtpl-lint.json"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

# --- making templates ----------------------------------------------------------------------------


def blank() -> Any:
    """An empty document whose text has a Chinese face."""
    document = docx.Document()
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), "宋体")
    return document


def saved(document: Any, change: Callable[[dict[str, bytes]], None] | None = None) -> bytes:
    """The bytes of a document, its parts changed on the way."""
    stream = io.BytesIO()
    document.save(stream)
    if change is None:
        return stream.getvalue()
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return made.getvalue()


def paragraphs(*texts: str) -> bytes:
    """One paragraph for each text; ``|`` starts a new run, every other one bold."""
    document = blank()
    for text in texts:
        paragraph = document.add_paragraph()
        for number, part in enumerate(text.split("¦")):
            run = paragraph.add_run(part)
            if number % 2:
                run.bold = True
    return saved(document)


def table(*rows: tuple[str, ...], after: tuple[str, ...] = ()) -> bytes:
    """A table of these texts (a line break starts a paragraph), then paragraphs."""
    document = blank()
    add_table(document, *rows)
    for text in after:
        document.add_paragraph(text)
    return saved(document)


def add_table(document: Any, *rows: tuple[str, ...]) -> Any:
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(made.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            first, *more = text.split("\n")
            cell.paragraphs[0].text = first
            for line in more:
                cell.add_paragraph(line)
    return made


def body(xml: str) -> bytes:
    """A document whose only paragraph is given as XML."""
    document = blank()
    document.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{xml}</w:p>"))
    return saved(document)


def run(text: str, properties: str = "") -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def changed(name: str, old: bytes, new: bytes, *texts: str) -> bytes:
    """A document one part of which reads otherwise."""

    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new)

    return saved(docx.Document(io.BytesIO(paragraphs(*texts or ("{{ subject.name }}",)))), change)


def with_part(name: str, content: bytes) -> bytes:
    return saved(docx.Document(io.BytesIO(paragraphs("{{ subject.name }}"))),
                 lambda parts: parts.update({name: content}))


def with_link(kind: str, target: str) -> bytes:
    link = (f'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            f'relationships/{kind}" Target="{target}" TargetMode="External"/></Relationships>')
    return changed("word/_rels/document.xml.rels", b"</Relationships>", link.encode())


def packed(**parts: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def two_tables() -> bytes:
    document = blank()
    add_table(document, ("{%tr for m in models %}",), ("{{ m.name }}",))
    document.add_paragraph("两表之间")
    add_table(document, ("{{ subject.name }}",), ("{%tr endfor %}",))
    return saved(document)


def comment(around: str, text: str = "{{ subject.name }}") -> bytes:
    """A comment on a paragraph of its own, or on the tag."""
    document = blank()
    commented, tagged = document.add_paragraph("甲"), document.add_paragraph(text)
    run = (tagged if around == "tag" else commented).runs[0]
    document.add_comment(run, text="请核对", author="某甲", initials="甲")
    return saved(document)


def header(text: str) -> bytes:
    document = blank()
    document.add_paragraph("{{ subject.name }}")
    document.sections[0].header.paragraphs[0].text = text
    return saved(document)


def textbox(text: str) -> bytes:
    return body(
        f'<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p>'
        f"{run(text)}</w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>")


def notes(kind: str, text: str) -> bytes:
    """A document with footnotes or endnotes (the part alone is what matters here)."""
    one = kind.removesuffix("s")
    part = (f'<w:{kind} {nsdecls("w")}><w:{one} w:id="1"><w:p>'
            f'{run(text, FACE)}</w:p></w:{one}></w:{kind}>')
    return with_part(f"word/{kind}.xml", part.encode())


def picture_in_loop() -> bytes:
    document = blank()
    document.add_paragraph("{%p if service.stage %}")
    paragraph = document.add_paragraph("{%p endif %}")
    paragraph._p.append(OxmlElement("w:r"))
    paragraph._p[-1].append(OxmlElement("w:drawing"))
    return saved(document)


FACE = '<w:rFonts w:eastAsia="宋体"/>'
TAG = "{{ subject.name }}"
INS = '<w:ins w:id="1" w:author="a" w:date="2026-01-01T00:00:00Z">{}</w:ins>'
NO_FACE = docx.Document()
CHART = f"<c:chart xmlns:c='c' xmlns:a='a'><a:t>{TAG}</a:t></c:chart>".encode()

#: name -> (template, {rule: fragments of the places where it must be found}); nothing else may be.
BROKEN: dict[str, tuple[bytes, dict[str, str]]] = {
    # broken tags
    "unclosed-print": (paragraphs("甲", "乙{{ subject.name"), {"template-broken-tag": "正文第2段“乙"}),
    "unclosed-statement": (paragraphs("{% if service.stage ", "{% endif %}"),
                           {"template-broken-tag": "正文第1段"}),
    "half-closed": (paragraphs("{{ subject.name }，住所"), {"template-broken-tag": "正文第1段"}),
    "stray-close": (paragraphs("subject.name }}"), {"template-broken-tag": "正文第1段"}),
    "stray-statement-close": (paragraphs("endif %}"), {"template-broken-tag": "正文第1段"}),
    "wrong-close": (paragraphs("{{ subject.name %}"), {"template-broken-tag": "正文第1段"}),
    "over-paragraphs": (paragraphs("甲{{ subject", ".name }}乙"), {"template-broken-tag": "正文第1段"}),
    "empty-print": (paragraphs("{{ }}"), {"template-broken-tag": "正文第1段"}),
    "empty-statement": (paragraphs("{% %}"), {"template-broken-tag": "正文第1段"}),
    "half-path": (paragraphs("{{ subject. }}"), {"template-broken-tag": "正文第1段"}),
    "two-words": (paragraphs("{{ subject name }}"), {"template-broken-tag": "正文第1段"}),
    "misspelt-end": (paragraphs("{% if service.stage %}甲{% endfi %}"), {"template-broken-tag": "正文第1段"}),
    "else-if": (paragraphs("{% if service.stage %}甲{% else if service.name %}乙{% endif %}"),
                {"template-broken-tag": "正文第1段"}),
    "percent-in-paragraph-tag": (paragraphs("{%p if service.name == '50%' %}", "甲", "{%p endif %}"),
                                 {"template-broken-tag": "正文第1段"}),
    "space-before-prefix": (paragraphs("{% p if service.stage %}", "甲", "{%p endif %}"),
                            {"template-broken-tag": "正文第1段"}),
    "torn-by-link": (body(run("{{ subj") + f"<w:hyperlink w:anchor='a'>{run('ect.name }}')}</w:hyperlink>"),
                     {"template-broken-tag": "正文第1段"}),
    # blocks
    "no-endif": (table(("甲", "乙"), ("丙", "{% if service.stage %}丁")),
                 {"template-unbalanced-block": "正文第1表第2行第2格第1段"}),
    "no-endfor": (paragraphs("{%p for m in models %}", TAG), {"template-unbalanced-block": "正文第1段"}),
    "stray-endif": (paragraphs("{% endif %}"), {"template-unbalanced-block": "正文第1段"}),
    "stray-else": (paragraphs("{% else %}"), {"template-unbalanced-block": "正文第1段"}),
    "else-twice": (paragraphs("{% if service.stage %}a{% else %}b{% else %}c{% endif %}"),
                   {"template-unbalanced-block": "正文第1段"}),
    "endfor-closes-if": (paragraphs("{% if service.stage %}甲{% endfor %}"),
                         {"template-crossed-block": "正文第1段"}),
    "crossed": (paragraphs("{% if service.stage %}{% for m in models %}甲{% endif %}{% endfor %}"),
                {"template-crossed-block": "正文第1段"}),
    "over-cells": (table(("{% if service.stage %}甲", "乙{% endif %}")),
                   {"template-crossed-block": "正文第1表第1行第2格第1段"}),
    "over-rows": (table(("{%p if service.stage %}\n甲",), ("乙\n{%p endif %}",)),
                  {"template-crossed-block": "正文第1表第2行第1格第2段"}),
    "over-levels": (table(("{%tr for m in models %}",), ("{{ m.name }}{% endfor %}",)),
                    {"template-crossed-block": "正文第1表第2行第1格第1段"}),
    "paragraph-and-run": (paragraphs("{%p if service.stage %}", "甲{% endif %}"),
                          {"template-crossed-block": "正文第2段"}),
    "over-tables": (two_tables(), {"template-crossed-block": "正文第2表第2行第1格"}),
    "over-part": (header("{% if service.stage %}"), {"template-unbalanced-block": "页眉第1段"}),
    "over-paragraphs-evenly": (paragraphs("甲{% if service.stage %}乙", "丙{% endif %}丁"),
                               {"template-block-over-paragraphs": "正文第2段"}),
    "cells-over-rows": (table(("{%tc if service.stage %}", "甲"), ("{%tc endif %}", "乙")),
                        {"template-crossed-block": "正文第1表第2行第1格第1段"}),
    "row-tag-outside-table": (paragraphs("{%tr for m in models %}", "{%tr endfor %}"),
                              {"template-misplaced-tag": "正文第1段"}),
    "printed-between-paragraphs": (paragraphs("{{p subject.name }}"), {"template-misplaced-tag": "正文第1段"}),
    # forbidden forms
    "inline-if": (paragraphs("{{ subject.name if service.stage else 'x' }}"), {"template-forbidden-form": "第1段"}),
    "unknown-test": (paragraphs("{% if subject.name is shiny %}甲{% endif %}"), {"template-forbidden-form": "第1段"}),
    "is-defined": (paragraphs("{% if subject.name is defined %}甲{% endif %}"), {"template-forbidden-form": "第1段"}),
    "arithmetic": (paragraphs("{{ audience.minimum_age + 1 }}"), {"template-forbidden-form": "第1段"}),
    "concatenation": (paragraphs("{{ subject.name ~ '甲' }}"), {"template-forbidden-form": "第1段"}),
    "call": (paragraphs("{{ subject.name.upper() }}"), {"template-forbidden-form": "第1段"}),
    "set": (paragraphs("{% set a = subject.name %}"), {"template-forbidden-form": "第1段"}),
    "include": (paragraphs("{% include '/etc/passwd' %}"), {"template-forbidden-form": "第1段"}),
    "macro": (paragraphs("{% macro a() %}甲{% endmacro %}"), {"template-forbidden-form": "第1段"}),
    "raw": (paragraphs("{% raw %}甲{% endraw %}"), {"template-forbidden-form": "第1段"}),
    "cell-colour": (table(("{% cellbg subject.name %}甲",)), {"template-forbidden-form": "第1表第1行第1格"}),
    "cell-colour-outside-table": (paragraphs("{% cellbg subject.name %}"), {"template-forbidden-form": "第1段"}),
    "for-else": (paragraphs("{% for m in models %}甲{% else %}乙{% endfor %}"), {"template-forbidden-form": "第1段"}),
    "for-if": (paragraphs("{% for m in models if m.name %}甲{% endfor %}"), {"template-forbidden-form": "第1段"}),
    "for-over-text": (paragraphs("{% for m in subject.name %}甲{% endfor %}"), {"template-forbidden-form": "第1段"}),
    "for-over-number": (paragraphs("{% for m in audience.minimum_age %}甲{% endfor %}"),
                        {"template-forbidden-form": "第1段"}),
    "chained-comparison": (paragraphs("{% if 1 < audience.minimum_age < 3 %}甲{% endif %}"),
                           {"template-forbidden-form": "第1段"}),
    "sandbox-escape": (paragraphs("{{ cycler.__init__.__globals__.os.popen('id').read() }}"),
                       {"template-forbidden-form": "第1段"}),
    "sandbox-escape-by-class": (paragraphs("{{ ''.__class__.__mro__ }}"), {"template-forbidden-form": "第1段"}),
    "sandbox-escape-by-item": (paragraphs("{{ subject['__class__'] }}"), {"template-forbidden-form": "第1段"}),
    "huge-power": (paragraphs("{{ 9**9**9 }}"), {"template-forbidden-form": "第1段"}),
    # what does not exist
    "unknown-path": (table(("主体", "{{ subject.nmae }}")), {"template-unknown-path": "第1表第1行第2格第1段"}),
    "unknown-root": (paragraphs("{{ customer }}"), {"template-unknown-path": "第1段"}),
    "loop-name-after-loop": (paragraphs("{% for m in models %}甲{% endfor %}{{ m.name }}"),
                             {"template-unknown-path": "第1段"}),
    "unknown-list": (paragraphs("{% for m in modells %}{{ m.name }}{{ m.version|box('x') }}{% endfor %}"),
                     {"template-unknown-path": "第1段"}),
    "path-through-list": (paragraphs("{{ models.name }}"), {"template-unknown-path": "第1段"}),
    "unknown-choice": (paragraphs("{% if service.stage == 'lunching' %}甲{% endif %}"),
                       {"template-unknown-choice": "第1段"}),
    "truth-as-text": (paragraphs("{% if service.offered_to_public == 'yes' %}甲{% endif %}"),
                      {"template-unknown-choice": "第1段"}),
    "unknown-filter": (paragraphs("{{ subject.name|uper }}"), {"template-unknown-filter": "第1段"}),
    "default-filter": (paragraphs("{{ subject.name|default('无') }}"), {"template-unknown-filter": "第1段"}),
    "unknown-citation": (paragraphs('{{ "interim-measures:999"|cite }}'), {"template-unknown-citation": "第1段"}),
    "unknown-anchor": (paragraphs('见{{ "complaints"|ref }}'), {"template-unknown-anchor": "第1段"}),
    "group": (paragraphs("{{ subject }}"), {"template-unprintable": "第1段"}),
    "list-of-groups": (paragraphs("{{ models }}"), {"template-unprintable": "第1段"}),
    "percent-of-text": (paragraphs("{{ subject.name|percent }}"), {"template-unprintable": "第1段"}),
    "personal-data": (paragraphs("{{ subject.contact.mobile }}"), {"template-sensitive": "第1段"}),
    # what Word does
    "text-beside-paragraph-tag": (paragraphs("丢失{%p if service.stage %}", "甲", "{%p endif %}"),
                                  {"template-lost-text": "正文第1段"}),
    "text-beside-row-tag": (table(("{%tr for m in models %}", "丢失"), ("{{ m.name }}", "x"), ("{%tr endfor %}", "")),
                            {"template-lost-text": "正文第1表第1行"}),
    "paragraph-tags-in-one-paragraph": (paragraphs("{%p if service.stage %}甲{%p endif %}"),
                                        {"template-lost-text": "正文第1段"}),
    "row-tags-in-one-row": (table(("{%tr for m in models %}{{ m.name }}{%tr endfor %}",)),
                            {"template-lost-text": "正文第1表第1行"}),
    "text-beside-cell-tag": (table(("{%tc if service.stage %}丢失", "甲", "{%tc endif %}")),
                             {"template-lost-text": "正文第1表第1行第1格"}),
    "picture-beside-paragraph-tag": (picture_in_loop(), {"template-lost-text": "正文第2段"}),
    "comment-tag-beside-text": (paragraphs("丢失{#p 说明 #}"), {"template-lost-text": "正文第1段"}),
    "swallowing-minus": (paragraphs("甲", "乙{%- if service.stage %}丙{% endif %}"), {"template-lost-text": "正文第2段"}),
    "footnote-inside-tag": (body(run("{{ subject") + '<w:r><w:footnoteReference w:id="1"/></w:r>' + run(".name }}")),
                            {"template-lost-text": "正文第1段"}),
    "mixed-format": (paragraphs("甲{{ subj¦ect.name }}¦乙"), {"template-mixed-format": "正文第1段"}),
    "mixed-format-braces": (paragraphs("甲{¦{ subject.name }}"), {"template-mixed-format": "正文第1段"}),
    "no-east-asian-face": (saved(NO_FACE, lambda parts: parts.update({"word/document.xml": parts[
        "word/document.xml"].replace(b"<w:body>", f"<w:body><w:p>{run('甲')}</w:p>".encode())})),
        {"template-font": "正文第1段"}),
    # look-alikes
    "full-width-braces": (paragraphs("｛｛ subject.name ｝｝"), {"template-lookalike": "正文第1段"}),
    "full-width-percent": (paragraphs("{％ if service.stage ％}甲{％ endif ％}"), {"template-lookalike": "正文第1段"}),
    "full-width-both": (paragraphs("｛％ if service.stage ％｝甲｛％ endif ％｝"), {"template-lookalike": "正文第1段"}),
    "full-width-pipe": (paragraphs("{{ service.stage｜code }}"), {"template-lookalike": "正文第1段"}),
    "full-width-quotes": (paragraphs("{% if service.stage == ＇live＇ %}甲{% endif %}"),
                          {"template-lookalike": "正文第1段"}),
    "zero-width-space": (paragraphs("{{ subject.\u200bname }}"), {"template-lookalike": "正文第1段"}),
    "curly-quotes": (paragraphs("{% if service.stage == “live” %}甲{% endif %}"), {"template-curly-quote": "第1段"}),
    "spaced-braces": (paragraphs("{ { subject.name } }"), {"template-spaced-braces": "正文第1段"}),
    # left over from drafting
    "mark-please-fill": (paragraphs("名称：【请填写公司全称】"), {"template-drafting-mark": "正文第1段"}),
    "mark-pending": (paragraphs("编号：【备案号待取得】"), {"template-drafting-mark": "正文第1段"}),
    "mark-xxx": (paragraphs("XXX公司"), {"template-drafting-mark": "正文第1段"}),
    "mark-crosses": (paragraphs("×××公司"), {"template-drafting-mark": "正文第1段"}),
    "mark-to-add": (header("待补充"), {"template-drafting-mark": "页眉第1段"}),
    "mark-todo": (table(("甲", "TODO")), {"template-drafting-mark": "第1表第1行第2格"}),
    "mark-somebody": (paragraphs("某某科技有限公司"), {"template-drafting-mark": "正文第1段"}),
    "mark-here": (textbox("此处填写名称"), {"template-drafting-mark": "正文第1段"}),
    "own-mark": (paragraphs("【待填：主体名称】"), {"template-own-mark": "正文第1段"}),
    "blank-line": (paragraphs("联系人：____"), {"template-blank": "正文第1段"}),
    "underlined-blank": (body(run("联系人：", FACE) + run("      ", '<w:u w:val="single"/>')), {"template-blank": "第1段"}),
    "two-letters": (paragraphs("XX公司"), {"template-blank": "正文第1段"}),
    "label-without-tag": (table(("统一社会信用代码：", ""), ("主体名称", TAG)),
                          {"template-untagged-label": "第1表第1行第2格"}),
    # changes and comments
    "inserted-tag": (body(INS.format(run(TAG))), {"template-tracked-change": "正文第1段"}),
    "deleted-tag": (body('<w:del w:id="1" w:author="a"><w:r><w:delText>{{ subject.name }}</w:delText></w:r></w:del>'),
                    {"template-tracked-change": "正文第1段"}),
    "insertion-elsewhere": (changed("word/document.xml", b"<w:body>",
                                    f"<w:body><w:p>{INS.format(run('甲'))}</w:p>".encode()),
                            {"template-tracked-change": "正文第1段"}),
    "format-change-at-tag": (body(run(TAG, '<w:rPrChange w:id="1" w:author="a"/>')), {"template-tracked-change": "第1段"}),
    "format-change-elsewhere": (changed("word/document.xml", b"<w:body>", (
        "<w:body><w:p>" + run("甲", '<w:rPrChange w:id="1" w:author="a"/>') + "</w:p>").encode()),
        {"template-tracked-change-elsewhere": "正文第1段"}),
    "change-without-tags": (body(INS.format(run("甲"))), {"template-tracked-change-elsewhere": "第1段"}),
    "comment-at-tag": (comment("tag"), {"template-comment": "正文第2段"}),
    "comment-elsewhere": (comment("other"), {"template-comment": "正文第1段"}),
    "comment-without-tags": (comment("other", "乙"), {"template-comment-elsewhere": "正文第1段"}),
    # where nothing is filled in
    "tag-in-chart": (with_part("word/charts/chart1.xml", CHART), {"template-unfilled-place": "图表“{{ subject.name }}”"}),
    "tag-in-comments": (with_part("word/comments.xml", b"<c><t>{{ subject</t><t>.name }}</t></c>"),
                        {"template-unfilled-place": "批注“{{ subject.name }}”"}),
    "tag-in-embedded-file": (with_part("word/embeddings/a.docx", paragraphs(TAG)),
                             {"template-unfilled-place": "嵌入对象“{{ subject.name }}”"}),
    "tag-in-properties": (with_part("docProps/custom.xml", f"<p>{TAG}</p>".encode()),
                          {"template-unfilled-place": "文档属性“{{ subject.name }}”"}),
    "tag-in-field-code": (body(f'<w:r><w:instrText>HYPERLINK "{TAG}"</w:instrText></w:r>'),
                          {"template-unfilled-place": "正文第1段"}),
    "tag-in-alternative-text": (body(f'<w:r><w:drawing><a descr="{TAG}"/></w:drawing></w:r>'),
                                {"template-unfilled-place": "正文第1段"}),
    "broken-in-textbox": (textbox("{{ subject.nmae }}"), {"template-unknown-path": "正文第1段第1段"}),
    "broken-in-header": (header("{{ subject.nmae }}"), {"template-unknown-path": "页眉第1段"}),
    "broken-in-footnote": (notes("footnotes", "{{ subject.nmae }}"), {"template-unknown-path": "脚注第1段"}),
    "broken-in-endnote": (notes("endnotes", "{{ subject.nmae }}"), {"template-unknown-path": "尾注第1段"}),
    # the file
    "not-a-package": (b"hello", {"template-file": "template.docx"}),
    "old-word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {"template-file": "template.docx"}),
    "workbook": (packed(**{"xl/workbook.xml": b"<x/>"}), {"template-file": "template.docx"}),
    "cut-short": (paragraphs(TAG)[:3000], {"template-file": "template.docx"}),
    "macro-enabled": (changed("[Content_Types].xml", b"vnd.openxmlformats-officedocument.wordprocessingml.document.main",
                              b"vnd.ms-word.document.macroEnabled.main"), {"template-file": "template.docx"}),
    "word-template": (changed("[Content_Types].xml", b"document.main+xml", b"template.main+xml"),
                      {"template-file": "template.docx"}),
    "not-xml": (changed("word/document.xml", b"</w:body>", b""), {"template-file": "template.docx"}),
    "macros": (with_part("word/vbaProject.bin", b"x"), {"template-macro": "template.docx"}),
    "attached-template": (with_link("attachedTemplate", "file:///C:/t.dotm"), {"template-external": "template.docx"}),
    "linked-picture": (with_link("image", "https://example.com/a.png"), {"template-external": "template.docx"}),
}

CLEAN = {
    "plain": paragraphs("主体：{{ subject.name }}", "{% if service.stage == 'live' %}已上线{% else %}未上线{% endif %}"),
    "split-evenly": body(run("{{ subj", FACE) + run("ect.name }}", '<w:rFonts w:eastAsia="宋体" w:hint="eastAsia"/>'
                                                    '<w:lang w:eastAsia="zh-CN"/>')),
    "rows": table(("名称", "版本"), ("{%tr for m in models %}", ""), ("{{ m.name }}", "{{ loop.index }}"),
                  ("{%tr endfor %}", "")),
    "paragraphs": paragraphs("{%p for x in audience.groups %}", "{{ x }}", "{%p endfor %}", "{# 说明 #}"),
    "nested": paragraphs("{% for m in models %}{% if m.name %}{{ m.name }}{% elif loop.last %}末{% endif %}{% endfor %}"),
    "citation": paragraphs('依据{{ "interim-measures:10"|cite }}'),
    "anchored": paragraphs('{{ "complaints"|anchor }}投诉', '见{{ "complaints"|ref }}'),
    "text-box": textbox(TAG),
    "header": header(TAG),
    "ordinary-words": paragraphs("待遇、等待、完成率 50%，见第（1）项，a_b，X 射线，“引号”｛集合｝【重要】"),
    "web-link": with_link("hyperlink", "https://example.com/"),
    "list-of-scalars": paragraphs("{{ audience.groups|join('，') }}，共{{ models|length }}个"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_template_gives_its_findings_and_no_other(name: str, library: Library) -> None:
    raw, expected = BROKEN[name]
    findings = lint(raw, library, audience="authority")
    assert {one.rule for one in findings} == set(expected), [str(one) for one in findings]
    for rule, place in expected.items():
        assert any(place in str(one.place) for one in findings if one.rule == rule), findings
    for one in findings:
        assert one.level is RULES[one.rule]
        assert str(one.place).startswith("template.docx")
        assert one.message.endswith("。") and one.hint


@pytest.mark.parametrize("name", CLEAN)
def test_a_sound_template_gives_no_finding(name: str, library: Library) -> None:
    assert lint(CLEAN[name], library, audience="public") == []


def test_every_rule_is_provoked() -> None:
    provoked = {rule for _, expected in BROKEN.values() for rule in expected}
    assert set(RULES) - provoked == {"template-refused"}


def test_the_committed_templates_give_no_finding(library: Library) -> None:
    for document in library.documents.values():
        for file in document.templates.values():
            assert lint(file, library, audience=document.audience) == []
            if document.audience == "authority" and file.suffix == ".docx":  # not told which paper it is
                found = lint(file.read_bytes(), library, audience="authority")
                assert {one.path for one in found} == set(document.personal)
        assert document.audience == "authority" or not document.personal


def test_what_the_compile_step_refuses_blocks_and_what_it_takes_compiles(library: Library) -> None:
    for name, (raw, _) in BROKEN.items():
        blocks = any(one.stops for one in lint(raw, library, audience=None))
        try:
            word.compile_file(raw, name, library.field)
        except Exception:
            assert blocks, name


def test_every_forbidden_form_is_found_in_word_too(library: Library) -> None:
    from test_templates import ESCAPES

    for text in ESCAPES:
        assert any(one.stops for one in lint(paragraphs(text), library, audience=None)), text


# --- all at once, in order, with a way forward ---------------------------------------------------


def test_all_faults_of_a_file_are_found_in_one_run_in_the_order_of_the_text(library: Library) -> None:
    raw = paragraphs("{{ subject.nmae }}和{{ service.nmae }}", "XXX", "{% if service.stage == 'x' and models[0].nmae %}",
                     "{{ subject.name|uper }}", "{{ subject.name + servce.name }}")
    found = [(one.rule.removeprefix("template-"), str(one.place).partition("“")[0][-2:])
             for one in lint(raw, library, audience=None)]
    assert found == [
        ("unknown-path", "1段"), ("unknown-path", "1段"), ("drafting-mark", "2段"), ("unknown-choice", "3段"),
        ("unknown-path", "3段"), ("unbalanced-block", "3段"), ("unknown-filter", "4段"),
        ("forbidden-form", "5段"), ("unknown-path", "5段")]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{{ subject.nmae }}", "name（主体名称）"),
        ("{{ subjet.name }}", "subject.name（主体名称）"),
        ("{{ 统一社会信用代码 }}", "subject.credit_code（统一社会信用代码）"),
        ("{% for m in models %}{{ m.nmae }}{% endfor %}", "name（"),
        ("{{ models.name }}", "{% for 变量 in models %}"),
        ("{{ m.name }}", "只能在它的 {% for %} 之内"),
        ("{{ subject.name|jion('、') }}", "是否想写 join？"),
        ("{% if service.stage == 'alive' %}{% endif %}", "live（"),
        ("{% if service.stage %}{% endfi %}", "是否想写 endif？"),
        ('{{ "interim-measure:10"|cite }}', "interim-measures:10"),
    ],
)
def test_a_misspelling_is_answered_with_what_was_meant(text: str, hint: str, library: Library) -> None:
    [finding] = lint(paragraphs(text), library, audience=None)
    assert hint in (finding.hint or "")


def test_personal_data_may_stand_in_internal_papers_only(library: Library) -> None:
    raw = paragraphs("{{ subject.contact.mobile }}", "{% if subject.contact.mobile %}甲{% endif %}")
    assert lint(raw, library, audience="internal") == []
    assert lint(raw, library, audience=None) == []
    for audience in ("public", "authority"):
        found = lint(raw, library, audience=audience)
        assert [(one.rule, one.path) for one in found] == [("template-sensitive", "subject.contact.mobile")] * 2


def test_a_finding_reads_like_every_other(library: Library) -> None:
    [finding] = lint(table(("主体", "{{ subject.nmae }}")), library, audience=None)
    assert report.finding_text(finding) == (
        "template.docx 正文第1表第1行第2格第1段“{{ subject.nmae }}”  阻断  "
        "标签“{{ subject.nmae }}”没有“subject.nmae”这个事实。\n    建议  是否想写 name（主体名称）？")


# --- pages and workbooks -------------------------------------------------------------------------


def test_a_page_is_linted_by_line(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<style>@media print{p{color:red}}</style>\n<p>{{ subject.nmae }}</p>\n<p>XXX｛｛ a ｝｝</p>\n"
                    "{% if service.stage %}\n<p title='____'>{{ subject.contact.mobile }}</p>", "utf-8")
    found = [(one.rule, str(one.place)) for one in lint(file, library, audience="public")]
    assert found == [
        ("template-unknown-path", f"{file}:2"), ("template-lookalike", f"{file}:3"),
        ("template-lookalike", f"{file}:3"), ("template-unknown-path", f"{file}:3"),
        ("template-drafting-mark", f"{file}:3"), ("template-unbalanced-block", f"{file}:4"),
        ("template-sensitive", f"{file}:5")]


def test_a_workbook_is_linted_by_cell(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "workbook.yaml"
    file.write_text("""\
sheets:
  - name: 甲
    widths: [10, 20]
    fields:
      - [主体, "{{ subject.nmae }}"]
      - [电话, "XXX"]
  - name: 乙
    notes: ["{{ subject.name }}"]
    table:
      each: models
      as: m
      columns:
        - {title: 名称, width: 10, value: "{{ m.nmae }}"}
        - {title: 版本, width: 10, value: "{% if m.version %}"}
  - name: 丙
    table:
      columns: [{title: 事项, width: 10}, {title: 位置, width: 10}]
      rows:
        - {if: subject.nmae, cells: [甲, "{{ agreement.url }}"]}
        - {cells: [乙, "{{ agreement.ulr }}"]}
""", "utf-8")
    found = {(one.rule, str(one.place).removeprefix(f"{file} ")) for one in lint(file, library, audience=None)}
    assert found == {
        ("template-unknown-path", "工作表“甲”“主体”"), ("template-drafting-mark", "工作表“甲”“电话”"),
        ("template-unfilled-place", "工作表“乙”"), ("template-unknown-path", "工作表“乙”“名称”"),
        ("template-unbalanced-block", "工作表“乙”“版本”"), ("template-crossed-block", "工作表“乙”“表格”"),
        ("template-unknown-path", "工作表“丙”“表格”"), ("template-unknown-path", "工作表“丙”“位置”")}


def test_a_named_row_has_as_many_cells_as_the_table_has_columns(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "workbook.yaml"
    file.write_text("""sheets:
  - name: 甲
    table:
      columns: [{title: 事项, width: 10}, {title: 位置, width: 10}]
      rows: [{cells: [甲, 乙]}, {cells: [丙]}]
""", "utf-8")
    [found] = lint(file, library, audience=None)
    assert "第2行有1格，表格有2列" in found.message


@pytest.mark.parametrize("text", ["sheets: [", "sheets: []", "- 1\n", "", "\x00", "sheets:\n  - name: 5\n"])
def test_a_faulty_workbook_file_is_one_finding(text: str, library: Library, tmp_path: Path) -> None:
    file = tmp_path / "workbook.yaml"
    file.write_text(text, "utf-8")
    assert [one.rule for one in lint(file, library, audience=None)] == ["template-file"]


def test_an_unreadable_file_is_said(library: Library, tmp_path: Path) -> None:
    with pytest.raises(BeianError, match="无法读取"):
        lint(tmp_path / "absent.docx", library, audience=None)


# --- nothing crashes it --------------------------------------------------------------------------

PIECES = st.sampled_from([
    "{{", "}}", "{%", "%}", "{#", "#}", "{", "}", "%", " ", "p ", "tr ", "tc ", "r ", "-", "if ", "else", "elif ",
    "endif", "for m in models", "for ", " in ", "endfor", "subject.name", "m.name", "m", "loop.index", "|join", "|",
    "'", '"', "“", "｛", "｝", "％", "｜", "(", ")", "[", "]", "甲", "XXX", "____", "set a = 1", "raw", "\u200b", "\n",
    "9" * 30, "a.b.c", "==", "'live'", "service.stage"])
TEXTS = st.lists(PIECES, max_size=12).map("".join)
ELEMENTS = st.sampled_from(["p", "r", "t", "tbl", "tr", "tc", "ins", "del", "delText", "sdt", "sdtContent", "hyperlink",
                            "instrText", "pPr", "rPr", "rFonts", "commentRangeStart", "commentReference", "br", "sectPr"])
TREES = st.recursive(
    TEXTS.map(lambda text: run(text).replace("\u200b", "")),
    lambda inner: st.tuples(ELEMENTS, st.lists(inner, max_size=3)).map(
        lambda made: f"<w:{made[0]}>{''.join(made[1])}</w:{made[0]}>"),
    max_leaves=12)
BASE = paragraphs("{{ subject.name }}")


def in_body(inner: str) -> bytes:
    return changed("word/document.xml", b"<w:body>", f"<w:body>{inner}".encode())


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, max_size=5))
def test_random_tags_are_judged_as_the_compile_step_judges_them(texts: list[str]) -> None:
    library = shared_library()
    raw = in_body("".join(f"<w:p>{run(text)}</w:p>" for text in texts))
    findings = lint(raw, library, audience="public")
    try:
        word.compile_file(raw, "t.docx", library.field)
    except Exception:
        assert any(one.stops for one in findings)


@settings(max_examples=40, deadline=None)
@given(st.lists(TREES, max_size=4))
def test_random_elements_never_crash_it(trees: list[str]) -> None:
    assert isinstance(lint(in_body("".join(trees)), shared_library(), audience="public"), list)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.integers(0, len(BASE)), st.booleans())
def test_random_bytes_never_crash_it(noise: bytes, at: int, alone: bool) -> None:
    raw = noise if alone else BASE[:at] + noise + BASE[at + len(noise):]
    assert isinstance(lint(raw, shared_library(), audience=None), list)


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.text(max_size=40))
def test_random_pages_never_crash_it(text: str, noise: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_bytes(f"<p>{text}{noise}</p>".encode("utf-8", "replace"))
        assert isinstance(lint(file, shared_library(), audience="public"), list)


@cache
def shared_library() -> Library:
    """hypothesis takes no fixtures."""
    return Library.open()


@pytest.mark.parametrize("text", ["{{ " + "9" * 5000 + " }}", "{{ " + "(" * 3000 + " }}", "{{ " + "not " * 3000 + "a }}",
                                  "{{ a" + ".b" * 3000 + " }}", "{" * 4000, "{%p " * 400, "{{ 'x' "])
def test_monstrous_tags_never_crash_it(text: str, library: Library) -> None:
    assert any(one.stops for one in lint(paragraphs(text), library, audience=None))


# --- beside docxtpl-lint -------------------------------------------------------------------------

#: Each fault docxtpl-lint knows, and the rules under which we report the same.
SAME = {
    "DTL001": {"template-broken-tag"},
    "DTL002": {"template-broken-tag"},
    "DTL003": {"template-tracked-change"},
    "DTL101": {"template-unbalanced-block", "template-crossed-block", "template-broken-tag"},
    "DTL102": {"template-unbalanced-block", "template-crossed-block", "template-broken-tag", "template-forbidden-form"},
    "DTL103": {"template-broken-tag", "template-unbalanced-block", "template-forbidden-form", "template-lookalike"},
    "DTL104": {"template-unknown-filter"},
    "DTL105": {"template-forbidden-form"},
    "DTL106": {"template-unknown-path"},
    "DTL201": {"template-broken-tag"},
    "DTL202": {"template-broken-tag"},
    "DTL203": {"template-misplaced-tag"},
    "DTL204": {"template-crossed-block", "template-broken-tag"},
    "DTL205": {"template-crossed-block"},
    "DTL206": {"template-lost-text"},
    "DTL207": {"template-crossed-block"},
    "DTL208": {"template-forbidden-form"},
    "DTL209": {"template-lost-text"},
    "DTL210": {"template-lost-text"},
    "DTL304": {"template-unknown-path", "template-forbidden-form"},
    "DTL305": {"template-forbidden-form"},
}


def test_no_fault_that_docxtpl_lint_finds_is_missed(library: Library) -> None:
    record = json.loads(RECORD.read_bytes())
    assert set(record["found"]) == set(BROKEN), "run python tests/test_lint.py DIR again"
    for name, kinds in record["found"].items():
        ours = {one.rule for one in lint(BROKEN[name][0], library, audience="authority")}
        for kind in kinds:
            assert kind == "refused" or ours & SAME[kind], f"{name}: {kind}, ours {ours}"


#: Kinds of fault, by the names of their templates, of which its record is empty.
MISSED = [
    "mixed-format.*", "full-width-(braces|percent|both)|spaced-braces", "mark-.*|own-mark|blank-line|underlined-blank",
    "sandbox-escape-by-class|call|huge-power|macro|include|raw", "unknown-choice|unknown-citation|group|percent-of-text",
    "personal-data", "comment-(at|else|without).*|insert.*|format-change-.*", "tag-in-.*|broken-in-endnote", "no-east-asian-face",
    "label-without-tag", "over-cells|over-rows|torn-by-link", "picture-beside.*|swallowing-minus|footnote-inside-tag",
    "macro-enabled|macros|attached-template|linked-picture",
]  # fmt: skip


@pytest.mark.parametrize("pattern", MISSED)
def test_what_docxtpl_lint_misses_is_found(pattern: str) -> None:
    found = json.loads(RECORD.read_bytes())["found"]
    names = [name for name in BROKEN if re.fullmatch(pattern, name)]
    assert names and all(found[name] == [] and BROKEN[name][1] for name in names)


def test_every_fault_docxtpl_lint_knows_without_data_is_compared() -> None:
    """Left out: what concerns its own suppressions (005), sample data (301-303, 306-308), rendering (401-402)."""
    found = json.loads(RECORD.read_bytes())["found"]
    assert {kind for kinds in found.values() for kind in kinds} - {"refused"} == set(SAME)


def write(folder: Path) -> None:
    """Writes the broken templates, and what docxtpl-lint says of them when it is at hand."""
    folder.mkdir(parents=True, exist_ok=True)
    schema = folder / "facts.schema.json"
    schema.write_text(json.dumps(Library.open().schema.resolved), "utf-8")
    options = ["--format", "json", "--autoescape", "--no-config", "--filters", ",".join(FILTERS), "--schema"]
    found: dict[str, list[str]] = {}
    for name, (raw, _) in BROKEN.items():
        file = folder / f"{name}.docx"
        file.write_bytes(raw)
        done = subprocess.run(["docxtpl-lint", str(file), *options, str(schema)], capture_output=True, check=False)
        if done.returncode == 2:
            found[name] = ["refused"]
            continue
        reports = json.loads(done.stdout)["files"]
        found[name] = sorted({one["rule"] for each in reports for one in each["issues"]})
    version = subprocess.run(["docxtpl-lint", "--version"], capture_output=True, check=True).stdout.decode().split()[-1]
    record = {"tool": "docxtpl-lint", "version": version, "options": [*options, schema.name], "found": found}
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def command() -> Callable[..., Any]:
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(lambda: None)
    templates.register(app)
    return lambda *arguments: CliRunner().invoke(app, ["templates", *map(str, arguments)])


def test_list_names_every_document(command: Callable[..., Any], library: Library) -> None:
    ran = command("list", "--json")
    assert ran.exit_code == 0
    records = json.loads(ran.stdout)["documents"]
    assert [one["id"] for one in records] == list(library.documents)
    assert set(records[0]) == {"id", "title", "family", "audience", "formats", "confidence", "since"}
    text = command("list").stdout
    assert "algorithm-publication  《拟公示内容》\n    算法备案　主管部门　docx" in text
    unmade = [one for one in library.documents.values() if not one.formats]
    assert text.count("另行准备") == len(unmade)


def test_lint_of_the_library_is_clean(command: Callable[..., Any]) -> None:
    ran = command("lint")
    assert ran.exit_code == 0, ran.stdout
    assert re.fullmatch(r"检查了 \d+ 个模板：阻断 0 · 复核 0\n", ran.stdout)


def test_lint_takes_files_folders_and_ids(command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(paragraphs("{{ subject.contact.mobile }}"))
    (tmp_path / "~$a.docx").write_bytes(b"lock")
    (tmp_path / "document.yaml").write_text("audience: public\n", "utf-8")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.docx").write_bytes(paragraphs("____"))
    by_folder = json.loads(command("lint", tmp_path, "--json").stdout)
    assert [Path(one["file"]).name for one in by_folder["templates"]] == ["a.docx", "c.docx"]
    assert [one["rule"] for one in by_folder["findings"]] == ["template-sensitive", "template-blank"]
    assert by_folder["stops"] is True
    assert command("lint", tmp_path).exit_code == 1
    assert command("lint", tmp_path / "a.docx", "--audience", "internal").exit_code == 0
    only_review = command("lint", tmp_path / "b" / "c.docx", "service-disclosure")
    assert only_review.exit_code == 0
    assert "复核  留空的横线“____”。\n    建议" in only_review.stdout
    assert "检查了 3 个模板：阻断 0 · 复核 1" in only_review.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("no-such-thing",), "没有“no-such-thing”"), (("--audience", "press"), "不在可选项内")],
)
def test_lint_says_what_keeps_it_from_its_work(
    arguments: tuple[str, ...], words: str, command: Callable[..., Any]
) -> None:
    ran = command("lint", *arguments)
    assert isinstance(ran.exception, BeianError) and words in ran.exception.message


def test_lint_of_an_empty_folder_is_trouble(command: Callable[..., Any], tmp_path: Path) -> None:
    assert "目录中没有模板" in str(command("lint", tmp_path).exception)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
