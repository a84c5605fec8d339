"""The ids of the Azure SDK's "Python Guidelines: API Design", and how binding each of them is.

84 paragraphs of the document carry an id; 80 ids are distinct. They are written here without ``python-``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = ["ALIASES", "GUIDELINES", "Level", "canonical"]


class Level(StrEnum):
    """How binding a guideline is (RFC 2119)."""

    MUST = "MUST"
    MUST_NOT = "MUST NOT"
    SHOULD = "SHOULD"
    SHOULD_NOT = "SHOULD NOT"
    MAY = "MAY"


# The document misspells one id; who spells it right means the same.
ALIASES: Final[Mapping[str, str]] = {"versioning-minor": "verioning-minor"}

GUIDELINES: Final[Mapping[str, Level]] = {
    "feature-support": Level.MUST,
    "client-namespace": Level.MUST,
    "client-naming": Level.MUST,
    "client-sync-async": Level.MUST,
    "client-immutable": Level.MUST,
    "client-constructor-form": Level.MUST,
    "client-constructor-api-version-argument": Level.MUST,
    "client-constructor-policy-arguments": Level.MUST,
    "client-constructor-transport-argument": Level.MUST,
    "client-connection-string": Level.MUST,
    "client-service-verbs": Level.SHOULD,
    "client-standardize-verbs": Level.MUST,
    "lro-prefix": Level.MUST,
    "paged-prefix": Level.MUST,
    "client-optional-arguments-keyword-only": Level.MUST,
    "client-service-per-call-args": Level.MUST,
    "params-client-validation": Level.MUST,
    "params-service-validation": Level.MUST_NOT,
    "params-devex": Level.MUST,
    "client-parameter-validation": Level.MUST_NOT,
    "client-service-args": Level.MUST,
    "client-splat-args": Level.MUST,
    "client-flatten-args": Level.MUST,
    "response-logical-entity": Level.MUST,
    "response-exception-on-failure": Level.MUST,
    "response-paged-protocol": Level.MUST,
    "lro-poller": Level.MUST,
    "method-conditional-request": Level.MUST,
    "client-hierarchy": Level.MUST,
    "client-hier-creation": Level.MUST,
    "client-hier-vend": Level.MUST,
    "client-hier-create": Level.MUST,
    "client-hier-delete": Level.SHOULD,
    "models-repr": Level.MUST,
    "models-repr-length": Level.MUST,
    "models-dict-result": Level.MUST,
    "models-enum-string": Level.MUST,
    "errors-azure-exceptions": Level.SHOULD,
    "errors-use-standard-exceptions": Level.MUST_NOT,
    "errors-new-exceptions": Level.SHOULD_NOT,
    "errors-rich-info": Level.MUST,
    "errors-documentation": Level.MUST,
    "errors-use-chaining": Level.MUST,
    "client-async-keywords": Level.MUST,
    "client-separate-sync-async": Level.MUST,
    "client-same-name-sync-async": Level.MUST,
    "client-namespace-sync": Level.MUST,
    "client-separate-async-pkg": Level.SHOULD,
    "client-same-pkg-name-sync-async": Level.MUST,
    "client-async-http-stack": Level.MUST,
    "auth-credential-azure-core": Level.MUST,
    "auth-service-credentials": Level.MAY,
    "auth-service-support": Level.MUST,
    "namespaces-prefix": Level.MUST,
    "namespaces-naming": Level.MUST,
    "namespaces-grouping": Level.MAY,
    "namespaces-grouping-dont-introduce-new-packages": Level.MUST,
    "namespaces-mgmt": Level.MUST,
    "namespaces-register": Level.MUST,
    "namespaces-async": Level.MUST,
    "packaging-name": Level.MUST,
    "packaging-name-allowed-chars": Level.MUST,
    "packaging-name-disallowed-chars": Level.MUST_NOT,
    "packaging-follow-repo-rules": Level.MUST,
    "packaging-follow-python-rules": Level.MUST,
    "packaging-nspkg": Level.MUST,
    "packaging-group-nspkg": Level.MUST,
    "packaging-init": Level.MUST,
    "versioning-semver": Level.MUST,
    "versioning-beta": Level.MUST,
    "versioning-changes": Level.MUST,
    "versioning-patch": Level.MUST,
    "verioning-minor": Level.MUST,
    "versioning-apiversion": Level.MUST,
    "versioning-api-major": Level.MUST_NOT,
    "versioning-major": Level.MUST,
    "native-approval": Level.MUST,
    "native-plat-support": Level.MUST,
    "native-arch-support": Level.MUST,
    "native-charset-support": Level.MUST,
}


def canonical(name: str) -> str:
    """Return the id that a name stands for: with or without ``python-``, and with the source's misspelling put up with.

    Raises:
        ValueError: No guideline is called that.
    """
    id = name.removeprefix("python-")
    id = ALIASES.get(id, id)
    if id not in GUIDELINES:
        nearest = difflib.get_close_matches(id, GUIDELINES, n=1)
        hint = f"did you mean {nearest[0]!r}?" if nearest else "`clientsmith check --guidelines` lists them all"
        raise ValueError(f"there is no guideline {name!r}; {hint}")
    return id
