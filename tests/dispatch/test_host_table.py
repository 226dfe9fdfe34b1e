from __future__ import annotations

from nephila import CrawlResult, ErrorCode
from nephila.dispatch.host_table import HostTable


def failure(code: ErrorCode | None = ErrorCode.TIMEOUT, status: int | None = None) -> CrawlResult:
    return CrawlResult(url="", error_code=code, status_code=status)


def fill(table: HostTable, name: str, hosts: int, failures: int) -> None:
    for number in range(hosts):
        counts = table.of(f"{name}{number}")
        for _ in range(failures):
            counts.count_visit(failure(), 1.0)
            counts.failed += 1
        counts.done += 1


def test_few_hosts_are_all_shown() -> None:
    table = HostTable()
    fill(table, "bad", 2, 3)
    fill(table, "good", 5, 0)
    hosts, _, folded = table.most_telling()
    assert [name for name, _ in hosts[:2]] == ["bad0", "bad1"]
    assert (len(hosts), folded) == (7, 0)


def test_the_rest_is_summed_and_nothing_is_lost() -> None:
    table = HostTable()
    fill(table, "bad", 300, 2)
    fill(table, "good", 20_000, 0)
    fill(table, "worse", 300, 5)
    hosts, others, folded = table.most_telling()
    names = [name for name, _ in hosts]
    assert len(hosts) == 1_000
    assert all(name.startswith("worse") for name in names[:300])
    assert all(name.startswith("bad") for name in names[300:600])
    assert folded >= 19_600
    assert sum(counts.done for _, counts in hosts) + others.done == 20_600
    assert sum(counts.failed for _, counts in hosts) + others.failed == 300 * 2 + 300 * 5
    assert len(table.ranked()) <= 2_000


def test_made_up_statuses_take_no_memory() -> None:
    table = HostTable()
    counts = table.of("a")
    for status in range(400, 1000):
        counts.count_visit(failure(ErrorCode.HTTP, status), 0.1)
    assert len(counts.statuses) == 24
    assert counts.errors == {"http": 600}
    other = table.of("b")
    for status in range(700, 800):
        other.count_visit(failure(ErrorCode.HTTP, status), 0.1)
    counts.take_in(other)
    assert len(counts.statuses) == 24
    assert counts.problems == 700


def test_a_failure_without_a_code() -> None:
    counts = HostTable().of("a")
    counts.count_visit(failure(None), 0.1)
    assert counts.errors == {"unknown": 1}
