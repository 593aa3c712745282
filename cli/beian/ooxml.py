"""Names of WordprocessingML elements, as lxml writes them."""

from __future__ import annotations

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def w(name: str) -> str:
    """The full name of an element or attribute, for example of ``p``."""
    return f"{{{W}}}{name}"
