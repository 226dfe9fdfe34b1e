"""Runs a program and measures it with all its processes: wall clock, processor time, peak memory.

Processor time is user + system of the program and of every descendant it waited for, as the kernel adds them up
(`wait4`). A worker the program did not wait for is missing there, so every process of the tree is also read while it
runs; the greater of the two sums counts. Memory is the sum over the tree of each process's proportional set size (PSS:
a page shared by n processes counts 1/n in each), read every 50 ms; where the system has no PSS, resident sizes are
added up, which counts shared pages several times.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05
TREE_SECONDS = 0.25
"""How often the tree is searched for new processes; a search costs more than a reading."""
MB = 1_000_000


@dataclass(frozen=True)
class Sample:
    """The memory of the whole tree at one moment."""

    at: float
    """`time.monotonic()`, seconds."""
    memory: int
    """Bytes, PSS where there is one."""
    resident: int
    """Bytes, the plain sum of resident sizes."""


@dataclass
class Run:
    """One finished program."""

    code: int | None
    """Exit status, negative for a signal; None when it ran out of time."""
    wall: float
    cpu: float
    lines: list[tuple[float, str]]
    """Its output, each line with the moment it came."""
    error: str
    """The end of its standard error."""
    samples: list[Sample] = field(default_factory=list)

    @property
    def peak_memory(self) -> int:
        """Bytes of the whole tree."""
        return max((sample.memory for sample in self.samples), default=0)

    @property
    def peak_resident(self) -> int:
        return max((sample.resident for sample in self.samples), default=0)

    def peak_before(self, moment: float) -> int:
        """The peak up to a moment of `time.monotonic()`."""
        return max((sample.memory for sample in self.samples if sample.at <= moment), default=0)


def proportional_size(pid: int) -> int | None:
    """Bytes of PSS of a process; None where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return None


class TreeSampler(threading.Thread):
    """Reads the processes of a tree until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.samples: list[Sample] = []
        self._root = pid
        self._processes: dict[int, psutil.Process] = {}
        self._cpu: dict[int, float] = {}
        self._stopped = threading.Event()

    @property
    def cpu(self) -> float:
        """Processor seconds of every process seen, as last read."""
        return sum(self._cpu.values())

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def run(self) -> None:
        next_search = 0.0
        while not self._stopped.wait(SAMPLE_SECONDS):
            now = time.monotonic()
            if now >= next_search:
                self._search()
                next_search = now + TREE_SECONDS
            self._read(now)

    def _search(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            root = self._processes.setdefault(self._root, psutil.Process(self._root))
            for child in root.children(recursive=True):
                self._processes.setdefault(child.pid, child)

    def _read(self, now: float) -> None:
        memory = resident = 0
        for pid, process in list(self._processes.items()):
            try:
                with process.oneshot():
                    times, size = process.cpu_times(), process.memory_info().rss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                del self._processes[pid]
                continue
            self._cpu[pid] = times.user + times.system
            resident += size
            memory += proportional_size(pid) or size
        if memory:
            self.samples.append(Sample(now, memory, resident))


def read_lines(stream: Iterable[str], lines: list[tuple[float, str]]) -> None:
    """Collect the lines of a program's output as they come."""
    for line in stream:
        lines.append((time.monotonic(), line.rstrip("\n")))


def run(command: list[str], variables: dict[str, str], folder: Path, timeout: float = 600.0) -> Run:
    """Run a program to its end and measure it; after `timeout` seconds its process group is killed."""
    lines: list[tuple[float, str]] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        reader = threading.Thread(target=read_lines, args=(process.stdout, lines), daemon=True)
        sampler = TreeSampler(process.pid)
        timed_out = threading.Event()
        timer = threading.Timer(timeout, give_up, args=(process.pid, timed_out))
        for thread in (reader, sampler, timer):
            thread.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - started
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            timer.cancel()
            sampler.stop()
            kill_group(process.pid)
        reader.join(timeout=10)
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()
        errors.seek(0)
        return Run(
            code=None if timed_out.is_set() else process.returncode,
            wall=wall,
            cpu=max(usage.ru_utime + usage.ru_stime, sampler.cpu),
            lines=lines,
            error=errors.read()[-2000:].strip(),
            samples=sampler.samples,
        )


def give_up(group: int, timed_out: threading.Event) -> None:
    timed_out.set()
    kill_group(group)


def kill_group(group: int) -> None:
    """Kill what is left of a program we started in its own group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
