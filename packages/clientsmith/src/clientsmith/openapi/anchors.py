"""JSON Schema's names for places (2020-12, section 8.2): ``$id``, ``$anchor``, ``$dynamicAnchor``, and who uses them.

References by such names are rewritten to JSON pointers, so that nothing behind this pass knows another kind. A
``$dynamicRef`` becomes the ``$ref`` to where its name stands: in documents, the tree that contains itself. What another
schema would put in its place at run time has no type that could be written down, and is a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

from clientsmith.findings import Finding, note

from .data import described_parts, is_array, is_object
from .pointer import join

__all__ = ["find_anchors", "lower_anchors", "mentions_anchors"]

_MENTION: Final = re.compile(r"\$(?:id|anchor|dynamicAnchor|dynamicRef|recursiveRef)\b")


def mentions_anchors(text: str) -> bool:
    """Whether it is worth looking for anchors in ``text``; most documents have none, and large ones stay fast."""
    return _MENTION.search(text) is not None


def find_anchors(root: Any) -> dict[str, str]:
    """Return the pointer of each anchor of a document by its name; of two of one name the first."""
    return _Names.of(root).anchors


def lower_anchors(root: dict[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """Return ``root`` with every reference by name, to a name in it, made a reference by pointer.

    Parts without such a reference are not copied.
    """
    names = _Names.of(root)
    rewriting = _Rewriting(names)
    return rewriting.rewrite(root, "", ""), rewriting.findings


@dataclass(slots=True)
class _Names:
    """What the schemas of a document are called. ``""`` is the URI of the document itself."""

    resources: dict[str, str] = field(default_factory=lambda: {"": ""})  # pointer by URI
    named: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])  # pointer by URI and name
    anchors: dict[str, str] = field(default_factory=dict[str, str])
    dynamic: dict[str, int] = field(default_factory=dict[str, int])  # how often a name is a dynamic anchor

    @classmethod
    def of(cls, root: Any) -> _Names:
        names = cls()
        names.collect(root, "", "")
        return names

    def collect(self, value: Any, base: str, pointer: str, key: str = "") -> None:
        if is_object(value):
            base = _base(value, base)
            if isinstance(value.get("$id"), str):
                self.resources.setdefault(base, pointer)
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(name := value.get(keyword), str):
                    self.named.setdefault((base, name), pointer)
                    self.anchors.setdefault(name, pointer)
            if isinstance(name := value.get("$dynamicAnchor"), str):
                self.dynamic[name] = self.dynamic.get(name, 0) + 1
        for name, child in described_parts(value, key):
            self.collect(child, base, join(pointer, name), name)

    def target(self, reference: str, base: str) -> str | None:
        """Return the pointer that ``reference`` means in the schema resource ``base``, if it means a name here."""
        uri, fragment = urldefrag(_joined(base, reference))
        resource = self.resources.get(uri)
        if resource is None or (not uri and (fragment.startswith("/") or not fragment)):
            return None  # a pointer into the document itself is one already
        if not fragment or fragment.startswith("/"):
            return resource + unquote(fragment)
        return self.named.get((uri, unquote(fragment)))


@dataclass(slots=True)
class _Rewriting:
    names: _Names
    findings: list[Finding] = field(default_factory=list[Finding])

    def rewrite(self, value: Any, base: str, pointer: str, key: str = "") -> Any:
        if is_object(value):
            base = _base(value, base)
        changed: dict[str, Any] = {}
        for name, child in described_parts(value, key):
            new = self.rewrite(child, base, join(pointer, name), name)
            if new is not child:
                changed[name] = new
        if is_array(value):
            return [changed.get(str(index), child) for index, child in enumerate(value)] if changed else value
        if not is_object(value):
            return value
        made = {name: changed.get(name, child) for name, child in value.items()} if changed else value
        return self.reference(made, base, pointer)

    def reference(self, schema: dict[str, Any], base: str, pointer: str) -> dict[str, Any]:
        if isinstance(reference := schema.get("$ref"), str):
            target = self.names.target(reference, base)
            return schema if target is None else {**schema, "$ref": f"#{target}"}
        for keyword in ("$dynamicRef", "$recursiveRef"):
            if isinstance(reference := schema.get(keyword), str):
                target = self.names.target(reference, base)
                self._note_dynamic(reference.rpartition("#")[2], pointer)
                rest = {key: child for key, child in schema.items() if key != keyword}
                return {"$ref": f"#{target}" if target is not None else reference, **rest}
        return schema

    def _note_dynamic(self, name: str, pointer: str) -> None:
        if self.names.dynamic.get(name, 0) > 1:
            message = f"the schema {name!r} is replaced where it is used; the reference means the first one here"
            hint = "write the schema out where it differs, if its type matters"
            self.findings.append(note("dynamic-reference", message, pointer, hint))


def _base(schema: dict[str, Any], base: str) -> str:
    """Return the URI of the schema resource that ``schema`` belongs to."""
    identity = schema.get("$id")
    return urldefrag(_joined(base, identity)).url if isinstance(identity, str) else base


def _joined(base: str, reference: str) -> str:
    try:
        return urljoin(base, reference)
    except ValueError:  # such as `http://[`
        return reference
