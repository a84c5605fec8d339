"""The runtime that a Python client library stands on.

A tour, from the outside in:

- `ServiceClient` is the base of every client (its async twin lives in `clientsmith.core.aio`).
- `Operation` says as data what a method sends and how the answer is read; `ItemPaged` and `LROPoller` are what
  ``list_`` and ``begin_`` methods return.
- Credentials (`KeyCredential`, `BasicCredential`, `TokenCredential`, …) prove who is calling; `clientsmith.core.oauth2`
  has those that get tokens from an authorization server.
- `HttpRequest` and `HttpResponse` travel through a `Chain` of policies over a transport; `HookPolicy` and `FlowPolicy`
  are how you write your own, once for sync and async, and `HTTPPolicy` is the classic form.
- `MatchConditions` says when a service may do what it is asked to.
- `Model` is the base of typed, dict-backed models.
- `clientsmith.core.versioning` negotiates which version of its API a service is spoken to in.
- Every error is a `ClientsmithError`; `clientsmith.core.errors` draws the tree.

Names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import aio as aio
    from .client import ServiceClient as ServiceClient
    from .conditions import MatchConditions as MatchConditions
    from .credentials import AccessToken as AccessToken
    from .credentials import AllOf as AllOf
    from .credentials import Basic as Basic
    from .credentials import BasicCredential as BasicCredential
    from .credentials import Bearer as Bearer
    from .credentials import KeyCredential as KeyCredential
    from .credentials import KeyInCookie as KeyInCookie
    from .credentials import KeyInHeader as KeyInHeader
    from .credentials import KeyInQuery as KeyInQuery
    from .credentials import NamedKeyCredential as NamedKeyCredential
    from .credentials import SasCredential as SasCredential
    from .credentials import SasInQuery as SasInQuery
    from .credentials import Signature as Signature
    from .credentials import Signer as Signer
    from .credentials import TokenCredential as TokenCredential
    from .errors import ArgumentError as ArgumentError
    from .errors import CircuitOpenError as CircuitOpenError
    from .errors import ClientAuthenticationError as ClientAuthenticationError
    from .errors import ClientsmithError as ClientsmithError
    from .errors import CredentialError as CredentialError
    from .errors import DeadlineExceededError as DeadlineExceededError
    from .errors import DecodeError as DecodeError
    from .errors import HttpResponseError as HttpResponseError
    from .errors import InsecureTransportError as InsecureTransportError
    from .errors import OperationFailedError as OperationFailedError
    from .errors import PollTimeoutError as PollTimeoutError
    from .errors import RateLimitedError as RateLimitedError
    from .errors import ResourceExistsError as ResourceExistsError
    from .errors import ResourceModifiedError as ResourceModifiedError
    from .errors import ResourceNotFoundError as ResourceNotFoundError
    from .errors import ServiceRequestError as ServiceRequestError
    from .errors import ServiceResponseError as ServiceResponseError
    from .errors import SettingError as SettingError
    from .errors import SignInError as SignInError
    from .errors import TokenRefusedError as TokenRefusedError
    from .errors import TokenUnavailableError as TokenUnavailableError
    from .errors import TransportError as TransportError
    from .errors import UnknownSettingError as UnknownSettingError
    from .errors import UsageError as UsageError
    from .models import UNSET as UNSET
    from .models import Model as Model
    from .models import additional as additional
    from .models import field as field
    from .operations import ListOperation as ListOperation
    from .operations import LongRunningOperation as LongRunningOperation
    from .operations import Operation as Operation
    from .paging import ItemPaged as ItemPaged
    from .pipeline import Chain as Chain
    from .pipeline import FlowPolicy as FlowPolicy
    from .pipeline import HookPolicy as HookPolicy
    from .pipeline import HTTPPolicy as HTTPPolicy
    from .pipeline import Sleep as Sleep
    from .policies.caching import CachingPolicy as CachingPolicy
    from .policies.circuit_breaker import CircuitBreakerPolicy as CircuitBreakerPolicy
    from .policies.concurrency import ConcurrencyLimitPolicy as ConcurrencyLimitPolicy
    from .policies.hedging import HedgingPolicy as HedgingPolicy
    from .policies.rate_limit import RateLimitPolicy as RateLimitPolicy
    from .polling import LROPoller as LROPoller
    from .rest import Headers as Headers
    from .rest import HttpRequest as HttpRequest
    from .rest import HttpResponse as HttpResponse
    from .versioning import ApiLifecycleNotice as ApiLifecycleNotice
    from .versioning import ApiLifecycleWarning as ApiLifecycleWarning
    from .versioning import ApiRetiredError as ApiRetiredError
    from .versioning import ApiVersion as ApiVersion
    from .versioning import ApiVersionError as ApiVersionError
    from .versioning import ApiVersionRefusedError as ApiVersionRefusedError
    from .versioning import FeatureNotSupportedError as FeatureNotSupportedError
    from .versioning import MalformedVersionError as MalformedVersionError
    from .versioning import NewerApiVersionWarning as NewerApiVersionWarning
    from .versioning import UnsupportedApiVersionError as UnsupportedApiVersionError
    from .versioning import VersionMismatchError as VersionMismatchError

if not TYPE_CHECKING:
    from .lazy import lazy

    _TABLE = {
        "aio": "aio",
        "client": "ServiceClient",
        "conditions": "MatchConditions",
        "credentials.schemes": "AllOf Basic Bearer KeyInCookie KeyInHeader KeyInQuery SasInQuery Signature Signer",
        "credentials.secrets": "BasicCredential KeyCredential NamedKeyCredential SasCredential",
        "credentials.tokens": "AccessToken TokenCredential",
        "errors": (
            "ArgumentError CircuitOpenError ClientAuthenticationError ClientsmithError CredentialError "
            "DeadlineExceededError DecodeError HttpResponseError InsecureTransportError OperationFailedError "
            "PollTimeoutError RateLimitedError ResourceExistsError ResourceModifiedError ResourceNotFoundError "
            "ServiceRequestError ServiceResponseError SettingError SignInError TokenRefusedError "
            "TokenUnavailableError TransportError UnknownSettingError UsageError"
        ),
        "models": "UNSET Model additional field",
        "operations": "ListOperation LongRunningOperation Operation",
        "paging": "ItemPaged",
        "pipeline": "Chain FlowPolicy HTTPPolicy HookPolicy Sleep",
        "policies.caching": "CachingPolicy",
        "policies.circuit_breaker": "CircuitBreakerPolicy",
        "policies.concurrency": "ConcurrencyLimitPolicy",
        "policies.hedging": "HedgingPolicy",
        "policies.rate_limit": "RateLimitPolicy",
        "polling": "LROPoller",
        "rest": "Headers HttpRequest HttpResponse",
        "versioning": (
            "ApiLifecycleNotice ApiLifecycleWarning ApiRetiredError ApiVersion ApiVersionError ApiVersionRefusedError "
            "FeatureNotSupportedError MalformedVersionError NewerApiVersionWarning UnsupportedApiVersionError "
            "VersionMismatchError"
        ),
    }
    __all__ = sorted(name for names in _TABLE.values() for name in names.split())
    __getattr__, __dir__ = lazy(__name__, _TABLE)
