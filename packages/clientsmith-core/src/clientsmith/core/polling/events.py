"""Where a service tells of an operation as server-sent events, and what they say of it: data, no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._declared import Declared
from .._paths import Path, value_at
from ..errors import DecodeError
from ..rest import HttpResponse
from .state import filled, resolved, word_of

if TYPE_CHECKING:
    from ..streaming import ServerSentEvent

__all__ = ["StatusEvents"]


class StatusEvents(Declared):
    """The server-sent events of an operation: a poller that follows them looks when they say that it is over.

    Attributes:
        path: URL template, filled from the first answer's body: ``/jobs/{job_id}/events`` is below the endpoint, and
            in ``{}/events`` the braces stand for the place where we look.
        header: Header field of the first answer with the address; comes before ``path``.
        relation: Relation type of the link with the address in the first answer's ``Link`` (RFC 8288); comes before
            ``path``, too.
        names: Names of the events that tell the status; () for all. What has no name is a "message".
        status: Where the status word is in an event's data; () if the data is the word.
        ending: Names of events that mean the end, whatever is in them.
    """

    path: str = ""
    header: str = ""
    relation: str = ""
    names: tuple[str, ...] = ()
    status: Path = ("status",)
    ending: tuple[str, ...] = ()

    def _check(self) -> None:
        if not (self.path or self.header or self.relation):
            raise ValueError("StatusEvents has to say where the events are: by `path`, `header` or `relation`")
        if self.path and not self.path.startswith(("/", "{}")):
            raise ValueError(f"path is {self.path!r}; it looks like '/jobs/{{id}}/events' or '{{}}/events'")

    def address(self, response: HttpResponse, body: object, place: str) -> str:
        """Return where the events are, as the first answer tells, "" if it does not; ``place`` is where we look."""
        link = response.headers.get(self.header) if self.header else None
        if not link and self.relation:
            link = self._linked(response.headers.get("Link", ""))
        if not link:
            return filled(self.path, body, place)
        try:
            return resolved(link, response)
        except DecodeError:  # looking does without
            return ""

    def _linked(self, value: str) -> str:
        from .._links import read_links  # only for who needs it

        wanted = self.relation.lower()
        return next((link.target for link in read_links(value) if wanted in link.relations), "")

    def word(self, event: ServerSentEvent) -> str:
        """Return the status word in an event, "" if it has none."""
        if self.names and event.event not in self.names:
            return ""
        try:
            data = event.json()
        except ValueError:
            return "" if self.status else event.data.strip()
        return word_of(value_at(data, self.status))
