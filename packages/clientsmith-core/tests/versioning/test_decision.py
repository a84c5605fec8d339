"""The one decision, as a table: what this side knows, what the other side says, which version is spoken."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.versioning import (
    Advertised,
    ApiLifecycleWarning,
    ApiVersion,
    ApiVersionWarning,
    Decision,
    Known,
    MalformedVersionError,
    NewerApiVersionWarning,
    Policy,
    UnsupportedApiVersionError,
    VersionFormat,
    decide,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Enough to find what is wrong, in a second on a busy machine; its own time is no property.
BOUNDED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

WHERE = {"source": "meta.api-version", "url": "https://index.test/simple/a/?token=SECRET"}
SAYS = "meta.api-version of https://index.test/simple/a/?token=*** says version"


def majmin(text: str) -> ApiVersion:
    return ApiVersion(text, VersionFormat.MAJOR_MINOR)


def micro(text: str) -> ApiVersion:
    return ApiVersion(text, VersionFormat.MICROVERSION)


def date(text: str) -> ApiVersion:
    return ApiVersion(text, VersionFormat.DATE)


def named(text: str) -> ApiVersion:
    return ApiVersion(text, VersionFormat.NAMED)


SIMPLE = Known(
    newest=majmin("1.4"), oldest=majmin("1.0"), features={"size": majmin("1.1"), "project-status": majmin("1.4")}
)
ABSENT = Policy(absent=majmin("1.0"))
COMPUTE = Known(newest=micro("2.95"), oldest=micro("2.1"))
DATES = Known(newest=date("2026-06-01"))
LISTED = Known(newest=date("2026-06-01"), versions=(date("2024-01-01"), date("2025-01-01"), date("2026-09-01-preview")))
MATRIX = Known(newest=named("v1.15"), oldest=named("v1.1"), features={"threads": named("v1.3")})

# what this side knows, what the other side says, the policy, what was pinned -> use, send, kinds of warnings
SPOKEN: dict[str, tuple[Known, dict[str, Any] | None, Policy, ApiVersion | None, Any, Any, tuple[type, ...]]] = {
    # R1: by numbers
    "R1 1.10 is newer than 1.9": (
        Known(newest=majmin("1.10"), oldest=majmin("1.0")), {"current": majmin("1.9")}, ABSENT, None,
        majmin("1.9"), majmin("1.10"), (),
    ),
    "R1 3.20 is not 3.2": (
        Known(newest=micro("3.20"), oldest=micro("3.0")), {"oldest": micro("3.0"), "newest": micro("3.2")}, Policy(), None,
        micro("3.2"), micro("3.2"), (),
    ),
    # R2: nothing said
    "R2 nothing said: an agreed version is assumed": (SIMPLE, None, ABSENT, None, majmin("1.0"), majmin("1.4"), ()),
    "R2 nothing said: the service takes what is asked for": (DATES, None, Policy(), None, date("2026-06-01"), date("2026-06-01"), ()),
    "R2 nothing said: it knows no versions": (COMPUTE, None, Policy(absent="none"), None, None, None, ()),
    "R2 only a status is said: that is nothing": (COMPUTE, {"status": "CURRENT"}, Policy(absent="none"), None, None, None, ()),
    # R4: a newer minor
    "R4 the same": (SIMPLE, {"current": majmin("1.4")}, ABSENT, None, majmin("1.4"), majmin("1.4"), ()),
    "R4 older: silent": (SIMPLE, {"current": majmin("1.1")}, ABSENT, None, majmin("1.1"), majmin("1.4"), ()),
    "R4 a newer minor: told": (SIMPLE, {"current": majmin("1.5")}, ABSENT, None, majmin("1.4"), majmin("1.4"), (NewerApiVersionWarning,)),
    "R4 a much newer minor: told": (SIMPLE, {"current": majmin("1.99")}, ABSENT, None, majmin("1.4"), majmin("1.4"), (NewerApiVersionWarning,)),
    "R4 a newer minor: ignored": (
        SIMPLE, {"current": majmin("1.99")}, Policy(newer_minor="ignore"), None, majmin("1.4"), majmin("1.4"), (),
    ),
    "R4 the major alone": (SIMPLE, {"family": 1}, ABSENT, None, majmin("1.4"), majmin("1.4"), ()),
    "older than all, same major: as it is": (
        Known(newest=majmin("1.4"), oldest=majmin("1.2")), {"current": majmin("1.1")}, ABSENT, None, majmin("1.1"), majmin("1.4"), (),
    ),
    # R5: ranges
    "R5 the service is ahead": (COMPUTE, {"oldest": micro("2.1"), "newest": micro("2.104")}, Policy(), None, micro("2.95"), micro("2.95"), ()),
    "R5 the client is ahead": (COMPUTE, {"oldest": micro("2.1"), "newest": micro("2.60")}, Policy(), None, micro("2.60"), micro("2.60"), ()),
    "R5 they touch": (COMPUTE, {"oldest": micro("2.95"), "newest": micro("2.104")}, Policy(), None, micro("2.95"), micro("2.95"), ()),
    "R5 a floor alone": (COMPUTE, {"oldest": micro("2.53")}, Policy(), None, micro("2.95"), micro("2.95"), ()),
    "R5 a ceiling alone": (COMPUTE, {"newest": micro("2.53")}, Policy(), None, micro("2.53"), micro("2.53"), ()),
    "R5 a range of two majors": (
        Known(newest=micro("2.5"), oldest=micro("1.0")), {"oldest": micro("1.0"), "newest": micro("1.9")}, Policy(), None,
        micro("1.9"), micro("1.9"), (),
    ),
    "R5 a list of ours in a range of theirs": (
        LISTED, {"oldest": date("2023-01-01"), "newest": date("2025-12-31")}, Policy(), None,
        date("2025-01-01"), date("2025-01-01"), (),
    ),
    # R7: pinned
    "R7 pinned inside the range": (COMPUTE, {"oldest": micro("2.1"), "newest": micro("2.104")}, Policy(), micro("2.60"), micro("2.60"), micro("2.60"), ()),
    "R7 pinned beyond what the client knows": (
        COMPUTE, {"oldest": micro("2.1"), "newest": micro("2.104")}, Policy(), micro("2.100"), micro("2.100"), micro("2.100"), (),
    ),
    "R7 pinned above a floor": (COMPUTE, {"oldest": micro("2.1")}, Policy(), micro("2.1"), micro("2.1"), micro("2.1"), ()),
    "R7 pinned, of a range of two majors": (
        COMPUTE, {"oldest": micro("1.0"), "newest": micro("3.1")}, Policy(), micro("2.7"), micro("2.7"), micro("2.7"), (),
    ),
    "R7 pinned, nothing said": (COMPUTE, None, Policy(absent="none"), micro("2.60"), micro("2.60"), micro("2.60"), ()),
    "R7 pinned, in the list": (LISTED, {"versions": (date("2023-01-01"),)}, Policy(), date("2023-01-01"), date("2023-01-01"), date("2023-01-01"), ()),
    "R7 pinned, an answer of the same major": (SIMPLE, {"current": majmin("1.1")}, ABSENT, majmin("1.3"), majmin("1.3"), majmin("1.3"), ()),
    "R7 pinned, a type of the same major": (SIMPLE, {"family": 1}, ABSENT, majmin("1.3"), majmin("1.3"), majmin("1.3"), ()),
    "R7 pinned, the same date": (DATES, {"current": date("2020-01-01")}, Policy(), date("2020-01-01"), date("2020-01-01"), date("2020-01-01"), ()),
    "R7 pinned, malformed and told": (
        SIMPLE, {"malformed": "bad"}, Policy(malformed="warn"), majmin("1.3"), majmin("1.3"), majmin("1.3"), (ApiVersionWarning,),
    ),
    # lists
    "a list: the newest of both": (MATRIX, {"versions": tuple(map(named, ["r0.6.1", "v1.1", "v1.11"]))}, Policy(), None, named("v1.11"), named("v1.11"), ()),
    "a list: not more than is known": (MATRIX, {"versions": tuple(map(named, ["v1.11", "v1.16"]))}, Policy(), None, named("v1.11"), named("v1.11"), ()),
    "two lists": (LISTED, {"versions": tuple(map(date, ["2023-01-01", "2024-01-01", "2027-01-01"]))}, Policy(), None, date("2024-01-01"), date("2024-01-01"), ()),
    "a list with the only one": (DATES, {"versions": tuple(map(date, ["2025-01-01", "2026-06-01"]))}, Policy(), None, date("2026-06-01"), date("2026-06-01"), ()),
    "one of a list": (LISTED, {"current": date("2025-01-01")}, Policy(), None, date("2025-01-01"), date("2026-06-01"), ()),
    # malformed
    "malformed: told, as if nothing was said": (SIMPLE, {"malformed": "bad"}, Policy(absent=majmin("1.0"), malformed="warn"), None, majmin("1.0"), majmin("1.4"), (ApiVersionWarning,)),
    "malformed: ignored": (SIMPLE, {"malformed": "bad"}, Policy(malformed="ignore"), None, majmin("1.4"), majmin("1.4"), ()),
    # R13: what ends
    "R13 the version is deprecated": (COMPUTE, {"newest": micro("2.95"), "status": "deprecated"}, Policy(), None, micro("2.95"), micro("2.95"), (ApiLifecycleWarning,)),
    "R13 the oldest version rises": (
        COMPUTE, {"newest": micro("2.95"), "next_oldest": micro("2.53"), "not_before": "2027-01-01"}, Policy(), None,
        micro("2.95"), micro("2.95"), (ApiLifecycleWarning,),
    ),
    # R14: previews
    "R14 a preview in the range is not taken": (
        Known(newest=named("v2"), oldest=named("v1")), {"versions": tuple(map(named, ["v1", "v2beta1"]))}, Policy(), None, named("v1"), named("v1"), (),
    ),
    "R14 a preview that is known by its name, for want of a final one": (
        LISTED, {"versions": tuple(map(date, ["2026-09-01-preview", "2027-01-01"]))}, Policy(), None,
        date("2026-09-01-preview"), date("2026-09-01-preview"), (),
    ),
    "R14 a final one before a newer preview": (
        LISTED, {"versions": tuple(map(date, ["2026-09-01-preview", "2024-01-01"]))}, Policy(), None, date("2024-01-01"), date("2024-01-01"), (),
    ),
    "R14 a preview at the end of a range": (
        Known(newest=named("v3"), oldest=named("v1")), {"oldest": named("v2"), "newest": named("v3beta1")}, Policy(), None, named("v2"), named("v2"), (),
    ),
    "R14 a preview at the end of a range, known by its name": (
        Known(newest=named("v3beta1"), oldest=named("v1")), {"oldest": named("v2"), "newest": named("v3beta1")}, Policy(), None,
        named("v3beta1"), named("v3beta1"), (),
    ),
    "R14 a client made for a preview": (
        Known(newest=named("v2beta1"), oldest=named("v1")), {"versions": tuple(map(named, ["v1", "v2beta1"]))}, Policy(), None, named("v1"), named("v1"), (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", SPOKEN.values(), ids=SPOKEN)
def test_which_version_is_spoken(row: Any) -> None:
    """What is used, what is sent, and what the caller hears."""
    known, said, policy, pinned, use, send, warnings = row
    decision = decide(known, None if said is None else Advertised(**said, **WHERE), policy, pinned)
    assert decision.error is None
    assert (decision.use, decision.send) == (use, send)
    assert tuple(map(type, decision.warnings)) == warnings


# what this side knows, what the other side says, the policy, what was pinned -> the words of the error
FAILS: dict[str, tuple[Known, dict[str, Any], Policy, ApiVersion | None, str]] = {
    "R3 a newer major": (SIMPLE, {"current": majmin("2.0")}, ABSENT, None, f"{SAYS} 2.0, and this client speaks 1.0 to 1.4; upgrade the client"),
    "R3 a newer major in the media type": (SIMPLE, {"family": 2}, ABSENT, None, f"{SAYS} 2, and this client speaks 1.0 to 1.4; upgrade the client"),
    "R3 whatever the policy ignores": (
        SIMPLE, {"current": majmin("2.0")}, Policy(newer_minor="ignore", malformed="ignore"), None,
        f"{SAYS} 2.0, and this client speaks 1.0 to 1.4; upgrade the client",
    ),
    "an older major": (SIMPLE, {"current": majmin("0.9")}, ABSENT, None, f"{SAYS} 0.9, and this client speaks 1.0 to 1.4; upgrade the service, or use an older client"),
    "an older minor, where that fails": (
        Known(newest=majmin("1.4"), oldest=majmin("1.2")), {"current": majmin("1.1")}, Policy(older="fail"), None,
        f"{SAYS} 1.1, and this client speaks 1.2 to 1.4; upgrade the service, or use an older client",
    ),
    "R5 disjoint, the service is ahead": (COMPUTE, {"oldest": micro("2.96"), "newest": micro("2.104")}, Policy(), None, f"{SAYS} 2.96 to 2.104, and this client speaks 2.1 to 2.95; upgrade the client"),
    "R5 disjoint, the client is ahead": (
        Known(newest=micro("2.95"), oldest=micro("2.53")), {"oldest": micro("2.1"), "newest": micro("2.52")}, Policy(), None,
        f"{SAYS} 2.1 to 2.52, and this client speaks 2.53 to 2.95; upgrade the service, or use an older client",
    ),
    "R5 a floor above": (COMPUTE, {"oldest": micro("3.0")}, Policy(), None, f"{SAYS} 3.0 or newer, and this client speaks 2.1 to 2.95; upgrade the client"),
    "R5 a ceiling below": (COMPUTE, {"newest": micro("1.9")}, Policy(), None, f"{SAYS} 1.9 or older, and this client speaks 2.1 to 2.95; upgrade the service, or use an older client"),
    "R5 a range of theirs between two of ours": (
        LISTED, {"oldest": date("2025-02-01"), "newest": date("2026-05-01")}, Policy(), None,
        f"{SAYS} 2025-02-01 to 2026-05-01, and this client speaks 2024-01-01, 2025-01-01, 2026-06-01, 2026-09-01-preview; upgrade the older side",
    ),
    "R7 pinned below the range": (COMPUTE, {"oldest": micro("2.60"), "newest": micro("2.95")}, Policy(), micro("2.1"), f"{SAYS} 2.60 to 2.95, and this client speaks the pinned version 2.1; pass another `api_version`, or none to negotiate"),
    "R7 pinned above the range": (COMPUTE, {"oldest": micro("2.1"), "newest": micro("2.60")}, Policy(), micro("2.61"), f"{SAYS} 2.1 to 2.60, and this client speaks the pinned version 2.61; pass another `api_version`, or none to negotiate"),
    "R7 pinned, not in the list": (LISTED, {"versions": (date("2025-01-01"),)}, Policy(), date("2024-01-01"), f"{SAYS} 2025-01-01, and this client speaks the pinned version 2024-01-01; pass another `api_version`, or none to negotiate"),
    "R7 pinned, an answer of another major": (SIMPLE, {"current": majmin("2.0")}, ABSENT, majmin("1.3"), f"{SAYS} 2.0, and this client speaks the pinned version 1.3; pass another `api_version`, or none to negotiate"),
    "R7 pinned, a type of another major": (SIMPLE, {"family": 2}, ABSENT, majmin("1.3"), f"{SAYS} 2, and this client speaks the pinned version 1.3; pass another `api_version`, or none to negotiate"),
    "R7 pinned, another date": (DATES, {"current": date("2026-06-01")}, Policy(), date("2020-01-01"), f"{SAYS} 2026-06-01, and this client speaks the pinned version 2020-01-01; pass another `api_version`, or none to negotiate"),
    "a list with nothing in common": (MATRIX, {"versions": tuple(map(named, ["r0.6.1", "v1.16"]))}, Policy(), None, f"{SAYS} r0.6.1, v1.16, and this client speaks v1.1 to v1.15; upgrade the older side"),
    "an old list": (MATRIX, {"versions": (named("r0.6.1"),)}, Policy(), None, f"{SAYS} r0.6.1, and this client speaks v1.1 to v1.15; upgrade the service, or use an older client"),
    "a newer date: nothing says that it is like one of ours": (DATES, {"current": date("2027-01-01")}, Policy(), None, f"{SAYS} 2027-01-01, and this client speaks 2026-06-01; upgrade the client"),
    "an older date": (LISTED, {"current": date("2023-01-01")}, Policy(), None, f"{SAYS} 2023-01-01, and this client speaks 2024-01-01, 2025-01-01, 2026-06-01, 2026-09-01-preview; upgrade the service, or use an older client"),
    "R14 a range of previews": (
        Known(newest=named("v3"), oldest=named("v1")), {"oldest": named("v2beta1"), "newest": named("v2beta2")}, Policy(), None,
        f"{SAYS} v2beta1 to v2beta2, and this client speaks v1 to v3; upgrade the older side",
    ),
    "R14 a preview in a range of ours": (
        Known(newest=named("v2"), oldest=named("v1")), {"versions": (named("v2beta1"),)}, Policy(), None,
        f"{SAYS} v2beta1, and this client speaks v1 to v2; upgrade the older side",
    ),
    "a list that would fill the message": (
        MATRIX, {"versions": tuple(named(f"v{n}") for n in range(2, 1000))}, Policy(), None,
        f"{SAYS} v2, …, v989, v990, v991, v992, v993, v994, v995, v996, v997, v998, v999, and this client speaks v1.1 to v1.15; upgrade the client",
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", FAILS.values(), ids=FAILS)
def test_what_has_nothing_in_common(row: Any) -> None:
    """The error names both sides, where it was said, and what to do; nothing is used or sent."""
    known, said, policy, pinned, message = row
    decision = decide(known, Advertised(**said, **WHERE), policy, pinned)
    assert str(decision.error) == message
    assert isinstance(decision.error, UnsupportedApiVersionError)
    assert (decision.use, decision.send, decision.warnings) == (None, None, ())
    error = decision.error
    assert (error.source, error.url) == (WHERE["source"], "https://index.test/simple/a/?token=***")
    assert f" {error.found}, and this client speaks {error.supported}; {error.advice}" in message


def test_what_is_no_version_fails() -> None:
    """Unless the policy says otherwise (R2): a client that guesses reads a page of another version as its own."""
    error = decide(SIMPLE, Advertised(malformed="bad", **WHERE), ABSENT).error
    assert isinstance(error, MalformedVersionError)
    assert str(error) == (
        "meta.api-version of https://index.test/simple/a/?token=*** says 'bad'; it has to be a Major.Minor like 1.4"
    )
    told = decide(SIMPLE, Advertised(malformed="bad", **WHERE), Policy(absent=majmin("1.0"), malformed="warn")).warnings
    assert [str(warning) for warning in told] == [f"{error}; 1.0 is assumed"]


def test_the_words_of_a_newer_minor() -> None:
    """What was found, where, and what to do; no secret of the address."""
    (warning,) = decide(SIMPLE, Advertised(current=majmin("1.99"), **WHERE), ABSENT).warnings
    assert isinstance(warning, NewerApiVersionWarning)
    assert str(warning) == (
        f"{SAYS} 1.99, newer than the 1.4 that this client understands; what is new in it is not seen: "
        "upgrade the client for it"
    )
    assert (warning.found, warning.supported, warning.source) == ("1.99", "1.4", "meta.api-version")
    assert warning.url == "https://index.test/simple/a/?token=***"


def test_the_words_of_what_ends() -> None:
    """OpenStack says it in its version document."""
    said = Advertised(
        newest=micro("2.95"), status="DEPRECATED", next_oldest=micro("2.53"), not_before="2027-01-01",
        source="the version document", url="https://nova.test/",
    )  # fmt: skip
    assert [str(warning) for warning in decide(COMPUTE, said, Policy()).warnings] == [
        "API version 2.95 or older is deprecated (the version document)",
        "API version 2.53 will be the oldest version that the service takes from 2027-01-01 (the version document)",
    ]


@pytest.mark.parametrize(
    ("known", "said", "missing"),
    [
        (SIMPLE, {"current": majmin("1.4")}, set()),
        (SIMPLE, {"current": majmin("1.1")}, {"project-status"}),
        (SIMPLE, None, {"project-status", "size"}),
        (SIMPLE, {"current": majmin("1.99")}, set()),
        (SIMPLE, {"current": majmin("1.0"), "features": frozenset({"size"})}, {"project-status"}),
        (SIMPLE, {"features": frozenset({"size", "project-status", "more"})}, set()),
        (MATRIX, {"versions": (named("v1.2"),)}, {"threads"}),
        (COMPUTE, None, set()),
    ],
    ids=[
        "all",
        "by number",
        "nothing said",
        "newer",
        "said itself",
        "said itself, no version",
        "a list",
        "no features",
    ],
)
def test_what_the_version_does_not_have(known: Known, said: dict[str, Any] | None, missing: set[str]) -> None:
    """By the number, unless the service says its features itself (R11)."""
    assert decide(known, None if said is None else Advertised(**said), ABSENT).missing == missing


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"newest": majmin("1.4"), "oldest": micro("1.0")}, "the versions of an API have one format"),
        ({"newest": majmin("1.4"), "versions": (micro("1.0"),)}, "the versions of an API have one format"),
        (
            {"newest": majmin("1.4"), "oldest": majmin("1.5")},
            r"the oldest version, 1\.5, is newer than the newest, 1\.4",
        ),
    ],
)
def test_what_cannot_be_known(given: dict[str, Any], message: str) -> None:
    """Told to whoever writes the scheme."""
    with pytest.raises(ValueError, match=message):
        Known(**given)


# --- properties ------------------------------------------------------------------------------------------------------

MICROS = st.builds("{}.{}".format, st.integers(1, 3), st.integers(0, 12)).map(micro)
RANGES = st.tuples(MICROS, MICROS).map(lambda pair: (min(pair), max(pair)))
KNOWN = RANGES.map(lambda ends: Known(oldest=ends[0], newest=ends[1]))
SAID = st.one_of(
    RANGES.map(lambda ends: Advertised(oldest=ends[0], newest=ends[1])),
    MICROS.map(lambda version: Advertised(oldest=version)),
    MICROS.map(lambda version: Advertised(newest=version)),
    st.lists(MICROS, min_size=1, max_size=6).map(lambda versions: Advertised(versions=tuple(versions))),
)
ANYTHING = st.one_of(
    st.none(), SAID, MICROS.map(lambda v: Advertised(current=v)), st.builds(Advertised, malformed=st.text(max_size=9)),
    st.integers(0, 9).map(lambda family: Advertised(family=family)),
)  # fmt: skip
POLICIES = st.builds(
    Policy,
    absent=st.one_of(st.sampled_from(["newest", "none"]), MICROS),
    newer_minor=st.sampled_from(["warn", "ignore"]),
    older=st.sampled_from(["fail", "ignore"]),
    malformed=st.sampled_from(["fail", "warn", "ignore"]),
)


def offers(said: Advertised, version: ApiVersion) -> bool:
    if said.versions:
        return version in said.versions
    return (said.oldest or version) <= version <= (said.newest or version)


@BOUNDED
@given(KNOWN, SAID, POLICIES)
def test_what_is_spoken_both_sides_have(known: Known, said: Advertised, policy: Policy) -> None:
    """R5 and R6: never more than the client knows, never what the service does not offer."""
    decision = decide(known, said, policy)
    if decision.error is None:
        assert decision.use is not None
        assert decision.send == decision.use
        assert known.floor <= decision.use <= known.newest
        assert offers(said, decision.use)
    else:
        texts = [f"{major}.{minor}" for major in range(1, 4) for minor in range(13)]
        assert not [t for t in texts if known.has(micro(t)) and offers(said, micro(t))]


@BOUNDED
@given(KNOWN, ANYTHING, POLICIES, MICROS)
def test_what_is_pinned_is_never_moved(
    known: Known, said: Advertised | None, policy: Policy, pinned: ApiVersion
) -> None:
    """R7: it, or an error."""
    decision = decide(known, said, policy, pinned)
    if decision.error is None:
        assert (decision.use, decision.send) == (pinned, pinned)
    elif said is not None and not said.malformed:
        assert str(pinned) in str(decision.error)


@BOUNDED
@given(KNOWN, SAID, MICROS)
def test_a_client_that_learns_more_never_speaks_an_older_version(
    known: Known, said: Advertised, newer: ApiVersion
) -> None:
    """An upgrade of the client alone never makes things worse."""
    before, after = (
        decide(Known(oldest=known.floor, newest=top), said, Policy())
        for top in (known.newest, max(known.newest, newer))
    )
    if before.use is not None:
        assert after.error is None
        assert after.use is not None
        assert after.use >= before.use


@BOUNDED
@given(KNOWN, SAID)
def test_an_error_names_both_sides(known: Known, said: Advertised) -> None:
    """Whoever reads it sees which one is behind."""
    error = decide(known, said, Policy()).error
    if error is not None:
        assert str(known) in str(error)
        assert str(said) in str(error)
        assert "upgrade" in str(error)


@BOUNDED
@given(KNOWN, ANYTHING, POLICIES, st.one_of(st.none(), MICROS))
def test_the_same_values_give_the_same_decision(
    known: Known, said: Advertised | None, policy: Policy, pinned: Any
) -> None:
    """It is pure, and it never raises."""
    first, second = (decide(known, said, policy, pinned) for _ in range(2))
    assert str(first) == str(second)
    assert isinstance(first, Decision)
    assert (first.error is None) or (first.use, first.send) == (None, None)


@BOUNDED
@given(KNOWN, POLICIES)
def test_to_say_nothing_is_to_say_nothing(known: Known, policy: Policy) -> None:
    """None, an empty value, and one that says a state alone: all the same."""
    none, empty, state = (decide(known, said, policy) for said in (None, Advertised(), Advertised(status="CURRENT")))
    assert none == empty == state
