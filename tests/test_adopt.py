"""Adopting official forms: five forms built as real ones are, their blanks, and what stays as it was."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import typer
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_UNDERLINE
from docx.oxml.ns import qn
from docx.shared import Pt
from lxml import etree
from openpyxl.styles import Border, Font, Side
from typer.testing import CliRunner

from beian import adopt, assembly, eject, labels, pipeline, yamltext
from beian.adopt import About, Proposal
from beian.commands import templates_adopt, templates_eject
from beian.errors import BeianError
from beian.labels import Context, Labels
from beian.library import Library
from beian.render import form as book
from beian.render import word
from beian.view import View
from conftest import AS_OF, ROOT, SAMPLES, Ran

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DAY = "2026-11-20"

# --- five forms in the manner of real ones -------------------------------------------------------


def typed(paragraph: Any, text: str, *, font: str = "仿宋_GB2312", bold: bool = False) -> Any:
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.bold = "Times New Roman", Pt(14), bold
    run._r.rPr.rFonts.set(qn("w:eastAsia"), font)
    return run


def underlined(paragraph: Any, text: str) -> None:
    typed(paragraph, text).font.underline = WD_UNDERLINE.SINGLE


def titled(document: Any, text: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    typed(paragraph, text, font="方正小标宋简体", bold=True)


def saved(made: Any) -> bytes:
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def filled_table(document: Any, rows: list[list[str]]) -> Any:
    table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    for made, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(made.cells, texts, strict=True):
            typed(cell.paragraphs[0], text) if text else cell.paragraphs[0]
    return table


def label_table() -> bytes:
    """Label and blank side by side, two pairs a row, long answers over the whole width."""
    document = docx.Document()
    titled(document, "算法备案信息登记表")
    table = filled_table(document, [
        ["申请单位名称", "", "统一社会信用代码", ""],
        ["注册地址", "", "法定代表人", ""],
        ["算法名称*", "", "算 法 类 别", ""],
        ["版本号", "", "备案角色：", ""],
        ["服务名称", "", "拟上线时间", "    年   月   日"],
        ["服务简介", "", "", ""],
        ["1.算法基本原理", "", "", ""],
        ["2.算法运行机制", "", "", ""],
        ["3.算法应用场景（50字以上）", "", "", ""],
        ["4.算法目的意图", "", "", ""],
        ["算法安全责任人", "", "联系电话", ""],
        ["上级主管部门意见", "", "", ""],
    ])
    for number in (5, 6, 7, 8, 9, 11):
        table.cell(number, 1).merge(table.cell(number, 3))
    document.add_paragraph("注：本表一式两份。")
    return saved(document)


LABEL_TABLE = {
    "第1表第1行第2格": "subject.name", "第1表第1行第4格": "subject.credit_code",
    "第1表第2行第2格": "subject.registered_address",
    "第1表第2行第4格": "subject.legal_representative.name",
    "第1表第3行第2格": "algorithm.name", "第1表第3行第4格": "algorithm.kind",
    "第1表第4行第2格": "algorithm.version", "第1表第4行第4格": "algorithm.role",
    "第1表第5行第2格": "service.name", "第1表第5行第4格": "service.launched_on",
    "第1表第6行第2格": "service.summary",
    "第1表第7行第2格": "algorithm.principle_paragraphs",
    "第1表第8行第2格": "algorithm.mechanism_paragraphs",
    "第1表第9行第2格": "algorithm.scenario_paragraphs",
    "第1表第10行第2格": "algorithm.purpose_paragraphs",
    "第1表第11行第2格": "subject.algorithm_security_lead.name",
    "第1表第11行第4格": "subject.algorithm_security_lead.mobile",
    "第1表第12行第2格": None,
}


def merged_table() -> bytes:
    """Section rows, and groups whose label spans several rows, as on the page 主体信息."""
    document = docx.Document()
    titled(document, "互联网信息服务算法备案主体信息表")
    rows = [
        ["一、主体信息", "", "", ""],
        ["主体名称", "", "证件号码", ""],
        ["注册地址", "", "", ""],
        ["法定代表人", "姓名", "", "（签章）"],
        ["", "证件号码", "", ""],
        ["算法安全责任人", "姓名", "", ""],
        ["", "职务", "", ""],
        ["", "证件号码", "", ""],
        ["", "手机号码", "", ""],
        ["", "电子邮箱", "", ""],
        ["联系人", "姓名", "", ""],
        ["", "联系电话", "", ""],
        ["受托代办机构", "单位名称", "", ""],
        ["二、产品及功能信息", "", "", ""],
        ["产品名称", "", "服务形式", ""],
        ["ICP备案号", "", "", ""],
    ]
    table = filled_table(document, rows)
    for number in (0, 13):
        table.cell(number, 0).merge(table.cell(number, 3))
    for number in (2, 15):
        table.cell(number, 1).merge(table.cell(number, 3))
    for number in (*range(4, 13),):
        table.cell(number, 2).merge(table.cell(number, 3))
    for first, last in ((3, 4), (5, 9), (10, 11)):
        table.cell(first, 0).merge(table.cell(last, 0))
    document.add_paragraph()
    people = [["人员", "姓名", "手机号码"], ["算法安全责任人", "", ""], ["联系人", "", ""]]
    filled_table(document, people)
    document.add_paragraph()
    filled_table(document, [["序号", "制度名称", "发布日期"], ["1", "", ""], ["2", "", ""]])
    return saved(document)


MERGED_TABLE = {
    "第1表第2行第2格": "subject.name", "第1表第2行第4格": "subject.credit_code",
    "第1表第3行第2格": "subject.registered_address",
    "第1表第4行第3格": "subject.legal_representative.name",
    "第1表第5行第3格": None,
    "第1表第6行第3格": "subject.algorithm_security_lead.name",
    "第1表第7行第3格": "subject.algorithm_security_lead.position",
    "第1表第8行第3格": "subject.algorithm_security_lead.id_number",
    "第1表第9行第3格": "subject.algorithm_security_lead.mobile",
    "第1表第10行第3格": "subject.algorithm_security_lead.email",
    "第1表第11行第3格": "subject.contact.name", "第1表第12行第3格": "subject.contact.mobile",
    "第1表第13行第3格": None,
    "第1表第15行第2格": "products[0].name", "第1表第15行第4格": "products[0].form",
    "第1表第16行第2格": "products[0].icp_number",
    "第2表第2行第2格": "subject.algorithm_security_lead.name",
    "第2表第2行第3格": "subject.algorithm_security_lead.mobile",
    "第2表第3行第2格": "subject.contact.name", "第2表第3行第3格": "subject.contact.mobile",
    "第3表第2行第1格": None, "第3表第2行第2格": None, "第3表第2行第3格": None,
}


def pledge() -> bytes:
    """Prose with underscores, underlined spaces, brackets and marks, as a 承诺书 has them."""
    document = docx.Document()
    titled(document, "互联网信息服务算法备案承诺书")
    paragraph = document.add_paragraph()
    typed(paragraph, "单位名称：")
    underlined(paragraph, "                    ")
    typed(paragraph, "　统一社会信用代码：")
    underlined(paragraph, "　　　　　　　　　　")
    typed(document.add_paragraph(), "住所：____________________；法定代表人：__________")
    typed(document.add_paragraph(), "本公司________________（以下简称承诺单位）申请备案的算法为"
          "【请填写算法名称】，算法类型为（　　　　），版本号：____，拟于        年    月    日上线。")
    paragraph = document.add_paragraph()
    typed(paragraph, "服务名称：")
    underlined(paragraph, "\t\t")
    typed(paragraph, "，服务版本：【　　】。")
    typed(document.add_paragraph(), "一、承诺填报的内容和提交的材料真实、准确、合法、有效。")
    typed(document.add_paragraph(), "二、信息变更的，在变更之日起十个工作日内办理变更手续。")
    typed(document.add_paragraph(), "算法安全责任人姓名：________　　职务：________")
    typed(document.add_paragraph(), "联系电话：______________")
    typed(document.add_paragraph(), "三、服务简介：")
    typed(document.add_paragraph(), "______________________________________")
    typed(document.add_paragraph(), "______________________________________")
    typed(document.add_paragraph(), "其他需要承诺的事项：______________")
    typed(document.add_paragraph(), "承诺单位（盖章）：______________")
    typed(document.add_paragraph(), "算法安全责任人（签字）：______________")
    typed(document.add_paragraph(), "____年__月__日")
    return saved(document)


PLEDGE = [
    "subject.name", "subject.credit_code", "subject.registered_address",
    "subject.legal_representative.name", "subject.name", "algorithm.name", "algorithm.kind",
    "algorithm.version", "service.launched_on", "service.name", "service.version",
    "subject.algorithm_security_lead.name", "subject.algorithm_security_lead.position",
    "subject.algorithm_security_lead.mobile", "service.summary", None, "subject.name", "signature",
    None,
]


def check_list() -> bytes:
    """Boxes in cells and in running text, before and behind their words, in one or several lines."""
    document = docx.Document()
    titled(document, "生成式人工智能服务备案情况选项表")
    table = filled_table(document, [
        ["申报单位", ""],
        ["服务名称", ""],
        ["生成的内容", "□文本 □图像 □音频 □视频 □虚拟场景 □其他____"],
        ["服务是否面向社会公众提供", "是□　否□"],
        ["境内用户能否使用", "□ 能　　□ 不能"],
        ["所处阶段", "☐内部测试　☐拟上线　☐已上线　☐已终止"],
        ["算法类型", ""],
        ["备案角色", "□服务提供者　□服务技术支持者"],
        ["输出数据模态", "□文本；□图像；□音频；□视频"],
        ["输出文件格式", "□TXT □JSON □DOCX □PDF □JPG"],
        ["模型来源", "○自行训练　○调用他人提供的接口"],
        ["是否向未成年人提供", "□不向未成年人提供　□经监护人同意后可以使用　□可以使用"],
        ["有无境外投资", "□有　□无"],
    ])
    first, *others = ("□生成合成类", "□个性化推送类", "□排序精选类", "□检索过滤类", "□调度决策类")
    typed(table.cell(6, 1).paragraphs[0], first)
    for text in others:
        typed(table.cell(6, 1).add_paragraph(), text)
    typed(document.add_paragraph(), "服务形式：□网站　□APP　□小程序　□公众账号　□其他")
    return saved(document)


CHECK_LIST = [
    "subject.name", "service.name", "service.generates", None, "service.offered_to_public",
    "service.mainland_access", "service.stage", "algorithm.kind", "algorithm.role",
    "algorithm.output_modalities", "algorithm.output_formats", "models[0].source",
    "minors.access", None, "products[0].form",
]


def workbook() -> bytes:
    """A sheet with a title, sections, merged cells, and a list with a header row."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "登记表"
    side = Side(style="thin")
    rows: list[list[str | None]] = [
        ["生成式人工智能服务登记表", None, None, None],
        ["一、单位基本情况", None, None, None],
        ["单位名称", None, "社会信用代码", None],
        ["注册地址", None, None, None],
        ["法定代表人姓名", None, "联系人", None],
        ["联系人手机号码", None, "算法安全责任人电子邮箱", None],
        ["二、服务基本情况", None, None, None],
        ["服务名称", None, "服务版本号", None],
        ["服务介绍", None, None, None],
        ["上线日期", None, "所处阶段", "□拟上线 □已上线"],
        ["三、算法信息", None, None, None],
        ["算法名称", None, "算法备案号", None],
        ["四、备案管理部门填写", None, None, None],
        ["受理人", None, "受理编号", None],
        ["序号", "产品名称", "服务形式", "访问地址"],
        ["1", None, None, None],
        ["2", None, None, None],
    ]
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column, text)
            cell.border = Border(left=side, right=side, top=side, bottom=side)
            cell.font = Font(name="宋体", size=11, bold=column % 2 == 1)
    for number in (1, 2, 7, 11, 13):
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=4)
    for number in (4, 9):
        sheet.merge_cells(start_row=number, end_row=number, start_column=2, end_column=4)
    sheet.column_dimensions["B"].width = 33
    sheet["F1"] = "=1+1"
    sheet.freeze_panes = "A2"
    made.create_sheet("说明")["A1"] = "填写说明：请按营业执照填写。"
    return saved(made)


WORKBOOK = {
    "B3": "subject.name", "D3": "subject.credit_code", "B4": "subject.registered_address",
    "B5": "subject.legal_representative.name", "D5": "subject.contact.name",
    "B6": "subject.contact.mobile", "D6": "subject.algorithm_security_lead.email",
    "B8": "service.name", "D8": "service.version", "B9": "service.summary",
    "B10": "service.launched_on", "D10": "service.stage", "B12": "algorithm.name",
    "D12": "algorithm.filing_number", "B14": None, "D14": None,
    "A16": None, "B16": None, "C16": None, "D16": None,
}


@dataclass(frozen=True)
class Form:
    """A form and the key to it: what belongs into each blank, in order."""

    name: str
    raw: bytes
    key: tuple[str | None, ...]
    places: tuple[str, ...] = ()


FORMS = [
    Form("登记表.docx", label_table(), (*LABEL_TABLE.values(),), (*LABEL_TABLE,)),
    Form("主体信息.docx", merged_table(), (*MERGED_TABLE.values(),), (*MERGED_TABLE,)),
    Form("承诺书.docx", pledge(), (*PLEDGE,)),
    Form("选项表.docx", check_list(), (*CHECK_LIST,)),
    Form("登记表.xlsx", workbook(), (*WORKBOOK.values(),), (*WORKBOOK,)),
]
WORD_FORMS = FORMS[:4]


def ids(form: Form) -> str:
    return form.name


def proposed(form: Form, library: Library, folder: Path) -> Proposal:
    file = folder / form.name
    file.write_bytes(form.raw)
    return adopt.propose(file, library)


# --- what is proposed ----------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_every_blank_is_found_once_and_in_order(
    form: Form, library: Library, tmp_path: Path
) -> None:
    blanks = proposed(form, library, tmp_path).blanks
    assert len(blanks) >= 12
    assert [(one.number, one.place) for one in blanks if not one.place] == []
    assert len(blanks) == len(form.key), [(one.place, one.label) for one in blanks]
    for blank, place in zip(blanks, form.places, strict=False):
        assert re.search(rf"{place}(\D|$)", blank.place), (blank.place, place)


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_four_blanks_in_five_are_mapped_without_help(
    form: Form, library: Library, tmp_path: Path
) -> None:
    blanks = proposed(form, library, tmp_path).blanks
    wanted = [(blank, key) for blank, key in zip(blanks, form.key, strict=True) if _is_path(key)]
    right = [blank for blank, key in wanted if blank.path == key]
    assert len(right) >= 0.8 * len(wanted)
    assert len([blank for blank in right if blank.sure]) >= 0.5 * len(wanted)


def _is_path(key: str | None) -> bool:
    return key is not None and key != "signature"


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_nothing_wrong_is_ever_sure(form: Form, library: Library, tmp_path: Path) -> None:
    for blank, key in zip(proposed(form, library, tmp_path).blanks, form.key, strict=True):
        if key == "signature":
            assert blank.kind == "signature"
        else:
            assert not blank.sure or blank.path == key, (blank, key)


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_an_item_of_a_list_is_never_sure(form: Form, library: Library, tmp_path: Path) -> None:
    for blank in proposed(form, library, tmp_path).blanks:
        assert not (blank.sure and blank.path and "[" in blank.path)
        assert "[]" not in "".join((blank.path or "", *blank.alternatives))


def test_a_label_under_a_stranger_is_unsure(library: Library) -> None:
    known = Labels(library)
    assert known.match("单位名称").sure
    assert not known.match("单位名称", [Context("受托评估机构", "span")]).sure
    assert known.match("单位名称", [Context("一、基本信息", "heading")]).sure


def test_a_label_of_two_facts_names_both(library: Library) -> None:
    match = Labels(library).match("联系电话")
    assert not match.sure
    assert {match.path, *match.alternatives} >= {
        "subject.algorithm_security_lead.mobile", "subject.contact.mobile"}


def test_the_number_of_a_person_is_not_that_of_the_company(library: Library) -> None:
    match = Labels(library).match("证件号码", [Context("法定代表人", "span")])
    assert match.path is None
    assert "subject.credit_code" in match.alternatives


@pytest.mark.parametrize(
    "label", ["单位名称", "单 位 名 称：", "　*单位名称", "1. 单位名称", "（一）单位名称", "①单位名称",
              "单位名称（全称）", "单位名称(必填)", "“单位名称”"])
def test_the_same_label_is_written_in_many_ways(label: str, library: Library) -> None:
    match = Labels(library).match(label)
    assert (match.path, match.sure) == ("subject.name", True)


@pytest.mark.parametrize(
    "label", ["受托人姓名", "受托人身份证号码", "委托人", "评估机构名称", "上级网信部门", "受理部门", "审核意见",
              "备注", "编号", "填表日期", "名称", "地址", "姓名", "第三方模型名称", "法定代表人身份证号码"])
def test_a_label_that_names_no_fact_of_ours_is_never_sure(label: str, library: Library) -> None:
    assert not Labels(library).match(label).sure


@pytest.mark.parametrize("label", ["法定代表人（签字）", "算法安全责任人签名"])
def test_a_signature_is_left_to_the_hand(label: str, library: Library) -> None:
    assert Labels(library).match(label) == labels.Match(None)


def test_a_name_beside_a_seal_is_unsure(library: Library) -> None:
    match = Labels(library).match("申请单位（公章）")
    assert (match.path, match.sure) == ("subject.name", False)


# --- the label data ------------------------------------------------------------------------------


def label_data() -> dict[str, Any]:
    text = (ROOT / labels.FILE).read_text("utf-8")
    data = yamltext.read(text, labels.FILE, as_json=False, dotted_keys=True).value
    assert isinstance(data, dict)
    return data


def test_the_labels_satisfy_their_schema(library: Library) -> None:
    assert list(library.house.validator("labels").iter_errors(label_data())) == []


def test_the_labels_name_facts_and_groups_that_exist(library: Library) -> None:
    data = label_data()
    for path in (*data["labels"], *data["within"]):
        field = library.field(path)
        assert field is not None, path
        assert labels.printable(field), path
    for path in data["groups"]:
        field = library.field(path)
        assert field is not None, path
        assert not labels.printable(field), path


def test_the_labels_of_a_house_are_added(tmp_path: Path) -> None:
    own = tmp_path / "schemas"
    own.mkdir()
    (own / "labels.yaml").write_text("labels:\n  subject.name: [呈报人称谓]\n", "utf-8")
    known = Labels(Library.open((tmp_path,)))
    assert known.match("呈报人称谓").path == "subject.name"
    assert known.match("单位名称").sure


# --- what is written -----------------------------------------------------------------------------


def parts(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def everything(proposal: Proposal) -> dict[int, str]:
    return {one.number: one.path for one in proposal.blanks if one.path}


@pytest.mark.parametrize("form", WORD_FORMS, ids=ids)
def test_only_the_blanks_change(form: Form, library: Library, tmp_path: Path) -> None:
    proposal = proposed(form, library, tmp_path)
    before, after = parts(form.raw), parts(adopt.apply(proposal, everything(proposal)))
    assert list(before) == list(after)
    assert [name for name in before if before[name] != after[name]] == ["word/document.xml"]
    old, new = (etree.fromstring(one["word/document.xml"]) for one in (before, after))
    for name in ("tbl", "tr", "tc", "p", "sectPr", "gridSpan", "vMerge"):
        assert len([*old.iter(W + name)]) == len([*new.iter(W + name)]), name
    assert words(old) == words(new)
    assert frame(old) == frame(new)


TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}[☑☐]\{%.*?%\}[☑☐]\{%.*?%\}")
BLANK = re.compile(r"[_\s\u3000□☐○]|【请填写算法名称】")


def words(root: Any) -> list[str]:
    """The text of each paragraph without blanks and tags, and days without 年月日."""
    texts = []
    for paragraph in root.iter(W + "p"):
        text = "".join(one.text or "" for one in paragraph.iter(W + "t"))
        text = re.sub(r"[_\s]*年[_\s]+月[_\s]+日", "", TAG.sub("", text))
        texts.append(BLANK.sub("", text))
    return texts


def frame(root: Any) -> bytes:
    """The part with everything but its runs, and the set of run properties that it uses."""
    used = {etree.tostring(one, method="c14n") for one in root.iter(W + "rPr")}
    for run in [*root.iter(W + "r")]:
        run.getparent().remove(run)
    return bytes(etree.tostring(root, method="c14n")) + b"".join(sorted(used))


def test_a_tag_takes_the_type_of_its_blank(library: Library, tmp_path: Path) -> None:
    proposal = proposed(FORMS[2], library, tmp_path)
    made = docx.Document(io.BytesIO(adopt.apply(proposal, everything(proposal))))
    runs = {run.text: run for one in made.paragraphs for run in one.runs if "{{" in run.text}
    tagged = runs["{{ subject.name }}"]
    assert tagged.font.underline is True
    assert tagged._r.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert tagged.font.size == Pt(14)
    text = [one.text for one in made.paragraphs]
    assert text[1] == "单位名称：{{ subject.name }}　统一社会信用代码：{{ subject.credit_code }}"
    assert text[3].startswith("本公司{{ subject.name }}（以下简称承诺单位）申请备案的算法为"
                              "{{ algorithm.name }}，算法类型为（{{ algorithm.kind }}），")
    assert text[3].endswith("拟于{{ service.launched_on }}上线。")
    assert text[10:12] == ["{{ service.summary }}", ""]  # a blank of two lines


def test_boxes_become_tags_for_their_choices(library: Library, tmp_path: Path) -> None:
    proposal = proposed(FORMS[3], library, tmp_path)
    made = docx.Document(io.BytesIO(adopt.apply(proposal, everything(proposal))))
    cells = [row.cells[1].text for row in made.tables[0].rows]
    assert cells[2].startswith('{{ service.generates|box("text") }}文本 {{ service.generates|box("image") }}图像')
    assert cells[2].endswith("□其他____")
    assert cells[3] == ("是{% if service.offered_to_public == true %}☑{% else %}☐{% endif %}　"
                        "否{% if service.offered_to_public == false %}☑{% else %}☐{% endif %}")
    assert cells[6].split("\n")[1] == '{{ algorithm.kind|box("personalised_push") }}个性化推送类'
    assert cells[12] == "□有　□无"


def test_an_empty_cell_takes_the_type_of_its_paragraph_mark(
    library: Library, tmp_path: Path
) -> None:
    document = docx.Document()
    table = filled_table(document, [["单位名称", ""]])
    properties = table.cell(0, 1).paragraphs[0]._p.get_or_add_pPr()
    mark = etree.SubElement(properties, qn("w:rPr"))
    etree.SubElement(mark, qn("w:sz")).set(qn("w:val"), "21")
    proposal = proposed(Form("a.docx", saved(document), ()), library, tmp_path)
    made = docx.Document(io.BytesIO(adopt.apply(proposal, proposal.sure_mapping())))
    [run] = made.tables[0].cell(0, 1).paragraphs[0].runs
    assert (run.text, run.font.size) == ("{{ subject.name }}", Pt(10.5))


def test_symbol_boxes_and_forms_in_text_boxes_are_read(library: Library, tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("备案角色：")
    for text in ("服务提供者　", "服务技术支持者"):
        symbol = etree.SubElement(paragraph.add_run()._r, qn("w:sym"))
        symbol.set(qn("w:font"), "Wingdings")
        symbol.set(qn("w:char"), "F0A8")
        paragraph.add_run(text)
    proposal = proposed(Form("a.docx", saved(document), ()), library, tmp_path)
    made = docx.Document(io.BytesIO(adopt.apply(proposal, proposal.sure_mapping())))
    assert made.paragraphs[0].text == ('备案角色：{{ algorithm.role|box("provider") }}服务提供者　'
                                       '{{ algorithm.role|box("technical_supporter") }}服务技术支持者')


@pytest.mark.parametrize(
    ("path", "words"),
    [("subject.nmae", "没有“subject.nmae”这个事实"), ("subject", "一组内容"), ("models", "一组内容"),
     ("Subject!", "没有“Subject!”")])
def test_a_path_that_cannot_be_printed_is_refused(
    path: str, words: str, library: Library, tmp_path: Path
) -> None:
    proposal = proposed(FORMS[0], library, tmp_path)
    with pytest.raises(BeianError, match=words) as error:
        adopt.apply(proposal, {1: path})
    assert "第1表第1行第2格" in str(error.value.place)


# --- workbooks -----------------------------------------------------------------------------------


def test_a_workbook_is_filled_and_nothing_else_changes(library: Library, tmp_path: Path) -> None:
    proposal = proposed(FORMS[4], library, tmp_path)
    cells = adopt.cells(proposal, everything(proposal))
    assert cells["登记表"]["B3"] == "subject.name"
    assert cells["登记表"]["D10"] == ('{{ service.stage|box("launching") }}拟上线 '
                                     '{{ service.stage|box("live") }}已上线')
    values = {"subject.name": "=某公司", "subject.credit_code": "123456789012345678", "service.launched_on": ""}
    made = book.fill(proposal.raw, cells, lambda what: values.get(what, what))
    old, new = (openpyxl.load_workbook(io.BytesIO(one)) for one in (proposal.raw, made))
    assert old.sheetnames == new.sheetnames
    before, after = old["登记表"], new["登记表"]
    assert before.merged_cells.ranges == after.merged_cells.ranges
    assert after.column_dimensions["B"].width == 33
    assert after.freeze_panes == "A2"
    assert (after["B3"].value, after["B3"].data_type) == ("=某公司", "s")
    assert (after["D3"].value, after["D3"].data_type) == ("123456789012345678", "s")
    assert after["B10"].value is None
    assert after["F1"].data_type == "f"
    for row in before.iter_rows():
        for cell in row:
            other = after[cell.coordinate]
            assert (cell.font.b, cell.border.left.style) == (other.font.b, other.border.left.style)
            if cell.coordinate not in cells["登记表"]:
                assert cell.value == other.value
    assert book.fill(proposal.raw, cells, lambda what: what) == book.fill(
        proposal.raw, cells, lambda what: what)


@pytest.mark.parametrize(
    ("part", "body", "words"),
    [("xl/vbaProject.bin", b"", "宏"), ("xl/media/image1.png", b"", "图片"),
     ("xl/charts/chart1.xml", b"<c/>", "图表"), ("xl/drawings/drawing1.xml", b"<d/>", "图形"),
     ("xl/ctrlProps/ctrlProp1.xml", b"<c/>", "窗体控件"),
     ("xl/worksheets/sheet9.xml", b"<worksheet><extLst><x14:dataValidation/></extLst></worksheet>",
      "数据有效性"),
     ("xl/worksheets/sheet9.xml", b"<worksheet><extLst><ext/></extLst></worksheet>", "扩展内容")])
def test_a_workbook_that_would_lose_something_is_refused(
    part: str, body: bytes, words: str, library: Library, tmp_path: Path
) -> None:
    stream = io.BytesIO(workbook())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(part, body)
    with pytest.raises(BeianError, match=words):
        book.fill(stream.getvalue(), {}, str)
    with pytest.raises(BeianError, match=words):
        proposed(Form("b.xlsx", stream.getvalue(), ()), library, tmp_path)


def test_a_cell_that_is_none_is_refused() -> None:
    for cells in ({"别处": {"A1": "x"}}, {"登记表": {"C1": "x"}}):
        with pytest.raises(BeianError):
            book.fill(workbook(), cells, str)


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [("a.doc", b"\xd0\xcf\x11\xe0", "只采用"), ("a.docx", b"\xd0\xcf\x11\xe0", "不是 Word"),
     ("a.xlsx", b"text", "不是 Excel"), ("a.docx", workbook(), "不是 Word"),
     ("a.xlsx", pledge(), "不是 Excel")])
def test_another_file_is_refused(
    name: str, raw: bytes, words: str, library: Library, tmp_path: Path
) -> None:
    with pytest.raises(BeianError, match=words):
        proposed(Form(name, raw, ()), library, tmp_path)


# --- the document folder -------------------------------------------------------------------------


def adopted(form: Form, library: Library, folder: Path, **about: Any) -> Path:
    proposal = proposed(form, library, folder)
    decisions = adopt.decide(proposal, about.pop("chosen", {}))
    told = About(id="own-form", retrieved_on=DAY, replaces="algorithm-publication", **about)
    [first, *_] = adopt.write_folder(proposal, decisions, folder / "house", told)
    return first.parent


def test_an_adopted_form_is_filled_by_build(
    library: Library, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    folder = adopted(FORMS[0], library, tmp_path, chosen={7: "algorithm.version"})
    assert {one.name for one in folder.iterdir()} == {
        "document.yaml", "mapping.yaml", "original.docx", "template.docx"}
    assert (folder / "original.docx").read_bytes() == FORMS[0].raw
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF,
                "--only", "own-form", "--house", str(tmp_path / "house"))
    assert ran.code == 0, ran.out + ran.err
    made = docx.Document(str(tmp_path / "out" / "submission" / "算法备案信息登记表.docx"))
    rows = [[cell.text for cell in row.cells] for row in made.tables[0].rows]
    assert rows[0] == ["申请单位名称", "北京示例云笺科技有限公司", "统一社会信用代码", "91110999MA00Y0J123"]
    assert rows[2][1] == "云笺智能对话生成合成算法"
    assert rows[4][3] == "2026年12月15日"
    assert rows[6][1].startswith("算法以经优化训练的大语言模型为基础")
    assert rows[11][1] == ""


def test_an_adopted_check_list_is_ticked(
    library: Library, tmp_path: Path
) -> None:
    folder = adopted(FORMS[3], library, tmp_path)
    matter = pipeline.load(SAMPLES / "chat-assistant", library)
    template = word.compile_file((folder / "template.docx").read_bytes(), "t.docx", library.field)
    view = pipeline.check(matter, library, AS_OF).view
    made = word.render(template, view, word.WordSurface(view, str, controls=False))
    texts = words_of(parts(made)["word/document.xml"])
    assert "☑文本 ☐图像 ☐音频 ☐视频 ☐虚拟场景 □其他____" in texts
    assert "☑ 能　　☐ 不能" in texts
    assert "☐内部测试　☑拟上线　☐已上线　☐已终止" in texts
    assert "☑服务提供者　☐服务技术支持者" in texts


def words_of(body: bytes) -> list[str]:
    root = etree.fromstring(body)
    return ["".join(one.text or "" for one in paragraph.iter(W + "t")) for paragraph in root.iter(W + "p")]


def test_several_paragraphs_stand_one_below_another(library: Library, tmp_path: Path) -> None:
    folder = adopted(FORMS[0], library, tmp_path)
    value = {"algorithm": {"principle_paragraphs": ["甲", "乙"]}}
    template = word.compile_file((folder / "template.docx").read_bytes(), "t.docx", library.field)
    view = View(value, library.schema)
    made = parts(word.render(template, view, word.WordSurface(view, str, controls=False)))
    assert b"<w:br/>" in made["word/document.xml"]


def test_what_was_decided_is_written_down(library: Library, tmp_path: Path) -> None:
    folder = adopted(FORMS[1], library, tmp_path, chosen={14: "products[0].name", 13: None})
    text = (folder / "mapping.yaml").read_text("utf-8")
    value = yamltext.read(text, "mapping.yaml", as_json=False).value
    state = {one["number"]: one["state"] for one in value["blanks"]}
    assert [state[number] for number in (1, 5, 13, 14, 15)] == [
        "sure", "unmapped", "left", "confirmed", "unsure"]
    assert value["form"]["file"] == "主体信息.docx"
    document = yamltext.read((folder / "document.yaml").read_text("utf-8"), "d", as_json=False,
                             dotted_keys=True).value
    assert document["title"] == "互联网信息服务算法备案主体信息表"
    assert document["when"] == {"derived.scope.algorithm_filing": True}
    assert document["origin"]["retrieved_on"] == DAY
    assert value["form"]["sha256"] in document["origin"]["edition"]


def test_a_workbook_keeps_its_original_and_its_cells(library: Library, tmp_path: Path) -> None:
    folder = adopted(FORMS[4], library, tmp_path)
    assert {one.name for one in folder.iterdir()} == {
        "document.yaml", "mapping.yaml", "form.xlsx", "fill.yaml"}
    assert (folder / "form.xlsx").read_bytes() == FORMS[4].raw
    cells = yamltext.read((folder / "fill.yaml").read_text("utf-8"), "f", as_json=False).value
    assert cells["登记表"]["B3"] == "subject.name"
    assert "B14" not in cells["登记表"]


def test_a_mapping_file_is_read_back(library: Library, tmp_path: Path) -> None:
    folder = adopted(FORMS[1], library, tmp_path, chosen={14: "products[0].name", 13: None})
    proposal = proposed(FORMS[1], library, tmp_path)
    chosen = adopt.read_mapping(folder / "mapping.yaml", proposal)
    assert chosen[14] == "products[0].name"
    assert chosen[13] is None
    assert 15 not in chosen
    short = tmp_path / "short.yaml"
    short.write_text("15: products[0].form\n5: null\n", "utf-8")
    assert adopt.read_mapping(short, proposal) == {15: "products[0].form", 5: None}
    with pytest.raises(BeianError, match="另一份表格"):
        adopt.read_mapping(folder / "mapping.yaml", proposed(FORMS[0], library, tmp_path))
    short.write_text("99: subject.name\n", "utf-8")
    with pytest.raises(BeianError, match="没有第 99 个空"):
        adopt.read_mapping(short, proposal)


@pytest.mark.parametrize(
    ("about", "words"),
    [({"id": "Own Form"}, "不合写法"), ({"id": "own-form", "replaces": "nothing"}, "没有“nothing”"),
     ({"id": "service-disclosure"}, "已是《"), ({"id": "own-form"}, "须写明依据")])
def test_a_folder_that_would_be_faulty_is_refused(
    about: dict[str, str], words: str, library: Library, tmp_path: Path
) -> None:
    proposal = proposed(FORMS[0], library, tmp_path)
    with pytest.raises(BeianError, match=words):
        adopt.write_folder(proposal, adopt.decide(proposal, {}), tmp_path / "house",
                           About(retrieved_on=DAY, **about))
    assert not (tmp_path / "house").exists()


def test_an_adopted_folder_is_never_overwritten(library: Library, tmp_path: Path) -> None:
    adopted(FORMS[0], library, tmp_path)
    with pytest.raises(BeianError, match="未覆盖"):
        adopted(FORMS[0], library, tmp_path)


# --- the commands --------------------------------------------------------------------------------


@pytest.fixture
def templates() -> typer.Typer:
    """A command line of nothing but the two commands."""
    app = typer.Typer()
    templates_adopt.register(app)
    templates_eject.register(app)
    return app


def test_adopt_lists_what_it_would_do_and_writes_only_when_told(
    templates: typer.Typer, tmp_path: Path
) -> None:
    form = tmp_path / "a.docx"
    form.write_bytes(FORMS[2].raw)
    call = ["adopt", str(form), "--id", "own-form", "-o", str(tmp_path / "house"),
            "--replaces", "filing-commitment"]
    ran = CliRunner().invoke(templates, call)
    assert ran.exit_code == 1
    assert "确定    正文第2段" in ran.output
    assert "待确认" in ran.output
    assert "未对应" in ran.output
    assert "签章处" in ran.output
    assert "未写入" in ran.output
    assert not (tmp_path / "house").exists()
    ran = CliRunner().invoke(templates, [*call, "--yes", "--json"])
    assert ran.exit_code == 1
    record = yamltext.read(ran.stdout, "out", as_json=True).value
    assert len(record["written"]) == 4
    assert (tmp_path / "house" / "templates" / "own-form" / "template.docx").exists()


def test_adopt_answers_0_when_nothing_stays_open(
    templates: typer.Typer, tmp_path: Path
) -> None:
    form, mapping = tmp_path / "a.docx", tmp_path / "m.yaml"
    form.write_bytes(FORMS[0].raw)
    mapping.write_text(
        "7: algorithm.version\n17: subject.algorithm_security_lead.mobile\n18: null\n", "utf-8")
    ran = CliRunner().invoke(templates, [
        "adopt", str(form), "--id", "own-form", "-o", str(tmp_path / "house"), "--replaces",
        "algorithm-publication", "--audience", "internal", "--mapping", str(mapping)])
    assert ran.exit_code == 0, ran.output
    assert "个人信息（subject.algorithm_security_lead.mobile）" in ran.output


def test_adopt_asks_about_each_unsure_blank(
    templates: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = tmp_path / "a.docx"
    form.write_bytes(FORMS[0].raw)
    monkeypatch.setattr(templates_adopt, "_in_terminal", lambda: True)
    ran = CliRunner().invoke(
        templates, ["adopt", str(form), "--id", "own-form", "-o", str(tmp_path / "house"),
                    "--replaces", "algorithm-publication"],
        input="subject.nmae\nservice.version\n0\n")
    assert ran.exit_code == 1
    assert "没有“subject.nmae”这个事实" in ran.output
    text = (tmp_path / "house" / "templates" / "own-form" / "mapping.yaml").read_text("utf-8")
    blanks = yamltext.read(text, "m", as_json=False).value["blanks"]
    assert (blanks[6]["path"], blanks[6]["state"]) == ("service.version", "confirmed")
    assert (blanks[16]["path"], blanks[16]["state"]) == (None, "unsure")


@pytest.mark.parametrize("name", ["service-disclosure", "algorithm-publication"])
def test_an_ejected_document_builds_as_before(
    name: str, templates: typer.Typer, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = CliRunner().invoke(templates, ["eject", name, str(tmp_path / "house")])
    assert ran.exit_code == 0, ran.output
    folder = tmp_path / "house" / "templates" / name
    assert (folder / "template.docx").read_bytes() == (
        ROOT / "templates" / name / "template.docx").read_bytes()
    assert not (folder / "template.md").exists()
    for out, house in (("plain", []), ("own", ["--house", "house"])):
        done = beian("build", str(SAMPLES / "chat-assistant"), "-o", out, "--as-of", AS_OF,
                     "--only", name, "--draft", *house)
        assert done.code in (0, 1), done.err
    made = [{one.name: one.read_bytes() for one in (tmp_path / out / "working").iterdir()}
            for out in ("plain", "own")]
    assert made[0] == made[1] != {}


def test_the_guide_names_every_fact_of_the_document(library: Library, tmp_path: Path) -> None:
    files = eject.write(library, "algorithm-publication", tmp_path)
    guide = docx.Document(str(next(one for one in files if one.name == eject.GUIDE)))
    listed = {row.cells[1].text: row.cells[0].text for row in guide.tables[0].rows}
    assert listed["写法"] == "名称"
    assert listed["algorithm.name"] == "算法·算法名称"
    assert set(listed) >= {"algorithm.principle_paragraphs", "algorithm.publication_paragraphs"}
    text = "\n".join(one.text for one in guide.paragraphs)
    for part in ("{{ subject.name }}", "独占一段", "beian templates lint", "--house"):
        assert part in text
    for run in (run for one in guide.paragraphs for run in one.runs):
        assert run._r.rPr.rFonts.get(qn("w:eastAsia"))
    document = library.documents["algorithm-publication"]
    assert eject.guide(library, document) == eject.guide(library, document)


def test_eject_never_overwrites_and_knows_what_it_cannot_do(
    library: Library, tmp_path: Path
) -> None:
    eject.write(library, "service-disclosure", tmp_path)
    with pytest.raises(BeianError, match="未覆盖"):
        eject.write(library, "service-disclosure", tmp_path)
    with pytest.raises(BeianError, match="没有“nothing”"):
        eject.write(library, "nothing", tmp_path)
    unmade = next((one for one in library.documents.values() if not one.formats), None)
    if unmade is not None:
        with pytest.raises(BeianError, match="没有模板"):
            eject.write(library, unmade.id, tmp_path)


def test_a_house_may_eject_its_own_document(library: Library, tmp_path: Path) -> None:
    adopted(FORMS[0], library, tmp_path)
    own = Library.open((tmp_path / "house",))
    files = eject.write(own, "own-form", tmp_path / "other")
    assert "template.docx" in {one.name for one in files}


def test_an_adopted_workbook_is_filled_by_build(library: Library, tmp_path: Path) -> None:
    adopted(FORMS[4], library, tmp_path)
    [house] = {one.parents[2] for one in tmp_path.rglob("fill.yaml")}
    own = Library.open((house,))
    facts = pipeline.load(SAMPLES / "chat-assistant", own)
    [name] = set(own.documents) - set(library.documents)
    made = assembly.build(pipeline.check(facts, own, DAY), draft=True, only=(name,))
    [content] = [one for path, one in made.files.items() if path.endswith(".xlsx")]
    filled = openpyxl.load_workbook(io.BytesIO(content))
    assert filled["登记表"]["B3"].value == "北京示例云笺科技有限公司"
    original = openpyxl.load_workbook(io.BytesIO(FORMS[4].raw))
    assert filled.sheetnames == original.sheetnames
