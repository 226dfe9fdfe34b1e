"""The contestants' environments: one virtual environment a peer, made once under `.bench/` and kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

INSTALL_SECONDS = 900

PEERS = {
    "crawl4ai": ("crawl4ai", "uvloop"),
    "crawlee": ("crawlee[beautifulsoup,parsel]", "uvloop"),
    "crawlee-browser": ("crawlee[playwright]", "uvloop"),
    "scrapy": ("scrapy", "uvloop"),
}
"""What each peer's environment holds: its newest release, and uvloop, which helps all of them."""

DROPPED_VARIABLES = {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHASHSEED"}
"""Settings of the caller that would change what is measured."""


@dataclass(frozen=True)
class Environment:
    """Where a contestant runs, or why it cannot."""

    python: Path
    trouble: str = ""
    """Why the environment could not be made; empty when it is ready."""


def run_variables(scratch: Path, source: Path | None = None) -> dict[str, str]:
    """The environment variables of a measured program: no proxy for loopback, all its files in `scratch`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in DROPPED_VARIABLES and not name.lower().endswith("_proxy")
    }
    kept |= {
        "NO_PROXY": "*",
        "HOME": str(scratch),
        "CRAWL4_AI_BASE_DIRECTORY": str(scratch),
        "CRAWL4AI_NO_CLOUD_NOTICE": "1",
        "CRAWLEE_STORAGE_DIR": str(scratch / "crawlee"),
    }
    if source is not None:
        kept["PYTHONPATH"] = str(source)
    return kept


def is_ready(marker: Path, wanted: dict[str, object]) -> bool:
    """Whether the environment was made, by this Python, from these requirements."""
    try:
        return bool(json.loads(marker.read_text(encoding="utf-8")) == wanted)
    except (OSError, ValueError):
        return False


def prepare_peer(name: str, folder: Path, fresh: bool = False) -> Environment:
    """The environment of a peer, made if it is not there yet.

    Args:
        name: A key of `PEERS`.
        folder: Where the environments are kept.
        fresh: Install again, to get the peer's newest release.
    """
    place = folder / name
    python = place / "bin" / "python"
    wanted: dict[str, object] = {"requirements": list(PEERS[name]), "python": sys.version}
    if is_ready(place / "ready.json", wanted) and not fresh:
        return Environment(python)
    print(f"Making the environment of {name} (once) ...", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"{name}.log"
    commands = [
        [sys.executable, "-m", "venv", "--clear", str(place)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade", *PEERS[name]],
    ]
    trouble = run_logged(commands, log)
    if trouble:
        return Environment(python, f"{trouble} (see {log})")
    (place / "ready.json").write_text(json.dumps(wanted), encoding="utf-8")
    return Environment(python)


def run_logged(commands: list[list[str]], log: Path) -> str:
    """Run the commands in turn; why one failed in a line, or an empty string."""
    with log.open("wb") as output:
        for command in commands:
            try:
                subprocess.run(command, stdout=output, stderr=output, timeout=INSTALL_SECONDS, check=True)
            except subprocess.CalledProcessError:
                lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                return lines[-1][:200] if lines else "the installer gave no reason"
            except subprocess.TimeoutExpired:
                return f"the installation took more than {INSTALL_SECONDS} s"
            except OSError as error:
                return str(error)
    return ""
