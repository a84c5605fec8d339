"""What each kind of setting reads, from text and from TOML values, and what it says about the rest."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.config.kinds import Choice, File, Kind, Names, Number, Pairs, Seconds, Secret, Switch, Text, Unusable, Url

ENGINE = Url(("nats", "tls"), ("embedded",))


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        pytest.param(Switch(), " Yes ", True, id="a word for on"),
        pytest.param(Switch(), "0", False, id="a digit for off"),
        pytest.param(Switch(), True, True, id="a TOML boolean"),
        pytest.param(Number(), " 12 ", 12, id="digits"),
        pytest.param(Number(), 12.0, 12, id="a fraction that is none"),
        pytest.param(Number(whole=False), "1.5", 1.5, id="a fraction"),
        pytest.param(Seconds(), "15m", 900, id="minutes"),
        pytest.param(Seconds(), "7d", 604_800, id="days"),
        pytest.param(Seconds(), "1.5h", 5400, id="a fraction that is whole in seconds"),
        pytest.param(Seconds(whole=False), "0.5", 0.5, id="half a second"),
        pytest.param(Seconds(), 90, 90, id="a TOML number"),
        pytest.param(Choice(("debug", "info")), "DEBUG", "debug", id="capitals do not matter"),
        pytest.param(Text(), "  padded ", "padded", id="white space goes"),
        pytest.param(Text(), "  ", None, id="empty text is not set"),
        pytest.param(Secret(), "s3cret\n", "s3cret", id="the line end of a secret's file goes"),
        pytest.param(ENGINE, "embedded", "embedded", id="a word in place of a URL"),
        pytest.param(ENGINE, "nats://a,nats://b", "nats://a,nats://b", id="a URL"),
        pytest.param(File(), "/etc/naas.toml", Path("/etc/naas.toml"), id="a path"),
        pytest.param(File(), "", None, id="no path"),
        pytest.param(Names(), "a, b ,,a", ("a", "b"), id="words with commas, doubles dropped"),
        pytest.param(Names(), ["b", "a"], ("b", "a"), id="a TOML list keeps its order"),
        pytest.param(Pairs(), "ops=operator, cn=x=admin", {"ops": "operator", "cn=x": "admin"}, id="pairs"),
        pytest.param(Pairs(), {"ops": "operator"}, {"ops": "operator"}, id="a TOML table"),
    ],
)
def test_what_a_kind_reads(kind: Kind, raw: object, value: object) -> None:
    assert kind.read(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw", "complaint"),
    [
        pytest.param(Switch(), "maybe", "is 'maybe'; write true or false", id="no switch"),
        pytest.param(Switch(), 1, "is 1; write true or false", id="a number is no switch"),
        pytest.param(Number(), "1.5", "is '1.5'; write a whole number", id="a fraction"),
        pytest.param(Number(), True, "is True; write a whole number", id="a boolean is no number"),
        pytest.param(Number(1, 9), "10", "cannot be used: 10 is not in the range 1 to 9", id="too large"),
        pytest.param(Number(1), "0", "cannot be used: 0 is not in the range 1 or more", id="too small"),
        pytest.param(Number(whole=False), "nan", "cannot be used: nan is not in the range 0 or more", id="no number"),
        pytest.param(Number(whole=False), "inf", "cannot be used: inf is not in the range 0 or more", id="no end"),
        pytest.param(Seconds(), "5 weeks", "is '5 weeks'; write seconds, or a number with a unit", id="unit"),
        pytest.param(Seconds(), "0.5", "is '0.5'; write whole seconds", id="half a second"),
        pytest.param(Choice(("a", "b")), "c", "is 'c'; write one of a, b", id="no choice"),
        pytest.param(Text(), 5, "is 5; write text in quotes", id="a number is no text"),
        pytest.param(Text("word", r"\w+"), "two words", "is 'two words'; write word", id="pattern"),
        pytest.param(ENGINE, "amqp://x", "is 'amqp://x'; write embedded or nats://… or tls://…", id="scheme"),
        pytest.param(ENGINE, "amqp://u:pw@x", "is 'amqp://u:***@x'; write embedded", id="a password is not repeated"),
        pytest.param(File(), "~nobody-at-all/x", "is '~nobody-at-all/x', but this machine knows no", id="no such user"),
        pytest.param(Names(at_least=1), "", "is empty; write name,name", id="too few"),
        pytest.param(Names(), "a b", "holds 'a b', which cannot be used", id="no word"),
        pytest.param(Names(), [1], "holds 1, which cannot be used", id="a number is no word"),
        pytest.param(Pairs(), "ops", "holds 'ops', which is not of the form name=word", id="no pair"),
        pytest.param(Pairs(among=("admin",)), "a=root", "gives 'a' the value 'root'; write one of admin", id="no role"),
    ],
)
def test_what_a_kind_refuses(kind: Kind, raw: object, complaint: str) -> None:
    with pytest.raises(Unusable) as caught:
        kind.read(raw)
    assert str(caught.value).startswith(complaint)


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(Unusable, match="is not text") as caught:
        Secret().read(["hunter2"])
    assert "hunter2" not in str(caught.value)
    assert Secret().show("hunter2") == "***"
    assert Secret().show(None) == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:hunter2@db/naas", "postgresql://ann:***@db/naas"),
        ("postgresql://ann@db/naas", "postgresql://ann@db/naas"),
        ("postgresql://db/naas?password=hunter2&sslmode=require", "postgresql://db/naas?password=***&sslmode=require"),
        ("postgresql://ann:hun@ter2@db/naas", "postgresql://ann:***@db/naas"),
        ("nats://hunter2@nats:4222", "nats://***@nats:4222"),
        ("nats://nats:4222", "nats://nats:4222"),
        ("sqlite:///naas.db", "sqlite:///naas.db"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert ENGINE.show(url) == shown


@given(st.text(max_size=30))
def test_whatever_is_written_a_kind_answers_or_complains(text: str) -> None:
    """No text makes a kind fail otherwise, and what was read is read again from how it is shown."""
    for kind in (Switch(), Number(), Seconds(), Seconds(whole=False), Names(), Pairs(), ENGINE, Text(), File()):
        with contextlib.suppress(Unusable):
            value = kind.read(text)
            if not isinstance(kind, Url | File):
                assert kind.read(kind.show(value)) == value
