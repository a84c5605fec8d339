"""What a release of a small workspace would do, decided without doing any of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from clientsmith.findings import InputError
from clientsmith.release import Journal, Stage, Target
from clientsmith.release.artefacts import build_release
from clientsmith.release.plan import PackagePlan, Planned, ReleasePlan
from clientsmith.workspace.building import find_uv
from house import ADDS_TO_CORE, CLIENT, CORE, FIXES_CLIENT, NEW_FUNCTION, House
from upload_index import UploadIndex

CORE_FILE = "packages/pets-core/src/pets_core/__init__.py"
CLIENT_FILE = "packages/pets-client/src/pets_client/__init__.py"
USES_NEW = CLIENT.replace("import fetch\n", "import fetch, fetch_all\n")
BREAKS_CORE = {
    CORE_FILE: CORE.replace("def fetch(path: str)", "def fetch(path: str, token: str)"),
    "packages/pets-core/changes/token.breaking.md": "`fetch` needs a token: `fetch(path, token)`.",
}


def plan_of(planned: Planned) -> ReleasePlan:
    assert planned.plan is not None, [str(one) for one in planned.findings]
    return planned.plan


def edits(planned: Planned) -> dict[str, str | None]:
    return {edit.path: edit.text for edit in plan_of(planned).edits}


def refusals(planned: Planned) -> dict[str, str]:
    assert planned.plan is None
    return {one.rule: f"{one.message} | {one.hint}" for one in planned.findings if one.severity.value == "error"}


def test_a_release_of_one_package(house: House) -> None:
    head = house.commit(ADDS_TO_CORE)
    planned = house.plan(packages=("pets-core",))
    plan = plan_of(planned)
    assert (plan.title, plan.parent, plan.packages[0].tag) == ("pets-core 1.1.0", head, "pets-core-v1.1.0")
    assert plan.packages[0].section == (
        "## 1.1.0 (2026-11-22)\n\n### Added\n\n- `fetch_all`, which fetches what is below a path.\n"
    )
    changed = edits(planned)
    assert set(changed) == {
        "packages/pets-core/CHANGELOG.md",
        "packages/pets-core/changes/fetch-all.added.md",
        "packages/pets-core/pyproject.toml",
        CORE_FILE,
    }
    assert changed["packages/pets-core/changes/fetch-all.added.md"] is None
    assert 'version = "1.1.0"' in str(changed["packages/pets-core/pyproject.toml"])
    assert 'VERSION = "1.1.0"' in str(changed[CORE_FILE])
    assert str(changed["packages/pets-core/CHANGELOG.md"]).startswith(
        "# Changelog of pets-core\n\n## 1.1.0 (2026-11-22)\n"
    )


def test_planning_writes_nothing(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    before = house.state()
    house.plan()
    assert house.state() == before
    assert not (house.root / ".clientsmith").exists()


def test_without_names_it_is_what_has_something_to_tell(house: House) -> None:
    house.commit({**FIXES_CLIENT, "packages/pets-core/changes/moved.internal.md": "Moved."})
    assert plan_of(house.plan()).title == "pets-client 1.0.1"


def test_what_others_stand_on_comes_first(house: House) -> None:
    house.commit({**ADDS_TO_CORE, **FIXES_CLIENT})
    assert plan_of(house.plan(packages=("pets-client", "pets-core"))).title == "pets-core 1.1.0, pets-client 1.0.1"


def test_a_diff_that_demands_more_refuses(house: House) -> None:
    house.commit({CORE_FILE: BREAKS_CORE[CORE_FILE], "packages/pets-core/changes/token.fixed.md": "A token."})
    planned = house.plan(packages=("pets-core",))
    assert "the diff finds something breaking, and its fragments tell of fixes" in refusals(planned)["release-untold"]
    assert any("token" in str(reason) for reason in planned.reasons["pets-core"])


def test_a_rule_that_is_ignored_is_not_heard_and_is_told_in_the_commit(house: House) -> None:
    house.commit({CORE_FILE: NEW_FUNCTION, "packages/pets-core/changes/x.fixed.md": "A fix."})
    rules = {reason.place.split(",")[0] for reason in house.plan(packages=("pets-core",)).reasons["pets-core"]}
    plan = plan_of(house.plan(packages=("pets-core",), ignored=tuple(rules)))
    assert plan.title == "pets-core 1.0.1"
    assert "not heard" in plan.message


# --- ranges ---


def test_a_dependant_whose_range_excludes_the_version_refuses(house: House) -> None:
    house.commit(BREAKS_CORE)
    message = refusals(house.plan(packages=("pets-core",)))["release-range"]
    assert "requires `pets-core>=1,<2`, which excludes pets-core 2.0.0" in message
    assert "--widen, which makes it `pets-core>=2.0.0,<3`" in message


def test_widening_moves_the_range_and_leaves_a_fragment_for_the_dependant(house: House) -> None:
    house.commit(BREAKS_CORE)
    planned = house.plan(packages=("pets-core",), widen=True)
    assert [(move.dependant, move.new) for move in plan_of(planned).moves] == [
        ("pets-client", "pets-core>=2.0.0,<3"),
        ("pets-service", "pets-core>=2.0.0,<3"),
    ]
    changed = edits(planned)
    assert '"pets-core>=2.0.0,<3"' in str(changed["packages/pets-client/pyproject.toml"])
    fragment = "packages/pets-client/changes/needs-pets-core-2-0-0.changed.md"
    assert changed[fragment] == "Needs pets-core 2.0.0 or newer.\n"


@pytest.mark.parametrize(
    ("changes", "warned"), [(BREAKS_CORE, ["pets-client", "pets-service"]), (ADDS_TO_CORE, [])], ids=["break", "none"]
)
def test_releases_that_let_in_a_break_are_named(
    house: House, changes: dict[str, str | None], warned: list[str]
) -> None:
    """Between two betas `<2` holds nobody back, and what is on the index cannot be narrowed any more."""
    manifest, first = "packages/pets-core/pyproject.toml", house.git("rev-parse", "HEAD~1")
    beta = f'\n[[release]]\npackage = "pets-core"\nversion = "1.0.0b2"\ncommit = "{first}"\n'
    others = house.text("releases.toml").split("[[release]]", 2)
    house.commit(
        {
            "releases.toml": others[0] + "[[release]]" + others[2] + beta,
            manifest: house.text(manifest).replace("1.0.0", "1.0.0b2"),
            **changes,
        }
    )
    dependants = ("packages/pets-client/pyproject.toml", "packages/pets-service/pyproject.toml")
    house.commit({name: house.text(name).replace(">=1,<2", ">=1.0.0b2,<2") for name in dependants})
    released = house.git("rev-parse", "HEAD")
    house.commit(
        {
            "releases.toml": house.text("releases.toml").replace(
                f'1.0.0"\ncommit = "{first}', f'1.0.0"\ncommit = "{released}'
            )
        }
    )
    planned = house.plan(packages=("pets-core",))
    assert plan_of(planned).packages[0].new == "1.0.0b3"
    found = [one for one in planned.findings if one.rule == "release-breaks"]
    assert [one.message.split()[0] for one in found] == warned
    if found:
        assert (
            "pets-client 1.0.0 is out and requires `pets-core>=1.0.0b2,<2`, which lets in pets-core 1.0.0b3"
            in found[0].message
        )


def test_a_moved_range_is_a_change_of_a_dependant_that_is_released_with_it(house: House) -> None:
    house.commit(BREAKS_CORE)
    planned = house.plan(packages=("pets-core", "pets-client"), widen=True)
    plan = plan_of(planned)
    assert plan.title == "pets-core 2.0.0, pets-client 1.1.0"
    assert "- Needs pets-core 2.0.0 or newer." in plan.package("pets-client").section
    assert not any("pets-client/changes" in path for path in edits(planned))


def test_a_lower_bound_is_raised_where_the_dependant_imports_what_is_new(house: House) -> None:
    house.commit({**ADDS_TO_CORE, CLIENT_FILE: USES_NEW})
    plan = plan_of(house.plan(packages=("pets-core",)))
    (move,) = plan.moves
    assert (move.dependant, move.new) == ("pets-client", "pets-core>=1.1.0,<2")
    assert "it uses pets_core.fetch_all" in move.why


def test_a_package_that_uses_what_no_release_has_is_refused(house: House) -> None:
    house.commit({**ADDS_TO_CORE, **FIXES_CLIENT, CLIENT_FILE: USES_NEW})
    message = refusals(house.plan(packages=("pets-client",)))["release-order"]
    assert (
        message == "pets-client uses pets_core.fetch_all, which pets-core 1.0.0 does not have | release pets-core, too"
    )


# --- betas, trains, families ---


def test_a_beta_and_its_end(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    assert plan_of(house.plan(packages=("pets-core",), stage=Stage.PRE)).title == "pets-core 1.1.0b1"


def test_a_train_releases_what_changed_and_names_what_stays(house: House) -> None:
    house.commit({**ADDS_TO_CORE, **FIXES_CLIENT})
    planned = house.plan(train="pets")
    assert plan_of(planned).title == "pets-core 1.1.0, pets-client 1.0.1"
    assert planned.unchanged == {"pets-service": "1.0.0"}
    assert "Train: pets" in plan_of(planned).message


def test_a_train_with_nothing_on_it_does_not_leave(house: House) -> None:
    assert "nothing of the train has changed" in refusals(house.plan(train="pets"))["release-empty"]


def test_leaving_the_family_of_the_api_demands_a_major_version(house: House) -> None:
    house.commit(
        {CLIENT_FILE: CLIENT.replace("/v2/", "/v3/"), "packages/pets-client/changes/v3.added.md": "Speaks v3."}
    )
    planned = house.plan(packages=("pets-client",))
    assert "something breaking" in refusals(planned)["release-untold"]
    assert any("the package promises the family v2 and calls v3" in one.text for one in planned.reasons["pets-client"])


# --- refusals ---


def test_a_package_without_fragments(house: House) -> None:
    message = refusals(house.plan(packages=("pets-core",)))["release-empty"]
    assert "nothing that users could see has changed since 1.0.0" in message


def test_entries_under_unreleased_refuse(house: House) -> None:
    changelog = "# Changelog\n\n## Unreleased\n\n- Something.\n"
    house.commit({**ADDS_TO_CORE, "packages/pets-core/CHANGELOG.md": changelog})
    planned = house.plan(packages=("pets-core",))
    assert "whose kind nobody knows" in refusals(planned)["release-unreleased"]
    assert planned.findings[0].line == 3


def test_a_tag_that_is_there_refuses(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    house.git("tag", "pets-core-v1.1.0")
    assert "there is a tag pets-core-v1.1.0 already" in refusals(house.plan())["release-tagged"]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"packages": ("pets-cor",)}, "'pets-cor' is no package of this workspace"),
        ({"train": "cats"}, "there is no release train 'cats'"),
        ({"version": "9", "train": "pets"}, "--version is for one package, and these are 3"),
        ({"packages": ("pets-core",), "version": "latest"}, "--version: 'latest' is no version"),
        ({}, "no package has a change fragment that says anything"),
    ],
)
def test_what_cannot_be_asked_for(house: House, request_: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        house.plan(**request_)
    assert caught.value.hint


def test_a_dirty_tree_is_refused(house: House) -> None:
    house.write({"packages/pets-core/note.txt": "new"})
    with pytest.raises(InputError, match=r"has changes that are not committed: packages/pets-core/note\.txt"):
        house.plan()


def test_a_branch_behind_its_upstream_is_refused(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    house.git("branch", "there")
    house.git("branch", "--quiet", "--set-upstream-to", "there")
    assert plan_of(house.plan()).branch == "main"
    house.git("switch", "--quiet", "there")
    house.commit({"note.txt": "somebody else's"})
    house.git("switch", "--quiet", "main")
    assert "there has 1 commit that HEAD does not have" in refusals(house.plan())["release-behind"]


def test_without_a_branch_a_release_is_shown_and_not_begun(house: House) -> None:
    house.commit(ADDS_TO_CORE)
    house.git("switch", "--quiet", "--detach")
    planned = house.plan()
    assert [one.rule for one in planned.findings] == ["release-detached"]
    with pytest.raises(InputError, match="no branch is checked out") as caught:
        Journal.begin(house.root, plan_of(planned))
    assert "git switch" in caught.value.hint
    assert not (house.root / ".clientsmith").exists()


def test_a_changelog_outside_of_the_repository_is_refused(house: House, tmp_path: Path) -> None:
    (tmp_path / "log.md").write_text("# Log\n")
    changelog = house.root / "packages/pets-core/CHANGELOG.md"
    changelog.unlink()
    changelog.symlink_to(tmp_path / "log.md")
    house.commit(ADDS_TO_CORE)
    with pytest.raises(InputError, match=r"log\.md lies outside of the repository"):
        house.plan()


def test_a_version_that_the_index_has_is_refused_before_anything_is_built(house: House, index: UploadIndex) -> None:
    house.commit(ADDS_TO_CORE)
    index.files["pets_core-1.1.0.tar.gz"] = b"somebody else's"
    refused = refusals(house.plan(target=Target(index=index.url)))
    assert "the index has files of 1.1.0 already" in refused["release-published"]


def test_a_workspace_without_git_is_refused(house: House) -> None:
    shutil.rmtree(house.root / ".git")
    with pytest.raises(InputError, match="is in no git repository"):
        house.plan()


def test_a_release_whose_commit_is_not_here_is_refused(house: House) -> None:
    house.commit(
        {
            **ADDS_TO_CORE,
            "releases.toml": '[[release]]\npackage = "pets-core"\nversion = "1.0.0"\ncommit = "' + "a" * 40 + '"\n',
        }
    )
    with pytest.raises(InputError, match=r"cannot compare with pets-core 1\.0\.0") as caught:
        house.plan(packages=("pets-core",))
    assert "unshallow" in caught.value.hint


def test_a_package_whose_range_no_release_can_meet_is_refused(house: House) -> None:
    manifest = "packages/pets-client/pyproject.toml"
    fragment = {"packages/pets-client/changes/needs.changed.md": "Needs pets-core 1.1."}
    house.commit({**fragment, **house.edit(manifest, "pets-core>=1,<2", "pets-core>=1.1,<2")})
    message = refusals(house.plan(packages=("pets-client",)))["release-order"]
    assert message.startswith("pets-client requires `pets-core>=1.1,<2`, and the last release of pets-core is 1.0.0")


@pytest.mark.slow
def test_without_releases_toml_an_index_says_what_was_released(house: House, index: UploadIndex) -> None:
    core = PackagePlan(name="pets-core", folder="packages/pets-core", old="", new="1.0.0", section="")
    folder = house.root.parent / "dist"
    for name in build_release(house.root, house.git("rev-parse", "HEAD"), core, folder):
        index.files[name] = (folder / name).read_bytes()
    house.commit({**ADDS_TO_CORE, "releases.toml": None})
    planned = house.plan(packages=("pets-core",), target=Target(index=index.url))
    assert plan_of(planned).title == "pets-core 1.1.0"
    assert any(reason.place.startswith("object-added") for reason in planned.reasons["pets-core"])
    first = house.plan(packages=("pets-core",))
    assert plan_of(first).title == "pets-core 1.0.0"
    assert "if it was released elsewhere, give --index" in first.findings[0].message


def test_a_lock_that_is_committed_stays_true(house: House) -> None:
    lock = [find_uv(), "lock", "--offline", "--no-config", "--quiet"]
    subprocess.run(lock, check=True, cwd=house.root, env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"})
    house.commit({**ADDS_TO_CORE, CLIENT_FILE: USES_NEW})
    planned = house.plan(packages=("pets-core",))
    house.write(edits(planned))
    assert 'version = "1.1.0"' in house.text("uv.lock")
    subprocess.run([*lock, "--check"], check=True, cwd=house.root, env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"})


def test_a_version_in_a_file_that_hatchling_reads_is_written_there(house: House) -> None:
    manifest = "packages/pets-core/pyproject.toml"
    text = house.text(manifest).replace('version = "1.0.0"', 'dynamic = ["version"]')
    path = '\n[tool.hatch.version]\npath = "src/pets_core/__init__.py"\n'
    house.commit({**ADDS_TO_CORE, manifest: text + path})
    changed = edits(house.plan(packages=("pets-core",)))
    assert manifest not in changed
    assert 'VERSION = "1.1.0"' in str(changed[CORE_FILE])


def test_a_version_that_the_build_makes_is_refused(house: House) -> None:
    manifest = "packages/pets-core/pyproject.toml"
    house.commit({**ADDS_TO_CORE, **house.edit(manifest, 'version = "1.0.0"', 'dynamic = ["version"]')})
    with pytest.raises(InputError, match=r"has no `version` in \[project\]"):
        house.plan(packages=("pets-core",))


def test_source_that_is_no_python_cannot_be_compared(house: House) -> None:
    house.commit({**ADDS_TO_CORE, CORE_FILE: "def fetch(:\n"})
    with pytest.raises(InputError, match=r"cannot compare pets-core 1\.0\.0 with the tip"):
        house.plan(packages=("pets-core",))


@pytest.mark.parametrize(
    ("train", "subject"), [("pets", "release: train pets"), ("", "release: 9 packages")], ids=["a train", "packages"]
)
def test_a_release_that_is_too_long_for_a_subject_is_listed_below_it(train: str, subject: str) -> None:
    packages = tuple(PackagePlan(name=f"pets-{n}", folder="", old="", new=f"{n}.0", section="") for n in range(9))
    plan = ReleasePlan(parent="", branch="main", moment=0, packages=packages, edits=(), releases="", train=train)
    lines = plan.message.splitlines()
    assert lines[:4] == [subject, "", "pets-0 0.0", "pets-1 1.0"]
    assert lines[-1] == ("Train: pets" if train else "pets-8 8.0")
