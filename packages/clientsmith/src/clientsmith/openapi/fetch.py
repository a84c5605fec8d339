"""Documents from URLs, fetched with our own runtime: bounded in size and time, failures in clear words."""

from __future__ import annotations

import time
from http.client import responses
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import Basic, BasicCredential
from clientsmith.core.errors import HttpResponseError, InsecureTransportError, TransportError, UsageError
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.streaming import StreamedResponse
from clientsmith.findings import InputError

__all__ = ["fetch", "without_secrets"]

SECONDS: Final = 30.0  # for the whole document; the largest that we know is 12 MB
_ACCEPT: Final = "application/json, application/yaml;q=0.9, */*;q=0.5"


def fetch(url: str, name: str, limit: int, *, seconds: float = SECONDS) -> bytes:
    """Return the body that ``url`` answers to a GET, at most ``limit`` bytes of it.

    Redirects are followed, but never from https to http. A user name and a password in the URL are sent as Basic
    credentials, to that host only, and in the clear only to this machine.

    Raises:
        InputError: No answer, no success, or not within ``seconds``; the message says ``name`` instead of the URL.
    """
    try:
        target, credential = _split_credential(url)
        options = {"max_retries": 0, "timeout": seconds, "connect_timeout": 10.0}  # who waits can ask again
        parts = urlsplit(target)
        endpoint = f"{parts.scheme}://{parts.netloc}"
        client = ServiceClient(endpoint, credential, authentication=[Basic()], package="clientsmith", settings=options)
    except (UsageError, ValueError) as problem:
        raise _unreadable(name, problem) from None
    with client:
        try:
            request = HttpRequest("GET", target, headers={"Accept": _ACCEPT})
            response = client.send_request(request, stream=True)
            return _body(response, name, limit, seconds)
        except (TransportError, HttpResponseError, UsageError) as problem:
            raise _unreadable(name, problem) from None


def without_secrets(url: str) -> str:
    """Return the URL without user, password, query and fragment: what messages and files may show."""
    try:
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]


def _split_credential(url: str) -> tuple[str, BasicCredential | None]:
    parts: SplitResult = urlsplit(url)
    target = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    if parts.username is None:
        return target, None
    return target, BasicCredential(unquote(parts.username), unquote(parts.password or ""))


def _body(response: StreamedResponse, name: str, limit: int, seconds: float) -> bytes:
    if not response.is_success:
        raise _refused(response, name)
    deadline = time.monotonic() + seconds  # the call's own timeout ends with the header
    content = bytearray()
    with response:
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) >= limit:
                break
            if time.monotonic() > deadline:
                hint = "download the document and give the file"
                raise InputError(f"cannot read {name!r}: it takes longer than {seconds:g} s to arrive", hint)
    return bytes(content[:limit])


def _refused(response: HttpResponse, name: str) -> InputError:
    status = response.status_code
    answered = f"cannot read {name!r}: the server answered {status} {responses.get(status, '')}".rstrip()
    if 300 <= status < 400:
        where = without_secrets(response.headers.get("Location", "nowhere"))
        hint = "give that URL itself, or download the document and give the file"
        return InputError(f"{answered}, a redirect to {where} that is not followed", hint)
    if status in (401, 403):
        return InputError(answered, "give https://user:password@host/…, or download the document and give the file")
    return InputError(answered, "open it in a browser: is the path right?")


def _unreadable(name: str, problem: Exception) -> InputError:
    """What the runtime says about it: what happened, then what to do."""
    what, _, advice = str(problem.args[0] if problem.args else problem).partition("; ")  # without method and URL
    # What Python callers are told to pass as a keyword has another way here.
    if "verify=" in advice:
        advice = "if a private CA signed it, name the CA's certificate in the variable REQUESTS_CA_BUNDLE"
    elif isinstance(problem, InsecureTransportError):
        advice = "use https, or download the document and give the file"
    return InputError(f"cannot read {name!r}: {what}", advice)
