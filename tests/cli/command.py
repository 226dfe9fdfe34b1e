"""Runs the real `nephila` command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nephila

COMMAND = (sys.executable, "-m", "nephila")


@dataclass(frozen=True)
class Outcome:
    """What a finished command left."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")


def environment(extra: Mapping[str, str] | None = None, *, first_on_path: Path | None = None) -> dict[str, str]:
    """This process's environment, with this very package on the path and warnings as errors."""
    source = str(Path(nephila.__file__).parents[1])
    entries = (str(first_on_path or ""), source, os.environ.get("PYTHONPATH", ""))
    path = os.pathsep.join(entry for entry in entries if entry)
    return {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "error", "TERM": "xterm", **(extra or {})}


def run(
    *arguments: str,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    first_on_path: Path | None = None,
) -> Outcome:
    """Run the command to its end."""
    variables = environment(env, first_on_path=first_on_path)
    done = subprocess.run(
        [*COMMAND, *arguments], input=stdin, capture_output=True, timeout=60, env=variables, cwd=cwd, check=False
    )
    return Outcome(done.returncode, done.stdout, done.stderr.decode("utf-8"))


def start(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start the command, in a process group of its own, with pipes on all three streams."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(env),
        start_new_session=True,
    )
