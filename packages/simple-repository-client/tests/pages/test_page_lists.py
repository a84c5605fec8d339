"""The list of all projects, in both serializations."""

from __future__ import annotations

import json
from typing import Any

import pytest
from simple_repository_client.pages import Answer, ProjectList, UnreadablePageError, read_project_list

URL = "https://index.example/simple/"
JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"


def json_list(projects: object, **page: Any) -> ProjectList:
    body = {"meta": {"api-version": "1.4", "_last-serial": 9}, "projects": projects, **page}
    return read_project_list(Answer(json.dumps(body).encode(), JSON, URL))


def html_list(body: str) -> ProjectList:
    head = '<meta name="pypi:repository-version" content="1.4">'
    return read_project_list(Answer(f"<html><head>{head}</head><body>{body}</body></html>".encode(), HTML, URL))


@pytest.fixture(params=["json", "html"])
def frob(request: pytest.FixtureRequest) -> ProjectList:
    """The list of PEP 691's example, and one more."""
    if request.param == "json":
        return json_list([{"name": "Frob"}, {"name": "spamspamspam"}, {"name": "Zope.Inter_face"}])
    links = ('<a href="/simple/frob/">Frob</a>', '<a href="x/">spamspamspam</a>', '<a href="z/">\n Zope.Inter_face</a>')
    return html_list("<br>".join(links))


def test_a_list_has_the_names_as_the_index_writes_them(frob: ProjectList) -> None:
    assert list(frob) == ["Frob", "spamspamspam", "Zope.Inter_face"]
    assert list(frob.normalized()) == ["frob", "spamspamspam", "zope-inter-face"]
    assert len(frob) == 3
    assert frob.findings == ()
    assert (frob.said_version, str(frob.api_version)) == ("1.4", "1.4")


@pytest.mark.parametrize(
    "name", ["frob", "FROB", "zope.interface".replace("int", "_int").replace("rf", "r-f"), "Zope-Inter.face"]
)
def test_a_name_is_found_in_any_spelling(frob: ProjectList, name: str) -> None:
    assert name in frob


@pytest.mark.parametrize("name", ["fro", "rob", "spam", "", "frob\nspamspamspam", "\n", 1, None, b"frob"])
def test_what_is_not_in_the_list_is_not_found(frob: ProjectList, name: object) -> None:
    assert name not in frob


def test_a_list_shows_what_it_is(frob: ProjectList) -> None:
    assert repr(frob) == f"<ProjectList: 3 projects, API 1.4 in {frob.serialization}>"
    assert frob.url == URL


def test_both_serializations_give_equal_lists() -> None:
    assert json_list([{"name": "a"}]) == html_list("<a href='a/'>a</a>")
    assert json_list([{"name": "a"}]) != html_list("<a href='a/'>b</a>")
    assert json_list([]) != []


def test_serials_stand_beside_the_names() -> None:
    projects = json_list([{"name": "a", "_last-serial": 3}, {"_last-serial": 5, "name": "b"}, {"name": "c"}])
    assert list(projects.serials()) == [("a", 3), ("b", 5), ("c", None)]
    assert projects.last_serial == 9
    assert list(html_list("<a href='a/'>a</a>").serials()) == [("a", None)]
    assert list(json_list([{"name": "a"}]).serials()) == [("a", None)]


def test_more_names_than_are_packed_into_one_text() -> None:
    names = [f"project-{number}" for number in range(10_000)]
    projects = json_list([{"name": name, "_last-serial": serial} for serial, name in enumerate(names)])
    assert list(projects) == names
    assert len(projects) == 10_000
    assert [serial for _, serial in projects.serials()] == list(range(10_000))
    assert "Project.9999" in projects
    assert list(html_list("".join(f"<a href='{name}/'>{name}</a>" for name in names))) == names


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (None, "projects[1]: is None, not an object with a name; left out (PEP 691)"),
        ("b", "projects[1]: is 'b', not an object with a name; left out (PEP 691)"),
        (["b"], "projects[1]: is ['b'], not an object with a name; left out (PEP 691)"),
        ({"name": 1}, "projects[1]: is {'name': 1}, not an object with a name; left out (PEP 691)"),
        ({"title": "b"}, "projects[1]: is {'title': 'b'}, not an object with a name; left out (PEP 691)"),
        ({"name": ""}, "projects: '' is not the name of a project; left out (PEP 508)"),
        ({"name": "../etc"}, "projects: '../etc' is not the name of a project; left out (PEP 508)"),
        ({"name": "b\nc"}, "projects: 'b\\nc' is not the name of a project; left out (PEP 508)"),
        ({"name": "b\n7"}, "projects: 'b\\n7' is not the name of a project; left out (PEP 508)"),
        ({"name": "-b"}, "projects: '-b' is not the name of a project; left out (PEP 508)"),
        ({"name": "b."}, "projects: 'b.' is not the name of a project; left out (PEP 508)"),
        ({"name": "bücher"}, "projects: 'bücher' is not the name of a project; left out (PEP 508)"),
        ({"name": "\ud800"}, "projects: '\\ud800' is not the name of a project; left out (PEP 508)"),
    ],
    ids=repr,
)
def test_what_is_no_name_is_left_out_and_told(entry: object, said: str) -> None:
    projects = json_list([{"name": "a", "_last-serial": 1}, entry, {"name": "z", "_last-serial": 2}])
    assert list(projects.serials()) == [("a", 1), ("z", 2)]
    assert len(projects) == 2
    assert [str(found) for found in projects.findings] == [said]


@pytest.mark.parametrize(
    ("entry", "serial"),
    [
        ({"name": "b", "new": {"name": "c"}}, None),
        ({"name": "b", "_last-serial": 4, "new": 1}, 4),
        ({"name": "b", "_last-serial": "4"}, 4),
        ({"name": "b", "_last-serial": None}, None),
        ({"name": "b", "_last-serial": True}, None),
        ({"name": "b", "_last-serial": 2**70}, None),
        ({"name": "b", "_last-serial": -5}, None),
    ],
    ids=repr,
)
def test_an_entry_may_say_more_than_its_name(entry: object, serial: int | None) -> None:
    projects = json_list([{"name": "a"}, entry])
    assert list(projects.serials()) == [("a", None), ("b", serial)]
    assert projects.findings == ()


def test_other_keys_are_kept_even_if_they_look_like_projects() -> None:
    projects = json_list(
        [{"name": "a"}], namespaces=[{"name": "x", "open": True}], meta={"api-version": "1.4", "name": "index"}
    )
    assert list(projects) == ["a"]
    assert projects.raw["namespaces"] == [{"name": "x", "open": True}]
    assert projects.said_version == "1.4"


def test_links_that_are_no_projects_are_left_out_and_told() -> None:
    projects = html_list('<a href="../">../</a><a name="x">y</a><a href="a/">a</a><a href="b/">b/</a>')
    assert list(projects) == ["a", "b"]
    assert [str(found) for found in projects.findings] == [
        "projects: '..' is not the name of a project; left out (PEP 508)"
    ]


def test_a_page_full_of_what_is_no_name_is_not_told_without_end() -> None:
    projects = html_list("<a href='x'>?</a>" * 5000)
    assert len(projects) == 0
    assert list(projects) == []
    assert len(projects.findings) == 101
    assert str(projects.findings[-1]) == "projects: 4900 more are not the names of projects; left out (PEP 508)"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"[]", "the body is a JSON array, not the object that a list of projects is"),
        (b"null", "the body is a JSON null, not the object that a list of projects is"),
        (b'"x"', "the body is a JSON text, not the object that a list of projects is"),
        (b'{"name":"x"}', "the body has no list of projects: `projects` is missing"),
        (b"{}", "the body has no list of projects: `projects` is missing"),
        (b'{"projects":{}}', "the body has no list of projects: `projects` is {}"),
        (b'{"files":[],"name":"x"}', "the body is the page of a project"),
        (b"{", "the body is not JSON in UTF-8: Expecting property name enclosed in double quotes"),
        (b"\xff", "the body is not JSON in UTF-8: "),
        (b"[" * 100_000, "the body is nested too deeply to be read"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_list_is_an_error(body: bytes, why: str) -> None:
    with pytest.raises(UnreadablePageError) as caught:
        read_project_list(Answer(body, JSON, URL))
    assert caught.value.why.startswith(why)
    assert str(caught.value).startswith(f"{URL} ({JSON}): {why}")
