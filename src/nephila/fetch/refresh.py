"""Pages that do nothing but send on to another one with `<meta http-equiv=refresh>`."""

from __future__ import annotations

import re

from nephila.errors import ReadError
from nephila.html.decode import charset_label, parse_html
from nephila.html.inflate import inflate
from nephila.models import Response
from nephila.net import url as urls

_PAGE_BYTES = 16_384
"""A larger page is content, whatever it refreshes to."""

_PACKED_BYTES = 3072
"""The same for a compressed one, as sent."""

_TEXT_CHARACTERS = 500
"""A page with more text is content, too."""

_LONGEST_DELAY = 5
"""Seconds; a page that is shown for longer is meant to be read."""

_DIRECTIVE = re.compile(
    r"""\s*(\d{1,9}|(?=\.))[\d.]{0,20}(?:\s*[;,]\s*|\s+)(?:url\s*=\s*)?(?:"([^"]*)|'([^']*)|(\S.*))""",
    re.IGNORECASE | re.DOTALL,
)
"""The shared declarative refresh steps of the HTML Standard."""


def refresh_target(response: Response) -> str | None:
    """Where the page sends on to, as a URL reference; None when it is a page of its own."""
    size = len(response.body)
    if not 0 < size <= _PAGE_BYTES or (size > _PACKED_BYTES and response.content_encoding):
        return None
    if response.status != 200 or response.error is not None:
        return None
    if not response.content_type.lower().startswith(("text/html", "application/xhtml+xml")):
        return None
    try:
        body = inflate(response.body, response.content_encoding, _PAGE_BYTES).data
    except ReadError:
        return None
    if b"refresh" not in body.lower():
        return None
    return _target_of(body, response)


def _target_of(body: bytes, response: Response) -> str | None:
    tree, _ = parse_html(body, charset_label(response.content_type))
    # With noscript goes what is meant for whoever runs no scripts; with them, the page is content.
    tree.remove("script, style, noscript, template")
    refresh = tree.select_one('meta[http-equiv="refresh" i][content]')
    if refresh is None or len(tree.text) > _TEXT_CHARACTERS:
        return None
    found = _DIRECTIVE.fullmatch(str(refresh.attrs["content"]))
    if found is None or int(found.group(1) or 0) > _LONGEST_DELAY:
        return None
    given = found.group(2) or found.group(3) or found.group(4) or ""
    base = tree.find("base", href=True)
    around = urls.join(response.url, str(base.attrs["href"])) if base is not None else None
    target = urls.join(around or response.url, given.strip())
    if target is None or not target.startswith(("http:", "https:")):
        return None
    # A page that loads itself again is a page.
    return target if target.partition("#")[0] != response.url.partition("#")[0] else None
