"""The tables of the benchmark, in Markdown, so that they can be pasted as they are."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.cache_speed import CacheSpeed
from benchmarks.dispatch_scale import DispatchCost
from benchmarks.fetch_speed import FetchSpeed
from benchmarks.pipeline import Standing
from benchmarks.soak import MARKS, Soak
from benchmarks.startup import ColdStart, ImportCost
from benchmarks.targets import Verdict

Row = Sequence[str]


def markdown_table(headings: Row, rows: Sequence[Row]) -> str:
    """A table with its columns aligned: the first to the left, the others to the right."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in (headings, *rows)) for column in range(len(headings))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = [headings, rule, *rows]
    return "\n".join("| " + " | ".join(align(line, widths)) + " |" for line in lines)


def align(row: Row, widths: list[int]) -> list[str]:
    return [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]


def ratio_cells(standing: Standing, reference: Standing | None) -> list[str]:
    """Speed, processor time and memory as multiples of the reference's."""
    if reference is None or not reference.laps:
        return ["", "", ""]
    speed = standing.ratio("pages_per_second", reference)
    cpu = standing.ratio("cpu_per_1000", reference)
    return [f"{speed:.1f}x", f"{cpu:.3f}x", f"{standing.ratio('memory', reference):.2f}x"]


def pipeline_table(standings: list[Standing]) -> str:
    """One row a contestant; ratios are to Crawl4AI, medians over the rounds."""
    reference = next((one for one in standings if one.contestant.name == "crawl4ai"), None)
    headings = (
        "contestant", "produces", "pages", "kB/page", "failed", "pages/s", "CPU s/1,000", "peak MB",
        "pages/s to Crawl4AI", "CPU to it", "memory to it", "start CPU s",
    )  # fmt: skip
    rows = [
        (
            f"{standing.contestant.name} {standing.version}",
            standing.contestant.produces,
            f"{standing.pages:,}",
            f"{standing.mean_size / 1000:.0f}",
            str(standing.failed),
            f"{standing.value('pages_per_second'):.1f}",
            f"{standing.value('cpu_per_1000'):.2f}",
            f"{standing.value('memory'):.0f}",
            *ratio_cells(standing, reference),
            f"{standing.empty_cpu:.2f}",
        )
        for standing in standings
        if standing.laps
    ]
    return markdown_table(headings, rows)


def left_out(standings: list[Standing]) -> list[str]:
    """A sentence for every contestant that is not in the table, or only with some of its rounds."""
    return [f"{one.contestant.name} left the race: {one.trouble}" for one in standings if one.trouble]


def output_table(standings: list[Standing]) -> str:
    """What came out of a page on average, so that nobody wins by leaving things out unseen."""
    names = ("html_chars", "cleaned_chars", "markdown_chars", "links", "media", "tables", "metadata")
    rows = []
    for standing in standings:
        if standing.laps:
            score = standing.laps[-1].score
            means = [score[name] / max(score["ok"], 1) for name in names]
            rows.append(
                (standing.contestant.name, *(f"{mean:,.0f}" if mean >= 100 else f"{mean:.1f}" for mean in means))
            )
    headings = ("per page", "HTML chars", "cleaned HTML", "Markdown", "links", "media", "tables", "metadata")
    return markdown_table(headings, rows)


def startup_table(costs: list[ImportCost], cold: ColdStart | None) -> str:
    rows = []
    for cost in costs:
        statement = "bare interpreter" if cost.statement == "pass" else cost.statement
        figures = ("failed", "") if cost.trouble else (f"{cost.milliseconds:.0f}", f"{cost.memory:.1f}")
        rows.append((statement, *figures))
    if cold is not None:
        spread = f"{cold.milliseconds:.0f} ({cold.fastest:.0f} to {cold.slowest:.0f})"
        rows.append(("nephila crawl URL", "failed" if cold.trouble else spread, ""))
    return markdown_table(("start", "ms", "MB of the process"), rows)


def soak_table(soak: Soak) -> str:
    headings = ("long stream", "URLs/s", "CPU s/1,000", *(f"peak MB at {mark:.0%}" for mark in MARKS), "failed")
    if soak.trouble:
        return f"Long stream of {soak.urls:,} URLs: {soak.trouble}"
    row = (
        f"{soak.urls:,} URLs",
        f"{soak.urls / soak.seconds:.0f}",
        f"{1000 * soak.cpu / soak.urls:.2f}",
        *(f"{peak:.0f}" for peak in soak.peaks),
        str(soak.failed),
    )
    return markdown_table(headings, [row])


def dispatch_table(cost: DispatchCost) -> str:
    if cost.trouble:
        return f"Dispatching alone: {cost.trouble}"
    rows = [(f"{scale.urls:,} URLs", f"{scale.hosts:,}", f"{scale.microseconds:.1f}") for scale in cost.scales]
    return markdown_table(("dispatching alone", "hosts", "CPU µs/URL"), rows)


def cache_table(speed: CacheSpeed) -> str:
    if speed.trouble:
        return f"Page cache: {speed.trouble}"
    names = {"off": "without", "cold": "filling it", "warm": "out of it"}
    rows = [
        (
            names[crawl.crawl],
            f"{speed.pages:,}",
            f"{speed.pages / crawl.seconds:.0f}",
            f"{1000 * crawl.cpu / speed.pages:.2f}",
            f"{speed.times_faster(crawl.crawl):.1f}x",
        )
        for crawl in speed.crawls
    ]
    return markdown_table(("page cache", "pages", "pages/s", "CPU s/1,000", "out of it is faster"), rows)


def fetch_table(speed: FetchSpeed) -> str:
    if speed.trouble:
        return f"Fetching alone: {speed.trouble}"
    rows = [("aiohttp, bare", f"{speed.bare:,.0f}"), ("nephila's fetcher", f"{speed.own:,.0f}")]
    return markdown_table(("fetching alone", "pages/s"), rows)


def target_table(verdicts: list[Verdict]) -> str:
    rows = [(verdict.target, verdict.measured[:100], verdict.word) for verdict in verdicts]
    return markdown_table(("target", "measured", "verdict"), rows)
