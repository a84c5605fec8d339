"""Documents are fetched with our own runtime: bounded, and every failure is one message with what to do next."""

from __future__ import annotations

import json
import socket
import threading
import time
from base64 import b64decode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from clientsmith.findings import InputError
from clientsmith.openapi import source
from clientsmith.openapi.fetch import fetch, without_secrets
from clientsmith.openapi.load import load
from clientsmith.openapi.source import read_source

MINIMAL = {"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {}}
REDIRECTS = {"/moved": "/api.json", "/away": "ftp://user:pw@localhost/api.json", "/circle": "/circle"}


class Handler(BaseHTTPRequestHandler):
    """A document at /api.json, and at other paths everything that can go wrong."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in REDIRECTS:
            self.answer(302, Location=REDIRECTS[path])
        elif path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                time.sleep(0.02)
                self.wfile.write(b" ")
        elif path == "/secret" and "Authorization" not in self.headers:
            self.answer(401)
        elif path == "/secret":
            self.answer(200, b64decode(self.headers["Authorization"].removeprefix("Basic ")))
        elif path == "/page":
            self.answer(200, b"<!doctype html>\n<html></html>", Content_Type="text/html")
        elif path == "/api.json":
            self.answer(200, json.dumps(MINIMAL).encode())
        else:
            self.answer(404)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # the name is the base class's
        """Stay quiet."""

    def handle(self) -> None:
        """The client may hang up in the middle: that is what is tested."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


# --- what is fetched -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api.json", "/moved"], ids=["at once", "redirected"])
def test_a_url_is_fetched(server: str, path: str) -> None:
    document, _ = load(f"{server}{path}")
    assert document.root["info"]["title"] == "Tiny"


def test_a_login_in_the_url_is_sent_and_not_shown(server: str) -> None:
    url = server.replace("http://", "http://me:p%40ss@")
    assert fetch(f"{url}/secret", "name", 100) == b"me:p@ss"
    assert read_source(f"{url}/api.json?key=secret#top").name == f"{server}/api.json"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@host.test:8/a?key=1#b", "https://host.test:8/a"),
        ("https://host.test/a", "https://host.test/a"),
        ("https://me:pw@[broken/a?key=1", "[broken/a"),
    ],
)
def test_messages_show_no_secret_of_a_url(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_no_more_is_read_than_is_allowed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetch(f"{server}/api.json", "name", 10) == json.dumps(MINIMAL).encode()[:10]
    monkeypatch.setattr(source, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="it is larger than 0 MiB"):
        load(f"{server}/api.json")


# --- what fails ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        pytest.param("/nothing", "the server answered 404 Not Found", "is the path right", id="404"),
        pytest.param("/secret", "the server answered 401 Unauthorized", "user:password@host", id="401"),
        pytest.param(
            "/away", "a redirect to ftp://localhost/api.json that is not followed", "that URL itself", id="ftp"
        ),
        pytest.param("/circle", "gave up after 10 redirects", "", id="circle"),
        pytest.param("/page", "is not JSON or YAML: it looks like a web page", "the document itself", id="page"),
    ],
)
def test_an_answer_that_is_no_document_says_what_came(server: str, path: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        load(f"{server}{path}?key=secret")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert f"{server}{path}" in caught.value.message
    assert "secret" not in str(caught.value).replace("/secret", "")


@pytest.mark.parametrize(
    ("url", "message", "hint"),
    [
        pytest.param(
            "http://127.0.0.1:1/x", "could not connect to 127.0.0.1:1", "the service runs there", id="refused"
        ),
        pytest.param("http://nowhere.invalid/x", "could not be resolved", "how the endpoint is spelt", id="name"),
        pytest.param("http://me:pw@host.test/x", "is not encrypted", "use https", id="login in the clear"),
        pytest.param("http://host.test:port/x", "the URL's host or port cannot be read", "", id="port"),
        pytest.param("http://", "the URL is not absolute", "", id="no host"),
    ],
)
def test_a_url_without_an_answer_says_why(url: str, message: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        load(url)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "pw" not in str(caught.value)


def test_a_port_that_speaks_no_tls_says_so(server: str) -> None:
    with pytest.raises(InputError, match="no TLS connection to 127"):
        load(f"{server.replace('http:', 'https:')}/api.json")


def test_a_document_that_drips_in_is_given_up(server: str) -> None:
    """Each byte comes in time, the document does not."""
    with pytest.raises(InputError, match=r"it takes longer than 0\.2 s to arrive"):
        fetch(f"{server}/slow", "name", 1000, seconds=0.2)


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(InputError, match=r"the call's timeout of 0\.2 s ran out"):
            fetch(f"http://127.0.0.1:{port}/x", "name", 1000, seconds=0.2)
