"""``errors.py``: the classes of errors that a package has of its own, and how an operation names them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from clientsmith.emit.code import Code, Symbol, attribute, call, local, tuple_of
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.statements import Assign, Class, Declare, Module, Statement
from clientsmith.emit.text import one_line, public_name
from clientsmith.emit.types import View, through
from clientsmith.model.error_classes import BASE, STATUS_CLASSES, classes_of, is_read_as_model
from clientsmith.model.ir import Api, Content, ErrorClass
from clientsmith.model.names import upper_case

__all__ = ["errors_module", "raised_as"]

_CORE: Final = "clientsmith.core.errors"
_RAISED_AS: Final = Symbol("clientsmith.core.operations", "raised_as").code
_STATUSES: Final = {name: status for status, name in STATUS_CLASSES.items()}
_DOCSTRING: Final = """\
Each is the runtime's error for the status too, so that who catches `ResourceNotFoundError` catches all that was not
found. An answer whose body is not the documented one is raised as the runtime's class.
"""


def errors_module(api: Api, header: tuple[str, ...]) -> Module:
    """The module; a package that nobody asked to have classes of its own has none."""
    view = View(api.shapes, through(Symbol(".", "models", "_models")))
    body: list[Statement] = []
    for _, family in groupby(api.error_classes, key=lambda one: one.model.pointer):
        body += _family(list(family), view)
    return Module(Docstring(f"What {one_line(api.title)} documents as its errors", _DOCSTRING), tuple(body), header)


def _family(classes: list[ErrorClass], view: View) -> Iterator[Statement]:
    base, *rest = classes
    named = view.shapes[base.model.pointer].name
    model = view.annotation(base.model)
    summary = f"A documented error of the service: ``error`` is the `{named}` that it answered with"
    declared = (Declare("error", model),)
    yield Class(public_name(base.name), (Symbol(_CORE, BASE).code,), declared, Docstring(summary))
    for one in rest:
        bases = (local(public_name(base.name)), Symbol(_CORE, one.base).code)
        status = _STATUSES.get(one.base, "412")
        about = f"{status}: a `{one.base}` whose ``error`` is the service's `{named}`"
        yield Class(public_name(one.name), bases, (), Docstring(about))
    names = tuple_of(local(public_name(one.name)) for one in classes)
    told = f"What an error with a `{named}` is raised as: the first that fits the status."
    yield Assign(_constant(base), names, docstring=told)


def _constant(base: ErrorClass) -> str:
    """The name of the tuple of the classes: ``PROBLEM_ERRORS``."""
    return f"{upper_case(public_name(base.name))}S"


def raised_as(reader: Code, form: Content, api: Api, module: Code) -> Code:
    """What reads an error, so that it is raised as the classes of its model, if that has some; ``module`` has them."""
    classes = classes_of(api, form.shape)
    if not classes or not is_read_as_model(form):
        return reader
    return call(_RAISED_AS, reader, Code(("*",)) + attribute(module, _constant(classes[0])))
