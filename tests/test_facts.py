"""Facts are read as typed, keep their places, and are saved without loss."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beian import facts as facts_file
from beian import paths, yamltext
from beian.errors import BeianError
from beian.library import Library
from conftest import ROOT, SAMPLES

TEXT = """\
# 第一行注释
subject:
  name: 某某公司   # 名称以执照为准
  credit_code: 91110999MA00Y0J123
  contact: {name: 甲, mobile: 13000000002}

service:
    # 缩进与上面不同
    version: 1.10
    launched_on: 2026-03-01
    generates:
    - text   # 文本
    - image
    public_functions: ~
"""


def write(folder: Path, text: str, name: str = "facts.yaml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def test_numbers_that_are_names_stay_as_typed(library: Library, tmp_path: Path) -> None:
    facts = facts_file.load(write(tmp_path, TEXT), library.schema)
    assert facts.value["service"]["version"] == "1.10"
    assert facts.value["subject"]["contact"]["mobile"] == "13000000002"
    assert facts.value["service"]["launched_on"] == "2026-03-01"
    assert facts.value["service"]["public_functions"] is None


def test_leading_zeros_and_long_ids_are_kept(library: Library, tmp_path: Path) -> None:
    text = "subject:\n  algorithm_security_lead: {id_number: 110999198002290017, mobile: 013}\n"
    lead = facts_file.load(write(tmp_path, text), library.schema).value["subject"][
        "algorithm_security_lead"]
    assert lead == {"id_number": "110999198002290017", "mobile": "013"}


def test_every_value_has_its_line_and_column(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, TEXT)
    placed = facts_file.load(file, library.schema).placed
    found = {path: str(placed.place(path)).removeprefix(str(file))
             for path in ("subject.name", "subject.contact.mobile", "service.generates[1]",
                          "service.public_functions", "service.stage", "models[0].name")}
    assert found == {
        "subject.name": ":3:9", "subject.contact.mobile": ":5:30", "service.generates[1]": ":13:7",
        "service.public_functions": ":14:23", "service.stage": ":7:1", "models[0].name": ":2:1"}


@pytest.mark.parametrize("file", [
    *sorted((ROOT / "samples").rglob("*.yaml")), *sorted((ROOT / "schemas").rglob("*.yaml")),
], ids=lambda file: file.relative_to(ROOT).as_posix())
def test_both_parsers_read_the_same(file: Path) -> None:
    text = file.read_text("utf-8")
    quick, slow = (
        yamltext.read(one, "f", dotted_keys=True)
        # A tab in a comment is left to the parser that is not libyaml's.
        for one in (text, f"{text}#\t\n")
    )
    assert quick == slow
    assert quick.places and quick.spans


def test_json_and_yaml_give_the_same_facts(library: Library, tmp_path: Path) -> None:
    yaml = facts_file.load(SAMPLES / "chat-assistant", library.schema)
    text = json.dumps(yaml.value, ensure_ascii=True, indent="\t")
    from_json = facts_file.load(write(tmp_path, text, "facts.json"), library.schema)
    assert from_json.value == yaml.value
    assert str(from_json.placed.place("subject.name")).endswith("facts.json:3:11")


def test_saving_keeps_comments_and_changes_one_value(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, TEXT)
    facts = facts_file.load(file, library.schema)
    assert facts_file.save(facts, {"service.version": "2.0"}, library.schema)
    assert file.read_text("utf-8") == TEXT.replace("1.10", '"2.0"')
    again = facts_file.load(file, library.schema)
    assert again.value["service"]["version"] == "2.0"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("subject.registered_address", "一路 1 号 # 不是注释: 也不是"),
        ("subject.legal_representative.name", "null"),
        ("subject.contact.name", "- 甲"),
        ("service.mainland_access", True),
        ("service.public_functions", ["forum", "sharing"]),
        ("audience.minimum_age", 18),
        ("models", [{"name": "甲", "filing_number": None}]),
        ("audience.groups", ["一", "007", "true", "2026-01-01", "{{ x }}", "'引号'", '"x"']),
        ("complaints.channels[0].kind", "phone"),
    ],
)
def test_any_answer_can_be_saved_and_read_again(
    path: str, value: object, library: Library, tmp_path: Path
) -> None:
    file = write(tmp_path, TEXT)
    facts = facts_file.load(file, library.schema)
    wanted = paths.with_value(facts.value, paths.parse(path), value)
    facts_file.save(facts, {path: value}, library.schema)
    assert facts_file.load(file, library.schema).value == wanted
    for comment in ("# 第一行注释", "# 名称以执照为准", "# 缩进与上面不同", "# 文本"):
        assert comment in file.read_text("utf-8")


def test_saving_nothing_new_writes_nothing(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, TEXT)
    before = file.stat()
    facts = facts_file.load(file, library.schema)
    assert not facts_file.save(facts, {"service.version": "1.10"}, library.schema)
    assert file.stat() == before


def test_a_fresh_file_of_comments_takes_its_first_answer(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, "# 说明\n# subject:\n")
    facts = facts_file.load(file, library.schema)
    facts_file.save(facts, {"subject.name": "某某公司"}, library.schema)
    assert file.read_text("utf-8") == "# 说明\n# subject:\nsubject:\n  name: 某某公司\n"


def test_json_is_saved_as_json(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, '{"subject": {"name": "甲"}}', "facts.json")
    facts = facts_file.load(file, library.schema)
    facts_file.save(facts, {"subject.name": "乙"}, library.schema)
    assert json.loads(file.read_text("utf-8")) == {"subject": {"name": "乙"}}


def test_a_saved_file_belongs_to_its_owner_only(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, TEXT)
    os.chmod(file, 0o644)
    facts = facts_file.load(file, library.schema)
    facts_file.save(facts, {"service.version": "2"}, library.schema)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["facts.yaml"]


def test_a_change_made_elsewhere_is_not_overwritten(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, TEXT)
    facts = facts_file.load(file, library.schema)
    file.write_text(TEXT + "# 别人的改动\n", "utf-8")
    with pytest.raises(BeianError, match="被别处改过"):
        facts_file.save(facts, {"service.version": "2"}, library.schema)
    assert file.read_text("utf-8") == TEXT + "# 别人的改动\n"


def test_of_two_savers_at_once_one_wins_and_one_is_told(library: Library, tmp_path: Path) -> None:
    file = write(tmp_path, TEXT)
    loaded = [facts_file.load(file, library.schema) for _ in range(2)]
    told: list[BeianError] = []

    def work(number: int) -> None:
        try:
            facts_file.save(loaded[number], {"service.version": f"v{number}"}, library.schema)
        except BeianError as error:
            told.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert facts_file.load(file, library.schema).value["service"]["version"] in ("v0", "v1")


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    file = write(tmp_path, "旧")
    with pytest.raises(BeianError, match="已存在"):
        facts_file.write_privately(file, b"x", new=True)
    assert file.read_text("utf-8") == "旧"


PRINTABLE = st.text(st.characters(exclude_categories=["C"], include_characters="\n"), min_size=1)


@given(st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
    st.recursive(st.none() | st.booleans() | st.integers() | PRINTABLE,
                 lambda inner: st.lists(inner, max_size=3), max_leaves=8), max_size=5))
def test_whatever_json_says_is_read_back_with_places(value: dict[str, object]) -> None:
    placed = yamltext.read(json.dumps(value, ensure_ascii=False), "x.json", as_json=True)
    assert placed.value == value
    for path, _ in paths.leaves(value):
        if path:
            assert path in placed.places


@given(st.binary(max_size=400))
def test_garbage_is_refused_or_read_but_never_crashes(raw: bytes) -> None:
    try:
        yamltext.read(yamltext.decode(raw, "x"), "x")
    except BeianError as error:
        assert error.message


@given(st.text(alphabet="{}[]:-#&*!|>'\"%@`,? \nab1\t\\", max_size=60))
def test_yaml_puzzles_are_refused_or_read_but_never_crash(text: str) -> None:
    try:
        yamltext.read(text, "x")
    except BeianError as error:
        assert error.message


@pytest.mark.parametrize("path", ["a", "a.b", "a[0]", "a[0].b_c[12].d"])
def test_paths_are_written_as_they_are_read(path: str) -> None:
    made = ""
    for step in paths.parse(path):
        made = paths.child(made, step)
    assert made == path


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", "A", "a[x]", "[0]", "a b", "a[0]b", "a[-1]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        paths.parse(path)


def test_one_section_is_written_as_if_the_whole_file_had_been_read_again(
    library: Library, tmp_path: Path
) -> None:
    """Places, spans and spellings after saving are those of a fresh reading, wherever it was."""
    shutil.copytree(SAMPLES / "chat-assistant", tmp_path / "matter")
    held = facts_file.load(tmp_path / "matter", library.schema)
    answers = list(paths.leaves(held.value))[7::150]
    comments = held.file.read_text("utf-8").count("#") if held.file else 0
    for path, value in answers:
        facts_file.save(held, {}, library.schema, [path])
        assert_as_read_again(held, library)
        facts_file.save(held, {path: value}, library.schema)
        assert_as_read_again(held, library)
    assert held.file is not None
    assert held.file.read_text("utf-8").count("#") == comments
    assert len(answers) >= 4


def assert_as_read_again(held: facts_file.Facts, library: Library) -> None:
    assert held.file is not None
    again = facts_file.load(held.file, library.schema)
    assert held.placed == again.placed
    assert held.digest == again.digest


def test_an_answer_taken_away_takes_the_mapping_it_alone_stood_in(
    library: Library, tmp_path: Path
) -> None:
    file = tmp_path / "facts.yaml"
    file.write_text("# 甲\nservice:\n  name: 名\n# 乙\nsubject:\n  contact:\n    name: 某\n", "utf-8")
    held = facts_file.load(file, library.schema)
    facts_file.save(held, {}, library.schema, ["service.name"])
    assert file.read_text("utf-8") == "# 甲\n# 乙\nsubject:\n  contact:\n    name: 某\n"
    facts_file.save(held, {}, library.schema, ["subject.contact.name"])
    assert facts_file.load(file, library.schema).value == {}
    facts_file.save(held, {"service.name": "新"}, library.schema)
    assert facts_file.load(file, library.schema).value == {"service": {"name": "新"}}
