"""One URL of a run."""

from __future__ import annotations

from dataclasses import dataclass

from nephila.attempt import Attempt


@dataclass(slots=True)
class Job:
    """One URL of a run, from reading it off the input to its result.

    Attributes:
        position: Its place in the input, from 0.
        url: As given.
        host: Host and port, the unit of pacing; empty for local input and for what is not a URL.
        accepted_at: When it was read from the input, on the event loop's clock.
        attempts: Visits begun so far.
        waited: Seconds spent waiting for a turn between attempts.
        queued_at: When it was last put into its queue.
        first_started_at: When its first visit started.
        started_at: When its last visit started.
        retries: Attempts so far that count against `max_retries`.
        holds: Attempts so far that the host has asked for with `Retry-After`.
        repeat_reason: Why the next attempt is made; empty before the first.
        reasons: Why each repetition was made and how long it waited; None without any.
        postponed: Whether its last visit was broken off before anything was sent; for observers it still goes on.
        attempt: The attempt under way; None when the dispatcher keeps no pace, and then the visit repeats by itself.
    """

    position: int
    url: str
    host: str
    accepted_at: float
    attempts: int = 0
    waited: float = 0.0
    queued_at: float = 0.0
    first_started_at: float = 0.0
    started_at: float = 0.0
    retries: int = 0
    holds: int = 0
    repeat_reason: str = ""
    reasons: list[str] | None = None
    postponed: bool = False
    attempt: Attempt | None = None
