"""What a browser that was not made for the visit cannot do, so that a visit that needs it fails instead."""

from __future__ import annotations

import ipaddress

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.identity import Identity
from nephila.net.url import host_of
from nephila.options import BrowserConfig


def require_same_way(identity: Identity, config: BrowserConfig) -> None:
    """Refuse a visit that the browser's one context would send another way than it has to go.

    Raises:
        FetchError: Addresses are to be checked, or the proxy is not that of the context.
    """
    what = "a browser at cdp_url (without create_isolated_context)" if config.cdp_url else "a persistent profile"
    if identity.way is not None and identity.way.policy is not None:
        raise FetchError(ErrorCode.ADDRESS, f"allow_private_addresses=False cannot be kept in {what}.")
    own = config.proxy_config.server if config.proxy_config is not None and config.cdp_url is None else None
    wanted = identity.proxy[0] if identity.proxy is not None else None
    if wanted != own or identity.way is not None:
        raise FetchError(ErrorCode.PROXY, f"The visit cannot have a proxy of its own in {what}.")


def require_local(config: BrowserConfig) -> None:
    """Refuse what needs a connection from the browser back to this machine when the browser may be on another.

    Raises:
        FetchError: It may be.
    """
    if config.cdp_url is None:
        return
    host = host_of(config.cdp_url.replace("ws", "http", 1)).strip("[]")
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        message = "allow_private_addresses=False and SOCKS proxies with a password need a browser on this machine."
        raise FetchError(ErrorCode.ADDRESS, message)
