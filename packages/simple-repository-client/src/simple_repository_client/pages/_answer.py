"""What an answer says about itself before its body is read: its type, and then its version."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from clientsmith.core.redaction import redact_url
from clientsmith.core.versioning import Advertised, VersionFormat

from .errors import UnreadablePageError
from .findings import shown

if TYPE_CHECKING:
    from clientsmith.core.versioning import ApiVersion, Negotiator

    from .project import Serialization

__all__ = ["Answer", "MediaType", "read_media_type"]

_OWN_TYPE: Final = re.compile(r"application/vnd\.pypi\.simple\.(?:v([0-9]{1,9})|latest)\+(json|html)")
# What static file servers say of such pages.
_PLAIN_TYPES: Final[dict[str, Serialization]] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/json": "json",
    "": "html",
}
_SOURCES: Final = {"json": "meta.api-version", "html": '<meta name="pypi:repository-version">'}


class MediaType(NamedTuple):
    """What the ``Content-Type`` of an answer says.

    Attributes:
        serialization: The form of the body.
        family: The major version; None where the type names none.
    """

    serialization: Serialization
    family: int | None


def read_media_type(content_type: str) -> MediaType | None:
    """Return what a ``Content-Type`` says, None if it is that of no page (PEP 691).

    Plain ``text/html`` is a page, and so are no type at all and what static file servers say (``application/json``).
    """
    media_type = content_type.partition(";")[0].strip().lower()
    own = _OWN_TYPE.fullmatch(media_type)
    if own is None:
        plain = _PLAIN_TYPES.get(media_type)
        return None if plain is None else MediaType(plain, None)
    return MediaType("json" if own[2] == "json" else "html", None if own[1] is None else int(own[1]))


@dataclass(frozen=True, repr=False)
class Answer:
    """The successful answer of an index, to be read.

    Attributes:
        content: The body, decompressed.
        content_type: The header field; "" if there is none, which is taken as HTML.
        url: Where it came from, after redirects: what relative addresses are relative to.
    """

    content: bytes
    content_type: str
    url: str

    def __repr__(self) -> str:
        what = f"{len(self.content)} bytes of {self.content_type or 'no type'} from {redact_url(self.url)}"
        return f"<{type(self).__name__}: {what}>"

    @property
    def charset(self) -> str:
        """The charset that the type names, "" if it names none."""
        found = re.search(r";\s*charset\s*=\s*\"?([^\s\";]+)", self.content_type, re.IGNORECASE)
        return found[1] if found else ""

    def serialization(self, negotiator: Negotiator) -> Serialization:
        """Return the form that the body is in, after the major version in the type was judged (PEP 691).

        Raises:
            UnsupportedApiVersionError: The type is of a version that is not understood.
            UnreadablePageError: It is no type of the Simple API.
        """
        said = read_media_type(self.content_type)
        if said is None:
            self.refuse(
                f"{shown(self.content_type)} is no type of the Simple API (PEP 691)",
                "check that the URL is that of an index (it often ends with /simple/), and what stands between",
            )
        if said.family is not None:
            source = f"the media type {self.content_type}"
            negotiator.judge(Advertised(family=said.family, source=source, url=self.url), subject="media type")
        return said.serialization

    def version(self, found: object, negotiator: Negotiator, serialization: Serialization) -> ApiVersion:
        """Return the version to read the body by; ``found`` is what the body says of it, None if nothing (PEP 629).

        Raises:
            ApiVersionError: It is one that is not understood, or none at all.
        """
        said = None
        if found is not None:
            said = Advertised.of(found, VersionFormat.MAJOR_MINOR, source=_SOURCES[serialization], url=self.url)
        # HTML and JSON of one index may be of two versions, and each is told once.
        use = negotiator.judge(said, subject=serialization).use
        return negotiator.scheme.known.floor if use is None else use

    def refuse(self, why: str, advice: str) -> NoReturn:
        """Raise what says that the answer is not the page that was wanted."""
        raise UnreadablePageError(why, url=self.url, content_type=self.content_type, advice=advice)
