"""A wrong master key is told when the service starts, before anything is done with it."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from naas.config import Settings
from naas.errors import StartError, VaultError
from naas.maintenance import rotate_keys
from naas.runtime import Runtime
from naas.security.key_check import SealedWord, require_same_key
from naas.store.sql import SqlStore
from naas.testing import ScriptedDriver
from naas.vault import Vault

OLD, NEW = bytes(32), bytes(range(32))


def settings_with(folder: Path, *keys: bytes) -> Settings:
    text = ",".join(base64.urlsafe_b64encode(key).decode() for key in keys)
    return Settings(database=folder / "naas.db", worker_threads=1, encryption_key=text)


def start(settings: Settings) -> None:
    async def run() -> None:
        async with Runtime(settings, ScriptedDriver):
            pass

    asyncio.run(run())


def test_another_key_is_refused_at_the_start_with_what_to_do(tmp_path: Path) -> None:
    start(settings_with(tmp_path, OLD))
    with pytest.raises(StartError) as caught:
        start(settings_with(tmp_path, NEW))
    message = str(caught.value)
    assert message.startswith(f"the database {tmp_path / 'naas.db'} was written with another master key")
    assert "put the old key back (NAAS_ENCRYPTION_KEY or the key file), behind the new one" in message
    assert "If it is lost, `naas-server keys rotate`" in message
    start(settings_with(tmp_path, OLD))


def test_a_key_is_changed_in_steps_and_none_can_be_left_out(tmp_path: Path) -> None:
    start(settings_with(tmp_path, OLD))
    start(settings_with(tmp_path, NEW, OLD))
    with pytest.raises(StartError, match="another master key"):
        start(settings_with(tmp_path, NEW))
    rotate_keys(settings_with(tmp_path, NEW, OLD))
    start(settings_with(tmp_path, NEW))
    with pytest.raises(StartError, match="another master key"):
        start(settings_with(tmp_path, OLD))


def test_whose_key_is_lost_can_go_on_with_another(tmp_path: Path) -> None:
    start(settings_with(tmp_path, OLD))
    rotate_keys(settings_with(tmp_path, NEW))
    start(settings_with(tmp_path, NEW))


async def test_services_that_start_at_once_agree(tmp_path: Path) -> None:
    """One of them writes the word, and each has to be able to open it."""
    store = SqlStore.open(tmp_path / "naas.db")
    asked = [require_same_key(store.records, Vault(key), str(store)) for key in (OLD, OLD, NEW)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    kept = await store.records.all(SealedWord)
    store.close()
    assert [type(answer) for answer in answers] == [type(None), type(None), VaultError]
    assert len(kept) == 1


def test_a_database_of_before_gets_its_word(tmp_path: Path) -> None:
    SqlStore.open(tmp_path / "naas.db").close()
    start(settings_with(tmp_path, NEW))
    with pytest.raises(StartError, match="another master key"):
        start(settings_with(tmp_path, OLD))
