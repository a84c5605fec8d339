"""The intermediate representation: what an API is, in our own words, before any Python is written.

Everything here is immutable and holds no reference to the document it came from but the JSON pointers. Named shapes
(models and enums) are referred to by `Ref`, so recursion costs nothing. Two kinds of names stand side by side:
``wire_name`` is what travels, ``name`` is the Python name that the naming pass allocated ("" before that pass).

    SPEC -> load -> up-convert -> resolve -> build (this) -> passes, see `pipeline.PASSES` -> emit

    Api                     api            the service, its groups of operations, tags, webhooks, features
      Operation             operation      one method and path, one method of the client
        Parameter, Body …   messages       what is sent and answered
        Paging …            interactions   what takes more than one request
        Requirement         security       who may call
      Shape, Model, Enum    shapes         what values look like
      Server                servers        where the service is
      ApiVersionIn          versions       which version of the API is spoken
"""

from __future__ import annotations

from .api import Api, ErrorClass, Features, Group, Tag, Webhook
from .interactions import Conditions, LongRunning, Paging, PagingScheme
from .messages import Body, BodyField, Content, Encoding, Link, Location, Parameter, Response, Stream, StreamKind
from .operation import Operation
from .security import Flow, Requirement, SecurityScheme
from .servers import Server, ServerVariable, filled
from .shapes import (
    UNCONSTRAINED,
    AnyShape,
    Array,
    Binary,
    Constraints,
    Enum,
    EnumMember,
    Literal,
    Map,
    Model,
    NamedShape,
    Nullable,
    Property,
    Ref,
    Scalar,
    ScalarKind,
    Shape,
    Spelling,
    Union,
    Xml,
)
from .versions import ALL_VERSIONS, ApiVersionIn, Lifetime, VersionScheme

__all__ = [
    "ALL_VERSIONS",
    "UNCONSTRAINED",
    "AnyShape",
    "Api",
    "ApiVersionIn",
    "Array",
    "Binary",
    "Body",
    "BodyField",
    "Conditions",
    "Constraints",
    "Content",
    "Encoding",
    "Enum",
    "EnumMember",
    "ErrorClass",
    "Features",
    "Flow",
    "Group",
    "Lifetime",
    "Link",
    "Literal",
    "Location",
    "LongRunning",
    "Map",
    "Model",
    "NamedShape",
    "Nullable",
    "Operation",
    "Paging",
    "PagingScheme",
    "Parameter",
    "Property",
    "Ref",
    "Requirement",
    "Response",
    "Scalar",
    "ScalarKind",
    "SecurityScheme",
    "Server",
    "ServerVariable",
    "Shape",
    "Spelling",
    "Stream",
    "StreamKind",
    "Tag",
    "Union",
    "VersionScheme",
    "Webhook",
    "Xml",
    "filled",
]
