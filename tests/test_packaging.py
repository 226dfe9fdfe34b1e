"""The wheel, built from the tree and installed into an empty environment, crawls."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.programs import SOURCE
from tests.site.server import Site

ROOT = SOURCE.parent

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    copy = folder / "tree"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", ".bench", "__pycache__", ".*_cache", ".hypothesis", "dist", "build"
    )
    shutil.copytree(ROOT, copy, ignore=ignored)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, copy, cwd=folder)
    (built,) = folder.glob("nephila-*-py3-none-any.whl")
    return built


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "nephila/py.typed" in names and "nephila/extract/worker.py" in names
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"nephila"}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    modules = {str(path.relative_to(SOURCE)) for path in (SOURCE / "nephila").rglob("*.py")}
    assert modules <= set(names)


def test_wheel_installs_into_an_empty_environment_and_crawls(wheel: Path, site: Site, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    binaries = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin")
    run(binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, cwd=tmp_path)
    crawled = run(binaries / "nephila", "crawl", site.url("/page/3"), cwd=tmp_path)
    assert "# Page 3" in crawled.stdout
    program = (
        "import asyncio, sys\n"
        "from nephila import AsyncWebCrawler\n"
        "async def main():\n"
        "    async with AsyncWebCrawler() as crawler:\n"
        "        results = await crawler.arun_many(sys.argv[1:], mean_delay=0, max_range=0)\n"
        "        print(sum(result.success for result in results))\n"
        "asyncio.run(main())\n"
    )
    urls = [site.url(path) for path in ("/gzip", "/br", "/zstd", "/page/1", "/page/2")]
    assert run(binaries / "python", "-c", program, *urls, cwd=tmp_path).stdout == "5\n"
    assert run(binaries / "nephila", "--version", cwd=tmp_path).stdout.startswith("nephila ")
