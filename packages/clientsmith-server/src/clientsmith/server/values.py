"""The values of one decision: what a request says, and what becomes of it.

A decision is made from `RequestFacts` alone, so ASGI and WSGI are two thin faces over the same one. It ends in an
`Answer`, and the application is not called, or in a `PassOn`, and the application answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from clientsmith.core.versioning import ApiVersion

__all__ = ["Answer", "Field", "PassOn", "Refusal", "Render", "RequestFacts", "Verdict", "VersionScheme"]

Field: TypeAlias = tuple[str, str]
"""A header field: name and value."""


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One request, as far as versions go.

    Attributes:
        method: ``GET`` for a WebSocket.
        path: Below the place where the application is mounted, decoded; begins with a slash.
        query: As it was sent, without the question mark.
        field: Returns the value of a header field by its name in lower case, several joined by ", ", "" for none.
        root: Where the application is mounted, "" at the top.
    """

    method: str
    path: str
    query: str
    field: Callable[[str], str]
    root: str = ""


@dataclass(frozen=True, slots=True)
class PassOn:
    """The application answers.

    Attributes:
        version: The version that it is asked to answer in, None where the request has none.
        headers: What its answer gets beside its own header, see `clientsmith.server.fields`.
        media_type: What it is asked to answer with, "" where that is its own choice.
    """

    version: ApiVersion | None = None
    headers: tuple[Field, ...] = ()
    media_type: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The middleware answers, and the application does not hear of the request. ``Content-Length`` is added."""

    status: int
    headers: tuple[Field, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not passed on, before it becomes bytes.

    Attributes:
        status: 400, 404, 406 or 410.
        code: The reason in one word, for programs: ``UnsupportedApiVersion``, ``MalformedApiVersion``,
            ``ApiVersionRequired``, ``NotAcceptable``, ``ApiRetired``.
        detail: The reason in a sentence, for people; never more than 64 characters of it are the caller's.
        members: What a client can learn from: ``supported_versions``, ``min_version``, ``max_version``, ``sunset``, …
        headers: The fields that go with it.
    """

    status: int
    code: str
    detail: str
    members: Mapping[str, object] = field(default_factory=dict[str, object])
    headers: tuple[Field, ...] = ()


Verdict: TypeAlias = Answer | PassOn

Render: TypeAlias = Callable[[Refusal, RequestFacts], tuple[str, bytes]]
"""Makes media type and body of a refusal."""


class VersionScheme(Protocol):
    """How a service speaks of its versions. Write one where none of `clientsmith.server.schemes` fits."""

    @property
    def render(self) -> Render:
        """How it words a refusal."""
        ...

    def judge(self, request: RequestFacts, /) -> PassOn | Refusal | Answer:
        """Decide about a request: pure, and quick. An `Answer` is a document of the scheme's own, such as a list of
        versions."""
        ...
