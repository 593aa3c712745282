"""What each page of an interview shows."""

from __future__ import annotations

from dataclasses import replace

from beian import paths
from beian.interview.next_question import answered_below, stated
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
from beian.interview.question import Kind, Question, kind_of, roles, section_title, title_of, who
from beian.interview.screen import Form, Option, Screen, clipped, command_title
from beian.interview.state import State
from beian.interview.words import COMMANDS
from beian.interview.workbook import preview, takes
from beian.model import Value
from beian.schema import Field

#: How many hits a search shows, and how many questions one person is listed with.
_FOUND = 30

#: Columns of an answer in the review, where one row is one answer.
_WIDEST_ANSWER = 44

#: How many suggestions are shown; where there are more, they complete what is typed.
_SUGGESTED = 8

#: Commands on every screen that asks for a fact.
_ALWAYS = ("back", "skip", "jump", "review", "help", "quit")


def screen_of(state: State, page: Page) -> Screen:
    """The screen of a page, with the notes of the last reply."""
    if isinstance(page, Asking):
        made = _asking(state, page)
    elif isinstance(page, Choosing):
        made = _choosing(state, page)
    elif isinstance(page, Confirming):
        made = _confirming(state, page)
    elif isinstance(page, Pointing):
        made = _pointing(state, page)
    elif isinstance(page, Proposing):
        made = _proposing(state, page)
    elif isinstance(page, Searching):
        made = _searching(state, page)
    elif isinstance(page, Reviewing):
        made = _reviewing(state, page)
    elif isinstance(page, Helping):
        made = _helping(state, page)
    else:
        made = _ending(state)
    return replace(made, notes=tuple(state.notes))


def _asking(state: State, page: Asking) -> Screen:
    question = state.question(page.path)
    if question.kind is Kind.FILE:
        state.store.look_round()
    words, value = state.words, state.value(page.path)
    known = stated(state.store.facts.value, page.path)
    body = [("", question.help)] if question.help else []
    if question.basis:
        body.append((words("basis"), "；".join(question.basis)))
    if question.users:
        body.append((words("users"), state.listed(list(question.users), 3)))
    if question.who:
        role = roles(state.library.schema)[question.who]
        title = role["title"] if words.lang == "zh" else role["x-title-en"]
        body.append((words("who"), title))
    if known and question.kind not in (Kind.TEXTS, Kind.ITEMS):
        body.append((words("now"), state.shown(page.path, value)))
    if question.kind in (Kind.TEXTS, Kind.ITEMS):
        body += _items(state, page.path, value)
    body += _suggested(state, question)
    for finding in state.refused(state.outlook.result.findings, page.path):
        if known:
            body.append((words("note"), words("wrong", message=finding.message)))
    commands = [one for one in _ALWAYS if one != "skip" or not known]
    if question.none is not None:
        commands.insert(1, "none")
    if known:
        commands.insert(-2, "clear")
    form, options, chosen = _form(state, question, value)
    if question.kind in (Kind.TEXT, Kind.TEXTS):
        commands.insert(-2, "edit")
    if question.kind in (Kind.TEXTS, Kind.ITEMS) and isinstance(value, list):
        commands[-2:-2] = ["change", "remove", *(["move"] if len(value) > 1 else [])]
    if takes(page.path, question.kind):
        commands.insert(-2, "table")
    suggested = tuple(str(one) for one, _ in question.suggested)
    draft = state.draft if state.draft is not None else _draft_of(state, question, value)
    if question.kind is Kind.TEXTS:
        body.append(("", words("list_how")))
    if "table" in commands:
        body.append(("", words("table_how")))
    return Screen(
        heading=_heading(state, page),
        title=question.title,
        form=form,
        words=words,
        body=tuple(body),
        options=options,
        chosen=chosen,
        draft=draft,
        commands=tuple(commands),
        suggested=suggested,
        files=_files(state, question) or (suggested if len(suggested) > _SUGGESTED else ()),
        path=page.path,
        none=question.none,
        secret=question.field.guarded,
    )


def _heading(state: State, page: Asking) -> str:
    section = section_title(page.path, state.library.schema, state.words.lang)
    if page.then is not None:
        return state.words("editing", section=section)
    here = str(paths.parse(page.path)[0])
    return state.words(
        "progress",
        section=section,
        here=sum(1 for one in state.outlook.needed if paths.parse(one)[0] == here),
        answered=sum(1 for one in state.answers() if one in state.outlook.reads),
        needed=state.needed,
    )


def _form(
    state: State, question: Question, value: Value
) -> tuple[Form, tuple[Option, ...], tuple[str, ...]]:
    words = state.words
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
        return Form.PICK, options, ("add",) if state.unfinished(question.path) else ()
    return Form.LINE, (), ()


def _draft_of(state: State, question: Question, value: Value) -> str:
    if question.kind is Kind.TEXTS or value is None or isinstance(value, (list, dict)):
        return ""
    if question.field.guarded:
        return ""  # Enter keeps what is there; personal data is not shown again
    return str(value) if question.kind in (Kind.TEXT, Kind.NUMBER, Kind.DAY, Kind.FILE) else ""


def _items(state: State, path: str, value: Value) -> list[tuple[str, str]]:
    if not isinstance(value, list):
        return []
    return [
        (f"{number}.", state.item_text(f"{path}[{number - 1}]", item))
        for number, item in enumerate(value, 1)
    ]


def _suggested(state: State, question: Question) -> list[tuple[str, str]]:
    """One suggestion with the key that takes it; several in one row of numbers by their source."""
    words, found = state.words, question.suggested
    by_source: dict[str, list[str]] = {}
    for number, (value, source) in enumerate(found[:_SUGGESTED], 1):
        shown = state.shown(question.path, value)
        one = f"={number} {shown}" if len(found) > 1 else shown
        by_source.setdefault(state.title(source), []).append(one)
    rows = [
        words("from", value="；".join(shown), title=title) for title, shown in by_source.items()
    ]
    if len(found) > 1:
        more = len(found) > _SUGGESTED
        rows[-1] += "　" + words("accept_many" if more else "accept_number", count=len(found))
    elif rows:
        rows = [f"{rows[0]}　{words('accept')}"]
    return [(words("suggested") if row == rows[0] else "", row) for row in rows]


def _files(state: State, question: Question) -> tuple[str, ...]:
    folders = tuple(question.field.schema.get("x-file", ()))
    files = state.store.facts.files or frozenset()
    return tuple(sorted(one for one in files if folders and one.startswith(folders)))


def _choosing(state: State, page: Choosing) -> Screen:
    value = state.value(page.asking.path)
    items = value if isinstance(value, list) else []
    options = [
        Option(str(number), state.item_text(f"{page.asking.path}[{number - 1}]", item))
        for number, item in enumerate(items, 1)
    ]
    options.append(Option("cancel", state.words("cancel")))
    title = f"{state.words(page.action)}　{state.words('which')}"
    return Screen(
        _heading(state, page.asking),
        title,
        Form.PICK,
        state.words,
        options=tuple(options),
        commands=("back", "quit"),
    )


def _confirming(state: State, page: Confirming) -> Screen:
    count = len(answered_below(state.store.facts.value, page.path))
    options = (Option("cancel", state.words("cancel")), Option("true", state.words("yes")))
    return Screen(
        state.title(page.path),
        state.words("keep_first", count=count),
        Form.PICK,
        state.words,
        options=options,
        commands=("back", "quit"),
    )


def _pointing(state: State, page: Pointing) -> Screen:
    words = state.words
    return Screen(
        _heading(state, page.asking),
        words("which_book", title=state.title(page.asking.path)),
        Form.LINE,
        words,
        body=(("", words("book_how")),),
        draft=page.named,
        commands=("back", "quit"),
        any_file=".xlsx",
    )


def _proposing(state: State, page: Proposing) -> Screen:
    words, offer = state.words, page.offer
    entries, replacing = offer.merge.entries, offer.replacing
    options = []
    if entries:
        options.append(
            Option("all", words("write_all" if replacing else "write_new", count=replacing))
        )
    if replacing and replacing < len(entries):
        options.append(Option("new", words("only_new")))
    options += [Option("other", words("other_book")), Option("cancel", words("write_nothing"))]
    key = "proposed" if replacing else "proposed_new" if entries else "proposed_none"
    return Screen(
        _heading(state, page.asking),
        words(key, title=state.title(page.asking.path), count=replacing),
        Form.PICK,
        words,
        body=tuple(preview(state, offer)),
        options=tuple(options),
        commands=("back", "quit"),
    )


def _searching(state: State, page: Searching) -> Screen:
    words = state.words
    if not page.text:
        return Screen(
            words("jump"),
            words("jump_to"),
            Form.LINE,
            words,
            commands=("back", "review", "help", "quit"),
        )
    found = state.search(page.text)
    options = tuple(Option(path, state.full_title(path)) for path in found[:_FOUND])
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
        commands=("back", "jump", "review", "help", "quit"),
    )


def _reviewing(state: State, page: Reviewing) -> Screen:
    words = state.words
    rest = Option("go_on", words("go_on"))
    if page.section:
        title = words("review_fields", section=state.title(page.section))
        options = [Option(path, _row(state, path)) for path in _rows(state, page.section)]
        return Screen(
            "",
            title,
            Form.PICK,
            words,
            options=(*options, rest),
            commands=("back", "jump", "help", "quit"),
        )
    options = []
    for key, field in state.library.schema.fields.items():
        rows = _rows(state, key) if "." not in key and "[" not in key else []
        if rows:
            options.append(Option(key, _counts(state, key, field, rows)))
    return Screen(
        "",
        words("review_sections"),
        Form.PICK,
        words,
        options=(rest, *options),
        commands=("back", "jump", "help", "quit"),
    )


def _counts(state: State, key: str, field: Field, rows: list[str]) -> str:
    known = [path for path in rows if stated(state.store.facts.value, path)]
    unused = sum(1 for path in known if path not in state.outlook.reads)
    title = state.title(key) if state.words.lang == "en" else field.title
    said = state.words("counts", section=title, answered=len(known))
    if len(rows) > len(known):
        said += state.words("counts_needed", needed=len(rows) - len(known))
    return said + (state.words("counts_unused", unused=unused) if unused else "")


def _row(state: State, path: str) -> str:
    title = title_of(path, state.library.schema, state.words.lang)
    if not stated(state.store.facts.value, path):
        return f"{title}：{state.words('unanswered')}"
    mark = "" if path in state.outlook.reads else state.words("unused_mark")
    return f"{title}：{clipped(state.shown(path, state.value(path)), _WIDEST_ANSWER)}{mark}"


def _rows(state: State, section: str) -> list[str]:
    """The answers and the needed facts of a section, in question order."""
    schema = state.library.schema
    known = [
        path
        for path in {*state.answers(), *state.outlook.needed}
        if paths.parse(path)[0] == section
        and (field := schema.field(path)) is not None
        and kind_of(field, schema) is not None
    ]
    return sorted(known, key=schema.order)


def _helping(state: State, page: Helping) -> Screen:
    about = screen_of(state, page.about)
    options = [
        Option(name, f"{command_title(about, name)}（:{COMMANDS[name][0]}）")
        for name in about.commands
        if name != "help"
    ]
    options.append(Option("cancel", state.words("cancel")))
    return Screen(
        about.heading,
        state.words("help"),
        Form.PICK,
        state.words,
        options=tuple(options),
        commands=("back", "quit"),
    )


def _ending(state: State) -> Screen:
    words, body = state.words, []
    skipped = state.in_section(state.outlook.needed)
    if skipped:
        schema = state.library.schema
        for name, role in roles(schema).items():
            mine = [
                path
                for path in skipped
                if (field := schema.field(path)) is not None and who(field, schema) == name
            ]
            if mine:
                title = role["title"] if words.lang == "zh" else role["x-title-en"]
                body.append(("", words("of_whom", who=title, count=len(mine))))
                body += [("　", state.full_title(path)) for path in mine[:_FOUND]]
    for path in state.outlook.open_points:
        title = state.derived_title(path)
        body.append(("", words("for_counsel", title=title)))
    for finding in state.standing(state.outlook):
        body.append(("", state.said(finding)))
    title = words("only_skipped", count=len(skipped)) if skipped else words("finished")
    names = [*(["again"] if skipped else []), "review", "finish"]
    return Screen(
        "",
        title,
        Form.PICK,
        words,
        body=tuple(body),
        options=tuple(Option(name, words(name)) for name in names),
        commands=("back", "jump", "review", "help", "quit"),
    )
