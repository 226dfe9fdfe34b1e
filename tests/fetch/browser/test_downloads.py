from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.models import Request, Response
from nephila.options import BrowserConfig, CrawlerRunConfig
from tests.site.exchange import Exchange
from tests.site.server import Site


def content_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest() * 5_000


async def slow_file(exchange: Exchange) -> None:
    """`/slow-file?token=`: a file that takes a second to arrive."""
    content = content_of(exchange.query["token"])
    await exchange.head(
        "content-type: application/octet-stream",
        'content-disposition: attachment; filename="../../same name.bin"',
        f"content-length: {len(content)}",
    )
    for part in range(10):
        await exchange.send(content[part * len(content) // 10 : (part + 1) * len(content) // 10])
        await exchange.sleep(0.1)


@pytest.fixture
async def keeping(tmp_path: Path) -> AsyncIterator[BrowserFetcher]:
    fetcher = BrowserFetcher(BrowserConfig(accept_downloads=True, downloads_path=str(tmp_path / "files")))
    yield fetcher
    await fetcher.close()


async def render(
    fetcher: BrowserFetcher, url: str, within: float = 30.0, max_body_bytes: int = 50_000_000, **run: Any
) -> Response:
    request = Request(url, config=CrawlerRunConfig(**run), max_body_bytes=max_body_bytes)
    return await fetcher.fetch(request, asyncio.get_running_loop().time() + within)


def files_of(response: Response) -> list[Path]:
    assert response.rendered is not None
    return [Path(name) for name in response.rendered.downloaded_files or ()]


async def test_each_page_lists_its_own_file(keeping: BrowserFetcher, site: Site, tmp_path: Path) -> None:
    site.handle("/slow-file", slow_file)
    ways = [
        "<script>location.href = '/slow-file?token={0}'</script>",
        "<a id=a download href='/slow-file?token={0}'>file</a><script>a.click()</script>",
    ]
    tokens = [f"t{number}" for number in range(20)]
    for number, token in enumerate(tokens):
        site.serve(f"/offers/{token}", f"<p>page {token}</p>" + ways[number % 2].format(token))
    responses = await asyncio.gather(*(render(keeping, site.url(f"/offers/{token}"), 60.0) for token in tokens))
    seen = set()
    for response, token in zip(responses, tokens, strict=True):
        assert response.error is None, response.error_message
        assert f"page {token}".encode() in response.body and response.url == site.url(f"/offers/{token}")
        (file,) = files_of(response)
        assert file.read_bytes() == content_of(token)
        seen.add(file)
    folder = (tmp_path / "files").resolve()
    assert len(seen) == 20 and set(folder.iterdir()) == seen


async def test_a_script_that_clicks(keeping: BrowserFetcher, site: Site) -> None:
    url = site.serve("/page", "<a id=a download href=/download>file</a>")
    response = await render(keeping, url, js_code="document.querySelector('#a').click()")
    assert [file.read_bytes() for file in files_of(response)] == [b"data"]


@pytest.mark.parametrize("wait_until", ["domcontentloaded", "load"])
async def test_a_url_that_is_a_file(keeping: BrowserFetcher, site: Site, wait_until: str) -> None:
    response = await render(keeping, site.url("/download"), wait_until=wait_until)
    assert (response.error, response.status, response.url) == (None, 200, site.url("/download"))
    assert response.content_type == "application/octet-stream" and response.body == b"data"
    assert [(file.name, file.read_bytes()) for file in files_of(response)] == [("data.bin", b"data")]


async def test_a_redirect_to_a_file(keeping: BrowserFetcher, site: Site) -> None:
    url = site.serve("/moved", "", status=302, headers={"location": "/download"})
    response = await render(keeping, url)
    assert response.error is None and response.url == site.url("/download")
    assert [hop["status"] for hop in response.redirects] == [302]
    assert [file.read_bytes() for file in files_of(response)] == [b"data"]


async def test_a_file_has_no_picture(keeping: BrowserFetcher, site: Site) -> None:
    response = await render(keeping, site.url("/download"), screenshot=True)
    assert response.error is ErrorCode.BROWSER and "download" in response.error_message
    assert len(files_of(response)) == 1


async def test_one_that_does_not_arrive_in_time(keeping: BrowserFetcher, site: Site, tmp_path: Path) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.head("content-type: application/octet-stream", "content-length: 100000")
        # Less would not be taken for an answer yet.
        await exchange.send(bytes(10_000))
        await exchange.sleep(60)

    site.handle("/endless-file", endless)
    url = site.serve("/page", "<p>here</p><script>location.href = '/endless-file'</script>")
    await render(keeping, site.url("/text"))
    started = asyncio.get_running_loop().time()
    response = await render(keeping, url, 6.0)
    assert asyncio.get_running_loop().time() - started < 6.5
    assert response.error is ErrorCode.TIMEOUT and "endless-file" in response.error_message
    assert b"here" in response.body and files_of(response) == []
    await keeping.close()
    assert os.listdir(tmp_path / "files") == []


async def test_one_that_does_not_begin(keeping: BrowserFetcher, site: Site) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.sleep(60)

    site.handle("/silent", silent)
    url = site.serve("/page", "<p>here</p><script>location.href = '/silent'</script>")
    await render(keeping, site.url("/text"))
    response = await render(keeping, url, 12.0)
    assert (response.error, response.status) == (ErrorCode.TIMEOUT, 200)


async def test_one_that_is_too_large(keeping: BrowserFetcher, site: Site, tmp_path: Path) -> None:
    site.handle("/slow-file", slow_file)
    response = await render(keeping, site.url("/slow-file?token=a"), max_body_bytes=1_000)
    assert response.error is ErrorCode.TOO_LARGE and files_of(response) == [] and response.body == b""
    assert os.listdir(tmp_path / "files") == []


async def test_one_that_is_not_wanted(fetcher: BrowserFetcher, site: Site, tmp_path: Path) -> None:
    url = site.serve("/page", "<p>here</p><script>location.href = '/download'</script>")
    response = await render(fetcher, url)
    assert response.error is None and response.status == 200 and b"here" in response.body
    assert response.rendered is not None and response.rendered.downloaded_files is None
    assert any("/download" in warning for warning in response.rendered.warnings)
    with pytest.raises(FetchError, match="accept_downloads=True") as failed:
        await render(fetcher, site.url("/download"))
    assert failed.value.code is ErrorCode.BROWSER
