"""The copy sheet for the filing portal: counted at its bounds, only the screens that apply."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from beian import assembly, counting, facts, paths, pipeline
from beian.errors import BeianError
from beian.library import Library
from beian.model import Value
from beian.render.excel import compile_book
from conftest import AS_OF, SAMPLES

NAME = "internal/备案系统填报对照表.xlsx"


@pytest.mark.parametrize(
    ("text", "minimum", "maximum", "fault"),
    [
        ("审" * 49, 50, None, "不足50字，还差1字"),
        ("审" * 50, 50, None, None),
        ("审" * 49 + " 　\n\t", 50, None, "不足50字，还差1字"),
        ("审" * 200, None, 200, None),
        ("审" * 201, None, 200, "超过200字，多出1字"),
        ("审" * 199 + "　 ", None, 200, "超过200字，多出1字"),
        ("审" * 199 + "\U00020000", None, 200, "超过200字，多出1字"),
        ("审" * 198 + "\U00020000", None, 200, None),
        ("，。" * 25, 50, 50, None),
        ("", 1, None, "不足1字，还差1字"),
    ],
)
def test_each_bound_is_held_against_the_count_that_is_worse_for_it(
    text: str, minimum: int | None, maximum: int | None, fault: str | None
) -> None:
    assert counting.fault([text], minimum, maximum) == fault


def test_paragraphs_count_with_the_breaks_between_them_against_the_upper_bound() -> None:
    assert counting.fault(["审" * 100, "审" * 99], None, 200) is None
    assert counting.fault(["审" * 100, "审" * 100], None, 200) == "超过200字，多出1字"


def sheets(library: Library, changes: dict[str, Value]) -> dict[str, list[list[Any]]]:
    value = facts.load(SAMPLES / "chat-assistant", library.schema).value
    for path, new in changes.items():
        value = paths.with_value(value, paths.parse(path), new)
    result = pipeline.check(facts.from_value(value, library.schema), library, AS_OF)
    files = assembly.build(result, only=("portal-copy-sheet",), draft=True).files
    book = openpyxl.load_workbook(io.BytesIO(files[NAME]))
    return {one.title: [list(row) for row in one.iter_rows(min_row=4, values_only=True)] for one in book}


def groups(rows: list[list[Any]]) -> set[str]:
    return {str(row[0]) for row in rows}


def row(rows: list[list[Any]], source: str) -> list[Any]:
    [found] = [one for one in rows if one[7] == source]
    return found


def test_a_row_says_what_to_paste_what_to_tick_and_whether_it_fits(library: Library) -> None:
    made = sheets(library, {"algorithm.form.technique_description": "太短。"})
    detail = made["算法详细属性"]
    assert row(detail, "algorithm.form.technique_description")[3:7] == [
        "太短。", "3", "50字以上", "不足50字，还差47字"]
    introduction = row(detail, "algorithm.introduction")
    assert introduction[1:3] == ["算法简介", "必填"]
    assert introduction[4:7] == [str(counting.characters(introduction[3])), "200字以内", "符合"]
    assert "☑智能对话" in row(detail, "algorithm.use_scenario")[3]
    assert "☐智能写作" in row(detail, "algorithm.use_scenario")[3]
    assert row(detail, "algorithm.batch_output")[3] == "☐是　☑否"
    assert row(detail, "algorithm.biometric_features")[3] == (
        "☐人脸　☐声纹　☐虹膜　☐指纹　☐其他（均不选：不包含）")
    identity = row(made["主体信息"], "subject.algorithm_security_lead.id_number")
    assert identity[3] == "110999198002290017"


def test_only_the_screens_of_the_modalities_and_the_role_stand_there(library: Library) -> None:
    text = sheets(library, {})
    assert "文本生成合成" in groups(text["算法详细属性"])
    assert not {"图像视频生成合成", "音频生成合成", "虚拟场景", "跨模态生成合成方式"} & groups(
        text["算法详细属性"])
    assert groups(text["产品或者技术服务"]) == {"产品及功能信息"}
    names = [one[3] for one in text["产品或者技术服务"] if one[7] == "products[].form"]
    assert len(names) == 3
    image = sheets(library, {
        "algorithm.output_modalities": ["image"], "algorithm.role": "technical_supporter"})
    assert {"图像视频生成合成", "跨模态生成合成方式"} <= groups(image["算法详细属性"])
    assert "文本生成合成" not in groups(image["算法详细属性"])
    assert groups(image["产品或者技术服务"]) == {"技术服务方式（栏目没有公开文本，对照页面填写）"}
    for taken, across in ((["text_short", "image_face"], True), (["image_face", "image_plain"], False)):
        made = sheets(library, {
            "algorithm.input_modalities": taken, "algorithm.output_modalities": ["image"]})
        assert ("跨模态生成合成方式" in groups(made["算法详细属性"])) is across


def test_another_kind_of_algorithm_has_the_screen_that_says_it_is_not_known(library: Library) -> None:
    made = sheets(library, {"algorithm.kind": "ranking", "algorithm.output_modalities": ["text"]})
    known = groups(made["算法详细属性"])
    assert "推荐类（栏目没有公开文本，对照页面填写）" in known
    assert "算法模型" not in known


def test_an_unknown_role_leaves_both_screens_open(library: Library) -> None:
    value = paths.without(
        facts.load(SAMPLES / "chat-assistant", library.schema).value, paths.parse("algorithm.role"))
    result = pipeline.check(facts.from_value(value, library.schema), library, AS_OF)
    files = assembly.build(result, only=("portal-copy-sheet",), draft=True).files
    sheet = openpyxl.load_workbook(io.BytesIO(files[NAME]))["产品或者技术服务"]
    assert sheet["A4"].value == sheet["A5"].value == "【待定：算法·备案角色】"


def test_a_field_that_is_none_is_refused_with_its_sheet(library: Library) -> None:
    columns = [{"title": str(number), "width": 9} for number in range(8)]
    form = {"columns": columns, "parts": [{"section": "甲", "rows": ["algorithm.nothing"]}]}
    with pytest.raises(BeianError, match="没有“algorithm"):
        compile_book({"sheets": [{"name": "甲", "form": form}]}, "book", library.field)
