"""An index as both clients see it: what is asked, what an answer is, what is wrong with it. Steps without I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urljoin

from clientsmith.core.errors import ClientAuthenticationError, HttpResponseError, InsecureTransportError
from clientsmith.core.pipeline import Steps
from clientsmith.core.redaction import redact_url
from clientsmith.core.rest import HttpRequest, HttpResponse
from clientsmith.core.streaming.source import Blocking

from .addresses import check_address, origin_of
from .content_negotiation import accept_for, refusal
from .download.hashes import expected_of
from .errors import MetadataUnavailableError, ProjectNotFoundError, ProvenanceUnavailableError
from .names import normalize_name
from .page_origins import LIST, PROJECT
from .pages import (
    Answer,
    ProjectFile,
    ProjectList,
    ProjectPage,
    ProjectStatus,
    UnreadablePageError,
    read_project_list,
    read_project_page,
)

if TYPE_CHECKING:
    from clientsmith.core.client import ClientCore
    from clientsmith.core.settings import Settings

    from ._construction import Parts
    from .metadata import CoreMetadata
    from .pages.project import Serialization
    from .provenance import Provenance

__all__ = ["Index"]

T = TypeVar("T")

# What is read in a thread by an async client: a page of a quarter of a MiB takes milliseconds, and a list of all
# projects a second, in which nothing else could happen.
_LONG: Final = 256 * 1024
_ANYTHING: Final = "*/*"


class Index:
    """What can be asked of an index.

    Args:
        core: Sends, knows the settings, and judges versions.
        parts: What the client is made of.
        serialization: The form to ask for, None for the best there is.
    """

    def __init__(self, core: ClientCore, parts: Parts, serialization: Serialization | None) -> None:
        self.core, self.url = core, parts.url
        self._credential = "" if parts.credential is None else type(parts.credential).__name__
        self._origins = frozenset(map(origin_of, (parts.url, *parts.origins)))
        self._serialization: Serialization | None = serialization

    # --- pages ---

    def project(self, name: str, options: Mapping[str, Any]) -> Steps[ProjectPage]:
        """Ask for the page of a project."""
        settings = self.core.table.for_call(options)
        project = normalize_name(name)
        response = yield from self._get_page(f"/{project}/", PROJECT, settings)
        if response.status_code == 404:
            raise ProjectNotFoundError(project, redact_url(self.url), response=response)
        self.raise_for_error(response)
        page = yield from self._read(response, partial(read_project_page, name=project))
        if page.status != ProjectStatus.ACTIVE:
            self._tell(page, settings)
        return page

    def _tell(self, page: ProjectPage, settings: Settings) -> None:
        """Tell that a project is archived, deprecated or quarantined (PEP 792): once, and to ``lifecycle_hook``."""
        from clientsmith.core.versioning import ApiLifecycleNotice, ApiLifecycleWarning  # of most projects nobody tells

        message = f"{page.status}: {page.status_reason}" if page.status_reason else str(page.status)
        notice = ApiLifecycleNotice(
            "project_status", f"project {page.name}", message=message, source="project-status", url=redact_url(page.url)
        )
        if self.core.negotiator is not None:
            self.core.negotiator.teller.tell(ApiLifecycleWarning(notice), notice.key, settings.get("lifecycle_hook"))

    def projects(self, options: Mapping[str, Any]) -> Steps[ProjectList]:
        """Ask for the list of all projects."""
        response = yield from self._get_page("/", LIST, self.core.table.for_call(options))
        self.raise_for_error(response)
        return (yield from self._read(response, read_project_list))

    def _get_page(self, path: str, template: str, settings: Settings) -> Steps[HttpResponse]:
        request = HttpRequest("GET", path, headers={"Accept": accept_for(self._serialization)})
        response = yield from self.core.send(request, settings, template=template)
        if response.status_code in (300, 406):
            raise refusal(response, self._serialization)
        return response

    def _read(self, response: HttpResponse, read: Callable[..., T]) -> Steps[T]:
        """Read a page.

        Raises:
            UnreadablePageError: It is none, or a part of one: nobody would know that a version is missing.
        """
        if response.status_code == 206:
            raise UnreadablePageError(
                "a part of the page came (206), and all of it was asked for",
                url=response.request.url,
                content_type=response.headers.get("Content-Type", ""),
                advice="see what stands between, a cache for example",
            )
        answer = Answer(response.content, response.headers.get("Content-Type", ""), response.request.url)
        reading = partial(read, answer, negotiator=self.core.negotiator)
        return reading() if len(answer.content) < _LONG else (yield from Blocking(reading))

    # --- what stands beside a file ---

    def metadata(self, file: ProjectFile, options: Mapping[str, Any], *, from_wheel: bool) -> Steps[CoreMetadata]:
        """Ask for the metadata of a file, where ``from_wheel`` is set and the index has none: its wheel."""
        from .metadata import metadata_of, read_metadata

        url = file.metadata_url
        if url is None and from_wheel:
            from .wheels import read_from_wheel  # for indexes that are behind the times

            content = yield from read_from_wheel(self, file, options)
            return metadata_of(file, content, "wheel")
        if url is None:
            raise MetadataUnavailableError(
                "the index does not give its metadata by itself (PEP 658); from_wheel=True reads it from a wheel that "
                "is not downloaded for it, or else download the file",
                file_name=file.filename,
                url=file.url,
            )
        check_address(file)
        name = f"{file.filename}.metadata"
        expected = expected_of(name, url, file.metadata_hashes, None, allow_unverified=True)
        settings = self.core.table.for_call(options)
        response = yield from self._get_beside(url, _ANYTHING, settings)
        if response.status_code == 404:
            raise MetadataUnavailableError(
                "the index says that it gives its metadata by itself (PEP 658), and it is not there (404); download "
                "the file to read it",
                file_name=file.filename,
                url=url,
            )
        self.raise_for_error(response)
        if _is_from_cache(response) and not expected.fits_bytes(response.content):
            # The page may be newer than what is kept: the index replaced what it promised not to touch.
            response = yield from self._get_beside(url, _ANYTHING, settings, again=True)
            self.raise_for_error(response)
        return read_metadata(file, response.content, expected)

    def provenance(self, file: ProjectFile, options: Mapping[str, Any]) -> Steps[Provenance]:
        """Ask where a file comes from."""
        from .provenance import ACCEPT, read_provenance

        url = file.provenance
        if url is None:
            raise ProvenanceUnavailableError(
                "the index says nothing about where it comes from (PEP 740)", file_name=file.filename, url=file.url
            )
        response = yield from self._get_beside(url, ACCEPT, self.core.table.for_call(options))
        self.raise_for_error(response)
        return read_provenance(file, response.content, response.request.url)

    def _get_beside(self, url: str, accept: str, settings: Settings, *, again: bool = False) -> Steps[HttpResponse]:
        self.check_road(url)
        request = HttpRequest("GET", url, headers={"Accept": accept})
        if again:
            request.headers["Cache-Control"] = "no-cache"
        return (yield from self.core.send(request, settings, template="/{project}/{file}"))

    # --- what is wrong ---

    def check_road(self, url: str) -> None:
        """Let an address pass that the index gave, if it may be followed.

        Raises:
            InsecureTransportError: It leads from https to plain http.
        """
        if self.url.startswith("https:") and not url.lower().startswith("https:"):
            raise InsecureTransportError(
                f"{redact_url(url)} was not followed: the index is https, and on this road anybody could read and "
                "change what comes; the index has to give https addresses"
            )

    def raise_for_error(self, response: HttpResponse) -> None:
        """Raise the error that an answer is; return if it is a success.

        Raises:
            HttpResponseError: With what to do, where that can be told.
        """
        if response.is_success:
            return
        error = HttpResponseError.from_response(response)
        advice = self._advice(error, response.request)
        if advice:
            said = " ".join(error.service_message.split())
            error.args = (f"{said}; {advice}" if said else advice,)
        raise error

    def _advice(self, error: HttpResponseError, request: HttpRequest) -> str:
        url = request.url
        if error.status_code == 404 and request.call.template == LIST:
            return f"check the index URL {redact_url(self.url)}, which often ends in /simple/"
        if 300 < error.status_code < 400 and "Location" in error.headers:
            return (
                f"it leads to {_led_to(url, error.headers['Location'])}, and is followed neither from https to http, "
                "nor away from the web, nor with a user name in the address"
            )
        if not isinstance(error, ClientAuthenticationError) and error.status_code != 403:
            return ""
        if not self._credential:
            return (
                "no credential was sent; pass one, BasicCredential(user, password) or api_token(token) for example, or "
                "write user and password into the index URL"
            )
        if not self.shows_credential_to(url):
            return (
                "no credential was sent, for this is another origin than the index's; name it in `credential_origins` "
                "if it may see the credential"
            )
        return f"the {self._credential} that was sent is not accepted, or does not allow this"

    def shows_credential_to(self, url: str) -> bool:
        """Whether requests to an address carry the credential; said of one that cannot be read, too."""
        origin = origin_of(url)
        return bool(self._credential) and (origin is None or origin in self._origins)


def _led_to(url: str, location: str) -> str:
    try:
        return redact_url(urljoin(url, location))
    except ValueError:
        return "what is no address"


def _is_from_cache(response: HttpResponse) -> bool:
    return "clientsmith; hit" in response.headers.get("Cache-Status", "")
