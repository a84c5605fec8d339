"""The one decision: pure, from the facts of a request to an answer or to what the application is told.

1. What is none of its business passes untouched: paths listed as ``unversioned``, and CORS preflights, which a browser
   sends without the header fields that it asks about.
2. The scheme judges: a document of its own, a refusal, or a version.
3. What has a version gets the lifecycle of it, of its route and of the whole application; past its sunset it is refused
   with 410, if that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import cast

from .lifecycle import Lifecycle, lifecycle_fields, retirement, route_pattern
from .offer import Offer
from .values import Answer, PassOn, Refusal, RequestFacts, Verdict, VersionScheme

__all__ = ["Decider", "utc_now"]

_UNTOUCHED = PassOn()


def utc_now() -> datetime:
    """Return the time, for who brings no other clock."""
    return datetime.now(UTC)


class Decider:
    """What both faces ask. It holds no state of a request."""

    def __init__(
        self,
        scheme: VersionScheme,
        lifecycle: Lifecycle | Iterable[Lifecycle],
        unversioned: Iterable[str],
        now: Callable[[], datetime],
    ) -> None:
        self._scheme = _checked_scheme(scheme)
        self._lifecycle = (lifecycle,) if isinstance(lifecycle, Lifecycle) else tuple(lifecycle)
        _check_versions(self._lifecycle, scheme)
        if isinstance(unversioned, str):
            raise ValueError(f"unversioned={unversioned!r} is a single text; write unversioned=[{unversioned!r}]")
        self._unversioned = tuple(route_pattern(route) for route in unversioned)
        self._now = now
        self._refuses = any(each.refuse_after_sunset for each in self._lifecycle)
        # Of a service's lifecycles few combinations ever apply together, and dates take long to write.
        self._fields = lru_cache(maxsize=256)(lifecycle_fields)

    def decide(self, request: RequestFacts) -> Verdict:
        """Return the application's turn, or the answer without it."""
        if request.method == "OPTIONS" and request.field("access-control-request-method"):
            return _UNTOUCHED
        if self._unversioned:
            subject = f"{request.method} {request.path}"
            if any(pattern.fullmatch(subject) for pattern in self._unversioned):
                return _UNTOUCHED
        judged = self._scheme.judge(request)
        if isinstance(judged, Refusal):
            return self._answer(judged, request)
        if isinstance(judged, Answer):
            return _whole(judged, request)
        return self._lived(judged, request) if self._lifecycle else judged

    def _lived(self, passed: PassOn, request: RequestFacts) -> Verdict:
        applying = tuple(each for each in self._lifecycle if each.concerns(request, passed.version))
        if not applying:
            return passed
        if self._refuses:
            now = self._now()
            over = next((each for each in applying if each.is_over(now)), None)
            if over is not None:
                return self._answer(self._retirement(over, applying, passed, now), request)
        return PassOn(passed.version, passed.headers + self._fields(applying), passed.media_type)

    def _retirement(self, over: Lifecycle, applying: Sequence[Lifecycle], passed: PassOn, now: datetime) -> Refusal:
        # What the answer would have said, but for the version: it is not answered in it.
        said = tuple(field for field in passed.headers if passed.version is None or field[1] != passed.version.text)
        offer: object = getattr(self._scheme, "offer", None)
        gone = {each.version for each in self._lifecycle if each.is_over(now)}
        listed = offer.known.versions if over.version and isinstance(offer, Offer) else ()
        return retirement(over, applying, said, [version.text for version in listed if version.text not in gone])

    def _answer(self, refusal: Refusal, request: RequestFacts) -> Answer:
        media_type, body = self._scheme.render(refusal, request)
        return _whole(Answer(refusal.status, (("Content-Type", media_type), *refusal.headers), body), request)


def _checked_scheme(scheme: VersionScheme) -> VersionScheme:
    """Refuse here what would be an error 500 of every request."""
    given: object = scheme
    if isinstance(given, type) or not all(callable(getattr(given, name, None)) for name in ("judge", "render")):
        raise TypeError(
            "`versions` is a scheme, such as header_versions(versions=[...]), and comes after the application; "
            f"{given!r} is none"
        )
    return scheme


def _check_versions(lifecycles: Iterable[Lifecycle], scheme: VersionScheme) -> None:
    """Refuse what would be said of a version that there is not, and so never."""
    offer: object = getattr(scheme, "offer", None)
    for each in lifecycles:
        if not isinstance(cast("object", each), Lifecycle):
            raise TypeError(f"`lifecycle` is a Lifecycle(...), or a list of them; {each!r} is none")
        if each.version and isinstance(offer, Offer) and offer.spelling(each.version) != each.version:
            raise ValueError(
                f"Lifecycle(version={each.version!r}) is about none of the versions offered: {offer.known}"
            )


def _whole(answer: Answer, request: RequestFacts) -> Answer:
    """Return the answer with its length, and for HEAD without its body (RFC 9110, section 9.3.2)."""
    headers = (*answer.headers, ("Content-Length", str(len(answer.body))))
    return Answer(answer.status, headers, b"" if request.method == "HEAD" else answer.body)
