"""What the benchmark ran on, for reading its figures later."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from statistics import median


def fixed_loop_ms() -> float:
    """Processor milliseconds of always the same loop, median of nine: how fast this machine is at this moment.

    Neighbours on the same cores slow processor time down too; two runs compare only as far as this figure agrees.
    """
    taken = []
    for _ in range(9):
        started = time.process_time()
        total = 0
        for number in range(1_000_000):
            total += number & 7
        taken.append(1000 * (time.process_time() - started))
    return median(taken)


def describe_machine() -> dict[str, str]:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass  # not Linux: the platform's own name is good enough
    return {
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "python": platform.python_version(),
        "system": platform.platform(),
        "fixed loop": f"{fixed_loop_ms():.0f} ms",
        "load before": " ".join(f"{value:.1f}" for value in os.getloadavg()),
    }
