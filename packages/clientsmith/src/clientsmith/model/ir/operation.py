"""One operation: a method and path of the service, and the method of the client that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .interactions import Conditions, LongRunning, Paging
from .messages import Body, BodyField, Parameter, Response, Stream
from .security import Requirement
from .shapes import Shape
from .versions import ALL_VERSIONS, Lifetime

__all__ = ["Operation"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method and path of the service, and the method of the client that it becomes.

    An operation that answers in another kind too (``variant``) is another `Operation` of the same method and path:
    ``stream`` for events, ``download`` for a file, ``headers`` for the header fields of a HEAD.
    """

    operation_id: str  # "" where the document gives none
    method: str
    path: str
    pointer: str
    verb: str = ""  # of the guideline's table, or the service's own word; `exists` (HEAD) returns a boolean
    noun: str = ""
    name: str = ""  # Python method name: `list_pets`, `begin_send_command`
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()  # in the order of the signature: path, required, optional
    runtime_parameters: tuple[Parameter, ...] = ()  # sent by an option of the call, which is their `name`
    body: Body | None = None
    body_fields: tuple[BodyField, ...] = ()  # of an `update_` method (client-flatten-args)
    responses: tuple[Response, ...] = ()  # 2xx
    errors: tuple[Response, ...] = ()  # 4xx, 5xx, default
    security: tuple[Requirement, ...] | None = None  # alternatives; None means the API's, () that none is needed
    server: str = ""  # of its own, beside `Api.endpoint`
    variant: str = ""
    header_fields: tuple[str, ...] = ()  # the header fields that the method gives back, where the answer has no body
    deprecated: bool = False
    lifetime: Lifetime = ALL_VERSIONS  # the versions of the API that have it
    missing_is_success: bool = False  # 404 means that the work is done already
    paging: Paging | None = None
    long_running: LongRunning | None = None
    conditions: Conditions | None = None
    stream: Stream | None = None  # the answer is given piece by piece; `returns` is one of them
    returns: Shape | None = None  # what the method gives back, after paging and polling are taken off
    extensions: Mapping[str, Any] = field(default_factory=dict[str, Any])  # the document's `x-*` members, as they stand
    evidence: str = ""  # how verb and noun were found, for `clientsmith plan`
    document_path: str = ""  # where ``path`` spells a parameter as the client that it is bound to does

    @property
    def key(self) -> str:
        """What the configuration and the lock call it: ``GET /pets/{petId}``, as the document has it."""
        return f"{self.method} {self.document_path or self.path}" + (f" ({self.variant})" if self.variant else "")
