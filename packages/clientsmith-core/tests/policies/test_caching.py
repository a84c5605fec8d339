"""Answers that are kept: what may be, for how long, and what the service is asked."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInQuery
from clientsmith.core.errors import ServiceResponseError
from clientsmith.core.policies.caching import CachingPolicy
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.testing import Answer, Line, ScriptedTransport

TAGGED = Answer(json={"n": 1}, headers={"ETag": '"1"', "X-Seen": "first"})
UNCHANGED = Answer(304, headers={"ETag": '"1"', "X-Seen": "second", "Content-Length": "0"})


class Shop:
    """A client that caches, and the service behind it; both live on the service's virtual time."""

    def __init__(self, *lines: Line, **cache: Any) -> None:
        self.service = ScriptedTransport(*lines)
        self.cache = CachingPolicy(clock=self.service.monotonic, **cache)
        self.client = ServiceClient("https://shop.test", transport=self.service, policies=[self.cache])

    def get(self, url: str = "/a", headers: dict[str, str] | None = None, **options: Any) -> HttpResponse:
        return self.client.send_request(HttpRequest("GET", url, headers=headers), **options)

    def asked(self) -> list[str | None]:
        return [request.headers.get("If-None-Match") for request in self.service.requests]


def test_the_second_time_the_service_is_only_asked_whether_it_still_holds() -> None:
    """A 304 gives the caller the kept body with the header fields that it brought up to date."""
    shop = Shop(TAGGED, UNCHANGED)
    first, second = shop.get(), shop.get()
    assert shop.asked() == [None, '"1"']
    assert (second.status_code, second.json()) == (200, {"n": 1})
    assert (first.headers["X-Seen"], second.headers["X-Seen"]) == ("first", "second")
    assert second.headers["Cache-Status"] == "clientsmith; hit; detail=revalidated"
    assert "Content-Length" not in second.headers  # the 304's own


def test_what_changed_replaces_what_was_kept() -> None:
    """The next question is about the new one."""
    shop = Shop(TAGGED, Answer(json={"n": 2}, headers={"ETag": '"2"'}), Answer(304))
    assert [shop.get().json()["n"] for _ in range(3)] == [1, 2, 2]
    assert shop.asked() == [None, '"1"', '"2"']


def test_last_modified_serves_where_there_is_no_etag() -> None:
    """The weaker validator of the two."""
    when = "Sat, 21 Nov 2026 10:00:00 GMT"
    shop = Shop(Answer(json=1, headers={"Last-Modified": when}), Answer(304))
    assert [shop.get().json(), shop.get().json()] == [1, 1]
    assert shop.service.requests[-1].headers["If-Modified-Since"] == when


def test_within_max_age_nobody_is_asked() -> None:
    """From when it was asked for, less the age that it came with; then the service is asked again."""
    shop = Shop(Answer(json=1, headers={"ETag": '"1"', "Cache-Control": "max-age=60", "Age": "20"}), UNCHANGED)
    shop.get()
    shop.service.clock.now = 39.0
    assert shop.get().headers["Cache-Status"] == "clientsmith; hit"
    assert len(shop.service.requests) == 1
    shop.service.clock.now = 40.0
    shop.get()
    assert len(shop.service.requests) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": '"1"', "Cache-Control": "no-store"},
        {"ETag": '"1"', "Cache-Control": "private, No-Store"},
        {"ETag": '"1"', "Vary": "*"},
        {"Cache-Control": "max-age=soon"},
        {"Cache-Control": "max-age=60, max-age=70"},
        {"Cache-Control": 'max-age=60, no-cache="Set-Cookie"'},
    ],
    ids=["nothing to ask by", "no-store", "no-store in any case", "Vary: *", "no number", "two lifetimes", "a field"],
)
def test_what_may_not_be_kept_is_asked_for_anew(headers: dict[str, str]) -> None:
    """Without a condition, as if there were no cache."""
    shop = Shop(Answer(json=1, headers=headers), Answer(json=2))
    assert [shop.get().json(), shop.get().json()] == [1, 2]
    assert shop.asked() == [None, None]


@pytest.mark.parametrize("directive", ["no-cache", "max-age=0"])
def test_a_caller_can_insist_on_asking(directive: str) -> None:
    """Even within the time that the service gave."""
    shop = Shop(Answer(json=1, headers={"ETag": '"1"', "Cache-Control": "max-age=60"}), UNCHANGED)
    shop.get()
    shop.get(headers={"Cache-Control": directive})
    assert shop.asked() == [None, '"1"']


@pytest.mark.parametrize(
    "name", ["If-None-Match", "If-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"]
)
def test_a_caller_with_conditions_of_his_own_gets_the_services_own_answer(name: str) -> None:
    """A 304 too, and nothing is added to what he asks."""
    shop = Shop(TAGGED, Answer(304))
    shop.get()
    assert shop.get(headers={name: '"x"'}).status_code == 304
    assert shop.service.requests[-1].headers.get("If-None-Match") == ('"x"' if name == "If-None-Match" else None)


def test_the_cache_can_be_left_out_for_one_call() -> None:
    """A setting like any other."""
    shop = Shop(TAGGED, Answer(json=2), UNCHANGED)
    assert [shop.get().json(), shop.get(cache_enabled=False).json(), shop.get().json()] == [{"n": 1}, 2, {"n": 1}]
    assert shop.asked() == [None, None, '"1"']


def test_a_vary_field_keeps_answers_apart() -> None:
    """One for each value of the field, and none for another value."""
    german = Answer(json="de", headers={"ETag": '"de"', "Vary": "Accept-Language"})
    french = Answer(json="fr", headers={"ETag": '"fr"', "Vary": "Accept-Language"})
    shop = Shop(german, french, Answer(304), Answer(304))
    for language in ("de", "fr", "de", "fr"):
        assert shop.get(headers={"Accept-Language": language}).json() == language
    assert shop.asked() == [None, None, '"de"', '"fr"']


@pytest.mark.parametrize("field", ["Authorization", "cookie, Accept", "X-Auth-Token"])
def test_what_depends_on_the_credential_is_always_asked_about(field: str) -> None:
    """The cache cannot see whether the credential is still the one of last time."""
    headers = {"ETag": '"1"', "Cache-Control": "max-age=60", "Vary": field}
    shop = Shop(Answer(json=1, headers=headers), UNCHANGED)
    shop.get(), shop.get()
    assert shop.asked() == [None, '"1"']


@pytest.mark.parametrize(
    ("status", "asked"), [(204, None), (409, '"1"'), (503, None)], ids=["done", "refused", "not known"]
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST", "DELETE"])
def test_a_change_drops_what_is_kept_of_its_url(method: str, status: int, asked: str | None) -> None:
    """Unless the service refused it."""
    shop = Shop(TAGGED, Answer(status), Answer(json=2))
    shop.get()
    shop.client.send_request(HttpRequest(method, "/a"))
    shop.get()
    assert shop.service.requests[-1].headers.get("If-None-Match") == asked


def test_what_came_from_another_place_is_not_kept() -> None:
    """A redirect below says where it is today; tomorrow it may lead elsewhere."""

    def moved(request: HttpRequest) -> Answer:
        request.url = "https://shop.test/elsewhere"
        return TAGGED

    shop = Shop(moved, Answer(json=2))
    shop.get(), shop.get()
    assert shop.asked() == [None, None]


def test_a_streamed_body_is_not_kept() -> None:
    """It may be as long as a disk."""
    shop = Shop(TAGGED, TAGGED)
    shop.client.send_request(HttpRequest("GET", "/a"), stream=True)
    shop.get()
    assert shop.asked() == [None, None]


def test_an_error_neither_enters_nor_empties_the_cache() -> None:
    """What was kept is still what the service last said."""
    shop = Shop(TAGGED, Answer(503, headers={"ETag": '"down"'}), UNCHANGED)
    shop.get()
    assert shop.get().status_code == 503
    assert shop.get().json() == {"n": 1}


def test_what_was_not_used_for_the_longest_time_goes_first() -> None:
    """And what is bigger than the whole cache does not enter it."""
    big, small = b"x" * 5000, b"x" * 1000
    tagged = {"ETag": '"1"'}
    lines = [Answer(content=content, headers=tagged) for content in (small, small, small, big, small, small, small)]
    shop = Shop(*lines, max_bytes=2 * (1000 + 2048))
    for url in ("/a", "/b", "/c", "/big", "/big"):
        shop.get(url)
    assert shop.asked() == [None] * 5
    shop.get("/c"), shop.get("/a")
    assert shop.asked()[5:] == ['"1"', None]


def test_the_cache_can_be_emptied() -> None:
    """After a change that was made by other ways."""
    shop = Shop(TAGGED, TAGGED)
    shop.get()
    shop.cache.clear()
    shop.get()
    assert shop.asked() == [None, None]


def test_what_a_caller_does_to_an_answer_stays_his() -> None:
    """Header fields of a kept answer are copied for each caller."""
    shop = Shop(Answer(json=1, headers={"ETag": '"1"', "Cache-Control": "max-age=60"}))
    shop.get().headers["X-Mine"] = "1"
    shop.get().headers["X-Mine"] = "2"
    assert "X-Mine" not in shop.get().headers


def test_a_key_in_the_query_is_not_part_of_what_is_kept() -> None:
    """It is added below the cache: the answer is kept all the same, under the URL without it."""
    service = ScriptedTransport(TAGGED, UNCHANGED)
    client = ServiceClient(
        "https://shop.test",
        KeyCredential("SECRET"),
        authentication=[KeyInQuery("key")],
        transport=service,
        settings={"per_retry_policies": [CachingPolicy()]},
    )
    for _ in range(2):
        assert client.send_request(HttpRequest("GET", "/a")).json() == {"n": 1}
    assert [r.url for r in service.requests] == ["https://shop.test/a?key=SECRET"] * 2
    assert service.requests[1].headers["If-None-Match"] == '"1"'


@pytest.mark.parametrize("name", ["Authorization", "cookie", "X-Auth-Token"])
def test_users_whose_credential_comes_with_the_call_are_kept_apart(name: str) -> None:
    """One client that serves many users: none sees what another one may see, whatever `Vary` says."""
    shop = Shop(*(Answer(json=who, headers={"Cache-Control": "max-age=60"}) for who in ("ann", "bob")))
    for who in ("ann", "bob", "ann", "bob"):
        assert shop.get(headers={name: who}).json() == who
    assert len(shop.service.requests) == 2


def test_a_change_of_which_nothing_was_heard_drops_what_is_kept() -> None:
    """It may have been made before the answer was lost."""
    lives = {"Cache-Control": "max-age=60"}
    shop = Shop(Answer(json="old", headers=lives), ServiceResponseError("reset"), Answer(json="new"))
    shop.get()
    with pytest.raises(ServiceResponseError):
        shop.client.send_request(HttpRequest("PUT", "/a"))
    assert shop.get().json() == "new"


def test_a_read_that_a_change_overtook_is_not_kept() -> None:
    """Its answer may be from before, and would hide the change for a minute."""

    def slow(_request: HttpRequest) -> Answer:
        shop.client.send_request(HttpRequest("PUT", "/a"))
        return Answer(json="old", headers={"Cache-Control": "max-age=60"})

    shop = Shop(slow, Answer(204), Answer(json="new"))
    assert [shop.get().json(), shop.get().json()] == ["old", "new"]


def test_a_304_of_another_place_says_nothing_about_what_is_kept() -> None:
    """A redirect below led there, and its tag happens to be the same: ours is asked for anew."""

    def moved(request: HttpRequest) -> Answer:
        request.url = "https://shop.test/elsewhere"
        return UNCHANGED

    shop = Shop(TAGGED, moved, Answer(json=2))
    assert [shop.get().json(), shop.get().json()] == [{"n": 1}, 2]
    assert shop.asked() == [None, '"1"', None]


def test_caches_on_the_way_are_told_first() -> None:
    """`Cache-Status` is a list, the one nearest to the service first (RFC 9211, section 2)."""
    headers = {"Cache-Control": "max-age=60", "Cache-Status": "cdn; fwd=miss"}
    shop = Shop(Answer(json=1, headers=headers))
    shop.get()
    assert [shop.get().headers["Cache-Status"] for _ in range(2)] == ["cdn; fwd=miss, clientsmith; hit"] * 2


def test_a_304_brings_fields_up_to_date_whatever_their_case() -> None:
    """One field of each name, and what a service sends is not refused."""
    shop = Shop(Answer(json=1, headers={"ETag": '"1"', "x-seen": "first"}), UNCHANGED)
    shop.get()
    response = shop.get()
    assert (response.headers["X-Seen"], len(response.headers)) == ("second", 4)


def test_a_field_that_is_new_each_time_does_not_fill_the_cache() -> None:
    """Sixteen variants of a URL are kept, the latest."""
    shop = Shop(*[Answer(json=1, headers={"ETag": '"1"', "Vary": "X-Trace"})] * 18, UNCHANGED, Answer(json=2))
    for number in range(18):
        shop.get(headers={"X-Trace": str(number)})
    shop.get(headers={"X-Trace": "17"}), shop.get(headers={"X-Trace": "0"})
    assert shop.asked()[-2:] == ['"1"', None]
