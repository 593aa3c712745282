"""One XML part of a Word file in which tags are filled in: where its tags stand, what is beside them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from beian.lint.blocks import Blocks
from beian.lint.elements import above, bare, joined, local, nearest_above
from beian.lint.judge import LABEL_EDGES, Judge
from beian.lint.report import Line, short
from beian.lint.tags import ANY_TAG, EDGE, PREFIX, Tag, beside_tags, check_words, scan
from beian.ooxml import w
from beian.render.wordsource import Whereabouts

#: What is no tag but would vanish with the paragraph, row or cell of a {%p %}, {%tr %}, {%tc %}.
_OBJECTS = {
    "drawing": "图形", "pict": "图形", "object": "嵌入对象", "footnoteReference": "脚注",
    "endnoteReference": "尾注", "sectPr": "分节符", "fldChar": "域",
}  # fmt: skip
#: Changes of the text, which the compile step refuses in any part with tags; changes of the form.
_TRACKED_TEXT = {"ins", "del", "moveFrom", "moveTo"}
_TRACKED_FORM = {
    "rPrChange", "pPrChange", "tblPrChange", "tblPrExChange", "trPrChange", "tcPrChange",
    "sectPrChange", "tblGridChange", "numberingChange", "cellIns", "cellDel", "cellMerge",
}  # fmt: skip
#: Columns that are left empty for people to fill in by hand.
_SIGNED = re.compile("签名|签字|签章|盖章|印章|日期")
#: Text that Word shows but that is not filled in, by the element that holds it.
_UNFILLED_TEXT = {"instrText": "域代码", "delInstrText": "域代码"}
_UNFILLED_ATTRIBUTES = {
    "instr": "域代码",
    "descr": "替代文字",
    "title": "替代文字",
    "string": "艺术字",
}


class Part:
    """One XML part of a Word file in which tags are filled in."""

    def __init__(self, root: Any, file: str, name: str, rank: int, judge: Judge) -> None:
        self.root, self.judge, self.report = root, judge, judge.report
        self.where = Whereabouts(root, file, name)
        self.paragraphs = [*root.iter(w("p"))]
        ranks = {one: rank * 1_000_000 + number for number, one in enumerate(self.paragraphs)}
        self.texts: dict[Any, list[Any]] = {one: [] for one in self.paragraphs}
        self.order: dict[Any, int] = {}
        for number, text in enumerate(root.iter(w("t"))):
            self.order[text] = number
            if (home := above(text, "p")) is not None:
                self.texts[home].append(text)
        self.lines = {
            one: Line(ranks[one], self._saying(one), joined(self.texts[one]))
            for one in self.paragraphs
        }
        self.tags: dict[Any, list[Tag]] = {}
        #: Whether the compile step looks at this part at all.
        self.has_tags = any("{" in line.text for line in self.lines.values())

    def check(self) -> None:
        for paragraph in self.paragraphs:
            self._check_paragraph(paragraph)
        tags = [(one, self.texts[home]) for home in self.paragraphs for one in self.tags[home]]
        tags.sort(key=lambda found: self.order[_pieces(found[0], found[1])[0]])
        Blocks([tag for tag, _ in tags], self.judge).check()
        self._check_changes()
        self._check_comments()
        self._check_unfilled()
        self._check_labels()

    def _saying(self, element: Any) -> Callable[[], str]:
        return lambda: self.where.words(element)

    def line_of(self, element: Any) -> Line:
        """The line of an element: its paragraph, or, above paragraphs, the element itself."""
        home = element if element.tag == w("p") else above(element, "p")
        if home is not None:
            return self.lines[home]
        first = next(element.iter(w("p")), None)
        number = self.lines[first].number if first is not None else 0
        return Line(number, self._saying(element))

    def _check_paragraph(self, paragraph: Any) -> None:
        line, texts = self.lines[paragraph], self.texts[paragraph]
        tags = [*scan(line.text, lambda _: line, self.report)]
        for tag in tags:
            self._place(tag, paragraph, _pieces(tag, texts))
            if not tag.unsure:
                self._check_borders(tag, _pieces(tag, texts))
        self.tags[paragraph] = tags
        check_words(beside_tags(line.text, tags), line, self.report)
        blank = "".join(_blank_words(run) for run in paragraph.iter(w("r")) if _underlined(run))
        if len(blank.expandtabs(3)) >= 3:
            hint = "需要填写的改为标签；供手写签名的保留。"
            self.report.add("template-blank", line, "带下划线的空格", hint)

    def _place(self, tag: Tag, paragraph: Any, pieces: list[Any]) -> None:
        """Finds the level of a tag; what shares its paragraph, row or cell must not be lost."""
        if tag.kind == "{{" and tag.prefix in ("p", "tr", "tc"):
            words = f"标签“{short(tag.shown)}”不在段落里"
            self.report.add(
                "template-misplaced-tag", tag.line, words, f"去掉标签中的 {tag.prefix}。"
            )
            tag.prefix = ""
        swallowed = {"p": paragraph, "tr": above(paragraph, "tr"), "tc": above(paragraph, "tc")}
        if tag.prefix not in swallowed:
            holder = pieces[0].getparent().getparent()
            tag.level, tag.home = holder, paragraph.getparent() if holder is paragraph else None
            if tag.kind == "{%" and re.match(r"\{%-|.*-%\}\Z", tag.shown, re.DOTALL):
                words = f"标签“{short(tag.shown)}”的减号会吞掉相邻的文字和段落"
                self.report.add("template-lost-text", tag.line, words, "去掉减号。")
            return
        element = swallowed[tag.prefix]
        if element is None:
            words = f"标签“{short(tag.shown)}”不在表格里"
            hint = f"{tag.prefix} 只用于表格；整段取舍的用 {{%p … %}}。"
            self.report.add("template-misplaced-tag", tag.line, words, hint)
            return
        tag.level = element.getparent()
        self._check_prefix(tag, element)

    def _check_prefix(self, tag: Tag, element: Any) -> None:
        if not PREFIX.match(tag.shown[2:]):
            words = f"标签“{short(tag.shown)}”的 {tag.prefix} 之前不能有空格"
            self.report.add("template-broken-tag", tag.line, words, f"写作 {{%{tag.prefix} … %}}。")
        if re.search(r"[%}]", tag.body):
            words = f"标签“{short(tag.shown)}”带 {tag.prefix}，其中不能有 % 和 }}"
            self.report.add("template-broken-tag", tag.line, words, "改用不带 % 的写法。")
        unit = {"p": "段", "tr": "行", "tc": "格"}[tag.prefix]
        rest = joined(element.iter(w("t"))).replace(tag.shown, "", 1).strip()
        things = [rest and f"文字“{short(rest, 20)}”", *_objects(element.iter())]
        if any(things):
            words = f"标签“{short(tag.shown)}”旁边的{'、'.join(filter(None, things))}会丢失"
            hint = f"该标签须独占一{unit}。"
            self.report.add("template-lost-text", self.line_of(element), words, hint)

    def _check_borders(self, tag: Tag, pieces: list[Any]) -> None:
        """A tag over several runs: what it swallows, what it tears, whose format it takes."""
        if len(pieces) < 2:
            return
        shown, first, last = f"标签“{short(tag.shown)}”", pieces[0], pieces[-1]
        between = [*_between(first, last)]
        if things := list(dict.fromkeys(_objects(between))):
            words = f"{shown}中间的{'、'.join(things)}会丢失"
            self.report.add("template-lost-text", tag.line, words, "移到标签之外。")
        if first.getparent().getparent() is not last.getparent().getparent():
            words = f"{shown}一半在超链接、修订或者内容控件里，一半在外"
            self.report.add(
                "template-broken-tag", tag.line, words, "删去后在一处重新输入整个标签。"
            )
        looks = {_look(piece.getparent()) for piece in pieces}
        if len(looks) > 1:
            words = f"{shown}各部分的格式不同，填入的内容只用第一部分的格式"
            self.report.add(
                "template-mixed-format", tag.line, words, "选中整个标签，设成同一种格式。"
            )

    def _check_changes(self) -> None:
        """Changes that nobody has accepted or refused yet."""
        for element in self.root.iter():
            name = local(element)
            if name not in _TRACKED_TEXT | _TRACKED_FORM:
                continue
            block = nearest_above(element, ("p", "tr"))
            line = self.line_of(element if block is None else block)
            hint = "在 Word 中接受或者拒绝全部修订。"
            if (name in _TRACKED_TEXT and self.has_tags) or (block is not None and _has_tag(block)):
                words = "有未接受的修订，会进入每一份文书"
                self.report.add("template-tracked-change", line, words, hint)
            else:
                words = "有未接受的格式修订" if name not in _TRACKED_TEXT else "有未接受的修订"
                self.report.add("template-tracked-change-elsewhere", line, words, hint)

    def _check_comments(self) -> None:
        waiting: set[str] = set()
        for element in self.root.iter():
            name = local(element)
            if name == "commentRangeStart":
                waiting.add(element.get(w("id"), ""))
            elif name == "commentRangeEnd":
                waiting.discard(element.get(w("id"), ""))
            is_start = name in ("commentRangeStart", "commentReference")
            home = above(element, "p") if is_start or (name == "t" and waiting) else None
            if home is None:
                continue
            words, line = "有批注，会进入每一份文书", self.lines[home]
            if _has_tag(home) or (name == "commentReference" and self.has_tags):
                self.report.add("template-comment", line, words, "删去批注。")
            elif is_start and not self.has_tags:
                self.report.add("template-comment-elsewhere", line, words, "删去批注。")

    def _check_unfilled(self) -> None:
        """Tags in field codes, alternative texts and the like: nothing is filled in there."""
        for element in self.root.iter():
            name = local(element)
            if name == "":
                continue
            held = [
                (_UNFILLED_ATTRIBUTES.get(bare(key), "属性"), value)
                for key, value in element.items()
            ]
            if element.tag not in (w("t"), w("delText")):
                held.append((_UNFILLED_TEXT.get(name, "公式或者图形"), element.text or ""))
            held.append(("正文之外", element.tail or ""))
            for what, value in held:
                if found := ANY_TAG.search(value):
                    words = f"标签“{short(found[0])}”写在{what}里，不会填写"
                    hint = "把标签移到正文、表格、文本框、页眉页脚或者脚注里。"
                    self.report.add("template-unfilled-place", self.line_of(element), words, hint)

    def _check_labels(self) -> None:
        for row in self.root.iter(w("tr")):
            cells = [cell for cell in row.iter(w("tc")) if above(cell, "tr") is row]
            for label, answer in itertools.pairwise(cells):
                words = joined(label.iter(w("t")))
                paths = self.judge.labels.get(LABEL_EDGES.sub("", words))
                if paths and _is_empty(answer) and not self._is_settled(row, answer, paths):
                    message = f"栏目“{short(words)}”右侧没有标签"
                    hint = "可以写 " + " 或者 ".join(f"{{{{ {one} }}}}" for one in paths[:3]) + "。"
                    line = self.line_of(next(answer.iter(w("p")), answer))
                    self.report.add("template-untagged-label", line, message, hint)

    def _is_settled(self, row: Any, answer: Any, paths: list[str]) -> bool:
        """Whether the row prints the fact elsewhere, or the column is for signing by hand."""
        if any(path in joined(row.iter(w("t"))) for path in paths):
            return True
        place = row.index(answer) if answer.getparent() is row else -1
        first = next((one for one in row.getparent() if one.tag == w("tr")), row)
        heading = first[place] if first is not row and 0 <= place < len(first) else answer
        return _SIGNED.search(joined(heading.iter(w("t")))) is not None


def _has_tag(block: Any) -> bool:
    text = joined(block.iter(w("t"), w("delText"), w("instrText")))
    return EDGE.search(text) is not None


def _is_empty(cell: Any) -> bool:
    merged = cell.find(f"{w('tcPr')}/{w('vMerge')}")
    if merged is not None and merged.get(w("val")) != "restart":
        return False
    words = joined(cell.iter(w("t"))).strip(" 　\t_＿")
    return not words and not [*_objects(cell.iter())]


def _pieces(tag: Tag, texts: list[Any]) -> list[Any]:
    """The w:t elements over which a tag stretches."""
    found, position = [], 0
    for one in texts:
        length = len(one.text or "")
        if length and position < tag.end and position + length > tag.start:
            found.append(one)
        position += length
    return found


def _between(first: Any, last: Any) -> Iterator[Any]:
    """The elements that stand after one w:t and before another of the same paragraph."""
    inside = False
    for element in above(first, "p").iter():
        if element is last:
            return
        if inside:
            yield element
        inside = inside or element is first


def _objects(elements: Iterable[Any]) -> Iterator[str]:
    for element in elements:
        name = local(element)
        if name in _OBJECTS:
            yield _OBJECTS[name]
        elif name == "br" and element.get(w("type")) == "page":
            yield "分页符"


def _look(run: Any) -> frozenset[tuple[str, tuple[tuple[str, str], ...]]]:
    """What a run looks like, as far as it shows."""
    properties = run.find(w("rPr"))
    looks = set()
    for one in () if properties is None else properties:
        if local(one) not in ("", "lang", "noProof", "rPrChange", "ins", "del"):
            given = tuple(sorted(item for item in one.items() if bare(item[0]) != "hint"))
            if given or local(one) != "rFonts":
                looks.add((one.tag, given))
    return frozenset(looks)


def _underlined(run: Any) -> bool:
    line = run.find(f"{w('rPr')}/{w('u')}")
    return line is not None and line.get(w("val"), "single") != "none"


def _blank_words(run: Any) -> str:
    words = "".join(
        "\t" if local(one) == "tab" else one.text or "" for one in run.iter(w("t"), w("tab"))
    )
    return "" if words.strip() else words
