"""Makes the same content give the same bytes: fixed archive times, no author, no tool."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import Literal

#: The earliest time an archive can carry; says nothing about when a file was made.
_TIME = (1980, 1, 1, 0, 0, 0)
_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b"<cp:coreProperties "
    b'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
)
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'extended-properties"/>'
)
_REVISIONS = re.compile(rb' w:rsid\w*="[0-9A-Fa-f]*"')


def seal(parts: Iterable[tuple[str, bytes]], stem: bytes = b"") -> bytes:
    """An Office file of the given parts, in the given order.

    ``stem`` is a sealed file whose parts stand first: what many files share is packed once.
    """
    stream = io.BytesIO(stem)
    mode: Literal["a", "w"] = "a" if stem else "w"
    with zipfile.ZipFile(stream, mode, zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, body in parts:
            if name == "docProps/core.xml":
                body = _CORE
            elif name == "docProps/app.xml":
                body = _APP
            elif name.startswith("word/") and name.endswith(".xml") and b"w:rsid" in body:
                body = _REVISIONS.sub(b"", body)
            entry = zipfile.ZipInfo(name, _TIME)
            # Pictures are compressed already.
            picture = name.endswith(".png")
            entry.compress_type = zipfile.ZIP_STORED if picture else zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, body)
    return stream.getvalue()


def reseal(raw: bytes, mend: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """An Office file made by a library, sealed; parts in the order of their names.

    ``mend`` names parts that are to be put right on the way.
    """
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = sorted(archive.namelist(), key=lambda name: (name != "[Content_Types].xml", name))
        return seal(
            [
                (name, mend[name](archive.read(name)) if name in mend else archive.read(name))
                for name in names
            ]
        )
