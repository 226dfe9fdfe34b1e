from __future__ import annotations

import time

import pytest

from nephila.c4a.compiler import c4a_compile
from nephila.errors import ErrorCode
from nephila.fetch.browser.fetcher import BrowserFetcher
from nephila.models import JSONValue, Response
from tests.fetch.browser.conftest import Render
from tests.site.server import Site

FORM = """<!doctype html><title>form</title><body style="height:5000px">
<input id=name><input id=other value=old><button id=go>Go</button><button id=later>Later</button>
<button id=more>More</button><a id=away href="/echo?token=away">away</a>
<script>
window.seen = [];
const at = id => document.getElementById(id);
at('go').onclick = () => { document.title = 'hi ' + at('name').value };
at('later').onclick = () => setTimeout(() => document.body.insertAdjacentHTML('beforeend', '<p id=new>Fresh</p>'), 300);
at('more').onclick = ({target}) => {
    target.dataset.n = +(target.dataset.n || 0) + 1;
    if (target.dataset.n == 4) target.className = 'end';
};
for (const kind of ['dblclick', 'contextmenu', 'mousedown', 'mouseup', 'keydown', 'keyup', 'click']) {
    addEventListener(kind, e => seen.push(kind + (e.key || '') + (e.isTrusted ? '' : '!')));
}
</script>"""


@pytest.fixture
def form(site: Site) -> str:
    return site.serve("/form", FORM)


def results(response: Response) -> list[JSONValue]:
    assert response.rendered is not None and response.rendered.js_execution_result is not None
    found = response.rendered.js_execution_result["results"]
    assert isinstance(found, list)
    assert response.rendered.js_execution_result["success"] is not any(
        isinstance(one, dict) and one.get("success") is False for one in found
    )
    return found


async def test_a_form_is_filled(render: Render, form: str) -> None:
    script = r"""
    # A comment
    SETVAR user = "Ada \"the\" ${x} `y` \\"
    PROC fill
        CLICK `#name`
        TYPE $user
    ENDPROC
    fill
    CLICK `#go`
    SET `#other` "new"
    EVAL `[document.title, document.querySelector('#other').value]`
    CLEAR `#other`
    EVAL `document.querySelector('#other').value`
    """
    response = await render(form, c4a_script=script)
    assert results(response) == [None, None, None, ['hi Ada "the" ${x} `y` \\', "new"], None, ""]


async def test_waiting_conditions_and_repetition(render: Render, form: str) -> None:
    script = [
        "CLICK `#later`",
        'WAIT "Fresh" 5',
        "WAIT `#new` 5",
        "IF (EXISTS `#new`) THEN EVAL `'yes'` ELSE EVAL `'no'`",
        "IF (NOT EXISTS `#new`) THEN EVAL `'no'` ELSE EVAL `'yes'`",
        "IF (NOT `1 + 1 === 2`) THEN EVAL `'no'`",
        "REPEAT (CLICK `#more`, 2)",
        "REPEAT (CLICK `#more`, `document.querySelector('#more.end') === null`)",
        "REPEAT (EVAL `window.n = (window.n || 0) + 1`, `return 3;`)",
        "EVAL `[document.querySelector('#more').dataset.n, window.n]`",
    ]
    response = await render(form, c4a_script=script)
    assert results(response) == [None, None, None, "yes", "yes", None, None, None, None, ["4", 3]]


async def test_mouse_keys_and_scrolling_are_a_persons(render: Render, form: str) -> None:
    script = """
    DOUBLE_CLICK `#go`
    RIGHT_CLICK `#go`
    CLICK `#name`
    PRESS Enter
    KEY_DOWN Shift
    KEY_UP Shift
    MOVE 200 200
    DRAG 200 300 220 320
    CLICK 250 400
    EVAL `seen.splice(0)`
    SCROLL DOWN 700
    SCROLL UP
    EVAL `scrollY`
    """
    response = await render(form, c4a_script=script)
    found = results(response)
    seen = found[9]
    assert isinstance(seen, list) and not any(str(one).endswith("!") for one in seen)
    assert {"dblclick", "contextmenu", "keydownEnter", "keyupEnter", "keydownShift", "keyupShift"} <= set(
        map(str, seen)
    )
    assert seen[-5:] == ["mousedown", "mouseup", "mousedown", "mouseup", "click"] or seen[-3:] == [
        "mousedown",
        "mouseup",
        "click",
    ]
    assert found[12] == 200


async def test_going_from_page_to_page(render: Render, site: Site, form: str) -> None:
    script = f"""
    EVAL `window.kept = 1`
    RELOAD
    EVAL `window.kept === undefined`
    CLICK `#away`
    WAIT "away"
    EVAL `location.pathname`
    BACK
    EVAL `location.pathname`
    FORWARD
    EVAL `location.pathname`
    GO {site.url("/status/404")}
    """
    response = await render(form, c4a_script=script)
    found = results(response)
    assert [found[2], found[5], found[7], found[9]] == [True, "/echo", "/form", "/echo"]
    assert (response.url, response.status) == (site.url("/status/404"), 404)
    assert b"404 Not Found" in response.body


async def test_what_fails_says_so_and_the_rest_is_done(render: Render, form: str) -> None:
    script = """
    WAIT `#never` 0.2
    WAIT "Nowhere" 0.2
    EVAL `nothing.at.all`
    PRESS NoSuchKey
    SET `#go` "x"
    EVAL `'last'`
    """
    response = await render(form, within=40, c4a_script=script, page_timeout=40_000)
    found = results(response)
    assert [isinstance(one, dict) and one["success"] for one in found] == [False] * 5 + [False]
    assert found[5] == "last" or isinstance(found[5], str)
    assert "#never" in str(found[0]) and "Nowhere" in str(found[1]) and "nothing is not defined" in str(found[2])


async def test_a_script_ends_with_the_visit(render: Render, form: str) -> None:
    started = time.monotonic()
    response = await render(form, within=10, c4a_script="REPEAT (WAIT 0.1, `true`)")
    assert response.error is ErrorCode.TIMEOUT and "c4a_script" in response.error_message
    assert time.monotonic() - started < 10.5


async def test_js_code_goes_before_the_script(render: Render, form: str) -> None:
    response = await render(form, js_code="'js'", c4a_script="EVAL `'c4a'`")
    assert results(response) == ["js"]


async def test_the_javascript_of_a_script_does_the_same(render: Render, fetcher: BrowserFetcher, form: str) -> None:
    script = """
    CLICK `#later`
    WAIT "Fresh"
    CLICK `#name`
    TYPE "a\\"b</script>${c}`"
    IF (EXISTS `#new`) THEN SET `#other` "'x'"
    REPEAT (CLICK `#more`, 2)
    REPEAT (CLICK `#more`, `!document.querySelector('#more.end')`)
    EVAL `const [a, b] = ['name', 'other'].map(id => document.getElementById(id).value); return a + b;`
    CLICK `#nothing`
    EVAL `'a;b'.split(';')`
    DOUBLE_CLICK `#go`
    PRESS Enter
    SCROLL DOWN 300
    EVAL `document.querySelector('#more').dataset.n + scrollY`
    """
    compiled = c4a_compile(script)
    assert compiled.success and compiled.js_code is not None
    found = results(await render(form, js_code=compiled.js_code))
    assert found[7] == "a\"b</script>${c}`'x'"
    assert isinstance(found[8], dict) and "#nothing" in str(found[8]["error"])
    assert (found[9], found[13]) == (["a", "b"], "4300")
