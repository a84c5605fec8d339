"""The ``models`` subpackage: models and enums as classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Final

from clientsmith.core.models import RESERVED_NAMES
from clientsmith.emit.bounds import bounds, spelled
from clientsmith.emit.code import Code, Symbol, attribute, builtin, call, indexed, local, value
from clientsmith.emit.docstring import Docstring, Entry
from clientsmith.emit.layout import ENUMS, MODELS, WEBHOOKS, Places
from clientsmith.emit.statements import Assign, Class, Module, Statement
from clientsmith.emit.text import headline, one_line, public_name, sentence
from clientsmith.emit.types import View
from clientsmith.model.ir import Api, Enum, Literal, Model, NamedShape, Property, Ref, Scalar, ScalarKind, Xml
from clientsmith.model.lookup import all_properties, bare, lineage, tag_of
from clientsmith.model.words import split_words

__all__ = ["about_property", "enums_of", "field_name", "model_modules", "models_of"]

_DOORWAY: Final = Symbol("..", "models", "_models").code  # imports the module of a name when it is first used
_MODEL: Final = Symbol("clientsmith.core.models", "Model").code
_ADDITIONAL: Final = Symbol("clientsmith.core.models", "additional").code
_FIELD: Final = Symbol("clientsmith.core.models", "field").code
_XML: Final = Symbol("clientsmith.core.xml", "Xml").code
_UNSET: Final = Symbol("clientsmith.core.models", "UNSET").code


def models_of(api: Api) -> list[Model]:
    """The models by name, each base before its children: an order that the document's has no part in."""
    models = sorted((shape for shape in api.shapes.values() if isinstance(shape, Model)), key=lambda model: model.name)
    ordered: dict[str, Model] = {}

    def add(model: Model, children: frozenset[str]) -> None:
        base = _base(api, model)
        if base is not None and base.pointer not in children:
            add(base, children | {model.pointer})
        ordered.setdefault(model.pointer, model)

    for model in models:
        add(model, frozenset({model.pointer}))
    return list(ordered.values())


def enums_of(api: Api) -> list[Enum]:
    """The enums by name."""
    return sorted((shape for shape in api.shapes.values() if isinstance(shape, Enum)), key=lambda enum: enum.name)


def model_modules(api: Api, layout: Places, header: tuple[str, ...]) -> dict[str, Module]:
    """The modules of ``models`` by name: the enums and models of each in an order in which bases come first."""
    members: dict[str, list[NamedShape]] = {name: [] for name in layout.model_modules}
    shapes: list[NamedShape] = [*enums_of(api), *models_of(api)]
    for shape in shapes:
        members[layout.shapes[shape.pointer]].append(shape)
    return {name: _module(api, layout, name, found, header) for name, found in members.items()}


def _module(api: Api, layout: Places, name: str, shapes: list[NamedShape], header: tuple[str, ...]) -> Module:
    order = {shape.pointer: number for number, shape in enumerate(shapes)}
    # One client imports its enums with its models; where there are groups, hundreds of them would cost the first call.
    at_hand = frozenset({name}) if layout.groups else frozenset({MODELS, ENUMS})

    def reach(shape: NamedShape) -> Code:
        home = layout.shapes[shape.pointer]
        if home == name:
            return local(public_name(shape.name))
        if home in at_hand:
            return attribute(Symbol(".", home).code, public_name(shape.name))
        return attribute(_DOORWAY, public_name(shape.name))

    def is_lazy(shape: NamedShape) -> bool:
        return isinstance(shape, Model) or layout.shapes[shape.pointer] not in at_hand

    view = View(api.shapes, reach, is_lazy)
    classes: list[Statement] = []
    for shape in shapes:
        if isinstance(shape, Enum):
            classes.append(_enum(shape))
            continue
        base = _base(api, shape)
        # False only in a cycle of bases; a base elsewhere stands further out, where nothing is imported from here.
        is_known = base is not None and order.get(base.pointer, -1) < order[shape.pointer]
        classes.append(_model(shape, base if is_known else None, view, layout, name))
    return Module(Docstring(_about(api, layout, name)), tuple(classes), header)


def _about(api: Api, layout: Places, name: str) -> str:
    if name == ENUMS:
        return f"The enums of {one_line(api.title)}: all of them open, so a value that is not listed stays a plain one"
    if name == WEBHOOKS:
        return f"The models and enums of the messages that {one_line(api.title)} sends"
    shared = " that several groups use" if layout.groups else ""
    owner = next((path[-1].name for module, path in layout.groups.items() if f"_{module}" == name), "")
    return f"The models and enums of `{owner}`" if owner else f"The models of {one_line(api.title)}{shared}"


def _base(api: Api, model: Model) -> Model | None:
    base = api.shapes.get(model.base.pointer) if isinstance(model.base, Ref) else None
    return base if isinstance(base, Model) else None


def _model(model: Model, base: Model | None, view: View, layout: Places, module: str) -> Class:
    inherited, known = tag_of(base, view.shapes), all_properties(base, view.shapes)
    tag = model.tag or inherited
    own = [item for item in model.properties if not (item.wire_name == inherited and item.wire_name in known)]
    keywords: list[tuple[str, Code]] = []
    if model.tag and model.tag != inherited:
        keywords.append(("tag", value(model.tag)))
    if model.tag_value and inherited:  # without a tag above it only a union tells it apart, by its own codec
        keywords.append(("value", value(model.tag_value)))
    if model.xml is not None:
        keywords.append(("xml", _xml(model.xml)))
    return Class(
        public_name(model.name),
        (_base_class(base, layout, module) if base else _MODEL,),
        (
            *(_field(item, view, is_tag=bool(tag) and item.wire_name == tag) for item in own),
            *_additional(model, base, view),
        ),
        _model_docstring(model, own, view.shapes),
        tuple(keywords),
    )


def _base_class(base: Model, layout: Places, module: str) -> Code:
    home = layout.shapes[base.pointer]
    return local(public_name(base.name)) if home == module else Symbol(f".{home}", public_name(base.name)).code


def _model_docstring(model: Model, properties: Iterable[Property], shapes: Mapping[str, NamedShape]) -> Docstring:
    summary, description = headline(model.description or _title(model))
    notes = ((field_name(item), about_property(item, shapes)) for item in properties)
    return Docstring(summary, description, attributes=tuple(Entry(name, text) for name, text in notes if text))


def _title(shape: NamedShape) -> str:
    """What stands for a description: the words of the name and, where it had to be changed, the document's own name."""
    words = " ".join(split_words(shape.name))
    return words if shape.wire_name in ("", shape.name) else f"{words}, in the document ``{one_line(shape.wire_name)}``"


def about_property(item: Property, shapes: Mapping[str, NamedShape]) -> str:
    """What the document says about a field, with the values that it allows; "" if nothing."""
    notes = [sentence(item.description), bounds(item.shape, item.constraints, shapes, item.description)]
    if item.read_only:
        notes.append("Set by the service.")
    if item.write_only:
        notes.append("Sent, never returned.")
    if item.has_default and item.default is not None:
        notes.append(f"The service takes {spelled(item.default)} where it is not given.")
    if item.deprecated:
        notes.append("Deprecated.")
    return " ".join(filter(None, notes))


def _xml(xml: Xml) -> Code:
    said = {part.name: getattr(xml, part.name) for part in fields(xml)}
    return call(_XML, **{name: value(told) for name, told in said.items() if told})


def _field(item: Property, view: View, *, is_tag: bool) -> Assign:
    """A field; what the service sets need not be given to the constructor, but is always there when it answers."""
    codec = view.codec(item.shape)
    arguments = (value(item.wire_name), *([codec] if codec is not None else []))
    annotation = view.annotation(item.shape, optional=not item.required and not is_tag)
    keywords: dict[str, Code] = {}
    if is_tag:
        keywords["init"] = value(False)
    elif not item.required or item.read_only:
        keywords["default"] = _UNSET
    elif isinstance(item.shape, Literal):  # the service requires it and allows nothing else: nobody has to say it
        keywords["default"] = value(item.shape.value)
    if item.read_only:  # never sent, also where the model was read before
        keywords["read_only"] = value(True)
    if _is_secret(item):
        keywords["secret"] = value(True)
    if item.xml is not None:
        keywords["xml"] = _xml(item.xml)
    return Assign(field_name(item), call(_FIELD, *arguments, **keywords), annotation)


def _additional(model: Model, base: Model | None, view: View) -> list[Assign]:
    """The field for all members that no other field names; of a class and its bases, the first that has one."""
    shape = model.additional
    if shape is None or any(owner.additional is not None for owner in lineage(base, view.shapes)):
        return []
    codec = view.codec(shape)
    made = call(_ADDITIONAL, *([codec] if codec is not None else []), default=_UNSET)
    annotation = indexed(builtin("dict"), builtin("str"), view.annotation(shape))
    return [Assign(public_name(model.additional_name), made, annotation)]


def _is_secret(item: Property) -> bool:
    """What is sent and never returned is a password, as a rule; or the document calls it one."""
    shape = bare(item.shape)
    return item.write_only or (isinstance(shape, Scalar) and shape.format == "password")


def field_name(item: Property) -> str:
    """The Python name of a property; the two methods that every model has keep theirs."""
    return f"{item.name}_" if item.name in RESERVED_NAMES else public_name(item.name)


def _enum(enum: Enum) -> Class:
    kind = builtin("str" if enum.kind is ScalarKind.STRING else "int")
    summary, description = headline(enum.description or _title(enum))
    members = tuple(
        Assign(public_name(member.name), value(member.wire_value), docstring=one_line(member.description))
        for member in enum.members
    )
    return Class(public_name(enum.name), (kind, Symbol("enum", "Enum").code), members, Docstring(summary, description))
