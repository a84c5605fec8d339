"""Swagger 2.0 to the structure of OpenAPI 3 (schemas are upgraded afterwards, by `convert`).

References keep their text: ``#/definitions/Pet`` is found through `Moves.current`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from clientsmith.findings import Finding, note, warning

from .convert import METHODS, kind_of
from .data import is_array, is_object
from .pointer import Moves, join

__all__ = ["NO_DEFAULTS", "Defaults", "External", "defaults_of", "restructure", "restructure_fragment"]

_SCHEMA_KEYS: Final = frozenset(
    {
        "default", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "items", "maxItems", "maxLength",
        "maximum", "minItems", "minLength", "minimum", "multipleOf", "pattern", "type", "uniqueItems",
        "x-enum-descriptions", "x-enum-varnames", "x-enumNames", "x-ms-enum", "x-nullable",
    }
)  # fmt: skip
_STYLES: Final[dict[str, tuple[str, bool]]] = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_FLOWS: Final = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_MOVED_PARTS: Final = {
    "definitions": "/components/schemas",
    "responses": "/components/responses",
    "parameters": "/components/parameters",
    "securityDefinitions": "/components/securitySchemes",
}

# Returns the parameter that a reference into another file means, None if it cannot be had.
External = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Defaults:
    """What Swagger 2.0 says once for all operations, also for those in other files."""

    consumes: tuple[str, ...] = ()
    produces: tuple[str, ...] = ()


NO_DEFAULTS: Final = Defaults()


def defaults_of(root: dict[str, Any]) -> Defaults:
    """Return the media types that operations of this document inherit."""
    return Defaults(_strings(root.get("consumes")), _strings(root.get("produces")))


def restructure(
    root: dict[str, Any], external: External = lambda _reference: None
) -> tuple[dict[str, Any], Moves, list[Finding]]:
    """Return ``root`` in the structure of OpenAPI 3.0, what moved on the way, and what has no word there."""
    run = _Restructuring(root, defaults_of(root), external)
    return run.document(), run.moves, run.findings


def restructure_fragment(root: Any, defaults: Defaults) -> tuple[Any, Moves]:
    """Do the same for a file that is no whole document: paths, operations, parameters, responses at any depth."""
    run = _Restructuring(root if is_object(root) else {}, defaults, lambda _reference: None)
    return run.fragment(root, ""), run.moves


@dataclass(slots=True)
class _Restructuring:
    root: dict[str, Any]
    defaults: Defaults
    external: External
    moves: Moves = field(default_factory=Moves)
    findings: list[Finding] = field(default_factory=list[Finding])

    def document(self) -> dict[str, Any]:
        root = self.root
        self.moves = Moves({now: f"/{before}" for before, now in _MOVED_PARTS.items()})
        dropped = {"swagger", "host", "basePath", "schemes", "consumes", "produces", "x-ms-paths", *_MOVED_PARTS}
        new = {"openapi": "3.0.3", **{key: value for key, value in root.items() if key not in dropped}}
        new["servers"] = self.servers()
        components = {
            "schemas": root.get("definitions"),
            "parameters": self.many("parameters", self.parameter),
            "responses": self.many("responses", self.shared_response),
            "securitySchemes": self.many("securityDefinitions", _security_scheme),
        }
        new["components"] = {key: value for key, value in components.items() if value}
        if is_object(root.get("paths")):
            new["paths"] = {key: self.path(item, join("/paths", key)) for key, item in root["paths"].items()}
        if is_object(root.get("x-ms-paths")):
            paths = new.get("paths")
            new["paths"] = {**(paths if is_object(paths) else {}), **self.more_paths(root["x-ms-paths"])}
        return new

    def fragment(self, value: Any, pointer: str) -> Any:
        if not is_object(value):
            return value
        if isinstance(value.get("in"), str) and value.get("type") != "apiKey":
            return self.parameter(value, pointer)
        if "description" in value and ("schema" in value or "headers" in value) and "type" not in value:
            return self.response(value, pointer, self.types("produces", {}))
        match kind_of(value):
            case "operation":
                return self.operation(value, pointer, [])
            case "path":
                return self.path(value, pointer)
            case "":
                return {key: self.fragment(child, join(pointer, key)) for key, child in value.items()}
            case _:
                return value

    def many(self, part: str, convert: Callable[[Any, str], Any]) -> dict[str, Any]:
        members = self.root.get(part)
        if not is_object(members):
            return {}
        return {key: convert(value, join(_MOVED_PARTS[part], key)) for key, value in members.items()}

    # --- servers ---

    def servers(self) -> list[dict[str, Any]]:
        path = str(self.root.get("basePath") or "").rstrip("/")
        template = self.root.get("x-ms-parameterized-host")
        if is_object(template) and isinstance(template.get("hostTemplate"), str):
            return [self.templated_server(template, path)]
        host = str(self.root.get("host") or "")
        self.moves.record(now="/servers", before="/host" if host else "/basePath")
        if not host:
            return [{"url": path}] if path else []
        return [{"url": f"{scheme}://{host}{path}"} for scheme in self.schemes(self.root) or ["https"]]

    def schemes(self, owner: dict[str, Any]) -> list[str]:
        """The schemes that a client of HTTP can use, https first."""
        given = _strings(owner.get("schemes"))
        known = sorted({scheme for scheme in given if scheme in ("https", "http")}, reverse=True)
        if given and not known and owner is self.root:
            message = f"the schemes are {', '.join(given)}, none of which is HTTP; https is assumed"
            self.findings.append(warning("scheme-unknown", message, "/schemes", "write https"))
        return known

    def templated_server(self, extension: dict[str, Any], path: str) -> dict[str, Any]:
        """Azure's way to say that a part of the host is the caller's: the server variables of OpenAPI 3."""
        self.moves.record(now="/servers", before="/x-ms-parameterized-host")
        host = extension["hostTemplate"]
        if extension.get("useSchemePrefix", True) is not False:
            host = f"{next(iter(self.schemes(self.root)), 'https')}://{host}"
        variables: dict[str, Any] = {}
        for given in _as_list(extension.get("parameters")):
            parameter = self.target(given)
            if is_object(parameter) and isinstance(parameter.get("name"), str):
                kept = {key: parameter[key] for key in ("default", "enum", "description") if key in parameter}
                variables[parameter["name"]] = {**kept, **_extensions(parameter)}
        return {"url": f"{host}{path}", "variables": variables}

    # --- paths and operations ---

    def more_paths(self, paths: dict[str, Any]) -> dict[str, Any]:
        """Azure's paths that differ in their query only: `/blob?comp=lease`. What is fixed there stays in the path."""
        made: dict[str, Any] = {}
        for key, item in paths.items():
            path, _, query = key.partition("?")
            fixed = "&".join(part for part in query.split("&") if part and "{" not in part)  # the others are parameters
            now = f"{path}?{fixed}" if fixed else path
            now = key if now in made or self.has_path(now) else now
            self.moves.record(now=join("/paths", now), before=join("/x-ms-paths", key))
            made[now] = self.path(item, join("/paths", now))
        return made

    def has_path(self, key: str) -> bool:
        paths = self.root.get("paths")
        return is_object(paths) and key in paths

    def path(self, item: Any, pointer: str) -> Any:
        if not is_object(item):
            return item
        shared = _as_list(item.get("parameters"))
        # A body that all operations of a path share has no place in OpenAPI 3: it is given to each of them.
        bodies = [(p, join(pointer, "parameters", str(i))) for i, p in enumerate(shared) if self.is_body(p)]
        new = dict(item)
        if shared:
            new["parameters"] = self.parameters(shared, pointer)
        for method in METHODS:
            if is_object(item.get(method)):
                new[method] = self.operation(item[method], join(pointer, method), bodies)
        return new

    def operation(self, operation: dict[str, Any], pointer: str, shared: list[tuple[Any, str]]) -> dict[str, Any]:
        new = {key: value for key, value in operation.items() if key not in ("consumes", "produces", "schemes")}
        own = _as_list(operation.get("parameters"))
        new["parameters"] = self.parameters(own, pointer)
        bodies = [(p, join(pointer, "parameters", str(i))) for i, p in enumerate(own) if self.is_body(p)] or shared
        if bodies:
            new["requestBody"] = self.body(bodies, pointer, self.types("consumes", operation))
        if is_object(operation.get("responses")):
            produces = self.types("produces", operation)
            new["responses"] = {
                status: self.response(response, join(pointer, "responses", str(status)), produces)
                for status, response in operation["responses"].items()
            }
        return {**new, **self.own_servers(operation, pointer)}

    def own_servers(self, operation: dict[str, Any], pointer: str) -> dict[str, Any]:
        """An operation that is not served with the scheme of the document has a server of its own."""
        host, schemes = self.root.get("host"), self.schemes(operation)
        usual = next(iter(self.schemes(self.root)), "https")
        if not host or not schemes or usual in schemes or "x-ms-parameterized-host" in self.root:
            return {}
        self.moves.record(now=join(pointer, "servers"), before=join(pointer, "schemes"))
        path = str(self.root.get("basePath") or "").rstrip("/")
        return {"servers": [{"url": f"{scheme}://{host}{path}"} for scheme in schemes]}

    def types(self, key: str, operation: dict[str, Any]) -> list[str]:
        inherited = self.defaults.consumes if key == "consumes" else self.defaults.produces
        types = _strings(operation[key]) if key in operation else inherited
        return list(types) or ["application/json"]

    # --- parameters ---

    def target(self, parameter: Any) -> Any:
        """Follow a reference to a parameter of this document, or of another file."""
        reference = parameter.get("$ref") if is_object(parameter) else None
        if not isinstance(reference, str):
            return parameter
        shared = self.root.get("parameters")
        if reference.startswith("#/parameters/") and is_object(shared):
            return shared.get(reference.removeprefix("#/parameters/").replace("~1", "/").replace("~0", "~"), parameter)
        return parameter if reference.startswith("#") else self.from_elsewhere(parameter, reference)

    def from_elsewhere(self, parameter: Any, reference: str) -> Any:
        found = self.external(reference)
        if is_object(found) and found.get("in") == "body":  # its own references start from its own file
            return {**found, "schema": {"$ref": f"{reference}/schema"}}
        return found if is_object(found) else parameter

    def is_body(self, parameter: Any) -> bool:
        target = self.target(parameter)
        return is_object(target) and target.get("in") in ("body", "formData")

    def parameters(self, parameters: list[Any], pointer: str) -> list[Any]:
        new: list[Any] = []
        for index, parameter in enumerate(parameters):
            if not self.is_body(parameter):
                now = join(pointer, "parameters", str(len(new)))
                self.moves.record(now=now, before=join(pointer, "parameters", str(index)))
                new.append(self.parameter(parameter, now))
        return new

    def parameter(self, parameter: Any, pointer: str) -> Any:
        if not is_object(parameter) or "$ref" in parameter or parameter.get("in") in ("body", "formData"):
            return parameter
        new = {key: value for key, value in parameter.items() if key not in (*_SCHEMA_KEYS, "collectionFormat")}
        new["schema"] = self.inline_schema(parameter, join(pointer, "schema"), pointer)
        if parameter.get("in") == "path" and parameter.get("x-ms-skip-url-encoding") is True:
            new["allowReserved"] = True  # an id that is several steps of the path, as Azure's resources have
        if parameter.get("type") == "array":
            style, explode = self.style(parameter, pointer)
            is_simple = parameter.get("in") not in ("query", "cookie")  # also a header of a response
            new.update(style="simple" if is_simple else style, explode=False if is_simple else explode)
        return new

    def style(self, parameter: dict[str, Any], pointer: str) -> tuple[str, bool]:
        """OpenAPI 3's words for a ``collectionFormat``. It has none for tabs."""
        given = str(parameter.get("collectionFormat", "csv"))
        if given not in _STYLES:
            message = f"the collection format {given!r:.40} has no word in OpenAPI 3; the values are joined with commas"
            self.findings.append(warning("collection-format", message, pointer, "use csv, ssv, pipes or multi"))
        return _STYLES.get(given, ("form", False))

    def inline_schema(self, parameter: dict[str, Any], now: str, before: str) -> dict[str, Any]:
        """Swagger 2.0 spreads the schema of a parameter over the parameter itself."""
        original = self.moves.original(before)
        self.moves.record_extract(now=now, before=original)
        return {key: value for key, value in parameter.items() if key in _SCHEMA_KEYS}

    # --- bodies ---

    def body(self, bodies: list[tuple[Any, str]], pointer: str, consumes: list[str]) -> dict[str, Any]:
        now = join(pointer, "requestBody")
        targets = [(self.target(parameter), place) for parameter, place in bodies]
        for parameter, place in targets:
            if parameter.get("in") == "body":
                if len(targets) > 1:
                    message = "an operation has one body; of several `body` and `formData` parameters it is this one"
                    self.findings.append(warning("body-twice", message, place, "describe one object with all of them"))
                self.moves.record(now=now, before=place)
                return self.whole_body(parameter, place, now, consumes)
        self.moves.record_extract(now=now, before=join(pointer, "parameters"))
        return self.form_body(targets, now, consumes)

    def whole_body(self, parameter: dict[str, Any], place: str, now: str, consumes: list[str]) -> dict[str, Any]:
        schema = parameter.get("schema", {})
        for media_type in consumes:
            self.moves.record(now=join(now, "content", media_type, "schema"), before=join(place, "schema"))
        body = {"content": {media_type: {"schema": schema} for media_type in consumes}, **_extensions(parameter)}
        if "name" in parameter:
            body["x-body-name"] = parameter.get("x-ms-client-name", parameter["name"])
        return {**body, **{key: parameter[key] for key in ("description", "required") if key in parameter}}

    def form_body(self, targets: list[tuple[Any, str]], now: str, consumes: list[str]) -> dict[str, Any]:
        has_file = any(parameter.get("type") == "file" for parameter, _place in targets)
        # A file travels in no other form than multipart, whatever the document says of others.
        offered = [_FORMS[1]] if has_file else [name for name in consumes if name in _FORMS] or [_FORMS[0]]
        if has_file and _FORMS[1] not in consumes and consumes != ["application/json"]:
            message = f"a form with a file is sent as {_FORMS[1]}, not as {' or '.join(consumes)}"
            self.findings.append(note("form-with-file", message, self.moves.original(now)))
        content = {name: self.form(targets, join(now, "content", name)) for name in offered}
        required = any(parameter.get("required") is True for parameter, _place in targets)
        return {"content": content, "required": required}

    def form(self, targets: list[tuple[Any, str]], now: str) -> dict[str, Any]:
        """One object with a property for each field, and how its lists are written."""
        pointer = join(now, "schema")
        self.moves.record_extract(now=pointer, before=self.moves.original(now))
        properties: dict[str, Any] = {}
        encoding: dict[str, Any] = {}
        for parameter, place in targets:
            name = str(parameter.get("name", "body"))
            schema = self.inline_schema(parameter, join(pointer, "properties", name), place)
            described = {"description": parameter["description"]} if "description" in parameter else {}
            properties[name] = {**schema, **described, **_extensions(parameter)}
            if parameter.get("type") == "array":
                style, explode = self.style(parameter, place)
                encoding[name] = {"style": style, "explode": explode}
        required = [part for part, _place in targets if part.get("required") is True]
        names = [str(part.get("name", "body")) for part in required]
        schema = {"type": "object", "properties": properties, "required": names}
        return {"schema": schema, **({"encoding": encoding} if encoding else {})}

    # --- responses ---

    def shared_response(self, response: Any, pointer: str) -> Any:
        return self.response(response, pointer, self.types("produces", {}))

    def response(self, response: Any, pointer: str, produces: list[str]) -> Any:
        if not is_object(response) or "$ref" in response:
            return response
        new = {key: value for key, value in response.items() if key not in ("schema", "examples", "headers")}
        if "schema" in response:
            new["content"] = self.content(response, pointer, produces)
        if is_object(response.get("headers")):
            new["headers"] = {
                name: self.parameter(header, join(pointer, "headers", name))
                for name, header in response["headers"].items()
            }
        return new

    def content(self, response: dict[str, Any], pointer: str, produces: list[str]) -> dict[str, Any]:
        schema, examples = response["schema"], response.get("examples")
        is_file = is_object(schema) and schema.get("type") == "file"
        content: dict[str, Any] = {}
        for media_type in ["application/octet-stream"] if is_file and produces == ["application/json"] else produces:
            now = join(pointer, "content", media_type)
            before = self.moves.original(pointer)
            self.moves.record(now=join(now, "schema"), before=join(before, "schema"))
            content[media_type] = {"schema": schema}
            if is_object(examples) and media_type in examples:
                self.moves.record(now=join(now, "example"), before=join(before, "examples", media_type))
                content[media_type]["example"] = examples[media_type]
        return content


def _security_scheme(scheme: Any, _pointer: str) -> Any:
    if not is_object(scheme):
        return scheme
    if scheme.get("type") == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if scheme.get("type") == "oauth2":
        flow = str(scheme.get("flow", "implicit"))
        urls = {key: scheme[key] for key in ("authorizationUrl", "tokenUrl") if key in scheme}
        rest = {key: value for key, value in scheme.items() if key not in ("flow", "scopes", *urls)}
        return {**rest, "flows": {_FLOWS.get(flow, flow): {**urls, "scopes": scheme.get("scopes", {})}}}
    return scheme


def _extensions(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key.startswith("x-") and key not in _SCHEMA_KEYS}


def _as_list(value: Any) -> list[Any]:
    return value if is_array(value) else []


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(item for item in _as_list(value) if isinstance(item, str))
