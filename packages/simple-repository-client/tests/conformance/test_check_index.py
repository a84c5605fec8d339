"""An examination over real sockets: what is asked, what is reported, and what an index can do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from inspect import isawaitable
from typing import Any

import pytest
from clientsmith.core import ServiceClient
from clientsmith.core import aio as core_aio
from clientsmith.core.errors import ClientAuthenticationError, ServiceRequestError, UsageError
from simple_repository_client import conformance
from simple_repository_client.conformance import Level, Report, Serialization
from simple_repository_client.conformance import aio as conformance_aio

from tools.model_index import ModelIndex, Says


@pytest.fixture
def index() -> Iterator[ModelIndex]:
    with ModelIndex() as running:
        yield running


async def check(index_url: str, *projects: str, is_async: bool = False) -> Report:
    """Examine an index in either colour."""
    module, kind = (conformance_aio, core_aio.ServiceClient) if is_async else (conformance, ServiceClient)
    client: Any = kind(index_url, settings={"max_retries": 0})
    try:
        result: Any = module.check_index(client, index_url, projects)
        report: Report = await result if isawaitable(result) else result
        return report
    finally:
        closed = client.close()
        if isawaitable(closed):
            await closed


def seen(report: Report, rule: str) -> list[str]:
    """What a report says about a rule."""
    return [str(breach) for one in report.outcomes if one.rule.id == rule for breach in one.breaches]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_an_index_by_the_book_breaks_nothing(index: ModelIndex, is_async: bool) -> None:
    report = await check(index.url, is_async=is_async)
    assert [one.rule.id for one in report.outcomes if one.verdict == "broken"] == []
    assert report.is_conforming
    assert report.projects == ("HolyGrail", "spam.Eggs", "parrot")
    assert report.offer(Serialization.JSON, "version, project") == "1.4"
    assert report.offer(Serialization.JSON, "size") == "6 of 6 files"
    assert report.offer(Serialization.HTML, "size") == "-"


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_a_project_that_is_not_there_is_no_report_about_nothing(index: ModelIndex, is_async: bool) -> None:
    with pytest.raises(
        UsageError, match=r"^the index has no project 'nope': http.*/nope/ is 404; name one that it has"
    ):
        await check(index.url, "nope", is_async=is_async)


async def test_an_examination_is_polite(index: ModelIndex) -> None:
    """A bounded number of requests, none of them twice the same."""
    report = await check(index.url)
    assert report.requests == len(index.asked) <= 26
    assert not any(
        path.startswith("/files/") and method == "GET" and "metadata" not in path for method, path, _ in index.asked
    )


async def test_projects_that_are_named_are_the_ones_that_are_asked_for(index: ModelIndex) -> None:
    report = await check(index.url, "Spam_Eggs")
    assert report.projects == ("Spam_Eggs",)
    assert {path.split("/")[2] for _, path, _ in index.asked if path.startswith("/simple/") and path != "/simple/"} == {
        "spam-eggs",
        "Spam_Eggs",
        "no-such-project-anywhere",
    }


WHEEL = "holygrail (JSON), holygrail-1.0-py3-none-any.whl: "
FAULTS = {
    "no version": (Says(json=None), "json-version", "holygrail (JSON): there is no `meta.api-version`"),
    "an odd version": (Says(json="1.4.2"), "json-version-form", "holygrail (JSON): `meta.api-version` is '1.4.2'"),
    "an odd version in HTML": (Says(html="bad"), "html-version-form", "the list (HTML): it is 'bad'"),
    "another major version": (
        Says(json="2.0"),
        "content-type-version",
        "holygrail: the type is application/vnd.pypi.simple.v1+json, and the page says 2.0",
    ),
    "two major versions": (Says(json="2.0"), "same-version", "holygrail: JSON says 2.0, HTML 1.4"),
    "fields of a later version": (
        Says(json="1.0"),
        "json-version-of-fields",
        "holygrail (JSON): `versions` came with 1.1, and the page says 1.0",
    ),
    "an odd type": (Says(json_type="application/json"), "content-type", "holygrail: it says 'application/json'"),
    "a version that is missing": (
        Says(spoilt={"versions": ["1.1"]}),
        "json-versions-of-files",
        "holygrail (JSON): holygrail-1.0.tar.gz is of version 1.0, which `versions` does not have",
    ),
    "a wrong size": (Says(spoilt={"files": {"size": 1}}), "file-size", f"{WHEEL}`size` is 1, and 951 bytes come"),
    "metadata that are not there": (
        Says(spoilt={"files": {"core-metadata": True}}),
        "metadata",
        "holygrail (JSON), holygrail-1.0.tar.gz: the answer is 404",
    ),
    "a wrong hash of metadata": (
        Says(spoilt={"files": {"core-metadata": {"md5": "00"}}}),
        "metadata-hash",
        f"{WHEEL}md5 is c8e46cc18f06ccd7fd98563af4ccf098, the page says 00",
    ),
    "no JSON": (Says(serializations=("html",)), "json", "the index: they cannot"),
    "no page": (Says(status=500), "list", "the list: the answer is 500 application/vnd.pypi.simple.v1+json"),
}


@pytest.mark.parametrize(("says", "rule", "told"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_fault_is_told_with_its_place(index: ModelIndex, says: Says, rule: str, told: str) -> None:
    index.says = says
    assert told in seen(await check(index.url, "holygrail"), rule)


async def test_a_file_somewhere_that_does_not_answer_is_a_finding(index: ModelIndex) -> None:
    index.says = Says(spoilt={"files": {"url": "http://127.0.0.1:9/a.whl"}})
    report = await check(index.url, "parrot")
    assert all("127.0.0.1:9" in one for one in seen(report, "file"))
    assert len(seen(report, "file")) == 2


async def test_an_index_that_is_not_there_is_an_error() -> None:
    with pytest.raises(ServiceRequestError):
        await check("http://127.0.0.1:9/simple/")


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_an_index_that_lets_nobody_in_is_an_error(index: ModelIndex, is_async: bool) -> None:
    index.credential = "Basic b2Y6dGVzdHM="
    with pytest.raises(ClientAuthenticationError):
        await check(index.url, is_async=is_async)


async def test_a_report_is_the_same_in_every_form(index: ModelIndex) -> None:
    index.says = Says(json=None, html=None)
    report = await check(index.url)
    data = json.loads(json.dumps(report.as_data()))
    broken = {one["id"] for one in data["rules"] if one["verdict"] == "broken"}
    assert broken == {one.rule.id for level in Level for one in report.broken(level)}
    assert data["conforming"] is report.is_conforming is False
    assert all(f"`{one}`" in report.as_markdown() for one in broken)


async def test_what_an_index_says_does_not_break_the_tables(index: ModelIndex) -> None:
    index.says = Says(json="1.0 |\r\u2028 <script>" + "9" * 5000)
    markdown = (await check(index.url)).as_markdown()
    assert "<script>" not in markdown.replace("`", "")
    assert len(markdown) < 20_000
    for line in markdown.splitlines():
        assert not line.startswith("|") or line.replace("\\|", "").count("|") == 5
