"""Every place that a fixed secret can go, who may send it where, and which scheme is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import pytest
from clientsmith.core import ListOperation, LongRunningOperation, ServiceClient
from clientsmith.core._origin import Home
from clientsmith.core.credentials import (
    AllOf,
    AuthenticationScheme,
    Basic,
    BasicCredential,
    Bearer,
    KeyCredential,
    KeyInCookie,
    KeyInHeader,
    KeyInQuery,
    NamedKeyCredential,
    SasCredential,
    SasInQuery,
    Signature,
)
from clientsmith.core.errors import CredentialError, InsecureTransportError
from clientsmith.core.oauth2 import ClientSecretCredential
from clientsmith.core.policies.authentication.placing import QuerySecretPolicy, key_in_query, sas_in_query
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer, ScriptedTransport
from hypothesis import given
from hypothesis import strategies as st


def sent_with(credential: object, *schemes: AuthenticationScheme, url: str = "/a?b=1") -> HttpRequest:
    service = ScriptedTransport(Answer(200))
    client = ServiceClient("https://example.test", credential, authentication=schemes, transport=service)
    client.send_request(HttpRequest("GET", url, headers={"Cookie": "a=b"}))
    return service.requests[0]


@pytest.mark.parametrize(
    ("credential", "scheme", "where", "value"),
    [
        (KeyCredential("k/1"), KeyInHeader("X-Key"), "X-Key", "k/1"),
        (KeyCredential("k/1"), KeyInHeader("Authorization", "Token "), "Authorization", "Token k/1"),
        (KeyCredential("k/1"), KeyInCookie("sid"), "Cookie", "a=b; sid=k%2F1"),
        (KeyCredential("k/1"), KeyInCookie("a"), "Cookie", "a=k%2F1"),
        (KeyCredential("k/1"), Bearer(), "Authorization", "Bearer k/1"),
        (BasicCredential("me", "pä:ss"), Basic(), "Authorization", "Basic bWU6cMOkOnNz"),
    ],
    ids=["header", "header with prefix", "cookie", "cookie of the same name", "fixed bearer", "basic in UTF-8"],
)
def test_a_secret_goes_where_the_service_wants_it(
    credential: object, scheme: AuthenticationScheme, where: str, value: str
) -> None:
    """Each way that a security scheme names."""
    assert sent_with(credential, scheme).headers[where] == value


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        pytest.param("/a", "/a?key=k%2F1", id="alone"),
        pytest.param("/a?b=1", "/a?b=1&key=k%2F1", id="after what is there"),
        pytest.param("/a?key=old&b=1", "/a?b=1&key=k%2F1", id="in place of an old one"),
        pytest.param("/a?k%65y=old&b=1", "/a?b=1&key=k%2F1", id="however its name is written"),
        pytest.param("/a?keys=2&b=1", "/a?keys=2&b=1&key=k%2F1", id="not in place of a longer name"),
        pytest.param("/a?b=1#key=x", "/a?b=1&key=k%2F1#key=x", id="before a fragment"),
    ],
)
def test_a_key_in_the_query_is_sent_once(url: str, sent: str) -> None:
    """A service may repeat the whole query in its next links, an old key included."""
    assert sent_with(KeyCredential("k/1"), KeyInQuery("key"), url=url).url == f"https://example.test{sent}"


def test_a_shared_access_signature_is_sent_as_it_is() -> None:
    """Its escapes are part of what was signed."""
    request = sent_with(SasCredential("?sv=1&sig=a%2Fb%3D"), SasInQuery(), url="/a?comp=list")
    assert request.url == "https://example.test/a?comp=list&sv=1&sig=a%2Fb%3D"


def test_a_signature_replaces_all_fields_of_the_one_before() -> None:
    """In a next link that the service made of the older one."""
    credential = SasCredential("sv=1&st=then&sig=old")
    credential.update("sv=2&sig=new")
    request = sent_with(credential, SasInQuery(), url="/a?sv=1&st=then&sig=old&marker=x")
    assert request.url == "https://example.test/a?marker=x&sv=2&sig=new"


# --- where secrets do not go -----------------------------------------------------------------------------------------

OTHER = "https://other.test"


@pytest.mark.parametrize(
    ("credential", "scheme"),
    [
        pytest.param(KeyCredential("SECRET"), KeyInHeader("X-Key"), id="header"),
        pytest.param(KeyCredential("SECRET"), KeyInQuery("key"), id="query"),
        pytest.param(KeyCredential("SECRET"), KeyInCookie("key"), id="cookie"),
        pytest.param(SasCredential("sv=1&sig=SECRET"), SasInQuery(), id="shared access signature"),
        pytest.param(BasicCredential("me", "U0VDUkVU"), Basic(), id="basic"),
    ],
)
def test_another_origin_gets_no_credential(scripted: Callable[..., Any], credential: Any, scheme: Any) -> None:
    """Neither by an absolute URL, nor by a redirect there."""
    moved = Answer(307, headers={"Location": f"{OTHER}/there"})
    made = scripted(moved, Answer(), Answer(), credential=credential, authentication=[scheme])
    made.send("GET", "/a")
    made.send("GET", f"{OTHER}/b")
    assert [request.url for request in made.requests[1:]] == [f"{OTHER}/there", f"{OTHER}/b"]
    for request in made.requests[1:]:
        assert not {"authorization", "x-key", "cookie"} & {name.lower() for name in request.headers}


@pytest.mark.parametrize(
    ("credential", "scheme", "location", "followed"),
    [
        pytest.param(KeyCredential("S/1"), KeyInQuery("key"), "/b?a=1&key=S%2F1", "/b?a=1", id="key"),
        pytest.param(KeyCredential("S/1"), KeyInQuery("key"), "/b?key=S/1", "/b", id="key, written another way"),
        pytest.param(
            KeyCredential("S/1"), KeyInQuery("key"), "/b?key=theirs&&a", "/b?key=theirs&&a", id="their own key"
        ),
        pytest.param(SasCredential("sv=1&sig=S"), SasInQuery(), "/b?sig=S&a=1&sv=1", "/b?a=1", id="signature"),
        pytest.param(
            SasCredential("sv=1&sig=S"), SasInQuery(), "/b?sv=1&sig=T", "/b?sv=1&sig=T", id="their own signature"
        ),
    ],
)
def test_a_service_that_repeats_the_query_elsewhere_gives_no_secret_away(
    scripted: Callable[..., Any], credential: Any, scheme: Any, location: str, followed: str
) -> None:
    """A redirect to another origin with our key in it loses the key; what is theirs stays as it is."""
    moved = Answer(302, headers={"Location": OTHER + location})
    made = scripted(moved, Answer(), credential=credential, authentication=[scheme])
    made.send("GET", "/a")
    assert made.requests[1].url == OTHER + followed


@pytest.mark.parametrize(
    ("credential", "scheme", "repeated"),
    [
        pytest.param(KeyCredential("SECRET"), KeyInQuery("key"), "key=SECRET", id="key"),
        pytest.param(SasCredential("sv=1&sig=SECRET"), SasInQuery(), "sv=1&sig=SECRET", id="shared access signature"),
    ],
)
def test_what_callers_keep_holds_no_secret(credential: Any, scheme: Any, repeated: str) -> None:
    """A next link that repeats the query becomes a continuation token without it, and is followed with it."""
    from clientsmith.core.paging import NextLink

    class Pages(ServiceClient):
        def pages(self) -> Any:
            return self._list(
                ListOperation("GET", "/a", responses={200: None}, paging=NextLink(items=("items",), next=("next",))),
                {},
                options={},
            )

    first = Answer(json={"items": [1], "next": f"https://example.test/a?page=2&{repeated}"})
    service = ScriptedTransport(first, Answer(json={"items": [2]}))
    client = Pages("https://example.test", credential, authentication=[scheme], transport=service)
    walk = client.pages().by_page()
    next(walk)
    assert walk.continuation_token == "https://example.test/a?page=2"
    next(walk)
    assert service.requests[1].url == f"https://example.test/a?page=2&{repeated}"


def test_the_token_of_a_poller_holds_no_secret() -> None:
    """However often the service repeats it."""
    from clientsmith.core.polling import Polling

    class Jobs(ServiceClient):
        def start(self) -> Any:
            operation = LongRunningOperation[Any]("POST", "/a", responses={202: None}, polling=Polling())
            return self._begin(operation, {}, options={})

    location = {"Operation-Location": "https://example.test/jobs/1?key=SECRET&v=2"}
    service = ScriptedTransport(Answer(202, headers=location), Answer(json={"status": "Succeeded"}))
    client = Jobs(
        "https://example.test", KeyCredential("SECRET"), authentication=[KeyInQuery("key")], transport=service
    )
    poller = client.start()
    assert "SECRET" not in poller.continuation_token()
    assert "https://example.test/jobs/1?v=2" in poller.continuation_token()
    poller.wait(60.0)
    assert service.requests[1].url == "https://example.test/jobs/1?v=2&key=SECRET"


def test_a_secret_does_not_travel_unencrypted() -> None:
    """Plain http is for loopback, unless the caller says that the network is theirs."""
    arguments: dict[str, Any] = {"authentication": [KeyInHeader("X-Key")], "transport": ScriptedTransport()}
    with pytest.raises(InsecureTransportError, match=r"http://example\.test is not encrypted.*allow_http=True"):
        ServiceClient("http://example.test", KeyCredential("k"), **arguments)
    for endpoint in ("http://localhost:8080", "http://127.0.0.9", "http://[::1]:1", "http://api.localhost"):
        ServiceClient(endpoint, KeyCredential("k"), **arguments)
    ServiceClient("http://example.test", KeyCredential("k"), settings={"allow_http": True}, **arguments)
    ServiceClient("http://example.test", transport=ScriptedTransport())


# --- which scheme ----------------------------------------------------------------------------------------------------


def test_the_first_fitting_scheme_is_taken() -> None:
    """A service may take several kinds of credentials."""
    request = sent_with(BasicCredential("me", "pw"), KeyInHeader("X-Key"), Basic())
    assert "X-Key" not in request.headers
    assert request.headers["Authorization"].startswith("Basic ")


BOTH = AllOf({"app": KeyInHeader("X-App"), "user": Basic()})


def test_a_service_may_want_several_credentials_at_once() -> None:
    """Each under its name."""
    request = sent_with({"user": BasicCredential("me", "pw"), "app": KeyCredential("k")}, BOTH)
    assert request.headers["X-App"] == "k"
    assert request.headers["Authorization"] == "Basic bWU6cHc="


@pytest.mark.parametrize(
    "credential",
    [
        pytest.param({"app": KeyCredential("k")}, id="one is missing"),
        pytest.param({"app": KeyCredential("k"), "user": KeyCredential("k")}, id="one does not fit"),
        pytest.param(
            {"app": KeyCredential("k"), "user": BasicCredential("a", "b"), "more": KeyCredential("k")},
            id="one too many",
        ),
    ],
)
def test_all_or_none(credential: dict[str, object]) -> None:
    """A mapping that does not have exactly what is wanted is told with what is."""
    with pytest.raises(
        CredentialError,
        match=r"a mapping does not fit .* takes KeyCredential or the mapping "
        r"\{'app': KeyCredential, 'user': BasicCredential\}",
    ):
        sent_with(credential, KeyInHeader("X-Key"), BOTH)


def test_a_key_is_rotated_in_place() -> None:
    """Every client that holds the credential uses the new key from then on."""
    credential = KeyCredential("old")
    service = ScriptedTransport(Answer(200), repeat=True)
    client = ServiceClient("https://example.test", credential, authentication=[KeyInHeader("X-Key")], transport=service)
    client.send_request(HttpRequest("GET", "/"))
    credential.update("new")
    client.send_request(HttpRequest("GET", "/"))
    assert [r.headers["X-Key"] for r in service.requests] == ["old", "new"]


@pytest.mark.parametrize(
    ("credential", "schemes", "message"),
    [
        (object(), [Basic()], "a object does not fit this service, which takes BasicCredential"),
        (KeyCredential("k"), [], "a KeyCredential does not fit this service, which takes no credential at all"),
        (
            BasicCredential("a", "b"),
            [KeyInHeader("X-Key"), Bearer(), SasInQuery()],
            "a BasicCredential does not fit this service, which takes KeyCredential or TokenCredential or KeyCredential"
            " or SasCredential",
        ),
        (
            ClientSecretCredential,
            [Bearer()],
            "a type does not fit this service, which takes TokenCredential or KeyCredential",
        ),
        (NamedKeyCredential("a", "b"), [Signature()], "a NamedKeyCredential does not fit .* takes Signer"),
    ],
    ids=["not a credential", "none wanted", "another kind", "a class", "a signature of one's own"],
)
def test_a_credential_of_the_wrong_kind_is_told_at_construction(
    credential: object, schemes: list[AuthenticationScheme], message: str
) -> None:
    """With the kinds that would fit."""
    with pytest.raises(CredentialError, match=message):
        ServiceClient("https://e.test", credential, authentication=schemes, transport=ScriptedTransport())


def test_a_client_with_a_key_imports_nothing_about_tokens() -> None:
    """They are for those who have them."""
    import subprocess
    import sys

    program = """if True:
        import sys
        from clientsmith.core import HttpRequest, KeyCredential, KeyInHeader, ServiceClient
        from clientsmith.core.testing import Answer, ScriptedTransport
        client = ServiceClient("https://e.test", KeyCredential("k"), authentication=[KeyInHeader("X-Key")],
                               transport=ScriptedTransport(Answer()))
        client.send_request(HttpRequest("GET", "/"))
        print(*[name for name in sys.modules if any(w in name for w in ("bearer", "token", "challenge", "oauth2"))])
    """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.partition(".core.")[2] for name in done.stdout.split() if "clientsmith" in name}
    assert loaded <= {"polling.tokens"}


# --- whatever the URL ------------------------------------------------------------------------------------------------

pieces = st.text(st.sampled_from("abk=%&+;/:@é\u3002"), max_size=6)
urls = st.builds(
    lambda origin, path, fields, fragment: f"{origin}/{path}?{'&'.join(fields)}{fragment}",
    st.sampled_from(["https://example.test", "https://other.test"]),
    st.text("abk%/", max_size=4),
    st.lists(pieces | st.sampled_from(["key=S", "k%65y=S", "sig=S", "sv=1", "key", "sig=T"]), max_size=6),
    st.sampled_from(["", "#", "#key=S"]),
)
secrets = st.sampled_from(
    [
        key_in_query(KeyCredential("S"), "key", Home("https://example.test")),
        sas_in_query(SasCredential("sv=1&sig=S"), Home("https://example.test")),
    ]
)


@given(urls, secrets)
def test_placing_a_secret_twice_is_placing_it_once(url: str, policy: QuerySecretPolicy) -> None:
    """And taking it off again leaves what was there without it."""
    request = HttpRequest("GET", url)
    policy.on_request(request)
    once = request.url
    policy.on_request(request)
    assert request.url == once
    assert policy.strip(once).replace("?", "", 1) == policy.strip(url).replace("?", "", 1)


@given(urls, secrets)
def test_nothing_else_of_an_address_changes(url: str, policy: QuerySecretPolicy) -> None:
    """Every other field stays character by character, in its place."""
    ours = {"key", "sig", "sv"}
    before = url.partition("?")[2].partition("#")[0].split("&")
    after = policy.strip(url).partition("#")[0].partition("?")[2].split("&")
    kept = [field for field in before if unquote_plus(field.partition("=")[0]) not in ours]
    assert [field for field in after if unquote_plus(field.partition("=")[0]) not in ours] in (kept, kept or [""])
    assert policy.strip(url).partition("#")[1:] == url.partition("#")[1:]


@given(urls, secrets)
def test_no_address_elsewhere_has_the_whole_secret(url: str, policy: QuerySecretPolicy) -> None:
    """However it got there."""
    request = HttpRequest("GET", url.replace("https://example.test", "https://other.test"))
    policy.on_request(request)
    fields = {unquote_plus(field) for field in request.url.partition("#")[0].partition("?")[2].split("&")}
    assert not {unquote_plus(field) for field in policy._fields().split("&")} <= fields
