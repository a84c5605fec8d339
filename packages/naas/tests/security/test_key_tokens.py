"""The text of an API key: its id is in it, and a typing mistake shows without a look into the store."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from naas.security.key_tokens import key_id_of, looks_like_key, new_key_id, new_token


def test_a_token_carries_its_key_id_and_256_bits() -> None:
    key_id = new_key_id()
    token = new_token(key_id)
    assert re.fullmatch(r"k-[0-9a-f]{12}", key_id)
    # What a scanner for leaked secrets would look for.
    assert re.fullmatch(rf"naas_{key_id}_[0-9A-Za-z]{{49}}", token)
    assert key_id_of(token) == key_id
    assert looks_like_key(token)


def test_two_tokens_of_one_key_differ() -> None:
    assert new_token("k-000000000000") != new_token("k-000000000000")


@given(st.integers(0, 68), st.characters(codec="ascii"))
def test_one_wrong_character_is_noticed(position: int, character: str) -> None:
    token = new_token("k-0123456789ab")
    assert len(token) == 69
    changed = token[:position] + character + token[position + 1 :]
    assert key_id_of(changed) == ("k-0123456789ab" if changed == token else None)


@given(st.text(max_size=80))
def test_other_texts_are_no_key(text: str) -> None:
    assert key_id_of(text) is None
    assert key_id_of(f"naas_{text}") is None
