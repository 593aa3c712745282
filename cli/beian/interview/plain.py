"""The interview as numbered lines: for screen readers, poor terminals, recordings and scripts."""

from __future__ import annotations

from typing import TextIO

from beian.interview import editor
from beian.interview.screen import (
    Form,
    Reply,
    Screen,
    command_rows,
    lines_of,
    typed,
    wrapped,
)
from beian.interview.words import COMMANDS

#: Commands that stand below a question.
_NAMED = ("back", "none", "skip", "table", "jump", "review", "quit", "help")


class Plain:
    """Writes lines, reads lines; the end of the input ends the interview."""

    def __init__(self, reads: TextIO, writes: TextIO, columns: int = 80) -> None:
        self.reads = reads
        self.writes = writes
        self.columns = columns
        self._last = ""

    def ask(self, screen: Screen) -> Reply:
        again = bool(screen.path) and screen.path == self._last
        self._last = screen.path
        self.say(["", *lines_of(screen, self.columns, again=again), *self._options(screen)])
        if screen.commands and screen.path and not again:
            self.say(wrapped(f"（{self._named(screen)}）", self.columns))
        while True:
            self.writes.write(f"{self._prompt(screen)}> ")
            self.writes.flush()
            line = self.reads.readline()
            if not line:
                self.say([""])
                return Reply(command="quit")
            reply = typed(line, screen)
            if reply.command == "help":
                self.say(self._commands(screen))
            elif reply.command == "edit" and "edit" in screen.commands:
                text = editor.write(screen.draft) if self.reads.isatty() else None
                if text is not None:
                    return Reply(command="edit", argument=text)
                self.say(wrapped(screen.words("no_editor"), self.columns))
            else:
                return reply

    def say(self, lines: list[str]) -> None:
        self.writes.write("".join(f"{line}\n" for line in lines))
        self.writes.flush()

    def _options(self, screen: Screen) -> list[str]:
        lines = []
        for number, option in enumerate(screen.options, 1):
            mark = "*" if option.key in screen.chosen else " "
            head = f"{mark}{number}. "
            lines += wrapped(head + option.title, self.columns, " " * len(head))
        return lines

    def _prompt(self, screen: Screen) -> str:
        names = {Form.LINE: "answer", Form.PICK: "numbers", Form.MARK: "numbers_many"}
        return screen.words(names[screen.form])

    def _named(self, screen: Screen) -> str:
        """The commands used most, as far as the screen admits them, with what calls them."""
        at = 2 if screen.words.lang == "en" else 1
        named = (COMMANDS[name] for name in _NAMED if name in screen.commands)
        return "　".join(f"{words[at]} :{words[0]}" for words in named)

    def _commands(self, screen: Screen) -> list[str]:
        return [
            line
            for name, title in command_rows(screen)
            for line in wrapped(f"  :{COMMANDS[name][0]}  {title}", self.columns, "      ")
        ]
