"""How clients behave when a server or the road does not: nine probes against a scripted server on loopback.

Each asks one question that has burnt somebody; what ours has to answer is a pass or a failure, what the peers do stands
beside it. Every client runs with the defaults of its library, and times out after 5 s (1 s where the body is dripped).

    python benchmarks/runtime/probes.py [--only clientsmith,requests] [--format json]

Run it with the interpreter of the environment that has the peers (`.venv-bench`, see `requirements.txt` here); one that
is not installed is left out. Exit code 1 if one of our transports fails a probe.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import inspect
import json
import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "packages" / "clientsmith-core" / "tests" / "faults" / "server.py"


def load_server() -> Any:
    """Return the scripted server of the fault suite."""
    spec = importlib.util.spec_from_file_location("scripted_server", SERVER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


scripted = load_server()
Server, READ, CLOSE = scripted.Server, scripted.READ, scripted.CLOSE
answer, answers, endlessly = scripted.answer, scripted.answers, scripted.endlessly

# Sends one request and returns the status and the length of the body, or raises what the library raises.
Send = Callable[[str, str, Mapping[str, str]], tuple[int, int]]

KEY = "its-own-key"

# --- the contenders: each opens a client for an endpoint, with a timeout in seconds ----------------------------------


@dataclass(frozen=True)
class Contender:
    """A client library, or one of our transports."""

    name: str
    open: Callable[[str, float], Send]
    is_ours: bool = False


def ours(kind: Any) -> Callable[[str, float], Send]:
    """Return how a client over one of our transports is opened."""

    def open_client(endpoint: str, timeout: float) -> Send:
        from clientsmith.core import aio
        from clientsmith.core.client import ServiceClient
        from clientsmith.core.credentials import KeyCredential, KeyInHeader
        from clientsmith.core.rest import HttpRequest

        is_async = inspect.iscoroutinefunction(kind.send)
        client: Any = (aio.ServiceClient if is_async else ServiceClient)(
            endpoint,
            KeyCredential(KEY),
            authentication=(KeyInHeader("api-key"),),
            transport=kind(),
            settings={"timeout": timeout},
        )
        loop = asyncio.new_event_loop() if is_async else None

        def send(method: str, url: str, headers: Mapping[str, str]) -> tuple[int, int]:
            request = HttpRequest(method, url, headers=headers, content=b"{}" if method == "POST" else None)
            sent = client.send_request(request)
            response = sent if loop is None else loop.run_until_complete(sent)
            return response.status_code, len(response.content)

        return send

    return open_client


def our_transports() -> list[Contender]:
    """Return every transport that the package offers."""
    try:
        import clientsmith.core.transport as offered
    except ImportError:
        return []
    found = []
    for name in offered.__all__:
        with suppress(ImportError):  # its library is not installed
            kind = getattr(offered, name)
            if name.endswith("Transport") and not getattr(kind, "_is_protocol", False):
                found.append(Contender(f"clientsmith {name.removesuffix('Transport')}", ours(kind), is_ours=True))
    return found


def urllib3_pool(_endpoint: str, timeout: float) -> Send:
    import urllib3

    pool = urllib3.PoolManager(timeout=timeout)

    def send(method: str, url: str, headers: Mapping[str, str]) -> tuple[int, int]:
        response = pool.request(method, url, headers=dict(headers), body=b"{}" if method == "POST" else None)
        return response.status, len(response.data)

    return send


def requests_session(_endpoint: str, timeout: float) -> Send:
    import requests

    session = requests.Session()

    def send(method: str, url: str, headers: Mapping[str, str]) -> tuple[int, int]:
        data = b"{}" if method == "POST" else None
        response = session.request(method, url, headers=dict(headers), data=data, timeout=timeout)
        return response.status_code, len(response.content)

    return send


def httpx_client(_endpoint: str, timeout: float) -> Send:
    import httpx

    client = httpx.Client(timeout=timeout, follow_redirects=True)

    def send(method: str, url: str, headers: Mapping[str, str]) -> tuple[int, int]:
        response = client.request(method, url, headers=dict(headers), content=b"{}" if method == "POST" else None)
        return response.status_code, len(response.content)

    return send


def azure_core(endpoint: str, timeout: float) -> Send:
    from azure.core import PipelineClient
    from azure.core.credentials import AzureKeyCredential
    from azure.core.pipeline import policies
    from azure.core.pipeline.transport import RequestsTransport
    from azure.core.rest import HttpRequest

    key = policies.AzureKeyCredentialPolicy(AzureKeyCredential(KEY), "api-key")
    chain = [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy("probe/1"),
        policies.ContentDecodePolicy(),
        policies.RedirectPolicy(),
        policies.RetryPolicy(),
        key,
        policies.SensitiveHeaderCleanupPolicy(),
    ]
    transport = RequestsTransport(connection_timeout=timeout, read_timeout=timeout)
    client: Any = PipelineClient(endpoint, policies=chain, transport=transport)

    def send(method: str, url: str, headers: Mapping[str, str]) -> tuple[int, int]:
        request = HttpRequest(method, url, headers=dict(headers), content=b"{}" if method == "POST" else None)
        response = client.send_request(request, timeout=timeout)
        return response.status_code, len(response.content)

    return send


def openai_client(endpoint: str, timeout: float) -> Send:
    import openai

    client: Any = openai.OpenAI(api_key="sk-probe", base_url=endpoint, timeout=timeout)

    def send(method: str, url: str, headers: Mapping[str, str]) -> tuple[int, int]:
        options = {"headers": dict(headers)}
        if method == "GET":
            client.get(url, cast_to=object, options=options)
        else:
            client.post(url, cast_to=object, body={}, options=options)
        return 200, 2

    return send


def keystone_session(_endpoint: str, timeout: float) -> Send:
    from keystoneauth1 import session

    opened: Any = session.Session(timeout=timeout)

    def send(method: str, url: str, headers: Mapping[str, str]) -> tuple[int, int]:
        data = b"{}" if method == "POST" else None
        response = opened.request(url, method, headers=dict(headers), data=data, authenticated=False)
        return response.status_code, len(response.content)

    return send


def botocore_client(endpoint: str, timeout: float) -> Send:
    import botocore.session
    from botocore.config import Config

    session = botocore.session.Session()
    session.set_credentials("key", "secret")
    config = Config(read_timeout=timeout, connect_timeout=timeout, retries={"mode": "standard"})
    client = session.create_client("lambda", region_name="us-east-1", endpoint_url=endpoint, config=config)

    def send(method: str, _url: str, _headers: Mapping[str, str]) -> tuple[int, int]:
        if method == "GET":
            answered = client.get_function_configuration(FunctionName="x")
        else:
            answered = client.invoke(FunctionName="x", Payload=b"{}")
        return answered["ResponseMetadata"]["HTTPStatusCode"], 0

    return send


PEERS = (
    Contender("urllib3", urllib3_pool),
    Contender("requests", requests_session),
    Contender("httpx", httpx_client),
    Contender("azure-core", azure_core),
    Contender("openai", openai_client),
    Contender("keystoneauth1", keystone_session),
    Contender("botocore", botocore_client),
)

# --- the probes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What came of a probe; ``is_good`` is whether that is what a caller needs."""

    said: str
    is_good: bool


@dataclass(frozen=True)
class Call:
    """How one call ended: with a status, or with the name of an error; seconds that it took."""

    result: str
    seconds: float

    @property
    def is_error(self) -> bool:
        return not self.result.isdigit()


def call(send: Send, method: str, url: str, headers: Mapping[str, str] | None = None) -> Call:
    """Make one call and note how it ends."""
    begin = time.perf_counter()
    try:
        result = str(send(method, url, headers or {})[0])
    except Exception as error:
        result = type(error).__name__
    return Call(result, time.perf_counter() - begin)


def idle_connection_closed(contender: Contender) -> Outcome:
    """The server closes a connection that idles; the next call needs another one."""
    with Server([READ, answer(), CLOSE]) as server:
        send = contender.open(server.url, 5.0)
        call(send, "GET", f"{server.url}/x")
        time.sleep(0.05)
        second = call(send, "GET", f"{server.url}/x")
    return Outcome("new connection" if second.result == "200" else second.result, second.result == "200")


def post_on_a_closing_connection(contender: Contender) -> Outcome:
    """The server closes a kept connection just as a POST arrives on it: the one POST that is safe to resend."""
    with Server([*answers(answer()), READ, CLOSE], endlessly([READ, answer()])) as server:
        send = contender.open(server.url, 5.0)
        call(send, "GET", f"{server.url}/x")
        post = call(send, "POST", f"{server.url}/x")
        sent = len(server.requests) - 1
    is_good = post.result == "200" and sent == 2
    return Outcome("resent" if is_good else f"{post.result} ({sent} sent)", is_good)


def dripped_body(contender: Contender) -> Outcome:
    """A body of 15 bytes takes 3 s, the client's timeout is 1 s."""
    body = b"{" + b" " * 13 + b"}"
    drip = [step for byte in body for step in (0.2, bytes([byte]))]
    with Server([READ, answer(body)[: -len(body)], *drip]) as server:
        got = call(contender.open(server.url, 1.0), "GET", f"{server.url}/x")
    return Outcome(f"{got.result} after {got.seconds:.1f} s", got.is_error and got.seconds < 1.5)


def truncated_body(contender: Contender) -> Outcome:
    """The body is shorter than its length says; what came of it is valid JSON."""
    with Server([READ, answer(b"{}" + b" " * 98)[:-98], CLOSE]) as server:
        got = call(contender.open(server.url, 5.0), "GET", f"{server.url}/x")
        sent = len(server.requests)
    return Outcome(f"{got.result} ({sent} sent)", got.is_error)


def redirect_elsewhere(contender: Contender) -> Outcome:
    """A 307 leads to another origin; which of four secrets arrive there?"""
    secrets = {"Authorization": "Bearer t", "X-Api-Key": "k", "Cookie": "c=1"}
    with Server(endlessly([READ, answer()])) as elsewhere:
        move = answer(b"", f"Location: {elsewhere.url}/y", status="307 Temporary Redirect")
        with Server(endlessly([READ, move])) as server:
            got = call(contender.open(server.url, 5.0), "GET", f"{server.url}/x", secrets)
        arrived = elsewhere.requests[0].headers if elsewhere.requests else {}
    leaked = [name for name in ("authorization", "x-api-key", "api-key", "cookie") if name in arrived]
    said = ", ".join(leaked) or "none" if arrived else f"not followed: {got.result}"
    return Outcome(said, not leaked and got.result == "200")


def busy_twice(contender: Contender) -> Outcome:
    """503, 503, 200 without `Retry-After`."""
    busy = answer(status="503 Service Unavailable")
    with Server([*answers(busy, busy), *answers(*[answer()] * 5)]) as server:
        got = call(contender.open(server.url, 5.0), "GET", f"{server.url}/x")
        sent = len(server.requests)
    return Outcome(f"{got.result} ({sent} sent, {got.seconds:.1f} s)", (got.result, sent) == ("200", 3))


def busy_until_a_date(contender: Contender) -> Outcome:
    """429 with an HTTP date, one or two seconds from now: nobody asks again before it."""
    until = int(time.time()) + 2
    limited = answer(b"{}", f"Retry-After: {formatdate(until, usegmt=True)}", status="429 Too Many Requests")
    with Server([*answers(limited), *answers(*[answer()] * 5)]) as server:
        got = call(contender.open(server.url, 5.0), "GET", f"{server.url}/x")
        is_late_enough = time.time() >= until
        sent = len(server.requests)
    is_good = (got.result, sent) == ("200", 2) and is_late_enough
    when = "" if is_late_enough or sent < 2 else ", too early"
    return Outcome(f"{got.result} ({sent} sent{when})", is_good)


def busy_after_a_post(contender: Contender) -> Outcome:
    """A POST without an idempotency key is answered 503: nobody knows whether it was carried out."""
    with Server([*answers(answer(status="503 Service Unavailable")), *answers(*[answer()] * 5)]) as server:
        call(contender.open(server.url, 5.0), "POST", f"{server.url}/x")
        sent = len(server.requests)
        has_key = any("idempot" in name for request in server.requests for name in request.headers)
    return Outcome("not resent" if sent == 1 else f"resent{' with a key' if has_key else ''}", sent == 1 or has_key)


def netrc(contender: Contender) -> Outcome:
    """`.netrc` has an entry for the host, the caller says `Authorization: Bearer t`: what arrives?"""
    with Server(endlessly([READ, answer()])) as server:
        endpoint = f"http://127.0.0.1:{server.port}"
        got = call(contender.open(endpoint, 5.0), "GET", f"{endpoint}/x", {"Authorization": "Bearer t"})
        arrived = server.requests[0].headers.get("authorization", "none") if server.requests else got.result
    return Outcome(arrived.partition(" ")[0].partition("-")[0], arrived == "Bearer t")


PROBES: dict[str, Callable[[Contender], Outcome]] = {
    "idle connection": idle_connection_closed,
    "POST on a closing one": post_on_a_closing_connection,
    "3 s drip, 1 s timeout": dripped_body,
    "truncated body": truncated_body,
    "secrets elsewhere": redirect_elsewhere,
    "503, 503, 200": busy_twice,
    "429 with a date": busy_until_a_date,
    "POST after 503": busy_after_a_post,
    "beside .netrc": netrc,
}


def probe(contender: Contender) -> dict[str, Outcome] | str:
    """Run all probes on one contender; a text says why there are none."""
    try:
        contender.open("http://localhost:1", 5.0)
    except ImportError as error:
        return f"not installed ({error.name})"
    return {name: run(contender) for name, run in PROBES.items()}


# --- the table -------------------------------------------------------------------------------------------------------

Results = dict[str, dict[str, Outcome]]


def show(results: Results, absent: Mapping[str, str]) -> None:
    """Print a table, a client a line."""
    rows = [["", *PROBES], *[[name, *[o.said for o in found.values()]] for name, found in results.items()]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for name, why in absent.items():
        print(f"{name}: {why}")


def prepare_environment(folder: str) -> None:
    """Have no proxies, a `.netrc` that names one host (by its number, so that one probe meets it), and no talk."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    file = Path(folder) / ".netrc"
    file.write_text("machine 127.0.0.1 login joe password hunter2\n", encoding="utf-8")
    file.chmod(0o600)
    os.environ |= {"NETRC": str(file), "HOME": folder}
    logging.disable()
    warnings.simplefilter("ignore")


def main() -> int:
    parser = argparse.ArgumentParser(description="Probe how HTTP clients behave when something goes wrong.")
    parser.add_argument("--only", default="", help="names of clients, or beginnings of them, separated by commas")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args()
    wanted = tuple(arguments.only.split(","))
    with tempfile.TemporaryDirectory() as folder:
        prepare_environment(folder)
        contenders = [one for one in (*our_transports(), *PEERS) if one.name.startswith(wanted)]
        with ThreadPoolExecutor(len(contenders) or 1) as threads:  # each spends its time waiting
            found = dict(zip(contenders, threads.map(probe, contenders), strict=True))
    results = {one.name: outcome for one, outcome in found.items() if isinstance(outcome, dict)}
    absent = {one.name: outcome for one, outcome in found.items() if isinstance(outcome, str)}
    failed = [
        f"{one.name}, {name}: {outcome.said}"
        for one in contenders
        if one.is_ours
        for name, outcome in results.get(one.name, {}).items()
        if not outcome.is_good
    ]
    if arguments.format == "json":
        table = {name: {p: asdict(outcome) for p, outcome in line.items()} for name, line in results.items()}
        print(json.dumps({"results": table, "absent": absent, "failed": failed}))
    else:
        show(results, absent)
        ours_tried = [one for one in contenders if one.is_ours and one.name in results]
        if ours_tried:
            total = len(ours_tried) * len(PROBES)
            print(f"\nours: {total - len(failed)} of {total} passed")
    for line in failed:
        print(f"failed: {line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
