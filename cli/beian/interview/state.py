"""How an interview stands: answers, what they leave to be asked, and how things are called."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cached_property

from beian import paths
from beian.errors import BeianError
from beian.interview.next_question import Outlook, answered, look, stated, value_at
from beian.interview.question import Question, describe, kind_of, section_title, title_of
from beian.interview.store import Store
from beian.interview.words import Words
from beian.library import Library
from beian.model import Finding, Value
from beian.needs import NEEDED, UNDETERMINED
from beian.printing import value_text
from beian.render.dispatch import Renderer
from beian.schema import SCHEMA_RULE, mask

#: How many names a note lists.
_LISTED = 6


class State:
    """The matter in the store, seen by the law of a day for the documents asked for.

    ``outlook`` is what the answers leave to be asked; ``wrong`` what the schema says against them;
    ``notes`` what the last reply did; ``draft`` a refused text, to be mended.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        as_of: str,
        *,
        only: tuple[str, ...] = (),
        section: str = "",
        lang: str = "zh",
    ) -> None:
        self.store = store
        self.library = library
        self.as_of = as_of
        self.only = only
        self.section = section
        self.words = Words(lang)
        self.notes: list[str] = []
        self.draft: str | None = None
        self.prune()
        #: After a change only its section is asked again.
        self.wrong = library.schema.check(store.facts.placed, lang)
        self.outlook = self.look()

    @property
    def needed(self) -> int:
        """How many facts are still needed, at least."""
        return len(self.in_section(self.outlook.needed))

    def look(self, *more: str) -> Outlook:
        return look(
            self.store.facts,
            self.library,
            self.as_of,
            only=self.only,
            opened=(*self.store.progress.opened, *more),
            wrong=self.wrong,
        )

    def question(self, path: str) -> Question:
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

    def value(self, path: str) -> Value:
        return value_at(self.store.facts.value, path)

    def answers(self) -> list[str]:
        return answered(self.store.facts.value)

    def in_section(self, found: Iterable[str]) -> list[str]:
        return [one for one in found if not self.section or paths.parse(one)[0] == self.section]

    def unfinished(self, path: str) -> bool:
        return path in self.store.progress.unfinished

    def list_counts(self, path: str) -> bool:
        return self.outlook.uses(path) or any(
            one.startswith(f"{path}[") for one in self.outlook.reads
        )

    def refused(self, findings: Iterable[Finding], path: str) -> list[Finding]:
        return [
            one
            for one in findings
            if one.rule == SCHEMA_RULE
            and (one.path == path or one.path.startswith((f"{path}.", f"{path}[")))
        ]

    def standing(self, outlook: Outlook) -> list[Finding]:
        """What rules found against the answers, absent facts aside."""
        aside = (NEEDED, UNDETERMINED, SCHEMA_RULE, "as-of")
        return [
            one for one in outlook.result.findings if one.rule not in aside and one.waiver is None
        ]

    def said(self, finding: Finding) -> str:
        """A finding in one line; of a rule, which speaks Chinese, with an English frame."""
        text = f"{finding.message}{finding.hint or ''}"
        if finding.rule == SCHEMA_RULE:
            return text
        words = self.words
        if words.lang == "zh":
            return f"{finding.level.label}　{text}"
        about = self.full_title(finding.path) if finding.path else ""
        basis = "；".join(map(str, finding.basis))
        return words(
            "finding",
            level=words(f"level_{finding.level.value}"),
            title=f" · {about}（{finding.path}）" if about else "",
            basis=f" · {words('basis')}: {basis}" if basis else "",
            message=text,
        )

    def told(self, error: BeianError) -> str:
        """What went wrong around an answer, in one line."""
        where = f"{error.place}　" if error.place else ""
        return self.words.foreign(f"{where}{error.message}{error.hint or ''}")

    def search(self, text: str) -> list[str]:
        """Answers and needed facts whose title, section or path contains the text."""
        wanted = unicodedata.normalize("NFKC", text).lower().split()
        schema = self.library.schema
        pool = {*self.answers(), *self.outlook.needed, *self._lists()}
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
        return {paths.generic(path).partition("[]")[0] for path in self.answers() if "[" in path}

    def shown(self, path: str, value: Value) -> str:
        """A value as the screen repeats it: choices by title, personal data masked."""
        field = self.library.schema.field(path)
        if isinstance(value, dict):
            return self.words("there_is").partition("，")[0].partition(":")[0]
        if isinstance(value, list) and any(isinstance(one, dict) for one in value):
            return f"{len(value)}"
        text = value_text(value, field)
        return mask(text) if field is not None and field.sensitive and value is not None else text

    def item_text(self, path: str, item: Value) -> str:
        if not isinstance(item, dict):
            return self.shown(path, item)
        parts = [
            self.shown(f"{path}.{key}", part)
            for key, part in item.items()
            if not isinstance(part, (dict, list))
        ]
        return " · ".join(parts[:3]) or self.words("unanswered")

    def title(self, path: str) -> str:
        field = self.library.field(paths.generic(path))
        if field is not None and self.words.lang == "en" and field.title_en:
            return f"{field.title_en}（{field.title}）"
        return field.title if field is not None else path

    def full_title(self, path: str) -> str:
        schema, lang = self.library.schema, self.words.lang
        section, title = section_title(path, schema, lang), title_of(path, schema, lang)
        return title if title.startswith(section) else f"{section} · {title}"

    def derived_title(self, path: str) -> str:
        field = self.library.derived_schema.fields[path]
        return f"{field.title_en}（{field.title}）" if self.words.lang == "en" else field.title

    def listed(self, names: list[str], most: int = _LISTED) -> str:
        shown = "、".join(names[:most])
        return shown if len(names) <= most else shown + self.words("more", count=len(names))

    def remember(self, name: str, path: str) -> None:
        held: list[str] = getattr(self.store.progress, name)
        if path not in held:
            held.append(path)
            self.store.remember()

    def forget(self, name: str, *gone: str) -> None:
        held: list[str] = getattr(self.store.progress, name)
        if any(one in held for one in gone):
            setattr(self.store.progress, name, [one for one in held if one not in gone])
            self.store.remember()

    def prune(self) -> None:
        """Forgets what the answers have overtaken."""
        facts, progress = self.store.facts.value, self.store.progress
        self.forget(
            "opened",
            *(one for one in progress.opened if stated(facts, one) or not _has_room(facts, one)),
        )
        self.forget("skipped", *(one for one in progress.skipped if stated(facts, one)))


def _has_room(value: Value, path: str) -> bool:
    """Whether an item or group could stand at a path as the facts are."""
    try:
        paths.with_value(value, paths.parse(path), {})
    except ValueError:
        return False
    return True
