"""What a service can offer, and what it cannot."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from clientsmith.core.versioning import MalformedVersionError, VersionFormat
from clientsmith.server.offer import format_of, offer


@pytest.mark.parametrize(
    ("texts", "format"),
    [
        (["2025-01-01", "2026-06-01-preview"], VersionFormat.DATE),
        (["1.4", "1.10"], VersionFormat.MAJOR_MINOR),
        (["1.4.0", "2.0.0-rc.1"], VersionFormat.SEMVER),
        (["v1", "v2beta1"], VersionFormat.NAMED),
        (["1", "2"], VersionFormat.NAMED),
        (["r0.6.1", "v1.15"], VersionFormat.NAMED),
        (["spring", "autumn"], VersionFormat.OPAQUE),
        (["2026-spring", "v1-old!"], VersionFormat.OPAQUE),
    ],
)
def test_the_format_is_what_all_versions_look_like(texts: list[str], format: VersionFormat) -> None:
    assert format_of(texts) is format


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"versions": ()}, "say which versions there are"),
        ({"versions": (), "oldest": "1.0"}, "say which versions there are"),
        ({"versions": ("1.0",), "newest": "1.4"}, "say which versions there are"),
        ({"versions": ("1.0", "1.0")}, "listed twice"),
        ({"versions": ("v1", "V1")}, "listed twice"),
        ({"versions": ("1.0\n",)}, "cannot stand in a header field"),
        ({"versions": (), "oldest": "2025-01-01", "newest": "2026-01-01"}, "list them in `versions`"),
        ({"versions": (), "oldest": "1.4", "newest": "2.0"}, "spans two major versions"),
        ({"versions": (), "oldest": "1.4", "newest": "1.2"}, "exchange them"),
        ({"versions": "v1"}, r"is a single text; write versions=\['v1'\]"),
        ({"versions": ("1.0",), "default": "1.1"}, "'1.1' is none of the versions offered"),
        ({"versions": ("1.0",), "default": "1.0", "required": True}, "never used"),
        ({"versions": ("1.0",), "format": VersionFormat.DATE}, "has to be a date"),
        ({"versions": ("2025-01-01", "2026-6-01")}, "'2026-6-01' is not written as '2025-01-01' is, a date, such as"),
        ({"versions": ("1.0", "1.1", "1.o")}, "'1.o' is not written as '1.0' is, Major.Minor.*format=VersionFormat.OPAQUE"),
        ({"versions": ("1.4", "2026-06-01")}, "'1.4' is not written as '2026-06-01' is"),
        ({"versions": (1.0, 1.1)}, "a version is a text: write '1.0', not 1.0"),
        ({"versions": (date(2026, 6, 1),)}, r"write '2026-06-01', not datetime.date\(2026, 6, 1\)"),
    ],
    ids=[
        "nothing", "half a range", "both", "twice", "twice in two spellings", "line end", "range of dates",
        "range over majors", "backwards", "a text", "unknown default", "default and required", "another format",
        "a slip in a date", "a slip in a number", "a mixture", "numbers", "dates",
    ],
)  # fmt: skip
def test_what_cannot_be_offered_is_said_at_once(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        offer(**arguments)


@pytest.mark.parametrize(
    ("arguments", "default"),
    [
        ({"versions": ("2.0", "1.10", "1.9")}, "1.9"),
        ({"versions": ("v2", "v1alpha1")}, "v2"),
        ({"versions": ("v1alpha1",)}, "v1alpha1"),
        ({"versions": ("v1", "v2"), "default": "v2"}, "v2"),
        ({"versions": (), "oldest": "1.0", "newest": "1.4"}, "1.0"),
        ({"versions": ("v1",), "required": True}, "None"),
    ],
    ids=["the oldest by number", "not a preview", "unless there is none else", "said", "a range", "required"],
)
def test_who_says_nothing_gets_the_oldest_final_version(arguments: dict[str, Any], default: str) -> None:
    assert str(offer(**arguments).default) == default


def test_a_mixture_is_offered_to_who_says_so() -> None:
    """Then versions are equal or not, and no order is made up."""
    assert offer(("1.4", "2026-06-01"), format=VersionFormat.OPAQUE).known.format is VersionFormat.OPAQUE


def test_a_version_is_found_in_the_services_own_spelling() -> None:
    found = offer(("v1", "v2")).find("V2")
    assert found is not None
    assert found.text == "v2"


def test_a_range_has_what_lies_between() -> None:
    versions = offer((), oldest="1.2", newest="1.10")
    assert str(versions.find("1.9")) == "1.9"
    assert versions.find("1.11") is versions.find("1.1") is versions.find("2.3") is None
    with pytest.raises(MalformedVersionError):
        versions.find("1.2.3")


@pytest.mark.parametrize(
    ("arguments", "fields"),
    [
        ({"versions": ("v1", "v2")}, {"api-supported-versions": "v1, v2"}),
        ({"versions": (), "oldest": "1.0", "newest": "1.4"}, {"X-API-Minimum-Version": "1.0", "X-API-Maximum-Version": "1.4"}),
    ],
    ids=["list", "range"],
)  # fmt: skip
def test_answers_tell_what_there_is(arguments: dict[str, Any], fields: dict[str, str]) -> None:
    assert dict(offer(**arguments).fields("api-supported-versions", "X-API-Version")) == fields
