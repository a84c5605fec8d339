"""OpenStack's own library against our microversions: it reads the version document, negotiates, and understands a 406.

It comes with placement's environment: `python -m tools.servers install placement`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientsmith.server import microversions

SERVERS = Path(os.environ.get("CLIENTSMITH_SERVERS") or Path(__file__).parents[3] / ".venv-servers").absolute()
PYTHON = SERVERS / "placement" / "bin" / "python"

PROGRAM = """
import json, sys
from keystoneauth1 import adapter, discover, exceptions, noauth, session
url = sys.argv[1] + "/"
calls = session.Session(auth=noauth.NoAuth(endpoint=url))
(found,) = discover.Discover(calls, url).version_data()
service = adapter.Adapter(calls, service_type="compute", endpoint_override=url)
said = {}
for wanted in (None, "2.30", "latest"):
    answer = service.get("/pets", microversion=wanted)
    said[str(wanted)] = [answer.text, answer.headers["OpenStack-API-Version"]]
try:
    service.get("/pets", microversion="2.96")
except exceptions.NotAcceptable as error:
    said["refused"] = error.message
print(json.dumps({"range": [found["min_microversion"], found["max_microversion"]], "status": found["status"], **said}))
"""


@pytest.mark.real
def test_keystoneauth_negotiates_with_it(stage: Callable[..., Any]) -> None:
    if not PYTHON.exists():
        missing = "keystoneauth is not there: python -m tools.servers install placement"
        pytest.fail(missing) if "CLIENTSMITH_SERVERS" in os.environ else pytest.skip(missing)
    url = stage(microversions("compute", oldest="2.1", newest="2.95")).url
    ran = subprocess.run([PYTHON, "-c", PROGRAM, url], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "range": [[2, 1], [2, 95]],
        "status": "CURRENT",
        "None": ["2.1", "compute 2.1"],
        "2.30": ["2.30", "compute 2.30"],
        "latest": ["2.95", "compute 2.95"],
        "refused": "Not Acceptable (HTTP 406)",
    }
