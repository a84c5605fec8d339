"""Versions: what a text means, and which of two is newer."""

from __future__ import annotations

import contextlib
import copy
import pickle
import re

import pytest
from clientsmith.core.errors import ClientsmithError
from clientsmith.core.versioning import ApiVersion, MalformedVersionError, VersionFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Enough to find what is wrong, in a second on a busy machine; its own time is no property.
BOUNDED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])

MAJOR_MINOR, MICROVERSION, DATE = VersionFormat.MAJOR_MINOR, VersionFormat.MICROVERSION, VersionFormat.DATE
SEMVER, NAMED, OPAQUE = VersionFormat.SEMVER, VersionFormat.NAMED, VersionFormat.OPAQUE


@pytest.mark.parametrize(
    ("format", "text", "family", "is_preview"),
    [
        (MAJOR_MINOR, "1.4", 1, False),
        (MAJOR_MINOR, "0.0", 0, False),
        (MAJOR_MINOR, "999999999.999999999", 999999999, False),
        (MICROVERSION, "2.95", 2, False),
        (DATE, "2026-06-01", None, False),
        (DATE, "2026-06-01-preview", None, True),
        (DATE, "2026-06-01-Preview", None, True),
        (DATE, "2026-06-01-preview.2", None, True),
        (DATE, "2024-06-20.acacia", None, False),
        (DATE, "2024-06-20.betamax", None, True),
        (DATE, "2026-10", None, False),
        (SEMVER, "1.2.3", 1, False),
        (SEMVER, "1.2.3-rc.1", 1, True),
        (SEMVER, "1.2.3+build.7", 1, False),
        (NAMED, "v1", 1, False),
        (NAMED, "2", 2, False),
        (NAMED, "v1beta2", 1, True),
        (NAMED, "v1p1beta1", 1, True),
        (NAMED, "v1alpha", 1, True),
        (NAMED, "r0.6.1", 0, False),
        (NAMED, "v1.15", 1, False),
        (OPAQUE, "2024 spring édition", None, False),
    ],
)
def test_what_a_text_means(format: VersionFormat, text: str, family: int | None, is_preview: bool) -> None:
    """The text is kept as it is; family and preview are read from it."""
    version = ApiVersion(text, format)
    assert (version.text, str(version), version.format) == (text, text, format)
    assert (version.family, version.is_preview) == (family, is_preview)


@pytest.mark.parametrize(
    ("format", "text"),
    [
        *((format, text) for format in VersionFormat for text in ("", "\n", "1.4\n", "1.\x004", "\x7f")),
        *((MAJOR_MINOR, text) for text in ("1", "1.4.2", "v1.4", "1.4-rc", " 1.4", "1.4 ", "-1.4", "1.-4", "1,4", "+1.4")),
        *((MAJOR_MINOR, text) for text in ("bad", "1.x", "1e3.4", "1_0.4", "0x1.4", "٣.٤", "1.²", "１.４", "9999999999.0")),
        *((MICROVERSION, text) for text in ("latest", "2.latest", "2", "2.1.1", "compute 2.1")),
        *((DATE, text) for text in ("2026", "2026-13-01", "2026-06-32", "2026-6-1", "20260601", "2026-06-01-", "2026-06-01T00")),
        *((SEMVER, text) for text in ("1.2", "1", "1.2.3.4", "v1.2.3", "1.2.3-", "1.2.3+")),
        *((NAMED, text) for text in ("v", "vv1", "v1gamma1", "v1..2", "beta", "x1", "latest", "v1p", "unstable")),
        (OPAQUE, "x" * 201),
        (OPAQUE, "two\nlines"),
        (OPAQUE, "\x9b31m"),
        (OPAQUE, "a\u202eb"),
    ],
)  # fmt: skip
def test_what_is_no_version(format: VersionFormat, text: str) -> None:
    """Refused as a whole: a version that is guessed at would be compared wrongly."""
    with pytest.raises(
        MalformedVersionError, match=re.escape(f"{text[:80]!r} is no version of this API; it has to be ")
    ):
        ApiVersion(text, format)


def test_the_error_of_a_text_that_is_no_version() -> None:
    """It is a ValueError too, as for any text that cannot be read."""
    with pytest.raises(ValueError, match=r"it has to be Major\.Minor, such as 1\.4") as caught:
        ApiVersion("x" * 500, MAJOR_MINOR)
    error = caught.value
    assert isinstance(error, MalformedVersionError)
    assert isinstance(error, ClientsmithError)
    assert (error.found, error.wanted, error.source, error.url) == ("x" * 80, "Major.Minor, such as 1.4", "", "")


@pytest.mark.parametrize(
    ("format", "ascending"),
    [
        (MAJOR_MINOR, ["0.9", "1.0", "1.2", "1.9", "1.10", "1.99", "1.100", "2.0", "10.0"]),
        (MICROVERSION, ["1.1", "2.1", "2.9", "2.10", "2.95", "2.104", "3.0", "3.2", "3.20"]),
        (
            DATE,
            ["2024-06", "2024-06-20", "2024-06-20.acacia", "2026-06-01-preview", "2026-06-01-preview.2", "2026-06-01"],
        ),
        # The example of semver 2.0.0, item 11.
        (
            SEMVER,
            ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
             "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0"],
        ),
        (
            NAMED,
            ["r0.6.1", "v1alpha1", "v1alpha2", "v1beta1", "v1beta10", "v1rc1", "v1", "v1p1beta1", "v1.1", "v1.15", "v2"],
        ),
    ],
    ids=lambda value: value.name if isinstance(value, VersionFormat) else "",
)  # fmt: skip
def test_which_is_newer(format: VersionFormat, ascending: list[str]) -> None:
    """By numbers, never as text or as a decimal fraction (R1)."""
    versions = [ApiVersion(text, format) for text in ascending]
    shuffled = versions[1::2] + versions[::2]
    assert sorted(shuffled) == versions
    for place, version in enumerate(versions):
        assert all(older < version for older in versions[:place])
        assert all(newer > version for newer in versions[place + 1 :])


@pytest.mark.parametrize(
    ("format", "one", "other"),
    [
        (MAJOR_MINOR, "1.4", "01.04"),
        (DATE, "2026-06-01-preview", "2026-06-01-Preview"),
        (SEMVER, "1.2.3", "1.2.3+build"),
        (NAMED, "v1", "1"),
        (NAMED, "v1", "v1.0"),
        (NAMED, "v1.0-beta", "v1beta"),
    ],
)
def test_two_ways_to_write_one_version(format: VersionFormat, one: str, other: str) -> None:
    """They are equal, and hash so."""
    first, second = ApiVersion(one, format), ApiVersion(other, format)
    assert first == second
    assert len({first, second}) == 1


def test_formats_are_never_compared() -> None:
    """2.1 counts differently here and there, so neither is newer; and a text is no version."""
    counted, numbered = ApiVersion("2.1", MICROVERSION), ApiVersion("2.1", MAJOR_MINOR)
    assert counted != numbered
    assert counted != "2.1"
    with pytest.raises(TypeError, match=r"2\.1 is a microversion, and 2\.1 is a Major\.Minor: neither is newer"):
        assert counted < numbered
    with pytest.raises(TypeError, match="not supported between instances of 'ApiVersion' and 'str'"):
        assert counted < "2.2"  # type: ignore[operator]  # what is tested


def test_a_version_never_changes() -> None:
    """It is a key of dicts."""
    version = ApiVersion("1.4", MAJOR_MINOR)
    with pytest.raises(AttributeError, match="an ApiVersion never changes; text cannot be assigned"):
        version.text = "1.5"
    with pytest.raises(AttributeError, match="an ApiVersion never changes"):
        version.other = 1  # type: ignore[attr-defined]  # what is tested
    assert repr(version) == "ApiVersion('1.4', VersionFormat.MAJOR_MINOR)"


# --- properties ------------------------------------------------------------------------------------------------------

NUMBERS = st.integers(0, 999_999_999)
VALID = {
    MAJOR_MINOR: st.builds("{}.{}".format, NUMBERS, NUMBERS),
    MICROVERSION: st.builds("{}.{}".format, NUMBERS, NUMBERS),
    DATE: st.from_regex(
        r"[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?(-preview|\.[a-z]{1,8})?", fullmatch=True
    ),
    SEMVER: st.from_regex(
        r"[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}(-(rc|[0-9]{1,3})(\.[0-9a-z]{1,4}){0,2})?", fullmatch=True
    ),
    NAMED: st.from_regex(r"[vr]?[0-9]{1,4}(\.[0-9]{1,4}){0,2}((alpha|beta|rc|preview)[0-9]{0,3})?", fullmatch=True),
    OPAQUE: st.text("ab1. é-", min_size=1, max_size=9),
}
VERSIONS = st.sampled_from(list(VersionFormat)).flatmap(
    lambda format: st.lists(VALID[format].map(lambda text: ApiVersion(text, format)), min_size=3, max_size=3)
)


@BOUNDED
@given(VERSIONS)
def test_the_order_is_total(three: list[ApiVersion]) -> None:
    """Of two versions of a format exactly one relation holds, and it goes on to a third one."""
    a, b, c = three
    assert [a < b, a == b, a > b].count(True) == 1
    assert (a <= b) == (not b < a)
    assert not (a <= b <= c) or a <= c
    assert a != b or hash(a) == hash(b)


@BOUNDED
@given(VERSIONS)
def test_versions_travel(three: list[ApiVersion]) -> None:
    """To another process, into a copy, and through their own text."""
    for version in three:
        for twin in (
            pickle.loads(pickle.dumps(version)),
            copy.deepcopy(version),
            ApiVersion(str(version), version.format),
        ):
            assert twin == version
            assert (twin.text, twin.key, twin.family, twin.is_preview) == (
                version.text, version.key, version.family, version.is_preview,
            )  # fmt: skip


@BOUNDED
@given(st.text(max_size=30), st.sampled_from(list(VersionFormat)))
def test_any_text_is_a_version_or_malformed(text: str, format: VersionFormat) -> None:
    """And nothing else is ever raised; only ASCII digits count."""
    with contextlib.suppress(MalformedVersionError):
        version = ApiVersion(text, format)
        assert version.text == text
        assert format is OPAQUE or text.isascii()
