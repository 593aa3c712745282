"""One screen and the reply to it: all that passes between the interview and a way of asking."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from beian.interview.words import COMMANDS, Words


class Form(Enum):
    """What a screen wants: a line of text, one option, or any number of options."""

    LINE = "line"
    PICK = "pick"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; ``key`` is what the reply names."""

    key: str
    title: str


@dataclass(frozen=True, slots=True)
class Screen:
    """What is to be shown and asked.

    ``body`` are (label, text) pairs, a label may be empty; ``notes`` tell what the last reply did.
    ``draft`` is the text that editing starts from; ``chosen`` the keys that hold now; ``commands``
    what may be done instead of answering; ``files`` the names that may complete what is typed; ``none``
    how "none" prints; ``secret`` that the answer is personal data and is not to be repeated;
    ``any_file`` that a file of this ending is asked for, wherever it lies.
    """

    heading: str
    title: str
    form: Form
    words: Words
    body: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    chosen: tuple[str, ...] = ()
    draft: str = ""
    commands: tuple[str, ...] = ()
    suggested: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    path: str = ""
    none: str | None = None
    secret: bool = False
    any_file: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: a text, the keys chosen, or a command with its argument."""

    text: str = ""
    keys: tuple[str, ...] | None = None
    command: str = ""
    argument: str = field(default="")


class Asker(Protocol):
    """A way of asking: shows a screen, and waits for the reply."""

    def ask(self, screen: Screen) -> Reply: ...

    def say(self, lines: list[str]) -> None: ...


# --- lines ---------------------------------------------------------------------------------------

#: Marks that may not begin a line, and those that may not end one.
_NO_START = "，。、；：！？）》】”’」』…,.;:!?)]}％%"
_NO_END = "（《【“‘「『([{"


def width(text: str) -> int:
    """Columns that a text takes in a terminal."""
    from wcwidth import wcswidth

    return max(wcswidth(text), 0)


def wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """The text in lines of at most ``columns``, the first without ``indent``, cut nowhere.

    Chinese breaks anywhere but before closing and after opening marks; words of Latin letters
    break at spaces, and only where one alone is too long inside.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = indent if lines else ""
        start = len(line)
        for piece in _pieces(paragraph):
            if width(line) + width(piece) <= columns:
                line += piece
                continue
            while piece[0] in _NO_START and len(line) > start + 1 and width(piece) < columns // 4:
                line, piece = line[:-1], line[-1] + piece
            while line[start:] and line[-1] in _NO_END:
                line, piece = line[:-1], line[-1] + piece
            if line.strip():
                lines.append(line.rstrip())
            line, start = indent, len(indent)
            for letter in piece.lstrip():
                if width(line) + width(letter) > columns:
                    lines.append(line)
                    line = indent
                line += letter
        lines.append(line.rstrip())
    return lines


def clipped(text: str, columns: int) -> str:
    """The text in one line of at most ``columns``, … where something was left out."""
    line = " ".join(text.split())
    if width(line) <= columns:
        return line
    while width(line) > columns - 2:
        line = line[:-1]
    return f"{line}…"


def _pieces(text: str) -> list[str]:
    """What may not be broken inside: single wide characters, and runs of others."""
    pieces: list[str] = []
    joined = False
    for letter in text:
        narrow = unicodedata.east_asian_width(letter) not in ("W", "F") and not letter.isspace()
        narrow = narrow and letter not in "·“”‘’…"
        if narrow and joined:
            pieces[-1] += letter
        else:
            pieces.append(letter)
        joined = narrow
    return pieces


def lines_of(screen: Screen, columns: int, *, again: bool = False) -> list[str]:
    """The text of a screen above its options, wrapped; of one shown ``again`` without the help."""
    lines = []
    for note in screen.notes:
        lines += wrapped(f"※ {note}", columns, "   ")
    body = screen.body
    if again:
        body = tuple(row for row in body if row[0].endswith("."))
    elif screen.heading:
        lines += wrapped(screen.heading, columns)
    lines += wrapped(screen.title, columns)
    pad = max((width(label) for label, _ in body), default=0) + 4
    for label, text in body:
        indent = " " * (pad if label else 2)
        head = f"  {label}" if label else "  "
        first = head + " " * (len(indent) - width(head))
        lines += wrapped(first + text, columns, indent)
    return lines


def command_rows(screen: Screen) -> list[tuple[str, str]]:
    """(command, what it does) of each command that the screen admits."""
    return [(name, command_title(screen, name)) for name in screen.commands]


def command_title(screen: Screen, name: str) -> str:
    """What a command does; "none" with how it prints, where that says more."""
    if name == "none" and screen.none in (None, "无"):
        return screen.words("none_plain")
    return screen.words(name, text=screen.none)


# --- what is typed -------------------------------------------------------------------------------


def typed(line: str, screen: Screen) -> Reply:
    """A typed line as a reply: ``:b`` and the like are commands, ``=`` takes a suggestion.

    Where there are options, numbers, codes and titles name them; a line that names none comes back
    as text, which no option admits. ``::`` begins a text that begins with a colon.
    """
    text = line.strip()
    if text.startswith(("::", "：：")):
        return Reply(text=text[1:])
    if text.startswith(("=", "＝")) and screen.suggested:
        return Reply(command="accept", argument=text[1:].strip() or "1")
    if text.startswith((":", "：")):
        name, _, argument = text[1:].strip().partition(" ")
        for command, words in COMMANDS.items():
            if name.lower() in words:
                return Reply(command=command, argument=argument.strip())
        for command, words in COMMANDS.items():
            rest = name[len(words[0]) :]
            if name.startswith(words[0]) and rest.isdigit():
                return Reply(command=command, argument=rest)
        return Reply(command="unknown", argument=text)
    if screen.form is Form.LINE:
        return Reply(text=text)
    wanted = [text] if screen.form is Form.PICK else _parted(text)
    keys = [_key(one, screen.options) for one in wanted]
    if not keys or None in keys:
        return Reply(text=text)
    return Reply(keys=tuple(dict.fromkeys(key for key in keys if key is not None)))


def _parted(text: str) -> list[str]:
    for mark in "，、,；;":
        text = text.replace(mark, " ")
    return text.split()


def _key(text: str, options: tuple[Option, ...]) -> str | None:
    plain = unicodedata.normalize("NFKC", text).lower()
    if plain.isdigit() and 1 <= int(plain) <= len(options):
        return options[int(plain) - 1].key
    named = [
        one.key
        for one in options
        if plain in (one.key.lower(), unicodedata.normalize("NFKC", one.title).lower())
    ]
    if not named and {one.key for one in options} >= {"true", "false"}:
        named = ["true"] if plain in ("y", "yes", "是") else []
        named = ["false"] if plain in ("n", "no", "否") else named
    return named[0] if named else None
