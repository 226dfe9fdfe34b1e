"""Finding a page's main content: what kind of page it is, and which of its texts belong to it."""

from __future__ import annotations

from nephila.extract.main_content.content_filter import MainContentFilter
from nephila.extract.main_content.page_features import PageHints
from nephila.extract.main_content.selection import MainContent

__all__ = ["MainContent", "MainContentFilter", "PageHints"]
