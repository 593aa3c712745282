"""The help of facts in English, for counsel who works with people abroad."""

from __future__ import annotations

from functools import cache

from beian import resources, yamltext

FILE = "schemas/help-en.yaml"


def in_words(chinese: str) -> str:
    """The English of a fact's help; of what has none (a house's own), the Chinese."""
    return _catalogue().get(chinese, chinese)


@cache
def _catalogue() -> dict[str, str]:
    text = yamltext.decode(resources.read(resources.shipped() / FILE), FILE)
    entries = yamltext.read(text, FILE, as_json=False).value["help"]
    return {one["zh"]: one["en"] for one in entries}
