"""The mock as a server: over sockets, with accidents, reread, and as a fixture."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientsmith.findings import InputError
from clientsmith.mock import MockServer

pytest_plugins = ["clientsmith.mock.pytest_plugin"]

Serve = Callable[..., MockServer]
PETSTORE = Path(__file__).parents[1] / "specs" / "oai-petstore.json"


def fetch(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(url, method=method, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_it_is_found_at_the_path_of_the_documents_server(serve: Serve) -> None:
    """And without it."""
    server = serve(PETSTORE)
    assert server.url == f"{server.origin}/v1"
    assert [fetch(f"{base}/pets/7")[0] for base in (server.url, server.origin)] == [200, 200]
    assert [exchange.operation for exchange in server.exchanges] == ["get_pet", "get_pet"]


def test_head_has_the_length_and_no_body(serve: Serve) -> None:
    status, headers, body = fetch(f"{serve(PETSTORE).url}/pets/7", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0


def test_failures_are_the_same_ones_each_time_and_never_three_in_a_row(serve: Serve) -> None:
    def statuses() -> list[int]:
        server = serve(PETSTORE, fail=0.6)
        return [fetch(f"{server.url}/pets/7")[0] for _ in range(20)]

    first = statuses()
    assert first == statuses()
    assert {200, 503} == set(first)
    assert "503, 503, 503" not in str(first)


def test_a_browser_may_call_it_if_it_is_told_so(serve: Serve) -> None:
    server = serve(PETSTORE, cors=True)
    asked = {"Origin": "https://page.test", "Access_Control_Request_Method": "GET"}
    status, headers, _ = fetch(f"{server.url}/pets/7", "OPTIONS", **asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, "https://page.test")


def test_a_document_that_changed_is_read_again(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that cannot be read leaves the old one in place, and is told."""
    monkeypatch.setattr("clientsmith.mock.server._LOOK_SECONDS", 0.0)
    file = tmp_path / "pets.json"
    document = json.loads(PETSTORE.read_text())
    file.write_text(json.dumps(document))
    server = serve(file, reload=True)
    assert fetch(f"{server.url}/cats")[0] == 404
    document["paths"]["/cats"] = {"get": {"responses": {"204": {"description": ""}}}}
    file.write_text(json.dumps(document))
    assert fetch(f"{server.url}/cats")[0] == 204
    file.write_text("{")
    os.utime(file, ns=(1, 1))
    assert fetch(f"{server.url}/cats")[0] == 204
    assert "cannot be read" in str(server.exchanges)


def test_parameters_that_nobody_described_are_refused_on_request(serve: Serve) -> None:
    server = serve(PETSTORE, refuse_unknown=True)
    status, _, body = fetch(f"{server.url}/pets?limti=3")
    assert (status, json.loads(body)["errors"][0]["rule"]) == (400, "unknown")


def test_a_mapping_is_a_document_too(serve: Serve) -> None:
    assert fetch(f"{serve(json.loads(PETSTORE.read_text())).url}/pets/7")[0] == 200
    with pytest.raises(InputError, match="not `openapi`"):
        serve({"paths_": {}})


def test_the_fixture_starts_one_server_a_document(mock_server: Callable[..., Any]) -> None:
    assert mock_server(PETSTORE) is mock_server(PETSTORE)
    assert fetch(f"{mock_server(PETSTORE).url}/pets/7")[0] == 200
