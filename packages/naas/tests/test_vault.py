"""The vault: what is sealed opens for its own job only, and keys are guarded."""

from __future__ import annotations

import base64
import errno
import os
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.errors import VaultError
from naas.vault import JumpLogin, Login, Use, Vault, load_keys

KEY = bytes(range(32))


@given(st.text(), st.text(), st.none() | st.text())
def test_a_sealed_login_opens_again(username: str, password: str, enable: str | None) -> None:
    login = Login(username, password, enable)
    vault = Vault(KEY)
    assert vault.open("job-1", vault.seal("job-1", login)) == login


def test_a_sealed_login_shows_nothing_and_differs_every_time() -> None:
    """Equal passwords of two jobs cannot be recognised."""
    vault = Vault(KEY)
    first, second = (vault.seal("job-1", Login("admin", "hunter2")) for _ in range(2))
    assert b"hunter2" not in first
    assert first != second


@pytest.mark.parametrize(
    ("key", "job_id", "flip"),
    [
        pytest.param(bytes(32), "job-1", False, id="another key"),
        pytest.param(KEY, "job-2", False, id="another job"),
        pytest.param(KEY, "job-1", True, id="a flipped bit"),
    ],
)
def test_a_login_opens_only_with_its_key_and_its_job(key: bytes, job_id: str, flip: bool) -> None:
    sealed = bytearray(Vault(KEY).seal("job-1", Login("admin", "hunter2")))
    sealed[-1] ^= flip
    with pytest.raises(VaultError, match=f"login of job {job_id} cannot be decrypted"):
        Vault(key).open(job_id, bytes(sealed))


def test_a_login_may_hold_keys_and_a_way_through_a_bastion() -> None:
    jump = JumpLogin("bastion.example", 2222, "ann", password="hunter2", private_key="hunter2", passphrase="hunter2")
    login = Login("ann", "", private_key="hunter2", passphrase="hunter2", jump=jump)
    assert Vault(KEY).open("job-1", Vault(KEY).seal("job-1", login)) == login
    assert "hunter2" not in repr(login)


def test_a_login_that_an_earlier_version_sealed_still_opens() -> None:
    """It had three fields."""
    old = msgspec.msgpack.encode({"username": "ann", "password": "x", "enable": None})
    assert Vault(KEY).open("job-1", Vault(KEY).seal_bytes(Use.LOGIN, "job-1", old)) == Login("ann", "x")


@pytest.mark.parametrize("use", list(Use))
def test_what_is_sealed_for_one_use_opens_for_no_other(use: Use) -> None:
    """Else a webhook secret of one's own could be put in the place of somebody's login."""
    vault = Vault(KEY)
    sealed = vault.seal_text("id", "text", use)
    assert vault.open_text("id", sealed, use) == "text"
    for other in set(Use) - {use}:
        with pytest.raises(VaultError, match="id cannot be decrypted"):
            vault.open_text("id", sealed, other)


def test_resealing_changes_the_key_and_nothing_else() -> None:
    sealed = Vault(bytes(32)).seal_text("id", "text")
    both = Vault(KEY, bytes(32))
    assert not both.is_current(sealed)
    again = both.reseal(Use.WEBHOOK, "id", sealed)
    assert Vault(KEY).open_text("id", again) == "text"
    assert both.reseal(Use.WEBHOOK, "id", again) is again


def test_a_token_matches_its_hash_with_any_known_key() -> None:
    kept = Vault(bytes(32)).hash_token("token")
    both = Vault(KEY, bytes(32))
    assert both.token_matches("token", kept)
    assert not both.token_matches("Token", kept)
    assert not both.hash_is_current(kept)
    assert both.hash_is_current(both.hash_token("token"))
    assert not Vault(KEY).token_matches("token", kept)
    assert not both.token_matches("token", "")
    assert "token" not in kept


def test_an_older_key_still_opens_what_it_sealed() -> None:
    """The new key stands in front; with it alone, the old login is lost and says what to do."""
    sealed = Vault(bytes(32)).seal("job-1", Login("admin", "hunter2"))
    assert Vault(KEY, bytes(32)).open("job-1", sealed) == Login("admin", "hunter2")
    with pytest.raises(VaultError, match="put the old key back behind the new one"):
        Vault(KEY).open("job-1", sealed)


def test_the_newest_key_seals() -> None:
    sealed = Vault(KEY, bytes(32)).seal("job-1", Login("admin", "hunter2"))
    assert Vault(KEY).open("job-1", sealed).password == "hunter2"


def test_callers_keep_their_jobs_while_the_old_key_stays() -> None:
    assert Vault(KEY, bytes(32)).owner_of("ann", "x") == Vault(bytes(32)).owner_of("ann", "x")


@pytest.mark.parametrize("length", [0, 1, 4, 10, 20])
def test_a_sealed_login_that_was_cut_off_does_not_open(length: int) -> None:
    sealed = Vault(KEY).seal("job-1", Login("admin", "hunter2"))
    with pytest.raises(VaultError, match="cannot be decrypted"):
        Vault(KEY).open("job-1", sealed[:length])


def test_owners_are_told_apart_by_user_and_password() -> None:
    vault = Vault(KEY)
    owners = {vault.owner_of(*pair) for pair in [("ab", "c"), ("a", "bc"), ("ab", "d"), ("ab", "c")]}
    assert len(owners) == 3
    assert Vault(bytes(32)).owner_of("ab", "c") not in owners


def test_secrets_stay_out_of_repr() -> None:
    assert "hunter2" not in repr(Login("admin", "hunter2", "hunter2"))
    assert repr(Vault(KEY)) == "Vault(key=***)"


def test_a_missing_key_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """And the second start reads the same key."""
    file = tmp_path / "key"
    (key,) = load_keys(None, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_keys(None, file) == (key,)
    assert len(key) == 32


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    load_keys(None, file)
    file.chmod(0o644)
    with pytest.raises(VaultError, match=r"can be read by others \(mode 0644\); run: chmod 600"):
        load_keys(None, file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("c2hvcnQ=", "holds 5 bytes, it must hold 32", id="too short"),
        pytest.param("no base64", "is not URL-safe base64", id="not base64"),
        pytest.param("", "holds 0 bytes", id="empty"),
    ],
)
def test_an_unusable_key_is_refused_without_repeating_it(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(VaultError, match=message):
        load_keys(text, tmp_path / "key")


def test_the_environment_key_wins_over_the_file(tmp_path: Path) -> None:
    text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert load_keys(text, tmp_path / "key") == (KEY,)
    assert list(tmp_path.iterdir()) == []


def test_several_keys_stand_in_a_row(tmp_path: Path) -> None:
    """Separated by commas in the environment, one a line in the file."""
    one, two = (base64.urlsafe_b64encode(key).decode() for key in (KEY, bytes(32)))
    file = tmp_path / "key"
    file.touch(mode=0o600)
    file.write_text(f"{one}\n{two}\n")
    assert load_keys(f"{one}, {two}", tmp_path / "absent") == load_keys(None, file) == (KEY, bytes(32))


def test_a_failed_write_leaves_no_half_key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that died here would otherwise never start again."""

    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(VaultError, match=r"cannot write the key file .*: No space left on device"):
        load_keys(None, tmp_path / "key")
    assert list(tmp_path.iterdir()) == []
