"""Pages to be kept."""

from __future__ import annotations

import time

from nephila.models import Headers, Redirect, Response
from nephila.store.identity import content_digest
from nephila.store.page import PageUpdate, StoredPage


def key_of(name: str) -> bytes:
    return name.encode().ljust(32, b".")


def page_of(name: str, body: bytes = b"<p>text", **headers: str) -> StoredPage:
    url = f"https://a.example/{name}"
    named = Headers({key.replace("_", "-"): value for key, value in headers.items()})
    response = Response(url, 200, named, body, wire_bytes=len(body))
    now = time.time()
    return StoredPage(url, response, content_digest(body), now, now)


def update_of(name: str, body: bytes = b"<p>text", document: bytes | None = None, **headers: str) -> PageUpdate:
    update = PageUpdate(key_of(name), page_of(name, body, **headers))
    if document is not None:
        update.options, update.document = b"o" * 32, lambda: document
    return update


def redirected(update: PageUpdate) -> PageUpdate:
    hop = Redirect(url="https://a.example/old", status=301, location="/new")
    update.page.response.redirects = [hop]
    update.page.response.redirect_headers = [Headers({"location": "/new", "x": "ü"})]
    return update
