from __future__ import annotations

import re

import pytest

from tests.fetch.browser.conftest import Render
from tests.site.server import Site


def marks(html: bytes) -> list[str]:
    """The markers in the text, in order."""
    return re.findall(r"mark-[a-z0-9-]+", re.sub(rb"<[^>]*>", b" ", html).decode())


async def test_frames_are_in_their_places_with_their_own_urls(render: Render, site: Site) -> None:
    inner = "<p>mark-inner</p><a href='deep.html'>link</a>"
    site.serve("/inner/page", inner)
    site.serve(
        "/a/frame",
        "<head><title>no</title><style>p{}</style></head><body onload='1'><p>mark-same</p><a href='x?a=1&b=2'>x</a>"
        "<img src='i.png' srcset='s.png 1x, t.png 2x'><iframe src='/inner/page'></iframe><p>mark-same-end</p>"
        "<script>document.body.append('mark-written')</script></body>",
    )
    site.serve("/b/frame", "<base href='/elsewhere/'><p>mark-cross</p><a href='y'>y</a><b onclick='1'>`${1}`\\</b>")
    body = (
        "<p>mark-1</p><iframe src='/a/frame' name='one\"two'></iframe><p>mark-2</p>"
        f"<iframe src='{site.host_url('cross.test', '/b/frame')}'></iframe><p>mark-3</p>"
        "<iframe srcdoc=\"<p>mark-srcdoc</p><a href='z'>z</a>\"></iframe><p>mark-4</p><iframe></iframe>"
    )
    site.serve("/top/page", body)
    response = await render(site.url("/top/page"), process_iframes=True)
    html = response.body.decode()
    expected = "1 same inner same-end written 2 cross 3 srcdoc 4".split()
    assert marks(response.body) == [f"mark-{name}" for name in expected]
    assert f'href="{site.url("/a/x?a=1&amp;b=2")}"' in html and f'src="{site.url("/a/i.png")}"' in html
    assert f'srcset="{site.url("/a/s.png")} 1x, {site.url("/a/t.png")} 2x"' in html
    assert f'href="{site.url("/inner/deep.html")}"' in html
    assert f'href="{site.host_url("cross.test", "/elsewhere/y")}"' in html
    assert f'href="{site.url("/top/z")}"' in html
    assert f'<div data-frame-url="{site.url("/a/frame")}" data-frame-name="one&quot;two">' in html
    assert "`${1}`\\" in html and "<title>no" not in html and "document.body.append" not in html
    assert response.rendered is not None and response.rendered.warnings == []


async def test_frames_stay_frames_unless_asked_for(render: Render, site: Site) -> None:
    site.serve("/f", "<p>mark-frame</p>")
    site.serve("/p", "<iframe src='/f'></iframe>")
    response = await render(site.url("/p"))
    assert b"<iframe" in response.body and b"mark-frame" not in response.body


async def test_nothing_of_a_frame_runs_in_the_page(render: Render, site: Site) -> None:
    evil = "<p>mark-evil</p><img src=x onerror='parent.document.title=1'><script>document.title='own'</script>"
    site.serve("/evil", evil + "`${document.title='hacked'}`")
    site.serve("/p", f"<title>good</title><iframe src='{site.host_url('evil.test', '/evil')}'></iframe>")
    response = await render(site.url("/p"), process_iframes=True)
    assert b"<title>good</title>" in response.body and b"mark-evil" in response.body
    assert b"${document.title='hacked'}" in response.body


async def test_frames_of_a_hostile_page_are_bounded(render: Render, site: Site) -> None:
    site.serve(
        "/self",
        "<p>again</p><script>if (location.hash.length < 30) {const f = document.createElement('iframe');"
        "f.src = '/self?' + Math.random() + location.hash + '#' + 'x'.repeat(location.hash.length + 1);"
        "document.body.append(f)}</script>",
    )
    response = await render(site.url("/self"), within=30, process_iframes=True)
    assert 2 <= response.body.count(b"again") <= 12
    site.serve("/many", "<p>many</p>" + "<iframe srcdoc='<p>one</p>'></iframe>" * 130)
    response = await render(site.url("/many"), within=60, process_iframes=True)
    assert response.body.count(b"data-frame-url") == 100
    assert response.rendered is not None and "too many" in response.rendered.warnings[0]


async def test_a_busy_frame_costs_only_itself(render: Render, site: Site) -> None:
    busy = site.host_url("busy.test", "/busy")
    site.serve("/p", f"<p>mark-1</p><iframe src='{busy}'></iframe><iframe srcdoc='<p>mark-2</p>'></iframe>")
    response = await render(site.url("/p"), within=20, process_iframes=True, delay_before_return_html=1)
    assert marks(response.body) == ["mark-1", "mark-2"]


async def test_lazy_frames_and_framesets(render: Render, site: Site) -> None:
    site.serve("/f", "<p>mark-far</p>")
    site.serve("/lazy", "<div style='height:20000px'>mark-top</div><iframe loading=lazy src='/f'></iframe>")
    assert marks((await render(site.url("/lazy"), process_iframes=True)).body) == ["mark-top", "mark-far"]
    site.serve("/left", "<p>mark-left</p>")
    site.serve("/set", "<html><head></head><frameset cols='1,1'><frame src='/left'><frame src='/f'></frameset></html>")
    response = await render(site.url("/set"), process_iframes=True)
    assert marks(response.body) == ["mark-left", "mark-far"] and b"<frameset" not in response.body


SHADOW = """<!doctype html><body><p>mark-0</p><x-a><b slot=named>mark-5</b>mark-3<i>mark-4</i></x-a><p>mark-12</p>
<div id=closed>hidden-light</div>
<div><template shadowrootmode=closed><p>mark-14</p><slot></slot></template>mark-15</div>
<script>
function host(name, html, mode = 'open') {
    customElements.define(name, class extends HTMLElement {
        constructor() { super(); this.attachShadow({mode}).innerHTML = html; }
    });
}
host('x-a', `<style>p{color:red}</style><p>mark-1</p><x-b>mark-2</x-b><slot></slot><slot name=named></slot>
<slot name=empty>mark-6</slot><x-c></x-c>`);
host('x-b', '<slot></slot>');
host('x-c', '<p>mark-7</p><x-d><span>mark-9</span></x-d><p>mark-11</p>');
host('x-d', '<p>mark-8</p><slot></slot><p>mark-10</p>', 'closed');
document.getElementById('closed').attachShadow({mode: 'closed'}).innerHTML = '<p>mark-13</p>';
</script>"""


async def test_shadow_roots_are_in_their_places(render: Render, site: Site) -> None:
    site.serve("/shadow", SHADOW)
    response = await render(site.url("/shadow"), flatten_shadow_dom=True)
    body = re.sub(rb"<script>.*?</script>", b"", response.body, flags=re.DOTALL)
    assert marks(body) == [f"mark-{number}" for number in range(16)]
    assert b"hidden-light" not in body and b"color:red" not in body and b"<slot" not in body
    assert b"<!DOCTYPE html>" in body and response.rendered is not None and response.rendered.warnings == []


async def test_shadow_roots_within_frames(render: Render, site: Site) -> None:
    site.serve("/shadow", SHADOW)
    body = f"<iframe src='/shadow'></iframe><hr><iframe src='{site.host_url('cross.test', '/shadow')}'></iframe>"
    site.serve("/p", body)
    response = await render(site.url("/p"), flatten_shadow_dom=True, process_iframes=True)
    assert marks(response.body) == [f"mark-{number}" for number in range(16)] * 2


@pytest.mark.parametrize("depth", [3_000])
async def test_a_deep_page_is_no_trouble(render: Render, site: Site, depth: int) -> None:
    script = (
        f"let at = document.body; for (let n = 0; n < {depth}; n++) {{"
        " const next = document.createElement('i'); at.append(next); at = next; } at.textContent = 'mark-deep'"
    )
    site.serve("/deep", f"<body><p>mark-top</p><script>{script}</script>")
    response = await render(site.url("/deep"), within=30, flatten_shadow_dom=True)
    assert response.body.count(b"<i>") >= depth and b">mark-deep<" in response.body
