"""Which language model is asked, and how."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from nephila.errors import ConfigError
from nephila.options.base import Config
from nephila.options.enums import Provenance
from nephila.options.rules import AtLeast, Between, NoneMeans, PositiveInt, Secret

DEFAULT_PROVIDER: Final = "openai/gpt-4o"

_PROVIDER_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "openai": "OPENAI_API_KEY",
        "anthropic": "ANTHROPIC_API_KEY",
        "groq": "GROQ_API_KEY",
        "gemini": "GEMINI_API_KEY",
        "deepseek": "DEEPSEEK_API_KEY",
    }
)


class LLMConfig(Config, kw_only=False):
    """A language model and how it is called. None for a sampling option leaves it to the provider.

    Attributes:
        provider: Provider and model, such as `openai/gpt-4o`.
        api_token: The key itself; `env:NAME` reads the environment variable NAME when the model is called; None reads
            the provider's usual variable. Never shown.
        base_url: Another address of the provider's API.
        temperature: Randomness, 0 to 2.
        max_tokens: Tokens of the answer at most.
        top_p: Nucleus sampling, 0 to 1.
        frequency_penalty: -2 to 2.
        presence_penalty: -2 to 2.
        stop: Texts that end the answer.
        n: Answers asked for.
        backoff_base_delay: Seconds before the first repetition after a rate limit.
        backoff_max_attempts: Calls at most.
        backoff_exponential_factor: What the delay is multiplied with each time.
        provenance: Who wrote this config; with `Provenance.UNTRUSTED`, `api_token` must not read the environment.
    """

    provider: str = DEFAULT_PROVIDER
    api_token: Annotated[str | None, Secret()] = None
    base_url: str | None = None
    temperature: Annotated[float, Between(0, 2)] | None = None
    max_tokens: PositiveInt | None = None
    top_p: Annotated[float, Between(0, 1)] | None = None
    frequency_penalty: Annotated[float, Between(-2, 2)] | None = None
    presence_penalty: Annotated[float, Between(-2, 2)] | None = None
    stop: str | list[str] | None = None
    n: PositiveInt | None = None
    backoff_base_delay: Annotated[float, AtLeast(0), NoneMeans(2)] = 2
    backoff_max_attempts: Annotated[int, AtLeast(1), NoneMeans(3)] = 3
    backoff_exponential_factor: Annotated[float, AtLeast(1), NoneMeans(2)] = 2
    provenance: Provenance | None = None

    def resolved_api_token(self) -> str | None:
        """Return the key itself, reading the environment now; None when the provider needs none or it is not set.

        Raises:
            ConfigError: `api_token` names an environment variable that is not set, or may not read one.
        """
        untrusted = self.provenance is Provenance.UNTRUSTED
        if self.api_token is not None and self.api_token.startswith("env:"):
            name = self.api_token.removeprefix("env:")
            if untrusted:
                raise ConfigError("LLMConfig: an untrusted config may not read the environment; give api_token itself.")
            if name not in os.environ:
                raise ConfigError(f"LLMConfig: api_token names the environment variable {name!r}, which is not set.")
            return os.environ[name]
        if self.api_token is not None or untrusted:
            return self.api_token
        return os.environ.get(_PROVIDER_KEYS.get(self.provider.partition("/")[0], ""))
