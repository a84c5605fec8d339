"""What a start costs: a client on a scripted transport must not import an HTTP library, an event loop or a mail parser."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Counted from bare Python to a client with the default policies whose first call is done.
MODULES_BUDGET = 110
FORBIDDEN = {"requests", "urllib3", "aiohttp", "asyncio", "email", "http.client", "ssl", "socket"}

# What a simple call has no use for, and would pay 1 ms to 8 ms for: `dataclasses` needs `inspect`, which needs the
# compiler's own modules; clients log only where the program does, and know of dates only where a service sends them.
UNNEEDED = {
    "ast",
    "base64",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "hashlib",
    "hmac",
    "importlib.metadata",
    "inspect",
    "logging",
    "pathlib",
    "random",
    "secrets",
    "tempfile",
    "traceback",
    "uuid",
    "xml",
}

FIRST_CALL = """
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.operations import Operation, path
from clientsmith.core.versioning.schemes import fixed_header
from clientsmith.core.testing import Answer, ScriptedTransport
client = ServiceClient(
    "https://example.test", KeyCredential("secret"), authentication=(KeyInHeader("api-key"),),
    api_version=fixed_header("API-Version", "1.0.0"), package="test/1", transport=ScriptedTransport(Answer(json={"id": 1})),
)
get = Operation("GET", "/pets/{pet_id}", parameters={"pet_id": path("pet_id")}, responses={200: lambda: None})
client._call(get, {"pet_id": "7"}, options={})
"""


def imported_by(program: str) -> set[str]:
    """Return what a program imports that bare Python has not."""
    counting = f"import sys; before = set(sys.modules)\n{program}\nimport json; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", counting], capture_output=True, text=True, check=True, timeout=30)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import clientsmith.core", id="the package"),
        pytest.param("from clientsmith.core import ServiceClient, HttpRequest, Model", id="its names"),
        pytest.param("import clientsmith.core.client", id="the client"),
        pytest.param("import clientsmith.core.transport", id="the transports' package"),
        pytest.param("import clientsmith.core.streaming", id="streaming"),
        pytest.param(FIRST_CALL, id="a first call"),
    ],
)
def test_heavy_modules_stay_outside(program: str) -> None:
    """They come with a transport, not before."""
    assert not FORBIDDEN & imported_by(program)


def test_first_call_imports_nothing_that_it_has_no_use_for() -> None:
    """A command-line tool that makes one call and ends is most of all its start."""
    assert not (FORBIDDEN | UNNEEDED) & imported_by(FIRST_CALL)


def test_first_call_keeps_to_its_number_of_modules() -> None:
    """Each module is a file to find, read and run: about a third of a millisecond."""
    modules = imported_by(FIRST_CALL)
    assert len(modules) <= MODULES_BUDGET, sorted(modules)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        pytest.param("RequestsTransport", {"aiohttp"}, id="requests"),
        pytest.param("AioHttpTransport", {"requests"}, id="aiohttp"),
        pytest.param("StdlibTransport", {"asyncio", "email", "http.client", "urllib.request"}, id="stdlib"),
        pytest.param("AsyncStdlibTransport", {"email", "http.client", "urllib.request"}, id="stdlib, async"),
        pytest.param("HttpxTransport", {"requests", "aiohttp", "httpx2", "httpx", "asyncio"}, id="httpx, not used yet"),
        pytest.param("AsyncHttpxTransport", {"requests", "aiohttp", "httpx2", "httpx"}, id="httpx, async"),
    ],
)
def test_transport_imports_its_own_library_only(name: str, others: set[str]) -> None:
    """Whoever installed one of the two needs no other."""
    assert not others & imported_by(f"from clientsmith.core.transport import {name}")


USE_SYNC = """
import socket, threading
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = listener.accept()
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
threading.Thread(target=serve, daemon=True).start()
url = f"http://localhost:{listener.getsockname()[1]}"
from clientsmith.core.rest import HttpRequest
from clientsmith.core.transport import StdlibTransport
assert StdlibTransport().send(HttpRequest("GET", url)).json() == {}
"""

USE_ASYNC = USE_SYNC.replace('StdlibTransport().send(HttpRequest("GET", url)).json()', "asyncio.run(use())").replace(
    "from clientsmith.core.transport import StdlibTransport",
    "import asyncio\nfrom clientsmith.core.transport import AsyncStdlibTransport\n"
    "async def use(): return (await AsyncStdlibTransport().send(HttpRequest('GET', url))).json()",
)


@pytest.mark.parametrize("program", [USE_SYNC, USE_ASYNC], ids=["sync", "async"])
def test_stdlib_transport_needs_the_standard_library_only(program: str) -> None:
    """Used, not only imported; certifi is looked for when TLS is."""
    modules = imported_by(program)
    optional = {"brotli", "_brotli", "backports"}  # what can be decompressed with them is asked for
    needed = {name.partition(".")[0] for name in modules} - optional
    assert needed <= {*sys.stdlib_module_names, "clientsmith", "__mp_main__"}
    assert not {"email", "http.client", "urllib.request"} & modules


WITHOUT_LIBRARIES = """
import sys
class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("requests", "urllib3", "aiohttp"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Nowhere())
import logging
logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s %(message)s")
from clientsmith.core import ServiceClient, aio
clients = [kind("https://example.test") for kind in (ServiceClient, ServiceClient, aio.ServiceClient)]
print([type(client._transport).__name__ for client in clients])
"""


def test_core_used_bare_falls_back_to_the_standard_library_and_says_so_once() -> None:
    """The transport by default needs what a generated client depends on; core alone has one all the same."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARIES], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "['StdlibTransport', 'StdlibTransport', 'AsyncStdlibTransport']"
    told = done.stderr.splitlines()
    assert [line.split(" is not installed")[0] for line in told] == [
        "clientsmith.core.transport requests",
        "clientsmith.core.transport aiohttp",
    ]
    assert "install clientsmith-core[requests]" in told[0]


def test_broken_installation_is_no_reason_to_fall_back() -> None:
    """Something that requests needs is missing: that is an error, not a choice."""
    program = WITHOUT_LIBRARIES.replace('("requests", "urllib3", "aiohttp")', '("charset_normalizer", "idna")')
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode != 0
    assert "No module named" in done.stderr
