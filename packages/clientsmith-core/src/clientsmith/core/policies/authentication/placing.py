"""Puts fixed secrets and signatures on requests, for each send and to the client's own origin only."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Collection
from typing import ClassVar, Final, TypeAlias
from urllib.parse import quote, unquote_plus

from ..._origin import Home
from ...credentials.schemes import Signer
from ...credentials.secrets import BasicCredential, KeyCredential, SasCredential
from ...pipeline import HookPolicy
from ...rest import HttpRequest, with_query
from ...settings import Setting, flag

__all__ = [
    "ALLOW_HTTP",
    "QuerySecretPolicy",
    "SecretPolicy",
    "SigningPolicy",
    "basic",
    "key_in_cookie",
    "key_in_header",
    "key_in_query",
    "sas_in_query",
]

ALLOW_HTTP: Final = Setting(
    "allow_http", False, "whether secrets may travel unencrypted to another machine", per_call=False, check=flag
)

Place: TypeAlias = Callable[[HttpRequest], None]


class SecretPolicy(HookPolicy):
    """Puts a fixed secret into a header field of every send to the client's origin."""

    settings: ClassVar[tuple[Setting, ...]] = (ALLOW_HTTP,)

    def __init__(self, place: Place, home: Home) -> None:
        self._place = place
        self._home = home

    def on_request(self, request: HttpRequest, /) -> None:
        if self._home.trusts(request):
            self._place(request)


def key_in_header(credential: KeyCredential, name: str, prefix: str) -> Place:
    """Return what sets a header field to the key."""

    def place(request: HttpRequest) -> None:
        request.headers[name] = prefix + credential.key

    return place


def key_in_cookie(credential: KeyCredential, name: str) -> Place:
    """Return what adds the key to the cookies that the request has."""
    field = f"{name}="

    def place(request: HttpRequest) -> None:
        present = request.headers.get("Cookie", "").split(";")
        others = [cookie for cookie in map(str.strip, present) if cookie and not cookie.startswith(field)]
        request.headers["Cookie"] = "; ".join([*others, field + quote(credential.key, safe="")])

    return place


def basic(credential: BasicCredential) -> Place:
    """Return what sets ``Authorization`` to user name and password."""

    def place(request: HttpRequest) -> None:
        pair = ":".join(credential.pair).encode()
        request.headers["Authorization"] = "Basic " + b2a_base64(pair, newline=False).decode("ascii")

    return place


# --- secrets in the query --------------------------------------------------------------------------------------------


class QuerySecretPolicy(HookPolicy):
    """Puts a secret into the query of every send to the client's origin.

    Services repeat queries in what they answer, so a secret comes back in next links and in addresses to poll. It is
    replaced there by the secret of today, and it goes nowhere else: neither to another origin, should the service
    repeat it in a link that leads there, nor into tokens that callers keep.
    """

    settings: ClassVar[tuple[Setting, ...]] = (ALLOW_HTTP,)

    def __init__(self, fields: Callable[[], str], names: Callable[[], Collection[str]], home: Home) -> None:
        """Take the fields to add, percent-encoded, and the decoded names of all that may come back."""
        self._fields = fields
        self._names = names
        self._home = home

    def on_request(self, request: HttpRequest, /) -> None:
        request.url = self.strip(request.url)
        if self._home.trusts(request):
            request.url = with_query(request.url, self._fields())

    def strip(self, url: str) -> str:
        """Return a URL, absolute or below the endpoint, without the secret: what may be kept."""
        if "?" not in url:
            return url
        path, _, rest = url.partition("?")
        query, joint, fragment = rest.partition("#")
        names, fields = self._names(), query.split("&")
        secret = [field for field in fields if unquote_plus(field.partition("=")[0]) in names]
        if not secret:
            return url
        is_at_home = not url.startswith(("http://", "https://")) or self._home.has(url)
        if not is_at_home and not self._is_ours(secret):
            return url
        kept = "&".join(field for field in fields if field not in secret)
        return f"{path}{'?' if kept else ''}{kept}{joint}{fragment}"

    def _is_ours(self, fields: list[str]) -> bool:
        """Whether fields on a URL of another origin, which may have such names itself, hold our secret of today."""
        ours = {unquote_plus(field) for field in self._fields().split("&")}
        return ours <= {unquote_plus(field) for field in fields}


def key_in_query(credential: KeyCredential, name: str, home: Home) -> QuerySecretPolicy:
    """Return the policy that sends a key as a query parameter."""
    field, names = f"{quote(name, safe='')}=", (name,)
    return QuerySecretPolicy(lambda: field + quote(credential.key, safe=""), lambda: names, home)


def sas_in_query(credential: SasCredential, home: Home) -> QuerySecretPolicy:
    """Return the policy that sends a shared access signature."""
    return QuerySecretPolicy(lambda: credential.signature, lambda: credential.names, home)


# --- signatures ------------------------------------------------------------------------------------------------------


class SigningPolicy(HookPolicy):
    """Has every send to the client's origin signed. The last of all hooks that change requests."""

    settings: ClassVar[tuple[Setting, ...]] = (ALLOW_HTTP,)

    def __init__(self, signer: Signer, home: Home) -> None:
        self._signer = signer
        self._home = home

    def on_request(self, request: HttpRequest, /) -> None:
        if self._home.trusts(request):
            self._signer.sign(request)
