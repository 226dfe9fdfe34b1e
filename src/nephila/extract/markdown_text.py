"""What the options change in Markdown that is already written."""

from __future__ import annotations

from nephila.extract.markdown_options import MarkdownOptions


def finish(markdown: str, options: MarkdownOptions) -> str:
    """Return `markdown` with the changes that `options` ask for and the renderer cannot make."""
    return markdown
