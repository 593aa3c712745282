"""Which regime and route apply, and why: ``beian scope`` and the conclusions behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from beian import scope
from beian.facts import Facts
from beian.pipeline import Examination
from conftest import AS_OF, ROOT, SAMPLES, Ran

Judge = Callable[..., Examination]


def test_the_sample_is_in_scope_and_files(beian: Callable[..., Ran]) -> None:
    ran = beian("scope", str(SAMPLES / "chat-assistant"), "--as-of", AS_OF, "--json")
    record = json.loads(ran.out)
    assert ran.code == 0
    assert (record["as_of"], record["in_scope"], record["route"]) == (AS_OF, True, "filing")
    assert record["open_questions"] == []
    duties = {one["id"]: one for one in record["obligations"]}
    assert duties["algorithm-filing-owed"]["verdict"] == "applies"
    assert "algorithm-publication" in duties["algorithm-filing-owed"]["documents"]
    assert set(duties["measures-apply"]["facts"]) == {
        "service.generates", "service.offered_to_public", "service.mainland_access"}
    assert duties["measures-apply"]["basis"][0]["instrument"] == "interim-measures"


def test_an_internal_tool_is_outside_with_its_reason(beian: Callable[..., Ran]) -> None:
    ran = beian("scope", str(ROOT / "tests/cases/internal-tool"), "--as-of", AS_OF)
    assert ran.code == 0
    assert "适用《生成式人工智能服务管理暂行办法》　否" in ran.out
    assert "服务仅供本单位或者研发合作方使用" in ran.out
    assert "第二条第三款" in ran.out
    assert "上线备案路径　不需要" in ran.out


def test_what_is_open_is_asked_and_exits_with_1(beian: Callable[..., Ran]) -> None:
    ran = beian("scope", str(ROOT / "tests/cases/three-answers"), "--as-of", AS_OF, "--json")
    assert ran.code == 1
    assert "service.mainland_access" in [one["fact"] for one in json.loads(ran.out)["open_questions"]]
    ran = beian("scope", str(ROOT / "tests/cases/closed-test"), "--as-of", AS_OF)
    assert (ran.code, "存疑" in ran.out, "须由律师" in ran.out) == (1, True, True)


def test_english_titles_stand_beside_the_chinese(beian: Callable[..., Ran]) -> None:
    ran = beian("scope", str(SAMPLES / "chat-assistant"), "--as-of", AS_OF, "--lang", "en")
    assert "the Measures apply（适用《生成式人工智能服务管理暂行办法》）" in ran.out
    assert beian("scope", ".", "--lang", "fr").code == 2


@pytest.mark.parametrize(
    ("models", "route", "verdict"),
    [
        ([{"source": "self", "weights_changed": False, "filing_number": None}], "filing", "applies"),
        ([{"source": "open_weights", "weights_changed": True, "filing_number": "A-B-20250101"}],
         "filing", "applies"),
        ([{"source": "third_party_api", "weights_changed": False, "filing_number": "A-B-20250101"}],
         "registration", "applies"),
        ([{"source": "third_party_api", "weights_changed": False, "filing_number": None}], None, "open"),
        ([{"source": "open_weights", "weights_changed": False, "filing_number": "A-B-20250101"}],
         None, "open"),
        ([{"source": "third_party_api", "weights_changed": False}], None, "unknown"),
        ([{"source": "third_party_api", "filing_number": "A-B-20250101"}], None, "unknown"),
        ([{"source": "third_party_api", "weights_changed": False, "filing_number": "A-B-20250101"},
          {"source": "third_party_api", "weights_changed": True, "filing_number": "A-B-20250101"}],
         "filing", "applies"),
    ],
)
def test_the_route_follows_the_models(
    models: list[dict[str, Any]], route: str | None, verdict: str, sample: Facts, examine: Judge
) -> None:
    record = scope.scope(examine({**sample.value, "models": models}))
    [one] = [one for one in record["obligations"] if one["id"] == "filing-route"]
    assert (record["route"], one["verdict"]) == (route, verdict)


def test_a_determination_settles_an_open_route(sample: Facts, examine: Judge) -> None:
    models = [{"source": "open_weights", "weights_changed": False, "filing_number": "A-B-20250101"}]
    made = {"conclusion": "derived.scope.route", "value": "registration", "reason": "省网信办答复。",
            "by": "示例律师", "on": "2026-11-01"}
    record = scope.scope(examine({**sample.value, "models": models, "determinations": [made]}))
    assert record["route"] == "registration"
    assert record["determinations"] == [
        {"conclusion": "derived.scope.route", "value": "registration", "reason": "省网信办答复。"}]
    wrong = examine({**sample.value, "determinations": [{**made, "value": "registered"}]})
    [finding] = [one for one in wrong.findings if one.rule == "determination"]
    assert finding.path == "determinations[0].value"
    assert "filing、registration、none" in (finding.hint or "")


def test_two_determinations_of_one_conclusion_are_refused(sample: Facts, examine: Judge) -> None:
    made = {"conclusion": "derived.scope.measures", "value": False, "reason": "x", "by": "y",
            "on": "2026-11-01"}
    result = examine({**sample.value, "determinations": [made, {**made, "value": True}]})
    assert [(one.rule, one.path) for one in result.findings if one.rule == "determination"] == [
        ("determination", "determinations[1].conclusion")]


def test_the_schema_command_prints_one_schema(beian: Callable[..., Ran]) -> None:
    whole = json.loads(beian("schema").out)
    assert "$ref" not in json.dumps(whole)
    assert whole["properties"]["subject"]["properties"]["name"]["title"] == "主体名称"
    english = json.loads(beian("schema", "--lang", "en").out)
    name = english["properties"]["subject"]["properties"]["name"]
    assert name["title"] == "entity name（主体名称）"
    assert name["description"].startswith("Exactly as on the business licence")
    assert "Exactly as on the business licence" in beian("explain", "subject.name", "--lang", "en").out
