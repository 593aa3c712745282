"""The flow chart of an algorithm: laid out from its nodes, drawn as shapes, the same every time."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from lxml import etree

from beian import assembly, facts, flow, paths, pipeline
from beian.errors import BeianError
from beian.flow import Cell, Step
from beian.library import Library
from beian.model import Value
from beian.render import flowchart
from beian.render.compiled import compile_text
from conftest import AS_OF, SAMPLES

WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
REPORT = "submission/算法安全自评估报告.docx"


def step(name: str, *ways: tuple[str, str]) -> Step:
    return Step(name, name, "规则", ways)


def chain(length: int) -> list[Step]:
    """Steps that follow each other without a branch."""
    last = length - 1
    return [step(str(n), *([(str(n + 1), "")] if n < last else [])) for n in range(length)]


def test_the_main_way_runs_down_and_branches_stand_beside_it() -> None:
    steps = [
        step("input", ("review", "")),
        step("review", ("answer", "通过"), ("refuse", "命中"), ("person", "疑似")),
        step("answer", ("log", "")),
        step("refuse", ("log", "")),
        step("person", ("answer", "合格"), ("refuse", "不合格")),
        step("log"),
    ]
    assert flow.arrange(steps) == {
        "input": Cell(0, 0), "review": Cell(1, 0), "answer": Cell(2, 0), "log": Cell(3, 0),
        "refuse": Cell(1, 1), "person": Cell(2, 1),
    }


def test_no_two_steps_share_a_cell_and_none_is_lost() -> None:
    fan = [step("a", *((f"b{n}", "") for n in range(9))), *(step(f"b{n}", ("a", "")) for n in range(9))]
    for steps in (fan, [*chain(5), step("lost"), step("also lost", ("0", ""))]):
        cells = flow.arrange(steps)
        assert set(cells) == {one.id for one in steps}
        assert len(set(cells.values())) == len(steps)
        assert max(cell.column for cell in cells.values()) < flow.COLUMNS


def test_a_chart_that_no_page_holds_is_told_apart() -> None:
    assert flow.fits(chain(12))
    assert not flow.fits(chain(13))


def test_what_leads_nowhere_or_is_never_reached_is_named() -> None:
    steps = [step("a", ("b", "")), step("b", ("x", "")), step("c", ("b", ""))]
    assert flow.unknown_targets(steps) == ["x"]
    assert flow.unreached(steps) == ["c"]


def test_the_words_of_three_branches_of_one_step_lie_apart() -> None:
    steps = [
        step("heed", ("reply", "平常"), ("deflect", "违规"), ("soothe", "极端"), ("rescue", "危机")),
        step("reply", ("log", "")), *(step(name, ("log", "")) for name in ("deflect", "soothe", "rescue")),
        step("log"),
    ]
    shapes = etree.fromstring(f"<r xmlns:w='{W[1:-1]}'>{flowchart.draw(steps, '图', 1, 5_600_000)}</r>")
    places = {}
    for shape in shapes.iter(f"{WPS}wsp"):
        words = "".join(shape.itertext(f"{W}t"))
        if words in ("违规", "极端", "危机"):
            (off,), (size,) = shape.iter(f"{A}off"), shape.iter(f"{A}ext")
            places[words] = (int(off.get("y")), int(off.get("y")) + int(size.get("cy")))
    assert len(places) == 3
    one, two, three = sorted(places.values())
    assert one[1] <= two[0] and two[1] <= three[0]


def test_the_chart_is_told_in_words_for_who_cannot_see_it() -> None:
    steps = [step("甲", ("乙", "通过"), ("丙", "")), step("乙"), step("丙")]
    assert flowchart.in_words(steps) == "“甲”通过时到“乙”，到“丙”。“乙”为终点。“丙”为终点。"


def built(library: Library, **changes: Value) -> dict[str, bytes]:
    value = facts.load(SAMPLES / "chat-assistant", library.schema).value
    for path, new in changes.items():
        value = paths.with_value(value, paths.parse(path), new)
    result = pipeline.check(facts.from_value(value, library.schema), library, AS_OF)
    return assembly.build(result, only=("algorithm-self-assessment",), draft=bool(changes)).files


@pytest.fixture(scope="module")
def report(library: Library) -> Any:
    files = built(library)
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(files[REPORT])).read("word/document.xml"))


def test_the_report_holds_a_box_for_each_node_and_a_line_for_each_way(
    report: Any, library: Library
) -> None:
    nodes = facts.load(SAMPLES / "chat-assistant", library.schema).value["algorithm"]["nodes"]
    texts = ["".join(one.itertext(f"{W}t")) for one in report.iter(f"{WPS}txbx")]
    for node in nodes:
        assert any(text.startswith(f"{node['name']}（") for text in texts), node["name"]
    ways = [way for node in nodes for way in node["next"] or ()]
    assert sum(1 for _ in report.iter(f"{A}tailEnd")) == len(ways)
    for way in ways:
        assert way["when"] is None or way["when"] in texts
    [told] = [one.get("descr") for one in report.iter(f"{WP}docPr")]
    assert told.startswith("图1　算法流程图。“用户输入”到“输入审核”。")


def test_no_shape_leaves_the_chart(report: Any) -> None:
    [extent] = list(report.iter(f"{WP}extent"))
    width, height = int(extent.get("cx")), int(extent.get("cy"))
    assert width <= 156 * 36000 + 20000 and height <= 190 * 36000
    shapes = [one.find(f"{WPS}spPr/{A}xfrm") for one in report.iter(f"{WPS}wsp")]
    for shape in shapes:
        off, ext = shape.find(f"{A}off"), shape.find(f"{A}ext")
        assert int(off.get("x")) >= 0 and int(off.get("y")) >= 0
        assert int(off.get("x")) + int(ext.get("cx")) <= width
        assert int(off.get("y")) + int(ext.get("cy")) <= height


def test_a_chart_is_drawn_of_nodes_only(library: Library) -> None:
    for path in ("products", "algorithm.name", "algorithm.nothing"):
        with pytest.raises(BeianError, match="模板有误"):
            compile_text(f'{{{{\n {path}|flowchart("图1") }}}}', {}, library.field)
    compile_text('{{\n algorithm.nodes|flowchart("图1") }}', {}, library.field)


def test_an_own_figure_stands_in_place_of_the_drawn_one(library: Library) -> None:
    files = built(library, **{"algorithm.flow_figure": "evidence/absent.png"})
    text = zipfile.ZipFile(io.BytesIO(files[REPORT.replace("submission", "working")])).read("word/document.xml")
    assert "【待补图片：evidence/absent.png】" in text.decode()
    assert b"wordprocessingShape" not in text
