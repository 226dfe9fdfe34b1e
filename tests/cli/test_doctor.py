from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from nephila.cli.checks import DEPENDENCIES
from tests.cli.command import run


def test_doctor_finds_everything_in_order() -> None:
    outcome = run("doctor")
    assert outcome.code == 0, outcome.text + outcome.err
    assert outcome.text.endswith("Everything needed works.\n")
    for name in ("Python", "turbohtml", "reading worker", "fetching", "memory"):
        assert re.search(rf"^  ok      {name} ", outcome.text, re.MULTILINE), name


def test_doctor_as_json() -> None:
    outcome = run("doctor", "--json")
    findings = json.loads(outcome.text)
    assert findings["ok"] is True
    assert {check["state"] for check in findings["checks"]} <= {"ok", "note"}
    assert "a page was fetched" in next(check for check in findings["checks"] if check["name"] == "fetching")["detail"]


def test_doctor_names_what_is_missing_and_the_command_that_mends_it(tmp_path: Path) -> None:
    for module in ("uvloop", "turbohtml"):
        (tmp_path / f"{module}.py").write_text(
            f"raise ModuleNotFoundError(\"No module named '{module}'\", name='{module}')\n", "utf-8"
        )
    outcome = run("doctor", "--json", first_on_path=tmp_path)
    assert outcome.code == 1
    checks = {check["name"]: check for check in json.loads(outcome.text)["checks"]}
    assert checks["uvloop"]["state"] == "note"
    assert checks["turbohtml"]["state"] == "failed"
    assert checks["turbohtml"]["mend"].endswith("-m pip install --upgrade turbohtml")
    assert checks["fetching"]["state"] == "failed"
    assert "Traceback" not in outcome.err


def test_doctor_knows_every_dependency() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    declared = {re.split(r"[\[><=;~! ]", line, maxsplit=1)[0] for line in project["project"]["dependencies"]}
    assert declared <= {dependency.distribution for dependency in DEPENDENCIES}
