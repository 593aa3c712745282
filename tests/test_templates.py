"""Templates: what they may say, what they print about facts nobody stated, and the known traps."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from beian import facts as facts_file
from beian.errors import BeianError
from beian.library import Library
from beian.render import html, word
from beian.schema import show
from beian.view import View

VALUES = ["A & B", "100<200", "a<b>c", '"引号" \'单引\'', "{{ subject.name }}", "{% if x %}", "{_{x}_}",
          "{#注#}", "50%", "&amp;", "]]>", "=1+1", "\u3000全角　空格", "𠮷野家😀", "a  b"]


class Bench:
    """Compiles and prints small templates against the real schema."""

    def __init__(self, library: Library) -> None:
        self.library = library

    def page(self, text: str, facts: dict[str, Any]) -> str:
        compiled = html.compile_page(text, "page.html", self.library.field)
        view = View(facts, self.library.schema)
        return compiled.render(view, html.HtmlSurface(view, str))

    def word(self, raw: bytes, facts: dict[str, Any], *, controls: bool = False) -> bytes:
        template = word.compile_file(raw, "t.docx", self.library.field)
        view = View(facts, self.library.schema)
        surface = word.WordSurface(view, str, controls=controls)
        return word.render(template, view, surface)

    def text(self, raw: bytes, facts: dict[str, Any]) -> list[str]:
        return list(word.text_of(self.word(raw, facts)))


@pytest.fixture(scope="module")
def bench(library: Library) -> Bench:
    return Bench(library)


def paragraphs(*texts: str) -> bytes:
    """A Word file with one paragraph for each text; ``|`` starts a new bold run."""
    document = docx.Document()
    for text in texts:
        paragraph = document.add_paragraph()
        for number, part in enumerate(text.split("|")):
            paragraph.add_run(part).bold = bool(number % 2)
    return _saved(document)


def table(*rows: tuple[str, ...]) -> bytes:
    document = docx.Document()
    made = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(made.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return _saved(document)


def _saved(document: Any) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


# --- values come through unharmed ----------------------------------------------------------------

@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_through_word_unharmed(value: str, bench: Bench) -> None:
    raw = paragraphs("前{{ subject.name }}后", "{%p for x in audience.groups %}", "{{ x }}",
                     "{%p endfor %}")
    text = bench.text(raw, {"subject": {"name": value}, "audience": {"groups": [value, "尾"]}})
    assert text == [f"前{value}后", value, "尾"]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_one_text_for_word_libraries_too(value: str, bench: Bench) -> None:
    made = bench.word(paragraphs("前{{ subject.name }}后"), {"subject": {"name": value}})
    assert docx.Document(io.BytesIO(made)).paragraphs[0].text == f"前{value}后"


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_through_html_unharmed(value: str, bench: Bench) -> None:
    made = bench.page("<p>前{{ subject.name }}后</p>", {"subject": {"name": value}})
    assert html.text_of(made.encode()) == [f"前{value}后"]


def test_line_breaks_and_tabs_of_a_value_stay(bench: Bench) -> None:
    made = bench.word(paragraphs("{{ subject.name }}"), {"subject": {"name": "一\n二\t三"}})
    assert docx.Document(io.BytesIO(made)).paragraphs[0].text == "一\n二\t三"


# --- the traps of the libraries ------------------------------------------------------------------

def test_a_tag_split_over_runs_is_still_a_tag(bench: Bench) -> None:
    assert bench.text(paragraphs("甲{{ subj|ect.name }}|乙"), {"subject": {"name": "某"}}) == ["甲某乙"]


def test_text_after_a_tag_keeps_its_own_format(bench: Bench) -> None:
    made = bench.word(paragraphs("甲|{{ subject.name }}|乙"), {"subject": {"name": "某"}})
    runs = [(run.text, bool(run.bold)) for run in docx.Document(io.BytesIO(made)).paragraphs[0].runs]
    assert runs == [("甲", False), ("某", True), ("乙", False)]


def test_an_undefined_name_is_refused_with_its_place(bench: Bench) -> None:
    with pytest.raises(BeianError, match=r"没有“subject.nmae”这个事实") as error:
        bench.text(table(("甲", "乙"), ("丙", "{{ subject.nmae }}")), {})
    assert "第1表第2行第2格第1段" in str(error.value.place)


@pytest.mark.parametrize("text", ["丢失的文字{%p if service.stage %}", "{%p endif %}后面"])
def test_text_beside_a_paragraph_tag_is_refused(text: str, bench: Bench) -> None:
    with pytest.raises(BeianError, match="会丢失"):
        bench.text(paragraphs(text, "甲", "{%p endif %}"), {})


def test_text_in_the_row_of_a_row_tag_is_refused(bench: Bench) -> None:
    raw = table(("{%tr for m in models %}", "丢失"), ("{{ m.name }}", "x"), ("{%tr endfor %}", ""))
    with pytest.raises(BeianError, match="会丢失"):
        bench.text(raw, {"models": []})


def test_headers_and_footers_are_printed(bench: Bench) -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "{{ subject.name }}"
    assert bench.text(_saved(document), {"subject": {"name": "某"}}).count("某") == 1


def test_a_cell_whose_branch_falls_away_keeps_a_paragraph(bench: Bench) -> None:
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "{%p if service.offered_to_public %}"
    cell.add_paragraph("甲")
    cell.add_paragraph("{%p endif %}")
    made = bench.word(_saved(document), {"service": {"offered_to_public": False}})
    assert docx.Document(io.BytesIO(made)).tables[0].cell(0, 0).paragraphs[0].text == ""


def test_rows_repeat_with_the_path_of_each_item(bench: Bench) -> None:
    raw = table(("{%tr for m in models %}", ""), ("{{ loop.index }}", "{{ m.name }}"),
                ("{%tr endfor %}", ""))
    made = bench.word(raw, {"models": [{"name": "甲"}, {"name": "乙"}]}, controls=True)
    body = zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml").decode()
    assert 'w:tag w:val="models[0].name"' in body
    assert 'w:tag w:val="models[1].name"' in body
    assert [text for text in word.text_of(made) if text] == ["1", "甲", "2", "乙"]


# --- what a template may not say -----------------------------------------------------------------

ESCAPES = [
    "{{ ''.__class__ }}", "{{ subject.__class__ }}", "{{ subject['__class__'] }}",
    "{{ subject.name.__class__.__mro__ }}", "{{ cycler }}",
    "{{ cycler.__init__.__globals__.os }}", "{{ lipsum.__globals__ }}", "{{ self.__init__ }}",
    "{{ subject.child }}", "{{ subject._value }}", "{{ subject.view }}", "{{ 'x'.join([]) }}",
    "{{ range(9999999)|length }}", "{{ '%s'|format(1) }}", "{{ '{0.__class__}'.format(1) }}",
    "{{ 9**9**9 }}", "{{ 'a'*10**9 }}", "{{ 1 + 1 }}", "{{ 'a' ~ 'b' }}", "{{ -1 }}",
    "{{ subject.name if subject.name else 'x' }}", "{{ subject.name is defined }}",
    "{{ subject.name|default('x') }}", "{{ subject.name|attr('x') }}", "{{ subject|tojson }}",
    "{{ 1 < 2 < 3 }}", "{% set x = subject.name %}", "{% include '/etc/passwd' %}",
    "{% import 'os' as os %}", "{% extends 'x' %}", "{% macro a() %}{% endmacro %}",
    "{% block a %}{% endblock %}", "{% filter upper %}x{% endfilter %}", "{% raw %}{{ x }",
    "{% for m in models if m.name %}{% endfor %}", "{% for m in models %}{% else %}x{% endfor %}",
    "{% for m in models recursive %}{% endfor %}", "{% for a, b in models %}{% endfor %}",
    "{% for x in [1, 2] %}{% endfor %}", "{% for x in range(3) %}{% endfor %}",
    "{% for x in subject.name %}{% endfor %}", "{% for subject in models %}{% endfor %}",
    "{% for loop in models %}{% endfor %}", "{% for k_print in models %}{% endfor %}",
    "{{ models[service.stage].name }}", "{{ models[-1].name }}", "{{ models[0:2] }}",
    "{% if service.stage == 'lunching' %}{% endif %}", "{% if service.stage in ['live', 'x'] %}{% endif %}",
    "{% if 'txet' in service.generates %}{% endif %}",
    "{{ loop.index }}", "{{ k_print }}", "{% for m in models %}{{ loop.cycle('a') }}{% endfor %}",
    "{% for m in models %}{{ loop }}{% endfor %}", "{{ subject.name|join(models) }}",
    "{{ subject.name|cite }}", "{{ {'a': 1} }}", "{% autoescape false %}{% endautoescape %}",
    "{% with x = 1 %}{% endwith %}", "{% call subject.name() %}{% endcall %}", "{{ subject.name() }}",
    "{% if %}{% endif %}", "{{ }}", "{{ subject. }}", "{% if service.stage %}", "{% endif %}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_a_forbidden_form_is_refused_with_its_place(text: str, bench: Bench) -> None:
    with pytest.raises(BeianError) as error:
        bench.page(f"<h2>标题</h2>\n<p>\n{text}</p>", {"subject": {"name": "某"}, "models": []})
    assert "模板有误" in error.value.message
    assert str(error.value.place).startswith("page.html:3")


@pytest.mark.parametrize("text", ["{{ cycler.__init__.__globals__ }}", "{{ 9**9**9 }}",
                                  "{% for x in range(10**9) %}"])
def test_a_forbidden_form_in_word_names_the_paragraph(text: str, bench: Bench) -> None:
    with pytest.raises(BeianError) as error:
        bench.text(paragraphs("甲", f"乙{text}"), {})
    assert "正文第2段“乙" in str(error.value.place)


def test_a_group_cannot_be_printed(bench: Bench) -> None:
    with pytest.raises(BeianError, match="不能直接打印"):
        bench.page("{{ subject }}", {"subject": {"name": "某"}})


# --- what nobody has stated ----------------------------------------------------------------------

CONDITIONS = [
    ("{% if service.offered_to_public %}断言{% endif %}", "service.offered_to_public"),
    ("{% if not service.offered_to_public %}断言{% endif %}", "service.offered_to_public"),
    ("{% if service.offered_to_public %}断言{% else %}断言{% endif %}", "service.offered_to_public"),
    ("{% if service.stage == 'live' %}断言{% else %}断言{% endif %}", "service.stage"),
    ("{% if service.stage != 'live' %}断言{% else %}断言{% endif %}", "service.stage"),
    ("{% if service.stage in ['live', 'ended'] %}断言{% else %}断言{% endif %}", "service.stage"),
    ("{% if 'text' in service.generates %}断言{% else %}断言{% endif %}", "service.generates"),
    ("{% if 'text' not in service.generates %}断言{% endif %}", "service.generates"),
    ("{% if audience.minimum_age >= 18 %}断言{% else %}断言{% endif %}", "audience.minimum_age"),
    ("{% if subject.name and service.stage %}断言{% else %}断言{% endif %}", "service.stage"),
    ("{% if service.mainland_access or service.stage %}断言{% endif %}", "service.stage"),
    ("{% if service.mainland_access %}断言{% elif service.stage == 'live' %}断言{% else %}断言{% endif %}",
     "service.stage"),
    ("{% for m in models %}断言{{ m.name }}{% endfor %}", "models"),
    ("{% for g in audience.groups %}断言{% endfor %}", "audience.groups"),
]


@pytest.mark.parametrize(("text", "path"), CONDITIONS)
def test_nothing_under_an_open_condition_is_asserted(
    text: str, path: str, bench: Bench, library: Library
) -> None:
    facts = {"subject": {"name": "某"}, "service": {"mainland_access": False}, "audience": {}}
    for made in ("\n".join(bench.text(paragraphs(text), facts)),
                 "\n".join(html.text_of(bench.page(text, facts).encode()))):
        assert "断言" not in made
        assert ("【待定：" in made) or ("【待填：" in made)
        assert library.schema.title(path) in made


def test_an_open_row_is_marked_across_the_table(bench: Bench) -> None:
    raw = table(("名称", "版本"), ("{%tr for m in models %}", ""), ("{{ m.name }}", "{{ m.version }}"),
                ("{%tr endfor %}", ""))
    made = docx.Document(io.BytesIO(bench.word(raw, {})))
    assert [cell.text for cell in made.tables[0].rows[1].cells] == ["【待填：模型】"] * 2
    assert made.tables[0].rows[1].cells[0]._tc is made.tables[0].rows[1].cells[1]._tc


def test_an_absent_fact_is_highlighted_where_it_will_stand(bench: Bench) -> None:
    made = bench.word(paragraphs("主体：|{{ subject.name }}|。"), {}, controls=True)
    body = zipfile.ZipFile(io.BytesIO(made)).read("word/document.xml").decode()
    assert "".join(word.text_of(made)) == "主体：【待填：申报主体·主体名称】。"
    assert '<w:tag w:val="subject.name"/>' in body
    assert '<w:b/><w:highlight w:val="yellow"/>' in body


def test_null_prints_as_its_field_declares(bench: Bench) -> None:
    facts = {"algorithm": {"filing_number": None}, "models": [{"filing_number": None}]}
    text = "<p>{{ algorithm.filing_number }}</p><p>{{ models[0].filing_number }}</p>"
    assert html.text_of(bench.page(text, facts).encode()) == ["尚未取得", "无"]


def test_choices_days_and_truth_print_in_chinese(bench: Bench) -> None:
    facts = {"service": {"stage": "live", "launched_on": "2026-03-01", "offered_to_public": True,
                         "generates": ["text", "image"]}}
    text = ("{{ service.stage }}/{{ service.launched_on }}/{{ service.offered_to_public }}/"
            "{{ service.generates }}/{{ service.generates|join('和') }}/{{ service.generates|length }}/"
            "{{ service.stage|code }}")
    assert bench.page(text, facts) == "已上线/2026年3月1日/是/文本、图像/文本和图像/2/live"


def test_a_missing_fact_is_noted_with_its_section(library: Library) -> None:
    document = docx.Document()
    document.add_heading("适用人群", 1)
    document.add_paragraph("{{ subject.name }}")
    rows = document.add_table(rows=1, cols=2).rows[0].cells
    rows[0].text, rows[1].text = "算法名称", "{{ algorithm.name }}"
    template = word.compile_file(_saved(document), "t.docx", library.field)
    view = View({}, library.schema)
    surface = word.WordSurface(view, str, controls=False)
    word.render(template, view, surface)
    assert {path: list(sections) for path, sections in surface.missing.items()} == {
        "subject.name": ["适用人群"], "algorithm.name": ["算法名称"]}


def test_the_cache_gives_the_same_template(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.docx"
    file.write_bytes(paragraphs("{{ subject.name }}"))
    first = word.load(file, library.field, tmp_path / "cache")

    def refuse(*_: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(word, "compile_file", refuse)
    second = word.load(file, library.field, tmp_path / "cache")
    view = View({"subject": {"name": "某"}}, library.schema)
    made = [word.render(one, view, word.WordSurface(view, str, controls=True))
            for one in (first, second)]
    assert made[0] == made[1]


def test_a_damaged_cache_entry_is_ignored(library: Library, tmp_path: Path) -> None:
    file, cache = tmp_path / "t.docx", tmp_path / "cache"
    file.write_bytes(paragraphs("{{ subject.name }}"))
    word.load(file, library.field, cache)
    [entry] = cache.iterdir()
    entry.write_bytes(entry.read_bytes()[:50])
    template = word.load(file, library.field, cache)
    assert [read.path for read, _ in template.reads()] == ["subject.name"]


def test_messages_never_repeat_personal_data(library: Library) -> None:
    field = library.field("subject.contact.mobile")
    assert show("13000000002", field) == "130*****002"


def test_facts_file_round_trips(library: Library, examine: Callable[..., Any]) -> None:
    value = {"service": {"name": "测试", "version": "1.10"}}
    facts = facts_file.from_value(value, library.schema)
    assert facts.value == value
