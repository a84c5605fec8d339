"""Credentials that sign in at keystone, OpenStack's identity service, and hold the tokens that it gives.

The same credential serves sync and async clients: it signs in through the client that needs a token, over that client's
transport, within the call's deadline, past all policies of the client and with none of its credentials. Several clients
may share it, and one at a time signs in. A token is renewed before its end, and once after a service refused it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from .._error_bodies import json_object, service_error
from .._origin import home_of, is_loopback
from ..credentials.secrets import Credential, _not_empty
from ..credentials.tokens import AccessToken
from ..errors import HttpResponseError, InsecureTransportError, TokenRefusedError
from ..pipeline import Steps
from ..policies.authentication.token_requests import TokenRequests, without
from ..policies.authentication.tokens import Scopes, TokenCache
from ..rest import Call, HttpRequest, HttpResponse
from ..serialization import dumps
from .catalog import Catalog

__all__ = ["KeystoneApplicationCredential", "KeystoneCredential", "KeystonePasswordCredential"]


class _SignedIn(NamedTuple):
    """What keystone answered, read."""

    token: str
    seconds: float
    catalog: Catalog


class KeystoneCredential(Credential):
    """A credential that gets its tokens from keystone (Identity API v3). Give it to clients of either colour.

    Its tokens travel in ``X-Auth-Token``, to the origin of a client's endpoint and nowhere else.

    Args:
        auth_url: Where keystone is, with or without ``/v3`` at the end.
        secret: What proves who it is.
        allow_http: Whether the secret may travel unencrypted to another machine.
        clock: Seconds since the epoch; tests pass their own.

    Raises:
        ValueError: The URL is no URL, or it is that of an older identity API; the secret is empty.
        InsecureTransportError: The URL is plain http on another machine and ``allow_http`` is not set.
    """

    __slots__ = ("_auth_url", "_catalog", "_clock", "_requests", "_secret", "_token_cache")

    def __init__(
        self, auth_url: str, secret: str, *, allow_http: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._auth_url = _identity_url(auth_url, allow_http)
        self._clock = clock
        self._requests = TokenRequests()
        self._token_cache = TokenCache(self._fetch, clock, field="X-Auth-Token", prefix="")
        self._catalog = Catalog()
        self._secret = ""
        self.update(secret)

    @property
    def token_cache(self) -> TokenCache:
        """The tokens in hand, shared by all clients that hold the credential."""
        return self._token_cache

    @property
    def scopes(self) -> Scopes:
        """None: what a token is good for is said when signing in."""
        return ()

    def update(self, secret: str) -> None:
        """Sign in with this secret from now on. The token in hand serves until its end, or until it is refused."""
        self._secret = _not_empty("secret", secret)

    def signed_in(self, call: Call) -> Steps[Catalog]:
        """Sign in unless there is a token that works, and return the catalog that came with it."""
        yield from self._token_cache.get((), call)
        return self._catalog

    def _request(self) -> dict[str, Any]:
        """Return what signs in: the value of ``auth`` in the request."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it signs in with")

    def _fetch(self, scopes: Scopes, claims: str | None, call: Call) -> Steps[AccessToken]:
        """Sign in (Identity API v3, ``POST /v3/auth/tokens``)."""
        now = self._clock()  # before the request: a token never lives longer than we think
        request = HttpRequest("POST", f"{self._auth_url}/auth/tokens", json={"auth": self._request()})
        request.headers["Accept"] = "application/json"
        # As it is, and as JSON may write it.
        hidden = [self._secret, dumps(self._secret)[1:-1].decode(), json.dumps(self._secret)[1:-1]]
        response = yield from self._requests.send(request, call, hidden, is_repeatable=True)
        answer = self._read(response, hidden)
        self._catalog = answer.catalog
        return AccessToken(answer.token, now + answer.seconds)

    def _read(self, response: HttpResponse, hidden: list[str]) -> _SignedIn:
        status = response.status_code
        if status >= 500 or status in (408, 429):
            raise HttpResponseError.from_response(response)
        if status not in (200, 201):
            raise TokenRefusedError(_reason(response, self._auth_url), response=response)
        token, document = response.headers.get("X-Subject-Token"), _token_in(response)
        if not token or document is None:
            message = f"the answer holds no token; is {self._auth_url} the address of an identity service?"
            raise TokenRefusedError(message, response=without([*hidden, token or ""], response))
        return _SignedIn(token, _lifetime(document, self._clock), Catalog.from_token(document))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._auth_url!r}, ***)"


class KeystonePasswordCredential(KeystoneCredential):
    """A user's name and password.

    Args:
        auth_url: Where keystone is, with or without ``/v3`` at the end.
        username: Who signs in.
        password: The user's.
        user_domain_name: Where the user is known. By default the domain with the id ``default``.
        user_domain_id: The same, by its id.
        project_name: The project that the token is good for: nearly every service wants one.
        project_id: The same, by its id.
        project_domain_name: Where a project of that name is known. By default where the user is.
        project_domain_id: The same, by its id.
        domain_name: For a token that is good for a whole domain.
        domain_id: The same, by its id.
        is_system: For a token that is good for the cloud itself.
        allow_http: Whether the password may travel unencrypted to another machine.
        clock: Seconds since the epoch; tests pass their own.

    Raises:
        ValueError: The URL or the password cannot be used, or the token is to be good for two things at once.
        InsecureTransportError: The URL is plain http on another machine and ``allow_http`` is not set.
    """

    __slots__ = ("_domain", "_scope", "_username")

    def __init__(
        self,
        auth_url: str,
        username: str,
        password: str,
        *,
        user_domain_name: str | None = None,
        user_domain_id: str | None = None,
        project_name: str | None = None,
        project_id: str | None = None,
        project_domain_name: str | None = None,
        project_domain_id: str | None = None,
        domain_name: str | None = None,
        domain_id: str | None = None,
        is_system: bool = False,
        allow_http: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not username:
            raise ValueError("the user name is empty; pass the name of the user who signs in")
        self._username = username
        self._domain = _by_id_or_name("user_domain", user_domain_id, user_domain_name) or {"id": "default"}
        domain = _by_id_or_name("domain", domain_id, domain_name)
        project = _by_id_or_name("project", project_id, project_name)
        if project is not None and "name" in project:  # a name means something only in a domain, an id everywhere
            project["domain"] = _by_id_or_name("project_domain", project_domain_id, project_domain_name) or self._domain
        self._scope = _scope(project, domain, is_system=is_system)
        super().__init__(auth_url, password, allow_http=allow_http, clock=clock)

    def _request(self) -> dict[str, Any]:
        user = {"name": self._username, "domain": self._domain, "password": self._secret}
        identity = {"methods": ["password"], "password": {"user": user}}
        return {"identity": identity, **({} if self._scope is None else {"scope": self._scope})}

    def __repr__(self) -> str:
        return f"KeystonePasswordCredential({self._auth_url!r}, {self._username!r}, ***)"


class KeystoneApplicationCredential(KeystoneCredential):
    """An application credential: what a user made for a program, good for one project and revoked by itself.

    Args:
        auth_url: Where keystone is, with or without ``/v3`` at the end.
        credential_id: The id of the application credential.
        secret: What keystone showed when it was made.
        allow_http: Whether the secret may travel unencrypted to another machine.
        clock: Seconds since the epoch; tests pass their own.

    Raises:
        ValueError: The URL or the secret cannot be used.
        InsecureTransportError: The URL is plain http on another machine and ``allow_http`` is not set.
    """

    __slots__ = ("_which",)

    def __init__(
        self,
        auth_url: str,
        credential_id: str,
        secret: str,
        *,
        allow_http: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not credential_id:
            raise ValueError("the application credential's id is empty; keystone showed it when it was made")
        self._which: dict[str, Any] = {"id": credential_id}
        super().__init__(auth_url, secret, allow_http=allow_http, clock=clock)

    @classmethod
    def of_user(
        cls,
        auth_url: str,
        name: str,
        secret: str,
        *,
        username: str,
        user_domain_name: str | None = None,
        user_domain_id: str | None = None,
        allow_http: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> KeystoneApplicationCredential:
        """Return one that is known by its name and by the user who made it. Arguments and errors as for the class."""
        credential = cls(auth_url, name, secret, allow_http=allow_http, clock=clock)
        domain = _by_id_or_name("user_domain", user_domain_id, user_domain_name) or {"id": "default"}
        credential._which = {"name": name, "user": {"name": username, "domain": domain}}
        return credential

    def _request(self) -> dict[str, Any]:
        identity = {"methods": ["application_credential"]}
        return {"identity": {**identity, "application_credential": {**self._which, "secret": self._secret}}}

    def __repr__(self) -> str:
        which = self._which.get("id") or self._which["name"]
        return f"KeystoneApplicationCredential({self._auth_url!r}, {which!r}, ***)"


# --- what signs in ---------------------------------------------------------------------------------------------------


def _identity_url(auth_url: str, allow_http: bool) -> str:
    """Return the address of the Identity API v3, without a slash at its end."""
    home, url = home_of(auth_url), auth_url.rstrip("/")
    scheme, host, _ = home.origin
    if scheme != "https" and not is_loopback(host) and not allow_http:
        raise InsecureTransportError(
            f"keystone at http://{host} is not encrypted, and a secret would be sent to it; use https, or pass "
            "allow_http=True if the network in between is yours"
        )
    last = url.rpartition("/")[2]
    if last.startswith("v2"):
        raise ValueError(f"the auth_url ends in {last}, an identity API that is no more; use the one that ends in v3")
    return url if last == "v3" else f"{url}/v3"


def _by_id_or_name(what: str, id: str | None, name: str | None) -> dict[str, Any] | None:
    if id and name:
        raise ValueError(f"{what}_id and {what}_name are two ways to say the same; give one of them")
    return {"id": id} if id else {"name": name} if name else None


def _scope(
    project: Mapping[str, Any] | None, domain: Mapping[str, Any] | None, *, is_system: bool
) -> dict[str, Any] | None:
    """Return the ``scope`` of a sign-in, None for a token that is good for nothing but to ask for another one."""
    if sum((project is not None, domain is not None, is_system)) > 1:
        raise ValueError("a token is good for a project, a domain or the system; say one of them")
    if project is not None:
        return {"project": project}
    if domain is not None:
        return {"domain": domain}
    return {"system": {"all": True}} if is_system else None


# --- what comes back -------------------------------------------------------------------------------------------------


def _token_in(response: HttpResponse) -> Mapping[str, Any] | None:
    token = (json_object(response.content) or {}).get("token")
    return cast("Mapping[str, Any]", token) if isinstance(token, Mapping) else None


def _lifetime(token: Mapping[str, Any], clock: Callable[[], float]) -> float:
    """Return how long a token lives, in seconds; for ever if keystone does not say, for then only a 401 ends it.

    Both moments are on keystone's clock, so that ours may be wrong.
    """
    from ..serialization._times import read_datetime  # only for who signs in

    try:
        expires = read_datetime(token["expires_at"]).timestamp()
        issued = read_datetime(token["issued_at"]).timestamp() if "issued_at" in token else clock()
    except (KeyError, TypeError, ValueError, AttributeError):
        return float("inf")
    return expires - issued


def _reason(response: HttpResponse, url: str) -> str:
    """Return what to do about a refusal that says too little by itself, "" for any other."""
    if "Openstack-Auth-Receipt" in response.headers:
        return "keystone asks this user for another factor, which is not supported; use an application credential"
    is_elsewhere = response.status_code < 400 or response.status_code in (404, 405)
    # Keystone itself says 404 too, of an application credential that it does not know.
    if is_elsewhere and not service_error(json_object(response.content))[1]:
        return f"there is no Identity API v3 at {url}; check the auth_url"
    return ""
