"""The intermediate representation: what an API is, in our own words, before any Python is written.

Everything here is immutable and holds no reference to the document it came from but the JSON pointers. Named shapes
(models and enums) are referred to by `Ref`, so recursion costs nothing. Two kinds of names stand side by side:
``wire_name`` is what travels, ``name`` is the Python name that the naming pass allocated ("" before that pass).

    document -> load -> up-convert -> resolve -> build (this) -> name -> pair pagers -> pair pollers -> emit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias

# --- shapes ----------------------------------------------------------------------------------------------------------


class ScalarKind(StrEnum):
    """The scalar types that have a Python type of their own."""

    STRING = "str"
    INTEGER = "int"
    NUMBER = "float"
    BOOLEAN = "bool"
    NULL = "None"
    DATETIME = "datetime.datetime"
    DATE = "datetime.date"
    TIME = "datetime.time"
    DURATION = "datetime.timedelta"
    BYTES = "bytes"  # base64 in JSON
    UUID = "uuid.UUID"
    DECIMAL = "decimal.Decimal"


class Spelling(StrEnum):
    """How a value travels where its kind has more than one way."""

    USUAL = ""  # RFC 3339 for times, base64 for bytes, digits as text for decimals, numbers for integers
    HTTP_DATE = "http-date"  # Sun, 06 Nov 1994 08:49:37 GMT
    UNIX_SECONDS = "unix-seconds"
    BASE64URL = "base64url"
    NUMBER = "number"  # a decimal as a JSON number
    TEXT = "text"  # an integer as text: more than 53 bits do not get through every JSON parser


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, number, boolean, date …; ``format`` is the document's word, kept for docs and checks."""

    kind: ScalarKind
    format: str = ""
    spelling: Spelling = Spelling.USUAL


@dataclass(frozen=True, slots=True)
class Ref:
    """A named shape, by the JSON pointer of its schema: look it up in `Api.shapes`."""

    pointer: str


@dataclass(frozen=True, slots=True)
class Array:
    item: Shape


@dataclass(frozen=True, slots=True)
class Map:
    """An object with arbitrary keys."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Nullable:
    """A shape that may also be null."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class Union:
    """One of several shapes. ``tag`` is the wire name of the discriminating property, "" where there is none.

    ``mapping`` pairs each value of the tag with the member it means, in the document's order; () without a tag.
    """

    members: tuple[Shape, ...]
    tag: str = ""
    mapping: tuple[tuple[str, Shape], ...] = ()


@dataclass(frozen=True, slots=True)
class Literal:
    """Exactly this value: ``const``, or an inline enum of one, which is how older documents say it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Binary:
    """Raw bytes as a whole body: an image, an archive; not base64."""


@dataclass(frozen=True, slots=True)
class AnyShape:
    """Any JSON value: the schema says nothing, or says what we have no type for (then there is a finding)."""


Shape: TypeAlias = Scalar | Ref | Array | Map | Nullable | Union | Literal | Binary | AnyShape


@dataclass(frozen=True, slots=True)
class Constraints:
    """Which values of a shape the service allows. It is the service that checks them; a client only documents them."""

    minimum: float | None = None
    exclusive_minimum: float | None = None
    maximum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None  # characters
    max_length: int | None = None
    pattern: str = ""
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    items: Constraints | None = None  # of each item of a list


UNCONSTRAINED: Final = Constraints()


@dataclass(frozen=True, slots=True)
class Xml:
    """Where a property, or a model, stands in XML and under which name (OpenAPI 3.1, XML Object); "" is the usual."""

    name: str = ""
    namespace: str = ""
    prefix: str = ""
    attribute: bool = False
    text: bool = False
    wrapped: bool = False
    item: str = ""  # the name of the items of a wrapped list


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a model."""

    wire_name: str
    shape: Shape
    required: bool = False
    read_only: bool = False
    write_only: bool = False
    deprecated: bool = False
    description: str = ""
    default: Any = None
    has_default: bool = False
    constraints: Constraints = UNCONSTRAINED
    called: str = ""  # what the document wants it to be called in code: `x-ms-client-name`
    xml: Xml | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """An object with known properties. Fields that the document does not name are kept as they are."""

    pointer: str
    wire_name: str  # the schema's key or title: what the naming pass starts from
    properties: tuple[Property, ...]
    description: str = ""
    base: Ref | None = None
    tag: str = ""  # wire name of the discriminator, on the base
    tag_value: str = ""  # this child's value of it
    additional: Shape | None = None  # of the members that no property names, where the document types them
    additional_name: str = ""
    places: tuple[str, ...] = ()  # where else the document says the same, by pointer
    xml: Xml | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class EnumMember:
    wire_value: str | int
    description: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Enum:
    """An open enum: values that the document does not know pass through as they are."""

    pointer: str
    wire_name: str
    kind: ScalarKind  # STRING or INTEGER
    members: tuple[EnumMember, ...]
    description: str = ""
    name: str = ""
    places: tuple[str, ...] = ()  # as of a model


NamedShape: TypeAlias = Model | Enum

# --- operations ------------------------------------------------------------------------------------------------------


class Location(StrEnum):
    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A path, query, header or cookie parameter. ``style`` and ``explode`` as OpenAPI 3.1 defines them."""

    wire_name: str
    location: Location
    shape: Shape
    required: bool = False
    style: str = "form"
    explode: bool = True
    allow_reserved: bool = False
    as_json: bool = False  # travels as JSON text: ``content`` in place of ``schema``
    deprecated: bool = False
    description: str = ""
    default: Any = None
    has_default: bool = False
    constraints: Constraints = UNCONSTRAINED
    called: str = ""  # as of a property
    pointer: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How one field of a form, or one part of a multipart body, is written (OpenAPI 3.1, Encoding Object)."""

    field: str  # wire name
    style: str = ""
    explode: bool = True
    allow_reserved: bool = False
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()  # those whose value the document fixes


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent or answered in one media type; how it is read or written, `media.format_of` says."""

    media_type: str
    shape: Shape
    encodings: tuple[Encoding, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A request body: the form that we prefer (JSON, then form, multipart, XML, text, bytes), and the ``others``.

    ``always`` has members of a JSON body that the method sends itself: ``stream``, where that asks for events.
    """

    media_type: str
    shape: Shape
    required: bool = True
    description: str = ""
    name: str = ""
    encodings: tuple[Encoding, ...] = ()
    others: tuple[Content, ...] = ()
    always: tuple[tuple[str, Any], ...] = ()

    @property
    def contents(self) -> tuple[Content, ...]:
        """All forms that the service takes, the preferred one first."""
        return (Content(self.media_type, self.shape, self.encodings), *self.others)


@dataclass(frozen=True, slots=True)
class BodyField:
    """A property of the body that the method takes as a keyword; ``name`` is its name in that signature."""

    property: Property
    name: str = ""


class StreamKind(StrEnum):
    EVENTS = "events"  # text/event-stream
    LINES = "lines"  # JSON lines, or a JSON text sequence
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is read piece by piece. Without an item the pieces are what the format has: events, bytes."""

    kind: StreamKind
    item: Shape | None = None
    done_data: str = ""  # the data of an event that is no item but the end: ``[DONE]``
    evidence: str = ""
    envelope: bool = False  # an item is the event, with its name and its data, and not the data alone
    resumable: bool = False  # the service takes `Last-Event-ID`: a stream that broke off goes on behind that event


@dataclass(frozen=True, slots=True)
class Link:
    """What a document says that one can do with an answer (OpenAPI's Link Object)."""

    name: str
    operation_id: str = ""
    operation_ref: str = ""  # a URI reference
    parameters: tuple[tuple[str, str], ...] = ()  # name, perhaps with its place before it, and runtime expression


@dataclass(frozen=True, slots=True)
class Response:
    """What one status answers: ``status`` is a number, ``4XX`` or ``default``; no shape means no body.

    Of several media types the first is the one that we ask for; the ``others`` can be asked for.
    """

    status: str
    description: str = ""
    media_type: str = ""
    shape: Shape | None = None
    headers: tuple[str, ...] = ()  # names
    stream: Stream | None = None
    others: tuple[Content, ...] = ()
    streams: tuple[tuple[str, Stream], ...] = ()  # of the others: media type and how it is read piece by piece
    links: tuple[Link, ...] = ()

    @property
    def contents(self) -> tuple[Content, ...]:
        """All forms that the body can have, () where there is none."""
        return () if self.shape is None else (Content(self.media_type, self.shape), *self.others)


class PagingScheme(StrEnum):
    SINGLE = "single"  # one page; a list method is a pager even where the service has no paging yet
    NEXT_LINK = "next-link"  # a URL in the body
    NEXT_LINK_HEADER = "next-link-header"  # a URL in a response header (`Link: <...>; rel="next"`, or a bare one)
    TOKEN = "token"  # noqa: S105  # a token in the body, sent back in a query parameter
    LAST_ID = "last-id"  # the id of the last item, sent back in a query parameter
    PAGE_NUMBER = "page-number"  # page = 1, 2, … up to a page count, or until a page is empty
    OFFSET = "offset"


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list goes on. Paths are wire names from the root of the body, () for the body itself."""

    scheme: PagingScheme
    item: Shape
    items_path: tuple[str, ...] = ()
    next_path: tuple[str, ...] = ()  # next link, token, page count, or id of an item, as the scheme says
    parameter: str = ""  # wire name of the request's parameter: token, id, page or offset
    location: str = "query"  # of that parameter: query, header or body
    header: str = ""  # response header of NEXT_LINK_HEADER; of a token or a number of pages that is not in the body
    first_page: int = 1  # number of the first page; of an OFFSET, of the first item: 0 or 1
    more_path: tuple[str, ...] = ()  # where the answer says whether there are more
    total_path: tuple[str, ...] = ()  # where the number of all items is
    total_header: str = ""  # the response header that has it, where the body has not
    size: str = ""  # wire name of the parameter for the size of a page: the option `results_per_page`
    more_header: str = ""  # the response header that says whether there are more, where the body does not
    body_path: tuple[str, ...] = ()  # the object in the request's body that has parameter and size
    number_tokens: bool = False  # a token of digits goes into a body as a number
    below: bool = False  # a relative link starts from the first page's path
    keep: tuple[str, ...] = ()  # query parameters of the first page that links lack and the service asks for again
    evidence: str = ""  # why we think so, for `clientsmith plan`


@dataclass(frozen=True, slots=True)
class LongRunning:
    """How a long running operation is watched, and what it ends with."""

    result: Shape
    status_path: tuple[str, ...] = ("status",)
    succeeded: tuple[str, ...] = ("Succeeded",)
    failed: tuple[str, ...] = ("Failed", "Canceled")
    # URL template filled from the first answer's body, where no header says where to look; ``{}`` is the address of the
    # operation itself, and a value for ``{+name}`` keeps its slashes.
    poll_path: str = ""
    result_path: tuple[str, ...] = ()  # where in the final body the result is; () is the body itself
    final: str = "auto"  # where the result is, in core's words: auto, location, original-uri …
    cancel: str = ""  # how it is cancelled: method and path, as core's `Polling` reads it
    evidence: str = ""
    resource_status_path: tuple[str, ...] = ()  # where the resource itself says how far it is; () if in the same place
    error_path: tuple[str, ...] = ()  # where it tells why it failed, if that alone says so


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request can be made to depend on (RFC 9110, section 13): header fields, in the standard's spelling."""

    headers: tuple[str, ...]
    required: tuple[str, ...] = ()  # those of them that the service asks for every time
    evidence: str = ""

    @property
    def compare_etags(self) -> bool:
        return bool({"If-Match", "If-None-Match"} & set(self.headers))


@dataclass(frozen=True, slots=True)
class Requirement:
    """Security schemes that are needed together, by their keys; without any, no credential is needed."""

    schemes: tuple[str, ...]
    scopes: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to get a token of OAuth 2, in the document's word for it."""

    kind: str  # clientCredentials, authorizationCode, deviceAuthorization, password, implicit
    token_url: str = ""
    authorization_url: str = ""
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to say who is calling.

    ``kind`` is ``key`` (with location and wire name), ``basic``, ``bearer`` (OAuth2 and OpenID Connect too),
    ``signature`` (a scheme of HTTP that only the caller's code can speak) or ``certificate`` (mutual TLS).
    """

    key: str
    kind: str
    location: Location = Location.HEADER
    wire_name: str = ""  # of a key; of a signature the scheme of HTTP
    scopes: tuple[str, ...] = ()
    description: str = ""
    flows: tuple[Flow, ...] = ()
    discovery_url: str = ""  # of OpenID Connect


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """What a caller puts into the URL of a server; ``name`` is the argument of the constructor."""

    wire_name: str
    default: str
    values: tuple[str, ...] = ()
    description: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the service is: an absolute URL with ``{variables}``, in the document's order."""

    url: str
    description: str = ""
    variables: tuple[ServerVariable, ...] = ()


def filled(server: Server) -> str:
    """Return a server's URL with its variables' defaults, "" where one has none: it is the caller's to fill."""
    url = server.url
    for variable in server.variables:
        url = url.replace(f"{{{variable.wire_name}}}", variable.default)
    return "" if "{" in url else url


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
class ApiVersionIn:
    """Where a request says which version of the API it speaks."""

    location: Location = Location.HEADER
    wire_name: str = "API-Version"
    default: str = ""
    evidence: str = ""


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
    api_version: ApiVersionIn = ApiVersionIn()
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

    def security_of(self, operation: Operation) -> tuple[Requirement, ...]:
        """Return what an operation asks for: alternatives, of which the caller fulfils one."""
        return self.security if operation.security is None else operation.security

    def schemes_of(self, operation: Operation) -> frozenset[str]:
        """Return the keys of all security schemes that an operation can be called with."""
        return frozenset(key for requirement in self.security_of(operation) for key in requirement.schemes)
