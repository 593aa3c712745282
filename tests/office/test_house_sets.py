"""A house template that went through LibreOffice and a lawyer's edit prints the same, or lint says where not."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from beian.render import word
from conftest import AS_OF, ROOT, SAMPLES, Ran

pytestmark = pytest.mark.office

#: Each document with a sentence that its owner rewords, and what it then says.
EDITS = {
    "user-agreement": ("未成年人，是指未满十八周岁的自然人；", "未成年人，是指不满十八周岁的自然人；"),
    "security-assessment": ("上列语料的类型、语言和内容如下。", "上列各项语料的类型、语言和内容见下表。"),
    "service-disclosure": ("处理流程如下。", "投诉举报按照下列流程处理。"),
}
ADDED = "本文书于{{ service.launched_on }}之前由法务部门复核。"
ADDED_PRINTED = "本文书于2026年12月15日之前由法务部门复核。"
FONT = "微软雅黑"


def resaved(file: Path, folder: Path) -> None:
    """The template as LibreOffice saves it, in its place."""
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile",
         "--convert-to", "docx", "--outdir", str(folder), str(file)],
        check=True, capture_output=True, timeout=300,
        env={**os.environ, "FONTCONFIG_FILE": str(ROOT / "tests/office/fonts.conf")})
    file.write_bytes((folder / file.name).read_bytes())


def printed(beian: Callable[..., Ran], name: str, out: Path, *house: str) -> list[str]:
    """The paragraphs of the paper, without spaces and footers; building must succeed."""
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", str(out), "--as-of", AS_OF,
                "--only", name, *house)
    assert ran.code == 0, ran.out + ran.err
    [file] = (out / "submission").glob("*.docx")
    texts = (re.sub(r"\s", "", text) for text in word.text_of(file.read_bytes()))
    return [text for text in texts if text and not re.fullmatch(r"第\d+页共\d+页|—\d+—", text)]


def found(paper: Any, words: str) -> tuple[int, Paragraph]:
    """The first paragraph outside tables that holds these words, and its number counted from one."""
    return next(
        (number, one) for number, one in enumerate(paper.paragraphs, 1) if words in one.text)


@pytest.mark.parametrize("name", EDITS)
def test_a_template_saved_by_libreoffice_and_edited_by_hand_prints_that_edit_and_nothing_else(
    name: str, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    old, new = EDITS[name]
    assert beian("templates", "eject", name, "house").code == 0
    file = tmp_path / "house" / "templates" / name / "template.docx"
    resaved(file, tmp_path)
    shipped = printed(beian, name, tmp_path / "shipped")
    house = ("--house", str(tmp_path / "house"))
    assert beian("templates", "lint", name, *house).out.endswith("阻断 0 · 复核 0\n")
    assert printed(beian, name, tmp_path / "resaved", *house) == shipped

    paper = docx.Document(str(file))
    _, reworded = found(paper, old)
    reworded.runs[0].text = new
    for run in reworded.runs[1:]:
        run.text = ""
    for run in reworded.runs:
        run.font.name = FONT
        run._r.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    reworded.insert_paragraph_before(ADDED, reworded.style)
    paper.save(str(file))
    ran = beian("templates", "lint", name, *house)
    assert ran.code == 0 and ran.out.endswith("阻断 0 · 复核 0\n"), ran.out
    edited = printed(beian, name, tmp_path / "edited", *house)
    at = shipped.index(old)
    assert edited == [*shipped[:at], ADDED_PRINTED, new, *shipped[at + 1:]]

    number, damaged = found(paper, "{{ subject.name }}")
    damaged.runs[0].text = damaged.text.replace("}}", "｝｝")
    for run in damaged.runs[1:]:
        run.text = ""
    paper.save(str(file))
    ran = beian("templates", "lint", name, "--json", *house)
    assert ran.code == 1
    faults = {(one["rule"], one["place"]) for one in json.loads(ran.out)["findings"]}
    [(rule, place)] = faults
    assert rule == "template-lookalike"
    assert f"{file.name} 正文第{number}段“{damaged.text[:10]}" in place
