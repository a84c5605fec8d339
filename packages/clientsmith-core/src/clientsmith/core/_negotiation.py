"""Leads the calls of a client whose version may change: asks the service first, and once more after a refusal.

Rules:

- A discovery document is asked for by one call while the others wait; later on they go on with what is known meanwhile.
  It goes through the client's own policies, as part of the call that needs it: within its deadline, with the client's
  header fields and credential, retried like any request. It says no version, for that is the question.
- Where it cannot be had, what the client knows is tried.
- A refusal that teaches a version which both have is answered with that one, once, unless the caller pinned his, the
  request said its own, or its body cannot be sent again (R7, R8). It is believed for an hour, as a document is.

It stands outside the chain: nearly all calls need none of this, and a policy in the chain costs each of them 2 µs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ._origin import Home
from .errors import DeadlineExceededError
from .pipeline import Chain, Flow, Policy, Steps
from .policies.api_version import ApiVersionPolicy
from .rest import Call, HttpRequest
from .versioning.errors import ApiVersionRefusedError
from .versioning.negotiator import Negotiator

__all__ = ["Negotiation"]


class Negotiation:
    """What leads the calls of one client.

    Args:
        home: The origin that versions are for.
        negotiator: What is known and learnt.
        chain: What calls go through.
        policies: What the chain is made of.

    Attributes:
        negotiator: As given; `find_out` before a request when it is due.
    """

    def __init__(self, home: Home, negotiator: Negotiator, chain: Chain, policies: Sequence[Policy]) -> None:
        self._home = home
        self.negotiator = negotiator
        self._chain = chain
        self._policies = policies
        self._questions: Chain | None = None

    def send_again(self, request: HttpRequest, refusal: ApiVersionRefusedError) -> Flow:
        """Send a request in the version that its refusal teaches.

        Raises:
            ApiVersionRefusedError: There is none, or it must not be sent: the refusal itself.
        """
        negotiator, call = self.negotiator, request.call
        if refusal.found != call.version or not request.is_replayable:
            raise refusal
        if not negotiator.can_follow(refusal.advertised, refusal.found):
            negotiator.forget()
            raise refusal
        negotiator.learn(refusal.advertised, call.clock(), call.settings.get("lifecycle_hook"))
        negotiator.put(request, again=True)
        return (yield from self._chain.send(request))

    def find_out(self, request: HttpRequest) -> Steps[None]:
        """Ask the service which versions it speaks, or wait for whoever does; without a document, start over."""
        negotiator = self.negotiator
        if not self._home.knows(request):
            return
        if negotiator.scheme.discovery is None:
            negotiator.start_over()
            return
        while negotiator.is_due(request.call.clock()):
            boarded = negotiator.board()
            if boarded is None:
                return
            flight, is_mine = boarded
            if not is_mine:
                from ._signal import Wait

                if (yield from Wait(flight, request.call, "the versions of the service")) is None:
                    continue  # he who asked knows now; or was cancelled, or out of time: the next one asks
                yield from self._ask(request)  # it may be up again, and this call has retries of its own
                return
            failure: Exception | None = None
            try:
                yield from self._ask(request)
            except DeadlineExceededError:
                raise  # those who wait may have more time
            except Exception as error:
                failure = error
                raise
            finally:
                negotiator.land(failure)

    def _ask(self, request: HttpRequest) -> Steps[None]:
        from .versioning._discovery import addresses, read

        negotiator, call = self.negotiator, request.call
        discovery = negotiator.scheme.discovery
        if discovery is None:
            return
        for url in addresses(discovery, negotiator.endpoint):
            question = HttpRequest("GET", url, headers={"Accept": "application/json"})
            # A call of its own within the same time: it is no stream, and no operation.
            question.call = Call(_settings_of(call), deadline=call.deadline, clock=call.clock)
            response = yield from self._chain_of_questions().send(question)
            found = read(discovery, response, negotiator.endpoint)
            if found is not None:
                negotiator.learn(found, call.clock(), call.settings.get("lifecycle_hook"))
                return
        negotiator.go_on(call.clock())

    def _chain_of_questions(self) -> Chain:
        if self._questions is None:
            mute = [each.mute() if isinstance(each, ApiVersionPolicy) else each for each in self._policies]
            self._questions = Chain(mute)
        return self._questions


# What a call may have been given for its own request alone.
_OF_THE_REQUEST: Final = frozenset(
    {"accept", "content-type", "content-length", "content-encoding", "range", "if-range", "if-match", "if-none-match",
     "if-modified-since", "if-unmodified-since", "idempotency-key", "prefer"}
)  # fmt: skip


def _settings_of(call: Call) -> dict[str, Any]:
    """Return the settings of a question that is asked for a call: without what is for the call's own request."""
    given: Mapping[str, str] = call.settings.get("headers") or {}
    headers = {name: value for name, value in given.items() if name.lower() not in _OF_THE_REQUEST}
    return {**call.settings, "headers": headers}
