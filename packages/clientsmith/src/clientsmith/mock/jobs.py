"""Operations that take long, as they really run: begun with one answer, over when they were looked at twice.

Where a job is watched says the document, in the way that `pair_pollers` found: at another operation's path, filled from
the first answer, or at an address in a header field. Addresses are the mock's own (``/.mock/jobs/1``).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from clientsmith.model.ir import Array, LongRunning, Map, Nullable, Ref, Scalar, ScalarKind, Shape
from clientsmith.model.lookup import template_names
from clientsmith.openapi.data import is_object

from .description import Described, ResponseRule
from .exchange import Request
from .paging import value_at, with_value
from .schemas import ANYTHING, Schema

__all__ = ["JOBS", "Job", "Jobs", "first_headers", "is_whole", "schema_of"]

JOBS: Final = "/.mock/jobs/"
_POLLS: Final = 2
_MONITORS: Final = ("Operation-Location", "Azure-AsyncOperation")
_HEADERS: Final = (*_MONITORS, "Location")


class Job:
    """One run of a long-running operation.

    Attributes:
        described: The operation that began it.
        number: From 1.
        place: Path at which it is watched.
        polls: How often it was looked at.
        told: The header fields of the first answer that said where to look.
    """

    def __init__(self, described: Described, number: int) -> None:
        self.described, self.number = described, number
        self.place, self.polls = f"{JOBS}{number}", 0
        self.told: frozenset[str] = frozenset()

    @property
    def running(self) -> LongRunning:
        """How it is watched."""
        if self.described.operation.long_running is None:
            raise AssertionError("only long-running operations have jobs")
        return self.described.operation.long_running

    def look(self) -> bool:
        """Look once; return whether it is over."""
        self.polls += 1
        return self.polls >= _POLLS

    def with_status(self, body: Any, *, is_over: bool, words: list[str], path: tuple[str, ...] = ()) -> Any:
        """Return ``body`` with the status word that is true now, at ``path`` or where a job has it."""
        path = path or self.running.status_path
        if isinstance(value_at(body, path), bool) or {"true", "True"} & {*self.running.succeeded}:
            return with_value(body, path, is_over)
        ends = {*self.running.succeeded, *self.running.failed}
        under_way = next((word for word in words if word not in ends), "Running")
        word = self.running.succeeded[0] if is_over and self.running.succeeded else under_way
        if is_over and words and word not in words:
            word = next((one for one in words if one in self.running.succeeded), word)
        return with_value(body, path, word)


class Jobs:
    """All jobs of a service, the latest hundred of them."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._begun = 0
        self._by_place: dict[str, Job] = {}
        self._results: dict[str, Job] = {}

    def begin(self, described: Described) -> Job:
        """Begin a job."""
        with self._mutex:
            self._begun += 1
            return Job(described, self._begun)

    def watch(self, job: Job, first: Any, path: str) -> None:
        """Remember where a job is watched: at the path that the first answer fills, else at an address of ours."""
        template = job.running.poll_path
        if template:
            for name in filter(None, template_names(template)):
                is_whole = name.startswith("+")  # keeps its slashes (RFC 6570, section 3.2.3)
                text = str(value_at(first, tuple(name.removeprefix("+").split("."))))
                template = template.replace(f"{{{name}}}", quote(text, safe="/" if is_whole else ""))
            job.place = template.replace("{}", path)
        with self._mutex:
            self._by_place[job.place] = job
            self._results[path] = job
            for known in (self._by_place, self._results):
                while len(known) > 100:
                    known.pop(next(iter(known)))

    def at(self, path: str) -> Job | None:
        """Return the job that is watched at a path."""
        return self._by_place.get(path)

    def begun_at(self, path: str) -> Job | None:
        """Return the latest job that was begun at a path."""
        return self._results.get(path)


def first_headers(job: Job, rule: ResponseRule | None, request: Request, base: str) -> dict[str, str]:
    """Return the header fields of the first answer that say where to look, and where the result will be."""
    running, status = job.running, rule.status if rule is not None else "202"
    documented = {name.lower() for name in rule.headers} if rule is not None else set[str]()
    place = f"{request.origin}{base}{job.place}"
    told = [name for name in _HEADERS if name.lower() in documented]
    if running.poll_path:
        return {name: place for name in told if name != "Location" or not told[:-1]}
    if not told:
        if status not in ("202", "201"):
            return {}
        told = ["Azure-AsyncOperation"] if running.final == "azure-async-operation" else ["Location"]
        told = ["Operation-Location"] if running.final in ("operation-location", "original-uri") else told
    if status == "201" and told == ["Location"]:
        return {"Location": request.url}
    monitor = next((name for name in told if name in _MONITORS), "")
    found = {monitor: place} if monitor else {}
    if "Location" in told or running.final == "location":
        found["Location"] = f"{place}/result" if monitor else place
    return found


def schema_of(shape: Shape | None) -> Schema:
    """Return a schema of the values of a shape; named shapes are referred to by their place."""
    match shape:
        case Ref():
            return {"$ref": shape.pointer}
        case Array():
            return {"type": ["array"], "items": schema_of(shape.item)}
        case Map():
            return {"type": ["object"], "additionalProperties": schema_of(shape.value)}
        case Nullable():
            return schema_of(shape.shape)
        case Scalar():
            return {"type": [_TYPES.get(shape.kind, "string")], "format": shape.format}
        case _:
            return ANYTHING


_TYPES: Final[Mapping[ScalarKind, str]] = {
    ScalarKind.INTEGER: "integer",
    ScalarKind.NUMBER: "number",
    ScalarKind.BOOLEAN: "boolean",
    ScalarKind.NULL: "null",
}


def is_whole(body: object) -> bool:
    """Whether a body can hold a status beside what it has."""
    return body is None or is_object(body)
