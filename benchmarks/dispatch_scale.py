"""What dispatching alone costs: visits that take no time, or a known time, under a rate limiter."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.environments import run_variables
from benchmarks.plan import Plan

PERMITS = 100
HOST_SECONDS = 3.0
"""About as long as each measurement with visits that take time lasts."""


@dataclass(frozen=True)
class Scale:
    """Dispatching a number of URLs whose visits take no time."""

    urls: int
    hosts: int
    microseconds: float
    """Processor time per URL."""


@dataclass(frozen=True)
class DispatchCost:
    """Everything measured about dispatching."""

    scales: list[Scale] = field(default_factory=list)
    beside_slow: float = 0.0
    """Throughput of 50 fast hosts beside one with 1,000 URLs and a delay of 10 s, as a part of that without it."""
    of_ideal: float = 0.0
    """Throughput of 50 hosts at 200 ms and 20 permits each, as a part of the ideal."""
    trouble: str = ""

    @property
    def growth(self) -> float:
        """Cost per URL of the most URLs, as a multiple of the cheapest smaller run's."""
        return self.scales[-1].microseconds / min(scale.microseconds for scale in self.scales[:-1])


def measure_dispatch(plan: Plan, scratch: Path) -> DispatchCost:
    """Each figure from a process of its own."""
    sizes = (1_000, 10_000, 100_000) if plan.quick else (1_000, 10_000, 100_000, 1_000_000)
    try:
        scales = [Scale(**_run(plan, scratch, "scale", str(size), str(min(size, 100_000)))) for size in sizes]
        slow = _run(plan, scratch, "slow")
        ideal = _run(plan, scratch, "ideal")
    except subprocess.CalledProcessError as error:
        return DispatchCost(trouble=(error.stderr.strip().splitlines() or ["no message"])[-1])
    return DispatchCost(scales, slow["part"], ideal["part"])


def _run(plan: Plan, scratch: Path, *arguments: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.dispatch_scale", *arguments]
    variables = run_variables(scratch, plan.source)
    finished = subprocess.run(
        command, env=variables, cwd=plan.repository, capture_output=True, text=True, timeout=300, check=True
    )
    measured: dict[str, float] = json.loads(finished.stdout.splitlines()[-1])
    return measured


# --- in the process that measures -------------------------------------------------------------------------------------


async def crawl(urls: Iterator[tuple[str, str]], limiter: object, permits: int, latency: float) -> AsyncIterator[str]:
    """Dispatch the (host, URL) pairs; a visit does nothing but wait."""
    from nephila import CrawlResult, Job, SemaphoreDispatcher
    from nephila.attempt import Fetched

    async def jobs() -> AsyncIterator[Job]:
        for position, (host, url) in enumerate(urls):
            yield Job(position, url, host, 0.0)

    async def visit(job: Job) -> CrawlResult:
        if latency:
            await asyncio.sleep(latency)
        if job.attempt is not None:
            job.attempt.settle(Fetched(200))
        return CrawlResult(url=job.url, success=True, status_code=200)

    dispatcher = SemaphoreDispatcher(permits, permits, rate_limiter=limiter)  # type: ignore[arg-type]
    async for result in dispatcher.run(jobs(), visit):
        yield result.url


def addresses(hosts: int, count: int) -> Iterator[tuple[str, str]]:
    """URLs, the hosts in turns."""
    for number in range(count):
        host = f"h{number % hosts}.example"
        yield host, f"http://{host}/{number}"


async def measure_scale(urls: int, hosts: int) -> dict[str, float]:
    """Processor time per URL; the small runs are repeated until they can be timed."""
    from nephila import RateLimiter

    rounds = max(1, 50_000 // urls)
    # Anything imported late, or compiled on first use, is not the cost of a URL.
    await drain(crawl(addresses(10, 200), RateLimiter(0), PERMITS, 0.0))
    gc.collect()
    started = time.process_time()
    for _ in range(rounds):
        # A pause so short that it is over by the host's next turn: the whole of pacing, none of the waiting.
        await drain(crawl(addresses(hosts, urls), RateLimiter(1e-6, max_per_host=10), PERMITS, 0.0))
    taken = time.process_time() - started
    return asdict(Scale(urls, hosts, 1_000_000 * taken / (urls * rounds)))


async def drain(results: AsyncIterator[str]) -> float:
    """Take every result; returns the seconds it took."""
    started = time.monotonic()
    async for _ in results:
        pass
    return time.monotonic() - started


async def measure_beside_slow() -> dict[str, float]:
    """Fifty fast hosts with and without a slow one whose URLs come first."""
    from nephila import HostLimits, RateLimiter

    each = 60
    fast = [(f"f{number}.example", f"http://f{number}.example/{page}") for page in range(each) for number in range(50)]
    slow = [("slow.example", f"http://slow.example/{page}") for page in range(1000)]

    async def seconds(urls: list[tuple[str, str]]) -> float:
        limiter = RateLimiter(HOST_SECONDS / each, per_host={"slow.example": HostLimits(delay=10)})
        left, started = len(fast), time.monotonic()
        results = crawl(iter(urls), limiter, 20, 0.01)
        async for url in results:
            left -= "slow" not in url
            if not left:
                break
        taken = time.monotonic() - started
        await results.aclose()  # type: ignore[attr-defined]
        return taken

    alone = await seconds(fast)
    return {"part": alone / await seconds([*slow, *fast])}


async def measure_ideal() -> dict[str, float]:
    """Fifty hosts that answer in 200 ms, twenty visits at once to each."""
    from nephila import RateLimiter

    hosts, each, latency = 50, 20, 0.2
    count = int(hosts * each * HOST_SECONDS / latency)
    limiter = RateLimiter(0, max_per_host=each)
    taken = await drain(crawl(addresses(hosts, count), limiter, hosts * each, latency))
    return {"part": count / (hosts * each / latency) / taken}


MEASUREMENTS: dict[str, Callable[..., Awaitable[dict[str, float]]]] = {
    "scale": measure_scale,
    "slow": measure_beside_slow,
    "ideal": measure_ideal,
}


async def main() -> None:
    parser = argparse.ArgumentParser(description="Measure dispatching alone, once.")
    parser.add_argument("measurement", choices=MEASUREMENTS)
    parser.add_argument("sizes", nargs="*", type=int)
    arguments = parser.parse_args()
    print(json.dumps(await MEASUREMENTS[arguments.measurement](*arguments.sizes)))


if __name__ == "__main__":
    asyncio.run(main())
