"""How much of the memory this process may use is in use: the container's limit where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import psutil

_CGROUP_V1_UNLIMITED = 1 << 60
"""Version 1 says "no limit" with a number close to 2**63."""


class MachineMemory(Protocol):
    """The memory of the whole machine in bytes, as `psutil.virtual_memory` reads it."""

    @property
    def total(self) -> int:
        """All there is."""
        ...

    @property
    def available(self) -> int:
        """What programs can have without anything being swapped out."""
        ...


class MemoryGauge:
    """Reads memory use against the limit that will end the process.

    Every limit on the way from the process's control group to the root counts (cgroup v2 `memory.max`, v1
    `memory.limit_in_bytes`; https://docs.kernel.org/admin-guide/cgroup-v2.html); the one that is nearest to being
    reached decides. What is measured against it is what the kernel counts for that group: this process, all below it
    and whatever else shares the container; reclaimable file cache is left out. Without such a limit it is the machine's
    memory, and what all processes of the machine take of it, because that is what runs out. "In use" is what is not
    available: macOS keeps almost nothing free and calls what it could give at once inactive, Linux has its caches.

    Args:
        root: Where the control group file system is mounted.
        process: The `/proc` folder of the process.
        machine: Reads the memory of the machine.
    """

    def __init__(
        self,
        root: Path = Path("/sys/fs/cgroup"),
        process: Path = Path("/proc/self"),
        machine: Callable[[], MachineMemory] = psutil.virtual_memory,
    ) -> None:
        self._groups = list(_groups_of(root, process))
        self._machine = machine

    def percent(self) -> float:
        """Memory in use, in percent of the limit."""
        machine = self._machine()
        shares = [
            100.0 * used / limit
            for group in self._groups
            if (limit := group.limit_bytes()) is not None
            and limit < machine.total
            and (used := group.used()) is not None
        ]
        return max(shares, default=100.0 * (1.0 - machine.available / machine.total))

    def limit_bytes(self) -> int:
        """The limit: the tightest of the container's, else the machine's."""
        limits = [limit for group in self._groups if (limit := group.limit_bytes()) is not None]
        return min([*limits, self._machine().total])


def process_tree_megabytes() -> float:
    """Resident memory of this process and all below it (reading workers), in MB."""
    me = psutil.Process()
    total = 0
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            # It has ended meanwhile.
            continue
    return total / 1e6


class _Group:
    """One control group."""

    def __init__(self, folder: Path, limit: str, usage: str, cache_key: str) -> None:
        self._limit = folder / limit
        self._usage = folder / usage
        self._stat = folder / "memory.stat"
        self._cache_key = cache_key

    def limit_bytes(self) -> int | None:
        """The limit; None when there is none. It may be changed at any time."""
        limit = _read_number(self._limit)
        return limit if limit and limit < _CGROUP_V1_UNLIMITED else None

    def used(self) -> int | None:
        """Bytes in use without reclaimable cache; None when that cannot be read."""
        usage = _read_number(self._usage)
        if usage is None:
            return None
        try:
            lines = self._stat.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            return usage
        for line in lines:
            key, _, value = line.partition(" ")
            if key == self._cache_key and value.isdigit():
                return max(0, usage - int(value))
        return usage


def _groups_of(root: Path, process: Path) -> Iterator[_Group]:
    try:
        lines = (process / "cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = ["0::/"]
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            for folder in _with_parents(root, path):
                yield _Group(folder, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            for folder in _with_parents(root / "memory", path):
                yield _Group(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _with_parents(root: Path, path: str) -> Iterator[Path]:
    """The folders of a group and of every group it is in.

    Inside a container the path is often the one outside: then nothing is found but the root, which is the container's
    own group.
    """
    # A namespace shows what lies outside of it as "..".
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    for length in range(len(parts), -1, -1):
        yield root.joinpath(*parts[:length])


def _read_number(path: Path) -> int | None:
    """The number in a file; None when it is absent or says "max"."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdigit() else None
