"""The clients below the client: how their parent gives them, and what their classes are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from clientsmith.configuration import Configuration, LockedGroup
from clientsmith.findings import Finding

from ..decided import refused
from ..ir import Api, Group
from ..names import METHOD_NAMES, MODULE_NAMES, Wish, allocate, first_of, pascal_case
from .name_client import class_of, title_words

__all__ = ["name_groups"]


def name_groups(api: Api, configuration: Configuration) -> tuple[Api, list[Finding]]:
    """Name the attributes of each client's groups in its scope, and all classes in that of the package."""
    root = _with_attributes(api.root, configuration)
    client = configuration.client or class_of(title_words(api.title))
    locked, told = configuration.lock.groups, configuration.groups.clients
    wishes = [
        Wish(
            group.key,
            _class_names(group, around, client.removesuffix("Client")),
            group.key.count("."),
            (told[group.key].name or "") if group.key in told else "",
            locked[group.key].name if group.key in locked else "",
        )
        for group, around in _with_parents(root, ())
        if group.key
    ]
    classes = allocate(wishes, MODULE_NAMES, given=[client])
    places = {key: ("groups", "clients", key, "name") for key in told}
    findings = refused(wishes, classes, configuration, places)
    return replace(api, root=_with_classes(root, classes)), findings


def _with_attributes(group: Group, configuration: Configuration) -> Group:
    """Name what the group gives; properties first, since what is bound has a longer name by itself."""
    locked = configuration.lock.groups
    wishes = [
        Wish(
            child.key,
            first_of(_attributes(child)),
            int(bool(child.bound)),
            kept=_published(child, locked[child.key]) if child.key in locked else "",
        )
        for child in group.groups
    ]
    names = allocate(wishes, METHOD_NAMES)
    children = [_with_attributes(replace(child, attribute=names[child.key]), configuration) for child in group.groups]
    return replace(group, groups=tuple(sorted(children, key=lambda child: child.attribute)))


def _attributes(group: Group) -> list[str]:
    own = group.key.rpartition(".")[2]
    return [f"get_{own}_client", f"get_{group.key.replace('.', '_')}_client"] if group.bound else [own]


def _published(group: Group, locked: LockedGroup) -> str:
    """The attribute in the lock; one that was a property cannot go on as a method, nor the other way round."""
    return locked.attribute if bool(locked.bound) == bool(group.bound) else ""


def _with_parents(group: Group, around: tuple[Group, ...]) -> Iterable[tuple[Group, tuple[Group, ...]]]:
    yield group, around
    for child in group.groups:
        yield from _with_parents(child, (*around, group))


def _class_names(group: Group, around: Sequence[Group], client: str) -> tuple[str, ...]:
    """Candidates: the path of the group from the nearest bound client, then all of it, then with the client before.

    A thing of its own is called like one, wherever it is given: `GistClient`, `RepositoryIssueClient`.
    """
    words = group.key.split(".")
    bound = [above.key.count(".") for above in around if above.bound]
    from_bound = words[bound[-1] if bound else 0 :]
    own = [*(words[bound[-1] : bound[-1] + 1] if bound else ()), words[-1]]
    texts = [_joined(own if group.bound else from_bound), _joined(words), "_".join([client, *words])]
    names = [f"{pascal_case(text, 'Group')}Client" for text in texts]
    return first_of([name for name in names if name not in MODULE_NAMES])


def _joined(words: Sequence[str]) -> str:
    """Join ``organization`` and ``organization_roles`` without saying anything twice."""
    parts: list[str] = []
    for word in words:
        own = word.split("_")
        parts += own[1:] if len(own) > 1 and own[0] == (parts or [""])[-1] else own
    return "_".join(parts)


def _with_classes(group: Group, classes: Mapping[str, str]) -> Group:
    children = tuple(_with_classes(child, classes) for child in group.groups)
    return replace(group, name=classes.get(group.key, group.name), groups=children)
