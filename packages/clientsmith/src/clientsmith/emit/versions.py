"""How a package says the version of the API: its scheme as data, the constructor's part in it, and what docs say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from clientsmith.core.versioning import VersionFormat
from clientsmith.emit.code import NONE, Code, Symbol, attribute, call, local, value
from clientsmith.emit.colour import Colour
from clientsmith.emit.statements import Assign
from clientsmith.emit.text import one_line
from clientsmith.model.ir import Api, ApiVersionIn, Lifetime, Location, VersionScheme
from clientsmith.model.versions import read

__all__ = [
    "about_lifetime",
    "about_version",
    "about_versions",
    "absent_in",
    "default_version",
    "is_negotiable",
    "needed_by",
    "refusal",
    "scheme_constant",
    "spoken_version",
    "versions_answer",
]

_VERSIONING: Final = "clientsmith.core.versioning"
_SCHEMES: Final = "clientsmith.core.versioning.schemes"
_CONSTANT: Final = "API_VERSION"


# --- in code ---------------------------------------------------------------------------------------------------------


def scheme_constant(api: Api) -> list[Assign]:
    """``API_VERSION`` of ``_operations.py``; none where the document says no version."""
    if not api.api_version.default:
        return []
    told = "How the API says, sends and refuses versions; `api_version` of the client chooses one."
    return [Assign(_CONSTANT, _scheme(api.api_version), Symbol(_VERSIONING, "Scheme").code, docstring=told)]


def default_version(api: Api) -> Code:
    """The default of ``api_version``: the newest version known, negotiable unless it is sent as it is."""
    text = value(api.api_version.default)
    return call(Symbol(_VERSIONING, "DefaultVersion").code, text) if is_negotiable(api.api_version) else text


def is_negotiable(scheme: ApiVersionIn) -> bool:
    """Whether the version that is not pinned may turn out to be another one, or has to be compared."""
    return bool(scheme.default) and (not scheme.scheme.is_fixed or scheme.format is not VersionFormat.OPAQUE)


def spoken_version(api: Api, colour: Colour) -> Code:
    """What the constructor gives its base: the scheme at the version that the caller chose."""
    if api.api_version.default:
        return call(attribute(attribute(colour.sibling("_operations").code, _CONSTANT), "at"), local("api_version"))
    fixed = "fixed_query" if api.api_version.location is Location.QUERY else "fixed_header"
    made = call(Symbol(_SCHEMES, fixed).code, value(api.api_version.wire_name), local("api_version"))
    return made + " if api_version else " + NONE


def _scheme(scheme: ApiVersionIn) -> Code:
    name, arguments, keywords = _CALLS[scheme.scheme](scheme)
    said = {key: value(one) for key, one in keywords.items() if one not in ("", (), None)}
    if scheme.ordered is not VersionFormat.OPAQUE and scheme.scheme in _WITH_FORMAT:
        said["format"] = attribute(Symbol(_VERSIONING, "VersionFormat").code, scheme.ordered.name)
    return call(Symbol(_SCHEMES, name).code, *map(value, arguments), **said)


_Call = tuple[str, tuple[object, ...], dict[str, object]]


def _microversion(one: ApiVersionIn) -> _Call:
    return "microversion", (one.service_type, one.default, one.oldest), {"older_headers": one.older_headers}


def _date_header(one: ApiVersionIn) -> _Call:
    echoes = None if one.echo else False
    return "date_header", (one.wire_name, one.default), {"versions": one.versions, "echoes": echoes}


def _date_query(one: ApiVersionIn) -> _Call:
    return "date_query", (one.wire_name, one.default), {"versions": one.versions}


def _path(one: ApiVersionIn) -> _Call:
    template = "" if one.wire_name == "{}" else one.wire_name
    # What a variable of the server's URL says, the constructor has put there already.
    written = True if one.variable or one.written == one.default else one.written
    return "path_prefix", (one.default,), {"template": template, "header": one.echo, "in_paths": written}


def _capabilities(one: ApiVersionIn) -> _Call:
    return "capability_list", (one.document, one.default, *([one.oldest] if one.oldest else [])), {}


_CALLS: Final[dict[VersionScheme, Callable[[ApiVersionIn], _Call]]] = {
    VersionScheme.MICROVERSION: _microversion,
    VersionScheme.DATE_HEADER: _date_header,
    VersionScheme.DATE_QUERY: _date_query,
    VersionScheme.SEMVER: lambda one: ("semver_floor", (one.wire_name, one.default), {}),
    VersionScheme.PATH: _path,
    VersionScheme.MEDIA_TYPE: lambda one: ("accept_header", (one.wire_name, one.default), {}),
    VersionScheme.CAPABILITIES: _capabilities,
    VersionScheme.HEADER: lambda one: ("fixed_header", (one.wire_name, one.default), {}),
    VersionScheme.QUERY: lambda one: ("fixed_query", (one.wire_name, one.default), {}),
}
_WITH_FORMAT: Final = frozenset(
    {VersionScheme.CAPABILITIES, VersionScheme.HEADER, VersionScheme.QUERY, VersionScheme.MEDIA_TYPE}
)


# --- in the tests ----------------------------------------------------------------------------------------------------


def absent_in(lifetime: Lifetime, scheme: ApiVersionIn) -> str:
    """Return a version that a client can be pinned to and that does not have the operation, "" if there is none."""
    form = scheme.format
    known = [version for text in (*scheme.versions, scheme.oldest, scheme.default) if (version := read(text, form))]
    since, until = read(lifetime.since, form), read(lifetime.until, form)
    outside = [one for one in known if (since and one < since) or (until and until < one)]
    if outside:
        return max(outside).text
    if since is None or scheme.oldest:  # a service that says its range would refuse what is older
        return ""
    return re.sub("[0-9]+", lambda found: f"{max(int(found[0]) - 1, 0):0{len(found[0])}}", since.text, count=1)


def needed_by(lifetime: Lifetime, scheme: ApiVersionIn) -> str:
    """Return the version that a client has to be pinned to for an operation, "" if its own default has it."""
    form = scheme.format
    default, since, until = (read(text, form) for text in (scheme.default, lifetime.since, lifetime.until))
    if default is None:
        return ""
    return lifetime.until if until and until < default else lifetime.since if since and default < since else ""


def versions_answer(api: Api) -> Code | None:
    """What a service says that is asked which versions there are, None if a client does not ask.

    It has all that the tests speak: also what an operation needs that is over, or newer than the newest.
    """
    scheme = api.api_version
    if not scheme.is_asked_for:
        return None
    needed = (
        text for one in api.operations for text in (needed_by(one.lifetime, scheme), absent_in(one.lifetime, scheme))
    )
    texts = (scheme.oldest, scheme.default, *needed)
    known = sorted({found for text in texts if (found := read(text, scheme.format))})
    if scheme.scheme is VersionScheme.MICROVERSION:
        entry = {"id": f"v{scheme.default}", "status": "CURRENT", "min_version": known[0].text}
        said: object = {"versions": [entry | {"version": known[-1].text}]}
    else:
        said = {"versions": [one.text for one in known]}
    return call(Symbol("clientsmith.core.testing", "Answer").code, json=value(said))


def refusal(api: Api) -> Code | None:
    """What a service says that does not have the version, None where no version is asked for that it could refuse."""
    scheme, answer = api.api_version, Symbol("clientsmith.core.testing", "Answer").code
    match scheme.scheme:
        case VersionScheme.MICROVERSION:
            said: object = {"errors": [{"status": 406, "min_version": "0.1", "max_version": "0.2"}]}
            return call(answer, value(406), json=value(said))
        case VersionScheme.DATE_HEADER | VersionScheme.DATE_QUERY | VersionScheme.SEMVER:
            said = {"error": {"code": "UnsupportedApiVersion", "message": "There is no such version."}}
            return call(answer, value(400), json=value(said))
        case _:
            return None


# --- in words --------------------------------------------------------------------------------------------------------


def about_version(api: Api) -> str:
    """What the docstring of a constructor says about ``api_version``."""
    scheme = api.api_version
    name = one_line(scheme.wire_name)
    match scheme.scheme:
        case VersionScheme.MICROVERSION:
            return (
                "The version of the API to speak. By default the newest that the service and this client, "
                f"{scheme.oldest} to {scheme.default}, have in common: the service is asked before the first call. "
                "One that you give is sent as it is."
            )
        case VersionScheme.CAPABILITIES:
            return (
                "The version of the API to rely on. By default the newest that the service and this client have in "
                f"common, as ``{one_line(scheme.document)}`` of the service says."
            )
        case VersionScheme.PATH:
            return f"The version of the API to speak, in the path: ``/{name.format(scheme.default)}/``."
        case VersionScheme.MEDIA_TYPE:
            return f"The version of the API to speak, in the media type asked for: ``{name.format(scheme.default)}``."
        case _:
            place = scheme.location.value if scheme.location is not None else "header"
            known = f" Known are {_listed(scheme.versions)}." if scheme.versions else ""
            return f"The version of the API to speak, sent as given in the {place} ``{name}``.{known}"


def _listed(versions: tuple[str, ...]) -> str:
    return ", ".join(f"``{one_line(one)}``" for one in versions)


def about_lifetime(lifetime: Lifetime) -> str:
    """What a docstring says about the versions that have an operation, "" if all have it."""
    since, until = one_line(lifetime.since), one_line(lifetime.until)
    if since and until:
        return f"Since API version {since}, and until {until}."
    return f"Since API version {since}." if since else f"Until API version {until}." if until else ""


def about_versions(api: Api, *, has_lifetimes: bool) -> list[str]:
    """What the README says about versions, a paragraph each: what is spoken, how to choose, what goes wrong."""
    scheme = api.api_version
    chosen = (
        f'`{api.root.name}(..., api_version="…")` pins another one: it is sent as it is, and never moved into a range.'
    )
    if has_lifetimes:
        chosen += (
            " A method that the version spoken does not have raises `FeatureNotSupportedError`, and nothing is sent; "
            "its docstring says since when there is one."
        )
    return [_how(scheme, _code(scheme.default)), chosen, *([] if scheme.scheme.is_fixed else [_ERRORS])]


_ERRORS: Final = (
    "A version that the service does not have is an `ApiVersionRefusedError` with what the service offers, a service "
    "that has no version in common with this client an `UnsupportedApiVersionError`: both are from "
    "`clientsmith.core.versioning`. What the service says about the end of a version or of an operation is told once, "
    "as an `ApiLifecycleWarning` and to the option `lifecycle_hook=`."
)


def _how(scheme: ApiVersionIn, default: str) -> str:
    name = _code(scheme.wire_name)
    match scheme.scheme:
        case VersionScheme.MICROVERSION:
            return (
                f"This client speaks API versions {_code(scheme.oldest)} to {default}. Before its first call it asks "
                "the service for its range, and then says the newest version that both have with every request, in "
                f"the header {name}; a service without microversions is sent none."
            )
        case VersionScheme.CAPABILITIES:
            return (
                f"This client knows the API up to version {default}. Before its first call it asks the service at "
                f"{_code(scheme.document)} which versions it has."
            )
        case VersionScheme.PATH:
            shown = _code(f"/{scheme.wire_name.format(scheme.default)}/")
            echo = f" Answers say their version in {_code(scheme.echo)}, and are held to it." if scheme.echo else ""
            return f"This client speaks version {default} of the API, in the path: {shown}.{echo}"
        case VersionScheme.MEDIA_TYPE:
            shown = _code(scheme.wire_name.format(scheme.default))
            return f"This client asks for version {default} of the API by its media type, {shown}."
        case VersionScheme.SEMVER:
            return (
                f"This client says version {default} of the API with every request, in the header {name}; the service "
                "takes it unless it wants at least a newer one."
            )
        case _:
            place = "query parameter" if scheme.location is Location.QUERY else "header"
            known = f" Known are {', '.join(map(_code, scheme.versions))}." if scheme.versions else ""
            return f"This client says version {default} of the API with every request, in the {place} {name}.{known}"


def _code(text: str) -> str:
    """Return a text of the document as code in Markdown."""
    return f"`{one_line(text).replace('`', '')}`"
