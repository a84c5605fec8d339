"""A request as the mock sees it, and what it says."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

__all__ = ["Problem", "Reply", "Request", "Wishes", "problem"]


@dataclass(frozen=True, slots=True)
class Request:
    """What came: ``target`` is path and query as they were sent, names of ``headers`` are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""
    origin: str = ""  # scheme and authority that the caller used

    @property
    def raw_path(self) -> str:
        return urlsplit(self.target).path if self.target.startswith("http") else self.target.partition("?")[0]

    @property
    def raw_query(self) -> str:
        return self.target.partition("?")[2].partition("#")[0]

    @property
    def url(self) -> str:
        return f"{self.origin}{self.target}"

    @property
    def query(self) -> list[tuple[str, str]]:
        """Names decoded, values as they were sent; a plus is a space."""
        pairs = (part.partition("=") for part in self.raw_query.split("&") if part)
        return [(unquote(name.replace("+", " ")), text.replace("+", "%20")) for name, _, text in pairs]

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: text for name, _, text in pairs if name}

    @property
    def media_type(self) -> str:
        """The body's media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def own(self, name: str) -> str:
        """Return a query parameter of the mock's own, decoded; "" if it was not sent."""
        return dict(parse_qsl(self.raw_query)).get(name, "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the mock says. ``pieces`` is a body that comes piece by piece, ``findings`` is for the log."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content: bytes = b""
    pieces: tuple[bytes, ...] = ()
    operation: str = ""
    findings: tuple[str, ...] = ()


class Problem(NamedTuple):
    """One thing that is wrong with a request.

    Attributes:
        location: ``path``, ``query``, ``header``, ``cookie`` or ``body``.
        name: Of the parameter, or the JSON pointer to the part of the body.
        rule: What refuses it: a word of JSON Schema, ``required``, ``unknown`` …
        expected: What would have been right.
        message: All of it as a sentence.
    """

    location: str
    name: str
    rule: str
    expected: str
    message: str

    def as_data(self) -> dict[str, str]:
        """Return the member of ``errors`` in a problem document."""
        place = {"pointer": f"#{self.name}"} if self.location == "body" else {"name": self.name}
        return {"in": self.location, **place, "rule": self.rule, "expected": self.expected, "detail": self.message}

    def __str__(self) -> str:
        name = f"#{self.name}" if self.location == "body" else repr(self.name)
        return f"{self.location} {name}: {self.message} ({self.rule})"


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    errors: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
    operation: str = "",
    **members: Any,
) -> Reply:
    """Return a problem document (RFC 9457)."""
    listed = list(errors)
    body: dict[str, Any] = {"title": title, "status": status, "detail": detail, **members}
    if listed:
        body["errors"] = [one.as_data() for one in listed]
    findings = tuple(map(str, listed)) or (detail,)
    content = json.dumps(body, ensure_ascii=False).encode()
    return Reply(
        status, {"Content-Type": "application/problem+json", **(headers or {})}, content,
        operation=operation, findings=findings,
    )  # fmt: skip


class Wishes(NamedTuple):
    """What the caller prefers (RFC 7240), in the words that users of other mock servers know.

    Attributes:
        code: The status to answer with, "" leaves it to the mock.
        example: The name of the example.
        is_dynamic: Whether values are to be made from the schema, whatever examples there are.
        operation: The ``operationId`` that is meant, where several have the same method and path.
    """

    code: str = ""
    example: str = ""
    is_dynamic: bool = False
    operation: str = ""

    @classmethod
    def of(cls, request: Request) -> Wishes:
        """Read ``Prefer: code=404, example=none, dynamic=true``, or ``__code``, ``__example``, ``__dynamic``."""
        said: dict[str, str] = {}
        for part in request.headers.get("prefer", "").replace(";", ",").split(","):
            name, _, text = part.strip().partition("=")
            said[name.strip().lower()] = text.strip().strip('"')
        said |= {name[2:]: text for name, text in parse_qsl(request.raw_query) if name.startswith("__")}
        return cls(
            said.get("code", ""),
            said.get("example", ""),
            said.get("dynamic", "") in ("true", "1"),
            said.get("operation", ""),
        )
