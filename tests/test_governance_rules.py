"""The rules of governance: a part without an issued rule is a draft, one with a rule names it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from beian import assembly, pipeline
from beian.facts import Facts
from beian.library import Library
from beian.pipeline import Examination
from beian.render import word
from conftest import AS_OF, SAMPLES

DRAFT = "本部分没有已经发布的制度，下文为草案，经批准、编号、发布之后执行。"
PAPER = "internal/算法安全管理制度（汇编）.docx"


def printed(result: Examination) -> list[str]:
    made = assembly.build(result, draft=True, only=("governance-rules",))
    return list(word.text_of(made.files[PAPER]))


@pytest.mark.parametrize("name", ["chat-assistant", "writing-api"])
def test_issued_rules_are_named_and_nothing_is_a_draft(name: str, library: Library) -> None:
    facts = pipeline.load(SAMPLES / name, library)
    text = printed(pipeline.check(facts, library, AS_OF))
    assert DRAFT not in text
    for rule in facts.value["governance"]["rules"]:
        if rule["status"] == "issued":
            assert any(f"《{rule['title']}》" in line for line in text if "以发布的文本为准" in line), rule


@pytest.mark.parametrize("change", [
    {"status": "draft"}, {"number": None}, {"approver": None}, {"issued_on": None},
    {"issued_on": "2026-12-01"}])
def test_a_rule_is_a_draft_until_number_approver_and_day_are_facts(
    change: dict[str, object], sample: Facts, examine: Callable[..., Examination]
) -> None:
    governance = sample.value["governance"]
    rules = [{**rule, **change} if "incident" in rule.get("covers", ()) else rule
             for rule in governance["rules"]]
    text = printed(examine({**sample.value, "governance": {**governance, "rules": rules}}))
    assert text.count(DRAFT) == 1
    assert text.index(DRAFT) > text.index("安全事件应急处置")
