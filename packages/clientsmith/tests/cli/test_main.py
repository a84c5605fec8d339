"""The command line: results on stdout, talk on stderr, few exit codes, one clear message for bad input."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from clientsmith.cli.main import cli
from clientsmith.cli.output import escaped, summary
from clientsmith.findings import error, warning

from .conftest import SPECS, run

GOLDEN = Path(__file__).parent / "golden"
OURS = [
    "naas-v2.json",
    "oai-petstore-expanded-v2.json",
    "oai-petstore.json",
    "oai-tictactoe.json",
    "openstack-nova-small.yaml",
    "redocly-museum.yaml",
]


def write(path: Path, paths: Any, **parts: Any) -> str:
    root = {"openapi": "3.1.0", "info": {"title": "Tiny", "version": "1"}, "servers": [{"url": "https://a.test"}]}
    path.write_text(json.dumps({**root, "paths": paths, **parts}, indent=2))
    return path.name


# --- plan ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_the_plan_of_our_documents(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Golden: `python packages/clientsmith/tests/cli/golden/renew.py` writes them anew; read the difference."""
    monkeypatch.chdir(SPECS)
    result = run("plan", name)
    assert result.exit_code == 0
    golden = (GOLDEN / f"{name}.txt").read_text()
    assert f"{result.stdout}--- stderr\n{result.stderr}" == golden


def test_the_plan_as_json() -> None:
    result = run("plan", str(SPECS / "oai-petstore.json"), "--format", "json")
    plan = json.loads(result.stdout)
    assert (plan["client"], plan["package"], plan["models"]) == ("PetstoreClient", "petstore_client", 2)
    assert [(one["name"], one["returns"]) for one in plan["operations"]] == [
        ("list_pets", "ItemPaged[Pet]"),
        ("create_pet", "None"),
        ("get_pet", "Pet"),
    ]
    assert result.stderr == ""


def test_names_can_be_given() -> None:
    options = ("--package", "my_pets", "--client-name", "Pets", "--endpoint", "https://pets.test/", "--format", "json")
    plan = json.loads(run("plan", str(SPECS / "oai-petstore.json"), *options).stdout)
    names = (plan["package"], plan["distribution"], plan["client"], plan["endpoint"])
    assert names == ("my_pets", "my-pets", "Pets", "https://pets.test")


# --- findings --------------------------------------------------------------------------------------------------------


def test_a_finding_has_file_line_column_rule_and_hint(folder: Path) -> None:
    name = write(folder / "api.json", {"/x/{id}": {"get": {"operationId": "getX", "responses": {"204": {}}}}})
    result = run("plan", name)
    assert result.exit_code == 0
    assert "api.json:14:7  warning  path-parameter-missing  the path has {id}" in result.stderr
    assert "\n  hint: declare 'id'\n" in result.stderr
    assert result.stderr.endswith("0 errors, 1 warning in 1 operation\n")


def test_strict_makes_warnings_errors(folder: Path) -> None:
    name = write(folder / "api.json", {"/x/{id}": {"get": {"operationId": "getX", "responses": {"204": {}}}}})
    assert run("plan", name, "--strict").exit_code == 1
    assert run("plan", name, "--strict", "--format", "json").exit_code == 1


def test_a_lost_operation_is_exit_code_1_and_nothing_is_written(folder: Path) -> None:
    name = write(folder / "api.json", {"/x": {"get": None, "put": {"responses": {"204": {"description": ""}}}}})
    result = run("generate", name, "-o", "out")
    assert result.exit_code == 1
    assert "error  operation-lost  GET /x is not an object" in result.stderr
    assert result.stderr.endswith("1 error, 0 warnings in 1 operation\n")
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("findings", "operations", "line"),
    [
        ([], 38, "0 errors, 0 warnings in 38 operations"),
        ([error("r", "m", ""), warning("r", "m", "")], 1, "1 error, 1 warning in 1 operation"),
        ([warning("r", "m", "")] * 2, 1223, "0 errors, 2 warnings in 1,223 operations"),
    ],
)
def test_the_last_line_counts(findings: list[Any], operations: int, line: str) -> None:
    assert summary(findings, operations) == line


def test_a_document_cannot_write_over_the_terminal(folder: Path) -> None:
    info = {"title": "T\x1b[2J\x07", "version": "\x1b]0;x\x07"}
    name = write(folder / "api.json", {"/x\x1b[1m": {"get": {"operationId": "getX", "responses": {}}}}, info=info)
    result = run("plan", name)
    assert "\x1b" not in result.output
    assert "\x07" not in result.output
    assert escaped("a\x1b\nb") == "a\\x1b\\nb"


# --- ir, version, help, completion -----------------------------------------------------------------------------------


def test_the_ir_is_json() -> None:
    data = json.loads(run("ir", str(SPECS / "oai-petstore.json")).stdout)
    assert data["is"] == "Api"
    assert [operation["name"] for operation in data["root"]["operations"]] == ["list_pets", "create_pet", "get_pet"]
    assert data["shapes"]["/components/schemas/Pet"]["properties"][0]["shape"] == {
        "is": "Scalar",
        "kind": "int",
        "format": "int64",
    }


def test_the_version_is_said() -> None:
    assert re.fullmatch(r"clientsmith \d+\.\d+\.\d+\S*\n", run("--version").stdout)


@pytest.mark.parametrize("command", ["generate", "plan", "ir", "completion"])
def test_help_ends_with_examples(command: str) -> None:
    text = run(command, "--help").stdout.rstrip()
    examples = re.split(r"\n\s*Examples?:\n", text)[-1].splitlines()
    assert all(line.strip().startswith(f"clientsmith {command}") for line in examples)
    if command not in ("completion", "config"):
        assert "Exit codes:" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script(shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_CLIENTSMITH_COMPLETE" in result.stdout


# --- bad input -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        pytest.param(
            None, "cannot read 'petstor.json': there is no such file", "did you mean 'petstore.json'?", id="missing"
        ),
        pytest.param('{"openapi": }', "petstor.json:1:13 is not JSON: Expecting value", "check commas", id="JSON"),
        pytest.param("a:\n- b\n c: d", "petstor.json:3:3 is not YAML", "check the indentation", id="YAML"),
        pytest.param(
            '{"arazzo": "1.0.0"}', "it looks like an Arazzo document", "give the OpenAPI document", id="Arazzo"
        ),
    ],
)
@pytest.mark.parametrize("command", ["generate", "plan", "ir"])
def test_bad_input_is_one_message_and_exit_code_2(
    folder: Path, command: str, content: str | None, message: str, hint: str
) -> None:
    (folder / "petstore.json").write_text("{}")
    if content is not None:
        (folder / "petstor.json").write_text(content)
    result = run(command, "petstor.json", *(["-o", "out"] if command == "generate" else []))
    assert result.exit_code == 2
    assert result.stdout == ""
    first, second = result.stderr.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert second.startswith(f"  hint: {hint}")
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan"], "Missing argument 'SPEC'"),
        (["generate", "x.json"], "Missing option '-o'"),
        (["plan", "x.json", "--package", "no-name"], "'no-name' is not a Python name"),
        (["plan", "x.json", "--client-name", "2x"], "'2x' is not a Python name"),
        (["plan", "x.json", "--endpoint", "example.com"], "'example.com' is not an http(s) URL"),
        (["plan", "x.json", "--format", "xml"], "'xml' is not one of"),
        (["plam", "x.json"], "No such command 'plam'"),
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def here(*arguments: str) -> tuple[int, str, str]:
    """Run the command in this process: exit code, stdout, stderr."""
    done = run(*arguments)
    return done.exit_code, done.stdout, done.stderr


def installed(*arguments: str) -> tuple[int, str, str]:
    """Run the installed command as a process of its own, which takes half a second."""
    command = [str(Path(sys.executable).with_name("clientsmith")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def test_the_installed_command_is_this_one(folder: Path) -> None:
    refused = installed("generate", "nothing.json", "-o", "out")
    assert refused == here("generate", "nothing.json", "-o", "out")
    assert refused[2].startswith("error: cannot read 'nothing.json'")


@pytest.mark.parametrize("call", [here, pytest.param(installed, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("spec", "content", "message"),
    [
        pytest.param("nothing.json", "", "cannot read 'nothing.json': there is no such file", id="missing"),
        pytest.param("api.yaml", "a: [1\nb: 2\n", "api.yaml:2:2 is not YAML", id="not YAML"),
        pytest.param("api.json", '{"openapi": ', "api.json:1:13 is not JSON", id="not JSON"),
        pytest.param("api.json", "\0\1PNG", "api.json is not YAML", id="not text"),
        pytest.param("api.html", "<html></html>", "it looks like a web page or XML", id="web page"),
        pytest.param("api.json", '{"a": 1}', "api.json is not an OpenAPI document", id="not OpenAPI"),
        pytest.param("http://127.0.0.1:1/api.json", "", "could not connect to 127.0.0.1:1", id="refused"),
        pytest.param("no_module:app", "", "there is no module 'no_module'", id="no application"),
        pytest.param("good.json", "", "it holds files that clientsmith did not write (notes.txt)", id="foreign files"),
    ],
)
def test_the_command_refuses_in_one_message(
    folder: Path, call: Callable[..., tuple[int, str, str]], spec: str, content: str, message: str
) -> None:
    """An error, at most one hint, no traceback, nothing written."""
    if content:
        (folder / spec).write_text(content)
    write(folder / "good.json", {"/x": {"get": {"responses": {"204": {"description": ""}}}}})
    output = folder / "out"
    if "did not write" in message:
        output.mkdir()
        (output / "notes.txt").write_text("mine")
    before = sorted(folder.rglob("*"))
    code, stdout, stderr = call("generate", spec, "-o", "out")
    assert (code, stdout) == (2, "")
    first, *hint = stderr.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert len(hint) <= 1
    assert all(line.startswith("  hint: ") for line in hint)
    assert sorted(folder.rglob("*")) == before


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(SPECS / "oai-petstore.json")
    assert "\x1b[" in CliRunner().invoke(cli, ["plan", path], color=True).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(cli, ["plan", path], color=True).stdout


# --- generate --------------------------------------------------------------------------------------------------------


def test_a_package_is_written_and_written_again(folder: Path) -> None:
    spec = str(SPECS / "oai-petstore.json")
    first = run("generate", spec, "-o", "out")
    assert first.exit_code == 0, first.output
    assert first.stdout.startswith("PetstoreClient in petstore_client, 3 methods\n")
    assert first.stderr == "0 errors, 0 warnings in 3 operations\n"
    assert (folder / "out" / "src" / "petstore_client" / "__init__.py").is_file()
    again = json.loads(run("generate", spec, "-o", "out", "--format", "json").stdout)
    assert (again["written"], again["deleted"], again["operations"]) == ([], [], 3)


def test_foreign_files_are_not_touched(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "pyproject.toml").write_text("mine")
    result = run("generate", str(SPECS / "oai-petstore.json"), "-o", "out")
    assert result.exit_code == 2
    assert "files that clientsmith did not write" in result.stderr
    assert [path.name for path in (folder / "out").iterdir()] == ["pyproject.toml"]


def test_an_edited_file_is_refused(folder: Path) -> None:
    spec = str(SPECS / "oai-petstore.json")
    run("generate", spec, "-o", "out")
    edited = folder / "out" / "src" / "petstore_client" / "_client.py"
    edited.write_text(edited.read_text() + "# mine\n")
    result = run("generate", spec, "-o", "out")
    assert result.exit_code == 2
    assert "_client.py" in result.stderr
    assert edited.read_text().endswith("# mine\n")


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    (folder / "out").write_text("a file")
    result = run("generate", str(SPECS / "oai-petstore.json"), "-o", "out")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


# --- findings for machines, overlays, references ----------------------------------------------------------------------

WARNS = {"/x": {"get": {"operationId": "get_x", "responses": {"200": {"$ref": "gone.yaml#/r"}}}}}


@pytest.mark.parametrize("command", ["plan", "generate"])
def test_findings_as_sarif(folder: Path, command: str) -> None:
    """The log is all of stdout; the summary is on stderr, and the exit code is the same as for people."""
    spec = write(folder / "api.json", WARNS)
    output = ["-o", "out"] if command == "generate" else []
    result = run(command, spec, *output, "--format", "sarif", "--strict")
    assert result.exit_code == 1
    [log] = json.loads(result.stdout)["runs"]
    [found] = [result for result in log["results"] if result["ruleId"] == "missing-reference"]
    place = found["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("api.json", 17)
    assert result.stderr.startswith("0 errors, ")


def test_findings_as_annotations(folder: Path) -> None:
    result = run("plan", write(folder / "api.json", WARNS), "--format", "github")
    assert result.exit_code == 0
    [line] = [line for line in result.stdout.splitlines() if "missing-reference" in line]
    assert line.startswith("::warning file=api.json,line=17,col=11,title=missing-reference::`$ref` 'gone.yaml#/r'")


def test_overlays_are_laid_over_in_order(folder: Path) -> None:
    spec = write(folder / "api.json", {"/x": {"get": {"operationId": "get_x", "responses": {"204": {}}}}})
    for name, title in (("one", "First"), ("two", "Second")):
        (folder / f"{name}.yaml").write_text(
            f"overlay: 1.1.0\nactions: [{{target: $.info, update: {{title: {title}}}}}]\n"
        )
    result = run("plan", spec, "--overlay", "one.yaml", "--overlay", "two.yaml")
    assert result.stdout.startswith("Second 1\n")
    missing = run("plan", spec, "--overlay", "three.yaml")
    assert missing.exit_code == 2
    assert "cannot read 'three.yaml'" in missing.stderr


def test_references_lead_out_of_the_folder_only_where_allowed(folder: Path) -> None:
    (folder / "v1").mkdir()
    (folder / "common.json").write_text('{"r": {"description": "done"}}')
    paths = {"/x": {"get": {"operationId": "get_x", "responses": {"204": {"$ref": "../common.json#/r"}}}}}
    write(folder / "v1" / "api.json", paths)
    refused = run("plan", "v1/api.json")
    assert "--references-below FOLDER allows more" in refused.stderr
    allowed = run("plan", "v1/api.json", "--references-below", ".")
    assert "missing-reference" not in allowed.stderr
