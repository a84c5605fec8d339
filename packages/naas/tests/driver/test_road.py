"""How a device is reached: by key, through a jump host, and only if it is the device that we know."""

from __future__ import annotations

import dataclasses
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import asyncssh
import pytest
from driver_calls import ask
from naas.driver.base import CommandOutput, DeviceFailure, DeviceTarget, ErrorCode, JumpHost
from naas.driver.keys import BadPrivateKey, KeyRing, load_private_key
from naas.driver.netmiko import NetmikoDriver
from naas.driver.options import DriverOptions, HostKeyPolicy
from naas.simulator import Device, SimulatedDevice, running_farm
from ssh_servers import SshServer, running_server

Start = Callable[..., SimulatedDevice]
Target = Callable[..., DeviceTarget]

# Few rounds: what is tested is that the passphrase opens the key, not how long guessing takes.
pytestmark = pytest.mark.filterwarnings("ignore:.*bcrypt.kdf")

SECRETS = ("hop-4711", "pass-4711", "enable-0815", "phrase-4711", "BEGIN")


@pytest.fixture
def bastion() -> Iterator[SshServer]:
    with running_server(SshServer()) as server:
        yield server


def send(
    driver: NetmikoDriver, target: DeviceTarget, command: str = "show version", conn_timeout: float = 10.0
) -> CommandOutput:
    return ask(driver, target, command, conn_timeout=conn_timeout)


def failure_of(driver: NetmikoDriver, target: DeviceTarget) -> DeviceFailure:
    with pytest.raises(DeviceFailure) as caught:
        send(driver, target)
    assert not [secret for secret in SECRETS if secret in caught.value.message]
    return caught.value


def hop(bastion: SshServer, **changes: object) -> JumpHost:
    return dataclasses.replace(JumpHost("127.0.0.1", bastion.port, "hop", "hop-4711"), **changes)  # type: ignore[arg-type]


# Keys

KEY_KINDS = {"ed25519": "ssh-ed25519", "ecdsa": "ecdsa-sha2-nistp256", "rsa": "ssh-rsa"}


@pytest.fixture(scope="module", params=KEY_KINDS.values(), ids=KEY_KINDS.keys())
def key(request: pytest.FixtureRequest) -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(request.param)


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
@pytest.mark.parametrize("passphrase", [None, "phrase-4711"], ids=["plain", "encrypted"])
def test_keys_come_in_every_usual_form(key: asyncssh.SSHKey, form: str, passphrase: str | None) -> None:
    rounds = {"rounds": 1} if form == "openssh" and passphrase else {}
    text = key.export_private_key(form, passphrase, **rounds)
    loaded = load_private_key(text.decode(), passphrase)
    assert loaded.get_base64() == key.export_public_key().decode().split()[1]


@pytest.mark.parametrize(
    ("text", "passphrase", "says"),
    [
        ("not a key", None, "it is not a private key, or encrypted"),
        ("encrypted", None, "no passphrase came with it"),
        ("encrypted", "wrong", "the passphrase does not open it, or it is damaged"),
    ],
)
def test_a_text_that_is_no_key_says_why(text: str, passphrase: str | None, says: str) -> None:
    if text == "encrypted":
        made = asyncssh.generate_private_key("ssh-ed25519")
        text = made.export_private_key("openssh", "phrase-4711", rounds=1).decode()
    with pytest.raises(BadPrivateKey, match=says):
        load_private_key(text, passphrase)


def test_a_key_is_opened_once_for_many_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr("naas.driver.keys.load_private_key", lambda text, _: loaded.append(text) or object())
    ring = KeyRing()
    assert ring.load("one", None) is ring.load("one", None)
    ring.load("one", "phrase")
    ring.load("two", None)
    assert loaded == ["one", "one", "two"]
    monkeypatch.setattr("naas.driver.keys.KEPT_SECONDS", 0.0)
    for number in range(100):
        ring.load(f"key {number}", None)
    assert len(ring._loaded) <= 64
    monkeypatch.setattr("time.monotonic", lambda: 1e12)
    ring.load("one", None)
    assert loaded.count("one") == 3, "not kept for ever"
    assert len(ring._loaded) == 1


def test_a_key_opens_the_device(driver: NetmikoDriver) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key().decode()
    text = key.export_private_key("openssh", "phrase-4711", rounds=1).decode()
    with running_server(SshServer(username="admin", password=None, public_keys=[public])) as server:
        target = DeviceTarget(
            "127.0.0.1", server.port, "cisco_ios", "admin", "", private_key=text, passphrase="phrase-4711"
        )
        assert "Cisco IOS" in send(driver, target).results["show version"]
        send(driver, target)
        assert (server.connections, server.failed_logins) == (1, 0)
        with_password = dataclasses.replace(target, private_key=None, passphrase=None, password="pass-4711")
        assert failure_of(driver, with_password).code is ErrorCode.AUTH_FAILURE
        assert server.connections == 2, "another login never gets the warm session"


def test_a_key_that_the_device_does_not_know_is_an_authentication_failure(driver: NetmikoDriver) -> None:
    text = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with running_server(SshServer(username="admin", public_keys=[other])) as server:
        target = DeviceTarget("127.0.0.1", server.port, "cisco_ios", "admin", "", private_key=text)
        failure = failure_of(driver, target)
        assert (failure.code, server.failed_logins) == (ErrorCode.AUTH_FAILURE, 0)
    assert "check user name and password or key" in failure.message


def test_a_damaged_key_is_told_before_anything_is_sent(driver: NetmikoDriver, start: Start, target: Target) -> None:
    device = start()
    failure = failure_of(driver, target(device, private_key="BEGIN nonsense"))
    assert failure.code is ErrorCode.AUTH_FAILURE
    assert "the private key for the device cannot be used (it is not a private key, or encrypted)" in failure.message
    assert device.counters.connections == 0


def test_the_agent_is_asked_only_when_the_job_says_so(
    driver: NetmikoDriver, monkeypatch: pytest.MonkeyPatch, start: Start, target: Target
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr("paramiko.client.Agent", lambda: asked.append(True) or _NoKeys())
    device = start()
    send(driver, target(device))
    assert asked == []
    send(driver, target(device, use_agent=True))
    assert asked == [True]


class _NoKeys:
    def get_keys(self) -> tuple[()]:
        return ()

    def close(self) -> None:
        pass


# Jump hosts


def test_devices_behind_a_jump_host_share_one_connection_to_it(
    driver: NetmikoDriver, bastion: SshServer, target: Target
) -> None:
    devices = [Device(name=f"sw{number}", password="pass-4711", enable="enable-0815") for number in range(8)]
    with running_farm(devices) as farm, ThreadPoolExecutor(8) as threads:
        targets = [target(device, jump=hop(bastion)) for device in farm.devices]
        outputs = list(threads.map(lambda where: send(driver, where), targets))
        for number, output in enumerate(outputs):
            assert f"sw{number} uptime" in output.results["show version"]
        assert bastion.connections == 1
        assert sorted(bastion.forwarded) == sorted(("127.0.0.1", device.port) for device in farm.devices)
        driver.close()


def test_a_broken_jump_host_is_dialled_again(
    driver: NetmikoDriver, bastion: SshServer, start: Start, target: Target
) -> None:
    where = target(start(), jump=hop(bastion))
    send(driver, where)
    bastion.drop_connections()
    # The warm session died with it; a new one finds a new way.
    deadline = threading.Event()
    for _ in range(50):
        if not next(iter(driver._pool._idle._all)).session.is_alive(0):
            break
        deadline.wait(0.02)
    assert "Cisco IOS" in send(driver, where).results["show version"]
    assert bastion.connections == 2


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        (
            {"password": "wrong"},
            ErrorCode.AUTH_FAILURE,
            "the jump host refused user 'hop' while connecting to the jump",
        ),
        ({"port": 1}, ErrorCode.CONNECTION_TIMEOUT, "the connection was refused while connecting to the jump host"),
        ({"private_key": "BEGIN"}, ErrorCode.AUTH_FAILURE, "the private key for the jump host cannot be used"),
    ],
    ids=["wrong password", "nobody there", "bad key"],
)
def test_a_jump_host_that_fails_is_named(
    driver: NetmikoDriver,
    bastion: SshServer,
    start: Start,
    target: Target,
    changes: dict[str, object],
    code: ErrorCode,
    says: str,
) -> None:
    device = start()
    failure = failure_of(driver, target(device, jump=hop(bastion, **changes)))
    assert failure.code is code
    assert says in failure.message
    assert device.counters.connections == 0


def test_a_device_that_the_jump_host_cannot_reach_is_told(
    driver: NetmikoDriver, bastion: SshServer, start: Start, target: Target
) -> None:
    failure = failure_of(driver, target(start(), port=1, jump=hop(bastion)))
    assert (failure.code, failure.retryable) == (ErrorCode.CONNECTION_TIMEOUT, True)
    assert f"the jump host 127.0.0.1:{bastion.port} cannot reach 127.0.0.1:1" in failure.message
    assert "check `host` and `port` as the jump host sees them" in failure.message


def test_a_device_that_does_not_answer_leaves_the_others_their_way(
    driver: NetmikoDriver, bastion: SshServer, start: Start, target: Target
) -> None:
    """All devices behind the jump host share its connection."""
    where = target(start(), jump=hop(bastion))
    send(driver, where)
    with ExitStack() as stack:
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(2):  # who takes no connection is full after these, and the next one waits for ever
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(deaf.getsockname())
        nowhere = dataclasses.replace(where, port=deaf.getsockname()[1])
        with pytest.raises(DeviceFailure, match=r"got no answer from 127.0.0.1:\d+ within 0.5 s") as caught:
            send(driver, nowhere, conn_timeout=0.5)
    assert (caught.value.code, caught.value.retryable) == (ErrorCode.CONNECTION_TIMEOUT, True)
    send(driver, where)
    assert bastion.connections == 1
    assert driver.pool_stats.reused == 1


def test_a_jump_host_s_connection_is_closed_a_while_after_its_last_device(
    bastion: SshServer, start: Start, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.driver.road.SWEEP_SECONDS", 0.02)
    monkeypatch.setattr("naas.driver.road.JUMP_IDLE_SECONDS", 0.05)
    driver = NetmikoDriver(DriverOptions(connection_pool_enabled=False))
    send(driver, target(start(), jump=hop(bastion)))
    waiting = threading.Event()
    for _ in range(250):
        if not bastion.open_connections:
            break
        waiting.wait(0.02)
    assert not bastion.open_connections
    driver.close()


# Host keys


@pytest.fixture
def trusting(tmp_path: Path) -> Iterator[NetmikoDriver]:
    """A driver that accepts new hosts, and keeps no sessions."""
    options = DriverOptions(
        host_key_policy=HostKeyPolicy.ACCEPT_NEW,
        known_hosts=tmp_path / "known_hosts",
        connection_pool_enabled=False,
    )
    driver = NetmikoDriver(options)
    yield driver
    driver.close()


def test_a_changed_device_is_refused_before_it_sees_the_password(trusting: NetmikoDriver, tmp_path: Path) -> None:
    with running_server(SshServer(username="admin", password="pass-4711")) as first:
        target = DeviceTarget("127.0.0.1", first.port, "cisco_ios", "admin", "pass-4711")
        send(trusting, target)
        send(trusting, target)
    assert (tmp_path / "known_hosts").read_text().startswith(f"[127.0.0.1]:{first.port} ssh-ed25519 ")
    with running_server(SshServer(username="admin", password="pass-4711", port=first.port)) as second:
        failure = failure_of(trusting, target)
        assert (second.connections, second.logins) == (1, 0)
    assert failure.code is ErrorCode.SSH_ERROR
    assert "the device was not trusted: the host key has changed: ssh-ed25519 SHA256:" in failure.message
    assert "trying again will not help" in failure.message


def test_a_jump_host_is_checked_too(
    trusting: NetmikoDriver, bastion: SshServer, tmp_path: Path, start: Start, target: Target
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().split()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{bastion.port} {other[0]} {other[1]}\n")
    failure = failure_of(trusting, target(start(), jump=hop(bastion)))
    assert "the jump host was not trusted: the host key has changed" in failure.message
    assert bastion.logins == 0


def test_a_stranger_is_refused_where_keys_are_pinned(tmp_path: Path, start: Start, target: Target) -> None:
    options = DriverOptions(host_key_policy=HostKeyPolicy.STRICT, known_hosts=tmp_path / "known_hosts")
    driver = NetmikoDriver(options)
    device = start()
    failure = failure_of(driver, target(device))
    assert "is not in" in failure.message
    assert "compare the fingerprint with the device's own" in failure.message
    assert device.counters.logins == 0
    driver.close()


# Switches


@pytest.mark.parametrize(
    "options",
    [
        DriverOptions(connection_pool_enabled=False),
        DriverOptions(connection_pool_exclude=frozenset({"127.0.0.1"})),
        DriverOptions(connection_pool_exclude=frozenset({"Cisco_IOS"})),
    ],
    ids=["no pool", "host excluded", "platform excluded"],
)
def test_sessions_are_not_kept_where_the_operator_says_so(options: DriverOptions, start: Start, target: Target) -> None:
    driver = NetmikoDriver(options)
    device = start()
    for _ in range(2):
        send(driver, target(device))
    assert device.counters.connections == 2
    assert driver.pool_stats.idle == 0
    driver.close()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"connection_pool_max_size": 0}, "connection_pool_max_size is 0; it must be at least 1"),
        ({"connection_pool_keepalive": -1}, "connection_pool_keepalive is -1; seconds cannot be negative"),
        ({"host_key_policy": HostKeyPolicy.STRICT}, "host_key_policy strict needs known_hosts"),
    ],
)
def test_options_that_mean_nothing_are_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        DriverOptions(**changes)  # type: ignore[arg-type]
