"""YAML as inventories have it; tags that only Ansible understands become what says so when it is used."""

from __future__ import annotations

from typing import Any

from .target import InventoryError

__all__ = ["Untold", "load_yaml"]


class Untold:
    """A value that only Ansible can work out: ``!vault``, a template."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __repr__(self) -> str:
        return f"<{self.what}>"


def load_yaml(text: str, source: str) -> Any:
    """Return the document in a text; nothing in it is ever run.

    Raises:
        InventoryError: It is no YAML, or PyYAML is missing.
    """
    try:
        import yaml
    except ModuleNotFoundError:
        raise InventoryError("YAML needs PyYAML", "pip install 'naas-client[cli]', or use CSV or JSON") from None

    # The safe loader in C where PyYAML has it: an inventory of 500 devices takes 0.1 s and not 0.6 s.
    safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(safe):  # type: ignore[misc]  # one of the two
        """The safe loader, with Ansible's tags."""

    def untold(loader: Any, suffix: str, node: Any) -> Untold:  # noqa: ARG001 - PyYAML's signature
        return Untold(f"an Ansible value of the kind !{suffix}")

    add: Any = getattr(Loader, "add_multi_constructor")  # noqa: B009 - PyYAML has no types for it
    add("!", untold)
    try:
        # A loader of our own on top of the safe one: it makes plain values and nothing else.
        return yaml.load(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        raise InventoryError(f"{where}: not YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise InventoryError(f"{source} is not YAML") from None
