"""What every request says about the client."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from nephila.options.base import Config
from nephila.options.identity import DEFAULT_USER_AGENT, USER_AGENT_MODES
from nephila.options.redaction import shown_cookies, shown_headers
from nephila.options.rules import OneOf, Secret


class ClientOptions(Config):
    """User-Agent, header fields and cookies.

    Attributes:
        user_agent: The User-Agent. The default tells the truth instead of naming a browser this is not.
        user_agent_mode: `random` makes one up, once for the crawler, with header fields that agree with it.
        user_agent_generator_config: What a made-up User-Agent may be: keys browsers, os, min_version, platforms,
            fallback; see `AgentGenerator`.
        headers: Header fields sent with every request, and no others: none is made up.
        cookies: Cookies to start with, as dicts with name, value and url or domain and path.
        enable_stealth: Hide that the browser is driven by a program.
    """

    user_agent: str = DEFAULT_USER_AGENT
    user_agent_mode: Annotated[str, OneOf(USER_AGENT_MODES)] = ""
    user_agent_generator_config: dict[str, object] = field(default_factory=dict)
    headers: Annotated[dict[str, str], Secret(shown_headers)] = field(default_factory=dict)
    cookies: Annotated[list[dict[str, object]], Secret(shown_cookies)] = field(default_factory=list)
    enable_stealth: bool = False
