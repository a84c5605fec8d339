"""The scripted service is there for every HTTP library: nothing has to be put under a client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from clientsmith.guidelines.running.records import Answer, Attempt, Fault
from clientsmith.guidelines.running.session import Session

SOURCE = """
import urllib.request

import aiohttp
import httpx
import requests

URL = "https://somebody.example/things"


class Urllib:
    def get(self):
        return urllib.request.urlopen(URL).read().decode()


class Requests:
    def get(self):
        response = requests.get(URL)
        response.raise_for_status()
        return response.text


class Httpx:
    def get(self):
        return httpx.get(URL).raise_for_status().text


class HttpxAsync:
    async def get(self):
        async with httpx.AsyncClient() as client:
            return (await client.get(URL)).raise_for_status().text


class Aiohttp:
    async def get(self):
        async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(URL) as response:
            return await response.text()
"""
LIBRARIES = ["Urllib", "Requests", "Httpx", "HttpxAsync", "Aiohttp"]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """Begin one session for a module that uses them all."""
    folder = tmp_path_factory.mktemp("libraries")
    (folder / "libraries.py").write_text(SOURCE, encoding="utf-8")
    with Session(None, [folder], ["libraries"]) as session:
        yield session


def called(session: Session, library: str, answer: Answer) -> Attempt:
    is_async = library in ("HttpxAsync", "Aiohttp")
    command = {"do": "call", "module": "libraries", "client": library, "method": "get", "is_async": is_async}
    return Attempt.from_data(session.ask({**command, "script": [answer.as_data()]}))


@pytest.mark.parametrize("library", LIBRARIES)
def test_it_is_answered_and_heard(session: Session, library: str) -> None:
    """The address is one of TLS, and the request is what the library would have sent there."""
    attempt = called(session, library, Answer(200, text="well"))
    assert attempt.result is not None, attempt
    assert attempt.result.plain == "well"
    assert [each.url for each in attempt.requests] == ["https://somebody.example/things"]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "answer",
    [Answer(500, text="no"), *(Answer(200, text="half", fault=fault) for fault in Fault)],
    ids=["500", *(fault.value for fault in Fault)],
)
def test_its_failures_are_the_librarys_own(session: Session, library: str, answer: Answer) -> None:
    """Whatever goes wrong arrives as an exception of the library, not as a fault of the fence."""
    attempt = called(session, library, answer)
    assert attempt.error is not None, attempt
    assert not attempt.error.is_a("PermissionError")
