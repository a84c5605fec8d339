"""The package itself: made from the service's document, below /v2/, checked against the server's version."""

from __future__ import annotations

import inspect
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import naas_client
import pytest
from clientsmith.core.operations import Operation
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from naas_client import DeviceError, NaasClient, ServerVersionError, _operations
from naas_client.aio import NaasClient as AsyncNaasClient
from naas_client.errors import _BY_CODE
from naas_client.models import ErrorCode, JobResult

MEMBER = Path(__file__).resolve().parent.parent
PACKAGE = Path("src") / "naas_client"
HAND_WRITTEN = ("_patch.py", "aio/_patch.py", "_version.py")
JOB = {"job_id": "5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11", "app": "naas"}


def test_regenerating_gives_the_committed_bytes(tmp_path: Path) -> None:
    """If this fails: `make client`, look at the difference, commit it alone."""
    shutil.copy(MEMBER / "clientsmith.toml", tmp_path)
    for name in HAND_WRITTEN:
        target = tmp_path / PACKAGE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(MEMBER / PACKAGE / name, target)
    subprocess.run(
        [sys.executable, "-m", "clientsmith.cli.main", "generate", "naas.api.app:app_description", "-o", str(tmp_path), "--layout", "module"],
        check=True, capture_output=True,
    )  # fmt: skip
    manifest = json.loads((tmp_path / PACKAGE / "clientsmith.manifest.json").read_text(encoding="utf-8"))
    names = [*manifest["files"], str(PACKAGE / "clientsmith.manifest.json")]
    assert len(names) > 8
    assert [name for name in names if (tmp_path / name).read_bytes() != (MEMBER / name).read_bytes()] == []


def test_every_operation_is_below_v2() -> None:
    """A v3 API would need naas-client 2."""
    operations = [value for value in vars(_operations).values() if isinstance(value, Operation)]
    assert len(operations) > 50
    assert [operation.path for operation in operations if not operation.path.startswith("/v2/")] == []


def test_what_the_package_exposes_is_there() -> None:
    """Every name of the doorway, and the hand-finished client in place of the generated one."""
    for name in naas_client.__all__:
        assert getattr(naas_client, name) is not None
    assert NaasClient.__module__ == "naas_client._patch"
    assert AsyncNaasClient.__module__ == "naas_client.aio._patch"
    assert set(naas_client.__all__) <= set(dir(naas_client))


def test_both_colours_have_the_same_methods() -> None:
    """Names, parameters and defaults, and a docstring for each."""

    def surface(kind: type) -> dict[str, str]:
        public = inspect.getmembers(kind, lambda member: inspect.isfunction(member))
        methods = {name: function for name, function in public if not name.startswith("_")}
        assert all(inspect.getdoc(function) for function in methods.values())
        return {name: str(inspect.signature(f).replace(return_annotation="")) for name, f in methods.items()}

    assert surface(NaasClient) == surface(AsyncNaasClient)


def result_with(**fields: Any) -> Answer:
    unused = dict.fromkeys(["results", "error", "error_code", "error_retryable", "detected_platform", "tags"])
    return Answer(json={**JOB, **unused, "status": "finished", "version": "2.3.0", **fields})


@pytest.mark.parametrize("code", [*ErrorCode, "SOMETHING_NEW", None], ids=str)
async def test_a_device_failure_has_its_class(code: str | None) -> None:
    """Every code of the wire, one that is new to us, and none at all; in both colours."""
    lines = [
        Answer(202, json={**JOB, "version": "2.3.0"}, headers={"Retry-After": "0"}),
        result_with(error="it failed", error_code=code, error_retryable=True),
    ]
    kind = _BY_CODE.get(str(getattr(code, "value", code)), DeviceError)
    sync = NaasClient("https://naas.test", transport=ScriptedTransport(*lines))
    with pytest.raises(DeviceError, match=r"it failed \(.*; it may work if submitted again\)") as caught:
        sync.begin_send_command(host="sw1", commands=["show version"]).result()
    twin = AsyncNaasClient("https://naas.test", transport=AsyncScriptedTransport(*lines))
    with pytest.raises(DeviceError) as caught_by_twin:
        await (await twin.begin_send_command(host="sw1", commands=["show version"])).result()
    assert type(caught.value) is type(caught_by_twin.value) is kind
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("version", "is_refused"),
    [("1.4.0a1", True), ("2.0", False), ("2.0.0", False), ("2.3.0", False), ("3.1", False), ("unknown", True)],
)
def test_the_servers_version_is_checked(version: str, is_refused: bool) -> None:
    """naas-client 1.x requires NAAS server >= 2.0."""
    accepted = Answer(202, json={**JOB, "version": version}, headers={"Retry-After": "0"})
    service = ScriptedTransport(accepted, result_with(version=version))
    poller = NaasClient("https://naas.test", transport=service).begin_send_command(
        host="sw1", commands=["show version"]
    )
    if is_refused:
        with pytest.raises(ServerVersionError, match=rf"is version {version}, and this client needs 2\.0 or newer"):
            poller.result()
    else:
        assert isinstance(poller.result(), JobResult)


def test_a_server_without_operation_location_or_events_is_polled_by_the_contract() -> None:
    """NAAS 2.0 answers with the job's id only, and has no streams."""
    service = ScriptedTransport(
        Answer(202, json={**JOB, "version": "2.0.0"}),
        Answer(404, json={"message": "Not found"}),
        result_with(status="started"),
        result_with(results={"a": "b"}),
    )
    client = NaasClient("https://naas.test", transport=service)
    assert client.begin_send_command(host="sw1", commands=["a"]).result().results == {"a": "b"}
    assert [r.url for r in service.requests[2:]] == [f"https://naas.test/v2/send-command/{JOB['job_id']}"] * 2
    assert service.waits == pytest.approx([0.5, 0.75], rel=0.11)  # the pauses vary by a tenth


def test_device_fields_travel_under_their_wire_names() -> None:
    """`command_timeout` and `connection_timeout` are the device's, `read_timeout` and `timeout` the HTTP call's."""
    service = ScriptedTransport(Answer(202, json={**JOB, "version": "2.3.0"}))
    NaasClient("https://naas.test", transport=service).begin_send_command(
        {"host": "sw1", "commands": ["a"], "port": 22},
        port=2022,
        command_timeout=9.0,
        connection_timeout=3.0,
        timeout=5.0,
    )
    sent = json.loads(service.requests[0].content or b"")  # type: ignore[arg-type]  # it is bytes
    assert sent == {"host": "sw1", "commands": ["a"], "port": 2022, "read_timeout": 9.0, "conn_timeout": 3.0}
