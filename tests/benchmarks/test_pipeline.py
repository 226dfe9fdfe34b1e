"""Scores, ratios, tables and verdicts."""

import json
from dataclasses import replace

import pytest

from benchmarks.measure import Run, Sample
from benchmarks.pipeline import Lap, Standing, make_lap, read_score
from benchmarks.plan import CONTESTANTS, Contestant, Plan, choose
from benchmarks.soak import Soak, peaks_at_marks
from benchmarks.startup import ColdStart, ImportCost
from benchmarks.table import left_out, markdown_table, output_table, pipeline_table, soak_table, startup_table
from benchmarks.targets import judge_cold_start, judge_imports, judge_pipeline, judge_soak

NAMES = ("html_chars", "cleaned_chars", "markdown_chars", "links", "media", "tables", "metadata")
SCORE = {"version": "1.0", "ok": 100, "failed": 0, **dict.fromkeys(NAMES, 50)}


def contestant(name: str) -> Contestant:
    return next(one for one in CONTESTANTS if one.name == name)


def finished(*lines: str, code: int | None = 0, cpu: float = 1.0, error: str = "") -> Run:
    return Run(code, 1.0, cpu, [(float(number), line) for number, line in enumerate(lines)], error)


def lap(speed: float, cpu: float, failed: int = 0, memory: float = 100.0) -> Lap:
    score = SCORE | {"ok": 100 - failed, "failed": failed}
    return Lap(100, failed, 100 / speed, cpu / 10, cpu / 10 + 0.5, memory, score)


def standing(name: str, *laps: Lap, trouble: str = "") -> Standing:
    return Standing(contestant(name), pages=100, mean_size=190_000, empty_cpu=0.5, laps=list(laps), trouble=trouble)


def test_score_is_the_last_line_of_json() -> None:
    score, trouble = read_score(finished("a banner", json.dumps(SCORE)))
    assert score == SCORE
    assert trouble == ""


@pytest.mark.parametrize(
    ("run", "trouble"),
    [
        (finished(code=None), "ran out of time"),
        (finished(code=1, error="Traceback\nImportError: no"), "ended with status 1: ImportError: no"),
        (finished("banner"), "gave no result"),
        (finished('{"broken'), "gave no result"),
    ],
)
def test_a_contestant_without_a_score_says_why(run: Run, trouble: str) -> None:
    assert read_score(run) == ({}, trouble)


def test_processor_time_of_a_lap_leaves_out_the_start() -> None:
    one = make_lap(finished(cpu=2.5), SCORE | {"seconds": 2.0, "failed": 10, "ok": 90}, empty_cpu=0.5)
    assert one.cpu == 2.0
    assert one.cpu_per_1000 == 20.0
    assert one.pages_per_second == 50.0


def test_ratio_is_the_median_of_the_ratios_round_by_round() -> None:
    mine = standing("nephila", lap(100, 4), lap(300, 4), lap(90, 4))
    theirs = standing("crawl4ai", lap(10, 80), lap(10, 80), lap(3, 80))
    assert mine.ratio("pages_per_second", theirs) == pytest.approx(30.0)
    assert mine.value("pages_per_second") == pytest.approx(100.0)


def test_pipeline_targets_pass_and_miss() -> None:
    field = [standing("nephila", lap(260, 3.9)), standing("crawl4ai", lap(10, 80)), standing("scrapy", lap(300, 8))]
    verdicts = {verdict.target: verdict for verdict in judge_pipeline(field)}
    assert verdicts["whole pipeline: at most 4 CPU s per 1,000 pages"].word == "PASS"
    assert verdicts["whole pipeline: every page a success"].word == "PASS"
    assert verdicts["pages/s: at least 25x crawl4ai"].measured == "26.0x"
    assert verdicts["pages/s: at least 25x crawl4ai"].word == "PASS"
    assert verdicts["pages/s: ahead of scrapy"].word == "MISS"
    assert verdicts["CPU: less than scrapy"].word == "PASS"


def test_pipeline_targets_miss_at_the_limits() -> None:
    field = [standing("nephila", lap(240, 4.1, failed=1)), standing("crawl4ai", lap(10, 80))]
    assert [verdict.word for verdict in judge_pipeline(field)] == ["MISS", "MISS", "MISS"]


def test_a_peer_that_is_not_there_is_not_measured_but_our_own_failure_is_a_miss() -> None:
    absent = standing("scrapy", trouble="no network")
    words = [verdict.word for verdict in judge_pipeline([standing("nephila", lap(240, 3)), absent])]
    assert words == ["PASS", "PASS", "not measured"]
    assert [one.word for one in judge_pipeline([standing("nephila", trouble="crashed"), absent])] == ["MISS"]
    assert left_out([absent]) == ["scrapy left the race: no network"]


def test_import_target_wants_both_time_and_memory() -> None:
    cost = ImportCost("import nephila", 50, 30)
    costs = [cost, replace(cost, milliseconds=101), replace(cost, memory=41), replace(cost, trouble="broken")]
    assert [verdict.word for verdict in judge_imports(costs)] == ["PASS", "MISS", "MISS", "MISS"]
    assert list(judge_imports([replace(cost, statement="import crawl4ai")])) == []


def test_cold_start_target() -> None:
    assert judge_cold_start(ColdStart(499, 400, 600)).word == "PASS"
    assert judge_cold_start(ColdStart(501, 400, 600)).word == "MISS"
    assert judge_cold_start(ColdStart(0, 0, 0, "status 1: no")).word == "MISS"


def test_soak_targets() -> None:
    def words(soak: Soak) -> list[str]:
        return [verdict.word for verdict in judge_soak(soak)]

    assert words(Soak(1000, 0, 10, 5, (100, 120, 125))) == ["PASS", "PASS", "PASS"]
    assert words(Soak(1000, 3, 10, 5, (100, 200, 310))) == ["MISS", "MISS", "MISS"]
    assert words(Soak(1000, trouble="ran out of time")) == ["MISS"]


def test_peaks_are_those_up_to_each_mark() -> None:
    run = finished(*(json.dumps({"done": done}) for done in (10, 50, 100)))
    run.samples = [Sample(-0.5, 50_000_000, 0), Sample(0.5, 90_000_000, 0), Sample(2.5, 95_000_000, 0)]
    assert peaks_at_marks(run, 100) == (50.0, 90.0, 95.0)


def test_tables_hold_every_contestant_that_ran() -> None:
    field = [
        standing("nephila", lap(260, 4, memory=50)),
        standing("crawl4ai", lap(10, 80)),
        standing("scrapy", trouble="x"),
    ]
    lines = pipeline_table(field).splitlines()
    assert len(lines) == 4
    assert [cell.strip() for cell in lines[2].split("|")[1:-1]] == [
        "nephila 1.0", "everything", "100", "190", "0", "260.0", "4.00", "50", "26.0x", "0.050x", "0.50x", "0.50",
    ]  # fmt: skip
    assert len(output_table(field).splitlines()) == 4
    assert pipeline_table([standing("scrapy", lap(10, 8))]).splitlines()[2].count("x") == 0


def test_table_cells_are_aligned() -> None:
    assert markdown_table(("a", "b"), [("long name", "1"), ("x", "22,222")]) == (
        "| a         |      b |\n| --------- | -----: |\n| long name |      1 |\n| x         | 22,222 |"
    )


def test_start_and_soak_tables_show_failures() -> None:
    text = startup_table([ImportCost("pass", 0, 10), ImportCost("import x", 0, 0, "no x")], ColdStart(1, 1, 1, "bad"))
    assert "bare interpreter" in text
    assert text.count("failed") == 2
    assert soak_table(Soak(10, trouble="ran out of time")) == "Long stream of 10 URLs: ran out of time"
    assert "| 10 URLs" in soak_table(Soak(10, 0, 2, 1, (1.0, 2.0, 3.0)))


def test_plan_gives_the_slow_a_sample(tmp_path) -> None:
    full, quick = Plan(False, tmp_path), Plan(True, tmp_path)
    assert full.pages_of(contestant("nephila"), 1329) == 1329
    assert full.pages_of(contestant("crawl4ai"), 1329) < 1329
    assert quick.pages_of(contestant("nephila"), 1329) < 1329
    assert full.pages_of(contestant("crawl4ai"), 20) == 20


def test_contestants_are_chosen_by_name() -> None:
    assert choose("") == CONTESTANTS
    assert [one.name for one in choose("scrapy,nephila")] == ["scrapy", "nephila"]
    with pytest.raises(ValueError, match="No contestant named nobody; there are nephila, crawl4ai"):
        choose("scrapy,nobody")
