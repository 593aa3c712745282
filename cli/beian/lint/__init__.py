"""Every problem of a template in one run, each with its place in the author's terms.

What the compile step refuses is refused here too, but all of it at once: each tag is parsed alone,
then the blocks are followed through the file. What the compile step cannot see (marks of drafting,
tags that Word has formatted unevenly, tags where nothing is filled in) is looked for on the page.
"""

from __future__ import annotations

from pathlib import Path

from beian.errors import BeianError
from beian.library import Library
from beian.lint.judge import Judge
from beian.lint.package import lint_word
from beian.lint.pages import lint_page, lint_workbook
from beian.lint.report import RULES, Report
from beian.model import Finding, Place

__all__ = ["RULES", "lint"]


def lint(file: Path | bytes, library: Library, *, audience: str | None) -> list[Finding]:
    """Every problem of a Word template, page.html or workbook.yaml, in the order of the text.

    ``audience`` is authority, public or internal; None leaves personal data unjudged. What the form
    of a document asks for (``personal`` in its document.yaml) may be in its own template.
    """
    name = "template.docx" if isinstance(file, bytes) else str(file)
    if isinstance(file, bytes):
        raw = file
    else:
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise BeianError(f"无法读取：{error.strerror or error}。", place=Place(name)) from None
    report = Report(name)
    ours = (one for one in library.documents.values() if file in one.templates.values())
    asked = next((one.personal for one in ours), ())
    judge = Judge(library, audience, report, asked)
    suffix = "" if isinstance(file, bytes) else file.suffix.lower()
    if suffix in (".html", ".htm"):
        lint_page(raw, name, judge)
    elif suffix in (".yaml", ".yml"):
        lint_workbook(raw, name, judge)
    else:
        lint_word(raw, name, judge)
    return report.findings()
