"""The one flight of tokens, in every order that callers, answers and cancellations can come in: no clock, no thread."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from clientsmith.core._signal import Wait
from clientsmith.core.credentials import AccessToken
from clientsmith.core.errors import DeadlineExceededError, TokenUnavailableError
from clientsmith.core.pipeline import Steps
from clientsmith.core.policies.authentication.tokens import HeldToken, Scopes, TokenCache
from clientsmith.core.rest import Call, HttpRequest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

CALL = Call({})


class Caller:
    """Somebody who needs a token, a step at a time."""

    def __init__(self, steps: Generator[Any, Any, HeldToken]) -> None:
        self.steps, self.waits_for = steps, None
        self.outcome: HeldToken | Exception | None = None
        self._go(lambda: next(steps))

    def _go(self, resume: Any) -> None:
        try:
            self.waits_for = resume()
        except StopIteration as stop:
            self.waits_for, self.outcome = None, stop.value
        except Exception as error:
            self.waits_for, self.outcome = None, error

    @property
    def is_flying(self) -> bool:
        return isinstance(self.waits_for, HttpRequest)

    @property
    def is_waiting(self) -> bool:
        return isinstance(self.waits_for, Wait)

    def land(self, answer: Any) -> None:
        resume = self.steps.throw if isinstance(answer, Exception) else self.steps.send
        self._go(lambda: resume(answer))

    def look(self) -> None:
        """Go on if the flight that is waited for has landed."""
        signal = self.waits_for._signal  # type: ignore[attr-defined]  # a waiting caller has one
        if not signal.join(lambda: None):
            self._go(lambda: self.steps.send(signal.failure))


class Flights(RuleBasedStateMachine):
    """Any number of callers; tokens are numbers, and one that lives for ten seconds is due after eight."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.given = 0.0, 0
        self.cache = TokenCache(self._fetch, lambda: self.now)
        self.callers: list[Caller] = []

    def _fetch(self, scopes: Scopes, claims: str | None, call: Call) -> Steps[AccessToken]:
        answer: Any = yield HttpRequest("GET", "https://login.test/")
        return answer  # type: ignore[no-any-return]  # a test's driver hands tokens over

    @property
    def flying(self) -> list[Caller]:
        return [caller for caller in self.callers if caller.is_flying]

    def _notice(self) -> None:
        for caller in self.callers:
            if caller.is_waiting:
                caller.look()

    @rule(scopes=st.sampled_from([(), ("a",)]), claims=st.sampled_from([None, None, "c"]))
    def somebody_comes(self, scopes: Scopes, claims: str | None) -> None:
        self.callers.append(Caller(self.cache.get(scopes, CALL, claims)))

    @precondition(lambda self: self.flying)
    @rule(lifetime=st.sampled_from([10.0, 0.0]))
    def a_flight_brings_a_token(self, lifetime: float) -> None:
        self.given += 1
        self.flying[0].land(AccessToken(f"t{self.given}", self.now + lifetime))
        self._notice()

    @precondition(lambda self: self.flying)
    @rule(error=st.sampled_from([ConnectionError("down"), DeadlineExceededError("late")]))
    def a_flight_fails(self, error: Exception) -> None:
        self.flying[0].land(error)
        self._notice()

    @precondition(lambda self: self.callers)
    @rule(data=st.data())
    def somebody_is_cancelled(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(self.callers))
        caller.steps.close()
        self.callers.remove(caller)
        self._notice()

    @precondition(lambda self: any(held for held in self.cache._held.values()))
    @rule()
    def a_token_is_refused(self) -> None:
        self.cache.drop(next(iter(self.cache._held.values())))

    @rule(seconds=st.sampled_from([1.0, 7.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def one_flies_at_a_time(self) -> None:
        assert len(self.flying) <= 1

    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        """Whoever waits, waits for a flight that somebody flies: no order of events leaves a caller behind."""
        waiting = [caller for caller in self.callers if caller.is_waiting]
        assert not waiting or self.flying

    @invariant()
    def what_ended_ended_well(self) -> None:
        """With a token, or with an error of one's own that says why there is none."""
        ended = [caller.outcome for caller in self.callers if caller.outcome is not None]
        errors = [outcome for outcome in ended if isinstance(outcome, Exception)]
        assert all(isinstance(error, TokenUnavailableError | DeadlineExceededError) for error in errors)
        assert len({id(error) for error in errors if isinstance(error, TokenUnavailableError)}) == len(
            [error for error in errors if isinstance(error, TokenUnavailableError)]
        )


TestFlights = Flights.TestCase
TestFlights.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
