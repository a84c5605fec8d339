"""Fuzz the codec of the standard library's transports: ``python packages/clientsmith-core/tests/fuzz/http1.py --seconds 30``.

What has to hold for any bytes that a server may send:

1. They are an answer or one of our three errors, soon, and never anything else.
2. How the network cuts them changes nothing.
3. Where h11 makes an answer of them too, it is the same one: two readings are how answers are smuggled.

With atheris installed it guides the mutations by coverage; without it, a mutation that brings out new words of an error
is kept to be mutated further. The smallest failing case is printed, for `tests/transport/test_http1.py`.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import sys
import time
import zlib
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "transport"))

from http1_reading import cut, read_by_h11, read_by_us

SECONDS_FOR_ONE = 2.0
LONGEST = 4000

BODY = b'{"a":1}'
SEEDS = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Type: application/json\r\n\r\n" + BODY,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n4\r\ndefg\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nto the end",
    b"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\n\tthree\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 27\r\n\r\n" + gzip.compress(BODY, mtime=0),
    b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + zlib.compress(BODY),
    b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n" + zlib.compress(BODY, wbits=-15),
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: \"x\"\r\nKeep-Alive: timeout=5, max=100\r\n\r\n",
]  # fmt: skip
WORDS = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"0", b"-", b"+", b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"HTTP/1.1 200 OK\r\n", b"0\r\n\r\n", b"3\r\nabc\r\n", b"\xff", b"\x1f\x8b",
]  # fmt: skip


def check(data: bytes, places: list[int], method: str) -> str:
    """Check the three things; return what tells one kind of outcome from another.

    Raises:
        Exception: One does not hold.
    """
    began_at = time.monotonic()
    whole = read_by_us([data] if data else [], method)
    pieces = cut(data, places) if data else []
    assert read_by_us(pieces, method) == whole, "cutting it changes what it is"
    assert read_by_us(pieces, method, [1, 7, 1000]).problem == whole.problem, "streaming it changes what it is"
    assert time.monotonic() - began_at < SECONDS_FOR_ONE, "it takes too long"
    if not whole.problem:
        theirs = read_by_h11(data, method)
        same = theirs.problem or theirs.without_framing() == whole.without_framing() or whole.is_decompressed
        assert same, f"h11 reads it as {theirs}, we as {whole}"
    said = re.sub(r"[0-9]+|['\"].*", "", whole.words)  # without what it quotes
    return f"{method} {whole.problem} {said} {whole.status // 100} {len(whole.fields)} {bool(whole.content)}"


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Return the data with something done to it."""
    for _ in range(chance.randint(1, 5)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.choice([0, 1, 1, 2, 8, 40]))
        match chance.randrange(6):
            case 0:
                data = data[:at] + chance.choice(WORDS) + data[to:]
            case 1:
                data = data[:at] + data[to:]
            case 2:
                data = data[:at] + data[at:to] * chance.randint(2, 4) + data[to:]
            case 3:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 4:
                other = chance.choice(SEEDS)
                data = data[:at] + other[chance.randint(0, len(other)) :]
            case _:
                data = re.sub(
                    rb"[0-9]+", lambda _: b"%d" % chance.choice([0, 1, 2, 3, 7, 10, 200, 2**31, 10**17]), data, count=1
                )
    return data[:LONGEST]


def smallest(data: bytes, places: list[int], method: str) -> bytes:
    """Return the data with everything left out that is not needed to fail."""
    size = max(1, len(data) // 2)
    while size:
        for start in range(0, len(data), size):
            shorter = data[:start] + data[start + size :]
            try:
                check(shorter, places, method)
            except Exception:
                data = shorter
                break
        else:
            size //= 2
    return data


def run(seconds: float, seed: int) -> int:
    """Mutate until the time is over; return the exit code."""
    chance = random.Random(seed)
    corpus, seen, count = list(SEEDS), set[str](), 0
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        data = mutated(chance.choice(corpus), chance)
        places = [chance.randrange(LONGEST) for _ in range(chance.randrange(8))]
        method = chance.choice(["GET", "GET", "GET", "HEAD", "CONNECT"])
        count += 1
        try:
            kind = check(data, places, method)
        except Exception as error:
            case = smallest(data, places, method)
            print(f"after {count} inputs (--seed {seed}): {type(error).__name__}: {error}", file=sys.stderr)
            print(f"smallest case, {method}, cut at {places}:\n{case!r}")
            return 1
        if kind not in seen:
            seen.add(kind)
            corpus.append(data)
    print(f"{count} inputs in {seconds:g} s, {len(seen)} kinds of outcomes, nothing found (--seed {seed})")
    return 0


def run_guided(seconds: float) -> None:
    """Let atheris choose the inputs. It ends the process."""
    import atheris  # type: ignore[import-not-found]  # not for every Python, so never a dependency

    def one(data: bytes) -> None:
        provider = atheris.FuzzedDataProvider(data)
        places = provider.ConsumeIntList(4, 2)
        method = provider.PickValueInList(["GET", "HEAD", "CONNECT"])
        check(provider.ConsumeBytes(LONGEST), places, method)

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}"], one)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description="Feed the HTTP/1.1 codec what no server should send.")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long (default 30)")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run; without it every run is another one")
    arguments = parser.parse_args()
    if arguments.seed is None and find_spec("atheris") is not None:
        run_guided(arguments.seconds)
    seed = random.SystemRandom().randrange(2**32) if arguments.seed is None else arguments.seed
    return run(arguments.seconds, seed)


if __name__ == "__main__":
    sys.exit(main())
