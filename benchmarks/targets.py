"""The figures Nephila is held to, each judged on what was just measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.cache_speed import CacheSpeed
from benchmarks.dispatch_scale import DispatchCost
from benchmarks.fetch_speed import FetchSpeed
from benchmarks.pipeline import Standing
from benchmarks.soak import Soak
from benchmarks.startup import ColdStart, ImportCost

CPU_PER_1000 = 4.0
TIMES_CRAWL4AI = 25.0
IMPORT_MS = 100.0
IMPORT_MB = 40.0
COLD_START_MS = 500.0
SOAK_MB = 300.0
SOAK_GROWTH = 0.10
"""The peak may be this much higher at the end of the long stream than half-way; more is a leak."""

DISPATCH_MICROSECONDS = 60.0
DISPATCH_GROWTH = 1.5
"""Cost per URL of the longest queue as a multiple of the cheapest shorter one's; a queue that is searched grows by
orders of magnitude."""
KEPT_THROUGHPUT = 0.90
WARM_CACHE = 3.0
FETCH_PART = 0.80
"""Of the bare client's speed."""


@dataclass(frozen=True)
class Verdict:
    """One target."""

    target: str
    measured: str
    passed: bool | None
    """None: the peer to compare with could not be measured, for the reason in `measured`."""

    @property
    def word(self) -> str:
        return {True: "PASS", False: "MISS", None: "not measured"}[self.passed]


def judge_pipeline(standings: list[Standing]) -> Iterator[Verdict]:
    """Speed and processor time, absolute and beside the peers."""
    by_name = {standing.contestant.name: standing for standing in standings}
    own = by_name.get("nephila")
    if own is None:
        return
    target = f"whole pipeline: at most {CPU_PER_1000:g} CPU s per 1,000 pages"
    if own.trouble or not own.laps:
        yield Verdict(target, own.trouble or "no round", False)
        return
    cpu = own.value("cpu_per_1000")
    yield Verdict(target, f"{cpu:.2f}", cpu <= CPU_PER_1000)
    yield Verdict("whole pipeline: every page a success", f"{own.failed} failed of {own.pages}", own.failed == 0)
    for name, peer in by_name.items():
        if name != "nephila":
            yield from judge_beside(own, peer)


def judge_beside(own: Standing, peer: Standing) -> Iterator[Verdict]:
    """Against one peer: faster, and with less processor time."""
    name = peer.contestant.name
    least = TIMES_CRAWL4AI if name == "crawl4ai" else 1.0
    speed = f"pages/s: at least {least:g}x {name}" if least > 1 else f"pages/s: ahead of {name}"
    if not peer.laps:
        yield Verdict(speed, f"{name}: {peer.trouble}", None)
        return
    faster = own.ratio("pages_per_second", peer)
    yield Verdict(speed, f"{faster:.1f}x", faster >= least if least > 1 else faster > 1.0)
    if least == 1.0:
        share = own.ratio("cpu_per_1000", peer)
        yield Verdict(f"CPU: less than {name}", f"{share:.2f} of its CPU s", share < 1.0)


def judge_imports(costs: list[ImportCost]) -> Iterator[Verdict]:
    for cost in costs:
        if cost.statement == "import nephila":
            name = f"import nephila: under {IMPORT_MS:g} ms and {IMPORT_MB:g} MB"
            if cost.trouble:
                yield Verdict(name, cost.trouble, False)
            else:
                passed = cost.milliseconds < IMPORT_MS and cost.memory < IMPORT_MB
                yield Verdict(name, f"{cost.milliseconds:.0f} ms, {cost.memory:.0f} MB", passed)


def judge_cold_start(cold: ColdStart) -> Verdict:
    name = f"nephila crawl of one local page: under {COLD_START_MS:g} ms"
    if cold.trouble:
        return Verdict(name, cold.trouble, False)
    return Verdict(name, f"{cold.milliseconds:.0f} ms", cold.milliseconds < COLD_START_MS)


def judge_soak(soak: Soak) -> Iterator[Verdict]:
    name = f"stream of {soak.urls:,} URLs: under {SOAK_MB:g} MB in all processes"
    if soak.trouble:
        yield Verdict(name, soak.trouble, False)
        return
    yield Verdict(name, f"{soak.peaks[-1]:.0f} MB", soak.peaks[-1] < SOAK_MB)
    flat = f"stream of {soak.urls:,} URLs: memory flat (second half adds less than {SOAK_GROWTH:.0%})"
    yield Verdict(flat, f"{soak.growth:+.1%}", soak.growth < SOAK_GROWTH)
    yield Verdict(f"stream of {soak.urls:,} URLs: every page a success", f"{soak.failed} failed", soak.failed == 0)


def judge_dispatch(cost: DispatchCost) -> Iterator[Verdict]:
    name = f"dispatching: at most {DISPATCH_MICROSECONDS:g} µs of CPU per URL"
    if cost.trouble:
        yield Verdict(name, cost.trouble, False)
        return
    worst = max(scale.microseconds for scale in cost.scales)
    yield Verdict(name, f"{worst:.0f} µs", worst <= DISPATCH_MICROSECONDS)
    flat = f"dispatching: flat up to {cost.scales[-1].urls:,} URLs (less than {DISPATCH_GROWTH:g}x)"
    yield Verdict(flat, f"{cost.growth:.2f}x", cost.growth < DISPATCH_GROWTH)
    slow = f"50 fast hosts beside one of 10 s: at least {KEPT_THROUGHPUT:.0%} of their throughput"
    yield Verdict(slow, f"{cost.beside_slow:.0%}", cost.beside_slow >= KEPT_THROUGHPUT)
    ideal = f"50 hosts, 200 ms, 20 at once each: at least {KEPT_THROUGHPUT:.0%} of the ideal"
    yield Verdict(ideal, f"{cost.of_ideal:.0%}", cost.of_ideal >= KEPT_THROUGHPUT)


def judge_cache(speed: CacheSpeed) -> Iterator[Verdict]:
    name = f"crawl out of the page cache: at least {WARM_CACHE:g}x as fast as without"
    if speed.trouble:
        yield Verdict(name, speed.trouble, False)
        return
    faster = speed.times_faster("off")
    yield Verdict(
        name, f"{faster:.1f}x ({speed.times_faster('cold'):.1f}x the one that fills it)", faster >= WARM_CACHE
    )
    warm = next(crawl for crawl in speed.crawls if crawl.crawl == "warm")
    every = f"{warm.statuses.get('hit', 0)} hits, {warm.ok} successes of {speed.pages}"
    yield Verdict("crawl out of the page cache: every page a hit", every, warm.statuses == {"hit": speed.pages})


def judge_fetch(speed: FetchSpeed) -> Verdict:
    name = f"fetching alone: at least {FETCH_PART:.0%} of the bare client's speed"
    if speed.trouble:
        return Verdict(name, speed.trouble, False)
    return Verdict(name, f"{speed.part:.0%}", speed.part >= FETCH_PART)
