"""Patches: what was changed in a model, as a service wants to hear it.

    pet = client.get_pet("rex")
    pet.name = "Rex II"
    del pet.owner
    merge_patch(pet)  # {"name": "Rex II", "owner": None}
    json_patch(pet)  # [{"op": "replace", "path": "/name", "value": "Rex II"}, {"op": "remove", "path": "/owner"}]

A model knows what it was when it was loaded, without a copy: see `clientsmith.core.models`. A patch compares the two
documents, so it does not matter how an edit was made, and nobody pays who makes no patch. A model that was constructed
was nothing before: all of it is in its patch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from .serialization import merge_fields, to_wire
from .serialization._codecs import WireObject
from .serialization._wire import same

__all__ = ["JSON_PATCH", "MERGE_PATCH", "json_patch", "mark_saved", "merge_patch", "patch_fields"]

MERGE_PATCH: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"


def merge_patch(model: WireObject) -> dict[str, Any]:
    """Return the JSON Merge Patch (RFC 7396) of what was changed in a model since it was loaded.

    Fields that were not touched are left out, removed ones are null, objects are patched member by member, and a list
    is given whole. Read-only fields are left out.

    The format uses null for "remove" and so cannot say that a member is to *be* null: a service that tells absent from
    null needs `json_patch`. A null that was assigned to a field is sent as null, and removes it.
    """
    old, new = _documents(model)
    return new if old is None else _merge_objects(old, new)


def json_patch(model: WireObject) -> list[dict[str, Any]]:
    """Return the JSON Patch (RFC 6902) of what was changed in a model since it was loaded.

    ``add``, ``remove`` and ``replace`` with the values' places; items of a list are compared from both ends, so an
    insertion or a removal is one operation. Read-only fields are left out.
    """
    patch: list[dict[str, Any]] = []
    old, new = _documents(model)
    _diff(old or {}, new, "", patch)
    return patch


def patch_fields(
    model: type[WireObject], body: WireObject | Mapping[str, Any] | None, fields: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a merge patch of a body's changes with single fields written over it; what is given explicitly wins.

    What `merge_fields` is for a whole body, this is for a patch: of an instance, only what was changed is sent.

    Args:
        model: The class whose fields these are.
        body: An instance, or a Mapping of wire names, which is a patch already.
        fields: Values by the Python names of the fields. UNSET is "not given", None removes.

    Raises:
        TypeError: The model has no such field, or a value is of the wrong type.
    """
    return merge_fields(model, merge_patch(body) if isinstance(body, WireObject) else body or {}, fields)


def mark_saved(model: WireObject) -> None:
    """Take what a model is now for what the service has: the next patch starts from here.

    For services whose answer to a patch is empty; where they answer with the new state, go on with that.
    """
    model._set_origin(to_wire(model._flush()))


def _documents(model: WireObject) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Return what a model was, None if it is new, and what it is; without what only the service sets."""
    old, new = model._origin(), model._sendable(model._flush())
    return old and to_wire(model._sendable(old)), to_wire(new)


def _merge_objects(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {name: None for name in old if name not in new}
    for name, value in new.items():
        if name not in old:
            patch[name] = value
        elif not same(old[name], value):
            patch[name] = _merge(old[name], value)
    return patch


def _merge(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return _merge_objects(cast("dict[str, Any]", old), cast("dict[str, Any]", new))
    return new


def _diff(old: Any, new: Any, path: str, patch: list[dict[str, Any]]) -> None:
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        _diff_objects(cast("dict[str, Any]", old), cast("dict[str, Any]", new), path, patch)
    elif isinstance(old, list) and isinstance(new, list):
        _diff_lists(cast("list[object]", old), cast("list[object]", new), path, patch)
    else:
        patch.append({"op": "replace", "path": path, "value": new})


def _diff_objects(old: dict[str, Any], new: dict[str, Any], path: str, patch: list[dict[str, Any]]) -> None:
    patch.extend({"op": "remove", "path": f"{path}/{_pointer(name)}"} for name in old if name not in new)
    for name, value in new.items():
        place = f"{path}/{_pointer(name)}"
        if name in old:
            _diff(old[name], value, place, patch)
        else:
            patch.append({"op": "add", "path": place, "value": value})


def _diff_lists(old: list[object], new: list[object], path: str, patch: list[dict[str, Any]]) -> None:
    """Compare from both ends; what lies between is changed in place as far as both reach, then removed or added."""
    start, old_end, new_end = 0, len(old), len(new)
    while start < min(old_end, new_end) and same(old[start], new[start]):
        start += 1
    while min(old_end, new_end) > start and same(old[old_end - 1], new[new_end - 1]):
        old_end, new_end = old_end - 1, new_end - 1
    shared = min(old_end, new_end)
    for index in range(start, shared):
        _diff(old[index], new[index], f"{path}/{index}", patch)
    # From the back, as a removal moves what follows it.
    patch.extend({"op": "remove", "path": f"{path}/{index}"} for index in range(old_end - 1, shared - 1, -1))
    patch.extend({"op": "add", "path": f"{path}/{index}", "value": new[index]} for index in range(shared, new_end))


def _pointer(name: str) -> str:
    """Return a name as a step of a JSON Pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")
