"""What of an exchange may be written to a file that everybody will read.

Rules:

- Header fields and query parameters show their values only if they are known to be harmless: the allow-lists of the
  logs (`clientsmith.core.redaction`), and what a test adds to them.
- Fields of JSON and form bodies are hidden by name, for bodies are what a recording is for: the names that secrets
  usually have, and what a test adds to them.
- A secret is hidden everywhere once it was seen in one place: a service may repeat a key in a body, a URL or a message.
  Secrets are the hidden header fields of requests, cookies, and whatever has the name of a secret. They are looked for
  as they are, percent-encoded and in base64.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit

from ..redaction import REDACTED, SAFE_HEADERS, SAFE_QUERY, SECRET_HEADERS, URL_HEADERS, redact_headers, redact_url

__all__ = ["SECRET_FIELDS", "Redaction"]

SECRET_FIELDS: Final = frozenset(
    {"accesskey", "accesstoken", "apikey", "assertion", "authorization", "clientassertion", "clientsecret",
     "connectionstring", "credential", "credentials", "devicecode", "idtoken", "passphrase", "passwd", "password",
     "privatekey", "pwd", "refreshtoken", "sas", "sastoken", "secret", "secretkey", "sharedkey", "signature", "token"}
)  # fmt: skip
"""Names of body fields that are hidden, in lower case and without what separates their words."""

# Shorter ones occur by chance: hiding every "key" and every "1" would leave nothing to read.
_SHORTEST_SECRET: Final = 6


class Redaction:
    """Hides secrets, see the rules of this module.

    Args:
        safe_headers: Names of header fields, beside the usual ones, whose values may be shown.
        safe_query: The same for query parameters.
        secret_fields: Names of fields of JSON and form bodies, beside the usual ones, that are hidden at any depth.
        secrets: Values that must not appear anywhere.
        url: Changes a URL before anything else is done with it: to hide a tenant's name in it, say.
    """

    def __init__(
        self,
        *,
        safe_headers: Iterable[str] = (),
        safe_query: Iterable[str] = (),
        secret_fields: Iterable[str] = (),
        secrets: Iterable[str] = (),
        url: Callable[[str], str] | None = None,
    ) -> None:
        self._safe_headers = SAFE_HEADERS | {name.lower() for name in safe_headers}
        self._safe_query = SAFE_QUERY | {name.lower() for name in safe_query}
        self._secret_fields = SECRET_FIELDS | {_bare(name) for name in secret_fields}
        self._change_url = url
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self._remember(secret, at_least=1)

    def url(self, url: str) -> str:
        """Return the URL without its secrets."""
        for name, value in parse_qsl(urlsplit(url).query):
            if self._is_secret(name):
                self._remember(value)
        password = _password_of(url)
        if password:
            self._remember(password)
        return redact_url(url if self._change_url is None else self._change_url(url), self._safe_query)

    def headers(self, headers: Mapping[str, str], *, is_request: bool) -> dict[str, str]:
        """Return the header fields without their secrets.

        What a request hides is a secret. An answer hides much that is none, ``X-Powered-By`` for example.
        """
        shown = redact_headers(headers, self._safe_headers)
        for name, value in headers.items():
            if name.lower() in URL_HEADERS:
                shown[name] = self.url(value)
            elif shown[name] == REDACTED and (is_request or name.lower() in SECRET_HEADERS or self._is_secret(name)):
                self._remember_header(value)
        return shown

    def json(self, value: Any) -> Any:
        """Return a JSON value without its secrets."""
        if isinstance(value, list):
            return [self.json(item) for item in cast("Iterable[Any]", value)]
        if not isinstance(value, dict):
            return value
        return {name: self._field(name, item) for name, item in cast("dict[str, Any]", value).items()}

    def form(self, text: str) -> str:
        """Return a form body without its secrets."""
        fields = parse_qsl(text, keep_blank_values=True)
        return urlencode([(name, self._field(name, value)) for name, value in fields], safe="*")

    def everywhere(self, text: str) -> str:
        """Return the text without anything that was hidden up to now."""
        if not self._secrets:
            return text
        if self._pattern is None:
            spellings = {spelling for secret in self._secrets for spelling in _spellings(secret)}
            self._pattern = re.compile("|".join(map(re.escape, sorted(spellings, key=len, reverse=True))))
        return self._pattern.sub(REDACTED, text)

    def _field(self, name: str, value: Any) -> Any:
        if not self._is_secret(name) or value is None or isinstance(value, bool):
            return self.json(value)
        self._remember_all(value)
        return REDACTED

    def _remember_all(self, value: Any) -> None:
        if isinstance(value, str):
            self._remember(value)
        elif isinstance(value, list | dict):
            inner = cast("Iterable[Any]", value.values() if isinstance(value, dict) else value)
            for item in inner:
                self._remember_all(item)

    def _is_secret(self, name: str) -> bool:
        return _bare(name) in self._secret_fields

    def _remember_header(self, value: str) -> None:
        """``Bearer token``, ``sid=…; Path=/``, ``SharedKey name:signature``."""
        self._remember(value)
        scheme, _, rest = value.partition(" ")
        if rest and scheme.isalpha():
            self._remember(rest)
            if scheme.lower() == "basic":
                self._remember(_decoded(rest).partition(":")[2])
        for part in re.split(r"[,;]\s*", value):
            name, _, inner = part.partition("=")
            if name.strip().lower() not in _COOKIE_ATTRIBUTES:
                self._remember(inner.strip(' "'))

    def _remember(self, secret: str, at_least: int = _SHORTEST_SECRET) -> None:
        if len(secret) >= at_least and secret not in self._secrets:
            self._secrets.add(secret)
            self._pattern = None


_COOKIE_ATTRIBUTES: Final = frozenset({"domain", "expires", "max-age", "path", "priority", "samesite"})


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode()
    except ValueError:  # no base64, or no text: it is hidden as it is
        return ""


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _password_of(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""


def _spellings(secret: str) -> set[str]:
    raw = secret.encode()
    encoded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    escaped = json.dumps(secret)[1:-1]  # in a text that happens to be JSON
    return {secret, escaped, quote(secret, safe=""), quote_plus(secret), *(text.rstrip("=") for text in encoded)}
