"""Rules about what pages are called, and about negotiation (PEP 691, RFC 9110)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final
from urllib.parse import quote

from ..answers import HTML_TYPES, JSON_TYPE, Answer, ListAnswer, Negotiation, PageAnswer, Subject, Summary
from ..levels import Level, Serialization
from ..pages import HtmlPage, JsonPage, version_of
from .base import Rule

__all__ = ["ASKED_HTML", "ASKED_JSON", "ASKED_LATEST", "ASKED_UNKNOWN", "BY_PARAMETER", "HEAD", "NEGOTIATION_RULES"]

# What pages are asked for with; a rule finds the answers by these.
ASKED_JSON: Final = f"{JSON_TYPE}, {HTML_TYPES[0]};q=0.1, text/html;q=0.1"
ASKED_HTML: Final = f"{HTML_TYPES[0]}, text/html;q=0.9, {JSON_TYPE};q=0.1"
ASKED_LATEST: Final = "application/vnd.pypi.simple.latest+json"
ASKED_UNKNOWN: Final = "application/vnd.pypi.simple.v999+json"
BY_PARAMETER: Final = f"?format={quote(JSON_TYPE)}"
HEAD: Final = "HEAD"


_JSON_ANSWER: Final = Answer.of(content_type=JSON_TYPE)
_HTML_ANSWER: Final = Answer.of(content_type="text/html; charset=utf-8")


class HasList(Rule[ListAnswer]):
    id = "list"
    source = "PEP 503"
    level = Level.MUST
    text = "The URL of the index is the page that lists its projects."
    subject = ListAnswer
    good = (ListAnswer(Answer.of(content_type="text/html")),)
    bad = (ListAnswer(Answer.of(404)),)

    def breaches(self, subject: ListAnswer, /) -> Iterator[str]:
        if subject.answer.status != 200:
            yield f"the answer is {subject.answer.outcome}"


class ContentType(Rule[PageAnswer]):
    id = "content-type"
    source = "PEP 691"
    level = Level.MUST
    text = f"A page says what it is: `{JSON_TYPE}`, `{HTML_TYPES[0]}` or `text/html`."
    subject = PageAnswer
    good = (PageAnswer(_JSON_ANSWER), PageAnswer(_HTML_ANSWER), PageAnswer.of(406))
    bad = (
        PageAnswer.of(),
        PageAnswer.of(content_type="application/json"),
        PageAnswer.of(content_type="application/vnd.pypi.simple.latest+json"),
    )

    def breaches(self, subject: PageAnswer, /) -> Iterator[str]:
        if subject.answer.status == 200 and subject.answer.serialization is None:
            yield f"it says {subject.answer.headers.get('Content-Type')!r}"


class TypeFitsBody(Rule[PageAnswer]):
    id = "content-type-version"
    source = "PEP 691"
    level = Level.MUST
    text = "The major version of the type is the one that the page says."
    subject = PageAnswer
    good = (PageAnswer.of(content_type=JSON_TYPE, body='{"meta": {"api-version": "1.4"}}'),)
    bad = (PageAnswer.of(content_type=JSON_TYPE, body='{"meta": {"api-version": "2.0"}}'),)

    def applies(self, subject: PageAnswer, /) -> bool:
        return subject.answer.media_type in (JSON_TYPE, HTML_TYPES[0])

    def breaches(self, subject: PageAnswer, /) -> Iterator[str]:
        answer = subject.answer
        is_json = answer.serialization is Serialization.JSON
        page = JsonPage.read(answer, "") if is_json else HtmlPage.read(answer, "")
        said = version_of(page.said_version)
        if said is not None and said[0] != 1:
            yield f"the type is {answer.media_type}, and the page says {page.said_version}"


class HasJson(Rule[Summary]):
    id = "json"
    source = "PEP 691"
    level = Level.MAY
    text = "Pages can be had in JSON, which alone has sizes, upload times and versions."
    subject = Summary
    good = (Summary(has_json=True, has_html=False),)
    bad = (Summary(has_json=False, has_html=True),)

    def breaches(self, subject: Summary, /) -> Iterator[str]:
        if not subject.has_json:
            yield "they cannot"


class _NegotiationRule(Rule[Negotiation]):
    source = "PEP 691"
    subject: ClassVar[type[Subject]] = Negotiation


class Prefers(_NegotiationRule):
    id = "accept-quality"
    level = Level.SHOULD
    text = "Of two serializations that a client takes, it gets the one that it prefers (`;q=`)."
    good = (Negotiation({ASKED_JSON: _JSON_ANSWER, ASKED_HTML: _HTML_ANSWER}),)
    bad = (Negotiation({ASKED_JSON: _HTML_ANSWER, ASKED_HTML: _HTML_ANSWER}),)

    def applies(self, subject: Negotiation, /) -> bool:
        return subject.has_json and subject.has_html and {ASKED_JSON, ASKED_HTML} <= subject.asked.keys()

    def breaches(self, subject: Negotiation, /) -> Iterator[str]:
        for asked, wanted in ((ASKED_JSON, Serialization.JSON), (ASKED_HTML, Serialization.HTML)):
            got = subject.asked[asked]
            if got.serialization is not wanted:
                yield f"{wanted} was preferred, {got.outcome} came"


class UnknownType(_NegotiationRule):
    id = "accept-unknown"
    level = Level.MUST
    text = "Asked only for a type that it does not have, the index answers 406, or with a page of a type that it has."
    good = (Negotiation({ASKED_UNKNOWN: Answer.of(406)}), Negotiation({ASKED_UNKNOWN: _HTML_ANSWER}))
    bad = (
        Negotiation({ASKED_UNKNOWN: Answer.of(500)}),
        Negotiation({ASKED_UNKNOWN: Answer.of(content_type=ASKED_UNKNOWN)}),
    )

    def applies(self, subject: Negotiation, /) -> bool:
        return ASKED_UNKNOWN in subject.asked

    def breaches(self, subject: Negotiation, /) -> Iterator[str]:
        got = subject.asked[ASKED_UNKNOWN]
        if got.status not in (300, 406) and not (got.status == 200 and got.serialization):
            yield f"the answer is {got.outcome}"


class NoChoices(_NegotiationRule):
    id = "accept-choices"
    level = Level.SHOULD
    text = "It never answers 300, since no client can choose."
    good = (Negotiation({ASKED_UNKNOWN: Answer.of(406)}),)
    bad = (Negotiation({ASKED_UNKNOWN: Answer.of(300)}),)

    def breaches(self, subject: Negotiation, /) -> Iterator[str]:
        for asked, got in subject.asked.items():
            if got.status == 300:
                yield f"asked for {asked}, it does"


class Latest(_NegotiationRule):
    id = "accept-latest"
    level = Level.MUST
    text = "Asked for `latest`, the index answers with the type of the version that it sends."
    good = (Negotiation({ASKED_LATEST: _JSON_ANSWER}),)
    bad = (Negotiation({ASKED_LATEST: Answer.of(content_type=ASKED_LATEST)}),)

    def applies(self, subject: Negotiation, /) -> bool:
        return ASKED_LATEST in subject.asked and subject.asked[ASKED_LATEST].status == 200

    def breaches(self, subject: Negotiation, /) -> Iterator[str]:
        if "latest" in (got := subject.asked[ASKED_LATEST].media_type):
            yield f"it says {got}"


class FormatParameter(_NegotiationRule):
    id = "format-parameter"
    level = Level.MAY
    text = "`?format=` chooses the serialization, for people with a browser."
    good = (Negotiation({BY_PARAMETER: _JSON_ANSWER}),)
    bad = (Negotiation({BY_PARAMETER: _HTML_ANSWER}), Negotiation({BY_PARAMETER: Answer.of(400)}))

    def applies(self, subject: Negotiation, /) -> bool:
        return BY_PARAMETER in subject.asked and subject.has_json and subject.has_html

    def breaches(self, subject: Negotiation, /) -> Iterator[str]:
        if subject.asked[BY_PARAMETER].serialization is not Serialization.JSON:
            yield "it does not"


class Varies(_NegotiationRule):
    id = "vary"
    source = "RFC 9110, 12.5.5"
    level = Level.SHOULD
    text = "Answers that depend on `Accept` say so in `Vary`: without it a cache gives JSON to who asked for HTML."
    good = (Negotiation({ASKED_JSON: Answer.of(content_type=JSON_TYPE, vary="Accept-Encoding, accept")}),)
    bad = (Negotiation({ASKED_JSON: _JSON_ANSWER}),)

    def applies(self, subject: Negotiation, /) -> bool:
        return subject.has_json and subject.has_html and ASKED_JSON in subject.asked

    def breaches(self, subject: Negotiation, /) -> Iterator[str]:
        vary = subject.asked[ASKED_JSON].headers.get("Vary", "")
        if not {"accept", "*"} & {name.strip().lower() for name in vary.split(",")}:
            yield f"`Vary` is {vary!r}" if vary else "there is no `Vary`"


class AnswersHead(_NegotiationRule):
    id = "head"
    source = "RFC 9110, 9.1"
    level = Level.MUST
    text = "HEAD is answered as GET is, without a body."
    good = (Negotiation({HEAD: Answer.of(200)}),)
    bad = (Negotiation({HEAD: Answer.of(405)}), Negotiation({HEAD: Answer.of(501)}))

    def applies(self, subject: Negotiation, /) -> bool:
        return HEAD in subject.asked

    def breaches(self, subject: Negotiation, /) -> Iterator[str]:
        if subject.asked[HEAD].status != 200:
            yield f"the answer is {subject.asked[HEAD].outcome}"


NEGOTIATION_RULES: Final[tuple[Rule[Any], ...]] = (
    HasList(),
    ContentType(),
    TypeFitsBody(),
    HasJson(),
    Prefers(),
    UnknownType(),
    NoChoices(),
    Latest(),
    FormatParameter(),
    Varies(),
    AnswersHead(),
)
