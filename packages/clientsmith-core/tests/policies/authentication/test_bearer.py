"""Bearer tokens: one flight for all, refreshed ahead of time, replaced when refused, never waited for too long."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import AccessToken, Bearer
from clientsmith.core.errors import (
    CredentialError,
    DeadlineExceededError,
    ServiceRequestError,
    TokenUnavailableError,
)
from clientsmith.core.pipeline import Steps, drive
from clientsmith.core.policies.authentication.tokens import Scopes, TokenCache
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport


class Tokens:
    """A credential that counts its flights; each takes a moment."""

    def __init__(self, lifetime: float = 3600.0, failures: int = 0, seconds: float = 0.02) -> None:
        self.flights, self.lifetime, self.failures, self.seconds = 0, lifetime, failures, seconds
        self.claims: list[str | None] = []
        self._mutex = threading.Lock()

    def _next(self, claims: str | None = None) -> AccessToken:
        with self._mutex:
            self.flights += 1
            self.claims.append(claims)
            if self.failures:
                self.failures -= 1
                raise ConnectionError("the token service is down")
            return AccessToken(f"t{self.flights}", time.time() + self.lifetime)

    def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        time.sleep(self.seconds)
        return self._next(claims)


class AsyncTokens(Tokens):
    async def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:  # type: ignore[override]  # the other colour
        await asyncio.sleep(self.seconds)
        return self._next(claims)


class Source:
    """A source of tokens whose time stands still until a test moves it."""

    scopes: Scopes = ()

    def __init__(self, *answers: AccessToken | Exception) -> None:
        self.now = 1000.0
        self.asked: list[str | None] = []
        self._answers = list(answers)
        self.token_cache = TokenCache(self._fetch, lambda: self.now)

    def _fetch(self, scopes: Scopes, claims: str | None, call: Call) -> Steps[AccessToken]:
        self.asked.append(claims)
        answer = self._answers.pop(0)
        yield from ()
        if isinstance(answer, Exception):
            raise answer
        return answer


def tokens_of(requests: Iterable[HttpRequest]) -> list[str | None]:
    return [(request.headers.get("Authorization") or "-").removeprefix("Bearer ") for request in requests]


def bearer_client(credential: Any) -> tuple[ServiceClient, ScriptedTransport]:
    service = ScriptedTransport(Answer(200), repeat=True)
    client = ServiceClient("https://e.test", credential, authentication=[Bearer(["s"])], transport=service)
    return client, service


def async_client(credential: Any, *lines: Any) -> aio.ServiceClient:
    service = AsyncScriptedTransport(*(lines or [Answer(200)]), repeat=not lines)
    return aio.ServiceClient("https://e.test", credential, authentication=[Bearer()], transport=service)


# --- how long a token serves -----------------------------------------------------------------------------------------


def test_a_token_is_kept_until_it_ages() -> None:
    """One flight for many calls."""
    tokens = Tokens()
    client, service = bearer_client(tokens)
    for _ in range(3):
        client.send_request(HttpRequest("GET", "/"))
    assert tokens.flights == 1
    assert {r.headers["Authorization"] for r in service.requests} == {"Bearer t1"}


@pytest.mark.parametrize(
    ("lifetime", "refresh_on", "renewed_after"),
    [
        pytest.param(3600.0, None, 3300.0, id="an hour: five minutes ahead"),
        pytest.param(300.0, None, 240.0, id="five minutes: the last fifth"),
        pytest.param(10.0, None, 8.0, id="seconds: the last fifth"),
        pytest.param(3600.0, 1600.0, 600.0, id="when the token says so"),
        pytest.param(3600.0, 9000.0, 3600.0, id="says so too late: at its end"),
        pytest.param(3600.0, 500.0, 3300.0, id="said so long ago: five minutes ahead"),
        pytest.param(float("inf"), None, None, id="for ever"),
    ],
)
def test_a_token_is_renewed_ahead_of_its_end(
    scripted: Callable[..., Any], lifetime: float, refresh_on: float | None, renewed_after: float | None
) -> None:
    """But not so early that every call would get a new one."""
    source = Source(AccessToken("old", 1000.0 + lifetime, refresh_on), AccessToken("new", 1e9))
    client = scripted(Answer(), repeat=True, credential=source, authentication=[Bearer()])
    for elapsed in (0.0, (renewed_after or 1e9) - 0.1, renewed_after or 1e9):
        source.now = 1000.0 + elapsed
        client.send("GET", "/")
    assert tokens_of(client.requests) == ["old", "old", "old" if renewed_after is None else "new"]


def test_an_ageing_token_serves_while_its_renewal_fails(scripted: Callable[..., Any]) -> None:
    """Nobody notices a token service that is down for a minute, and not every call asks it."""
    source = Source(AccessToken("old", 2000.0), ConnectionError("down"), AccessToken("new", 1e9))
    client = scripted(Answer(), repeat=True, credential=source, authentication=[Bearer()])
    for now in (1000.0, 1900.0, 1901.0, 1929.0, 1931.0):
        source.now = now
        client.send("GET", "/")
    assert tokens_of(client.requests) == ["old", "old", "old", "old", "new"]
    assert len(source.asked) == 3


def test_a_token_that_is_gone_cannot_serve_when_its_renewal_fails(scripted: Callable[..., Any]) -> None:
    """Then the failure is the call's."""
    source = Source(AccessToken("old", 2000.0), ConnectionError("down"))
    client = scripted(Answer(), repeat=True, credential=source, authentication=[Bearer()])
    client.send("GET", "/")
    source.now = 2000.0
    with pytest.raises(TokenUnavailableError, match="no access token could be got: ConnectionError: down"):
        client.send("GET", "/")


# --- one flight ------------------------------------------------------------------------------------------------------


def test_many_threads_make_one_flight() -> None:
    """One fetches, the others wait."""
    tokens = Tokens(seconds=0.1)
    client, _ = bearer_client(tokens)
    threads = [threading.Thread(target=client.send_request, args=[HttpRequest("GET", "/")]) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tokens.flights == 1


async def test_many_tasks_make_one_flight() -> None:
    """The same, on an event loop."""
    tokens = AsyncTokens()
    client = async_client(tokens)
    await asyncio.gather(*(client.send_request(HttpRequest("GET", "/")) for _ in range(50)))
    assert tokens.flights == 1


def test_event_loops_share_one_flight() -> None:
    """A client that is used from three loops in three threads, by many tasks each."""
    tokens = AsyncTokens(seconds=0.1)
    client = async_client(tokens)

    async def many() -> None:
        await asyncio.gather(*(client.send_request(HttpRequest("GET", "/")) for _ in range(30)))

    threads = [threading.Thread(target=asyncio.run, args=[many()]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tokens.flights == 1
    assert len(client._transport.requests) == 90


async def test_a_cancelled_leader_hands_the_flight_over() -> None:
    """Those who wait are not cancelled with it."""
    tokens = AsyncTokens(seconds=0.05)
    client = async_client(tokens)
    leader = asyncio.create_task(client.send_request(HttpRequest("GET", "/")))
    await asyncio.sleep(0.01)
    followers = [asyncio.create_task(client.send_request(HttpRequest("GET", "/"))) for _ in range(5)]
    await asyncio.sleep(0.01)
    leader.cancel()
    assert [r.status_code for r in await asyncio.gather(*followers)] == [200] * 5
    assert tokens.flights == 1


async def test_a_failed_flight_fails_everybody_with_an_error_of_their_own() -> None:
    """A shared instance would collect the tracebacks of all who wait."""
    client = async_client(AsyncTokens(failures=1))
    outcomes = await asyncio.gather(
        *(client.send_request(HttpRequest("GET", "/")) for _ in range(3)), return_exceptions=True
    )
    assert len({id(outcome) for outcome in outcomes}) == 3
    assert {str(outcome) for outcome in outcomes} == {
        "no access token could be got: ConnectionError: the token service is down"
    }
    for outcome in outcomes:
        assert isinstance(outcome, TokenUnavailableError)
        assert isinstance(outcome.__cause__, ConnectionError | TokenUnavailableError)
        assert str(pickle.loads(pickle.dumps(outcome))) == str(outcome)


def test_trouble_on_the_road_to_the_token_service_is_not_the_requests_own(scripted: Callable[..., Any]) -> None:
    """Else the retry policy would repeat the request for it."""
    source = Source(ServiceRequestError("refused", is_unsent=True), AccessToken("t", 1e9))
    client = scripted(Answer(), credential=source, authentication=[Bearer()])
    with pytest.raises(TokenUnavailableError, match="no access token could be got: ServiceRequestError: refused"):
        client.send("GET", "/")
    assert client.requests == []


def test_flights_for_other_scopes_take_turns() -> None:
    """One at a time for a credential, and each gets its own token."""
    flying: list[Scopes] = []

    def fetch(scopes: Scopes, claims: str | None, call: Call) -> Steps[AccessToken]:
        flying.append(scopes)
        yield from ()
        return AccessToken(f"for {scopes[0]}", 1e9)

    cache = TokenCache(fetch, lambda: 0.0)
    for scopes in (("a",), ("b",), ("a",)):
        assert drive(cache.get(scopes, Call({})), ScriptedTransport()).token == f"for {scopes[0]}"
    assert flying == [("a",), ("b",)]


async def test_a_token_that_is_over_at_once_serves_those_who_waited_for_it() -> None:
    """A clock that is wrong, or an end that nobody knows: one flight for all who wait, none is kept."""
    tokens = AsyncTokens(lifetime=-10.0)
    client = async_client(tokens)
    await asyncio.gather(*(client.send_request(HttpRequest("GET", "/")) for _ in range(20)))
    assert tokens.flights == 1
    await client.send_request(HttpRequest("GET", "/"))
    assert tokens.flights == 2


def test_a_forked_child_does_not_wait_for_a_flight_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever flew it is not there."""

    def fetch(scopes: Scopes, claims: str | None, call: Call) -> Steps[AccessToken]:
        if not landing:
            yield HttpRequest("GET", "https://login.test/")
        return AccessToken("t", 1e12)

    landing: list[bool] = []
    cache = TokenCache(fetch)
    flying = cache.get((), Call({}))
    next(flying)
    landing.append(True)
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert drive(cache.get((), Call({})), ScriptedTransport()).token == "t"
    flying.close()


# --- the deadline ----------------------------------------------------------------------------------------------------


async def test_an_async_credential_is_given_up_at_the_deadline() -> None:
    """And the next caller starts a flight of his own."""
    tokens = AsyncTokens(seconds=30.0)
    client = async_client(tokens)
    begun = time.perf_counter()
    with pytest.raises(DeadlineExceededError, match="AsyncTokens gave no token within the call's timeout"):
        await client.send_request(HttpRequest("GET", "/"), timeout=0.05)
    assert time.perf_counter() - begun < 5.0
    tokens.seconds = 0.0
    assert (await client.send_request(HttpRequest("GET", "/"))).status_code == 200


async def test_a_timeout_of_the_credential_itself_is_not_the_calls() -> None:
    """It is why there is no token."""

    class Impatient:
        async def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
            raise TimeoutError("the identity service is slow")

    with pytest.raises(TokenUnavailableError, match="TimeoutError: the identity service is slow"):
        await async_client(Impatient()).send_request(HttpRequest("GET", "/"))


async def test_a_task_waits_for_the_flight_of_another_until_its_own_deadline() -> None:
    """The flight goes on for those who have more time."""
    client = async_client(AsyncTokens(seconds=0.3))
    leader = asyncio.create_task(client.send_request(HttpRequest("GET", "/")))
    await asyncio.sleep(0.01)
    with pytest.raises(DeadlineExceededError, match="waited for the access token that another call is getting"):
        await client.send_request(HttpRequest("GET", "/"), timeout=0.05)
    assert (await leader).status_code == 200


def test_a_thread_waits_for_the_flight_of_another_until_its_own_deadline() -> None:
    """The same, where waiting blocks."""
    client, service = bearer_client(Tokens(seconds=0.3))
    leader = threading.Thread(target=client.send_request, args=[HttpRequest("GET", "/")])
    leader.start()
    time.sleep(0.05)
    with pytest.raises(DeadlineExceededError, match="waited for the access token that another call is getting"):
        client.send_request(HttpRequest("GET", "/"), timeout=0.05)
    leader.join()
    assert len(service.requests) == 1


async def test_a_leader_without_time_hands_the_flight_over() -> None:
    """His deadline is not that of those who wait."""
    tokens = AsyncTokens(seconds=0.2)
    client = async_client(tokens)
    hurried = asyncio.create_task(client.send_request(HttpRequest("GET", "/"), timeout=0.05))
    await asyncio.sleep(0.01)
    patient = asyncio.create_task(client.send_request(HttpRequest("GET", "/")))
    with pytest.raises(DeadlineExceededError):
        await hurried
    assert (await patient).status_code == 200


# --- tokens that are refused -----------------------------------------------------------------------------------------

REFUSED = Answer(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def source_and_client(scripted: Callable[..., Any], *lines: Answer, tokens: int = 2) -> tuple[Source, Any]:
    """Return a client that has used its token once, a while ago."""
    source = Source(*(AccessToken(f"t{n}", 1e9) for n in range(1, tokens + 1)))
    client = scripted(Answer(), *lines, credential=source, authentication=[Bearer()])
    client.send("GET", "/")
    source.now += 100.0
    return source, client


@pytest.mark.parametrize("refused", [REFUSED, Answer(401)], ids=["with a challenge", "without one"])
def test_a_refused_token_is_replaced_and_the_request_sent_again(scripted: Callable[..., Any], refused: Answer) -> None:
    """With the same body; the new token stays."""
    _, client = source_and_client(scripted, refused, Answer(json={"fine": True}), Answer())
    assert client.send("POST", "/", content=b"body").json() == {"fine": True}
    client.send("GET", "/")
    assert tokens_of(client.requests) == ["t1", "t1", "t2", "t2"]
    assert [request.content for request in client.requests[1:3]] == [b"body", b"body"]


def test_a_request_is_sent_again_once(scripted: Callable[..., Any]) -> None:
    """A service that refuses everything is believed, and is not flooded with new tokens."""
    source, client = source_and_client(scripted, REFUSED, REFUSED, REFUSED)
    assert client.send("GET", "/").status_code == 401
    assert client.send("GET", "/").status_code == 401  # t2 was got only now: it is not replaced
    assert tokens_of(client.requests) == ["t1", "t1", "t2", "t2"]
    assert len(source.asked) == 2


def test_a_token_that_was_got_only_now_is_not_replaced(scripted: Callable[..., Any]) -> None:
    """The next one would be refused as well."""
    source = Source(AccessToken("t1", 1e9))
    client = scripted(REFUSED, credential=source, authentication=[Bearer()])
    assert client.send("GET", "/").status_code == 401
    assert len(source.asked) == 1


def test_a_token_that_was_kept_is_replaced_at_once(scripted: Callable[..., Any]) -> None:
    """It may have been revoked while nobody looked."""
    source = Source(AccessToken("new", 1e9))
    source.token_cache.keep((), AccessToken("kept", 1e9))
    client = scripted(REFUSED, Answer(), credential=source, authentication=[Bearer()])
    assert client.send("GET", "/").status_code == 200
    assert tokens_of(client.requests) == ["kept", "new"]


@pytest.mark.parametrize("error", ["insufficient_scope", "invalid_request"])
def test_what_another_token_cannot_cure_is_left_at_that(scripted: Callable[..., Any], error: str) -> None:
    """The service says so itself."""
    challenge = Answer(401, headers={"WWW-Authenticate": f'Bearer error="{error}"'})
    source, client = source_and_client(scripted, challenge)
    assert client.send("GET", "/").status_code == 401
    assert len(source.asked) == 1


def test_a_body_that_cannot_be_sent_again_is_not(scripted: Callable[..., Any]) -> None:
    """But the next call gets a new token."""
    pieces: Any = iter([b"a", b"b"])
    _, client = source_and_client(scripted, REFUSED, Answer())
    if client.is_async:

        async def stream() -> Any:
            yield b"ab"

        pieces = stream()
    assert client.send("POST", "/", content=pieces).status_code == 401
    assert client.send("GET", "/").status_code == 200
    assert tokens_of(client.requests) == ["t1", "t1", "t2"]


def test_the_same_token_again_is_not_tried_again() -> None:
    """A credential with a cache of its own may have nothing better."""
    now = time.time()
    credential = SimpleNamespace(get_token=lambda *scopes, claims=None: AccessToken("same", now + 1e6))
    service = ScriptedTransport(Answer(), REFUSED)
    client = ServiceClient("https://e.test", credential, authentication=[Bearer()], transport=service)
    client.send_request(HttpRequest("GET", "/"))
    policy = next(flow.__self__ for flow in client._core.chain._flows if "Bearer" in type(flow.__self__).__name__)
    policy._tokens._clock = lambda: now + 100.0
    assert client.send_request(HttpRequest("GET", "/")).status_code == 401
    assert len(service.requests) == 2


async def test_many_refusals_of_one_token_make_one_flight() -> None:
    """A burst of 401s asks for one new token."""
    tokens = AsyncTokens()
    source = Source(AccessToken("new", 1e9))
    source.token_cache.keep((), AccessToken("kept", 1e9))

    def answer(request: HttpRequest) -> Answer:
        return Answer() if request.headers["Authorization"] == "Bearer new" else REFUSED

    client = async_client(source, *[answer] * 100)
    answers = await asyncio.gather(*(client.send_request(HttpRequest("GET", "/")) for _ in range(50)))
    assert {response.status_code for response in answers} == {200}
    assert source.asked == [None]
    assert tokens.flights == 0


def test_a_refusal_that_cannot_be_cured_tells_why(scripted: Callable[..., Any]) -> None:
    """The token service's reason says more than the 401."""
    source = Source(AccessToken("t1", 1e9), ConnectionError("down"))
    client = scripted(Answer(), REFUSED, credential=source, authentication=[Bearer()])
    client.send("GET", "/")
    source.now += 100.0
    with pytest.raises(TokenUnavailableError, match="ConnectionError: down"):
        client.send("GET", "/")


# --- claims ----------------------------------------------------------------------------------------------------------

CLAIMS = '{"access_token":{"nbf":{"value":"1"}}}'
WANTED = b64encode(CLAIMS.encode()).decode()
CHALLENGE = Answer(401, headers={"WWW-Authenticate": f'Bearer error="insufficient_claims", claims="{WANTED}"'})


def test_claims_that_a_service_asks_for_are_got(scripted: Callable[..., Any]) -> None:
    """Even right after a token was got; that with the claims stays."""
    source = Source(AccessToken("t1", 1e9), AccessToken("t2", 1e9))
    client = scripted(CHALLENGE, Answer(), Answer(), credential=source, authentication=[Bearer()])
    assert [client.send("GET", "/").status_code for _ in range(2)] == [200, 200]
    assert tokens_of(client.requests) == ["t1", "t2", "t2"]
    assert source.asked == [None, CLAIMS]


def test_claims_that_do_not_help_are_asked_for_once(scripted: Callable[..., Any]) -> None:
    """A service that wants what the token already has gets no other one."""
    source = Source(AccessToken("t1", 1e9), AccessToken("t2", 1e9))
    client = scripted(CHALLENGE, CHALLENGE, CHALLENGE, credential=source, authentication=[Bearer()])
    assert [client.send("GET", "/").status_code for _ in range(2)] == [401, 401]
    assert source.asked == [None, CLAIMS]


def test_claims_are_got_for_the_next_call_if_this_one_cannot_be_sent_again() -> None:
    """Only the challenge says which ones it needs."""
    source = Source(AccessToken("t1", 1e9), AccessToken("t2", 1e9))
    service = ScriptedTransport(CHALLENGE, Answer())
    client = ServiceClient("https://e.test", source, authentication=[Bearer()], transport=service)
    assert client.send_request(HttpRequest("POST", "/", content=iter([b"x"]))).status_code == 401
    assert client.send_request(HttpRequest("POST", "/", content=iter([b"x"]))).status_code == 200
    assert tokens_of(service.requests) == ["t1", "t2"]


# --- credentials of other libraries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "header"),
    [
        pytest.param(SimpleNamespace(token="x", expires_on=1 << 40), "Bearer x", id="two attributes"),
        pytest.param(SimpleNamespace(token="x", expires_on=1e12, token_type="bearer"), "Bearer x", id="with its type"),
    ],
)
def test_any_object_with_a_token_and_its_end_will_do(given: object, header: str) -> None:
    """azure-core's are named tuples, and others have their own."""
    client, service = bearer_client(SimpleNamespace(get_token=lambda *scopes, claims=None: given))
    client.send_request(HttpRequest("GET", "/"))
    assert service.requests[0].headers["Authorization"] == header


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param("SECRET", "gave a str, which is no access token: it needs a `token`", id="a string"),
        pytest.param(None, "gave a NoneType, which is no access token", id="None"),
        pytest.param(SimpleNamespace(token="SECRET", expires_on="soon"), "no access token", id="no number"),
        pytest.param(
            SimpleNamespace(token="SECRET", expires_on=1e12, token_type="PoP"), "of type 'PoP'; only bearer", id="type"
        ),
    ],
)
def test_what_is_no_token_is_told(given: object, message: str) -> None:
    """Without showing it."""
    client, _ = bearer_client(SimpleNamespace(get_token=lambda *scopes, claims=None: given))
    with pytest.raises(CredentialError, match=message) as caught:
        client.send_request(HttpRequest("GET", "/"))
    assert "SECRET" not in str(caught.value)


def test_the_newer_protocol_of_azure_core_is_preferred() -> None:
    """Its answers say when to refresh, and it hears that claims challenges will be answered."""
    asked: list[Any] = []

    class Identity:
        def get_token(self, *scopes: str, claims: str | None = None) -> Any:
            raise AssertionError("the older one")

        def get_token_info(self, *scopes: str, options: dict[str, Any] | None = None) -> Any:
            asked.append((scopes, options))
            return SimpleNamespace(token=f"t{len(asked)}", expires_on=1 << 40, refresh_on=None, token_type="Bearer")

    service = ScriptedTransport(CHALLENGE, Answer())
    client = ServiceClient("https://e.test", Identity(), authentication=[Bearer(["a", "b"])], transport=service)
    assert client.send_request(HttpRequest("GET", "/")).status_code == 200
    assert asked == [(("a", "b"), {"enable_cae": True}), (("a", "b"), {"enable_cae": True, "claims": CLAIMS})]


def test_an_async_credential_in_a_sync_client_is_told() -> None:
    """With the namespace that it belongs to."""
    client, _ = bearer_client(AsyncTokens())
    with pytest.raises(
        CredentialError, match=r"AsyncTokens is an async credential; use it with the client of the `\.aio`"
    ):
        client.send_request(HttpRequest("GET", "/"))


async def test_a_sync_credential_does_not_stop_the_event_loop() -> None:
    """It blocks in a thread of its own."""
    client = async_client(Tokens(seconds=0.2))
    call = asyncio.create_task(client.send_request(HttpRequest("GET", "/")))
    longest, last = 0.0, time.perf_counter()
    while not call.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.perf_counter() - last), time.perf_counter()
    assert (await call).status_code == 200
    assert longest < 0.15


async def test_a_sync_credential_on_an_event_loop_is_given_up_at_the_deadline() -> None:
    """Its thread ends when it ends, but nobody waits for it."""
    client = async_client(Tokens(seconds=0.3))
    with pytest.raises(DeadlineExceededError, match="Tokens gave no token within the call's timeout"):
        await client.send_request(HttpRequest("GET", "/"), timeout=0.05)


# --- the real ones ---------------------------------------------------------------------------------------------------


def test_tokens_of_azure_core_are_taken() -> None:
    """Both of its kinds."""
    azure = pytest.importorskip("azure.core.credentials", reason="azure-core is not installed")
    for given in (azure.AccessToken("t", 1 << 40), azure.AccessTokenInfo("t", 1 << 40, refresh_on=1 << 39)):
        client, service = bearer_client(SimpleNamespace(get_token=lambda *scopes, given=given, claims=None: given))
        client.send_request(HttpRequest("GET", "/"))
        assert service.requests[0].headers["Authorization"] == "Bearer t"


def test_azure_core_takes_our_credentials() -> None:
    """Its policy asks them as it asks its own."""
    pytest.importorskip("azure.core.credentials", reason="azure-core is not installed")
    from azure.core.pipeline import PipelineContext, PipelineRequest
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy
    from azure.core.rest import HttpRequest as AzureRequest
    from clientsmith.core.oauth2 import Application, ClientSecretCredential

    server = ScriptedTransport(Answer(json={"access_token": "ours", "expires_in": 3600}))
    credential = ClientSecretCredential(Application("a", "https://login.test/token"))
    credential.get_token("s", transport=server)
    request = PipelineRequest(AzureRequest("GET", "https://api.test/"), PipelineContext(None))
    BearerTokenCredentialPolicy(credential, "s").on_request(request)
    assert request.http_request.headers["Authorization"] == "Bearer ours"


def test_a_token_stays_home_whatever_a_hook_makes_of_the_url() -> None:
    """Hooks run when the token is on the request already; the caller's own field is the caller's to send anywhere."""

    def away(request: HttpRequest) -> None:
        request.url = request.url.replace("e.test", "there.test")

    client, service = bearer_client(Tokens())
    client.send_request(HttpRequest("GET", "/a"), raw_request_hook=away)
    client.send_request(HttpRequest("GET", "/a"))
    client.send_request(HttpRequest("GET", "https://there.test/a", headers={"Authorization": "Bearer mine"}))
    assert [r.url.split("/")[2] for r in service.requests] == ["there.test", "e.test", "there.test"]
    assert tokens_of(service.requests) == ["-", "t1", "mine"]
