"""The built-in policies, one idea a module, each written once for sync and async."""

from __future__ import annotations

from .api_version import ApiVersion, ApiVersionPolicy
from .authentication import BearerTokenPolicy, SecretPolicy, authentication_policy
from .headers import HeadersPolicy
from .idempotency import IdempotencyKeyPolicy
from .logging import LoggingPolicy
from .redirect import RedirectPolicy
from .request_id import RequestIdPolicy
from .retry import Backoff, RetryBudget, RetryPolicy
from .user_agent import UserAgentPolicy

__all__ = [
    "ApiVersion",
    "ApiVersionPolicy",
    "Backoff",
    "BearerTokenPolicy",
    "HeadersPolicy",
    "IdempotencyKeyPolicy",
    "LoggingPolicy",
    "RedirectPolicy",
    "RequestIdPolicy",
    "RetryBudget",
    "RetryPolicy",
    "SecretPolicy",
    "UserAgentPolicy",
    "authentication_policy",
]
