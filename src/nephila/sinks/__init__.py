"""Ready-made places for results: a file of JSON Lines, a folder of Markdown files.

Give one to `arun_many(..., on_result=...)`. See `nephila.handlers.ResultSink` for what a sink is.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nephila.sinks.json_lines import JsonLinesSink as JsonLinesSink
    from nephila.sinks.markdown_folder import MarkdownFolderSink as MarkdownFolderSink

__all__ = ["JsonLinesSink", "MarkdownFolderSink"]

_HOMES = {"JsonLinesSink": "nephila.sinks.json_lines", "MarkdownFolderSink": "nephila.sinks.markdown_folder"}


def __getattr__(name: str) -> object:
    """Load a sink when it is first used (PEP 562): the command's help needs the names of the fields only."""
    if name not in _HOMES:
        raise AttributeError(f"module 'nephila.sinks' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value
