"""Changes of a filing: compared, explained with dates, kept as snapshots, printed as notes."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from beian import assembly, changes, difference, facts, paths, pipeline, snapshots
from beian.errors import BeianError
from beian.facts import Facts
from beian.library import Library
from beian.model import Value
from conftest import AS_OF, ROOT, SAMPLES, Ran

NUMBER = "网信算备110999000000001260017号"
FILED = {
    "algorithm.filing_number": NUMBER,
    "filing_history.algorithm_filed_on": "2026-10-12",
    "filing_history.algorithm_decided_on": "2026-10-30",
    "filing_history.number_shown_on": "2026-11-02",
}
#: One change of each kind that has to be filed, and the new wording of what is published.
NEW = {
    "models[0].version": "V2.2",
    "products[1].address": "应用市场“云笺对话助手”",
    "subject.algorithm_security_lead.name": "示例子",
    "algorithm.purpose_paragraphs": ["帮助成年用户起草、修改和摘要文稿，查询和归纳公开知识，减少重复性文字工作的时间。"],
}
STATED = [
    {"kind": kind, "what": what, "changed_on": day, "reason": "业务需要。", "filed_on": None}
    for kind, what, day in (
        ("models", "模型升级版本", "2026-11-02"),
        ("products", "应用改在另一商店提供", "2026-11-05"),
        ("responsible-person", "更换算法安全责任人", "2026-09-30"),
        ("publication", "修改目的意图", "2026-11-09"),
    )
]


def matter(library: Library, changed: dict[str, Value] | None = None) -> Facts:
    value = facts.load(SAMPLES / "chat-assistant", library.schema).value
    for path, new in {**FILED, **(changed or {})}.items():
        value = paths.with_value(value, paths.parse(path), new)
    made = facts.from_value(value, library.schema)
    made.folder = SAMPLES / "chat-assistant"
    made.files = facts.listing(made.folder)
    return made


def compared(library: Library, changed: dict[str, Value]) -> difference.Difference:
    return difference.compare(matter(library), matter(library, changed), library, AS_OF, AS_OF)


# --- comparing -----------------------------------------------------------------------------------

def differ(library: Library, old: Value, new: Value) -> list[tuple[str, str]]:
    return [
        (one.path, "added" if one.old is changes.NOTHING else
         "removed" if one.new is changes.NOTHING else "changed")
        for one in changes.compare(old, new, library.schema)
    ]  # fmt: skip


A, B, C = ({"name": name, "form": "app", "address": address}
           for name, address in (("甲", "一"), ("乙", "二"), ("丙", "三")))  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ([A, B], [C, A, B], [("products[0]", "added")]),
        ([A, B], [B], [("products[0]", "removed")]),
        ([A, B], [B, A], []),
        ([A, B], [{**A, "address": "四"}, B], [("products[0].address", "changed")]),
        ([A, B], [{**A, "name": "丁"}, B], [("products[0].name", "changed")]),
        ([A], [C], [("products[0]", "added"), ("products[0]", "removed")]),
        ([A], [{**A, "icp_number": None}], [("products[0].icp_number", "added")]),
        ([{**A, "icp_number": "号"}], [{**A, "icp_number": None}],
         [("products[0].icp_number", "changed")]),
    ],
)
def test_items_are_compared_with_themselves_wherever_they_stand(
    old: Value, new: Value, wanted: list[tuple[str, str]], library: Library
) -> None:
    assert sorted(differ(library, {"products": old}, {"products": new})) == wanted


def test_an_answer_taken_away_is_not_the_answer_none(library: Library) -> None:
    assert differ(library, {"events": None}, {}) == [("events", "removed")]
    assert differ(library, {"service": {"name": "甲"}}, {}) == [("service.name", "removed")]
    assert differ(library, {"events": 1}, {"events": True}) == [("events", "changed")]


def test_what_is_no_fact_is_no_change(library: Library) -> None:
    assert differ(library, {"Not a path!": 1, "service": {"nmae": "甲"}}, {}) == []


# --- what a change calls forth -------------------------------------------------------------------

def test_four_changes_call_for_four_change_filings_with_dates(library: Library) -> None:
    found = compared(library, {**NEW, "filing_history.changes": STATED})
    filings = {one.trigger.id: one for one in found.calls if one.trigger.does == "change_filing"}
    assert {name: [change.path for change in one.changes] for name, one in filings.items()} == {
        "responsible-person": ["subject.algorithm_security_lead.name"],
        "products": ["products[1].address"],
        "models": ["models[0].version"],
        "publication": ["algorithm.purpose_paragraphs"],
    }
    # Ten working days after the day itself, which is not counted: 2026-10-01 to 07 are days off,
    # 2026-10-10 (Saturday) is worked.
    assert {name: str(one.limits[0].last.day) for name, one in filings.items() if one.limits[0].last} == {
        "responsible-person": "2026-10-20",
        "products": "2026-11-19",
        "models": "2026-11-16",
        "publication": "2026-11-23",
    }
    assert filings["models"].start_path == "filing_history.changes[0].changed_on"
    assert all(one.trigger.owed and one.trigger.reason.endswith("。") for one in filings.values())
    reviews = {one.trigger.id for one in found.calls if not one.trigger.owed}
    assert reviews == {"assessment-of-model", "launch-filing"}


def test_a_day_that_no_fact_states_is_said_to_be_assumed(library: Library) -> None:
    found = compared(library, {"models[0].version": "V2.2"})
    [models] = [one for one in found.calls if one.trigger.id == "models"]
    assert (str(models.start), models.start_path) == (AS_OF, None)
    assert "2026-12-04（法定：自备案信息变更之日起10个工作日内 待核对；事实未填变更之日，按 2026-11-20 计算）" in (
        difference.as_text(found))


def test_published_wording_calls_for_a_new_version_and_misses_the_version(library: Library) -> None:
    words = {"audience.purposes": ["起草、改写、校对、翻译和摘要文字"]}
    found = compared(library, words)
    called = {one.trigger.id: one.same_version for one in found.calls}
    assert called == {"statement-version": True, "agreement-version": True}
    again = compared(library, {**words, "disclosure.version": "1.1", "agreement.version": "1.1",
                               "agreement.effective_on": "2026-12-20"})
    agreed = {one.trigger.id: one for one in again.calls}
    assert {name: one.same_version for name, one in agreed.items()} == {
        "statement-version": False, "agreement-version": False}
    limits = [str(one.last.day) for one in agreed["agreement-version"].limits if one.last]
    assert limits == ["2026-12-13", "2026-12-13"]


def test_papers_are_named_that_really_change(library: Library) -> None:
    found = compared(library, {"products[2].disclosure_place": "小程序“关于”页"})
    [change] = found.comparison.changes
    assert set(found.papers) == set(found.papers_of(change)) == {
        "service-disclosure", "security-assessment"}
    assert {one.trigger.id for one in found.effects(change)} == {"statement-version"}


def test_running_figures_and_unfiled_matters_call_for_nothing(library: Library) -> None:
    figures = compared(library, {"products[0].daily_active_count": 2600})
    assert [one.trigger.id for one in figures.comparison.struck] == ["running-figures"]
    assert figures.calls == []
    never = {"algorithm.filing_number": None, "filing_history.algorithm_filed_on": None}
    old, new = matter(library, never), matter(library, {**never, "models[0].version": "V2.2"})
    found = difference.compare(old, new, library, AS_OF, AS_OF)
    assert not [one for one in found.calls if one.trigger.does == "change_filing"]


def test_an_edited_comment_is_no_change(beian: Callable[..., Ran], tmp_path: Path) -> None:
    for name in ("old", "new"):
        shutil.copytree(SAMPLES / "chat-assistant", tmp_path / name)
    file = tmp_path / "new" / "facts.yaml"
    file.write_text("# 另一段注释\n" + file.read_text("utf-8").replace("\nmodels:", "\n# 模型\nmodels:"), "utf-8")
    ran = beian("diff", "old", "new", "--as-of", AS_OF)
    assert (ran.code, ran.out, ran.err) == (0, "两边的事实相同：没有变更，不引起任何手续。\n", "")
    assert json.loads(beian("diff", "old", "new", "--as-of", AS_OF, "--json").out)["triggers"] == []


def test_the_command_says_what_changed_and_hides_personal_data(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    shutil.copytree(SAMPLES / "chat-assistant", tmp_path / "old")
    file = tmp_path / "new.yaml"
    words = (tmp_path / "old" / "facts.yaml").read_text("utf-8")
    file.write_text(words.replace("13000000001", "13000000009"), "utf-8")
    ran = beian("diff", "old", "new.yaml", "--as-of", AS_OF, "--changed-on", "2026-09-30")
    assert ran.code == 1
    assert "130*****001 → 130*****009" in ran.out
    assert "13000000009" not in ran.out + ran.err
    assert "变更备案“算法安全责任人和联系人”" in ran.out
    record = json.loads(beian("diff", "old", "new.yaml", "--as-of", AS_OF, "--json").out)
    [change] = record["changes"]
    assert change["triggers"] == ["responsible-person"]
    assert "13000000009" not in json.dumps(record)
    wrong = beian("diff", "old", "new.yaml", "--changed-on", "2026-02-30")
    assert (wrong.code, wrong.err.splitlines()[0]) == (2, "--changed-on 2026-02-30 不是有效日期。")
    assert beian("diff", "old", "nowhere", "--as-of", AS_OF).code == 2


def test_every_field_of_the_online_form_is_known_to_the_triggers(library: Library) -> None:
    known = [one for one in library.triggers.values() if one.does in ("change_filing", "nothing")]
    for field in library.schema.fields.values():
        if field.portal is not None:
            assert any(one.strikes(field.path) for one in known), field.path
    kind = library.schema.field("filing_history.changes[].kind")
    assert kind is not None
    assert kind.choices == {
        one.id: one.title for one in library.triggers.values() if one.does == "change_filing"}


# --- snapshots and the notes ---------------------------------------------------------------------

@pytest.fixture
def filed(tmp_path: Path) -> Path:
    """The sample as a matter that can be filed."""
    shutil.copytree(SAMPLES / "chat-assistant", tmp_path / "matter")
    return tmp_path / "matter"


def test_a_snapshot_is_kept_once_and_for_its_owner_only(
    filed: Path, beian: Callable[..., Ran], library: Library
) -> None:
    ran = beian("build", "matter", "-o", "out", "--filed", AS_OF)
    assert ran.code == 0, ran.out + ran.err
    kept = filed / "filed" / AS_OF
    assert {one.name for one in kept.iterdir()} == {"facts.json", "manifest.json"}
    assert kept.stat().st_mode & 0o777 == 0o700
    assert all(one.stat().st_mode & 0o777 == 0o600 for one in kept.iterdir())
    record = json.loads((kept / "manifest.json").read_bytes())
    papers = {one["path"] for one in record["files"]}
    assert (record["as_of"], record["draft"]) == (AS_OF, False)
    assert {"submission/拟公示内容.docx", "submission/算法备案承诺书.docx"} <= papers
    snapshot = snapshots.latest(filed, AS_OF, library.schema)
    assert snapshot is not None
    assert snapshot.intact is True
    assert facts.canonical(snapshot.facts.value) == facts.canonical(
        facts.load(filed, library.schema).value)
    before = (kept / "manifest.json").read_bytes()
    again = beian("build", "matter", "-o", "other", "--filed", AS_OF)
    assert (again.code, (kept / "manifest.json").read_bytes()) == (2, before)
    assert "已经存在，未覆盖" in again.err
    assert not (filed.parent / "other").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--draft"], "不能与 --draft 同用"),
        (["--only", "filing-commitment"], "不能与 --only 同用"),
        (["--set", "service.version=V2"], "不能与 --set 同用"),
        (["--as-of", "2026-11-19"], "不是同一天"),
    ],
)
def test_only_whole_and_final_papers_are_kept(
    options: list[str], words: str, filed: Path, beian: Callable[..., Ran]
) -> None:
    ran = beian("build", "matter", "-o", "out", "--filed", AS_OF, *options)
    assert (ran.code, words in ran.err) == (2, True), ran.err
    assert not (filed / "filed").exists()


def test_nothing_is_kept_while_something_stops(filed: Path, beian: Callable[..., Ran]) -> None:
    file = filed / "facts.yaml"
    file.write_text(file.read_text("utf-8").replace("91110999MA00Y0J123", "91110999MA00Y0J124"), "utf-8")
    assert beian("build", "matter", "-o", "out", "--filed", AS_OF).code == 1
    assert not (filed / "filed").exists()


def kept(library: Library, folder: Path, changed: dict[str, Value]) -> pipeline.Examination:
    """The changed matter, in a folder with a snapshot of what was filed."""
    old = matter(library)
    snapshots.write(folder, "2026-10-12", facts.as_json(old.value), b"{}")
    new = matter(library, changed)
    shutil.copytree(SAMPLES / "chat-assistant" / "evidence", folder / "evidence")
    shutil.copytree(SAMPLES / "chat-assistant" / "annexes", folder / "annexes")
    new.folder = folder
    return pipeline.check(new, library, AS_OF)


def cells(content: bytes) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows]
            for table in docx.Document(io.BytesIO(content)).tables]  # fmt: skip


def test_the_note_on_a_change_shows_old_and_new(library: Library, tmp_path: Path) -> None:
    result = kept(library, tmp_path, {
        **NEW, "subject.algorithm_security_lead.mobile": "13000000008",
        "filing_history.changes": [*STATED, {**STATED[0], "what": "早先的变更", "filed_on": "2026-10-30"}]})
    assert not [one for one in result.findings if one.rule.startswith("filed")]
    made = assembly.build(result, only=("filing-change-note",))
    content = made.files["submission/变更备案说明.docx"]
    _, stated, changed = cells(content)
    assert [row[0] for row in stated[1:]] == [one["what"] for one in STATED]
    assert stated[1][1:3] == ["算法所用的模型", "2026年11月2日"]
    rows = {row[1]: row[2:] for row in changed[1:]}
    assert rows["模型“示例青禾基础模型”·模型版本"] == ["V2.1", "V2.2"]
    assert rows["算法安全责任人·算法安全责任人姓名"] == ["示例乙", "示例子"]
    assert rows["产品“云笺对话助手（APP）”·访问地址"][1] == "应用市场“云笺对话助手”"
    assert rows["算法安全责任人·算法安全责任人手机号码"] == ["（以备案系统的填报为准）"] * 2
    assert len(rows) == 5
    text = "".join(one.text for one in docx.Document(io.BytesIO(content)).paragraphs)
    assert "2026年10月12日提交备案时" in text


def test_changes_that_the_facts_do_not_state_are_found(library: Library, tmp_path: Path) -> None:
    result = kept(library, tmp_path, {**NEW, "filing_history.changes": STATED[:3]})
    [found] = [one for one in result.findings if one.rule == "filed-facts-changed"]
    assert found.path == "algorithm.purpose_paragraphs"
    assert "kind: publication" in (found.hint or "")


def test_a_change_without_a_snapshot_blocks_and_a_touched_one_is_noticed(
    library: Library, tmp_path: Path
) -> None:
    new = matter(library, {"filing_history.changes": STATED})
    [found] = [one for one in pipeline.check(new, library, AS_OF).findings if one.stops]
    assert (found.rule, found.path) == ("filed-snapshot", "filing_history.changes")
    manifest = json.dumps({"facts_sha256": "0" * 64}).encode()
    snapshots.write(tmp_path, "2026-10-12", facts.as_json(new.value), manifest)
    new.folder = tmp_path
    for name in ("evidence", "annexes"):
        shutil.copytree(SAMPLES / "chat-assistant" / name, tmp_path / name)
    found, *_ = (one for one in pipeline.check(new, library, AS_OF).findings if one.rule == "filed-snapshot")
    assert "可能在留存之后被改过" in found.message


def test_a_snapshot_that_is_no_text_is_told_with_its_place(library: Library, tmp_path: Path) -> None:
    (tmp_path / "filed" / "2026-10-12").mkdir(parents=True)
    with pytest.raises(BeianError) as caught:
        snapshots.latest(tmp_path, AS_OF, library.schema)
    assert "2026-10-12" in str(caught.value)


ENDING: dict[str, Any] = {
    "service.stage": "live",
    "service.ended_on": "2026-11-30",
    "filing_history.algorithm_cancelled_on": None,
    "filing_history.cancellation": {
        "reason": "业务调整，不再提供对话服务。",
        "announced_on": "2026-10-30",
        "announced_at": "网站首页、应用启动页和小程序首页，并向每个用户发送站内信。",
        "evidence": None,
        "export_arrangement": "用户可以在2026年12月31日以前导出全部对话记录。",
        "refund_arrangement": None,
        "data_arrangement": "个人信息于2027年1月31日以前删除，日志保存至2027年6月30日，由内容安全部保管。",
        "customer_arrangement": None,
        "contact_until": "2027-03-31",
    },
}


def test_the_note_on_a_cancellation_tells_what_is_arranged_for_users(library: Library) -> None:
    result = pipeline.check(matter(library, ENDING), library, AS_OF)
    made = assembly.build(result, only=("filing-cancellation-note",))
    paper = docx.Document(io.BytesIO(made.files["submission/注销备案说明.docx"]))
    text = "\n".join(one.text for one in paper.paragraphs)
    for words in ("自2026年11月30日起，本单位不再以该算法提供服务", "2026年12月31日以前导出", "没有需要退还的费用",
                  "没有以接口或者其他方式接入本服务的单位", "继续受理投诉举报至2027年3月31日"):
        assert words in text
    told = {row.cells[0].text: row.cells[1].text for row in paper.tables[0].rows}
    assert (told["终止服务的原因"], told["终止服务公告日期"], told["公告的佐证"]) == (
        "业务调整，不再提供对话服务。", "2026年10月30日", "无")
    done = {**ENDING, "filing_history.algorithm_cancelled_on": "2026-12-08"}
    entries = {one.document.id: one.state for one in
               pipeline.check(matter(library, done), library, AS_OF).entries}
    assert entries["filing-cancellation-note"] == "excluded"


def test_a_first_filing_owes_no_note(library: Library) -> None:
    result = pipeline.check(facts.load(SAMPLES / "chat-assistant", library.schema), library, AS_OF)
    states = {one.document.id: one.state for one in result.entries}
    assert states["filing-change-note"] == states["filing-cancellation-note"] == "excluded"
    assert (ROOT / "schemas" / "changes.yaml").is_file()
