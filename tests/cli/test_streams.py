"""Signals, pipes and terminals, with real processes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from tests.cli.command import COMMAND, environment, start
from tests.site.server import Site


def wait_for(condition: Callable[[], object], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def finish(process: subprocess.Popen[bytes], seconds: float = 15) -> tuple[bytes, str]:
    out, err = process.communicate(timeout=seconds)
    return out, err.decode("utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("whole_group", [False, True])
def test_signal_ends_cleanly_with_what_was_done(site: Site, number: int, whole_group: bool) -> None:
    quick = [site.url(f"/page/{count}") for count in range(20)]
    hanging = [site.url(f"/silent?{count}") for count in range(5)]
    process = start("crawl", "-f", "json", "--fields", "url,title", *quick, *hanging)
    wait_for(lambda: site.active == 5 and site.request_count == 25)
    time.sleep(0.3)
    children = psutil.Process(process.pid).children(recursive=True)
    began = time.monotonic()
    if whole_group:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    out, err = finish(process)
    assert time.monotonic() - began < 5
    assert process.returncode == 128 + number
    assert {record["url"] for record in json.loads(out)} == set(quick)
    assert "Interrupted after 20 pages in " in err
    assert "Traceback" not in err
    assert psutil.wait_procs(children, timeout=5)[1] == []


def test_pages_under_way_are_given_a_moment(site: Site) -> None:
    process = start("crawl", "-f", "jsonl", "--fields", "url", site.url("/slow?ms=1200"), site.url("/page/1"))
    wait_for(lambda: site.request_count == 2)
    process.send_signal(signal.SIGINT)
    out, _ = finish(process)
    assert len(out.splitlines()) == 2
    assert process.returncode == 130


def test_second_signal_ends_at_once(site: Site) -> None:
    process = start("crawl", site.url("/silent?1"), site.url("/silent?2"))
    wait_for(lambda: site.active == 2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.6)
    assert process.poll() is None
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = finish(process)
    assert time.monotonic() - began < 1
    assert process.returncode == 130
    assert "Traceback" not in err


def test_silent_standard_input_does_not_hold_up_the_end(site: Site) -> None:
    process = start("crawl", "-", "-f", "jsonl", "--fields", "url")
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{site.url('/page/1')}\n".encode())
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["url"] == site.url("/page/1")  # while the input is still open
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=10)
    assert time.monotonic() - began < 1.5
    assert code == 130
    process.communicate()


def test_reader_that_leaves_ends_it_quietly(site: Site) -> None:
    urls = "".join(f"{site.url('/big?kb=100')}&{number}\n" for number in range(2000))
    process = start("crawl", "-", "-f", "jsonl")
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdin.write(urls.encode())
    process.stdin.close()
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=15) == 141
    assert process.stderr.read() == b""
    process.stderr.close()
    assert site.request_count < 1000


def test_reader_that_pauses_does_not_fail_pages(site: Site) -> None:
    """Pages under way go on while the pipe is full, and nobody's deadline passes because of it."""
    urls = [f"{site.url('/big?kb=300')}&{number}" for number in range(60)]
    process = start("crawl", "-f", "jsonl", "--fields", "success,url,markdown", "--timeout", "2", *urls)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(3)
    out, err = finish(process, 30)
    assert process.returncode == 0, err
    assert len(out.splitlines()) == 59


def in_terminal(arguments: list[str], *, stdout_too: bool = False) -> tuple[bytes, bytes]:
    """Run with standard error at a terminal; returns standard output and what the terminal showed."""
    master, slave = pty.openpty()
    stdout = slave if stdout_too else subprocess.PIPE
    process = subprocess.Popen([*COMMAND, *arguments], stdout=stdout, stderr=slave, env=environment())
    os.close(slave)
    shown: list[bytes] = []

    def watch() -> None:
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the other end is closed
                return
            if not part:
                return
            shown.append(part)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = process.communicate(timeout=30)
    watcher.join(10)
    os.close(master)
    return out or b"", b"".join(shown)


def test_progress_is_shown_at_a_terminal_only(site: Site) -> None:
    urls = [site.url(f"/slow?ms=600&{number}") for number in range(4)]
    out, shown = in_terminal(["crawl", "-c", "2", "-f", "jsonl", "--fields", "url", *urls])
    assert len(out.splitlines()) == 4
    assert b"\x1b" not in out
    assert b"/4" in shown
    assert b"Crawled 4 pages" in shown
    assert shown.rstrip().endswith(b"received.")
    assert shown.count(b"\x1b[?25l") == shown.count(b"\x1b[?25h")


def test_page_cannot_control_the_terminal(site: Site) -> None:
    url = site.serve("/evil", "<p>be \x1b[31mred \x9b31m\x07 and \tcalm</p>")
    out, shown = in_terminal(["crawl", url], stdout_too=True)
    assert out == b""
    assert b"red" in shown and b"calm" in shown
    assert b"\x1b" not in shown and b"\xc2\x9b" not in shown and b"\x07" not in shown
