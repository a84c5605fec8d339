"""Fixtures for pytest: scripted transports, a cassette for each test, a clock, and no network.

Installed with `clientsmith-core`, pytest finds them by itself.

- ``scripted_transport``, ``async_scripted_transport``: make one from its lines; after the test none may be left.
- ``cassette``: a `Cassette` in ``cassettes/`` beside the test's file, named after the test. ``--record=once`` or
  ``--record=all`` records, otherwise it plays. A test that fails writes nothing.
- ``cassette_redaction``: what is secret in it; override it in your ``conftest.py``.
- ``virtual_clock``: time that passes only when told to.
- ``no_network``: nothing leaves this machine. ``no_network = true`` in the configuration file says so for all tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

if TYPE_CHECKING:
    # At run time each fixture imports what it is made of: pytest loads this module in every run, used or not.
    from .cassettes import Cassette, Mode
    from .clock import VirtualClock
    from .redaction import Redaction
    from .scripted import AsyncScriptedTransport, ScriptedTransport

__all__ = [
    "async_scripted_transport",
    "cassette",
    "cassette_redaction",
    "no_network",
    "scripted_transport",
    "virtual_clock",
]

_HAS_FAILED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--record`` and the setting ``no_network``."""
    parser.getgroup("clientsmith").addoption(
        "--record",
        choices=("none", "once", "all"),
        default="none",
        help="whether the fixture `cassette` records: not at all, where there is no file yet, or everything anew",
    )
    parser.addini("no_network", "whether no test may reach another machine", type="bool", default=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed: its recording is of no use."""
    report = yield
    if call.when == "call" and report.failed:
        item.stash[_HAS_FAILED] = True
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run all of a test without a network, its fixtures too, if the configuration says so."""
    if not item.config.getini("no_network"):
        return (yield)
    from .network import no_network as guard

    with guard():
        return (yield)


@pytest.fixture
def virtual_clock() -> VirtualClock:
    """Time that passes only when told to."""
    from .clock import VirtualClock

    return VirtualClock()


@pytest.fixture
def scripted_transport() -> Iterator[Callable[..., ScriptedTransport]]:
    """Make a `ScriptedTransport` from its lines; after the test all of them have to be used."""
    from .scripted import ScriptedTransport

    made: list[ScriptedTransport] = []

    def make(*lines: Any, **options: Any) -> ScriptedTransport:
        made.append(ScriptedTransport(*lines, **options))
        return made[-1]

    yield make
    for transport in made:
        transport.assert_finished()


@pytest.fixture
def async_scripted_transport() -> Iterator[Callable[..., AsyncScriptedTransport]]:
    """The async twin of ``scripted_transport``."""
    from .scripted import AsyncScriptedTransport

    made: list[AsyncScriptedTransport] = []

    def make(*lines: Any, **options: Any) -> AsyncScriptedTransport:
        made.append(AsyncScriptedTransport(*lines, **options))
        return made[-1]

    yield make
    for transport in made:
        transport.assert_finished()


@pytest.fixture
def cassette_redaction() -> Redaction:
    """What is secret in the cassettes of these tests, beside what always is."""
    from .redaction import Redaction

    return Redaction()


@pytest.fixture
def cassette(request: pytest.FixtureRequest, cassette_redaction: Redaction) -> Iterator[Cassette]:
    """A `Cassette` beside the test's file, named after the test."""
    from .cassettes import Cassette

    mode = cast("Mode", request.config.getoption("--record"))
    node = cast(pytest.Item, request.node)
    # A parameter may hold anything; what no file system minds is kept.
    name = re.sub(r"[^\w.=-]+", "-", ".".join([node.path.stem, *node.nodeid.split("::")[1:]]))
    path = node.path.parent / "cassettes" / f"{name}.json"
    tape = Cassette(path, mode=mode, redaction=cassette_redaction)
    yield tape
    if not node.stash.get(_HAS_FAILED, False):
        tape.save()


@pytest.fixture
def no_network() -> Iterator[None]:
    """Nothing leaves this machine while the test runs."""
    from .network import no_network as guard

    with guard():
        yield
