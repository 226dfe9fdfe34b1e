from __future__ import annotations

import pytest

from nephila.fetch.browser import steps
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.options import VirtualScrollConfig
from tests.fetch.browser.conftest import Render
from tests.site.server import Site


async def test_steps_are_taken_in_the_documented_order(
    render: Render, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace: list[str] = []

    def traced(step: steps.Step) -> steps.Step:
        async def taken(visit: steps.PageVisit) -> None:
            trace.append(step.__name__)
            await step(visit)

        return taken

    for name in ("PREPARE", "STEPS"):
        monkeypatch.setattr(steps, name, [traced(step) for step in getattr(steps, name)])
    script = "window.trace = (window.trace || ''); trace += '{0} '; document.body.dataset.trace = trace"
    response = await render(
        site.url("/app?token=x"),
        wait_for_images=True,
        adjust_viewport_to_content=True,
        scan_full_page=True,
        js_code_before_wait=script.format("before")
        + "; addEventListener('mousemove', () => trace += 'mouse ', {once: true})",
        simulate_user=True,
        wait_for="js:() => (trace += 'wait ', true)",
        virtual_scroll_config=VirtualScrollConfig("#root", scroll_count=1, wait_after_scroll=0),
        js_code=script.format("code"),
        process_iframes=True,
        remove_consent_popups=True,
        remove_overlay_elements=True,
    )
    assert response.error is None
    expected = "wait_for_body wait_for_images adjust_viewport scan_full_page run_before_wait simulate_user wait_for "
    expected += "scroll_virtual_list delay run_js_code collect_frames remove_consent_popups remove_overlays"
    wanted = expected.split()
    assert [name for name in trace if name in wanted] == wanted
    assert b'data-trace="before mouse wait code "' in response.body


async def test_the_window_grows_to_the_content_for_one_visit_only(render: Render, site: Site) -> None:
    site.serve("/tall", "<body style='margin:0'><div style='height:3000px;width:1500px'></div>")
    size = "[innerWidth, innerHeight]"
    response = await render(site.url("/tall"), adjust_viewport_to_content=True, js_code=size)
    assert response.rendered is not None and response.rendered.js_execution_result is not None
    assert response.rendered.js_execution_result["results"] == [[1500, 3000]]
    response = await render(site.url("/tall"), js_code=size)
    assert response.rendered is not None and response.rendered.js_execution_result is not None
    assert response.rendered.js_execution_result["results"] == [[1080, 600]]


@pytest.mark.parametrize("option", ["override_navigator", "magic"])
async def test_navigator_tells_no_tales(render: Render, fetcher: BrowserFetcher, site: Site, option: str) -> None:
    script = (
        "document.body.dataset.seen = JSON.stringify([navigator.webdriver, navigator.languages, navigator.userAgent,"
        " navigator.platform])"
    )
    site.serve(
        "/who",
        "<body><iframe srcdoc='<script>parent.inner = navigator.webdriver</script>'></iframe>"
        f"<script>{script}</script>",
    )
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
    asked = {"request": {"headers": {"user-agent": agent}}, "locale": "de-DE", "js_code": "window.inner"}
    response = await render(site.url("/who"), **asked, **{option: True})
    assert f"[false,[&quot;de-DE&quot;,&quot;de&quot;],&quot;{agent}&quot;,&quot;Win32&quot;]" in response.body.decode()
    assert response.rendered is not None and response.rendered.js_execution_result is not None
    assert response.rendered.js_execution_result["results"] == [False]
    arrived = next(request for request in site.requests if request.path == "/who")
    assert arrived.headers["user-agent"] == agent and arrived.headers["accept-language"].startswith("de-DE")


async def test_a_user_is_simulated(render: Render, site: Site) -> None:
    script = (
        "const seen = new Set(); for (const kind of ['mousemove', 'wheel', 'keydown', 'click'])"
        " addEventListener(kind, e => { seen.add(kind + e.isTrusted); document.title = [...seen].sort() })"
    )
    site.serve("/user", f"<title>none</title><body><div style='height:5000px'></div><script>{script}</script>")
    response = await render(site.url("/user"), simulate_user=True)
    assert b"<title>keydowntrue,mousemovetrue,wheeltrue</title>" in response.body


async def test_magic_does_all_of_it(render: Render, site: Site) -> None:
    overlay = "<div role=dialog style='position:fixed;inset:0;z-index:9'>gone</div>"
    site.serve(
        "/magic",
        f"<body><main>kept and some more text to be a page</main>{overlay}<script>"
        "onmousemove = () => { document.title = 'moved' }</script>",
    )
    response = await render(site.url("/magic"), magic=True)
    assert b"gone" not in response.body and b"kept" in response.body and b"<title>moved" in response.body
