"""Where the cache is, and that looking for the place opens nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from nephila.store.location import CACHE_FILE, cache_path
from tests.programs import run_program


def test_what_is_named_first_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NEPHILA_CACHE_DIR", str(tmp_path / "variable"))
    assert cache_path(tmp_path / "given") == tmp_path / "given" / CACHE_FILE
    assert cache_path() == tmp_path / "variable" / CACHE_FILE
    monkeypatch.delenv("NEPHILA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_path() == tmp_path / "nephila" / CACHE_FILE
    assert list(tmp_path.iterdir()) == []


def test_a_relative_folder_stays_where_it_was_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert cache_path("here") == tmp_path / "here" / CACHE_FILE


def test_no_home_at_all() -> None:
    program = """
        import os, pwd
        for name in ("HOME", "XDG_CACHE_HOME", "NEPHILA_CACHE_DIR"):
            os.environ.pop(name, None)
        def nobody(uid): raise KeyError(uid)
        pwd.getpwuid = nobody
        from nephila.store.location import cache_path
        print(cache_path())
    """
    assert run_program(program) == "None\n"
