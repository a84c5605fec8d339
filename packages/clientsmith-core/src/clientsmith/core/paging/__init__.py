"""Lists that come in pages.

- A scheme (`NextLink`, `NextLinkHeader`, `NextToken`, `LastId`, `PageNumber`, `Offset`, `SinglePage`) says as data how
  a service cuts a list into pages. Schemes do no I/O: they make the next request and read its answer.
- `ItemPaged` is what a ``list_`` method returns: it iterates over items, `ItemPaged.by_page` over pages. The async twin
  is `clientsmith.core.paging.aio.ItemPaged`.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._links import Link as Link
    from .._links import read_links as read_links
    from .items import ItemPaged as ItemPaged
    from .items import PageIterator as PageIterator
    from .listing import Listing as Listing
    from .listing import open_listing as open_listing
    from .pages import Page as Page
    from .schemes import Arrived as Arrived
    from .schemes import InHeader as InHeader
    from .schemes import LastId as LastId
    from .schemes import NextLink as NextLink
    from .schemes import NextLinkHeader as NextLinkHeader
    from .schemes import NextToken as NextToken
    from .schemes import Offset as Offset
    from .schemes import PageNumber as PageNumber
    from .schemes import Paging as Paging
    from .schemes import SinglePage as SinglePage

if not TYPE_CHECKING:
    from ..lazy import lazy

    _TABLE = {
        "items": "ItemPaged PageIterator",
        "._links": "Link read_links",
        "listing": "Listing open_listing",
        "pages": "Page",
        "schemes": ("Arrived InHeader LastId NextLink NextLinkHeader NextToken Offset PageNumber Paging SinglePage"),
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
