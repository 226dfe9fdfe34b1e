"""A page that says something else, and a page that only looks different."""

from __future__ import annotations

import pytest

from nephila.changes import has_changed
from nephila.extract.document import read
from nephila.models import Document, RawPage, Response
from nephila.options.reading import ReadingOptions
from nephila.rooms import Rooms

TEXT = "The golden orb-weaver spins a web that is strong enough to stop a small bird, every morning. " * 4
PAGE = "<head><title>{title}</title></head><body><nav>{nav}</nav><main><h1>Head</h1><p>{text}</p></main><footer>{foot}"
OLD = {"title": "T", "nav": "<a href=/1>Home</a>", "text": TEXT, "foot": "All rights reserved 2025"}


async def compare(old: str, new: str, *, remembers: bool = False) -> bool:
    before, after = Response.of_html("http://a/", old), Response.of_html("http://a/", new)
    rooms = Rooms()
    try:
        return await has_changed(after, before, document_of(after), document_of(before) if remembers else None, rooms)
    finally:
        await rooms.close()


def document_of(response: Response) -> Document:
    return read(RawPage(response.url, response.body, response.content_type), ReadingOptions())


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({}, False),
        ({"nav": "<a href=/2>Start</a> <a href=/3>More</a>"}, False),
        ({"foot": "All rights reserved 2026"}, False),
        ({"title": "T<script>token='17'</script>"}, False),
        ({"text": TEXT.replace("golden", "silver")}, True),
        ({"text": TEXT + "One more sentence that was not there before, and says something new about spiders."}, True),
    ],
)
@pytest.mark.parametrize("remembers", [True, False])
async def test_what_counts_as_a_change(change: dict[str, str], changed: bool, remembers: bool) -> None:
    assert await compare(PAGE.format(**OLD), PAGE.format(**{**OLD, **change}), remembers=remembers) is changed


async def test_what_is_not_html_is_compared_byte_by_byte() -> None:
    before, after = (
        Response("http://a/", 200, Response.of_html("", "").headers, body) for body in (b"\x00a", b"\x00b")
    )
    rooms = Rooms()
    assert await has_changed(after, before, Document(kind="binary"), None, rooms)
    assert not await has_changed(after, after, Document(kind="binary"), None, rooms)
    await rooms.close()
