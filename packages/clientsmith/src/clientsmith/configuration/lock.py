"""`clientsmith.lock`: the names that were published, and so do not move any more.

The file lies beside the package and is committed with it. It is written by `clientsmith generate`, sorted, one name a
line, so that a review shows what a release adds and what it takes away. Everything in it is found by what the document
calls it, never by where it stands:

    operations   `GET /pets`, with its client, its method and its arguments (`query limit`, `body`, `body.name`)
    groups       as the configuration calls them
    models       the schema's own name, or its JSON pointer; fields by wire name, members by wire value
    errors       the model, and the runtime's class for the status: `Problem ResourceNotFoundError`
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard

from clientsmith.findings import InputError

__all__ = ["EMPTY_LOCK", "LOCK_NAME", "Lock", "LockedGroup", "LockedModel", "LockedOperation", "Names", "read_lock"]

LOCK_NAME: Final = "clientsmith.lock"
_FORMAT: Final = 1
_HINT: Final = "restore it from version control, or delete it to give all names out anew"

Names: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LockedOperation:
    """A published method: the key of the group that has it ("" for the client itself), its name, its arguments."""

    name: str
    group: str = ""
    arguments: Names = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class LockedGroup:
    """A published client of a group; ``bound`` are the wire names of the path parameters that it is made with."""

    name: str
    attribute: str
    bound: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LockedModel:
    """A published class: the names of its fields by wire name, or of its members by wire value.

    ``places`` are where else the document says the same: the class stays what it is called if its first place goes.
    """

    name: str
    places: tuple[str, ...] = ()
    fields: Names = field(default_factory=dict[str, str])
    members: Names = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Lock:
    """All published names."""

    client: str = ""
    package: str = ""
    distribution: str = ""
    groups: Mapping[str, LockedGroup] = field(default_factory=dict[str, LockedGroup])
    operations: Mapping[str, LockedOperation] = field(default_factory=dict[str, LockedOperation])
    models: Mapping[str, LockedModel] = field(default_factory=dict[str, LockedModel])
    errors: Names = field(default_factory=dict[str, str])

    def models_by_place(self) -> dict[str, LockedModel]:
        """Return the published classes by every place at which the document had them; the first one counts most."""
        found = {place: one for _, one in sorted(self.models.items()) for place in one.places}
        return found | dict(self.models)

    def dump(self) -> bytes:
        """Return the text of the file: sorted, without a time, so that equal names give an equal file."""
        content = {
            "format": _FORMAT,
            "client": {"class": self.client, "package": self.package, "distribution": self.distribution},
            "groups": {
                path: {
                    "class": one.name,
                    "attribute": one.attribute,
                    **({"bound": list(one.bound)} if one.bound else {}),
                }
                for path, one in sorted(self.groups.items())
            },
            "operations": {
                key: {
                    "method": f"{one.group}.{one.name}" if one.group else one.name,
                    **_unless_empty("arguments", one.arguments),
                }
                for key, one in sorted(self.operations.items())
            },
            "models": {
                key: {
                    "class": one.name,
                    **({"places": sorted(one.places)} if one.places else {}),
                    **_unless_empty("fields", one.fields),
                    **_unless_empty("members", one.members),
                }
                for key, one in sorted(self.models.items())
            },
            **_unless_empty("errors", self.errors),
        }
        text = json.dumps(content, indent=1, ensure_ascii=False)
        if not text.replace("\n", "").isprintable():  # marks that change how a line reads, halves of characters
            text = "".join(char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1] for char in text)
        return f"{text}\n".encode()


EMPTY_LOCK: Final = Lock()


def read_lock(folder: Path) -> Lock:
    """Return the lock of the package in ``folder``; an empty one where there is none.

    Raises:
        InputError: The file is not one that we wrote. Names are a promise, so it is not guessed what it meant.
    """
    path = folder / LOCK_NAME
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return EMPTY_LOCK
    except OSError as problem:
        raise InputError(f"cannot read {path}: {problem.strerror or problem}", _HINT) from problem
    except ValueError as problem:
        raise InputError(f"{path} is not JSON: {problem}", _HINT) from problem
    if not _is_table(content) or content.get("format") != _FORMAT:
        found = content.get("format") if _is_table(content) else content
        raise InputError(f"{path} is not a lock of format {_FORMAT} (found {found!r:.40})", _HINT)
    try:
        return _parsed(content)
    except (TypeError, ValueError, LookupError, AttributeError) as problem:
        raise InputError(f"{path} is damaged: {problem!r:.80}", _HINT) from problem


def _parsed(content: Mapping[str, Any]) -> Lock:
    client = _names(content["client"])
    operations: dict[str, LockedOperation] = {}
    for key, one in content["operations"].items():
        group, _, name = _name(one["method"]).rpartition(".")
        operations[key] = LockedOperation(name, group, _names(one.get("arguments", {})))
    return Lock(
        client["class"],
        client["package"],
        client["distribution"],
        {
            path: LockedGroup(_name(one["class"]), _name(one["attribute"]), tuple(map(str, one.get("bound", ()))))
            for path, one in content["groups"].items()
        },
        operations,
        {
            key: LockedModel(
                _name(one["class"]),
                tuple(map(str, one.get("places", ()))),
                _names(one.get("fields", {})),
                _names(one.get("members", {})),
            )
            for key, one in content["models"].items()
        },
        _names(content.get("errors", {})),
    )


def _names(value: Any) -> dict[str, str]:
    return {str(key): _name(one) for key, one in value.items()}


def _name(value: Any) -> str:
    """Names reach code: nothing else than an identifier may come out of the file."""
    parts = value.split("-" if "-" in value else ".")
    if not all(part.isidentifier() for part in parts):
        raise ValueError(f"{value!r} is no name")
    return str(value)


def _unless_empty(key: str, names: Names) -> dict[str, Any]:
    return {key: dict(sorted(names.items()))} if names else {}


def _is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
