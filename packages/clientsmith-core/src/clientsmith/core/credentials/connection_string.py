"""Connection strings: endpoint and secret of a service in one text, as a portal or a key vault hands them out.

``Endpoint=https://depot.example/;AccessKey=c2VjcmV0==``: parts between semicolons, each a name, an equals sign and a
value. Names differ neither by case nor by order; a value goes to the next semicolon, so it may hold further equals
signs. A client takes them by its factory ``from_connection_string`` (guideline client-connection-string).
"""

from __future__ import annotations

from typing import Final

from clientsmith.core.errors import ArgumentError

from .secrets import BasicCredential, KeyCredential, NamedKeyCredential, SasCredential

__all__ = ["parse_connection_string"]

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


def parse_connection_string(
    connection_string: str,
) -> tuple[str, KeyCredential | NamedKeyCredential | BasicCredential | SasCredential | None]:
    """Return the endpoint, and the credential that the text holds: None if it has no secret.

    ``Endpoint`` goes with ``AccessKey`` (`KeyCredential`), with ``AccountName`` and ``AccountKey``
    (`NamedKeyCredential`), with ``Username`` and ``Password`` (`BasicCredential`) or with ``SharedAccessSignature``
    (`SasCredential`). Parts of other names are for others, and left alone.

    Raises:
        ArgumentError: There is no endpoint, a part has no value or comes twice, or half of a pair is missing.
            The text itself is in no message: it is a secret.
    """
    parts = _parts(connection_string)
    endpoint = parts.pop("endpoint", "")
    if not endpoint:
        raise _refused("has no Endpoint")
    match sorted(parts):
        case []:
            return endpoint, None
        case ["key"]:
            return endpoint, KeyCredential(parts["key"])
        case ["key", "name"]:
            return endpoint, NamedKeyCredential(parts["name"], parts["key"])
        case ["password", "username"]:
            return endpoint, BasicCredential(parts["username"], parts["password"])
        case ["signature"]:
            return endpoint, SasCredential(parts["signature"])
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
