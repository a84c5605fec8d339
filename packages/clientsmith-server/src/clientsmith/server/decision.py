"""The one decision: pure, from the facts of a request to an answer or to what the application is told.

1. What is none of its business passes untouched: paths listed as ``unversioned``, and CORS preflights, which a browser
   sends without the header fields that it asks about.
2. The scheme judges: a document of its own, a refusal, or a version.
3. What has a version gets the lifecycle of it, of its route and of the whole application; past its sunset it is refused
   with 410, if that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache

from .lifecycle import Lifecycle, lifecycle_fields, retirement, route_pattern
from .offer import Offer
from .values import Answer, PassOn, Refusal, RequestFacts, Verdict, VersionScheme

__all__ = ["Negotiation", "utc_now"]

_UNTOUCHED = PassOn()


def utc_now() -> datetime:
    """Return the time, for who brings no other clock."""
    return datetime.now(UTC)


class Negotiation:
    """What both faces ask. It holds no state of a request."""

    def __init__(
        self,
        scheme: VersionScheme,
        lifecycle: Lifecycle | Iterable[Lifecycle],
        unversioned: Iterable[str],
        now: Callable[[], datetime],
    ) -> None:
        self._scheme = scheme
        self._lifecycle = (lifecycle,) if isinstance(lifecycle, Lifecycle) else tuple(lifecycle)
        _check_versions(self._lifecycle, scheme)
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
                subject = f"API version {over.version}" if over.version else over.route or "this API"
                refusal = retirement(over, applying, subject)
                vary = tuple(each for each in passed.headers if each[0] == "Vary")
                return self._answer(
                    Refusal(refusal.status, refusal.code, refusal.detail, refusal.members, refusal.headers + vary),
                    request,
                )
        return PassOn(passed.version, passed.headers + self._fields(applying), passed.media_type)

    def _answer(self, refusal: Refusal, request: RequestFacts) -> Answer:
        media_type, body = self._scheme.render(refusal, request)
        return _whole(Answer(refusal.status, (("Content-Type", media_type), *refusal.headers), body), request)


def _check_versions(lifecycles: Iterable[Lifecycle], scheme: VersionScheme) -> None:
    """Refuse what would be said of a version that there is not, and so never."""
    offer: object = getattr(scheme, "offer", None)
    for each in lifecycles:
        if each.version and isinstance(offer, Offer) and offer.spelling(each.version) != each.version:
            raise ValueError(
                f"Lifecycle(version={each.version!r}) is about none of the versions offered: {offer.known}"
            )


def _whole(answer: Answer, request: RequestFacts) -> Answer:
    """Return the answer with its length, and for HEAD without its body (RFC 9110, section 9.3.2)."""
    headers = (*answer.headers, ("Content-Length", str(len(answer.body))))
    return Answer(answer.status, headers, b"" if request.method == "HEAD" else answer.body)
