"""Overlays change what was read, in the order of their actions, and say where they could not."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from clientsmith.findings import InputError
from clientsmith.model.pipeline import build_api
from clientsmith.openapi.load import Reading, load
from clientsmith.openapi.overlay import apply_overlay
from hypothesis import given
from hypothesis import strategies as st

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Old", "version": "1"},
    "tags": [{"name": "a"}],
    "paths": {
        "/x": {
            "get": {
                "parameters": [{"name": "a", "in": "query"}, {"name": "b", "in": "query"}, {"name": "c", "in": "path"}]
            }
        },
        "/y": {"get": {"summary": "y", "x-traits": ["paged"]}, "post": {}},
    },
}


def applied(*actions: Any, version: str = "1.1.0") -> tuple[Any, list[str]]:
    root, findings = apply_overlay(DOCUMENT, {"overlay": version, "actions": list(actions)}, "o.yaml")
    return root, [finding.rule for finding in findings]


@pytest.mark.parametrize(
    ("action", "path", "value"),
    [
        pytest.param(
            {"target": "$.info", "update": {"title": "New", "x": {"y": 1}}},
            ["info"],
            {"title": "New", "version": "1", "x": {"y": 1}},
            id="objects are merged",
        ),
        pytest.param(
            {"target": "$", "update": {"paths": {"/y": {"get": {"summary": "new"}}}}},
            ["paths", "/y", "get"],
            {"summary": "new", "x-traits": ["paged"]},
            id="deeply",
        ),
        pytest.param(
            {"target": "$.tags", "update": {"name": "b"}}, ["tags"], [{"name": "a"}, {"name": "b"}], id="an item"
        ),
        pytest.param(
            {"target": "$.tags", "update": [{"name": "b"}]}, ["tags"], [{"name": "a"}, {"name": "b"}], id="a list"
        ),
        pytest.param(
            {"target": "$", "update": {"tags": [{"name": "b"}]}},
            ["tags"],
            [{"name": "a"}, {"name": "b"}],
            id="lists inside",
        ),
        pytest.param({"target": "$.info.title", "update": "New"}, ["info", "title"], "New", id="a plain value (1.1)"),
        pytest.param(
            {"target": "$.paths.*.get", "update": {"x-safe": True}}, ["paths", "/x", "get", "x-safe"], True, id="many"
        ),
        pytest.param(
            {"target": "$.paths.*.get['x-traits']", "remove": True},
            ["paths", "/y", "get"],
            {"summary": "y"},
            id="removal of what only some have",
        ),
        pytest.param(
            {"target": "$.paths['/x'].get.parameters[?@.in == 'query']", "remove": True},
            ["paths", "/x", "get", "parameters"],
            [{"name": "c", "in": "path"}],
            id="several items of a list",
        ),
        pytest.param(
            {"target": "$.paths['/y'].post", "remove": True},
            ["paths", "/y"],
            DOCUMENT["paths"]["/y"]["get"],
            id="a key",
        ),
        pytest.param(
            {"target": "$.paths['/y'].post", "copy": "$.paths['/y'].get"},
            ["paths", "/y", "post"],
            {"summary": "y", "x-traits": ["paged"]},
            id="a copy (1.1)",
        ),
        pytest.param(
            {"target": "$.info", "remove": True, "update": {"title": "New"}}, [], None, id="removal wins over an update"
        ),
    ],
)
def test_what_actions_do(action: dict[str, Any], path: list[str], value: Any) -> None:
    before = copy.deepcopy(DOCUMENT)
    root, rules = applied(action)
    for key in path:
        root = root[key]
    if path[-1:] == ["/y"]:
        assert root == {"get": value}
    elif path:
        assert root == value
    else:
        assert "info" not in root
    assert rules == []
    assert before == DOCUMENT  # what was read is never changed


def test_actions_see_what_the_ones_before_made() -> None:
    move = [{"target": "$.paths", "update": {"/z": {}}}, {"target": "$.paths['/z']", "copy": "$.paths['/y']"}]
    root, rules = applied(
        *move, {"target": "$.paths['/y']", "remove": True}, {"target": "$.paths['/z'].post", "remove": True}
    )
    assert root["paths"]["/z"] == {"get": DOCUMENT["paths"]["/y"]["get"]}
    assert (list(root["paths"]), rules) == (["/x", "/z"], [])


@pytest.mark.parametrize(
    ("action", "rule", "message"),
    [
        pytest.param({"target": "$.nothing", "update": {}}, "overlay-target", "selects nothing", id="no match"),
        pytest.param({"target": "$.[", "update": {}}, "overlay-target", "is no JSONPath", id="no path"),
        pytest.param({"target": "info", "update": {}}, "overlay-target", "is no JSONPath", id="no dollar"),
        pytest.param({"target": "", "update": {}}, "overlay-target", "is no JSONPath", id="nothing at all"),
        pytest.param(
            {"target": "$.info", "update": [1]}, "overlay-update", "cannot be updated with a list", id="a list"
        ),
        pytest.param({"target": "$.info", "copy": "$.paths.*"}, "overlay-target", "is 2 parts", id="copy of two"),
        pytest.param({"target": "$.info", "copy": 1}, "overlay-target", "is 0 parts", id="copy of a number"),
        pytest.param({"target": "$.info"}, "overlay-action", "an action has", id="nothing to do"),
        pytest.param({"update": {}}, "overlay-action", "an object with a `target`", id="no target"),
        pytest.param("remove", "overlay-action", "an object with a `target`", id="no action"),
    ],
)
def test_what_cannot_be_done_is_a_finding_in_the_overlay(action: Any, rule: str, message: str) -> None:
    root, findings = apply_overlay(DOCUMENT, {"overlay": "1.0.0", "actions": [action]}, "o.yaml")
    assert root == DOCUMENT
    [finding] = findings
    assert (finding.rule, finding.file) == (rule, "o.yaml")
    assert finding.pointer.startswith("/actions/0")
    assert message in finding.message


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        pytest.param({"openapi": "3.1.0"}, "is not an Overlay document", id="something else"),
        pytest.param(None, "is not an Overlay document", id="empty"),
        pytest.param({"overlay": "1.0.0", "actions": []}, "has no list of `actions`", id="no actions"),
        pytest.param(
            {"overlay": "1.0.0", "actions": [{"target": "$", "remove": True}]}, "leaves nothing", id="all removed"
        ),
    ],
)
def test_what_is_no_overlay_is_refused(overlay: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        apply_overlay(DOCUMENT, overlay, "o.yaml")
    assert caught.value.message.startswith("o.yaml")
    assert message in caught.value.message


def test_a_later_version_is_read_all_the_same() -> None:
    root, rules = applied({"target": "$.info", "update": {"title": "New"}}, version="2.0.0")
    assert (root["info"]["title"], rules) == ("New", ["overlay-version"])


def test_an_overlay_cannot_exhaust_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each copy of the whole into itself would double it."""
    monkeypatch.setattr("clientsmith.openapi.overlay._MOST_COPIED", 10_000)
    double = {"target": "$.info", "copy": "$"}
    with pytest.raises(InputError, match="copies more than 10,000 parts"):
        applied(*[double] * 40)


def test_an_overlay_may_bring_the_operations(tmp_path: Path) -> None:
    """A file of components alone is no document, until an overlay makes it one."""
    (tmp_path / "api.json").write_text('{"openapi": "3.1.0", "components": {"schemas": {"A": {}}}}')
    (tmp_path / "o.yaml").write_text("overlay: 1.0.0\nactions: [{target: $, update: {paths: {/x: {get: {}}}}}]\n")
    document, findings = load(str(tmp_path / "api.json"), Reading(overlays=(str(tmp_path / "o.yaml"),)))
    assert (list(document.root["paths"]), findings) == (["/x"], [])
    with pytest.raises(InputError, match="target of another document"):
        load(str(tmp_path / "api.json"))


def test_findings_in_an_overlay_have_its_lines(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    (tmp_path / "o.yaml").write_text(
        "overlay: 1.0.0\nactions:\n- target: $.info\n  update: {title: T}\n- target: $.no\n  update: {}\n"
    )
    api, findings = build_api(str(tmp_path / "api.json"), reading=Reading(overlays=(str(tmp_path / "o.yaml"),)))
    assert api.title == "T"
    [finding] = [finding for finding in findings if finding.rule == "overlay-target"]
    assert (Path(finding.file).name, finding.line, finding.column) == ("o.yaml", 5, 3)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["info", "paths", "a"]), inner, max_size=3)
    ),
    max_leaves=6,
)
targets = st.sampled_from(
    ["$", "$.info", "$..*", "$.paths.*", "$..[0]", "$..parameters[?@.name=='a']", "$.tags[-1]", "$..["]
)
actions = st.fixed_dictionaries(
    {},
    optional={"target": targets | values, "update": values, "remove": st.booleans() | values, "copy": targets | values},
)


@given(st.lists(actions | values, min_size=1, max_size=4))
def test_any_actions_end_in_a_document_or_a_refusal(made: list[Any]) -> None:
    before = json.dumps(DOCUMENT)
    try:
        root, _ = apply_overlay(DOCUMENT, {"overlay": "1.1.0", "actions": made}, "o.yaml")
    except InputError:
        return
    assert isinstance(root, dict)
    assert json.dumps(DOCUMENT) == before
