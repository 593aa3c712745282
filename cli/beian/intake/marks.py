"""The hidden cells by which a filled workbook is read again, wherever its answers have moved."""

from __future__ import annotations

import re

#: Begins every hidden cell that tells where an answer belongs.
MARK = "§"
#: The columns of a sheet; those with a name are found by it again.
PATH, BASE, NUMBER, TITLE, ANSWER, HELP = range(1, 7)
#: Help stands in merged cells up to this column.
LAST_HELP = 9
COLUMN_NAMES = {PATH: "path", BASE: "base", NUMBER: "number", ANSWER: "answer"}
#: What the rows of a table and between questions are marked as, instead of a path.
COLUMNS, HEAD, END, REFERENCE = "columns", "head", "end", "reference"
#: The hidden sheet with the drop-down lists.
CHOICES = "choices"

_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def escaped(text: str) -> str:
    """Text as a workbook stores it: what looks like its escape of a character is escaped."""
    return _LOOKS_ESCAPED.sub("_x005F_", text)


def unescaped(text: str) -> str:
    """Text as people see it, from how a workbook stores it."""
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    # Two halves of one character may have been escaped each.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
