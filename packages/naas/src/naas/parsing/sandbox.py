"""The inside of a parsing process: takes one request after the other from standard input.

Started by :mod:`naas.parsing.processes` with an empty environment. It limits its own memory, opens nothing to write,
and holds no secret; whoever breaks out of a template finds the outputs of nobody else here. A TTP template runs in a
fork of this process, since TTP keeps what one template records for the next.

A message is its length in four bytes, big-endian, and JSON.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from typing import Any, BinaryIO, Final

__all__ = ["main", "read_message", "write_message"]

_LENGTH: Final = struct.Struct(">I")


def read_message(stream: BinaryIO) -> dict[str, Any] | None:
    """Return the next message, or None when the other side has closed."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = stream.read(length)
    if len(body) < length:
        return None
    message: dict[str, Any] = json.loads(body)
    return message


def write_message(stream: BinaryIO, message: dict[str, Any]) -> None:
    """Send one message. What JSON does not know, TTP's IP addresses for example, is sent as text."""
    body = json.dumps(message, default=str).encode()
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def main() -> None:
    """Answer requests until standard input ends. The one argument is how much memory may be used, in bytes."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not be taken for an answer.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _limit_memory(int(sys.argv[1]))
    while (request := read_message(requests)) is not None:
        if request["way"] == "ttp":
            _in_a_fork(request, answers)
        else:
            write_message(answers, _answer(request))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """``rows`` (None: nothing fits) or ``failed``, the reason."""
    from naas.parsing import engines
    from naas.parsing.base import ParsingFailed

    text = request["text"]
    try:
        match request["way"]:
            case "textfsm":
                rows = engines.read_with_textfsm(request["template"], text)
            case "ttp":
                rows = engines.read_with_ttp(request["template"], text)
            case "genie":
                rows = engines.read_with_genie(request["platform"], request["command"], text)
            case _:
                rows = engines.read_with_ntc(request["platform"], request["command"], text)
    except ParsingFailed as error:
        return {"failed": error.message}
    except MemoryError:
        return {"failed": "reading this output takes more memory than it may; ask for less with the command"}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's template may do anything; TTP exits
        return {"failed": f"the template could not be used ({type(error).__name__}); check it"}
    return {"rows": rows}


def _in_a_fork(request: dict[str, Any], answers: BinaryIO) -> None:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        _forbid_files_and_processes()
        write_message(answers, _answer(request))
    finally:
        os._exit(0)


def _limit_memory(limit: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _forbid_files_and_processes() -> None:
    """No process more, and no byte into a file; reading modules must stay possible."""
    import resource

    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
