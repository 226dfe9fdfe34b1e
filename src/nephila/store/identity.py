"""The names under which pages and documents are kept: digests of everything they depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

import turbohtml

from nephila._version import __version__
from nephila.errors import ConfigError
from nephila.models import Request
from nephila.options.reading import ReadingOptions

_DIGEST_BYTES = 32


def page_key(
    request: Request,
    headers: Mapping[str, str],
    proxies: Sequence[str],
    session_id: str | None,
    impersonate: str | None = None,
) -> bytes:
    """The name of the answer to a request.

    Whatever can make the server answer differently is part of it: the URL, every header, cookies, proxy, session and
    how the connection is made. So pages of one identity never serve another, and a `Vary` of any request header is
    satisfied by every page of the same name. Of a user agent that is made up anew each time, only that it is.

    Args:
        request: The request.
        headers: Its headers as the config has them.
        proxies: What the way is called that it takes.
        session_id: Its session.
        impersonate: The browser that it is to be taken for.
    """
    cookies = _cookies_of(request, session_id)
    given = [sorted((str(name), str(value)) for name, value in cookie.items()) for cookie in request.cookies]
    parts = (
        request.method,
        request.url.partition("#")[0],
        sorted((name.lower(), value) for name, value in headers.items()),
        cookies,
        given,
        session_id,
        list(proxies),
        request.verify_tls,
        request.follow_redirects,
        request.follow_meta_refresh,
        impersonate,
        # What was fetched with other rights is not shown to whoever has fewer.
        repr(request.policy),
        sorted((origin, certificate.cert) for origin, certificate in request.client_certs.items()),
    )
    return digest_of([json.dumps(parts).encode("ascii")])


def _cookies_of(request: Request, session_id: str | None) -> Sequence[object]:
    """All that the visit could send, as a redirect may lead anywhere.

    Of a session only those for the URL: the others come and go, and its name is part of the key.
    """
    jar = request.cookie_jar
    if jar is None:
        return ()
    if session_id is not None:
        return (jar.header_for(request.url),)
    return sorted((each.domain, each.host_only, each.path, each.name, each.value) for each in jar)


def options_digest(options: ReadingOptions) -> bytes | None:
    """The name of a way of reading; None when it cannot be named, as with the caller's own functions."""
    try:
        dumped = json.dumps(options.dump(), sort_keys=True)
    except (ConfigError, TypeError, ValueError):
        return None
    return digest_of([__version__.encode(), turbohtml.__version__.encode(), dumped.encode("utf-8", "surrogatepass")])


def content_digest(body: bytes) -> bytes:
    """The name of a body."""
    return digest_of([body])


def digest_of(parts: Iterable[bytes]) -> bytes:
    """BLAKE2b of 256 bits over the parts, each with its length; nobody can make two contents of one digest."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
