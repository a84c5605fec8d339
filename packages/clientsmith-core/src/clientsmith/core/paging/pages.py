"""A page, and where a walk over pages stands: what both colours share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Generic, NoReturn, TypeVar, overload

from ..errors import ClientsmithError, DecodeError
from ..pipeline import Steps
from ..rest import HttpResponse

if TYPE_CHECKING:
    from .listing import Listing

__all__ = ["Items", "Page", "Pages"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Page(Sequence[T_co]):
    """Some items of a list, in the service's order; a page may be empty.

    Attributes:
        continuation_token: Where the next page begins, None if this is the last one.
        total: How many items the whole list has, None if the service does not say.
        response: The answer that the page came in, for whatever else it tells; None for a page made by hand.
    """

    __slots__ = ("_items", "continuation_token", "response", "total")

    def __init__(
        self,
        items: Sequence[T_co],
        continuation_token: str | None = None,
        *,
        total: int | None = None,
        response: HttpResponse | None = None,
    ) -> None:
        self._items = items
        self.continuation_token = continuation_token
        self.total = total
        self.response = response

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
        total = "" if self.total is None else f", {self.total} in all"
        return f"<{'last ' if self.continuation_token is None else ''}Page of {len(self)} items{total}>"


class Pages(Generic[T]):
    """Where a walk over pages stands. It moves only when a page has arrived: after an error the next try asks again.

    A list that goes round in a circle is found by Brent's method: one token is remembered, a newer one after twice as
    many pages each time. That costs one comparison a page and no memory, however long the list is.
    """

    def __init__(self, listing: Listing[T], continuation_token: str | None) -> None:
        self._listing = listing
        self._token = continuation_token
        self._taken = 0
        self._is_over = False
        self._remembered: str | None = continuation_token
        self._remember_at = 1

    @property
    def continuation_token(self) -> str | None:
        """Where the next page begins: give it to ``by_page`` or to the ``list_`` method, in any process, to go on.

        None before the first page and after the last one.
        """
        return self._token

    def _step(self) -> Steps[Page[T]]:
        try:
            page = yield from self._listing.fetch(self._token)
            following = page.continuation_token
            if following is not None and following in (self._token, self._remembered) and page.response is not None:
                raise DecodeError(
                    f"page {self._taken + 1} leads back to one that was read before, so the list would never end",
                    response=page.response,
                )
        except ClientsmithError as error:
            error.continuation_token = self._token
            raise
        self._token = following
        self._is_over = following is None
        self._taken += 1
        if self._taken == self._remember_at:
            self._remembered = following
            self._remember_at *= 2
        return page

    def __reduce__(self) -> NoReturn:
        raise _not_pickled(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._taken} pages read{', the last one too' if self._is_over else ''}>"


class Items(Generic[T]):
    """What an `ItemPaged` holds in either colour."""

    def __init__(self, listing: Listing[T], continuation_token: str | None) -> None:
        self._listing = listing
        self._first_token = continuation_token
        self._rest: Iterator[T] = iter(())  # what is left of the page that was fetched last

    def _token_for(self, continuation_token: str | None) -> str | None:
        if continuation_token is None:
            return self._first_token
        self._listing.check(continuation_token)
        return continuation_token

    def __reduce__(self) -> NoReturn:
        raise _not_pickled(self)

    def __repr__(self) -> str:
        start = " that began at a continuation token" if self._first_token else ""
        return f"<{type(self).__name__} of {self._listing.name}{start}>"


def _not_pickled(pager: object) -> TypeError:
    return TypeError(
        f"a {type(pager).__name__} belongs to its client and is not pickled; pass on the `continuation_token` of "
        "`by_page()` and list again from there"
    )
