"""What went wrong on the road, in words: one place, so that every transport says it in the same way.

Each function returns the error to raise; the caller adds the cause with ``from``. ``place`` is ``host:port``.
"""

from __future__ import annotations

from ..errors import (
    DeadlineExceededError,
    ServiceRequestError,
    ServiceRequestTimeoutError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
    TransportError,
)
from ..rest import HttpRequest

__all__ = [
    "answer_timed_out",
    "broke_off",
    "cannot_decompress",
    "closed_without_answer",
    "connect_timed_out",
    "deadline_passed",
    "is_short",
    "no_http",
    "no_proxy",
    "not_connected",
    "not_resolved",
    "not_sent",
    "not_verified",
    "tls_failed",
]

# OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH: a name is wrong, not the trust.
_NAME_MISMATCHES = frozenset({62, 64})

# X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED: trusting its CA would not help.
_WRONG_DATES = frozenset({9, 10})


# What goes out in one piece with the header.
_SHORT = 16 * 1024


def is_short(request: HttpRequest) -> bool:
    """Whether the request goes out in one piece, header and body."""
    content = request.content
    return content is None or (isinstance(content, bytes) and len(content) <= _SHORT)


# A cause may hold what the other side sent: cut here, and made one line.
_CAUSE_LIMIT = 200


def _brief(cause: object) -> str:
    text = " ".join(str(cause).split()) or type(cause).__name__
    return text if len(text) <= _CAUSE_LIMIT else text[:_CAUSE_LIMIT] + "…"


# --- before the request was sent: `is_unsent` -------------------------------------------------------------------------


def not_resolved(request: HttpRequest, place: str, cause: object) -> TransportError:
    """The host's name could not be resolved."""
    return ServiceRequestError(
        f"the name of {place} could not be resolved ({_brief(cause)}); check how the endpoint is spelt, and the DNS",
        request=request,
        is_unsent=True,
    )


def not_connected(request: HttpRequest, place: str, cause: object) -> TransportError:
    """No connection, for a reason that came at once: refused, unreachable."""
    return ServiceRequestError(
        f"could not connect to {place} ({_brief(cause)}); "
        "check that the service runs there and is not blocked by a firewall",
        request=request,
        is_unsent=True,
    )


def connect_timed_out(request: HttpRequest, place: str, seconds: float) -> TransportError:
    """No connection within ``connect_timeout``."""
    return ServiceRequestTimeoutError(
        f"no connection to {place} within {seconds:g} s; check that the service is reachable from here, "
        "or allow more with `connect_timeout`",
        request=request,
        is_unsent=True,
    )


def not_verified(request: HttpRequest, place: str, cause: object) -> TransportError:
    """The server's certificate is not to be trusted, or is another host's."""
    reason = getattr(cause, "verify_message", None) or _brief(cause)
    if getattr(cause, "verify_code", None) in _NAME_MISMATCHES:
        advice = "connect by a name that is in its certificate"
    elif getattr(cause, "verify_code", None) in _WRONG_DATES:
        advice = "have the service renew it, and check this machine's clock"
    else:
        advice = 'if a private CA signed it, trust that CA with `verify="path/to/ca.pem"`'
    return ServiceRequestError(
        f"the TLS certificate of {place} could not be verified ({reason.rstrip('.')}); {advice}",
        request=request,
        is_unsent=True,
        is_transient=False,
    )


def tls_failed(request: HttpRequest, place: str, cause: object) -> TransportError:
    """The TLS handshake failed for another reason than trust."""
    return ServiceRequestError(
        f"no TLS connection to {place} ({_brief(cause)}); check that this port speaks TLS, and whether "
        "the service wants a client certificate (`certificate`)",
        request=request,
        is_unsent=True,
    )


def no_proxy(request: HttpRequest, place: str, cause: object) -> TransportError:
    """The proxy could not be reached, or would not connect us."""
    return ServiceRequestError(
        f"no way to {place} through the proxy ({_brief(cause)}); check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
        request=request,
        is_unsent=True,
    )


# --- while it was being sent or answered ------------------------------------------------------------------------------


def not_sent(request: HttpRequest, place: str, cause: object) -> TransportError:
    """The connection broke while the request was on its way; the service may have seen a part."""
    return ServiceRequestError(
        f"the connection to {place} broke while the request was being sent ({_brief(cause)}); "
        "send it again if that is safe",
        request=request,
    )


def closed_without_answer(request: HttpRequest, place: str, cause: object, *, is_reused: bool) -> TransportError:
    """The connection was closed before the first byte of an answer.

    On a reused one that is how an idle connection usually ends: the server closed it while our request was on its way.
    A long body is different, as a server may answer and close before it has read all of it.
    """
    if is_reused and is_short(request):
        return ServiceResponseError(
            f"{place} closed an idle connection just as it was used again ({_brief(cause)}); send the request again",
            request=request,
            is_unsent=True,
        )
    return ServiceResponseError(
        f"{place} closed the connection without an answer ({_brief(cause)}); "
        "whether it acted on the request is not known, so send it again only if that is safe",
        request=request,
    )


def answer_timed_out(request: HttpRequest, place: str, seconds: float) -> TransportError:
    """Nothing came for ``read_timeout``."""
    return ServiceResponseTimeoutError(
        f"{place} sent nothing for {seconds:g} s; allow more with `read_timeout` if the service takes that long",
        request=request,
    )


def broke_off(request: HttpRequest, place: str, cause: object) -> TransportError:
    """A part of the answer came, the rest did not."""
    return ServiceResponseError(
        f"the answer of {place} broke off ({_brief(cause)}); send the request again if that is safe", request=request
    )


def no_http(request: HttpRequest, place: str, cause: object) -> TransportError:
    """What came back is not HTTP."""
    return ServiceResponseError(
        f"what {place} answered is not valid HTTP ({_brief(cause)}); "
        "check that the endpoint's scheme and port are right",
        request=request,
    )


def cannot_decompress(request: HttpRequest, place: str, cause: object) -> TransportError:
    """The body is not in the encoding that its header names."""
    return ServiceResponseError(
        f"the body that {place} sent could not be decompressed ({_brief(cause)}); to get it as it is, set the header "
        "`Accept-Encoding: identity`",
        request=request,
    )


def deadline_passed(request: HttpRequest, place: str, *, connections: int | None = None) -> TransportError:
    """The call's own time is over. ``connections``: how many there may be, if it was one of them that it waited for."""
    timeout = request.call.settings.get("timeout")
    amount = "" if timeout is None else f" of {timeout:g} s"
    if connections is not None:
        return DeadlineExceededError(
            f"the call's timeout{amount} ran out before one of the {connections} connections became free for {place}; "
            "close streams that are open, send less at a time, or raise `max_connections`",
            request=request,
        )
    return DeadlineExceededError(
        f"the call's timeout{amount} ran out while waiting for {place}; raise `timeout` to wait longer", request=request
    )
