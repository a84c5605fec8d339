"""A document lists versions and features, and clients look before they ask (Matrix, Kinto)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..offer import offer
from ..refusals import problem_details
from ..values import Answer, PassOn, Refusal, Render, RequestFacts, VersionScheme

__all__ = ["CapabilityDocument", "capability_list"]


@dataclass(frozen=True, slots=True)
class CapabilityDocument:
    """The scheme of `capability_list`."""

    path: str
    document: bytes
    below: VersionScheme | None
    render: Render = problem_details

    def judge(self, request: RequestFacts, /) -> PassOn | Refusal | Answer:
        if request.path == self.path and request.method in ("GET", "HEAD"):
            return Answer(200, (("Content-Type", "application/json"),), self.document)
        return PassOn() if self.below is None else self.below.judge(request)


def capability_list(
    versions: Iterable[str],
    *,
    features: Mapping[str, object] | None = None,
    path: str = "/versions",
    versions_key: str = "versions",
    features_key: str = "unstable_features",
    below: VersionScheme | None = None,
) -> CapabilityDocument:
    """Return the scheme of a document: ``GET /versions`` → ``{"versions": […], "unstable_features": {…}}``.

    Args:
        versions: All of them.
        features: Names with what is to be told about each: True, False, or an object.
        path: Where the document is.
        versions_key, features_key: Its members; ``features_key="capabilities"`` is Kinto's.
        below: How all other requests are judged, `path_versions` for Matrix; None passes them on.

    Raises:
        ValueError: There is no version, or the document cannot be JSON.
    """
    listed = offer(versions).known
    document = {versions_key: [str(version) for version in listed.versions], features_key: dict(features or {})}
    render = problem_details if below is None else below.render
    return CapabilityDocument(path, json.dumps(document).encode(), below, render)
