"""What is wrong with a request, by what the document says of its operation."""

from __future__ import annotations

from collections.abc import Iterator

from clientsmith.model.ir import Api, Location
from clientsmith.model.media import is_json
from clientsmith.openapi.data import is_object

from .bodies import OPAQUE, BodyError, body_value
from .description import Described, Media, ParameterRule, Requirement
from .exchange import Problem, Request
from .parameters import MISSING, Given, Kinds, parameter_value
from .schemas import Schema
from .validation import Direction, Validator
from .values import ValueMaker

__all__ = ["Checker", "media_of"]


class Checker:
    """Holds requests against the document.

    Args:
        api: The IR of the document: it knows which parameters are the runtime's own.
        validator: Of its schemas.
        maker: Of values of them.
        kinds: Of its schemas.
        refuse_unknown: Whether parameters of the query that the document does not name are wrong.
    """

    def __init__(
        self, api: Api, validator: Validator, maker: ValueMaker, kinds: Kinds, *, refuse_unknown: bool = False
    ) -> None:
        self._api, self._validator, self._maker, self._kinds = api, validator, maker, kinds
        self._refuse_unknown = refuse_unknown

    def problems(self, described: Described, request: Request, path: dict[str, str]) -> list[Problem]:
        """Return what is wrong with the parameters of a request, and with its body."""
        given = Given(path, request.query, request.headers, request.cookies)
        found = [one for rule in described.parameters for one in self._of_parameter(described, rule, given)]
        if self._refuse_unknown:
            found += self._unknown(described, request)
        return [*found, *self._of_body(described, request)]

    def _of_parameter(self, described: Described, rule: ParameterRule, given: Given) -> Iterator[Problem]:
        if self._is_paging(described, rule):
            return  # the tokens of the mock need not look like those of the service
        value = parameter_value(rule, given, self._kinds)
        if value is MISSING:
            if rule.required:
                expected = f"a {rule.location} parameter {rule.name!r}"
                yield Problem(
                    rule.location, rule.name, "required", expected, f"{rule.name!r} is missing; it is required"
                )
            return
        for mistake in self._validator.mistakes(value, rule.schema, Direction.REQUEST):
            place = f"{mistake.pointer}: " if mistake.pointer else ""
            yield Problem(rule.location, rule.name, mistake.rule, mistake.expected, f"{place}{mistake.message}")

    def _is_paging(self, described: Described, rule: ParameterRule) -> bool:
        paging = described.operation.paging
        return paging is not None and rule.name == paging.parameter and not rule.required

    def _unknown(self, described: Described, request: Request) -> Iterator[Problem]:
        rules = [rule for rule in described.parameters if rule.location == "query"]
        free = [
            rule for rule in rules if rule.style == "form" and rule.explode and "object" in self._kinds.of(rule.schema)
        ]
        keys = {scheme.wire_name for scheme in self._api.security_schemes if scheme.location is Location.QUERY}
        if self._api.api_version.location is Location.QUERY:
            keys.add(self._api.api_version.wire_name)
        keys |= {name for name, _text in Request("", described.path).query}  # some paths have a fixed query
        names = {rule.name for rule in rules} | keys
        for name, _text in request.query:
            bare = name.partition("[")[0] if name not in names else name
            if bare not in names and not free and not name.startswith("__"):
                known = ", ".join(sorted(names)) or "none"
                yield Problem("query", name, "unknown", f"one of: {known}", f"the document has no parameter {name!r}")

    # --- bodies ---

    def _of_body(self, described: Described, request: Request) -> Iterator[Problem]:
        has_body = bool(request.content) or "content-type" in request.headers
        if not described.bodies or (not has_body and request.own("__page")):  # a link of ours says it all
            return
        if not has_body:
            if described.body_is_required:
                kinds = " or ".join(media.media_type for media in described.bodies)
                yield Problem("body", "", "required", kinds, f"the body is missing; expected {kinds}")
            return
        media = media_of(described, request)
        if media is None:
            return  # answered with 415
        try:
            value = body_value(request, media, self._kinds)
        except BodyError as error:
            yield Problem("body", "", "syntax", media.media_type, f"the body cannot be read: {error}")
            return
        if value is OPAQUE or (is_json(request.media_type) and "patch" in request.media_type and not is_object(value)):
            return
        schema = media.schema
        if not is_json(request.media_type) and is_object(value) and "object" not in self._kinds.of(schema):
            return  # a form whose fields the document does not name
        if request.media_type == "application/merge-patch+json":
            return  # says what is to change: nothing is required, and null takes away (RFC 7396)
        mistakes = self._validator.mistakes(value, schema, Direction.REQUEST)
        own = self._own_mistakes(schema) if mistakes else set[tuple[str, str]]()
        for mistake in mistakes:
            if (mistake.pointer, mistake.rule) in own:
                continue
            yield Problem("body", mistake.pointer, mistake.rule, mistake.expected, mistake.message)

    def _own_mistakes(self, schema: Schema) -> set[tuple[str, str]]:
        """Return what is wrong with our own value: a schema that contradicts itself nobody can fulfil."""
        own = self._maker.make(schema, Direction.REQUEST)
        return {(one.pointer, one.rule) for one in self._validator.mistakes(own, schema, Direction.REQUEST)}

    # --- credentials ---

    def missing_credentials(self, described: Described, request: Request) -> list[Requirement]:
        """Return what one of the alternatives still needs, [] if one is complete."""
        lacking = [[one for one in alternative if not _brings(request, one)] for alternative in described.security]
        return [] if not lacking or [] in lacking else min(lacking, key=len)


def media_of(described: Described, request: Request) -> Media | None:
    """Return the body's description in the media type that was sent, None if there is none for it."""
    kind = request.media_type
    exact = [media for media in described.bodies if media.media_type.partition(";")[0].strip().lower() == kind]
    if exact:
        return exact[0]
    for media in described.bodies:
        name = media.media_type.partition(";")[0].strip().lower()
        if name == "*/*" or (name.endswith("/*") and kind.startswith(name[:-1])) or "/" not in name:
            return media
    return None


def _brings(request: Request, needed: Requirement) -> bool:
    scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
    match needed.kind:
        case "basic" | "bearer":
            return scheme == needed.kind
        case "key":
            name = needed.name
            match needed.location:
                case "query":
                    return any(key == name and text for key, text in request.query)
                case "cookie":
                    return bool(request.cookies.get(name))
                case _:
                    return bool(request.headers.get(name.lower()))
        case _:
            return True
