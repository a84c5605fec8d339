"""The sync face of paging."""

from __future__ import annotations

from typing import TypeVar

from .._run import Run
from .listing import Listing
from .pages import Items, Page, Pages

__all__ = ["ItemPaged", "PageIterator"]

T = TypeVar("T")


class PageIterator(Pages[T]):
    """Iterates over the pages of a list. After an error, ``next()`` asks for the same page again."""

    def __init__(self, run: Run, listing: Listing[T], continuation_token: str | None = None) -> None:
        super().__init__(listing, continuation_token)
        self._run = run

    def __iter__(self) -> PageIterator[T]:
        return self

    def __next__(self) -> Page[T]:
        if self._is_over:
            raise StopIteration
        return self._run(self._step())


class ItemPaged(Items[T]):
    """The items of a list, fetched page by page as they are asked for; nothing is sent before the first one is.

    It is an iterator: a second loop goes on where the first one was left, and an error leaves it where it was, so that
    the next ``next()`` asks for the same page again. To begin anew, call the ``list_`` method again.
    """

    def __init__(self, run: Run, listing: Listing[T], continuation_token: str | None = None) -> None:
        super().__init__(listing, continuation_token)
        self._run = run
        self._pages = self.by_page()

    def by_page(self, continuation_token: str | None = None) -> PageIterator[T]:
        """Return an iterator over the pages, on its own: what was iterated here does not matter to it.

        Args:
            continuation_token: Where to begin, a `PageIterator.continuation_token`. By default where this list begins.
        """
        return PageIterator(self._run, self._listing, self._token_for(continuation_token))

    def __iter__(self) -> ItemPaged[T]:
        return self

    def __next__(self) -> T:
        while True:
            for item in self._rest:
                return item
            self._rest = iter(next(self._pages))
