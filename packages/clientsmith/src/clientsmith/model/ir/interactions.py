"""Interactions: what takes more than one request, or hangs on what came before: lists, long work, conditions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .shapes import Shape

__all__ = ["Conditions", "LongRunning", "Paging", "PagingScheme"]


class PagingScheme(StrEnum):
    SINGLE = "single"  # one page; a list method is a pager even where the service has no paging yet
    NEXT_LINK = "next-link"  # a URL in the body
    NEXT_LINK_HEADER = "next-link-header"  # a URL in a response header (`Link: <...>; rel="next"`, or a bare one)
    TOKEN = "token"  # noqa: S105  # a token in the body, sent back in a query parameter
    LAST_ID = "last-id"  # the id of the last item, sent back in a query parameter
    PAGE_NUMBER = "page-number"  # page = 1, 2, … up to a page count, or until a page is empty
    OFFSET = "offset"


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list goes on. Paths are wire names from the root of the body, () for the body itself."""

    scheme: PagingScheme
    item: Shape
    items_path: tuple[str, ...] = ()
    next_path: tuple[str, ...] = ()  # next link, token, page count, or id of an item, as the scheme says
    parameter: str = ""  # wire name of the request's parameter: token, id, page or offset
    location: str = "query"  # of that parameter: query, header or body
    header: str = ""  # response header of NEXT_LINK_HEADER; of a token or a number of pages that is not in the body
    first_page: int = 1  # number of the first page; of an OFFSET, of the first item: 0 or 1
    more_path: tuple[str, ...] = ()  # where the answer says whether there are more
    total_path: tuple[str, ...] = ()  # where the number of all items is
    total_header: str = ""  # the response header that has it, where the body has not
    size: str = ""  # wire name of the parameter for the size of a page: the option `results_per_page`
    more_header: str = ""  # the response header that says whether there are more, where the body does not
    body_path: tuple[str, ...] = ()  # the object in the request's body that has parameter and size
    number_tokens: bool = False  # a token of digits goes into a body as a number
    below: bool = False  # a relative link starts from the first page's path
    keep: tuple[str, ...] = ()  # query parameters of the first page that links lack and the service asks for again
    evidence: str = ""  # why we think so, for `clientsmith plan`


@dataclass(frozen=True, slots=True)
class LongRunning:
    """How a long running operation is watched, and what it ends with."""

    result: Shape
    status_path: tuple[str, ...] = ("status",)
    succeeded: tuple[str, ...] = ("Succeeded",)
    failed: tuple[str, ...] = ("Failed", "Canceled")
    # URL template filled from the first answer's body, where no header says where to look; ``{}`` is the address of the
    # operation itself, and a value for ``{+name}`` keeps its slashes.
    poll_path: str = ""
    result_path: tuple[str, ...] = ()  # where in the final body the result is; () is the body itself
    final: str = "auto"  # where the result is, in core's words: auto, location, original-uri …
    cancel: str = ""  # how it is cancelled: method and path, as core's `Polling` reads it
    evidence: str = ""
    resource_status_path: tuple[str, ...] = ()  # where the resource itself says how far it is; () if in the same place
    error_path: tuple[str, ...] = ()  # where it tells why it failed, if that alone says so


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request can be made to depend on (RFC 9110, section 13): header fields, in the standard's spelling."""

    headers: tuple[str, ...]
    required: tuple[str, ...] = ()  # those of them that the service asks for every time
    evidence: str = ""

    @property
    def compare_etags(self) -> bool:
        return bool({"If-Match", "If-None-Match"} & set(self.headers))
