"""How a method is reached from the client: through groups, which are properties, and through bound child clients."""

from __future__ import annotations

from collections.abc import Callable

from clientsmith.emit.code import Code, attribute, call
from clientsmith.emit.methods import Method
from clientsmith.emit.text import public_name
from clientsmith.model.ir import Parameter

__all__ = ["owner_of"]


def owner_of(method: Method, client: Code, argument: Callable[[Parameter], Code]) -> Code:
    """Return the object that has the method: ``client.issues``, ``client.get_gist_client("1").comments``.

    Args:
        method: What is to be called.
        client: The root client: a variable, or an expression.
        argument: What stands for a parameter that a child client is bound to.
    """
    for group in method.groups:
        client = attribute(client, public_name(group.attribute))
        if group.bound:
            client = call(client, *(argument(item) for item in group.bound))
    return client
