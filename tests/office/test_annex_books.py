"""The workbooks made of annexes pass the Open XML SDK validator and open in LibreOffice."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from beian import assembly, pipeline
from beian.annexes import examination, papers
from beian.annexes.reading import Source
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES

pytestmark = pytest.mark.office

TOOLS = Path(os.environ.get("BEIAN_SMOKE_TOOLS", ROOT / "build" / "smoke"))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, library: Library) -> dict[str, Path]:
    """The clean lists, charts and problems of the sample's annexes and a faulty list, by name."""
    folder = tmp_path_factory.mktemp("annexes")
    annexes = sorted((SAMPLES / "chat-assistant" / "annexes").iterdir())
    sources = [Source(one.name, one.read_bytes()) for one in annexes]
    faulty = "关键词,二级分类\n=1+1,不明\n#N/A,民族歧视内容\n&词,民族歧视内容\n"
    sources.append(Source("词库.csv", faulty.encode()))
    result = examination.examine(sources, library, AS_OF, keep=True)
    made = papers.clean_books(result) | {
        papers.FIGURES: papers.figures_book(result), papers.PROBLEMS: papers.problem_book(result)}
    for number, content in enumerate(made.values()):
        (folder / f"{number}.xlsx").write_bytes(content)
    return {name: folder / f"{number}.xlsx" for number, name in enumerate(made)}


def test_every_book_is_valid_open_xml(files: dict[str, Path]) -> None:
    validator = TOOLS / "office" / "node_modules" / ".bin" / "ooxml-validator"
    assert len(files) == 4
    for name, file in files.items():
        done = subprocess.run([validator, file], capture_output=True, text=True)
        report = json.loads(done.stdout)
        assert (name, report["ok"], report["errors"]) == (name, True, [])


def test_every_book_opens_in_libreoffice_with_its_charts(
    files: dict[str, Path], tmp_path: Path
) -> None:
    shown = {name: file for name, file in files.items() if not name.startswith("附件5")}  # 130 pages
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "pdf", "--outdir", str(tmp_path), *map(str, shown.values())],
        check=True, capture_output=True, timeout=600,
        env={**os.environ, "FONTCONFIG_FILE": str(ROOT / "tests/office/fonts.conf")})
    wanted = {papers.FIGURES: "生成内容测试题库按风险的数量和下限", papers.PROBLEMS: "“不明”不是标准所列的风险"}
    for name, file in shown.items():
        pdf = tmp_path / file.with_suffix(".pdf").name
        text = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True,
                              text=True).stdout
        assert wanted.get(name, "#N/A") in re.sub(r"\s", "", text), name


def test_libreoffice_keeps_filters_widths_print_titles_merges_and_charts(
    tmp_path: Path, library: Library
) -> None:
    facts = pipeline.load(SAMPLES / "chat-assistant", library)
    papers_of = ("keyword-list", "test-questions", "annex-figures", "clause-assessment", "clause-numbers")
    made = assembly.build(pipeline.check(facts, library, AS_OF), only=papers_of).files
    books = {name: raw for name, raw in made.items()
             if name.endswith(".xlsx") and not name.startswith("working/")}
    assert len(books) == 5
    for number, raw in enumerate(books.values()):
        (tmp_path / f"{number}.xlsx").write_bytes(raw)
    out = tmp_path / "out"
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "xlsx", "--outdir", str(out), *map(str, sorted(tmp_path.glob("*.xlsx")))],
        check=True, capture_output=True, timeout=600)
    for number, name in enumerate(books):
        ours, theirs = load_workbook(tmp_path / f"{number}.xlsx"), load_workbook(out / f"{number}.xlsx")
        assert ours.sheetnames == theirs.sheetnames
        for sheet in ours.worksheets:
            opened = theirs[sheet.title]
            place = name, sheet.title
            # Without a window LibreOffice has no view to write: the frozen header is told by our file.
            pane = sheet.sheet_view.pane
            assert pane is not None and pane.state == "frozen", place
            head = str(sheet.print_title_rows).rpartition("$")[2]
            assert pane.ySplit == int(head), place
            assert sheet.auto_filter.ref == opened.auto_filter.ref, place
            assert sheet.print_title_rows == opened.print_title_rows, place
            assert sheet.page_setup.orientation == opened.page_setup.orientation, place
            assert sheet.max_row == opened.max_row, place
            first = sheet.column_dimensions["A"].width, opened.column_dimensions["A"].width
            assert round(first[0]) == round(first[1]), place
            assert sorted(map(str, sheet.merged_cells.ranges)) == sorted(
                map(str, opened.merged_cells.ranges)), place
            charts = [len(one._charts) for one in (sheet, opened)]  # type: ignore[attr-defined]
            assert charts[0] == charts[1], place
