"""Measuring real programs and the processes they start."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks.environments import run_variables
from benchmarks.measure import MB, Run, run

BURN = "import time\nwhile time.process_time() < {seconds}: pass\n"


def measure(program: str, folder: Path, timeout: float = 30.0) -> Run:
    return run([sys.executable, "-c", program], dict(os.environ), folder, timeout)


def test_processor_time_covers_children_that_were_waited_for(tmp_path: Path) -> None:
    child = BURN.format(seconds=0.4)
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])\n" + BURN.format(seconds=0.3)
    finished = measure(program, tmp_path)
    assert finished.code == 0
    assert 0.65 <= finished.cpu < 3


def test_processor_time_covers_children_that_were_not(tmp_path: Path) -> None:
    child = BURN.format(seconds=0.6) + "time.sleep(0.6)\n"
    start = f"import os, subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {child!r}])\n"
    program = start + "time.sleep(1.3)\nos._exit(0)"
    assert measure(program, tmp_path).cpu >= 0.55


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PSS is Linux's")
def test_peak_memory_adds_up_the_tree(tmp_path: Path) -> None:
    hold = "import time\nkept = bytearray(b'x' * 50_000_000)\ntime.sleep(0.8)\n"
    program = (
        f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {hold!r}])\n"
        + hold
        + "child.wait()\n"
    )
    finished = measure(program, tmp_path)
    assert 100 * MB < finished.peak_memory < 180 * MB
    assert finished.peak_resident >= finished.peak_memory
    assert finished.peak_before(finished.samples[0].at - 1) == 0
    assert finished.peak_before(finished.samples[-1].at) == finished.peak_memory


def test_lines_carry_the_moment_they_came(tmp_path: Path) -> None:
    finished = measure("import time\nprint('a', flush=True)\ntime.sleep(0.3)\nprint('b')", tmp_path)
    assert [line for _, line in finished.lines] == ["a", "b"]
    assert finished.lines[1][0] - finished.lines[0][0] >= 0.25


def test_failure_keeps_status_and_message(tmp_path: Path) -> None:
    finished = measure("raise SystemExit('no luck')", tmp_path)
    assert finished.code == 1
    assert finished.error == "no luck"


def test_time_limit_ends_the_whole_group(tmp_path: Path) -> None:
    program = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    finished = measure(program, tmp_path, timeout=0.5)
    assert finished.code is None
    assert finished.wall < 10


def test_measured_programs_see_no_proxy_and_no_settings_of_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "1")
    variables = run_variables(tmp_path)
    assert not {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "http_proxy", "HTTPS_PROXY"} & set(variables)
    assert variables["HOME"] == str(tmp_path)
    assert run_variables(tmp_path, Path("/src"))["PYTHONPATH"] == "/src"
