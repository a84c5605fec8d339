"""What pagers and pollers need of their client and their operation, as protocols: they stand below both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from ._origin import Access
from .pipeline import Flow, Steps
from .rest import HttpRequest, HttpResponse
from .settings import Settings, SettingsTable

__all__ = ["AsyncClient", "AsyncRun", "Client", "OperationLike", "Road", "Run"]

T = TypeVar("T")


class Run(Protocol):
    """Carries steps out and returns what they end with."""

    def __call__(self, steps: Steps[T], /) -> T: ...


class AsyncRun(Protocol):
    """Carries steps out on the running event loop."""

    def __call__(self, steps: Steps[T], /) -> Awaitable[T]: ...


class Road(Protocol):
    """What steps need of the client, whatever its colour; `ClientCore` is it. ``template`` is the operation's path.

    Attributes:
        listeners_left: How many more connections may be held by what listens beside the calls.
    """

    endpoint: str
    clock: Callable[[], float]
    table: SettingsTable
    listeners_left: float

    def send(
        self, request: HttpRequest, settings: Settings, *, template: str = "", access: Access | None = None
    ) -> Flow:
        """Send the first request of an operation."""
        ...

    def follow(
        self,
        request: HttpRequest,
        settings: Settings,
        *,
        stream: bool = False,
        template: str = "",
        access: Access | None = None,
    ) -> Flow:
        """Send a request to an address that the service gave."""
        ...

    def in_own_version(self, url: str) -> str:
        """Return a link to a next page in the client's version of the API, where it says one."""
        ...

    def without_secrets(self, url: str) -> str:
        """Return an absolute URL as it may be kept: services repeat queries, a key in them included."""
        ...


class OperationLike(Protocol):
    """What is needed of any operation."""

    method: str
    path: str
    accept: str
    access: Access | None

    def request(self, arguments: Mapping[str, Any], body: Any = None) -> HttpRequest:
        """Return the request for these arguments."""
        ...

    def raise_for_error(self, response: HttpResponse) -> None:
        """Raise the error that the status stands for; return if it is a success."""
        ...


class Client(Protocol):
    """A client that a poller can be made for; `ServiceClient` is it."""

    @property
    def _core(self) -> Road: ...

    def _run(self, steps: Steps[T], /) -> T: ...


class AsyncClient(Protocol):
    """The async twin of `Client`."""

    @property
    def _core(self) -> Road: ...

    async def _run(self, steps: Steps[T], /) -> T: ...
