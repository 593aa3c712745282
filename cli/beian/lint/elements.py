"""Walks WordprocessingML: names, ancestors, texts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from beian.ooxml import w


def parsed(raw: bytes) -> Any:
    try:
        return etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def local(element: Any) -> str:
    """The name of an element of Word's own or any other vocabulary; empty for comments."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def bare(key: str) -> str:
    return key.rpartition("}")[2]


def above(element: Any, name: str) -> Any:
    return next(element.iterancestors(w(name)), None)


def nearest_above(element: Any, names: Iterable[str]) -> Any:
    return next(element.iterancestors(*map(w, names)), None)


def joined(texts: Iterable[Any]) -> str:
    return "".join(one.text or "" for one in texts)
