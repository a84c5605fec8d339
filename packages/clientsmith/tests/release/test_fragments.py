"""Change fragments are read with everything that is wrong with them, and become a section of the changelog."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from clientsmith.apidiff.bump import Bump
from clientsmith.findings import InputError
from clientsmith.release.changelog import inserted, section, unreleased
from clientsmith.release.fragments import KINDS, ChangeKind, Fragment, bump_of_fragments, read_fragments, write_fragment
from packaging.version import Version


def fragment(kind: str, text: str = "Something.") -> Fragment:
    return Fragment("pets", "x", ChangeKind(kind), text, Path("changes/x.md"))


def test_every_kind_says_what_it_demands() -> None:
    assert {kind.value: info.bump for kind, info in KINDS.items()} == {
        "breaking": Bump.MAJOR,
        "added": Bump.MINOR,
        "changed": Bump.MINOR,
        "deprecated": Bump.MINOR,
        "fixed": Bump.PATCH,
        "security": Bump.PATCH,
        "internal": Bump.NONE,
    }
    assert bump_of_fragments([fragment("fixed"), fragment("added"), fragment("internal")]) is Bump.MINOR
    assert bump_of_fragments([]) is Bump.NONE


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = write_fragment(tmp_path / "changes", "pets", ChangeKind.FIXED, "`Retry-After: 0` means now.\n")
    fragments, findings = read_fragments(tmp_path / "changes", "pets")
    assert fragments == [written]
    assert findings == []
    assert written.file.name == "retry-after-0-means-now.fixed.md"


def test_two_changes_with_the_same_first_words_are_two_files(tmp_path: Path) -> None:
    for _ in range(3):
        write_fragment(tmp_path, "pets", ChangeKind.ADDED, "Pets.")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pets-2.added.md", "pets-3.added.md", "pets.added.md"]


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert read_fragments(tmp_path / "changes", "pets") == ([], [])


def test_line_ends_of_windows_and_its_byte_order_mark_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.added.md").write_bytes("\ufeffOne é\r\nand two.\r\n".encode())
    ((fragment,), findings) = read_fragments(tmp_path, "pets")
    assert (fragment.text, findings) == ("One é\nand two.", [])


def test_a_link_is_no_fragment(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Fragments go here.")
    (tmp_path / "a.added.md").symlink_to("README.md")
    fragments, (finding,) = read_fragments(tmp_path, "pets")
    assert (fragments, finding.message) == ([], "a.added.md is a symbolic link, and no file")


def test_a_readme_and_placeholders_are_no_fragments(tmp_path: Path) -> None:
    for name in ("README.md", ".gitkeep"):
        (tmp_path / name).write_text("Fragments go here.")
    assert read_fragments(tmp_path, "pets") == ([], [])


@pytest.mark.parametrize(
    ("name", "content", "rule", "message"),
    [
        ("thing.md", b"Text.", "fragment-name", "thing.md is no fragment's name"),
        ("a.b.added.md", b"Text.", "fragment-name", "no fragment's name"),
        ("Thing.added.md", b"Text.", "fragment-name", "no fragment's name"),
        ("thing.added.txt", b"Text.", "fragment-name", "no fragment's name"),
        ("thing.feature.md", b"Text.", "fragment-kind", "'feature' is no kind of change"),
        ("thing.added.md", b" \n", "fragment-text", "it says nothing"),
        ("thing.added.md", b"Text.\n## 2.0", "fragment-text", "it has a heading"),
        ("thing.added.md", b"- Text.", "fragment-text", "it begins with a bullet"),
        ("thing.added.md", b"\xff", "fragment-text", "cannot be read"),
        ("thing.added.md", b"a\0b", "fragment-text", r"it has the control character '\x00'"),
        ("thing.added.md", "a \u202e b".encode(), "fragment-text", r"it has the control character '\u202e'"),
    ],
)
def test_what_is_no_fragment_is_a_finding(tmp_path: Path, name: str, content: bytes, rule: str, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    fragments, (finding,) = read_fragments(tmp_path, "pets")
    assert fragments == []
    assert finding.rule == rule
    assert message in finding.message
    assert finding.file == str(tmp_path / name)
    assert finding.hint


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("", "", "it says nothing"),
        ("- Text", "", "begins with a bullet"),
        ("Text", "../x", "'../x' is no name for a fragment"),
    ],
)
def test_nothing_is_written_of_what_is_no_fragment(tmp_path: Path, text: str, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        write_fragment(tmp_path / "changes", "pets", ChangeKind.ADDED, text, name)
    assert not (tmp_path / "changes").exists()


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    write_fragment(tmp_path, "pets", ChangeKind.ADDED, "One.", "pets")
    with pytest.raises(InputError, match=r"there is a fragment .* already"):
        write_fragment(tmp_path, "pets", ChangeKind.ADDED, "Two.", "pets")


# --- changelog ---


def test_a_section_has_the_kinds_in_their_order() -> None:
    told = [
        fragment("fixed", "A fix."),
        fragment("added", "A thing,\nwith\n\n  an example."),
        fragment("breaking", "Gone."),
        fragment("internal", "Moved."),
    ]
    assert section(Version("2.0.0"), date(2026, 11, 22), told) == (
        "## 2.0.0 (2026-11-22)\n\n### Breaking\n\n- Gone.\n\n"
        "### Added\n\n- A thing,\n  with\n\n    an example.\n\n### Fixed\n\n- A fix.\n"
    )


def test_leaving_the_betas_without_a_change_is_said() -> None:
    assert section(Version("1.0.0"), date(2026, 11, 22), []).endswith(
        "\n\nThe same as the release before it, as 1.0.0.\n"
    )


def test_a_section_stands_above_all_earlier_ones() -> None:
    changelog = "# Changelog\n\nIt follows SemVer.\n\n## 1.0.0\n\n- First.\n"
    assert inserted(changelog, "pets", "## 1.1.0\n\n- Second.\n") == (
        "# Changelog\n\nIt follows SemVer.\n\n## 1.1.0\n\n- Second.\n\n## 1.0.0\n\n- First.\n"
    )


def test_a_changelog_without_sections_and_one_that_is_empty_get_their_first() -> None:
    assert inserted("# Changes\n", "pets", "## 1.0.0\n") == "# Changes\n\n## 1.0.0\n"
    assert inserted("", "pets", "## 1.0.0\n") == "# Changelog of pets\n\n## 1.0.0\n"


def test_entries_under_unreleased_are_found() -> None:
    assert unreleased("# C\n\n## [Unreleased]\n\n- A thing.\n\n## 1.0.0\n") == 3
    assert unreleased("# C\n\n## Unreleased\n\n## 1.0.0\n\n- First.\n") is None
    assert unreleased("# C\n\n## 1.0.0\n") is None
