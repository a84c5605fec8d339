"""What an answer says about versions, judged: refusals, the version executed, the end of things."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from .._error_bodies import json_object
from .errors import ApiRetiredError, ApiVersionRefusedError, MalformedVersionError, VersionMismatchError
from .lifecycle import ApiLifecycleNotice, read_lifecycle
from .model import Advertised
from .senders import InHeader, InQuery
from .sources import ErrorBody, Evidence
from .versions import ApiVersion, VersionFormat

if TYPE_CHECKING:
    from ..rest import HttpRequest, HttpResponse
    from ._telling import LifecycleHook
    from .negotiator import Negotiator

__all__ = ["judge", "key_of", "notices"]


def notices(request: HttpRequest, response: HttpResponse) -> list[ApiLifecycleNotice]:
    """Return what the answer says about the end of what was called.

    Raises:
        ApiRetiredError: It is over: a 410 that says so, by a date that has passed or in its own way.
    """
    what = request.call.template or request.url.partition("?")[0]
    found = read_lifecycle(response.headers, subject=f"{request.method} {what}", url=request.url)
    if response.status_code == 410:
        # A 410 alone is about one resource that is gone, also where the operation is deprecated.
        over = next((notice for notice in found if _is_over(notice)), None)
        if over is not None:
            since = over.until or over.since
            day = f"{since:%Y-%m-%d}" if since is not None else ""
            raise ApiRetiredError(over.message, response=response, since=day, link=over.link)
    return found


# A segment of a path with a number in it, a name that somebody gave or an id; but not a version.
_NUMBERED: Final = re.compile(r"/(?!v[0-9.]+(?:/|$))[^/]*[0-9][^/]*")


def key_of(notice: ApiLifecycleNotice, request: HttpRequest) -> tuple[object, ...]:
    """Return what makes a notice the same as one that was told before.

    An operation is known by its template. A request that was put together by hand has none, and there an address with
    other numbers is the same: a loop over a thousand jobs is told once.
    """
    if request.call.template:
        return notice.key
    return notice._replace(subject=_NUMBERED.sub("/*", notice.subject)).key


def _is_over(notice: ApiLifecycleNotice) -> bool:
    return notice.kind == "hard_eol" or (notice.until is not None and notice.until <= datetime.now(UTC))


def judge(
    negotiator: Negotiator, request: HttpRequest, response: HttpResponse, hook: LifecycleHook | None = None
) -> None:
    """Judge the version that an answer says.

    Raises:
        ApiVersionRefusedError: The service refused the version.
        VersionMismatchError: It executed another one than was sent.
        ApiVersionError: The answer is in a version that cannot be understood.
    """
    scheme, status = negotiator.scheme, response.status_code
    said_by_request = negotiator.said(request)
    # What the operations' paths were written with all of them say, and so none; it can be refused all the same.
    sent = said_by_request or request.call.version
    if status in scheme.refused_with and sent is not None:
        # What a refusal echoes is no version that anything was executed in: nova repeats the refused one.
        refused, advertised = _refusal(negotiator, response, sent, is_written=said_by_request is None)
        if refused:
            offer = "" if advertised is None else str(advertised)
            raise ApiVersionRefusedError(sent, offer, response=response, advertised=advertised)
        return
    if not response.is_success:
        return
    for said in [said for source in scheme.answers if (said := source.read(response)) is not None]:
        if not scheme.policy.executes_what_was_sent or said.current is None:
            negotiator.judge(said, subject=said.source, hook=hook)
        elif sent is not None and not _are_equal(said.current, sent):
            raise VersionMismatchError(sent, said.current.text, source=said.source, response=response)


def _are_equal(version: ApiVersion, text: str) -> bool:
    other = _version(text, version.format)
    return version == other if other is not None else version.text.lower() == text.lower()


def _refusal(
    negotiator: Negotiator, response: HttpResponse, sent: str, *, is_written: bool
) -> tuple[bool, Advertised | None]:
    """Return whether an answer refuses the version, and what it says about those that there are.

    ``is_written`` says that all paths of the API have the version: then any words may quote it.
    """
    scheme, status = negotiator.scheme, response.status_code
    url = response.request.url
    is_sure = status in scheme.always_refuses
    advertised = next((said for source in scheme.refusals if (said := source.read(response)) is not None), None)
    if advertised is None:
        name = scheme.sender.name if isinstance(scheme.sender, InHeader | InQuery) else ""
        # What is not there (404) may have a version of its own.
        evidence: Evidence = "code" if is_written else "API version" if status == 404 else "words"
        source = ErrorBody(scheme.known.format, sent, name, evidence)
        advertised = source.read_document(_document_in(response), url)
    if advertised is None:
        return is_sure, None
    # What says which versions it takes, and takes the one that was sent, refuses something else: ironic's 406 of a
    # field that came with a later version.
    return (False, None) if _takes(advertised, sent) else (True, advertised)


def _document_in(response: HttpResponse) -> Mapping[str, Any] | None:
    """Return the body of an error: an object, or the text that it is (Azure Storage: XML) as the words of one."""
    content = response._content or b""  # None while it is on the wire
    document = json_object(content)
    is_text = document is None and response.content_type.startswith(("text/plain", "text/xml", "application/xml"))
    return {"message": content[:4000].decode(errors="replace")} if is_text else document


def _takes(advertised: Advertised, sent: str) -> bool:
    """Whether what a service says that it speaks has the version that was sent."""
    if advertised.versions:
        return any(_are_equal(version, sent) for version in advertised.versions)
    bound = advertised.newest or advertised.oldest
    version = None if bound is None else _version(sent, bound.format)
    return version is not None and (advertised.oldest or version) <= version <= (advertised.newest or version)


def _version(text: str, format: VersionFormat) -> ApiVersion | None:
    try:
        return ApiVersion(text, format)
    except MalformedVersionError:
        return None
