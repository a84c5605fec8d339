"""Every error of the libraries below becomes one of ours; a new one that nobody mapped fails here."""

from __future__ import annotations

import http.client
import inspect
import pickle
import ssl
from typing import Any

import aiohttp
import pytest
import requests.exceptions
import urllib3.exceptions
from aiohttp import client_exceptions
from aiohttp.client_reqrep import ConnectionKey
from clientsmith.core.errors import (
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
    TransportError,
    UsageError,
)
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.transport._deadline import Exchange
from clientsmith.core.transport.aiohttp import transport as aiohttp_transport
from clientsmith.core.transport.requests import transport as requests_transport
from clientsmith.core.transport.stdlib.exchange import LOWER_ERRORS as stdlib_errors

PLACE = "service.test:443"


def errors_of(module: Any) -> list[type[Exception]]:
    """Return the exceptions that a module defines, warnings left out."""
    return [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Exception) and not issubclass(each, Warning) and each.__module__ == module.__name__
    ]


def blank(kind: type[Exception]) -> Exception:
    """Return an instance without asking its constructor, which wants a connection, a pool, a socket."""
    error = kind.__new__(kind)
    if isinstance(error, http.client.IncompleteRead):  # made of what its text needs
        vars(error).update(
            partial=0 if isinstance(error, urllib3.exceptions.HTTPError) else b"", expected=1, length=b""
        )
    return error


def request() -> HttpRequest:
    return HttpRequest("GET", f"https://{PLACE}/x?token=secret")


def exchange(**progress: bool) -> Exchange:
    made = Exchange(Call({}), 10.0, 60.0)
    for name, value in progress.items():
        setattr(made, name, value)
    return made


BEFORE = {"is_connected": False}
DURING = {"is_connected": True}
AFTER = {"is_connected": True, "is_sent": True, "has_answer": True}


@pytest.mark.parametrize("progress", [BEFORE, DURING, AFTER], ids=["connecting", "sending", "answered"])
@pytest.mark.parametrize(
    "kind", errors_of(urllib3.exceptions) + errors_of(requests.exceptions), ids=lambda k: k.__name__
)
def test_every_error_of_urllib3_and_requests_is_mapped(kind: type[Exception], progress: dict[str, bool]) -> None:
    """By how far the request came: before there was a connection it is unsent, later it is not."""
    error = requests_transport.translated(blank(kind), request(), exchange(**progress), PLACE)
    assert isinstance(error, TransportError)
    assert error.is_unsent == (progress is BEFORE)
    assert isinstance(error, ServiceRequestError) or progress is not BEFORE
    assert PLACE in str(error)
    assert "secret" not in str(error)


def test_what_urllib3_and_requests_raise_is_what_is_caught() -> None:
    """Nothing of theirs gets by, or the program's own ValueError would be caught with it."""
    kinds = errors_of(urllib3.exceptions) + errors_of(requests.exceptions)
    foreign = {kind.__name__ for kind in kinds if not issubclass(kind, requests_transport._LOWER_ERRORS)}
    # A proxy that makes no sense is told when its pool is made, see `_Connections._proxy_manager`.
    assert foreign <= {"ProxySchemeUnsupported"}


@pytest.mark.parametrize(
    ("cause", "progress", "kind"),
    [
        pytest.param(urllib3.exceptions.NameResolutionError, BEFORE, ServiceRequestError, id="name"),
        pytest.param(urllib3.exceptions.ConnectTimeoutError, BEFORE, ServiceRequestTimeoutError, id="connect timeout"),
        pytest.param(urllib3.exceptions.NewConnectionError, BEFORE, ServiceRequestError, id="refused"),
        pytest.param(urllib3.exceptions.ReadTimeoutError, AFTER, ServiceResponseTimeoutError, id="read timeout"),
        pytest.param(http.client.IncompleteRead, AFTER, ServiceResponseError, id="cut"),
        pytest.param(http.client.LineTooLong, AFTER, ServiceResponseError, id="no HTTP"),
        pytest.param(ConnectionResetError, DURING, ServiceResponseError, id="reset before the answer"),
        pytest.param(ssl.SSLEOFError, AFTER, ServiceResponseError, id="TLS ended"),
        pytest.param(urllib3.exceptions.DecodeError, AFTER, ServiceResponseError, id="encoding"),
    ],
)
def test_kinds(cause: type[Exception], progress: dict[str, bool], kind: type[TransportError]) -> None:
    """The kinds that a caller tells apart, also when urllib3 wrapped the cause."""
    inner = cause() if cause in (ConnectionResetError, ssl.SSLEOFError) else blank(cause)
    inner.args = inner.args or ("why",)
    for error in (inner, urllib3.exceptions.ProtocolError("Connection aborted.", inner)):
        assert type(requests_transport.translated(error, request(), exchange(**progress), PLACE)) is kind


# --- the standard library, which all of them stand on -----------------------------------------------------------------


def errors_of_the_system() -> list[type[Exception]]:
    """Return OSError, everything that Python makes of an errno, and what `socket` and `ssl` add to it."""
    found = {OSError, *OSError.__subclasses__(), *ConnectionError.__subclasses__(), *errors_of(ssl)}
    ours = {kind for kind in found if kind.__module__ in ("builtins", "socket", "ssl")}
    return sorted(ours, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("progress", [BEFORE, DURING, AFTER], ids=["connecting", "sending", "answered"])
@pytest.mark.parametrize("kind", [*errors_of(http.client), *errors_of_the_system()], ids=lambda k: k.__name__)
def test_every_error_of_the_standard_library_is_mapped(kind: type[Exception], progress: dict[str, bool]) -> None:
    """As it comes through urllib3, or past it."""
    error = blank(kind)
    assert isinstance(error, requests_transport._LOWER_ERRORS)
    mapped = requests_transport.translated(error, request(), exchange(**progress), PLACE)
    assert isinstance(mapped, TransportError)
    assert (mapped.attempts, mapped.previous) == (0, ())
    assert "secret" not in str(mapped)


@pytest.mark.parametrize("lower", [stdlib_errors, aiohttp_transport._LOWER_ERRORS], ids=["stdlib", "aiohttp"])
def test_no_error_of_the_system_gets_by(lower: tuple[type[Exception], ...]) -> None:
    """Sockets and TLS fail in the same ways below every transport."""
    assert [kind for kind in errors_of_the_system() if not issubclass(kind, lower)] == []


# --- aiohttp ---------------------------------------------------------------------------------------------------------


def of_aiohttp(kind: type[Exception]) -> Exception:
    """Return an instance with the parts that its text is made of."""
    key = ConnectionKey("service.test", 443, True, True, None, None, None)
    error = blank(kind)
    parts = {
        "_conn_key": key, "_os_error": OSError(111, "why"), "_certificate_error": ssl.SSLCertVerificationError("why"),
        "status": 400, "message": "why", "headers": None, "request_info": None, "history": (), "args": (key, OSError(1, "x")),
    }  # fmt: skip
    for name, value in parts.items():
        setattr(error, name, value)
    if isinstance(error, aiohttp.ClientResponseError):
        error.request_info = aiohttp.RequestInfo(aiohttp.client_reqrep.URL("http://x"), "GET", {})  # type: ignore[arg-type]
    return error


@pytest.mark.parametrize(
    "kind", [k for k in errors_of(client_exceptions) if issubclass(k, Exception)], ids=lambda k: k.__name__
)
def test_every_error_of_aiohttp_is_mapped(kind: type[Exception]) -> None:
    """Those of the connector are unsent; a URL that makes no sense is the caller's mistake."""
    if kind is client_exceptions.WSMessageTypeError:  # web sockets only, and a TypeError
        return
    assert issubclass(kind, aiohttp_transport._LOWER_ERRORS)
    error = aiohttp_transport.translated(of_aiohttp(kind), request(), PLACE, None)
    assert isinstance(error, TransportError | UsageError)
    assert PLACE in str(error)
    if issubclass(kind, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.ClientHttpProxyError):
        assert isinstance(error, ServiceRequestError)
        assert error.is_unsent
    elif isinstance(error, TransportError) and kind is not client_exceptions.ServerFingerprintMismatch:
        assert not error.is_unsent


def test_timeouts_of_aiohttp_keep_their_meaning() -> None:
    """Which of the two timeouts it was is told by the class."""
    connect = aiohttp_transport.translated(aiohttp.ConnectionTimeoutError(), request(), PLACE, None)
    read = aiohttp_transport.translated(aiohttp.SocketTimeoutError(), request(), PLACE, None)
    other = aiohttp_transport.translated(TimeoutError(), request(), PLACE, None)
    assert [type(error) for error in (connect, read, other)] == [
        ServiceRequestTimeoutError,
        ServiceResponseTimeoutError,
        ServiceResponseTimeoutError,
    ]


def test_errors_survive_pickling_and_hold_no_connection(wire: Any, serve: Any) -> None:
    """A pool of workers sends them from process to process."""
    server = serve([["close"]])
    with pytest.raises(ServiceResponseError) as caught:
        wire.get(server.url + "/x?token=secret")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert "secret" not in str(again)
    assert (again.method, again.attempts, again.is_unsent) == ("GET", 1, False)


def test_what_the_other_side_sent_is_cut_in_messages(wire: Any, serve: Any) -> None:
    """A message is one line, whoever wrote its parts."""
    server = serve([[b"x" * 5000 + b"\nsecond line\r\n\r\n", "close"]])
    with pytest.raises(ServiceResponseError) as caught:
        wire.get(server.url)
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)
