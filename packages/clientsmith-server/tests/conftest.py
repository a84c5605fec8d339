"""What the tests share: applications behind every face, asked in this process, and servers for our own client."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.validate import validator

import fastapi
import litestar
import pytest
import uvicorn
from clientsmith.server import ApiVersions, VersionScheme, WsgiApiVersions, api_version_of
from starlette.requests import Request as StarletteRequest

# --- asking an application in this process ---


@dataclass
class Reply:
    """What came back."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes
    pieces: list[bytes] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        """All values of a header field."""
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str | None:
        """The one value of a header field, None if there is none."""
        values = self.all(name)
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None


def ask_asgi(app: Any, method: str, path: str, headers: dict[str, str], root: str = "") -> Reply:
    where, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": root + where, "raw_path": where.encode(), "query_string": query.encode(), "root_path": root,
        "headers": [(b"host", b"test"), *((k.lower().encode(), v.encode()) for k, v in headers.items())],
        "client": ("127.0.0.1", 1), "server": ("test", 80), "state": {},
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    pieces = [message.get("body", b"") for message in sent if message["type"] == "http.response.body"]
    fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return Reply(start["status"], fields, b"".join(pieces), pieces)


def ask_wsgi(app: Any, method: str, path: str, headers: dict[str, str], root: str = "") -> Reply:
    where, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": root, "PATH_INFO": where.encode().decode("latin-1"),
        "QUERY_STRING": query, "SERVER_NAME": "test", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False, "HTTP_HOST": "test",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
    }  # fmt: skip
    begun: list[Any] = []

    def start_response(status: str, fields: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        begun.append((int(status[:3]), fields))
        return lambda piece: None

    answer = validator(app)(environ, start_response)
    try:
        pieces = list(answer)
    finally:
        answer.close()
    status, fields = begun[-1]
    return Reply(status, fields, b"".join(pieces), pieces)


# --- one small service behind every face ---


@dataclass
class Service:
    """A service of two routes, `/pets` and `/v2/pets`, that answers with the version it was asked for."""

    app: Any
    is_asgi: bool
    calls: list[str]

    def ask(self, path: str = "/pets", method: str = "GET", root: str = "", **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (ask_asgi if self.is_asgi else ask_wsgi)(self.app, method, path, named, root)


OWN = {"Vary": "Accept", "Link": '</next>; rel="next"', "X-Own": "1"}
"""Header fields that the service sets itself."""


def bare_asgi(calls: list[str], own: dict[str, str]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix(scope["root_path"])
        calls.append(f"{scope['method']} {path}")
        version = api_version_of(scope)
        fields = [(name.lower().encode(), value.encode()) for name, value in own.items()]
        status = 200 if path.endswith("/pets") else 404
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": str(version).encode()})

    return app


def fast_api(calls: list[str], own: dict[str, str]) -> Any:
    app = fastapi.FastAPI()

    def pets(request: StarletteRequest) -> Any:
        calls.append(f"{request.method} {request.scope['path'].removeprefix(request.scope['root_path'])}")
        assert request.state.api_version == api_version_of(request)
        return fastapi.Response(str(api_version_of(request)), headers=own)

    pets.__annotations__["request"] = StarletteRequest
    for path in ("/pets", "/v1/pets", "/v2/pets"):
        app.api_route(path, methods=["GET", "HEAD", "OPTIONS"])(pets)
    return app


def lite_star(calls: list[str], own: dict[str, str]) -> Any:
    async def pets(request: litestar.Request) -> litestar.Response:
        calls.append(f"{request.method} {request.scope['path'].removeprefix(request.scope['root_path'])}")
        assert request.state.api_version == api_version_of(request)
        return litestar.Response(str(api_version_of(request)), media_type="text/plain", headers=own, status_code=200)

    pets.__annotations__.update({"request": litestar.Request, "return": litestar.Response})
    route = litestar.route(["/pets", "/v1/pets", "/v2/pets"], http_method=["GET", "HEAD", "OPTIONS"])
    return litestar.Litestar([route(pets)], openapi_config=None)


def bare_wsgi(calls: list[str], own: dict[str, str]) -> Any:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        calls.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        status = "200 OK" if environ["PATH_INFO"].endswith("/pets") else "404 Not Found"
        start_response(status, [("Content-Type", "text/plain"), *own.items()])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [str(api_version_of(environ)).encode()]

    return app


def flask_app(calls: list[str], own: dict[str, str]) -> Any:
    flask = pytest.importorskip("flask", reason="Flask is not installed")
    app = flask.Flask("service")

    def pets() -> Any:
        calls.append(f"{flask.request.method} {flask.request.path}")
        return flask.Response(str(api_version_of(flask.request)), headers=own)

    for path in ("/pets", "/v1/pets", "/v2/pets"):
        app.add_url_rule(path, path, pets, methods=["GET", "OPTIONS"], provide_automatic_options=False)
    return app


FACES = {
    "bare ASGI": (bare_asgi, True),
    "FastAPI": (fast_api, True),
    "Litestar": (lite_star, True),
    "bare WSGI": (bare_wsgi, False),
    "Flask": (flask_app, False),
}

MakeService = Callable[..., Service]


@pytest.fixture(params=FACES)
def make_service(request: pytest.FixtureRequest) -> MakeService:
    """Puts the service behind each face in turn, with the middleware around it."""
    maker, is_asgi = FACES[request.param]

    def make(scheme: VersionScheme, own: dict[str, str] | None = None, **options: Any) -> Service:
        calls: list[str] = []
        app = maker(calls, OWN if own is None else own)
        return Service((ApiVersions if is_asgi else WsgiApiVersions)(app, scheme, **options), is_asgi, calls)

    return make


# --- servers on loopback, for our own client ---


@dataclass
class Stage:
    """A server that runs all session long; each test puts an application on it."""

    url: str = ""
    app: Any = None

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)

    def wsgi(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@pytest.fixture(scope="session")
def asgi_stage() -> Iterator[Stage]:
    stage = Stage()
    config = uvicorn.Config(stage.asgi, port=0, lifespan="off", log_level="error", ws="none", interface="asgi3")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    stage.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield stage
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def wsgi_stage() -> Iterator[Stage]:
    stage = Stage()
    server = make_server("127.0.0.1", 0, stage.wsgi, _Threads, _Quiet)
    stage.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield stage
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture(params=["bare ASGI", "bare WSGI"])
def stage(request: pytest.FixtureRequest) -> Callable[..., Stage]:
    """Puts the service, with the middleware around it, on a server of its kind."""
    maker, is_asgi = FACES[request.param]
    running: Stage = request.getfixturevalue("asgi_stage" if is_asgi else "wsgi_stage")

    def put(scheme: VersionScheme, **options: Any) -> Stage:
        app = maker([], {"Content-Type": "text/plain"} if is_asgi else {})
        running.app = (ApiVersions if is_asgi else WsgiApiVersions)(app, scheme, **options)
        return running

    return put
