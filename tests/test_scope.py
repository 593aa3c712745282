"""Which regime and route apply, and why: ``beian scope`` and the conclusions behind it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from beian import pipeline, scope
from beian.facts import Facts
from beian.library import Library
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


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in line)


@pytest.mark.parametrize("case", ["internal-tool", "closed-test", "three-answers", "wrong-everywhere"])
def test_the_text_fits_eighty_columns(beian: Callable[..., Ran], case: str) -> None:
    ran = beian("scope", str(ROOT / "tests/cases" / case), "--as-of", AS_OF)
    long = [one for one in ran.out.splitlines() if columns(one) > 80]
    assert [one for one in long if "facts.yaml" not in one] == []
    assert ran.out.index("【红旗事项】") < ran.out.index("【适用范围和路径】") < ran.out.index("【动向】")


def test_what_is_outside_still_names_the_other_law(beian: Callable[..., Ran]) -> None:
    ran = beian("scope", str(ROOT / "tests/cases/internal-tool"), "--as-of", AS_OF, "--json")
    record = json.loads(ran.out)
    assert (record["in_scope"], record["route"], record["open_questions"]) == (False, "none", [])
    assert record["other_laws"] == ["network-law-applies", "personal-information-law-applies"]
    assert all(one["facts"] for one in record["obligations"] if one["group"] == "scope")


def test_a_role_is_named_for_each_function(sample: Facts, examine: Judge) -> None:
    functions = [{"name": "网页对话", "act": "serves_users"}, {"name": "开放接口", "act": "serves_by_api"}]
    service = {**sample.value["service"], "functions": functions}
    record = scope.scope(examine({**sample.value, "service": service}))
    assert [(one["function"], one["role"]) for one in record["roles"]] == [
        ("网页对话", "provider"), ("开放接口", "provider"), ("开放接口", "technical_supporter")]


def test_open_points_say_who_decides_and_what_would_change_the_answer(
    beian: Callable[..., Ran],
) -> None:
    ran = beian("scope", str(ROOT / "tests/cases/closed-test"), "--as-of", AS_OF, "--json")
    [one] = [one for one in json.loads(ran.out)["open_questions"]
             if one.get("conclusion") == "derived.scope.measures"]
    assert "律师" in one["decides"]
    assert "不适用" in one["changes"]


def test_drafts_and_coming_law_are_announced_and_never_owed(sample: Facts, examine: Judge) -> None:
    told = {day: scope.scope(examine(sample.value, as_of=day))["horizon"]
            for day in ("2026-07-14", "2026-07-15", "2026-09-17", "2026-09-18")}
    titles = {day: {one["title"] for one in rows} for day, rows in told.items()}
    companion, minors = "人工智能拟人化互动服务管理暂行办法", "国务院关于保障未成年人健康安全使用网络的规定（征求意见稿）"
    assert (companion in titles["2026-07-14"], companion in titles["2026-07-15"]) == (True, False)
    assert (minors in titles["2026-09-17"], minors in titles["2026-09-18"]) == (False, True)


def test_minors_must_be_answered(sample: Facts, examine: Judge) -> None:
    result = examine({key: part for key, part in sample.value.items() if key != "minors"})
    assert "minors.access" in {one.path for one in result.findings if one.stops}


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


FLAGS = ["面向境内公众的服务使用境外模型", "境外主体直接向境内提供服务", "向未成年人提供虚拟亲密关系服务"]


def test_red_flags_stand_first_and_stop_a_clean_pack(beian: Callable[..., Ran], tmp_path: Path) -> None:
    sample = str(SAMPLES / "overseas-model")
    assert beian("build", sample, "-o", "out", "--as-of", AS_OF).code == 1
    assert not (tmp_path / "out").exists()
    ran = beian("build", sample, "-o", "out", "--as-of", AS_OF, "--draft", "--only", "scope-memo")
    assert ran.code == 1
    memo = docx.Document(str(tmp_path / "out/internal/适用性分析备忘录.docx"))
    # Title, day, heading, introduction, and then the flags, before anything else on the first page.
    assert [one.text for one in memo.paragraphs[4:7]] == FLAGS
    assert "境外模型没有备案" in memo.tables[0].rows[1].cells[2].text


@pytest.mark.parametrize(
    ("sample", "in_scope", "route"),
    [
        ("chat-assistant", True, "filing"), ("writing-api", True, "registration"),
        ("image-studio", True, "filing"), ("enterprise-internal", False, "none"),
        ("model-platform", True, "filing"), ("companion", True, "filing"),
        ("overseas-model", True, None),
    ],
)
def test_each_sample_goes_its_own_way(
    sample: str, in_scope: bool, route: str | None, library: Library
) -> None:
    facts = pipeline.load(SAMPLES / sample, library)
    record = scope.scope(pipeline.check(facts, library, AS_OF))
    assert (record["in_scope"], record["route"]) == (in_scope, route)
    assert bool(record["red_flags"]) == (sample == "overseas-model")
