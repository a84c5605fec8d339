"""The errors of versions: their words, their parts, what catches them, and what they do not show."""

from __future__ import annotations

import pickle
from typing import Any

import clientsmith.core
import pytest
from clientsmith.core.errors import ClientsmithError, HttpResponseError
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.testing import Answer
from clientsmith.core.versioning import (
    Advertised,
    ApiRetiredError,
    ApiVersion,
    ApiVersionError,
    ApiVersionRefusedError,
    FeatureNotSupportedError,
    MalformedVersionError,
    NewerApiVersionWarning,
    UnsupportedApiVersionError,
    VersionFormat,
    VersionMismatchError,
)

SECRET_URL = "https://user:pw@api.test/a?v=1&sig=SECRET"
ASKED = HttpRequest("GET", SECRET_URL)
ASKED.call = Call({})
REFUSAL = Answer(406, json={"message": "no such version"}, headers={"X-Request-ID": "s-1"}).to(ASKED)
GONE = Answer(410).to(ASKED)
RANGE = Advertised(
    oldest=ApiVersion("2.1", VersionFormat.MICROVERSION), newest=ApiVersion("2.90", VersionFormat.MICROVERSION), source="the body of the refusal"
)  # fmt: skip
AT = "GET https://api.test/a?v=***&sig=*** answered"

ERRORS: dict[str, tuple[ApiVersionError, str, dict[str, Any]]] = {
    "malformed, by a program": (
        MalformedVersionError("bad", wanted="Major.Minor, such as 1.4"),
        "'bad' is no version of this API; it has to be Major.Minor, such as 1.4",
        {"found": "bad", "wanted": "Major.Minor, such as 1.4", "source": "", "url": ""},
    ),
    "malformed, by a service": (
        MalformedVersionError("x" * 200, wanted="a date", source="the V header", url=SECRET_URL),
        f"the V header of https://api.test/a?v=***&sig=*** says {'x' * 80!r}; it has to be a date",
        {"found": "x" * 80, "source": "the V header", "url": "https://api.test/a?v=***&sig=***"},
    ),
    "unsupported": (
        UnsupportedApiVersionError("2.0", "1.0 to 1.4", source="meta.api-version", url=SECRET_URL, advice="upgrade the client"),
        "meta.api-version of https://api.test/a?v=***&sig=*** says version 2.0, and this client speaks 1.0 to 1.4; upgrade the client",
        {"found": "2.0", "supported": "1.0 to 1.4", "source": "meta.api-version", "advice": "upgrade the client"},
    ),
    "unsupported, and no more is known": (
        UnsupportedApiVersionError("2.0", "1.4"), "the version is 2.0, and this client speaks 1.4", {"source": "", "url": "", "advice": ""},
    ),
    "refused, with a range": (
        ApiVersionRefusedError("2.95", str(RANGE), response=REFUSAL, advertised=RANGE),
        f"{AT} 406 Not Acceptable: the service does not take API version 2.95, it speaks 2.1 to 2.90 (no such version); "
        "pass one of these as `api_version`, or upgrade the older side (request id s-1)",
        {"found": "2.95", "supported": "2.1 to 2.90", "advertised": RANGE, "status_code": 406, "request_id": "s-1",
         "source": "the body of the refusal", "service_message": "no such version"},
    ),
    "refused without a word": (
        ApiVersionRefusedError("2.95", "", response=Answer(406).to(ASKED)),
        f"{AT} 406 Not Acceptable: the service does not take API version 2.95; "
        "ask the service's documentation which versions there are, and pass one as `api_version`",
        {"supported": "", "advertised": None, "source": ""},
    ),
    "not in this version": (
        FeatureNotSupportedError("GET /racks", "1.5 or later", "1.4", why="it was pinned with api_version"),
        "GET /racks needs API version 1.5 or later, and this client speaks 1.4 with the service "
        "(it was pinned with api_version); nothing was sent",
        {"operation": "GET /racks", "needs": "1.5 or later", "have": "1.4"},
    ),
    "executed in another": (
        VersionMismatchError("2.95", "2.1", source="the V header", response=Answer(200).to(ASKED)),
        f"{AT} 200 OK: version 2.95 was asked for, and the V header says that version 2.1 was executed; "
        "something between client and service drops or changes the version",
        {"sent": "2.95", "executed": "2.1", "source": "the V header", "status_code": 200},
    ),
    "retired": (
        ApiRetiredError("moved", response=GONE, since="2026-01-01", link="https://docs.test/?token=SECRET"),
        f"{AT} 410 Gone: this is retired since 2026-01-01: moved; upgrade the client, see https://docs.test/?token=***",
        {"since": "2026-01-01", "status_code": 410},
    ),
    "retired, and no more is known": (ApiRetiredError(response=GONE), f"{AT} 410 Gone: this is retired; upgrade the client", {"since": "", "link": ""}),
}  # fmt: skip


@pytest.mark.parametrize(("error", "words", "parts"), ERRORS.values(), ids=ERRORS)
def test_what_an_error_says(error: ApiVersionError, words: str, parts: dict[str, Any]) -> None:
    """Its words are made of its parts, here and in another process."""
    for one in (error, pickle.loads(pickle.dumps(error))):
        assert str(one) == words
        assert {name: getattr(one, name) for name in parts} == parts
        assert isinstance(one, ApiVersionError)
        assert isinstance(one, ClientsmithError)
        assert "SECRET" not in str(one)
        assert "pw@" not in str(one)


def test_what_catches_them() -> None:
    """By family, and by how they came."""
    assert issubclass(MalformedVersionError, ValueError)
    assert issubclass(ApiVersionRefusedError, UnsupportedApiVersionError)
    came = {kind for kind in (ApiVersionRefusedError, VersionMismatchError, ApiRetiredError, MalformedVersionError,
                              UnsupportedApiVersionError, FeatureNotSupportedError) if issubclass(kind, HttpResponseError)}  # fmt: skip
    assert came == {ApiVersionRefusedError, VersionMismatchError, ApiRetiredError}


def test_a_warning_travels() -> None:
    """To a pool of workers, without the secret of its address."""
    warning = NewerApiVersionWarning("1.9", "1.4", "meta.api-version", SECRET_URL)
    twin = pickle.loads(pickle.dumps(warning))
    assert str(twin) == str(warning)
    assert (twin.found, twin.supported, twin.source, twin.url) == (
        "1.9",
        "1.4",
        "meta.api-version",
        "https://api.test/a?v=***&sig=***",
    )


@pytest.mark.parametrize(
    "name",
    ["ApiVersionError", "UnsupportedApiVersionError", "NewerApiVersionWarning", "ApiVersion", "ApiLifecycleNotice"],
)
def test_they_are_among_the_first_names(name: str) -> None:
    """Whoever catches an error imports it from where the others are."""
    assert getattr(clientsmith.core, name).__module__.startswith("clientsmith.core.versioning")
