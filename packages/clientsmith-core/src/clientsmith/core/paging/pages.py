"""A page, and where a listing stands: what both colours share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeAlias, TypeVar, overload

from ..pipeline import Steps

__all__ = ["Fetch", "Listing", "Page", "Pages"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Sequence[T_co]):
    """Some items of a list, in the service's order; a page may be empty.

    Attributes:
        continuation_token: Where the next page begins, None if this is the last one.
    """

    __slots__ = ("_items", "continuation_token")

    def __init__(self, items: Sequence[T_co], continuation_token: str | None = None) -> None:
        self._items = items
        self.continuation_token = continuation_token

    @overload
    def __getitem__(self, index: int) -> T_co: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T_co]: ...
    def __getitem__(self, index: int | slice) -> T_co | Sequence[T_co]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T_co]:
        return iter(self._items)

    def __repr__(self) -> str:
        return f"<{'last ' if self.continuation_token is None else ''}Page of {len(self)} items>"


Fetch: TypeAlias = Callable[[str | None], Steps[Page[T]]]  # the page at a token; None is the first page


class Pages(Generic[T]):
    """Where a walk over pages stands. It moves only when a page has arrived: after an error the next try asks again."""

    def __init__(self, fetch: Fetch[T], continuation_token: str | None) -> None:
        self._fetch = fetch
        self._token = continuation_token
        self._taken = 0
        self._is_over = False

    @property
    def continuation_token(self) -> str | None:
        """Where the next page begins: give it to ``by_page`` or to the ``list_`` method, in any process, to go on.

        None before the first page and after the last one.
        """
        return self._token

    def _step(self) -> Steps[Page[T]]:
        page = yield from self._fetch(self._token)
        self._token = page.continuation_token
        self._is_over = self._token is None
        self._taken += 1
        return page

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._taken} pages read{', the last one too' if self._is_over else ''}>"


class Listing(Generic[T]):
    """What an `ItemPaged` holds in either colour."""

    def __init__(self, fetch: Fetch[T], continuation_token: str | None) -> None:
        self._fetch = fetch
        self._first_token = continuation_token
        self._rest: Iterator[T] = iter(())  # what is left of the page that was fetched last

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{' that began at a continuation token' if self._first_token else ''}>"
