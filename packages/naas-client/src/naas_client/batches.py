"""One piece of work at many devices, its results as they come.

    batch = Batch.begin(client, ["sw1", "sw2", {"host": "fw1", "platform": "cisco_asa"}], commands=["show version"])
    for item in batch.results(timeout=300):
        print(item.host, item.result.results if item.is_success else item.error)

The devices of a batch are submitted together, and nothing is held here: no thread, and one connection. The async twin
is `naas_client.aio.Batch`. Servers of before NAAS 2.3, which have no batches, get one job for each device instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from clientsmith.core.settings import CallOptions

from ._batching import BatchItem, BatchProgress, BatchSteps, in_order
from ._batching.operations import KINDS
from ._batching.state import BatchState
from ._orders import BatchOptions, devices_of, split_batch

if TYPE_CHECKING:
    from ._client import NaasClient

__all__ = ["Batch", "BatchItem", "BatchProgress"]


class Batch:
    """Work at many devices, submitted. Make it with `begin`, or with `resume` in another process."""

    def __init__(self, client: NaasClient, steps: BatchSteps) -> None:
        self._run = client._run  # pyright: ignore[reportPrivateUsage]  # we are one package
        self._steps = steps

    @classmethod
    def begin(
        cls,
        client: NaasClient,
        devices: Sequence[str | Mapping[str, Any]],
        *,
        on_progress: Callable[[BatchProgress], object] | None = None,
        **options: Unpack[BatchOptions],
    ) -> Batch:
        """Submit work for many devices.

        Args:
            client: Of the server.
            devices: Hosts, or mappings with ``host`` and what is special about this device: ``port``, ``platform``,
                ``username``, ``password``, ``enable``, ``context``.
            on_progress: Called whenever a device is done.
            **options: The work: ``commands``, ``config``, or ``commands`` with ``is_structured=True``; what holds for
                every device (``platform``, ``username``, ``tags``, …); in which steps (``wave_size``, ``waves``,
                ``wave_pause_seconds``, ``max_failures``, ``stop_on_failure``; from NAAS 2.3 on); and `timeout`,
                `headers`, … for the calls.

        Raises:
            UsageError: There is no device, neither commands nor configuration, or waves that the server does not know.
            HttpResponseError: The server refused; ``error.error`` says why. If a part was submitted before, the error's
                ``continuation_token`` is for `resume`.
        """
        kind, shared, rest = split_batch(options)
        each = devices_of(devices, shared)
        hosts = [str(one.get("host") or one.get("device")) for one in each]
        steps = BatchSteps(client._core, BatchState(kind, hosts, on_progress), rest)  # pyright: ignore[reportPrivateUsage]
        batch = cls(client, steps)
        batch._run(steps.begin(each, shared))
        return batch

    @classmethod
    def resume(
        cls,
        client: NaasClient,
        continuation_token: str,
        *,
        on_progress: Callable[[BatchProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> Batch:
        """Go on with a batch of another process; devices that were done by then are not told again. Nothing is sent.

        Raises:
            ArgumentError: It is no token of a batch.
        """
        return cls(client, BatchSteps(client._core, BatchState.resumed(continuation_token, on_progress), options))  # pyright: ignore[reportPrivateUsage]

    @classmethod
    def of_jobs(
        cls,
        client: NaasClient,
        job_ids: Sequence[str],
        *,
        on_progress: Callable[[BatchProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> Batch:
        """Follow jobs that exist, of whatever kind, together. Nothing is sent."""
        return cls(client, BatchSteps.of_jobs(client._core, job_ids, options, on_progress))  # pyright: ignore[reportPrivateUsage]

    @classmethod
    def open(
        cls,
        client: NaasClient,
        batch_id: str,
        *,
        on_progress: Callable[[BatchProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> Batch:
        """Take up a batch of the server by its id, whoever submitted it; all of its devices are told.

        Raises:
            HttpResponseError: There is none of this id, or it is somebody else's.
        """
        steps = BatchSteps(client._core, BatchState(KINDS[0], [], on_progress), options)  # pyright: ignore[reportPrivateUsage]
        batch = cls(client, steps)
        batch._run(steps.open(batch_id))
        return batch

    @property
    def batch_ids(self) -> tuple[str, ...]:
        """The server's own batches; none where it has no batches."""
        return self._steps.state.batch_ids

    @property
    def hosts(self) -> Sequence[str]:
        """The devices, in the order in which they were given."""
        return tuple(self._steps.state.hosts)

    @property
    def ports(self) -> Sequence[int | None]:
        """Their ports, None where nobody said."""
        return tuple(self._steps.state.ports)

    @property
    def job_ids(self) -> Sequence[str | None]:
        """The jobs in the order of the devices; None for one that the server did not take."""
        return [self._steps.state.job_ids.get(index) for index in range(len(self._steps.state.hosts))]

    @property
    def progress(self) -> BatchProgress:
        """How far it is, as of the last look."""
        return self._steps.state.progress

    def ended(self) -> list[BatchItem]:
        """Return what came of the devices that are done, in the order in which they were given."""
        return list(in_order(self._steps.state.items))

    def done(self) -> bool:
        """Return whether every device is done, well or not, as of the last look."""
        return self._steps.state.is_done

    def continuation_token(self) -> str:
        """Return what `resume` needs to go on in any process: ids and hosts, no credential."""
        return self._steps.state.token()

    def results(self, timeout: float | None = None) -> Iterator[BatchItem]:
        """Yield what came of each device, in the order in which they get done; those that are done at once.

        Args:
            timeout: Seconds to wait for the next one at most; None waits as long as it takes.

        Raises:
            PollTimeoutError: The time was up. Call it again to go on.
            HttpResponseError: The server refused to tell.
            TransportError: It cannot be reached.
        """
        self._steps.state.news()  # all that there is comes now
        yield from list(self._steps.state.items.values())
        while not self.done():
            yield from self._run(self._steps.more(timeout))

    def more(self, timeout: float | None = None) -> list[BatchItem]:
        """Wait until devices are done that were not told before, and return what came of them; none if all are.

        Args:
            timeout: Seconds to wait at most.

        Raises:
            PollTimeoutError: The time was up.
            HttpResponseError: The server refused to tell.
            TransportError: It cannot be reached.
        """
        return self._run(self._steps.more(timeout))

    def result(self, timeout: float | None = None) -> list[BatchItem]:
        """Wait for all devices, and return what came of each, in the order in which they were given.

        A device that failed is an item with an ``error``, and raises nothing.

        Args:
            timeout: Seconds to wait at most, for all together.

        Raises:
            PollTimeoutError: Not all were done by then.
            HttpResponseError: The server refused to tell.
            TransportError: It cannot be reached.
        """
        clock, steps = self._steps.clock, self._steps
        until = None if timeout is None else clock() + timeout
        while not self.done():
            self._run(steps.more(None if until is None else max(0.0, until - clock())))
        return list(in_order(steps.state.items))

    def cancel(self) -> None:
        """Ask the server to cancel every job that has not ended; `results` then tells what became of them.

        Raises:
            HttpResponseError: The server refused.
        """
        self._run(self._steps.cancel())
