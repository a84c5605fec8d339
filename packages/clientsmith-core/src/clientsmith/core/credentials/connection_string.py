"""Connection strings: endpoint and secret of a service in one text, as a portal or a key vault hands them out.

``Endpoint=https://depot.example/;AccessKey=c2VjcmV0==``: parts between semicolons, each a name, an equals sign and a
value. Names differ neither by case nor by order; a value goes to the next semicolon, so it may hold further equals
signs. A client takes them by its factory ``from_connection_string`` (guideline client-connection-string).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from clientsmith.core.errors import ArgumentError

from .secrets import BasicCredential, KeyCredential, NamedKeyCredential, SasCredential

__all__ = ["parse_connection_string"]

AnyCredential = TypeVar(
    "AnyCredential", bound="KeyCredential | NamedKeyCredential | BasicCredential | SasCredential | None"
)

# The names of the parts as services spell them, in lower case, by what they mean here.
_NAMES: Final = {
    "endpoint": "endpoint",
    "accesskey": "key",
    "accountkey": "key",
    "apikey": "key",
    "key": "key",
    "sharedaccesskey": "key",
    "token": "key",
    "accountname": "name",
    "accesskeyname": "name",
    "sharedaccesskeyname": "name",
    "username": "username",
    "user": "username",
    "password": "password",
    "sharedaccesssignature": "signature",
}
_PARTS: Final[Mapping[object, str]] = {
    KeyCredential: "AccessKey",
    NamedKeyCredential: "AccountName and AccountKey",
    BasicCredential: "Username and Password",
    SasCredential: "SharedAccessSignature",
}


def parse_connection_string(connection_string: str, *kinds: type[AnyCredential]) -> tuple[str, AnyCredential]:
    """Return the endpoint, and the credential that the text holds: None if it has no secret.

    ``kinds`` are the classes of credentials that the service takes; `types.NoneType` among them if it needs none.

    ``Endpoint`` goes with ``AccessKey`` (`KeyCredential`), with ``AccountName`` and ``AccountKey``
    (`NamedKeyCredential`), with ``Username`` and ``Password`` (`BasicCredential`) or with ``SharedAccessSignature``
    (`SasCredential`). Parts of other names are for others, and left alone.

    Raises:
        ArgumentError: There is no endpoint, a part has no value or comes twice, half of a pair is missing, or the
            service takes no such credential. The text itself is in no message: it is a secret.
    """
    parts = _parts(connection_string)
    endpoint = parts.pop("endpoint", "")
    if not endpoint:
        raise _refused("has no Endpoint")
    credential = _credential(parts)
    if not isinstance(credential, kinds):
        wanted = " or ".join(_PARTS[kind] for kind in kinds if kind in _PARTS)
        raise _refused(f"has {' and '.join(sorted(parts)) or 'no secret'}, but the service takes {wanted or 'none'}")
    return endpoint, credential


def _credential(parts: Mapping[str, str]) -> object:
    match sorted(parts):
        case []:
            return None
        case ["key"]:
            return KeyCredential(parts["key"])
        case ["key", "name"]:
            return NamedKeyCredential(parts["name"], parts["key"])
        case ["password", "username"]:
            return BasicCredential(parts["username"], parts["password"])
        case ["signature"]:
            return SasCredential(parts["signature"])
        case found:
            raise _refused(f"has {' and '.join(found)}, which is no credential")


def _refused(why: str) -> ArgumentError:
    return ArgumentError("connection_string", f"the connection string {why}; write Endpoint=https://…;AccessKey=…")


def _parts(connection_string: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for number, part in enumerate(connection_string.strip().rstrip(";").split(";"), start=1):
        name, equals, value = (text.strip() for text in part.partition("="))
        if not name or not equals or not value:
            raise _refused(f"has no name and value in its part {number}")
        meaning = _NAMES.get(name.lower())
        if meaning in parts:
            raise _refused(f"says twice what its {meaning} is, the second time in its part {number}")
        if meaning is not None:
            parts[meaning] = value
    return parts
