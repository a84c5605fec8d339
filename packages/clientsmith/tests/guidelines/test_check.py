"""`clientsmith check` as users call it: what it prints, how it ends, and what it says where there is nothing to judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clientsmith.cli.main import cli
from clientsmith.guidelines.examples import PROJECT, Example
from clientsmith.guidelines.ids import GUIDELINES

SOURCE = """
from clientsmith.core import ServiceClient


class DepotClient(ServiceClient):
    \"\"\"Client of the depot.\"\"\"

    def __init__(self, endpoint: str, credential: object, *, api_version: str = "1", **options: object) -> None: ...

    def make_shelf(self, shelf: dict, colour: str = "red") -> dict:
        \"\"\"Make a shelf.

        Raises:
            HttpResponseError: The depot refused.
        \"\"\"
        return self._post("/shelves", shelf)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one client that breaks a few rules."""
    folder = tmp_path / "depot"
    Example(SOURCE, project=PROJECT).write(folder)
    return folder


def check(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["check", *map(str, arguments)], catch_exceptions=False)


def verdicts(result: Result) -> dict[str, str]:
    return {each["id"]: each["verdict"] for each in json.loads(result.stdout)["guidelines"]}


def configure(package: Path, text: str) -> None:
    (package / "clientsmith.toml").write_text(text, encoding="utf-8")


def test_every_guideline_has_one_verdict_and_says_why(package: Path) -> None:
    """80 ids, in the order of the source; nothing is skipped silently."""
    found = json.loads(check(package, "--static", "--format", "json").stdout)["guidelines"]
    assert [each["id"] for each in found] == list(GUIDELINES)
    for each in found:
        said = {"met": "evidence", "not met": "findings", "waived": "reason", "n/a": "reason"}[each["verdict"]]
        assert each[said], each


def test_what_is_not_met_says_where_and_what_to_do(package: Path) -> None:
    """File, line and column, as an editor opens them; the exit code says that there is something."""
    result = check(package, "--static")
    assert result.exit_code == 1
    assert "src/depot_client/__init__.py:9:5\n    make_shelf: say `create_shelf`" in result.stdout
    assert "9:39\n    make_shelf: make `colour` keyword-only, it is optional" in result.stdout
    assert "80 guidelines: " in result.stderr


def test_only_what_is_selected_is_judged(package: Path) -> None:
    """An id may be written as in the guidelines, with `python-`, and be asked for again and again."""
    result = check(
        package, "--static", "--select", "python-client-naming", "--select", "versioning-minor", "--format", "json"
    )
    assert list(verdicts(result)) == ["client-naming", "verioning-minor"]
    assert result.exit_code == 0
    ignored = check(package, "--static", "--ignore", "client-naming", "--format", "json")
    assert "client-naming" not in verdicts(ignored)


def test_a_waiver_excuses_with_its_reason(package: Path) -> None:
    """What is broken and waived breaks nothing."""
    configure(package, '[check.waivers]\npython-client-service-verbs = "the depot says make"\n')
    result = check(package, "--static", "--select", "client-service-verbs", "--format", "json")
    rule = json.loads(result.stdout)["guidelines"][0]
    assert (rule["verdict"], rule["reason"], result.exit_code) == ("waived", "the depot says make", 0)


def test_a_waiver_that_waives_nothing_is_told(package: Path) -> None:
    """A misspelt one, and one for a rule that is met."""
    configure(package, '[check.waivers]\nclient-nameing = "x"\nclient-naming = "y"\n')
    said = check(package, "--static").stderr
    assert "a waiver waives nothing: there is no guideline 'client-nameing'; did you mean 'client-naming'?" in said
    assert "client-naming is met: take its waiver away" in said


def test_what_the_baseline_knows_is_told_no_more(package: Path, tmp_path: Path) -> None:
    """Lines may move; what is new is told, and what is gone as well."""
    known = tmp_path / "known.json"
    assert check(package, "--static", "--write-baseline", known).exit_code == 0
    source = package / "src/depot_client/__init__.py"
    source.write_text("# one more line\n\n" + source.read_text(encoding="utf-8"), encoding="utf-8")
    moved = check(package, "--static", "--baseline", known)
    assert moved.exit_code == 0, moved.stdout
    assert "of them in the baseline" in moved.stderr
    text = source.read_text(encoding="utf-8").replace("make_shelf", "build_shelf")
    source.write_text(text, encoding="utf-8")
    changed = check(package, "--static", "--baseline", known)
    assert changed.exit_code == 1
    assert "build_shelf" in changed.stdout
    assert "the baseline knows what is gone: src/depot_client/__init__.py  client-service-verbs" in changed.stderr


def test_a_package_names_its_baseline(package: Path) -> None:
    """The file of the configuration stands beside it."""
    check(package, "--static", "--write-baseline", package / "known.json")
    configure(package, '[check]\nbaseline = "known.json"\n')
    assert check(package, "--static").exit_code == 0


@pytest.mark.parametrize("text", ["no JSON", "{}", '{"format": 1}'])
def test_a_baseline_that_is_none_is_refused(package: Path, tmp_path: Path, text: str) -> None:
    """With what to do: nobody writes one by hand."""
    (tmp_path / "other.json").write_text(text, encoding="utf-8")
    result = check(package, "--static", "--baseline", tmp_path / "other.json")
    assert result.exit_code == 2
    assert "is no baseline of `clientsmith check`" in result.stderr
    assert "--write-baseline" in result.stderr


def test_sarif_and_annotations_have_the_findings_alone(package: Path) -> None:
    """A MUST is an error, a SHOULD a warning; every result has a place and a fingerprint."""
    log = json.loads(check(package, "--static", "--format", "sarif").stdout)["runs"][0]
    levels = {each["ruleId"]: each["level"] for each in log["results"]}
    assert levels["client-optional-arguments-keyword-only"] == "error"
    assert levels["client-service-verbs"] == "warning"
    assert all(each["partialFingerprints"]["place/v1"].split(":")[1] for each in log["results"])
    lines = check(package, "--static", "--format", "github").stdout.splitlines()
    assert len(lines) == len(log["results"])
    assert lines[0].startswith(("::error file=", "::warning file="))


def test_markdown_is_a_page(package: Path) -> None:
    page = check(package, "--static", "--format", "markdown").stdout
    assert page.startswith("# depot-client 1.2.0b1")
    assert "| client-naming | MUST | met | DepotClient |" in page
    assert "## client-service-verbs" in page


@pytest.mark.parametrize("id", ["paged-prefix", "python-paged-prefix", "versioning-minor", "params-devex"])
def test_a_guideline_is_explained(id: str) -> None:
    """Meaning, level and examples, of those for people too."""
    result = check("--explain", id)
    assert result.exit_code == 0
    assert "Judged " in result.stdout
    assert "Good\n" in result.stdout


def test_an_unknown_guideline_names_the_nearest() -> None:
    result = check("--explain", "paged-prefx")
    assert result.exit_code == 2
    assert "there is no guideline 'paged-prefx'; did you mean 'paged-prefix'?" in result.stderr


def test_ids_complete_at_the_shell() -> None:
    """Both the document's spelling of an id and the right one."""
    variables = {
        "_CLIENTSMITH_COMPLETE": "bash_complete",
        "COMP_WORDS": "clientsmith check --select ver",
        "COMP_CWORD": "3",
    }
    offered = CliRunner().invoke(cli, [], prog_name="clientsmith", env=variables).output
    assert "verioning-minor" in offered
    assert "versioning-minor" in offered


def test_a_folder_without_a_package_is_refused(tmp_path: Path) -> None:
    """One error, with what would do; exit code 2."""
    (tmp_path / "notes.txt").write_text("nothing")
    result = check(tmp_path, "--static")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert "hint: " in result.stderr
    assert not result.stdout


def test_a_workspace_is_no_package(package: Path, tmp_path: Path) -> None:
    """The packages below it have projects of their own: name one of them."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "workspace"\nversion = "0"\n', encoding="utf-8")
    (package / "__init__.py").write_text("")
    result = check(tmp_path, "--static")
    assert result.exit_code == 2
    assert "holds no Python package" in result.stderr


def test_no_package_is_wrong_usage() -> None:
    result = check()
    assert result.exit_code == 2
    assert "Missing argument 'PACKAGE'" in result.stderr


def test_mistakes_in_the_configuration_stop_it(package: Path) -> None:
    configure(package, '[check]\nprofil = "azure"\n')
    result = check(package, "--static")
    assert result.exit_code == 2
    assert "there is no setting `profil` in `check`" in result.stderr


def test_a_document_that_cannot_be_read_stops_it(package: Path) -> None:
    result = check(package, "--static", "--spec", package / "none.yaml")
    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


def test_a_file_of_another_python_is_noted(package: Path) -> None:
    """It is not read, and the rest is judged."""
    (package / "src/depot_client/empty.py").write_text("# class DepotClient: nothing but a comment\n", encoding="utf-8")
    (package / "src/depot_client/old.py").write_text(
        "print 'DepotClient('\nclass A(ServiceClient): raise X\n", encoding="utf-8"
    )
    result = check(package, "--static")
    assert "depot_client.old is no Python of this version" in result.stderr
    assert "depot_client.empty" not in result.stderr
    assert "make_shelf" in result.stdout


def test_a_package_that_cannot_be_run_is_told_once(tmp_path: Path) -> None:
    """Beside the verdicts, with the words of Python: what was not seen by running was not judged."""
    folder = tmp_path / "depot"
    Example("import nothing_like_that\n" + SOURCE, project=PROJECT).write(folder)
    result = CliRunner().invoke(cli, ["check", str(folder), "--select", "response-exception-on-failure"])
    assert result.exit_code == 0
    assert "could not be driven because `import" in result.stdout
    (note,) = [line for line in result.stderr.splitlines() if line.startswith("note: ")]
    assert note.startswith("note: nothing of it was run: `import ")
    assert "No module named 'nothing_like_that'" in note


def test_an_interpreter_that_is_not_there_stops_it(package: Path) -> None:
    """Before anything is read, and with what to give instead."""
    result = CliRunner().invoke(cli, ["check", str(package), "--python", "/nowhere/python"])
    assert result.exit_code == 2
    assert "cannot run '/nowhere/python': there is no such program" in result.stderr
    assert "give --python the file of an interpreter" in result.stderr


def test_a_package_without_a_client_says_so(tmp_path: Path) -> None:
    """The verdicts are about the rest of it then."""
    Example("def answer() -> int:\n    return 42\n", project=PROJECT).write(tmp_path / "depot")
    result = CliRunner().invoke(cli, ["check", str(tmp_path / "depot"), "--static"])
    assert "has no client class: what is said here is about the rest of it" in result.stderr
