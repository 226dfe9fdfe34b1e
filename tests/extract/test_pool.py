"""The reading workers are real processes here, and are really stopped and killed."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from pathlib import Path

import psutil
import pytest

from nephila.errors import CrawlerClosedError, ErrorCode
from nephila.extract.document import read
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.extract.pool import ReaderPool, ReadingPlan
from nephila.models import RawPage
from nephila.options import CrawlerRunConfig
from tests.waiting import children, until

PLAN = ReadingPlan.of(CrawlerRunConfig())
LARGE = b"<p>padding of some length</p>\n" * 20_000
"""More than is read in the process."""

MakePool = Callable[[int], ReaderPool]


def page(text: str, body: bytes = b"") -> RawPage:
    return RawPage("http://example.com/", b"<h1>%b</h1>" % text.encode() + body, "text/html")


@pytest.fixture
async def make_pool() -> AsyncIterator[MakePool]:
    """Makes pools that are closed at the end, fast and leaving nothing."""
    pools: list[ReaderPool] = []

    def make(workers: int) -> ReaderPool:
        pools.append(ReaderPool(workers))
        return pools[-1]

    yield make
    for pool in pools:
        started = time.monotonic()
        await pool.close()
        assert time.monotonic() - started < 1
    assert children() == []


async def start_workers(pool: ReaderPool, count: int) -> list[int]:
    """Read until that many workers have answered."""
    while len(pool.worker_pids) < count:
        await asyncio.gather(*(pool.read(page(str(number), LARGE), PLAN) for number in range(3 * count)))
    # Once more: now each of them has a page to answer.
    await asyncio.gather(*(pool.read(page(str(number), LARGE), PLAN) for number in range(2 * count)))
    return pool.worker_pids


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


async def test_first_pages_are_read_in_the_process(make_pool: MakePool) -> None:
    pool = make_pool(2)
    for number in range(2):
        assert str(number) in (await pool.read(page(str(number)), PLAN)).markdown.raw_markdown
    assert pool.worker_pids == [] and children() == []
    assert (await pool.read(page("three"), PLAN)).markdown.raw_markdown == "# three"
    assert len(pool.worker_pids) == 1


async def test_large_page_is_never_read_in_the_process(make_pool: MakePool) -> None:
    pool = make_pool(1)
    document = await pool.read(page("large", LARGE), PLAN)
    assert "# large" in document.markdown.raw_markdown
    assert len(pool.worker_pids) == 1


async def test_page_whose_worker_is_killed_is_read_again(make_pool: MakePool) -> None:
    pool = make_pool(1)
    (pid,) = await start_workers(pool, 1)
    stop(pid)
    reading = [asyncio.create_task(pool.read(page(f"page {number}", LARGE), PLAN)) for number in range(5)]
    await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    documents = await asyncio.gather(*reading)
    assert [document.error for document in documents] == [""] * 5
    assert all(f"# page {number}" in document.markdown.raw_markdown for number, document in enumerate(documents))
    assert pool.worker_pids != [pid]


async def test_page_that_ends_its_worker_twice_fails_alone(make_pool: MakePool) -> None:
    pool = make_pool(2)
    pids = await start_workers(pool, 2)
    for pid in pids:
        stop(pid)
    suspect = asyncio.create_task(pool.read(page("suspect", LARGE), PLAN))
    await asyncio.sleep(0)
    os.kill(pids[0], signal.SIGKILL)
    await until(lambda: pool.worker_pids == [pids[1]])
    neighbours = [asyncio.create_task(pool.read(page(f"n{number}", LARGE), PLAN)) for number in range(6)]
    await asyncio.sleep(0)
    os.kill(pids[1], signal.SIGKILL)
    document = await suspect
    assert document.error_code == ErrorCode.READER_CRASHED
    assert document.error == "Reading the page ended its worker process twice."
    for number, neighbour in enumerate(await asyncio.gather(*neighbours)):
        assert neighbour.error == ""
        assert f"# n{number}" in neighbour.markdown.raw_markdown


async def test_every_worker_killed_in_the_middle(make_pool: MakePool) -> None:
    pool = make_pool(2)
    await start_workers(pool, 2)
    reading = [asyncio.create_task(pool.read(page(f"p{number}", LARGE), PLAN)) for number in range(100)]
    await until(lambda: sum(task.done() for task in reading) >= 20)
    for pid in pool.worker_pids:
        os.kill(pid, signal.SIGKILL)
    documents = await asyncio.gather(*reading)
    assert all(f"# p{number}" in document.markdown.raw_markdown for number, document in enumerate(documents))


async def test_deadline_while_reading_replaces_the_worker(make_pool: MakePool) -> None:
    pool = make_pool(1)
    (pid,) = await start_workers(pool, 1)
    stop(pid)
    late = asyncio.create_task(pool.read(page("late", LARGE), PLAN))
    await asyncio.sleep(0)
    patient = asyncio.create_task(pool.read(page("patient", LARGE), PLAN))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(late, 0.1)
    assert "# patient" in (await asyncio.wait_for(patient, 5)).markdown.raw_markdown
    assert pool.worker_pids != [pid]


async def test_page_given_up_before_its_turn_does_not_block_the_worker(make_pool: MakePool) -> None:
    pool = make_pool(1)
    (pid,) = await start_workers(pool, 1)
    stop(pid)
    reading = [asyncio.create_task(pool.read(page(str(number), LARGE), PLAN)) for number in range(2)]
    await asyncio.sleep(0)
    # The second is given up first, then the one it waits behind.
    for task in reversed(reading):
        task.cancel()
        await asyncio.sleep(0.02)
    third = await asyncio.wait_for(pool.read(page("third", LARGE), PLAN), 6)
    assert "# third" in third.markdown.raw_markdown


async def test_cancelled_before_a_worker_is_there(make_pool: MakePool) -> None:
    pool = make_pool(1)
    task = asyncio.create_task(pool.read(page("x", LARGE), PLAN))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "# y" in (await pool.read(page("y", LARGE), PLAN)).markdown.raw_markdown


async def test_closing_refuses_what_waits(make_pool: MakePool) -> None:
    pool = make_pool(1)
    (pid,) = await start_workers(pool, 1)
    stop(pid)
    reading = [asyncio.create_task(pool.read(page(str(number), LARGE), PLAN)) for number in range(6)]
    await asyncio.sleep(0)
    started = time.monotonic()
    await pool.close()
    assert time.monotonic() - started < 1
    outcomes = await asyncio.gather(*reading, return_exceptions=True)
    assert all(isinstance(outcome, CrawlerClosedError) for outcome in outcomes)
    assert not psutil.pid_exists(pid)
    with pytest.raises(CrawlerClosedError):
        await pool.read(page("late"), PLAN)


async def test_closing_while_workers_start(make_pool: MakePool) -> None:
    for pause in (0.0, 0.0, 0.01, 0.03, 0.08):
        pool = make_pool(2)
        reading = [asyncio.create_task(pool.read(page(str(number), LARGE), PLAN)) for number in range(4)]
        await asyncio.sleep(pause)
        await pool.close()
        outcomes = await asyncio.gather(*reading, return_exceptions=True)
        assert all(isinstance(outcome, CrawlerClosedError) for outcome in outcomes)
        assert children() == []


async def test_loop_stays_responsive(make_pool: MakePool) -> None:
    pool = make_pool(1)
    await start_workers(pool, 1)
    body = b"<p>Some <b>text</b> with <a href='/x'>a link</a> in it.</p>\n" * 34_000
    assert len(body) > 2_000_000
    # The best of three, as the machine may have other things to do.
    assert min([await worst_lag(pool, body) for _ in range(3)]) < 0.1


async def worst_lag(pool: ReaderPool, body: bytes) -> float:
    """The longest that a tick of 5 ms was late while ten pages were read, in seconds."""
    worst, ended = 0.0, False

    async def tick() -> None:
        nonlocal worst
        while not ended:
            last = time.monotonic()
            await asyncio.sleep(0.005)
            worst = max(worst, time.monotonic() - last - 0.005)

    ticker = asyncio.create_task(tick())
    documents = await asyncio.gather(*(pool.read(page(str(number), body), PLAN) for number in range(10)))
    ended = True
    await ticker
    assert all(document.error == "" for document in documents)
    return worst


@pytest.mark.parametrize("executable", ["", None, "/nowhere/python", "/bin/true", "/bin/false"])
async def test_without_a_python_to_start(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, executable: str | None
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    pool = make_pool(2)
    reading = (asyncio.wait_for(pool.read(page(str(number), LARGE), PLAN), 20) for number in range(6))
    documents = await asyncio.gather(*reading)
    assert all(f"# {number}" in document.markdown.raw_markdown for number, document in enumerate(documents))
    assert "pages are read in the process" in caplog.text
    assert children() == []


async def test_frozen_program_is_not_started_again(make_pool: MakePool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    pool = make_pool(1)
    assert "# x" in (await pool.read(page("x", LARGE), PLAN)).markdown.raw_markdown
    assert pool.worker_pids == []


async def test_worker_knows_no_secrets_and_leaves_the_terminal_alone(
    make_pool: MakePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    pool = make_pool(1)
    (pid,) = await start_workers(pool, 1)
    process = psutil.Process(pid)
    assert "API_TOKEN" not in process.environ()
    assert os.getsid(pid) != os.getsid(0)
    os.kill(pid, signal.SIGINT)
    assert "# x" in (await pool.read(page("x", LARGE), PLAN)).markdown.raw_markdown
    assert pool.worker_pids == [pid]


HARD = (
    b'<script type="application/ld+json">{"@type": "Article", "headline": "a\\ud800b", "n": '
    + b"9" * 400
    + b', "m": 123456789012345678901234567890}</script><p>x</p>'
)


BODIES = (
    b"",
    b"<p>text</p>",
    HARD,
    b"<p>\xff\xfe\x81</p>",
    b"<table><tr><th>a</th></tr><tr><td>1</td></tr></table><img src=a.png alt=x width=500>",
    b"<div>" * 3000 + b"deep",
    b"&#xD800; &#0; \x00 <p title='\x01'>",
)


async def test_where_a_page_is_read_makes_no_difference(make_pool: MakePool) -> None:
    elsewhere = make_pool(1)
    (pid,) = await start_workers(elsewhere, 1)
    for content_type in ("text/html", "text/plain; charset=utf-16", "application/json", "im\udcffage/x"):
        for body in BODIES:
            raw = RawPage("http://example.com/\ud800/", body, content_type)
            pool = make_pool(1)
            here = await pool.read(raw, PLAN)
            assert pool.worker_pids == []
            assert here == await elsewhere.read(raw, PLAN)
    assert elsewhere.worker_pids == [pid]


class Selector(StrEnum):
    MAIN = "h1"


class OwnGenerator(DefaultMarkdownGenerator):
    pass


async def test_options_of_the_callers_own_classes_are_used_here(make_pool: MakePool) -> None:
    assert PLAN.pickled is not None
    pool = make_pool(1)
    for config, expected in (
        (CrawlerRunConfig(css_selector=Selector.MAIN), "# x"),
        (CrawlerRunConfig(markdown_generator=OwnGenerator()), "padding"),
        (CrawlerRunConfig(excluded_tags=[Selector.MAIN]), "padding"),
    ):
        plan = ReadingPlan.of(config)
        for _ in range(4):
            assert expected in (await pool.read(page("x", LARGE), plan)).markdown.raw_markdown


async def test_unpacking_is_done_in_the_worker_when_it_is_much(make_pool: MakePool) -> None:
    pool = make_pool(1)
    raw = RawPage("http://example.com/", gzip.compress(b"<h1>x</h1>" + LARGE * 4), "text/html", "gzip")
    assert len(raw.body) < 100_000
    assert "# x" in (await pool.read(raw, PLAN)).markdown.raw_markdown
    assert len(pool.worker_pids) == 1


def test_read_never_raises_for_the_page(tmp_path: Path) -> None:
    document = read(RawPage("http://example.com/", b"x", "text/html", "gzip, " * 10), PLAN.options)
    assert document.error_code == ErrorCode.PROTOCOL


async def test_idle_workers_are_ended_but_for_one() -> None:
    pool = ReaderPool(max_workers=3, idle_seconds=0.3)
    plan = ReadingPlan.of(CrawlerRunConfig())
    try:
        pages = [RawPage(f"https://example.com/{number}", b"<p>x</p>" * 20_000) for number in range(30)]
        await asyncio.gather(*(pool.read(page, plan) for page in pages))
        assert len(pool.worker_pids) == 3
        await until(lambda: len(pool.worker_pids) == 1)
        again = await asyncio.gather(*(pool.read(page, plan) for page in pages))
        assert all(document.error == "" for document in again)
    finally:
        await pool.close()
