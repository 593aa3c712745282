"""The example of the implicit label has the seven elements of the standard's annex, filled from the facts."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from beian import assembly, paths, pipeline
from beian import facts as facts_file
from beian.library import Library
from beian.render import word
from conftest import AS_OF, SAMPLES

#: In the order of the annex; a value holds neither space nor quotation mark nor backslash.
KEYS = ("Label", "ContentProducer", "ProduceID", "ReservedCode1", "ContentPropagator", "PropagateID",
        "ReservedCode2")
VALUE = {"type": "string", "pattern": r"^[!#-\[\]-~]*$"}
NEEDED = {**VALUE, "minLength": 1}
SCHEMA = {
    "type": "object", "additionalProperties": False, "required": ["AIGC"],
    "properties": {"AIGC": {
        "type": "object", "additionalProperties": False, "required": [*KEYS],
        "properties": dict.fromkeys(KEYS, VALUE) | {
            "Label": {"enum": ["1", "2", "3"]}, "ContentProducer": NEEDED, "ProduceID": NEEDED},
    }},
}
COMPLETE = ("chat-assistant", "companion", "image-studio", "model-platform", "writing-api")


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len({key for key, _ in pairs}) == len(pairs)
    return dict(pairs)


@pytest.mark.parametrize("name", COMPLETE)
def test_the_plan_prints_a_valid_example_for_each_label(name: str, library: Library) -> None:
    result = pipeline.check(pipeline.load(SAMPLES / name, library), library, AS_OF)
    files = assembly.build(result, only=("labelling-plan",)).files
    [made] = [raw for path, raw in files.items()
              if path.startswith("submission/") and path.endswith(".docx")]
    printed = [text for text in word.text_of(made) if text.startswith('{"')]
    labels = result.facts.value["labels"]
    assert len(printed) == len(labels)
    for text, label in zip(printed, labels, strict=True):
        example = json.loads(text, object_pairs_hook=unique)
        jsonschema.validate(example, SCHEMA)
        elements = example["AIGC"]
        assert (*elements,) == KEYS
        assert (elements["Label"], elements["ContentProducer"]) == ("1", label["producer_code"])
        assert elements["ProduceID"] == label["content_number_example"]
        spreads = [elements["ContentPropagator"], elements["PropagateID"]]
        assert spreads == (
            [label["producer_code"], label["content_number_example"]]
            if label["writes_propagation"] else ["", ""])
        assert elements["ReservedCode1"] == (label["reserved_code"] or "")
        # A provider's code holds the credit code of the company that files.
        assert result.facts.value["subject"]["credit_code"] in label["producer_code"]
        assert re.fullmatch(r"\d{4}[0-9A-Z]{18}\d{5}", label["producer_code"])


def test_an_absent_element_leaves_the_example_open(library: Library) -> None:
    given = pipeline.load(SAMPLES / "chat-assistant", library).value
    left = paths.without(given, paths.parse("labels[0].content_number_example"))
    result = pipeline.check(facts_file.from_value(left, library.schema), library, AS_OF)
    files = assembly.build(result, draft=True, only=("labelling-plan",)).files
    [made] = [raw for path, raw in files.items() if path.endswith(".docx")]
    text = "".join(word.text_of(made))
    assert "【待填：" in text and "内容编号示例" in text and "AIGC\":" not in text
