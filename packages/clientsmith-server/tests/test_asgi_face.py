"""What only ASGI has: the lifespan, WebSockets, messages in pieces, state."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import fastapi
import pytest
from clientsmith.server import ApiVersions, Lifecycle, api_version_of, header_versions, media_type_of, path_versions
from litestar import Litestar, get
from litestar.middleware import DefineMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

SCHEME = header_versions("X-V", versions=["2025-01-01", "2026-06-01"])


async def run(app: Any, scope: dict[str, Any], *received: Any) -> list[Any]:
    queue, sent = list(received), []

    async def receive() -> Any:
        return queue.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def test_the_lifespan_is_the_applications() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    scope = {"type": "lifespan"}
    await ApiVersions(app, SCHEME)(scope, "receive", "send")  # type: ignore[arg-type]
    assert seen == [(scope, "receive", "send")]


async def test_a_stream_goes_through_piece_by_piece() -> None:
    """Nothing is held back: each piece is sent before the next one is made."""
    order: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [], "trailers": True})
        for piece in (b"a", b"b"):
            order.append(f"made {piece!r}")
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.trailers", "headers": [(b"x", b"y")]})

    async def send(message: Any) -> None:
        order.append(f"sent {message.get('body', message['type'])!r}")

    await ApiVersions(app, SCHEME)({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send)  # type: ignore[arg-type]
    assert order == [
        "sent 'http.response.start'", "made b'a'", "sent b'a'", "made b'b'", "sent b'b'", "sent 'http.response.trailers'",
    ]  # fmt: skip


async def test_the_applications_message_is_not_changed() -> None:
    start = {"type": "http.response.start", "status": 204}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start)

    (sent,) = await run(ApiVersions(app, SCHEME), {"type": "http", "method": "GET", "path": "/", "headers": []})
    assert (b"x-v", b"2025-01-01") in sent["headers"]
    assert start == {"type": "http.response.start", "status": 204}


async def test_an_error_of_the_application_comes_out_unchanged() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("its own")

    with pytest.raises(LookupError, match="its own"):
        await run(ApiVersions(app, SCHEME), {"type": "http", "method": "GET", "path": "/", "headers": []})


async def test_the_state_of_the_lifespan_stays() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["state"]["pool"] == "a pool"
        assert scope["state"]["api_version"] == api_version_of(scope)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "state": {"pool": "a pool"}}
    await run(ApiVersions(app, SCHEME), scope)


@pytest.mark.parametrize(
    ("root", "path"),
    [("/shop", "/shop/v2/pets"), ("/shop/", "/shop/v2/pets"), ("/shop", "/v2/pets"), ("/sho", "/v2/pets")],
)
async def test_the_path_is_read_below_the_mount_however_the_server_says_it(root: str, path: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert str(api_version_of(scope)) == "v2"

    scope = {"type": "http", "method": "GET", "path": path, "root_path": root, "headers": []}
    await run(ApiVersions(app, path_versions(["v1", "v2"])), scope)


def test_what_did_not_come_through_it_says_so() -> None:
    with pytest.raises(LookupError, match="this dict did not come through ApiVersions; wrap the application in it"):
        api_version_of({"type": "http"})
    with pytest.raises(LookupError, match="this object did not come"):
        media_type_of(object())


# --- WebSockets ---


def chat() -> fastapi.FastAPI:
    app = fastapi.FastAPI()

    async def talk(websocket: fastapi.WebSocket) -> None:
        await websocket.accept(headers=[(b"x-own", b"1")])
        await websocket.send_text(str(api_version_of(websocket)))
        await websocket.close()

    talk.__annotations__["websocket"] = fastapi.WebSocket
    app.websocket("/chat")(talk)
    return app


def test_a_websocket_is_judged_by_its_handshake() -> None:
    client = TestClient(ApiVersions(chat(), SCHEME))
    with client.websocket_connect("/chat", headers={"X-V": "2026-06-01"}) as socket:
        assert (b"x-v", b"2026-06-01") in [tuple(field) for field in socket.extra_headers or ()]
        assert socket.receive_text() == "2026-06-01"


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}], ids=["close", "answer"])
async def test_a_refused_websocket_never_opens(extensions: dict[str, Any]) -> None:
    scope = {"type": "websocket", "path": "/chat", "headers": [(b"x-v", b"1999-01-01")], "extensions": extensions}
    sent = await run(ApiVersions(chat(), SCHEME), scope, {"type": "websocket.connect"})
    if extensions:
        assert [(m["type"], m.get("status")) for m in sent] == [
            ("websocket.http.response.start", 400),
            ("websocket.http.response.body", None),
        ]
    else:
        assert sent == [{"type": "websocket.close", "code": 1008}]


def test_starlettes_client_sees_a_refused_websocket() -> None:
    client = TestClient(ApiVersions(chat(), SCHEME))
    with (
        pytest.raises((WebSocketDisconnect, Exception)) as caught,
        client.websocket_connect("/chat", headers={"X-V": "x"}),
    ):
        raise AssertionError("it opened")
    assert not isinstance(caught.value, AssertionError)


# --- the frameworks' own ways of adding it ---


def test_fastapi_takes_it_as_a_middleware() -> None:
    app = fastapi.FastAPI()
    app.add_middleware(ApiVersions, versions=SCHEME, lifecycle=Lifecycle(deprecated=datetime(2026, 1, 1, tzinfo=UTC)))

    @app.get("/pets")
    def pets() -> str:
        return "pets"

    client = TestClient(app)
    answer = client.get("/pets", headers={"X-V": "2026-06-01"})
    assert (answer.status_code, answer.headers["x-v"], answer.headers["deprecation"]) == (
        200,
        "2026-06-01",
        "@1767225600",
    )
    assert client.get("/pets", headers={"X-V": "1999-01-01"}).status_code == 400
    assert client.get("/nothing").headers["x-v"] == "2025-01-01"


def test_with_cors_around_it_a_browser_can_read_a_refusal() -> None:
    """Starlette puts what is added later outside."""
    app = fastapi.FastAPI()
    app.add_middleware(ApiVersions, SCHEME)
    app.add_middleware(
        CORSMiddleware, allow_origins=["https://shop.test"], expose_headers=["X-V"], allow_headers=["X-V"]
    )
    client = TestClient(app, headers={"Origin": "https://shop.test"})
    refused = client.get("/pets", headers={"X-V": "1999-01-01"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (400, "https://shop.test")
    assert refused.headers["access-control-expose-headers"] == "X-V"
    assert refused.headers["vary"] == "X-V, Origin"
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "X-V"}
    assert client.options("/pets", headers=asked).status_code == 200


async def test_litestar_takes_it_as_a_middleware_for_what_it_routes() -> None:
    @get("/pets")
    async def pets() -> str:
        return "pets"

    app = Litestar([pets], middleware=[DefineMiddleware(ApiVersions, versions=SCHEME)], openapi_config=None)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/pets",
        "query_string": b"",
        "headers": [(b"x-v", b"1999-01-01")],
    }
    start, _ = await run(app, scope)
    assert start["status"] == 400


def test_a_mounted_application_has_versions_of_its_own() -> None:
    inner, outer = fastapi.FastAPI(), fastapi.FastAPI()

    @inner.get("/pets")
    def pets(request: fastapi.Request) -> str:
        return str(api_version_of(request))

    outer.mount("/shop", ApiVersions(inner, path_versions(["v1", "v2"])))
    inner.add_api_route("/v2/pets", pets)
    client = TestClient(outer)
    assert client.get("/shop/v2/pets").json() == "v2"
    assert client.get("/shop/v3/pets").status_code == 404
    assert client.get("/v3/pets").json() == {"detail": "Not Found"}


def test_many_requests_at_once_do_not_mix() -> None:
    """There is no state but the scope's."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        before = api_version_of(scope)
        await asyncio.sleep(0)
        assert api_version_of(scope) is before
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", str(before).encode())]})

    async def main() -> None:
        wrapped = ApiVersions(app, SCHEME)
        texts = [b"2025-01-01", b"2026-06-01"] * 20
        scopes = [{"type": "http", "method": "GET", "path": "/", "headers": [(b"x-v", text)]} for text in texts]
        for text, (sent,) in zip(texts, await asyncio.gather(*(run(wrapped, scope) for scope in scopes)), strict=True):
            assert dict(sent["headers"])[b"x"] == dict(sent["headers"])[b"x-v"] == text

    asyncio.run(main())
