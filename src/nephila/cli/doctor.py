"""`nephila doctor`: what is installed, what is missing, what mends it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Final

from nephila._version import __version__
from nephila.cli.checks import Check, State, installation, machine, trials

_TITLES: Final = ("Installed", "This machine", "Tried")


def doctor(*, as_json: bool) -> int:
    """Examine the installation, write the findings to standard output and return the exit code.

    Args:
        as_json: Write one JSON object: `ok`, `version`, and `checks` with `name`, `state`, `detail` and `mend`.

    Returns:
        0 when everything needed works, otherwise 1.
    """
    groups = (list(installation()), list(machine()), asyncio.run(trials()))
    checks = [check for group in groups for check in group]
    working = all(check.state is not State.FAILED for check in checks)
    text = _as_json(checks, working) if as_json else _as_text(groups, working)
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()
    return 0 if working else 1


def _as_json(checks: Sequence[Check], working: bool) -> str:
    listed = [
        {"name": check.name, "state": check.state, "detail": check.detail, "mend": check.mend or None}
        for check in checks
    ]
    return json.dumps({"ok": working, "version": __version__, "checks": listed}, ensure_ascii=False, indent=2) + "\n"


def _as_text(groups: Sequence[Sequence[Check]], working: bool) -> str:
    width = max(len(check.name) for group in groups for check in group)
    lines: list[str] = []
    for title, group in zip(_TITLES, groups, strict=True):
        lines += ["", title] if lines else [title]
        for check in group:
            lines.append(f"  {check.state:<6}  {check.name:<{width}}  {check.detail}")
            if check.mend:
                lines.append(f"  {'':<6}  {'':<{width}}  mend it with: {check.mend}")
    lines += ["", "Everything needed works." if working else "Something needed is missing or does not work."]
    return "\n".join(lines) + "\n"
