"""The guidelines that one package alone, read or run, cannot be judged by; each with what it takes instead."""

from __future__ import annotations

from typing import Final

from .rule import NotJudged

__all__ = ["NOT_JUDGED"]

_TWO_RELEASES: Final = "takes two releases to compare: `clientsmith diff` and the release gate"
_PEOPLE: Final = "for people to decide"

NOT_JUDGED: Final = (
    NotJudged(
        "client-standardize-verbs",
        "H",
        "A verb beyond the preferred ones is the same in every language's library.",
        f"{_PEOPLE}: there is one language; `cancel_` (naas) and `buy_` (museum) are the service's own words",
    ),
    NotJudged(
        "params-devex",
        "H",
        "What the service says about invalid arguments is understood by those who read it.",
        f"{_PEOPLE}: somebody has to read the service's messages",
    ),
    NotJudged(
        "auth-service-credentials",
        "H",
        "A service that needs it may bring a credential type of its own.",
        "allowed, not asked for; none of our packages has one",
    ),
    NotJudged(
        "namespaces-naming",
        "H",
        "The name leads from the service to the package, and outlives a change of brand.",
        f"{_PEOPLE}: the generator takes it from the title of the description, or from `--package`",
    ),
    NotJudged(
        "namespaces-grouping",
        "H",
        "Services that share behaviour may share a group in their namespace.",
        "allowed, not asked for; our packages stand alone",
    ),
    NotJudged(
        "namespaces-grouping-dont-introduce-new-packages",
        "P",
        "No distribution is published again under another name for the sake of a group.",
        "takes a list of published names; nothing is published yet",
    ),
    NotJudged(
        "packaging-follow-repo-rules",
        "H",
        "Packages follow the packaging guide of their repository.",
        f"{_PEOPLE}: ours is CONTRIBUTING.md; tests/test_workspace.py holds the parts that a program can see",
    ),
    NotJudged("versioning-changes", "P", "Whatever changes in a library, its version changes.", f"{_TWO_RELEASES}"),
    NotJudged("versioning-patch", "P", "A release with nothing but fixes raises the patch number.", _TWO_RELEASES),
    NotJudged("verioning-minor", "P", "A release with something new raises the minor number.", _TWO_RELEASES),
    NotJudged(
        "versioning-apiversion",
        "P",
        "Another default version of the service's API raises the minor number.",
        _TWO_RELEASES,
    ),
    NotJudged(
        "versioning-api-major",
        "P",
        "A new version of the service's API alone does not raise the major number.",
        f"{_TWO_RELEASES}; a package may bind itself to a family of versions, which naas-client does (`v2`)",
    ),
    NotJudged(
        "versioning-major",
        "P",
        "A break raises the major number, above every package that the library ever had before.",
        _TWO_RELEASES,
    ),
    NotJudged(
        "native-approval", "H", "Binary extensions are approved before they ship.", "our packages are pure Python"
    ),
)
