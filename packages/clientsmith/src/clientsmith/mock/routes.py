"""Which operations a path can mean, and which paths are near one that none has."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote

from .description import Described
from .exchange import Request

__all__ = ["Found", "Routes"]


class Found:
    """An operation whose path fits, and the path's parameters as they were sent."""

    def __init__(self, described: Described, parameters: dict[str, str]) -> None:
        self.described, self.parameters = described, parameters


class Routes:
    """The paths of a document; literal parts win over parameters."""

    def __init__(self, operations: Iterable[Described]) -> None:
        self._by_length: dict[int, list[_Route]] = {}
        self.paths: dict[str, list[str]] = {}
        for described in operations:
            route = _Route(described)
            self._by_length.setdefault(route.length, []).append(route)
            self.paths.setdefault(described.path, []).append(described.method)
        for routes in self._by_length.values():
            routes.sort(key=lambda route: route.rank)

    def at(self, path: str, request: Request) -> list[Found]:
        """Return every operation that the path of a request can mean, of any method, the most literal first."""
        found = [
            Found(route.described, parameters)
            for route in self._by_length.get(path.count("/"), ())
            if (parameters := route.match(path, request)) is not None
        ]
        return found or self._with_slashes(path, request)

    def _with_slashes(self, path: str, request: Request) -> list[Found]:
        """Return those whose last parameter takes slashes, as `{path}` of files often does."""
        return [
            Found(route.described, parameters)
            for length, routes in sorted(self._by_length.items(), reverse=True)
            if length < path.count("/")
            for route in routes
            if (parameters := route.match_greedy(path, request)) is not None
        ]

    def near(self, path: str) -> list[str]:
        """Return the paths that look most like ``path``."""
        return difflib.get_close_matches(unquote(path), self.paths, n=3, cutoff=0.5)


class _Route:
    def __init__(self, described: Described) -> None:
        self.described = described
        path, _, query = described.path.partition("#")[0].partition("?")
        self._query = parse_qsl(query, keep_blank_values=True)
        self.length = path.count("/")
        self._names = re.findall(r"{([^{}]*)}", path)
        parts = [_part(part) for part in path.split("/")]
        self._pattern = re.compile("/".join(parts))
        last_is_free = re.fullmatch(r".*/\{[^{}/]+\}", path)
        self._greedy = re.compile("/".join([*parts[:-1], "(.+)"])) if last_is_free else None
        kinds = [0 if "{" not in part else 1 if not re.fullmatch(r"{[^{}]*}", part) else 2 for part in path.split("/")]
        self.rank = [-len(self._query), *kinds]

    def match(self, path: str, request: Request) -> dict[str, str] | None:
        return self._parameters(self._pattern.fullmatch(path), request)

    def match_greedy(self, path: str, request: Request) -> dict[str, str] | None:
        return self._parameters(self._greedy.fullmatch(path), request) if self._greedy is not None else None

    def _parameters(self, match: re.Match[str] | None, request: Request) -> dict[str, str] | None:
        if match is None:
            return None
        sent = [(name, unquote(text)) for name, text in request.query]
        if any(pair not in sent for pair in self._query):
            return None
        return dict(zip(self._names, match.groups(), strict=False))


def _part(part: str) -> str:
    """Return the pattern of one segment; its literal text may come percent-encoded."""
    pieces = re.split(r"{([^{}]*)}", part)
    return "".join(
        "([^/]+?)" if index % 2 else f"(?:{'|'.join(dict.fromkeys((re.escape(text), re.escape(quote(text)))))})"
        for index, text in enumerate(pieces)
        if text or index % 2
    )
