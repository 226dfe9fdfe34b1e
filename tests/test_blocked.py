"""What a visit makes of a challenge: a verdict, and everything that came."""

from __future__ import annotations

import pytest

from nephila import AsyncWebCrawler, ErrorCode
from tests.site.exchange import Answer, Exchange
from tests.site.server import Site

CHALLENGE = "<title>Just a moment...</title><script>window._cf_chl_opt={}</script><p>Checking your browser"


@pytest.mark.parametrize("status", [200, 403, 503])
async def test_the_verdict_is_a_field_and_nothing_is_lost(site: Site, status: int) -> None:
    site.serve("/guarded", CHALLENGE, status=status)
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/guarded"))
    assert (result.success, result.error_code, result.status_code) == (False, ErrorCode.BLOCKED, status)
    assert result.error_message == f"Blocked by anti-bot protection: Cloudflare (status {status})."
    assert "Checking your browser" in result.markdown and result.html == CHALLENGE
    assert result.metadata["title"] == "Just a moment..."


async def test_it_is_tried_again(site: Site) -> None:
    def once(exchange: Exchange) -> Answer:
        return Answer(CHALLENGE.encode(), status=403) if exchange.times() == 1 else Answer(b"<p>the page")

    site.handle("/guarded", once)
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/guarded"), max_retries=1)
        (listed,) = await crawler.arun_many([site.url("/guarded?2")], max_retries=1)
    for each in (result, listed):
        assert each.success and each.markdown == "the page"
        assert len([arrival for arrival in site.requests if site.url(arrival.target) == each.url]) == 2


async def test_the_fallback_is_asked(site: Site) -> None:
    async def rescue(url: str) -> str:
        return "<p>rescued"

    site.serve("/guarded", CHALLENGE, status=403)
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun(site.url("/guarded"), fallback_fetch_function=rescue)
    assert result.success and result.markdown == "rescued"
