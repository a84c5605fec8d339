"""How the service takes credentials: the schemes as the runtime's data, and what callers give."""

from __future__ import annotations

from typing import Final

from clientsmith.emit.code import NONE, Code, Symbol, builtin, call, dictionary, indexed, tuple_of, union, value
from clientsmith.emit.colour import Colour
from clientsmith.emit.statements import Assign
from clientsmith.emit.text import one_line, sentence
from clientsmith.model.ir import Api, Location, SecurityScheme
from clientsmith.model.security import alternatives

__all__ = [
    "about_credential",
    "authentication",
    "credential_type",
    "is_keystone",
    "needs_credential",
    "sample_credential",
]

_CREDENTIALS: Final = "clientsmith.core.credentials"
_KEY_IN: Final = {
    Location.HEADER: "KeyInHeader",
    Location.QUERY: "KeyInQuery",
    Location.COOKIE: "KeyInCookie",
}
_KINDS: Final = {"key": "an API key", "basic": "a user name and a password", "bearer": "a bearer token"}
# The credential of `clientsmith.core.oauth2` for each flow. Implicit has none: RFC 9700, 2.1.2 advises against it.
_GRANTS: Final = {
    "clientCredentials": "ClientSecretCredential",
    "authorizationCode": "AuthorizationCodeCredential",
    "deviceAuthorization": "DeviceCodeCredential",
    "password": "PasswordCredential",
}


def authentication(api: Api) -> Assign:
    """``AUTHENTICATION``: the alternatives; schemes that are needed together are one of them, `AllOf`."""
    scheme = Symbol(_CREDENTIALS, "AuthenticationScheme").code
    annotation = indexed(Symbol("collections.abc", "Sequence").code, scheme)
    schemes = dict.fromkeys(_together(together) for together in alternatives(api))
    return Assign("AUTHENTICATION", tuple_of(schemes), annotation, "How the service takes credentials.")


def _together(schemes: tuple[SecurityScheme, ...]) -> Code:
    if len(schemes) == 1:
        return _scheme(schemes[0])
    parts = dictionary({scheme.key: _scheme(scheme) for scheme in schemes})
    return call(Symbol(_CREDENTIALS, "AllOf").code, parts)


def _scheme(scheme: SecurityScheme) -> Code:
    match scheme.kind:
        case "key":
            return call(Symbol(_CREDENTIALS, _KEY_IN[scheme.location]).code, value(scheme.wire_name))
        case "basic":
            return call(Symbol(_CREDENTIALS, "Basic").code)
        case "signature":
            return call(Symbol(_CREDENTIALS, "Signature").code)
        case _:
            scopes = {"scopes": value(scheme.scopes)} if scheme.scopes else {}
            return call(Symbol(_CREDENTIALS, "Bearer").code, **scopes)


def credential_type(api: Api, colour: Colour) -> Code:
    """The credentials that the service takes; None alone where it has none."""
    types: list[Code] = []
    for together in alternatives(api):
        each = [one for scheme in together for one in _types(scheme, colour)]
        mapping = Symbol("collections.abc", "Mapping").code
        types += each if len(together) == 1 else [indexed(mapping, builtin("str"), union(*each))]
    return union(*types, *([NONE] if api.security_optional or not types else []))


def _types(scheme: SecurityScheme, colour: Colour) -> list[Code]:
    match scheme.kind:
        case "key":
            sources = ["TokenSource"] if is_keystone(scheme) else []
            return [Symbol(_CREDENTIALS, name).code for name in ("KeyCredential", *sources)]
        case "basic":
            return [Symbol(_CREDENTIALS, "BasicCredential").code]
        case "signature":
            return [Symbol(_CREDENTIALS, "Signer").code]
        case _:  # a bearer token can be fetched, or be a fixed one
            return [colour.token_credential.code, Symbol(_CREDENTIALS, "KeyCredential").code]


def is_keystone(scheme: SecurityScheme) -> bool:
    """Whether a key is a token of OpenStack's identity service, for which the runtime has credentials."""
    return (scheme.kind, scheme.location, scheme.wire_name.lower()) == ("key", Location.HEADER, "x-auth-token")


def needs_credential(api: Api) -> bool:
    """Whether every operation needs one, so that the constructor has no default for it."""
    return bool(alternatives(api)) and not api.security_optional


def sample_credential(api: Api) -> Code:
    """A credential of the first kind that the service takes."""
    first = alternatives(api)[0]
    if len(first) == 1:
        return _sample(first[0])
    return dictionary({scheme.key: _sample(scheme) for scheme in first})


def _sample(scheme: SecurityScheme) -> Code:
    if scheme.kind == "basic":
        return call(Symbol(_CREDENTIALS, "BasicCredential").code, value("user"), value("secret"))
    return call(Symbol(_CREDENTIALS, "KeyCredential").code, value("secret"))


# --- in words --------------------------------------------------------------------------------------------------------


def about_credential(api: Api) -> str:
    """What the docstring of a constructor says about its credential."""
    known = dict.fromkeys(_words(together) for together in alternatives(api))
    certificate = any(scheme.kind == "certificate" for scheme in api.security_schemes)
    by_certificate = " The service asks for a client certificate: the option `certificate`." if certificate else ""
    if not known:
        return by_certificate.strip() or "The service asks for none."
    optional = " None sends none, which some operations allow." if api.security_optional else ""
    used = dict.fromkeys(scheme for together in alternatives(api) for scheme in together)
    described = " ".join(dict.fromkeys(sentence(scheme.description) for scheme in used if scheme.description))
    tokens = " ".join(dict.fromkeys(filter(None, (_about_tokens(scheme) for scheme in used))))
    parts = (f"What proves who is calling: {', or '.join(known)}.", described, tokens)
    return " ".join(filter(None, parts)) + by_certificate + optional


def _words(together: tuple[SecurityScheme, ...]) -> str:
    if len(together) == 1:
        return _kind(together[0])
    return f"a mapping of {' and '.join(f'``{one_line(one.key)}`` ({_kind(one)})' for one in together)}"


def _kind(scheme: SecurityScheme) -> str:
    if scheme.kind == "signature":
        return f"a `Signer` that speaks ``{one_line(scheme.wire_name)}``"
    if is_keystone(scheme):
        return "a token in a `KeyCredential`, or a credential of `clientsmith.core.openstack` that gets tokens"
    return _KINDS[scheme.kind]


def _about_tokens(scheme: SecurityScheme) -> str:
    """Where tokens come from, and who gets them."""
    if scheme.discovery_url:
        return f"Tokens come from what ``{one_line(scheme.discovery_url)}`` describes."
    ways = [
        f"`{_GRANTS[flow.kind]}`" + (f" from ``{one_line(flow.token_url)}``" if flow.token_url else "")
        for flow in scheme.flows
        if flow.kind in _GRANTS
    ]
    return f"`clientsmith.core.oauth2` gets tokens: {', '.join(dict.fromkeys(ways))}." if ways else ""
