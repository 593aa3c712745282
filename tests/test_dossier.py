"""The sample's dossier: what is in it, what must not be, and that the same facts give the same bytes."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from beian import assembly, manifest, paths, pipeline
from beian.errors import BeianError
from beian.library import Library
from beian.printing import fact_text, value_text
from beian.render import excel, html, word
from beian.render.dispatch import Renderer
from beian.resources import House
from beian.view import Fact
from conftest import AS_OF, ROOT, SAMPLES, Ran

GOLDEN = ROOT / "tests" / "golden" / "chat-assistant"
#: The client's own lists: one copy, because there is nothing of ours to edit in them.
LISTS = "submission/附件"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def made(library: Library) -> assembly.Dossier:
    facts = pipeline.load(SAMPLES / "chat-assistant", library)
    return assembly.build(pipeline.check(facts, library, AS_OF))


def dump(path: str, content: bytes) -> str:
    """The text of any file of a dossier."""
    if path.endswith(".docx"):
        return "\n".join(word.text_of(content)) + "\n"
    if path.endswith(".xlsx"):
        return "\n".join(excel.text_of(content)) + "\n"
    if path.endswith(".html"):
        return "\n".join(html.text_of(content)) + "\n"
    return content.decode().replace("\r\n", "\n")


def test_the_dossier_holds_exactly_these_files(made: assembly.Dossier) -> None:
    assert sorted(made.files) == [
        "internal/facts.json",
        "internal/manifest.json",
        "internal/个人信息保护影响评估报告.docx",
        "internal/义务与期限日历.ics",
        "internal/义务与期限日历.xlsx",
        "internal/公示位置检查表.xlsx",
        "internal/合规控制点对照表.xlsx",
        "internal/备案系统填报对照表.xlsx",
        "internal/截图与佐证清单.xlsx",
        "internal/材料清单与签章表.xlsx",
        "internal/测试账号及接口说明.docx",
        "internal/监督检查说明.docx",
        "internal/算法安全管理制度（汇编）.docx",
        "internal/评估要求条号核对表（内部）.xlsx",
        "internal/适用性分析备忘录.docx",
        "internal/问题清单（内部）.xlsx",
        "internal/附件统计（内部）.xlsx",
        "submission/互联网信息服务安全评估报告.docx",
        "submission/安全自评估报告.docx",
        "submission/投诉举报与申诉指引.docx",
        "submission/投诉举报与申诉指引.html",
        "submission/拟公示内容.docx",
        "submission/生成合成内容标识方案.docx",
        "submission/生成合成内容标识说明.docx",
        "submission/生成合成内容标识说明.html",
        "submission/生成式人工智能服务上线备案申请表.docx",
        "submission/用户服务协议.docx",
        "submission/第三方信息共享清单.xlsx",
        "submission/算法及模型公示说明.docx",
        "submission/算法及模型公示说明.html",
        "submission/算法备案承诺书.docx",
        "submission/算法安全自评估报告.docx",
        "submission/算法安全责任人工作证明.docx",
        "submission/落实算法安全主体责任基本情况.docx",
        "submission/语料标注规则.docx",
        "submission/适用人群、适用场合和用途说明.docx",
        "submission/适用人群、适用场合和用途说明.html",
        "submission/逐条评估表.xlsx",
        "submission/附件4 关键词拦截列表.xlsx",
        "submission/附件5 评估测试题集.xlsx",
        "submission/隐私政策.docx",
        "submission/隐私政策.html",
        "working/互联网信息服务安全评估报告.docx",
        "working/安全自评估报告.docx",
        "working/投诉举报与申诉指引.docx",
        "working/投诉举报与申诉指引.html",
        "working/拟公示内容.docx",
        "working/生成合成内容标识方案.docx",
        "working/生成合成内容标识说明.docx",
        "working/生成合成内容标识说明.html",
        "working/生成式人工智能服务上线备案申请表.docx",
        "working/用户服务协议.docx",
        "working/第三方信息共享清单.xlsx",
        "working/算法及模型公示说明.docx",
        "working/算法及模型公示说明.html",
        "working/算法备案承诺书.docx",
        "working/算法安全自评估报告.docx",
        "working/算法安全责任人工作证明.docx",
        "working/落实算法安全主体责任基本情况.docx",
        "working/语料标注规则.docx",
        "working/适用人群、适用场合和用途说明.docx",
        "working/适用人群、适用场合和用途说明.html",
        "working/逐条评估表.xlsx",
        "working/隐私政策.docx",
        "working/隐私政策.html",
    ]


def test_the_text_of_each_document_is_the_golden_text(made: assembly.Dossier) -> None:
    for path, content in made.files.items():
        if path.endswith(".json"):
            continue
        golden = GOLDEN / f"{path}.txt"
        text = dump(path, content)
        if path.startswith(LISTS):
            text = "".join(text.splitlines(keepends=True)[:60])  # the rest is the client's
        if os.environ.get("BEIAN_FIX"):
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(text, "utf-8")
        assert text == golden.read_text("utf-8"), path


@pytest.mark.parametrize(
    "paper",
    ["launch-application", "filed-model-statement", "content-safety-rules", "inspection-statement"])
def test_a_paper_of_a_registration_is_the_golden_text(paper: str, library: Library) -> None:
    facts = pipeline.load(SAMPLES / "writing-api", library)
    dossier = assembly.build(pipeline.check(facts, library, AS_OF), only=(paper,))
    [name] = [one for one in dossier.owners if not one.startswith("working/")]
    golden = GOLDEN.parent / "writing-api" / f"{name}.txt"
    text = dump(name, dossier.files[name])
    if os.environ.get("BEIAN_FIX"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_working_and_submission_say_the_same(made: assembly.Dossier) -> None:
    for path, content in made.files.items():
        if path.startswith("submission/") and not path.startswith(LISTS):
            other = path.replace("submission/", "working/")
            assert dump(path, content) == dump(other, made.files[other])


def test_the_page_says_what_the_word_file_says(made: assembly.Dossier) -> None:
    name = "submission/适用人群、适用场合和用途说明"
    page = re.sub(r"\s", "", dump("x.html", made.files[f"{name}.html"]))
    for paragraph in word.text_of(made.files[f"{name}.docx"]):
        text = re.sub(r"\s", "", paragraph)
        if "页共" in text:
            continue  # the footer
        assert text in page, paragraph


def controls(content: bytes) -> Iterator[tuple[str, str, str]]:
    """(tag, alias, text) of every content control."""
    from lxml import etree

    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml"))
    for one in root.iter(f"{W}sdt"):
        tag, alias = (one.find(f".//{W}{name}").get(f"{W}val") for name in ("tag", "alias"))
        yield tag, alias, word.paragraph_text(one)


def test_each_printed_fact_is_a_control_named_by_its_path(
    made: assembly.Dossier, library: Library
) -> None:
    facts = made.examination.facts.value
    found: set[str] = set()
    for path, content in made.files.items():
        if not (path.startswith("working/") and path.endswith(".docx")):
            continue
        for tag, alias, text in controls(content):
            assert len(tag) <= 64
            if tag.startswith(("derived.", "dossier.")):
                continue  # computed, and held by the tests of the figures
            value: Any = facts
            for step in paths.parse(tag):
                value = value[step]
            field = library.field(tag)
            node = made.examination.view.read(tag)
            shown = {value_text(value, field), str(value)}
            if isinstance(node, Fact) and not isinstance(value, (dict, list)):
                shown.add(fact_text(node))
            if isinstance(value, list):
                shown |= {between.join(map(str, value)) for between in (" → ", "、", "；")}
                shown.add(str(len(value)))
            if field is not None and field.choices and text[0] in "☑☐":
                ticked = {one[1:] for one in text.split("　") if one.startswith("☑")}
                stated = value if isinstance(value, list) else [value]
                assert ticked == {field.choices[one] for one in stated if one is not None}
            else:
                assert text in shown, tag
            assert alias
            found.add(tag)
    assert {"algorithm.name", "subject.name", "products[2].name", "models[0].filing_number",
            "complaints.channels[1].address", "algorithm.publication_paragraphs"} <= found


def test_control_ids_are_unique(made: assembly.Dossier) -> None:
    for path, content in made.files.items():
        if path.endswith(".docx"):
            body = zipfile.ZipFile(io.BytesIO(content)).read("word/document.xml").decode()
            ids = re.findall(r'<w:sdtPr>.*?<w:id w:val="(\d+)"', body)
            assert len(ids) == len(set(ids)), path


def test_submission_is_clean(made: assembly.Dossier) -> None:
    for path, content in made.files.items():
        if not path.startswith("submission/"):
            continue
        parts = {path: content}
        if path.endswith((".docx", ".xlsx")):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
                assert not {"comments.xml", "people.xml"} & {name.split("/")[-1] for name in parts}
        for name, part in parts.items():
            if name.endswith(".png"):
                continue  # the client's own picture
            for mark in ("w:sdt", "【待填", "【待定", "{{", "{%", "beian", "python", "pandoc",
                         "openpyxl", "dc:creator", "lastModifiedBy", "w:rsid", "w:ins ", "w:del "):
                assert mark.encode() not in part, (path, name, mark)


def test_personal_data_stays_out_of_public_papers_and_the_manifest(
    made: assembly.Dossier, library: Library
) -> None:
    secrets = ("110999198002290017", "13000000001", "13000000002", "algorithm-security@")
    asked = {  # the authority's own forms ask for identity numbers
        one.id for one in library.documents.values() if one.audience == "authority"
        for read, _ in Renderer(library).reads(one)
        if (field := library.field(read.path)) is not None and field.sensitive}
    for path, content in made.files.items():
        if made.owners.get(path) in asked:
            continue
        if path.startswith(("submission/", "working/")) or path == manifest.NAME:
            for secret in secrets:
                assert secret not in dump(path, content), (path, secret)


def test_word_and_excel_libraries_open_every_file(made: assembly.Dossier) -> None:
    for path, content in made.files.items():
        if path.endswith(".docx"):
            assert docx.Document(io.BytesIO(content)).paragraphs, path
        if path.endswith(".xlsx"):
            assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames, path


def test_the_manifest_fits_its_schema_and_its_files(made: assembly.Dossier) -> None:
    record = json.loads(made.files[manifest.NAME])
    House.open().validator("manifest").validate(record)
    listed = {one["path"]: one["content_sha256"] for one in record["files"]}
    assert listed == {path: manifest.content_digest(content)
                      for path, content in made.files.items() if path != manifest.NAME}


def test_ids_and_leading_signs_are_text_in_the_workbook(library: Library) -> None:
    facts = pipeline.load(SAMPLES / "chat-assistant", library, (
        "service.version=\"=1+1\"", "subject.contact.name=\"@甲\"", "algorithm.version=\"-V1\""))
    made = assembly.build(pipeline.check(facts, library, AS_OF), only=("materials-checklist",))
    book = openpyxl.load_workbook(io.BytesIO(made.files["internal/材料清单与签章表.xlsx"]))
    cells = {cell.value: cell.data_type for row in book["统一口径"].iter_rows() for cell in row}
    for text in ("=1+1", "@甲", "-V1", "110999198002290017", "13000000001", "91110999MA00Y0J123"):
        assert cells[text] == "s", text


def test_the_workbook_is_set_up_for_use_and_print(made: assembly.Dossier) -> None:
    book = openpyxl.load_workbook(io.BytesIO(made.files["internal/材料清单与签章表.xlsx"]))
    assert book.sheetnames == [
        "统一口径", "角色", "材料清单", "所附清单", "签章表", "产品核对", "佐证清单"]
    for name in book.sheetnames[1:]:
        sheet = book[name]
        assert sheet.freeze_panes == "A3"
        assert sheet.auto_filter.ref.startswith("A2:")
        assert sheet.print_title_rows == "$2:$2"
        assert sheet.page_setup.paperSize == 9
    signed = [[cell.value for cell in row[:5]] for row in book["签章表"].iter_rows(min_row=3)]
    assert ["算法备案承诺书", "算法安全责任人", "示例乙"] in [row[1:4] for row in signed]


# --- the same bytes ------------------------------------------------------------------------------

def test_two_processes_give_identical_bytes(tmp_path: Path) -> None:
    made = []
    for name, environment in {
        "甲 one": {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C", "BEIAN_CACHE": ""},
        "two": {"PYTHONHASHSEED": "77", "TZ": "America/New_York", "LC_ALL": "C.UTF-8",
                "SOURCE_DATE_EPOCH": "1", "BEIAN_CACHE": str(tmp_path / "cache")},
    }.items():
        folder = tmp_path / name
        shutil.copytree(SAMPLES / "chat-assistant", folder / "matter")
        subprocess.run(
            [sys.executable, "-m", "beian", "build", "matter", "-o", "out", "--as-of", AS_OF],
            cwd=folder, env={**os.environ, **environment}, check=True, capture_output=True)
        out = folder / "out"
        made.append({one.relative_to(out).as_posix(): one.read_bytes()
                     for one in sorted(out.rglob("*")) if one.is_file()})
    one, other = made
    assert one.keys() == other.keys()
    for path in one:
        left, right = (content.replace(b"matter/", b"") for content in (one[path], other[path]))
        assert left == right, path


# --- writing -------------------------------------------------------------------------------------

def build(beian: Callable[..., Ran], *more: str) -> Ran:
    return beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF, *more)


def test_the_sample_builds_and_says_what_to_do_next(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    ran = build(beian)
    assert ran.code == 0
    assert ran.err == ""
    for words in ("已生成材料，在 out/：", "submission/拟公示内容.docx", "下一步：", "提交前换用官方文件"):
        assert words in ran.out
    assert (tmp_path / "out" / "internal" / "manifest.json").exists()


def test_building_again_replaces_an_untouched_dossier(beian: Callable[..., Ran]) -> None:
    assert build(beian).code == 0
    assert build(beian, "--set", "service.version=V9").code == 0


def test_a_dossier_edited_by_hand_is_not_overwritten(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    build(beian)
    edited = tmp_path / "out" / "working" / "拟公示内容.docx"
    edited.write_bytes(edited.read_bytes() + b"x")
    ran = build(beian)
    assert (ran.code, "working/拟公示内容.docx" in ran.err) == (2, True)
    assert edited.read_bytes().endswith(b"x")
    assert build(beian, "--replace").code == 0
    assert not edited.read_bytes().endswith(b"x")


def test_a_foreign_folder_is_not_touched(beian: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    for more in ((), ("--replace",)):
        ran = build(beian, *more)
        assert (ran.code, "也不是 beian 生成的目录" in ran.err) == (2, True)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_final_build_refuses_while_something_is_missing(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    text = (SAMPLES / "chat-assistant" / "facts.yaml").read_text("utf-8")
    (tmp_path / "facts.yaml").write_text(text.replace("  version: V1.0\n  summary", "  summary"))
    ran = beian("build", "facts.yaml", "-o", "out", "--as-of", AS_OF)
    assert ran.code == 1
    assert "缺少“服务·服务版本”" in ran.out
    assert not (tmp_path / "out").exists()


def test_facts_come_from_standard_input(beian: Callable[..., Ran], tmp_path: Path) -> None:
    raw = (SAMPLES / "chat-assistant" / "facts.yaml").read_bytes()
    ran = beian("build", "-", "-o", "out", "--as-of", AS_OF, "--json", stdin=raw)
    assert ran.code == 0
    assert "submission/拟公示内容.docx" in json.loads(ran.out)["written"]
    again = beian("check", "out/internal/facts.json", "--as-of", AS_OF, "--json")
    assert [one["rule"] for one in json.loads(again.out)["findings"]] == [
        "annex-files-exist", "evidence-files", "requirements-numbered"]


def test_only_the_named_document_is_made(beian: Callable[..., Ran], tmp_path: Path) -> None:
    assert build(beian, "--only", "algorithm-publication").code == 0
    assert {one.name for one in (tmp_path / "out" / "submission").iterdir()} == {"拟公示内容.docx"}
    ran = build(beian, "--only", "no-such")
    assert (ran.code, "没有“no-such”这份文书" in ran.err) == (2, True)


def test_odd_values_come_through_the_whole_flow(library: Library) -> None:
    odd = '<甲> & "乙" {{ 丙 }} {% 丁 %} 50% =1'
    facts = pipeline.load(SAMPLES / "chat-assistant", library, (
        f"service.summary='{odd}'", f"audience.purposes=['{odd}']", f"models[0].use='{odd}'"))
    made = assembly.build(pipeline.check(facts, library, AS_OF))
    for path in ("submission/适用人群、适用场合和用途说明.docx", "submission/适用人群、适用场合和用途说明.html"):
        assert dump(path, made.files[path]).count(odd) == 3, path


def test_a_template_that_loses_a_value_is_caught(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = pipeline.load(SAMPLES / "chat-assistant", library)
    result = pipeline.check(facts, library, AS_OF)
    monkeypatch.setattr(word, "text_of", lambda raw: iter(["别的文字"]))
    with pytest.raises(BeianError, match="没有完整出现"):
        assembly.build(result, only=("algorithm-publication",))


def test_what_is_missing_elsewhere_does_not_stop_the_named_document(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    text = (SAMPLES / "chat-assistant" / "facts.yaml").read_text("utf-8")
    matter = tmp_path / "matter"
    shutil.copytree(SAMPLES / "chat-assistant", matter)
    (matter / "facts.yaml").write_text(text.replace("  acknowledge_working_days: 1\n", ""), "utf-8")
    whole = beian("build", "matter", "-o", "out", "--as-of", AS_OF)
    assert whole.code == 1
    ran = beian("build", "matter", "-o", "out", "--as-of", AS_OF, "--only", "algorithm-publication")
    assert ran.code == 0
    assert (tmp_path / "out" / "submission" / "拟公示内容.docx").exists()
    ran = beian("build", "matter", "-o", "two", "--as-of", AS_OF, "--only", "service-disclosure")
    assert ran.code == 1
    assert not (tmp_path / "two").exists()


def test_an_interruption_leaves_the_dossier_that_was_there(
    made: assembly.Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assembly.write(made, out)
    before = sorted(one.relative_to(out) for one in out.rglob("*"))
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.suffix == ".tmp":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        assembly.write(made, out)
    assert sorted(one.relative_to(out) for one in out.rglob("*")) == before
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_and_a_link_are_filled_where_they_are(
    made: assembly.Dossier, tmp_path: Path
) -> None:
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "link"
    link.symlink_to(real)
    node = real.stat().st_ino
    assembly.write(made, link)
    assert link.is_symlink()
    assert real.stat().st_ino == node
    assert (real / "internal" / "manifest.json").exists()


def test_a_folder_of_the_users_own_inside_the_dossier_is_kept(
    made: assembly.Dossier, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assembly.write(made, out)
    (out / "mine").mkdir()
    with pytest.raises(BeianError, match="mine"):
        assembly.write(made, out)
    assert (out / "mine").is_dir()
