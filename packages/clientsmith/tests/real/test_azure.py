"""Every scenario of AutoRest's test server that is driven, in both colours: right on our side, and on the server's.

The server is an npm package that has to be installed; see the README beside this file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

# ruff: noqa: E402 - the tests are no package; what several of them share is found by its folder
import driving
from azure_testserver.driver import CASES, LEFT_OUT, Bench
from azure_testserver.server import Missing, TestServer

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("azure")
    try:
        server = TestServer(folder)
    except Missing as missing:
        pytest.skip(str(missing))
    with server:
        bench = Bench(server, folder)
        yield bench
        bench.end()


def parameters() -> Iterator[Any]:
    for number, case in enumerate(CASES):
        marks = [pytest.mark.xfail(reason=case.differs, strict=True)] if case.differs else []
        yield pytest.param(case, id=f"{case.area.document} {case.name} {number}", marks=marks)


@pytest.mark.parametrize("colour", driving.COLOURS)
@pytest.mark.parametrize("case", [*parameters()])
async def test_scenario(case: Any, colour: str, bench: Bench) -> None:
    """The client gives what it should, and the server counts the scenario as passed."""
    await bench.drive(case, colour)


def test_every_scenario_is_driven_or_left_out_for_a_reason(bench: Bench) -> None:
    driven = {name for case in CASES for name in case.scenarios}
    assert bench.server.scenarios == driven | LEFT_OUT.keys()
    assert not driven & LEFT_OUT.keys()
