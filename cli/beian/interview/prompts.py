"""The interview with prompts that move: arrow keys, marks, completion, an editor, a menu."""

from __future__ import annotations

import os
import shutil
from typing import Any

import questionary
from prompt_toolkit import print_formatted_text
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings

from beian.interview import editor
from beian.interview.screen import (
    Form,
    Reply,
    Screen,
    command_rows,
    command_title,
    lines_of,
    typed,
    wrapped,
)

#: Longer lines are hard to read, however wide the terminal is.
_WIDEST = 100

#: Commands that a list of choices offers as choices, below a line.
OFFERED = ("none", "skip", "table", "help")

#: Commands whose keys stand below the question.
_NAMED = ("back", "skip", "help", "quit")

_KEYS = {"c-b": "back", "c-k": "skip", "escape": "help"}


class Prompts:
    """Prompts on the terminal of this process; Ctrl-C raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self._last = ""

    def ask(self, screen: Screen) -> Reply:
        self._show(screen)
        while True:
            try:
                reply = self._prompt(screen)
            except EOFError:
                return Reply(command="quit")
            if reply.command != "edit" or "edit" not in screen.commands:
                self._echo(screen, reply)
                return reply
            text = editor.write(screen.draft)
            if text is not None:
                return Reply(command="edit", argument=text)
            self.say(wrapped(screen.words("no_editor"), _columns()))

    def say(self, lines: list[str]) -> None:
        for line in lines:
            print_formatted_text(line)

    def _show(self, screen: Screen) -> None:
        columns = _columns()
        again = bool(screen.path) and screen.path == self._last
        self._last = screen.path
        lines = lines_of(screen, columns, again=again)
        titled = wrapped(screen.title, columns)[0]
        styled = [("bold" if line == titled else "", f"{line}\n") for line in ["", *lines]]
        if not again:
            styled += [("italic", f"{line}\n") for line in wrapped(self._keys(screen), columns)]
        print_formatted_text(FormattedText(styled), end="")

    def _keys(self, screen: Screen) -> str:
        words = screen.words
        how = {Form.PICK: [words("keys_pick")], Form.MARK: [words("keys_mark")]}
        keys = [words(f"key_{name}") for name in _NAMED if name in screen.commands]
        return " · ".join([*how.get(screen.form, []), *keys])

    def _prompt(self, screen: Screen) -> Reply:
        kinds = {Form.LINE: _line, Form.PICK: _pick, Form.MARK: _mark}
        question = kinds[screen.form](screen)
        application = question.application
        application.key_bindings = merge_key_bindings([application.key_bindings, _bindings(screen)])
        application.ttimeoutlen = 0.1  # Esc is a key of its own here
        answer = question.unsafe_ask()
        if isinstance(answer, Reply):
            return answer
        if screen.form is Form.LINE:
            return typed(str(answer), screen)
        if not isinstance(answer, list):
            return Reply(keys=(answer,))
        commands = [one for one in answer if isinstance(one, Reply)]
        if commands and len(answer) > 1:
            return Reply(text=command_title(screen, "none"))
        return commands[0] if commands else Reply(keys=tuple(answer))

    def _echo(self, screen: Screen, reply: Reply) -> None:
        """What was answered stays in the terminal, also where the prompt has gone."""
        titles = {option.key: option.title for option in screen.options}
        if reply.keys is not None:
            shown = "、".join(titles.get(key, key) for key in reply.keys)
        elif reply.command == "accept":
            number = int(reply.argument) if reply.argument.isdigit() else 0
            shown = dict(enumerate(screen.suggested, 1)).get(number, "")
        elif reply.command:
            shown = (
                command_title(screen, reply.command) if (reply.command in screen.commands) else ""
            )
        else:
            shown = reply.text if not screen.secret else ""
        if shown:
            self.say(wrapped(f"› {shown}", _columns(), "  "))


def _columns() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)


def _bindings(screen: Screen) -> KeyBindings:
    bindings = KeyBindings()

    def bind(key: str, command: str) -> None:
        @bindings.add(key, eager=True)
        def _(event: KeyPressEvent) -> None:
            event.app.exit(result=Reply(command=command))

    for key, command in _KEYS.items():
        if command in screen.commands:
            bind(key, command)
    if screen.form is not Form.LINE:
        # What begins a typed command must not choose anything; nor may a letter mark everything.
        for key in ":：" if "help" in screen.commands else "":
            bind(key, "help")
        for key in "ai":
            bindings.add(key, eager=True)(lambda event: None)
    return bindings


def _line(screen: Screen) -> Any:
    if screen.files:
        return questionary.autocomplete(
            "›",
            choices=list(screen.files),
            default=screen.draft,
            qmark="",
            match_middle=True,
            erase_when_done=True,
        )
    if screen.any_file:
        return questionary.path(
            "›",
            default=screen.draft,
            qmark="",
            file_filter=lambda name: os.path.isdir(name) or name.lower().endswith(screen.any_file),
            erase_when_done=True,
        )
    return questionary.text(
        "›", default=screen.draft, qmark="", instruction="", erase_when_done=True
    )


def _pick(screen: Screen) -> Any:
    choices: list[Any] = [
        questionary.Choice(_titled(option.title, 4), value=option.key) for option in screen.options
    ]
    rows = [row for row in command_rows(screen) if row[0] in OFFERED]
    if rows:
        choices.append(questionary.Separator("──"))
        choices += [
            questionary.Choice(_titled(title, 4), value=Reply(command=name)) for name, title in rows
        ]
    first = screen.chosen[0] if screen.chosen else None
    known = {option.key for option in screen.options}
    return questionary.select(
        "",
        choices=choices,
        default=first if first in known else None,
        qmark="",
        pointer="›",
        instruction=" ",
        show_selected=False,
        use_jk_keys=False,
        erase_when_done=True,
    )


def _mark(screen: Screen) -> Any:
    choices = [
        questionary.Choice(
            _titled(option.title, 6), value=option.key, checked=option.key in screen.chosen
        )
        for option in screen.options
    ]
    if "none" in screen.commands:
        title = command_title(screen, "none")
        choices.append(questionary.Choice(_titled(title, 6), value=Reply(command="none")))
    return questionary.checkbox(
        "",
        choices=choices,
        qmark="",
        pointer="›",
        instruction=" ",
        use_jk_keys=False,
        erase_when_done=True,
    )


def _titled(title: str, taken: int) -> str:
    """A title that wraps below itself, where the list would cut it."""
    return ("\n" + " " * (taken - 1)).join(wrapped(title, _columns() - taken))
