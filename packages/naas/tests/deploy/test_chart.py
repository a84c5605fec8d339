"""The Helm chart: its values, their schema, and that its templates ask only for values that there are."""

from __future__ import annotations

import copy
import json
import re
import runpy
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from naas import __version__
from naas.config import TABLE, load

DEPLOY = Path(__file__).parents[2] / "deploy"
CHART = DEPLOY / "charts" / "naas"
TEMPLATES = sorted((CHART / "templates").glob("*"))
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))


def values(**changes: Any) -> dict[str, Any]:
    """Return the values of the chart with changes; `a__b=1` changes b within a."""
    changed = copy.deepcopy(VALUES)
    for path, value in changes.items():
        place = changed
        *way, last = path.split("__")
        for name in way:
            place = place[name]
        place[last] = value
    return changed


def test_the_chart_is_of_this_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert (chart["name"], chart["appVersion"], chart["apiVersion"]) == ("naas", __version__, "v2")


def test_the_schema_is_one_and_knows_every_value() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)
    assert set(SCHEMA["properties"]) == {*VALUES, "global"}
    for name, value in VALUES.items():
        known = SCHEMA["properties"][name].get("properties")
        if known is not None and name != "config":
            assert set(value) == set(known), name
    assert set(VALUES["workers"]["default"]) == set(
        SCHEMA["properties"]["workers"]["additionalProperties"]["properties"]
    )


def test_the_schema_of_the_settings_is_that_of_the_code() -> None:
    """After a change of the settings: python packages/naas/deploy/make.py."""
    made = runpy.run_path(str(DEPLOY / "make.py"))["values_schema"]
    text = (CHART / "values.schema.json").read_text(encoding="utf-8")
    assert made(text) == text


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "scaled"},
        {"config": {"job_ttl_success": "7d", "contexts": ["default", "lab"], "worker_threads": 10}},
        {"config": {"oidc_role_map": "net-ops=operator"}},
        {"workers": {}},
        {"networkPolicy__devices": ["10.0.0.0/8", "fd00::/8"]},
    ],
    ids=str,
)
def test_values_that_can_be_used(changes: dict[str, Any]) -> None:
    jsonschema.validate(values(**changes), SCHEMA)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"mode": "cluster"}, "'cluster' is not one of"),
        ({"replicas": 2}, "'replicas' was unexpected"),
        ({"config": {"prot": 1}}, "'prot' was unexpected"),
        ({"config": {"port": 70_000}}, "70000 is greater than the maximum"),
        ({"config": {"admin_secret": "x"}}, "'admin_secret' was unexpected"),
        ({"workers": {"Lab": {"contexts": ["lab"], "replicas": 1}}}, "does not match"),
        ({"workers": {"lab": {"contexts": [], "replicas": 1}}}, "non-empty"),
        ({"workers": {"lab": {"replicas": 1}}}, "'contexts' is a required property"),
        ({"networkPolicy__devices": ["10.0.0.0"]}, "does not match"),
        ({"service__port": 0}, "less than the minimum"),
    ],
    ids=str,
)
def test_values_that_cannot_be_used(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(jsonschema.ValidationError) as caught:
        jsonschema.validate(values(**changes), SCHEMA)
    assert complaint in caught.value.message or "should be non-empty" in caught.value.message


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_asks_only_for_values_that_there_are(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    for path in re.findall(r"\.Values\.([A-Za-z.]+)", text):
        place: Any = VALUES
        for name in path.split("."):
            assert name in place, path
            place = place[name]
    assert set(re.findall(r"\$worker\.(\w+)", text)) <= set(VALUES["workers"]["default"])
    defined = {name for each in TEMPLATES for name in re.findall(r'define "([^"]+)"', each.read_text(encoding="utf-8"))}
    assert set(re.findall(r'include "([^"]+)"', text)) <= defined


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_what_a_template_opens_it_closes(template: Path) -> None:
    depth = 0
    for action in re.findall(r"\{\{-?\s*(\w+)?[^}]*\}\}", template.read_text(encoding="utf-8")):
        depth += {"if": 1, "range": 1, "with": 1, "define": 1, "end": -1}.get(action, 0)
        assert depth >= 0
    assert depth == 0


def test_pods_may_do_nothing_but_their_work() -> None:
    text = "".join(template.read_text(encoding="utf-8") for template in TEMPLATES)
    for line in (
        "runAsNonRoot: true",
        "readOnlyRootFilesystem: true",
        "allowPrivilegeEscalation: false",
        "drop: [ALL]",
        "type: RuntimeDefault",
        "automountServiceAccountToken: false",
        "enableServiceLinks: false",
    ):
        assert line in text
    assert VALUES["terminationGracePeriodSeconds"] > TABLE["drain_seconds"].default


SCALED = {"mode": "scaled", "existingSecret": "s", "tls": {"existingSecret": "t"}, "autoscaling": {"enabled": True}}
SINGLE = {"existingSecret": "s", "tls": {"existingSecret": "t"}, "ingress": {"enabled": True, "host": "naas.example"}}


@pytest.mark.skipif(shutil.which("helm") is None, reason="needs helm")
@pytest.mark.parametrize("given", [SINGLE, SCALED], ids=["single", "scaled"])
def test_helm_renders_the_chart_and_the_service_understands_its_settings(given: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({**given, "config": {"job_ttl_success": "7d", "contexts": ["default", "lab"]}}))
    for command in (["helm", "lint", "--strict"], ["helm", "template", "release"]):
        result = subprocess.run(
            [*command, str(CHART), "--values", str(file)], capture_output=True, text=True, check=False, timeout=60
        )
        assert result.returncode == 0, result.stderr + result.stdout
    documents = [document for document in yaml.safe_load_all(result.stdout) if document]
    (settings,) = (document["data"] for document in documents if document["kind"] == "ConfigMap")
    for name, text in settings.items():
        (tmp_path / name).write_text(text)
        assert tomllib.loads(text)["contexts"] == ["default", "lab"]
        assert load(file=tmp_path / name).settings.job_ttl_success == 604_800
