"""SPEC becomes a document, whatever it is; what cannot be read gets one clear message."""

from __future__ import annotations

import json
import os
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from clientsmith.findings import InputError
from clientsmith.openapi.load import load
from clientsmith.openapi.source import Source, read_source

SPECS = Path(__file__).parents[1] / "specs"
MINIMAL = {"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- what can be read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["oai-petstore.json", "oai-petstore-expanded-v2.json", "oai-tictactoe.json", "redocly-museum.yaml", "naas-v2.json"],
)
def test_our_documents_load_without_findings(name: str) -> None:
    document, findings = load(str(SPECS / name))
    assert findings == []
    assert document.root["openapi"].startswith("3.")
    assert document.root["paths"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(json.dumps(MINIMAL).encode("utf-8-sig"), id="JSON with a byte order mark"),
        pytest.param(json.dumps(MINIMAL).encode("utf-16"), id="JSON in UTF-16"),
        pytest.param(json.dumps(MINIMAL).encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param(json.dumps(MINIMAL).encode("utf-16-be"), id="UTF-16, big end first, without a mark"),
        pytest.param(json.dumps(MINIMAL).encode("utf-32"), id="UTF-32"),
        pytest.param(b"\n# \xc3\xa9\r\nopenapi: 3.1.0\r\ninfo: {title: Tiny, version: 1}\r\npaths: {}\r\n", id="CRLF"),
        pytest.param(
            b"%YAML 1.2\n---\nopenapi: 3.1.0\ninfo: {title: Tiny}\npaths: {}\n...\n", id="YAML with all marks"
        ),
        pytest.param(b"openapi: 3.1.0\ninfo: {title: Tiny, version: 1}\npaths: {}\n", id="YAML"),
        pytest.param(b"openapi: 3.1\ninfo: {title: Tiny, version: 1}\npaths: {}\n", id="YAML with a number as version"),
        pytest.param(
            b"{openapi: 3.1.0, # a comment\n info: {title: Tiny, version: '1'}, paths: {},}", id="JSON-like YAML"
        ),
    ],
)
def test_a_document_may_be_written_in_several_ways(folder: Path, content: bytes) -> None:
    (folder / "api").write_bytes(content)
    document, _ = load("api")
    assert document.root["info"]["title"] == "Tiny"


def test_yaml_follows_the_core_schema(folder: Path) -> None:
    """Statuses are strings, `no` is a word, a date is a string: as in the same document in JSON."""
    (folder / "api.yaml").write_text(
        textwrap.dedent("""
        openapi: 3.1.0
        info: {title: Tiny, version: 2024-01-02}
        paths:
          /x:
            get:
              responses:
                200: {description: no}
        x-values: [yes, on, 0o17, 0x1f, 1e3, .5, ~, null, TRUE, 012, 1_000, '7']
        """)
    )
    document, findings = load("api.yaml")
    assert findings == []
    assert document.root["info"]["version"] == "2024-01-02"
    assert document.root["paths"]["/x"]["get"]["responses"] == {"200": {"description": "no"}}
    assert document.root["x-values"] == ["yes", "on", 15, 31, 1000.0, 0.5, None, None, True, 12, "1_000", "7"]


def test_keys_are_what_they_look_like(folder: Path) -> None:
    """Whatever YAML 1.1 would make of them: a boolean, a number, a date, null."""
    (folder / "api.yaml").write_text(
        "openapi: 3.1.0\npaths: {}\nx: {on: 1, yes: 2, 200: 3, 1.5: 4, 2024-01-02: 5, null: 6, 2024-01-02T03:04:05Z: 7}\n"
    )
    document, findings = load("api.yaml")
    assert findings == []
    assert list(document.root["x"]) == ["on", "yes", "200", "1.5", "2024-01-02", "null", "2024-01-02T03:04:05Z"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        pytest.param("api.json", '{"openapi": "3.1.0", "paths": {}, "x": [1e999, NaN, -Infinity]}', None, id="JSON"),
        pytest.param("api.yaml", "openapi: 3.1.0\npaths: {}\nx: [1e999, .nan, -.inf]\n", [".nan", "-.inf"], id="YAML"),
    ],
)
def test_numbers_that_no_literal_can_say_stay_text(folder: Path, name: str, text: str, value: list[str] | None) -> None:
    (folder / name).write_text(text)
    document, _ = load(name)
    assert document.root["x"] == ["1e999", *(value or ["NaN", "-Infinity"])]


def test_tags_of_yaml(folder: Path) -> None:
    """Those of the core schema count; another one, `!include`, is a note."""
    (folder / "api.yaml").write_text(
        "openapi: 3.1.0\npaths: {}\nx: [!!str 1, !!int '2', !!float '3.5', !include a.yaml]\n"
    )
    document, findings = load("api.yaml")
    assert document.root["x"] == ["1", 2, 3.5, "a.yaml"]
    assert [(finding.rule, finding.pointer) for finding in findings] == [("yaml-tag", "/x/3")]


def test_a_key_that_is_no_text_is_a_finding(folder: Path) -> None:
    (folder / "api.yaml").write_text("openapi: 3.1.0\npaths: {}\nx:\n  {a: 1}: 2\n  ? [b]\n  : 3\n")
    document, findings = load("api.yaml")
    assert [finding.rule for finding in findings] == ["odd-key", "odd-key"]
    assert list(document.root["x"].values()) == [2, 3]


def test_aliases_that_multiply_are_refused_at_once(folder: Path) -> None:
    """Billion laughs: nine levels of nine aliases each stand for 387 million values."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
    (folder / "api.yaml").write_text("\n".join(["openapi: 3.0.0", "paths: {}", "a0: &a0 [lol]", *levels]))
    started = time.perf_counter()
    with pytest.raises(InputError, match="aliases stand for more than a million parts"):
        load("api.yaml")
    assert time.perf_counter() - started < 2


def test_many_aliases_of_a_real_size_are_read(folder: Path) -> None:
    uses = "\n".join(f"  p{number}: *shared" for number in range(5_000))
    (folder / "api.yaml").write_text(f"openapi: 3.1.0\npaths: {{}}\nx: &shared {{a: 1, b: [1, 2]}}\ny:\n{uses}\n")
    document, _ = load("api.yaml")
    assert len(document.root["y"]) == 5_000


def test_merge_keys_and_aliases_are_followed(folder: Path) -> None:
    (folder / "api.yaml").write_text(
        "openapi: 3.1.0\ninfo: &info {title: Tiny, version: '1'}\npaths: {}\nx-copy: {<<: *info, version: '2'}\n"
    )
    document, _ = load("api.yaml")
    assert document.root["x-copy"] == {"title": "Tiny", "version": "2"}


def test_an_alias_inside_its_own_anchor_is_a_finding(folder: Path) -> None:
    (folder / "api.yaml").write_text("openapi: 3.1.0\npaths: {}\nx: &a [1, *a]\n")
    document, findings = load("api.yaml")
    assert [finding.rule for finding in findings] == ["cyclic-alias"]
    assert document.root["x"] == [1, None]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("api.json", '{"openapi": "3.1.0", "paths": {}, "info": {"title": "A", "title": "B", "version": "1"}}'),
        ("api.yaml", "openapi: 3.1.0\npaths: {}\ninfo:\n  title: A\n  title: B\n  version: '1'\n"),
    ],
)
def test_duplicate_keys_are_findings_and_the_last_one_counts(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    document, findings = load(name)
    assert [(finding.rule, finding.pointer) for finding in findings] == [("duplicate-key", "/info/title")]
    assert document.root["info"]["title"] == "B"


def test_half_a_character_does_not_survive(folder: Path) -> None:
    r"""A lone surrogate, `\ud800`, could not be written to any file; a whole pair stays."""
    (folder / "api.json").write_text(
        r'{"openapi": "3.1.0", "paths": {}, "x-half": "\ud800", "x-whole": "\ud83d\ude00"}'
    )
    document, _ = load("api.json")
    assert (document.root["x-half"], document.root["x-whole"]) == ("?", "😀")


# --- applications ----------------------------------------------------------------------------------------------------

APPLICATION = """
DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "paths": {}}
def make(): return DOCUMENT
def broken(): raise RuntimeError("no database")
class FastLike:
    def openapi(self): return DOCUMENT
class LiteLike:
    class openapi_schema:
        @staticmethod
        def to_schema(): return DOCUMENT
fast, lite, number = FastLike(), LiteLike(), 3
"""


@pytest.fixture
def application(folder: Path) -> Iterator[str]:
    """A module in the current folder."""
    (folder / "tiny_application.py").write_text(APPLICATION)
    yield "tiny_application"
    sys.modules.pop("tiny_application", None)


@pytest.mark.parametrize("attribute", ["DOCUMENT", "make", "fast", "lite"])
def test_an_application_describes_itself(application: str, attribute: str) -> None:
    document, _ = load(f"{application}:{attribute}")
    assert document.root["info"]["title"] == "Tiny"
    assert str(Path.cwd()) not in sys.path


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("tiny_application:mak", "has no attribute 'mak'"),
        ("tiny_application:number", "it is a int, not an API description"),
        ("tiny_application:broken", "RuntimeError: no database"),
        ("no_such_module:app", "there is no module 'no_such_module'"),
        ("tiny_application.more:app", "there is no module 'tiny_application.more'"),
    ],
)
def test_an_application_that_does_not_help_says_why(application: str, spec: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(spec)
    assert message in caught.value.message


def test_the_nearest_attribute_is_proposed(application: str) -> None:
    with pytest.raises(InputError) as caught:
        load("tiny_application:mak")
    assert caught.value.hint == "did you mean 'make'?"


def test_a_module_that_fails_when_imported_says_so(folder: Path) -> None:
    (folder / "failing_application.py").write_text("import no_such_dependency_of_it")
    with pytest.raises(InputError, match="ModuleNotFoundError: No module named 'no_such_dependency_of_it'"):
        load("failing_application:app")


# --- what is no document ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "it is empty", id="empty"),
        pytest.param("[]", "it is a list", id="list"),
        pytest.param("hello", "it is one plain value", id="text"),
        pytest.param('{"openapi": "3.1.0",\n "info" {}}', "api:2:9 is not JSON", id="broken JSON"),
        pytest.param("openapi: 3.1.0\n  info: x\n", "api:2:7 is not YAML", id="broken YAML"),
        pytest.param("openapi: '\x07'\n", "is not YAML", id="control character"),
        pytest.param("openapi: 3.1.0\n---\nopenapi: 3.1.0\n", "api:2:1 begins another document", id="two documents"),
        pytest.param("[" * 100_000, "nested too deeply", id="nesting"),
        pytest.param('{"arazzo": "1.0.0"}', "looks like an Arazzo document", id="Arazzo"),
        pytest.param('{"asyncapi": "3.0.0"}', "looks like an AsyncAPI document", id="AsyncAPI"),
        pytest.param('{"overlay": "1.0.0"}', "looks like an OpenAPI Overlay", id="Overlay"),
        pytest.param('{"swaggerVersion": "1.2"}', "looks like a Swagger 1 document", id="Swagger 1"),
        pytest.param('{"info": {}, "item": []}', "looks like a Postman collection", id="Postman"),
        pytest.param('{"$schema": "x", "type": "object"}', "looks like a JSON Schema", id="JSON Schema"),
        pytest.param('{"definitions": {"A": {}}}', "target of another document's `$ref`s", id="$ref target"),
        pytest.param('{"swagger": "2.0", "paths": {}, "definitions": {"A": {}}}', "has no operations", id="2.0 target"),
        pytest.param('{"paths": {}}', "does not say which version of OpenAPI", id="no version"),
        pytest.param('{"openapi": "4.0.0", "paths": {}}', "'4.0.0', which is not supported", id="OpenAPI 4"),
        pytest.param('{"openapi": null, "paths": {}}', "version '', which is not supported", id="no number"),
        pytest.param('{"swagger": "3.0", "paths": {}}', "'3.0', which is not supported", id="Swagger 3"),
        pytest.param('{"apiVersion": "v1", "kind": "Pod"}', "looks like a Kubernetes manifest", id="manifest"),
        pytest.param('{"a": 1, "b": 2}', "at the top it has 'a', 'b'", id="something else"),
    ],
)
def test_what_is_no_openapi_document_is_called_by_its_name(folder: Path, text: str, message: str) -> None:
    (folder / "api").write_text(text)
    with pytest.raises(InputError) as caught:
        load("api")
    assert message in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param("petstor.json", "cannot read 'petstor.json': there is no such file", id="missing"),
        pytest.param(".", "it is a folder", id="folder"),
        pytest.param("ftp://example.com/x", "only http and https", id="scheme"),
        pytest.param("bad\0name", "cannot read", id="null character"),
        pytest.param("latin.json", "byte 0xe9 is not UTF-8", id="encoding"),
    ],
)
def test_what_cannot_be_read_says_why(folder: Path, spec: str, message: str) -> None:
    (folder / "petstore.json").write_text("{}")
    (folder / "latin.json").write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(InputError) as caught:
        load(spec)
    assert message in caught.value.message


@pytest.mark.parametrize("text", ["paths:\n\t/x: {}\n", "paths:\n  /x:\n \tget: {}\n"])
def test_a_tab_is_called_a_tab(folder: Path, text: str) -> None:
    (folder / "api.yaml").write_text(f"openapi: 3.1.0\n{text}")
    with pytest.raises(InputError) as caught:
        load("api.yaml")
    assert "there is a tab" in caught.value.hint


def test_a_file_may_be_large_but_a_pipe_ends_somewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clientsmith.openapi.source.MAX_BYTES", 100)
    text = json.dumps({**MINIMAL, "x": "x" * 200})
    (folder / "api.json").write_text(text)
    assert load("api.json")[0].root["x"]
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_text(text))
    writer.start()
    with pytest.raises(InputError, match="larger than"):
        load("pipe")
    writer.join()


def test_the_nearest_file_is_proposed(folder: Path) -> None:
    (folder / "petstore.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        load("petstor.json")
    assert caught.value.hint == "did you mean 'petstore.json'?"


def test_a_file_without_permission_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"cannot read 'api\.json': permission denied"):
        load("api.json")


def test_a_source_has_no_text_where_it_is_an_application(application: str) -> None:
    assert read_source(f"{application}:DOCUMENT") == Source(f"{application}:DOCUMENT", data=MINIMAL)
