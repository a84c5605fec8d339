"""The one decision: which version is spoken, from what this side knows and what the other side says.

Rules (R numbers: the guide to versions):

1. What was pinned is used as it is, and never moved into a range (R7). A service that says that it does not have it is
   an error at once.
2. A range: the newest version that both have. None in common is an error that names both ranges (R5).
3. A list: the newest final version in both. A preview is used by who knows it by its name, and only where there is no
   final one (R14).
4. One version: another family fails (R3), a newer minor is spoken as far as it is understood and told (R4).
5. Nothing said: what the policy assumes (R2). Something said that is no version: what the policy says.
6. A feature counts as missing by the version's number, unless the service says its features itself (R11).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from .errors import (
    ApiVersionError,
    ApiVersionWarning,
    MalformedVersionError,
    NewerApiVersionWarning,
    UnsupportedApiVersionError,
)
from .model import Advertised, Decision, Known, Policy
from .versions import ApiVersion

__all__ = ["decide"]

_UPGRADE: Final = "upgrade the client"
_OLDER: Final = "upgrade the service, or use an older client"
_PIN: Final = "pass another `api_version`, or none to negotiate"


def decide(known: Known, advertised: Advertised | None, policy: Policy, pinned: ApiVersion | None = None) -> Decision:
    """Return which version is spoken. Pure: the same values give the same decision.

    Args:
        known: What this side understands.
        advertised: What the other side says, None if it says nothing.
        policy: What is done where they differ.
        pinned: The version that the caller insists on, None: the newest in common.
    """
    said = advertised if advertised is not None and advertised.says_versions else None
    if said is None:
        decision = _assumed(known, policy, pinned)
    elif said.malformed:
        decision = _unreadable(known, said, policy, pinned)
    elif pinned is not None:
        decision = _pinned(said, pinned)
    elif said.versions:
        decision = _from_list(known, said)
    elif said.newest is not None or said.oldest is not None:
        decision = _from_range(known, said)
    else:
        decision = _from_one(known, said, policy)
    if decision.error is not None:
        return decision
    missing = _missing(known, decision.use, advertised)
    return decision.replaced(missing=missing, warnings=decision.warnings + _rising(advertised))


def _assumed(known: Known, policy: Policy, pinned: ApiVersion | None) -> Decision:
    if pinned is not None:
        return Decision(use=pinned, send=pinned)
    if isinstance(policy.absent, ApiVersion):
        return Decision(use=policy.absent, send=known.newest)
    return Decision(use=known.newest, send=known.newest) if policy.absent == "newest" else Decision()


def _unreadable(known: Known, said: Advertised, policy: Policy, pinned: ApiVersion | None) -> Decision:
    wanted = f"a {known.format.value} like {known.newest}"
    error = MalformedVersionError(said.malformed, wanted=wanted, source=said.source, url=said.url)
    if policy.malformed == "fail":
        return Decision(error=error)
    assumed = _assumed(known, policy, pinned)
    if policy.malformed == "ignore":
        return assumed
    return assumed.replaced(warnings=(ApiVersionWarning(f"{error}; {assumed.use or 'no version'} is assumed"),))


def _pinned(said: Advertised, pinned: ApiVersion) -> Decision:
    if said.versions:
        is_there = pinned in said.versions
    elif said.current is not None:
        is_there = pinned == said.current or (pinned.family is not None and pinned.family == said.current.family)
    elif said.family is not None:
        is_there = pinned.family in (None, said.family)
    else:
        is_there = (said.oldest or pinned) <= pinned <= (said.newest or pinned)
    if is_there:
        return Decision(use=pinned, send=pinned)
    return Decision(error=_apart(str(said), f"the pinned version {pinned}", said, _PIN))


def _from_list(known: Known, said: Advertised) -> Decision:
    newest = _newest(version for version in said.versions if known.has(version))
    if newest is not None:
        return Decision(use=newest, send=newest)
    return Decision(error=_disjoint(known, said, min(said.versions), max(said.versions)))


def _from_range(known: Known, said: Advertised) -> Decision:
    oldest, newest = said.oldest or known.floor, said.newest or known.newest
    if known.versions:
        use = _newest(version for version in (known.newest, *known.versions) if oldest <= version <= newest)
    else:
        first = max(oldest, known.floor)
        # A preview at the end of a range is used by nobody who does not know it by its name.
        ends = (min(newest, known.newest), first)
        use = next((version for version in ends if first <= version <= newest and known.has(version)), None)
    if use is not None:
        return Decision(use=use, send=use)
    return Decision(error=_disjoint(known, said, oldest, newest))


def _newest(common: Iterable[ApiVersion]) -> ApiVersion | None:
    """Return the newest final version; a preview only where there is nothing else, and this side knows it by name."""
    return max(common, key=lambda version: (not version.is_preview, version), default=None)


def _disjoint(known: Known, said: Advertised, oldest: ApiVersion, newest: ApiVersion) -> ApiVersionError:
    """Return the error that tells which side has to be upgraded, where that can be told."""
    if oldest > known.newest:
        return _apart(str(said), str(known), said, _UPGRADE)
    advice = _OLDER if newest < known.floor else "upgrade the older side"
    return _apart(str(said), str(known), said, advice)


def _from_one(known: Known, said: Advertised, policy: Policy) -> Decision:
    current = said.current
    family = said.family if current is None else current.family
    if current is not None and family is None:  # equal or not: nothing says that another one is like one of ours
        if known.has(current):
            return Decision(use=current, send=known.newest)
        return Decision(error=_disjoint(known, said, current, current))
    mine = known.newest.family or 0
    if family is not None and family > mine:
        return Decision(error=_apart(str(said), str(known), said, _UPGRADE))
    if family is not None and family < (known.floor.family or 0):
        return Decision(error=_apart(str(said), str(known), said, _OLDER))
    if current is None:
        return Decision(use=known.newest, send=known.newest)
    if current < known.floor and policy.older == "fail":
        return Decision(error=_apart(str(said), str(known), said, _OLDER))
    if current <= known.newest:
        return Decision(use=current, send=known.newest)
    warnings: tuple[ApiVersionWarning, ...] = ()
    if policy.newer_minor == "warn":
        warnings = (NewerApiVersionWarning(current.text, known.newest.text, said.source, said.url),)
    return Decision(use=known.newest, send=known.newest, warnings=warnings)


def _missing(known: Known, use: ApiVersion | None, advertised: Advertised | None) -> frozenset[str]:
    if advertised is not None and advertised.features:
        return frozenset(known.features) - advertised.features
    return frozenset(name for name, since in known.features.items() if use is None or since > use)


def _rising(said: Advertised | None) -> tuple[ApiVersionWarning, ...]:
    if said is None or (said.next_oldest is None and said.status.upper() != "DEPRECATED"):
        return ()
    from .lifecycle import notices_of  # few services have something to tell

    return notices_of(said)


def _apart(found: str, supported: str, said: Advertised, advice: str) -> ApiVersionError:
    return UnsupportedApiVersionError(found, supported, source=said.source, url=said.url, advice=advice)
