"""What the log tells of a call, and what it never does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import Basic as BasicScheme
from clientsmith.core.credentials import (
    BasicCredential,
    KeyCredential,
    KeyInCookie,
    KeyInHeader,
    KeyInQuery,
)
from clientsmith.core.errors import ClientsmithError, ServiceRequestError, ServiceResponseError
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Line, ScriptedTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LOGGER = "clientsmith.core.http"
URL = "https://example.test/pets?limit=5&color=***"


class Slow(ScriptedTransport):
    """Each answer takes a quarter of a second."""

    def send(self, request: HttpRequest, /) -> HttpResponse:
        self.clock.advance(0.25)
        return super().send(request)


def records(caplog: pytest.LogCaptureFixture, *lines: Line, level: int = logging.INFO, **options: Any) -> list[Any]:
    """Return what a call wrote."""
    client = ServiceClient("https://example.test", transport=Slow(*lines))
    request = HttpRequest("GET", "/pets?limit=5&color=red", headers={"X-Own": "SECRET", "Accept": "text/plain"})
    with caplog.at_level(level, logger=LOGGER), contextlib.suppress(ClientsmithError):
        client.send_request(request, client_request_id="r-1", **options)
    return caplog.records


def test_each_attempt_is_one_record(caplog: pytest.LogCaptureFixture) -> None:
    """When it is over: what was asked, what came of it, how long it took; a failure as well as an answer."""
    told = records(
        caplog, Answer(503, headers={"X-Request-ID": "theirs"}), ServiceResponseError("connection reset"), Answer(200)
    )
    assert [(record.levelname, record.getMessage()) for record in told] == [
        ("INFO", f"GET {URL} answered 503 after 0.250 s (attempt 1, request id theirs)"),
        (
            "INFO",
            f"GET {URL} failed after 0.250 s with ServiceResponseError: connection reset (attempt 2, request id r-1)",
        ),
        ("INFO", f"GET {URL} answered 200 after 0.250 s (attempt 3, request id r-1)"),
    ]


def test_the_facts_are_attributes_of_the_record(caplog: pytest.LogCaptureFixture) -> None:
    """For handlers that write JSON."""
    answered, failed = records(caplog, Answer(503), ServiceRequestError("refused"), max_retries=1)
    shared = {"http_method": "GET", "http_url": URL, "request_id": "r-1", "seconds": pytest.approx(0.25)}
    assert {**shared, "attempt": 1, "http_status": 503}.items() <= vars(answered).items()
    assert {**shared, "attempt": 2, "error_type": "ServiceRequestError"}.items() <= vars(failed).items()


def test_debug_shows_the_header_fields_that_are_harmless(caplog: pytest.LogCaptureFixture) -> None:
    """Before the request is sent, so that one sees what hangs; a name without its value tells that it was there."""
    sent, _, answer = records(
        caplog, Answer(200, headers={"Set-Cookie": "sid=SECRET", "Date": "today"}), level=logging.DEBUG
    )
    assert sent.getMessage().startswith(f"GET {URL} is sent (attempt 1, request id r-1), header: ")
    assert "'X-Own': '***', 'Accept': 'text/plain'" in sent.getMessage()
    assert answer.getMessage() == "header of the answer: {'Set-Cookie': '***', 'Date': 'today'}"
    assert "SECRET" not in caplog.text


def test_names_may_be_added_to_what_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever their case; the others stay hidden."""
    told = records(
        caplog,
        Answer(200, headers={"X-Theirs": "seen", "X-Other": "SECRET"}),
        level=logging.DEBUG,
        logging_allowed_headers=["x-theirs"],
        logging_allowed_query=["COLOR"],
    )
    assert "https://example.test/pets?limit=5&color=red" in told[1].getMessage()
    assert "{'X-Theirs': 'seen', 'X-Other': '***'}" in told[2].getMessage()
    assert "SECRET" not in caplog.text


def test_logging_can_be_switched_off_for_a_call(caplog: pytest.LogCaptureFixture) -> None:
    """`logging_enabled=False`."""
    told = records(
        caplog, Answer(503), ServiceResponseError("x"), level=logging.DEBUG, logging_enabled=False, max_retries=1
    )
    assert told == []


def test_nothing_is_made_ready_that_nobody_reads(caplog: pytest.LogCaptureFixture) -> None:
    """At WARNING, the default, there is no record at all: who called hears of failures as exceptions."""
    assert records(caplog, Answer(503), ServiceResponseError("x"), level=logging.WARNING, max_retries=1) == []


def test_a_program_without_logging_does_not_import_it() -> None:
    """It takes 5 ms, and nobody listens."""
    program = (
        "import sys\n"
        "from clientsmith.core.client import ServiceClient\n"
        "from clientsmith.core.rest import HttpRequest\n"
        "from clientsmith.core.testing import Answer, ScriptedTransport\n"
        "client = ServiceClient('https://h.test', transport=ScriptedTransport(Answer(), repeat=True))\n"
        "client.send_request(HttpRequest('GET', '/'))\n"
        "print('logging' in sys.modules)\n"
        "import logging\n"
        "logging.basicConfig(level=logging.INFO, stream=sys.stdout, format='%(name)s')\n"
        "client.send_request(HttpRequest('GET', '/'))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "clientsmith.core.http"]


def test_an_error_that_nobody_foresaw_is_named_and_not_quoted(caplog: pytest.LogCaptureFixture) -> None:
    """Its words may quote what was sent."""

    class Broken(ScriptedTransport):
        def send(self, request: HttpRequest, /) -> HttpResponse:
            raise LookupError("SECRET")

    client = ServiceClient("https://example.test", transport=Broken())
    with caplog.at_level(logging.DEBUG, logger=LOGGER), pytest.raises(LookupError):
        client.send_request(HttpRequest("GET", "/"))
    assert "failed after 0.000 s with LookupError (attempt 1" in caplog.text
    assert "SECRET" not in caplog.text


# --- secrets ---------------------------------------------------------------------------------------------------------

SECRET = "Zq9SECRETqZ"


class _Keeping(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told += [record.getMessage(), repr(vars(record))]


@pytest.fixture(scope="module")
def kept() -> Iterator[_Keeping]:
    """All that is logged at DEBUG."""
    logger, handler = logging.getLogger(LOGGER), _Keeping()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ-_0123456789", min_size=1, max_size=12).map(lambda text: f"x-{text}")
WITH_SECRET = st.tuples(st.text("abc=;, ", max_size=4), st.text("abc=;, ", max_size=4)).map(
    lambda parts: f"{parts[0]}{SECRET}{parts[1]}"
)
# Every header field but those that are known to be harmless by their meaning.
HEADERS = st.dictionaries(
    NAMES | st.sampled_from(["Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization", "X-Api-Key", "apikey"]),
    WITH_SECRET,
    max_size=4,
)
LOCATIONS = st.sampled_from(
    [
        f"https://me:{SECRET}@other.test/x",
        f"/next?token={SECRET}",
        f"https://other.test/?a={SECRET}&limit=1#{SECRET}",
        f"//x:{SECRET}@[broken",
        f"https://other.test:{SECRET}/",
    ]
)
LINES = st.lists(
    st.one_of(
        st.builds(
            lambda status, headers, location: Answer(
                status, headers={**headers, "Location": location}, content=SECRET.encode()
            ),
            st.sampled_from([200, 201, 302, 307, 308, 401, 403, 404, 429, 500, 503]),
            HEADERS,
            LOCATIONS,
        ),
        st.sampled_from([ServiceRequestError("refused", is_unsent=True), ServiceResponseError("reset")]),
        st.just(LookupError(SECRET)),
    ),
    min_size=1,
    max_size=4,
)
CREDENTIALS = st.sampled_from(
    [
        (KeyCredential(SECRET), KeyInHeader("api-key")),
        (KeyCredential(SECRET), KeyInQuery("sig")),
        (KeyCredential(SECRET), KeyInCookie("sid")),
        (BasicCredential("me", SECRET), BasicScheme()),
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=LINES,
    shown=CREDENTIALS,
    own=HEADERS,
    query=st.dictionaries(NAMES, st.just(SECRET), max_size=3),
    late=st.booleans(),
)
def test_no_record_holds_a_secret(
    kept: _Keeping, lines: list[Any], shown: tuple[Any, Any], own: dict[str, str], query: dict[str, str], late: bool
) -> None:
    """Wherever it stands in request, credential and answer, whatever goes wrong, in both colours."""
    kept.told.clear()
    credential, scheme = shown
    keywords: dict[str, Any] = {"authentication": [scheme], "settings": {"headers": own, "max_retries": 2}}
    request = HttpRequest("POST", "/x", params=query, headers=own, json={"password": SECRET})
    try:
        if late:
            twin = aio.ServiceClient(
                "https://example.test", credential, transport=AsyncScriptedTransport(*lines, repeat=True), **keywords
            )
            asyncio.run(twin.send_request(request, idempotency_key="k"))
        else:
            client = ServiceClient(
                "https://example.test", credential, transport=ScriptedTransport(*lines, repeat=True), **keywords
            )
            client.send_request(request, idempotency_key="k")
    except (ClientsmithError, LookupError):
        pass
    assert kept.told
    assert [line for line in kept.told if SECRET in line] == []
