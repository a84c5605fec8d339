"""What an operator does to the store: back up, restore, upgrade, change the master key.

A backup is one file: a SQLite database that is a copy of ours at one moment, made while the service runs (SQLite's
online backup). It says of itself when and by which version it was made; the master key is in it only if asked for,
since who has both can read the device logins. A restore never destroys: what it replaces stays beside it. Nor does it
change a device a second time: what waited in the backup has most likely run since. PostgreSQL has tools of its own for
both, and they are better.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from naas import __version__
from naas.errors import StartError, VaultError

if TYPE_CHECKING:
    from collections.abc import Generator

    from naas.config import Settings

__all__ = ["Backup", "Form", "Restored", "Rotation", "back_up", "form_of", "restore", "rotate_keys", "upgrade"]

log = logging.getLogger("naas.maintenance")

# The table of a backup that its original does not have.
_LABEL: Final = "naas_backup"
# Pages that are copied at a time, four megabytes: between two steps the service may write.
_PAGES_A_STEP: Final = 1024


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself."""

    made_at: str
    version: str
    jobs: int
    has_key: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; ``kept`` is where the database that was there before is now, ``given_up`` how many waiting
    jobs that could change a device were ended, for a person to look at."""

    backup: Backup
    kept: Path | None
    key_was_added: bool
    given_up: int = 0


def back_up(settings: Settings, target: Path, *, with_key: bool = False, now: datetime | None = None) -> Backup:
    """Copy the database into one file, whole or not at all, also while the service runs.

    Raises:
        StartError: There is no such database, the file exists or cannot be written, or the copy is damaged.
    """
    database = _sqlite_file(settings)
    if not database.is_file():
        raise StartError(f"there is no database {database}; name it with --database")
    if target.exists():
        raise StartError(f"{target} exists, and a backup overwrites nothing; name another file")
    key = _key_to_keep(settings) if with_key else None
    made_at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    with _whole_or_not_at_all(target) as draft:
        try:
            _copy(database, draft)
            backup = _label(draft, made_at, key)
            _check(draft)
        except sqlite3.Error as exc:
            raise StartError(f"cannot back up {database}: {exc}") from exc
    return backup


def restore(settings: Settings, source: Path, *, force: bool = False, now: datetime | None = None) -> Restored:
    """Put a backup in the place of the database, which ``force`` moves away. The service must not run.

    Raises:
        StartError: It is no backup or damaged, the database is in use, or it exists and ``force`` is not given.
    """
    from naas.store.sql.sqlite import SqliteDatabase

    database = _sqlite_file(settings)
    existed = database.exists() and database.stat().st_size > 0
    if existed and not force:
        raise StartError(f"{database} exists; give --force to move it away and put the backup in its place")
    backup, key = _read_label(source)
    _refuse_newer(source, backup)
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    kept = database.with_name(f"{database.name}.before-restore-{moment}")
    with contextlib.closing(SqliteDatabase(database)):  # nobody else may have it
        with _whole_or_not_at_all(database, replace=True) as draft:
            try:
                _copy(source, draft)
                _unlabel(draft)
                given_up = _give_up_waiting_changes(draft, backup, now or datetime.now(UTC))
                _check(draft)
            except sqlite3.Error as exc:
                raise StartError(f"cannot restore {source}: {exc}") from exc
            _clear(database, kept if existed else None)
        added = key is not None and _add_key(settings.key_file, key)
    return Restored(backup, kept if existed else None, added, given_up)


def _refuse_newer(source: Path, backup: Backup) -> None:
    from naas.store import migrations

    form = migrations.current(source)
    if form is not None and form > migrations.head():  # forms are numbered, with zeros in front
        raise StartError(
            f"{source} was made by version {backup.version}, whose store has the newer form {form} (this version knows "
            f"{migrations.head()}); restore it with that version"
        )


def _clear(database: Path, kept: Path | None) -> None:
    """Make room: move the database away, or only its log if it is gone itself."""
    # With its log, which holds what the file does not yet: that belongs to it, and must not be read into what takes its
    # place. Moved and not copied, since a database is restored because it is damaged.
    for ending in ("-wal", "-shm", ""):
        file = database.with_name(database.name + ending)
        with contextlib.suppress(FileNotFoundError):
            if kept is None:
                file.unlink()
            else:
                file.rename(kept.with_name(kept.name + ending))


def _sqlite_file(settings: Settings) -> Path:
    """Return the file of the store, the one that ``store_url`` names."""
    scheme, _, path = settings.store_url.partition(":///")
    if scheme != "sqlite" or not path:
        raise StartError(
            "backup and restore are for SQLite; with PostgreSQL use its own tools: pg_dump -Fc, pg_restore"
        )
    return Path(path)


def _copy(source: Path, target: Path) -> None:
    # Read-only by URI: opening a database must not make one.
    with (
        contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as origin,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        origin.backup(copy, pages=_PAGES_A_STEP)
        # One file, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _label(draft: Path, made_at: str, key: str | None) -> Backup:
    with contextlib.closing(sqlite3.connect(draft)) as copy, copy:
        jobs: int = copy.execute("SELECT count(*) FROM jobs").fetchone()[0]
        copy.execute(f"CREATE TABLE {_LABEL} (made_at TEXT, version TEXT, jobs INTEGER, key TEXT) STRICT")
        copy.execute(f"INSERT INTO {_LABEL} VALUES (?, ?, ?, ?)", (made_at, __version__, jobs, key))
    return Backup(made_at, __version__, jobs, key is not None)


def _read_label(source: Path) -> tuple[Backup, str | None]:
    if not source.is_file():
        raise StartError(f"there is no file {source}")
    try:
        with contextlib.closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as backup:
            row = backup.execute(f"SELECT made_at, version, jobs, key FROM {_LABEL}").fetchone()
        _check(source)
    except sqlite3.Error as exc:
        raise StartError(f"{source} is not a backup made by naas-server: {exc}") from exc
    made_at, version, jobs, key = row
    return Backup(made_at, version, jobs, key is not None), key


def _unlabel(draft: Path) -> None:
    with contextlib.closing(sqlite3.connect(draft)) as copy:
        # The key that may be in it must not stay in a free page.
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute(f"DROP TABLE {_LABEL}")
        copy.commit()


def _give_up_waiting_changes(draft: Path, backup: Backup, now: datetime) -> int:
    """End the jobs that waited and may not run twice, as the service does with those whose worker was lost."""
    from naas.jobs import JobState, is_repeatable
    from naas.store.sql.job_rows import WITHOUT_OUTCOME, job_from_row

    columns = ", ".join(column.name for column in WITHOUT_OUTCOME)
    error = (
        f"the database was restored from a backup of {backup.made_at}, in which this job waited; it may have run "
        "since: look at the device, then submit what is missing as a new job"
    )
    with contextlib.closing(sqlite3.connect(draft)) as copy, copy:
        if not copy.execute("SELECT 1 FROM pragma_table_info('jobs') WHERE name = 'body'").fetchone():
            return 0  # the first form of the store, which no backup was ever made of
        waiting = copy.execute(
            f"SELECT {columns} FROM jobs WHERE state IN (?, ?)", (JobState.QUEUED.value, JobState.DEFERRED.value)
        ).fetchall()
        given_up = [job for job in map(job_from_row, waiting) if not is_repeatable(job.work)]
        for job in given_up:
            copy.execute(
                "UPDATE jobs SET state = ?, moved_from = state, ended_at = ?, needs_review = 1, "
                "error_code = 'UNKNOWN', error = ?, sealed_login = NULL WHERE id = ?",
                (JobState.FAILED.value, now.timestamp(), error, job.id),
            )
            for state, step in ((job.state, -1), (JobState.FAILED, 1)):
                copy.execute(
                    "INSERT INTO job_counts (owner, state, shard, jobs) VALUES (?, ?, 0, ?) "
                    "ON CONFLICT (owner, state, shard) DO UPDATE SET jobs = jobs + excluded.jobs",
                    (job.owner, state.value, step),
                )
    return len(given_up)


def _check(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as opened:
        found = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise StartError(f"{database} is damaged: {found}")


@contextlib.contextmanager
def _whole_or_not_at_all(target: Path, *, replace: bool = False) -> Generator[Path]:
    """Give a file beside the target to write; at the end it is on disk under the target's name, or gone."""
    try:
        # Mode 0600 from the first moment.
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
    except OSError as exc:
        raise StartError(f"cannot write {target}: {exc.strerror}") from exc
    draft = Path(name)
    try:
        yield draft
        os.fsync(handle)
        if replace:
            draft.rename(target)
        else:
            os.link(draft, target)  # fails if somebody made the target meanwhile
            draft.unlink()
        _sync_folder(target.parent)
    except BaseException as exc:
        draft.unlink(missing_ok=True)
        if isinstance(exc, OSError):
            raise StartError(f"cannot write {target}: {exc.strerror}") from exc
        raise
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _key_to_keep(settings: Settings) -> str:
    if settings.encryption_key is not None:
        raise StartError("the master key comes from NAAS_ENCRYPTION_KEY; keep it where it is, without --with-key")
    try:
        return settings.key_file.read_text(encoding="ascii").strip()
    except OSError as exc:
        raise StartError(f"cannot read the key file {settings.key_file}: {exc.strerror}") from exc


def _add_key(key_file: Path, text: str) -> bool:
    """Put the keys of a backup behind those that are there; return whether any was new."""
    present = key_file.read_text(encoding="ascii").split() if key_file.exists() else []
    # Behind, so that the last one is again that with which the callers of these jobs were hashed (`naas.vault`).
    keys = [*(key for key in present if key not in text.split()), *text.split()]
    if keys == present:
        return False
    with _whole_or_not_at_all(key_file, replace=True) as draft:
        draft.write_text("\n".join(keys) + "\n", encoding="ascii")
    return True


@dataclass(frozen=True, slots=True)
class Form:
    """Which form the store has, and which this version needs; None: there is no store yet."""

    present: str | None
    needed: str

    @property
    def is_current(self) -> bool:
        """Whether nothing has to be done."""
        return self.present == self.needed


def form_of(settings: Settings) -> Form:
    """Return the form of the store.

    Raises:
        StartError: It cannot be reached.
    """
    from naas.store import migrations

    return Form(migrations.current(settings.store_url), migrations.head())


def upgrade(settings: Settings) -> None:
    """Bring the store to the form that this version needs.

    Raises:
        StartError: It is in use, cannot be reached, or was made by a newer version.
    """
    from naas.store import migrations

    migrations.upgrade(settings.store_url)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a change of the master key did: secrets that were sealed anew, and those that no key opens, left alone."""

    changed: int
    unreadable: int


def rotate_keys(settings: Settings) -> Rotation:
    """Seal every stored secret with the newest master key. May be broken off and done again. Outside of an event loop
    only.

    Raises:
        StartError: The store is in use or absent, or the keys cannot be used.
    """
    from naas.security import rotation
    from naas.vault import Vault, load_keys

    if settings.store_url.startswith("sqlite:") and not (database := _sqlite_file(settings)).is_file():
        raise StartError(f"there is no database {database}; name it with --database")
    try:
        vault = Vault(*load_keys(settings.encryption_key, settings.key_file))
    except VaultError as exc:
        raise StartError(str(exc)) from exc
    done = rotation.rotate_keys(settings.store_url, vault)
    for what in done.unreadable:
        log.warning("no key opens the %s", what)
    return Rotation(done.resealed, len(done.unreadable))
