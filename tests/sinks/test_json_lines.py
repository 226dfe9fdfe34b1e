"""The JSON Lines file, as `arun_many` and a sudden end write it."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from nephila import AsyncWebCrawler, ConfigError, CrawlResult, ErrorCode
from nephila.sinks import JsonLinesSink
from nephila.sinks.record import DEFAULT_FIELDS
from tests.programs import start_program
from tests.site.server import Site


async def write(sink: JsonLinesSink, *urls: str) -> None:
    await sink.open()
    for url in urls:
        await sink.write(CrawlResult(url=url, success=True))
    await sink.close()
    await sink.close()


def urls_in(path: Path) -> list[str]:
    return [json.loads(line)["url"] for line in path.read_text("utf-8").splitlines()]


async def test_a_crawl_is_on_disk_line_by_line(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "new" / "results.jsonl"
    urls = [site.url("/page/1"), site.url("/status/404"), "nonsense"]
    seen: list[int] = []
    async with AsyncWebCrawler() as crawler:
        async for _ in crawler.arun_many(urls, stream=True, mean_delay=0, on_result=JsonLinesSink(path)):
            seen.append(len(urls_in(path)))
    assert seen[0] >= 1 and seen[-1] == 3
    lines = {line["url"]: line for line in map(json.loads, path.read_text("utf-8").splitlines())}
    assert tuple(lines[urls[0]]) == DEFAULT_FIELDS
    assert lines[urls[0]]["title"] == "Page 1"
    assert (lines[urls[1]]["error_code"], lines[urls[2]]["error_code"]) == ("http", "invalid_url")


async def test_text_of_any_script_is_utf8(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    await write(JsonLinesSink(path, ["url"]), "https://é.example/\u2028\n日本", "https://\ud800.example/")
    assert path.read_bytes().count(b"\n") == 2
    assert '{"url":"https://é.example/\u2028\\n日本"}'.encode() in path.read_bytes()
    assert "\ufffd" in path.read_text("utf-8")


async def test_it_starts_anew_or_adds(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    sink = JsonLinesSink(path, ["url"])
    await write(sink, "a:1", "a:2")
    await write(sink, "a:3")
    assert urls_in(path) == ["a:3"]
    await write(JsonLinesSink(path, ["url"], append=True), "a:4")
    assert urls_in(path) == ["a:3", "a:4"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"url":"a:1"}\n{"url":"a:', ["a:1", "new"]),
        (b'{"url":"a:', ["new"]),
        (b'{"url":"a:1"}', ["a:1", "new"]),
        (b'{"url":"' + b"x" * 200_000, ["new"]),
        (b"", ["new"]),
    ],
)
async def test_adding_mends_a_line_that_was_cut_short(tmp_path: Path, before: bytes, after: list[str]) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(before)
    await write(JsonLinesSink(path, ["url"], append=True), "new")
    assert urls_in(path) == after


async def test_a_full_disk_is_on_the_result_and_the_run_goes_on(site: Site) -> None:
    urls = [site.url("/page/1"), site.url("/page/2")]
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(urls, stream=False, on_result=JsonLinesSink("/dev/full"))
    assert [result.error_code for result in results] == [ErrorCode.USER_CODE] * 2
    assert "JsonLinesSink.write raised OSError" in str(results[0].error_message) or "JsonLinesSink raised" in str(
        results[0].error_message
    )
    assert "No space left" in str(results[0].error_message)
    assert results[0].markdown


def test_a_line_that_does_not_fit_is_taken_back(tmp_path: Path) -> None:
    """The system takes a part of the second line only, as on a disk that has become full."""
    program = """
        import asyncio, resource, signal, sys
        from nephila import CrawlResult
        from nephila.sinks import JsonLinesSink

        async def main():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            sink = JsonLinesSink(sys.argv[1], ["url"])
            await sink.open()
            await sink.write(CrawlResult(url="a:1"))
            resource.setrlimit(resource.RLIMIT_FSIZE, (20, resource.RLIM_INFINITY))
            try:
                await sink.write(CrawlResult(url="a:2"))
            except OSError as error:
                print(error.strerror)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            await sink.write(CrawlResult(url="a:3"))
            await sink.close()

        asyncio.run(main())
    """
    path = tmp_path / "x.jsonl"
    out, err = start_program(program, str(path)).communicate(timeout=20)
    assert (out, err) == ("File too large\n", "")
    assert urls_in(path) == ["a:1", "a:3"]


def test_a_killed_process_leaves_whole_lines(site: Site, tmp_path: Path) -> None:
    program = """
        import asyncio, sys
        from nephila import AsyncWebCrawler
        from nephila.sinks import JsonLinesSink

        async def main():
            urls = (f"{sys.argv[1]}&{n}" for n in range(100000))
            async with AsyncWebCrawler() as crawler:
                async for _ in crawler.arun_many(urls, stream=True, mean_delay=0, max_range=0, semaphore_count=20,
                                                 on_result=JsonLinesSink(sys.argv[2], ["url", "markdown"])):
                    pass

        asyncio.run(main())
    """
    path = tmp_path / "x.jsonl"
    process = start_program(program, site.url("/big?kb=100"), str(path))
    deadline = time.monotonic() + 20
    while not path.exists() or path.stat().st_size < 2_000_000:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    assert path.read_bytes().endswith(b"\n")
    assert len(urls_in(path)) >= 20


async def test_a_sink_belongs_to_one_run_at_a_time(tmp_path: Path) -> None:
    sink = JsonLinesSink(tmp_path / "x.jsonl")
    await sink.open()
    with pytest.raises(ConfigError, match="open already"):
        await sink.open()
    await sink.close()
    with pytest.raises(ValueError, match="not open"):
        await sink.write(CrawlResult(url="a:1"))


@pytest.mark.parametrize(
    ("fields", "sentence"), [(["titel"], "did you mean 'title'"), ([], "no field"), ("url", "list")]
)
def test_wrong_fields_are_told(fields: list[str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        JsonLinesSink("x.jsonl", fields)
