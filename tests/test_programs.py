"""Whole programs, started as users start them: what they print, what they leave, how they end."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from tests.programs import SOURCE, environment, python, run_program, start_program
from tests.site.server import Site
from tests.site.tls import Certificate, TlsSite

CRAWL = """
import asyncio, sys
from nephila import AsyncWebCrawler, CrawlerRunConfig

async def main():
    urls = sys.argv[1:]
    async with AsyncWebCrawler() as crawler:
        config = CrawlerRunConfig(mean_delay=0, max_range=0)
        results = await crawler.arun_many(urls, config=config)
        assert [result.url for result in results] == urls
        assert all(result.success for result in results), results

asyncio.run(main())
"""


def urls(site: Site, count: int = 12) -> list[str]:
    return [site.url(f"/page/{number}") for number in range(count)]


def test_without_a_guard_for_the_main_module(site: Site, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(CRAWL + "print('once')\n")
    done = python(str(script), *urls(site), cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "once\n", "")


def test_from_the_command_line_and_from_standard_input(site: Site) -> None:
    assert run_program(CRAWL, *urls(site)) == ""
    done = python("-", *urls(site), stdin=CRAWL)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_on_uvloop(site: Site) -> None:
    pytest.importorskip("uvloop")
    program = "import uvloop\n" + CRAWL.replace("asyncio.run(", "uvloop.run(")
    assert run_program(program, *urls(site), site.url("/redirect/3"), "raw:<p>x</p>") == ""


def test_package_that_is_found_through_the_current_folder(site: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRAWL, *urls(site)],
        cwd=SOURCE,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_is_printed_whatever_goes_wrong(site: Site, tls_site: TlsSite) -> None:
    program = """
    import asyncio, logging, sys
    from nephila import AsyncWebCrawler, BrowserConfig, CrawlerRunConfig

    async def fallback(url):
        raise RuntimeError("no")

    async def main():
        crawler = AsyncWebCrawler()
        config = CrawlerRunConfig(mean_delay=0, max_range=0, page_timeout=1000, fallback_fetch_function=fallback)
        results = await crawler.arun_many([*sys.argv[1:], "", None, "file:///nowhere"], config=config)
        assert len(results) == len(sys.argv) + 2

    root, client = logging.getLogger(), logging.getLogger("aiohttp.client")
    before = root.level, root.handlers[:], client.level
    asyncio.run(main())
    asyncio.run(main())
    assert before == (root.level, root.handlers, client.level)
    """
    paths = "/page/1 /status/500 /garbage /truncated /reset /close-at-once /drip /bad-chunk /redirect-loop /gzip-cut"
    bad = [site.url(path) for path in paths.split()]
    cookie = site.serve("/cookie", "x", headers={"set-cookie": 'a"b=\x01; =; \xe9'})
    assert run_program(program, *bad, cookie, tls_site.url(Certificate.EXPIRED)) == ""


def test_crash_of_the_crawler_itself_is_not_printed_either() -> None:
    program = """
    import asyncio, sys
    import nephila.visit
    from nephila import AsyncWebCrawler

    def broken(*args):
        raise RuntimeError("a fault")

    nephila.visit.take_response = broken

    async def main():
        async with AsyncWebCrawler() as crawler:
            result = await crawler.arun("raw:x")
            assert (result.success, result.error_code) == (False, "internal"), result

    asyncio.run(main())
    """
    assert run_program(program) == ""


SECRETS = ("s3cret-password", "s3cret-token", "s3cret-cookie", "s3cret-proxy", "c2NyZXQ6cHJveHk")


def test_secrets_are_not_logged(site: Site) -> None:
    program = """
    import asyncio, logging, sys
    logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
    from nephila import AsyncWebCrawler, BrowserConfig, CrawlerRunConfig

    async def main():
        config = BrowserConfig(
            headers={"Authorization": "Bearer s3cret-token", "Cookie": "a=s3cret-cookie"},
            cookies=[{"name": "session", "value": "s3cret-cookie", "domain": "127.0.0.1"}],
        )
        print(repr(config))
        async with AsyncWebCrawler(config=config) as crawler:
            urls = sys.argv[2:]
            run = CrawlerRunConfig(mean_delay=0, max_range=0, max_retries=1, page_timeout=3000)
            await crawler.arun_many(urls, config=run)
            proxied = run.clone(proxy_config=f"http://user:s3cret-proxy@127.0.0.1:{sys.argv[1]}")
            print(repr(proxied))
            for url in urls[:2]:
                await crawler.arun(url, config=proxied)

    asyncio.run(main())
    """
    paths = (
        "/page/1 /page/2 /page/3 /status/503 /redirect-loop /redirect-file /garbage /close-at-once /gzip-cut "
        "/redirect-to?url=http://u:s3cret-password@nowhere.invalid/ /redirect-to?url=http://u:s3cret-password@["
    )
    secret = [site.url(path).replace("http://", "http://user:s3cret-password@") for path in paths.split()]
    odd = [
        "http:\\\\user:s3cret-password@127.0.0.1:9",
        "http:us er:s3cret-password@nowhere.invalid",
        "ftp://a:s3cret-password@b",
    ]
    out = run_program(program, "9", *secret, *odd)
    assert "nephila" in out and out.count("***") > 5
    for line in out.splitlines():
        # What the caller wrote into a query stands in the address and is no credential.
        shown = line.partition("/redirect-to?url=")[0]
        assert not any(word in shown for word in SECRETS), line


def test_import_is_light() -> None:
    program = "import nephila, sys; sys.exit(bool({'aiohttp', 'turbohtml', 'asyncio', 'msgspec'} & set(sys.modules)))"
    assert python("-c", program).returncode == 0
    bare = statistics.median(timed("pass") for _ in range(5))
    whole = statistics.median(timed("import nephila") for _ in range(5))
    assert whole - bare < 0.1
    assert whole < 0.3 + bare


def timed(program: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env=environment())
    return time.perf_counter() - started


def test_nothing_is_written(site: Site, tmp_path: Path) -> None:
    home = tmp_path / "home"
    work = tmp_path / "work"
    for folder in (home, work):
        folder.mkdir()
        folder.chmod(0o555)
    env = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "TMPDIR": str(work),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    before = {path: path.stat().st_mtime_ns for path in SOURCE.rglob("*")}
    done = python("-c", CRAWL, *urls(site), cwd=work, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(home.iterdir()) == [] and list(work.iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in SOURCE.rglob("*")} == before


def test_good_certificate_is_trusted(tls_site: TlsSite) -> None:
    run_program(CRAWL, tls_site.url(Certificate.GOOD, "/page/1"), env={"SSL_CERT_FILE": str(tls_site.ca_file)})


def test_without_closing_anything(site: Site) -> None:
    program = """
    import asyncio, sys
    from nephila import AsyncWebCrawler

    crawler = AsyncWebCrawler()

    async def leave():
        async for result in crawler.arun_many(sys.argv[1:] * 5, stream=True, mean_delay=0, max_range=0):
            assert result.success
            return

    result = asyncio.run(crawler.arun(sys.argv[1]))
    assert result.success
    asyncio.run(leave())
    """
    assert run_program(program, *urls(site)) == ""


WAITING = """
import asyncio, os, sys
from nephila import AsyncWebCrawler

async def main():
    async with AsyncWebCrawler() as crawler:
        results = await crawler.arun_many(["raw:<p>x</p>"] * 20)
        assert all(result.success for result in results)
        print("ready", flush=True)
        {then}

asyncio.run(main())
"""


def started(then: str) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    """A program with reading workers, at the moment when it is about to do what is said."""
    program = start_program(textwrap.dedent(WAITING).format(then=then))
    assert program.stdout is not None and program.stdout.readline() == "ready\n"
    return program, psutil.Process(program.pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_the_program(number: signal.Signals) -> None:
    program, workers = started("await asyncio.sleep(60)")
    assert workers
    program.send_signal(number)
    program.communicate(timeout=10)
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []


def test_interrupt_of_the_whole_group_ends_the_program_in_order() -> None:
    then = """
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            # The workers have not heard of it.
            results = await crawler.arun_many(["raw:<p>y</p>"] * 20)
            print(sum(result.success for result in results), flush=True)
            raise
"""
    program, workers = started(then.strip())
    for process in (psutil.Process(program.pid), *workers):
        process.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=15)
    assert out == "20\n"
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert program.returncode == -signal.SIGINT
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []
