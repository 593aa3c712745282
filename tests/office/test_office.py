"""Every Word and Excel file passes the Open XML SDK validator and opens in LibreOffice."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from beian import assembly, pipeline
from beian.intake import asked, export
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES

pytestmark = pytest.mark.office

#: Words (alternatives by |) that stand in a paper, by a part of its file's name.
OWN_WORDS = {
    "材料清单": "统一口径表",
    "-zh.xlsx": "备案事实采集表",
    "-en.xlsx": "备案事实采集表",
    "拟公示": "拟公示内容",
    "算法安全自评估报告": "互联网信息服务算法安全自评估报告",
    "承诺书": "互联网信息服务算法备案承诺书",
    "落实": "落实算法安全主体责任基本情况",
    "填报对照表": "算法详细属性",
    "佐证清单": "截图与佐证清单",
    "附件统计": "按风险的数量和下限|所附清单待填",  # a draft without lists says so
    "问题清单": "附件问题清单|所附清单待填",
    "API": "API客户安全与标识义务告知",
    "授权委托书": "授权委托书",
    "制度（汇编）": "算法安全管理制度汇编",
    "条号核对表": "评估要求条号核对表",
}

TOOLS = Path(os.environ.get("BEIAN_SMOKE_TOOLS", ROOT / "build" / "smoke"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, library: Library) -> list[Path]:
    """The sample's dossier, its draft, that of a registration, a draft of every case, and the templates themselves."""
    folder = tmp_path_factory.mktemp("office")
    made = [("final", SAMPLES / "chat-assistant", False), ("draft", SAMPLES / "chat-assistant", True)]
    made.append(("registration", SAMPLES / "writing-api", False))
    made += [(case.name, case, True) for case in sorted((ROOT / "tests" / "cases").iterdir())]
    for name, matter, draft in made:
        facts = pipeline.load(matter, library)
        result = pipeline.check(facts, library, AS_OF)
        assembly.write(assembly.build(result, draft=draft), folder / name)
        for lang in ("zh", "en") if name in ("final", "wrong-everywhere") else ():
            questions = export.export(
                facts, library.schema, day=AS_OF, needed=asked.needed_now(result), lang=lang,
                cite=lambda one: str(library.register.cite(one)))
            (folder / f"{name}-{lang}.xlsx").write_bytes(questions.content)
    found = [one for one in folder.rglob("*") if one.suffix in (".docx", ".xlsx")]
    return sorted([*found, *ROOT.glob("templates/**/*.docx")])


def test_every_file_is_valid_open_xml(files: list[Path]) -> None:
    validator = TOOLS / "office" / "node_modules" / ".bin" / "ooxml-validator"
    assert validator.exists(), f"install {ROOT}/tests/office/package.json below BEIAN_SMOKE_TOOLS"
    assert len(files) > 10
    faults = []
    for file in files:
        done = subprocess.run([validator, file], capture_output=True, text=True)
        report = json.loads(done.stdout)
        faults += [(file.name, one["description"], one["path"]) for one in report["errors"]]
        assert report["ok"] or faults
    assert faults == []


def test_every_file_opens_in_libreoffice_with_all_its_text(
    files: list[Path], tmp_path: Path
) -> None:
    # The client's lists have hundreds of pages and a test of their own.
    own = [one for one in files if ROOT not in one.parents and not one.name.startswith(("附件4", "附件5"))]
    copies = []
    for number, file in enumerate(own):
        copy = tmp_path / f"{number}{file.suffix}"
        copy.write_bytes(file.read_bytes())
        copies.append(copy)
    for first in range(0, len(copies), 50):  # of several hundred at once it leaves the last out
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
             "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, copies[first:first + 50])],
            check=True, capture_output=True, timeout=600,
            env={**os.environ, "FONTCONFIG_FILE": str(ROOT / "tests/office/fonts.conf")})
    lacking = []
    for copy, file in zip(copies, own, strict=True):
        pdf = copy.with_suffix(".pdf")
        text = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True,
                              text=True).stdout
        squeezed = re.sub(r"\s", "", text)
        title = next((words for part, words in OWN_WORDS.items() if part in file.name),
                     re.escape(file.stem))
        if not re.search(title, squeezed) or "{{" in squeezed:
            lacking.append((file.relative_to(file.parents[2]).as_posix(), title, squeezed[:60]))
    assert lacking == []
