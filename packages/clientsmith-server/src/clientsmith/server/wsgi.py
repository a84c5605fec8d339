"""The face for WSGI applications: Flask, Django, Falcon, Bottle, a bare function."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from .decision import Decider, utc_now
from .fields import RawField, decoded, encoded, merged
from .lifecycle import Lifecycle
from .seen import KEY
from .values import Answer, RequestFacts, VersionScheme

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["WsgiApiVersions"]


class WsgiApiVersions:
    """A WSGI application that says which version of its API it speaks; the twin of `ApiVersions`.

        flask_app.wsgi_app = WsgiApiVersions(flask_app.wsgi_app, query_versions(versions=["2026-06-01"]))

    The application finds the version with `api_version_of`, or in ``environ["api_version"]``. Arguments and errors are
    those of `ApiVersions`.
    """

    def __init__(
        self,
        app: WSGIApplication,
        versions: VersionScheme,
        *,
        lifecycle: Lifecycle | Iterable[Lifecycle] = (),
        unversioned: Iterable[str] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.app = app
        self._decide = Decider(versions, lifecycle, unversioned, now).decide

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        verdict = self._decide(_facts(environ))
        if isinstance(verdict, Answer):
            return _answer(verdict, start_response)
        environ[KEY] = verdict
        environ["api_version"] = verdict.version
        if verdict.headers:
            start_response = partial(_start_with, start_response, encoded(verdict.headers))
        return self.app(environ, start_response)


def _facts(environ: WSGIEnvironment) -> RequestFacts:
    # PEP 3333: bytes of the path, each as one character.
    path = str(environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8", "replace") or "/"
    return RequestFacts(
        environ["REQUEST_METHOD"],
        path,
        environ.get("QUERY_STRING", ""),
        partial(_field, environ),
        environ.get("SCRIPT_NAME", ""),
    )


def _field(environ: WSGIEnvironment, name: str) -> str:
    return str(environ.get("HTTP_" + name.upper().replace("-", "_"), "")).strip()


def _start_with(
    start_response: StartResponse,
    additions: tuple[RawField, ...],
    status: str,
    headers: list[tuple[str, str]],
    *exc_info: Any,
) -> Callable[[bytes], object]:
    present = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return start_response(status, decoded(merged(present, additions)), *exc_info)


def _answer(answer: Answer, start_response: StartResponse) -> list[bytes]:
    start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", decoded(encoded(answer.headers)))
    return [answer.body] if answer.body else []
