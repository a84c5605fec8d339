"""What a start costs: a client on a scripted transport must not import an HTTP library, an event loop or a mail parser."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Counted from bare Python to a client with the default policies whose first call is done.
MODULES_BUDGET = 110
FORBIDDEN = {"requests", "urllib3", "aiohttp", "asyncio", "email", "http.client", "ssl", "socket"}

FIRST_CALL = """
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.operations import Operation, path
from clientsmith.core.policies import ApiVersion
from clientsmith.core.testing import Answer, ScriptedTransport
client = ServiceClient(
    "https://example.test", KeyCredential("secret"), authentication=(KeyInHeader("api-key"),),
    api_version=ApiVersion("1.0.0"), package="test/1", transport=ScriptedTransport(Answer(json={"id": 1})),
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


def test_first_call_keeps_to_its_number_of_modules() -> None:
    """Each module is a file to find, read and run: about a third of a millisecond."""
    modules = imported_by(FIRST_CALL)
    assert len(modules) <= MODULES_BUDGET, sorted(modules)


@pytest.mark.parametrize(
    ("name", "other"), [("RequestsTransport", "aiohttp"), ("AioHttpTransport", "requests")], ids=["requests", "aiohttp"]
)
def test_transport_imports_its_own_library_only(name: str, other: str) -> None:
    """Whoever installed one of the two needs no other."""
    assert other not in imported_by(f"from clientsmith.core.transport import {name}")
