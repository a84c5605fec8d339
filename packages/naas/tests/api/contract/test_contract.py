"""What existing clients of NAAS v2 send, byte for byte, over a socket; and what the contract says that they get.

The conversations stand in the ``.http`` files beside this one. A request is sent as it is written there. In what is
expected, a name in braces is learnt where it is met first and must be the same from then on, ``"<int>"`` and the like
stand for any value of the kind, and keys that the contract does not name may come in addition.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent
ADMIN_SECRET = "the secret of the operator"
PATIENCE = 15.0


@dataclass(frozen=True)
class Exchange:
    """One request, and the answer that is expected: at once, or when the status in the body is ``until``."""

    title: str
    request: str
    status: int
    until: str | None
    headers: tuple[tuple[str, str], ...]
    body: str


def exchanges(path: Path) -> Iterator[Exchange]:
    for part in re.split(r"^### ", path.read_text(), flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        request, _, answer = rest.partition("\n<<< ")
        first, *lines = answer.strip().splitlines()
        status, _, until = first.partition(" until ")
        at = next((number for number, line in enumerate(lines) if line[0] in "{[e"), len(lines))
        headers = tuple((line.partition(": ")[0], line.partition(": ")[2]) for line in lines[:at])
        yield Exchange(title, request, int(status), until or None, headers, "\n".join(lines[at:]))


def basic(text: str) -> str:
    return "Authorization: Basic " + base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="module")
def address(start_server: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """A real server with the old paths switched on."""
    environment = {"NAAS_V1_ENABLED": "true", "NAAS_ADMIN_SECRET": ADMIN_SECRET, "NAAS_RATE_LIMIT_ENABLED": "false"}
    folder = tmp_path_factory.mktemp("contract")
    with start_server(folder, **environment) as running:
        host, _, port = running.url.removeprefix("http://").partition(":")
        yield host, int(port)
        running.open_gate()


@pytest.fixture
def token(address: tuple[str, int]) -> str:
    """A key of its own, since the lists of a key hold what was done with it."""
    connection = http.client.HTTPConnection(*address)
    name, _, value = basic(f"anybody:{ADMIN_SECRET}").partition(": ")
    headers = {name: value, "Content-Type": "application/json"}
    connection.request("POST", "/v2/api-keys", json.dumps({"role": "operator"}), headers)
    made: str = json.loads(connection.getresponse().read())["token"]
    connection.close()
    return made


def send(address: tuple[str, int], text: str, names: dict[str, str]) -> http.client.HTTPResponse:
    head, _, body = filled(text, names).partition("\n\n")
    content = body.strip().encode()
    head = head.replace("{length}", str(len(content)))
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + content)
        response = http.client.HTTPResponse(connection)
        response.begin()
        vars(response)["content"] = response.read()
    return response


def filled(text: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: names.get(found[1], found[0]), text)


KINDS: dict[str, Callable[[Any], Any]] = {
    "<any>": lambda _: True,
    "<int>": lambda value: isinstance(value, int),
    "<number>": lambda value: isinstance(value, int | float),
    "<str>": lambda value: isinstance(value, str) and value,
    "<uuid>": uuid.UUID,
    "<time>": lambda value: datetime.fromisoformat(value).tzinfo,
}


def fits(expected: Any, found: Any, names: dict[str, str], where: str = "body") -> None:
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        for key, value in expected.items():
            assert key in found, f"{where} has no {key}: {found}"
            fits(value, found[key], names, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(expected) == len(found), f"{where}: {found}"
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            fits(one, other, names, f"{where}[{index}]")
    elif isinstance(expected, str) and expected in KINDS:
        assert KINDS[expected](found), f"{where} is {found!r}"
    elif isinstance(expected, str) and (name := re.fullmatch(r"\{(\w+)\}", expected)):
        learnt = names.setdefault(name[1], found)
        assert learnt == found, f"{where} is {found!r} and was {learnt!r}"
    else:
        assert found == expected, where


def check(exchange: Exchange, address: tuple[str, int], names: dict[str, str]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        response = send(address, exchange.request, names)
        content: bytes = vars(response)["content"]
        assert response.status == exchange.status, content
        if exchange.until is None or json.loads(content)["status"] == exchange.until or time.monotonic() > until:
            break
        time.sleep(0.05)
    for name, value in exchange.headers:
        fits(value, response.headers[name], names, name)
    if exchange.body.startswith("event: "):
        kind, _, data = exchange.body.partition("\ndata: ")
        frame = next(frame for frame in content.decode().split("\n\n") if kind in frame.splitlines())
        fits(json.loads(data), json.loads(frame.partition("data: ")[2]), names)
    elif exchange.body:
        assert response.headers["content-type"].startswith("application/json")
        fits(json.loads(exchange.body), json.loads(content), names)
    else:
        assert content == b""


@pytest.mark.parametrize("sent_as", ["Basic", "Bearer", "X-API-Key"])
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.http")), ids=lambda path: path.stem)
def test_existing_clients_get_what_the_contract_says(
    path: Path, sent_as: str, address: tuple[str, int], token: str
) -> None:
    if path.stem == "keys" and sent_as != "Basic":
        pytest.skip("keys are managed with the admin secret")
    authorization = {"Basic": basic("ann:secret"), "Bearer": f"Authorization: Bearer {token}"}.get(
        sent_as, f"X-API-Key: {token}"
    )
    names = {
        "host": ":".join(map(str, address)),
        "authorization": authorization,
        "wrong": basic("ann:wrong") if sent_as == "Basic" else authorization,
        "manager": basic(f"anybody:{ADMIN_SECRET}"),
        "unique": uuid.uuid4().hex,
        # A device of its own, since one that is held stays taken.
        "device": f"{sent_as.lower()}.example.net",
        "uuid": str(uuid.uuid4()),
    }
    for exchange in exchanges(path):
        try:
            check(exchange, address, names)
        except AssertionError as error:
            raise AssertionError(f"{path.name}, {exchange.title}: {error}") from error
