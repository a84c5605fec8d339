"""References are followed wherever they lead, and never where they should not."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clientsmith.openapi.load import Reading, load, read_document
from clientsmith.openapi.references import References
from clientsmith.openapi.resolve import Node, Resolver
from clientsmith.openapi.source import Source


def resolver_of(**parts: Any) -> Resolver:
    return Resolver(read_document(Source("test", data={"openapi": "3.1.0", "paths": {"/": {}}, **parts}))[0])


def test_a_chain_of_references_ends_at_the_schema() -> None:
    resolver = resolver_of(components={"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"type": "string"}}})
    found = resolver.follow(Node({"$ref": "#/components/schemas/A"}, "/x"))
    assert found == Node({"type": "string"}, "/components/schemas/B")


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        pytest.param("#/paths/~1pets~1%7Bid%7D/get/summary", "one", id="escaped path"),
        pytest.param("#/components/schemas/C/allOf/0", {"type": "object"}, id="into allOf"),
        pytest.param("#/components/schemas/Caf%C3%A9", {"type": "null"}, id="percent encoding"),
        pytest.param("#", None, id="the document itself"),
    ],
)
def test_any_part_can_be_referred_to(reference: str, value: object) -> None:
    resolver = resolver_of(
        paths={"/pets/{id}": {"get": {"summary": "one"}}},
        components={"schemas": {"C": {"allOf": [{"type": "object"}]}, "Café": {"type": "null"}}},
    )
    found = resolver.follow(Node({"$ref": reference}, "/x"))
    assert found is not None
    assert value is None or found.value == value
    assert resolver.findings == []


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        pytest.param("#/components/schemas/Missing", "there is nothing", id="no target"),
        pytest.param("#anchor", "there is nothing", id="anchor"),
        pytest.param("http://example.com/a.json#/b", "references to URLs are not fetched", id="URL from a file"),
        pytest.param("other.json", "only .json, .yaml and .yml files beside the document", id="no base"),
    ],
)
def test_a_reference_that_leads_nowhere_is_a_finding(reference: str, reason: str) -> None:
    resolver = resolver_of()
    assert resolver.follow(Node({"$ref": reference}, "/paths")) is None
    [finding] = resolver.findings
    assert (finding.rule, finding.pointer) == ("missing-reference", "/paths")
    assert reason in finding.message


def test_a_circle_of_references_is_a_finding() -> None:
    resolver = resolver_of(
        components={"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}}
    )
    assert resolver.follow(Node({"$ref": "#/components/schemas/A"}, "/x")) is None
    assert "leads back to itself" in resolver.findings[0].message


# --- other files -----------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A main document, schemas beside it, and more schemas below, which refer up again."""
    (tmp_path / "below").mkdir()
    main = {"openapi": "3.0.0", "info": {"title": "T", "version": "1"}, "paths": {"/x": {"$ref": "paths.yaml#/x"}}}
    main["components"] = {"schemas": {"Home": {"type": "string"}}}
    (tmp_path / "api.json").write_text(json.dumps(main))
    (tmp_path / "paths.yaml").write_text("x: {get: {responses: {200: {$ref: 'below/r.yaml#/ok'}}}}\n")
    (tmp_path / "below" / "r.yaml").write_text(
        "ok: {description: fine, schema: {$ref: '../api.json#/components/schemas/Home'}}\nschemas: {N: {nullable: true, type: string}}\n"
    )
    return tmp_path


def test_files_refer_to_each_other(tree: Path) -> None:
    resolver = Resolver(load(str(tree / "api.json"))[0])
    item = resolver.follow(resolver.root().child("paths").child("/x"))
    assert item is not None
    assert item.place == "paths.yaml#/x"
    response = resolver.follow(item.child("get").child("responses").child("200"))
    assert response is not None
    assert response.place == "below/r.yaml#/ok"
    home = resolver.follow(response.child("schema"))
    assert home == Node({"type": "string"}, "/components/schemas/Home")


def test_a_file_without_a_version_speaks_the_main_document_s_dialect(tree: Path) -> None:
    resolver = Resolver(load(str(tree / "api.json"))[0])
    found = resolver.follow(Node({"$ref": "below/r.yaml#/schemas/N"}, ""))
    assert found is not None
    assert found.value == {"type": ["string", "null"]}


@pytest.mark.parametrize("reference", ["/etc/passwd", "/etc/hosts.json", "secrets.txt", "file:///etc/x.json"])
def test_a_document_cannot_make_us_read_other_things(tree: Path, reference: str) -> None:
    (tree / "secrets.txt").write_text("secret: 1")
    resolver = Resolver(load(str(tree / "api.json"))[0])
    assert resolver.follow(Node({"$ref": reference}, "")) is None
    assert "secret" not in resolver.findings[0].message.replace(reference, "")


def test_a_url_document_refers_to_its_own_server_only() -> None:
    document, _ = read_document(Source("u", data={"openapi": "3.1.0", "paths": {}}, base="http://a.test/api.json"))
    resolver = Resolver(document)
    assert resolver.follow(Node({"$ref": "http://b.test/x.json#/a"}, "")) is None
    assert "another server" in resolver.findings[0].message


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., Resolver]:
    """Write files, and read the first of them: `files({"api.yaml": "…", "below/pet.yaml": "…"})`."""

    def write(texts: dict[str, str], *, references: References | None = None) -> Resolver:
        folder = tmp_path / "api"
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(textwrap.dedent(text))
        reading = Reading(references=references or References())
        return Resolver(load(str(folder / next(iter(texts))), reading)[0])

    return write


MAIN = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths: {/x: {}}\n"


def follow(resolver: Resolver, reference: str, place: str = "") -> Node | None:
    return resolver.follow(Node({"$ref": reference}, place))


@pytest.mark.parametrize("reference", ["Pet%20file.yaml", "./Pet%20file.yaml", "x/../Pet%20file.yaml#"])
def test_a_file_may_be_one_schema(files: Callable[..., Resolver], reference: str) -> None:
    """The whole file is the target, in the main document's dialect, whatever way its name is written."""
    resolver = files({"api.yaml": MAIN, "Pet file.yaml": "type: string\nnullable: true\n"})
    found = follow(resolver, reference)
    assert found == Node({"type": ["string", "null"]}, "Pet file.yaml#")
    assert resolver.findings == []


def test_parts_of_any_kind_are_brought_into_the_newest_form(files: Callable[..., Resolver]) -> None:
    """A file may hold parameters, paths or responses under names of its author's choice."""
    text = """
        shared:
          limit: {name: limit, in: query, schema: {type: integer, nullable: true}}
          things: {get: {responses: {200: {description: d, content: {a/b: {schema: {type: string, nullable: true}}}}}}}
          type: {properties: {type: {type: string, nullable: true}}}
    """
    resolver = files({"api.yaml": MAIN, "parts.yaml": text})
    null_too = {"type": ["string", "null"]}
    for pointer, value in (
        ("limit/schema", {"type": ["integer", "null"]}),
        ("things/get/responses/200/content/a~1b/schema", null_too),
        ("type/properties/type", null_too),
    ):
        found = follow(resolver, f"parts.yaml#/shared/{pointer}")
        assert found is not None
        assert found.value == value


def test_swagger_parts_in_other_files_are_restructured(files: Callable[..., Resolver]) -> None:
    """Types that the main document produces hold for the operations of its files."""
    main = "swagger: '2.0'\nproduces: [text/csv]\npaths:\n  /x: {$ref: 'x.yaml#/one'}\n"
    part = """
        one:
          get:
            parameters: [{name: n, in: query, type: array, items: {type: string}, collectionFormat: multi}]
            responses: {200: {description: d, schema: {type: string, x-nullable: true}}}
    """
    resolver = files({"api.yaml": main, "x.yaml": part})
    found = follow(resolver, "x.yaml#/one")
    assert found is not None
    operation = found.value["get"]
    assert operation["responses"]["200"]["content"] == {"text/csv": {"schema": {"type": ["string", "null"]}}}
    assert operation["parameters"][0]["explode"] is True


def test_a_body_that_another_file_describes_is_still_the_body(files: Callable[..., Resolver]) -> None:
    """Only its own text says that a parameter is the body of Swagger 2.0."""
    main = """
        swagger: '2.0'
        paths: {/x: {put: {parameters: [{$ref: 'common.yaml#/parameters/Thing'}], responses: {}}}}
    """
    common = """
        swagger: '2.0'
        paths: {}
        parameters: {Thing: {name: thing, in: body, required: true, schema: {$ref: '#/definitions/Thing'}}}
        definitions: {Thing: {type: object}}
    """
    resolver = files({"api.yaml": main, "common.yaml": common})
    operation = resolver.root().child("paths").child("/x").child("put")
    assert operation.value["parameters"] == []
    assert operation.value["requestBody"]["required"] is True
    schema = operation.child("requestBody").child("content").child("application/json").child("schema")
    assert resolver.follow(schema) == Node({"type": "object"}, "common.yaml#/components/schemas/Thing")


def test_files_in_a_circle_end(files: Callable[..., Resolver]) -> None:
    resolver = files({"api.yaml": MAIN, "a.yaml": "x: {$ref: 'b.yaml#/x'}", "b.yaml": "x: {$ref: 'a.yaml#/x'}"})
    assert follow(resolver, "a.yaml#/x") is None
    assert "leads back to itself" in resolver.findings[0].message


def test_a_part_cut_out_of_the_main_document_finds_what_it_left_there(files: Callable[..., Resolver]) -> None:
    main = MAIN + "components: {schemas: {Pet: {type: object}}}\n"
    resolver = files({"api.yaml": main, "part.yaml": "p: {$ref: '#/components/schemas/Pet'}"})
    assert follow(resolver, "part.yaml#/p") == Node({"type": "object"}, "/components/schemas/Pet")
    assert [finding.rule for finding in resolver.findings] == ["reference-elsewhere"]


def test_a_broken_file_is_a_finding_with_its_place(files: Callable[..., Resolver]) -> None:
    resolver = files({"api.yaml": MAIN, "broken.yaml": "a: [\n"})
    assert follow(resolver, "broken.yaml#/a", "/paths/~1x") is None
    [finding] = resolver.findings
    assert (finding.rule, finding.pointer) == ("missing-reference", "/paths/~1x")
    assert "broken.yaml:2:1 is not YAML" in finding.message


def test_findings_in_another_file_name_that_file(files: Callable[..., Resolver]) -> None:
    resolver = files({"api.yaml": MAIN, "twice.yaml": "a: 1\na: 2\n"})
    follow(resolver, "twice.yaml#/a")
    [finding] = map(resolver.in_source, resolver.findings)
    assert (finding.rule, Path(finding.file).name, finding.pointer) == ("duplicate-key", "twice.yaml", "/a")


def test_files_outside_the_folder_are_not_read_unless_allowed(files: Callable[..., Resolver], tmp_path: Path) -> None:
    texts = {"v1/api.yaml": MAIN, "common/types.yaml": "A: {type: string}"}
    resolver = files(texts)
    assert follow(resolver, "../common/types.yaml#/A") is None
    assert "outside the folder of the document; --references-below FOLDER" in resolver.findings[0].message
    resolver = files(texts, references=References(below=str(tmp_path)))
    assert follow(resolver, "../common/types.yaml#/A") == Node({"type": "string"}, "../common/types.yaml#/A")


def test_a_link_is_no_way_out(files: Callable[..., Resolver], tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"a": {"type": "string"}}')
    resolver = files({"api.yaml": MAIN})
    (tmp_path / "api" / "link.json").symlink_to(tmp_path / "secret.json")
    assert follow(resolver, "link.json#/a") is None
    assert "outside the folder" in resolver.findings[0].message


def test_what_a_document_calls_itself_is_where_its_references_start(files: Callable[..., Resolver]) -> None:
    """OpenAPI 3.2: `$self` is the document's URL, wherever its copy was read."""
    main = "openapi: 3.2.0\n$self: https://a.test/apis/api.yaml\npaths: {/x: {}}\ncomponents: {schemas: {A: {}}}\n"
    resolver = files({"api.yaml": main, "below/types.yaml": "B: {type: string}"})
    assert follow(resolver, "https://a.test/apis/below/types.yaml#/B") == Node(
        {"type": "string"}, "below/types.yaml#/B"
    )
    assert follow(resolver, "https://a.test/apis/api.yaml#/components/schemas/A") == Node({}, "/components/schemas/A")
    assert follow(resolver, "https://b.test/other.yaml#/x") is None


def test_an_anchor_in_another_file_is_found(files: Callable[..., Resolver]) -> None:
    resolver = files({"api.yaml": MAIN.replace("3.0.3", "3.1.0"), "s.yaml": "$defs: {A: {$anchor: a, type: string}}"})
    found = follow(resolver, "s.yaml#a")
    assert found is not None
    assert found.place == "s.yaml#/$defs/A"


@pytest.mark.parametrize(
    ("base", "name", "references", "address"),
    [
        pytest.param("http://a.test/v1/api.json", "x.json", References(), "http://a.test/v1/x.json", id="beside a URL"),
        pytest.param("http://a.test/api.json", "http://b.test/x.json", References(), "", id="another server"),
        pytest.param("https://a.test/api.json", "http://a.test/x.json", References(), "", id="without TLS"),
        pytest.param(
            "https://u:p@a.test/a.json",
            "https://a.test/x.json",
            References(),
            "https://a.test/x.json",
            id="credentials",
        ),
        pytest.param("http://a.test/", "http://b.test/x", References(fetch=True), "http://b.test/x", id="asked for"),
        pytest.param("api.json", "http://b.test/x", References(), "", id="a URL from a file"),
        pytest.param("api.json", "http://b.test/x", References(fetch=True), "http://b.test/x", id="asked for, a file"),
        pytest.param("api.json", "x.json", References(), "x.json", id="beside a file"),
        pytest.param("api.json", "x\0.json", References(), "", id="null character"),
        pytest.param("", "x.json", References(), "", id="an application"),
    ],
)
def test_where_references_may_lead(base: str, name: str, references: References, address: str) -> None:
    found, problem = references.address(base, name)
    assert found == address
    assert bool(problem) is not bool(address)
