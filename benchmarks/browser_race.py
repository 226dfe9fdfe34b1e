"""Rendered pages: Nephila, Crawl4AI and Crawlee with the same browser, memory over a long crawl, and `auto`."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.environments import Environment, run_variables
from benchmarks.measure import MB, Run, run
from benchmarks.pipeline import read_score
from benchmarks.plan import Plan
from benchmarks.rendered_pages import mixed_urls, rendered_urls
from benchmarks.soak import progress

CONCURRENCY = 8
RUN_SECONDS = 420.0
EARLY = 200
"""Visits after which memory is what a browser needs; more at the end of the crawl is what it has gathered."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

CONTESTANTS = (
    ("nephila", "nephila_browser.py", "nephila"),
    ("crawl4ai", "crawl4ai_browser.py", "crawl4ai"),
    ("crawlee", "crawlee_playwright.py", "crawlee-browser"),
)
"""Name, program, environment."""


@dataclass(frozen=True)
class RenderLap:
    """One crawl with a browser."""

    name: str
    pages: int = 0
    failed: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    """Processor seconds of all processes, the browser's included, from start to end."""
    early_memory: float = 0.0
    """Median of all processes' memory in MB from 100 visits to `EARLY`."""
    late_memory: float = 0.0
    """The same of the last 100 visits."""
    version: str = ""
    trouble: str = ""

    @property
    def pages_per_second(self) -> float:
        return self.pages / self.seconds if self.seconds else 0.0

    @property
    def cpu_per_page(self) -> float:
        return self.cpu / self.pages if self.pages else 0.0


@dataclass
class BrowserRace:
    """Everything that was measured with a browser."""

    laps: list[RenderLap] = field(default_factory=list)
    """Everybody in turns, some rounds."""
    long: RenderLap | None = None
    mixed_auto: RenderLap | None = None
    mixed_all: RenderLap | None = None

    def value(self, name: str, figure: str) -> float:
        """The median over the rounds; 0 when there is none."""
        values = [float(getattr(lap, figure)) for lap in self.laps if lap.name == name and not lap.trouble]
        return median(values) if values else 0.0

    def trouble(self, name: str) -> str:
        """Why somebody has no figures."""
        return next((lap.trouble for lap in self.laps if lap.name == name and lap.trouble), "")


def find_program() -> str:
    """The browser everybody is to start; empty when there is none on the system, which means Playwright's own."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), "")


def run_browser_race(plan: Plan, hosts: list[str], environments: dict[str, Environment], scratch: Path) -> BrowserRace:
    """The race in turns, then the long crawl and the mixed site."""
    race = BrowserRace()
    pages, long, mixed = (60, 400, 100) if plan.quick else (200, 2000, 400)
    for number in range(plan.rounds):
        for name, program, environment in CONTESTANTS[number % 3 :] + CONTESTANTS[: number % 3]:
            print(f"  round {number + 1}: {name} ...", flush=True)
            place = environments[environment]
            urls = rendered_urls(hosts, pages)
            lap = RenderLap(name, trouble=place.trouble) if place.trouble else _lap(plan, scratch, place, program, urls)
            race.laps.append(lap)
    own, program = environments["nephila"], CONTESTANTS[0][1]
    print(f"  {long} visits ...", flush=True)
    race.long = _lap(plan, scratch, own, program, rendered_urls(hosts, long))
    print("  mixed site ...", flush=True)
    race.mixed_auto = _lap(plan, scratch, own, program, mixed_urls(hosts, mixed), "auto")
    race.mixed_all = _lap(plan, scratch, own, program, mixed_urls(hosts, mixed), "browser")
    return race


def _lap(
    plan: Plan, scratch: Path, place: Environment, program: str, urls: list[str], mode: str = "browser"
) -> RenderLap:
    folder = scratch / "browser"
    folder.mkdir(exist_ok=True)
    listed = folder / "urls.txt"
    listed.write_text("\n".join(urls), encoding="ascii")
    own = program.startswith("nephila")
    variables = run_variables(folder, plan.source if own else None)
    variables |= {"BENCH_BROWSER": find_program(), "BENCH_MODE": mode, "TMPDIR": str(folder)}
    variables.setdefault("PATH", os.defpath)
    command = [str(place.python), str(plan.programs / program), str(listed), f"--concurrency={CONCURRENCY}"]
    finished = run(command, variables, folder, RUN_SECONDS)
    score, trouble = read_score(finished)
    name = next(name for name, known, _ in CONTESTANTS if known == program)
    if not trouble and score["ok"] + score["failed"] != len(urls):
        trouble = f"gave {score['ok'] + score['failed']} results for {len(urls)} URLs"
    if trouble:
        return RenderLap(name, trouble=trouble)
    return RenderLap(
        name=name,
        pages=len(urls),
        failed=score["failed"],
        seconds=score["seconds"],
        cpu=finished.cpu,
        early_memory=_memory(finished, EARLY - 100, EARLY),
        late_memory=_memory(finished, len(urls) - 100, len(urls)),
        version=score["version"],
    )


def _memory(finished: Run, first: int, last: int) -> float:
    """The median memory in MB between two numbers of visits."""
    moments = [moment for moment, done in progress(finished) if first <= done <= last]
    if not moments:
        return 0.0
    between = [sample.memory for sample in finished.samples if moments[0] <= sample.at <= moments[-1]]
    return median(between) / MB if between else 0.0
