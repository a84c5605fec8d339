"""The shapes that resources of the wire share; also a source of the OpenAPI document.

Requests carry their rules (`msgspec.Meta`), so that what is checked and what is documented cannot differ. In
responses every key is always present, null where there is nothing to say.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct, field

__all__ = [
    "App",
    "Base",
    "ContextName",
    "DriverName",
    "EntryName",
    "ErrorResponse",
    "Host",
    "JobId",
    "JobLookupError",
    "Lines",
    "MessageError",
    "Page",
    "Password",
    "PerPage",
    "PlatformName",
    "Port",
    "ProblemDetails",
    "RateLimitError",
    "RecordLookupError",
    "RequestTags",
    "Tags",
    "Time",
    "Username",
    "ValidationErrorItem",
    "Version",
    "Wait",
]

# A command or a configuration line is a few dozen characters; the longest that a device takes, a pasted certificate in
# one line, a few thousand. With as many lines as the largest configurations that fit a body.
LONGEST_LINE: Final = 16_384
MOST_LINES: Final = 50_000

Time = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
App = Annotated[str, Meta(description="The name of the service: `naas`.")]
Version = Annotated[str, Meta(description="The version of the service, for example `2.3.0`.")]
JobId = Annotated[
    str,
    Meta(
        description="The id of the job: a UUID.",
        examples=["5f1c1c0e-6b1f-4a3e-9d57-0c1f2f2f8a11"],
        extra_json_schema={"format": "uuid"},
    ),
]
Tags = dict[str, str]
RequestTags = Annotated[
    Tags | None,
    Meta(
        description=(
            "Labels to find the job by: at most 10, keys and values of 1 to 64 letters, digits, `_`, `-` and `:`."
        ),
        examples=[{"site": "lab"}],
        extra_json_schema={"maxProperties": 10},
    ),
]
Lines = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=LONGEST_LINE)]], Meta(min_length=1, max_length=MOST_LINES)
]
EntryName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,127}$")]
Host = Annotated[str, Meta(min_length=1, max_length=253, examples=["192.0.2.10", "core-1.example.net"])]
Port = Annotated[int, Meta(ge=1, le=65535)]
PlatformName = Annotated[str, Meta(min_length=1, max_length=64, examples=["cisco_ios", "juniper_junos"])]
DriverName = Annotated[str, Meta(pattern="^(netmiko|scrapli)$")]
ContextName = Annotated[str, Meta(min_length=1, max_length=64)]
Username = Annotated[str, Meta(min_length=1, max_length=255)]
Password = Annotated[str, Meta(max_length=4096, extra_json_schema={"format": "password", "writeOnly": True})]

# A page further away than this is nobody's; a cursor (`before`) goes as far as one likes.
Page = Annotated[int, Meta(ge=1, le=1_000_000, description="Which page, from 1.")]
PerPage = Annotated[int, Meta(ge=1, le=100, description="How many entries a page holds.")]
# Longer than most proxies let a request wait would be answered by the proxy.
LONGEST_WAIT: Final = 30
Wait = Annotated[float, Meta(ge=0, le=LONGEST_WAIT)]


class Base(Struct, kw_only=True, frozen=True):
    """What most answers hold beside their own: who answers."""

    app: App
    version: Version


class ErrorResponse(Struct, kw_only=True, frozen=True):
    """The request was refused."""

    message: Annotated[str, Meta(description="What went wrong, for people.")]
    status: Annotated[int, Meta(description="The HTTP status code again.")]
    error: Annotated[str, Meta(description="One of a few fixed texts.")]
    app: App
    version: Version


class MessageError(Struct, kw_only=True, frozen=True):
    """The request was refused; only a message says why."""

    message: Annotated[str, Meta(description="What went wrong, for people.")]


class JobLookupError(Struct, kw_only=True, frozen=True):
    """There is no such job, or it is in no state for this."""

    job_id: JobId
    status: Annotated[str, Meta(description="What was wrong with the job: `not_found` or `not_failed`.")]
    app: App
    version: Version


class RecordLookupError(Struct, kw_only=True, frozen=True):
    """There is no such entry."""

    error: Annotated[str, Meta(description="What was not found, for people.")]
    app: App
    version: Version


class RateLimitError(Struct, kw_only=True, frozen=True):
    """The caller asks too often."""

    error: Annotated[str, Meta(description="Always `Rate limit exceeded`.")]
    retry_after: Annotated[int, Meta(description="How long to wait, in seconds.")]
    app: App
    version: Version


class ValidationErrorItem(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One rule that the request broke. Submitted secrets and commands are never repeated."""

    kind: Annotated[str, Meta(description="Which rule, for programs.", examples=["missing"])] = field(name="type")
    loc: Annotated[list[str | int], Meta(description="The way to the field.", examples=[["commands", 0]])]
    msg: Annotated[str, Meta(description="The rule, for people.")]
    input: Annotated[
        str | int | float | None, Meta(description="The submitted value, where repeating it is harmless.")
    ] = None
    suggestions: Annotated[list[str] | None, Meta(description="Known values close to the submitted one.")] = None


class ProblemDetails(Struct, kw_only=True, frozen=True, omit_defaults=True):
    """The same refusal as problem details (RFC 9457), for callers whose `Accept` names them."""

    kind: Annotated[str, Meta(description="Always `about:blank`.")] = field(name="type")
    title: Annotated[str, Meta(description="The name of the HTTP status.")]
    status: Annotated[int, Meta(description="The HTTP status code.")]
    detail: Annotated[str, Meta(description="What went wrong, for people.")]
    errors: Annotated[list[ValidationErrorItem] | None, Meta(description="Every rule that was broken.")] = None
    job_id: Annotated[str | None, Meta(description="The job in question.")] = None
