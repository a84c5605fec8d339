"""Both clients over their own transports and real sockets of this machine."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from clientsmith.core.testing import Answer, ScriptedServer
from simple_repository_client import DiskCache

JSON = {"Content-Type": "application/vnd.pypi.simple.v1+json", "ETag": '"1"', "Vary": "Accept"}


def test_a_page_twice_and_its_files(colour: Any, tmp_path: Path) -> None:
    """The second time the page comes out of the cache; files are checked, and come several at a time."""
    contents = [f"file {number}".encode() * 40_000 for number in range(6)]
    files = [
        {
            "filename": f"foo-{n}.zip",
            "url": f"/f/foo-{n}.zip",
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
        }
        for n, content in enumerate(contents)
    ]
    page = {"meta": {"api-version": "1.4"}, "name": "foo", "versions": [], "files": files}

    async def calls(server: ScriptedServer) -> None:
        cache = DiskCache(tmp_path / "cache")
        client = colour.client_class(f"http://me:SECRET@127.0.0.1:{server.url.rpartition(':')[2]}/simple/", cache=cache)
        for _ in range(2):
            found = await _value(client.get_project("foo"))
            assert len(found.files) == 6
        paths = await _value(client.download_all(found.files[:1], tmp_path))
        paths += await _value(client.download_all(found.files, tmp_path, concurrency=1))
        assert [path.read_bytes() for path in paths[1:]] == contents
        await _value(client.close())

    answers = [Answer(content=content, headers={"ETag": f'"{number}"'}) for number, content in enumerate(contents)]
    with ScriptedServer(Answer(json=page, headers=JSON), Answer(304, headers=JSON), *answers) as server:
        colour.run(calls(server))
        assert [sent.path for sent in server.sent] == ["/simple/foo/"] * 2 + [f"/f/foo-{n}.zip" for n in range(6)]
        assert server.sent[1].headers["If-None-Match"] == '"1"'
        assert all(sent.headers["Authorization"].startswith("Basic ") for sent in server.sent)
        server.assert_finished()


async def _value(value: Any) -> Any:
    import inspect

    return await value if inspect.isawaitable(value) else value
