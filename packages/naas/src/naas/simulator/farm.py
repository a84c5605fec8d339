"""Many fake devices in one process: listening, logging in, counting.

One event loop serves all of them. Measured (benchmarks/naas/simulator_scale.py): a thousand devices are up in 1.5 s and
take 49 MB, a thousand sessions on them 26 MB more; a login costs 2.2 ms of CPU, a command 0.2 ms.
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from types import TracebackType

import asyncssh

from naas.simulator.device import Device, Link, SimulatedDevice
from naas.simulator.faults import Faults
from naas.simulator.listening import Listener
from naas.simulator.platforms import profile_of
from naas.simulator.profile import Profile
from naas.simulator.sessions import LOGIN_SECONDS, SshServer, host_key
from naas.simulator.telnet import TelnetProtocol

TURNS_TO_SETTLE = 5  # of the loop, until a listener that was told to change has changed


class DeviceFarm:
    """Runs devices while it is open: ``async with DeviceFarm([...]) as farm``, then ``farm.devices[i].port``.

    Everything listens on loopback unless ``allow_remote``: the passwords of fake devices are no secrets. The devices
    are cabled in a ring, in the order given, which is what they tell as their neighbours.

    Raises:
        ValueError: a platform nobody simulates, or an address outside loopback without ``allow_remote``.
        OSError: a port is taken.
    """

    def __init__(self, devices: Sequence[Device], *, host: str = "127.0.0.1", allow_remote: bool = False) -> None:
        for device in devices:
            if not isinstance(device.platform, Profile):
                profile_of(device.platform)
            if not allow_remote:
                _require_loopback(device.host or host)
        self._specs = tuple(devices)
        self._host = host
        self._listeners: list[Listener] = []
        self.devices: tuple[SimulatedDevice, ...] = ()
        """The devices that are up, in the order given; empty until the farm is open."""

    async def __aenter__(self) -> DeviceFarm:
        try:
            self.devices = tuple([await self._start(spec, index) for index, spec in enumerate(self._specs)])
        except BaseException:
            self._stop()
            raise
        if len(self.devices) > 1:
            for index, device in enumerate(self.devices):
                after = self.devices[(index + 1) % len(self.devices)]
                device.links = (Link(after, 1), Link(self.devices[index - 1], 0))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        await asyncio.sleep(0)  # the connections that were cut are told so now

    def drop_connections(self) -> None:
        """Cut every connection, as a power failure would. The devices stay up and take new ones.

        Call it on the farm's own loop; from a thread, through ``RunningFarm.drop_connections``.
        """
        for listener in self._listeners:
            listener.cut()

    def counters(self) -> dict[str, int]:
        """The counters of all devices, added up."""
        total: dict[str, int] = {}
        for device in self.devices:
            for name, count in device.counters.as_data().items():
                total[name] = total.get(name, 0) + count
        return total

    async def _start(self, spec: Device, index: int) -> SimulatedDevice:
        host = spec.host or self._host
        device = SimulatedDevice(spec=spec, host=host, port=0, hostname=spec.name, index=index)
        listener = Listener(device, TelnetProtocol if spec.transport == "telnet" else self._speak_ssh)
        await listener.open(spec.port or 0)
        self._listeners.append(listener)
        loop = asyncio.get_running_loop()
        device.restart = partial(loop.call_soon, listener.restart)  # after the answer to `reload` is printed
        # Tests change faults from their own thread.
        device.when_faults_change = partial(loop.call_soon_threadsafe, listener.change)
        return device

    def _speak_ssh(self, device: SimulatedDevice) -> asyncio.Protocol:
        options = _ssh_options(device.profile.ssh_version)
        # What asyncssh.listen makes of each connection; made here, a device can decide about a connection before.
        connection = asyncssh.SSHServerConnection(asyncio.get_running_loop(), options)
        # One set of options serves all devices, so the factory of servers cannot know which one was called.
        connection.set_extra_info(simulated_device=device)
        return connection

    def _stop(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()


class RunningFarm:
    """A farm with its own thread, for code that is not asynchronous. Made by :func:`running_farm`."""

    def __init__(self, farm: DeviceFarm, loop: asyncio.AbstractEventLoop) -> None:
        self._farm = farm
        self._loop = loop

    @property
    def devices(self) -> tuple[SimulatedDevice, ...]:
        """The devices that are up, in the order given."""
        return self._farm.devices

    def drop_connections(self) -> None:
        """Cut every connection, as a power failure would; they are cut when this returns."""
        self._do(self._farm.drop_connections)

    def reload(self, device: SimulatedDevice) -> None:
        """Reload a device, as its own ``reload`` command does; its sessions are cut when this returns."""
        self._do(device.reload)

    def set_faults(self, device: SimulatedDevice, faults: Faults) -> None:
        """Make something else go wrong from now on; it does when this returns."""
        self._do(partial(device.set_faults, faults))

    def _do(self, action: Callable[[], object]) -> None:
        async def act() -> None:
            action()
            for _ in range(TURNS_TO_SETTLE):
                await asyncio.sleep(0)

        asyncio.run_coroutine_threadsafe(act(), self._loop).result(timeout=10)


@contextmanager
def running_farm(
    devices: Sequence[Device], *, host: str = "127.0.0.1", allow_remote: bool = False
) -> Generator[RunningFarm]:
    """Run devices in a thread of their own until the block ends.

    Raises:
        ValueError, OSError: as :class:`DeviceFarm` does, before the block starts.
    """
    farm = DeviceFarm(devices, host=host, allow_remote=allow_remote)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="device-farm", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(farm.__aenter__(), loop).result()
        try:
            yield RunningFarm(farm, loop)
        finally:
            asyncio.run_coroutine_threadsafe(farm.__aexit__(None, None, None), loop).result(timeout=30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=30)
        loop.close()


@cache
def _ssh_options(version: str) -> asyncssh.SSHServerConnectionOptions:
    return asyncssh.SSHServerConnectionOptions(
        server_factory=partial(SshServer, _device_of),
        server_host_keys=[host_key()],
        server_version=version,
        line_editor=False,  # the terminal does its own echo
        encoding="utf-8",
        errors="replace",
        login_timeout=LOGIN_SECONDS,
    )


def _device_of(connection: asyncssh.SSHServerConnection) -> SimulatedDevice:
    device = connection.get_extra_info("simulated_device")
    assert isinstance(device, SimulatedDevice)
    return device


def _require_loopback(host: str) -> None:
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback:
        raise ValueError(
            f"{host} is not a loopback address: simulated devices have well-known passwords, so other machines "
            "reach them only with allow_remote (on the command line: --allow-remote)"
        )
