"""The sealed archive: the parts of a Word file in fixed order, with nothing of its maker."""

import io
import zipfile
from collections.abc import Mapping

EPOCH = (1980, 1, 1, 0, 0, 0)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORDML = "application/vnd.openxmlformats-officedocument.wordprocessingml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# Parts of word/ beside the document; each names its kind of content and of relationship too.
PARTS = ("styles", "numbering", "settings", "fontTable", "footer")
FOOTER_ID = f"rId{PARTS.index('footer') + 1}"


def _list_content_types() -> str:
    overrides = [("word/document.xml", f"{WORDML}.document.main+xml")]
    overrides += [(f"word/{name}.xml", f"{WORDML}.{name}+xml") for name in PARTS]
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    overrides.append(("docProps/core.xml", core))
    relationships = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relationships}"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(f'<Override PartName="/{p}" ContentType="{t}"/>' for p, t in overrides)
        + "</Types>"
    )


def _list_relationships(*targets: tuple[str, str]) -> str:
    return (
        f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets, start=1)
        )
        + "</Relationships>"
    )


def seal(parts: Mapping[str, bytes]) -> bytes:
    """Return the Word file made of document.xml and the other parts of word/."""
    files: dict[str, bytes] = {
        "[Content_Types].xml": _list_content_types().encode(),
        "_rels/.rels": _list_relationships(
            (f"{OFFICE}/officeDocument", "word/document.xml"),
            (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
        ).encode(),
        # Empty, not absent: python-docx would put its own name and the time in its place.
        "docProps/core.xml": (
            f'{DECLARATION}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"/>'
        ).encode(),
        "word/document.xml": parts["document"],
        "word/_rels/document.xml.rels": _list_relationships(
            *((f"{OFFICE}/{name}", f"{name}.xml") for name in PARTS)
        ).encode(),
    }
    files |= {f"word/{name}.xml": parts[name] for name in PARTS}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            # Stored, not deflated: zlib and zlib-ng compress the same bytes differently.
            entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, content)
    return buffer.getvalue()
