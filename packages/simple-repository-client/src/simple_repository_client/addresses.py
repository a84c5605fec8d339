"""Where an index is: its URL from the caller or the environment, without the secrets that may stand in it.

No index is a default: which one to trust is for whoever runs the program to say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from clientsmith.core.credentials import BasicCredential
from clientsmith.core.errors import UsageError

from .errors import FileError

if TYPE_CHECKING:
    from .pages import ProjectFile

__all__ = ["VARIABLES", "Address", "address_of", "check_address", "origin_of", "url_from"]

# Ours, then those of uv and pip: whoever has set one up for them means the same index. The first that is set wins.
VARIABLES: Final = ("SIMPLE_REPOSITORY_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL")

_PORTS: Final = {"https": 443, "http": 80}
_NAMED: Final = re.compile(r"[A-Za-z0-9._-]+=(?=https?://)").match  # uv's form: NAME=URL


class Address(NamedTuple):
    """An index URL as it can be shown, and who the URL said is calling."""

    url: str
    credential: BasicCredential | None


def address_of(index_url: str) -> Address:
    """Take name and password out of an index URL.

    Raises:
        UsageError: It is no http or https URL; or it has no name in front of its password. It is not shown then.
    """
    try:
        parts = urlsplit(index_url.strip())
        host, name, password = parts.hostname, parts.username, parts.password
        _ = parts.port
    except ValueError:  # its words may quote a password
        host = name = password = parts = None
    if parts is None or not host or parts.scheme not in ("http", "https"):
        raise UsageError("the index URL is none: it has to look like https://index.example.org/simple/")
    if parts.query or parts.fragment:
        raise UsageError(
            f"the index URL at {host} has a query or a fragment, and names of projects are put at its end; "
            "leave them out, and pass a token as `credential`"
        )
    url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path.rstrip('/')}/"
    if name is None and password is None:
        return Address(url, None)
    if not name:
        raise UsageError(f"the index URL at {host} has a password without a user name; write __token__ for a token")
    try:
        return Address(url, BasicCredential(unquote(name), unquote(password or "")))
    except ValueError:  # its words may quote a password
        raise UsageError(
            f"the index URL at {host} has a user name or a password that cannot be sent: a colon in the name, or a "
            "character that is none; check how they are written (%3A is a colon)"
        ) from None


def origin_of(url: str) -> tuple[str, str, int | None] | None:
    """Return scheme, host and port of a URL, the scheme's own port as None; None for what cannot be read."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or "\\" in url:  # some take a backslash for a slash, and find another host
        return None
    return parts.scheme, parts.hostname, None if port == _PORTS.get(parts.scheme) else port


def check_address(file: ProjectFile) -> None:
    """Let a file pass that can be asked for.

    Raises:
        FileError: Its address is none of the web.
    """
    if file.obstacle:
        raise FileError(f"nothing is asked for: {file.obstacle}", file_name=file.filename)


def url_from(environment: Mapping[str, str] | None = None) -> str:
    """Return the index URL that the environment names.

    Raises:
        UsageError: It names none.
    """
    values = os.environ if environment is None else environment
    for name in VARIABLES:
        value = values.get(name, "").strip()
        if value:
            named = _NAMED(value) if name == "UV_DEFAULT_INDEX" else None
            return value[named.end() :] if named else value
    raise UsageError(f"no index URL: set {VARIABLES[0]}, or one of {', '.join(VARIABLES[1:])}; no index is the default")
