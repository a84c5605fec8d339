"""What of an exchange may be written to a file that everybody will read.

Rules:

- Header fields and query parameters show their values only if they are known to be harmless: the allow-lists of the
  logs (`clientsmith.core.redaction`), and what a test adds to them.
- Fields of bodies are hidden by name, for bodies are what a recording is for: the names that secrets usually have, and
  what a test adds to them. So are fields in texts: parameters of a URL (a signed link in an answer opens the door to
  everybody), members of JSON, elements of XML, parts of a multipart body.
- An object below such a name is hidden as a whole, but for two of OpenStack's: the ``password`` that says who signs in,
  and the ``token`` that says what a token is good for; the token itself travels in a header field.
- A secret is hidden everywhere once it was seen in one place: a service may repeat a key in a body, a URL or a message.
  Secrets are the hidden header fields of requests, cookies, and whatever has the name of a secret. They are looked for
  as they are, percent-encoded, escaped as in JSON or XML, and in base64.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode, urlsplit

from ..redaction import REDACTED, SAFE_HEADERS, SAFE_QUERY, SECRET_HEADERS, URL_HEADERS, redact_headers, redact_url

__all__ = ["SECRET_FIELDS", "Redaction"]

SECRET_FIELDS: Final = frozenset(
    {"accesskey", "accesstoken", "accountkey", "actortoken", "apikey", "assertion", "authorization", "authtoken",
     "bearertoken", "clientassertion", "codeverifier", "connectionstring", "credential", "credentials", "csrftoken",
     "devicecode", "idtoken", "passcode", "passphrase", "passwd", "password", "primarykey", "privatekey", "pwd",
     "refreshtoken", "sas", "sastoken", "secondarykey", "secret", "secretkey", "securitytoken", "sessiontoken",
     "sharedkey", "signature", "subjecttoken", "subscriptionkey", "token", "usercode"}
)  # fmt: skip
"""Names of body fields that are hidden, in lower case and without what separates their words."""

# A name that ends like this is one too: ``adminPassword``, ``SecretAccessKey``, ``X-Amz-Signature``. "Token" is not
# among them, as the next page has one.
_SECRET_ENDINGS: Final = (
    "accesskey", "accesstoken", "apikey", "connectionstring", "credential", "passphrase", "passwd", "password",
    "privatekey", "refreshtoken", "secret", "secretkey", "securitytoken", "sessiontoken", "signature",
    "subscriptionkey",
)  # fmt: skip
# In forms and queries these are secrets as well; in JSON they are ordinary words.
_SECRET_PARAMETERS: Final = frozenset({"auth", "code", "key", "sig"})

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
        for name, value in _query_of(url):
            if self._is_secret_parameter(name):
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
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, dict):
            return value
        return {name: self._field(name, item) for name, item in cast("dict[str, Any]", value).items()}

    def form(self, text: str) -> str:
        """Return a form body without its secrets."""
        fields = parse_qsl(text, keep_blank_values=True)
        return urlencode([(name, self._parameter(name, value)) for name, value in fields], safe="*")

    def text(self, text: str) -> str:
        """Return a text without the secrets in it that have a name."""
        for pattern, decode in _NAMED_VALUES:
            text = pattern.sub(partial(self._hidden, decode), text)
        return text

    def _hidden(self, decode: Callable[[str], str], found: re.Match[str]) -> str:
        name = found["name"] if "name" in found.re.groupindex else "password"
        is_secret = self._is_secret_parameter if decode is unquote_plus else self._is_secret
        if not found["value"] or found["value"] == REDACTED or not is_secret(name):
            return found[0]
        self._remember(decode(found["value"]))
        start, end = (place - found.start() for place in found.span("value"))
        return found[0][:start] + REDACTED + found[0][end:]

    def everywhere(self, text: str) -> str:
        """Return the text without anything that was hidden up to now."""
        if not self._secrets:
            return text
        if self._pattern is None:
            longest_first = sorted(self._secrets, key=len, reverse=True)
            self._pattern = re.compile("|".join(pattern for secret in longest_first for pattern in _patterns(secret)))
        return self._pattern.sub(REDACTED, text)

    def _field(self, name: str, value: Any) -> Any:
        if not self._is_secret(name) or value is None or isinstance(value, bool) or _is_of_keystone(name, value):
            return self.json(value)
        self._remember_all(value)
        return REDACTED

    def _parameter(self, name: str, value: str) -> str:
        if not self._is_secret_parameter(name):
            return self.text(value)
        self._remember(value)
        return REDACTED

    def _remember_all(self, value: Any) -> None:
        if isinstance(value, str):
            self._remember(value)
        elif isinstance(value, list | dict):
            inner = cast("Iterable[Any]", value.values() if isinstance(value, dict) else value)
            for item in inner:
                self._remember_all(item)

    def _is_secret(self, name: str) -> bool:
        bare = _bare(name)
        return bare in self._secret_fields or bare.endswith(_SECRET_ENDINGS)

    def _is_secret_parameter(self, name: str) -> bool:
        return _bare(name) in _SECRET_PARAMETERS or self._is_secret(name)

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


def _is_of_keystone(name: str, value: Any) -> bool:
    """Whether an object has the name of a secret that it does not hold, or holds under a name of its own."""
    if not isinstance(value, dict):
        return False
    members = cast("dict[str, Any]", value).keys()
    return members == {"user"} if name == "password" else name == "token" and {"expires_at", "methods"} <= members


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


def _query_of(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query)
    except ValueError:
        return []


def _json_text(inner: str) -> str:
    try:
        return str(json.loads(f'"{inner}"'))
    except ValueError:  # a line break in it, for example
        return inner


# Where a text says what a value is: how it stands there, and how the value is read.
_NAMED_VALUES: Final[tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]] = (
    (re.compile(r"[?&;](?P<name>[\w.%-]+)=(?P<value>[^&;\s\"'<>#]+)"), unquote_plus),  # ";" ends "&amp;"
    (re.compile(r"://[^/\s:@\"'<>]*:(?P<value>[^/\s@\"'<>]+)@"), unquote),
    (re.compile(r'"(?P<name>[^"\\]+)"\s*:\s*"(?P<value>(?:[^"\\]|\\.)*)"'), _json_text),
    (re.compile(r"<(?:[\w.-]+:)?(?P<name>[\w.-]+)(?:\s[^<>]*)?>(?P<value>[^<]+)</"), html.unescape),
    (re.compile(r'\s(?P<name>[\w.:-]+)="(?P<value>[^"<>]+)"'), html.unescape),
    (
        re.compile(r'\bname="(?P<name>[^"]+)"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(?P<value>[^"]*?)\r\n--'),
        lambda value: value,
    ),
)


def _patterns(secret: str) -> Iterable[str]:
    """Return what finds a secret, in base64 too, whichever of its characters are escaped on the way and how."""
    raw = secret.encode(errors="surrogateescape")
    spellings = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return ["".join(map(_character, text)) for text in (secret, *(each.rstrip("=") for each in sorted(spellings)))]


def _character(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    percent = quote(character.encode(errors="surrogateescape"), safe="")
    spellings = {character, percent, percent.lower(), json.dumps(character)[1:-1], html.escape(character)}
    spellings |= {"+"} if character == " " else {"\\/"} if character == "/" else set()
    return f"(?:{'|'.join(map(re.escape, sorted(spellings, key=len, reverse=True)))})"
