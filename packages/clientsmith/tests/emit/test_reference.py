"""``api.md`` shows the whole surface of a package: nothing is missing, and text of the document stays text."""

from __future__ import annotations

from dataclasses import replace

from clientsmith.emit.methods import methods_of
from clientsmith.emit.reference import reference
from clientsmith.model.ir import Api

from .conftest import petstore_api


def page(api: Api) -> list[str]:
    return reference(api).splitlines()


def test_a_method_is_shown_as_it_is_called_with_what_it_sends() -> None:
    lines = page(petstore_api())
    at = next(number for number, line in enumerate(lines) if line.startswith("- `create_pet("))
    assert lines[at].startswith("- `create_pet(pet: Pet | Mapping[str, Any]) -> None`")
    assert lines[at + 1].startswith("  POST `/pets`")


def test_every_method_model_and_enum_is_there_once() -> None:
    api = petstore_api()
    lines = page(api)
    for name in (*(method.name for method in methods_of(api)), *(shape.name for shape in api.shapes.values())):
        assert sum(line.startswith((f"- `{name}(", f"- `{name}`")) for line in lines) == 1, name


def test_what_is_deprecated_says_so_first() -> None:
    api = petstore_api()
    old = tuple(replace(one, deprecated=one.name == "create_pet") for one in api.operations)
    said = [line for line in page(replace(api, root=replace(api.root, operations=old))) if "Deprecated." in line]
    assert [line.partition(": ")[2].split()[0] for line in said] == ["Deprecated."]
    assert said[0].startswith("  POST `/pets`: Deprecated. ")


def test_options_that_every_method_has_are_said_once() -> None:
    assert "**options" not in reference(petstore_api())


def test_text_of_the_document_makes_no_markdown() -> None:
    api = petstore_api()
    hostile = tuple(replace(one, summary="# `x` <b>[a](b)</b>\n## more") for one in api.operations)
    lines = page(replace(api, root=replace(api.root, operations=hostile)))
    assert not any(line.startswith("## more") for line in lines)
    assert any(r"\# \`x\` \*\*\[a\](b)\*\* \#\# more" in line for line in lines)
