"""What is asked of a package that is driven, and what came of it: plain data on both sides of the pipe."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

__all__ = ["HOOK", "TRANSPORT", "Answer", "Attempt", "Fault", "Raised", "Returned", "Sent", "bytes_of", "member"]

# Arguments that JSON cannot say. The hook counts how often it is called: `Attempt.heard`.
HOOK: Final[Mapping[str, Any]] = {"$": "hook"}
TRANSPORT: Final[Mapping[str, Any]] = {"$": "transport"}  # one that carries nothing


def bytes_of(content: bytes) -> Mapping[str, Any]:
    """Return the argument that stands for these bytes."""
    return {"$": "bytes", "base64": base64.b64encode(content).decode("ascii")}


def member(module: str, name: str, *words: str) -> Mapping[str, Any]:
    """Return the argument that stands for the member of an enumeration whose name has all the words."""
    return {"$": "member", "module": module, "class": name, "words": list(words)}


class Fault(StrEnum):
    """How a service can fail to answer."""

    REFUSED = "refused"  # nobody takes the connection
    DROPPED = "dropped"  # the connection ends without an answer
    CUT_SHORT = "cut short"  # the answer ends too early


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the scripted service; ``text`` and ``content`` stand in for ``json`` where it is no JSON."""

    status: int = 200
    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    text: str | None = None
    content: bytes | None = None
    fault: Fault | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the answer as the scripted server reads it."""
        data: dict[str, Any] = {"status": self.status, "headers": dict(self.headers)}
        if self.fault is not None:
            data["fault"] = self.fault.value
        if self.content is not None:
            data["base64"] = base64.b64encode(self.content).decode("ascii")
        elif self.text is not None:
            data["text"] = self.text
        elif self.json is not None:
            data["json"] = self.json
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Answer:
        """Return the answer that was told as data."""
        return cls(int(data.get("status", 200)), data.get("json"), dict(data.get("headers") or {}), data.get("text"))


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it came to the service. Names of headers are lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def form(self) -> bytes:
        """The body but for what separates the parts of a form, which is made by chance."""
        boundary = self.headers.get("content-type", "").partition("boundary=")[2].strip('"').encode()
        return self.body.replace(boundary, b"") if boundary else self.body

    def json(self) -> Any:
        """Return the JSON body, or the fields of a form; None if it is neither."""
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Sent:
        """Return the request that the scripted server remembers."""
        headers = {str(name).lower(): str(value) for name, value in data["headers"]}
        target = str(data["target"])
        scheme = "https" if data.get("secure") else "http"
        url = target if "://" in target else f"{scheme}://{headers.get('host', '')}{target}"
        return cls(str(data["method"]), url, headers, base64.b64decode(data["body"]))


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception. ``lineage`` are the names of its classes, nearest first; ``attributes`` go by dotted paths."""

    type: str
    lineage: tuple[str, ...]
    message: str
    attributes: Mapping[str, Any]

    def is_a(self, name: str) -> bool:
        """Whether a class of this name, dotted or not, is among its classes."""
        return any(each == name or each.endswith(f".{name}") for each in self.lineage)

    def holds(self, value: object) -> str:
        """Return the attribute that is a value, or a text with it; "" if there is none."""
        for name, each in self.attributes.items():
            if each == value or (isinstance(value, str) and isinstance(each, str) and value in each):
                return name
        return ""

    def __str__(self) -> str:
        return f"{self.type.rpartition('.')[2]}: {self.message}" if self.message else self.type.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Returned:
    """A result. ``members`` are its public attributes; ``plain`` is what JSON can say of it."""

    type: str
    lineage: tuple[str, ...]
    members: frozenset[str]
    plain: Any


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a call: a result or an error, or the reason why it could not be made.

    Attributes:
        unmade: Why there was no call at all, or no end of it; "" if there was.
        stage: How far it came then: ``client``, ``arguments``, ``call`` or ``end``.
        requests: What was sent meanwhile.
        waits: How long it slept, in virtual seconds.
        heard: How often `HOOK` was called.
        facts: What a walk over pages or polls saw.
    """

    result: Returned | None = None
    error: Raised | None = None
    unmade: str = ""
    stage: str = ""
    requests: tuple[Sent, ...] = ()
    waits: tuple[float, ...] = ()
    heard: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_good(self) -> bool:
        """Whether the call came to an end without an error."""
        return not self.unmade and self.error is None

    def body(self, index: int = 0) -> Any:
        """Return the JSON body of a request, or the fields of its form."""
        return self.requests[index].json() if index < len(self.requests) else None

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Attempt:
        """Return the attempt that the subprocess told."""
        result, error = data.get("result"), data.get("error")
        return cls(
            _returned(result) if result is not None else None,
            _raised(error) if error is not None else None,
            str(data.get("unmade") or data.get("broken") or ""),
            str(data.get("stage") or ""),
            tuple(Sent.from_data(each) for each in data.get("requests") or ()),
            tuple(float(each) for each in data.get("waits") or ()),
            int(data.get("heard") or 0),
            dict(data.get("facts") or {}),
        )


def _returned(data: Mapping[str, Any]) -> Returned:
    return Returned(data["type"], tuple(data["lineage"]), frozenset(data["members"]), data["plain"])


def _raised(data: Mapping[str, Any]) -> Raised:
    return Raised(data["type"], _texts(data["lineage"]), data["message"], dict(data["attributes"]))


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(each) for each in values)
