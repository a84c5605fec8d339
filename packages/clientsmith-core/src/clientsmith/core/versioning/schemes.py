"""The ready-made schemes: how APIs in the field say, send and refuse versions, one function each.

==================  ====================================================  ==========================================
`simple_api`        Python package indexes (PEP 629)                      in each answer; nothing is sent
`microversion`      OpenStack services                                    discovery, then a header with each request
`date_header`       GitHub, Stripe, Azure Storage: a header               sent as it is, refusals teach
`date_query`        Azure: ``?api-version=2026-06-01``                    sent as it is, refusals teach
`semver_floor`      Prefect: the service wants at least …                 sent as it is, refusals teach
`path_prefix`       ``/v2/…``                                             in the path; a header may confirm it
`capability_list`   Matrix, Kinto: lists of versions and features         discovery
`fixed_header`      anything that takes a version in a header             sent as it is
==================  ====================================================  ==========================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from .model import Known, Policy
from .scheme import Discovery, Scheme
from .senders import InAccept, InHeader, InPath, InQuery
from .sources import CapabilityList, HeaderRange, MediaType, ResponseHeader, VersionDocument
from .versions import ApiVersion, VersionFormat

__all__ = [
    "accept_header",
    "capability_list",
    "date_header",
    "date_query",
    "fixed_header",
    "fixed_query",
    "microversion",
    "path_prefix",
    "semver_floor",
    "simple_api",
]

# The fields that came with a version of the Simple API (PEP 700, 708, 740, 792). What was added before versions were
# counted up (yank, metadata, JSON) is no feature of a version: whoever wants it looks whether it is there.
_SIMPLE_FEATURES: Final = {
    "versions": "1.1",
    "size": "1.1",
    "upload-time": "1.1",
    "tracks": "1.2",
    "alternate-locations": "1.2",
    "provenance": "1.3",
    "project-status": "1.4",
}
_SIMPLE_TYPES: Final = r"application/vnd\.pypi\.simple\.v([0-9]{1,9})\+(?:json|html)$"


def simple_api(*, newest: str = "1.4", malformed: Literal["fail", "warn"] = "fail") -> Scheme:
    """The Simple API of Python package indexes (PEP 629, 691): every answer says its version.

    A newer major version is an error, a newer minor a warning, and none at all means 1.0. The two serializations of one
    index may be of two versions, so each answer is judged alone.

    Args:
        newest: The newest version understood.
        malformed: What to do with an index whose version is none: ``"warn"`` goes on as with 1.0.
    """
    majmin = VersionFormat.MAJOR_MINOR
    known = Known(
        newest=ApiVersion(newest, majmin),
        oldest=ApiVersion("1.0", majmin),
        features={name: ApiVersion(since, majmin) for name, since in _SIMPLE_FEATURES.items()},
    )
    policy = Policy(absent=ApiVersion("1.0", majmin), newer_minor="warn", malformed=malformed)
    return Scheme(
        name="the Simple API", known=known, policy=policy, answers=(MediaType(_SIMPLE_TYPES),), refused_with=()
    )


def microversion(
    service_type: str, newest: str, oldest: str = "", *, older_headers: Sequence[str] = (), path: str = ""
) -> Scheme:
    """OpenStack's microversions: a range found by discovery, and the version of each request in a header.

    What is sent is the newest version that both sides have, never ``latest`` and never more than the client knows, for
    any step may break (R6). A service without microversions is sent none.

    Args:
        service_type: As in the header: ``compute``, ``placement``; block storage calls itself ``volume`` there.
        newest: The newest version that the client understands.
        oldest: The oldest one; by default the first minor version of the newest's major.
        older_headers: The service's own headers from before the common one: ``X-OpenStack-Nova-API-Version``.
        path: The version in the endpoint's path, ``/v2.1``, where endpoints do not have it.
    """
    form = VersionFormat.MICROVERSION
    first = oldest or f"{newest.partition('.')[0]}.0"
    header = InHeader("OpenStack-API-Version", f"{service_type} ", tuple(older_headers))
    own = tuple(ResponseHeader(name, form) for name in older_headers)
    ranges = (
        *(HeaderRange(format=form, oldest=f"{name[:-8]}-Minimum-Version", newest=f"{name[:-8]}-Maximum-Version")
          for name in older_headers if name.endswith("-Version")),
        HeaderRange(
            format=form, oldest="OpenStack-API-Minimum-Version", newest="OpenStack-API-Maximum-Version"
        ),
    )  # fmt: skip
    return Scheme(
        name=f"OpenStack microversions of {service_type}",
        known=Known(newest=ApiVersion(newest, form), oldest=ApiVersion(first, form)),
        policy=Policy(absent="none", older="fail", malformed="ignore", executes_what_was_sent=True),
        sender=header,
        answers=(ResponseHeader("OpenStack-API-Version", form, f"{service_type} "), *own),
        refusals=ranges,
        refused_with=(400, 406),
        always_refuses=(406,),
        discovery=Discovery(paths=("", "..", "/"), source=VersionDocument(path)),
    )


def date_header(
    name: str,
    newest: str,
    *,
    versions: Sequence[str] = (),
    echoes: bool = True,
    supported: str = "api-supported-versions",
) -> Scheme:
    """A date in a header, sent as it is: GitHub, Stripe, Azure Storage.

    Args:
        name: The header field.
        newest: What is sent unless the caller says another one.
        versions: All that the client understands, where they are known: a closed list.
        echoes: Whether an answer's field of the same name says the version that was executed.
        supported: The field of a refusal in which the service lists its versions.
    """
    return _exact(InHeader(name), newest, versions, supported, echo=name if echoes else "", what=f"dates in {name}")


def date_query(
    name: str = "api-version",
    newest: str = "",
    *,
    versions: Sequence[str] = (),
    supported: str = "api-supported-versions",
) -> Scheme:
    """A date in the query, sent as it is: Azure. Arguments as for `date_header`."""
    return _exact(InQuery(name), newest, versions, supported, echo="", what=f"dates in the query parameter {name}")


def _exact(
    sender: InHeader | InQuery, newest: str, versions: Sequence[str], supported: str, *, echo: str, what: str
) -> Scheme:
    form = VersionFormat.DATE
    return Scheme(
        name=what,
        known=Known(newest=ApiVersion(newest, form), versions=tuple(ApiVersion(text, form) for text in versions)),
        policy=Policy(malformed="ignore", executes_what_was_sent=bool(echo)),
        sender=sender,
        answers=(ResponseHeader(echo, form),) if echo else (),
        refusals=(HeaderRange(format=form, versions=supported),),
    )


def semver_floor(header: str, version: str) -> Scheme:
    """A semantic version in a header: the service takes it or newer ones, and says the least it wants (Prefect)."""
    form = VersionFormat.SEMVER
    return Scheme(
        name=f"semantic versions in {header}",
        known=Known(newest=ApiVersion(version, form)),
        sender=InHeader(header),
    )


def path_prefix(version: str, *, template: str = "{}", header: str = "", in_paths: bool | str = False) -> Scheme:
    """A name as the first segment of the path: ``/v2/…``.

    Args:
        version: ``v2``.
        template: The segment, ``{}`` where the version stands.
        header: The field in which answers say the version that they are in, "" if they do not.
        in_paths: Whether the paths of the operations, or the endpoint, have it already, so that only another one that
            the caller chose takes its place; a text where what they have is not ``version``.
    """
    form = VersionFormat.NAMED
    written = in_paths if isinstance(in_paths, str) else version if in_paths else ""
    # `/2/users`: where versions are bare numbers, a number at the beginning is one.
    sender = InPath(template, written, r"[0-9][0-9A-Za-z.]*") if version[:1].isdigit() else InPath(template, written)
    return Scheme(
        name=f"names in the path, such as {version}",
        known=Known(newest=ApiVersion(version, form)),
        policy=Policy(newer_minor="ignore", malformed="ignore"),
        sender=sender,
        answers=(ResponseHeader(header, form),) if header else (),
        refused_with=(400, 404, 410),
    )


def capability_list(
    path: str,
    newest: str,
    oldest: str = "",
    *,
    format: VersionFormat = VersionFormat.NAMED,
    features: Mapping[str, str] | None = None,
    source: CapabilityList | None = None,
) -> Scheme:
    """A document that lists versions and features: Matrix' ``/_matrix/client/versions``, Kinto's hello view.

    Nothing is sent; an operation or a feature that the service does not have is known before the request.

    Args:
        path: Of the document, below the endpoint.
        newest: The newest version that the client understands.
        oldest: The oldest one.
        format: How the service writes versions.
        features: What came with which version; the service's own list of features wins over it.
        source: How the document is read, where it is not like Matrix'.
    """
    known = Known(
        newest=ApiVersion(newest, format),
        oldest=ApiVersion(oldest, format) if oldest else None,
        features={name: ApiVersion(since, format) for name, since in (features or {}).items()},
    )
    return Scheme(
        name=f"the list of versions at {path}",
        known=known,
        policy=Policy(absent="newest", malformed="ignore"),
        discovery=Discovery(paths=(path,), source=source or CapabilityList(format)),
    )


def accept_header(template: str, version: str, *, format: VersionFormat = VersionFormat.OPAQUE) -> Scheme:
    """A version in the media type that requests ask for: ``application/vnd.github.v3+json``."""
    return Scheme(
        name=f"versions in media types such as {template.format(version)}",
        known=Known(newest=ApiVersion(version, format)),
        policy=Policy(malformed="ignore"),
        sender=InAccept(template),
        refused_with=(400, 406, 410, 415),
    )


def fixed_header(name: str, version: str, *, format: VersionFormat = VersionFormat.OPAQUE) -> Scheme:
    """Any text in a header, sent as it is; a service that does not know the field ignores it."""
    return Scheme(
        name=f"versions in {name}",
        known=Known(newest=ApiVersion(version, format)),
        policy=Policy(malformed="ignore"),
        sender=InHeader(name),
    )


def fixed_query(name: str, version: str, *, format: VersionFormat = VersionFormat.OPAQUE) -> Scheme:
    """Any text in a query parameter, sent as it is."""
    return Scheme(
        name=f"versions in the query parameter {name}",
        known=Known(newest=ApiVersion(version, format)),
        policy=Policy(malformed="ignore"),
        sender=InQuery(name),
    )
