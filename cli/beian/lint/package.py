"""A Word file as a package: its kind, its parts, and what reaches out of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from beian.lint.elements import parsed
from beian.lint.fonts import Fonts
from beian.lint.judge import Judge
from beian.lint.part import Part
from beian.lint.report import Line, Report, short
from beian.lint.tags import ANY_TAG
from beian.render.word import is_text_part

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN_TYPE = b"wordprocessingml.document.main+xml"
_LARGEST = 200 * 1024 * 1024
#: Parts in which nothing is filled in; the first pattern that fits names them.
_UNFILLED_PARTS = [
    (r"word/comments", "批注"),
    (r"word/charts/", "图表"),
    (r"word/diagrams/", "SmartArt 图形"),
    (r"word/embeddings/", "嵌入对象"),
    (r"word/glossary/", "文档部件"),
    (r"docProps/", "文档属性"),
    (r"customXml/", "自定义 XML"),
    (r".*\.rels\Z", "链接地址"),
]
_SHAPES = {
    b"\xd0\xcf\x11\xe0": ("是旧版 .doc，或者是加密的文件", "用 Word 另存为 .docx，不设密码。"),
    b"%PDF": ("是 PDF", "用做成它的 Word 文件。"),
    b"{\\rtf": ("是 RTF", "用 Word 另存为 .docx。"),
}
_LINKS = {
    "attachedTemplate": "附加模板", "image": "链接的图片", "oleObject": "链接的对象",
    "subDocument": "子文档", "hyperlink": "本机或者内网的超链接",
}  # fmt: skip
_MACROS = re.compile(r"(?i).*(?:vbaProject\.bin|vbaData\.xml|/activeX/.*)\Z")


def lint_word(raw: bytes, file: str, judge: Judge) -> None:
    from beian.render import word

    report = judge.report
    parts = _unpacked(raw, report)
    if parts is None or not _is_template(parts, file, report):
        return
    fonts = Fonts(parts)
    names = sorted(
        filter(is_text_part, parts), key=lambda name: (name != "word/document.xml", name)
    )
    for rank, name in enumerate(names):
        root = parsed(parts[name])
        if root is None:
            report.add(
                "template-file",
                report.file,
                f"{name} 不是合法的 XML",
                "用 Word 打开修复，另存一次。",
            )
        else:
            page = Part(root, file, name, rank, judge)
            page.check()
            fonts.check(page)
    for name, part in parts.items():
        if name not in names:
            _check_unfilled_part(name, part, file, report)
    _check_package(parts, report)
    report.refused(report.file, lambda: word.compile_file(raw, file, judge.declared))


def _unpacked(raw: bytes, report: Report) -> dict[str, bytes] | None:
    """The parts of the file by name; None when it is no package that can be read."""
    shape = next((words for head, words in _SHAPES.items() if raw.startswith(head)), None)
    if shape is not None:
        report.add("template-file", report.file, f"不是 Word 文件（.docx）：{shape[0]}", shape[1])
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _LARGEST:
                report.add(
                    "template-file", report.file, "文件展开后超过 200 MB", "去掉图片等大的内容。"
                )
                return None
            return {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # zipfile lets through what struct, zlib, lzma and bz2 raise on damaged files
        report.add(
            "template-file",
            report.file,
            "不是 Word 文件（.docx），或者文件已损坏",
            "用 Word 另存为 .docx。",
        )
        return None


def _is_template(parts: dict[str, bytes], file: str, report: Report) -> bool:
    """Whether this is a plain Word document; anything else is reported."""
    types, save = parts.get("[Content_Types].xml", b""), "用 Word 另存为“Word 文档（*.docx）”。"
    if "word/document.xml" not in parts:
        report.add(
            "template-file", report.file, "文件中没有 word/document.xml，不是 Word 文档", save
        )
        return False
    if b"macroEnabled" in types or file.lower().endswith((".docm", ".dotm")):
        report.add("template-file", report.file, "是启用宏的 Word 文件", save)
    elif _MAIN_TYPE not in types:
        report.add(
            "template-file", report.file, "文件种类不是 Word 文档（例如是 .dotx 模板）", save
        )
    if _STRICT in parts["word/document.xml"][:4096]:
        hint = "另存时选“Word 文档（*.docx）”，不选“严格 Open XML 文档”。"
        report.add("template-file", report.file, "是严格 Open XML 文档，其中的标签无法识别", hint)
        return False
    return True


def _check_unfilled_part(name: str, raw: bytes, file: str, report: Report) -> None:
    """Tags in a part that is copied as it is."""
    what = next((words for pattern, words in _UNFILLED_PARTS if re.match(pattern, name)), name)
    for text in _texts_of_part(name, raw):
        for found in dict.fromkeys(ANY_TAG.findall(text)):
            place = f"{file} {what}“{short(found)}”"
            line = Line(10**9, lambda place=place: place)  # type: ignore[misc]  # bound here
            words = f"标签“{short(found)}”写在{what}里，不会填写"
            hint = "把标签移到正文、表格、文本框、页眉页脚或者脚注里。"
            report.add("template-unfilled-place", line, words, hint)


def _texts_of_part(name: str, raw: bytes) -> Iterator[str]:
    """What a part holds as text, with its markup and without; packages within are opened."""
    if name.endswith((".docx", ".xlsx", ".pptx")):
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                inner = [one for one in archive.infolist() if one.filename.endswith(".xml")]
                if sum(one.file_size for one in inner) <= _LARGEST:
                    for one in inner:
                        yield from _texts_of_part(one.filename, archive.read(one))
        except Exception:  # as in _unpacked
            return
    elif name.endswith((".xml", ".rels", ".vml", ".htm", ".html", ".txt", ".mht")):
        text = raw.decode("utf-8", "replace")
        yield text
        yield re.sub(r"<[^>]*>", "", text)


def _check_package(parts: dict[str, bytes], report: Report) -> None:
    """Whatever makes a document reach out of itself, or run."""
    if any(_MACROS.match(name) for name in parts):
        report.add(
            "template-macro", report.file, "文件中有宏或者 ActiveX 控件", "删去宏，另存为 .docx。"
        )
    for name in sorted(one for one in parts if one.endswith(".rels")):
        root = parsed(parts[name])
        for link in () if root is None else root.iter("{*}Relationship"):
            kind, target = link.get("Type", "").rpartition("/")[2], link.get("Target", "")
            local = re.match(r"(?i)file:|\\\\|[a-z]:\\", target)
            if link.get("TargetMode") != "External" or (kind == "hyperlink" and not local):
                continue
            words = f"{_LINKS.get(kind, '外部链接')}指向文件之外：{short(target, 60)}"
            report.add("template-external", report.file, words, "嵌入文件，或者删去链接。")
