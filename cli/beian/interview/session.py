"""The course of an interview: which screen stands before the user, and what a reply changes.

No terminal and no clock: a session shows screens and takes replies, so that every way of asking
behaves alike. Answers go to the store as they are given.
"""

from __future__ import annotations

from beian.errors import BeianError
from beian.interview.answer import read_text
from beian.interview.course import Course
from beian.interview.next_question import answered_below, first_parts, stated
from beian.interview.pages import (
    Asking,
    Choosing,
    Confirming,
    Helping,
    Page,
    Pointing,
    Proposing,
    Reviewing,
    Searching,
)
from beian.interview.question import Kind, Question
from beian.interview.saving import save
from beian.interview.screen import Reply, Screen
from beian.interview.screens import screen_of
from beian.interview.words import COMMANDS
from beian.interview.workbook import offered, take_over
from beian.model import Value

_CONTAINERS = (Kind.TEXTS, Kind.ITEMS, Kind.GROUP)


class Session(Course):
    """One interview: ``screen`` is what to show (None when it is over), ``take`` the reply to it."""

    def screen(self) -> Screen | None:
        """The screen to show; None when the interview is over."""
        return None if self.over else screen_of(self, self.page)

    def take(self, reply: Reply) -> None:
        """Does what a reply says; BeianError when an answer cannot be saved."""
        self.notes = []
        self.draft = None
        if reply.command:
            self._command(reply)
            return
        page = self.page
        if isinstance(page, Asking):
            self._answered(page, reply)
            return
        if isinstance(page, Searching) and reply.keys is None:
            self.page = page.back
            if reply.text:
                self.page = Searching("", page.back)
                self.jump(reply.text)
            return
        if isinstance(page, Pointing) and reply.keys is None:
            self.page = page.asking
            if reply.text:
                self._point(page.asking, reply.text)
            return
        if not reply.keys:
            key = "not_offered" if reply.text else "empty"
            self.notes.append(self.words(key, text=reply.text))
            return
        self._picked(page, reply.keys[0])

    def _answered(self, page: Asking, reply: Reply) -> None:
        question = self.question(page.path)
        if question.kind is Kind.TEXTS:
            self._text_item(page, reply.text)
        elif question.kind is Kind.ITEMS:
            self._item_action(page, reply)
        elif question.kind is Kind.GROUP and reply.keys:
            self._open(page, page.path)
        elif question.kind in (Kind.ONE_OF, Kind.YES_NO, Kind.MANY_OF):
            self._chosen(page, question, reply)
        elif reply.text:
            self._give(page, read_text(reply.text, question.kind))
        elif stated(self.store.facts.value, page.path):
            self.go_on(page)
        else:
            self.notes.append(self.words("empty"))

    def _chosen(self, page: Asking, question: Question, reply: Reply) -> None:
        if reply.keys is None and reply.text:
            self.notes.append(self.words("not_offered", text=reply.text))
            return
        codes: dict[str, Value] = {str(code): code for code, _ in question.options}
        if question.kind is Kind.YES_NO:
            codes = {"true": True, "false": False}
        values = [codes[key] for key in reply.keys or ()]
        if not values:
            if reply.keys is None and stated(self.store.facts.value, page.path):
                self.go_on(page)
                return
            many = question.kind is Kind.MANY_OF
            self.notes.append(self.words("pick_some" if many else "empty"))
            return
        if question.kind is Kind.MANY_OF:
            self._give(page, [code for code in codes.values() if code in values])
        else:
            self._give(page, values[0])

    def _text_item(self, page: Asking, text: str) -> None:
        """One item more, or one for each line pasted; an empty line ends the list."""
        value = self.value(page.path)
        items = value if isinstance(value, list) else []
        if not text and items:
            self._finish_list(page)
        elif not text and not stated(self.store.facts.value, page.path):
            self.notes.append(self.words("empty_list"))
        elif not text:
            self.go_on(page)
        else:
            self.remember("unfinished", page.path)
            more: list[Value] = [line.strip() for line in text.splitlines() if line.strip()]
            changes: dict[str, Value] = {page.path: more}
            if isinstance(value, list):
                changes = {f"{page.path}[{len(items) + n}]": one for n, one in enumerate(more)}
            if not save(self, changes, page.path) and not items:
                self.forget("unfinished", page.path)

    def _item_action(self, page: Asking, reply: Reply) -> None:
        key = (reply.keys or ("",))[0]
        value = self.value(page.path)
        items = value if isinstance(value, list) else []
        if key == "add":
            self.remember("unfinished", page.path)
            self._open(page, f"{page.path}[{len(items)}]")
        elif key == "done" or (not key and not reply.text and items):
            self._finish_list(page)
        elif key in ("change", "remove", "move"):
            self.page = Choosing(key, page)
        else:
            self.notes.append(self.words("not_offered", text=reply.text))

    def _finish_list(self, page: Asking) -> None:
        self.forget("unfinished", page.path)
        self.forget(
            "opened",
            *(one for one in self.store.progress.opened if one.startswith(f"{page.path}[")),
        )
        self.outlook = self.look()
        self.go_on(page)

    def _open(self, page: Asking, path: str) -> None:
        """Takes it that there is such an item or group, and asks for its parts."""
        self.forget("skipped", page.path)
        outlook = self.look(path)
        parts = [one for one in outlook.needed if one.startswith(f"{path}.")]
        parts = parts or first_parts((path,), outlook, self.library)
        if parts:
            self.remember("opened", path)
            self.outlook = outlook
            self.leave(page.path)
            self.page = Asking(parts[0])
        elif save(self, {path: {}}, path):
            self.go_on(page)

    def _give(self, page: Asking, value: Value) -> None:
        """Saves an answer if the schema admits it, and goes on."""
        if save(self, {page.path: value}, page.path):
            self.go_on(page)
        elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
            self.draft = str(value)

    def _command(self, reply: Reply) -> None:
        name, page = reply.command, self.page
        if name == "quit":
            self.over = True
            return
        if isinstance(page, Helping) and name != "back":
            self.page = page = page.about
        admitted = screen_of(self, page).commands
        if name == "accept" and isinstance(page, Asking):
            self._accept(page, reply.argument)
        elif name not in admitted:
            if name == "none":
                self.notes.append(self.words("no_none"))
            else:
                called = reply.argument if name == "unknown" else f":{COMMANDS[name][0]}"
                self.notes.append(self.words("no_such", name=called, all=":h"))
        elif name == "back":
            self.back(page)
        elif name == "help":
            self.page = Helping(page)
        elif name == "review":
            self.page = Reviewing()
        elif name == "jump":
            self.page = Searching("", page if not isinstance(page, Searching) else page.back)
            if reply.argument:
                self.jump(reply.argument)
        elif isinstance(page, Asking):
            self._command_on_question(name, page, reply)

    def _command_on_question(self, name: str, page: Asking, reply: Reply) -> None:
        if name == "skip":
            self._skip(page)
        elif name == "none":
            self._none(page)
        elif name == "clear":
            self._clear(page, null=False)
        elif name == "edit":
            self._edited(page, reply.argument)
        elif name == "table" and reply.argument:
            self._point(page, reply.argument)
        elif name == "table":
            self.page = Pointing(page)
        elif reply.argument:
            self._on_item(name, page, reply.argument)
        else:
            self.page = Choosing(name, page)

    def _accept(self, page: Asking, argument: str) -> None:
        found = self.question(page.path).suggested
        at = int(argument) if argument.isdigit() else 0
        if not 1 <= at <= len(found):
            self.notes.append(self.words("no_suggestion"))
            return
        self._give(page, found[at - 1][0])

    def _skip(self, page: Asking) -> None:
        if not stated(self.store.facts.value, page.path):
            self.remember("skipped", page.path)
        if page.path in self.store.progress.unfinished:
            self.forget("unfinished", page.path)
        self.go_on(page)

    def _none(self, page: Asking) -> None:
        if answered_below(self.store.facts.value, page.path):
            self._clear(page, null=True)
        else:
            self.forget("unfinished", page.path)
            self._give(page, None)

    def _clear(self, page: Asking, *, null: bool) -> None:
        below = answered_below(self.store.facts.value, page.path)
        if self.question(page.path).kind in _CONTAINERS and below:
            self.page = Confirming(page, page.path, null)
        elif null:
            self._give(page, None)
        elif save(self, {}, page.path, (page.path,)):
            self.remember("skipped", page.path)
            self.go_on(page)

    def _edited(self, page: Asking, text: str) -> None:
        """What came back from the editor: a text, or the whole list, one item a line."""
        question = self.question(page.path)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if not lines:
            return
        if question.kind is Kind.TEXTS:
            self._give(page, lines)
        else:
            self._give(page, " ".join(lines))

    def _point(self, page: Asking, named: str) -> None:
        """Reads a workbook for a list; nothing is written before it has been seen."""
        try:
            self.page = Proposing(page, offered(self, page.path, named))
        except BeianError as error:
            self.page = Pointing(page, named)
            self.notes.append(self.told(error))

    def _proposed(self, page: Proposing, key: str) -> None:
        self.page = page.asking if key != "other" else Pointing(page.asking)
        if key in ("all", "new") and take_over(self, page.offer, all_of_it=key == "all"):
            self._shifted(page.asking.path)

    def _on_item(self, name: str, page: Asking, argument: str) -> None:
        value = self.value(page.path)
        items = value if isinstance(value, list) else []
        at = int(argument) - 1 if argument.isdigit() else -1
        if not 0 <= at < len(items):
            self.page = page
            self.notes.append(self.words("no_item", number=argument))
            return
        path = f"{page.path}[{at}]"
        if name == "change":
            self._change(page, path)
        elif name == "move" and at:
            self.page = page
            save(self, {f"{page.path}[{at - 1}]": items[at], path: items[at - 1]}, page.path)
            self._shifted(page.path)
        elif name == "remove" and isinstance(items[at], dict) and items[at]:
            self.page = Confirming(page, path, null=False)
        elif name == "remove":
            self.page = page
            self._remove(page, path, len(items) == 1)

    def _change(self, page: Asking, path: str) -> None:
        field = self.library.schema.field(path)
        if field is None or field.kind != "object":
            self.page = Asking(path, page)
            return
        known = sorted(answered_below(self.store.facts.value, path), key=self.library.schema.order)
        self.remember("unfinished", page.path)
        self.page = Asking(known[0], page) if known else page
        if len(known) > 1:
            self.page = Searching(path, page)

    def _remove(self, page: Asking, path: str, last: bool) -> None:
        if save(self, {}, page.path, (page.path if last else path,)):
            self._shifted(page.path)

    def _shifted(self, path: str) -> None:
        """Positions in a list have changed: what is remembered by position no longer holds."""
        for name in ("skipped", "opened", "unfinished"):
            held: list[str] = getattr(self.store.progress, name)
            self.forget(name, *(one for one in held if one.startswith(f"{path}[")))
        self.trail = [one for one in self.trail if not one.startswith(f"{path}[")]
        self.outlook = self.look()

    def _picked(self, page: Page, key: str) -> None:
        if isinstance(page, Helping):
            self.page = page.about
            if key != "cancel":
                self._command(Reply(command=key))
        elif isinstance(page, Choosing):
            self.page = page.asking
            if key != "cancel":
                self._on_item(page.action, page.asking, key)
        elif isinstance(page, Confirming):
            self._confirmed(page, key == "true")
        elif isinstance(page, Proposing):
            self._proposed(page, key)
        elif isinstance(page, Searching):
            if isinstance(page.back, Asking) and page.back.then is None:
                self.leave(page.back.path)
            self.page = Asking(key, self.returning(page.back))
        elif isinstance(page, Reviewing):
            self._reviewed(page, key)
        elif key == "again":
            self.forget("skipped", *self.store.progress.skipped)
            self.page = self.following()
        elif key == "review":
            self.page = Reviewing()
        else:
            self.over = True

    def _confirmed(self, page: Confirming, sure: bool) -> None:
        self.page = page.asking
        if not sure:
            return
        if page.path != page.asking.path:
            value = self.value(page.asking.path)
            self._remove(page.asking, page.path, isinstance(value, list) and len(value) == 1)
        elif page.null:
            self.forget("unfinished", page.path)
            self._give(page.asking, None)
            self._shifted(page.path)
        elif save(self, {}, page.path, (page.path,)):
            self._shifted(page.path)
            self.remember("skipped", page.path)
            self.go_on(page.asking)

    def _reviewed(self, page: Reviewing, key: str) -> None:
        if key == "go_on":
            self.page = self.following()
        elif page.section:
            self.page = Asking(key, page)
        else:
            self.page = Reviewing(key)
