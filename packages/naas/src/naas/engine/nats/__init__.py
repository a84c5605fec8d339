"""The engine of several machines, on NATS JetStream: `naas-server api` and `naas-server worker` speak through it.

Who holds what:

- ``NAAS_JOBS_<context>``, a work-queue stream: every job that waits or is out, one message for each, under the subject
  ``naas.jobs.<context>.<priority>.<partition>.<job id>``. The partition is a hash of the device address. One message
  for a subject is all that the stream takes, so publishing a job twice leaves it there once.
- ``NAAS_STATE``: who lives and who owns which partition, one message for each worker and partition.
- ``NAAS_REPORTS``: how jobs ended, until an API process has it in the store.
- plain subjects for what may be lost: events, renewals; and for questions: start, cancel.

A worker owns partitions, and only the owner reads them (`balance` decides, `claimer` carries out), so a device's jobs
are never out twice and meet the session that is warm. A worker that is silent for a lease loses what it owns. The new
owner reads its partitions from the beginning: what the old one had not acknowledged comes again, in order, with a
higher attempt.

Nothing of this is the truth. That is the store, which only API processes have; see `ledger` and `reports`.
"""

from naas.engine.nats.connection import Connection
from naas.engine.nats.engine import NatsEngine

__all__ = ["Connection", "NatsEngine"]
