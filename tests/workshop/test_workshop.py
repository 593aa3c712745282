"""The workshop: template.md in, the committed Word file out, and a clear word on what it refuses."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from conftest import ROOT

# The default run reads this file too, and pandoc may be absent there.
pytest.importorskip("pypandoc")

from workshop import style
from workshop.__main__ import list_sources, list_stale
from workshop.markdown import TemplateError, compile_template

pytestmark = pytest.mark.workshop

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMES = {"w": W}
HEAD = "---\nstyle: official\n---\n\n"

PAPER = (
    HEAD
    + """# 一份文件 ¶ 情况说明

::: {custom-style="Subtitle"}
第 {{ version }} 版
:::

## 基本情况

### 主体

{{ subject.name }}提供下列产品。

::: {.list widths="40 60"}
| 产品 | 说明 |
|--|:-:|
| {%tr for product in products %} | |
| {{ product.name }} | 版本 {{ product.version }}，**已上线** |
| {%tr endfor %} | |
:::

主要情况见下表。

::: {.form widths="30 70"}
|  |  |
|--|--|
| 名称 | {{ subject.name }} |
| 原理 | {%p for line in lines %} ¶ {{ line }} ¶ {%p endfor %} |
:::

{%p if excluded %}
不向下列人群提供。

{%p for group in excluded %}
1. {{ group }}
{%p endfor %}
{%p else %}
没有限定。

{%p endif %}

办法如下。

- 第一项
- 第二项

后文一段。

后文又一段。

{%p for line in lines %}
{{ line }}

{%p endfor %}

::: {custom-style="Signature"}
{{ subject.name }}
:::
"""
)

LIST = "::: {{.list {attributes}}}\n| 甲 | 乙 |\n|--|--|\n{row}\n:::\n"
FORM = "::: {{.form {attributes}}}\n| {head} | |\n|--|--|\n| 甲 | 乙 |\n:::\n"
HALVES = 'widths="50 50"'


def read_part(raw: bytes, name: str) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return etree.fromstring(archive.read(name))


def find(element: etree._Element, path: str) -> list[etree._Element]:
    found = element.xpath(path, namespaces=NAMES)
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, etree._Element)]


def value(element: etree._Element, path: str) -> str:
    return str(find(element, path)[0].get(f"{{{W}}}val"))


def text_of(element: etree._Element) -> str:
    return "".join(one.text or "" for one in find(element, ".//w:t"))


def find_paragraph(raw: bytes, text: str) -> etree._Element:
    """The one paragraph of the document whose text begins so."""
    paragraphs = find(read_part(raw, "word/document.xml"), ".//w:p")
    [found] = [one for one in paragraphs if text_of(one).startswith(text)]
    return found


def list_word_files() -> list[Path]:
    return sorted((ROOT / "templates").glob("**/*.docx"))


@pytest.fixture(scope="module")
def paper() -> bytes:
    return compile_template(PAPER)


def test_the_committed_word_files_are_what_their_sources_make(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    assert list_sources()
    assert list_stale() == []


def test_the_same_text_gives_the_same_bytes_twice(paper: bytes) -> None:
    assert compile_template(PAPER) == paper


def test_line_ends_of_windows_change_nothing(paper: bytes) -> None:
    assert compile_template(PAPER.replace("\n", "\r\n")) == paper


def test_a_comment_leaves_no_trace(paper: bytes) -> None:
    assert compile_template(PAPER.replace("## 基本", "{# 说明\n两行 #}\n## 基本")) == paper


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("# 题", "begins with --- / style: official or public", id="no-look"),
        pytest.param("---\nstyle: gaudy\n---\n文", "begins with", id="unknown-look"),
        pytest.param("文\n===\n", "use #", id="underlined-heading"),
        pytest.param("###### 题\n", "below the fourth level: 题", id="heading-too-deep"),
        pytest.param("> 引文\n", "BlockQuote is not supported", id="quotation"),
        pytest.param("文*斜*字\n", "Emph is not supported", id="emphasis"),
        pytest.param("见[网页](https://a.example)\n", "Link is not supported", id="link"),
        pytest.param("    码\n", "CodeBlock is not supported", id="code"),
        pytest.param(
            "- 一\n    - 二\n        - 三\n", "below the second level", id="list-too-deep"
        ),
        pytest.param("- 一\n\n    又一段\n", "several paragraphs", id="item-of-two-paragraphs"),
        pytest.param("1. 一\n    - 二\n", "several paragraphs", id="list-in-numbered-item"),
        pytest.param("| 甲 | 乙 |\n|--|--|\n| 一 | 二 |\n", "stands in a :::", id="bare-table"),
        pytest.param("| 甲 | 乙 |\n", "not read as a table", id="half-a-table"),
        pytest.param("甲 ¶ 乙\n", "¶ belongs in titles and table cells", id="stray-mark"),
        pytest.param("# 甲\\\n乙\n", "a title is broken by ¶", id="title-broken-by-backslash"),
        pytest.param("::: {.box}\n文\n:::\n", "block of unknown kind", id="unknown-block"),
        pytest.param(
            '::: {custom-style="Fancy"}\n文\n:::\n', "no paragraph style Fancy", id="unknown-style"
        ),
        pytest.param('[文]{custom-style="Fancy"}\n', "no character style Fancy", id="unknown-span"),
        pytest.param("[文]{.fancy}\n", "a span names one custom-style", id="nameless-span"),
        pytest.param(
            LIST.format(attributes=HALVES, row="| ← | 二 |"), "no cell left of ←", id="join-left"
        ),
        pytest.param(
            LIST.format(attributes=HALVES, row="| ↑ | 二 |"), "no cell above ↑", id="join-up"
        ),
        pytest.param(
            LIST.format(attributes="", row="| 一 | 二 |"), "needs 2 numbers", id="no-widths"
        ),
        pytest.param(
            LIST.format(attributes='widths="50 40"', row="| 一 | 二 |"),
            "that make 100",
            id="widths-of-90",
        ),
        pytest.param(
            LIST.format(attributes=f'{HALVES} labels="1"', row="| 一 | 二 |"),
            "no attribute labels",
            id="labels-of-a-list",
        ),
        pytest.param(
            FORM.format(attributes=f'{HALVES} labels="3"', head=""),
            "the table has 2 columns",
            id="label-beyond-the-table",
        ),
        pytest.param(
            FORM.format(attributes=HALVES, head="题"), "no header row: 题", id="form-with-header"
        ),
        pytest.param(
            LIST.format(attributes=HALVES, row="| {%tr for a in b %} | 二 |"),
            "stands alone in its row",
            id="row-tag-with-company",
        ),
        pytest.param("{%tr for a in b %}\n", "outside a table", id="row-tag-in-the-text"),
        pytest.param("文{%p if a %}\n", "the tag stands alone", id="paragraph-tag-in-a-sentence"),
        pytest.param("{{ “甲” }}\n", "curly quotes", id="curly-quotes-in-a-tag"),
        pytest.param("{{ a & b }}\n", "does not restore &", id="ampersand-in-a-tag"),
        pytest.param("{%- if a %}文{% endif %}\n", "at a dash", id="dash-in-a-tag"),
        pytest.param("{{r a }}\n", "special tags", id="unsupported-special-tag"),
        pytest.param("{{ a }\n", "stray markup", id="tag-left-open"),
        pytest.param("〘1〙\n", "reserved for tags", id="reserved-brackets"),
    ],
)
def test_a_malformed_template_is_refused_with_its_fault(text: str, message: str) -> None:
    source = text if message.startswith("begins with") else HEAD + text
    with pytest.raises(TemplateError, match=message):
        compile_template(source)


def test_headings_are_numbered_by_their_styles(paper: bytes) -> None:
    styles = read_part(paper, "word/styles.xml")
    numbering = read_part(paper, "word/numbering.xml")
    for text, name, form in (("基本情况", "Heading1", "%1、"), ("主体", "Heading2", "（%2）")):
        assert value(find_paragraph(paper, text), "w:pPr/w:pStyle") == name
        [level] = find(numbering, f'.//w:lvl[w:pStyle/@w:val="{name}"]')
        assert value(level, "w:lvlText") == form
        assert find(styles, f'w:style[@w:styleId="{name}"]/w:pPr/w:numPr')


def test_each_tag_lies_whole_in_one_run(paper: bytes) -> None:
    texts = [one.text or "" for one in find(read_part(paper, "word/document.xml"), ".//w:t")]
    for text in texts:
        assert text.count("{{") == text.count("}}")
        assert text.count("{%") == text.count("%}")
    assert "{%p if excluded %}" in texts
    assert "{%tr for product in products %}" in texts


def test_a_list_table_repeats_its_header_and_a_form_has_none(paper: bytes) -> None:
    listed, form = find(read_part(paper, "word/document.xml"), ".//w:tbl")
    repeated = find(listed, "w:tr[w:trPr/w:tblHeader]")
    assert [text_of(row) for row in repeated] == ["产品说明"]
    assert not find(form, ".//w:tblHeader")


def test_cells_are_joined_to_the_left_and_upwards() -> None:
    made = compile_template(
        "---\nstyle: official\n---\n::: {.form widths=\"20 30 50\"}\n|  |  |  |\n|--|--|--|\n"
        "| 甲 | 乙 | ← |\n| {%tr for one in lines %} | | |\n| ↑ | 丙 | 丁 |\n"
        "| {%tr endfor %} | | |\n| 戊 | 己 | 庚 |\n:::\n")
    rows = find(read_part(made, "word/document.xml"), ".//w:tr")
    assert [len(find(row, "w:tc")) for row in rows] == [2, 3, 3, 3, 3]
    assert value(rows[0], "w:tc[2]/w:tcPr/w:gridSpan") == "2"
    assert value(rows[0], "w:tc[1]/w:tcPr/w:vMerge") == "restart"
    assert value(rows[2], "w:tc[1]/w:tcPr/w:vMerge") == "continue"
    assert not find(rows[4], ".//w:vMerge")
    assert "←" not in text_of(rows[0]) and "↑" not in text_of(rows[2])


def test_a_whole_table_keeps_every_row_but_the_last_with_the_next() -> None:
    source = PAPER.replace("{.form widths", "{.form .whole widths")
    listed, form = find(read_part(compile_template(source), "word/document.xml"), ".//w:tbl")
    kept = [bool(find(row, ".//w:pPr/w:keepNext")) for row in find(form, "w:tr")]
    assert kept == [True] * (len(kept) - 1) + [False]
    assert not find(listed, ".//w:pPr/w:keepNext")


def test_the_columns_fill_the_width_of_the_text(paper: bytes) -> None:
    for table in find(read_part(paper, "word/document.xml"), ".//w:tbl"):
        widths = [int(one.get(f"{{{W}}}w") or 0) for one in find(table, "w:tblGrid/w:gridCol")]
        assert sum(widths) == style.OFFICIAL.page.measure_text()


@pytest.mark.parametrize(
    "text",
    ["{{ subject.name }}提供下列产品。", "主要情况见下表。", "不向下列人群提供。", "办法如下。"],
)
def test_what_introduces_a_table_or_a_list_stays_with_it(paper: bytes, text: str) -> None:
    assert find(find_paragraph(paper, text), "w:pPr/w:keepNext")


@pytest.mark.parametrize("text", ["没有限定。", "第一项", "第二项", "后文一段。", "{{ group }}"])
def test_other_paragraphs_are_free_to_part(paper: bytes, text: str) -> None:
    assert not find(find_paragraph(paper, text), "w:pPr/w:keepNext")


def test_a_list_is_not_kept_whole_by_the_tags_between_its_items() -> None:
    made = compile_template(f"{HEAD}- 甲\n{{%p if a %}}\n- 乙\n{{%p endif %}}\n- 丙\n")
    assert not find(read_part(made, "word/document.xml"), ".//w:keepNext")


def test_the_last_words_stay_with_the_signature() -> None:
    made = compile_template(f'{HEAD}特此说明。\n\n::: {{custom-style="Signature"}}\n甲\n:::\n')
    assert find(find_paragraph(made, "特此说明。"), "w:pPr/w:keepNext")


@pytest.mark.parametrize(
    "file", list_word_files(), ids=lambda file: f"{file.parent.name}/{file.name}"
)
def test_every_style_names_its_east_asian_font_and_no_theme(file: Path) -> None:
    raw = file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert not [name for name in archive.namelist() if "theme" in name]
    styles = read_part(raw, "word/styles.xml")
    for one in find(styles, "w:style | w:docDefaults/w:rPrDefault"):
        [fonts] = find(one, "w:rPr/w:rFonts")
        assert fonts.get(f"{{{W}}}eastAsia")
        assert not [key for key in fonts.attrib if "Theme" in str(key)]


@pytest.mark.parametrize(
    "file", list_word_files(), ids=lambda file: f"{file.parent.name}/{file.name}"
)
def test_the_core_properties_tell_nothing(file: Path) -> None:
    core = read_part(file.read_bytes(), "docProps/core.xml")
    assert (len(core), core.text) == (0, None)
