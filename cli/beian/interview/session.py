"""The course of an interview: which screen stands before the user, and what a reply changes.

No terminal and no clock: a session shows screens and takes replies, so that every way of asking
behaves alike. Answers go to the store as they are given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from beian import paths, scope, yamltext
from beian.errors import BeianError
from beian.interview.next_question import (
    Outlook,
    answered,
    look,
    next_path,
    stated,
    value_at,
    with_opened,
)
from beian.interview.question import (
    Kind,
    Question,
    describe,
    kind_of,
    roles,
    section_title,
    title_of,
    who,
)
from beian.interview.screen import Form, Option, Reply, Screen, clipped, command_title
from beian.interview.store import Store
from beian.interview.words import COMMANDS, Words
from beian.library import Library
from beian.model import Finding, Value
from beian.needs import NEEDED, UNDETERMINED
from beian.printing import value_text
from beian.render.dispatch import Renderer
from beian.schema import SCHEMA_RULE, Field, mask

#: How many names a note lists, and how many hits a search shows.
_LISTED, _FOUND = 6, 30

#: Columns of an answer in the review, where one row is one answer.
_WIDEST_ANSWER = 44

#: Commands on every screen that asks for a fact.
_ALWAYS = ("back", "skip", "jump", "review", "help", "quit")
_CONTAINERS = (Kind.TEXTS, Kind.ITEMS, Kind.GROUP)


# --- where the user stands -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asking:
    """A question; afterwards the interview goes on, or returns to where the user came from."""

    path: str
    then: Page | None = None


@dataclass(frozen=True, slots=True)
class Choosing:
    """Which item of a list is to be changed, removed or moved."""

    action: str
    asking: Asking


@dataclass(frozen=True, slots=True)
class Confirming:
    """Whether answers below a path may go: ``answer`` is null, or the answer is taken away."""

    asking: Asking
    path: str
    null: bool


@dataclass(frozen=True, slots=True)
class Searching:
    """Where to go, and the page to return to."""

    text: str
    back: Page


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The answers of one section, or the sections."""

    section: str = ""


@dataclass(frozen=True, slots=True)
class Helping:
    """What may be done on a page."""

    about: Page


@dataclass(frozen=True, slots=True)
class Ending:
    """Nothing is left but what was skipped."""


Page = Asking | Choosing | Confirming | Searching | Reviewing | Helping | Ending


class Session:
    """One interview: ``screen`` is what to show (None when it is over), ``take`` the reply to it."""

    def __init__(
        self,
        store: Store,
        library: Library,
        as_of: str,
        *,
        only: tuple[str, ...] = (),
        section: str = "",
        lang: str = "zh",
        review: bool = False,
    ) -> None:
        self.store = store
        self.library = library
        self.as_of = as_of
        self.only = only
        self.section = section
        self.words = Words(lang)
        self.notes: list[str] = []
        self.trail: list[str] = []
        self.over = False
        #: Questions answered or refused so far in this session.
        self.asked = 0
        self._draft: str | None = None
        self._prune()
        #: What the schema says against the facts; after a change only its section is asked again.
        self._wrong = library.schema.check(store.facts.placed)
        self.outlook = self._look()
        self.page: Page = Reviewing() if review else self._following()

    # --- what stands on the screen ---------------------------------------------------------------

    def screen(self) -> Screen | None:
        """The screen to show; None when the interview is over."""
        if self.over:
            return None
        page = self.page
        if isinstance(page, Asking):
            made = self._asking(page)
        elif isinstance(page, Choosing):
            made = self._choosing(page)
        elif isinstance(page, Confirming):
            made = self._confirming(page)
        elif isinstance(page, Searching):
            made = self._searching(page)
        elif isinstance(page, Reviewing):
            made = self._reviewing(page)
        elif isinstance(page, Helping):
            made = self._helping(page)
        else:
            made = self._ending()
        return replace(made, notes=tuple(self.notes))

    def take(self, reply: Reply) -> None:
        """Does what a reply says; BeianError when an answer cannot be saved."""
        self.notes = []
        self._draft = None
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
                self._jump(reply.text)
            return
        if not reply.keys:
            key = "not_offered" if reply.text else "empty"
            self.notes.append(self.words(key, text=reply.text))
            return
        self._picked(page, reply.keys[0])

    @property
    def needed(self) -> int:
        """How many facts are still needed, at least."""
        return len(self._in_section(self.outlook.needed))

    # --- the pages -------------------------------------------------------------------------------

    def _asking(self, page: Asking) -> Screen:
        question = self._question(page.path)
        if question.kind is Kind.FILE:
            self.store.look_round()
        words, value = self.words, self._value(page.path)
        known = stated(self.store.facts.value, page.path)
        body = [("", question.help)] if question.help else []
        if question.basis:
            body.append((words("basis"), "；".join(question.basis)))
        if question.users:
            body.append((words("users"), self._listed(list(question.users), 3)))
        if question.who:
            role = roles(self.library.schema)[question.who]
            title = role["title"] if words.lang == "zh" else role["x-title-en"]
            body.append((words("who"), title))
        if known and question.kind not in (Kind.TEXTS, Kind.ITEMS):
            body.append((words("now"), self._shown(page.path, value)))
        if question.kind in (Kind.TEXTS, Kind.ITEMS):
            body += self._items(page.path, value)
        body += self._suggested(question)
        for finding in self._refused(self.outlook.result.findings, page.path):
            if known:
                body.append((words("note"), words("wrong", message=finding.message)))
        commands = [one for one in _ALWAYS if one != "skip" or not known]
        if question.none is not None:
            commands.insert(1, "none")
        if known:
            commands.insert(-2, "clear")
        form, options, chosen = self._form(question, value)
        if question.kind in (Kind.TEXT, Kind.TEXTS):
            commands.insert(-2, "edit")
        if question.kind in (Kind.TEXTS, Kind.ITEMS) and isinstance(value, list):
            commands[-2:-2] = ["change", "remove", *(["move"] if len(value) > 1 else [])]
        draft = self._draft if self._draft is not None else self._draft_of(question, value)
        if question.kind is Kind.TEXTS:
            body.append(("", words("list_how")))
        return Screen(
            heading=self._heading(page),
            title=question.title,
            form=form,
            words=words,
            body=tuple(body),
            options=options,
            chosen=chosen,
            draft=draft,
            commands=tuple(commands),
            suggested=tuple(str(one) for one, _ in question.suggested),
            files=self._files(question),
            path=page.path,
            none=question.none,
            secret=question.field.guarded,
        )

    def _heading(self, page: Asking) -> str:
        section = section_title(page.path, self.library.schema, self.words.lang)
        if page.then is not None:
            return self.words("editing", section=section)
        here = str(paths.parse(page.path)[0])
        return self.words(
            "progress",
            section=section,
            here=sum(1 for one in self.outlook.needed if paths.parse(one)[0] == here),
            answered=sum(1 for one in self._answers() if one in self.outlook.reads),
            needed=self.needed,
        )

    def _form(
        self, question: Question, value: Value
    ) -> tuple[Form, tuple[Option, ...], tuple[str, ...]]:
        words = self.words
        if question.kind in (Kind.ONE_OF, Kind.MANY_OF):
            options = tuple(Option(str(code), title) for code, title in question.options)
            if question.kind is Kind.MANY_OF:
                chosen = tuple(map(str, value)) if isinstance(value, list) else ()
                return Form.MARK, options, chosen
            return Form.PICK, options, (str(value),) if value is not None else ()
        if question.kind is Kind.YES_NO:
            options = (Option("true", words("yes")), Option("false", words("no")))
            chosen = (str(value).lower(),) if isinstance(value, bool) else ()
            return Form.PICK, options, chosen
        if question.kind is Kind.GROUP:
            return Form.PICK, (Option("there_is", words("there_is")),), ()
        if question.kind is Kind.ITEMS:
            names = ["add"]
            if isinstance(value, list) and value:
                names = ["done", "add", "change", "remove"] + (["move"] if len(value) > 1 else [])
            options = tuple(Option(name, words(name)) for name in names)
            return Form.PICK, options, ("add",) if self._unfinished(question.path) else ()
        return Form.LINE, (), ()

    def _draft_of(self, question: Question, value: Value) -> str:
        if question.kind is Kind.TEXTS or value is None or isinstance(value, (list, dict)):
            return ""
        if question.field.guarded:
            return ""  # Enter keeps what is there; personal data is not shown again
        return str(value) if question.kind in (Kind.TEXT, Kind.NUMBER, Kind.DAY, Kind.FILE) else ""

    def _items(self, path: str, value: Value) -> list[tuple[str, str]]:
        if not isinstance(value, list):
            return []
        return [
            (f"{number}.", self._item_text(f"{path}[{number - 1}]", item))
            for number, item in enumerate(value, 1)
        ]

    def _item_text(self, path: str, item: Value) -> str:
        if not isinstance(item, dict):
            return self._shown(path, item)
        parts = [
            self._shown(f"{path}.{key}", part)
            for key, part in item.items()
            if not isinstance(part, (dict, list))
        ]
        return " · ".join(parts[:3]) or self.words("unanswered")

    def _suggested(self, question: Question) -> list[tuple[str, str]]:
        words, found = self.words, []
        for number, (value, source) in enumerate(question.suggested, 1):
            title = self._title(source)
            said = words("from", value=self._shown(question.path, value), title=title)
            many = len(question.suggested) > 1
            how = words("accept_number", number=number) if many else words("accept")
            found.append((words("suggested") if number == 1 else "", f"{said}　{how}"))
        return found

    def _files(self, question: Question) -> tuple[str, ...]:
        folders = tuple(question.field.schema.get("x-file", ()))
        files = self.store.facts.files or frozenset()
        return tuple(sorted(one for one in files if folders and one.startswith(folders)))

    def _choosing(self, page: Choosing) -> Screen:
        value = self._value(page.asking.path)
        items = value if isinstance(value, list) else []
        options = [
            Option(str(number), self._item_text(f"{page.asking.path}[{number - 1}]", item))
            for number, item in enumerate(items, 1)
        ]
        options.append(Option("cancel", self.words("cancel")))
        title = f"{self.words(page.action)}　{self.words('which')}"
        return Screen(
            self._heading(page.asking),
            title,
            Form.PICK,
            self.words,
            options=tuple(options),
            commands=("back", "quit"),
        )

    def _confirming(self, page: Confirming) -> Screen:
        count = len(answered_below(self.store.facts.value, page.path))
        options = (Option("cancel", self.words("cancel")), Option("true", self.words("yes")))
        return Screen(
            self._title(page.path),
            self.words("keep_first", count=count),
            Form.PICK,
            self.words,
            options=options,
            commands=("back", "quit"),
        )

    def _searching(self, page: Searching) -> Screen:
        words = self.words
        if not page.text:
            return Screen(
                words("jump"),
                words("jump_to"),
                Form.LINE,
                words,
                commands=("back", "review", "quit"),
            )
        found = self._search(page.text)
        options = tuple(Option(path, self._full_title(path)) for path in found[:_FOUND])
        body: tuple[tuple[str, str], ...] = ()
        if len(found) > _FOUND:
            body = (("", words("many", shown=_FOUND, count=len(found))),)
        return Screen(
            words("jump"),
            words("matches", count=len(found)),
            Form.PICK,
            words,
            body=body,
            options=options,
            commands=("back", "jump", "review", "quit"),
        )

    def _reviewing(self, page: Reviewing) -> Screen:
        words = self.words
        rest = Option("go_on", words("go_on"))
        if page.section:
            title = words("review_fields", section=self._title(page.section))
            options = [Option(path, self._row(path)) for path in self._rows(page.section)]
            return Screen(
                "",
                title,
                Form.PICK,
                words,
                options=(*options, rest),
                commands=("back", "jump", "quit"),
            )
        options = []
        for key, field in self.library.schema.fields.items():
            rows = self._rows(key) if "." not in key and "[" not in key else []
            if rows:
                options.append(Option(key, self._counts(key, field, rows)))
        return Screen(
            "",
            words("review_sections"),
            Form.PICK,
            words,
            options=(rest, *options),
            commands=("back", "jump", "quit"),
        )

    def _counts(self, key: str, field: Field, rows: list[str]) -> str:
        known = [path for path in rows if stated(self.store.facts.value, path)]
        unused = sum(1 for path in known if path not in self.outlook.reads)
        title = self._title(key) if self.words.lang == "en" else field.title
        said = self.words("counts", section=title, answered=len(known))
        if len(rows) > len(known):
            said += self.words("counts_needed", needed=len(rows) - len(known))
        return said + (self.words("counts_unused", unused=unused) if unused else "")

    def _row(self, path: str) -> str:
        title = title_of(path, self.library.schema, self.words.lang)
        if not stated(self.store.facts.value, path):
            return f"{title}：{self.words('unanswered')}"
        mark = "" if path in self.outlook.reads else self.words("unused_mark")
        return f"{title}：{clipped(self._shown(path, self._value(path)), _WIDEST_ANSWER)}{mark}"

    def _rows(self, section: str) -> list[str]:
        """The answers and the needed facts of a section, in question order."""
        schema = self.library.schema
        known = [
            path
            for path in {*self._answers(), *self.outlook.needed}
            if paths.parse(path)[0] == section
            and (field := schema.field(path)) is not None
            and kind_of(field, schema) is not None
        ]
        return sorted(known, key=schema.order)

    def _helping(self, page: Helping) -> Screen:
        about = self._screen_of(page.about)
        options = [
            Option(name, f"{command_title(about, name)}（:{COMMANDS[name][0]}）")
            for name in about.commands
            if name != "help"
        ]
        options.append(Option("cancel", self.words("cancel")))
        return Screen(
            about.heading,
            self.words("help"),
            Form.PICK,
            self.words,
            options=tuple(options),
            commands=("back", "quit"),
        )

    def _screen_of(self, page: Page) -> Screen:
        held, self.page = self.page, page
        made = self.screen()
        self.page = held
        assert made is not None
        return made

    def _ending(self) -> Screen:
        words, body = self.words, []
        skipped = self._in_section(self.outlook.needed)
        if skipped:
            schema = self.library.schema
            for name, role in roles(schema).items():
                mine = [
                    path
                    for path in skipped
                    if (field := schema.field(path)) is not None and who(field, schema) == name
                ]
                if mine:
                    title = role["title"] if words.lang == "zh" else role["x-title-en"]
                    body.append(("", words("of_whom", who=title, count=len(mine))))
                    body += [("　", self._full_title(path)) for path in mine[:_FOUND]]
        for path in self.outlook.open_points:
            title = self._derived_title(path)
            body.append(("", words("for_counsel", title=title)))
        for finding in self._standing(self.outlook):
            body.append((finding.level.label, finding.message))
        title = words("only_skipped", count=len(skipped)) if skipped else words("finished")
        names = [*(["again"] if skipped else []), "review", "finish"]
        return Screen(
            "",
            title,
            Form.PICK,
            words,
            body=tuple(body),
            options=tuple(Option(name, words(name)) for name in names),
            commands=("back", "jump", "review", "quit"),
        )

    # --- answers ---------------------------------------------------------------------------------

    def _answered(self, page: Asking, reply: Reply) -> None:
        question = self._question(page.path)
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
            self._go_on(page)
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
                self._go_on(page)
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
        value = self._value(page.path)
        items = value if isinstance(value, list) else []
        if not text and items:
            self._finish_list(page)
        elif not text and not stated(self.store.facts.value, page.path):
            self.notes.append(self.words("empty_list"))
        elif not text:
            self._go_on(page)
        else:
            self._remember("unfinished", page.path)
            more: list[Value] = [line.strip() for line in text.splitlines() if line.strip()]
            changes: dict[str, Value] = {page.path: more}
            if isinstance(value, list):
                changes = {f"{page.path}[{len(items) + n}]": one for n, one in enumerate(more)}
            if not self._save(changes, page.path) and not items:
                self._forget("unfinished", page.path)

    def _item_action(self, page: Asking, reply: Reply) -> None:
        key = (reply.keys or ("",))[0]
        value = self._value(page.path)
        items = value if isinstance(value, list) else []
        if key == "add":
            self._remember("unfinished", page.path)
            self._open(page, f"{page.path}[{len(items)}]")
        elif key == "done" or (not key and not reply.text and items):
            self._finish_list(page)
        elif key in ("change", "remove", "move"):
            self.page = Choosing(key, page)
        else:
            self.notes.append(self.words("not_offered", text=reply.text))

    def _finish_list(self, page: Asking) -> None:
        self._forget("unfinished", page.path)
        self._forget(
            "opened",
            *(one for one in self.store.progress.opened if one.startswith(f"{page.path}[")),
        )
        self.outlook = self._look()
        self._go_on(page)

    def _open(self, page: Asking, path: str) -> None:
        """Takes it that there is such an item or group, and asks for its parts."""
        self._forget("skipped", page.path)
        outlook = self._look(path)
        parts = [one for one in outlook.needed if one.startswith(f"{path}.")]
        item = self.library.schema.field(path)
        if not parts and page.path != path and item is not None:
            parts = [f"{path}.{item.keys[0]}"]  # an item is there only once something is said of it
        if parts:
            self._remember("opened", path)
            self.outlook = outlook
            self._leave(page.path)
            self.page = Asking(parts[0])
        elif self._save({path: {}}, path):
            self._go_on(page)

    def _give(self, page: Asking, value: Value) -> None:
        """Saves an answer if the schema admits it, and goes on."""
        if self._save({page.path: value}, page.path):
            self._go_on(page)
        elif isinstance(value, str):
            self._draft = value

    def _save(self, changes: dict[str, Value], about: str, removed: tuple[str, ...] = ()) -> bool:
        """Whether the change was admitted and written; otherwise the notes say why not."""
        try:
            for value in changes.values():
                refuse_control(value)
        except BeianError as error:
            self.notes.append(f"{error.message}{error.hint or ''}")
            return False
        section = str(paths.parse(about)[0])
        found = self._findings(section, changes, removed)
        refused = self._refused(found, about)
        if refused:
            self.notes += [f"{one.message}{one.hint or ''}" for one in refused]
            return False
        try:
            self.store.save(changes, removed)
        except BeianError as error:
            self.notes.append(f"{error.message}{error.hint or ''}")
            return False
        others = [one for one in self._wrong if not _in_part(one.path, section)]
        self._wrong = [*others, *found]
        self._prune()
        before, self.outlook = self.outlook, self._look()
        self._tell(before, about)
        return True

    def _findings(
        self, section: str, changes: dict[str, Value], removed: tuple[str, ...]
    ) -> list[Finding]:
        """What the schema says of a section with the changes made, by the same path as a file."""
        facts = with_opened(self.store.facts, self.store.progress.opened if changes else ())
        value: Value = facts.value
        for path, new in changes.items():
            value = paths.with_value(value, paths.parse(path), new)
        for path in removed:
            value = paths.without(value, paths.parse(path))
        part = {section: value[section]} if section in value else {}
        return self.library.schema.check(replace(facts.placed, value=part))

    def _refused(self, findings: Iterable[Finding], path: str) -> list[Finding]:
        return [
            one
            for one in findings
            if one.rule == SCHEMA_RULE
            and (one.path == path or one.path.startswith((f"{path}.", f"{path}[")))
        ]

    # --- what an answer did ----------------------------------------------------------------------

    def _tell(self, before: Outlook, path: str) -> None:
        """Says what a change did beyond itself."""
        now, words = self.outlook, self.words
        known = self._answers()
        gone = [one for one in known if one in before.reads and one not in now.reads]
        back = [
            one
            for one in known
            if one in now.reads
            and one not in before.reads
            and stated(before.result.facts.value, one)
            and one != path
        ]
        for key, found in (("unused", gone), ("used_again", back)):
            if found:
                titles = [self._full_title(one) for one in found]
                self.notes.append(words(key, count=len(found), titles=self._listed(titles)))
        self.notes += self._conclusions(before)
        old = {one.message for one in before.result.findings}
        for one in now.result.findings:
            if one.path == path and one.message not in old and one in self._standing(now):
                self.notes.append(f"{one.level.label}　{one.message}{one.hint or ''}")

    def _conclusions(self, before: Outlook) -> list[str]:
        """The scope and the route, once the answers decide them."""
        said = []
        for path in (scope.IN_SCOPE, scope.ROUTE):
            if path not in self.library.conclusions:
                continue
            done = self.outlook.result.derived.conclude(path)
            old = before.result.derived.conclude(path)
            if done.open is not None and old.open is None:
                said.append(f"{self._derived_title(path)}：{done.open}")
            if done.needs is None and (old.needs is not None or old.value != done.value):
                field = self.library.derived_schema.fields[path]
                title = self._derived_title(path)
                said.append(
                    self.words(
                        "concluded",
                        title=title,
                        value=value_text(done.value, field),
                        because=done.because,
                    )
                )
        return said

    def _derived_title(self, path: str) -> str:
        field = self.library.derived_schema.fields[path]
        return f"{field.title_en}（{field.title}）" if self.words.lang == "en" else field.title

    def _standing(self, outlook: Outlook) -> list[Finding]:
        """What rules found against the answers, absent facts aside."""
        aside = (NEEDED, UNDETERMINED, SCHEMA_RULE, "as-of")
        return [
            one for one in outlook.result.findings if one.rule not in aside and one.waiver is None
        ]

    # --- commands and choices --------------------------------------------------------------------

    def _command(self, reply: Reply) -> None:
        name, page = reply.command, self.page
        if name == "quit":
            self.over = True
            return
        if isinstance(page, Helping) and name != "back":
            self.page = page = page.about
        admitted = self._screen_of(page).commands
        if name == "accept" and isinstance(page, Asking):
            self._accept(page, reply.argument)
        elif name not in admitted:
            if name == "none":
                self.notes.append(self.words("no_none"))
            else:
                called = reply.argument if name == "unknown" else f":{COMMANDS[name][0]}"
                self.notes.append(self.words("no_such", name=called, all=":h"))
        elif name == "back":
            self._back(page)
        elif name == "help":
            self.page = Helping(page)
        elif name == "review":
            self.page = Reviewing()
        elif name == "jump":
            self.page = Searching("", page if not isinstance(page, Searching) else page.back)
            if reply.argument:
                self._jump(reply.argument)
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
        elif reply.argument:
            self._on_item(name, page, reply.argument)
        else:
            self.page = Choosing(name, page)

    def _accept(self, page: Asking, argument: str) -> None:
        found = self._question(page.path).suggested
        at = int(argument) if argument.isdigit() else 0
        if not 1 <= at <= len(found):
            self.notes.append(self.words("no_suggestion"))
            return
        self._give(page, found[at - 1][0])

    def _skip(self, page: Asking) -> None:
        if not stated(self.store.facts.value, page.path):
            self._remember("skipped", page.path)
        if page.path in self.store.progress.unfinished:
            self._forget("unfinished", page.path)
        self._go_on(page)

    def _none(self, page: Asking) -> None:
        if answered_below(self.store.facts.value, page.path):
            self._clear(page, null=True)
        else:
            self._forget("unfinished", page.path)
            self._give(page, None)

    def _clear(self, page: Asking, *, null: bool) -> None:
        below = answered_below(self.store.facts.value, page.path)
        if self._question(page.path).kind in _CONTAINERS and below:
            self.page = Confirming(page, page.path, null)
        elif null:
            self._give(page, None)
        elif self._save({}, page.path, (page.path,)):
            self._remember("skipped", page.path)
            self._go_on(page)

    def _edited(self, page: Asking, text: str) -> None:
        """What came back from the editor: a text, or the whole list, one item a line."""
        question = self._question(page.path)
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if not lines:
            return
        if question.kind is Kind.TEXTS:
            self._give(page, lines)
        else:
            self._give(page, " ".join(lines))

    def _on_item(self, name: str, page: Asking, argument: str) -> None:
        value = self._value(page.path)
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
            self._save({f"{page.path}[{at - 1}]": items[at], path: items[at - 1]}, page.path)
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
        self._remember("unfinished", page.path)
        self.page = Asking(known[0], page) if known else page
        if len(known) > 1:
            self.page = Searching(path, page)

    def _remove(self, page: Asking, path: str, last: bool) -> None:
        if self._save({}, page.path, (page.path if last else path,)):
            self._shifted(page.path)

    def _shifted(self, path: str) -> None:
        """Positions in a list have changed: what is remembered by position no longer holds."""
        for name in ("skipped", "opened", "unfinished"):
            held: list[str] = getattr(self.store.progress, name)
            self._forget(name, *(one for one in held if one.startswith(f"{path}[")))
        self.trail = [one for one in self.trail if not one.startswith(f"{path}[")]
        self.outlook = self._look()

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
        elif isinstance(page, Searching):
            if isinstance(page.back, Asking) and page.back.then is None:
                self._leave(page.back.path)
            self.page = Asking(key, self._returning(page.back))
        elif isinstance(page, Reviewing):
            self._reviewed(page, key)
        elif key == "again":
            self._forget("skipped", *self.store.progress.skipped)
            self.page = self._following()
        elif key == "review":
            self.page = Reviewing()
        else:
            self.over = True

    def _confirmed(self, page: Confirming, sure: bool) -> None:
        self.page = page.asking
        if not sure:
            return
        if page.path != page.asking.path:
            value = self._value(page.asking.path)
            self._remove(page.asking, page.path, isinstance(value, list) and len(value) == 1)
        elif page.null:
            self._forget("unfinished", page.path)
            self._give(page.asking, None)
            self._shifted(page.path)
        elif self._save({}, page.path, (page.path,)):
            self._shifted(page.path)
            self._remember("skipped", page.path)
            self._go_on(page.asking)

    def _reviewed(self, page: Reviewing, key: str) -> None:
        if key == "go_on":
            self.page = self._following()
        elif page.section:
            self.page = Asking(key, page)
        else:
            self.page = Reviewing(key)

    # --- ways through the interview --------------------------------------------------------------

    def _go_on(self, page: Asking) -> None:
        self.asked += 1
        if page.then is not None:
            self.page = page.then
            return
        self._leave(page.path)
        self.page = self._following()

    def _leave(self, path: str) -> None:
        if path in self.trail:
            self.trail.remove(path)
        self.trail.append(path)

    def _following(self) -> Page:
        progress = self.store.progress
        unfinished = [one for one in progress.unfinished if self._list_counts(one)]
        path = next_path(
            self.outlook,
            self.library,
            skipped=progress.skipped,
            unfinished=unfinished,
            section=self.section,
        )
        return Asking(path) if path is not None else Ending()

    def _list_counts(self, path: str) -> bool:
        return self.outlook.uses(path) or any(
            one.startswith(f"{path}[") for one in self.outlook.reads
        )

    def _back(self, page: Page) -> None:
        if isinstance(page, Asking) and page.then is not None:
            self.page = page.then
        elif isinstance(page, (Choosing, Confirming)):
            self.page = page.asking
        elif isinstance(page, Helping):
            self.page = page.about
        elif isinstance(page, Searching):
            self.page = page.back
        elif isinstance(page, Reviewing):
            self.page = Reviewing() if page.section else self._following()
        else:
            self._back_to_earlier(page.path if isinstance(page, Asking) else "")

    def _back_to_earlier(self, here: str) -> None:
        """The question answered before; after a new start, the one before in question order."""
        order = self.library.schema.order
        while self.trail:
            path = self.trail.pop()
            if path != here and (not path.endswith("]") or stated(self.store.facts.value, path)):
                self.page = Asking(path)
                return
        earlier = [
            path
            for path in self._answers()
            if path in self.outlook.reads and (not here or order(path) < order(here))
        ]
        if earlier:
            self.page = Asking(max(earlier, key=order))
        else:
            self.notes.append(self.words("cannot_back"))

    def _jump(self, text: str) -> None:
        page = self.page
        assert isinstance(page, Searching)
        self.page = Searching(text, page.back)
        if not self._search(text):
            self.page = Searching("", page.back)
            unused = [
                field.title
                for path, field in self.library.schema.fields.items()
                if text in (path, paths.generic(path), field.title, field.title_en)
            ]
            if unused:
                self.notes.append(self.words("not_used", title=unused[0]))
            else:
                self.notes.append(self.words("no_match", text=text))

    def _returning(self, page: Page) -> Page | None:
        """Where a question that was jumped to leads back to: a review, or the course of things."""
        if isinstance(page, Asking):
            return page.then
        return page if isinstance(page, Reviewing) else None

    def _search(self, text: str) -> list[str]:
        """Answers and needed facts whose title, section or path contains the text."""
        wanted = unicodedata.normalize("NFKC", text).lower().split()
        schema = self.library.schema
        pool = {*self._answers(), *self.outlook.needed, *self._lists()}
        hits = []
        for path in sorted(pool, key=schema.order):
            field = schema.field(path)
            if field is None or kind_of(field, schema) is None:
                continue
            section = section_title(path, schema, self.words.lang)
            said = f"{path} {section} {schema.title(path)} {title_of(path, schema, 'en')}".lower()
            if path.startswith((f"{text}.", f"{text}[")) or all(one in said for one in wanted):
                hits.append(path)
        return hits

    def _lists(self) -> set[str]:
        """The lists of groups that hold answers, where items are added and removed."""
        return {paths.generic(path).partition("[]")[0] for path in self._answers() if "[" in path}

    # --- small things ----------------------------------------------------------------------------

    def _look(self, *more: str) -> Outlook:
        return look(
            self.store.facts,
            self.library,
            self.as_of,
            only=self.only,
            opened=(*self.store.progress.opened, *more),
            wrong=self._wrong,
        )

    def _question(self, path: str) -> Question:
        return describe(
            path,
            self.library,
            users=self._users(path),
            view=self.outlook.result.view,
            lang=self.words.lang,
        )

    def _users(self, path: str) -> tuple[str, ...]:
        """Who waits for an answer; of one that is there, the documents that print it."""
        waiting = self.outlook.users.get(path, ())
        return waiting or self._readers.get(paths.generic(path), ())

    @cached_property
    def _readers(self) -> dict[str, tuple[str, ...]]:
        """The documents whose text names a generic path, by path."""
        found: dict[str, dict[str, None]] = {}
        renderer = Renderer(self.library)
        for document in self.library.documents.values():
            for read, _ in renderer.reads(document):
                found.setdefault(read.path, {})[f"《{document.title}》"] = None
        return {path: tuple(titles) for path, titles in found.items()}

    def _value(self, path: str) -> Value:
        return value_at(self.store.facts.value, path)

    def _answers(self) -> list[str]:
        return answered(self.store.facts.value)

    def _in_section(self, found: Iterable[str]) -> list[str]:
        return [one for one in found if not self.section or paths.parse(one)[0] == self.section]

    def _unfinished(self, path: str) -> bool:
        return path in self.store.progress.unfinished

    def _shown(self, path: str, value: Value) -> str:
        """A value as the screen repeats it: choices by title, personal data masked."""
        field = self.library.schema.field(path)
        if isinstance(value, dict):
            return self.words("there_is").partition("，")[0].partition(":")[0]
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            return f"{len(value)}"
        text = value_text(value, field)
        return mask(text) if field is not None and field.sensitive and value is not None else text

    def _title(self, path: str) -> str:
        field = self.library.field(paths.generic(path))
        if field is not None and self.words.lang == "en" and field.title_en:
            return f"{field.title_en}（{field.title}）"
        return field.title if field is not None else path

    def _full_title(self, path: str) -> str:
        schema, lang = self.library.schema, self.words.lang
        section, title = section_title(path, schema, lang), title_of(path, schema, lang)
        return title if title.startswith(section) else f"{section} · {title}"

    def _listed(self, names: list[str], most: int = _LISTED) -> str:
        shown = "、".join(names[:most])
        return shown if len(names) <= most else shown + self.words("more", count=len(names))

    def _remember(self, name: str, path: str) -> None:
        held: list[str] = getattr(self.store.progress, name)
        if path not in held:
            held.append(path)
            self.store.remember()

    def _forget(self, name: str, *gone: str) -> None:
        held: list[str] = getattr(self.store.progress, name)
        if any(one in held for one in gone):
            setattr(self.store.progress, name, [one for one in held if one not in gone])
            self.store.remember()

    def _prune(self) -> None:
        """Forgets what the answers have overtaken."""
        facts, progress = self.store.facts.value, self.store.progress
        self._forget(
            "opened",
            *(one for one in progress.opened if stated(facts, one) or not _has_room(facts, one)),
        )
        self._forget("skipped", *(one for one in progress.skipped if stated(facts, one)))


def _in_part(path: str, section: str) -> bool:
    """Whether a path, perhaps one with keys that are none, stands in a section."""
    return path == section or path.startswith((f"{section}.", f"{section}["))


def _has_room(value: Value, path: str) -> bool:
    """Whether an item or group could stand at a path as the facts are."""
    try:
        paths.with_value(value, paths.parse(path), {})
    except ValueError:
        return False
    return True


def answered_below(value: Value, path: str) -> list[str]:
    """The path of every answer at or below a path, null aside."""
    here = value_at(value, path)
    return [one for one, found in paths.leaves(here, path) if found is not None]


_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\Z")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?\Z")


def read_text(text: str, kind: Kind) -> Value:
    """What a typed text means; what is no number or day stays text, for the schema to refuse."""
    if kind is Kind.NUMBER:
        plain = unicodedata.normalize("NFKC", text).strip()
        return yamltext.resolve(plain.replace(",", "") if _GROUPED.match(plain) else plain)
    if kind is Kind.DAY:
        plain = unicodedata.normalize("NFKC", text).strip()
        parts = _DAY.match(plain)
        return f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}" if parts else plain
    return text


def refuse_control(value: Value) -> None:
    """BeianError for what a facts file would refuse to hold: control characters, lone surrogates."""
    import json

    yamltext.read(json.dumps([value]), "", as_json=True)
