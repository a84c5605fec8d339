"""What clients do that were generated from the probe document: one test for each row of the table, in each colour."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.core.credentials import KeyCredential

HERE = Path(__file__).parent


def load(path: Path) -> ModuleType:
    """Return a module of the tests, which are no package."""
    name = f"clientsmith_generator_tests_{path.stem}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


DRIVING, SERVER, TABLE = load(HERE.parent / "driving.py"), load(HERE / "server.py"), load(HERE / "rows.py")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    package = DRIVING.Generated(HERE / "probe.yaml", tmp_path_factory.mktemp("probe"), "behaviour_probe")
    yield package
    package.forget()


@pytest.mark.parametrize("colour", DRIVING.COLOURS)
@pytest.mark.parametrize("row", TABLE.ROWS, ids=lambda row: row.name)
async def test_a_generated_client(row: Any, colour: str, generated: Any) -> None:
    """Each row of the table, in both colours."""
    with SERVER.ProbeServer() as server:
        async with generated.client(colour, server.url, credential=KeyCredential("secret")) as probe:
            probe.server = server
            await row.claim(probe)
