"""A release is killed after each of its steps, at every moment, and ends as if nobody had disturbed it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from clientsmith.findings import InputError
from clientsmith.release import Journal, ReleaseError, Step, Target, abort, carry_out, planning, steps_of
from clientsmith.release.artefacts import hash_of
from clientsmith.release.comparing import Comparison
from house import ADDS_TO_CORE, FIXES_CLIENT, House, quick_build
from upload_index import UploadIndex, send

STEPS: Final = (
    "commit", "build pets-core", "build pets-client", "inspect pets-core", "inspect pets-client", "attest pets-core",
    "attest pets-client", "look pets-core", "look pets-client", "land", "tag pets-core", "tag pets-client",
    "publish pets-core", "verify pets-core", "publish pets-client", "verify pets-client", "record",
)  # fmt: skip
CHANGES: Final = {**ADDS_TO_CORE, **FIXES_CLIENT}


@pytest.fixture(autouse=True)
def _no_diff(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the diff finds is tried elsewhere; here it only costs time."""
    monkeypatch.setattr(planning, "compare_release", lambda *_, **__: Comparison())


@dataclass
class Scene:
    """A house with two packages to release, and the index that they go to."""

    house: House
    index: UploadIndex

    def begin(self) -> Journal:
        target = Target(publish_url=self.index.publish_url, index=self.index.url)
        planned = self.house.plan(target=target)
        assert planned.plan is not None, planned.findings
        return Journal.begin(self.house.root, planned.plan)

    def go_on(self, journal: Journal, **options: Any) -> Path:
        return carry_out(self.house.root, journal, build=quick_build, send=send, **options)

    def resume(self) -> Path:
        return self.go_on(Journal.open(self.house.root))

    def end(self, folder: Path) -> dict[str, Any]:
        """Return all that a release leaves behind."""
        files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        return {**self.house.state(), "index": self.index.hashes(), "files": files}


@pytest.fixture
def scene(house: House, index: UploadIndex) -> Scene:
    house.commit(CHANGES)
    return Scene(house, index)


@pytest.fixture(scope="session")
def undisturbed(built_house: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a release ends in that nobody disturbs."""
    root = tmp_path_factory.mktemp("undisturbed") / "pets"
    shutil.copytree(built_house.root, root)
    house = House(root)
    house.commit(CHANGES)
    with pytest.MonkeyPatch.context() as patch, UploadIndex() as index:
        from house import WHO

        for name, value in WHO.items():
            patch.setenv(name, value)
        patch.setattr(planning, "compare_release", lambda *_, **__: Comparison())
        scene = Scene(house, index)
        return scene.end(scene.go_on(scene.begin()))


def test_it_ends_in_a_commit_two_tags_four_files_and_an_entry_each(scene: Scene) -> None:
    journal = scene.begin()
    assert tuple(step.name for step in steps_of(journal.plan)) == STEPS
    folder = scene.go_on(journal)
    house = scene.house
    assert house.git("log", "--format=%s", "-2").splitlines() == [
        "releases: pets-core 1.1.0, pets-client 1.0.1",
        "release: pets-core 1.1.0, pets-client 1.0.1",
    ]
    released = house.git("rev-parse", "HEAD~1")
    assert {house.git("rev-list", "-n1", tag) for tag in ("pets-core-v1.1.0", "pets-client-v1.0.1")} == {released}
    assert house.text("releases.toml").count(released) == 2
    assert house.state()["status"] == ""
    assert not (house.root / "packages/pets-core/changes/fetch-all.added.md").exists()
    assert sorted(scene.index.files) == [
        "pets_client-1.0.1-py3-none-any.whl",
        "pets_client-1.0.1.tar.gz",
        "pets_core-1.1.0-py3-none-any.whl",
        "pets_core-1.1.0.tar.gz",
    ]
    assert scene.index.uploads[0].startswith("pets_core")
    assert folder == house.root / ".clientsmith" / "release" / "pets-core-v1.1.0"


def quick(names: Iterable[str], *kept: str) -> list[Any]:
    """Return steps as parameters; all but ``kept`` are for the long suites."""
    return [name if name in kept else pytest.param(name, marks=pytest.mark.slow) for name in names]


def killed(work: Callable[[], object]) -> None:
    """Run something in a process of its own that is expected to be killed: no handler and no `finally` runs."""
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(3)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status), f"it was not killed: {status}"


def kill() -> None:
    os.kill(os.getpid(), 9)


@dataclass
class KillsAfter:
    """Kills the process when a step is done and written down."""

    name: str

    def begins(self, step: Step) -> None:
        """Nothing."""

    def done(self, step: Step) -> None:
        if step.name == self.name:
            kill()


class ForgetfulJournal(Journal):
    """Is killed between the doing of a step and its being written down: the worst moment."""

    name: str

    def finish_step(self, step: str, result: Any) -> None:
        if step == self.name:
            kill()
        super().finish_step(step, result)


@pytest.mark.parametrize("name", quick(STEPS, "land", "publish pets-core"))
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_before_a_step_is_written_down_it_ends_in_the_same(
    name: str, scene: Scene, undisturbed: dict[str, Any]
) -> None:
    journal = scene.begin()

    def work() -> None:
        forgetful = ForgetfulJournal.open(scene.house.root)
        forgetful.name = name
        scene.go_on(forgetful)

    killed(work)
    assert not Journal.open(scene.house.root).is_done(name)
    assert scene.end(scene.resume()) == undisturbed
    assert journal.plan.title == "pets-core 1.1.0, pets-client 1.0.1"


@pytest.mark.parametrize(
    "name",
    quick([name for name in STEPS if name.split()[0] in ("build", "land", "publish", "record")], "publish pets-core"),
)
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_between_two_steps_it_ends_in_the_same(name: str, scene: Scene, undisturbed: dict[str, Any]) -> None:
    journal = scene.begin()
    killed(lambda: scene.go_on(journal, watcher=KillsAfter(name)))
    assert Journal.open(scene.house.root).is_done(name)
    assert scene.end(scene.resume()) == undisturbed


def test_nothing_is_sent_twice_after_a_failure_in_the_middle(scene: Scene, undisturbed: dict[str, Any]) -> None:
    journal = scene.begin()

    def gives_up(files: Any, publish_url: str) -> None:
        send(files[:1], publish_url)
        raise InputError("cannot upload: the line is dead", "--resume goes on")

    with pytest.raises(InputError, match="the line is dead"):
        carry_out(scene.house.root, journal, build=quick_build, send=gives_up)
    assert len(scene.index.uploads) == 1
    assert scene.end(scene.resume()) == undisturbed
    assert len(scene.index.uploads) == len(set(scene.index.uploads)) == 4


# --- never half a release ---


def test_nothing_moves_before_all_files_are_fit(scene: Scene) -> None:
    before = scene.house.state()

    def build(top: Path, commit: str, package: Any, into: Path) -> dict[str, str]:
        if package.name == "pets-client":
            raise InputError("cannot build the wheel of pets-client", "look")
        return quick_build(top, commit, package, into)

    with pytest.raises(InputError, match="cannot build the wheel of pets-client"):
        carry_out(scene.house.root, scene.begin(), build=build, send=send)
    assert scene.house.state() == before
    assert scene.index.uploads == []


def test_files_with_a_mistake_are_refused_before_anything_moves(scene: Scene) -> None:
    before = scene.house.state()

    def build(top: Path, commit: str, package: Any, into: Path) -> dict[str, str]:
        from dataclasses import replace

        made = quick_build(top, commit, replace(package, new="9.9.9"), into)
        for name, right in zip(made, package.files, strict=True):
            (into / name).rename(into / right)
        sdist = next(into.glob("*.tar.gz"))
        quick_build(top, commit, package, into.parent / "right")
        shutil.copy(into.parent / "right" / sdist.name, sdist)
        return {name: hash_of(into / name) for name in package.files}

    with pytest.raises(ReleaseError, match=r"the files of pets-core 1\.1\.0 are not fit to be published") as caught:
        carry_out(scene.house.root, scene.begin(), build=build, send=send)
    assert "its metadata are of pets-core 9.9.9" in caught.value.findings[0].message
    assert scene.house.state() == before


def test_the_same_name_with_other_bytes_on_the_index_is_refused_before_anything_moves(scene: Scene) -> None:
    journal, before = scene.begin(), scene.house.state()
    scene.index.files["pets_client-1.0.1.tar.gz"] = b"somebody else's"
    with pytest.raises(InputError, match=r"the index has another pets_client-1\.0\.1\.tar\.gz already"):
        scene.go_on(journal)
    assert scene.house.state() == before
    assert scene.index.uploads == []


def test_the_same_bytes_on_the_index_are_not_sent_again(scene: Scene, undisturbed: dict[str, Any]) -> None:
    journal = scene.begin()
    made = quick_build(scene.house.root, "", journal.plan.packages[0], scene.house.root.parent / "made")
    for name in made:
        scene.index.files[name] = (scene.house.root.parent / "made" / name).read_bytes()
    assert scene.end(scene.go_on(journal)) == undisturbed
    assert not any(name.startswith("pets_core") for name in scene.index.uploads)


def test_an_index_that_gives_something_else_stops_the_train(scene: Scene) -> None:
    scene.index.garbles = True
    with pytest.raises(InputError, match=r"the index gives another pets_core-1\.1\.0"):
        scene.go_on(scene.begin())
    assert not any(name.startswith("pets_client") for name in scene.index.uploads)


# --- taking back ---


@pytest.mark.parametrize(
    "name",
    quick([name for name in STEPS if name.split()[0] not in ("publish", "verify", "record")], "tag pets-core"),
)
def test_before_anything_is_published_all_of_it_can_be_taken_back(name: str, scene: Scene) -> None:
    before = scene.house.state()

    @dataclass
    class Stops:
        def begins(self, step: Step) -> None:
            """Nothing."""

        def done(self, step: Step) -> None:
            if step.name == name:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scene.go_on(scene.begin(), watcher=Stops())
    assert abort(scene.house.root, Journal.open(scene.house.root))[-1] == "what was built is gone"
    assert scene.house.state() == before
    with pytest.raises(InputError, match="no release is under way here"):
        Journal.open(scene.house.root)


def test_an_upload_that_reached_nobody_can_be_taken_back(scene: Scene) -> None:
    before = scene.house.state()

    def dead(files: Any, publish_url: str) -> None:
        raise InputError("the line is dead")

    with pytest.raises(InputError, match="the line is dead"):
        carry_out(scene.house.root, scene.begin(), build=quick_build, send=dead)
    abort(scene.house.root, Journal.open(scene.house.root))
    assert scene.house.state() == before


def test_what_is_published_cannot_be_taken_back(scene: Scene) -> None:
    def gives_up(files: Any, publish_url: str) -> None:
        send(files[:1], publish_url)
        raise InputError("the line is dead")

    with pytest.raises(InputError, match="the line is dead"):
        carry_out(scene.house.root, scene.begin(), build=quick_build, send=gives_up)
    with pytest.raises(InputError, match=r"pets-core 1\.1\.0 is published already, which cannot be taken back"):
        abort(scene.house.root, Journal.open(scene.house.root))


def test_commits_after_the_release_commit_stay(scene: Scene) -> None:
    scene.index.refuses = 1
    with pytest.raises(Exception, match="503"):
        scene.go_on(scene.begin())
    later = scene.house.commit({"note.txt": "mine"}, "mine")
    with pytest.raises(InputError, match="commits were made after the release commit"):
        abort(scene.house.root, Journal.open(scene.house.root))
    assert scene.house.git("rev-parse", "HEAD") == later
    scene.resume()
    assert scene.house.git("log", "--format=%s", "-3").splitlines()[1:] == [
        "mine",
        "release: pets-core 1.1.0, pets-client 1.0.1",
    ]


def test_a_branch_that_moved_before_the_commit_could_land_is_not_touched(scene: Scene) -> None:
    journal = scene.begin()
    later = scene.house.commit({"note.txt": "mine"}, "mine")
    with pytest.raises(InputError, match="the branch cannot be moved to") as caught:
        scene.go_on(journal)
    assert "--abort" in caught.value.hint
    assert scene.house.git("rev-parse", "HEAD") == later


def test_another_branch_is_not_moved_in_place_of_the_one_it_was_planned_on(scene: Scene) -> None:
    journal = scene.begin()
    scene.house.git("switch", "--quiet", "--create", "other")
    before = scene.house.state()
    with pytest.raises(InputError, match="the release is of the branch main, and other is checked out") as caught:
        scene.go_on(journal)
    assert "`git switch main`, then --resume" in caught.value.hint
    assert scene.house.state() == before
    scene.house.git("switch", "--quiet", "main")
    scene.resume()


@pytest.mark.parametrize(
    "content", [b"something else", pytest.param(None, marks=pytest.mark.slow)], ids=["changed", "gone"]
)
def test_what_was_changed_after_it_was_built_is_not_published(scene: Scene, content: bytes | None) -> None:
    scene.index.refuses = 1
    with pytest.raises(Exception, match="503"):
        scene.go_on(scene.begin())
    journal = Journal.open(scene.house.root)
    wheel = journal.dist("pets-core") / "pets_core-1.1.0-py3-none-any.whl"
    wheel.unlink() if content is None else wheel.write_bytes(content)
    with pytest.raises(ReleaseError, match=r"whl is (changed|gone) since it was built"):
        scene.resume()
    assert scene.index.files == {}


def test_a_tag_says_what_the_changelog_says(scene: Scene) -> None:
    text = "x" * 150_000  # more than fits into an argument of a program
    scene.house.commit({"packages/pets-core/changes/long.fixed.md": text})
    scene.go_on(scene.begin())
    said = scene.house.git("tag", "--list", "--format=%(contents)", "pets-core-v1.1.0")
    assert said.startswith("pets-core 1.1.0\n\n## 1.1.0 (2026-11-22)\n\n### Added\n")
    assert text in said


# --- the journal ---


def test_a_release_that_cannot_be_written_down_is_not_begun(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        scene.begin()
    monkeypatch.undo()
    assert scene.house.state()["status"] == ""
    with pytest.raises(InputError, match="no release is under way here"):
        Journal.open(scene.house.root)


def test_there_is_one_release_at_a_time(scene: Scene) -> None:
    journal = scene.begin()
    with pytest.raises(InputError, match=r"a release is under way already: pets-core 1\.1\.0, pets-client 1\.0\.1"):
        Journal.begin(scene.house.root, journal.plan)


def test_a_journal_keeps_the_plan(scene: Scene) -> None:
    assert scene.begin().plan == Journal.open(scene.house.root).plan


@pytest.mark.parametrize("text", ["", "{}", '{"format": 99}', '{"format": 1, "plan": {}, "done": {}, "begun": []}'])
def test_a_journal_that_cannot_be_read_says_so(scene: Scene, text: str) -> None:
    journal = scene.begin()
    (journal.folder / "journal.json").write_text(text)
    with pytest.raises(InputError, match="cannot read the journal") as caught:
        Journal.open(scene.house.root)
    assert "take the folder away" in caught.value.hint


def test_two_do_not_work_on_one_release(scene: Scene) -> None:
    journal = scene.begin()
    with journal.held(), pytest.raises(InputError, match="another process is at work on the release of pets-core"):
        scene.resume()


def test_a_workspace_may_lie_below_the_top_of_its_repository(house: House, index: UploadIndex) -> None:
    shutil.rmtree(house.root / ".git")
    outer = House(house.root.parent / "outer")
    house.root.rename(outer.root)
    inner = House(outer.root / "python")
    for path in list(outer.root.iterdir()):
        inner.root.mkdir(exist_ok=True)
        path.rename(inner.root / path.name)
    outer.git("init", "--quiet", "--initial-branch", "main")
    first = outer.commit({"README.md": "A service, and below `python` its packages."})
    entry = f'[[release]]\npackage = "pets-core"\nversion = "1.0.0"\ncommit = "{first}"\n'
    inner.commit({**CHANGES, "releases.toml": entry})
    scene = Scene(inner, index)
    planned = inner.plan(packages=("pets-core",), target=Target(publish_url=index.publish_url, index=index.url))
    assert planned.plan is not None, planned.findings
    folder = carry_out(outer.root, Journal.begin(outer.root, planned.plan), build=quick_build, send=send)
    assert folder.parent == outer.root / ".clientsmith" / "release"
    assert 'version = "1.1.0"' in inner.text("releases.toml")
    assert scene.end(folder)["status"] == ""
    assert not (outer.root / "releases.toml").exists()
