"""The way through the questions: the next one, back, to another one, and back from there."""

from __future__ import annotations

from beian import paths
from beian.interview.next_question import next_path, stated
from beian.interview.pages import (
    Asking,
    Choosing,
    Confirming,
    Ending,
    Helping,
    Page,
    Pointing,
    Proposing,
    Reviewing,
    Searching,
)
from beian.interview.state import State
from beian.interview.store import Store
from beian.library import Library


class Course(State):
    """An interview with the page that stands before the user, and the way taken to it."""

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
        super().__init__(store, library, as_of, only=only, section=section, lang=lang)
        self.trail: list[str] = []
        #: Questions answered or refused so far in this session.
        self.asked = 0
        self.over = False
        self.page: Page = Reviewing() if review else self.following()

    def go_on(self, page: Asking) -> None:
        self.asked += 1
        if page.then is not None:
            self.page = page.then
            return
        self.leave(page.path)
        self.page = self.following()

    def leave(self, path: str) -> None:
        if path in self.trail:
            self.trail.remove(path)
        self.trail.append(path)

    def following(self) -> Page:
        progress = self.store.progress
        unfinished = [one for one in progress.unfinished if self.list_counts(one)]
        path = next_path(
            self.outlook,
            self.library,
            skipped=progress.skipped,
            unfinished=unfinished,
            begun=progress.opened,
            section=self.section,
        )
        return Asking(path) if path is not None else Ending()

    def back(self, page: Page) -> None:
        if isinstance(page, Asking) and page.then is not None:
            self.page = page.then
        elif isinstance(page, (Choosing, Confirming, Pointing, Proposing)):
            self.page = page.asking
        elif isinstance(page, Helping):
            self.page = page.about
        elif isinstance(page, Searching):
            self.page = page.back
        elif isinstance(page, Reviewing):
            self.page = Reviewing() if page.section else self.following()
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
            for path in self.answers()
            if path in self.outlook.reads and (not here or order(path) < order(here))
        ]
        if earlier:
            self.page = Asking(max(earlier, key=order))
        else:
            self.notes.append(self.words("cannot_back"))

    def jump(self, text: str) -> None:
        page = self.page
        assert isinstance(page, Searching)
        self.page = Searching(text, page.back)
        if not self.search(text):
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

    def returning(self, page: Page) -> Page | None:
        """Where a question that was jumped to leads back to: a review, or the course of things."""
        if isinstance(page, Asking):
            return page.then
        return page if isinstance(page, Reviewing) else None
