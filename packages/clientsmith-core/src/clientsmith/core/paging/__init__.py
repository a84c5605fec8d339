"""Lists that come in pages.

- A scheme (`NextLink`, `NextLinkHeader`, `NextToken`, `PageNumber`, `Offset`, `SinglePage`) says as data how a service
  cuts a list into pages. Schemes do no I/O: they make the next request and read its answer.
- `ItemPaged` is what a ``list_`` method returns: it iterates over items, `ItemPaged.by_page` over pages. The async twin
  is `clientsmith.core.paging.aio.ItemPaged`.
"""

from __future__ import annotations

from .items import ItemPaged, PageIterator
from .pages import Page
from .schemes import NextLink, NextLinkHeader, NextToken, Offset, PageNumber, Paging, SinglePage

__all__ = [
    "ItemPaged",
    "NextLink",
    "NextLinkHeader",
    "NextToken",
    "Offset",
    "Page",
    "PageIterator",
    "PageNumber",
    "Paging",
    "SinglePage",
]
