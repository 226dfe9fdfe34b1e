"""The built-in content filters."""

from __future__ import annotations

from nephila.extract.bm25 import BM25ContentFilter
from nephila.extract.main_content import MainContentFilter
from nephila.extract.pruning import PruningContentFilter
from nephila.options.strategies import RelevantContentFilter

__all__ = ["BM25ContentFilter", "MainContentFilter", "PruningContentFilter", "RelevantContentFilter"]
