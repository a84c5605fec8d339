"""A scheme: how one API says, sends and refuses versions, tied together as data that a client library writes down."""

from __future__ import annotations

from typing import Final, cast

from .._declared import Declared
from .model import Known, Policy
from .senders import Sender
from .sources import AnswerSource, BodySource
from .versions import ApiVersion

__all__ = ["DefaultVersion", "Discovery", "Scheme"]

_LENIENT: Final = Policy(malformed="ignore")


class DefaultVersion(str):
    """The default of a client's ``api_version``: what is spoken unless the caller says something, and so negotiable.

    A version that a caller gives is pinned: it is sent as it is, even if it is this one.
    """

    __slots__ = ()


class Discovery(Declared):
    """A document that says which versions there are, asked for before the first call.

    Attributes:
        paths: Where it may be, below the endpoint, the likely one first; ``""`` is the endpoint itself, ``"/"`` the
            root of its host, ``".."`` the endpoint without a version at its end.
        source: What reads it.
        lifetime: Seconds that it is believed. An hour: a service that is upgraded while a program runs is seen soon
            enough, and one more request an hour is nothing.
    """

    paths: tuple[str, ...]
    source: BodySource
    lifetime: float = 3600.0


class Scheme(Declared):
    """How an API says, sends and refuses versions.

    Attributes:
        name: For people: ``OpenStack microversions of compute``.
        known: The versions that the client understands.
        policy: What is done where client and service differ.
        sender: How a request says its version, None: it does not.
        answers: Where answers say the version that they are in.
        refusals: Where answers that refuse a version say which ones there are, beside their bodies, which are read by
            `ErrorBody`.
        refused_with: The statuses that may refuse a version.
        always_refuses: Those of them that mean nothing else with this scheme, so that no more evidence is needed.
        discovery: What is asked before the first call, None: nothing.
        pinned: The version that the caller insists on.
    """

    name: str
    known: Known
    policy: Policy = _LENIENT
    sender: Sender | None = None
    answers: tuple[AnswerSource, ...] = ()
    refusals: tuple[AnswerSource, ...] = ()
    refused_with: tuple[int, ...] = (400, 406, 410)
    always_refuses: tuple[int, ...] = ()
    discovery: Discovery | None = None
    pinned: ApiVersion | None = None

    def at(self, version: str) -> Scheme:
        """Return the scheme with a version that the caller chose. `DefaultVersion` leaves it to negotiate.

        Raises:
            MalformedVersionError: It is no version of this API.
            TypeError: It is no text.
        """
        if isinstance(version, DefaultVersion):
            return self
        if not isinstance(cast("object", version), str):
            example = self.known.newest.text
            raise TypeError(f"api_version is {version!r}; it is a text, such as {example!r}: leave it out to negotiate")
        return self.replaced(pinned=ApiVersion(version, self.known.format))
