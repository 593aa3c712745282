"""Names of WordprocessingML elements, as lxml writes them, and text as XML holds it."""

from __future__ import annotations

from collections.abc import Mapping

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def w(name: str) -> str:
    """The full name of an element or attribute, for example of ``p``."""
    return f"{{{W}}}{name}"


# xml.sax.saxutils does the same and loads half of the network modules with it.


def escape(text: str, further: Mapping[str, str] | None = None) -> str:
    """Text as it stands between tags; ``further`` characters are replaced too."""
    text = text.replace("&", "&amp;").replace(">", "&gt;").replace("<", "&lt;")
    for plain, name in (further or {}).items():
        text = text.replace(plain, name)
    return text


def unescape(text: str, further: Mapping[str, str] | None = None) -> str:
    """What :func:`escape` was given; ``further`` names are replaced too."""
    for name, plain in (further or {}).items():
        text = text.replace(name, plain)
    return text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
