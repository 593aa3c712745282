"""What is missing in a document is the same whether its template is printed or found all stated."""

from __future__ import annotations

import random

import pytest

from beian import facts as facts_file
from beian import paths, pipeline
from beian.library import Library
from beian.render.dispatch import Renderer
from conftest import AS_OF, SAMPLES


@pytest.mark.parametrize("name", ["chat-assistant", "overseas-model"])
@pytest.mark.parametrize("gone", [0, 3, 9])
def test_a_template_is_not_printed_only_where_nothing_can_be_missing(
    name: str, gone: int, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = pipeline.load(SAMPLES / name, library)
    value, chance = matter.value, random.Random(gone)
    for path in chance.sample([path for path, _ in paths.leaves(value)], gone):
        value = paths.without(value, paths.parse(path))
    facts = facts_file.from_value(value, library.schema)
    facts.files = matter.files
    told = {one.document.id: one.missing for one in pipeline.check(facts, library, AS_OF).entries}
    monkeypatch.setattr(Renderer, "_all_stated", lambda *_: False)
    printed = {one.document.id: one.missing for one in pipeline.check(facts, library, AS_OF).entries}
    assert told == printed


def test_some_templates_of_a_complete_matter_need_not_be_printed(library: Library) -> None:
    result = pipeline.check(pipeline.load(SAMPLES / "chat-assistant", library), library, AS_OF)
    renderer = Renderer(library)
    spared = [one.document.id for one in result.entries
              if all(renderer._all_stated(one.document, ending, result.view) for ending in one.document.formats)]
    assert {"filing-commitment", "complaints-guide"} <= set(spared)
    assert "algorithm-self-assessment" not in spared
