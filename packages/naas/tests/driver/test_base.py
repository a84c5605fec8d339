"""The contract between the service and its drivers."""

from __future__ import annotations

import dataclasses
import inspect
import pickle

import pytest
from naas.driver.base import (
    Cancelled,
    CommandRun,
    ConfigChange,
    DeviceDriver,
    DeviceFailure,
    DeviceTarget,
    ErrorCode,
    JumpHost,
    Patience,
    known_platforms,
)
from naas.driver.choice import DriverSet
from naas.driver.pooled import PooledDriver
from naas.observability.driver import TracedDriver
from naas.testing import ScriptedDriver


def test_the_codes_are_the_seven_of_the_wire() -> None:
    """No code may come or go: clients compare these strings (naas v2, error codes)."""
    assert {code.value for code in ErrorCode} == {
        "CONNECTION_TIMEOUT",
        "SSH_ERROR",
        "CIRCUIT_OPEN",
        "AUTH_FAILURE",
        "CONFIG_REJECTED",
        "AUTODETECT_FAILED",
        "UNKNOWN",
    }


@pytest.mark.parametrize("kind", [PooledDriver, DriverSet, TracedDriver, ScriptedDriver])
@pytest.mark.parametrize("method", ["send_commands", "send_config", "fetch_config"])
def test_every_driver_takes_what_the_contract_says_and_nothing_else(kind: type, method: str) -> None:
    """Options are fields of the values, in one place: who adds one changes no signature."""
    assert inspect.signature(getattr(kind, method)) == inspect.signature(getattr(DeviceDriver, method))


@pytest.mark.parametrize("value", [Patience(), CommandRun(["show version"]), ConfigChange(["hostname x"])])
def test_what_a_driver_is_given_cannot_change_while_it_works(value: Patience | CommandRun | ConfigChange) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, dataclasses.fields(value)[0].name, None)


def test_nobody_stops_a_call_unless_told() -> None:
    assert (Patience().should_stop(), Patience().read_timeout, Patience().conn_timeout) == (False, 30.0, 10.0)


@pytest.mark.parametrize("code", ErrorCode)
def test_only_faults_of_the_road_are_retryable(code: ErrorCode) -> None:
    assert code.retryable is (code in {ErrorCode.CONNECTION_TIMEOUT, ErrorCode.SSH_ERROR, ErrorCode.CIRCUIT_OPEN})


def test_a_failure_survives_pickling() -> None:
    """A worker process hands it to its parent."""
    failure = pickle.loads(pickle.dumps(DeviceFailure(ErrorCode.SSH_ERROR, "sw1:22: the session broke")))
    assert (failure.code, failure.retryable, str(failure)) == (ErrorCode.SSH_ERROR, True, "sw1:22: the session broke")


def test_the_answers_before_a_failure_survive_pickling_and_stay_out_of_its_repr() -> None:
    """A configuration among them holds secrets."""
    for before in (
        DeviceFailure(ErrorCode.SSH_ERROR, "sw1:22: the session broke", {"show run": "secret-4711"}),
        Cancelled({"show run": "secret-4711"}),
    ):
        after = pickle.loads(pickle.dumps(before))
        assert after.partial == {"show run": "secret-4711"}
        assert "4711" not in repr(after) + str(after)


def test_a_target_shows_no_secret() -> None:
    jump = JumpHost("bastion", 22, "hop", "jump-4711", "key-4711", "phrase-4711")
    target = DeviceTarget(
        "sw1", 22, "cisco_ios", "admin", "pass-4711", "enable-4711", "pem-4711", passphrase="open-4711", jump=jump
    )
    assert "admin" in repr(target)
    assert "bastion" in repr(target)
    assert "4711" not in repr(target)
    assert len(target.secrets) == 7


@pytest.mark.parametrize("name", ["cisco_ios", "arista_eos", "juniper_junos", "cisco_ios_ssh", "autodetect"])
def test_ssh_platforms_are_known(name: str) -> None:
    assert name in known_platforms()


def test_telnet_platforms_are_known_only_where_they_are_allowed() -> None:
    assert "cisco_ios_telnet" in known_platforms(allow_telnet=True)
    assert "cisco_ios" in known_platforms(allow_telnet=True)


@pytest.mark.parametrize("name", ["cisco_ios_telnet", "cisco_ios_serial", "terminal_server", "cisco", ""])
def test_what_is_not_reached_by_ssh_is_unknown(name: str) -> None:
    assert name not in known_platforms()
