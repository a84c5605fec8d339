"""The command line of a client: what is typed, what is asked, and what is shown."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from clientsmith.core.cli._app import application
from clientsmith.core.credentials import KeyCredential
from clientsmith.core.surface import Surface

from .conftest import DepotClient

Run = Callable[..., Result]


@pytest.fixture
def run(surface: Surface) -> Run:
    def start(*arguments: str, typed: str = "") -> Result:
        result = CliRunner().invoke(application(surface, "depot"), arguments, input=typed, prog_name="depot")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return start


def test_a_list_is_one_array_of_json(run: Run) -> None:
    result = run("list-parts")
    assert [item["id"] for item in json.loads(result.stdout)] == ["0", "1", "2"]
    assert json.loads(result.stdout)[0]["made"] == "2026-01-31T00:00:00+00:00"


def test_a_list_ends_where_it_is_told_to(run: Run) -> None:
    assert len(run("--format", "ndjson", "list-parts", "--max-items", "2").stdout.splitlines()) == 2


def test_a_table_has_plain_columns_first(run: Run) -> None:
    result = run("--format", "table", "list-parts")
    assert result.stdout.split("\n")[0].split() == ["id", "made", "size"]
    assert result.stderr == "3 items\n"


def test_csv_can_be_read_again(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("--format", "csv", "list-parts").stdout)))
    assert rows[2] == {"id": "2", "made": "2026-01-31T00:00:00+00:00", "size": '{"width": 2}'}


def test_options_become_arguments_of_their_types(run: Run) -> None:
    options = ["--since", "2026-01-31T12:00:00Z", "--state", "used", "--no-is-heavy", "--ids", "1", "--ids", "2"]
    run("list-parts", *options, "--page-size", "50")
    since = datetime(2026, 1, 31, 12, tzinfo=UTC)
    expected = {"since": since, "state": "used", "is_heavy": False, "ids": [1, 2], "results_per_page": 50}
    assert DepotClient.asked == [expected]


def test_what_is_not_given_is_not_sent(run: Run) -> None:
    run("list-parts")
    assert DepotClient.asked == [{}]


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (["--body", '{"partName": "bolt", "weight": 1}', "--weight", "2.5"], ""),
        (["--part-name", "bolt", "--weight", "2.5"], ""),
        (["--body", "-", "--weight", "2.5"], '{"partName": "bolt"}'),
    ],
    ids=["whole and field", "fields", "standard input"],
)
def test_a_body_is_made_of_the_whole_and_its_fields(run: Run, arguments: list[str], typed: str) -> None:
    result = run("create-part", *arguments, typed=typed)
    assert DepotClient.asked == [{"partName": "bolt", "weight": 2.5}]
    assert json.loads(result.stdout)["id"] == "7"


def test_a_body_is_read_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text('{"partName": "nut", "tags": ["a"]}')
    run("create-part", "--body", f"@{tmp_path}/part.json", "--tags", "b", "--tags", "c")
    assert DepotClient.asked == [{"partName": "nut", "tags": ["b", "c"]}]


def test_read_only_fields_are_no_options(run: Run) -> None:
    text = run("create-part", "--help").stdout
    assert "--part-name" in text
    assert "What it is called." in text
    assert "--id" not in text


def test_existence_is_an_exit_code_too(run: Run) -> None:
    assert (run("part-exists", "bolt").stdout, run("part-exists", "bolt").exit_code) == ("true\n", 0)
    assert (run("part-exists", "nut").stdout, run("part-exists", "nut").exit_code) == ("false\n", 1)


def test_a_download_goes_where_it_is_told(run: Run, tmp_path: Path) -> None:
    run("get-label", "bolt", "-o", str(tmp_path / "label"))
    assert (tmp_path / "label").read_bytes() == b"label"
    assert run("get-label", "bolt", "-o", "-").stdout_bytes == b"label"


def test_a_long_running_operation_is_waited_for_unless_told_otherwise(run: Run) -> None:
    assert run("begin-count").stdout == "42\n"
    assert run("begin-count", "--no-wait").stdout == "token-1\n"


def test_a_bound_client_is_a_group_whose_commands_take_what_it_is_bound_to(run: Run) -> None:
    assert run("shelf", "get-load", "4").stdout == "6.0\n"
    assert "One shelf, and what lies on it." in run("--help").stdout


def test_nothing_to_show_is_said_on_the_side(run: Run) -> None:
    result = run("delete-part", "nut")
    assert (result.stdout, result.stderr, result.exit_code) == ("", "done\n", 0)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["delete-part", "bolt"], 1, "error: DELETE https://depot.test/parts/bolt answered 409 Conflict: InUse"),
        (["delete-part", "gone"], 1, "error: DELETE https://depot.test/parts/gone answered 404 Not Found"),
        (["list-parts", "--since", "noon"], 2, "Error: since takes a time such as 2026-01-31T12:30:00Z"),
        (["create-part"], 2, "Error: The command sends something: give --body, or the options for its fields."),
        (["create-part", "--body", "{"], 2, "it is not JSON: Expecting property name"),
        (["create-part", "--body", "@missing.json"], 2, "'missing.json' cannot be read: No such file"),
        (["create-part", "--body", "[]", "--weight", "1"], 2, "Only a body that is a JSON object has fields"),
        (["list-pats"], 2, "There is no command 'list-pats'. Did you mean list-parts?"),
        (["list-parts", "--max-items", "0"], 2, "0 is not in the range x>=1"),
    ],
)
def test_what_goes_wrong_is_one_message_and_an_exit_code(
    run: Run, arguments: list[str], exit_code: int, message: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_an_interruption_is_an_exit_code_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(DepotClient, "list_parts", interrupted)
    result = run("list-parts")
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_the_secret_comes_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("--timeout", "3", "list-parts")
    endpoint, credential, settings = DepotClient.made
    assert endpoint == "https://depot.test"
    assert isinstance(credential, KeyCredential)
    assert credential.key == "hush"
    assert settings == {"timeout": 3.0}
    monkeypatch.delenv("DEPOT_KEY")
    assert "set DEPOT_KEY in the environment" in run("list-parts").stderr


def test_the_secret_comes_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("quiet\n")
    run("--key-file", str(tmp_path / "key"), "list-parts")
    assert DepotClient.made[1].key == "quiet"


def test_without_an_endpoint_nothing_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEPOT_ENDPOINT")
    assert "Say where the service is: --endpoint URL, or DEPOT_ENDPOINT." in run("list-parts").stderr


def test_the_words_of_an_enum_are_completed(run: Run) -> None:
    assert "--state new|used" in run("list-parts", "--help").stdout
    assert "_DEPOT_COMPLETE" in run("completion", "bash").stdout


def test_text_of_the_service_does_not_drive_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DepotClient, "list_parts", lambda _self: iter([{"id": "\x1b[31mred\x07"}]))
    assert "\x1b" not in run("--format", "table", "list-parts").stdout
