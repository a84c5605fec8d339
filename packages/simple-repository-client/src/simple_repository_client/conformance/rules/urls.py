"""Rules about URLs and about conditional requests (PEP 503, RFC 9110)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

from ..answers import Answer, MissingAnswer, PageAnswer, Revalidation, Spelling
from ..levels import Level, Serialization
from .base import Rule

__all__ = ["URL_RULES"]

_DATE: Final = "Sat, 21 Nov 2026 08:00:00 GMT"


class EndsWithSlash(Rule[PageAnswer]):
    id = "url-slash"
    source = "PEP 503"
    level = Level.MUST
    text = "The URL of a page ends with a slash: links are relative to it."
    subject = PageAnswer
    good = (PageAnswer.of(content_type="text/html"),)
    bad = (PageAnswer.of(content_type="text/html", url="https://index.example/simple/holygrail"),)

    def applies(self, subject: PageAnswer, /) -> bool:
        return subject.answer.serialization is Serialization.HTML

    def breaches(self, subject: PageAnswer, /) -> Iterator[str]:
        url = subject.answer.url.partition("?")[0]
        if not url.endswith("/"):
            yield f"it is {url}"


class WithoutSlash(Rule[Spelling]):
    id = "url-without-slash"
    source = "PEP 503"
    level = Level.SHOULD
    text = "A URL without the slash at its end redirects to the one with it."
    subject = Spelling
    good = (Spelling(Answer.of(308, location="/simple/holygrail/")),)
    bad = (Spelling(Answer.of(200)), Spelling(Answer.of(404)), Spelling(Answer.of(302, location="/login")))

    def applies(self, subject: Spelling, /) -> bool:
        return subject.variant == "without slash"

    def breaches(self, subject: Spelling, /) -> Iterator[str]:
        if not subject.leads_home:
            yield f"the answer is {subject.answer.outcome}"


class NotNormalized(Rule[Spelling]):
    id = "url-not-normalized"
    source = "PEP 503"
    level = Level.MAY
    text = "A name that is not normalized redirects to the one that is; clients do not rely on it."
    subject = Spelling
    good = (Spelling(Answer.of(301, location="/simple/holygrail/"), variant="not normalized"),)
    bad = (Spelling(Answer.of(404), variant="not normalized"),)

    def applies(self, subject: Spelling, /) -> bool:
        return subject.variant == "not normalized"

    def breaches(self, subject: Spelling, /) -> Iterator[str]:
        if not subject.leads_home:
            yield f"the answer is {subject.answer.outcome}"


class Missing(Rule[MissingAnswer]):
    id = "missing"
    source = "RFC 9110, 15.5.5"
    level = Level.SHOULD
    text = (
        "A project that the index does not have is 404: sent on to another index, clients get what nobody here chose."
    )
    subject = MissingAnswer
    good = (MissingAnswer(Answer.of(404)),)
    bad = (
        MissingAnswer(Answer.of(200, content_type="text/html")),
        MissingAnswer(Answer.of(302, location="https://another.example/simple/no-such-project/")),
    )

    def breaches(self, subject: MissingAnswer, /) -> Iterator[str]:
        answer = subject.answer
        if answer.status != 404:
            to = f", to {answer.headers['Location']}" if "Location" in answer.headers else ""
            yield f"the answer is {answer.outcome}{to}"


class HasValidator(Rule[Revalidation]):
    id = "validator"
    source = "RFC 9110, 8.8"
    level = Level.SHOULD
    text = "A page has an `ETag` or a `Last-Modified`, so that nobody has to fetch it again to see that it is the same."
    subject = Revalidation
    good = (Revalidation(Answer.of(etag='"1"')), Revalidation(Answer.of(last_modified=_DATE)))
    bad = (Revalidation(Answer.of()),)

    def breaches(self, subject: Revalidation, /) -> Iterator[str]:
        if not subject.first.headers.keys() & {"ETag", "Last-Modified"}:
            yield "it has neither"


class AnswersConditions(Rule[Revalidation]):
    id = "validator-heeded"
    source = "RFC 9110, 13.1"
    level = Level.MUST
    text = "Asked with the `ETag` that it gave, an index whose page is the same answers 304."
    subject = Revalidation
    good = (
        Revalidation(Answer.of(etag='"1"'), Answer.of(304)),
        Revalidation(Answer.of(etag='"1"'), Answer.of(etag='"2"')),
    )
    bad = (Revalidation(Answer.of(etag='"1"'), Answer.of(200, etag='"1"')),)

    def applies(self, subject: Revalidation, /) -> bool:
        return subject.again is not None and "ETag" in subject.first.headers

    def breaches(self, subject: Revalidation, /) -> Iterator[str]:
        again = cast("Answer", subject.again)
        if again.status != 304 and again.headers.get("ETag") == subject.first.headers["ETag"]:
            yield f"it answers {again.status}, with the same `ETag`"


class AnswersDates(Rule[Revalidation]):
    id = "validator-date-heeded"
    source = "RFC 9110, 13.1.3"
    level = Level.SHOULD
    text = (
        "Asked with the `Last-Modified` that it gave, without an `ETag`, an index whose page is the same answers 304."
    )
    subject = Revalidation
    good = (Revalidation(Answer.of(last_modified=_DATE), Answer.of(304)),)
    bad = (Revalidation(Answer.of(last_modified=_DATE), Answer.of(200, last_modified=_DATE)),)

    def applies(self, subject: Revalidation, /) -> bool:
        return subject.again is not None and "ETag" not in subject.first.headers

    def breaches(self, subject: Revalidation, /) -> Iterator[str]:
        again = cast("Answer", subject.again)
        if again.status != 304 and again.headers.get("Last-Modified") == subject.first.headers["Last-Modified"]:
            yield f"it answers {again.status}, with the same `Last-Modified`"


URL_RULES: Final[tuple[Rule[Any], ...]] = (
    EndsWithSlash(),
    WithoutSlash(),
    NotNormalized(),
    Missing(),
    HasValidator(),
    AnswersConditions(),
    AnswersDates(),
)
