"""Run the benchmark: `python -m benchmarks [--quick] [--only PART]` from the repository's root."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.cache_speed import CacheSpeed, measure_cache
from benchmarks.corpus import Corpus, corpus_files, corpus_folder, lay_out_site, page_urls, sample
from benchmarks.dispatch_scale import DispatchCost, measure_dispatch
from benchmarks.environments import PEERS, Environment, prepare_peer
from benchmarks.fetch_speed import FetchSpeed, measure_fetch
from benchmarks.machine import describe_machine
from benchmarks.pipeline import Race, Standing, run_race
from benchmarks.plan import CONCURRENCY, PARTS, Plan, choose
from benchmarks.server import Site, serve
from benchmarks.soak import Soak, run_soak
from benchmarks.startup import ColdStart, ImportCost, measure_cold_start, measure_imports
from benchmarks.targets import (
    Verdict,
    judge_cache,
    judge_cold_start,
    judge_dispatch,
    judge_fetch,
    judge_imports,
    judge_pipeline,
    judge_soak,
)

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass
class Report:
    """Everything one run found."""

    machine: dict[str, str]
    standings: list[Standing] = field(default_factory=list)
    imports: list[ImportCost] = field(default_factory=list)
    cold_start: ColdStart | None = None
    soak: Soak | None = None
    dispatch: DispatchCost | None = None
    cache: CacheSpeed | None = None
    fetch: FetchSpeed | None = None

    def verdicts(self) -> list[Verdict]:
        verdicts = [*judge_pipeline(self.standings), *judge_imports(self.imports)]
        if self.cold_start is not None:
            verdicts.append(judge_cold_start(self.cold_start))
        if self.soak is not None:
            verdicts.extend(judge_soak(self.soak))
        if self.dispatch is not None:
            verdicts.extend(judge_dispatch(self.dispatch))
        if self.cache is not None:
            verdicts.extend(judge_cache(self.cache))
        if self.fetch is not None:
            verdicts.append(judge_fetch(self.fetch))
        return verdicts


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Nephila beside its peers.")
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK", "") not in ("", "0"))
    parser.add_argument("--only", choices=PARTS, default=os.environ.get("ONLY") or None, help="run one part")
    parser.add_argument("--contestants", default="", help="a comma-separated choice for the pipeline")
    parser.add_argument("--fresh", action="store_true", help="install the peers' newest releases again")
    parser.add_argument("--own-server", action="store_true", help="do not use nginx")
    parser.add_argument("--strict", action="store_true", help="end with status 1 when a target is missed")
    return parser.parse_args()


def find_corpus() -> list[Path]:
    folder = corpus_folder(REPOSITORY)
    files = corpus_files(folder)
    if not files:
        print(f"No corpus in {folder} (set NEPHILA_CORPUS): falling back to generated pages.")
    return files


def prepare(plan: Plan, fresh: bool) -> dict[str, Environment]:
    """The environments the chosen parts need; one that cannot be made is said here and left out."""
    needed = {contestant.environment for contestant in plan.contestants} if "pipeline" in plan.parts else set()
    if "import" in plan.parts:
        needed.add("crawl4ai")
    environments = {"nephila": Environment(Path(sys.executable))}
    for name in PEERS:
        if name in needed:
            environments[name] = prepare_peer(name, plan.bench_folder / "environments", fresh)
            if environments[name].trouble:
                print(f"{name} is left out: it could not be installed: {environments[name].trouble}")
    return environments


def run_parts(plan: Plan, corpus: Corpus, site: Site, environments: dict[str, Environment], scratch: Path) -> Report:
    report = Report(describe_machine())
    if "pipeline" in plan.parts:
        print(f"Pipeline, {plan.rounds} round(s) in turns ...", flush=True)
        report.standings = run_race(Race(plan, corpus, site.hosts, scratch), plan, environments)
    home = scratch / "home"
    home.mkdir()
    if "import" in plan.parts:
        print("Import ...", flush=True)
        report.imports = measure_imports(plan, environments.get("crawl4ai"), home)
    if "coldstart" in plan.parts:
        print("Cold start ...", flush=True)
        page = sample(corpus.pages, 1)[0]
        report.cold_start = measure_cold_start(plan, f"http://{site.hosts[0]}{page.path}", home)
    if "soak" in plan.parts:
        print(f"Long stream, {plan.soak_urls:,} URLs ...", flush=True)
        report.soak = run_soak(plan, site.hosts, home)
    if "dispatch" in plan.parts:
        print("Dispatching alone ...", flush=True)
        report.dispatch = measure_dispatch(plan, home)
    if "cache" in plan.parts:
        print("Page cache ...", flush=True)
        pages = sample(corpus.pages, plan.cache_pages)
        report.cache = measure_cache(plan, page_urls(pages, site.hosts), home)
    if "fetch" in plan.parts:
        print("Fetching alone ...", flush=True)
        report.fetch = measure_fetch(plan, [f"http://{site.hosts[0]}{page.path}" for page in corpus.pages], home)
    return report


def print_report(report: Report, corpus: Corpus, site: Site) -> None:
    blocks = []
    if report.standings:
        blocks += [
            f"Whole pipeline: {len(corpus.pages):,} {corpus.source} of {corpus.mean_size / 1000:.0f} kB on average, "
            f"{len(site.hosts)} hosts, {site.server}, gzip, {CONCURRENCY} pages at a time; medians over the rounds.",
            table.pipeline_table(report.standings),
            *table.left_out(report.standings),
            table.output_table(report.standings),
        ]
    if report.imports or report.cold_start:
        blocks.append(table.startup_table(report.imports, report.cold_start))
    if report.soak is not None:
        blocks.append(table.soak_table(report.soak))
    if report.dispatch is not None:
        blocks.append(table.dispatch_table(report.dispatch))
    if report.cache is not None:
        blocks.append(table.cache_table(report.cache))
    if report.fetch is not None:
        blocks.append(table.fetch_table(report.fetch))
    blocks.append(table.target_table(report.verdicts()))
    blocks.append(" · ".join(f"{name}: {value}" for name, value in report.machine.items()))
    print("\n" + "\n\n".join(block for block in blocks if block))


def to_json(report: Report, corpus: Corpus, site: Site) -> dict[str, Any]:
    return {
        "machine": report.machine,
        "pages": {"source": corpus.source, "count": len(corpus.pages), "mean_bytes": corpus.mean_size},
        "server": site.server,
        "pipeline": [asdict(standing) for standing in report.standings],
        "imports": [asdict(cost) for cost in report.imports],
        "cold_start": report.cold_start and asdict(report.cold_start),
        "soak": report.soak and asdict(report.soak),
        "dispatch": report.dispatch and asdict(report.dispatch),
        "cache": report.cache and asdict(report.cache),
        "fetch": report.fetch and asdict(report.fetch),
        "targets": [asdict(verdict) for verdict in report.verdicts()],
    }


def main() -> int:
    arguments = read_arguments()
    # An installed package has its bytecode; compiling the sources at every start is not what is measured.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.monotonic()
    try:
        contestants = choose(arguments.contestants)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    plan = Plan(arguments.quick, REPOSITORY, (arguments.only,) if arguments.only else PARTS, contestants)
    environments = prepare(plan, arguments.fresh)
    with tempfile.TemporaryDirectory(prefix="nephila-bench-") as folder:
        scratch = Path(folder)
        corpus = lay_out_site(scratch / "site", find_corpus())
        with serve(scratch / "site", scratch, REPOSITORY, use_nginx=not arguments.own_server) as site:
            if site.server != "nginx":
                print("nginx is not used: the site comes from our own server, which takes more of the machine.")
            report = run_parts(plan, corpus, site, environments, scratch)
    print_report(report, corpus, site)
    plan.bench_folder.mkdir(exist_ok=True)
    results = plan.bench_folder / "results.json"
    results.write_text(json.dumps(to_json(report, corpus, site), indent=2), encoding="utf-8")
    print(f"Took {time.monotonic() - started:.0f} s. Everything measured: {results}")
    missed = [verdict for verdict in report.verdicts() if verdict.passed is False]
    return 1 if arguments.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
