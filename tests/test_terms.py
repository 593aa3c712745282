"""Terms of agreements: each rule strikes where it should, and only there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from beian import assembly, pipeline, terms, yamltext
from beian.errors import BeianError
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES, Ran

LIBRARY = Library.open()
RULES = terms.load(LIBRARY.house)
DIGITS = "零一二三四五六七八九十"
Case = dict[str, Any]


def read(name: str) -> Any:
    file = ROOT / "tests" / "terms" / f"{name}.yaml"
    return yamltext.read(file.read_text("utf-8"), str(file), as_json=False).value


FRAME, BAD, GOOD = read("frame"), read("bad"), read("good")


def write(articles: list[tuple[str, list[str]]], folder: Path) -> Path:
    """A Word file with numbered articles; **words** are bold."""
    page = docx.Document()
    for number, (heading, paragraphs) in enumerate(articles, 1):
        page.add_paragraph(f"第{DIGITS[number]}条　{heading}")
        for text in paragraphs:
            paragraph = page.add_paragraph()
            for at, part in enumerate(text.split("**")):
                paragraph.add_run(part).bold = at % 2 == 1
    file = folder / "agreement.docx"
    page.save(str(file))
    return file


def framed(case: Case) -> list[tuple[str, list[str]]]:
    left_out = case.get("without", ())
    kept = [(one["heading"], one["paragraphs"]) for one in FRAME if one["id"] not in left_out]
    return [*kept, ("补充约定", case["paragraphs"])]


def places(case: Case) -> list[str]:
    """Where the expected remarks stand, as ``LT1 正文第12段``."""
    articles = framed(case)
    start = sum(1 + len(paragraphs) for _, paragraphs in articles[:-1]) + 1
    return sorted(
        f"{one['rule']} " + (f"正文第{start + one['paragraph']}段" if "paragraph" in one else "全文")
        for one in case.get("expects", ()))


def remarked(reading: terms.Reading) -> list[str]:
    return sorted(f"{one.code} {str(one.finding.place).rpartition(' ')[2]}" for one in reading.remarks)


@pytest.mark.parametrize("case", BAD, ids=lambda case: case["name"])
def test_a_bad_term_is_remarked_on_where_it_stands(case: Case, tmp_path: Path) -> None:
    reading = terms.lint(write(framed(case), tmp_path), LIBRARY, AS_OF)
    assert remarked(reading) == places(case), [one.quote for one in reading.remarks]
    for one in reading.remarks:
        assert one.finding.hint and (one.finding.basis or one.finding.practice)
        assert one.quote or one.finding.place.file.endswith("全文")


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["name"])
def test_a_good_term_that_looks_like_a_bad_one_is_left_alone(case: Case, tmp_path: Path) -> None:
    reading = terms.lint(write(framed(case), tmp_path), LIBRARY, AS_OF)
    assert remarked(reading) == [], [one.quote for one in reading.remarks]


def test_every_rule_has_a_bad_case_and_the_frame_none() -> None:
    assert {one["rule"] for case in BAD for one in case["expects"]} == {
        rule.code for rule in RULES.values()}
    assert [rule.code for rule in RULES.values()] == [f"LT{n}" for n in range(1, len(RULES) + 1)]


# --- whole agreements ----------------------------------------------------------------------------

LONG = {file.stem: read(f"long/{file.stem}")
        for file in sorted((ROOT / "tests" / "terms" / "long").glob("*.yaml"))}


@pytest.mark.parametrize("name", LONG)
def test_a_whole_agreement_is_remarked_on_where_it_is_bad_and_nowhere_else(
    name: str, tmp_path: Path
) -> None:
    file = write([("", LONG[name]["paragraphs"])], tmp_path)
    page = docx.Document(str(file))
    page.element.body.remove(page.paragraphs[0]._p)  # these have headings of their own
    page.save(str(file))
    reading = terms.lint(file, LIBRARY, AS_OF)
    found = [(one.code, one.quote) for one in reading.remarks]
    wanted = [tuple(one) for one in LONG[name]["expects"]]
    false = [one for one in found if not any(one[0] == code and words in one[1] for code, words in wanted)]
    missed = [one for one in wanted if not any(one[0] == code and one[1] in quote for code, quote in found)]
    assert (false, missed) == ([], [])


# --- files ---------------------------------------------------------------------------------------

VOID = "本协议的最终解释权归本公司所有。"


def element(text: str) -> Any:
    """A piece of WordprocessingML."""
    names = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    }.items())
    name = text[1:].replace("/", " ").replace(">", " ").split()[0]
    return docx.oxml.parse_xml(text.replace(f"<{name}", f"<{name}{names}", 1))


def where(page: Any, tmp_path: Path, code: str = "LT1") -> list[str]:
    """The places where one rule strikes in a Word file."""
    file = tmp_path / "received.docx"
    page.save(str(file))
    found = terms.lint(file, LIBRARY, AS_OF).remarks
    return [str(one.finding.place).rpartition(" ")[2] for one in found if one.code == code]


def test_cells_text_boxes_and_footnotes_are_read(tmp_path: Path) -> None:
    page = docx.Document()
    page.add_paragraph("协议")
    page.add_table(rows=2, cols=2).cell(1, 1).text = VOID
    box = (f"<w:p><w:r><w:t>{VOID}</w:t></w:r></w:p>")
    page.paragraphs[0]._p.append(element(
        "<w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps"><w:drawing><w:txbxContent>{box}</w:txbxContent></w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><w:txbxContent>{box}</w:txbxContent></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"))
    assert where(page, tmp_path) == ["正文第1段第1段", "正文第1表第2行第2格第1段"]


def test_a_text_is_read_as_if_its_changes_were_accepted(tmp_path: Path) -> None:
    page = docx.Document()
    deleted = page.add_paragraph("本协议依法解释。")
    deleted._p.append(element(f'<w:del><w:r><w:delText>{VOID}</w:delText></w:r></w:del>'))
    moved = page.add_paragraph()
    moved._p.append(element(f'<w:moveFrom><w:r><w:t>{VOID}</w:t></w:r></w:moveFrom>'))
    assert where(page, tmp_path) == []
    inserted = page.add_paragraph("本协议的最终解释")
    inserted._p.append(element('<w:ins><w:r><w:t>权归本公司所有。</w:t></w:r></w:ins>'))
    assert where(page, tmp_path) == ["正文第3段"]
    # The mark between two paragraphs is deleted: they are one.
    first = page.add_paragraph("用户应当阅读规则，规则的最终解释")
    page.add_paragraph("权归本公司所有。")
    first._p.get_or_add_pPr().append(element('<w:rPr><w:del/></w:rPr>'))
    assert where(page, tmp_path) == ["正文第3段", "正文第5段"]
    row = page.add_table(rows=1, cols=1).rows[0]
    row.cells[0].text = VOID
    assert where(page, tmp_path)[-1].startswith("正文第1表")
    row._tr.get_or_add_trPr().append(element('<w:del/>'))
    assert not where(page, tmp_path)[-1].startswith("正文第1表")


def test_emphasis_comes_from_runs_and_styles(tmp_path: Path) -> None:
    page = docx.Document()
    text = "争议由本公司住所地人民法院管辖。"
    page.styles["Quote"].font.underline = True
    page.styles["Strong"].font.bold = True
    page.add_paragraph(text, style="Quote")
    page.add_paragraph().add_run(text, style="Strong")
    assert where(page, tmp_path, "LT6") == []
    plain = page.add_paragraph(style="Quote").add_run(text)
    plain.underline = False
    assert where(page, tmp_path, "LT6") == ["正文第3段"]


def test_a_clause_is_known_by_the_number_that_its_list_prints(tmp_path: Path) -> None:
    page = docx.Document()
    for text in ("总则", "责任", "其他"):
        page.add_paragraph(text, style="List Number")
        page.add_paragraph("因第三方原因造成的损失，我们不承担任何责任。" if text == "责任" else "略。")
    file = tmp_path / "numbered.docx"
    page.save(str(file))
    [remark] = [one for one in terms.lint(file, LIBRARY, AS_OF).remarks if one.code == "LT3"]
    assert remark.clause == "2. 责任"


def test_a_text_file_is_read_too_and_what_it_cannot_show_is_said(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    for encoding in ("utf-8", "gb18030"):
        (tmp_path / "x.txt").write_bytes(f"第一条　总则\n\n　　{VOID}\n".encode(encoding))
        ran = beian("lint-terms", "x.txt", "--as-of", AS_OF)
        assert ran.code == 1
        assert "x.txt 第3行  复核  约定由提供者单方或者最终解释协议" in ran.out
        assert "没有检查 LT6" in ran.out


def test_rules_are_those_of_the_day(tmp_path: Path) -> None:
    file = write([("其他", [VOID])], tmp_path)
    struck = {day: {one.code for one in terms.lint(file, LIBRARY, day).remarks}
              for day in ("2022-03-14", "2022-03-15", "2023-08-14", "2023-08-15",
                          "2025-08-31", "2025-09-01")}
    assert "LT1" not in struck["2022-03-14"] and "LT1" in struck["2022-03-15"]
    assert "LT9" not in struck["2023-08-14"] and "LT9" in struck["2023-08-15"]
    assert "LT8" not in struck["2025-08-31"] and "LT8" in struck["2025-09-01"]


def test_the_command_reports_place_reason_source_and_wording(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    case = next(one for one in BAD if one["name"] == "the last word on the meaning")
    write(framed(case), tmp_path)
    ran = beian("lint-terms", "agreement.docx", "--as-of", AS_OF)
    assert ran.code == 1
    assert "agreement.docx 正文第19段  复核  " in ran.out
    for words in ("条款  第七条 补充约定", "原文  活动规则的最终解释权归本公司所有。", "第一条（2022-03-15 起）待核对",
                  "建议  删去该句", "复核 1"):
        assert words in ran.out
    said = json.loads(beian("lint-terms", "agreement.docx", "--json", "--as-of", AS_OF).out)
    assert said["as_of"] == AS_OF and said["unchecked"] == []
    [finding] = said["findings"]
    assert (finding["code"], finding["level"], finding["clause"]) == ("LT1", "review", "第七条 补充约定")
    assert finding["basis"][0]["checked"] == "recalled"
    write(framed(GOOD[0]), tmp_path)
    ran = beian("lint-terms", "agreement.docx", "--as-of", AS_OF)
    assert (ran.code, ran.out.strip()) == (0, f"按 {AS_OF} 的规定检查：复核 0")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.docx", b"%PDF-1.7 x", "是 PDF"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1", "旧版 .doc"),
        ("a.docx", b"PK\x03\x04 broken", "文件已损坏"),
        ("a.docx", b"", "文件已损坏"),
        ("a.txt", b"", "文件中没有文字"),
        ("a.txt", b"\xff\xff\xff\xff", "不是 UTF-8"),
        ("a.txt", None, "无法读取"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_message(
    name: str, content: bytes | None, words: str, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    ran = beian("lint-terms", name, "--as-of", AS_OF)
    assert (ran.code, ran.out, words in ran.err, ran.err.startswith(name)) == (2, "", True, True), ran.err


def test_a_house_may_add_and_replace_rules(tmp_path: Path) -> None:
    folder = tmp_path / "house" / "schemas" / "terms"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text(
        "words: {odd: 甲乙双方}\nrules:\n  - id: no-odd-word\n    code: LT99\n    title: 用词\n"
        "    versions:\n      - since: 2020-01-01\n        basis: []\n        practice: 本所惯例\n"
        "        checks:\n          - {kind: says, all: [<odd>], message: 用词不当。, hint: 改。}\n",
        "utf-8")
    file = write([("其他", ["甲乙双方应当守约。"])], tmp_path)
    library = Library.open((tmp_path / "house",))
    assert "LT99" in [one.code for one in terms.lint(file, library, AS_OF).remarks]
    (folder / "own.yaml").write_text("rules:\n  - {id: x, code: LT99, title: 缺版本}\n", "utf-8")
    with pytest.raises(BeianError, match="数据文件不合要求"):
        terms.lint(file, library, AS_OF)


# --- our own agreement ---------------------------------------------------------------------------

#: Every sample but the one outside the Measures and the one that nobody has filled in.
OWED = ("chat-assistant", "companion", "image-studio", "model-platform", "writing-api")


def test_every_other_sample_owes_no_agreement_or_is_a_draft() -> None:
    others = {one.parent.name for one in SAMPLES.glob("*/facts.yaml")} - set(OWED)
    for name in others:
        result = pipeline.check(pipeline.load(SAMPLES / name, LIBRARY), LIBRARY, AS_OF)
        [entry] = [one for one in result.entries if one.document.id == "user-agreement"]
        assert entry.state == "excluded" or entry.missing, name


@pytest.mark.parametrize("name", OWED)
def test_there_is_nothing_to_remark_about_the_agreement_made_of_a_sample(name: str) -> None:
    result = pipeline.check(pipeline.load(SAMPLES / name, LIBRARY), LIBRARY, AS_OF)
    made = assembly.build(result, only=("user-agreement",))
    [content] = [one for path, one in made.files.items() if path.startswith("submission/")]
    reading = terms.judge(
        terms.parse(content, "agreement.docx"), RULES, AS_OF, LIBRARY.register)
    assert [(one.code, one.quote) for one in reading.remarks] == []
