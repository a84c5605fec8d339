"""Credentials: which kinds there are, where they are looked up, and where they go."""

from __future__ import annotations

import base64
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.core.credentials import AccessToken, BasicCredential, KeyCredential
from clientsmith.core.errors import ClientAuthenticationError, CredentialError, InsecureTransportError, UsageError
from clientsmith.core.testing import Answer
from simple_repository_client import KeyringCredential, NetrcCredential, SimpleRepositoryClient, api_token


class Tokens:
    """Gets access tokens."""

    def get_token(self, *scopes: str, claims: str | None = None) -> AccessToken:
        return AccessToken("TOKEN", 2**40)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def shown(client: Any) -> list[str | None]:
    return [sent.headers.get("Authorization") for sent in client.transport.sent]


@pytest.mark.parametrize(
    ("credential", "field"),
    [
        (None, None),
        (BasicCredential("me", "SECRET"), basic("me", "SECRET")),
        (api_token("pypi-abc"), basic("__token__", "pypi-abc")),
        (KeyCredential("abc"), "Bearer abc"),
        (Tokens(), "Bearer TOKEN"),
    ],
    ids=["none", "basic", "a token as __token__", "a token as bearer", "tokens that are got"],
)
def test_how_a_credential_is_shown(colour: Any, pages: Any, credential: Any, field: str | None) -> None:
    """In the way that indexes take it."""
    client = colour.client(pages.json(), credential=credential)
    colour.run(client.get_project("foo"))
    assert shown(client) == [field]


def test_an_empty_token_is_a_mistake() -> None:
    """An environment variable that is not set."""
    with pytest.raises(ValueError, match="the token is empty; pass the one that the index gave you"):
        api_token("")


def test_a_string_is_no_credential(colour: Any) -> None:
    """It would have to be guessed how to send it."""
    with pytest.raises(CredentialError, match="a str does not fit this service, which takes BasicCredential or"):
        colour.client(credential="pypi-abc")


# --- where it goes ---------------------------------------------------------------------------------------------------

ELSEWHERE = "https://files.test"
KINDS = {"basic": BasicCredential("me", "SECRET"), "a token": KeyCredential("SECRET"), "tokens that are got": Tokens()}


def ask_everything(colour: Any, client: Any, file: Any, folder: Path) -> None:
    """Ask for all there is at another origin."""
    colour.run(client.get_metadata(file))
    colour.run(client.get_provenance(file))
    colour.run(client.download(file, folder))


def everything(content: bytes) -> list[Answer]:
    return [
        Answer(content=b"Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n"),
        Answer(json={"version": 1, "attestation_bundles": []}),
        Answer(content=content),
    ]


@pytest.mark.parametrize("credential", KINDS.values(), ids=KINDS)
def test_another_origin_does_not_see_it(
    colour: Any, a_file: Any, content: bytes, tmp_path: Path, credential: Any
) -> None:
    """Files, their metadata and provenance, and where a redirect leads."""
    moved = Answer(302, headers={"Location": f"{ELSEWHERE}/foo"})
    client = colour.client(*everything(content), moved, Answer(404), credential=credential, page_origins=[ELSEWHERE])
    file = a_file(core_metadata=True, provenance=f"{ELSEWHERE}/p")
    ask_everything(colour, client, file, tmp_path)
    with pytest.raises(Exception, match="404"):
        colour.run(client.get_project("foo"))
    assert [field is not None for field in shown(client)] == [False, False, False, True, False]
    assert client.transport.sent[4].url.startswith(ELSEWHERE)


@pytest.mark.parametrize("credential", KINDS.values(), ids=KINDS)
def test_an_origin_that_is_named_sees_it(
    colour: Any, pages: Any, a_file: Any, content: bytes, tmp_path: Path, credential: Any
) -> None:
    """Beside the index's own; a third one still does not."""
    third = Answer(302, headers={"Location": "https://cdn.test/f"})
    client = colour.client(
        *everything(content)[:2], third, Answer(content=content), pages.json(),
        credential=credential, credential_origins=[ELSEWHERE],
    )  # fmt: skip
    file = a_file(core_metadata=True, provenance=f"{ELSEWHERE}/p")
    ask_everything(colour, client, file, tmp_path)
    colour.run(client.get_project("foo"))
    assert [field is not None for field in shown(client)] == [True, True, True, False, True]


def test_who_is_refused_elsewhere_is_told_of_it(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """The index's credential was not sent there, and that may be why."""
    client = colour.client(Answer(401), credential=BasicCredential("me", "SECRET"))
    with pytest.raises(
        ClientAuthenticationError, match="this is another origin than the index's; name it in `credential_origins`"
    ):
        colour.run(client.download(a_file(), tmp_path))


@pytest.mark.parametrize(
    ("origins", "error", "words"),
    [
        (["files.test"], UsageError, "credential_origins names one that is none: the URL is not absolute"),
        (ELSEWHERE, TypeError, "credential_origins is a str; it takes a collection of names"),
        (["http://files.test"], InsecureTransportError, "http://files.test is not encrypted"),
    ],
    ids=["no origin", "no list", "plain http"],
)
def test_origins_that_cannot_be(colour: Any, origins: Any, error: Any, words: str) -> None:
    """Told by the constructor; without a credential they mean nothing, so a program may always give them."""
    with pytest.raises(error, match=words):
        colour.client(credential=BasicCredential("a", "b"), credential_origins=origins)
    colour.client(credential_origins=[ELSEWHERE])


# --- netrc -----------------------------------------------------------------------------------------------------------


def netrc(folder: Path, text: str) -> NetrcCredential:
    path = folder / "netrc"
    path.write_text(text, "utf-8", errors="surrogateescape")
    return NetrcCredential(path)


def test_netrc_is_read_where_the_caller_asks(colour: Any, pages: Any, tmp_path: Path) -> None:
    """By the host; read once, and shown nowhere."""
    credential = netrc(tmp_path, "machine index.test login me password SECRET\nmachine other.test login x password y\n")
    client = colour.client(pages.json(), pages.json(), credential=credential)
    colour.run(client.get_project("foo"))
    (tmp_path / "netrc").unlink()
    colour.run(client.get_project("foo"))
    assert shown(client) == [basic("me", "SECRET")] * 2
    assert "SECRET" not in repr(credential)


def test_netrc_is_never_read_by_itself(
    colour: Any, pages: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants it says so."""
    (tmp_path / ".netrc").write_text("machine index.test login me password SECRET\n")
    monkeypatch.setenv("HOME", str(tmp_path)), monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    client = colour.client(pages.json())
    colour.run(client.get_project("foo"))
    assert shown(client) == [None]


def test_where_netrc_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the caller says, else where ``NETRC`` does, else at home."""
    monkeypatch.setenv("HOME", str(tmp_path)), monkeypatch.delenv("NETRC", raising=False)
    assert NetrcCredential().path == tmp_path / ".netrc"
    monkeypatch.setenv("NETRC", "/etc/netrc")
    assert NetrcCredential().path == Path("/etc/netrc")
    assert NetrcCredential("/other").path == Path("/other")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "machine other.test login me password SECRET\n",
            "has no entry for index.test; add one, or leave the credential out",
        ),
        ("default login me password SECRET\n", "has no entry for index.test"),
        ("machine index.test login me password SECRET foo\n", "is no netrc file: see line"),
        ("machine index.test password SECRET\n", "has no login; add one"),
        ("machine index.test login a:b password SECRET\n", "cannot be sent: the user name 'a:b' contains a colon"),
        ("machine index.test login me password SECRET\udcff\n", "is no netrc file: it is not text in UTF-8"),
        (None, "cannot be read (No such file or directory); name the netrc file"),
    ],
    ids=["another host", "only a default", "no netrc", "no login", "a colon", "no text", "no file"],
)
def test_what_netrc_does_not_have_is_told_and_nothing_is_sent(
    colour: Any, tmp_path: Path, text: str | None, words: str
) -> None:
    """Without a word of the file."""
    credential = NetrcCredential(tmp_path / "none") if text is None else netrc(tmp_path, text)
    client = colour.client(credential=credential)
    with pytest.raises(CredentialError) as caught:
        colour.run(client.get_project("foo"))
    assert words in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert client.transport.sent == []


def test_each_origin_that_is_named_is_looked_up_for_itself(
    colour: Any, pages: Any, a_file: Any, content: bytes, tmp_path: Path
) -> None:
    """A password for one host is none for another."""
    text = "machine index.test login me password ONE\nmachine files.test login you password TWO\n"
    client = colour.client(
        pages.json(), Answer(content=content), credential=netrc(tmp_path, text), credential_origins=[ELSEWHERE]
    )
    colour.run(client.get_project("foo")), colour.run(client.download(a_file(), tmp_path))
    assert shown(client) == [basic("me", "ONE"), basic("you", "TWO")]


def test_a_hook_that_leads_a_request_elsewhere_does_not_lead_the_password_there(
    colour: Any, pages: Any, tmp_path: Path
) -> None:
    """It is put on when all hooks have run."""

    def astray(request: Any) -> None:
        request.url = "https://evil.test/"

    client = colour.client(pages.json(), credential=netrc(tmp_path, "machine index.test login me password SECRET\n"))
    colour.run(client.get_project("foo", raw_request_hook=astray))
    assert (client.transport.sent[0].url, shown(client)) == ("https://evil.test/", [None])


# --- keyring ---------------------------------------------------------------------------------------------------------


class Keyring(ModuleType):
    """The keyring of a system, as the package `keyring` has it."""

    def __init__(self, **entries: tuple[str, str]) -> None:
        super().__init__("keyring")
        self.entries, self.asked = {name.replace("__", "."): pair for name, pair in entries.items()}, []
        self.threads: set[int] = set()
        self.errors = ModuleType("keyring.errors")
        self.errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]  # a module

    def get_credential(self, service: str, username: str | None) -> Any:
        self.asked.append((service, username))
        self.threads.add(threading.get_ident())
        found = self.entries.get(service.replace("https://", ""))
        if found == ("", ""):
            raise self.errors.KeyringError("locked")
        if found is None or username not in (None, found[0]):
            return None
        return type("Found", (), {"username": found[0], "password": found[1]})

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Keyring:
        monkeypatch.setitem(sys.modules, "keyring", self)
        monkeypatch.setitem(sys.modules, "keyring.errors", self.errors)
        return self


def test_the_keyring_is_asked_once_and_beside_the_loop(
    colour: Any, pages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the origin, then by the host; by the service, where the caller names one."""
    keyring = Keyring(index__test=("me", "SECRET"), work=("you", "OTHER")).install(monkeypatch)
    client = colour.client(pages.json(), pages.json(), credential=KeyringCredential())
    assert keyring.asked == []
    colour.run(client.get_project("foo")), colour.run(client.get_project("foo"))
    assert shown(client) == [basic("me", "SECRET")] * 2
    assert keyring.asked == [("https://index.test", None)]
    assert (keyring.threads == {threading.get_ident()}) is not colour.is_async
    client = colour.client(pages.json(), credential=KeyringCredential("work", "you"))
    colour.run(client.get_project("foo"))
    assert shown(client) == [basic("you", "OTHER")]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "the keyring has no password for 'https://index.test' or 'index.test'; store one with `keyring set"),
        ({"index__test": ("", "")}, "the keyring cannot be asked for 'https://index.test': locked"),
        (
            {"index__test": ("me", "SEC\nRET")},
            "the keyring's entry for 'https://index.test' cannot be sent: the password",
        ),
    ],
    ids=["nothing", "locked", "a line break"],
)
def test_what_the_keyring_does_not_have_is_told(
    colour: Any, monkeypatch: pytest.MonkeyPatch, entries: Any, words: str
) -> None:
    """And nothing is sent."""
    Keyring(**entries).install(monkeypatch)
    client = colour.client(credential=KeyringCredential())
    with pytest.raises(CredentialError, match=words):
        colour.run(client.get_project("foo"))
    assert client.transport.sent == []


def test_without_the_package_the_extra_is_named(colour: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else needs it."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(CredentialError, match=r"install simple-repository-client\[keyring\]"):
        colour.run(colour.client(credential=KeyringCredential()).get_project("foo"))


def test_the_real_keyring_has_what_we_ask_it_for() -> None:
    """The signature that the fake above has."""
    keyring = pytest.importorskip("keyring")
    found = keyring.get_credential.__code__
    assert found.co_varnames[: found.co_argcount] == ("service_name", "username")


def test_a_looked_up_password_does_not_travel_over_plain_http() -> None:
    """As any other."""
    with pytest.raises(InsecureTransportError):
        SimpleRepositoryClient("http://index.test/simple/", NetrcCredential())
