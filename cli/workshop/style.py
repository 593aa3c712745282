"""The two looks, for the authority and for the public, as tables of styles and a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from workshop import package
from workshop.wordml import (
    Element,
    R,
    W,
    measure_mm,
    measure_pt,
    w,
    write_part,
    write_run,
    write_text,
)


@dataclass(frozen=True)
class Face:
    """A pair of fonts: one for Chinese characters, one for Latin letters and digits."""

    chinese: str
    latin: str


FANGSONG = Face("仿宋", "Times New Roman")
HEITI = Face("黑体", "Arial")
KAITI = Face("楷体", "Times New Roman")
SONGTI = Face("宋体", "Times New Roman")
XIAOBIAOSONG = Face("方正小标宋简体", "Times New Roman")
PAGE_NUMBER = Face("宋体", "宋体")

# Other names under which a machine may hold the font.
OTHER_NAMES = {
    "仿宋": "FangSong,仿宋_GB2312",
    "黑体": "SimHei",
    "楷体": "KaiTi,楷体_GB2312",
    "宋体": "SimSun",
    "方正小标宋简体": "FZXiaoBiaoSong-B05S,华文中宋",
}


@dataclass(frozen=True)
class Line:
    """A line height, in the measure Word calls exact or auto."""

    rule: Literal["exact", "auto"]
    value: int


def exactly(points: float) -> Line:
    """Return a fixed line height in points."""
    return Line("exact", measure_pt(points))


def times(single: float) -> Line:
    """Return a line height in multiples of the single line."""
    return Line("auto", round(240 * single))


@dataclass(frozen=True)
class Style:
    """One paragraph style; first, left, right and hanging count characters of its size."""

    name: str
    face: Face
    size: float
    line: Line
    align: Literal["left", "right", "center", "both"] = "both"
    first: int = 0
    left: int = 0
    right: int = 0
    hanging: int = 0
    before: float = 0
    after: float = 0
    bold: bool = False
    tracking: float = 0
    keep_next: bool = False
    keep_lines: bool = False
    new_page: bool = False
    break_words: bool = False
    close_up: bool = False
    outline: int | None = None


@dataclass(frozen=True)
class Page:
    """Margins of an A4 page and the distance of its footer, in millimetres."""

    top: float
    bottom: float
    left: float
    right: float
    footer: float

    def measure_text(self, *, landscape: bool = False) -> int:
        """Return the width of the text block in twentieths of a point."""
        width = A4_HEIGHT if landscape else A4_WIDTH
        return width - measure_mm(self.left) - measure_mm(self.right)


@dataclass(frozen=True)
class Look:
    """A page, its styles, and the footer as text and {FIELD}s in turn."""

    name: str
    file: str
    page: Page
    styles: tuple[Style, ...]
    footer: tuple[str, ...]

    def find_style(self, name: str) -> Style | None:
        """Return the paragraph style of this name."""
        return next((style for style in self.styles if style.name == name), None)


A4_WIDTH, A4_HEIGHT = 11906, 16838
HEADINGS, CLAUSES, BULLETS, ORDINALS = 1, 2, 3, 4
LEVEL_STYLES = {
    HEADINGS: ("Heading 1", "Heading 2", "Heading 3", "Heading 4"),
    CLAUSES: ("Clause", "Subclause"),
    BULLETS: ("List", "List 2"),
    ORDINALS: ("List Number",),
}
LEVELS = {
    HEADINGS: (
        ("chineseCounting", "%1、"),
        ("chineseCounting", "（%2）"),
        ("decimal", "%3."),
        ("decimal", "（%4）"),
    ),
    CLAUSES: (("chineseCounting", "第%1条"), ("chineseCounting", "（%2）")),
    BULLETS: (("bullet", "·"), ("bullet", "–")),
    ORDINALS: (("decimal", "（%1）"),),
}
CHARACTER_STYLES = ("Label", "Blank")
TABLE_STYLES = {"form": "Form Table", "list": "List Table"}
# Numberings that start anew come after those of the styles.
FIRST_RESTART = max(LEVELS) + 1
# Word knows its own styles by these spellings; python-docx shows them with capitals.
BUILT_IN = {
    **{f"Heading {level}": f"heading {level}" for level in range(1, 5)},
    "Footer": "footer",
    "Normal": "Normal",
    "Title": "Title",
    "Subtitle": "Subtitle",
    "Body Text": "Body Text",
    "List": "List",
    "List 2": "List 2",
    "List Number": "List Number",
    "Caption": "caption",
    "TOC 1": "toc 1",
    "TOC 2": "toc 2",
    "Signature": "Signature",
}

_LINE = exactly(28.5)
_CELL = exactly(19)
# 28 characters of 16 pt are 448 pt, the text block is 442 pt: a quarter point less for each.
_TIGHT = -0.25

OFFICIAL = Look(
    name="official",
    file="style.docx",
    page=Page(top=37, bottom=35, left=28, right=26, footer=25),
    styles=(
        Style("Normal", FANGSONG, 16, _LINE, tracking=_TIGHT),
        Style("Title", XIAOBIAOSONG, 22, exactly(35), "center", after=28.5, keep_next=True),
        Style("Subtitle", KAITI, 16, _LINE, "center", after=28.5, keep_next=True),
        Style("Heading 1", HEITI, 16, _LINE, "left", first=2, keep_next=True, outline=0),
        Style("Heading 2", KAITI, 16, _LINE, "left", first=2, keep_next=True, outline=1),
        Style("Heading 3", FANGSONG, 16, _LINE, "left", 2, bold=True, keep_next=True, outline=2),
        Style("Heading 4", FANGSONG, 16, _LINE, "left", first=2, keep_next=True, outline=3),
        Style("Body Text", FANGSONG, 16, _LINE, first=2, tracking=_TIGHT),
        Style("Addressee", FANGSONG, 16, _LINE, "left", tracking=_TIGHT),
        Style("List", FANGSONG, 16, _LINE, left=3, hanging=1, tracking=_TIGHT),
        Style("List 2", FANGSONG, 16, _LINE, left=4, hanging=1, tracking=_TIGHT),
        Style("List Number", FANGSONG, 16, _LINE, first=2, tracking=_TIGHT),
        Style("Clause", HEITI, 16, _LINE, "left", first=2, keep_next=True, outline=0),
        Style("Subclause", FANGSONG, 16, _LINE, first=2, tracking=_TIGHT),
        Style(
            "Signature",
            FANGSONG,
            16,
            _LINE,
            "right",
            right=4,
            before=57,
            keep_next=True,
            keep_lines=True,
            close_up=True,
        ),
        Style("Date Line", FANGSONG, 16, _LINE, "right", right=4, keep_lines=True),
        Style("Note", FANGSONG, 12, exactly(20)),
        Style("Attachment", HEITI, 16, _LINE, "left", after=14, keep_next=True, new_page=True),
        Style("Table Label", HEITI, 12, _CELL, "center", keep_lines=True, break_words=True),
        Style("Table Text", FANGSONG, 12, _CELL, "left", break_words=True),
        Style("Table Answer", FANGSONG, 12, _CELL, "both", first=2, break_words=True),
        Style("Table Header", HEITI, 12, _CELL, "center", keep_next=True, break_words=True),
        Style("Table Gap", FANGSONG, 5, exactly(10)),
        Style("Cover Line", FANGSONG, 16, exactly(42), "center"),
        Style("Contents Title", HEITI, 16, _LINE, "center", after=14, keep_next=True),
        Style("TOC 1", FANGSONG, 14, exactly(26), "left"),
        Style("TOC 2", FANGSONG, 14, exactly(26), "left", left=2),
        Style("Figure", FANGSONG, 12, times(1), "center", before=7, keep_next=True),
        Style("Caption", HEITI, 12, exactly(24), "center", after=7, keep_lines=True),
        Style("Footer", PAGE_NUMBER, 14, exactly(18), "center"),
    ),
    footer=("— ", "{PAGE}", " —"),
)

_WIDE = times(1.5)
_ROW = exactly(17)

PUBLIC = Look(
    name="public",
    file="style-public.docx",
    page=Page(top=25.4, bottom=25.4, left=31.7, right=31.7, footer=15),
    styles=(
        Style("Normal", SONGTI, 12, _WIDE),
        Style("Title", HEITI, 18, _WIDE, "center", after=12, keep_next=True),
        Style("Subtitle", SONGTI, 12, _WIDE, "center", after=12, keep_next=True),
        Style("Heading 1", HEITI, 12, _WIDE, "left", 2, before=6, keep_next=True, outline=0),
        Style("Heading 2", SONGTI, 12, _WIDE, "left", 2, bold=True, keep_next=True, outline=1),
        Style("Heading 3", SONGTI, 12, _WIDE, "left", first=2, keep_next=True, outline=2),
        Style("Heading 4", SONGTI, 12, _WIDE, "left", first=2, keep_next=True, outline=3),
        Style("Body Text", SONGTI, 12, _WIDE, first=2),
        Style("Addressee", SONGTI, 12, _WIDE, "left"),
        Style("List", SONGTI, 12, _WIDE, left=3, hanging=1),
        Style("List 2", SONGTI, 12, _WIDE, left=4, hanging=1),
        Style("List Number", SONGTI, 12, _WIDE, first=2),
        Style("Clause", HEITI, 12, _WIDE, "left", 2, before=6, keep_next=True, outline=0),
        Style("Subclause", SONGTI, 12, _WIDE, first=2),
        Style(
            "Signature",
            SONGTI,
            12,
            _WIDE,
            "right",
            right=4,
            before=24,
            keep_next=True,
            keep_lines=True,
            close_up=True,
        ),
        Style("Date Line", SONGTI, 12, _WIDE, "right", right=4, keep_lines=True),
        Style("Note", SONGTI, 9, times(1.25)),
        Style("Attachment", HEITI, 12, _WIDE, "left", after=6, keep_next=True, new_page=True),
        Style("Table Label", HEITI, 10.5, _ROW, "center", keep_lines=True, break_words=True),
        Style("Table Text", SONGTI, 10.5, _ROW, "left", break_words=True),
        Style("Table Answer", SONGTI, 10.5, _ROW, "both", first=2, break_words=True),
        Style("Table Header", HEITI, 10.5, _ROW, "center", keep_next=True, break_words=True),
        Style("Table Gap", SONGTI, 5, exactly(10)),
        Style("Cover Line", SONGTI, 12, times(2), "center"),
        Style("Contents Title", HEITI, 12, _WIDE, "center", after=6, keep_next=True),
        Style("TOC 1", SONGTI, 10.5, times(1.4), "left"),
        Style("TOC 2", SONGTI, 10.5, times(1.4), "left", left=2),
        Style("Figure", SONGTI, 10.5, times(1), "center", before=6, keep_next=True),
        Style("Caption", HEITI, 10.5, times(1.5), "center", after=6, keep_lines=True),
        Style("Footer", SONGTI, 9, times(1), "center"),
    ),
    footer=("第 ", "{PAGE}", " 页 共 ", "{NUMPAGES}", " 页"),
)

LOOKS = {look.name: look for look in (OFFICIAL, PUBLIC)}


def name_id(name: str) -> str:
    """Return the id of the style of this name."""
    return name.replace(" ", "")


def _write_fonts(face: Face) -> Element:
    latin = face.latin
    return w("rFonts", ascii=latin, hAnsi=latin, eastAsia=face.chinese, cs=latin)


def _write_characters(
    face: Face, size: float | None, *, bold: bool = False, tracking: float = 0
) -> Element:
    return w(
        "rPr",
        _write_fonts(face),
        w("b") if bold else None,
        w("bCs") if bold else None,
        w("spacing", val=measure_pt(tracking)),
        w("sz", val=round(size * 2)) if size else None,
        w("szCs", val=round(size * 2)) if size else None,
        w("lang", val="en-US", eastAsia="zh-CN", bidi="ar-SA"),
    )


def _write_indent(style: Style) -> Element:
    # Characters rule in Word; the twips beside them are for readers that know no characters.
    made = w("ind")
    for side, count in (("left", style.left), ("right", style.right)):
        made.set(f"{{{W}}}{side}Chars", str(count * 100))
        made.set(f"{{{W}}}{side}", str(measure_pt(count * style.size)))
    side, count = ("hanging", style.hanging) if style.hanging else ("firstLine", style.first)
    made.set(f"{{{W}}}{side}Chars", str(count * 100))
    made.set(f"{{{W}}}{side}", str(measure_pt(count * style.size)))
    return made


def _find_level(name: str) -> tuple[int, int] | None:
    for number, names in LEVEL_STYLES.items():
        if name in names:
            return number, names.index(name)
    return None


def write_numbering_choice(number: int, level: int) -> Element:
    """Return w:numPr choosing a numbering and its level."""
    return w("numPr", w("ilvl", val=level), w("numId", val=number))


def _write_style(style: Style) -> Element:
    level = _find_level(style.name)
    paragraph = w(
        "pPr",
        w("keepNext") if style.keep_next else None,
        w("keepLines") if style.keep_lines else None,
        w("pageBreakBefore") if style.new_page else None,
        write_numbering_choice(*level) if level else None,
        w("wordWrap", val=0) if style.break_words else None,
        w(
            "spacing",
            before=measure_pt(style.before),
            after=measure_pt(style.after),
            line=style.line.value,
            lineRule=style.line.rule,
        ),
        _write_indent(style),
        w("contextualSpacing") if style.close_up else None,
        w("jc", val=style.align),
        w("outlineLvl", val=style.outline) if style.outline is not None else None,
    )
    normal = style.name == "Normal"
    made = w(
        "style",
        w("name", val=BUILT_IN.get(style.name, style.name)),
        None if normal else w("basedOn", val="Normal"),
        w("qFormat"),
        paragraph,
        _write_characters(style.face, style.size, bold=style.bold, tracking=style.tracking),
        type="paragraph",
        styleId=name_id(style.name),
    )
    if normal:
        made.set(f"{{{W}}}default", "1")
    if style.name not in BUILT_IN:
        made.set(f"{{{W}}}customStyle", "1")
    return made


def _write_table_style(name: str, text: Style) -> Element:
    edges = ("top", "left", "bottom", "right", "insideH", "insideV")
    # Border sizes count eighths of a point.
    borders = w("tblBorders", *(w(e, val="single", sz=4, space=0, color="auto") for e in edges))
    margins = {"top": 57, "left": 85, "bottom": 57, "right": 85}
    return w(
        "style",
        w("name", val=name),
        w("qFormat"),
        _write_characters(text.face, text.size),
        w(
            "tblPr",
            borders,
            w("tblCellMar", *(w(e, w=width, type="dxa") for e, width in margins.items())),
        ),
        type="table",
        customStyle=1,
        styleId=name_id(name),
    )


def _write_styles(look: Look) -> bytes:
    normal, body, cell = (
        style for style in look.styles if style.name in ("Normal", "Body Text", "Table Text")
    )
    # No size: what a character style marks is as large as the text around it.
    marks = {
        "Label": _write_characters(body.face, None, bold=True),
        "Blank": _write_characters(body.face, None),
    }
    underline = w("u", val="single")
    marks["Blank"].insert(len(marks["Blank"]) - 1, underline)
    characters = [
        w(
            "style",
            w("name", val=name),
            w("qFormat"),
            marks[name],
            type="character",
            customStyle=1,
            styleId=name_id(name),
        )
        for name in CHARACTER_STYLES
    ]
    defaults = w(
        "docDefaults",
        w("rPrDefault", _write_characters(normal.face, normal.size)),
        w("pPrDefault"),
    )
    return write_part(
        w(
            "styles",
            defaults,
            *(_write_style(style) for style in look.styles),
            *characters,
            *(_write_table_style(name, cell) for name in TABLE_STYLES.values()),
        )
    )


def _write_level(look: Look, number: int, level: int) -> Element:
    form, text = LEVELS[number][level]
    style = look.find_style(LEVEL_STYLES[number][level])
    if style is None:
        raise LookupError(f"look {look.name} has no style {LEVEL_STYLES[number][level]}")
    bullet = form == "bullet"
    suffix = {BULLETS: "tab", CLAUSES: "nothing" if level else "space"}.get(number, "nothing")
    # A bullet as wide as its Chinese character would fill the indent and push the text a tab on.
    latin = Face(style.face.latin, style.face.latin)
    fonts = _write_fonts(latin) if bullet else w("rFonts", hint="eastAsia")
    return w(
        "lvl",
        w("start", val=1),
        w("numFmt", val=form),
        w("pStyle", val=name_id(style.name)),
        w("suff", val=suffix),
        w("lvlText", val=text),
        w("lvlJc", val="left"),
        w("pPr", _write_indent(style)),
        w("rPr", fonts),
        ilvl=level,
    )


def _write_numbering(look: Look, restarts: Sequence[int]) -> bytes:
    """Return the numberings, and after them one that starts anew for each number given."""
    root = w("numbering")
    for number, levels in LEVELS.items():
        root.append(
            w(
                "abstractNum",
                w("nsid", val=f"4B45{number:04X}"),
                w("multiLevelType", val="multilevel"),
                *(_write_level(look, number, level) for level in range(len(levels))),
                abstractNumId=number,
            )
        )
    for number in LEVELS:
        root.append(w("num", w("abstractNumId", val=number), numId=number))
    for offset, number in enumerate(restarts):
        starts = (
            w("lvlOverride", w("startOverride", val=1), ilvl=level)
            for level in range(len(LEVELS[number]))
        )
        root.append(w("num", w("abstractNumId", val=number), *starts, numId=FIRST_RESTART + offset))
    return write_part(root)


def _write_settings() -> bytes:
    compatibility = w(
        "compat",
        w("spaceForUL"),
        w("balanceSingleByteDoubleByteWidth"),
        w("doNotLeaveBackslashAlone"),
        w("ulTrailSpace"),
        w("doNotExpandShiftReturn"),
        w("adjustLineHeightInTable"),
        w("useFELayout"),
        # 15 is Word 2013 and later; without it Word opens the file in a compatibility mode.
        w(
            "compatSetting",
            name="compatibilityMode",
            uri="http://schemas.microsoft.com/office/word",
            val=15,
        ),
    )
    return write_part(
        w(
            "settings",
            w("zoom", percent=100),
            w("defaultTabStop", val=420),
            w("characterSpacingControl", val="compressPunctuation"),
            compatibility,
            w("themeFontLang", val="en-US", eastAsia="zh-CN"),
            w("decimalSymbol", val="."),
            w("listSeparator", val=","),
        )
    )


def _write_font_table(look: Look) -> bytes:
    names = {style.face.chinese for style in look.styles}
    names |= {style.face.latin for style in look.styles}
    root = w("fonts")
    for name in sorted(names):
        chinese = name in OTHER_NAMES
        root.append(
            w(
                "font",
                w("altName", val=OTHER_NAMES[name]) if chinese else None,
                w("charset", val="86" if chinese else "00"),
                w("family", val="swiss" if name == "Arial" else "auto" if chinese else "roman"),
                w("pitch", val="variable"),
                name=name,
            )
        )
    return write_part(root)


def _write_footer(look: Look) -> bytes:
    paragraph = w("p", w("pPr", w("pStyle", val=name_id("Footer"))))
    for piece in look.footer:
        if piece.startswith("{"):
            field = w("fldSimple", w("r", write_text("1")), instr=f" {piece.strip('{}')} ")
            paragraph.append(field)
        else:
            paragraph.append(write_run(piece))
    return write_part(w("ftr", paragraph))


def write_section(
    look: Look, *, cover: bool = False, landscape: bool = False, first: bool = False
) -> Element:
    """Return w:sectPr: a cover has no page number, and the pages after it begin with 1."""
    page = look.page
    footer = w("footerReference", type="default")
    footer.set(f"{{{R}}}id", package.FOOTER_ID)
    size = (
        w("pgSz", w=A4_HEIGHT, h=A4_WIDTH, orient="landscape")
        if landscape
        else w("pgSz", w=A4_WIDTH, h=A4_HEIGHT)
    )
    return w(
        "sectPr",
        None if cover else footer,
        size,
        w(
            "pgMar",
            top=measure_mm(page.top),
            right=measure_mm(page.right),
            bottom=measure_mm(page.bottom),
            left=measure_mm(page.left),
            header=measure_mm(15),
            footer=measure_mm(page.footer),
            gutter=0,
        ),
        w("pgNumType", start=1) if first else None,
        w("vAlign", val="center") if cover else None,
        w("docGrid", linePitch=312),
    )


def compose(
    look: Look,
    body: Iterable[Element],
    restarts: Sequence[int] = (),
    section: Element | None = None,
) -> bytes:
    """Return the Word file of this look with this body, numberings restarting as given.

    ``section`` is the last section; left out, it is a plain one.
    """
    last = write_section(look) if section is None else section
    return package.seal(
        {
            "document": write_part(w("document", w("body", *body, last))),
            "styles": _write_styles(look),
            "numbering": _write_numbering(look, restarts),
            "settings": _write_settings(),
            "fontTable": _write_font_table(look),
            "footer": _write_footer(look),
        }
    )


def compose_specimen(look: Look) -> bytes:
    """Return the style file: one paragraph in each style, bearing the name of the style."""
    return compose(
        look,
        (
            w("p", w("pPr", w("pStyle", val=name_id(style.name))), write_run(style.name))
            for style in look.styles
        ),
    )
