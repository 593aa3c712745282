"""The interview as a person meets it: course, saving, lines, prompts, and sudden ends."""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from hypothesis import given as each_of
from hypothesis import strategies as st
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from beian import facts as facts_file
from beian import paths, pipeline
from beian.commands.ask import _prepared
from beian.interview.answer import read_text
from beian.interview.next_question import stated, value_at
from beian.interview.pages import Asking
from beian.interview.plain import Plain
from beian.interview.prompts import Prompts
from beian.interview.question import Kind
from beian.interview.screen import Form, Option, Reply, Screen, lines_of, typed, width, wrapped
from beian.interview.session import Session
from beian.interview.store import Store
from beian.interview.words import Words
from beian.library import Library
from conftest import AS_OF, ROOT, SAMPLES, Ran
from interviewing import (
    ENTER,
    ESCAPE,
    Respondent,
    as_keys,
    as_line,
    attached,
    matter_of,
    session_of,
)

INTERNAL = ROOT / "tests" / "cases" / "internal-tool"
CHAT = SAMPLES / "chat-assistant"
PAPER = "algorithm-publication"
#: Matters whose whole dossier is asked for.
WHOLE = ("chat-assistant", "writing-api")


def course(session: Session, respondent: Respondent) -> Iterator[tuple[Screen, Reply]]:
    """Every screen with the reply it got, until the interview is over."""
    while (screen := session.screen()) is not None:
        reply = respondent.reply(session, screen)
        yield screen, reply
        session.take(reply)


def given(answer: Any, known: Any) -> bool:
    """Whether an answer is the one prepared; what is marked in a list of choices has its order."""
    if isinstance(answer, list) and isinstance(known, list):
        return sorted(answer) == sorted(known)
    return bool(answer == known)


def go_to(session: Session, path: str) -> Screen:
    """The screen of one question, jumped to."""
    session.take(Reply(command="jump", argument=path))
    session.take(Reply(keys=(path,)))
    screen = session.screen()
    assert screen is not None and screen.path == path, session.notes
    return screen


def shown(session: Session) -> Screen:
    screen = session.screen()
    assert screen is not None
    return screen


# --- the course ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "only"), [(INTERNAL, ()), (CHAT, (PAPER,))], ids=["internal", "chat"])
def test_an_interview_ends_with_all_that_is_needed_and_nothing_else(
    folder: Path, only: tuple[str, ...], library: Library
) -> None:
    source = matter_of(folder, library)
    session = session_of(library, only=only)
    asked = [screen.path for screen, _ in course(session, Respondent(source, library))]
    value = session.store.facts.value
    assert session.needed == 0
    assert len(asked) > 4
    assert not session.store.progress
    for path, answer in paths.leaves(value):
        assert given(answer, value_at(source, path)), path


def test_what_nobody_knows_comes_back_at_the_end_and_is_listed_by_who_could(
    library: Library,
) -> None:
    session = session_of(library, {"service": {"generates": ["text"], "mainland_access": True,
                                               "offered_to_public": True}}, only=("service-disclosure",))
    skipped = []
    while (screen := shown(session)).path:
        skipped.append(screen.path)
        session.take(Reply(command="skip"))
    text = "\n".join(lines_of(screen, 80))
    assert len(skipped) > 5
    assert f"只剩跳过的 {len(skipped)} 项" in text
    assert "技术（" in text and "产品" in text
    assert session.store.progress.skipped == skipped
    session.take(Reply(keys=("again",)))
    assert shown(session).path == skipped[0]
    assert session.store.progress.skipped == []


def test_later_answers_are_kept_and_what_no_longer_applies_is_said(library: Library) -> None:
    source = matter_of(CHAT, library)
    session = session_of(library, source)
    go_to(session, "minors.access")
    session.take(Reply(keys=("allowed",)))
    [note] = [one for one in session.notes if "暂不使用" in one]
    assert "屏障" in note
    assert session.store.facts.value["minors"]["barrier"] == source["minors"]["barrier"]
    assert "minors.protection_paragraphs" in session.outlook.needed
    session.take(Reply(command="back"))
    assert shown(session).path == "minors.access"
    session.take(Reply(keys=("excluded",)))
    assert any("重新使用" in one and "屏障" in one for one in session.notes)


def test_the_scope_is_told_as_soon_as_it_is_decided(library: Library) -> None:
    session = session_of(library)
    told = []
    for _, _ in course(session, Respondent(matter_of(INTERNAL, library), library)):
        told += session.notes
    told += session.notes
    assert any("适用《生成式人工智能服务管理暂行办法》：否" in one for one in told)


def test_an_answer_is_refused_in_the_words_of_the_file_check(library: Library) -> None:
    session = session_of(library, {"subject": {"name": "某"}, "service": {
        "generates": ["text"], "mainland_access": True, "offered_to_public": True}})
    assert shown(session).path == "subject.credit_code" or go_to(session, "subject.credit_code")
    session.take(Reply(text="x" * 501))
    [note] = session.notes
    wrong = facts_file.from_value({"subject": {"credit_code": "x" * 501}}, library.schema)
    assert library.schema.check(wrong.placed)[0].message in note
    assert not stated(session.store.facts.value, "subject.credit_code")
    assert shown(session).draft == "x" * 501  # to be mended, not typed again
    session.take(Reply(text="a\x07b"))
    assert "控制字符" in session.notes[0]
    session.take(Reply(text="91110999MA00Y0J124"))
    assert any("阻断" in one for one in session.notes), "a rule speaks at once, and does not stop"
    assert stated(session.store.facts.value, "subject.credit_code")


@pytest.mark.parametrize(
    ("typed_text", "kind", "value"),
    [
        ("2026年3月1日", Kind.DAY, "2026-03-01"),
        ("２０２６/３/１", Kind.DAY, "2026-03-01"),
        ("2026-02-30", Kind.DAY, "2026-02-30"),
        ("下周", Kind.DAY, "下周"),
        ("12,000", Kind.NUMBER, 12000),
        ("１８", Kind.NUMBER, 18),
        ("0.5", Kind.NUMBER, 0.5),
        ("1,2", Kind.NUMBER, "1,2"),
        ("十", Kind.NUMBER, "十"),
        ("007", Kind.TEXT, "007"),
    ],
)
def test_numbers_and_days_are_read_as_people_write_them(
    typed_text: str, kind: Kind, value: Any
) -> None:
    read = read_text(typed_text, kind)
    assert read == value and type(read) is type(value)


# --- lists, groups, none -------------------------------------------------------------------------


@pytest.fixture
def whole(library: Library) -> Session:
    """A session over the finished sample."""
    return session_of(library, matter_of(CHAT, library))


def test_items_of_a_list_are_added_changed_moved_and_removed(whole: Session) -> None:
    path = "audience.groups"
    before = value_at(whole.store.facts.value, path)
    go_to(whole, path)
    whole.take(Reply(text="新的人群"))
    assert value_at(whole.store.facts.value, path) == [*before, "新的人群"]
    whole.take(Reply(text="新的人群"))
    assert "重复" in whole.notes[0]
    last = str(len(before) + 1)
    whole.take(Reply(command="move", argument=last))
    assert value_at(whole.store.facts.value, path)[-2] == "新的人群"
    whole.take(Reply(command="change", argument=str(len(before))))
    assert shown(whole).draft == "新的人群"
    whole.take(Reply(text="改过的人群"))
    assert shown(whole).path == path
    whole.take(Reply(command="remove"))
    whole.take(Reply(keys=(str(len(before)),)))
    assert value_at(whole.store.facts.value, path) == before
    whole.take(Reply(command="edit", argument="甲\n\n乙\n"))
    assert value_at(whole.store.facts.value, path) == ["甲", "乙"]
    go_to(whole, path)
    whole.take(Reply(text="丙\n丁"))
    assert value_at(whole.store.facts.value, path) == ["甲", "乙", "丙", "丁"]
    whole.take(Reply(text=""))
    assert shown(whole).path != path
    assert not whole.store.progress


def test_a_group_of_answers_goes_only_when_confirmed(whole: Session) -> None:
    before = value_at(whole.store.facts.value, "products")
    go_to(whole, "products")
    whole.take(Reply(keys=("remove",)))
    whole.take(Reply(keys=("1",)))
    assert "个回答会被删去" in shown(whole).title
    whole.take(Reply(keys=("cancel",)))
    assert value_at(whole.store.facts.value, "products") == before
    whole.take(Reply(command="remove", argument="1"))
    whole.take(Reply(keys=("true",)))
    assert value_at(whole.store.facts.value, "products") == before[1:]
    whole.take(Reply(command="move", argument="2"))
    assert value_at(whole.store.facts.value, "products") == [before[2], before[1]]


def test_a_new_item_is_asked_for_part_by_part(whole: Session) -> None:
    count = len(value_at(whole.store.facts.value, "products"))
    go_to(whole, "products")
    whole.take(Reply(keys=("add",)))
    screen = shown(whole)
    assert screen.path == f"products[{count}].name"
    assert screen.suggested, "the name of the service is suggested"
    assert len(value_at(whole.store.facts.value, "products")) == count, "nothing is stated yet"
    whole.take(typed("=", screen))
    assert value_at(whole.store.facts.value, f"products[{count}].name") == "云笺智能写作助手" or \
        value_at(whole.store.facts.value, f"products[{count}].name")
    while (screen := shown(whole)).path != "products":
        assert screen.path.startswith(f"products[{count}]")
        whole.take(Reply(command="skip"))
    whole.take(Reply(keys=("done",)))
    assert shown(whole).path == ""


def test_none_is_taken_where_the_schema_admits_it(whole: Session) -> None:
    go_to(whole, "subject.name")
    whole.take(Reply(command="none"))
    assert "不能答“无”" in whole.notes[0]
    go_to(whole, "evidence")
    whole.take(Reply(command="none"))
    assert "个回答会被删去" in shown(whole).title
    whole.take(Reply(command="back"))
    assert value_at(whole.store.facts.value, "evidence")
    go_to(whole, "disclosure.change_summary")
    whole.take(Reply(command="none"))
    assert value_at(whole.store.facts.value, "disclosure.change_summary") is None
    assert stated(whole.store.facts.value, "disclosure.change_summary")


def test_an_answer_can_be_taken_away(whole: Session) -> None:
    go_to(whole, "subject.name")
    whole.take(Reply(command="clear"))
    assert not stated(whole.store.facts.value, "subject.name")
    assert whole.needed == 1


def test_many_suggestions_stay_short_and_complete_what_is_typed(whole: Session) -> None:
    screen = go_to(whole, "models[0].evidence")
    proofs = [one["id"] for one in value_at(whole.store.facts.value, "evidence")]
    assert screen.suggested == tuple(proofs) == screen.files and len(proofs) > 30
    assert len(lines_of(screen, 80)) < 20
    assert f"=1 {proofs[0]}；=2 {proofs[1]}" in dict(screen.body)["建议"].replace("\n", "")
    assert typed(f"={len(proofs)}", screen) == Reply(command="accept", argument=str(len(proofs)))
    whole.take(Reply(command="accept", argument=str(len(proofs))))
    assert value_at(whole.store.facts.value, "models[0].evidence") == proofs[-1]


def test_an_english_interview_speaks_english_when_it_refuses_and_frames_what_rules_say(
    library: Library,
) -> None:
    session = session_of(library, matter_of(CHAT, library), lang="en")
    go_to(session, "audience.minimum_age")
    session.take(Reply(text="ten"))
    assert session.notes == ["minimum age（最低年龄） should be a whole number, not ten."]
    session.take(Reply(text="500"))
    assert session.notes == ["minimum age（最低年龄）: 500 is too large; at most 120 is expected."]
    assert shown(session).draft == "500"
    session.take(Reply(text="a\x07"))
    assert session.notes[0].startswith("In Chinese: ")
    go_to(session, "subject.credit_code")
    session.take(Reply(text="91110999MA00Y0J124"))
    [note] = session.notes
    assert note.startswith("Blocks（阻断） · ") and "unified social credit code（" in note
    assert "（subject.credit_code）" in note and "Basis: 《" in note


# --- ways about ----------------------------------------------------------------------------------

ONE_OF_EACH = {
    Kind.TEXT: "subject.name",
    Kind.NUMBER: "audience.minimum_age",
    Kind.DAY: "service.launched_on",
    Kind.YES_NO: "service.mainland_access",
    Kind.ONE_OF: "service.stage",
    Kind.MANY_OF: "service.generates",
    Kind.TEXTS: "audience.groups",
    Kind.ITEMS: "products",
    Kind.FILE: "evidence[0].file",
}


@pytest.mark.parametrize("path", ONE_OF_EACH.values(), ids=[one.value for one in ONE_OF_EACH])
def test_back_works_from_every_kind_of_question_with_every_way_of_asking(
    path: str, whole: Session
) -> None:
    first = "algorithm.name"
    go_to(whole, first)
    whole.take(Reply(text="某某算法"))
    screen = go_to(whole, path)
    assert typed(":b", screen) == Reply(command="back")
    plain = Plain(io.StringIO(":b\n"), io.StringIO()).ask(screen)
    assert pressed(screen, "\x02") == plain == Reply(command="back")
    whole.take(plain)
    assert shown(whole).path == first


def pressed(screen: Screen, keys: str) -> Reply:
    """The reply of the moving prompts to some keys."""
    with create_pipe_input() as keyboard, create_app_session(keyboard, DummyOutput()):
        keyboard.send_text(keys)
        return Prompts().ask(screen)


@pytest.mark.parametrize("path", ONE_OF_EACH.values(), ids=[one.value for one in ONE_OF_EACH])
def test_both_ways_of_asking_give_the_same_answer(
    path: str, library: Library
) -> None:
    source = matter_of(CHAT, library)
    bare: Any = source
    for gone in {path, "evidence"} if path.startswith("evidence") else {path}:
        bare = paths.without(bare, paths.parse(gone)) if stated(bare, gone) else bare
    session = session_of(library, bare)
    if path.startswith("evidence"):
        session.take(Reply(command="jump", argument="evidence"))
        session = session_of(library, {**bare, "evidence": [{"id": "age-gate"}]})
    screen = go_to(session, path)
    reply = Respondent(source, library).reply(session, screen)
    line = as_line(reply, screen)
    assert Plain(io.StringIO(f"{line}\n"), io.StringIO()).ask(screen) == reply
    assert pressed(screen, "".join(as_keys(reply, screen))) == reply


def test_the_menu_opens_from_any_prompt_and_leads_back(whole: Session) -> None:
    for path in ONE_OF_EACH.values():
        screen = go_to(whole, path)
        assert pressed(screen, ESCAPE) == Reply(command="help")
        whole.take(Reply(command="help"))
        menu = shown(whole)
        assert {option.key for option in menu.options} == {*screen.commands, "cancel"} - {"help"}
        whole.take(Reply(keys=("cancel",)))
        assert shown(whole).path == path


def test_a_command_typed_over_a_list_chooses_nothing(whole: Session) -> None:
    for path in ("service.generates", "service.stage", "products"):
        screen = go_to(whole, path)
        assert pressed(screen, ":j 审核" + ENTER) == Reply(command="help")
    marked = go_to(whole, "service.generates")
    chosen = tuple(option.key for option in marked.options if option.key in marked.chosen)
    assert pressed(marked, "ajki" + ENTER) == Reply(keys=chosen), "letters neither move nor mark"


def test_back_after_a_new_start_goes_to_the_answer_before(library: Library) -> None:
    session = session_of(library, {"subject": {"name": "某某公司"}})
    session.take(Reply(command="back"))
    assert shown(session).path == "subject.name"  # before it in question order
    session = session_of(library)
    session.take(Reply(command="back"))
    assert session.notes == ["前面没有已答的题。"]


def test_search_finds_by_title_section_and_path(whole: Session) -> None:
    for text, path in (("投诉", "complaints.reply_working_days"), ("审核 人员", "annotation."),
                       ("subject.na", "subject.name"), ("credit code", "subject.credit_code")):
        whole.take(Reply(command="jump", argument=text))
        assert any(one.key.startswith(path) for one in shown(whole).options), text
        whole.take(Reply(command="back"))
    whole.take(Reply(command="jump", argument="没有这样的题"))
    assert "没有找到" in whole.notes[0]


def test_the_review_shows_every_answer_masked_where_personal_and_leads_to_each(
    whole: Session,
) -> None:
    whole.take(Reply(command="review"))
    sections = {one.key for one in shown(whole).options} - {"go_on"}
    rows = {}
    for section in sections:
        whole.take(Reply(keys=(section,)))
        rows |= {one.key: one.title for one in shown(whole).options}
        whole.take(Reply(command="back"))
    for path, value in paths.leaves(whole.store.facts.value):
        if path.partition("[")[0] not in ("determinations", "waivers"):
            assert path in rows, path
        field = whole.library.schema.field(path)
        if field is not None and field.sensitive:
            assert str(value) not in rows[path]
    whole.take(Reply(keys=("subject",)))
    whole.take(Reply(keys=("subject.contact.mobile",)))
    screen = shown(whole)
    mobile = whole.store.facts.value["subject"]["contact"]["mobile"]
    assert screen.draft == "" and mobile not in "".join(lines_of(screen, 80))
    whole.take(Reply(text=""))  # Enter keeps what is there
    assert whole.store.facts.value["subject"]["contact"]["mobile"] == mobile
    assert "审" in shown(whole).title or shown(whole).options


# --- lines ---------------------------------------------------------------------------------------


@each_of(st.text(alphabet="审核（）《》，。：abc xyz…“”\u4e00１-/", max_size=300), st.integers(12, 80))
def test_wrapping_keeps_every_character_and_the_width(text: str, columns: int) -> None:
    lines = wrapped(text, columns, "  ")
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_no_mark_that_closes_begins_a_line() -> None:
    text = "审核人员（逐字）、比对执照，系统填报；和各份《材料》（一）、说明。" * 6
    for columns in range(20, 60):
        for line in wrapped(text, columns)[1:]:
            assert line[0] not in "，；。、）》", (columns, line)
            assert line[-1] not in "（《", (columns, line)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_question_is_wider_than_the_terminal_in_either_language(
    lang: str, library: Library
) -> None:
    session = session_of(library, matter_of(CHAT, library), lang=lang)
    seen = 0
    for path, _ in list(paths.leaves(session.store.facts.value))[::7]:
        session.page = Asking(path)
        screen = shown(session)
        written = io.StringIO()
        Plain(io.StringIO(), written).ask(screen)
        for line in written.getvalue().splitlines():
            assert width(line) <= 80, line
        whole = "".join(written.getvalue().split())
        for option in screen.options:
            assert "".join(option.title.split()) in whole
        assert "".join(dict(screen.body).get("", "").split()) in whole
        field = library.schema.field(path)
        assert field is not None
        if lang == "en":
            assert field.title_en in screen.title or field.title_en in screen.heading
        seen += 1
    assert seen > 100


def test_what_is_typed_names_options_and_commands() -> None:
    options = (Option("text", "文本"), Option("image", "图像"), Option("x-2", "其他"))
    pick = Screen("", "", Form.PICK, Words("zh"), options=options, commands=("back", "jump"))
    mark = Screen("", "", Form.MARK, Words("zh"), options=options)
    yes = Screen("", "", Form.PICK, Words("zh"), options=(Option("true", "是"), Option("false", "否")))
    line = Screen("", "", Form.LINE, Words("zh"), suggested=("甲",))
    assert typed("2", pick).keys == typed("图像", pick).keys == typed("IMAGE", pick).keys == ("image",)
    assert typed("２", pick).keys == ("image",)
    assert typed("9", pick) == Reply(text="9")
    assert typed("1、3", mark).keys == typed("3 1 3", mark).keys[::-1] == ("text", "x-2")
    assert typed("1 9", mark).keys is None
    assert typed("y", yes).keys == typed("是", yes).keys == ("true",)
    assert typed("：跳转 投诉", pick) == Reply(command="jump", argument="投诉")
    assert typed(":d 2", line) == typed(":d2", line) == Reply(command="remove", argument="2")
    assert typed("::b", line) == Reply(text=":b")
    assert typed(":zz", line).command == "unknown"
    assert typed("=", line) == Reply(command="accept", argument="1")
    assert typed("=", pick) == Reply(text="=")


# --- files ---------------------------------------------------------------------------------------


def test_the_command_makes_a_matter_and_tells_what_is_left(
    beian: Callable[..., Ran], library: Library, tmp_path: Path
) -> None:
    respondent = Respondent(matter_of(INTERNAL, library), library)
    first, second, *others = [as_line(reply, screen)
                              for screen, reply in course(session_of(library), respondent)]
    ran = beian("ask", "matter", "--as-of", AS_OF, stdin=f"{first}\n{second}\n:q\n".encode())
    assert ran.code == 1
    assert "已新建 matter/" in ran.out and "至少还缺" in ran.out
    assert "beian ask matter" in ran.out
    assert {one.name for one in (tmp_path / "matter").iterdir()} >= {"annexes", "evidence", "filed"}
    ran = beian("ask", "matter", "--as-of", AS_OF, "--plain", "--lang", "en",
                stdin="\n".join([*others, ""]).encode())
    assert ran.code == 0
    assert "open to the public（是否向社会公众开放）" in ran.out
    assert json.loads(beian("check", "matter", "--as-of", AS_OF, "--json").out)["stops"] is False
    assert beian("ask", "matter", "--for", "no-such").code == 2
    assert "可写" in beian("ask", "matter", "--section", "no-such").err
    assert beian("ask", "matter", "--section", "产品", "--as-of", AS_OF).code == 0


def test_plain_lines_fill_a_matter_from_an_empty_folder(
    beian: Callable[..., Ran], library: Library, tmp_path: Path
) -> None:
    source = matter_of(CHAT, library)
    matter = attached(tmp_path / "matter", CHAT)
    session = session_of(library, folder=matter, only=(PAPER,))
    lines = [as_line(reply, screen) for screen, reply in course(session, Respondent(source, library))]
    ran = beian("ask", "matter", "--for", PAPER, "--as-of", AS_OF,
                stdin="".join(f"{line}\n" for line in lines).encode())
    assert ran.code == 0, ran.out
    assert pipeline.load(tmp_path / "matter", library).value == session.store.facts.value
    assert not (tmp_path / "matter" / "interview.json").exists()
    built = beian("build", "matter", "-o", "out", "--only", PAPER, "--as-of", AS_OF)
    assert built.code == 0, built.out


def test_long_answers_are_written_in_the_users_own_editor(
    whole: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor.py"
    script.write_text("import sys\nopen(sys.argv[1], 'a').write('第一段。\\n\\n第二段。\\n')\n", "utf-8")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    path = "algorithm.principle_paragraphs"
    reply = pressed(go_to(whole, path), ":e" + ENTER)
    whole.take(reply)
    assert value_at(whole.store.facts.value, path)[-2:] == ["第一段。", "第二段。"]
    monkeypatch.setenv("VISUAL", "false")
    written = io.StringIO()
    assert Plain(io.StringIO(":e\n"), written).ask(go_to(whole, path)).command == "quit"
    assert "编辑器" in written.getvalue()


def test_facts_from_standard_input_cannot_be_asked_for(beian: Callable[..., Ran]) -> None:
    ran = beian("ask", "-")
    assert ran.code == 2 and "标准输入" in ran.err


def test_a_json_file_stays_json(beian: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text("{}", "utf-8")
    beian("ask", "facts.json", "--as-of", AS_OF, stdin="某某公司\n".encode())
    assert json.loads((tmp_path / "facts.json").read_text("utf-8")) == {
        "subject": {"name": "某某公司"}}


def test_a_file_changed_elsewhere_is_not_overwritten(library: Library, tmp_path: Path) -> None:
    _prepared(tmp_path / "m", library)
    session = Session(Store(pipeline.load(tmp_path / "m", library), library.schema), library, AS_OF)
    file = tmp_path / "m" / "facts.yaml"
    file.write_text("subject:\n  name: 别处写的\n", "utf-8")
    session.take(Reply(text="某某公司"))
    assert "别处改过" in session.notes[0]
    assert file.read_text("utf-8") == "subject:\n  name: 别处写的\n"


# --- sudden ends ---------------------------------------------------------------------------------


class Reporting:
    """Tells the parent what is asked, waits for its word, and reads the answer as a typed line."""

    def __init__(self, session: Session, respondent: Respondent, out: int, go: int) -> None:
        self.session, self.respondent, self.out, self.go = session, respondent, out, go

    def ask(self, screen: Screen) -> Reply:
        os.write(self.out, f"{screen.path or '-'}\n".encode())
        os.read(self.go, 1)
        line = as_line(self.respondent.reply(self.session, screen), screen)
        return Plain(io.StringIO(f"{line}\n"), io.StringIO()).ask(screen)


def strange(value: Any, source: Any) -> list[str]:
    """The path of every answer that was never given so: a list may be short, never different."""
    found = []
    for path, answer in paths.leaves(value):
        known = value_at(source, path)
        begun = isinstance(answer, list) and isinstance(known, list) and answer == known[: len(answer)]
        if not (begun or given(answer, known)):
            found.append(path)
    return found


def killed_after(
    matter: Path, source: Any, library: Library, only: tuple[str, ...], delay: float | None
) -> tuple[str, str]:
    """(question asked, next question) of a process that gives one answer and is then killed.

    With a ``delay`` it is killed that many seconds after the answer, wherever it is; the next
    question is then empty. A process of its own with all that was read so far in its memory: what
    is new to each is the matter, read from its file.
    """
    out, report = os.pipe()
    wait, go = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            store = Store(pipeline.load(matter, library), library.schema)
            for path in strange(store.facts.value, source):
                os.write(report, f"not as answered: {path}\n".encode())
            session = Session(store, library, AS_OF, only=only)
            front = Reporting(session, Respondent(source, library), report, wait)
            while (screen := session.screen()) is not None:
                session.take(front.ask(screen))
        os._exit(1)
    os.close(report)
    os.close(wait)
    with os.fdopen(out) as told:
        first = told.readline().strip()
        following = ""
        os.write(go, b".")
        if delay is None:
            following = told.readline().strip()
        else:
            time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    os.close(go)
    return first, following


def kill_all_the_way(
    matter: Path, source: Any, library: Library, only: tuple[str, ...] = (), *,
    most: int = 0, hasty: int = 2,
) -> tuple[int, int, int]:
    """Kills an interview at every prompt in turn, each process going on with the matter of the last.

    (prompts, kills between an answer and the next prompt, answers lost by those); every one in
    ``hasty`` kills comes so, at any moment of the saving.
    """
    _prepared(matter, library)
    session_of(library, source, only=only).screen()  # what is read once, every process then has
    gc.collect()
    gc.freeze()
    chance = random.Random(7)
    before = expected = ""
    prompts = early = repeated = 0
    for turn in range(20_000):
        delay = chance.uniform(0, 0.06) if turn % hasty == 1 else None
        first, following = killed_after(matter, source, library, only, delay)
        assert first and (first == expected or not expected), "it goes on where it was killed"
        if first == "-" or prompts == most > 0:
            break
        again = not expected and first == before and not library.schema.fields[paths.generic(first)].is_list
        repeated += again
        prompts += not again
        early += delay is not None
        before, expected = first, following
    gc.unfreeze()
    assert strange(pipeline.load(matter, library).value, source) == []
    return prompts, early, repeated


@pytest.mark.parametrize(
    ("folder", "only"), [(INTERNAL, ()), (CHAT, (PAPER,))], ids=["internal", "chat"])
def test_killed_at_every_prompt_nothing_is_lost_or_doubled(
    folder: Path, only: tuple[str, ...], library: Library, tmp_path: Path
) -> None:
    """Here to the end of a short matter, and the first prompts of a long one; all with -m interview."""
    source = matter_of(folder, library)
    prompts, early, _ = kill_all_the_way(tmp_path / "m", source, library, only, most=24)
    session = session_of(library, only=only)
    for _ in course(session, Respondent(source, library)):
        pass
    value = pipeline.load(tmp_path / "m", library).value
    assert value == session.store.facts.value or prompts == 24
    assert len(list(paths.leaves(value))) >= prompts * 0.4
    assert prompts >= 4 and early


# --- a real terminal -----------------------------------------------------------------------------


def recorded(
    matter: Path, source: Any, library: Library, only: tuple[str, ...]
) -> tuple[int, int]:
    """Answers the moving prompts in a terminal of 80 by 24; (questions asked, exit code)."""
    session = session_of(library, folder=matter if matter.exists() else None, only=only)
    respondent = Respondent(source, library)
    arguments = ["-m", "beian", "ask", str(matter), "--as-of", AS_OF]
    for name in only:
        arguments += ["--for", name]
    terminal = pexpect.spawn(
        sys.executable, arguments, dimensions=(24, 80), encoding="utf-8", timeout=60,
        env={**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm", "PYTHONWARNINGS": "error"})
    terminal.delaybeforesend = None
    asked = 0
    for screen, reply in course(session, respondent):
        terminal.expect_exact("\x1b[?2004h")
        asked += bool(screen.path)
        for key in as_keys(reply, screen):
            terminal.send(key)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert "Traceback" not in (terminal.before or "")
    return asked, terminal.exitstatus or 0


@pytest.mark.parametrize(
    ("folder", "only"), [(INTERNAL, ()), (CHAT, (PAPER,))], ids=["internal", "chat"])
def test_a_recorded_interview_leads_to_a_checked_matter(
    folder: Path, only: tuple[str, ...], library: Library, beian: Callable[..., Ran],
    tmp_path: Path, say: Callable[[str], None],
) -> None:
    source = matter_of(folder, library)
    if folder == CHAT:
        attached(tmp_path / "matter", CHAT)
    asked, code = recorded(tmp_path / "matter", source, library, only)
    say(f"{folder.name} {' '.join(only)}: {asked} screens in a terminal of 80×24")
    assert code == 0
    for path, answer in paths.leaves(pipeline.load(tmp_path / "matter", library).value):
        assert given(answer, value_at(source, path)), path
    options = [one for name in only for one in ("--only", name)]
    built = beian("build", "matter", "-o", "out", "--as-of", AS_OF, *options)
    assert built.code == 0, built.out


def test_an_interrupted_interview_keeps_its_answers(library: Library, tmp_path: Path) -> None:
    terminal = pexpect.spawn(
        sys.executable, ["-m", "beian", "ask", str(tmp_path / "m"), "--as-of", AS_OF],
        dimensions=(24, 80), encoding="utf-8", timeout=60,
        env={**os.environ, "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"})
    terminal.expect_exact("\x1b[?2004h")
    terminal.send("某某公司")
    terminal.send(ENTER)
    terminal.expect_exact("\x1b[?2004h")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 130
    assert "beian ask" in (terminal.before or "") and "Cancelled" not in (terminal.before or "")
    assert pipeline.load(tmp_path / "m", library).value == {"subject": {"name": "某某公司"}}


# --- all of it -----------------------------------------------------------------------------------


@pytest.mark.interview
def test_a_recorded_interview_about_the_whole_dossier(
    library: Library, beian: Callable[..., Ran], tmp_path: Path, say: Callable[[str], None]
) -> None:
    source = matter_of(CHAT, library)
    attached(tmp_path / "matter", CHAT)
    asked, code = recorded(tmp_path / "matter", source, library, ())
    say(f"the whole dossier: {asked} screens in a terminal of 80×24")
    assert code == 0
    checked = beian("check", "matter", "--as-of", AS_OF)
    assert checked.code == 0, checked.out
    assert beian("build", "matter", "-o", "out", "--as-of", AS_OF).code == 0


@pytest.mark.interview
@pytest.mark.parametrize("name", WHOLE)
def test_killed_at_every_prompt_of_the_whole_dossier(
    name: str, library: Library, tmp_path: Path, say: Callable[[str], None]
) -> None:
    source = matter_of(SAMPLES / name, library)
    matter = attached(tmp_path / "m", SAMPLES / name)
    start = time.monotonic()
    prompts, early, lost = kill_all_the_way(matter, source, library, hasty=4)
    say(f"{name}: killed at each of {prompts} prompts, {early} times between an answer and "
              f"the next prompt, {lost} answers asked for again, {time.monotonic() - start:.0f} s")
    held = pipeline.load(matter, library)
    session = Session(Store(held, library.schema), library, AS_OF)
    assert session.needed == 0 and not session.store.progress
    for path, answer in paths.leaves(held.value):
        assert given(answer, value_at(source, path)), path
    assert prompts > 500
