"""Swagger 2.0 to the structure of OpenAPI 3 (schemas are upgraded afterwards, by `convert`).

References keep their text: ``#/definitions/Pet`` is found through `Moves.current`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .convert import METHODS
from .data import is_array, is_object
from .pointer import Moves, join

__all__ = ["restructure"]

_SCHEMA_KEYS: Final = frozenset(
    [
        "type",
        "format",
        "items",
        "default",
        "enum",
        "maximum",
        "exclusiveMaximum",
        "minimum",
        "exclusiveMinimum",
        "maxLength",
        "minLength",
        "pattern",
        "maxItems",
        "minItems",
        "uniqueItems",
        "multipleOf",
        "x-nullable",
        "x-ms-enum",
    ]
)
_STYLES: Final[dict[str, tuple[str, bool]]] = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
    "tsv": ("form", False),  # OpenAPI 3 has no word for tabs
}
_FLOWS: Final = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_MOVED_PARTS: Final = {
    "definitions": "/components/schemas",
    "responses": "/components/responses",
    "parameters": "/components/parameters",
    "securityDefinitions": "/components/securitySchemes",
}


def restructure(root: dict[str, Any]) -> tuple[dict[str, Any], Moves]:
    """Return ``root`` in the structure of OpenAPI 3.0, and what moved on the way."""
    return _Restructuring(root).run()


class _Restructuring:
    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.moves = Moves({now: f"/{before}" for before, now in _MOVED_PARTS.items()})

    def run(self) -> tuple[dict[str, Any], Moves]:
        root = self.root
        dropped = {"swagger", "host", "basePath", "schemes", "consumes", "produces", *_MOVED_PARTS}
        new = {"openapi": "3.0.3", **{key: value for key, value in root.items() if key not in dropped}}
        new["servers"] = self.servers()
        new["components"] = {
            "schemas": root.get("definitions"),
            "parameters": self.many("parameters", self.parameter),
            "responses": self.many("responses", self.shared_response),
            "securitySchemes": self.many("securityDefinitions", _security_scheme),
        }
        new["components"] = {key: value for key, value in new["components"].items() if value}
        if is_object(root.get("paths")):
            new["paths"] = {key: self.path(item, join("/paths", key)) for key, item in root["paths"].items()}
        return new, self.moves

    def many(self, part: str, convert: Callable[[Any, str], Any]) -> dict[str, Any]:
        members = self.root.get(part)
        if not is_object(members):
            return {}
        return {key: convert(value, join(_MOVED_PARTS[part], key)) for key, value in members.items()}

    def servers(self) -> list[dict[str, Any]]:
        host, path = str(self.root.get("host") or ""), str(self.root.get("basePath") or "").rstrip("/")
        self.moves.record(now="/servers", before="/host" if host else "/basePath")
        if not host:
            return [{"url": path}] if path else []
        schemes = self.root.get("schemes")
        known = [scheme for scheme in schemes if scheme in ("https", "http")] if is_array(schemes) else []
        return [{"url": f"{scheme}://{host}{path}"} for scheme in sorted(known or ["https"], reverse=True)]

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
        return new

    def types(self, key: str, operation: dict[str, Any]) -> list[str]:
        types = operation.get(key, self.root.get(key))
        return [str(media_type) for media_type in _as_list(types)] or ["application/json"]

    # --- parameters and bodies ---

    def target(self, parameter: Any) -> Any:
        """Follow a reference to one of the document's own parameters."""
        reference = parameter.get("$ref") if is_object(parameter) else None
        shared = self.root.get("parameters")
        if isinstance(reference, str) and reference.startswith("#/parameters/") and is_object(shared):
            return shared.get(reference.removeprefix("#/parameters/").replace("~1", "/").replace("~0", "~"), parameter)
        return parameter

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
        if parameter.get("type") == "array":
            style, explode = _STYLES.get(str(parameter.get("collectionFormat", "csv")), ("form", False))
            is_simple = parameter.get("in") in ("path", "header")
            new.update(style="simple" if is_simple else style, explode=False if is_simple else explode)
        return new

    def inline_schema(self, parameter: dict[str, Any], now: str, before: str) -> dict[str, Any]:
        """Swagger 2.0 spreads the schema of a parameter over the parameter itself."""
        original = self.moves.original(before)
        self.moves.record_extract(now=now, before=original)
        return {key: value for key, value in parameter.items() if key in _SCHEMA_KEYS}

    def body(self, bodies: list[tuple[Any, str]], pointer: str, consumes: list[str]) -> dict[str, Any]:
        now = join(pointer, "requestBody")
        targets = [(self.target(parameter), place) for parameter, place in bodies]
        for parameter, place in targets:
            if parameter.get("in") == "body":
                self.moves.record(now=now, before=place)
                return self.json_body(parameter, place, now, consumes)
        self.moves.record_extract(now=now, before=join(pointer, "parameters"))
        return self.form_body(targets, now, consumes)

    def json_body(self, parameter: dict[str, Any], place: str, now: str, consumes: list[str]) -> dict[str, Any]:
        schema = parameter.get("schema", {})
        for media_type in consumes:
            self.moves.record(now=join(now, "content", media_type, "schema"), before=join(place, "schema"))
        body = {"content": {media_type: {"schema": schema} for media_type in consumes}}
        if "name" in parameter:
            body["x-body-name"] = parameter["name"]
        return {**body, **{key: parameter[key] for key in ("description", "required") if key in parameter}}

    def form_body(self, targets: list[tuple[Any, str]], now: str, consumes: list[str]) -> dict[str, Any]:
        has_file = any(parameter.get("type") == "file" for parameter, _place in targets)
        usual = "multipart/form-data" if has_file else "application/x-www-form-urlencoded"
        forms = [name for name in consumes if name in ("multipart/form-data", "application/x-www-form-urlencoded")]
        media_type = usual if has_file or not forms else forms[0]
        schema_pointer = join(now, "content", media_type, "schema")
        properties: dict[str, Any] = {}
        for parameter, place in targets:
            name = str(parameter.get("name", "body"))
            properties[name] = self.inline_schema(parameter, join(schema_pointer, "properties", name), place)
            if "description" in parameter:
                properties[name]["description"] = parameter["description"]
        required = [parameter["name"] for parameter, _place in targets if parameter.get("required") is True]
        self.moves.record_extract(now=schema_pointer, before=self.moves.original(now))
        schema = {"type": "object", "properties": properties, "required": required}
        return {"content": {media_type: {"schema": schema}}, "required": bool(required)}

    # --- responses ---

    def shared_response(self, response: Any, pointer: str) -> Any:
        return self.response(response, pointer, self.types("produces", {}))

    def response(self, response: Any, pointer: str, produces: list[str]) -> Any:
        if not is_object(response) or "$ref" in response:
            return response
        new = {key: value for key, value in response.items() if key not in ("schema", "examples", "headers")}
        if "schema" in response:
            schema = response["schema"]
            is_file = is_object(schema) and schema.get("type") == "file"
            types = ["application/octet-stream"] if is_file and produces == ["application/json"] else produces
            for media_type in types:
                now = join(pointer, "content", media_type, "schema")
                self.moves.record(now=now, before=join(self.moves.original(pointer), "schema"))
            new["content"] = {media_type: {"schema": schema} for media_type in types}
        if is_object(response.get("headers")):
            new["headers"] = {
                name: self.parameter(header, join(pointer, "headers", name))
                for name, header in response["headers"].items()
            }
        return new


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


def _as_list(value: Any) -> list[Any]:
    return value if is_array(value) else []
