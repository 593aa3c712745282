"""A list answered by pointing at a workbook, from inside the interview."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from beian import paths, pipeline
from beian.facts import as_json
from beian.interview.next_question import value_at
from beian.interview.plain import Plain
from beian.interview.prompts import Prompts
from beian.interview.screen import Form, Reply, Screen, lines_of, typed, width
from beian.interview.session import Session
from beian.interview.store import Store
from beian.library import Library
from conftest import AS_OF, SAMPLES, Ran
from interviewing import ENTER, matter_of, session_of

CHAT = SAMPLES / "chat-assistant"
#: The second row changes what the sample says of its model, the others are new; two cells are faulty.
ROWS = (
    ("序号", "模型名称", "模型版本", "模型来源", "是否改动权重", "参数规模"),
    (1, "示例新模型", "2.1", "自行训练", "否", "70亿"),
    (2, "示例青禾基础模型", "V2.1", "使用他人公开的权重自行部署", "是", "150亿"),
    (3, "示例审核模型", "1.0", "自研", "也许", "7亿"),
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """The client's own list, with a title above it, spaces in its name, and a second sheet."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "模型一览"
    sheet.append(["示例公司模型清单"])
    for row in ROWS:
        sheet.append(row)
    other = made.create_sheet("使用 人群")
    for text in ("适用人群", "教师", "编辑"):
        other.append([text])
    file = tmp_path / "公司 清单.xlsx"
    made.save(file)
    return file


@pytest.fixture
def whole(library: Library) -> Session:
    return session_of(library, matter_of(CHAT, library))


def at(session: Session, path: str) -> Screen:
    session.take(Reply(command="jump", argument=path))
    session.take(Reply(keys=(path,)))
    return shown(session)


def shown(session: Session) -> Screen:
    screen = session.screen()
    assert screen is not None
    return screen


def text_of(session: Session) -> str:
    screen = shown(session)
    return "\n".join([*lines_of(screen, 80), *(option.title for option in screen.options)])


def test_what_a_workbook_would_write_is_shown_and_replaces_nothing_unasked(
    whole: Session, book: Path
) -> None:
    before = value_at(whole.store.facts.value, "models")
    screen = at(whole, "models")
    assert "table" in screen.commands and ":t" in text_of(whole)
    whole.take(typed(f":t {book}", screen))
    text = text_of(whole)
    assert "新增    示例新模型 · 2.1" in text and "新增    示例审核模型 · 1.0" in text
    assert f"：150亿（原为 {before[0]['parameter_scale']}）" in text
    assert "写入，并替换 1 个已有的回答" in text
    assert "模型一览!D5" in text and "“自研”，不在可选项内" in text
    assert "模型一览!E5" in text and "“也许”" in text
    assert all(width(line) <= 80 for line in lines_of(shown(whole), 80))
    whole.take(Reply(command="back"))
    assert shown(whole).path == "models"
    whole.take(Reply(command="table", argument=str(book)))
    whole.take(Reply(keys=("cancel",)))
    assert value_at(whole.store.facts.value, "models") == before
    whole.take(Reply(command="table", argument=str(book)))
    whole.take(Reply(keys=("new",)))
    models = value_at(whole.store.facts.value, "models")
    assert [one["name"] for one in models] == ["示例新模型", "示例青禾基础模型", "示例审核模型"]
    assert models[1] == before[0]
    assert models[0]["weights_changed"] is False and "source" not in models[2]
    assert shown(whole).path == "models" and "已从工作表“模型一览”写入 2 处" in whole.notes[0]
    assert not any("重新使用" in one for one in whole.notes), "what is new was not kept from before"
    whole.take(Reply(command="table", argument=str(book)))
    whole.take(Reply(keys=("all",)))
    assert value_at(whole.store.facts.value, "models")[1] == {
        **before[0], "parameter_scale": "150亿"}
    whole.take(Reply(command="table", argument=str(book)))
    assert [one.key for one in shown(whole).options] == ["other", "cancel"], "nothing is left to write"
    whole.take(Reply(keys=("cancel",)))
    whole.take(Reply(keys=("done",)))
    assert shown(whole).path.startswith("models["), "what the workbook did not say is asked for"


def test_a_list_of_texts_only_grows(whole: Session, book: Path) -> None:
    before = value_at(whole.store.facts.value, "audience.groups")
    at(whole, "audience.groups")
    whole.take(Reply(command="table", argument=f"“{book}” 使用 人群"))
    assert "新增    教师" in text_of(whole) and "已有的回答不变" in text_of(whole)
    whole.take(Reply(keys=("all",)))
    assert value_at(whole.store.facts.value, "audience.groups") == [*before, "教师", "编辑"]
    assert shown(whole).path == "audience.groups"


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("没有的.xlsx", "找不到该文件"),
        ("{book} 别的表", "可写：模型一览、使用 人群"),
        ("{book} 使用 人群", "没有找到"),
        ("{folder}", "这是一个目录"),
        ("{text}", "不是 Excel 工作簿"),
        ("x" * 5000, "无法读取"),
    ],
)
def test_what_cannot_be_read_is_said_and_may_be_named_again(
    named: str, words: str, whole: Session, book: Path, tmp_path: Path
) -> None:
    (tmp_path / "清单.txt").write_text("模型", "utf-8")
    before = value_at(whole.store.facts.value, "models")
    at(whole, "models")
    whole.take(Reply(command="table"))
    assert shown(whole).form is Form.LINE
    name = named.format(book=book, folder=tmp_path, text=tmp_path / "清单.txt")
    whole.take(Reply(text=name))
    assert words in whole.notes[0] and shown(whole).draft == name
    whole.take(Reply(command="back"))
    assert shown(whole).path == "models"
    whole.take(Reply(command="table"))
    whole.take(Reply(text=""))
    assert shown(whole).path == "models"
    assert value_at(whole.store.facts.value, "models") == before


def test_only_lists_are_read_from_a_workbook(whole: Session, book: Path) -> None:
    at(whole, "subject.name")
    whole.take(Reply(command="table", argument=str(book)))
    assert "没有 :t 这个操作" in whole.notes[0] and shown(whole).path == "subject.name"
    assert "table" not in at(whole, "service.generates").commands


def test_the_file_is_completed_as_it_is_typed(
    whole: Session, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book.parent)
    at(whole, "models")
    whole.take(Reply(command="table"))
    screen = shown(whole)
    with create_pipe_input() as keyboard, create_app_session(keyboard, DummyOutput()):
        keyboard.send_text(book.name + ENTER)
        assert Prompts().ask(screen) == Reply(text=book.name)
    with create_pipe_input() as keyboard, create_app_session(keyboard, DummyOutput()):
        keyboard.send_text("\x02")
        assert Prompts().ask(screen) == Reply(command="back")
    plain = Plain(io.StringIO(f"{book.name}\n"), io.StringIO())
    assert plain.ask(screen) == Reply(text=book.name)


def test_the_english_interview_frames_what_is_there_in_chinese_only(
    library: Library, book: Path
) -> None:
    session = session_of(library, matter_of(CHAT, library), lang="en")
    at(session, "models")
    session.take(Reply(command="table", argument="none.xlsx"))
    assert "In Chinese: none.xlsx" in session.notes[0]
    session.take(Reply(text=str(book)))
    text = text_of(session)
    assert "Write it, and replace 1 answers" in text and "name（模型名称）" in text
    assert "模型一览!D5" in text and "In Chinese: “模型来源”" in text


def test_the_file_of_the_matter_keeps_what_the_workbook_says(
    beian: Callable[..., Ran], library: Library, tmp_path: Path, book: Path
) -> None:
    source: Any = paths.without(matter_of(CHAT, library), ["models"])
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "facts.json").write_bytes(as_json(source))
    lines = (":j models", "1", f":t {book.name}", "1", ":q")
    ran = beian("ask", "m/facts.json", "--as-of", AS_OF,
                stdin="".join(f"{one}\n" for one in lines).encode())
    assert "已从工作表“模型一览”写入 3 处" in ran.out
    held = pipeline.load(tmp_path / "m" / "facts.json", library)
    assert [one["name"] for one in held.value["models"]] == [row[1] for row in ROWS[1:]]
    store = Store(held, library.schema)
    assert store.progress.unfinished == ["models"], "the list goes on where it was left"
    assert shown(Session(store, library, AS_OF)).path.startswith("models")
