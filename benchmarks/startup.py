"""What it costs before the first page: importing the package, and the command from a cold start."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.environments import Environment, run_variables
from benchmarks.plan import Plan

# The high-water mark comes from the status file because the maximum of getrusage outlives the exec and would show the
# size of the process that started this one.
IMPORT_PROGRAM = """
import json, time
started = time.perf_counter()
{statement}
seconds = time.perf_counter() - started
try:
    text = open("/proc/self/status").read()
    peak = int(text.split("VmHWM:")[1].split()[0]) * 1024
except (OSError, IndexError):
    import resource, sys
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps([seconds, peak]))
"""
START_SECONDS = 120


@dataclass(frozen=True)
class ImportCost:
    """What an import statement costs in a fresh process."""

    statement: str
    milliseconds: float
    """Median."""
    memory: float
    """Median peak of the whole process in MB, the interpreter's own included."""
    trouble: str = ""


def measure_import(python: Path, statement: str, times: int, variables: dict[str, str]) -> ImportCost:
    """The median over `times` fresh processes, after one that is not counted."""
    program = IMPORT_PROGRAM.format(statement=statement)
    seconds, peaks = [], []
    for number in range(times + 1):
        try:
            finished = subprocess.run(
                [str(python), "-c", program],
                env=variables,
                cwd=variables["HOME"],
                capture_output=True,
                text=True,
                timeout=START_SECONDS,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            lines = error.stderr.strip().splitlines()
            return ImportCost(statement, 0.0, 0.0, lines[-1] if lines else "no message")
        taken, peak = json.loads(finished.stdout.splitlines()[-1])
        if number:
            seconds.append(taken)
            peaks.append(peak)
    return ImportCost(statement, 1000 * median(seconds), median(peaks) / 1_000_000)


def measure_imports(plan: Plan, peer: Environment | None, scratch: Path) -> list[ImportCost]:
    """Nephila's import, with and without the names a crawl needs, beside Crawl4AI's and the bare interpreter."""
    own, python = run_variables(scratch, plan.source), Path(sys.executable)
    costs = [
        measure_import(python, "pass", plan.starts, own),
        measure_import(python, "import nephila", plan.starts, own),
        measure_import(python, "from nephila import AsyncWebCrawler, CrawlerRunConfig", plan.starts, own),
    ]
    if peer is not None and not peer.trouble:
        costs.append(measure_import(peer.python, "import crawl4ai", plan.starts, run_variables(scratch)))
    return costs


@dataclass(frozen=True)
class ColdStart:
    """`nephila crawl URL`, from the start of the process to its end."""

    milliseconds: float
    """Median."""
    fastest: float
    slowest: float
    trouble: str = ""


def measure_cold_start(plan: Plan, url: str, scratch: Path) -> ColdStart:
    """The median over fresh processes, after one that is not counted; the page's Markdown must come out."""
    variables = run_variables(scratch, plan.source)
    command = [sys.executable, "-m", "nephila", "crawl", url]
    taken = []
    for number in range(plan.starts + 1):
        started = time.perf_counter()
        finished = subprocess.run(
            command,
            env=variables,
            cwd=scratch,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=START_SECONDS,
            check=False,
        )
        milliseconds = 1000 * (time.perf_counter() - started)
        if finished.returncode or not finished.stdout.strip():
            lines = finished.stderr.decode(errors="replace").strip().splitlines()
            reason = lines[-1] if lines else "no output"
            return ColdStart(0.0, 0.0, 0.0, f"status {finished.returncode}: {reason}")
        if number:
            taken.append(milliseconds)
    return ColdStart(median(taken), min(taken), max(taken))
