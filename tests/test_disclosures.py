"""The public statements carry every topic that has to be public, in Word and on the page alike."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from beian import assembly, paths, pipeline
from beian.errors import BeianError
from beian.facts import Facts
from beian.library import Library
from beian.pipeline import Examination
from beian.render import word
from beian.render.dispatch import Renderer
from conftest import AS_OF, SAMPLES, Ran
from test_dossier import dump

STATEMENT = "service-disclosure"
STATEMENTS = [
    STATEMENT, "algorithm-statement", "complaints-guide", "label-statement", "privacy-policy",
    "minors-notice", "api-customer-notice"]

#: What the sample has to offer before it owes a statement.
OWED_BY: dict[str, dict[str, Any]] = {
    "minors-notice": {
        "minors.access": "with_guardian", "minors.protection_paragraphs": ["设有未成年人模式。"],
        "minors.annual_statement_url": None, "agreement.guardian_consent_steps": ["监护人扫码"]},
    "api-customer-notice": {"agreement.api": {"offered": True, "takedown_hours": 2}},
}


#: What must be public, by its number in the catalogue, and the facts that say it.
TOPICS = {
    "PD01 people, occasions, purposes": (
        "audience.groups", "audience.excluded_groups", "audience.occasions",
        "audience.excluded_occasions", "audience.purposes", "audience.prohibited_purposes"),
    "PD02 base model": ("models[].name", "models[].version", "models[].provider_name"),
    "PD03 limitations": ("audience.limitations",),
    "PD04 model and algorithm": ("models[].use", "algorithm.name", "algorithm.version"),
    "PD05 personal information": (
        "personal_information.items[].name", "personal_information.items[].purpose"),
    "PD06 principle, purpose, mechanism": (
        "algorithm.principle_paragraphs", "algorithm.purpose_paragraphs",
        "algorithm.mechanism_paragraphs"),
    "PD07 algorithm filing": ("algorithm.filing_number", "disclosure.algorithm_url"),
    "PD08 filing of model and service": ("models[].filing_number", "disclosure.filing_number"),
    "PD09 rules": (
        "agreement.url", "agreement.privacy_policy_url", "agreement.related_documents[].url"),
    "PD10 complaints": (
        "complaints.entry_steps", "complaints.channels[].address", "complaints.steps",
        "complaints.acknowledge_working_days", "complaints.reply_working_days"),
    "PD11 minors": (
        "minors.access", "minors.barrier.description", "minors.protection_paragraphs",
        "minors.annual_statement_url"),
    "PD12 labels": (
        "labels[].explicit_text", "labels[].explicit_position", "labels[].implicit_method"),
    "PD13 switches": (
        "personal_information.training_switch_steps", "agreement.recommendation.off_steps"),
    "PD14 licences": ("products[].icp_number", "disclosure.licences"),
    "PD15 guidance": ("disclosure.guidance_paragraphs",),
    "PD16 companion": (
        "agreement.companion.reminder_minutes", "agreement.companion.crisis_paragraphs"),
}


#: Those of which the statement on algorithm and models tells too, with the address of the other one.
OF_THE_ALGORITHM = {
    name: wanted for name, wanted in TOPICS.items()
    if name[:4] in ("PD02", "PD03", "PD04", "PD06", "PD07", "PD08", "PD13", "PD15")
} | {"the other statement": ("disclosure.url", "agreement.url", "agreement.privacy_policy_url")}
PRINTED = [(STATEMENT, topic, wanted) for topic, wanted in TOPICS.items()]
PRINTED += [("algorithm-statement", topic, wanted) for topic, wanted in OF_THE_ALGORITHM.items()]


@pytest.mark.parametrize(("name", "topic", "paths_wanted"), PRINTED)
def test_a_topic_is_printed_in_both_formats(
    name: str, topic: str, paths_wanted: tuple[str, ...], library: Library
) -> None:
    document = library.documents[name]
    by_format: dict[str, set[str]] = {"docx": set(), "html": set()}
    for read, spot in Renderer(library).reads(document):
        by_format["html" if ".html" in spot.place else "docx"].add(read.path)
    for wanted in paths_wanted:
        for ending, read_there in by_format.items():
            assert any(
                one == wanted or one == f"{wanted}[]" for one in read_there), (wanted, ending)


#: Answers that turn every condition of the statement.
TURNED: dict[str, dict[str, Any]] = {
    "as it is": {},
    "a companion that recommends": {
        "agreement.recommendation": {
            "offered": True, "off_steps": ["点击“我的”", "关闭“推荐”"], "tag_steps": None},
        "agreement.companion": {
            "offered": True, "reminder_minutes": 90, "reminder_status": "implemented",
            "reminder_since_on": "2026-11-02", "exit_steps": ["说“退出”"],
            "history_steps": ["点击“记录”"], "emergency_contact_steps": None,
            "crisis_paragraphs": ["显示求助电话，转人工值守人员。", "联系紧急联系人。"]},
        "agreement.related_documents": [
            {"title": "社区规则", "url": "https://yunjian.example.com/community"},
            {"title": "插件须知", "url": "https://yunjian.example.com/plugins"}]},
    "with minors": {
        "minors.access": "with_guardian",
        "minors.protection_paragraphs": ["设有未成年人模式。"],
        "minors.annual_statement_url": "https://yunjian.example.com/minors",
        "agreement.guardian_consent_steps": ["监护人扫码"]},
    "no exclusions, a vital occasion": {
        "audience.excluded_groups": None, "audience.excluded_occasions": None,
        "audience.important_occasions": "医疗信息服务的预约环节",
        "personal_information.training_use": "none"},
    "a reminder to come": {
        "agreement.companion": {
            "offered": True, "reminder_minutes": 120, "reminder_status": "planned",
            "reminder_since_on": "2026-12-15", "exit_steps": ["说“退出”"],
            "history_steps": ["点击“记录”"], "emergency_contact_steps": None,
            "crisis_paragraphs": ["显示求助电话。"]},
        "labels[0].status": "planned",
        "agreement.unlabelled_export": {
            "offered": True, "apply_steps": ["点击“申请”"], "log_months": 6},
        "agreement.disposal.appeal_within_days": None,
        "minors.barrier.status": "planned", "disclosure.filing_number": "Beijing-ShiLi-202601010000"},
    "something sensitive, a list of one's own, members of an organisation": {
        "personal_information.items[0].sensitive_kind": "biometric",
        "personal_information.items[0].necessity": "不采集就不能换脸",
        "personal_information.items[0].separate_consent": True,
        "personal_information.items[4].sensitive_kind": "location",
        "personal_information.items[4].necessity": "不采集就不能显示所在城市",
        "personal_information.items[4].separate_consent": False,
        "personal_information.training_use": "opt_out",
        "agreement.manual_review_occasions": None,
        "agreement.third_party_functions": ["支付由示例支付公司提供"],
        "agreement.enterprise": {
            "offered": True, "admin_access": ["成员的使用次数"], "training_use": False,
            "data_returned_days": 30},
        "measures.information_protection": None},
    "nobody else receives anything": {"agreement.recipients": None},
    "a place abroad": {
        "deployment.facilities[0].in_mainland": False, "agreement.account": {"registration": False},
        "agreement.recipients[0].separate_consent": False, "agreement.fees": {
            "paid": True, "price_place": "套餐页面", "trial_days": None, "auto_renew": False,
            "refund_paragraphs": ["七日内未使用的全额退还。"]}},
    "facts absent": {
        "agreement.companion": None, "disclosure": None, "agreement.url": None,
        "agreement.unlabelled_export": None, "labels": None, "complaints.steps": None},
}


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("turn", TURNED)
def test_the_page_says_what_the_word_file_says_whatever_condition_turns(
    turn: str, name: str, sample: Facts, examine: Callable[..., Examination]
) -> None:
    value: Any = sample.value
    for path, new in OWED_BY.get(name, {}).items():
        value = paths.with_value(value, paths.parse(path), new)
    for path, new in TURNED[turn].items():
        value = (paths.without(value, paths.parse(path)) if turn == "facts absent"
                 else paths.with_value(value, paths.parse(path), new))
    files = assembly.build(examine(value), draft=True, only=(name,)).files
    [made] = [content for path, content in files.items() if path.endswith(".docx")]
    [page] = [content for path, content in files.items() if path.endswith(".html")]
    said = re.sub(r"\s", "", dump("x.html", page))
    texts = [re.sub(r"\s", "", one) for one in word.text_of(made)]
    for text in texts:
        assert "页共" in text or text in said, text
    if turn != "facts absent":  # a mark for an undecided branch may stand elsewhere on a page
        for line in dump("x.html", page).splitlines():
            wanted = re.sub(r"\s", "", line)
            assert wanted in "".join(texts) or wanted == "目录", line


def test_the_checklist_of_places_has_every_topic_with_its_place_and_clicks(sample: Facts) -> None:
    library = Library.open()
    result = pipeline.check(sample, library, AS_OF)
    files = assembly.build(result, only=("placement-checklist",)).files
    [raw] = [raw for path, raw in files.items() if path.endswith(".xlsx")]
    sheet = load_workbook(io.BytesIO(raw)).worksheets[0]
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    rows = [row for row in rows if str(row[0]).startswith("PD")]
    absent = {"PD16"}  # the sample is no companion
    assert {row[0] for row in rows} == {topic[:4] for topic in TOPICS} - absent
    assert all(row[3] and row[4] and row[5] and row[9] == "☐" for row in rows)
    [complaints] = [row for row in rows if row[0] == "PD10"]
    assert complaints[4].startswith(" → ".join(sample.value["complaints"]["entry_steps"]))
    assert complaints[5] == str(len(sample.value["complaints"]["entry_steps"]))


@pytest.mark.parametrize("address", [
    "电话 130 0000 0001", "张三 13000000002", "110999198002290017", "证件号11099919800229 0017，收"])
@pytest.mark.parametrize("name", ["complaints-guide", "user-agreement"])
def test_a_private_number_is_refused_in_what_is_published(
    name: str, address: str, sample: Facts, examine: Callable[..., Examination]
) -> None:
    value = paths.with_value(sample.value, paths.parse("complaints.channels[0].address"), address)
    with pytest.raises(BeianError, match=r"complaints\.channels\[0\]\.address.*身份证件号码或者手机号码") as told:
        assembly.build(examine(value), draft=True, only=(name,))
    assert not re.search(r"\d{11}", str(told.value))


def test_numbers_that_are_nobodys_own_are_published(
    sample: Facts, examine: Callable[..., Examination]
) -> None:
    for address in ("010-00000000", "400 000 0000", "号码 110999198002290018", "91110999MA00Y0J123"):
        value = paths.with_value(sample.value, paths.parse("complaints.channels[0].address"), address)
        assert assembly.build(examine(value), draft=True, only=("complaints-guide",)).files


def test_a_page_and_an_ejected_page_carry_their_style(
    beian: Callable[..., Ran], tmp_path: Path
) -> None:
    assert beian("templates", "eject", STATEMENT, "house").code == 0
    page = (tmp_path / "house" / "templates" / STATEMENT / "page.html").read_text("utf-8")
    ran = beian("build", str(SAMPLES / "chat-assistant"), "-o", "out", "--house", "house",
                "--only", STATEMENT, "--as-of", AS_OF)
    assert ran.code == 0, ran.err
    [made] = (tmp_path / "out" / "submission").glob("*.html")
    [shipped] = assembly_of(STATEMENT)
    for text in (page, made.read_text("utf-8"), shipped.decode()):
        assert "stylesheet" not in text
        assert "--paper: #fff;" in text


def assembly_of(name: str) -> list[bytes]:
    library = Library.open()
    result = pipeline.check(pipeline.load(SAMPLES / "chat-assistant", library), library, AS_OF)
    files = assembly.build(result, only=(name,)).files
    return [raw for path, raw in files.items() if path.startswith("submission/") and path.endswith(".html")]
