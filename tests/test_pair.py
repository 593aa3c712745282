"""One capability filed in both roles: two sets of the papers of a filing, each with its own facts."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import docx
import pytest

from beian import assembly, facts, paths, pipeline, snapshots
from beian.facts import Facts
from beian.library import Library
from beian.model import Value
from beian.pipeline import Examination
from beian.render import word
from conftest import AS_OF, SAMPLES

BOTH: dict[str, Value] = {
    "service.functions": [
        {"name": "智能对话和文稿写作", "act": "serves_users"},
        {"name": "对话生成接口", "act": "serves_by_api"},
    ],
    "algorithm.name": "云笺智能对话生成合成算法-1",
    "algorithm.counterpart": {
        "name": "云笺智能对话生成合成算法-2",
        "role": "technical_supporter",
        "introduction": (
            "本算法以经优化训练的大语言模型为基础，经接口为企业端客户的服务生成文本；输入和输出均经审核，"
            "生成的文本带有标识。"),
        "mechanism_paragraphs": [
            "一、客户的系统经鉴权后提交文字；二、系统审核输入，命中的返回拒答代码；三、模型生成文本；四、系统审核输出；"
            "五、系统在返回的数据中写入标识字段，由客户的服务显示标识；六、记录请求编号和审核结论。"],
        "scenario_paragraphs": ["应用于对话生成场景，服务于企业端客户，根据用户输入的文本，生成文本。"],
        "purpose_paragraphs": ["为企业端客户的办公软件和客户服务系统提供文本生成能力，减少客户自行训练和审核的投入。"],
        "groups": ["与本公司签订接入协议的办公软件企业，及其年满十八周岁的用户"],
        "occasions": ["企业客户的办公软件中文稿的起草和修改"],
        "publication_paragraphs": None,
        "filing_number": None,
    },
    "algorithm.form.support": {
        "manners": ["api"],
        "industries": ["办公软件"],
        "access": "客户以密钥调用接口，密钥按主体发放，逐次核验签名和来源地址。",
        "duties_notice": "在接入协议和接口文档中列明客户的审核、标识和投诉处理义务。",
        "contract": "《云笺接口服务协议》1.0版，在线订立并由双方盖章。",
    },
}
TWICE = ("拟公示内容", "算法安全自评估报告", "算法备案承诺书")


def matter(library: Library, **changed: Value) -> Facts:
    value = facts.load(SAMPLES / "chat-assistant", library.schema).value
    for path, new in {**BOTH, **changed}.items():
        value = paths.with_value(value, paths.parse(path), new)
    made = facts.from_value(value, library.schema)
    made.folder = SAMPLES / "chat-assistant"
    made.files = facts.listing(made.folder)
    return made


def check(library: Library, **changed: Value) -> Examination:
    return pipeline.check(matter(library, **changed), library, AS_OF)


def test_both_filings_have_their_own_papers_and_share_the_rest(library: Library) -> None:
    result = check(library)
    assert [one for one in result.findings if one.stops or one.message.startswith("另一角色")] == []
    made = assembly.build(result)
    names = {path for path in made.files if path.startswith(("submission/", "internal/"))}
    for title in TWICE:
        assert f"submission/{title}.docx" not in names
        assert {f"submission/{title}（{role}）.docx" for role in ("服务提供者", "服务技术支持者")} <= names
    assert "submission/落实算法安全主体责任基本情况.docx" in names
    assert "internal/备案系统填报对照表（服务技术支持者）.xlsx" in names


def test_each_paper_says_the_name_role_and_words_of_its_filing(library: Library) -> None:
    made = assembly.build(check(library), only=("algorithm-publication", "algorithm-self-assessment",
                                                "filing-commitment", "portal-copy-sheet"))
    text = {path: list(word.text_of(content)) for path, content in made.files.items()
            if path.startswith("submission/")}  # fmt: skip
    for title in TWICE:
        first = "".join(text[f"submission/{title}（服务提供者）.docx"])
        second = "".join(text[f"submission/{title}（服务技术支持者）.docx"])
        assert "合成算法-1" in first
        assert "合成算法-2" not in first
        assert "合成算法-2" in second
        assert "合成算法-1" not in second
    first, second = (docx.Document(io.BytesIO(made.files[f"submission/拟公示内容（{role}）.docx"])).tables[0]
                     for role in ("服务提供者", "服务技术支持者"))  # fmt: skip
    shown = {row.cells[0].text: row.cells[1].text for row in second.rows}
    assert shown["算法应用场景"] == BOTH["algorithm.counterpart"]["scenario_paragraphs"][0]
    principle = {row.cells[0].text: row.cells[1].text for row in first.rows}["算法基本原理"]
    assert shown["算法基本原理"] == principle
    assert "生成合成类（深度合成）－服务技术支持者" in text["submission/算法安全自评估报告（服务技术支持者）.docx"]


def test_what_the_second_filing_does_not_say_is_missing_and_not_taken_from_the_first(
    library: Library,
) -> None:
    result = check(library, **{"algorithm.counterpart": {
        key: value for key, value in BOTH["algorithm.counterpart"].items()
        if key not in ("filing_number", "purpose_paragraphs")}})
    missing = {one.path for one in result.findings if one.stops}
    assert {"algorithm.counterpart.purpose_paragraphs", "algorithm.counterpart.filing_number"} <= missing


def test_a_fault_of_the_second_filing_alone_is_found_where_it_stands(library: Library) -> None:
    value = {**BOTH["algorithm.counterpart"], "scenario_paragraphs": ["应用于对话生成场景，根据用户输入的文本，生成文本。"]}
    found = [one for one in check(library, **{"algorithm.counterpart": value}).findings
             if one.path == "algorithm.counterpart.scenario_paragraphs"]  # fmt: skip
    assert [one.rule for one in found] == ["supporter-serves-organisations"]
    assert found[0].message.startswith("另一角色的备案：")


def test_a_note_on_a_change_is_written_for_each_filing_that_has_a_number(library: Library) -> None:
    number = "网信算备1109990000000012600{}号"
    filed: dict[str, Value] = {
        "algorithm.filing_number": number.format("17"),
        "filing_history.number_shown_on": "2026-11-02",
        "filing_history.algorithm_decided_on": "2026-10-30",
        "filing_history.changes": [{
            "kind": "models", "what": "模型升级版本", "changed_on": "2026-11-09",
            "reason": "业务需要。", "filed_on": None}],
    }  # fmt: skip
    second = {**BOTH["algorithm.counterpart"], "filing_number": number.format("25")}
    for counterpart, wanted in ((BOTH["algorithm.counterpart"], 1), (second, 2)):
        result = check(library, **filed, **{"algorithm.counterpart": counterpart})
        made = assembly.build(result, only=("filing-change-note",), draft=True)
        notes = [made.files[path] for path in sorted(made.files) if "变更备案说明" in path]
        assert len(notes) == wanted
    assert sorted(path for path in made.files if path.startswith("working")) == [
        "working/变更备案说明（服务技术支持者）.docx", "working/变更备案说明（服务提供者）.docx"]
    assert number.format("25") in "".join(word.text_of(notes[0]))


def test_each_filing_is_compared_with_what_it_was_filed_as(library: Library, tmp_path: Path) -> None:
    snapshots.write(tmp_path, "2026-10-12", facts.as_json(matter(library).value), b"{}")
    for name in ("evidence", "annexes"):
        shutil.copytree(SAMPLES / "chat-assistant" / name, tmp_path / name)

    def found(**changed: Value) -> list[str]:
        made = matter(library, **changed)
        made.folder = tmp_path
        result = pipeline.check(made, library, AS_OF)
        return [f"{one.path}：{one.message}" for one in result.findings if one.rule.startswith("filed")]

    assert found() == []
    other = {**BOTH["algorithm.counterpart"], "purpose_paragraphs": ["为企业端客户的办公软件提供文本生成能力。"]}
    [second] = found(**{"algorithm.counterpart": other,
                        "algorithm.filing_number": "网信算备110999000000001260017号"})
    assert second.startswith("algorithm.counterpart.purpose_paragraphs：另一角色的备案：")


def test_two_filings_of_one_role_do_not_overwrite_each_other(library: Library) -> None:
    same = {**BOTH["algorithm.counterpart"], "role": "provider"}
    result = check(library, **{"algorithm.counterpart": same})
    assert "both-roles-differ" in {one.rule for one in result.findings if one.stops}
    made = assembly.build(result, only=("filing-commitment",), draft=True)
    assert {"working/算法备案承诺书（第1件）.docx", "working/算法备案承诺书（第2件）.docx"} <= set(made.files)


@pytest.mark.parametrize("stated", [None, "absent"])
def test_one_filing_keeps_the_plain_names(stated: str | None, library: Library) -> None:
    loaded = facts.load(SAMPLES / "chat-assistant", library.schema)
    if stated is None:
        loaded.placed.value["algorithm"]["counterpart"] = None
    made = assembly.build(pipeline.check(loaded, library, AS_OF), only=("filing-commitment",))
    assert "submission/算法备案承诺书.docx" in made.files
