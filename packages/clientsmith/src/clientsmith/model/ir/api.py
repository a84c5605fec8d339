"""The whole service: its operations in groups, its shapes, and what is said of all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .messages import Parameter
from .operation import Operation
from .security import Requirement, SecurityScheme
from .servers import Server, ServerVariable, filled
from .shapes import NamedShape, Ref, Shape
from .versions import HEADER_OF_OURS, ApiVersionIn

__all__ = ["Api", "ErrorClass", "Features", "Group", "Tag", "Webhook"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that the service sends to its users, and what is in it."""

    key: str  # the document's name of it: ``newPet``; of a callback the operation's name and its own
    method: str
    pointer: str
    media_type: str = ""
    shape: Shape | None = None
    summary: str = ""
    description: str = ""
    operation_id: str = ""
    signature: str = ""  # how it is signed, by the name of a header: standard, svix, stripe, github; "" is not known
    event: tuple[str, tuple[str, ...]] | None = None  # the property that tells it apart, and its values
    name: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """What a document says of a tag: how operations belong together, and what people call it."""

    name: str
    display_name: str = ""
    parent: str = ""  # the tag above it, or the name of its ``x-tagGroups`` group
    is_badge: bool = False  # it marks operations ("beta"), and does not say where they belong
    description: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A client class, its operations, and the clients that it gives; the root of their tree is the client itself."""

    name: str  # the class: `PetstoreClient`, `IssuesClient`
    operations: tuple[Operation, ...]
    groups: tuple[Group, ...] = ()
    attribute: str = ""  # how its parent gives it: `issues`, a property, or `get_repository_client` where it is bound
    # Path parameters that its operations have in common and that the child is made with: no argument of its methods.
    bound: tuple[Parameter, ...] = ()
    description: str = ""
    evidence: str = ""
    wire_name: str = ""  # what the document calls it: a tag, a segment of paths, the prefix of ids
    key: str = ""  # what the configuration calls it: words joined by "_", and by "." below another group

    def walk(self) -> Iterator[Group]:
        """This group and all below it, a parent before its children."""
        yield self
        for group in self.groups:
            yield from group.walk()


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """A class of errors of the package's own: its ``error`` is a model.

    ``base`` is what the runtime raises for the status: ``ResourceNotFoundError``; of the class that all of a model
    have as their base, and that other statuses are raised as, it is ``HttpResponseError``.
    """

    model: Ref
    base: str
    name: str


@dataclass(frozen=True, slots=True)
class Features:
    """What a package has beside its client, because somebody asked for it."""

    cli: bool = False
    mcp: bool = False
    connection_string: bool = False
    aio_distribution: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    """A whole service, named and ready to be written."""

    title: str
    version: str
    root: Group
    # By JSON pointer (`file#pointer` outside of the main document), in the document's order.
    shapes: Mapping[str, NamedShape] = field(default_factory=dict[str, NamedShape])
    description: str = ""
    endpoint: str = ""  # first server URL, "" where there is none
    servers: tuple[Server, ...] = ()  # the first is the endpoint's
    webhooks: tuple[Webhook, ...] = ()
    security_schemes: tuple[SecurityScheme, ...] = ()
    security: tuple[Requirement, ...] = ()  # alternatives that apply where an operation says nothing
    security_optional: bool = True  # the API, or some operation, may be called without a credential
    api_version: ApiVersionIn = HEADER_OF_OURS
    tags: tuple[Tag, ...] = ()
    defaults: tuple[tuple[str, str], ...] = ()  # settings of the runtime as this service wants them: header names
    extensions: Mapping[str, Any] = field(default_factory=dict[str, Any])  # the root's `x-*` members, as they stand
    package: str = ""  # import name, `petstore`
    distribution: str = ""  # `petstore-client`
    features: Features = Features()
    # Where the configuration asks for them: by model, and of each model the base of the others first.
    error_classes: tuple[ErrorClass, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of all groups; before they are grouped, in the document's order."""
        return tuple(operation for group in self.root.walk() for operation in group.operations)

    @property
    def template(self) -> str:
        """The endpoint with the variables that callers can set in braces; the endpoint itself where it has none."""
        first = self.servers[0] if self.servers else None
        return first.url if first is not None and first.variables and filled(first) == self.endpoint else self.endpoint

    @property
    def variables(self) -> tuple[ServerVariable, ...]:
        """What callers set of the endpoint, each by an argument of its own; the version has one already."""
        known = self.servers[0].variables if self.template != self.endpoint else ()
        return tuple(one for one in known if one.wire_name != self.api_version.variable)

    def security_of(self, operation: Operation) -> tuple[Requirement, ...]:
        """Return what an operation asks for: alternatives, of which the caller fulfils one."""
        return self.security if operation.security is None else operation.security

    def schemes_of(self, operation: Operation) -> frozenset[str]:
        """Return the keys of all security schemes that an operation can be called with."""
        return frozenset(key for requirement in self.security_of(operation) for key in requirement.schemes)
