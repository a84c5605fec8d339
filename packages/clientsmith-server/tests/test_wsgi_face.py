"""What only WSGI has: the environ, `start_response` with its second chance, iterables that are closed."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from clientsmith.server import WsgiApiVersions, api_version_of, header_versions, path_versions

SCHEME = header_versions("X-V", versions=["2025-01-01", "2026-06-01"])


def environ(**entries: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": "", **entries}


class Body:
    """An iterable as a framework makes them."""

    def __init__(self) -> None:
        self.closed = 0

    def __iter__(self) -> Any:
        yield b"a"

    def close(self) -> None:
        self.closed += 1


def test_the_applications_iterable_is_handed_on_as_it_is() -> None:
    body = Body()

    def app(environ: Any, start_response: Any) -> Body:
        start_response("200 OK", [])
        return body

    assert WsgiApiVersions(app, SCHEME)(environ(), lambda *arguments: None) is body  # type: ignore[arg-type,return-value]
    assert body.closed == 0


def test_a_second_start_with_an_error_is_handed_on() -> None:
    begun: list[Any] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-A", "1")])
        try:
            raise LookupError
        except LookupError:
            start_response("500 Oh", [("X-V", "own")], sys.exc_info())
        return []

    WsgiApiVersions(app, SCHEME)(environ(), lambda *arguments: begun.append(arguments))  # type: ignore[arg-type,return-value]
    (first, second) = begun
    assert first[:2] == ("200 OK", [("X-A", "1"), *SUPPORTED])
    assert second[:2] == ("500 Oh", [("X-V", "own"), *SUPPORTED[1:]])
    assert second[2][0] is LookupError


SUPPORTED = [("x-v", "2025-01-01"), ("api-supported-versions", "2025-01-01, 2026-06-01"), ("vary", "X-V")]


def test_what_the_server_returns_for_writing_is_handed_on() -> None:
    def write(piece: bytes) -> None: ...

    def app(environ: Any, start_response: Any) -> list[bytes]:
        assert start_response("200 OK", []) is write
        return []

    WsgiApiVersions(app, SCHEME)(environ(), lambda *arguments: write)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("script", "path", "version"),
    [("", "/v2/é".encode().decode("latin-1"), "v2"), ("/v9", "/v2", "v2"), ("/v9", "", "None"), ("", "/\xff", "None")],
    ids=["UTF-8", "mounted", "the mount itself", "not UTF-8"],
)
def test_the_path_is_read_below_the_mount(script: str, path: str, version: str) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        assert str(environ["api_version"]) == str(api_version_of(environ)) == version
        return []

    wrapped = WsgiApiVersions(app, path_versions(["v1", "v2"]))
    wrapped(environ(SCRIPT_NAME=script, PATH_INFO=path), lambda *arguments: None)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("framework", ["django", "falcon"])
def test_other_frameworks_requests_tell_their_version(framework: str) -> None:
    """Django's has its environ in `META`, Falcon's in `env`."""
    pytest.importorskip(framework, reason=f"{framework} is not installed")
    seen: list[str] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        if framework == "django":
            from django.conf import settings
            from django.core.handlers.wsgi import WSGIRequest

            if not settings.configured:
                settings.configure()
            seen.append(str(api_version_of(WSGIRequest({**environ, "wsgi.input": io.BytesIO()}))))
        else:
            import falcon.testing

            whole = falcon.testing.create_environ()
            seen.append(str(api_version_of(falcon.Request({**whole, **environ}))))
        return []

    WsgiApiVersions(app, SCHEME)(environ(HTTP_X_V="2026-06-01"), lambda *arguments: None)  # type: ignore[arg-type,return-value]
    assert seen == ["2026-06-01"]
