"""What became of a fetch, in a closed list of outcomes."""

from __future__ import annotations

import http
from dataclasses import dataclass
from enum import StrEnum

from nephila.errors import ErrorCode
from nephila.html.blocked import blocked_by
from nephila.models import Response

RETRY_STATUSES = frozenset((408, 425, 429, 500, 502, 503, 504))
"""Statuses that may be different a moment later."""

RETRY_ERRORS = frozenset(
    (ErrorCode.DNS, ErrorCode.CONNECT, ErrorCode.PROXY, ErrorCode.TIMEOUT, ErrorCode.CONNECTION_LOST)
)
"""Failures of the moment rather than of the page."""


class Outcome(StrEnum):
    """What a visit goes on with."""

    OK = "ok"
    RETRY_LATER = "retry_later"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and, unless it is OK, why."""

    outcome: Outcome
    error: ErrorCode | None = None
    message: str | None = None


def judge(response: Response) -> Verdict:
    """Judge a response by its status, by how it came, and by whether it is a challenge in place of the page."""
    if response.error is not None:
        return failure(response.error, response.error_message)
    status = response.status
    service = blocked_by(status, response.headers, response.body)
    if service is not None:
        # Another attempt, or one through another proxy, may be let through.
        message = f"Blocked by anti-bot protection: {service} (status {status})."
        return Verdict(Outcome.RETRY_LATER, ErrorCode.BLOCKED, message)
    if status is None or status < 400:
        return Verdict(Outcome.OK)
    try:
        phrase = f" {http.HTTPStatus(status).phrase}"
    except ValueError:
        phrase = ""
    outcome = Outcome.RETRY_LATER if status in RETRY_STATUSES else Outcome.FAILED
    return Verdict(outcome, ErrorCode.HTTP, f"The server answered with status {status}{phrase}.")


def failure(error: ErrorCode, message: str) -> Verdict:
    """The verdict on a fetch that failed."""
    outcome = Outcome.RETRY_LATER if error in RETRY_ERRORS else Outcome.FAILED
    return Verdict(outcome, error, message)
