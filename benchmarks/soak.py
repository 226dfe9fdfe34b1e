"""The long stream: does memory stay where it is, however many URLs come?"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.environments import run_variables
from benchmarks.measure import MB, Run, run
from benchmarks.pipeline import read_score
from benchmarks.plan import CONCURRENCY, Plan

MARKS = (0.1, 0.5, 1.0)


@dataclass(frozen=True)
class Soak:
    """One long stream."""

    urls: int
    failed: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    peaks: tuple[float, ...] = ()
    """Peak memory of all processes in MB up to each of `MARKS`."""
    trouble: str = ""

    @property
    def growth(self) -> float:
        """How much higher the peak is at the end than half-way: 0.1 is a tenth."""
        return self.peaks[-1] / self.peaks[1] - 1.0


def progress(finished: Run) -> list[tuple[float, int]]:
    """When how many URLs were done, from the lines the program printed."""
    reports = []
    for moment, line in finished.lines:
        if line.startswith('{"done"'):
            reports.append((moment, int(json.loads(line)["done"])))
    return reports


def peaks_at_marks(finished: Run, urls: int) -> tuple[float, ...]:
    """The peak up to each mark; the last is that of the whole run, its end included."""
    peaks = []
    for mark in MARKS[:-1]:
        moments = [moment for moment, done in progress(finished) if done >= mark * urls]
        peaks.append(finished.peak_before(moments[0] if moments else 0.0) / MB)
    return (*peaks, finished.peak_memory / MB)


def run_soak(plan: Plan, hosts: list[str], scratch: Path) -> Soak:
    """Stream `plan.soak_urls` URLs and follow the memory."""
    command = [
        sys.executable,
        str(plan.programs / "nephila_soak.py"),
        *hosts,
        f"--urls={plan.soak_urls}",
        f"--concurrency={CONCURRENCY}",
    ]
    finished = run(command, run_variables(scratch, plan.source), scratch, plan.soak_seconds)
    score, trouble = read_score(finished)
    if trouble:
        done = progress(finished)
        reached = f" after {done[-1][1]} URLs" if done else ""
        return Soak(plan.soak_urls, trouble=trouble + reached)
    if score["ok"] + score["failed"] != plan.soak_urls:
        return Soak(plan.soak_urls, trouble=f"gave {score['ok'] + score['failed']} results for {plan.soak_urls} URLs")
    return Soak(
        urls=plan.soak_urls,
        failed=score["failed"],
        seconds=score["seconds"],
        cpu=finished.cpu,
        peaks=peaks_at_marks(finished, plan.soak_urls),
    )
