from __future__ import annotations

import pytest

from tests.fetch.browser.conftest import Render
from tests.site.pages import TEXT
from tests.site.server import Site

HEADER = "<header style='position:fixed;top:0;height:40px;width:100%;z-index:9'>kept-header</header>"
PAGE = f"{HEADER}<main>kept-main {TEXT}</main>"
MODAL = "<div class=modal-wrap style='position:fixed;inset:0;z-index:1000'><div>gone-modal Subscribe!</div></div>"


@pytest.mark.parametrize(
    "overlay",
    [
        MODAL,
        "<dialog open>gone-dialog</dialog>",
        "<div role=dialog style='position:absolute;z-index:500;top:100px'>gone-absolute</div>",
        "<div style='position:fixed;inset:0;z-index:5'></div><div role=dialog aria-modal=true>gone-role</div>",
        "<div><div style='position:fixed;inset:0;z-index:99'><span>gone-nested</span></div></div>",
    ],
)
async def test_overlays_go_and_the_page_stays(render: Render, site: Site, overlay: str) -> None:
    site.serve("/over", f"<body style='overflow:hidden'>{PAGE}{overlay}</body>")
    response = await render(site.url("/over"), remove_overlay_elements=True)
    assert b"gone-" not in response.body
    assert b"kept-main" in response.body and b"kept-header" in response.body
    assert b"overflow: auto !important" in response.body


@pytest.mark.parametrize(
    "body",
    [
        f"<div id=app style='position:fixed;inset:0;overflow:auto;z-index:10'>kept {TEXT}</div>",
        f"<div class=page-overlay-root style='position:fixed;inset:0;z-index:10'><main>kept {TEXT}</main></div>",
        f"<div class=modal style='position:fixed;inset:0;z-index:10'>kept {TEXT}</div>",
        f"<main>x</main><div role=dialog style='position:fixed;inset:0;z-index:3'>kept {TEXT * 5}</div>",
        "<div style='position:absolute;z-index:1;inset:0'>kept</div>",
    ],
)
async def test_the_page_itself_is_no_overlay(render: Render, site: Site, body: str) -> None:
    site.serve("/app-shell", f"<body>{body}</body>")
    response = await render(site.url("/app-shell"), remove_overlay_elements=True, remove_consent_popups=True)
    assert b"kept" in response.body


COOKIES = "We use cookies to improve your experience. <button>Accept all</button><button>Reject all</button>"


@pytest.mark.parametrize(
    "consent",
    [
        f"<div id=onetrust-consent-sdk><div style='position:fixed;bottom:0'>gone {COOKIES}</div></div>",
        f"<div id=CybotCookiebotDialog style='position:fixed;top:50px'>gone {COOKIES}</div>",
        f"<div class=my-cookie-bar style='position:fixed;bottom:0;width:100%'>gone {COOKIES}</div>",
        f"<section style='position:fixed;bottom:0'><div role=dialog>gone {COOKIES}</div></section>",
        "<iframe id=sp_message_iframe_1 style='position:fixed;inset:0' srcdoc='gone'></iframe>",
    ],
)
async def test_consent_dialogues_go(render: Render, site: Site, consent: str) -> None:
    site.serve("/consent", f"<body>{PAGE}{consent}</body>")
    response = await render(site.url("/consent"), remove_consent_popups=True)
    assert b"gone" not in response.body
    assert b"kept-main" in response.body and b"kept-header" in response.body


async def test_consent_is_refused_rather_than_given(render: Render, site: Site) -> None:
    script = "for (const b of document.querySelectorAll('button')) b.onclick = () => { document.title = b.textContent }"
    site.serve("/consent", f"<body>{PAGE}<div class=cky-consent-container>{COOKIES}</div><script>{script}</script>")
    response = await render(site.url("/consent"), remove_consent_popups=True)
    assert b"<title>Reject all</title>" in response.body and b"We use cookies" not in response.body


async def test_an_article_about_cookies_stays(render: Render, site: Site) -> None:
    article = f"<article class=cookie-policy><h1>Cookies</h1>kept: accept cookies. {TEXT}</article>"
    site.serve("/article", f"<body><div class='cookie-recipes'>kept too, accept cookies</div>{article}</body>")
    response = await render(site.url("/article"), remove_consent_popups=True, remove_overlay_elements=True)
    assert response.body.count(b"kept") == 2
