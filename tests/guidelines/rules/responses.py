"""Rules about what methods return, and what they raise instead: single answers, pages, long running operations."""

from __future__ import annotations

from typing import Any, Final

from clientsmith.core.errors import ServiceRequestError, ServiceResponseError
from clientsmith.core.testing import Answer
from clientsmith.model.ir import AnyShape

from .package import ClientSource, Method, Package, Side
from .rule import side_rule
from .running import Runner, settle
from .verdicts import Problem, Verdict, judged, problem

__all__ = ["lro_poller", "response_exception_on_failure", "response_logical_entity", "response_paged_protocol"]

_PROTOCOL_TYPES: Final = frozenset(
    {"HttpResponse", "Response", "PipelineResponse", "AsyncHttpResponse", "Any", "tuple"}
)
_SAY_NOTHING: Final = (AnyShape(), None)
_POLLER_METHODS: Final = ("result", "wait", "status", "done", "add_done_callback", "continuation_token")


@side_rule("response-logical-entity", "S", "Methods return what the caller is after, not the response that carried it.")
def response_logical_entity(side: Side) -> Verdict:
    problems: list[Problem] = []
    for client, method in side.methods:
        names = method.returned_names
        if _says_nothing(side.package, client, method) or method.returns.startswith("_models."):
            continue
        if not method.returns:
            problems.append(problem(method.file, method.node, f"{method.name}: say what it returns"))
        elif _PROTOCOL_TYPES & set(names[:1]):
            hint = f"{method.name} returns {method.returns}: return the entity that the answer stands for"
            problems.append(problem(method.file, method.node, hint))
    return judged(problems, [f"{m.name} -> {m.returns}" for _, m in side.methods], nothing="there is no method")


def _says_nothing(package: Package, client: ClientSource, method: Method) -> bool:
    """Whether nobody knows what comes: the document has no schema of it."""
    described = package.said_of(client, method)
    return described is not None and method.returns == "Any" and described.result in _SAY_NOTHING


@side_rule(
    "response-exception-on-failure",
    "R",
    "A method that could not do its work raises, whether the service said no or said nothing.",
)
def response_exception_on_failure(side: Side) -> Verdict:
    problems: list[Problem] = []
    runner = Runner(side)
    for client, method in side.called:
        silent = [
            what for what, answers in _failures(runner, client, method) if _succeeds(runner, client, method, answers)
        ]
        problems += [problem(method.file, method.node, f"{method.name} has to raise on {what}") for what in silent]
    return judged(problems, [m.name for _, m in side.methods], nothing="there is no method")


def _failures(runner: Runner, client: ClientSource, method: Method) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = [
        (str(status), [Answer(status, json={})]) for status in (400, 401, 403, 404, 409, 412, 429, 500, 503)
    ]
    if method.name.startswith("delete_") or method.name.endswith("_exists"):
        # What is gone already is deleted, see client-service-verbs; and that there is none is an answer too.
        found = [failure for failure in found if failure[0] != "404"]
    found.append(("a service that cannot be reached", [ServiceRequestError("refused", is_unsent=True)]))
    found.append(("an answer that breaks off", [ServiceResponseError("cut short")]))
    first, *more = runner.success(client, method) or [Answer(204)]
    if more and method.is_pager:
        found.append(("a second page that fails", [first, Answer(500, json={})]))
    if more and method.is_poller:
        found.append(("a poll that fails", [first, Answer(500, json={})]))
    if method.is_poller and (badly := runner.failing_poll(client, method)):
        found.append(("an operation that ends badly", list(badly)))
    return found


def _succeeds(runner: Runner, client: ClientSource, method: Method, answers: list[Any]) -> bool:
    attempt = runner.call(client, method, answers, max_retries=0)
    if isinstance(attempt.error, AssertionError):  # the script is over: the failure was passed over
        return True
    return attempt.error is None


@side_rule(
    "response-paged-protocol",
    "SR",
    "A method that lists things returns a pager: iterable item by item, and page by page with `by_page()`.",
)
def response_paged_protocol(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.called:
        if not method.name.startswith("list_"):
            continue
        if not method.is_pager and side.package.calls_itself(client, method):
            continue  # `listKeys` of Azure gives one thing: the word is the service's
        if not method.is_pager or method.is_async:
            hint = f"{method.name}: return an ItemPaged from a plain `def`, so that nothing is sent before it is used"
            problems.append(problem(method.file, method.node, hint))
            continue
        broken = _broken_paging(Runner(side), client, method)
        problems += [problem(method.file, method.node, f"{method.name}: {what}") for what in broken]
        evidence.append(method.name)
    return judged(problems, evidence, nothing="the service lists nothing")


def _broken_paging(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    answers = runner.success(client, method)
    transport = runner.transport(*answers)
    pager = getattr(runner.client(client, transport=transport), method.name)(**runner.arguments(client, method))
    early = bool(transport.requests)
    items = runner.call(client, method)
    if items.error is not None:
        return [f"iterating it raises {items.error}"]
    pages = settle(_pages_of(pager)) if runner.is_async else [list(page) for page in pager.by_page()]
    in_pages = [item for page in pages for item in page]
    return [
        *(["sends something before it is iterated"] if early else []),
        *([] if pages and pages[0] else ["the first page of by_page() is not the first page"]),
        *([] if items.result == in_pages else ["it does not give the items of all pages"]),
        *([] if len(items.requests) == len(answers) or len(items.requests) > 1 else ["it stops after the first page"]),
    ]


async def _pages_of(pager: Any) -> list[list[Any]]:
    return [list(page) async for page in pager.by_page()]


@side_rule(
    "lro-poller",
    "SR",
    "A long running operation is a `begin_` method that returns a poller: result, wait, status, done, callbacks, a token.",
)
def lro_poller(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client, method in side.called:
        if not (method.name.startswith("begin_") or method.is_poller):
            continue
        if not method.is_poller or not method.name.startswith("begin_"):
            hint = f"{method.name}: prefix it with begin_ and return an LROPoller"
            problems.append(problem(method.file, method.node, hint))
            continue
        broken = _broken_polling(Runner(side), client, method)
        problems += [problem(method.file, method.node, f"{method.name}: {what}") for what in broken]
        evidence.append(method.name)
    return judged(problems, evidence, nothing="no operation of the service is long running")


def _broken_polling(runner: Runner, client: ClientSource, method: Method) -> list[str]:
    transport = runner.transport(*runner.success(client, method))
    instance = runner.client(client, transport=transport)
    poller = settle(getattr(instance, method.name)(**runner.arguments(client, method)))
    missing = [name for name in _POLLER_METHODS if not callable(getattr(poller, name, None))]
    if missing:
        return [f"its poller has no {', '.join(missing)}"]
    finished: list[Any] = []
    poller.add_done_callback(finished.append)
    early, token = poller.done(), poller.continuation_token()
    settle(poller.result())
    has_more = len(runner.success(client, method)) > 1  # else it has ended with its first answer
    resumed = runner.call(client, method, runner.success(client, method)[1:], continuation_token=token)
    begins_anew = [(r.method, r.url) for r in resumed.requests[:1]] == [
        (r.method, r.url) for r in transport.requests[:1]
    ]
    return [
        *(["it says done before it is"] if early and has_more else []),
        *([] if poller.done() and finished == [poller] else ["done() and the callback have to tell the end"]),
        *([f"it cannot be resumed: {resumed.error}"] if resumed.error is not None and has_more else []),
        *(["with a continuation_token it begins anew"] if begins_anew else []),
    ]
