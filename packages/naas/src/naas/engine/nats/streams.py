"""The streams on the NATS server: made when they are first needed, and then left as the operator wants them.

An operator may change what is safe to change (`nats stream edit`): replicas, placement, compression. How many
partitions a context has is written in its stream and read from there, so all processes agree on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from naas.engine.nats import names
from naas.engine.nats.connection import STREAM_NAME_IN_USE, STREAM_NOT_FOUND, JetStreamError
from naas.errors import EngineUnavailable

if TYPE_CHECKING:
    from naas.engine.nats.connection import Connection

__all__ = ["PARTITIONS", "open_jobs_stream", "open_reports_stream", "open_state_stream"]

PARTITIONS: Final = 32
"""Partitions of a context, and so the most workers that it can use. Each costs the server three consumers."""

# Pieces are removed with their report. Those of a worker that died while it sent them go after this time, which is
# longer than anybody leaves a service without an API process. In seconds.
_PIECES_SECONDS: Final = 30 * 86_400

_PARTITIONS_KEY: Final = "naas-partitions"


async def open_jobs_stream(connection: Connection, context: str, partitions: int = PARTITIONS) -> int:
    """Make the stream of a context if there is none; return how many partitions it has."""
    config = _config(
        names.jobs_stream(context),
        f"naas.jobs.{context}.>",
        retention="workqueue",
        description=f"naas: jobs of the context {context} that wait or are out",
        metadata={_PARTITIONS_KEY: str(partitions)},
    )
    found = await _open(connection, config)
    metadata: dict[str, str] = found.get("metadata") or {}
    text = metadata.get(_PARTITIONS_KEY, "")
    if not text.isdigit() or not int(text):
        raise EngineUnavailable(
            f"the NATS stream {config['name']} was not made by naas: its metadata has no {_PARTITIONS_KEY}; "
            "remove it, or use another NATS account"
        )
    return int(text)


async def open_state_stream(connection: Connection) -> None:
    """Make the stream that says who lives and who owns what, if there is none."""
    await _open(connection, _config(names.STATE_STREAM, "naas.state.>", discard="old", description="naas: who lives"))


async def open_reports_stream(connection: Connection) -> None:
    """Make the stream of reports, and that of the pieces of long ones, if there are none."""
    description = "naas: how jobs ended, until it is in the store"
    reports = _config(names.REPORTS_STREAM, f"{names.REPORTS}.>", retention="workqueue", description=description)
    pieces = _config(
        names.PIECES_STREAM,
        f"{names.PIECES}.>",
        description="naas: long reports, in pieces",
        max_age=int(_PIECES_SECONDS * 1e9),
    )
    for config in (reports, pieces):
        await _open(connection, config)


def _config(name: str, subjects: str, **different: Any) -> dict[str, Any]:
    return {
        "name": name,
        "subjects": [subjects],
        "storage": "file",
        "retention": "limits",
        # One message for a subject, and the first one stays: so the same job, or report, is never there twice.
        "max_msgs_per_subject": 1,
        "discard": "new",
        "discard_new_per_subject": different.get("discard") != "old",
        "allow_direct": True,
        "max_consumers": -1,
        "max_msgs": -1,
        "max_bytes": -1,
        "max_age": 0,
        "num_replicas": 1,
        **different,
    }


async def _open(connection: Connection, config: dict[str, Any]) -> dict[str, Any]:
    """Return the stream's configuration as it is on the server."""
    name = config["name"]
    try:
        found = await connection.api(f"STREAM.INFO.{name}")
    except JetStreamError as exc:
        if exc.code != STREAM_NOT_FOUND:
            raise
        try:
            found = await connection.api(f"STREAM.CREATE.{name}", config)
        except JetStreamError as refused:
            if refused.code != STREAM_NAME_IN_USE:  # somebody was faster
                raise
            found = await connection.api(f"STREAM.INFO.{name}")
    stream_config: dict[str, Any] = found["config"]
    return stream_config
