"""The built-in policies, one idea a module, each written once for sync and async."""

from __future__ import annotations

from .api_version import ApiVersionPolicy
from .authentication import ALLOW_HTTP, QuerySecretPolicy, SecretPolicy, SigningPolicy, authentication_policies
from .custom_hook import CustomHookPolicy
from .headers import HeadersPolicy
from .idempotency import IdempotencyKeyPolicy
from .logging import LoggingPolicy
from .redirect import RedirectPolicy
from .request_id import RequestIdPolicy
from .retry import Backoff, RetryBudget, RetryPolicy
from .tracing import TracingPolicy
from .user_agent import UserAgentPolicy

__all__ = [
    "ALLOW_HTTP",
    "ApiVersionPolicy",
    "Backoff",
    "CustomHookPolicy",
    "HeadersPolicy",
    "IdempotencyKeyPolicy",
    "LoggingPolicy",
    "QuerySecretPolicy",
    "RedirectPolicy",
    "RequestIdPolicy",
    "RetryBudget",
    "RetryPolicy",
    "SecretPolicy",
    "SigningPolicy",
    "TracingPolicy",
    "UserAgentPolicy",
    "authentication_policies",
]
