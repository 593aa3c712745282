"""How the pages of the papers break: no orphan heading, closings whole, nothing clipped."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import docx
import pytest
from docx.text.paragraph import Paragraph

from beian import assembly, pipeline
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES

pytestmark = pytest.mark.office

COMPLETE = ("chat-assistant", "writing-api", "companion", "image-studio", "model-platform")
#: What stands before a heading on the page, by its style: a line that only looks like it has none.
NUMBERS = {
    "Heading 1": r"[一二三四五六七八九十]+、", "Heading 2": r"（[一二三四五六七八九十]+）",
    "Heading 3": r"\d+\.", "Heading 4": r"（\d+）", "Clause": r"第[一二三四五六七八九十百]+条",
}
CLOSING = ("Signature", "Date Line")
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)')
_FOOTER = re.compile(r"第\d+页共\d+页|—\d+—")
#: No margin of a page is narrower, in points.
_EDGE = 40


@dataclass(frozen=True)
class Printed:
    """A paper as LibreOffice sets it: its text without spaces, where its pages end, words beyond."""

    text: str
    ends: list[int]
    clipped: list[str]

    def page(self, end: int) -> int:
        """The page, counted from one, on which what ends at this position ends."""
        return next(number for number, last in enumerate(self.ends, 1) if end <= last)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def pdf_text(pdf: Path, how: str) -> str:
    return subprocess.run(["pdftotext", how, str(pdf), "-"], check=True, capture_output=True,
                          text=True).stdout


def printed(pdf: Path) -> Printed:
    """The words of a PDF in the order in which they were set, without the footers."""
    clipped = [
        text for width, height, page in _PAGE.findall(pdf_text(pdf, "-bbox"))
        for left, right, bottom, text in _WORD.findall(page)
        if float(left) < _EDGE or float(right) > float(width) - _EDGE
        or float(bottom) > float(height) - _EDGE / 2]
    text, ends = "", []
    for page in pdf_text(pdf, "-raw").removesuffix("\f").split("\f"):
        lines = [squeezed(line) for line in page.splitlines()]
        text += "".join(line for line in lines if not _FOOTER.fullmatch(line))
        ends.append(len(text))
    return Printed(text, ends, clipped)


def placed(file: Path, pages: Printed) -> Iterator[tuple[Paragraph, int, int]]:
    """The paragraphs outside tables, with where each begins and ends in the printed text."""
    at = 0
    for paragraph in docx.Document(str(file)).paragraphs:
        words = re.escape(squeezed(paragraph.text))
        if not words:
            continue
        found = re.compile(NUMBERS.get(paragraph.style.name, "") + words).search(pages.text, at)
        if found:
            at = found.end()
            yield paragraph, found.start(), at
        else:  # a PDF may name a character of running text otherwise
            assert paragraph.style.name not in (*NUMBERS, *CLOSING), (file.name, paragraph.text)


@pytest.fixture(scope="module")
def papers(
    tmp_path_factory: pytest.TempPathFactory, library: Library
) -> dict[str, tuple[Path, Printed]]:
    """Every Word paper of the complete samples, with its pages."""
    folder = tmp_path_factory.mktemp("pages")
    files: dict[str, Path] = {}
    for sample in COMPLETE:
        result = pipeline.check(pipeline.load(SAMPLES / sample, library), library, AS_OF)
        for path, content in assembly.build(result).files.items():
            if path.endswith(".docx") and not path.startswith("working/"):
                files[f"{sample} {path}"] = file = folder / f"{len(files)}.docx"
                file.write_bytes(content)
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile",
         "--convert-to", "pdf", "--outdir", str(folder), *map(str, files.values())],
        check=True, capture_output=True, timeout=600,
        env={**os.environ, "FONTCONFIG_FILE": str(ROOT / "tests/office/fonts.conf")})
    return {name: (file, printed(file.with_suffix(".pdf"))) for name, file in files.items()}


def test_no_heading_ends_a_page(papers: dict[str, tuple[Path, Printed]]) -> None:
    headings, orphans = 0, []
    for name, (file, pages) in papers.items():
        for paragraph, _, end in placed(file, pages):
            if paragraph.style.name in NUMBERS:
                headings += 1
                if end in pages.ends:
                    orphans.append((name, pages.page(end), paragraph.text))
    assert headings > 300
    assert orphans == []


def test_a_closing_stands_on_one_page_with_words_before_it(
    papers: dict[str, tuple[Path, Printed]]
) -> None:
    closings, torn = 0, []
    for name, (file, pages) in papers.items():
        for closing, group in groupby(
            placed(file, pages), key=lambda one: one[0].style.name in CLOSING
        ):
            if closing:
                closings += 1
                block = [*group]
                first, last = pages.page(block[0][1] + 1), pages.page(block[-1][2])
                if first != last or block[0][1] in pages.ends:
                    torn.append((name, first, last, block[0][0].text))
    assert closings >= len(COMPLETE) * 5
    assert torn == []


def test_no_word_stands_beyond_the_margins(papers: dict[str, tuple[Path, Printed]]) -> None:
    assert {name: pages.clipped for name, (_, pages) in papers.items() if pages.clipped} == {}
