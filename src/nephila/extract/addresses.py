"""The addresses of one page: each distinct reference is resolved once, however often it occurs."""

from __future__ import annotations

from typing import TypeAlias

import can_ada
import turbohtml

from nephila.net import url as urls

_RESOLVED_SCHEMES = frozenset({"http:", "https:", "ftp:", "file:", "ws:", "wss:"})
_WHITE_SPACE = "".join(map(chr, range(0x21)))

Address: TypeAlias = tuple[str, str]
"""The absolute URL, as a browser's `a.href`, or the reference itself when it is not one that resolves; and the host
name of an http or https URL, else an empty string."""


class Addresses(dict[str, Address]):
    """Resolves references against the page's base URL: `addresses[reference]`.

    Args:
        page_url: The page's own address; it decides what is internal.
        base_url: What references resolve against, see `base_url_of`.
    """

    __slots__ = ("_base", "_internal", "base_url", "page_host", "page_is_https")

    def __init__(self, page_url: str, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url
        self._base = urls.parse(base_url)
        self.page_host = urls.host_of(page_url)
        self.page_is_https = page_url[:6].lower() == "https:"
        self._internal: dict[str, bool] = {}

    def __missing__(self, reference: str) -> Address:
        try:
            # Without a base only absolute URLs mean anything.
            url = can_ada.parse(reference) if self._base is None else self._base + reference
        except (ValueError, TypeError):
            # No URL by the standard, or one with a lone surrogate in it.
            url = None
        scheme = "" if url is None else url.protocol
        if url is None or scheme not in _RESOLVED_SCHEMES:
            address = (reference.strip(_WHITE_SPACE), "")
        else:
            address = (url.href, url.hostname if scheme in ("http:", "https:") else "")
        self[reference] = address
        return address

    def is_internal(self, host: str) -> bool:
        """Whether a host is of the page's own site; without a page host nothing is."""
        known = self._internal.get(host)
        if known is None:
            known = self._internal[host] = urls.same_site(host, self.page_host)
        return known


def base_url_of(tree: turbohtml.Document, page_url: str) -> str:
    """The document base URL (HTML Standard, section 2.4.1): of the first `base` with an `href`, else the page's.

    A base that is no valid URL, or a `data:` or `javascript:` one, counts as none, as in a browser.
    """
    base = tree.find("base", href=True)
    if base is None:
        return page_url
    joined = urls.parse((base.attr("href") or "").strip(_WHITE_SPACE), urls.parse(page_url))
    if joined is None or joined.protocol in ("data:", "javascript:"):
        return page_url
    return joined.href
