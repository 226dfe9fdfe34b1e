"""How the client connects."""

from __future__ import annotations

from typing import Annotated

from nephila.options.base import Config
from nephila.options.proxy import PROXY_EXPECTED, ProxyConfig, read_proxy
from nephila.options.redaction import shown_url
from nephila.options.rules import ConvertedBy, Secret


class ClientNetworkOptions(Config):
    """Proxy and TLS.

    Attributes:
        proxy: Old name of `proxy_config`, for a string: becomes `proxy_config`, with a warning.
        proxy_config: The proxy. Besides `ProxyConfig`, a dict, a string (see `ProxyConfig.from_string`) and
            `"direct"` (no proxy) are accepted.
        ignore_https_errors: Connect to servers whose certificate is not trusted. The default is False: what comes
            over an unverified connection may be anybody's.
    """

    proxy: Annotated[str | None, Secret(shown_url)] = None
    proxy_config: Annotated[ProxyConfig | None, ConvertedBy(read_proxy, PROXY_EXPECTED)] = None
    ignore_https_errors: bool = False
