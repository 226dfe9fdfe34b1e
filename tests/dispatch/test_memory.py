"""Which limit the gauge finds, on control groups laid out as kernels and containers do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from nephila import AsyncWebCrawler, MemoryAdaptiveDispatcher
from nephila.dispatch.memory import MemoryGauge, process_tree_megabytes

MB = 1_000_000
UNLIMITED_V1 = 9_223_372_036_854_771_712


def lay_out(folder: Path, cgroup: str | None, files: dict[str, str | int]) -> MemoryGauge:
    process = folder / "proc"
    process.mkdir()
    if cgroup is not None:
        (process / "cgroup").write_text(cgroup)
    root = folder / "cgroup"
    root.mkdir()
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return MemoryGauge(root, process)


CASES = {
    "v2, own group": (
        "0::/app\n",
        {"app/memory.max": 100 * MB, "app/memory.current": 40 * MB},
        100,
        40.0,
    ),
    "v2, root of a namespace": ("0::/\n", {"memory.max": 100 * MB, "memory.current": 40 * MB}, 100, 40.0),
    "v2, path of the outside": (
        "0::/docker/abc\n",
        {"memory.max": 100 * MB, "memory.current": 40 * MB},
        100,
        40.0,
    ),
    "v2, above the namespace": ("0::/../../app\n", {"memory.max": 100 * MB, "memory.current": 40 * MB}, 100, 40.0),
    "v2, no process file": (None, {"memory.max": 100 * MB, "memory.current": 40 * MB}, 100, 40.0),
    "v2, cache is not in use": (
        "0::/app\n",
        {
            "app/memory.max": 100 * MB,
            "app/memory.current": 90 * MB,
            "app/memory.stat": f"anon 1\ninactive_file {60 * MB}\nactive_file 5",
        },
        100,
        30.0,
    ),
    "v2, max below a limit": (
        "0::/pod/app\n",
        {
            "pod/app/memory.max": "max",
            "pod/app/memory.current": 10 * MB,
            "pod/memory.max": 200 * MB,
            "pod/memory.current": 150 * MB,
        },
        200,
        75.0,
    ),
    "v2, the parent is nearer to its limit": (
        "0::/pod/app\n",
        {
            "pod/app/memory.max": 100 * MB,
            "pod/app/memory.current": 10 * MB,
            "pod/memory.max": 200 * MB,
            "pod/memory.current": 190 * MB,
        },
        100,
        95.0,
    ),
    "v1, own group": (
        "4:memory:/app\n3:cpu:/app\n",
        {
            "memory/app/memory.limit_in_bytes": 100 * MB,
            "memory/app/memory.usage_in_bytes": 70 * MB,
            "memory/app/memory.stat": f"inactive_file 1\ntotal_inactive_file {20 * MB}",
            "memory/memory.limit_in_bytes": UNLIMITED_V1,
            "memory/memory.usage_in_bytes": 99 * MB,
        },
        100,
        50.0,
    ),
    "v1, path of the outside": (
        "7:cpu,memory:/docker/abc\n",
        {"memory/memory.limit_in_bytes": 100 * MB, "memory/memory.usage_in_bytes": 50 * MB},
        100,
        50.0,
    ),
    "both, memory is v1": (
        "4:memory:/app\n0::/\n",
        {"memory/app/memory.limit_in_bytes": 100 * MB, "memory/app/memory.usage_in_bytes": 50 * MB},
        100,
        50.0,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_limit_of_the_container(tmp_path: Path, case: tuple[str | None, dict[str, str | int], int, float]) -> None:
    cgroup, files, limit, percent = case
    gauge = lay_out(tmp_path, cgroup, files)
    assert gauge.limit_bytes() == limit * MB
    assert gauge.percent() == pytest.approx(percent)


NO_LIMIT = {
    "v2, max": ("0::/app\n", {"app/memory.max": "max", "app/memory.current": 1}),
    "v1, the largest number": (
        "4:memory:/\n",
        {"memory/memory.limit_in_bytes": UNLIMITED_V1, "memory/memory.usage_in_bytes": 1},
    ),
    "above the machine's": ("0::/app\n", {"app/memory.max": 2**50, "app/memory.current": 1}),
    "absent": ("0::/\n", {}),
    "no control groups": (None, {}),
    "nonsense": ("::::\nx\n\n", {"memory.max": "a lot"}),
}


@pytest.mark.parametrize("case", NO_LIMIT.values(), ids=NO_LIMIT)
def test_without_a_limit_it_is_the_machine(tmp_path: Path, case: tuple[str | None, dict[str, str | int]]) -> None:
    gauge = lay_out(tmp_path, *case)
    assert gauge.limit_bytes() == psutil.virtual_memory().total
    assert gauge.percent() == pytest.approx(psutil.virtual_memory().percent, abs=10)


class MacMemory(NamedTuple):
    """What `psutil.virtual_memory` gives on macOS, where free memory is next to nothing and files are inactive."""

    total: int = 16_384 * MB
    available: int = 6_144 * MB
    percent: float = 99.0
    used: int = 9_000 * MB
    free: int = 50 * MB
    active: int = 6_000 * MB
    inactive: int = 6_094 * MB
    wired: int = 3_000 * MB


def test_the_memory_of_a_mac(tmp_path: Path) -> None:
    gauge = MemoryGauge(tmp_path / "no cgroup", tmp_path / "no proc", MacMemory)
    assert gauge.limit_bytes() == 16_384 * MB
    assert gauge.percent() == pytest.approx(62.5)


async def test_pressure_on_a_mac_leaves_one_visit_running_and_the_batch_ends(tmp_path: Path) -> None:
    full = MemoryGauge(tmp_path / "no cgroup", tmp_path / "no proc", lambda: MacMemory(available=100 * MB))
    assert full.percent() > 99
    dispatcher = MemoryAdaptiveDispatcher(check_interval=0.01)
    dispatcher._gauge = full
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many([f"raw:<p>{number}" for number in range(30)], dispatcher=dispatcher)
    assert [result.success for result in results] == [True] * 30


def test_a_limit_may_come_and_go(tmp_path: Path) -> None:
    gauge = lay_out(tmp_path, "0::/app\n", {"app/memory.max": "max", "app/memory.current": 50 * MB})
    (tmp_path / "cgroup/app/memory.max").write_text(f"{100 * MB}\n")
    assert gauge.percent() == 50.0
    (tmp_path / "cgroup/app/memory.current").unlink()
    assert gauge.percent() == pytest.approx(psutil.virtual_memory().percent, abs=10)


def test_this_machine() -> None:
    gauge = MemoryGauge()
    assert 0 < gauge.percent() <= 100
    assert 0 < gauge.limit_bytes() <= psutil.virtual_memory().total


def test_the_tree_has_the_children_in_it() -> None:
    before = process_tree_megabytes()
    program = "x = bytearray(80_000_000); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert process_tree_megabytes() - before > 70
        child.kill()
