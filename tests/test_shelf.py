"""What is kept from one run to the next: the same answers, nothing readable, no harm when damaged."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from beian.shelf import Shelf
from conftest import AS_OF, SAMPLES, Ran

SAMPLE = SAMPLES / "chat-assistant"
#: The sampling record names this corpus; nothing of it may lie about in a cache.
NAMED = "示例文苑授权文稿语料"


@pytest.fixture
def matter(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "matter"))


def kept(folder: Path, ending: str) -> list[Path]:
    return sorted(folder.glob(f"*.{ending}"))


@pytest.mark.parametrize("options", [
    (), ("--set", "annexes[0].kind=refuse"), ("--set", "measures.keywords.total_count=1"),
    ("--as-of", "2026-12-20"), ("--as-of", "2024-06-01")])
def test_check_says_the_same_without_a_cache_with_a_new_one_and_from_it(
    options: tuple[str, ...], matter: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    arguments = ["check", str(matter), "--json", "--as-of", AS_OF, *options]
    bare = beian(*arguments, BEIAN_CACHE="")
    assert not cache.exists()
    assert beian(*arguments, BEIAN_CACHE=str(cache)) == bare
    assert kept(cache, "figures"), "the figures were kept"
    # What another day or another setting left there changes nothing.
    beian("check", str(matter), "--as-of", AS_OF, BEIAN_CACHE=str(cache))
    assert beian(*arguments, BEIAN_CACHE=str(cache)) == bare


def test_a_changed_annex_is_counted_again(
    matter: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    arguments = ["check", str(matter), "--as-of", AS_OF]
    assert beian(*arguments, BEIAN_CACHE=str(tmp_path / "cache")).code == 0
    shutil.copy(matter / "annexes" / "corpora.xlsx", matter / "annexes" / "keywords.xlsx")
    ran = beian(*arguments, BEIAN_CACHE=str(tmp_path / "cache"))
    assert ran == beian(*arguments, BEIAN_CACHE="")
    assert ran.code == 1


def test_an_override_of_the_risks_is_not_answered_from_what_was_counted_before(
    matter: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    house = tmp_path / "house"
    (house / "schemas").mkdir(parents=True)
    risks = (SAMPLES.parent / "schemas" / "risks.yaml").read_text("utf-8")
    changed = risks.replace("title: 宣扬民族仇恨", "title: 宣扬民族仇恨（本所分类）")
    assert changed != risks
    (house / "schemas" / "risks.yaml").write_text(changed, "utf-8")
    arguments = ["check", str(matter), "--as-of", AS_OF, "--json"]
    cache = tmp_path / "cache"
    beian(*arguments, BEIAN_CACHE=str(cache))
    before = len(kept(cache, "figures"))
    own = beian(*arguments, "--house", str(house), BEIAN_CACHE=str(cache))
    assert own == beian(*arguments, "--house", str(house), BEIAN_CACHE="")
    assert len(kept(cache, "figures")) == before + 1


def test_nothing_of_the_matter_can_be_read_in_the_cache_by_who_has_not_the_matter(
    matter: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    beian("check", str(matter), "--as-of", AS_OF, BEIAN_CACHE=str(cache))
    [figures] = kept(cache, "figures")
    assert NAMED.encode() not in figures.read_bytes()
    assert b"records" not in figures.read_bytes()
    for file in cache.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file.name
    assert cache.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("ending", ["figures", "template"])
@pytest.mark.parametrize("harm", [b"", b"short", None])
def test_a_damaged_entry_is_as_good_as_none(
    ending: str, harm: bytes | None, matter: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    arguments = ["check", str(matter), "--as-of", AS_OF]
    good = beian(*arguments, BEIAN_CACHE=str(cache))
    for file in kept(cache, ending):
        raw = bytearray(file.read_bytes())
        raw[len(raw) // 2] ^= 1
        file.write_bytes(raw if harm is None else harm)
    assert beian(*arguments, BEIAN_CACHE=str(cache)) == good


def test_a_shelf_gives_back_what_was_put_there_and_only_for_its_key(tmp_path: Path) -> None:
    content = {"a": [1, 0.5, None, True, "甲"], "b": {}}
    for veiled in (False, True):
        Shelf(tmp_path, b"key", "x", veiled=veiled).write(content)
        assert Shelf(tmp_path, b"key", "x", veiled=veiled).read() == content
        assert Shelf(tmp_path, b"other", "x", veiled=veiled).read() is None
        assert Shelf(tmp_path, b"key", "y", veiled=veiled).read() is None
        assert Shelf(None, b"key", "x", veiled=veiled).read() is None


def test_a_cache_that_cannot_be_written_costs_only_time(
    matter: Path, beian: Callable[..., Ran], tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    ran = beian("check", str(matter), "--as-of", AS_OF, BEIAN_CACHE=str(file / "cache"))
    assert ran == beian("check", str(matter), "--as-of", AS_OF, BEIAN_CACHE="")
