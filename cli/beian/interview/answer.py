"""What a typed answer means, and what no answer may hold."""

from __future__ import annotations

import re
import unicodedata

from beian import yamltext
from beian.interview.question import Kind
from beian.model import Value

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\Z")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?\Z")


def read_text(text: str, kind: Kind) -> Value:
    """What a typed text means; what is no number or day stays text, for the schema to refuse."""
    if kind is Kind.NUMBER:
        plain = unicodedata.normalize("NFKC", text).strip()
        return yamltext.resolve(plain.replace(",", "") if _GROUPED.match(plain) else plain)
    if kind is Kind.DAY:
        plain = unicodedata.normalize("NFKC", text).strip()
        parts = _DAY.match(plain)
        return f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}" if parts else plain
    return text


def refuse_control(value: Value) -> None:
    """BeianError for what a facts file would refuse to hold: control characters, lone surrogates."""
    import json

    yamltext.read(json.dumps([value]), "", as_json=True)
