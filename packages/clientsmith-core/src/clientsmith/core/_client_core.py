"""What a client is, whatever its colour: endpoint, policies, settings; the one place where a call is put together.

What a call consists of is decided here, as steps without I/O; the clients only carry the steps out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urljoin

from ._origin import Access, Home, Server, home_of, origin_of
from .credentials import AuthenticationScheme
from .errors import InsecureTransportError, UsageError
from .operations.answers import format_of
from .pipeline import Chain, Colour, Flow, Policy, Steps, settings_of
from .policies import (
    ALLOW_HTTP,
    ApiVersionPolicy,
    CustomHookPolicy,
    HeadersPolicy,
    IdempotencyKeyPolicy,
    LoggingPolicy,
    QuerySecretPolicy,
    RedirectPolicy,
    RequestIdPolicy,
    RetryPolicy,
    TracingPolicy,
    UserAgentPolicy,
    authentication_policies,
)
from .redaction import redact_url
from .rest import Call, Headers, HttpRequest
from .settings import Setting, Settings, SettingsTable, duration, function, names, seconds
from .settings import policies as policies_check
from .transport.base import CONSTRUCTION_SETTINGS
from .versioning.errors import ApiVersionRefusedError
from .versioning.negotiator import Negotiator

if TYPE_CHECKING:
    from ._negotiation import Negotiation
    from .operations import Operation
    from .streaming import ByteRange
    from .streaming.downloads import ByteSteps
    from .streaming.events import EventSteps
    from .streaming.lines import LineSteps
    from .streaming.source import Source
    from .versioning.scheme import Scheme

__all__ = ["CLIENT_SETTINGS", "POLICY_SETTINGS", "ClientCore", "construction_settings", "default_policies"]

T = TypeVar("T")

# Read by the client itself, whatever its pipeline is made of.
CLIENT_SETTINGS: Final = (
    # Two minutes: longer than any answer that a person waits for, shorter than forever, which is no default at all.
    Setting(
        "timeout",
        120.0,
        "seconds that the whole call may take: connecting, attempts, waits, body; None: no limit",
        check=seconds,
    ),
    Setting("response_hook", None, "called with each response and its headers", check=function),
    # Half a second: what an operation has to take at the 99th percentile to be called long running.
    Setting(
        "polling_interval",
        0.5,
        "seconds between the first polls; they grow apart, and Retry-After wins",
        check=duration,
    ),
)

# What the built-in policies are made of: where one's own stand among them, what a credential may do.
POLICY_SETTINGS: Final = (
    Setting(
        "per_call_policies",
        (),
        "policies of your own around the whole call, redirects and retries included",
        per_call=False,
        check=policies_check,
    ),
    Setting(
        "per_retry_policies",
        (),
        "policies of your own around each attempt, before the credential is added",
        per_call=False,
        check=policies_check,
    ),
    Setting(
        "credential_origins",
        (),
        "other origins that may see the credential: https://files.example.com",
        per_call=False,
        check=names,
    ),
    ALLOW_HTTP,  # known without a credential too: a program whose credential is optional passes it in any case
)


def construction_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the settings that the constructors of our transports take."""
    return {setting.name: settings[setting.name] for setting in CONSTRUCTION_SETTINGS if setting.name in settings}


def default_policies(
    package: str,
    endpoint: str | Home,
    *,
    negotiator: Negotiator | None = None,
    authentication: Sequence[Policy] = (),
    per_call: Sequence[Policy] = (),
    per_retry: Sequence[Policy] = (),
) -> list[Policy]:
    """Return the built-in policies in their order, one's own among them.

    Credentials come after everything that changes a request, for some are signatures of it; the log comes last.

    Args:
        package: Name and version for the user agent.
        endpoint: Of the client that they are for: its header fields and its version go to this origin alone.
        negotiator: The negotiation of the version, None for none.
        authentication: What shows a credential, see `clientsmith.core.policies.authentication_policies`.
        per_call: Policies around the whole call.
        per_retry: Policies around each attempt.
    """
    home = home_of(endpoint)
    return [
        RequestIdPolicy(),
        HeadersPolicy(home),
        UserAgentPolicy(package),
        IdempotencyKeyPolicy(),
        ApiVersionPolicy(home, negotiator, library=_library_of(package)),
        TracingPolicy(),
        *per_call,
        RedirectPolicy(),
        RetryPolicy(),
        *per_retry,
        CustomHookPolicy(),
        *authentication,
        LoggingPolicy(),
    ]


def _library_of(package: str) -> str:
    """Return the import package that a distribution is likely to have: ``petstore-client/1.0`` has petstore_client."""
    return package.partition("/")[0].replace("-", "_")


def _beside_policies(given: str, sends_it: str) -> UsageError:
    return UsageError(
        f"{given} was given beside policies, which replace those that would send it; leave policies out, or put "
        f"{sends_it} among them"
    )


class ClientCore:
    """What a client is, whatever its colour: endpoint, chain and settings, and its calls as steps without I/O."""

    def __init__(
        self,
        endpoint: str,
        credential: object | None,
        *,
        authentication: Sequence[AuthenticationScheme],
        api_version: Scheme | None,
        package: str,
        transport_settings: Sequence[Setting],
        settings: Mapping[str, Any],
        policies: Sequence[Policy] | None,
        clock: Callable[[], float],
        colour: Colour,
        max_connections: int,
        template: str = "",
    ) -> None:
        self.home = Home(endpoint)  # an endpoint that is no URL is told here, not by the first call
        self.endpoint = endpoint.rstrip("/")
        self._described = frozenset((self.endpoint, template.rstrip("/")))  # how an API description may call it
        self.negotiator = (
            None if api_version is None else Negotiator(api_version, self.endpoint, library=_library_of(package))
        )
        if policies is None:
            policies = self._policies(package, credential, authentication, settings)
            transport_settings = [*transport_settings, *POLICY_SETTINGS]
        elif credential is not None:
            raise _beside_policies("credential", "what authentication_policies() returns")
        elif api_version is not None:
            raise _beside_policies("api_version", "an ApiVersionPolicy")
        else:
            given_one = (policy.negotiator for policy in policies if isinstance(policy, ApiVersionPolicy))
            self.negotiator = next(given_one, None)
            if self.negotiator is not None and not self.negotiator.endpoint:  # a caller who left it out means ours
                self.negotiator.endpoint = self.endpoint
        self.table = SettingsTable([*CLIENT_SETTINGS, *transport_settings, *settings_of(policies)], settings)
        self.chain = Chain(policies)
        self._negotiation: Negotiation | None = None
        if self.negotiator is not None and self.negotiator.may_change:
            from ._negotiation import Negotiation  # most versions are what they are

            self._negotiation = Negotiation(self.home, self.negotiator, self.chain, policies)
        self._in_link = [policy.in_link for policy in policies if isinstance(policy, ApiVersionPolicy)]
        self._strips = [policy.strip for policy in policies if isinstance(policy, QuerySecretPolicy)]
        self._budget = next((policy.budget for policy in policies if isinstance(policy, RetryPolicy)), None)
        if self.chain.colour not in (None, colour):
            raise UsageError(
                f"{type(self.chain.classic).__name__} is written for {self.chain.colour} clients, and this one is "
                f"{colour}; derive it from the HTTPPolicy of this client's namespace, or make it a generator for both"
            )
        self.clock = clock
        # Threads open as many connections as they need; tasks wait for each other's, so that most are kept for calls.
        self.listeners_left = inf if colour == "sync" else max_connections // 4

    def _policies(
        self,
        package: str,
        credential: object | None,
        authentication: Sequence[AuthenticationScheme],
        settings: Mapping[str, Any],
    ) -> list[Policy]:
        """Return the built-in policies with what the settings say about them."""
        own = SettingsTable(
            POLICY_SETTINGS, {s.name: settings[s.name] for s in POLICY_SETTINGS if s.name in settings}
        ).chosen
        shown = authentication_policies(
            credential, authentication, self.home, origins=own["credential_origins"], allow_http=own["allow_http"]
        )
        return default_policies(
            package,
            self.home,
            negotiator=self.negotiator,
            authentication=shown,
            per_call=own["per_call_policies"],
            per_retry=own["per_retry_policies"],
        )

    # --- one request ---

    def send(
        self,
        request: HttpRequest,
        settings: Settings,
        *,
        stream: bool = False,
        as_stored: bool = False,
        template: str = "",
        access: Access | None = None,
    ) -> Flow:
        """Send one request through the chain, under a deadline of its own."""
        timeout: float | None = settings["timeout"]
        server = None if access is None else self._server(access)
        request.call = Call(
            settings,
            deadline=None if timeout is None else self.clock() + timeout,
            clock=self.clock,
            stream=stream,
            template=template,
            server=None if server is None else server.home,
            is_anonymous=access is not None and access.is_anonymous,
            lifetime=None if access is None else access.lifetime,
        )
        if as_stored:
            request.call.as_stored = True
        request.url = self._absolute(request.url, server)
        negotiation = self._negotiation
        if negotiation is None:
            response = yield from self.chain.send(request)
        else:
            if request.call.clock() >= negotiation.negotiator.due_at:
                yield from negotiation.find_out(request)
            try:
                response = yield from self.chain.send(request)
            except ApiVersionRefusedError as refusal:
                response = yield from negotiation.send_again(request, refusal)
        hook = settings["response_hook"]
        if hook is not None:
            try:
                hook(response, response.headers)
            except BaseException:
                response.abandon()  # a streamed body that nobody will ever read
                raise
        return response

    def _server(self, access: Access) -> Server | None:
        """Return the server that an operation has for itself, None where this client's endpoint is meant for all."""
        server = access.server
        return server if server is not None and server.beside & self._described else None

    def follow(
        self,
        request: HttpRequest,
        settings: Settings,
        *,
        stream: bool = False,
        template: str = "",
        access: Access | None = None,
    ) -> Flow:
        """Send a request to an address that the service gave: the next page, the progress of an operation.

        Another origin gets neither the operation's header fields nor the caller's, for some may be secrets; credentials
        stay at home by themselves.

        Raises:
            InsecureTransportError: The address leads from https to plain http.
        """
        server = None if access is None else self._server(access)
        request.url = self._absolute(request.url, server)
        if not (self.home.has(request.url) or (server is not None and server.home.has(request.url))):
            here, there = self.home.origin, origin_of(request.url)
            if there.scheme != "https" and here.scheme != there.scheme:
                raise InsecureTransportError(
                    f"{redact_url(request.url)} was not followed: the client's endpoint is {here.scheme}, and over "
                    f"{there.scheme} anybody could read and change everything; the service has to give https addresses"
                )
            request.headers = Headers({k: v for k, v in request.headers.items() if k.lower() == "accept"})
        return self.send(request, settings, stream=stream, template=template, access=access)

    def in_own_version(self, url: str) -> str:
        """Return a link to a next page in the client's version of the API, where it says one."""
        for in_link in self._in_link:
            url = in_link(url)
        return url

    def without_secrets(self, url: str) -> str:
        """Return an absolute URL as it may be kept: without the credential's query fields, which services repeat."""
        for strip in self._strips:
            url = strip(url)
        return url

    def _absolute(self, url: str, server: Server | None = None) -> str:
        if url.startswith(("http://", "https://")):
            return url
        endpoint = self.endpoint if server is None else server.url
        return endpoint + url if url.startswith("/") else urljoin(endpoint + "/", url)

    # --- one method ---

    def call(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> Steps[T]:
        """Make the operation's request and return what its answer says."""
        settings = self.table.for_call(options)
        request = operation.request(arguments, body)
        response = yield from self.send(request, settings, template=operation.path, access=operation.access)
        return operation.read(response)

    # --- one stream; what reads it is imported by clients that have one ---

    def events(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> EventSteps[T]:
        """Return how to read an operation's server-sent events; nothing is sent yet."""
        from .streaming.events import EventSteps

        rest = dict(options)
        last_event_id: str = rest.pop("last_event_id", None) or ""
        source = self._source(operation, arguments, body, rest)
        return EventSteps(source, format_of("EVENTS", operation.responses, source.name), last_event_id)

    def lines(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> LineSteps[T]:
        """Return how to read an operation's JSON lines; nothing is sent yet."""
        from .streaming.lines import LineSteps

        source = self._source(operation, arguments, body, options)
        return LineSteps(source, format_of("LINES", operation.responses, source.name))

    def download(
        self, operation: Operation[Any], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> ByteSteps:
        """Return how to read the bytes that an operation answers with; nothing is sent yet."""
        from .streaming.downloads import ByteSteps

        rest = dict(options)
        byte_range: ByteRange | None = rest.pop("byte_range", None)
        return ByteSteps(self._source(operation, arguments, body, rest), byte_range)

    def _source(
        self, operation: Operation[T], arguments: Mapping[str, Any], body: Any, options: Mapping[str, Any]
    ) -> Source:
        from .streaming.source import Source

        return Source(self, operation, arguments, body, self.table.for_call(options))

    def may_retry(self) -> bool:
        """Take from the budget that all calls share for trying again; False if it is used up."""
        return self._budget is None or self._budget.spend()
