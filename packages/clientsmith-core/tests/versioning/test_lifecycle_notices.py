"""The end of something, in all the dialects in which services say it."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from clientsmith.core.rest import Headers
from clientsmith.core.versioning import Advertised, ApiLifecycleNotice, ApiLifecycleWarning, ApiVersion, VersionFormat
from clientsmith.core.versioning.lifecycle import notices_of, read_lifecycle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Enough to find what is wrong, in a second on a busy machine; its own time is no property.
BOUNDED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

URL = "https://api.test/jobs/7?token=SECRET"
JULY_2023 = datetime(2023, 7, 1, 0, 0, 0, tzinfo=UTC)
MAY_2027 = datetime(2027, 5, 11, 23, 59, 59, tzinfo=UTC)


def read(**fields: str) -> list[ApiLifecycleNotice]:
    headers = Headers({name.replace("_", "-"): value for name, value in fields.items()})
    return read_lifecycle(headers, subject="GET /jobs/{id}", url=URL)


def parts(notices: list[ApiLifecycleNotice]) -> list[dict[str, Any]]:
    """Return what differs from an empty notice."""
    shown: list[dict[str, Any]] = []
    for notice in notices:
        assert notice.subject == "GET /jobs/{id}"
        assert notice.url == "https://api.test/jobs/7?token=***"
        shown.append({k: v for k, v in notice._asdict().items() if v not in ("", None) and k not in ("subject", "url")})
    return shown


DEPRECATION = {"kind": "deprecated", "source": "Deprecation header"}
BOTH = {"kind": "deprecated", "source": "Deprecation and Sunset headers"}


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        # RFC 9745, section 2.1, and what the drafts had.
        ({"Deprecation": "@1688169600"}, [{**DEPRECATION, "since": JULY_2023}]),
        ({"Deprecation": " @1688169600 "}, [{**DEPRECATION, "since": JULY_2023}]),
        ({"Deprecation": "@1688169600;note=1"}, [{**DEPRECATION, "since": JULY_2023}]),
        ({"Deprecation": "@-1"}, [{**DEPRECATION, "since": datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)}]),
        ({"Deprecation": "true"}, [DEPRECATION]),
        ({"Deprecation": "?1"}, [DEPRECATION]),
        ({"Deprecation": "Sat, 01 Jul 2023 00:00:00 GMT"}, [{**DEPRECATION, "since": JULY_2023}]),
        ({"Deprecation": "2023-07-01"}, [{**DEPRECATION, "since": JULY_2023}]),
        ({"Deprecation": "soon"}, [DEPRECATION]),
        ({"Deprecation": "@99999999999999"}, [DEPRECATION]),
        ({"Deprecation": "@-99999999999"}, [DEPRECATION]),
        ({"Deprecation": "@1.5"}, [DEPRECATION]),
        ({"Deprecation": "false"}, []),
        ({"Deprecation": "?0"}, []),
        ({"Deprecation": ""}, []),
        # RFC 8594
        ({"Sunset": "Tue, 11 May 2027 23:59:59 GMT"}, [{"kind": "sunset", "source": "Sunset header", "until": MAY_2027}]),
        ({"Sunset": "Tuesday, 11-May-27 23:59:59 GMT"}, [{"kind": "sunset", "source": "Sunset header", "until": MAY_2027}]),
        ({"Sunset": "soon"}, []),
        ({"Sunset": ""}, []),
        (
            {"Deprecation": "@1688169600", "Sunset": "Tue, 11 May 2027 23:59:59 GMT"},
            [{**BOTH, "since": JULY_2023, "until": MAY_2027}],
        ),
        ({"Deprecation": "true", "Sunset": "never"}, [DEPRECATION]),
        # Link
        (
            {"Deprecation": "true", "Link": '<https://docs.test/old>; rel="deprecation"; type="text/html"'},
            [{**DEPRECATION, "link": "https://docs.test/old"}],
        ),
        (
            {"Deprecation": "true", "Link": '</v3/jobs>; rel="next", </old>; rel="sunset", </new>; rel="successor-version"'},
            [{**DEPRECATION, "link": "https://api.test/old"}],
        ),
        ({"Deprecation": "true", "Link": "</v3/jobs>; rel=successor-version"}, [{**DEPRECATION, "link": "https://api.test/v3/jobs"}]),
        ({"Deprecation": "true", "Link": '<javascript:alert(1)>; rel="deprecation"'}, [DEPRECATION]),
        ({"Deprecation": "true", "Link": "<<<"}, [DEPRECATION]),
        ({"Link": '<https://docs.test/old>; rel="deprecation"'}, []),
        # Warning: 299 (RFC 7234, section 5.5; Kubernetes)
        ({"Warning": '299 - "policy/v1beta1 is old"'}, [{"kind": "warning", "source": "Warning header", "message": "policy/v1beta1 is old"}]),
        (
            {"Warning": '299 - "say \\"hi\\", \\\\o/" "Tue, 11 May 2027 23:59:59 GMT"'},
            [{"kind": "warning", "source": "Warning header", "message": 'say "hi", \\o/'}],
        ),
        (
            {"Warning": '110 cache.test "stale, 299 - \\"x\\"", 299 api.test "one", 199 - "no", 299 - "two"'},
            [{"kind": "warning", "source": "Warning header", "message": text} for text in ("one", "two")],
        ),
        ({"Warning": '299 - ""'}, []),
        ({"Warning": '299 - "not closed'}, []),
        ({"Warning": "299"}, []),
        ({"Warning": '1299 - "x"'}, []),
        ({"Warning": '299 - "a\tb\x1b[31m"'}, [{"kind": "warning", "source": "Warning header", "message": "a b [31m"}]),
        ({"Warning": f'299 - "{"x" * 500}"'}, [{"kind": "warning", "source": "Warning header", "message": "x" * 299 + "…"}]),
        # Kinto
        (
            {"Alert": '{"code": "soft-eol", "message": "Service will soon be decommissioned", "url": "https://docs.test/eol"}'},
            [{"kind": "soft_eol", "source": "Alert header", "message": "Service will soon be decommissioned", "link": "https://docs.test/eol"}],
        ),
        ({"Alert": '{"code": "hard-eol"}'}, [{"kind": "hard_eol", "source": "Alert header"}]),
        ({"Alert": '{"code": "hard-eol", "message": 7, "url": "javascript:x"}'}, [{"kind": "hard_eol", "source": "Alert header"}]),
        ({"Alert": '{"code": "other"}'}, []),
        ({"Alert": '{"code": ["soft-eol"]}'}, []),
        ({"Alert": "soft-eol"}, []),
        ({"Alert": "{"}, []),
        # Azure
        (
            {"azure-deprecating": "2020 versions retire|2027-05-11|https://docs.test/retire"},
            [{"kind": "deprecated", "source": "azure-deprecating header", "message": "2020 versions retire",
              "until": datetime(2027, 5, 11, tzinfo=UTC), "link": "https://docs.test/retire"}],
        ),
        ({"azure-deprecating": "2027-05-11"}, [{"kind": "deprecated", "source": "azure-deprecating header", "until": datetime(2027, 5, 11, tzinfo=UTC)}]),
        ({"azure-deprecating": " "}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_what_an_answer_says(fields: dict[str, str], found: list[dict[str, Any]]) -> None:
    """What cannot be read is taken for what it means least."""
    assert parts(read(**fields)) == found


def test_an_answer_may_say_several_things() -> None:
    """Each is a notice of its own."""
    found = read(Deprecation="true", Alert='{"code": "soft-eol"}', Warning='299 - "w"', azure_deprecating="soon")
    assert [notice.kind for notice in found] == ["deprecated", "soft_eol", "deprecated", "warning"]
    assert len({notice.key for notice in found}) == 4


@pytest.mark.parametrize(
    ("notice", "text"),
    [
        (ApiLifecycleNotice("deprecated", "GET /jobs"), "GET /jobs is deprecated"),
        (
            ApiLifecycleNotice("deprecated", "GET /jobs", JULY_2023, MAY_2027, "https://d.test/?k=1", "use v3", "Deprecation header"),
            "GET /jobs is deprecated as of 2023-07-01, and may be gone from 2027-05-11: use v3; "
            "see https://d.test/?k=*** (Deprecation header)",
        ),
        (ApiLifecycleNotice("sunset", "GET /jobs", until=MAY_2027), "GET /jobs may be gone from 2027-05-11"),
        (
            ApiLifecycleNotice("min_version_rising", "API version 2.53", since=MAY_2027),
            "API version 2.53 will be the oldest version that the service takes from 2027-05-11",
        ),
        (ApiLifecycleNotice("soft_eol", "GET /jobs", message="soon"), "GET /jobs is at the end of its life: soon"),
        (ApiLifecycleNotice("hard_eol", "GET /jobs"), "GET /jobs is retired"),
        (ApiLifecycleNotice("project_status", "project left-pad", message="archived"), "project left-pad is not active: archived"),
        (ApiLifecycleNotice("warning", "GET /jobs", message="old"), "GET /jobs came with a warning of the service: old"),
    ],
)  # fmt: skip
def test_the_words_of_a_notice(notice: ApiLifecycleNotice, text: str) -> None:
    """For people; a warning has the same words, the notice as its attribute, and goes to other processes."""
    assert str(notice) == text
    warning = ApiLifecycleWarning(notice)
    assert str(warning) == text
    twin = pickle.loads(pickle.dumps(warning))
    assert (twin.notice, str(twin)) == (notice, text)


def test_what_a_version_document_says_of_the_end() -> None:
    """The version's state, and that the oldest one rises; a date that is none is left out."""
    micro = VersionFormat.MICROVERSION
    said = Advertised(
        newest=ApiVersion("2.95", micro),
        status="DEPRECATED",
        next_oldest=ApiVersion("2.53", micro),
        not_before="x",
        url=URL,
    )
    deprecated, rising = (warning.notice for warning in notices_of(said))
    assert (deprecated.kind, deprecated.subject, deprecated.url) == (
        "deprecated",
        "API version 2.95 or older",
        "https://api.test/jobs/7?token=***",
    )
    assert (rising.kind, rising.subject, rising.since) == ("min_version_rising", "API version 2.53", None)
    assert notices_of(Advertised(status="CURRENT")) == ()


FIELD = st.one_of(
    st.text(st.characters(exclude_characters="\r\n\0"), max_size=60),
    st.from_regex(r"@-?[0-9]{0,14}(;.{0,3})?"),
    st.datetimes().map(lambda date: date.strftime("%a, %d %b %Y %H:%M:%S ") + "+9999"),
    st.from_regex(r'(299|199) \S{1,3} "[^"]{0,20}"?,?'),
    st.from_regex(r'\{"code": ?("soft-eol"|\[\]|\{\}), "url": .{0,8}\}'),
    st.from_regex(r"<.{0,10}>; rel=\"?(sunset|deprecation)\"?"),
)


@BOUNDED
@given(
    st.dictionaries(st.sampled_from(["Deprecation", "Sunset", "Link", "Warning", "Alert", "azure-deprecating"]), FIELD)
)
def test_no_header_field_raises(fields: dict[str, str]) -> None:
    """Every notice can be told, compared and kept."""
    headers = Headers.received(list(fields.items()))
    for notice in read_lifecycle(headers, subject="GET /a", url="https://api.test/a"):
        assert str(notice)
        assert str(notice).isprintable()
        assert hash(notice.key) == hash(notice.key)
        assert pickle.loads(pickle.dumps(ApiLifecycleWarning(notice))).notice == notice
