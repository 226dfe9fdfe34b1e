"""Everything that can be said about the client of a whole crawler."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from nephila.errors import ConfigError
from nephila.options.browser_connection import ConnectionOptions
from nephila.options.browser_identity import ClientOptions
from nephila.options.browser_launch import LaunchOptions
from nephila.options.browser_network import ClientNetworkOptions
from nephila.options.browser_page import BrowserPageOptions
from nephila.options.browser_profile import ProfileOptions
from nephila.options.browser_viewport import ViewportOptions
from nephila.options.defaults import ConfigWithDefaults
from nephila.options.proxy import ProxyConfig, read_proxy


class BrowserConfig(
    ConfigWithDefaults,
    LaunchOptions,
    ConnectionOptions,
    ProfileOptions,
    ClientNetworkOptions,
    ViewportOptions,
    ClientOptions,
    BrowserPageOptions,
):
    """What holds for every visit of a crawler: every option of the concerns it inherits, as flat keywords.

    Two defaults are other than elsewhere, on purpose: `user_agent` is an honest one, and `ignore_https_errors` is
    False.

    Attributes:
        verbose: Log at INFO instead of DEBUG. Nothing is printed: the program configures logging.

    Raises:
        UnknownOptionError: There is no option of that name; the sentence names the nearest one.
        ConfigError: A value, or two values together, cannot be used; the sentence says why.
    """

    verbose: bool = True

    def _settle(self, given: Mapping[str, object]) -> None:
        if self.proxy is not None:
            warnings.warn(
                "BrowserConfig: proxy is deprecated, use proxy_config.",
                UserWarning,
                stacklevel=5,
            )
            proxy = read_proxy(self.proxy)
            self.proxy_config, self.proxy = (proxy if isinstance(proxy, ProxyConfig) else None), None
        if self.use_persistent_context:
            self.use_managed_browser = True
        if "viewport" in given and self.viewport is not None:
            if self.viewport.keys() != {"width", "height"}:
                raise ConfigError("BrowserConfig: viewport must be a dict with width and height.")
            self.viewport_width, self.viewport_height = self.viewport["width"], self.viewport["height"]
        elif self.viewport is not None:
            self.viewport = {"width": self.viewport_width, "height": self.viewport_height}
        if self.enable_stealth and self.browser_mode == "builtin":
            raise ConfigError("BrowserConfig: enable_stealth does not work with browser_mode 'builtin'.")
