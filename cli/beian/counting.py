"""Characters as an online form may count them, against the bounds it states.

How the portal counts is not published. A lower bound is therefore held against the smallest count
(white space left out), an upper bound against the largest (every UTF-16 unit, as browsers count).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_BLANK = re.compile(r"\s+")


def characters(text: str) -> int:
    """Every character but white space."""
    return len(_BLANK.sub("", text))


def units(text: str) -> int:
    """UTF-16 units, white space among them: rare characters count as two."""
    return len(text.encode("utf-16-le")) // 2


def fault(texts: Iterable[str], minimum: int | None, maximum: int | None) -> str | None:
    """What is wrong with the length of an answer of one or more paragraphs; None when nothing."""
    answer = "\n".join(texts)
    if minimum is not None and characters(answer) < minimum:
        return f"不足{minimum}字，还差{minimum - characters(answer)}字"
    if maximum is not None and units(answer) > maximum:
        return f"超过{maximum}字，多出{units(answer) - maximum}字"
    return None


def bounds_text(minimum: int | None, maximum: int | None) -> str:
    """Bounds in words; empty when there are none."""
    low = f"{minimum}字以上" if minimum is not None else ""
    high = f"{maximum}字以内" if maximum is not None else ""
    return "，".join(part for part in (low, high) if part)
