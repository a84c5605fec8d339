"""How a service wants to be told who is calling. Schemes are data: a generated client writes them down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from .._declared import Declared

if TYPE_CHECKING:
    from ..rest import HttpRequest
    from .secrets import NamedKeyCredential

__all__ = [
    "AllOf",
    "AuthenticationScheme",
    "Basic",
    "Bearer",
    "KeyInCookie",
    "KeyInHeader",
    "KeyInQuery",
    "SasInQuery",
    "Signature",
    "Signer",
]


class KeyInHeader(Declared, kw_only=False):
    """The key in a header field, ``prefix`` before it (``Token `` for example)."""

    name: str
    prefix: str = ""


class KeyInQuery(Declared, kw_only=False):
    """The key in a query parameter."""

    name: str


class KeyInCookie(Declared, kw_only=False):
    """The key in a cookie."""

    name: str


class SasInQuery(Declared, kw_only=False):
    """The fields of a shared access signature in the query, from a `SasCredential`."""


class Basic(Declared, kw_only=False):
    """HTTP basic authentication (RFC 7617), from a `BasicCredential`."""


class Bearer(Declared, kw_only=False):
    """A bearer token (RFC 6750) from a `TokenCredential`, or a fixed one from a `KeyCredential`."""

    scopes: Sequence[str] = ()


@runtime_checkable
class Signer(Protocol):
    """Something that signs requests."""

    def sign(self, request: HttpRequest, /) -> None:
        """Sign the request by setting header fields or by adding to its URL.

        Called for every single send, retries and redirects included, after everything else that changes requests and
        right before the transport: method, URL, header fields and body are what will be sent. Fields that the transport
        adds by itself (``Host``, ``Content-Length``) follow from these; ``traceparent`` and ``tracestate`` are not
        signed, for proxies may change them. ``content`` is bytes, None, or an iterable that must not be consumed.

        Only requests to the client's own origin are signed. It may be called by many threads at the same time, and on
        an event loop, so it must not wait for anything.
        """
        ...


class Signature(Declared, kw_only=False):
    """A signature over each request, by a `Signer`.

    The caller's credential is a `Signer` itself, or a `NamedKeyCredential` of which ``signer`` makes one: a class of
    the client library that knows how this service wants requests signed.
    """

    signer: Callable[[NamedKeyCredential], Signer] | None = None


class AllOf(Declared, kw_only=False):
    """Several schemes at the same time, each under a name.

    The credential is a mapping from the same names to a credential each.
    """

    schemes: Mapping[str, SingleScheme]


SingleScheme: TypeAlias = KeyInHeader | KeyInQuery | KeyInCookie | SasInQuery | Basic | Bearer | Signature
AuthenticationScheme: TypeAlias = SingleScheme | AllOf
