"""Origins (RFC 6454): scheme, host and port. Credentials never cross one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .rest import HttpRequest
    from .versioning.negotiator import Lifetime

__all__ = ["Access", "Home", "Origin", "Server", "filled", "home_of", "is_loopback", "leads_home", "origin_of"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a URL points, default ports filled in, in lower case."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """It as a URL without a path, ``https://api.example.com``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def origin_of(url: str) -> Origin:
    """Return the origin of an absolute URL.

    Raises:
        ValueError: The URL is relative, or its host or port cannot be read.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its words may quote a password
        raise ValueError("the URL's host or port cannot be read; it should look like https://api.example.com") from None
    if not parts.scheme or not parts.hostname:
        raise ValueError("the URL is not absolute: it needs a scheme and a host, as in https://api.example.com")
    scheme = parts.scheme.lower()
    return Origin(scheme, parts.hostname, port or _DEFAULT_PORTS.get(scheme, 0))


class Home:
    """The origin of a client's endpoint, quick to recognise: asked for every request that is sent."""

    __slots__ = ("_prefix", "origin")

    def __init__(self, endpoint: str) -> None:
        """Take an endpoint.

        Raises:
            ValueError: It is not an absolute http or https URL, or has user info, a query or a fragment.
        """
        self.origin = origin_of(endpoint)
        scheme, _, rest = endpoint.partition("://")
        if self.origin.scheme not in _DEFAULT_PORTS:
            raise ValueError(f"the endpoint's scheme is {self.origin.scheme!r}; clients speak https and http")
        if "@" in rest.partition("/")[0] or "\\" in endpoint:  # not shown: it may hold a password
            raise ValueError(
                f"the endpoint at {self.origin.host} holds user info or a backslash; pass name and password as a "
                "BasicCredential"
            )
        if "?" in endpoint or "#" in endpoint:
            raise ValueError(
                f"the endpoint at {self.origin.host} has a query or a fragment, but paths are appended to it; "
                "send query parameters with each request"
            )
        self._prefix = f"{scheme}://{rest.partition('/')[0]}/"

    @property
    def origins(self) -> tuple[Origin, ...]:
        """This one."""
        return (self.origin,)

    def has(self, url: str) -> bool:
        """Whether an absolute URL is of this origin."""
        # Nearly all begin as the endpoint does, and nothing after the slash can change the host any more.
        return url.startswith(self._prefix) or (origin_of(url) == self.origin and _is_plain(url))

    def knows(self, request: HttpRequest) -> bool:
        """Whether a request goes to this origin, or to the one that its operation has for itself."""
        server = request.call.server
        return self.has(request.url) or (server is not None and server.has(request.url))

    def trusts(self, request: HttpRequest) -> bool:
        """Whether a request may show who is calling: it goes where it is known, and its operation wants to know."""
        return not request.call.is_anonymous and self.knows(request)


class Homes(Home):
    """An origin, and others that are trusted like it: those that a caller named, to see his credential."""

    __slots__ = ("_others",)

    def __init__(self, endpoint: str, others: Sequence[str]) -> None:
        """Take an endpoint, and addresses at the other origins.

        Raises:
            ValueError: One of them is no address that a client can have.
        """
        super().__init__(endpoint)
        self._others = tuple(Home(other) for other in others)

    def has(self, url: str) -> bool:
        """Whether an absolute URL is of one of the origins."""
        return super().has(url) or any(other.has(url) for other in self._others)

    @property
    def origins(self) -> tuple[Origin, ...]:
        """All of them."""
        return (self.origin, *(other.origin for other in self._others))


class Server:
    """A server that one operation has for itself, as its API description says.

    It counts only for a client whose endpoint is the one that the same description names: whoever gives another
    endpoint, a test server or an installation of his own, means all operations, and nothing of his goes elsewhere.

    Args:
        url: Where the operation is.
        beside: The description's endpoint for all others; several, if it can be written in several ways.
    """

    __slots__ = ("beside", "home", "url")

    def __init__(self, url: str, *beside: str) -> None:
        self.url, self.beside = url.rstrip("/"), frozenset(one.rstrip("/") for one in beside)
        self.home = Home(self.url)


class Access(NamedTuple):
    """Where an operation is called that has a server of its own, whether it wants to know who is calling, and in which
    versions of the API there is such an operation at all: None for all."""

    server: Server | None = None
    is_anonymous: bool = False
    lifetime: Lifetime | None = None


def filled(endpoint: str, variables: Mapping[str, str]) -> str:
    """Return an endpoint with values for what stands in braces in it.

    Raises:
        ArgumentError: A value that cannot stand there: one for the host may lead to no other host, port or user.
    """
    from .errors import ArgumentError  # only for who has such an endpoint

    for name, value in variables.items():
        before, found, after = endpoint.partition(f"{{{name}}}")
        if not found:
            continue
        is_host = "/" not in before.partition("://")[2]
        allowed, wanted = (_HOST_PART, "letters, digits, dots and dashes") if is_host else (_PATH_PART, "a path")
        if not allowed(value) or ".." in value:
            raise ArgumentError(name, f"{name} is {value!r}, which cannot stand in {endpoint}: it has to be {wanted}")
        endpoint = (before + value + after).replace(found, value)
    return endpoint


# What a variable may be. With more it would lead to another host than the description's.
_HOST_PART: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?").fullmatch
_PATH_PART: Final = re.compile(r"[A-Za-z0-9._~/-]*").fullmatch


def home_of(endpoint: str | Home) -> Home:
    """Return the home of an endpoint.

    Raises:
        ValueError: It is no address that a client can have.
    """
    return endpoint if isinstance(endpoint, Home) else Home(endpoint)


def leads_home(url: str, endpoint: str) -> bool:
    """Whether an address leads to the endpoint's origin; a path does, whatever comes after."""
    if url.startswith("/"):
        return True
    try:
        return origin_of(url) == origin_of(endpoint) and _is_plain(url)
    except ValueError:
        return False


def _is_plain(url: str) -> bool:
    """Whether every parser finds the same host: in ``https://a\\@b/`` some find a, and some b."""
    return re.match(r"[A-Za-z]+://[A-Za-z0-9.:\[\]_-]+(?:[/?#]|$)", url) is not None


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very name: no name resolution, which an attacker could answer."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, section 6.3
        return True
    from ipaddress import ip_address  # only for who talks to himself

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
