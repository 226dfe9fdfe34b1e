"""How much of the memory this process may use is in use: the container's limit where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

_CGROUP_V1_UNLIMITED = 1 << 60
"""Version 1 says "no limit" with a number close to 2**63."""


class MemoryGauge:
    """Reads memory use against the limit that will end the process.

    The tightest of the limits on the way from the process's control group to the root counts (cgroup v2 `memory.max`,
    v1 `memory.limit_in_bytes`); without one, the machine's memory. Reclaimable file cache is not counted as used.

    Args:
        root: Where the control group file system is mounted.
        process: The `/proc` folder of the process.
    """

    def __init__(self, root: Path = Path("/sys/fs/cgroup"), process: Path = Path("/proc/self")) -> None:
        self._group = _find_group(root, process)

    def percent(self) -> float:
        """Memory in use, in percent of the limit."""
        if self._group is not None:
            limit = _read_number(self._group.limit)
            used = self._group.used()
            if limit and used is not None and limit < psutil.virtual_memory().total:
                return 100.0 * used / limit
        return float(psutil.virtual_memory().percent)

    def limit_bytes(self) -> int:
        """The limit: the container's, else the machine's."""
        limit = _read_number(self._group.limit) if self._group is not None else None
        total = int(psutil.virtual_memory().total)
        return min(limit, total) if limit else total


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
    """One control group with a memory limit."""

    def __init__(self, folder: Path, limit: str, usage: str, cache_keys: tuple[str, ...]) -> None:
        self.limit = folder / limit
        self._usage = folder / usage
        self._stat = folder / "memory.stat"
        self._cache_keys = cache_keys

    def used(self) -> int | None:
        usage = _read_number(self._usage)
        if usage is None:
            return None
        try:
            lines = self._stat.read_text(encoding="ascii").splitlines()
        except OSError:
            return usage
        cache = sum(int(value) for key, _, value in (line.partition(" ") for line in lines) if key in self._cache_keys)
        return max(0, usage - cache)


def _find_group(root: Path, process: Path) -> _Group | None:
    """The group with the tightest limit that this process is in."""
    groups = [
        group
        for group in _groups_of(root, process)
        if (limit := _read_number(group.limit)) is not None and limit < _CGROUP_V1_UNLIMITED
    ]
    return min(groups, key=lambda group: _read_number(group.limit) or _CGROUP_V1_UNLIMITED, default=None)


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
                yield _Group(folder, "memory.max", "memory.current", ("inactive_file",))
        elif "memory" in controllers.split(","):
            for folder in _with_parents(root / "memory", path):
                yield _Group(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", ("total_inactive_file",))


def _with_parents(root: Path, path: str) -> Iterator[Path]:
    """The folders of a group and of every group it is in; inside a container the path may not be visible."""
    folder = root / path.strip("/")
    while folder != root and root in folder.parents:
        yield folder
        folder = folder.parent
    yield root


def _read_number(path: Path) -> int | None:
    """The number in a file; None when it is absent or says "max"."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdigit() else None
