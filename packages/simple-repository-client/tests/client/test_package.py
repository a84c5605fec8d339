"""The package as a whole: its names, its twin, what importing it costs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest
import simple_repository_client
from simple_repository_client import SimpleRepositoryClient, aio, errors


def test_every_name_is_there() -> None:
    """All that the table promises, the errors among it."""
    for name in simple_repository_client.__all__:
        assert getattr(simple_repository_client, name) is not None
    assert [name for name in errors.__all__ if name not in simple_repository_client.__all__] == []


def test_the_version_is_that_of_the_distribution() -> None:
    """It stands in the user agent."""
    assert simple_repository_client.__version__ == version("simple-repository-client")


@pytest.mark.parametrize("name", [name for name in vars(SimpleRepositoryClient) if not name.startswith("_")])
def test_both_clients_have_the_same_methods(name: str) -> None:
    """With the same arguments."""
    ours, theirs = (inspect.getattr_static(kind, name) for kind in (SimpleRepositoryClient, aio.SimpleRepositoryClient))
    assert type(ours) is type(theirs)
    if isinstance(ours, property):
        return
    mine, twins = (inspect.signature(getattr(one, "__func__", one)).parameters for one in (ours, theirs))
    assert [(p.name, p.kind, p.default) for p in mine.values()] == [(p.name, p.kind, p.default) for p in twins.values()]


@pytest.mark.parametrize("name", errors.__all__)
def test_errors_are_drawn_where_they_are_told(name: str) -> None:
    """The tree at the top of their module has them all."""
    assert f" {name} " in (errors.__doc__ or "")


def test_what_is_not_used_is_not_imported() -> None:
    """Neither by the client nor by its first page in JSON."""
    program = """
import sys
from clientsmith.core.testing import Answer, ScriptedTransport
from simple_repository_client import SimpleRepositoryClient
page = {"meta": {"api-version": "1.4"}, "name": "foo", "files": [{"filename": "foo-1.zip", "url": "f", "hashes": {}}]}
answer = Answer(json=page, headers={"Content-Type": "application/vnd.pypi.simple.v1+json"})
client = SimpleRepositoryClient("https://index.test/simple/", transport=ScriptedTransport(answer))
assert client.get_project("foo").files[0].url
heavy = {"requests", "aiohttp", "asyncio", "keyring", "lxml", "selectolax", "zipfile", "netrc", "packaging.metadata"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
