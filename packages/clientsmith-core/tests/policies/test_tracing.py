"""Spans of calls, with the real SDK: what is made, what it says, what goes over the wire."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.errors import HttpResponseError, ServiceResponseError, SettingError
from clientsmith.core.operations import ListOperation, LongRunningOperation, Operation, path
from clientsmith.core.paging import NextLink
from clientsmith.core.polling import Polling
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, AsyncScriptedTransport, Line, ScriptedTransport

trace = pytest.importorskip("opentelemetry.trace")
sdk = pytest.importorskip("opentelemetry.sdk.trace")

from opentelemetry import baggage, context  # noqa: E402  # only where they are installed
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402
from opentelemetry.trace import SpanKind, StatusCode  # noqa: E402

GET_PET: Operation[Any] = Operation("GET", "/pets/{petId}", parameters={"pet_id": path("petId")}, responses={200: None})
LIST: ListOperation[int] = ListOperation(
    "GET", "/pets", responses={200: None}, paging=NextLink(items=("value",), next=("next",))
)


@pytest.fixture(scope="module")
def exporter() -> InMemorySpanExporter:
    """Where all spans of this process end up; the API lets a provider be set once."""
    kept = InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    trace.set_tracer_provider(provider)
    return kept


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Iterator[Callable[[], list[Any]]]:
    """The spans of the test, in the order in which they began."""
    exporter.clear()
    yield lambda: sorted(exporter.get_finished_spans(), key=lambda span: span.start_time or 0)
    exporter.clear()


Call = Callable[..., ScriptedTransport | AsyncScriptedTransport]


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    """Get a pet, traced, from a scripted service."""

    def call_it(*lines: Line, settings: Mapping[str, Any] | None = None, **options: Any) -> Any:
        chosen = {"tracing_enabled": True, **(settings or {})}
        if request.param == "sync":
            service = ScriptedTransport(*lines)
            client = ServiceClient("https://h.test:8443", transport=service, settings=chosen)
            client._call(GET_PET, {"pet_id": "7"}, options=options)
            return service
        quiet = AsyncScriptedTransport(*lines)
        twin = aio.ServiceClient("https://h.test:8443", transport=quiet, settings=chosen)
        asyncio.run(twin._call(GET_PET, {"pet_id": "7"}, options=options))
        return quiet

    return call_it


def test_a_call_is_a_span_and_each_attempt_one_below_it(call: Call, spans: Callable[[], list[Any]]) -> None:
    """Named and filled as the semantic conventions for HTTP clients say."""
    call(Answer(503), Answer(200))
    operation, first, second = spans()
    assert (operation.name, operation.kind) == ("GET /pets/{petId}", SpanKind.INTERNAL)
    assert dict(operation.attributes) == {"url.template": "/pets/{petId}", "http.response.status_code": 200}
    for attempt in (first, second):
        assert (attempt.name, attempt.kind) == ("GET", SpanKind.CLIENT)
        assert attempt.parent.span_id == operation.context.span_id
    shared = {
        "http.request.method": "GET",
        "url.full": "https://h.test:8443/pets/7",
        "url.template": "/pets/{petId}",
        "server.address": "h.test",
        "server.port": 8443,
    }
    assert dict(first.attributes) == {**shared, "http.response.status_code": 503, "error.type": "503"}
    assert dict(second.attributes) == {**shared, "http.response.status_code": 200, "http.request.resend_count": 1}
    assert [span.status.status_code for span in (operation, first, second)] == [
        StatusCode.UNSET, StatusCode.ERROR, StatusCode.UNSET,
    ]  # fmt: skip


def test_a_look_is_not_one_more_start_of_the_operation(spans: Callable[[], list[Any]]) -> None:
    """Its address is the service's, and the template is that of what was begun."""
    begin = LongRunningOperation[Any]("POST", "/jobs", polling=Polling(poll_path="/jobs/{id}"))
    service = ScriptedTransport(Answer(202, json={"id": 7, "status": "queued"}), Answer(json={"status": "Succeeded"}))
    client = ServiceClient("https://h.test", transport=service, settings={"tracing_enabled": True})
    client._begin(begin, {}, options={}).result()
    assert [span.name for span in spans() if span.kind == SpanKind.INTERNAL] == ["POST /jobs", "GET"]
    assert ["url.template" in span.attributes for span in spans()] == [True, True, False, False]


def test_each_attempt_tells_the_service_its_own_span(call: Call, spans: Callable[[], list[Any]]) -> None:
    """W3C Trace Context; baggage may hold anything and stays here."""
    token = context.attach(baggage.set_baggage("customer", "SECRET"))
    try:
        with trace.get_tracer("test").start_as_current_span("mine") as mine:
            service = call(Answer(503), Answer(200))
    finally:
        context.detach(token)
    outer, operation, first, second = spans()
    assert outer.context.span_id == mine.get_span_context().span_id == operation.parent.span_id
    told = [request.headers["traceparent"] for request in service.requests]
    contexts = [span.context for span in (first, second)]
    assert told == [f"00-{c.trace_id:032x}-{c.span_id:016x}-{c.trace_flags:02x}" for c in contexts]
    assert "baggage" not in service.requests[0].headers


def test_a_traceparent_of_the_callers_own_wins(call: Call, spans: Callable[[], list[Any]]) -> None:
    """Whoever sets it by hand means it."""
    own = "00-11111111111111111111111111111111-2222222222222222-01"
    service = call(Answer(200), headers={"traceparent": own})
    assert service.requests[0].headers["traceparent"] == own


def test_a_failure_is_told(call: Call, spans: Callable[[], list[Any]]) -> None:
    """By the kind of error; the words are ours, which hold no secrets."""
    with pytest.raises(ServiceResponseError):
        call(ServiceResponseError("connection reset"), settings={"max_retries": 0})
    operation, attempt = spans()
    for span in (operation, attempt):
        assert span.attributes["error.type"] == "ServiceResponseError"
        assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "connection reset")


def test_an_error_of_the_service_is_told(call: Call, spans: Callable[[], list[Any]]) -> None:
    """On both spans, by its status."""
    with pytest.raises(HttpResponseError):
        call(Answer(404))
    assert [span.attributes["error.type"] for span in spans()] == ["404", "404"]
    assert [span.status.status_code for span in spans()] == [StatusCode.ERROR] * 2


def test_an_error_that_nobody_foresaw_is_not_quoted(call: Call, spans: Callable[[], list[Any]]) -> None:
    """Its words may hold anything."""
    with pytest.raises(LookupError):
        call(LookupError("SECRET"))
    assert [span.attributes["error.type"] for span in spans()] == ["LookupError"] * 2
    assert "SECRET" not in "".join(span.to_json() for span in spans())


def test_the_url_of_a_span_is_redacted(spans: Callable[[], list[Any]]) -> None:
    """As in the log."""
    client = ServiceClient("https://h.test", transport=ScriptedTransport(Answer(200)))
    client.send_request(HttpRequest("PURGE", "/x?sig=SECRET&limit=5"), tracing_enabled=True)
    operation, attempt = spans()
    assert (operation.name, attempt.name) == ("HTTP", "HTTP")  # names are few; a method of one's own is not one of them
    assert attempt.attributes["url.full"] == "https://h.test/x?sig=***&limit=5"
    assert attempt.attributes["http.request.method"] == "_OTHER"
    assert attempt.attributes["http.request.method_original"] == "PURGE"


def test_a_redirect_is_another_attempt_of_the_same_call(call: Call, spans: Callable[[], list[Any]]) -> None:
    """With the server that it goes to."""
    call(Answer(307, headers={"Location": "https://other.test/x"}), Answer(200))
    _, first, second = spans()
    assert (first.attributes["server.address"], second.attributes["server.address"]) == ("h.test", "other.test")
    assert (second.attributes["server.port"], second.attributes["http.request.resend_count"]) == (443, 1)


def test_each_page_is_a_call_of_its_own(spans: Callable[[], list[Any]]) -> None:
    """And the caller between two pages is in the context that was there before."""
    service = ScriptedTransport(
        Answer(json={"value": [1], "next": "https://h.test/pets?p=2"}), Answer(json={"value": [2]})
    )
    client = ServiceClient("https://h.test", transport=service, settings={"tracing_enabled": True})
    for _ in client._list(LIST, {}, options={}):
        assert not trace.get_current_span().get_span_context().is_valid
    assert [span.name for span in spans()] == ["GET /pets", "GET", "GET /pets", "GET"]


def test_the_transport_works_below_the_span_of_its_attempt(spans: Callable[[], list[Any]]) -> None:
    """What it does nests there; the instrumentation of its library is silent, and only while it sends."""
    quiet = context._SUPPRESS_HTTP_INSTRUMENTATION_KEY
    seen: list[tuple[int, bool]] = []

    class Looking(ScriptedTransport):
        def send(self, request: HttpRequest, /) -> HttpResponse:
            seen.append((trace.get_current_span().get_span_context().span_id, bool(context.get_value(quiet))))
            return super().send(request)

    def hook(request: HttpRequest) -> None:
        seen.append((0, bool(context.get_value(quiet))))

    client = ServiceClient("https://h.test", transport=Looking(Answer(200)), settings={"tracing_enabled": True})
    client._call(GET_PET, {"pet_id": "7"}, options={"raw_request_hook": hook})
    _, attempt = spans()
    assert seen == [(0, False), (attempt.context.span_id, True)]
    assert context.get_value(quiet) is None


async def test_tasks_keep_their_spans_apart(spans: Callable[[], list[Any]]) -> None:
    """Each attempt is below the operation of its own task."""

    class Slow(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> HttpResponse:
            await asyncio.sleep(0)
            return await super().send(request)

    client = aio.ServiceClient(
        "https://h.test", transport=Slow(Answer(200), repeat=True), settings={"tracing_enabled": True}
    )
    await asyncio.gather(*(client._call(GET_PET, {"pet_id": str(n)}, options={}) for n in range(10)))
    operations = {span.context.span_id for span in spans() if span.kind is SpanKind.INTERNAL}
    attempts = [span for span in spans() if span.kind is SpanKind.CLIENT]
    assert {attempt.parent.span_id for attempt in attempts} == operations
    assert len(operations) == len(attempts) == 10


async def test_a_cancelled_call_ends_its_spans(spans: Callable[[], list[Any]]) -> None:
    """And leaves nothing current behind."""

    class Hanging(AsyncScriptedTransport):
        async def send(self, request: HttpRequest, /) -> HttpResponse:
            await asyncio.sleep(3600)
            return await super().send(request)

    client = aio.ServiceClient("https://h.test", transport=Hanging(), settings={"tracing_enabled": True})
    task = asyncio.create_task(client._call(GET_PET, {"pet_id": "7"}, options={}))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [span.attributes["error.type"] for span in spans()] == ["cancelled", "CancelledError"]


def test_what_is_not_traced_makes_no_span(spans: Callable[[], list[Any]], call: Call) -> None:
    """Off by default, and for a call where it is on for the client."""
    service = call(Answer(200), tracing_enabled=False)
    assert spans() == []
    assert "traceparent" not in service.requests[0].headers


def run(program: str) -> str:
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return told.stdout.strip()


def test_nothing_of_it_is_imported_by_who_does_not_trace() -> None:
    """It takes 60 ms."""
    assert (
        run(
            "import sys\n"
            "from clientsmith.core.client import ServiceClient\n"
            "from clientsmith.core.rest import HttpRequest\n"
            "from clientsmith.core.testing import Answer, ScriptedTransport\n"
            "ServiceClient('https://h.test', transport=ScriptedTransport(Answer())).send_request(HttpRequest('GET', '/'))\n"
            "print([name for name in sys.modules if name.startswith('opentelemetry')])"
        )
        == "[]"
    )


def test_without_the_package_the_setting_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the client is made, not by the first call."""
    monkeypatch.delitem(sys.modules, "clientsmith.core.policies._spans", raising=False)
    monkeypatch.delattr("clientsmith.core.policies._spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)  # how Python marks "not there"
    with pytest.raises(SettingError, match=r"pip install 'clientsmith-core\[tracing\]'"):
        ServiceClient("https://h.test", transport=ScriptedTransport(), settings={"tracing_enabled": True})


def test_without_a_provider_calls_go_on() -> None:
    """The API alone makes spans that nobody keeps; a trace that came in is passed on."""
    assert (
        run(
            "from opentelemetry import context, trace\n"
            "from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator\n"
            "from clientsmith.core.client import ServiceClient\n"
            "from clientsmith.core.rest import HttpRequest\n"
            "from clientsmith.core.testing import Answer, ScriptedTransport\n"
            "service = ScriptedTransport(Answer(), Answer())\n"
            "client = ServiceClient('https://h.test', transport=service, settings={'tracing_enabled': True})\n"
            "client.send_request(HttpRequest('GET', '/'))\n"
            "header = {'traceparent': '00-11111111111111111111111111111111-2222222222222222-01'}\n"
            "context.attach(TraceContextTextMapPropagator().extract(header))\n"
            "client.send_request(HttpRequest('GET', '/'))\n"
            "print([request.headers.get('traceparent', '')[:35] for request in service.requests])"
        )
        == "['', '00-11111111111111111111111111111111']"
    )
