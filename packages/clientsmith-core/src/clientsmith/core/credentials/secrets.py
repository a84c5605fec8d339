"""Fixed secrets: keys, signatures, passwords. Each is replaced in place with ``update``.

A credential is one object that clients share, so that all of them follow an ``update``. Copying gives the same object,
and pickling is refused: a pickle would put the secret into a queue or a file, and what comes out of it would not follow
an ``update`` any more. A worker process gets the secret itself and makes a credential of its own.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn, Self
from urllib.parse import unquote_plus

__all__ = ["BasicCredential", "Credential", "KeyCredential", "NamedKey", "NamedKeyCredential", "SasCredential"]


class Credential:
    """What all credentials that hold a secret have in common."""

    __slots__ = ()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        kind = type(self).__name__
        raise TypeError(
            f"a {kind} is not pickled, for its secret would be too; hand the secret over, and make a {kind} of it there"
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class KeyCredential(Credential):
    """A secret string: an API key, or a token that never changes by itself.

    Raises:
        ValueError: The key is empty.
        TypeError: The key is no string.
    """

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = _not_empty("key", key)

    @property
    def key(self) -> str:
        """The secret itself."""
        return self._key

    def update(self, key: str) -> None:
        """Replace the key from now on."""
        self._key = _not_empty("key", key)


class NamedKey(NamedTuple):
    """A key and the name that it belongs to."""

    name: str
    key: str

    def __repr__(self) -> str:
        return f"NamedKey({self.name!r}, ***)"


class NamedKeyCredential(Credential):
    """A key and the name of its owner, such as an account: what signatures over requests are made with.

    Raises:
        ValueError: Name or key is empty.
    """

    __slots__ = ("_named_key",)

    def __init__(self, name: str, key: str) -> None:
        self._named_key = NamedKey(_not_empty("name", name), _not_empty("key", key))

    @property
    def named_key(self) -> NamedKey:
        """Name and key, which belong together: read them at once, for `update` may come in between."""
        return self._named_key

    def update(self, name: str, key: str) -> None:
        """Replace both from now on, together."""
        self._named_key = NamedKey(_not_empty("name", name), _not_empty("key", key))

    def __repr__(self) -> str:
        return f"NamedKeyCredential({self._named_key.name!r}, ***)"


# RFC 3986, section 3.4. Anything else would end the query, or the request line.
_QUERY: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+").fullmatch


class SasCredential(Credential):
    """A shared access signature: query fields that the service's owner signed, sent as they are.

    Raises:
        ValueError: The signature is empty, or no query of a URL.
    """

    __slots__ = ("_names", "_signature")

    def __init__(self, signature: str) -> None:
        self._names: frozenset[str] = frozenset()
        self.update(signature)

    @property
    def signature(self) -> str:
        """The query fields, percent-encoded, without a question mark before them."""
        return self._signature

    @property
    def names(self) -> frozenset[str]:
        """The names of the fields of this signature and of all that it replaced, decoded.

        Signatures of one kind may differ in their fields, and a link that the service made while an older one was in
        use may repeat them all.
        """
        return self._names

    def update(self, signature: str) -> None:
        """Replace the signature from now on."""
        fields = _not_empty("signature", signature.removeprefix("?"))
        if "=" not in fields or not _QUERY(fields):  # not shown: it is a secret
            raise ValueError("the signature is not the query of a URL, such as 'sv=2024-05-04&sig=AbC%3D'")
        self._names |= {unquote_plus(field.partition("=")[0]) for field in fields.split("&") if field}
        self._signature = fields


class BasicCredential(Credential):
    """A user name and a password (RFC 7617).

    Raises:
        ValueError: The user name is empty or contains a colon, or one of the two contains a control character, or
            half of a surrogate pair.
        TypeError: One of the two is no string.
    """

    __slots__ = ("_pair",)

    def __init__(self, username: str, password: str) -> None:
        self._pair = self._checked(username, password)

    @property
    def username(self) -> str:
        """Who is calling."""
        return self._pair[0]

    @property
    def password(self) -> str:
        """The secret itself."""
        return self._pair[1]

    @property
    def pair(self) -> tuple[str, str]:
        """User name and password, which belong together: read them at once, for `update` may come in between."""
        return self._pair

    def update(self, username: str, password: str) -> None:
        """Replace both from now on, together."""
        self._pair = self._checked(username, password)

    @staticmethod
    def _checked(username: str, password: str) -> tuple[str, str]:
        _not_empty("user name", username)
        if ":" in username:  # RFC 7617, section 2: the first colon ends the user name
            raise ValueError(f"the user name {username!r} contains a colon, which basic authentication cannot carry")
        _check_text("password", password)
        for what, value in (("user name", username), ("password", password)):
            if _CONTROL(value):  # as before; a password that was read from a file often ends with a line break
                raise ValueError(f"the {what} contains a control character, a line break for example; remove it")
            if _HALF(value):  # sending it would be an error that quotes it
                raise ValueError(f"the {what} was not read in the encoding that it is in; it has to be UTF-8")
        return username, password

    def __repr__(self) -> str:
        return f"BasicCredential({self.username!r}, ***)"


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]").search
# What Python makes of bytes that are no UTF-8, in files, in the environment and on standard input.
_HALF: Final = re.compile(r"[\ud800-\udfff]").search


def _check_text(what: str, value: object) -> None:
    if not isinstance(value, str):  # not shown: it may be a secret of the wrong type
        raise TypeError(f"the {what} is a {type(value).__name__}; it has to be a string")


def _not_empty(what: str, value: str) -> str:
    if not value:  # an environment variable that is not set gives None
        raise ValueError(f"the {what} is empty; pass the one that the service gave you")
    _check_text(what, value)
    return value
