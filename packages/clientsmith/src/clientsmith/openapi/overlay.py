"""Overlays (Overlay Specification 1.0 and 1.1): changes to a document that live beside it.

An overlay is a list of actions. Each has a target, a JSONPath (RFC 9535), and what to do with what that selects: an
``update`` is merged, ``copy`` merges another part of the document, ``remove`` takes it out. Actions run in order, each
on the result of the one before. The document that was read is never changed: parts are copied on the way to a change.

Where an object meets an object they are merged; where a list is the target, a list is added to its end and anything
else is its new last item (1.1's reading, which also fits what authors of 1.0 write); everything else is replaced.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from clientsmith.findings import Finding, InputError, warning
from jsonpath import JSONPathEnvironment, JSONPathError

from .data import is_array, is_object
from .pointer import join, look_up

__all__ = ["apply_overlay"]

_JSON_PATH: Final = JSONPathEnvironment(strict=True)
_KNOWN: Final = ("1.0", "1.1")
# `$..*` selects everything, and a copy of the root into itself doubles the document each time.
_MOST_SELECTED: Final = 100_000
_MOST_COPIED: Final = 1_000_000

Parts = tuple[str | int, ...]


def apply_overlay(root: dict[str, Any], overlay: Any, name: str) -> tuple[dict[str, Any], list[Finding]]:
    """Return ``root`` with the actions of ``overlay`` applied, and what they could not do.

    The findings point into the overlay: their file is ``name``.

    Raises:
        InputError: It is not an Overlay document, or an action leaves no document.
    """
    actions = _require_actions(overlay, name)
    version = str(overlay["overlay"])
    run = _Run(name, root)
    if not version.startswith(_KNOWN):
        message = f"the overlay says it is of version {version!r:.40}, which we do not know; it is read as 1.1"
        run.note("overlay-version", message, "/overlay", "1.0 and 1.1 are known")
    for index, action in enumerate(actions):
        try:
            run.apply(action, f"/actions/{index}")
        except RecursionError:
            raise InputError(f"{name}, action {index + 1}: a part is nested too deeply") from None
    if not is_object(run.root):
        raise InputError(f"{name} leaves nothing of the document", "aim at its parts, not at `$`")
    return run.root, run.findings


def _require_actions(overlay: Any, name: str) -> list[Any]:
    if not is_object(overlay) or "overlay" not in overlay:
        hint = "an overlay begins with `overlay: 1.0.0`, and has a list of `actions`"
        raise InputError(f"{name} is not an Overlay document", hint)
    actions = overlay.get("actions")
    if not is_array(actions) or not actions:
        raise InputError(f"{name} has no list of `actions`, so it changes nothing", "add one action at least")
    return actions


@dataclass(slots=True)
class _Run:
    """The document as it is after the actions so far. Parts in ``owned`` were copied, and may be changed."""

    name: str
    root: Any
    owned: dict[int, Any] = field(default_factory=dict[int, Any])
    findings: list[Finding] = field(default_factory=list[Finding])
    copied: int = 0

    def note(self, rule: str, message: str, pointer: str, hint: str = "") -> None:
        finding = warning(rule, message, pointer, hint)
        self.findings.append(finding.at(self.name, None, None))

    def apply(self, action: Any, pointer: str) -> None:
        if not is_object(action) or not isinstance(action.get("target"), str):
            self.note("overlay-action", "an action is an object with a `target`; this one is skipped", pointer)
            return
        selected = self.select(action["target"], join(pointer, "target"))
        if selected is None:
            return
        if not selected:
            message = f"the target {action['target']!r:.100} selects nothing, so nothing is changed"
            hint = "compare it with the document; an earlier action may have moved or removed the part"
            self.note("overlay-target", message, join(pointer, "target"), hint)
        elif action.get("remove") is True:
            self.remove(selected)
        elif "copy" in action:
            self.copy(selected, action["copy"], pointer)
        elif "update" in action:
            self.update(selected, action["update"], join(pointer, "update"))
        else:
            self.note("overlay-action", "an action has `update`, `copy` or `remove`; this one is skipped", pointer)

    def select(self, target: str, pointer: str) -> list[Parts] | None:
        """Return where the target leads to, None if that cannot be said."""
        found: list[Parts] = []
        try:
            for match in _JSON_PATH.finditer(target, self.root):
                found.append(match.parts)
                if len(found) > _MOST_SELECTED:
                    self.note("overlay-target", f"the target {target!r:.100} selects too much; it is skipped", pointer)
                    return None
        except JSONPathError as problem:
            # Not str(problem): that points at the place, and fails where an empty path has none.
            what = str(problem.args[0] if problem.args else type(problem).__name__).partition("\n")[0]
            message = f"the target {target!r:.100} is no JSONPath: {what}; the action is skipped"
            self.note("overlay-target", message, pointer, "see RFC 9535; a path is written $.paths['/pets']")
            return None
        return found

    # --- what actions do ---

    def remove(self, selected: Sequence[Parts]) -> None:
        # From the end, so that the places of what is still to go stay true.
        for parts in sorted(selected, key=_order, reverse=True):
            if not parts:
                self.root = None
                return
            try:
                container = self.own(parts[:-1])
                del container[parts[-1]]
            except LookupError:
                continue  # it went with a part around it

    def update(self, selected: Sequence[Parts], value: Any, pointer: str) -> None:
        for parts in selected:
            target = self.at(parts)
            if is_object(target) and not is_object(value):
                message = f"an object cannot be updated with {_kind(value)}; it stays as it is"
                self.note("overlay-update", message, pointer, "give an object, or remove the part first")
                return
            self.replace(parts, lambda old: _merged(old, value))

    def copy(self, selected: Sequence[Parts], source: Any, pointer: str) -> None:
        place = join(pointer, "copy")
        found = self.select(source, place) if isinstance(source, str) else []
        if found is None:
            return
        if len(found) != 1:
            message = f"what is copied, {source!r:.100}, is {len(found)} parts of the document; it must be one"
            self.note("overlay-target", message, place, "write a path that selects one part")
            return
        value = self.at(found[0])
        self.copied += _size(value) * len(selected)
        if self.copied > _MOST_COPIED:
            raise InputError(f"{self.name} copies more than {_MOST_COPIED:,} parts", "copy less")
        self.update(selected, copy.deepcopy(value), place)

    # --- the document ---

    def at(self, parts: Parts) -> Any:
        return look_up(self.root, join("", *map(str, parts)))

    def replace(self, parts: Parts, change: Callable[[Any], Any]) -> None:
        if not parts:
            self.root = change(self.root)
            return
        container = self.own(parts[:-1])
        container[parts[-1]] = change(container[parts[-1]])

    def own(self, parts: Parts) -> Any:
        """Return the container at ``parts``, copied unless it was copied before, and so all around it."""
        self.root = container = self.mine(self.root)
        for part in parts:
            container[part] = container = self.mine(container[part])
        return container

    def mine(self, container: Any) -> Any:
        if id(container) in self.owned:
            return container
        made = copy.copy(container)
        self.owned[id(made)] = made  # kept, so that no other part gets its id
        return made


def _merged(old: Any, new: Any) -> Any:
    if is_object(old) and is_object(new):
        return {**old, **{key: _merged(old[key], value) if key in old else value for key, value in new.items()}}
    if is_array(old):
        return [*old, *(new if is_array(new) else [new])]
    return new


def _order(parts: Parts) -> list[tuple[int, str]]:
    """Sort places so that the items of a list follow by number."""
    return [(part, "") if isinstance(part, int) else (0, part) for part in parts]


def _size(value: Any) -> int:
    if is_object(value):
        return 1 + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if is_array(value) else 1


def _kind(value: Any) -> str:
    return "a list" if is_array(value) else "null" if value is None else "one plain value"
