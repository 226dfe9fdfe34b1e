"""How plain HTTP requests are made."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from nephila.options.auth import AuthOptions
from nephila.options.network import Method
from nephila.options.redaction import shown_headers
from nephila.options.rules import Secret


class HTTPCrawlerConfig(AuthOptions, kw_only=False):
    """How plain HTTP requests are made.

    Attributes:
        method: HTTP method; written in any case, kept in capitals.
        headers: Header fields sent with every request.
        data: Body: form fields, text or bytes.
        json: Body: a value sent as JSON.
        follow_redirects: Follow redirects; otherwise the redirect itself is the result.
        verify_ssl: Connect only to servers whose certificate is trusted.
        downloads_path: Folder in which bodies that are not text, or are sent as attachments, are saved; None saves
            none.
        impersonate: A browser, such as `chrome` or `firefox`, whose TLS, HTTP/2 and headers requests have; None means
            HTTP/1.1 without pretence. Needs the extra `impersonate`.
    """

    method: Method = "GET"
    headers: Annotated[dict[str, str], Secret(shown_headers)] = field(default_factory=dict)
    data: dict[str, object] | str | bytes | None = None
    json: object = None
    follow_redirects: bool = True
    verify_ssl: bool = True
    downloads_path: str | None = None
    impersonate: str | None = None
