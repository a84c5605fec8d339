"""What methods return and raise: on failures, page by page, and poll by poll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.running.records import Answer, Attempt, Fault
from clientsmith.guidelines.running.runner import Runner
from clientsmith.guidelines.verdicts import Problem, Verdict, judged, problem

__all__ = ["exception_on_failure", "paged_protocol", "poller"]

_STATUSES: Final = (400, 401, 403, 404, 409, 412, 429, 500, 503)
# What is gone already is deleted, see client-service-verbs; and that there is none is an answer too.
_GONE_IS_FINE: Final = ("delete", "remove", "find", "try", "discard")


def exception_on_failure(runner: Runner) -> Verdict:
    """`response-exception-on-failure`: whoever could not do the work raises."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.driven:
        silent = [
            what for what, answers in _failures(runner, client, method) if _succeeds(runner, client, method, answers)
        ]
        if silent:  # one finding a method: nobody mends them status by status
            problems.append(problem(method.file, method.node, f"{method.name} has to raise on {', '.join(silent)}"))
        evidence.append(method.name)
    return judged(problems, evidence, nothing=runner.nothing("there is no method"))


def _failures(runner: Runner, client: ClientSource, method: Method) -> Iterator[tuple[str, Sequence[Answer]]]:
    passed_over = _passed_over(method)
    for status in _STATUSES:
        if status not in passed_over:
            yield str(status), [Answer(status, json={})]
    yield "a service that cannot be reached", [Answer(fault=Fault.REFUSED)]
    yield "a connection that breaks off", [Answer(fault=Fault.DROPPED)]
    first, *more = runner.success(client, method) or (Answer(204),)
    if _reads_an_answer(runner, client, method, first):
        yield "an answer that breaks off", [Answer(first.status, first.json, first.headers, fault=Fault.CUT_SHORT)]
    if more and method.is_pager:
        yield "a second page that fails", [first, Answer(500, json={})]
    if more and method.is_poller:
        yield "a poll that fails", [first, Answer(500, json={})]
    if method.is_poller and (badly := runner.failing_poll(method)):
        yield "an operation that ends badly", badly


def _passed_over(method: Method) -> set[int]:
    """Return the statuses that may be an answer, by what the name of the method asks for."""
    verb = method.name.removeprefix("begin_").split("_")[0]
    missing = verb in _GONE_IS_FINE or method.name.endswith(("exists", "_if_present", "_or_none"))
    found = {404} if missing else set[int]()
    if verb == "exists" or method.name.endswith("_exists"):
        found |= {409, 412}  # it is there, and otherwise than was asked for
    if "if_not_exists" in method.name or verb == "ensure":
        found |= {409, 412}
    # Whether it is so is what the caller asks: a no of the service is an answer.
    if method.returned == ["bool"] and verb in ("is", "has", "check", "validate", "verify", "can"):
        found |= set(_STATUSES)
    return found


def _reads_an_answer(runner: Runner, client: ClientSource, method: Method, first: Answer) -> bool:
    """Whether there is a body that the method cannot do without."""
    if first.json is None or method.returned in (["None"], ["bool"]):
        return False
    return all(request.method != "HEAD" for request in runner.call(client, method).requests)


def _succeeds(runner: Runner, client: ClientSource, method: Method, answers: Sequence[Answer]) -> bool:
    attempt = runner.call(client, method, answers)
    # Who never asked for the failure, the second page or the next poll, did not pass it over.
    asked = len(attempt.requests) >= len(answers) or answers[0].fault is Fault.REFUSED
    return attempt.is_good and asked


def paged_protocol(runner: Runner) -> Verdict:
    """`response-paged-protocol`: a pager sends nothing before it is read, and gives all pages."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.succeeding:
        if not method.is_pager or (method.is_async and runner.package.profile is CLIENTSMITH):
            continue
        broken = _broken_paging(runner, client, method)
        problems += [problem(method.file, method.node, f"{method.name}: {what}") for what in broken]
        evidence.append(method.name)
    return judged(problems, evidence, nothing=runner.nothing("no method returns a pager"))


def _broken_paging(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    walked = runner.call(client, method, way="pages")
    if walked.unmade:
        return
    if walked.error is not None:
        yield f"walking over its pages raises {walked.error}"
        return
    if not walked.facts["has_by_page"]:
        if runner.package.profile.has_core:
            yield "what it returns has no by_page()"
        return
    if walked.facts["sent_early"]:
        yield "it sends something before it is iterated"
    if runner.package.profile is CLIENTSMITH:
        yield from _lost_pages(runner, client, method, walked)


def _lost_pages(runner: Runner, client: ClientSource, method: Method, walked: Attempt) -> Iterator[str]:
    """Of our own pagers the answers are known: how many pages they make, and what is in them."""
    answers, items = runner.success(client, method), runner.call(client, method)
    if items.result is None:
        yield f"iterating it raises {items.error}"
        return
    sizes = walked.facts["page_sizes"]
    if not sizes or not sizes[0]:
        yield "the first page of by_page() is not the first page"
    if len(items.result.plain) != sum(sizes):
        yield "it does not give the items of all pages"
    if len(items.requests) != len(answers) and len(items.requests) < 2:
        yield "it stops after the first page"


def poller(runner: Runner) -> Verdict:
    """`lro-poller`: what a long running operation returns can be waited for, asked, called back by and resumed."""
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in runner.succeeding:
        if not method.is_poller:
            continue
        problems += [
            problem(method.file, method.node, f"{method.name}: {what}")
            for what in _broken_polling(runner, client, method)
        ]
        evidence.append(method.name)
    return judged(problems, evidence, nothing=runner.nothing("no operation of the service is long running"))


def _broken_polling(runner: Runner, client: ClientSource, method: Method) -> Iterator[str]:
    walked = runner.call(client, method, way="poll")
    if walked.unmade:
        return
    if walked.error is not None:
        yield f"waiting for it raises {walked.error}"
        return
    # The async pollers of other bases are awaited, and call nobody back.
    excused = (
        {"add_done_callback"} if runner.side.is_async and runner.package.profile is not CLIENTSMITH else set[str]()
    )
    missing = [name for name in walked.facts["missing"] if name not in excused]
    if missing:
        yield f"its poller has no {', '.join(missing)}"
    elif runner.package.profile is CLIENTSMITH:
        yield from _lost_polls(runner, client, method, walked)


def _lost_polls(runner: Runner, client: ClientSource, method: Method, walked: Attempt) -> Iterator[str]:
    answers = runner.success(client, method)
    has_more = len(answers) > 1  # else it has ended with its first answer
    if walked.facts["early"] and has_more:
        yield "it says done before it is"
    if not walked.facts["done"] or walked.facts["called_back"] != 1:
        yield "done() and the callback have to tell the end"
    if not has_more:
        return
    resumed = runner.call(client, method, answers[1:], continuation_token=walked.facts["token"])
    if not resumed.is_good:
        yield f"it cannot be resumed: {resumed.error or resumed.unmade}"
    first = [(each.method, each.url) for each in walked.requests[:1]]
    if [(each.method, each.url) for each in resumed.requests[:1]] == first:
        yield "with a continuation_token it begins anew"
