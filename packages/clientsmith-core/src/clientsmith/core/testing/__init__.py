"""For tests of clients, and of what uses them: no network, no waiting, everything that was sent at hand.

    transport = ScriptedTransport(Answer(503, headers={"Retry-After": "2"}), Answer(json={"id": 7}))
    client = PetstoreClient("https://example.test", transport=transport)
    assert client.get_pet("7").id == 7
    assert transport.waits == [2.0]

- `ScriptedTransport` answers line by line or route by route, `Answer` is what it says.
- `VirtualClock` is its time, and of use on its own.
- `FaultyTransport` has accidents on the road to any other transport.
- `Cassette` records what a real service says, without secrets, and plays it back; `Redaction` says what is secret.
- `ScriptedServer` answers from a script too, over real sockets of this machine.
- `Case` and `Service` call every operation of a client against it, in either colour: generated tests stand on them.
- `pytest_plugin` has all of it as fixtures.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .answers import Answer as Answer
    from .answers import Piece as Piece
    from .cassettes import Cassette as Cassette
    from .cassettes import CassetteError as CassetteError
    from .clock import VirtualClock as VirtualClock
    from .faults import AsyncFaultyTransport as AsyncFaultyTransport
    from .faults import Drip as Drip
    from .faults import Fault as Fault
    from .faults import FaultyTransport as FaultyTransport
    from .faults import Latency as Latency
    from .faults import LostAnswer as LostAnswer
    from .faults import Reset as Reset
    from .faults import Status as Status
    from .faults import Truncate as Truncate
    from .operations import SURPRISE as SURPRISE
    from .operations import Case as Case
    from .operations import Failure as Failure
    from .operations import Service as Service
    from .operations import errors_of as errors_of
    from .operations import read_fully as read_fully
    from .operations import surprising as surprising
    from .redaction import Redaction as Redaction
    from .scripted import AsyncScriptedTransport as AsyncScriptedTransport
    from .scripted import Line as Line
    from .scripted import ScriptedTransport as ScriptedTransport
    from .scripted import SentRequest as SentRequest
    from .server import ScriptedServer as ScriptedServer
    from .taping import AsyncCassetteTransport as AsyncCassetteTransport
    from .taping import CassetteTransport as CassetteTransport

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "answers": "Answer Piece",
        "cassettes": "Cassette CassetteError",
        "clock": "VirtualClock",
        "faults": "AsyncFaultyTransport Drip Fault FaultyTransport Latency LostAnswer Reset Status Truncate",
        "operations": "SURPRISE Case Failure Service errors_of read_fully surprising",
        "redaction": "Redaction",
        "scripted": "AsyncScriptedTransport Line ScriptedTransport SentRequest",
        "server": "ScriptedServer",
        "taping": "AsyncCassetteTransport CassetteTransport",
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
