"""The hooks of rendered pages: when they are called, with what, and what becomes of a visit whose hook raises."""

from __future__ import annotations

from typing import Any

import pytest

from nephila import AsyncWebCrawler, CrawlerRunConfig
from nephila.errors import ErrorCode
from nephila.net.hooks import PAGE_HOOKS
from tests.site.server import Site

QUICK = CrawlerRunConfig(delay_before_return_html=0, mean_delay=0, max_range=0)


async def test_they_are_called_in_order_with_their_arguments(site: Site) -> None:
    calls: list[tuple[str, str, set[str]]] = []
    async with AsyncWebCrawler() as crawler:
        for name in PAGE_HOOKS:

            async def hook(first: Any, name: str = name, /, **given: Any) -> None:
                calls.append((name, type(first).__name__, set(given) - {"shared_data"}))

            crawler.crawler_strategy.set_hook(name, hook)
        result = await crawler.arun(site.url("/app?token=x"), QUICK, js_code="1", user_agent="Other/1")
        assert result.success and result.crawl_stats["fetched_by"] == "browser"
        await crawler.arun(site.url("/app?token=y"), QUICK)
    assert calls[:9] == [
        ("on_browser_created", "Browser", {"context", "config"}),
        ("on_user_agent_updated", "Page", {"context", "config", "user_agent"}),
        ("on_page_context_created", "Page", {"context", "config"}),
        ("before_goto", "Page", {"context", "config", "url"}),
        ("after_goto", "Page", {"context", "config", "url", "response"}),
        ("before_retrieve_html", "Page", {"context", "config"}),
        ("on_execution_started", "Page", {"context", "config"}),
        ("on_execution_ended", "Page", {"context", "config", "result"}),
        ("before_return_html", "Page", {"context", "config", "html"}),
    ]
    assert [name for name, *_ in calls[9:]] == [
        "on_page_context_created",
        "before_goto",
        "after_goto",
        "before_retrieve_html",
        "before_return_html",
    ]


async def test_they_change_the_page_of_their_visit_only(site: Site) -> None:
    async def add_cookie(page: Any, context: Any, **_: Any) -> None:
        await context.add_cookies([{"name": "hooked", "value": "1", "url": site.url("/")}])

    async with AsyncWebCrawler() as crawler:
        crawler.set_hook("before_goto", add_cookie)
        assert "hooked" in (await crawler.arun(site.url("/cookies"), QUICK)).html
        crawler.set_hook("before_goto", None)
        assert "hooked" not in (await crawler.arun(site.url("/cookies"), QUICK, fetch_mode="browser")).html


@pytest.mark.parametrize("name", ["on_page_context_created", "before_goto", "after_goto", "before_return_html"])
async def test_one_that_raises_fails_its_visit(site: Site, name: str) -> None:
    def fail(**_: Any) -> None:
        raise KeyError("of the user")

    async with AsyncWebCrawler() as crawler:
        crawler.set_hook(name, fail)
        result = await crawler.arun(site.url("/page/1"), QUICK)
        assert result.error_code == ErrorCode.USER_CODE and "of the user" in (result.error_message or "")
        crawler.set_hook(name, None)
        assert (await crawler.arun(site.url("/page/1"), QUICK, fetch_mode="browser")).success
