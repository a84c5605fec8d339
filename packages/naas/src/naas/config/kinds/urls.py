"""URLs, whose passwords are never shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from naas.config.kinds.base import HIDDEN, Unusable

__all__ = ["Url", "hide_password"]

_URL: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.\-]*)://(?:(?P<login>[^@/?#]*)@)?(?P<rest>\S*)", re.IGNORECASE)
# What libpq reads as a password in a query: `?password=…`, `&sslpassword=…`.
_PASSWORD_FIELD: Final = re.compile(r"(?i)([?&](?:ssl)?password=)[^&\s]*")


@dataclass(frozen=True, slots=True)
class Url:
    """A URL of one of some schemes, or one of some ``words_too``; the password in it is never shown."""

    schemes: tuple[str, ...]
    words_too: tuple[str, ...] = ()
    is_secret: bool = False

    @property
    def words(self) -> str:
        """The forms."""
        return " or ".join((*self.words_too, *(f"{scheme}://…" for scheme in self.schemes)))

    def read(self, raw: object) -> str | None:
        """Return the URL without white space around it."""
        text = raw.strip() if isinstance(raw, str) else None
        if text is None:
            raise Unusable("is not text; write a URL in quotes")
        found = _URL.fullmatch(text)
        if text and text not in self.words_too and (found is None or found["scheme"].lower() not in self.schemes):
            raise Unusable(f"is {hide_password(text)!r}; write {self.words}")
        return text or None

    def show(self, value: str | None) -> str:
        """Return the URL, its password hidden."""
        return hide_password(value or "")

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "string", "examples": [*self.words_too, *(f"{scheme}://" for scheme in self.schemes)]}


def hide_password(url: str) -> str:
    """Return the URL with its password, if it has one, replaced; also where the URL is damaged."""
    scheme, separator, rest = url.partition("://")
    login, at, server = rest.rpartition("@")
    if at:
        user, colon, _ = login.partition(":")
        # `nats://TOKEN@host` is a login without a user name: the token is the secret.
        shown = f"{user}:{HIDDEN}" if colon else (user if scheme.startswith("postgres") else HIDDEN)
        rest = f"{shown}@{server}"
    return _PASSWORD_FIELD.sub(rf"\1{HIDDEN}", f"{scheme}{separator}{rest}")
