"""What a run must not leave behind: tasks, processes, open files, connections."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.site.server import Site
from tests.waiting import children, until

SECONDS = 5.0


@dataclass(frozen=True)
class Held:
    """What this process holds at one moment."""

    tasks: int
    processes: int
    files: int
    sockets: int

    @classmethod
    def now(cls) -> Held:
        return cls(
            tasks=len(asyncio.all_tasks()),
            processes=len(children()),
            files=len(psutil.Process().open_files()),
            sockets=sum(1 for name in _descriptors() if name.startswith("socket:")),
        )

    def __le__(self, other: Held) -> bool:
        return (
            self.tasks <= other.tasks
            and self.processes <= other.processes
            and self.files <= other.files
            and self.sockets <= other.sockets
        )


def _descriptors() -> list[str]:
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(os.readlink(entry))
    return found


@contextlib.asynccontextmanager
async def nothing_left_behind(site: Site) -> AsyncIterator[None]:
    """Fail when, five seconds after the block, more is held than before it, or the site still serves somebody."""
    await until(lambda: site.active == 0 and site.connections == 0)
    before = Held.now()
    yield
    try:
        await until(lambda: Held.now() <= before and site.active == 0 and site.connections == 0, SECONDS)
    except AssertionError:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        raise AssertionError(f"before: {before}, after: {Held.now()}, {site.connections=}, {tasks}") from None
