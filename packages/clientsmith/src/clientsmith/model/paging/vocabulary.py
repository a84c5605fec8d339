"""The words of paging: what services call the parts of a request and of an answer that make a list go on.

Names are compared by their letters alone (`letters_of`): ``page[number]``, ``PageNumber`` and ``page_number`` are one.
Gathered from some 700 documents of as many vendors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from ..words import letters_of, split_words, vocabulary

__all__ = [
    "AFTER_ID",
    "COUNTED_PAGES",
    "CURSORS",
    "ENVELOPES",
    "ITEMS",
    "LAST_IDS",
    "LINK_HEADER",
    "LINK_WORDS",
    "NEXT_LINKS",
    "NEXT_TOKENS",
    "NOISE",
    "OFFSETS",
    "PAGES",
    "PAGE_SIZES",
    "PLAIN_TOKENS",
    "SIZES",
    "TOKENS",
    "TOKEN_HEADER",
    "WRAPPERS",
    "is_envelope",
    "is_last_flag",
    "is_more",
    "is_page_count",
    "is_total",
    "spellings",
]

# --- of requests -----------------------------------------------------------------------------------------------------

PAGES: Final = vocabulary(
    "page pagenumber pageno pagenum pagenr pageindex currentpage pageid pg paginatepage paginationpage startpage"
)
OFFSETS: Final = vocabulary(
    """
    offset skip start startindex startat startposition startfrom startitem startrow startrecord startoffset from
    firstresult firstitem firstrow itemoffset rowoffset recordoffset resultoffset limitstart pageoffset
    """
)
TOKENS: Final = vocabulary(
    """
    cursor pagetoken pagecursor pagecursortoken nexttoken nextpagetoken nextcursor continuationtoken continuation
    continuationkey token marker after startcursor continue next starttoken startingafter startkey startafter
    exclusivestartkey nextkey nextmarker cursormark scrollid searchafter pagemarker pagepointer nextpagepointer
    bookmark nextbookmark resumptiontoken nextpage pagekey pageafter pagestart startingtoken startingtoken pagestate
    endcursor nextpageid keymarker aftercursor aftertoken afterkey paginationtoken paginationcursor cursortoken
    """
)
# These mean nothing but the place in a list, so that the same name on both sides is enough.
PLAIN_TOKENS: Final = TOKENS - vocabulary("token after next continue start startkey pageafter pagestart nextpage")
# The id of the last item that was seen. `since_id` and the like may as well be a filter.
AFTER_ID: Final = vocabulary("startingafter afterid lastid after startafter startafterid lastseenid")

# Surely the size of a page. `top`, `first`, `take` and `count` may as well be a limit for the whole list.
PAGE_SIZES: Final = vocabulary(
    """
    limit perpage pagesize maxresults resultsperpage itemsperpage maxpagesize pagelimit maxitems pagelen hitsperpage
    recordsperpage rowsperpage entriesperpage pagemaxsize maxperpage maxresultsperpage pagecount resultsize
    paginatelimit paginationlimit pagelength
    """
)
# The size of a page where the request also says which one.
SIZES: Final = PAGE_SIZES | vocabulary(
    "count size take top rows number max results maxcount maxrecords maxrows num amount length resultslimit"
)

# --- of answers ------------------------------------------------------------------------------------------------------

NEXT_LINKS: Final = vocabulary(
    """
    nextlink odatanextlink nexturl nextpageurl nexthref nexturi nextpageuri nextpagelink nextpagehref nextlinkuri
    """
)
NEXT_TOKENS: Final = vocabulary(
    """
    nextpagetoken nexttoken nextcursor nextpagecursor continuationtoken nextcontinuationtoken nextmarker endcursor
    nextpageoffset continue cursor marker nextstarttoken nextkey nextpagekey nextpageid lastevaluatedkey scrollid
    nextbookmark bookmark resumptiontoken nextpagepointer nextcursormark nextscrollid nextstartkey continuation
    paginationtoken pagetoken nextpageid cursornext newcursor nextstart nextafter nextiterator pagingtoken
    """
)
LAST_IDS: Final = vocabulary("lastid lastkey lastseenid lastitemid")
# Objects that hold a pair of cursors: `paging.cursors.after`.
CURSORS: Final = vocabulary("cursors cursor")
# Counts that may be of this page alone: a sign of paging, but nothing to end a list by.
COUNTED_PAGES: Final = vocabulary("count size length resultcount itemcount recordcount returnedcount numberofelements")

ENVELOPES: Final = vocabulary(
    """
    pagination paging paginator pager page pageinfo pagemeta meta metadata links link cursors cursor pagemetadata
    pageable range resultinfo responsemetadata paginationresult searchmetadata pagedetails paginationinfo pages
    listinfo resultset resultsinfo summary stats paginationmeta pagingmetadata paginationmetadata paginationdetails
    paginglinks paginationlinks halLinks
    """.lower()
)
# Objects that do nothing but hold the answer proper.
WRAPPERS: Final = vocabulary(
    """
    data result results response payload content body embedded list collection resultset d page output answer
    responsedata envelope value items
    """
)
ITEMS: Final = (
    "value",
    "values",
    "items",
    "data",
    "results",
    "result",
    "entries",
    "objects",
    "records",
    "list",
    "elements",
    "rows",
    "content",
    "docs",
    "documents",
    "hits",
    "entities",
    "resources",
    "members",
    "collection",
    "edges",
    "nodes",
)
# Lists that stand beside the items and are none: what else the answer has to say.
NOISE: Final = vocabulary(
    """
    errors error warnings warning messages message notifications links link included includes order sort sorts orderby
    facets facet filters filter aggregations aggregation columns fields headers schema meta query queries debug
    relatedsearches suggestions deprecations params parameters errormessages infos scopes actions self
    """
)

# What a description calls an address.
LINK_WORDS: Final = r"\b(ur[lin]s?|links?|href|uri-reference)\b"
LINK_HEADER: Final = re.compile(r"(?i)(x-)?next-?((page-?)?(link|page|url|uri))?")
TOKEN_HEADER: Final = re.compile(
    r"(?i)(x-(ms-)?)?((next-?(page-?)?|continuation-?)(token|cursor|marker|key)|x?-?cursor)|x-ms-continuation"
)

_UNITS: Final = vocabulary(
    """
    result results item items record records row rows hit hits element elements entry entries match matches object
    objects document documents count number num size of set available total totals no the in list query paging
    pagination recordcount itemcount rowcount resultcount
    """
)


@lru_cache(maxsize=20_000)
def spellings(wire_name: str) -> tuple[str, ...]:
    """Return the ways to read a parameter's name: as a whole, then the last part of ``queryOptions[page]``."""
    name = wire_name.lstrip("$_@").removeprefix("X-").removeprefix("x-")
    whole = letters_of(name)
    inner = re.fullmatch(r"([\w.-]+?)(?:\[(\w+)\]|\.(\w+))", name)
    # `filter[page]` and `sort[from]` choose items.
    if inner is None or letters_of(inner[1]) in _CHOOSING:
        return (whole,)
    return (whole, letters_of(inner[2] or inner[3]))


_CHOOSING: Final = vocabulary("filter filters where sort fields include search query q created updated date")


def is_envelope(name: str) -> bool:
    """Whether a property of this name tells about the list: ``pagination``, ``_links``, ``search_metadata``."""
    letters = letters_of(name)
    return letters in ENVELOPES or any(letters.endswith(end) for end in ("pagination", "paging", "pageinfo"))


def is_more(name: str) -> bool:
    """Whether a boolean of this name says that there are more."""
    letters = letters_of(name.removeprefix("X-").removeprefix("x-"))
    return letters in _MORE or re.fullmatch(r"(is|has)?(more|next)[a-z]*|(is|results?)truncated", letters) is not None


_MORE: Final = vocabulary("hasmore hasnext hasnextpage more moreavailable istruncated ismore loadmore")


def is_last_flag(name: str) -> bool:
    """Whether a boolean of this name says that this is the end."""
    return letters_of(name) in ("last", "islast", "lastpage", "islastpage", "end", "isend", "islastbatch", "final")


def is_page_count(name: str) -> bool:
    """Whether a number of this name is that of all pages, or of the last one."""
    words = split_words(name.removeprefix("X-").removeprefix("x-"))
    if not {"page", "pages"} & set(words) or {"size", "items", "results", "per", "current"} & set(words):
        return letters_of(name) in ("numpages", "totalpages", "pagestotal", "pagecount", "lastpage", "maxpage")
    rest = [word for word in words if word not in ("page", "pages")]
    counts = {"total", "count", "number", "num", "no", "of", "max", "last", "totals", "pages", "amount"}
    return (not rest and words[-1] == "pages") or (bool(rest) and set(rest) <= counts and words != ["page", "number"])


def is_total(name: str, nouns: Iterable[str] = ()) -> bool:
    """Whether a number of this name is that of all items; ``nouns`` are what the list is of."""
    words = split_words(name.removeprefix("X-").removeprefix("x-"))
    letters = "".join(words)
    if letters in _TOTALS:
        return True
    known = _UNITS | set(nouns)
    kinds = [word.startswith("total") and word.removeprefix("total") in _UNITS | {""} for word in words]
    return any(kinds) and all(is_total or word in known for is_total, word in zip(kinds, words, strict=True))


_TOTALS: Final = vocabulary(
    """
    total totals totalcount totalresults totalitems totalrows totalhits totalelements totalrecords numfound totalnumber
    """
)
