"""Word's XML vocabulary: elements of the main namespace, units and plain text runs."""

from typing import TypeAlias

from lxml import etree

Element: TypeAlias = etree._Element

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def w(name: str, /, *children: Element | None, **attributes: str | int) -> Element:
    """Return the element w:name with these attributes and those children that are not None."""
    made = etree.Element(f"{{{W}}}{name}", nsmap={"w": W})
    for key, value in attributes.items():
        made.set(f"{{{W}}}{key}", str(value))
    for child in children:
        if child is not None:
            made.append(child)
    return made


def write_text(text: str) -> Element:
    """Return w:t holding the text, its outer spaces kept."""
    made = w("t")
    made.text = text
    # A tag may be filled with a value that begins or ends with a space.
    if text != text.strip() or "{" in text:
        made.set(XML_SPACE, "preserve")
    return made


def write_run(text: str, *, bold: bool = False, style: str | None = None) -> Element:
    """Return a run; a line feed in the text becomes a line break."""
    properties = w("rPr")
    if style:
        properties.append(w("rStyle", val=style))
    # Without the hint Word sets “”, ‘’, — and · in the Latin font, half as wide.
    properties.append(w("rFonts", hint="eastAsia"))
    if bold:
        properties.append(w("b"))
        properties.append(w("bCs"))
    made = w("r", properties)
    for number, line in enumerate(text.split("\n")):
        if number:
            made.append(w("br"))
        if line:
            made.append(write_text(line))
    return made


def measure_mm(millimetres: float) -> int:
    """Return twentieths of a point."""
    return round(millimetres / 25.4 * 1440)


def measure_pt(points: float) -> int:
    """Return twentieths of a point."""
    return round(points * 20)


def write_part(root: Element) -> bytes:
    """Return the XML part with its declaration, namespaces declared once at the root."""
    etree.cleanup_namespaces(root, top_nsmap={"w": W, "r": R})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
