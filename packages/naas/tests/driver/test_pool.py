"""The rules of the session pool, with sessions that only count and a clock that only moves when told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from naas.driver.base import DeviceTarget
from naas.driver.pool import PoolClosed, PoolExhausted, SessionPool
from naas.driver.pool_key import KeyMaker, PoolKey


@dataclass(eq=False)
class CountingSession:
    name: str = "session"
    is_reusable: bool = True
    lives: bool = True
    ended: list[str] = field(default_factory=list[str])

    def is_alive(self, idle_seconds: float) -> bool:
        return self.lives

    def log_out(self) -> None:
        self.ended.append("logged out")

    def abort(self) -> None:
        self.ended.append("cut")


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


MakePool = Callable[..., SessionPool[CountingSession]]


@pytest.fixture
def make_pool(clock: FakeClock) -> MakePool:
    def make(max_connections: int = 10) -> SessionPool[CountingSession]:
        return SessionPool(max_connections=max_connections, idle_seconds=300, max_age_seconds=3600, clock=clock)

    return make


def key(host: str = "sw1") -> PoolKey:
    return PoolKey(host, 22, "cisco_ios", False, b"digest")


def use(pool: SessionPool[CountingSession], host: str = "sw1") -> CountingSession:
    """One job on ``host``; returns the session it got."""
    with pool.lease(key(host), CountingSession, wait_seconds=0.05) as session:
        return session


def test_the_next_job_gets_the_session_of_the_last(make_pool: MakePool) -> None:
    pool = make_pool()
    assert use(pool) is use(pool)
    assert (pool.stats.opened, pool.stats.reused) == (1, 1)


def test_a_session_is_lent_to_one_job_at_a_time(make_pool: MakePool) -> None:
    pool = make_pool()
    with pool.lease(key(), CountingSession, wait_seconds=1) as first:
        assert use(pool) is not first


def test_another_device_gets_another_session(make_pool: MakePool) -> None:
    pool = make_pool()
    assert use(pool, "sw1") is not use(pool, "sw2")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt], ids=["failure", "interrupt"])
def test_a_session_that_saw_an_exception_is_cut(make_pool: MakePool, error: type[BaseException]) -> None:
    pool = make_pool()
    session = CountingSession()
    with pytest.raises(error), pool.lease(key(), lambda: session, wait_seconds=1):
        raise error
    assert session.ended == ["cut"]
    assert (pool.stats.idle, pool.stats.leased, pool.stats.dropped) == (0, 0, 1)


def test_a_session_that_may_have_changed_is_logged_out(make_pool: MakePool) -> None:
    pool = make_pool()
    with pool.lease(key(), CountingSession, wait_seconds=1) as session:
        session.is_reusable = False
    assert session.ended == ["logged out"]
    assert pool.stats.idle == 0


def test_a_dead_session_is_replaced(make_pool: MakePool) -> None:
    pool = make_pool()
    dead = use(pool)
    dead.lives = False
    assert use(pool) is not dead
    assert dead.ended == ["cut"]
    assert pool.stats.idle == 1


def test_a_session_that_fails_while_it_is_asked_whether_it_lives_is_cut(make_pool: MakePool) -> None:
    pool = make_pool()

    class Undecided(CountingSession):
        def is_alive(self, idle_seconds: float) -> bool:
            raise ArithmeticError

    with pool.lease(key(), lambda: Undecided(), wait_seconds=1) as session:
        pass
    with pytest.raises(ArithmeticError):
        use(pool)
    assert session.ended == ["cut"]
    assert (pool.stats.idle, pool.stats.leased) == (0, 0)


@pytest.mark.parametrize(("seconds", "is_kept"), [(299, True), (300, False)], ids=["young", "idle for too long"])
def test_idle_sessions_expire(make_pool: MakePool, clock: FakeClock, seconds: float, is_kept: bool) -> None:
    pool = make_pool()
    session = use(pool)
    clock.now += seconds
    assert (use(pool) is session) is is_kept
    assert session.ended == ([] if is_kept else ["logged out"])


def test_busy_sessions_grow_old_too(make_pool: MakePool, clock: FakeClock) -> None:
    """Used every minute, a session still ends an hour after it was opened."""
    pool = make_pool()
    session = use(pool)
    for _ in range(59):
        clock.now += 60
        assert use(pool) is session
    clock.now += 60
    assert use(pool) is not session


def test_at_capacity_the_longest_idle_session_makes_room(make_pool: MakePool) -> None:
    pool = make_pool(max_connections=2)
    oldest, newer = use(pool, "sw1"), use(pool, "sw2")
    use(pool, "sw3")
    assert (oldest.ended, newer.ended) == (["logged out"], [])
    assert pool.stats.idle == 2


def test_sessions_at_work_are_never_evicted(make_pool: MakePool) -> None:
    pool = make_pool(max_connections=1)
    with pool.lease(key("sw1"), CountingSession, wait_seconds=1) as session:
        with pytest.raises(PoolExhausted, match=r"all 1 connections were in use for 0\.05 s"):
            use(pool, "sw2")
        assert session.ended == []


def test_a_job_waits_for_its_turn(make_pool: MakePool) -> None:
    pool = make_pool(max_connections=1)
    release = threading.Event()

    def work() -> None:
        with pool.lease(key("sw1"), CountingSession, wait_seconds=1):
            release.wait(5)

    worker = threading.Thread(target=work)
    worker.start()
    while pool.stats.leased == 0:
        time.sleep(0.001)
    threading.Timer(0.05, release.set).start()
    with pool.lease(key("sw2"), CountingSession, wait_seconds=5) as session:
        assert session.ended == []
    worker.join()


def test_a_failed_connection_frees_its_place(make_pool: MakePool) -> None:
    pool = make_pool(max_connections=1)

    def refuse() -> CountingSession:
        raise ConnectionRefusedError

    for _ in range(3):
        with pytest.raises(ConnectionRefusedError), pool.lease(key(), refuse, wait_seconds=0.05):
            pass
    assert use(pool).ended == []


def test_closing_logs_out_idle_sessions_now_and_busy_ones_when_they_come_back(make_pool: MakePool) -> None:
    pool = make_pool()
    idle = [use(pool, "sw1"), use(pool, "sw2")]
    with pool.lease(key("sw3"), CountingSession, wait_seconds=1) as busy:
        pool.close()
        assert [session.ended for session in idle] == [["logged out"], ["logged out"]]
        assert busy.ended == []
    assert busy.ended == ["logged out"]
    with pytest.raises(PoolClosed, match="going down"):
        use(pool)
    pool.close()


def test_closing_does_not_wait_for_many_devices_that_stopped_answering(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("naas.driver.pool.CLOSE_SECONDS", 0.1)

    class Frozen(CountingSession):
        def log_out(self) -> None:
            time.sleep(0.2)
            super().log_out()

    pool = make_pool(max_connections=100)
    sessions = [Frozen() for _ in range(50)]
    coming = iter(sessions)
    for number in range(50):
        with pool.lease(key(f"sw{number}"), lambda: next(coming), wait_seconds=1):
            pass
    pool.close()
    ends = [session.ended for session in sessions]
    assert set(map(tuple, ends)) == {("logged out",), ("cut",)}
    assert ends.count(["logged out"]) == 16


def test_sessions_expire_without_another_job() -> None:
    """A device has few terminal lines to spare, so a sweeper logs out what nobody uses."""
    pool: SessionPool[CountingSession] = SessionPool(max_connections=2, idle_seconds=0.05, max_age_seconds=60)
    session = use(pool)
    give_up_at = time.monotonic() + 5
    while not session.ended and time.monotonic() < give_up_at:
        time.sleep(0.005)
    assert session.ended == ["logged out"]
    pool.close()


def test_many_threads_never_share_a_session(make_pool: MakePool) -> None:
    pool = make_pool(max_connections=5)
    in_use: set[int] = set()
    clashes: list[int] = []

    def work() -> None:
        for _ in range(50):
            with pool.lease(key(), CountingSession, wait_seconds=10) as session:
                if id(session) in in_use:
                    clashes.append(id(session))
                in_use.add(id(session))
                time.sleep(0)
                in_use.discard(id(session))

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clashes == []
    assert pool.stats.opened <= 5
    pool.close()


def test_the_key_separates_users_and_hides_their_secrets() -> None:
    keys = KeyMaker()
    base = DeviceTarget("sw1", 22, "cisco_ios", "admin", "pass-4711", "enable-0815")
    others = [
        DeviceTarget("sw1", 22, "cisco_ios", "admin", "pass-4712", "enable-0815"),
        DeviceTarget("sw1", 22, "cisco_ios", "adminp", "ass-4711", "enable-0815"),
        DeviceTarget("sw1", 22, "cisco_ios", "admin", "pass-4711", None),
        DeviceTarget("sw1", 22, "cisco_ios", "admin", "pass-4711", ""),
        DeviceTarget("sw1", 23, "cisco_ios", "admin", "pass-4711", "enable-0815"),
    ]
    made = [keys.key_for(target, platform="cisco_ios", is_privileged=True) for target in (base, *others)]
    assert len(set(made)) == len(made)
    assert made[0] == keys.key_for(base, platform="cisco_ios", is_privileged=True)
    assert made[0] != keys.key_for(base, platform="cisco_ios", is_privileged=False)
    assert made[0] != KeyMaker().key_for(base, platform="cisco_ios", is_privileged=True)
    assert "4711" not in repr(made[0])
