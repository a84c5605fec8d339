"""Fixed secrets: what cannot work is refused, nothing shows or pickles a secret, all are replaced in place."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from clientsmith.core.credentials import (
    AccessToken,
    BasicCredential,
    KeyCredential,
    NamedKeyCredential,
    SasCredential,
)

CREDENTIALS = [
    KeyCredential("SECRET"),
    NamedKeyCredential("me", "SECRET"),
    SasCredential("sv=1&sig=SECRET"),
    BasicCredential("me", "SECRET"),
]
each_kind = pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda credential: type(credential).__name__)


@pytest.mark.parametrize(
    "shown",
    [*CREDENTIALS, AccessToken("SECRET", 1.0), NamedKeyCredential("me", "SECRET").named_key],
    ids=lambda shown: type(shown).__name__,
)
def test_no_repr_shows_a_secret(shown: object) -> None:
    """Credentials end up in logs and tracebacks."""
    assert "SECRET" not in f"{shown!r} {shown} {[shown]}"


@each_kind
def test_a_copy_is_the_same_object(credential: object) -> None:
    """So that whoever copied his settings hears of an update too."""
    assert copy.copy(credential) is credential
    assert copy.deepcopy({"a": [credential]})["a"][0] is credential


@each_kind
def test_a_credential_is_not_pickled(credential: object) -> None:
    """Its secret would lie in a queue or a file, and the copy would not follow updates."""
    kind = type(credential).__name__
    with pytest.raises(
        TypeError, match=f"a {kind} is not pickled.*hand the secret over, and make a {kind} of it there"
    ):
        pickle.dumps(credential)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: KeyCredential(""), "the key is empty", id="no key"),
        pytest.param(lambda: BasicCredential("", "x"), "the user name is empty", id="no user"),
        pytest.param(lambda: BasicCredential("a:b", "x"), "contains a colon", id="colon"),
        pytest.param(
            lambda: BasicCredential("a", "x\udcff"), "the password was not read in the encoding", id="no UTF-8"
        ),
        pytest.param(lambda: NamedKeyCredential("", "x"), "the name is empty", id="no name"),
        pytest.param(lambda: NamedKeyCredential("x", ""), "the key is empty", id="no named key"),
        pytest.param(lambda: SasCredential("?"), "the signature is empty", id="no signature"),
        pytest.param(lambda: SasCredential("SECRET"), "not the query of a URL", id="no field"),
        pytest.param(lambda: SasCredential("sig=SEC RET"), "not the query of a URL", id="space"),
        pytest.param(lambda: SasCredential("sig=SECRET#x"), "not the query of a URL", id="fragment"),
        pytest.param(lambda: SasCredential("sig=SECRET\r\nX: y"), "not the query of a URL", id="line break"),
        pytest.param(lambda: SasCredential("sig=SECRET%2"), "not the query of a URL", id="half an escape"),
    ],
)
def test_a_credential_that_cannot_work_is_refused(make: Any, message: str) -> None:
    """Before anything is sent, and without showing what was given."""
    with pytest.raises(ValueError, match=message) as caught:
        make()
    assert "SEC" not in str(caught.value)


def test_a_failed_update_changes_nothing() -> None:
    """The old secret goes on."""
    credential = SasCredential("?sv=1&sig=a")
    with pytest.raises(ValueError, match="not the query of a URL"):
        credential.update("sig=a b")
    assert (credential.signature, credential.names) == ("sv=1&sig=a", {"sv", "sig"})


def test_name_and_key_change_together() -> None:
    """Who signs reads both at once."""
    credential = NamedKeyCredential("one", "1")
    credential.update("two", "2")
    assert credential.named_key == ("two", "2")
    assert (credential.named_key.name, credential.named_key.key) == ("two", "2")


def test_user_name_and_password_change_together() -> None:
    """So that no request carries the one of yesterday with the other of today."""
    credential = BasicCredential("one", "1")
    credential.update("two", "2")
    assert credential.pair == (credential.username, credential.password) == ("two", "2")


def test_a_signature_remembers_the_names_of_those_before_it() -> None:
    """A next link made under an older one may repeat a field that the newer one does not have."""
    credential = SasCredential("sv=1&s%74=then&sig=a")
    credential.update("sv=2&sig=b")
    assert credential.names == {"sv", "st", "sig"}


@pytest.mark.parametrize("wrong", [b"SECRET", 12, ["SECRET"]], ids=["bytes", "a number", "a list"])
@pytest.mark.parametrize(
    "make",
    [KeyCredential, lambda wrong: BasicCredential("me", wrong), lambda wrong: NamedKeyCredential("me", wrong)],
    ids=["key", "basic", "named"],
)
def test_a_secret_of_the_wrong_type_is_told_at_once(make: Any, wrong: Any) -> None:
    """Not by the first call, and without showing it."""
    with pytest.raises(TypeError, match=r"the (key|password) is a (bytes|int|list); it has to be a string") as caught:
        make(wrong)
    assert "SECRET" not in str(caught.value)


def test_a_password_that_is_not_set_is_told_at_once() -> None:
    """`os.environ.get` gives None."""
    with pytest.raises(TypeError, match="the password is a NoneType"):
        BasicCredential("me", None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("username", "password"), [("me", "SECRET\n"), ("m\te", "SECRET"), ("me", "SEC\x7fRET")])
def test_basic_authentication_carries_no_control_characters(username: str, password: str) -> None:
    """RFC 7617, section 2. A password out of a file often ends with a line break, and then just does not work."""
    with pytest.raises(ValueError, match="contains a control character, a line break for example; remove it") as caught:
        BasicCredential(username, password)
    assert "SEC" not in str(caught.value)
