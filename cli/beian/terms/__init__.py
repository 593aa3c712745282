"""Looks through the terms of an agreement, also one received from others, for unfair wording."""

from __future__ import annotations

from pathlib import Path

from beian.library import Library
from beian.terms.judge import Reading, Remark, judge
from beian.terms.rules import TermsRule, load
from beian.terms.text import Agreement, parse, read

__all__ = ["Agreement", "Reading", "Remark", "TermsRule", "judge", "lint", "load", "parse", "read"]


def lint(file: Path, library: Library, as_of: str) -> Reading:
    """What the rules of the day ``as_of`` remark about the agreement in ``file``."""
    return judge(read(file), load(library.house), as_of, library.register)
