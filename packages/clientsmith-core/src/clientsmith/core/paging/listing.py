"""A list of a service as steps without I/O: what both colours of `ItemPaged` carry out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .._origin import leads_home
from .._run import OperationLike, Road
from ..errors import ArgumentError, SettingError
from ..pipeline import Steps
from ..settings import Settings
from .pages import Page

if TYPE_CHECKING:
    from .schemes import Paging

__all__ = ["Listing", "open_listing"]

T = TypeVar("T")


class Listed(OperationLike, Protocol[T]):
    """What is needed of the operation; `ListOperation` is it."""

    paging: Paging[T]


class Listing(Generic[T]):
    """How the pages of one list are fetched. It knows no position, so any number of walks may share it."""

    def __init__(
        self, road: Road, operation: Listed[T], arguments: Mapping[str, Any], body: Any, settings: Settings
    ) -> None:
        self._road, self._operation, self._settings = road, operation, settings
        # Made once: what the caller does to its arguments later does not matter to the pages to come.
        self._first = operation.request(arguments, body)

    @property
    def name(self) -> str:
        """The operation by method and path."""
        return f"{self._operation.method} {self._operation.path}"

    def check(self, token: str) -> None:
        """Check a token that a caller brought: it may come from anywhere, so it leads nowhere but home.

        Raises:
            ArgumentError: It is not one of this list, or leads away from the endpoint.
        """
        try:
            url = self._operation.paging.request(self._first, token).url
        except ValueError as error:
            raise ArgumentError("continuation_token", str(error)) from error
        is_own = url.partition("?")[0] == self._first.url.partition("?")[0]
        if not is_own and not leads_home(url, self._road.endpoint):
            raise ArgumentError(
                "continuation_token",
                f"continuation_token leads away from the endpoint {self._road.endpoint}; a stored token is not "
                "followed to other hosts, so read this list from its beginning",
            )

    def fetch(self, token: str | None) -> Steps[Page[T]]:
        """Fetch the page at a token that was checked, or that the service gave; None is the first page.

        Raises:
            HttpResponseError: The service refused it.
            DecodeError: The answer is not a page of this list.
        """
        request = self._operation.paging.request(self._first, token)
        if token is not None:
            request.url = self._road.in_own_version(request.url)
        request.headers.setdefault("Accept", self._operation.accept)
        response = yield from self._road.follow(
            request, self._settings, template=self._operation.path, access=self._operation.access
        )
        self._operation.raise_for_error(response)
        page = self._operation.paging.page(response, token)
        if page.continuation_token is not None and page.continuation_token.startswith("http"):
            page.continuation_token = self._road.without_secrets(page.continuation_token)
        return page


def open_listing(
    road: Road, operation: Listed[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
) -> tuple[Listing[T], str | None]:
    """Return the listing that a ``list_`` method was asked for, and the token to begin with.

    Raises:
        ArgumentError: The token is not one of this list: told by the method, not by the first ``next()``.
        SettingError: ``results_per_page`` is no whole number above 0.
    """
    rest = dict(options)
    token: str | None = rest.pop("continuation_token", None)
    # Where the service takes no such wish, it is a setting that nobody knows.
    per_page = rest.pop("results_per_page", None) if operation.paging.size else None
    listing = Listing(road, operation, arguments, body, road.table.for_call(rest))
    if per_page is not None:
        if not isinstance(per_page, int) or isinstance(per_page, bool) or per_page < 1:
            raise SettingError("results_per_page", per_page, "a whole number, 1 or more")
        listing._first = operation.paging.sized(listing._first, per_page)
    if token is not None:
        listing.check(token)
    return listing, token
