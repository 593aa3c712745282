"""Where somebody stands in an interview: at a question, or on a page beside the questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from beian.interview.workbook import Offer


@dataclass(frozen=True, slots=True)
class Asking:
    """A question; afterwards the interview goes on, or returns to where the user came from."""

    path: str
    then: Page | None = None


@dataclass(frozen=True, slots=True)
class Choosing:
    """Which item of a list is to be changed, removed or moved."""

    action: str
    asking: Asking


@dataclass(frozen=True, slots=True)
class Confirming:
    """Whether answers below a path may go: ``answer`` is null, or the answer is taken away."""

    asking: Asking
    path: str
    null: bool


@dataclass(frozen=True, slots=True)
class Pointing:
    """Which workbook a list is to be read from; ``named`` is what was typed and did not serve."""

    asking: Asking
    named: str = ""


@dataclass(frozen=True, slots=True)
class Proposing:
    """What a workbook would write into a list, before anything is written."""

    asking: Asking
    offer: Offer


@dataclass(frozen=True, slots=True)
class Searching:
    """Where to go, and the page to return to."""

    text: str
    back: Page


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The answers of one section, or the sections."""

    section: str = ""


@dataclass(frozen=True, slots=True)
class Helping:
    """What may be done on a page."""

    about: Page


@dataclass(frozen=True, slots=True)
class Ending:
    """Nothing is left but what was skipped."""


Page = (
    Asking | Choosing | Confirming | Pointing | Proposing | Searching | Reviewing | Helping | Ending
)
