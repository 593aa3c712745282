"""Deadlines: small cases as files, the command, and the calendar file read by a second library.

``tests/deadlines/<topic>.yaml`` has, for each deadline of ``schemas/deadlines/<topic>.yaml``, a list
of cases: the facts of the sample chat-assistant, which has done nothing yet, changed by ``outside``,
``set`` and ``remove`` as in tests/test_rules.py, judged on ``as_of``; and how the deadline then stands: its ``state``, the last
day of each force of ``limits``, ``provisional``, the ``label`` of its event, what is ``missing``,
words of ``because``, and the ``basis`` of the version. Every deadline has a case that is counted, one
that is unknown and one that is excluded. Of several events, the first listed is looked at.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from wcwidth import wcswidth

from beian import calendar_file, due_report, paths, pipeline, yamltext
from beian import due as dueing
from beian import facts as facts_file
from beian.derive import Derived
from beian.due import Due, State
from beian.facts import Facts
from beian.library import Library
from beian.pipeline import Examination
from beian.view import View
from conftest import AS_OF, ROOT, SAMPLES, Ran
from test_rules import OUTSIDE

Judge = Callable[..., Examination]
SAMPLE = str(SAMPLES / "chat-assistant")
CASES: dict[str, dict[str, list[dict[str, Any]]]] = {
    file.stem: yamltext.read(
        file.read_text("utf-8"), str(file), as_json=False, dotted_keys=True
    ).value
    for file in sorted((ROOT / "tests" / "deadlines").glob("*.yaml"))
}
NO_DAY = {State.UNKNOWN, State.EXCLUDED}


EACH_CASE = [
    pytest.param(owner, case, id=f"{topic}.yaml:{owner}: {case['name']}")
    for topic, owners in CASES.items()
    for owner, cases in owners.items()
    for case in cases
]


#: What the sample has not done yet; it is not asked for these days before it has been launched.
NOT_YET = dict.fromkeys((
    "filing_history.algorithm_filed_on", "filing_history.algorithm_decided_on",
    "filing_history.algorithm_cancelled_on", "filing_history.number_shown_on",
    "filing_history.police_filed_on", "filing_history.icp_decided_on",
    "filing_history.officer_filed_on", "filing_history.yearly_reports",
    "personal_information.audited_on",
))


def changed(facts: Facts, case: dict[str, Any]) -> dict[str, Any]:
    value = facts.value
    outside = OUTSIDE if "outside" in case else {}
    for path, new in {**NOT_YET, **outside, **case.get("set", {})}.items():
        value = paths.with_value(value, paths.parse(path), new)
    for path in case.get("remove", ()):
        value = paths.without(value, paths.parse(path))
    return value


def dues(result: Examination) -> list[Due]:
    return dueing.due(result.library, result.view, result.as_of)


@pytest.fixture(scope="module")
def matter(library: Library) -> Facts:
    return pipeline.load(SAMPLE, library)


@pytest.mark.parametrize(("owner", "case"), EACH_CASE)
def test_a_case_stands_as_expected(
    owner: str, case: dict[str, Any], matter: Facts, library: Library
) -> None:
    value, as_of = changed(matter, case), case.get("as_of", AS_OF)
    written = [*case.get("set", ()), *case.get("remove", ()), *(OUTSIDE if "outside" in case else ())]
    touched = {str(paths.parse(path)[0]) for path in written} & set(value)
    part = facts_file.from_value({name: value[name] for name in touched}, library.schema)
    assert library.schema.check(part.placed) == []
    derived = Derived(library.derived_schema, library.conclusions, as_of, matter.files)
    derived.view = View(value, library.schema, derived)
    one, *_ = [
        one for one in dueing.due(library, derived.view, as_of) if one.deadline.id == owner]
    assert one.state.value == case["state"], one
    if "limits" in case:
        counted = {limit.limit.force: limit.last.day for limit in one.limits if limit.last}
        assert {force: day.isoformat() for force, day in counted.items()} == case["limits"]
    if one.state not in NO_DAY and one.last:
        assert one.last.provisional is case.get("provisional", one.last.provisional)
    assert one.label == case.get("label", one.label)
    assert list(one.needs) == case.get("missing", list(one.needs))
    assert case.get("because", "") in (one.because or "")
    if "basis" in case:
        assert [ref for limit in one.limits for ref in limit.limit.basis] == case["basis"]


@pytest.mark.parametrize("owner", Library.open().deadlines)
def test_every_deadline_has_its_cases(owner: str, library: Library) -> None:
    deadline = library.deadlines[owner]
    cases = CASES[Path(deadline.file).stem][owner]
    states = {State(case["state"]) for case in cases}
    assert states > NO_DAY
    names = [case["name"] for case in cases]
    assert len(set(names)) == len(names)
    counted = {force for case in cases for force in case.get("limits", {})}
    assert counted == {
        limit.force
        for version in deadline.versions
        for limit in version.limits
        if limit.length is not None or limit.fact or limit.yearly
    }


def test_every_case_is_of_a_deadline(library: Library) -> None:
    assert {owner for owners in CASES.values() for owner in owners} == set(library.deadlines)


# --- what is said of all of them ------------------------------------------------------------------

OVERDUE = (
    "--set", "filing_history.changes=[{what: 产品名称变更, changed_on: 2026-09-18, filed_on: null},"
    " {what: 更换第三方模型, changed_on: 2026-10-30, filed_on: null}]")


def test_what_is_overdue_stands_first_and_exits_with_1(beian: Callable[..., Ran]) -> None:
    ran = beian("due", SAMPLE, "--as-of", AS_OF, *OVERDUE)
    assert ran.code == 1, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == "期限　2026-11-20　【2 项期限已过】"
    late = [line.strip() for line in lines if "已逾期" in line]
    assert late == [
        "已逾期 42 日　办理算法备案变更（DL02）　产品名称变更",
        "已逾期 7 日　办理算法备案变更（DL02）　更换第三方模型"]
    assert lines.index("期限已过") < lines.index("待办、等待和保存")


def test_nothing_overdue_exits_with_0_and_shows_both_dates(beian: Callable[..., Ran]) -> None:
    ran = beian("due", SAMPLE, "--as-of", AS_OF)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("期限　2026-11-20　没有逾期\n")
    assert "还有 39 日（实务 25 日）　提交算法备案（DL01）" in ran.out
    assert "法定  2026-12-29 周二（暂定）　自提供服务之日起10个工作日内" in ran.out
    assert "实务  2026-12-15 周二　提供服务之前" in ran.out
    practice = ran.out.partition("应用商店、小程序平台")[2].splitlines()[0]
    assert practice.endswith("待核对")
    assert "第二百零三条" in ran.out


def test_lines_fit_eighty_columns(beian: Callable[..., Ran]) -> None:
    ran = beian("due", SAMPLE, "--as-of", AS_OF, *OVERDUE)
    # Addresses of facts are never broken, whatever the folder is called.
    wide = [line for line in ran.out.splitlines() if wcswidth(line) > 80 and "facts.yaml" not in line]
    assert wide == []
    assert [line for line in ran.out.splitlines() if line.strip()[:1] in "，。；：）》、" and line] == []


def test_what_is_unknown_names_the_fact_that_is_missing(beian: Callable[..., Ran]) -> None:
    ran = beian("due", str(ROOT / "tests/cases/three-answers"), "--as-of", AS_OF)
    assert ran.code == 0
    assert ran.out.startswith("期限　2026-11-20　未见逾期，") and "没有逾期" not in ran.out
    assert "缺少“服务·境内用户能否使用”（service.mainland_access）" in ran.out
    assert "缺少“运营中的事件”（events）" in ran.out


def test_the_last_day_of_a_year_off_is_said_to_be_one(beian: Callable[..., Ran]) -> None:
    ran = beian("due", SAMPLE, "--as-of", AS_OF, "--set", "minors.access=allowed", "--set",
                "service.launched_on=2026-11-02", "--set", "service.stage=live", "--json")
    [one] = [one for one in json.loads(ran.out)["deadlines"] if one["id"] == "report-minors-audit"]
    assert (one["last_day"], one["label"]) == ("2027-01-31", "2026年度")
    assert due_report.day_words(dueing.LastDay(date(2027, 1, 31))).endswith("（休假日，宜提前）")


def test_json_holds_every_deadline_with_its_sources(
    beian: Callable[..., Ran], library: Library
) -> None:
    ran = beian("due", SAMPLE, "--as-of", AS_OF, "--json", *OVERDUE)
    record = json.loads(ran.out)
    assert (ran.code, record["overdue"], record["calendar_published_through"]) == (1, True, 2026)
    assert {one["id"] for one in record["deadlines"]} == set(library.deadlines)
    first = record["deadlines"][0]
    assert (first["code"], first["state"], first["days_left"]) == ("DL02", "overdue", -42)
    assert first["from"] == {
        "path": "filing_history.changes[0].changed_on", "day": "2026-09-18",
        "place": first["from"]["place"]}
    [limit] = first["limits"]
    assert limit["basis"][0]["instrument"] == "algorithm-recommendation"
    assert limit["certain"] is False


def test_answers_that_are_wrong_are_counted_as_absent_and_said(beian: Callable[..., Ran]) -> None:
    ran = beian("due", SAMPLE, "--as-of", AS_OF, "--set", "service.launched_on=2026-13-01")
    assert "填写有误" in ran.err
    assert "缺少“服务·上线日期”（service.launched_on）" in ran.out
    assert beian("due", "nowhere").code == 2


def test_explain_knows_a_deadline_by_number_and_id(beian: Callable[..., Ran]) -> None:
    for reference in ("DL32", "reassess-before-update"):
        ran = beian("explain", reference)
        assert ran.code == 0, ran.err
        assert "模型重要更新、升级的再评估" in ran.out
        assert "实务：更新上线之前" in ran.out and "待核对" in ran.out
    assert "DL01　提交算法备案" in beian("explain", "service.launched_on").out
    assert "DL01　提交算法备案" in beian("explain", "算法推荐:24").out


def test_a_house_adds_a_deadline_without_python(beian: Callable[..., Ran], tmp_path: Path) -> None:
    folder = tmp_path / "house" / "schemas" / "deadlines"
    folder.mkdir(parents=True)
    own = (
        "- id: house-review\n  title: 本所复核\n  title_en: review\n  kind: act\n"
        "  event: 评估签署之日\n  from: assessment.signed_on\n  documents: []\n  papers: []\n"
        "  versions:\n    - since: 2020-01-01\n      limits:\n"
        "        - {force: practice, length: 2, unit: week, source: 本所惯例,"
        " confidence: single, checked: recalled}\n      action: 复核。\n")
    (folder / "own.yaml").write_text(own, "utf-8")
    ran = beian("due", SAMPLE, "--as-of", AS_OF, "--house", str(tmp_path / "house"))
    assert "本所复核" in ran.out and "2026-12-02 周三　自评估签署之日起2周内" in ran.out
    for wrong, words in ((own.replace("signed_on", "signd_on"), "不是已声明的事实"),
                         (own.replace("documents: []", "documents: [no-such]"), "no-such"),
                         (own.replace("force: practice", "force: usual"), "own.yaml")):
        (folder / "own.yaml").write_text(wrong, "utf-8")
        ran = beian("due", SAMPLE, "--as-of", AS_OF, "--house", str(tmp_path / "house"))
        assert (ran.code, words in ran.err) == (2, True), ran.err


# --- the calendar file ----------------------------------------------------------------------------


def calendar_of(result: Examination) -> bytes:
    return calendar_file.make(dues(result), result.library, result.view, result.as_of)


def test_the_calendar_is_read_by_a_second_library(beian: Callable[..., Ran], tmp_path: Path) -> None:
    import vobject

    ran = beian("due", SAMPLE, "--as-of", AS_OF, "--ics", "due.ics", *OVERDUE)
    assert ran.code == 1
    raw = (tmp_path / "due.ics").read_bytes()
    made = vobject.readOne(raw.decode())
    events = made.vevent_list
    shown = {event.summary.value: event for event in events}
    filing = shown["【法定】提交算法备案（DL01）（暂定）"]
    assert filing.dtstart.value == date(2026, 12, 29)
    assert filing.dtend.value == date(2026, 12, 30)
    assert filing.status.value == "TENTATIVE"
    assert shown["【实务】提交算法备案（DL01）"].dtstart.value == date(2026, 12, 15)
    assert [one.trigger.value for one in filing.valarm_list] == [
        timedelta(days=-6, hours=-15), timedelta(hours=-15)]
    overdue = shown["【法定】办理算法备案变更（DL02）　产品名称变更"]
    assert overdue.dtstart.value == date(2026, 10, 9)
    assert not hasattr(overdue, "valarm_list"), "no reminder of what is past"
    uids = [event.uid.value for event in events]
    assert len(set(uids)) == len(uids)
    assert {event.dtstamp.value.date() for event in events} == {date(2026, 11, 20)}
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))


def test_the_same_facts_and_day_give_the_same_calendar(sample: Facts, examine: Judge) -> None:
    assert calendar_of(examine(sample.value)) == calendar_of(examine(sample.value))


def test_an_entry_keeps_its_identity_when_its_day_moves(sample: Facts, examine: Judge) -> None:
    def uid(launch: str, as_of: str) -> str:
        value = paths.with_value(sample.value, paths.parse("service.launched_on"), launch)
        text = calendar_of(examine(value, as_of)).decode().replace("\r\n ", "")
        event = next(one for one in text.split("BEGIN:VEVENT") if "【法定】提交算法备案" in one)
        return next(line for line in event.splitlines() if line.startswith("UID:"))

    assert uid("2026-12-15", "2026-11-20") == uid("2026-12-22", "2026-11-21")


def test_a_calendar_replaces_only_a_calendar(beian: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("手写", "utf-8")
    ran = beian("due", SAMPLE, "--as-of", AS_OF, "--ics", "notes.txt")
    assert (ran.code, "未覆盖" in ran.err) == (2, True)
    assert (tmp_path / "notes.txt").read_text("utf-8") == "手写"
    for _ in range(2):
        assert beian("due", SAMPLE, "--as-of", AS_OF, "--ics", "due.ics").code == 0


def test_the_workbook_and_the_calendar_file_lie_in_the_dossier(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    ran = beian("build", SAMPLE, "-o", "out", "--as-of", AS_OF, *OVERDUE,
                "--only", "deadline-calendar")
    assert ran.code == 0, ran.out + ran.err
    made = {one.name for one in (tmp_path / "out" / "internal").iterdir()}
    assert made == {"义务与期限日历.xlsx", "义务与期限日历.ics", "facts.json", "manifest.json"}
    book = load_workbook(tmp_path / "out" / "internal" / "义务与期限日历.xlsx")
    assert book.sheetnames == ["期限日历", "办理与依据", "未定", "不适用", "计算说明"]
    sheet = book["期限日历"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A3", "$2:$2")
    assert sheet.auto_filter.ref is not None
    first = [cell.value for cell in sheet[3]]
    assert first[1:10] == [
        "DL02", "办理算法备案变更　产品名称变更", "备案信息的变更第1项·变更日期", "2026-09-18",
        "自备案信息变更之日起10个工作日内", "2026-10-09 周五", "无", "已逾期", "已逾期 42 日"]
    rests = [row[6].value for row in book["办理与依据"].iter_rows(min_row=3)]
    assert all(isinstance(text, str) and text for text in rests)
    assert sum("待核对" in text for text in rests) >= 8
    ran = beian("due", SAMPLE, "--as-of", AS_OF, "--ics", "due.ics", *OVERDUE)
    written = (tmp_path / "out" / "internal" / "义务与期限日历.ics").read_bytes()
    assert written == (tmp_path / "due.ics").read_bytes()


def test_checking_does_not_count_days(beian: Callable[..., Ran], tmp_path: Path) -> None:
    code = ("import sys\nfrom beian.commands import main\n"
            f"sys.argv = ['beian', 'check', {SAMPLE!r}, '--as-of', {AS_OF!r}]\n"
            "try:\n    main()\nfinally:\n    print('LOADED', *sys.modules, file=sys.stderr)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(done.stderr.rpartition("LOADED")[2].split())
    assert "typer" in loaded
    assert not {"holidays", "icalendar"} & loaded


def test_personal_data_stays_out_of_the_calendar(sample: Facts, library: Library) -> None:
    result = pipeline.check(sample, library, AS_OF)
    text = calendar_of(result).decode().replace("\r\n ", "")
    secrets = [
        value for path, value in paths.leaves(sample.value)
        if (field := library.field(paths.generic(path))) is not None and field.sensitive
    ]
    assert secrets
    assert [value for value in secrets if str(value) in text] == []
