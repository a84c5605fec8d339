"""Rules about what methods return, and what they raise instead: single answers, pages, long running operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clientsmith.guidelines.annotations import annotation_names
from clientsmith.guidelines.examples import ONE_METHOD, Example
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.rule import RunRule, SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import ClassSource
from clientsmith.guidelines.verdicts import Problem, Verdict, judged, problem
from clientsmith.model.ir import AnyShape

__all__ = ["LroPoller", "ResponseExceptionOnFailure", "ResponseLogicalEntity", "ResponsePagedProtocol"]

# What pagers of libraries without a common base have to get at the next page.
_TURNS: Final = frozenset({"by_page", "iter_pages", "get_next_page", "next_page", "next_page_info", "auto_paging_iter"})
_NOTHING: Final = "there is no method"
# What carries an answer; a class of the package with such a name may well be what the service calls its thing.
_CARRIERS: Final = frozenset(
    {
        "HttpResponse",
        "AsyncHttpResponse",
        "PipelineResponse",
        "Response",
        "ClientResponse",
        "RawResponse",
        "APIResponse",
    }
)
_SAYS_NOTHING: Final = frozenset({"Any", "tuple"})
_NO_SHAPE: Final = (AnyShape(), None)


class ResponseLogicalEntity(SideRule):
    """The entity, not the response."""

    id = "response-logical-entity"
    kinds = "S"
    meaning = "Methods return what the caller is after, not the response that carried it."
    why = (
        "A response has to be taken apart by everybody who calls: status, headers, body, decoding. The library knows "
        "what the service means; who wants the response as well has `response_hook`."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> float:
                return self._call(GET_WEIGHT, {}, options=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.rest import HttpResponse


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> HttpResponse:  # <--
                return self.send_request(WEIGHT, **options)

            def get_height(self, **options: object):  # <--
                return self._call(GET_HEIGHT, {}, options=options)
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client, method in side.methods:
            if _is_unknown(side, client, method) or method.returns.startswith("_models."):
                continue
            if hint := _broken_promise(side, method):
                problems.append(problem(method.file, method.node, f"{method.name} {hint}"))
            if method.returns:
                evidence.append(f"{method.name} -> {method.returns}")
        nothing = "no method says what it returns" if side.methods else _NOTHING
        return judged(problems, evidence, nothing=nothing)


def _is_unknown(side: Side, client: ClientSource, method: Method) -> bool:
    """Whether nobody knows what comes: the document has no schema of it."""
    described = side.package.said_of(client, method)
    return described is not None and method.returns == "Any" and described.result in _NO_SHAPE


def _broken_promise(side: Side, method: Method) -> str:
    is_ours = side.package.profile is CLIENTSMITH
    if not method.returns:
        # Elsewhere a missing annotation is no sign of a response: nobody knows, so nothing is said.
        return "has to say what it returns" if is_ours else ""
    first = next((name for name in method.returned if name != "None"), "")
    dotted = next((name for name in annotation_names(method.returns) if name.rpartition(".")[2] == first), first)
    is_own = isinstance(side.package.source.resolve(method.owner.module, dotted), ClassSource)
    if (first in _CARRIERS and not is_own) or (is_ours and first in _SAYS_NOTHING):
        return f"returns {method.returns}: return the entity that the answer stands for"
    return ""


class ResponseExceptionOnFailure(RunRule):
    """A failure is an exception."""

    id = "response-exception-on-failure"
    kinds = "R"
    meaning = "A method that could not do its work raises, whether the service said no or said nothing."
    why = (
        "A result that has to be asked whether it is one is not asked: the failure travels on, and shows far from its "
        "place. That holds for refusals, for connections that break, for the second page and for the poll in between."
    )
    good = ONE_METHOD
    bad = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.errors import HttpResponseError
        from clientsmith.core.operations import Operation
        from clientsmith.core.serialization import as_codec

        GET_WEIGHT = Operation("GET", "/weight", responses={200: as_codec(None)})


        class DepotClient(ServiceClient):
            def get_weight(self, **options: object) -> float | None:  # <--
                try:
                    return self._call(GET_WEIGHT, {}, options=options)
                except HttpResponseError:
                    return None
        """
    )


class ResponsePagedProtocol(SideRule):
    """Lists are pagers."""

    id = "response-paged-protocol"
    kinds = "SR"
    meaning = "A method that lists things returns a pager: iterable item by item, and page by page with `by_page()`."
    why = (
        "Whoever wants all items writes a `for` loop and never sees a page; whoever shows pages takes them one by "
        "one, and goes on later from where they stopped. A plain list promises that everything was read, and waits "
        "for it."
    )
    good = Example(
        """
        from clientsmith.core import ItemPaged, ServiceClient
        from clientsmith.core.operations import ListOperation
        from clientsmith.core.paging import SinglePage

        LIST_SHELVES = ListOperation("GET", "/shelves", responses={200: None}, paging=SinglePage())


        class DepotClient(ServiceClient):
            def list_shelves(self, **options: object) -> ItemPaged[str]:
                return self._list(LIST_SHELVES, {}, options=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def list_shelves(self, **options: object) -> list[str]:  # <--
                return self._call(LIST_SHELVES, {}, options=options)
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client, method in side.methods:
            if not _lists(client, method) or not method.returns:
                continue
            is_pager = method.is_pager or _turns_pages(side, method)
            if not is_pager and side.package.calls_itself(client, method):
                continue  # `listKeys` of Azure gives one thing: the word is the service's
            if not is_pager or (method.is_async and side.package.profile.has_core):
                hint = f"{method.name}: return a pager from a plain `def`, so that nothing is sent before it is used"
                problems.append(problem(method.file, method.node, hint))
                continue
            problems += _without_pages(side, method)
            evidence.append(method.name)
        return judged(problems, evidence, nothing="the service lists nothing")


def _lists(client: ClientSource, method: Method) -> bool:
    return method.name.startswith("list_") or (client.is_group and method.name == "list")


def _turns_pages(side: Side, method: Method) -> bool:
    """Whether what comes is a class of the package that fetches the next page, whatever it is called."""
    cls = side.package.source.resolve(method.owner.module, next(iter(annotation_names(method.returns)), ""))
    if side.package.profile.has_core or not isinstance(cls, ClassSource):
        return False
    return any(_TURNS & each.own_functions.keys() for each in side.package.source.lineage(cls)[0])


def _without_pages(side: Side, method: Method) -> Iterator[Problem]:
    """Yield the pagers that the package defines itself and that cannot be read page by page."""
    for name in annotation_names(method.returns)[:1]:
        cls = side.package.source.resolve(method.owner.module, name)
        if isinstance(cls, ClassSource):
            lineage, outside = side.package.source.lineage(cls)
            known = {function for each in lineage for function in each.own_functions}
            if "by_page" not in known and not any(base.endswith("ItemPaged") for base in outside):
                yield problem(cls.module.file, cls.node, f"{cls.name} has no `by_page()`: give its pages one by one")


class LroPoller(SideRule):
    """Long running operations give pollers."""

    id = "lro-poller"
    kinds = "SR"
    meaning = (
        "A long running operation is a `begin_` method that returns a poller: result, wait, status, done, callbacks, "
        "a token."
    )
    why = (
        "Who starts something that takes minutes decides how to wait: not at all, with a deadline, in another process "
        "that has the token. A method that blocks takes the decision away; a bare id leaves the polling to everybody."
    )
    good = Example(
        """
        from clientsmith.core import LROPoller, ServiceClient


        class DepotClient(ServiceClient):
            def begin_count_shelf(self, name: str, **options: object) -> LROPoller[int]:
                return self._begin(COUNT_SHELF, {"name": name}, options=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import LROPoller, ServiceClient


        class DepotClient(ServiceClient):
            def count_shelf(self, name: str, **options: object) -> LROPoller[int]:  # <--
                return self._begin(COUNT_SHELF, {"name": name}, options=options)

            def begin_weigh_shelf(self, name: str, **options: object) -> str:  # <--
                return self._call(WEIGH_SHELF, {"name": name}, options=options)
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for _, method in side.methods:
            is_prefixed = method.name.startswith("begin_")
            if method.is_poller and is_prefixed:
                evidence.append(method.name)
            elif method.is_poller or (is_prefixed and method.returns):
                hint = f"{method.name}: prefix it with begin_ and return an LROPoller"
                problems.append(problem(method.file, method.node, hint))
        return judged(problems, evidence, nothing="no operation of the service is long running")
