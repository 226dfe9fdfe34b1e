"""The race: every contestant crawls the same site, in turns."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.corpus import Corpus, page_urls, sample
from benchmarks.environments import Environment, run_variables
from benchmarks.measure import MB, Run, run
from benchmarks.plan import CONCURRENCY, Contestant, Plan

RUN_SECONDS = 240.0
START_SECONDS = 60.0
"""A run without URLs may take this long."""


@dataclass(frozen=True)
class Lap:
    """One contestant's crawl in one round."""

    pages: int
    failed: int
    seconds: float
    cpu: float
    """Processor seconds of the crawl alone: the whole program's, less those of a run without URLs."""
    cpu_total: float
    memory: float
    """Peak of all its processes in MB."""
    score: dict[str, Any]

    @property
    def pages_per_second(self) -> float:
        return self.pages / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        return 1000.0 * self.cpu / self.pages


@dataclass
class Standing:
    """A contestant over all rounds."""

    contestant: Contestant
    pages: int = 0
    mean_size: float = 0.0
    """Bytes of the pages it got on average."""
    empty_cpu: float = 0.0
    """Processor seconds of a run without URLs: interpreter, imports, set-up."""
    laps: list[Lap] = field(default_factory=list)
    trouble: str = ""
    """Why it is not in the race; empty when it is."""

    def value(self, name: str) -> float:
        """The median over the rounds of one of `Lap`'s figures."""
        return median([float(getattr(lap, name)) for lap in self.laps])

    def ratio(self, name: str, other: Standing) -> float:
        """The median over the rounds of this contestant's figure divided by the other's in the same round."""
        pairs = zip(self.laps, other.laps, strict=False)
        return median([float(getattr(mine, name)) / float(getattr(theirs, name)) for mine, theirs in pairs])

    @property
    def version(self) -> str:
        return str(self.laps[0].score.get("version", "")) if self.laps else ""

    @property
    def failed(self) -> int:
        """Pages that failed in the worst round."""
        return max((lap.failed for lap in self.laps), default=0)


def read_score(finished: Run) -> tuple[dict[str, Any], str]:
    """The line of JSON a contestant ends with, or why there is none."""
    if finished.code is None:
        return {}, "ran out of time"
    if finished.code != 0:
        lines = finished.error.splitlines()
        return {}, f"ended with status {finished.code}: {lines[-1] if lines else 'no message'}"
    for _, line in reversed(finished.lines):
        if line.startswith("{"):
            try:
                return json.loads(line), ""
            except ValueError:
                break
    return {}, "gave no result"


def make_lap(finished: Run, score: dict[str, Any], empty_cpu: float) -> Lap:
    return Lap(
        pages=score["ok"] + score["failed"],
        failed=score["failed"],
        seconds=score["seconds"],
        cpu=max(finished.cpu - empty_cpu, 0.001),
        cpu_total=finished.cpu,
        memory=finished.peak_memory / MB,
        score=score,
    )


class Race:
    """Runs the contestants in turns over one site."""

    def __init__(self, plan: Plan, corpus: Corpus, hosts: list[str], scratch: Path) -> None:
        self._plan = plan
        self._corpus = corpus
        self._hosts = hosts
        self._scratch = scratch
        self._pythons: dict[str, Path] = {}

    def enter(self, contestant: Contestant, environment: Environment) -> Standing:
        """Prepare a contestant: its list of URLs, and a run without URLs that proves it starts."""
        standing = Standing(contestant, trouble=environment.trouble)
        if standing.trouble:
            return standing
        self._pythons[contestant.name] = environment.python
        pages = sample(self._corpus.pages, self._plan.pages_of(contestant, len(self._corpus.pages)))
        standing.pages = len(pages)
        standing.mean_size = sum(page.size for page in pages) / len(pages)
        self._list_of(contestant).write_text("\n".join(page_urls(pages, self._hosts)), encoding="ascii")
        nothing = self._scratch / "nothing.txt"
        nothing.write_text("", encoding="ascii")
        self._run(contestant, nothing, START_SECONDS)  # the first start of this tree writes its compiled modules
        finished = self._run(contestant, nothing, START_SECONDS)
        _, standing.trouble = read_score(finished)
        standing.empty_cpu = finished.cpu
        return standing

    def lap(self, standing: Standing) -> None:
        """One crawl, added to the standing."""
        finished = self._run(standing.contestant, self._list_of(standing.contestant))
        score, standing.trouble = read_score(finished)
        if not standing.trouble and score["ok"] + score["failed"] != standing.pages:
            standing.trouble = f"gave {score['ok'] + score['failed']} results for {standing.pages} URLs"
        if not standing.trouble:
            standing.laps.append(make_lap(finished, score, standing.empty_cpu))

    def _list_of(self, contestant: Contestant) -> Path:
        return self._scratch / f"{contestant.name}.txt"

    def _run(self, contestant: Contestant, urls: Path, timeout: float = RUN_SECONDS) -> Run:
        own = contestant.environment == "nephila"
        folder = self._scratch / "run"
        folder.mkdir(exist_ok=True)
        command = [
            str(self._pythons[contestant.name]),
            str(self._plan.programs / contestant.program),
            str(urls),
            f"--concurrency={CONCURRENCY}",
        ]
        return run(command, run_variables(folder, self._plan.source if own else None), folder, timeout)


def run_race(race: Race, plan: Plan, environments: dict[str, Environment]) -> list[Standing]:
    """All rounds; a contestant that fails in one is left out of the rest, with the reason."""
    started = time.monotonic()
    standings = []
    for contestant in plan.contestants:
        standings.append(race.enter(contestant, environments[contestant.environment]))
    longest = 0.0
    for number in range(plan.rounds):
        round_started = time.monotonic()
        if number and round_started - started + longest > plan.pipeline_seconds:
            print(f"Stopping after {number} rounds: the machine is slow and the time is up.", flush=True)
            break
        # Everybody starts each round from another place, so that nobody always comes after the same neighbour.
        for standing in standings[number % len(standings) :] + standings[: number % len(standings)]:
            if not standing.trouble:
                print(f"  round {number + 1}: {standing.contestant.name} ...", flush=True)
                race.lap(standing)
        longest = max(longest, time.monotonic() - round_started)
    return standings
