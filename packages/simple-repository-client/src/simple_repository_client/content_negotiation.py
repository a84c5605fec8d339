"""In which form a page is asked for, and what a refusal to give it says (PEP 691).

Rules:

- Asked for is JSON, then HTML of the Simple API, then any HTML. What came is what the answer's ``Content-Type`` says,
  also if it was not asked for: `clientsmith.core` and `simple_repository_client.pages` judge its version, and read it.
- 406 and 300 are errors: a list of choices is no page, and nobody here makes one (PEP 691 discourages it).
- Each answer is judged for itself. One index may say 1.5 in JSON and 1.4 in HTML, for HTML gets nothing new any more
  (PEP 833); so no version is remembered for a host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from clientsmith.core.errors import ArgumentError
from clientsmith.core.rest import HttpResponse

from .errors import ContentNegotiationError

if TYPE_CHECKING:
    from .pages.project import Serialization

__all__ = ["accept_for", "refusal"]

_JSON: Final = "application/vnd.pypi.simple.v1+json"
_HTML: Final = "application/vnd.pypi.simple.v1+html"
# As PEP 691 recommends, JSON far ahead: some servers take equal weights as "HTML is as good".
_ACCEPT: Final[Mapping[str | None, str]] = {
    None: f"{_JSON}, {_HTML};q=0.2, text/html;q=0.01",
    "json": _JSON,
    "html": f"{_HTML}, text/html;q=0.01",
}
_OFFERED: Final = re.compile(r"application/vnd\.pypi\.simple\.[\w.]{1,20}\+[a-z]{1,10}|\btext/html\b")
# An error page is short; what lists its offers lists them at its beginning.
_READ: Final = 20_000


def accept_for(serialization: Serialization | None) -> str:
    """Return the ``Accept`` that asks for a page in this form, None for the best there is.

    Raises:
        ArgumentError: There is no such form.
    """
    try:
        return _ACCEPT[serialization]
    except KeyError as error:
        raise ArgumentError("serialization", f"serialization is {serialization!r}; it is json, html or None") from error


def refusal(response: HttpResponse, serialization: Serialization | None) -> ContentNegotiationError:
    """Return the error for a 300 or a 406: it says what the index offers, if the index does."""
    asked = [kind.partition(";")[0] for kind in accept_for(serialization).split(", ")]
    headers = response.headers
    said = " ".join((headers.get("Alternates", ""), headers.get("Link", ""), response.text()[:_READ]))
    offered = list(dict.fromkeys(_OFFERED.findall(said)))
    if response.status_code == 406:  # an error page says `text/html` of itself, and that was refused a line before
        offered = [kind for kind in offered if kind not in asked]
    return ContentNegotiationError(asked, offered, response=response)
