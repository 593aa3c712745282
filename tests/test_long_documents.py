"""Long Word documents: numbers, references, contents, figures, merged cells, boxes."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import Any

import docx
import pytest
from lxml import etree

from beian.errors import BeianError
from beian.library import Library
from beian.render import word
from beian.render.numbering import number_text
from beian.view import View
from conftest import ROOT

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paper(*paragraphs: tuple[str, str], look: str = "style-public.docx") -> bytes:
    """A template in one of the shipped looks: (style id, text) for each paragraph."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t xml:space="preserve">{text}</w:t>'
        "</w:r></w:p>" for style, text in paragraphs)
    stream = io.BytesIO()
    with zipfile.ZipFile(ROOT / "templates" / look) as archive, zipfile.ZipFile(stream, "w") as made:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "word/document.xml":
                section = re.search(rb"<w:sectPr.*?</w:sectPr>", content, re.DOTALL)
                assert section is not None
                head = content[: content.index(b"<w:body>") + 8]
                content = head + body.encode() + section[0] + b"</w:body></w:document>"
            made.writestr(name, content)
    return stream.getvalue()


def render(
    library: Library, template: bytes, facts: dict[str, Any] | None = None,
    pictures: dict[str, bytes] | None = None,
) -> bytes:
    compiled = word.compile_file(template, "t.docx", library.field)
    view = View(facts or {}, library.schema)
    surface = word.WordSurface(view, str, controls=False, picture=(pictures or {}).get)
    return word.render(compiled, view, surface)


def lines(content: bytes) -> list[str]:
    footers = ("第 1 页 共 1 页", "— 1 —")
    return [text for text in word.text_of(content) if text and text not in footers]


CLAUSES = [
    ("TOC1", '{{ "clause"|toc }}'),
    ("Clause", "定义"),
    ("Clause", "费用"),
    ("BodyText", "收费见{{ \"fees\"|ref }}。"),
    ("Clause", '投诉{{ "complaints"|anchor }}'),
    ("Subclause", "渠道"),
    ("Subclause", '期限{{ "days"|anchor }}'),
    ("BodyText", '处置见{{ "complaints"|ref }}，期限见{{ "days"|ref }}。'),
]


def test_references_and_contents_are_right_before_any_update(library: Library) -> None:
    made = render(library, paper(*CLAUSES[:3], *CLAUSES[4:]))
    assert lines(made) == [
        "第一条\u3000定义", "第二条\u3000费用", "第三条\u3000投诉",
        "定义", "费用", "投诉", "渠道", "期限",
        "处置见第三条，期限见第三条（二）。"]


def test_references_follow_when_a_clause_falls_away(library: Library) -> None:
    template = paper(
        ("BodyText", "{%p if service.offered_to_public %}"), ("Clause", "费用"),
        ("BodyText", "{%p endif %}"), *CLAUSES[4:])
    for public, number in ((True, "第二条"), (False, "第一条")):
        made = render(library, template, {"service": {"offered_to_public": public}})
        assert lines(made)[-1] == f"处置见{number}，期限见{number}（二）。"


def test_fields_name_the_bookmarks_that_word_would_follow(library: Library) -> None:
    body = zipfile.ZipFile(io.BytesIO(render(library, paper(*CLAUSES[:3], *CLAUSES[4:])))).read(
        "word/document.xml").decode()
    marks = set(re.findall(r'<w:bookmarkStart w:id="\d+" w:name="([^"]+)"', body))
    assert {"_Ref_complaints", "_Ref_days", "_Toc000001", "_Toc000003"} <= marks
    assert set(re.findall(r'w:anchor="([^"]+)"', body)) <= marks
    assert set(re.findall(r"REF (\S+) ", body)) <= marks
    assert body.count('fldCharType="begin"') == body.count('fldCharType="end"') == 3
    assert len(re.findall(r'<w:bookmarkStart w:id="(\d+)"', body)) == len(
        set(re.findall(r'<w:bookmarkStart w:id="(\d+)"', body)))
    assert "beian" not in body


def test_headings_of_reports_are_numbered_over_their_levels(library: Library) -> None:
    made = render(library, paper(
        ("TOC1", '{{ "1-2"|toc }}'), ("Heading1", "总则"), ("Heading2", "目的"),
        ("Heading1", "措施"), ("Heading2", "审核"), ("Heading2", '标识{{ "labels"|anchor }}'),
        ("Heading3", '文本{{ "text"|anchor }}'), ("Heading4", "位置"),
        ("BodyText", '见{{ "labels"|ref }}和{{ "text"|ref }}。'), look="style.docx"))
    assert lines(made)[:5] == ["一、总则", "（一）目的", "二、措施", "（一）审核", "（二）标识"]
    assert lines(made)[-1] == "见二、（二）和二、（二）1。"


def test_a_reference_without_its_anchor_is_refused(library: Library) -> None:
    with pytest.raises(BeianError, match="没有“fees”这个锚点") as error:
        render(library, paper(*CLAUSES))
    assert "第4段" in str(error.value.place)


def test_a_reference_whose_clause_fell_away_is_refused(library: Library) -> None:
    template = paper(
        ("BodyText", "{%p if service.offered_to_public %}"), *CLAUSES[4:7],
        ("BodyText", "{%p endif %}"), CLAUSES[7])
    with pytest.raises(BeianError, match="不在成文中"):
        render(library, template, {"service": {"offered_to_public": False}})


def test_an_anchor_needs_a_number(library: Library) -> None:
    with pytest.raises(BeianError, match="没有编号"):
        render(library, paper(("BodyText", '甲{{ "x"|anchor }}{{ "x"|ref }}')))


@pytest.mark.parametrize("text", ['{{ "x"|anchor }}{{ "x"|anchor }}', '{{ "9"|toc }}',
                                  "{{ service.name|ref }}", "{{ service.name|boxes }}",
                                  "{{ service.stage|box('lunching') }}"])
def test_wrong_arrangements_are_refused_at_once(text: str, library: Library) -> None:
    with pytest.raises(BeianError, match="模板有误"):
        word.compile_file(paper(("Clause", text)), "t.docx", library.field)


def test_choices_print_as_boxes(library: Library) -> None:
    facts = {"service": {"stage": "live", "public_functions": None}, "algorithm": {"role": "provider"}}
    made = render(library, paper(
        ("BodyText", "{{ algorithm.role|boxes }}"), ("BodyText", '{{ service.stage|box("live") }}'
                                                     '{{ service.stage|box("ended") }}'),
        ("BodyText", "{{ service.generates|boxes }}")), facts)
    assert lines(made) == ["☑服务提供者　☐服务技术支持者", "☑☐", "【待填：服务·生成的内容】"]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + b"\xff\xff\xff" * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


FIGURE = paper(("BodyText", '{{ evidence[0].file|figure("图1　系统架构") }}'))
PICTURE = {"evidence": [{"file": "evidence/a.png"}]}


def test_a_figure_is_placed_with_caption_and_alternative_text(library: Library) -> None:
    made = render(library, FIGURE, PICTURE, {"evidence/a.png": png(1200, 600)})
    document = docx.Document(io.BytesIO(made))
    [shape] = document.inline_shapes
    assert (shape.width, shape.height * 2) == (shape.height * 2, shape.width)
    section = document.sections[0]
    assert shape.width <= section.page_width - section.left_margin - section.right_margin
    body = zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml").decode()
    assert 'descr="图1　系统架构"' in body
    assert [(one.style.name, one.text) for one in document.paragraphs] == [
        ("Figure", ""), ("Caption", "图1　系统架构")]


@pytest.mark.parametrize("pictures", [{}, {"evidence/a.png": b"GIF89a"}])
def test_a_figure_that_is_not_there_is_marked(pictures: dict[str, bytes], library: Library) -> None:
    assert lines(render(library, FIGURE, PICTURE, pictures)) == ["【待补图片：evidence/a.png】"]


def test_equal_neighbours_in_a_marked_column_are_merged(library: Library) -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=2)
    for row, texts in zip(table.rows, (("{%tr for m in models %}", ""),
                                       ("{{ m.provider_name|merge }}", "{{ m.name }}"),
                                       ("{%tr endfor %}", "")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    models = [{"provider_name": one, "name": two} for one, two in
              (("甲", "1"), ("甲", "2"), ("乙", "3"), ("甲", "4"))]
    made = docx.Document(io.BytesIO(render(library, stream.getvalue(), {"models": models})))
    rows = made.tables[0].rows
    assert [row.cells[0].text for row in rows] == ["甲", "甲", "乙", "甲"]
    assert rows[0].cells[0]._tc is rows[1].cells[0]._tc
    assert rows[2].cells[0]._tc is not rows[3].cells[0]._tc
    assert [row.cells[1].text for row in rows] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"),
                                              (34, "三十四"), (99, "九十九")])
def test_chinese_counting(number: int, text: str) -> None:
    assert number_text(number, "chineseCounting") == text
    assert number_text(number, "decimal") == str(number)


def test_every_style_has_an_east_asian_font() -> None:
    for look in ("style.docx", "style-public.docx"):
        with zipfile.ZipFile(ROOT / "templates" / look) as archive:
            root = etree.fromstring(archive.read("word/styles.xml"))
        for style in root.iter(f"{{{W}}}style"):
            fonts = style.find(f"{{{W}}}rPr/{{{W}}}rFonts")
            assert fonts is not None, style.get(f"{{{W}}}styleId")
            for face in ("ascii", "hAnsi", "eastAsia"):
                assert fonts.get(f"{{{W}}}{face}"), (look, style.get(f"{{{W}}}styleId"))
