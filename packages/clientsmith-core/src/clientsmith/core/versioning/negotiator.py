"""A client's negotiation as it goes on: what is known, what was learnt, and what every request says because of it.

Rules:

1. Without a discovery document the newest version known is asked for, and a refusal teaches (R8). A discovery
   document is asked for before the first call, and again when it is too old to be believed (R12).
2. A pinned version is sent as it is; a service that is known not to have it is an error before the request (R7).
3. What one answer says about itself is judged for that answer (`judge`) and not remembered: the HTML and the JSON of
   one index are of two versions. What a service says about its range is remembered (`learn`).
4. Nothing that was said over and over is told more than once.

One is shared by all threads and tasks of a client.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Any, Final, cast

from .errors import FeatureNotSupportedError
from .model import Advertised, Decision
from .versions import ApiVersion, VersionFormat

if TYPE_CHECKING:
    from .._signal import Signal
    from ..rest import HttpRequest
    from ._telling import LifecycleHook, Teller
    from .scheme import Scheme

__all__ = ["Lifetime", "Negotiator", "negotiation_of"]

_NEVER: Final = float("inf")
_AT_ONCE: Final = float("-inf")
# A service that does not tell its versions today may do so when it is up again; asked in every call it would be a load.
_RETRY_SECONDS: Final = 60.0
# What a refusal taught is believed as long as a document is: a service that was rolled back comes forward again.
_TAUGHT_SECONDS: Final = 3600.0


class Lifetime:
    """The versions that an operation exists in: from ``since``, and up to ``until`` where that is not None.

    Attributes:
        since, until: As texts, read when they are first needed; the ends belong to it.
    """

    __slots__ = ("_ranges", "since", "until")

    def __init__(self, since: str | None, until: str | None) -> None:
        self.since, self.until = since, until
        # By the format: clients of several versions of a library may share an operation.
        self._ranges: dict[VersionFormat, tuple[ApiVersion | None, ApiVersion | None]] = {}

    def has(self, version: ApiVersion) -> bool:
        """Whether the operation exists in a version. Of versions that are only equal or not nothing is known: it does.

        Raises:
            MalformedVersionError: One of the ends is none of the version's format.
        """
        form = version.format
        if form is VersionFormat.OPAQUE:
            return True
        if form not in self._ranges:
            ends = (None if text is None else ApiVersion(text, form) for text in (self.since, self.until))
            self._ranges[form] = (next(ends), next(ends))
        since, until = self._ranges[form]
        return (since is None or since <= version) and (until is None or version <= until)

    def __str__(self) -> str:
        if self.since is None:
            return f"{self.until} or earlier"
        return f"{self.since} or later" if self.until is None else f"{self.since} to {self.until}"


class Negotiator:
    """The negotiation of one client.

    Args:
        scheme: What it follows.
        endpoint: Of the client; "" is that of the client whose policies have it.
        library: The import package of the client library: warnings point to whoever called that.

    Attributes:
        scheme, endpoint: As given.
        decision: What is spoken right now.
        text: What requests say, None for nothing.
        due_at: When the service has to be asked, or what its refusal taught is over, on the clock of `is_due`.
        advertised: What the service said about its range, None if nothing is known yet.
    """

    __slots__ = ("_flight", "_mutex", "_teller", "advertised", "decision", "due_at", "endpoint", "scheme", "text")

    def __init__(self, scheme: Scheme, endpoint: str = "", *, library: str = "") -> None:
        self.scheme = scheme
        self.endpoint = endpoint.rstrip("/")
        self.advertised: Advertised | None = None
        self.due_at = _NEVER if scheme.discovery is None else _AT_ONCE
        self._flight: tuple[int, Signal] | None = None
        self._mutex = threading.Lock()
        self._teller: Teller | str = library  # made when there is something to tell
        self.text: str | None = None
        self.decision = Decision()
        self._settle(self._unasked())

    @property
    def version(self) -> ApiVersion | None:
        """The version that is spoken, None if the service has none."""
        return self.decision.use

    @property
    def may_change(self) -> bool:
        """Whether what is spoken may change: by a discovery document, or by a refusal that leaves a choice."""
        scheme, known = self.scheme, self.scheme.known
        has_choice = scheme.sender is not None and scheme.pinned is None and known.floor != known.newest
        return scheme.discovery is not None or has_choice

    def __repr__(self) -> str:
        scheme = self.scheme
        pinned = " (pinned)" if scheme.pinned is not None else ""
        offer = ""
        if self.advertised is not None and self.advertised.says_versions:
            offer = f"; the service offers {self.advertised}"
        elif self.due_at == _AT_ONCE:
            offer = "; the service was not asked yet"
        return (
            f"<Negotiator of {scheme.name}: {self.decision.use or 'no version'}{pinned} is spoken{offer}; "
            f"this client understands {scheme.known}>"
        )

    def _unasked(self) -> Decision:
        # Whatever is assumed of a service that says nothing, it has not been asked yet.
        wanted = self.scheme.pinned or self.scheme.known.newest
        return Decision(use=wanted, send=wanted)

    def _settle(self, decision: Decision) -> None:
        self.decision = decision
        self.text = None if decision.send is None or self.scheme.sender is None else decision.send.text

    # --- what is said to the service ---

    def put(self, request: HttpRequest, *, again: bool = False) -> None:
        """Say in the request which version it wants; with ``again`` in place of what it says already."""
        text, sender = self.text, self.scheme.sender
        if text is not None and sender is not None:
            sender.put(request, text, self.endpoint, again=again)

    def said(self, request: HttpRequest) -> str | None:
        """Return the version that a request says, None if it says none."""
        sender = self.scheme.sender
        return None if sender is None else sender.said(request, self.endpoint)

    def check(self, lifetime: Lifetime, operation: str) -> None:
        """Let an operation pass that exists in the version spoken.

        Raises:
            FeatureNotSupportedError: It does not.
        """
        use = self.decision.use
        if use is not None and lifetime.has(use):
            return
        why = ""
        if self.scheme.pinned is not None:
            why = "it was pinned with api_version"
        elif self.advertised is not None and self.advertised.says_versions:
            why = f"the service offers {self.advertised}, this client understands {self.scheme.known}"
        raise FeatureNotSupportedError(operation, str(lifetime), "no version" if use is None else str(use), why=why)

    # --- asking the service ---

    def is_due(self, now: float) -> bool:
        """Whether the discovery document has to be asked for before the next call."""
        return now >= self.due_at

    def board(self) -> tuple[Signal, bool] | None:
        """Return the one flight that asks the service, and whether the caller is to fly it: `land` has to follow then.

        None where somebody asks already, and what was learnt before serves until he is back.
        """
        from .._signal import Signal

        with self._mutex:
            if self._flight is None or self._flight[0] != os.getpid():  # a forked child has nobody who flies
                self._flight = os.getpid(), Signal()
                return self._flight[1], True
            return None if self.due_at != _AT_ONCE else (self._flight[1], False)

    def land(self, failure: Exception | None = None) -> None:
        """End the flight and wake those who wait."""
        with self._mutex:
            flight, self._flight = self._flight, None
        if flight is not None:
            flight[1].fire(failure)

    # --- what the service says ---

    def learn(self, advertised: Advertised | None, now: float, hook: LifecycleHook | None = None) -> None:
        """Take in what the service says about its range.

        Args:
            advertised: What it says, None if it has no versions.
            now: On the clock of `is_due`.
            hook: Called with the notices that are new.

        Raises:
            ApiVersionError: There is no version that both have. It is asked again at the next call.
        """
        decision = self._decided(advertised, "", hook)
        self.advertised = advertised
        discovery = self.scheme.discovery
        self.due_at = now + (_TAUGHT_SECONDS if discovery is None else discovery.lifetime)
        self._settle(decision)
        self._log()

    def go_on(self, now: float) -> None:
        """Go on with what is known: the service could not be asked. It is asked again in a minute."""
        if self.scheme.discovery is not None:
            self.due_at = now + min(_RETRY_SECONDS, self.scheme.discovery.lifetime)

    def start_over(self) -> None:
        """Say again what is said at first: there is no document to ask for, and what was refused may be there now."""
        self.due_at = _NEVER
        self.advertised = None
        self._settle(self._unasked())

    def forget(self) -> None:
        """Ask the service again before the next call: it refused what it said that it takes."""
        if self.scheme.discovery is not None:
            self.due_at = _AT_ONCE

    def can_follow(self, advertised: Advertised | None, refused: str) -> bool:
        """Whether what a refusal says leads to another version than the one that was refused."""
        if self.scheme.pinned is not None or advertised is None or not advertised.says_versions:
            return False
        from .decision import decide

        decision = decide(self.scheme.known, advertised, self.scheme.policy)
        return decision.error is None and decision.send is not None and decision.send.text != refused

    def judge(self, advertised: Advertised | None, *, subject: str = "", hook: LifecycleHook | None = None) -> Decision:
        """Judge one answer by the version that it says, and tell what is to be told.

        Args:
            advertised: What the answer says, None if it says nothing.
            subject: What makes two answers of one kind: their serialization, for example. Each kind is told once.
            hook: Called with the notices that are new.

        Raises:
            ApiVersionError: It cannot be understood: MalformedVersionError, UnsupportedApiVersionError.
        """
        return self._decided(advertised, subject, hook)

    def _decided(self, advertised: Advertised | None, subject: str, hook: LifecycleHook | None) -> Decision:
        from .decision import decide  # only for who hears something

        scheme = self.scheme
        decision = decide(scheme.known, advertised, scheme.policy, scheme.pinned)
        if decision.error is not None:
            raise decision.error
        for warning in decision.warnings:
            # The address is in the words, and differs from answer to answer; the versions are what is new or not.
            notice: Any = getattr(warning, "notice", None)
            about = str(advertised) if notice is None else notice.key
            self.teller.tell(warning, (subject, type(warning), about), hook)
        return decision

    @property
    def teller(self) -> Teller:
        """What tells the warnings."""
        if isinstance(self._teller, str):
            from ._telling import Teller

            self._teller = Teller(self._teller)
        return self._teller

    def _log(self) -> None:
        """Write what was agreed to the log ``clientsmith.core.versioning``: once for each lifetime of a discovery."""
        if "logging" not in sys.modules:  # nobody can have a handler
            return
        from logging import getLogger

        getLogger("clientsmith.core.versioning").info("%r", self)


def negotiation_of(client: object) -> Negotiator | None:
    """Return the negotiation of a client, to see what is spoken and why; None for a client without versions.

    Its ``version`` is the version spoken, ``advertised`` what the service said, and its repr tells all in a sentence.
    Before the first call it is what the client will ask for.
    """
    core = getattr(client, "_core", None)
    if core is None:
        raise TypeError(f"{type(client).__name__} is no client: it has to be made of a ServiceClient")
    return cast("Negotiator | None", core.negotiator)
