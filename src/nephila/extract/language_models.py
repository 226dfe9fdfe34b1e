"""Calls of a language model, through the extra `llm` (litellm), which is loaded when the first one is made."""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import time
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from nephila.errors import ErrorCode, ReadError, UnsupportedOptionError
from nephila.options.llm import LLMConfig

INSTALL: Final = 'pip install "nephila[llm]"'

_CALL_SECONDS: Final = 120.0
"""A call that has no answer by then has failed."""

_LONGEST_DELAY: Final = 60.0


@dataclass(slots=True)
class TokenUsage:
    """What calls of a language model took.

    Attributes:
        completion_tokens: Tokens of the answers.
        prompt_tokens: Tokens of the questions.
        total_tokens: Both.
    """

    completion_tokens: int = 0
    prompt_tokens: int = 0
    total_tokens: int = 0

    def add(self, other: TokenUsage) -> None:
        """Add what another took."""
        self.completion_tokens += other.completion_tokens
        self.prompt_tokens += other.prompt_tokens
        self.total_tokens += other.total_tokens


def require_model_client() -> None:
    """Make sure that models can be called.

    Raises:
        UnsupportedOptionError: The extra is not installed; the sentence says how to install it.
    """
    if importlib.util.find_spec("litellm") is None:
        raise UnsupportedOptionError(f"Language models are called through the extra of that name: {INSTALL}.")


def ask(config: LLMConfig, instruction: str, text: str) -> tuple[str, TokenUsage]:
    """Ask the model once, and again after a pause while it is asked too often; blocks until it has answered.

    Returns:
        The answer, and what it took.

    Raises:
        ReadError: There is no answer, or only the beginning of one.
    """
    client = _client()
    messages = [{"role": "system", "content": instruction}, {"role": "user", "content": text}]
    given = {
        name: value
        for name in ("temperature", "max_tokens", "top_p", "frequency_penalty", "presence_penalty", "stop", "n")
        if (value := getattr(config, name)) is not None
    }
    delay = config.backoff_base_delay
    for attempt in range(1, config.backoff_max_attempts + 1):
        try:
            answer = client.completion(
                model=config.provider,
                messages=messages,
                api_key=config.resolved_api_token(),
                base_url=config.base_url,
                timeout=_CALL_SECONDS,
                num_retries=0,
                max_retries=0,
                **given,
            )
        except client.RateLimitError as error:
            if attempt == config.backoff_max_attempts:
                raise ReadError(ErrorCode.READ, f"{config.provider} was asked too often: {_said(error)}") from error
            time.sleep(min(delay, _LONGEST_DELAY) * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret
            delay *= config.backoff_exponential_factor
        except Exception as error:
            # Whatever the client raises, and that is much, is one thing here: no answer.
            raise ReadError(ErrorCode.READ, f"{config.provider} gave no answer: {_said(error)}") from error
        else:
            return _text_of(answer, config), _usage_of(answer)
    raise AssertionError("the last attempt has returned or raised")


def _client() -> ModuleType:
    require_model_client()
    name = "LITELLM_LOCAL_MODEL_COST_MAP"
    before = os.environ.get(name)
    # Else loading it fetches a list of prices from the network.
    os.environ[name] = "True"
    try:
        return importlib.import_module("litellm")
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _text_of(answer: object, config: LLMConfig) -> str:
    choices = getattr(answer, "choices", None) or []
    text = getattr(getattr(choices[0], "message", None), "content", None) if choices else None
    if not isinstance(text, str) or not text.strip():
        raise ReadError(ErrorCode.READ, f"{config.provider} gave an empty answer.")
    if getattr(choices[0], "finish_reason", None) == "length":
        raise ReadError(ErrorCode.READ, f"The answer of {config.provider} was cut off; raise max_tokens.")
    return text


def _usage_of(answer: object) -> TokenUsage:
    usage = getattr(answer, "usage", None)
    counts = (getattr(usage, name, 0) or 0 for name in ("completion_tokens", "prompt_tokens", "total_tokens"))
    return TokenUsage(*counts)


def _said(error: Exception) -> str:
    """The beginning of what an exception says; the client may put the whole request into it."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
