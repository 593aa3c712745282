"""The papers of the algorithm filing: exactly those of a role and modality, and one value in all."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.table import Table
from docx.text.paragraph import Paragraph

from beian import assembly, pipeline, yamltext
from beian.assembly import Dossier
from beian.library import Library
from beian.pipeline import Examination
from beian.printing import value_text
from beian.render import word
from beian.view import Fact
from conftest import AS_OF, SAMPLES

PROVIDERS = ("chat-assistant", "writing-api", "image-studio")
FILED = (*PROVIDERS, "model-platform")
LIBRARY = Library.open()


@cache
def examined(name: str) -> Examination:
    return pipeline.check(pipeline.load(SAMPLES / name, LIBRARY), LIBRARY, AS_OF)


@cache
def family(name: str) -> Dossier:
    """Every paper of the algorithm filing: final where the sample is complete, else a draft."""
    result = examined(name)
    only = tuple(one.document.id for one in result.entries
                 if one.document.family == "algorithm-filing" and one.state != "excluded")  # fmt: skip
    return assembly.build(result, only=only, draft=result.stops)


COMPLETE = [name for name in FILED if not examined(name).stops]


# --- exactly the papers --------------------------------------------------------------------------

#: What every first filing hands in or keeps beside it.
FIRST_FILING = {
    "accountability-statement", "algorithm-publication", "algorithm-self-assessment",
    "evidence-checklist", "filing-commitment", "governance-rules", "portal-copy-sheet",
}  # fmt: skip
#: Owed by what the facts say of the persons, whatever the role and the modality.
ABOUT_PERSONS = {"lead-employment-proof", "filing-authority"}


@pytest.mark.parametrize("name", FILED)
def test_a_sample_owes_exactly_the_papers_of_a_first_filing(name: str) -> None:
    states = {one.document.id: one.state for one in examined(name).entries
              if one.document.family == "algorithm-filing"}  # fmt: skip
    owed = {one for one, state in states.items() if state != "excluded"}
    assert owed - ABOUT_PERSONS == FIRST_FILING


def groups(name: str) -> set[str]:
    return {str(row[0]) for _, row in rows(name)}


def rows(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(family(name).files["internal/备案系统填报对照表.xlsx"]))
    for sheet in book:
        for row in sheet.iter_rows(min_row=4, values_only=True):
            yield sheet.title, tuple(str(cell) for cell in row)


SUBFORMS = {"文本生成合成", "图像视频生成合成", "音频生成合成", "虚拟场景"}


@pytest.mark.parametrize("name", FILED)
def test_the_copy_sheet_has_the_screens_of_the_role_and_the_modalities(name: str) -> None:
    shown = groups(name)
    algorithm = examined(name).facts.value["algorithm"]
    own = "产品及功能信息" if name in PROVIDERS else "技术服务方式"
    other = "技术服务方式" if name in PROVIDERS else "产品及功能信息"
    assert [one for one in shown if one.startswith(own)]
    assert not [one for one in shown if one.startswith(other)]
    wanted = {"text": "文本生成合成", "image": "图像视频生成合成", "video": "图像视频生成合成",
              "audio": "音频生成合成", "virtual_scene": "虚拟场景"}
    if "output_modalities" in algorithm:
        assert shown & SUBFORMS == {wanted[one] for one in algorithm["output_modalities"]}


@pytest.mark.parametrize("name", FILED)
def test_the_self_assessment_names_type_and_role_and_no_other(name: str) -> None:
    folder = "submission" if name in COMPLETE else "working"
    text = word.text_of(family(name).files[f"{folder}/算法安全自评估报告.docx"])
    role = "服务提供者" if name in PROVIDERS else "服务技术支持者"
    assert f"生成合成类（深度合成）－{role}" in text


# --- one value in all papers ---------------------------------------------------------------------

#: Where a fact stands in the papers: the label of the cell before it.
LABELS = {
    "主体名称": "subject.name",
    "单位（盖章）": "subject.name",
    "统一社会信用代码": "subject.credit_code",
    "证件号码": "subject.credit_code",
    "主体类型": "subject.entity_kind",
    "经营范围": "subject.business_scope",
    "法定代表人": "subject.legal_representative.name",
    "法定代表人姓名": "subject.legal_representative.name",
    "算法安全责任人姓名": "subject.algorithm_security_lead.name",
    "算法名称": "algorithm.name",
    "算法类型": "algorithm.kind",
    "备案角色": "algorithm.role",
    "算法版本": "algorithm.version",
    "版本号": "algorithm.version",
    "算法应用领域": "algorithm.application_fields",
    "应用领域": "algorithm.application_fields",
    "算法使用场景": "algorithm.use_scenario",
    "使用场景": "algorithm.use_scenario",
    "算法简介": "algorithm.introduction",
    "算法基本原理": "algorithm.principle_paragraphs",
    "算法运行机制": "algorithm.mechanism_paragraphs",
    "算法应用场景": "algorithm.scenario_paragraphs",
    "算法目的意图": "algorithm.purpose_paragraphs",
    "输入数据模态": "algorithm.input_modalities",
    "输出数据模态": "algorithm.output_modalities",
    "输出文件格式": "algorithm.output_formats",
}
#: Those that stand in several papers, and in how many at least.
SEVERAL = {
    "subject.name": 3, "subject.credit_code": 3, "algorithm.name": 3, "algorithm.kind": 2,
    "algorithm.role": 2, "algorithm.version": 2, "algorithm.application_fields": 2,
    "algorithm.use_scenario": 2, "subject.entity_kind": 2, "subject.business_scope": 2,
    "algorithm.principle_paragraphs": 2, "algorithm.purpose_paragraphs": 2,
}  # fmt: skip


def told(name: str) -> dict[str, dict[str, set[str]]]:
    """What each paper says of each fact: by path, then by file."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path, content in family(name).files.items():
        if path.startswith("submission/") and path.endswith(".docx"):
            for table in docx.Document(io.BytesIO(content)).tables:
                for row in table.rows:
                    cells = [cell.text for cell in row.cells]
                    if len(cells) == 2 and cells[0] in LABELS:
                        found[LABELS[cells[0]]][path].add(cells[1])
    for sheet, row in rows(name):
        if row[7] in LABELS.values():
            found[row[7]][sheet].add(_ticked(row[3]))
    for values in found["algorithm.use_scenario"].values():  # behind 其他 stands which
        values.update({value.partition("（")[0] for value in list(values)})
        values -= {value for value in values if "（" in value}
    return found


def _ticked(cell: str) -> str:
    ticked = re.findall(r"☑([^　]+)", cell)
    return "、".join(ticked) if ticked else cell


def plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def parts(text: str) -> list[str]:
    """What is joined by enumeration commas: a form ticks choices in the order of its own."""
    return sorted(plain(text).split("、"))


def test_the_samples_that_are_complete_are_read_back() -> None:
    assert set(COMPLETE) == set(FILED)


@pytest.mark.parametrize("name", COMPLETE)
def test_a_fact_has_one_value_in_every_paper(name: str) -> None:
    view, found = examined(name).view, told(name)
    for path, by_file in found.items():
        node = view.read(path)
        assert isinstance(node, Fact)
        stated = parts(value_text(node.value, node.field))
        for file, values in by_file.items():
            assert [parts(value) for value in values] == [stated], (path, file)
    for path, count in SEVERAL.items():
        assert len(found[path]) >= count, (path, list(found[path]))


@pytest.mark.parametrize("name", COMPLETE)
def test_products_models_persons_and_places_stand_where_they_must(name: str) -> None:
    files = {path: plain("".join(word.text_of(content))) for path, content in family(name).files.items()
             if path.startswith("submission/")}  # fmt: skip
    report, promise, statement, published = (
        files[f"submission/{one}.docx"]
        for one in ("算法安全自评估报告", "算法备案承诺书", "落实算法安全主体责任基本情况", "拟公示内容")
    )
    sheet = plain("".join(cell for _, row in rows(name) for cell in row))
    value = examined(name).facts.value
    lead = value["subject"]["algorithm_security_lead"]
    for text in (report, promise, sheet):
        assert plain(lead["name"]) in text
        assert plain(lead["position"]) in text
    assert plain(value["governance"]["head"]["name"]) in statement
    for product in value["products"] if value["algorithm"]["role"] == "provider" else ():
        for key in ("name", "address", "icp_number"):
            if product[key]:
                assert plain(product[key]) in report
                assert plain(product[key]) in sheet
        assert plain(product["name"]) in published
    for model in value["models"]:
        for key in ("name", "version", "provider_name", "filing_number", "algorithm_filing_number"):
            if model[key]:
                assert plain(model[key]) in report
    for facility in value["deployment"]["facilities"]:
        assert plain(facility["location"]) in report


# --- the headings of the report ------------------------------------------------------------------

#: The headings of an algorithm's self-assessment, to the third level, as filled-in papers show them.
HEADINGS = [
    "算法情况", "算法流程", "算法数据", "输入数据", "输出数据", "训练数据", "算法模型", "干预策略",
    "结果标识", "溯源标识", "显式标识",
    "服务情况", "服务简介", "算法在服务中应用情况",
    "风险研判", "算法滥用", "算法漏洞", "算法恶意利用", "其他",
    "风险防控情况", "风险防范机制建设", "算法机制机理审核", "算法安全评估监测", "生成合成虚假信息的辟谣机制",
    "算法安全事件应急处置",
    "用户权益保护", "用户知情权", "用户个人信息保护", "其他权益保护",
    "内容生态治理", "防范和抵制违法和不良信息", "人工审核", "模型安全保障", "数据安全防护",
    "安全评估结论", "其他应当说明的相关情况",
]  # fmt: skip


@pytest.mark.parametrize("name", COMPLETE)
def test_every_heading_of_the_self_assessment_has_its_text(name: str) -> None:
    paper = docx.Document(io.BytesIO(family(name).files["submission/算法安全自评估报告.docx"]))
    filled: dict[str, bool] = {}
    above: list[tuple[int, str]] = []  # the headings that the next block stands under
    for block in paper.iter_inner_content():
        style = "" if isinstance(block, Table) or block.style is None else block.style.name or ""
        if style.startswith("Heading") and isinstance(block, Paragraph):
            level = int(style[-1])
            above = [one for one in above if one[0] < level] + [(level, block.text.strip())]
            filled.setdefault(block.text.strip(), False)
        elif isinstance(block, Table) or block.text.strip():
            filled |= {heading: True for _, heading in above}
    assert [one for one in HEADINGS if not filled.get(one)] == []


# --- what is sent back ---------------------------------------------------------------------------

def test_each_return_reason_has_a_rule_with_cases_or_says_what_stands_for_it() -> None:
    here = Path(__file__).resolve().parent
    read = [yamltext.read((here / name).read_text("utf-8"), name, as_json=False, dotted_keys=True).value
            for name in ("return-reasons.yaml", *(f"rules/{one.name}" for one in (here / "rules").iterdir()))]
    reasons, cased = read[0], {name for cases in read[1:] for name in cases}
    assert [one["id"] for one in reasons] == [f"RJ-{number:02}" for number in range(1, 50, 2)]
    for reason in reasons:
        named = reason.get("rules", [])
        assert bool(named) is not bool(reason.get("because")), reason["id"]
        for rule in named:
            assert rule in LIBRARY.rules, (reason["id"], rule)
            assert rule in cased, (reason["id"], rule)
