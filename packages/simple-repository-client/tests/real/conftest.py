"""Index servers of other people, started once for all tests, each with the same three projects.

`python -m tools.servers install pypiserver proxpi simpleindex devpi` installs them. Where one is not installed its tests
are skipped; where CLIENTSMITH_SERVERS is set, as in continuous integration, that is a failure.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from typing import Any, Final

import pytest
from simple_repository_client import SimpleRepositoryClient
from simple_repository_client import aio as client_aio

ROOT: Final = Path(__file__).parents[4]

sys.path.insert(0, str(ROOT))  # the workspace's tools are no package that is installed

from tools.indexes import INDEXES  # noqa: E402
from tools.serving import NotInstalledError  # noqa: E402

UrlOf = Callable[[str], str]


@pytest.fixture(scope="session")
def url_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UrlOf]:
    """Starts the server of a name when it is first asked for; gives the URL of its list of projects."""
    urls: dict[str, str] = {}
    with ExitStack() as running:

        def start(name: str) -> str:
            if name not in urls:
                try:
                    urls[name] = running.enter_context(INDEXES[name](tmp_path_factory.mktemp(name)))
                except NotInstalledError as error:
                    if "CLIENTSMITH_SERVERS" in os.environ:
                        pytest.fail(str(error))
                    pytest.skip(str(error))
            return urls[name]

        yield start


@dataclass(frozen=True)
class Colour:
    """Calls a client of either colour in the same words."""

    is_async: bool

    @asynccontextmanager
    async def client(self, url: str, **options: Any) -> AsyncIterator[Any]:
        """Open a client for a block."""
        kind: Any = client_aio.SimpleRepositoryClient if self.is_async else SimpleRepositoryClient
        client = kind(url, **options)
        try:
            yield client
        finally:
            await self.done(client.close())

    async def done(self, result: Any) -> Any:
        """Return what a call returns."""
        return await result if isawaitable(result) else result


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> Colour:
    return Colour(request.param)
