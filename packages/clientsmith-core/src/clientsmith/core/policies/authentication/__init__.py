"""Puts the credential on requests, to the client's own origin only.

Credentials are added per send, below retries and redirects: a request to another origin (a redirect, a next link)
simply does not get one, so nothing ever has to be taken off again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ..._origin import Home, home_of, is_loopback
from ...credentials.lookup import LookedUpCredential
from ...credentials.schemes import (
    AllOf,
    AuthenticationScheme,
    Basic,
    Bearer,
    KeyInCookie,
    KeyInHeader,
    KeyInQuery,
    SasInQuery,
    Signature,
    Signer,
    SingleScheme,
)
from ...credentials.secrets import BasicCredential, KeyCredential, NamedKeyCredential, SasCredential
from ...errors import CredentialError, InsecureTransportError
from ...pipeline import Policy
from .placing import (
    ALLOW_HTTP,
    QuerySecretPolicy,
    SecretPolicy,
    SigningPolicy,
    basic,
    key_in_cookie,
    key_in_header,
    key_in_query,
    sas_in_query,
)

if TYPE_CHECKING:
    from ...credentials.tokens import TokenCredential, TokenSource
    from .tokens import TokenCache

__all__ = ["ALLOW_HTTP", "QuerySecretPolicy", "SecretPolicy", "SigningPolicy", "authentication_policies"]


def authentication_policies(
    credential: object,
    schemes: Sequence[AuthenticationScheme],
    endpoint: str | Home,
    *,
    origins: Sequence[str] = (),
    allow_http: bool = False,
) -> list[Policy]:
    """Return the policies that show this credential in the first way of the service that it fits; none for None.

    They show it to the origin of ``endpoint`` alone, and to the other ``origins``.

    Raises:
        CredentialError: The credential fits none of the schemes.
        InsecureTransportError: The endpoint is plain http on another machine and ``allow_http`` is not set.
        UsageError: One of the origins is none.
    """
    if credential is None:
        return []
    home = home_of(endpoint)
    if origins:
        home = _with(home, origins)
    for scheme_of_url, host, _ in home.origins:
        if scheme_of_url != "https" and not is_loopback(host) and not allow_http:
            raise InsecureTransportError(
                f"the endpoint {scheme_of_url}://{host} is not encrypted, so the credential was not used; "
                "use https, or pass allow_http=True if the network in between is yours"
            )
    for scheme in schemes:
        policies = _all_of(credential, scheme, home) if isinstance(scheme, AllOf) else _one(credential, scheme, home)
        if policies:
            return policies
    given = "mapping" if isinstance(credential, Mapping) else type(credential).__name__
    wanted = " or ".join(dict.fromkeys(_fitting(scheme) for scheme in schemes)) or "no credential at all"
    raise CredentialError(f"a {given} does not fit this service, which takes {wanted}")


def _with(home: Home, origins: Sequence[str]) -> Home:
    from ..._origin import Homes  # most credentials are for one origin
    from ...errors import UsageError

    try:
        return Homes(home.origin.url, origins)
    except ValueError as error:
        raise UsageError(f"credential_origins names one that is none: {error}") from error


def _all_of(credential: object, scheme: AllOf, home: Home) -> list[Policy]:
    """Return the policies of all parts, none if the credential is not a mapping that has them all and no other."""
    if not isinstance(credential, Mapping):
        return []
    parts = cast("Mapping[str, object]", credential)
    policies = [_one(parts.get(name), part, home) for name, part in scheme.schemes.items()]
    if parts.keys() != scheme.schemes.keys() or not all(policies):
        return []
    # What signs comes last, whatever the order of the parts: it signs what the others have set.
    return sorted((policy for part in policies for policy in part), key=lambda one: isinstance(one, SigningPolicy))


def _one(credential: object, scheme: SingleScheme, home: Home) -> list[Policy]:
    """Return the policy for one scheme, none if the credential does not fit it."""
    match scheme, credential:
        case KeyInHeader(name, prefix), KeyCredential():
            return [SecretPolicy(key_in_header(credential, name, prefix), home)]
        case KeyInHeader(name, ""), _ if _field_of(credential).lower() == name.lower():
            return _tokens(cast("TokenSource", credential), (), home)
        case KeyInCookie(name), KeyCredential():
            return [SecretPolicy(key_in_cookie(credential, name), home)]
        case KeyInQuery(name), KeyCredential():
            return [key_in_query(credential, name, home)]
        case SasInQuery(), SasCredential():
            return [sas_in_query(credential, home)]
        case Basic(), BasicCredential():
            return [SecretPolicy(basic(credential), home)]
        case Basic(), LookedUpCredential():
            from .lookup import LookupPolicy  # a password needs none of this

            policy = LookupPolicy(credential, home)
            return [policy, SecretPolicy(policy.place, home)]
        case Bearer(), KeyCredential():
            return [SecretPolicy(key_in_header(credential, "Authorization", "Bearer "), home)]
        case Bearer(scopes), _:
            return _bearer(credential, tuple(scopes), home)
        case Signature(signer), NamedKeyCredential() if signer is not None:
            return [SigningPolicy(signer(credential), home)]
        case Signature(), Signer():
            return [SigningPolicy(credential, home)]
        case _:
            return []


def _bearer(credential: object, scopes: tuple[str, ...], home: Home) -> list[Policy]:
    is_one = any(hasattr(credential, name) for name in ("get_token", "get_token_info", "token_cache"))
    if not is_one or isinstance(credential, type):  # the class in place of its instance is a mistake that people make
        return []
    if _field_of(credential) not in ("", "Authorization"):
        return []  # its tokens are no bearer tokens
    return _tokens(cast("TokenSource | TokenCredential", credential), scopes, home)


def _field_of(credential: object) -> str:
    """Return the header field that a token source's tokens are for, "" for what is no token source."""
    cache: TokenCache | None = getattr(credential, "token_cache", None)
    return "" if cache is None or isinstance(credential, type) else cache.field


def _tokens(credential: TokenSource | TokenCredential, scopes: tuple[str, ...], home: Home) -> list[Policy]:
    from .bearer import BearerTokenPolicy, TokenStaysHomePolicy  # a key needs none of this

    policy = BearerTokenPolicy(credential, scopes, home)
    return [policy, TokenStaysHomePolicy(policy.tokens, home)]


def _fitting(scheme: AuthenticationScheme) -> str:
    match scheme:
        case AllOf(schemes):
            parts = ", ".join(f"{name!r}: {_fitting(part)}" for name, part in schemes.items())
            return f"the mapping {{{parts}}}"
        case Basic():
            return "BasicCredential"
        case Bearer():
            return "TokenCredential or KeyCredential"
        case SasInQuery():
            return "SasCredential"
        case Signature(signer):
            return "Signer" if signer is None else "NamedKeyCredential or Signer"
        case KeyInHeader() | KeyInQuery() | KeyInCookie():
            return "KeyCredential"
