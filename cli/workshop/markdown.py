"""template.md to Word: pandoc reads the Markdown, and every block it may hold is written here."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, TypeAlias

import pypandoc

from workshop import style
from workshop.wordml import Element, w, write_run

# A node of pandoc's JSON: {"t": kind, "c": content}; its shape depends on the kind.
Node: TypeAlias = dict[str, Any]

# Named one by one, so that $ @ ~ ^ ' " … and HTML stay as typed whatever pandoc adds.
FORMAT = "markdown_strict-raw_html" + "".join(
    f"+{extension}"
    for extension in (
        "all_symbols_escapable",
        "bracketed_spans",
        "east_asian_line_breaks",
        "escaped_line_breaks",
        "fenced_divs",
        "intraword_underscores",
        "lists_without_preceding_blankline",
        "pipe_tables",
        "space_in_atx_header",
    )
)
ALIGNMENTS = {"AlignLeft": "left", "AlignCenter": "center", "AlignRight": "right"}
HEADING_STYLES = ("Title", *style.LEVEL_STYLES[style.HEADINGS])
ITEM_STYLES = (*style.LEVEL_STYLES[style.BULLETS], *style.LEVEL_STYLES[style.ORDINALS])
TABLE_ATTRIBUTES = {"form": {"widths", "labels"}, "list": {"widths"}}
PIECE_MARK = "¶"
# A cell that holds one of these alone is joined to the cell on its left, or to the one above it.
LEFT_MARK, UP_MARK = "←", "↑"
# About 9 mm, the least a form filled by hand needs.
MINIMUM_ROW = 510

_FRONT_MATTER = re.compile(r"\A---\nstyle: *(?P<look>[a-z]+)\n---\n")
_COMMENT_LINE = re.compile(r"^[ \t]*\{#(?:(?!#\}).)*#\}[ \t]*\n", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WHOLE = re.compile(r"\{%(?P<whole>p|tr) +(?P<word>\w+)[^{}%]*%\}")
_LINE_OF_ITS_OWN = re.compile(r"^(\{%p (?:(?!%\}).)*%\})[ \t]*$", re.MULTILINE)
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$", re.MULTILINE)
# Wide brackets: pandoc joins lines without a space only between wide characters.
_TOKEN = re.compile(r"〘(\d+)〙")


# A table of few rows that stays on one page. LibreOffice 7.4 leaves headings alone at the foot of
# pages once a table before them runs over a page, although they are kept with what follows.
KEPT = "whole"

# A page cannot begin inside a table.
CELL_STYLES = ("Table Label", "Table Text", "Table Answer", "Table Header")


class TemplateError(Exception):
    """A template.md that cannot be compiled."""


@dataclass(frozen=True)
class Format:
    """What sets one stretch of text apart from the next."""

    bold: bool = False
    span: str | None = None


Stretch: TypeAlias = tuple[Format, str]


def _check_tag(tag: str) -> None:
    inner = tag[2:-2]
    if any(mark in inner for mark in "“”‘’"):
        raise TemplateError(f"{tag}: docxtpl turns curly quotes inside a tag into straight ones")
    if "&" in inner:
        raise TemplateError(f"{tag}: docxtpl does not restore & inside a tag")
    if inner.startswith("-") or inner.endswith("-"):
        raise TemplateError(f"{tag}: docxtpl joins paragraphs at a dash")
    if re.match(r"(tc|r)\s", inner) or (tag.startswith("{{") and re.match(r"(p|tr)\s", inner)):
        raise TemplateError(f"{tag}: of docxtpl's special tags only {{%p and {{%tr are supported")
    if re.match(r"(p|tr)\s", inner) and not _WHOLE.fullmatch(tag):
        raise TemplateError(f"{tag}: docxtpl finds no %, {{ or }} inside such a tag")


def _shelter_tags(text: str) -> tuple[str, list[str]]:
    """Return the text with a token for each tag, and the tags in the order of their tokens."""
    if _TOKEN.search(text):
        raise TemplateError("〘 and 〙 around a number are reserved for tags")
    text = _COMMENT.sub("", _COMMENT_LINE.sub("", text))
    text = _LINE_OF_ITS_OWN.sub(r"\n\1\n", text)
    tags: list[str] = []

    def shelter(match: re.Match[str]) -> str:
        tag = re.sub(r"\s*\n\s*", " ", match[0])
        _check_tag(tag)
        tags.append(tag)
        return f"〘{len(tags) - 1}〙"

    return _TAG.sub(shelter, text), tags


def _find_attribute(attributes: Sequence[Any], name: str) -> str | None:
    return next((value for key, value in attributes[2] if key == name), None)


def _find_joined(rows: Sequence[Sequence[list[Stretch]]]) -> list[list[str | None]]:
    """Return for each cell whether it begins or continues a cell over several rows, if it does."""
    joined: list[list[str | None]] = [[None] * len(row) for row in rows]
    for column in range(len(rows[0]) if rows else 0):
        top: int | None = None
        for n, row in enumerate(rows):
            text = _join(row[column])
            if text == UP_MARK:
                if top is None:
                    raise TemplateError(f"{_join(row[0])}: no cell above {UP_MARK}")
                joined[top][column], joined[n][column] = "restart", "continue"
            elif not _WHOLE.fullmatch(_join(row[0]).strip()):
                top = n
    return joined


def _find_whole_tag(text: str) -> re.Match[str] | None:
    """Return the {%p or {%tr tag that is the whole text, and raise if it is only a part of it."""
    whole = _WHOLE.fullmatch(text.strip())
    if not whole and re.search(r"\{%(p|tr)\s", text):
        raise TemplateError(f"{text}: the tag stands alone, for docxtpl drops what is with it")
    return whole


@dataclass
class Composer:
    """Writes the blocks of one template in one look."""

    look: style.Look
    tags: Sequence[str]
    restarts: list[int] = field(default_factory=list)
    titles: int = 0
    heading_restart: int | None = None
    # The paragraph before the next block, with its style; None where there is none to keep.
    last: tuple[Element, style.Style] | None = None
    landscape: bool = False
    # Whether the next paragraph begins a page, and whether the pages count from one there.
    new_page: bool = False
    counts_anew: bool = False

    def write_blocks(self, blocks: Sequence[Node], name: str = "Body Text") -> Iterator[Element]:
        """Yield the elements of the body; plain paragraphs get the style of this name."""
        for block in blocks:
            content: Any = block.get("c")
            match block["t"]:
                case "Para" | "Plain":
                    yield self.write_paragraph(self.read_stretches(content), name)
                case "Header":
                    yield self.write_heading(*content)
                case "BulletList":
                    self.keep_introduction()
                    yield from self.write_bullets(content, 0)
                case "OrderedList":
                    self.keep_introduction()
                    yield from self.write_ordinals(content[1])
                case "Div":
                    yield from self.write_division(*content)
                case "Table":
                    raise TemplateError("a table stands in a ::: {.form …} or ::: {.list …} block")
                case kind:
                    raise TemplateError(f"{kind} is not supported: {_quote(block)}")

    def write_heading(self, level: int, _attributes: Any, inlines: Sequence[Node]) -> Element:
        """Return a title or heading; headings count anew under each further title."""
        stretches = self.read_stretches(inlines)
        if level > len(HEADING_STYLES):
            raise TemplateError(f"heading below the fourth level: {_join(stretches)}")
        if level == 1:
            self.titles += 1
            self.heading_restart = None
            lines = _split_pieces(stretches)
            broken = [stretch for line in lines for stretch in ((Format(), "\n"), *line)]
            return self.write_paragraph(broken[1:], HEADING_STYLES[0])
        if self.titles > 1 and self.heading_restart is None:
            self.heading_restart = self.start_anew(style.HEADINGS)
        numbering = None
        if self.heading_restart is not None:
            numbering = style.write_numbering_choice(self.heading_restart, level - 2)
        return self.write_paragraph(stretches, HEADING_STYLES[level - 1], numbering)

    def start_anew(self, numbering: int) -> int:
        """Return the number of a numbering that starts at one."""
        self.restarts.append(numbering)
        return style.FIRST_RESTART + len(self.restarts) - 1

    def write_bullets(self, items: Sequence[Sequence[Node]], level: int) -> Iterator[Element]:
        """Yield the items of a list and of the lists inside them."""
        names = style.LEVEL_STYLES[style.BULLETS]
        if level >= len(names):
            raise TemplateError(f"list below the second level: {_quote(items)}")
        for item in items:
            yield self.write_paragraph(self.read_item(item[0]), names[level])
            for block in item[1:]:
                if block["t"] != "BulletList":
                    raise TemplateError(f"list item of several paragraphs: {_quote(block)}")
                yield from self.write_bullets(block["c"], level + 1)

    def write_ordinals(self, items: Sequence[Sequence[Node]]) -> Iterator[Element]:
        """Yield the items of a numbered list that starts at one."""
        number = self.start_anew(style.ORDINALS)
        for item in items:
            if len(item) != 1:
                raise TemplateError(f"numbered item of several paragraphs: {_quote(item)}")
            choice = style.write_numbering_choice(number, 0)
            yield self.write_paragraph(self.read_item(item[0]), "List Number", choice)

    def read_item(self, block: Node) -> list[Stretch]:
        """Return the text of a list item."""
        if block["t"] not in ("Plain", "Para"):
            raise TemplateError(f"{block['t']} is not supported in a list: {_quote(block)}")
        return self.read_stretches(block["c"])

    def write_division(
        self, attributes: Sequence[Any], blocks: Sequence[Node]
    ) -> Iterator[Element]:
        """Yield a table, or paragraphs in the style the division names."""
        classes = attributes[1]
        name = _find_attribute(attributes, "custom-style")
        if name is not None and not classes:
            self.find_style(name)
            yield from self.write_blocks(blocks, name)
        elif classes and classes[0] in style.TABLE_STYLES and classes[1:] in ([], [KEPT]):
            if len(blocks) != 1 or blocks[0]["t"] != "Table":
                raise TemplateError(f"a .{classes[0]} block holds one table and nothing else")
            self.keep_last()
            if self.new_page:
                yield self.assemble_paragraph((), "Table Gap")
            made = self.write_table(classes[0], attributes, blocks[0]["c"])
            if classes[1:]:
                _keep_rows(made)
            yield made
            # Keeps tables apart, which Word would join, and the last one off the page's end.
            yield self.assemble_paragraph((), "Table Gap")
            self.last = None
        elif classes in (["cover"], ["landscape"], ["page"]) and not attributes[2]:
            yield from self.write_pages(classes[0], blocks)
        else:
            raise TemplateError(f"block of unknown kind: {attributes}")

    def write_pages(self, kind: str, blocks: Sequence[Node]) -> Iterator[Element]:
        """Yield a cover, pages in landscape, or nothing but the wish for a new page."""
        if kind == "page":
            if blocks:
                raise TemplateError("a .page block is empty: it only begins a new page")
            self.new_page = True
            return
        if kind == "landscape":
            yield self.end_section()
        self.landscape = kind == "landscape"
        yield from self.write_blocks(blocks)
        yield self.end_section(cover=kind == "cover")
        self.landscape = False
        self.counts_anew = kind == "cover"

    def end_section(self, *, cover: bool = False) -> Element:
        """Return the paragraph whose section ends here."""
        self.last = None
        return self.assemble_paragraph((), "Table Gap", self.write_section(cover=cover))

    def write_section(self, *, cover: bool = False) -> Element:
        """Return the properties of the section that ends here."""
        first, self.counts_anew = self.counts_anew, False
        return style.write_section(self.look, cover=cover, landscape=self.landscape, first=first)

    def write_paragraph(
        self, stretches: Sequence[Stretch], name: str, numbering: Element | None = None
    ) -> Element:
        """Return a paragraph of the document's body."""
        text = _join(stretches)
        whole = _find_whole_tag(text)
        if whole and whole["whole"] == "tr":
            raise TemplateError(f"{text}: outside a table")
        if text.startswith("|"):
            raise TemplateError(f"not read as a table: {text[:60]}")
        if PIECE_MARK in text:
            raise TemplateError(f"{PIECE_MARK} belongs in titles and table cells: {text}")
        if text.endswith("\n"):
            raise TemplateError(f"a title is broken by {PIECE_MARK}, not by \\: {text.strip()}")
        if name == "Signature":
            self.keep_last()
        if name == "Subtitle":
            self.close_up_title()
        made = self.assemble_paragraph(stretches, "Body Text" if whole else name, numbering)
        if not whole:
            self.last = made, self.find_style(name)
        elif whole["word"] in ("elif", "else", "endfor"):
            # Another branch does not follow this one; and kept together, a long loop would be
            # thrown onto the next page as one block.
            self.last = None
        return made

    def keep_last(self) -> None:
        """Set the last paragraph to stay on the page of the next block."""
        if self.last and not self.last[1].keep_next:
            properties = self.last[0][0]
            if properties.find(w("keepNext").tag) is None:
                properties.insert(1, w("keepNext"))

    def keep_introduction(self) -> None:
        """Set the last paragraph to stay with a list, unless it is an item itself."""
        if self.last and self.last[1].name not in ITEM_STYLES:
            self.keep_last()

    def close_up_title(self) -> None:
        """Take away the space between a title and the subtitle that follows."""
        if self.last and self.last[1].name == "Title":
            self.last[0][0].append(w("spacing", after=0))

    def find_style(self, name: str) -> style.Style:
        """Return the paragraph style of this name."""
        found = self.look.find_style(name)
        if found is None:
            raise TemplateError(f"look {self.look.name} has no paragraph style {name}")
        return found

    def assemble_paragraph(
        self, stretches: Sequence[Stretch], name: str, *properties: Element | None
    ) -> Element:
        """Return w:p with its style, further properties and one run for each stretch."""
        found = self.find_style(name)
        # Neither a cell nor a paragraph that is only a tag can begin a page.
        begins = self.new_page and name not in CELL_STYLES and not _WHOLE.fullmatch(_join(stretches))
        start = w("pageBreakBefore") if begins else None
        self.new_page = self.new_page and not begins
        made = w("p", w("pPr", w("pStyle", val=style.name_id(found.name)), start, *properties))
        for layout, text in stretches:
            if layout.span not in (None, *style.CHARACTER_STYLES):
                raise TemplateError(f"no character style {layout.span}: {text}")
            made.append(write_run(text, bold=layout.bold, style=layout.span))
        return made

    def write_table(self, kind: str, attributes: Sequence[Any], table: Sequence[Any]) -> Element:
        """Return a form table or a list table of the full text width."""
        _, _, columns, (_, heads), bodies, _ = table
        head = self.read_row(heads[0]) if heads else []
        rows = [self.read_row(row) for body in bodies for row in body[3]]
        if kind == "list" and not any(head):
            raise TemplateError("a .list table has a header row")
        if kind == "form" and any(head):
            raise TemplateError(f"a .form table has no header row: {_join(head[0])}")
        unknown = [name for name, _ in attributes[2] if name not in TABLE_ATTRIBUTES[kind]]
        if unknown:
            raise TemplateError(f"a .{kind} block has no attribute {' or '.join(unknown)}")
        widths = self.measure_columns(_find_attribute(attributes, "widths"), len(columns))
        listed = _find_attribute(attributes, "labels") or "1"
        labels = listed.split()
        if not set(labels) <= {str(n + 1) for n in range(len(columns))}:
            raise TemplateError(f'labels="{listed}": the table has {len(columns)} columns')
        made = w(
            "tbl",
            w(
                "tblPr",
                w("tblStyle", val=style.name_id(style.TABLE_STYLES[kind])),
                w("tblW", w=sum(widths), type="dxa"),
                w("jc", val="center"),
                w("tblLayout", type="fixed"),
                w(
                    "tblLook",
                    val="0000",
                    firstRow=0,
                    lastRow=0,
                    firstColumn=0,
                    lastColumn=0,
                    noHBand=1,
                    noVBand=1,
                ),
            ),
            w("tblGrid", *(w("gridCol", w=width) for width in widths)),
        )
        if kind == "list":
            made.append(
                self.write_row(head, widths, ["Table Header"] * len(widths), kind, header=True)
            )
        names = [
            "Table Label" if kind == "form" and str(n + 1) in labels else "Table Text"
            for n in range(len(columns))
        ]
        sides = [ALIGNMENTS.get(alignment["t"]) for alignment, _ in columns]
        joined = _find_joined(rows)
        for row, columns_joined in zip(rows, joined, strict=True):
            made.append(
                self.write_row(row, widths, names, kind, sides=sides, joined=columns_joined)
            )
        return made

    def measure_columns(self, widths: str | None, count: int) -> list[int]:
        """Return the column widths in twentieths of a point."""
        try:
            percents = [float(part) for part in (widths or "").split()]
        except ValueError:
            percents = []
        if len(percents) != count or abs(sum(percents) - 100) > 0.01:
            raise TemplateError(f'widths="{widths}": needs {count} numbers that make 100')
        total = self.look.page.measure_text(landscape=self.landscape)
        edges = [round(total * sum(percents[:number]) / 100) for number in range(count + 1)]
        return [right - left for left, right in pairwise(edges)]

    def read_row(self, row: Sequence[Any]) -> list[list[Stretch]]:
        """Return the text of each cell."""
        cells = []
        for _, _, _, _, blocks in row[1]:
            if any(block["t"] not in ("Plain", "Para") for block in blocks) or len(blocks) > 1:
                raise TemplateError(f"a cell holds text only: {_quote(blocks)}")
            cells.append(self.read_stretches(blocks[0]["c"]) if blocks else [])
        return cells

    def write_row(
        self,
        cells: Sequence[list[Stretch]],
        widths: Sequence[int],
        names: Sequence[str],
        kind: str,
        *,
        sides: Sequence[str | None] = (),
        joined: Sequence[str | None] = (),
        header: bool = False,
    ) -> Element:
        """Return a row; a list's rows stay whole, a form's have a minimum height.

        ``joined`` tells of each cell whether it begins or continues a cell over several rows.
        """
        texts = [_join(cell) for cell in cells]
        row_tag = any("{%tr " in text for text in texts)
        if row_tag and (not _find_whole_tag(texts[0]) or any(texts[1:])):
            raise TemplateError(f"{' | '.join(texts)}: a {{%tr tag stands alone in its row")
        properties = w(
            "trPr",
            w("cantSplit") if kind == "list" else None,
            w("trHeight", val=MINIMUM_ROW, hRule="atLeast"),
            w("tblHeader") if header else None,
        )
        made = w("tr", properties)
        sides = sides or [None] * len(cells)
        joined = joined or [None] * len(cells)
        for n, (cell, name, side, rows) in enumerate(
            zip(cells, names, sides, joined, strict=True)
        ):
            if texts[n] == LEFT_MARK:
                if n == 0:
                    raise TemplateError(f"{' | '.join(texts)}: no cell left of {LEFT_MARK}")
                continue
            span = next((k for k in range(n + 1, len(cells)) if texts[k] != LEFT_MARK), len(cells))
            content = [] if texts[n] == UP_MARK else cell
            paragraphs = self.write_cell(content, "Table Text" if row_tag else name, side)
            placed = w(
                "tcPr",
                w("tcW", w=sum(widths[n:span]), type="dxa"),
                w("gridSpan", val=span - n) if span > n + 1 else None,
                w("vMerge", val=rows) if rows else None,
                w("vAlign", val="center"),
            )
            made.append(w("tc", placed, *paragraphs))
        return made

    def write_cell(
        self, stretches: Sequence[Stretch], name: str, side: str | None
    ) -> list[Element]:
        """Return the paragraphs of a cell, one for each piece between the marks."""
        pieces = _split_pieces(stretches)
        paragraphs = []
        for piece in pieces:
            text = _join(piece)
            _find_whole_tag(text)
            spans = {layout.span for layout, _ in piece}
            span = spans.pop() if len(spans) == 1 else None
            if span is not None and self.look.find_style(span):
                plain = [(Format(layout.bold), text) for layout, text in piece]
                paragraphs.append(self.assemble_paragraph(plain, span))
            else:
                alignment = w("jc", val=side) if side else None
                paragraphs.append(self.assemble_paragraph(piece, name, alignment))
        return paragraphs

    def read_stretches(self, inlines: Sequence[Node]) -> list[Stretch]:
        """Return the text with its tags back in place, neighbours of one format joined."""
        stretches = []
        for layout, group in groupby(self.walk_inlines(inlines, Format()), lambda s: s[0]):
            text = "".join(text for _, text in group)
            if any(mark in text for mark in ("{", "}", ":::")):
                raise TemplateError(f"stray markup: {text}")
            stretches.append((layout, _TOKEN.sub(lambda m: self.tags[int(m[1])], text)))
        return stretches

    def walk_inlines(self, inlines: Sequence[Node], layout: Format) -> Iterator[Stretch]:
        """Yield the text of each inline with its format."""
        for inline in inlines:
            content: Any = inline.get("c")
            match inline["t"]:
                case "Str":
                    yield layout, content
                case "Space" | "SoftBreak":
                    yield layout, " "
                case "LineBreak":
                    yield layout, "\n"
                case "Strong":
                    yield from self.walk_inlines(content, Format(True, layout.span))
                case "Span":
                    name = _find_attribute(content[0], "custom-style")
                    if name is None or layout.span:
                        raise TemplateError(f"a span names one custom-style: {_quote(content)}")
                    yield from self.walk_inlines(content[1], Format(layout.bold, name))
                case kind:
                    raise TemplateError(
                        f"{kind} is not supported, put \\ before a mark meant as text: "
                        f"{_quote(inline)}"
                    )


def _keep_rows(table: Element) -> None:
    """Set every row of a table but the last to stay on the page of the next."""
    for row in table.findall(w("tr").tag)[:-1]:
        for properties in row.iter(w("pPr").tag):
            properties.insert(1, w("keepNext"))


def _join(stretches: Sequence[Stretch]) -> str:
    return "".join(text for _, text in stretches)


def _quote(node: object) -> str:
    return json.dumps(node, ensure_ascii=False)[:120]


def _split_pieces(stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    pieces: list[list[Stretch]] = [[]]
    for layout, text in stretches:
        for number, part in enumerate(re.split(rf"(?:^|\s+){PIECE_MARK}(?:\s+|$)", text)):
            if number:
                pieces.append([])
            if part:
                pieces[-1].append((layout, part))
    return pieces


def compile_template(text: str) -> bytes:
    """Return the Word file made of the text of a template.md."""
    text = text.replace("\r\n", "\n")
    front = _FRONT_MATTER.match(text)
    if front is None or front["look"] not in style.LOOKS:
        raise TemplateError(f"begins with --- / style: {' or '.join(style.LOOKS)} / ---")
    look = style.LOOKS[front["look"]]
    if _UNDERLINE.search(text, front.end()):
        raise TemplateError("a line of = or - makes a heading of the line above; use #")
    sheltered, tags = _shelter_tags(text[front.end() :])
    document = json.loads(pypandoc.convert_text(sheltered, "json", format=FORMAT))
    composer = Composer(look, tags)
    body = list(composer.write_blocks(document["blocks"]))
    return style.compose(look, body, composer.restarts, composer.write_section())
