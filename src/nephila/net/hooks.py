"""Functions of the caller that are called at fixed points of a visit."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from nephila.errors import ConfigError, ErrorCode, FetchError
from nephila.models import Response

Hook: TypeAlias = Callable[..., object]
"""A function or a coroutine function."""

HTTP_HOOKS: Final = ("before_request", "after_request", "on_error")
"""The hooks of plain HTTP; see `Hooks`."""

OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType({"after_response": "after_request"})
"""Second names of hooks."""


@dataclass(slots=True)
class OutgoingRequest:
    """A request as the hook `before_request` may change it; the rest of the visit is not touched.

    Attributes:
        url: Where it goes; not to be changed.
        method: The HTTP method.
        headers: The header fields; look-ups ignore case.
        body: The body.
    """

    url: str
    method: str
    headers: MutableMapping[str, str]
    body: bytes | None = None

    def __getitem__(self, name: str) -> object:
        """The attribute of that name, for hooks that expect a dict."""
        if name not in ("url", "method", "headers", "body"):
            raise KeyError(name)
        value: object = getattr(self, name)
        return value


class RequestSteps(Protocol):
    """What a fetcher calls around each HTTP request, those to redirect targets included."""

    async def prepare(self, request: OutgoingRequest) -> None:
        """Make the request ready to be sent.

        Raises:
            FetchError: It cannot be; the visit fails.
        """
        ...

    async def received(self, response: Response) -> None:
        """There is a response.

        Raises:
            FetchError: The visit fails because of it.
        """
        ...

    async def failed(self, error: FetchError) -> None:
        """The request failed, without a response or in the middle of one.

        Raises:
            FetchError: The visit fails with this error instead.
        """
        ...


class Hooks:
    """A registry of hooks, one function for each name.

    - `before_request(url, request)` before each HTTP request, those to redirect targets included; `request` is an
      `OutgoingRequest`.
    - `after_request(response)`, also called `after_response`, after each response, redirects included.
    - `on_error(exception)` when a request failed without a response, or in the middle of one.

    A hook may also take, by keyword, what else the visit knows: `config` and `shared_data`. It is given those that its
    signature names, or all when it takes `**kwargs`.

    Args:
        names: The names that can be set.
    """

    def __init__(self, names: tuple[str, ...] = HTTP_HOOKS) -> None:
        self._names = names
        self._hooks: dict[str, tuple[Hook, frozenset[str] | None]] = {}

    def set(self, name: str, hook: Hook | None) -> None:
        """Set the function for a name; None takes it away.

        Raises:
            ConfigError: There is no hook of that name, or it is not a function.
        """
        name = OTHER_NAMES.get(name, name)
        if name not in self._names:
            raise ConfigError(f"There is no hook {name!r}; the hooks are {', '.join(self._names)}.")
        if hook is None:
            self._hooks.pop(name, None)
        elif callable(hook):
            self._hooks[name] = (hook, _keywords(hook))
        else:
            raise ConfigError(f"The hook {name} must be a function, not a {type(hook).__name__}.")

    def __contains__(self, name: object) -> bool:
        return name in self._hooks

    def __bool__(self) -> bool:
        return bool(self._hooks)

    async def call(self, name: str, *values: object, context: Mapping[str, object] = MappingProxyType({})) -> object:
        """Call the function for a name, if there is one, and return what it returns.

        A coroutine function can be cancelled by the visit's deadline; a plain function runs on the event loop and holds
        everything up until it returns.

        Args:
            name: Of the hook.
            *values: Its positional arguments.
            context: What it may take by keyword.

        Raises:
            FetchError: It raised; the code is `user_code`.
        """
        found = self._hooks.get(name)
        if found is None:
            return None
        hook, keywords = found
        taken = context if keywords is None else {key: context[key] for key in keywords & context.keys()}
        return await called(f"The hook {name}", hook, *values, **taken)


async def called(what: str, function: Hook, *values: object, **keywords: object) -> object:
    """Call a function of the caller's, async or not.

    Raises:
        FetchError: It raised; the code is `user_code`.
    """
    try:
        outcome = function(*values, **keywords)
        return await outcome if isinstance(outcome, Awaitable) else outcome
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise FetchError(ErrorCode.USER_CODE, f"{what} was cancelled by itself.") from None
    except Exception as error:
        raise FetchError(ErrorCode.USER_CODE, f"{what} raised {type(error).__name__}: {error}") from error


def _keywords(hook: Hook) -> frozenset[str] | None:
    """The names the function takes by keyword; None means all."""
    try:
        parameters = inspect.signature(hook).parameters.values()
    except (TypeError, ValueError):
        return frozenset()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return frozenset(parameter.name for parameter in parameters if parameter.kind in kinds)
