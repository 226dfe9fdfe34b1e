"""Whether a page has changed in what it says, or only in what stands around that."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from nephila.extract.filters import PruningContentFilter
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.extract.pool import ReadingPlan
from nephila.models import Document, RawPage, Response
from nephila.options.reading import ReadingOptions
from nephila.rooms import Rooms

_SECONDS = 10.0
"""For reading both pages; a page that takes longer counts as changed."""


async def has_changed(
    new: Response, old: Response, document: Document, remembered: Document | None, rooms: Rooms
) -> bool:
    """Whether the main content differs.

    Bytes that are equal, or Markdown read with the same options that is, settle it. Otherwise what
    `PruningContentFilter` keeps of both is compared, so that another menu, footer or time stamp is no change.

    Args:
        new: What was fetched now.
        old: What was stored.
        document: What was read of `new`.
        remembered: What was read of `old` with the same options; None when that was not kept.
        rooms: Where both can be read.
    """
    if new.body == old.body:
        return False
    if document.kind != "html" or document.error or old.status != new.status:
        return True
    if remembered is not None and remembered.markdown.raw_markdown == document.markdown.raw_markdown:
        return False
    try:
        async with asyncio.timeout(_SECONDS):
            return await _main_content(new, rooms) != await _main_content(old, rooms)
    except TimeoutError:
        return True


async def _main_content(response: Response, rooms: Rooms) -> str:
    page = RawPage(response.url, response.body, response.content_type, response.content_encoding)
    markdown = (await rooms.readers.read(page, _main_content_only())).markdown
    return markdown.fit_markdown or markdown.raw_markdown


@lru_cache(maxsize=1)
def _main_content_only() -> ReadingPlan:
    generator = DefaultMarkdownGenerator(content_filter=PruningContentFilter())
    return ReadingPlan.of(ReadingOptions(markdown_generator=generator))
