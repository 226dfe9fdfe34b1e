from __future__ import annotations

import asyncio
import base64
import struct
from pathlib import Path

import pytest

from nephila.errors import ErrorCode
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.fetch.browser.png import size_of
from nephila.models import Request, Response
from nephila.options import BrowserConfig, CrawlerRunConfig
from tests.fetch.browser.conftest import Render
from tests.fetch.browser.pictures import rows_of
from tests.site.server import Site

RED, GREEN, BLUE = b"\xff\0\0", b"\0\x80\0", b"\0\0\xff"


def tall(height: int, colour: str = "white") -> str:
    """A page of that height: red at the top, blue at the bottom, a green bar fixed to the window."""
    return (
        "<!doctype html><style>body { margin: 0 } div { box-sizing: border-box; border: solid; border-width: 20px 0;"
        f"border-color: red transparent blue; background: {colour}; height: {height}px }}"
        "p { position: fixed; top: 50px; margin: 0; width: 100%; height: 20px; background: green }</style>"
        "<div></div><p>"
    )


def picture_of(response: Response) -> bytes:
    assert response.error is None, response.error_message
    assert response.rendered is not None and response.rendered.screenshot is not None
    return base64.b64decode(response.rendered.screenshot, validate=True)


@pytest.mark.parametrize("height", [300, 5_000, 12_000, 40_000])
async def test_a_picture_is_as_high_as_the_page(render: Render, site: Site, height: int) -> None:
    picture = picture_of(await render(site.serve("/tall", tall(height)), within=60.0, screenshot=True))
    assert size_of(picture) == (1080, max(height, 600))
    rows = rows_of(picture, 1)
    # Nothing is missing, and nothing that is fixed to the window is there twice.
    assert rows[:20] == [RED] * 20 and rows[height - 20 : height] == [BLUE] * 20
    assert [rows.index(GREEN), rows.count(GREEN)] == [50, 20]
    assert rows.count(RED) == rows.count(BLUE) == 20


async def test_parts_and_whole_are_the_same_picture(render: Render, site: Site) -> None:
    url = site.serve(
        "/bands", "<body>" + "".join(f"<p style='background: hsl({n} 90% 50%)'>{n}</p>" for n in range(120))
    )
    whole = picture_of(await render(url, screenshot=True))
    parts = picture_of(await render(url, screenshot=True, screenshot_height_threshold=1_100))
    assert size_of(whole)[1] > 4_000
    assert rows_of(parts, 100) == rows_of(whole, 100)


async def test_the_scale_of_the_screen(site: Site) -> None:
    fetcher = BrowserFetcher(BrowserConfig(device_scale_factor=1.5, viewport_width=400))
    try:
        config = CrawlerRunConfig(screenshot=True, screenshot_height_threshold=2_000)
        request = Request(site.serve("/tall", tall(5_001)), config=config)
        picture = picture_of(await fetcher.fetch(request, asyncio.get_running_loop().time() + 30))
        # The next visit has the same page again, and finds it as it was.
        ratio = Request(site.url("/text"), config=CrawlerRunConfig(js_code="[innerWidth, devicePixelRatio]"))
        rendered = (await fetcher.fetch(ratio, asyncio.get_running_loop().time() + 30)).rendered
        assert rendered is not None and rendered.js_execution_result is not None
        assert rendered.js_execution_result["results"] == [[400, 1.5]]
    finally:
        await fetcher.close()
    width, height = size_of(picture)
    assert width == 600 and abs(height - 7_501.5) <= 1


async def test_the_window_only(render: Render, site: Site) -> None:
    url = site.serve("/tall", tall(5_000))
    picture = picture_of(await render(url, screenshot=True, force_viewport_screenshot=True))
    assert size_of(picture) == (1080, 600)


async def test_local_pages(render: Render, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(tall(2_000), encoding="utf-8")
    for url in (page.as_uri(), f"raw:{tall(2_000)}"):
        picture = picture_of(await render(url, screenshot=True))
        assert size_of(picture) == (1080, 2_000) and rows_of(picture, 1)[:20] == [RED] * 20


async def test_an_element(render: Render, site: Site) -> None:
    url = site.serve(
        "/element",
        "<!doctype html><body style='margin:0;height:4000px'><div id=a style='position:absolute;top:3000px;left:30px;"
        "width:200px;height:100px;background:blue'>",
    )
    picture = picture_of(await render(url, screenshot=True, screenshot_selector="#a"))
    assert size_of(picture) == (200, 100) and set(rows_of(picture, 1)) == {BLUE}


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"screenshot_selector": "#none"}, ErrorCode.BROWSER, "nothing matches"),
        ({"screenshot_selector": "#empty"}, ErrorCode.BROWSER, "has no size"),
        ({"screenshot_selector": "a["}, ErrorCode.USER_CODE, "not a valid selector"),
        ({"max_capture_bytes": 100}, ErrorCode.TOO_LARGE, "max_capture_bytes"),
        ({"screenshot_format": "webp"}, ErrorCode.BROWSER, "take 'png'"),
        ({"screenshot_wait_for": 60.0}, ErrorCode.TIMEOUT, "page_timeout"),
    ],
)
async def test_no_picture_is_an_error(
    render: Render, site: Site, options: dict[str, object], code: ErrorCode, words: str
) -> None:
    url = site.serve("/tall", tall(20_000) + "<b id=empty>")
    # Only one of them needs more time than there is.
    within = 4.0 if "screenshot_wait_for" in options else 60.0
    response = await render(url, within=within, screenshot=True, **options)
    assert (response.error, words in response.error_message) == (code, True), response.error_message
    assert response.rendered is not None and response.rendered.screenshot is None
    assert b'id="empty"' in response.body


@pytest.mark.parametrize(("kind", "beginning"), [("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")])
async def test_formats(render: Render, site: Site, kind: str, beginning: bytes) -> None:
    noise = "<body><script>for (let n = 0; n < 2000; n++) document.write(Math.sin(n) + ' ')</script>"
    url = site.serve("/noise", noise)
    good, bad = [
        picture_of(await render(url, screenshot=True, screenshot_format=kind, screenshot_quality=quality))
        for quality in (95, 5)
    ]
    assert good.startswith(beginning) and bad.startswith(beginning)
    assert len(bad) < len(good) / 2


async def test_a_high_jpeg(render: Render, site: Site) -> None:
    picture = picture_of(
        await render(site.serve("/tall", tall(20_000)), within=60.0, screenshot=True, screenshot_format="jpeg")
    )
    assert jpeg_size(picture) == (1080, 20_000)


def jpeg_size(picture: bytes) -> tuple[int, int]:
    position = 2
    while picture[position + 1] not in (0xC0, 0xC1, 0xC2):
        position += 2 + struct.unpack(">H", picture[position + 2 : position + 4])[0]
    height, width = struct.unpack(">HH", picture[position + 5 : position + 9])
    return width, height


async def test_it_waits_before_it_is_taken(render: Render, site: Site) -> None:
    url = site.serve(
        "/later",
        "<body style='margin:0;background:red'>"
        "<script>setTimeout(() => document.body.style.background = 'blue', 1000)</script>",
    )
    early = picture_of(await render(url, screenshot=True, delay_before_return_html=0))
    late = picture_of(await render(url, screenshot=True, screenshot_wait_for=1.5, delay_before_return_html=0))
    assert (rows_of(early, 1)[0], rows_of(late, 1)[0]) == (RED, BLUE)


async def test_pictures_taken_at_once_are_each_of_their_own_page(render: Render, site: Site) -> None:
    colours = {f"#{level:02x}{255 - level:02x}80": level for level in range(0, 240, 20)}
    urls = [site.serve(f"/colour{level}", tall(1_000 + level, colour)) for colour, level in colours.items()]
    responses = await asyncio.gather(*(render(url, within=60.0, screenshot=True) for url in urls))
    for response, (colour, level) in zip(responses, colours.items(), strict=True):
        picture = picture_of(response)
        assert size_of(picture)[1] == 1_000 + level
        assert rows_of(picture, 1)[500] == bytes.fromhex(colour[1:])
