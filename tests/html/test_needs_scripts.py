"""Pages that need their scripts, pages that look like them and do not, and pages that are only small."""

from __future__ import annotations

import time

import pytest

from nephila.html.decode import parse_html
from nephila.html.needs_scripts import CHALLENGE, needs_scripts

SENTENCE = "The golden orb-weaver hangs its web between two trees and waits there for whatever the evening brings. "
ARTICLE = f"<h1>Orb-weavers</h1><p>{SENTENCE * 8}</p><p>{SENTENCE * 8}</p>"
STATE = '{"props":{"pageProps":{"text":"' + SENTENCE * 40 + '"}}}'
MENU = '<header><a href="/">Home</a> <a href="/shop">Shop</a> <a href="/about">About us</a></header>'
BUNDLE = '<script type="module" src="/assets/index-4f5e.js"></script>'


def page(body: str, head: str = "", attributes: str = "") -> str:
    return f"<!doctype html><html lang=en><head><title>Shop</title>{head}</head><body{attributes}>{body}</body></html>"


SHELLS = {
    "react": page(
        '<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>'
        '<script src="/static/js/main.8a7.js"></script>'
    ),
    "react with vite": page('<div id="root"></div>' + BUNDLE),
    "react that loads": page('<div id="root"><div class="spinner">Loading&hellip;</div></div>' + BUNDLE),
    "react with a logo": page('<div id="root"><img src="/logo.svg" alt=""></div>' + BUNDLE),
    "bundle in the head": page('<div id="root"></div>', '<script defer src="/main.js"></script>'),
    "vue": page(
        "<noscript><strong>We're sorry but shop doesn't work properly without JavaScript enabled. Please enable it to "
        'continue.</strong></noscript><div id="app"></div><script src="/js/app.2f1.js"></script>'
    ),
    "vue with templates in the page": page(
        "<div id=shop><h1>{{ title }}</h1><p v-for='x in xs'>{{ x.name }}</p></div><script src=/vue.js></script>"
    ),
    "angular": page('<app-root></app-root><script src="main.js" type="module"></script>'),
    "angular that loads": page("<app-root>Loading...</app-root><script src=runtime.js></script>"),
    "angularjs": page("<div ng-view></div><script src=/angular.min.js></script>", attributes=" ng-app=shop"),
    "next": page(
        '<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">' + STATE + "</script>"
        '<script src="/_next/static/chunks/main.js" async></script>'
    ),
    "nuxt": page(
        '<div id="__nuxt"></div><script>window.__NUXT__={config:{}}</script><script src=/_nuxt/entry.js></script>'
    ),
    "gatsby": page('<div id="___gatsby"></div><script src="/app-1.js"></script>'),
    "svelte": page('<div id="svelte"></div>' + BUNDLE),
    "ember": page('<div id="ember-app"></div><script src=/assets/vendor.js></script>'),
    "lit": page("<shop-app></shop-app>" + BUNDLE),
    "flutter": page('<script src="flutter_bootstrap.js" async></script>'),
    "blazor": page('<div id="app">Loading...</div><script src="_framework/blazor.webassembly.js"></script>'),
    "with a header and a footer": page(
        MENU + '<div id="app"></div><footer>&copy; 2026 Shop Ltd. <a href="/imprint">Imprint</a></footer>' + BUNDLE
    ),
    "written by a script": page("<script>document.write(atob('PGgxPkhpPC9oMT4='))</script>"),
    "data only": page(
        "<div class=page><h1>Shop</h1></div>"
        f"<script>window.__INITIAL_STATE__ = {STATE}</script><script src=/bundle.js></script>"
    ),
    "json only": page(f'<h1>Shop</h1><script type="application/json">{STATE}</script><script src=/bundle.js></script>'),
    "notice in the page": page("<p>Please enable JavaScript to view this site.</p><script src=/x.js></script>"),
    "notice in German": page("<noscript>Bitte aktivieren Sie JavaScript.</noscript><main></main>" + BUNDLE),
    "notice in Japanese": page("<noscript>JavaScriptを有効にしてください。</noscript><main></main>" + BUNDLE),
    "leads on by a script": page("<script>location.href = '/home'</script>"),
    "refresh for those without scripts": page(
        "<div id=root></div>" + BUNDLE, '<noscript><meta http-equiv="refresh" content="0;url=/nojs"></noscript>'
    ),
}

PAGES = {
    "next rendered by the server": page(
        f'<div id="__next">{ARTICLE}</div><script id="__NEXT_DATA__" type="application/json">{STATE}</script>'
        '<script src="/_next/static/chunks/main.js"></script>'
    ),
    "nuxt rendered by the server": page(
        f'<div id="__nuxt" data-server-rendered="true">{ARTICLE}</div><script>window.__NUXT__={STATE}</script>'
    ),
    "react rendered by the server": page(f'<div id="root">{ARTICLE}</div>' + BUNDLE),
    "react's notice on a full page": page(
        f"<noscript>You need to enable JavaScript to run this app.</noscript><div id=root>{ARTICLE}</div>{BUNDLE}"
    ),
    "gatsby": page(f'<div id="___gatsby"><main>{ARTICLE}</main></div><script src="/app.js"></script>'),
    "angular universal": page(f'<app-root ng-version="17">{ARTICLE}</app-root><script src=main.js></script>'),
    "text without paragraphs": page(f"<div id=root><div><span>{SENTENCE * 16}</span></div></div>{BUNDLE}"),
    "a widget beside the text": page(f"{ARTICLE}<div id=app></div>{BUNDLE}"),
    "a widget beside a little text": page(f"<h1>Opening hours</h1><div>{SENTENCE * 8}</div><div id=app></div>{BUNDLE}"),
    "short, rendered by the server": page(
        f'<div id="root"><h1>404</h1><p>{SENTENCE}</p><a href="/">Home</a></div>{BUNDLE}'
    ),
    "text in noscript": page(f"<noscript>{ARTICLE}</noscript><div id=root></div>{BUNDLE}", ""),
    "greeting": page("<h1>It works!</h1>"),
    "greeting that is counted": page("<h1>It works!</h1><script async src=https://www.example/gtag.js></script>"),
    "counted without scripts too": page(
        "<h1>Welcome</h1><noscript><img src=/pixel.gif></noscript><script>ga('send')</script>"
    ),
    "empty": page(""),
    "nothing at all": "",
    "an empty element without scripts": page('<div id="root"></div>'),
    "redirect": page('<p><a href="/new">Moved</a></p>', '<meta http-equiv="refresh" content="0;url=/new">'),
    "redirect with a script": page("<script>track()</script>", '<meta http-equiv="Refresh" content="0;url=/new">'),
    "frameset": "<html><head><script>x()</script></head><frameset cols=20%,*><frame src=a><frame src=b></frameset>",
    "picture": page("<img src=/plan.png><script src=/count.js></script>"),
    "film": page('<div id="app"><video src=/film.mp4></video><img src=/poster.jpg></div>' + BUNDLE),
    "log-in form": page("<div id=app><form><input name=user><input name=pass></form></div>" + BUNDLE),
    "links": page("<div id=root><a href=/1>1</a> <a href=/2>2</a> <a href=/3>3</a></div>" + BUNDLE),
    "structured data": page(
        f"<h1>Shop</h1><p>Open from nine to five.</p><script type='application/ld+json'>{STATE}</script>"
    ),
    "about JavaScript": page("<p>JavaScript is a language. It was made in ten days.</p><script src=/x.js></script>"),
}


def judged(html: str) -> str:
    return needs_scripts(parse_html(html.encode())[0])


@pytest.mark.parametrize("name", SHELLS)
def test_shell(name: str) -> None:
    reason = judged(SHELLS[name])
    assert reason.startswith(("it ", "its ")) and not reason.endswith("."), reason


@pytest.mark.parametrize("name", PAGES)
def test_page_with_its_content(name: str) -> None:
    assert judged(PAGES[name]) == ""


def test_reason_says_what_was_seen() -> None:
    assert judged(SHELLS["react with vite"]) == 'its scripts fill <div id="root">, which is empty'
    assert judged(SHELLS["data only"]) == "its content is only in data for its scripts"
    assert judged(SHELLS["notice in German"]) == "it says that it needs JavaScript"


@pytest.mark.parametrize(
    "html",
    [
        "<title>Just a moment...</title><body><script>window._cf_chl_opt={}</script><noscript>Enable JavaScript",
        page("<h1>Checking your browser before accessing the site.</h1><script src=/c.js></script>"),
        page("<div></div>", '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1"></script>'),
    ],
)
def test_challenge(html: str) -> None:
    assert judged(html) == CHALLENGE


def test_tree_is_not_changed() -> None:
    tree, _ = parse_html(SHELLS["vue"].encode())
    before = tree.html
    assert needs_scripts(tree)
    assert tree.html == before


@pytest.mark.parametrize(
    "html",
    [
        page("<div>" * 100_000 + BUNDLE),
        page("<div id=root></div>" * 50_000 + BUNDLE),
        page("<p></p>" * 100_000 + BUNDLE),
        page("<div id=root>" * 100_000 + BUNDLE),
        page("<div id=root>" * 1_400 + BUNDLE),
        page("<td>" * 20_000 + "<div id=root></div>" + BUNDLE),
        page(f"<script>{'x' * 5_000_000}</script>"),
        page("<div>" + "{{" * 400 + "</div>" + BUNDLE),
    ],
    ids=["deep", "roots", "paragraphs", "many nested roots", "nested roots", "cells", "script", "braces"],
)
def test_hostile_pages_take_little_time(html: str) -> None:
    tree, _ = parse_html(html.encode())
    started = time.process_time()
    needs_scripts(tree)
    assert time.process_time() - started < 0.5
