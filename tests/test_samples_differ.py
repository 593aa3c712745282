"""The complete samples are services of their own: what their self-assessments state is seldom said twice."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from itertools import combinations

import pytest
from lxml import etree

from beian import assembly, pipeline
from beian.library import Library
from conftest import AS_OF, SAMPLES

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
REPORT = "working/算法安全自评估报告.docx"
COMPLETE = sorted(one.parent for one in SAMPLES.glob("*/annexes"))


def sentences(document: bytes) -> set[str]:
    """The sentences of a Word document in which a fact stands, so that wording of ours alone is left out."""
    body = etree.fromstring(zipfile.ZipFile(io.BytesIO(document)).read("word/document.xml"))
    found = set()
    for paragraph in body.iter(f"{W}p"):
        text, stated = "", []
        for run in paragraph.iter(f"{W}t"):
            text += run.text or ""
            stated += [next(run.iterancestors(f"{W}sdt"), None) is not None] * len(run.text or "")
        found |= {
            one.group().strip() for one in re.finditer("[^。；]+[。；]?", text) if any(stated[slice(*one.span())])
        }
    return found


@pytest.fixture(scope="module")
def reports(library: Library) -> dict[str, set[str]]:
    made = {}
    for folder in COMPLETE:
        result = pipeline.check(pipeline.load(folder, library), library, AS_OF)
        made[folder.name] = sentences(assembly.build(result, only=("algorithm-self-assessment",)).files[REPORT])
    return made


def test_between_two_reports_less_than_half_of_what_carries_a_fact_is_the_same(
    reports: dict[str, set[str]], say: Callable[[str], None]
) -> None:
    assert len(reports) >= 5 and all(len(one) > 250 for one in reports.values())
    for (one, first), (other, second) in combinations(reports.items(), 2):
        share = len(first & second) / min(len(first), len(second))
        say(f"{one} and {other}, sentences shared: {len(first & second)} of {len(first)} and {len(second)}, {share:.0%}")
        assert share < 0.5, (one, other, sorted(first & second)[:20])
