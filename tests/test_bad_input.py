"""Bad input gets one clear Chinese message with its place, exit code 1 or 2, and loses nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import SAMPLES, Ran

GOOD = (SAMPLES / "chat-assistant" / "facts.yaml").read_text("utf-8")

IN_SCOPE = b"service: {generates: [text], offered_to_public: true, mainland_access: true}\n"

# name: (content of facts.yaml, exit code, place, words of the message)
BAD: dict[str, tuple[bytes, int, str, str]] = {
    "empty": (b"", 2, "facts.yaml", "文件是空的"),
    "blank lines only": (b"\n\n   \n", 2, "facts.yaml", "文件是空的"),
    "not yaml": (b"subject: [a, b\nservice: }", 2, "facts.yaml:2:8", "不是有效的 YAML"),
    "tab indentation": (b"subject:\n\tname: x\n", 2, "facts.yaml:2:1", "制表符"),
    "colon in a text": ("subject:\n  name: 甲: 乙\n".encode(), 2, "facts.yaml:2:10", "冒号"),
    "unclosed quote": (b'subject:\n  name: "x\n', 2, "facts.yaml:3:1", "引号"),
    "top is a list": (b"- a\n- b\n", 2, "facts.yaml:1:1", "最外层"),
    "top is a text": (b"hello\n", 2, "facts.yaml:1:1", "最外层"),
    "duplicate key": (b"subject:\n  name: a\n  name: b\n", 2, "facts.yaml:3:3", "写了两次"),
    "alias": (b"subject: &a\n  name: b\nservice: *a\n", 2, "facts.yaml:1:10", "锚点"),
    "merge key": (b"subject:\n  <<: {name: b}\n", 2, "facts.yaml:2:3", "合并键"),
    "tag": (b"subject: !!python/object:os.system x\n", 2, "facts.yaml:1:10", "标签"),
    "two documents": (b"subject: {}\n---\nservice: {}\n", 2, "facts.yaml:2:1", "只能写一份"),
    "gbk": ("subject:\n  name: 某某公司\n".encode("gbk"), 2, "facts.yaml:2:13", "GBK"),
    "utf-16": ("subject: {}\n".encode("utf-16"), 2, "facts.yaml", "UTF-16"),
    "binary": (bytes(range(256)) * 40, 2, "facts.yaml", "不是文本文件"),
    "zip": (b"PK\x03\x04" + bytes(200), 2, "facts.yaml", "不是文本文件"),
    "control character": (b"subject:\n  name: a\x01b\n", 2, "facts.yaml:2:10", "U+0001"),
    "escaped control": (b'subject:\n  name: "a\\x07b"\n', 2, "facts.yaml:2:9", "U+0007"),
    "lone surrogate": (b'subject:\n  name: "\\ud800"\n', 2, "facts.yaml:2:9", "U+D800"),
    "deep nesting": (b"[" * 5000, 2, "facts.yaml:1:25", "嵌套"),
    "deep mapping": (b"a: " + b"{a: " * 3000, 2, "facts.yaml:1:96", "嵌套"),
    "50 MB": (b"a" * 50_000_000, 2, "facts.yaml", "超过 4 MB 的上限"),
    "wrong type": (b"service:\n  offered_to_public: maybe\n", 1, "facts.yaml:2:22",
                   "应为是否（true 或 false），现为 maybe"),
    "text for a list": (b"service:\n  generates: text\n", 1, "facts.yaml:2:14", "应为列表"),
    "unknown choice": (b"service:\n  stage: lunching\n", 1, "facts.yaml:2:10", "不在可选项内"),
    "misspelt key": (b"service:\n  launched: 2026-01-01\n", 1, "facts.yaml:2:3",
                     "不认识的键“launched”"),
    "misspelt section": (b"servcie:\n  name: x\n", 1, "facts.yaml:1:1", "不认识的键“servcie”"),
    "no such day": (b"service:\n  launched_on: 2026-02-30\n", 1, "facts.yaml:2:16",
                    "2026-02-30 不是有效日期"),
    "day in words": ("service:\n  launched_on: 2026年3月1日\n".encode(), 1, "facts.yaml:2:16",
                     "不是有效日期"),
    "null where none is no answer": (b"subject:\n  name: null\n", 1, "facts.yaml:2:9", "现为 null"),
    "no width": ("subject:\n  name: 某某\u200b公司\n".encode(), 2, "facts.yaml:2:11", "U+200B"),
    "carriage return": (b'subject:\n  name: "a\\rb"\n', 2, "facts.yaml:2:9", "U+000D"),
    "closing mark in a list": ("audience:\n  groups: [成年人。]\n".encode(), 1, "facts.yaml:2:12",
                               "不合写法"),
    "personal data a level too high": (b"subject:\n  contact: 13000000002\n", 1, "facts.yaml:2:12",
                                       "现为 130*****002"),
    "empty text": (b'subject:\n  name: ""\n', 1, "facts.yaml:2:9", "空的文字"),
    "empty list": (b"products: []\n", 1, "facts.yaml:1:11", "空列表"),
    "credit code off by one": (b"subject:\n  credit_code: 91110999MA00Y0J124\n" + IN_SCOPE, 1,
                               "facts.yaml:2:16", "统一社会信用代码 91110999MA00Y0J124 不正确"),
    "negative age": (b"audience:\n  minimum_age: -1\n", 1, "facts.yaml:2:16", "过小"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_facts_give_one_message_and_write_nothing(
    name: str, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    content, code, place, words = BAD[name]
    file = tmp_path / "facts.yaml"
    file.write_bytes(content)
    ran = beian("build", "facts.yaml", "-o", "out")
    said = ran.out + ran.err
    assert ran.code == code
    assert any(line.startswith(place) and words in line for line in said.splitlines()), said
    assert file.read_bytes() == content
    assert sorted(one.name for one in tmp_path.iterdir()) == ["facts.yaml"]


def test_a_misspelt_key_names_the_nearest(beian: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "facts.yaml").write_text("service:\n  lauched_on: 2026-01-01\n", "utf-8")
    assert "是否想写 launched_on（上线日期）？" in beian("check", "facts.yaml").out


def test_personal_data_is_masked_in_messages(beian: Callable[..., Ran], tmp_path: Path) -> None:
    text = GOOD.replace("110999198002290017", "110999198002290018").replace("13000000001", "1300000000")
    (tmp_path / "facts.yaml").write_text(text, "utf-8")
    ran = beian("check", "facts.yaml", "--as-of", "2026-11-20")
    assert "身份证号码 110************018 不正确" in ran.out
    for secret in ("110999198002290018", "1300000000 ", "13000000002"):
        assert secret not in ran.out + ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nowhere"), "找不到该文件或目录"),
        (("check", "."), "没有事实文件"),
        (("check",), "缺少 MATTER"),
        (("check", "x", "--as-of", "2026-13-01"), "--as-of 2026-13-01 不是有效日期"),
        (("check", "x", "--house", "nowhere"), "自有模板目录不存在"),
        (("build", "x"), "缺少 -o/--out"),
        (("frobnicate",), "没有 'frobnicate' 这个命令"),
        (("check", "--frob"), "没有 --frob 这个选项"),
        (("new", ".", "--from", "no-such"), "没有“no-such”这个样例"),
        (("explain", "subject.nme"), "是否想查：subject.name"),
    ],
)
def test_wrong_calls_are_said_in_chinese_with_code_2(
    arguments: tuple[str, ...], words: str, beian: Callable[..., Ran]
) -> None:
    ran = beian(*arguments)
    assert ran.code == 2
    assert words in ran.err
    assert "建议" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("setting", ["x", "=1", "Subject.name=1", "products[9].name=x", "a..b=1"])
def test_a_setting_that_names_no_place_is_refused(
    setting: str, beian: Callable[..., Ran]
) -> None:
    ran = beian("check", str(SAMPLES / "chat-assistant"), "--set", setting)
    assert ran.code == 2
    assert "--set" in ran.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_said_so(beian: Callable[..., Ran], tmp_path: Path) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text(GOOD, "utf-8")
    file.chmod(0)
    ran = beian("check", "facts.yaml")
    assert (ran.code, "没有读取权限" in ran.err) == (2, True)


def test_two_facts_files_are_not_guessed_between(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "facts.yaml").write_text("subject: {}\n")
    (tmp_path / "facts.json").write_text("{}")
    ran = beian("check", ".")
    assert (ran.code, "同时有 facts.yaml 和 facts.json" in ran.err) == (2, True)


def test_every_wrong_answer_is_reported_in_one_run(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "facts.yaml").write_text(
        "subject:\n  nam: x\nservice:\n  stage: 5\n  launched_on: soon\n", "utf-8")
    found = json.loads(beian("check", "facts.yaml", "--json").out)["findings"]
    wrong = [one["place"] for one in found if one["rule"] == "schema"]
    assert wrong == ["facts.yaml:2:3", "facts.yaml:4:10", "facts.yaml:5:16"]


def test_a_key_left_empty_is_a_question_not_answered(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    """``beian new`` writes bare keys; taking the # away from one must not answer "none"."""
    text = GOOD
    for key in ("important_occasions", "publication_paragraphs", "filing_number"):
        text = text.replace(f"  {key}: null\n", f"  {key}:\n")
    (tmp_path / "facts.yaml").write_text(text, "utf-8")
    found = json.loads(beian("check", "facts.yaml", "--as-of", "2026-11-20", "--json").out)["findings"]
    missing = {one["path"] for one in found if one["level"] == "missing"}
    assert {"audience.important_occasions", "algorithm.publication_paragraphs",
            "algorithm.filing_number"} <= missing


def test_the_blank_facts_file_is_readable_line_by_line(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    """With every # taken away the file still parses, and answers nothing."""
    beian("new", "matter")
    file = tmp_path / "matter" / "facts.yaml"
    _, _, fields = file.read_text("utf-8").partition("\n\n")
    bare = [line.removeprefix("# ") for line in fields.splitlines()]
    file.write_text("\n".join(bare) + "\n", "utf-8")
    ran = beian("check", "matter", "--as-of", "2026-11-20")
    assert ran.code == 1
    assert ran.err == ""


@pytest.mark.parametrize("text", ['{"a": 1e400}', '{"a": ' + "9" * 5000 + "}"])
def test_numbers_beyond_all_measure_are_refused(
    text: str, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "facts.json").write_text(text)
    ran = beian("check", "facts.json")
    assert (ran.code, "写不下的数字" in ran.err) == (2, True)


def test_endless_input_is_cut_off(beian: Callable[..., Ran]) -> None:
    ran = beian("check", "/dev/zero")
    assert (ran.code, "超过 4 MB" in ran.err) == (2, True)


def test_a_mistyped_year_is_said(beian: Callable[..., Ran]) -> None:
    ran = beian("check", str(SAMPLES / "chat-assistant"), "--as-of", "2016-11-20")
    assert (ran.code, "没有任何适用的文书" in ran.out) == (1, True)


def test_a_file_system_that_refuses_is_said(beian: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "file/out", "--as-of", "2026-11-20")
    assert (ran.code, "建议" in ran.err) == (2, True)
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "x" * 300, "--as-of", "2026-11-20")
    assert (ran.code, "无法读写" in ran.err) == (2, True)
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--as-of", "2026-11-20",
                LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert ran.code in (0, 2)
