from __future__ import annotations

import email
import email.policy

import pytest

from nephila.errors import ErrorCode
from nephila.fetch.browser.accessibility import compact
from tests.fetch.browser.conftest import Render
from tests.site.server import Site

PAGE = """<!doctype html><title>Spiders</title><body><nav aria-label=Main><a href=/web>The web</a></nav>
<main><h2>Silk</h2><div><div><button disabled>Spin</button></div></div><input type=checkbox checked aria-label=Golden>
<p hidden>unseen</p><img src=/pixel.png alt="A web"></main>"""


async def test_a_pdf_holds_the_text(render: Render, site: Site) -> None:
    pypdfium2 = pytest.importorskip("pypdfium2")
    response = await render(site.serve("/page", PAGE + "<p style='break-before: page'>second"), pdf=True)
    assert response.error is None and response.rendered is not None and response.rendered.pdf is not None
    document = pypdfium2.PdfDocument(response.rendered.pdf)
    try:
        assert len(document) == 2
        assert [abs(side - a4) < 1 for side, a4 in zip(document[0].get_size(), (595.3, 841.9), strict=True)] == [
            True
        ] * 2
        assert "Silk" in document[0].get_textpage().get_text_range()
        assert "second" in document[1].get_textpage().get_text_range()
    finally:
        document.close()


async def test_mhtml_holds_what_the_page_loaded(render: Render, site: Site) -> None:
    site.serve("/style.css", "h2 { color: rebeccapurple }", "text/css")
    url = site.serve("/page", PAGE + "<link rel=stylesheet href=/style.css>")
    response = await render(url, wait_until="load", capture_mhtml=True)
    assert response.error is None and response.rendered is not None and response.rendered.mhtml is not None
    message = email.message_from_string(response.rendered.mhtml, policy=email.policy.default)
    parts = {part["content-location"]: part.get_content() for part in message.walk() if not part.is_multipart()}
    assert "Silk" in parts[url] and "rebeccapurple" in parts[site.url("/style.css")]


async def test_the_accessibility_tree(render: Render, site: Site) -> None:
    response = await render(site.serve("/page", PAGE), capture_accessibility=True)
    assert response.error is None and response.rendered is not None and response.rendered.accessibility is not None
    tree = response.rendered.accessibility
    said = {(node["role"], node.get("name")): node for node in tree}
    assert said["RootWebArea", "Spiders"]["depth"] == 0
    assert said["link", "The web"] == {
        "depth": 2,
        "role": "link",
        "name": "The web",
        "url": site.url("/web"),
    }
    assert said["heading", "Silk"]["level"] == 2
    # The two elements around it say nothing.
    assert said["button", "Spin"] == {"depth": 2, "role": "button", "name": "Spin", "disabled": True}
    assert said["checkbox", "Golden"]["checked"] == "true"
    assert "unseen" not in str(tree) and "A web" in str(tree)


def test_a_tree_of_any_depth_and_shape() -> None:
    deep = [
        {"nodeId": str(n), "parentId": str(n - 1), "childIds": [str(n + 1)], "role": {"value": "list"}}
        for n in range(200_000)
    ]
    tree = compact(deep)
    assert len(tree) == 100_000 and tree[-1]["depth"] == 99_999
    circle = [{"nodeId": "a", "childIds": ["a", "b", "gone"]}, {"nodeId": "b", "parentId": "a", "childIds": ["a"]}]
    assert [node["depth"] for node in compact(circle)] == [0, 1]


@pytest.mark.parametrize("option", ["pdf", "capture_mhtml", "capture_accessibility"])
async def test_one_that_is_too_large_is_an_error(render: Render, site: Site, option: str) -> None:
    response = await render(site.serve("/page", PAGE), max_capture_bytes=20, **{option: True})
    assert response.error is ErrorCode.TOO_LARGE and "max_capture_bytes" in response.error_message
    assert b"Silk" in response.body


async def test_one_that_fails_does_not_cost_the_others(render: Render, site: Site) -> None:
    response = await render(
        site.serve("/page", PAGE), pdf=True, capture_mhtml=True, screenshot=True, screenshot_selector="#none"
    )
    assert response.error is ErrorCode.BROWSER and "screenshot_selector" in response.error_message
    assert response.rendered is not None and response.rendered.pdf and response.rendered.mhtml
