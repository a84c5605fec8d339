"""What the methods of a client that somebody wrote are called with, and what the service answers: no document says it."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from clientsmith.core.testing import Answer
from simple_repository_client.pages import Answer as PageAnswer
from simple_repository_client.pages import ProjectFile, read_project_page

from .rules import Example

__all__ = ["of_an_index"]

_JSON = "application/vnd.pypi.simple.v1+json"
_INDEX = "https://service.test/"
_CONTENT = b"Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n"
_NAME = "sample-1.0-py3-none-any.whl"
_DIGEST = hashlib.sha256(_CONTENT).hexdigest()
_META = {"api-version": "1.4"}


def of_an_index(folder: Path) -> Mapping[str, Example]:
    """Return an example of each method of a `SimpleRepositoryClient`, by its name.

    Args:
        folder: Below it each download has a folder of its own: what is there already is not asked for again.
    """
    numbers = count()

    def fresh() -> Path:
        return folder / str(next(numbers))

    projects: dict[str, Any] = {"meta": _META, "projects": [{"name": "sample"}]}
    provenance: dict[str, Any] = {"version": 1, "attestation_bundles": []}
    return {
        "list_projects": Example(dict, _page(projects)),
        "get_project": Example(lambda: {"name": "sample"}, _page(_project())),
        "get_metadata": Example(lambda: {"file": _file()}, Answer(content=_CONTENT)),
        "get_provenance": Example(lambda: {"file": _file()}, Answer(json=provenance)),
        "download": Example(lambda: {"file": _file(), "folder": fresh()}, Answer(chunks=[_CONTENT])),
        "download_all": Example(lambda: {"files": [_file()], "folder": fresh()}, Answer(chunks=[_CONTENT])),
    }


def _project() -> dict[str, Any]:
    file = {
        "filename": _NAME,
        "url": f"files/{_NAME}",
        "hashes": {"sha256": _DIGEST},
        "size": len(_CONTENT),
        "core-metadata": {"sha256": _DIGEST},
        "provenance": f"{_INDEX}provenance/{_NAME}",
    }
    return {"meta": _META, "name": "sample", "versions": ["1.0"], "files": [file]}


def _page(body: Mapping[str, Any]) -> Answer:
    return Answer(json=body, headers={"Content-Type": _JSON})


@functools.cache
def _file() -> ProjectFile:
    content = json.dumps(_project()).encode()
    return read_project_page(PageAnswer(content, _JSON, f"{_INDEX}sample/")).files[0]
