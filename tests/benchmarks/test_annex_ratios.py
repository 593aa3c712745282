"""Annexes of 100,000 rows against a loop that only reads; run by ``make bench``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from beian.render.seal import reseal

pytestmark = pytest.mark.bench

ROWS = 100_000
#: Both in a process of their own, so that neither pays for the other's memory; each prints its own
#: seconds of processor time and the most memory it held, in MB.
_END = """
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(time.process_time() - start, int(peak) / 1024, n)
"""
_THEIRS = """
import sys, time
import openpyxl
start = time.process_time()
n = 0
for sheet in openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets:
    for row in sheet.iter_rows(values_only=True):
        n += 1
n -= 1
""" + _END
_OURS = """
import sys, time
from pathlib import Path
from beian.annexes import kinds, reading
from beian.resources import House
catalogue = kinds.load(House.open())
start = time.process_time()
file = Path(sys.argv[1])
found = reading.read([reading.Source(file.name, file.read_bytes())], catalogue)
assert not found.problems
n = found.figures["keywords"]["distinct_count"]
""" + _END


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, library: object) -> Path:
    from openpyxl import Workbook

    from beian.library import Library

    assert isinstance(library, Library)
    risks = [one for one in library.catalogue.risks if one.refusal]
    groups = {one.id: one.title for one in library.catalogue.groups}
    made = Workbook(write_only=True)
    sheet = made.create_sheet("关键词")
    sheet.append(["序号", "关键词", "一级分类", "二级分类", "风险编号", "更新日期"])
    for number in range(ROWS):
        one = risks[number % len(risks)]
        sheet.append([number + 1, f"词-{number:06}", groups[one.group or ""], one.title, one.id, "2026-11-02"])
    file = tmp_path_factory.mktemp("large") / "keywords.xlsx"
    made.save(file)
    file.write_bytes(reseal(file.read_bytes(), {}))
    return file


def run(code: str, file: Path) -> tuple[float, float, int]:
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    seconds, megabytes, count = done.stdout.split()
    return float(seconds), float(megabytes), int(count)


def test_reading_and_counting_against_an_openpyxl_loop(
    large: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = [(run(_THEIRS, large), run(_OURS, large)) for _ in range(3)]
    ratio, theirs, ours = sorted((their[0] / our[0], their, our) for their, our in pairs)[1]
    with capsys.disabled():
        print(f"\n  openpyxl reading / beian reading, normalising and counting, {ROWS} rows: {ratio:.1f} "
              f"({theirs[0]:.1f} s / {ours[0]:.2f} s), wanted at least 5; "
              f"memory {theirs[1]:.0f} MB / {ours[1]:.0f} MB, wanted at most 250 MB")
    assert theirs[2] == ours[2] == ROWS
    assert ratio >= 5
    assert max(our[1] for _, our in pairs) <= 250
