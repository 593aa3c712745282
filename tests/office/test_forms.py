"""An adopted form, filled by build, is the authority's page: its words stand where they stood."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from beian.library import Library
from beian.render import excel, word
from conftest import AS_OF, ROOT, SAMPLES, Ran
from test_adopt import FORMS, Form, adopted, ids

pytestmark = pytest.mark.office

#: What an answer takes the place of.
BLANKS = tuple("_＿【□☐")
FIXED = re.compile(f"[^{''.join(BLANKS)}]+")
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">')
_LINE = re.compile(r"<line [^>]*>(.*?)</line>", re.DOTALL)
_WORD = re.compile(
    r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)</word>'
)


@dataclass(frozen=True)
class Word:
    """A word on a page: its left edge and its height in points."""

    left: float
    height: float
    text: str


def printed(file: Path, folder: Path) -> tuple[list[tuple[str, ...]], list[list[Word]]]:
    """The sizes of the pages and the lines of words on them, as LibreOffice sets them."""
    folder.mkdir()
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/profile",
         "--convert-to", "pdf", "--outdir", str(folder), str(file)],
        check=True, capture_output=True, timeout=300,
        env={**os.environ, "FONTCONFIG_FILE": str(ROOT / "tests/office/fonts.conf")})
    pdf = folder / f"{file.stem}.pdf"
    text = subprocess.run(["pdftotext", "-bbox-layout", str(pdf), "-"], check=True,
                          capture_output=True, text=True).stdout
    lines = [
        [Word(float(left), float(bottom) - float(top), word)
         for left, top, bottom, word in _WORD.findall(line)]
        for line in _LINE.findall(text)
    ]
    return _PAGE.findall(text), lines


@pytest.mark.parametrize("form", FORMS, ids=ids)
def test_the_words_of_a_form_stay_where_they_were(
    form: Form, library: Library, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    adopted(form, library, tmp_path)
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", AS_OF,
                "--only", "own-form", "--house", str(tmp_path / "house"), "--draft")
    assert ran.code in (0, 1), ran.out + ran.err
    [made] = [one for one in (tmp_path / "out" / "working").iterdir()
              if one.suffix == Path(form.name).suffix]
    original = tmp_path / form.name
    original.write_bytes(form.raw)
    pages, before = printed(original, tmp_path / "before")
    new_pages, after = printed(made, tmp_path / "after")
    assert set(new_pages) == set(pages)
    assert len(new_pages) <= len(pages) + 1  # long answers may need a further page
    read = word.text_of if form.name.endswith(".docx") else excel.text_of
    starts = tuple(text[:4].rstrip() for text in read(form.raw) if text[:1].strip())
    # What follows a blank moves with the answer; what begins a paragraph or a cell stays.
    heads = [line[0] for line in before if line[0].text.startswith(starts)
             and not line[0].text.startswith(BLANKS)]
    assert len(heads) >= 8
    moved = [
        head for head in heads
        if not any(
            one.text.startswith(FIXED.match(head.text[:4])[0])
            and abs(one.left - head.left) < 1.5 and abs(one.height - head.height) < 0.5
            for line in after for one in line
        )
    ]
    assert moved == []
