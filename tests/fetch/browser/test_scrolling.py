from __future__ import annotations

import re
import time

import pytest

from nephila.errors import ErrorCode
from nephila.models import Response
from nephila.options import VirtualScrollConfig
from tests.fetch.browser import step_pages
from tests.fetch.browser.conftest import Render
from tests.site.server import Site


@pytest.fixture
def scrolled(site: Site) -> Site:
    step_pages.serve(site)
    return site


def items(response: Response) -> list[int]:
    return [int(number) for number in re.findall(r">item-(\d+)<", response.body.decode())]


@pytest.mark.parametrize("how", ["page", "nested", "timer&late=200", "page&late=600", "updown"])
async def test_every_item_of_a_list_that_grows_is_there(render: Render, scrolled: Site, how: str) -> None:
    count = 500 if "late" not in how and how != "updown" else 150
    url = scrolled.url(f"/append?how={how}&all={count}")
    response = await render(url, within=60, scan_full_page=True, scroll_delay=0.05, max_scroll_steps=60)
    assert items(response) == list(range(count))
    assert response.rendered is not None and response.rendered.warnings == []


async def test_scanning_ends_at_its_steps(render: Render, scrolled: Site) -> None:
    url = scrolled.url("/append?all=100000")
    response = await render(url, within=30, scan_full_page=True, scroll_delay=0, max_scroll_steps=3)
    assert 75 <= len(items(response)) <= 25 * 5
    assert response.rendered is not None and "max_scroll_steps" in response.rendered.warnings[0]


async def test_scanning_ends_with_the_time(render: Render, scrolled: Site) -> None:
    started = time.monotonic()
    url = scrolled.url("/append?all=100000")
    response = await render(url, within=12, scan_full_page=True, max_scroll_steps=10_000)
    assert time.monotonic() - started < 12.5
    assert response.error is None and len(items(response)) > 50
    assert response.rendered is not None and "time of the visit" in response.rendered.warnings[0]


async def test_a_page_that_does_not_grow_is_scanned_quickly_and_left_at_its_top(render: Render, site: Site) -> None:
    site.serve("/tall", "<body style='margin:0'><div style='height:9000px'>tall</div>")
    started = time.monotonic()
    response = await render(site.url("/tall"), scan_full_page=True, js_code="scrollY")
    assert time.monotonic() - started < 12
    assert response.rendered is not None and response.rendered.js_execution_result == {"success": True, "results": [0]}


async def test_what_comes_into_view_on_the_way_is_loaded(render: Render, site: Site) -> None:
    marks = "".join(f"<div class=late data-n={n} style='height:500px'></div>" for n in range(20))
    script = (
        "const seen = new IntersectionObserver(all => all.forEach(one => {"
        " if (one.isIntersecting) one.target.textContent = 'seen-' + one.target.dataset.n; }));"
        "document.querySelectorAll('.late').forEach(one => seen.observe(one))"
    )
    site.serve("/lazy", f"<body>{marks}<script>{script}</script>")
    response = await render(site.url("/lazy"), scan_full_page=True, scroll_delay=0)
    assert [n for n in range(20) if f"seen-{n}<".encode() not in response.body] == []


@pytest.mark.parametrize("how", ["replace", "reuse"])
async def test_every_item_of_a_recycled_list_is_there(render: Render, scrolled: Site, how: str) -> None:
    config = VirtualScrollConfig("#box", scroll_count=100, wait_after_scroll=0.05)
    response = await render(scrolled.url(f"/recycled?how={how}"), within=60, virtual_scroll_config=config)
    assert items(response) == list(range(500))
    html = response.body.decode()
    assert html.index("item-0<") > html.index('id="inner"') and html.index("item-499<") < html.index("after-list")


@pytest.mark.parametrize(("by", "count"), [("container_height", 5), (150, 10), ("page_height", 3)])
async def test_a_recycled_list_is_scrolled_so_far_and_no_farther(
    render: Render, scrolled: Site, by: str | int, count: int
) -> None:
    config = VirtualScrollConfig("#box", scroll_count=count, scroll_by=by, wait_after_scroll=0.05)
    response = await render(scrolled.url("/recycled"), virtual_scroll_config=config)
    found = items(response)
    last = 600 * 3 // 30 if by == "page_height" else 50
    assert last <= found[-1] <= last + 12
    if by != "page_height":
        assert found == list(range(len(found)))


async def test_a_list_that_is_not_there_is_an_error(render: Render, site: Site) -> None:
    config = VirtualScrollConfig("#none")
    response = await render(site.url("/page/1"), within=10, virtual_scroll_config=config)
    assert response.error is ErrorCode.TIMEOUT and "#none" in response.error_message
    response = await render(site.url("/page/1"), virtual_scroll_config=VirtualScrollConfig("[["))
    assert response.error is ErrorCode.USER_CODE
