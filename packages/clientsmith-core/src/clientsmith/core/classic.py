"""Classic policies in a chain of generators: code that sends by itself, with ``self.next.send(request)``.

A classic policy is the transport of the policies above it; its ``next`` is a chain of those below over the real one.
So the driver is asked to run it (`Through`), and while it runs, a context variable holds what ``next`` stands for:
one policy object serves any number of threads, tasks and clients at the same time.

Rules:

1. The first rule of the pipeline holds here as well: a response that the policy got and did not return is abandoned,
   and so is the former one when it sends again.
2. ``next`` belongs to the context that runs ``send``. Tasks and `asyncio.to_thread` inherit it; a thread that the
   policy starts itself does when it is started with ``contextvars.copy_context().run``.

Imported with the first classic policy that a program has.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, Final

from .errors import UsageError
from .pipeline import IO, MACHINERY, Ask, AsyncIO, Chain, Colour, Pending, drive, drive_async
from .rest import NO_CALL, HttpRequest, HttpResponse

__all__ = ["Through", "colour_of", "through"]

MACHINERY.add(__file__)

# As in pipeline.py: bits that say what a function is, without an import of `inspect`.
_COROUTINE: Final = 0x80
_ASYNC_GENERATOR: Final = 0x200

_below: ContextVar[Callable[[HttpRequest], Any]] = ContextVar("clientsmith_next")


class _Next:
    """``self.next`` of every classic policy: finds what it stands for where it is used."""

    def send(self, request: HttpRequest, /) -> Any:
        """Send the request through the rest of the chain: a response, or an awaitable of one in an async client."""
        try:
            below = _below.get()
        except LookupError:
            raise RuntimeError(
                "self.next.send() was called outside of the policy's send(), or in a thread that send() started; "
                "start such a thread with contextvars.copy_context().run"
            ) from None
        return below(request)


_NEXT: Final = _Next()


def colour_of(policy: Any, below: Colour | None) -> Colour:
    """Return the colour that a classic policy is written in.

    Raises:
        UsageError: Its ``send`` is none of the forms that a policy has, or a policy below is of the other colour.
    """
    name, flags = type(policy).__name__, policy.send.__code__.co_flags
    if flags & _ASYNC_GENERATOR:
        raise UsageError(
            f"{name}.send is an async generator; write it as a plain generator, which serves sync and async clients"
        )
    colour: Colour = "async" if flags & _COROUTINE else "sync"
    if below is not None and below != colour:
        raise UsageError(f"{name} is {colour}, but another of the policies is {below}: no client can use both")
    return colour


def through(policy: Any, chain: Chain) -> Callable[[HttpRequest], Pending]:
    """Return what makes a request into the question that runs the policy over the chain below it."""
    if not hasattr(policy, "next"):
        policy.next = _NEXT
    return partial(Through, policy, chain)  # type: ignore[return-value]  # only the chain yields it, and that bare


class Through(Ask[HttpResponse]):
    """Has a classic policy answer a request."""

    __slots__ = ("_chain", "_open", "_policy", "_request")

    def __init__(self, policy: Any, chain: Chain, request: HttpRequest) -> None:
        self._policy = policy
        self._chain = chain
        self._request = request
        self._open: list[HttpResponse] = []  # several, if the policy sends in parallel

    def perform(self, io: IO) -> HttpResponse:
        def send(request: HttpRequest) -> HttpResponse:
            self._begin(request)
            return self._held(drive(self._chain.send(request), io))

        before = _below.set(send)
        answer: HttpResponse | None = None
        try:
            answer = self._checked(self._policy.send(self._request.copy()))
            return answer
        finally:
            _below.reset(before)
            self._abandon(answer)

    async def perform_async(self, io: AsyncIO) -> HttpResponse:
        async def send(request: HttpRequest) -> HttpResponse:
            self._begin(request)
            return self._held(await drive_async(self._chain.send(request), io))

        before = _below.set(send)
        answer: HttpResponse | None = None
        try:
            answer = self._checked(await self._policy.send(self._request.copy()))
            return answer
        finally:
            _below.reset(before)
            self._abandon(answer)

    def _begin(self, request: HttpRequest) -> None:
        self._abandon()
        if request.call is NO_CALL:  # made by the policy itself
            request.call = self._request.call

    def _held(self, response: HttpResponse) -> HttpResponse:
        if response.body is not None:
            self._open.append(response)
        return response

    def _abandon(self, but: HttpResponse | None = None) -> None:
        """Give up the open responses that the policy did not return."""
        responses, self._open = self._open, []
        for response in responses:
            if response is not but:
                response.abandon()

    def _checked(self, answer: object) -> HttpResponse:
        if isinstance(answer, HttpResponse):
            return answer
        raise TypeError(
            f"{type(self._policy).__name__}.send returned a {type(answer).__name__}; it has to return the response, "
            "or to be a generator function itself"
        )
