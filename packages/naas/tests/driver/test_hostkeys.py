"""Host keys: known, new, changed and revoked ones, in the forms that OpenSSH writes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from pathlib import Path

import paramiko
import pytest
from naas.driver.hostkeys import HostKeyRefused, KnownHosts, fingerprint_of
from naas.driver.options import HostKeyPolicy

KEY = paramiko.ECDSAKey.generate()
OTHER = paramiko.ECDSAKey.generate()


def line(names: str, key: paramiko.PKey = KEY, marker: str = "") -> str:
    return f"{marker}{names} {key.get_name()} {key.get_base64()}"


def hashed(name: str) -> str:
    salt = b"0123456789abcdef0123"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "known_hosts"


@pytest.mark.parametrize(
    ("names", "host", "port"),
    [
        ("sw1", "sw1", 22),
        ("sw1", "SW1", 22),
        ("sw0,sw1,192.0.2.1", "192.0.2.1", 22),
        ("[sw1]:2222", "sw1", 2222),
        ("sw?.example", "sw7.example", 22),
        ("[*.example]:2222", "a.example", 2222),
        (hashed("sw1"), "sw1", 22),
        (hashed("[sw1]:2222"), "sw1", 2222),
    ],
)
def test_a_known_key_is_accepted(path: Path, names: str, host: str, port: int) -> None:
    path.write_text(f"# a comment\n\nnonsense\n{line(names)} remark\n")
    KnownHosts(HostKeyPolicy.STRICT, path).check(host, port, KEY)


@pytest.mark.parametrize(
    ("names", "host", "port"),
    [
        ("sw1", "sw2", 22),
        ("sw1", "sw1", 2222),
        ("[sw1]:2222", "sw1", 22),
        ("*.example,!a.example", "a.example", 22),
        (hashed("sw1"), "sw2", 22),
        ("|1|damaged", "sw1", 22),
    ],
)
def test_another_place_is_not_known(path: Path, names: str, host: str, port: int) -> None:
    path.write_text(line(names) + "\n")
    with pytest.raises(HostKeyRefused, match="is not in"):
        KnownHosts(HostKeyPolicy.STRICT, path).check(host, port, KEY)


def test_an_unknown_host_is_told_with_its_fingerprint_and_the_line_to_add(path: Path) -> None:
    with pytest.raises(HostKeyRefused) as caught:
        KnownHosts(HostKeyPolicy.STRICT, path).check("sw1", 2222, KEY)
    assert caught.value.reason == f"the host key ecdsa-sha2-nistp256 {fingerprint_of(KEY.asbytes())} is not in {path}"
    assert "add `[sw1]:2222 ecdsa-sha2-nistp256 ...` there (ssh-keyscan prints the line)" in caught.value.advice
    assert not path.exists()


def test_the_fingerprint_is_the_one_that_people_compare() -> None:
    """As `ssh-keygen -l` prints it."""
    assert fingerprint_of(KEY.asbytes()) == KEY.fingerprint  # Paramiko's own


@pytest.mark.parametrize("before", ["", "# mine, without a line end"], ids=["new file", "unfinished line"])
def test_a_new_host_is_remembered(path: Path, before: str) -> None:
    if before:
        path.write_text(before)
    hosts = KnownHosts(HostKeyPolicy.ACCEPT_NEW, path)
    hosts.check("sw1", 2222, KEY)
    hosts.check("sw1", 2222, KEY)
    assert path.read_text() == (before and f"{before}\n") + line("[sw1]:2222") + "\n"
    assert before or path.stat().st_mode & 0o077 == 0
    KnownHosts(HostKeyPolicy.STRICT, path).check("sw1", 2222, KEY)


@pytest.mark.parametrize("policy", [HostKeyPolicy.ACCEPT_NEW, HostKeyPolicy.STRICT])
def test_a_changed_key_is_refused_with_both_fingerprints(path: Path, policy: HostKeyPolicy) -> None:
    path.write_text(f"# first\n{line('sw1', OTHER)}\n")
    with pytest.raises(HostKeyRefused) as caught:
        KnownHosts(policy, path).check("sw1", 22, KEY)
    said = str(caught.value)
    assert fingerprint_of(KEY.asbytes()) in said
    assert fingerprint_of(OTHER.asbytes()) in said
    assert f"{path}, line 2" in said
    assert "trying again will not help: if the device was replaced, remove that line" in said


def test_a_key_of_another_kind_is_no_new_host(path: Path) -> None:
    """Whoever sits in between could simply offer a kind that the file does not have."""
    path.write_text(line("sw1", paramiko.RSAKey.generate(2048)) + "\n")
    with pytest.raises(HostKeyRefused, match="the host key has changed"):
        KnownHosts(HostKeyPolicy.ACCEPT_NEW, path).check("sw1", 22, KEY)


def test_a_second_known_key_is_as_good_as_the_first(path: Path) -> None:
    path.write_text(f"{line('sw1', OTHER)}\n{line('sw1')}\n")
    KnownHosts(HostKeyPolicy.STRICT, path).check("sw1", 22, KEY)


def test_a_revoked_key_is_refused(path: Path) -> None:
    path.write_text(f"{line('sw1')}\n{line('*', marker='@revoked ')}\n")
    with pytest.raises(HostKeyRefused, match=r"is revoked in .*, line 2; do not trust this device"):
        KnownHosts(HostKeyPolicy.ACCEPT_NEW, path).check("sw1", 22, KEY)


def test_a_certificate_authority_is_passed_over(path: Path) -> None:
    path.write_text(line("sw1", OTHER, marker="@cert-authority ") + "\n")
    KnownHosts(HostKeyPolicy.ACCEPT_NEW, path).check("sw1", 22, KEY)


def test_the_file_is_read_again_when_it_has_changed(path: Path) -> None:
    hosts = KnownHosts(HostKeyPolicy.STRICT, path)
    with pytest.raises(HostKeyRefused):
        hosts.check("sw1", 22, KEY)
    path.write_text(line("sw1") + "\n")
    hosts.check("sw1", 22, KEY)


def test_what_others_add_is_seen_and_what_we_add_is_numbered_rightly(path: Path) -> None:
    path.write_text("# one\n# two\n")
    hosts = KnownHosts(HostKeyPolicy.ACCEPT_NEW, path)
    hosts.check("sw1", 22, KEY)
    with path.open("a") as file:
        file.write(line("sw2") + "\n")
    hosts.check("sw3", 22, KEY)
    hosts.check("sw2", 22, KEY)
    for name, number in (("sw1", 3), ("sw2", 4), ("sw3", 5)):
        with pytest.raises(HostKeyRefused, match=f"line {number}, has"):
            hosts.check(name, 22, OTHER)


def test_two_processes_that_meet_a_host_at_once_remember_it_once(path: Path) -> None:
    first, second = KnownHosts(HostKeyPolicy.ACCEPT_NEW, path), KnownHosts(HostKeyPolicy.ACCEPT_NEW, path)
    first.check("sw1", 22, KEY)
    second.check("sw1", 22, KEY)
    with pytest.raises(HostKeyRefused, match="the host key has changed"):
        second.check("sw1", 22, OTHER)
    assert path.read_text().count("sw1") == 1


def test_many_new_hosts_cost_little_each(path: Path) -> None:
    """Two thousand devices, met one after the other; reading the file again for each took minutes."""
    hosts = KnownHosts(HostKeyPolicy.ACCEPT_NEW, path)
    started = time.perf_counter()
    for number in range(2000):
        hosts.key_types(f"sw{number}", 22)
        hosts.check(f"sw{number}", 22, KEY)
    assert time.perf_counter() - started < 5
    assert len(path.read_text().splitlines()) == 2000


def test_a_file_that_cannot_be_used_is_named(path: Path) -> None:
    path.mkdir()
    with pytest.raises(HostKeyRefused, match=r"known_hosts cannot be used \(Is a directory\); make it readable"):
        KnownHosts(HostKeyPolicy.ACCEPT_NEW, path).check("sw1", 22, KEY)


def test_a_server_is_asked_for_the_kind_of_key_that_is_known(path: Path) -> None:
    path.write_text(f"{line('sw1')}\n{line('sw1', OTHER)}\n{line('sw2')}\n")
    hosts = KnownHosts(HostKeyPolicy.STRICT, path)
    assert hosts.key_types("sw1", 22) == ("ecdsa-sha2-nistp256",)
    assert hosts.key_types("sw3", 22) == ()


def test_nothing_is_asked_where_keys_are_ignored(path: Path) -> None:
    path.write_text(line("sw1", OTHER))
    KnownHosts(HostKeyPolicy.IGNORE, None).check("sw1", 22, KEY)
