"""Who a crawler is: its cookies and sessions, its credentials, its made-up browser, and the hooks of its owner."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from nephila.errors import ConfigError, ErrorCode, FetchError
from nephila.models import JSONValue, Response
from nephila.net.cookie_files import (
    StorageState,
    cookie_from_dict,
    netscape_text,
    read_cookies,
    read_state,
    write_private,
)
from nephila.net.cookie_jar import CookieJar
from nephila.net.hooks import Hook, Hooks, OutgoingRequest, called
from nephila.net.sessions import Session, Sessions
from nephila.net.url import origin_of
from nephila.net.user_agents import Agent, AgentGenerator
from nephila.options import BasicAuth, BearerAuth, BrowserConfig, CrawlerRunConfig, HTTPCrawlerConfig
from nephila.options.auth import Authenticate

_NOTHING: Mapping[str, object] = MappingProxyType({})


class CrawlerIdentity:
    """What the visits of one crawler have in common; safe to use from several threads.

    Args:
        browser: The crawler's config.
        http: The crawler's config of plain requests.
        hooks: Functions called during visits.

    Raises:
        ConfigError: Cookies, storage state or the config of made-up user agents cannot be used.
    """

    def __init__(self, browser: BrowserConfig, http: HTTPCrawlerConfig, hooks: Hooks | None = None) -> None:
        self.hooks = hooks if hooks is not None else Hooks()
        self._auth = http.auth
        state = StorageState() if browser.storage_state is None else read_state(browser.storage_state)
        given = [cookie_from_dict(cookie) for cookie in browser.cookies]
        self._jar = CookieJar([*state.cookies, *given])
        self._origins = list(state.origins)
        self.sessions = Sessions(self._jar.fork, lambda: list(self._origins))
        self._seed = secrets.token_hex(8)
        self._agent: Agent | None = None
        if browser.user_agent_mode == "random":
            self._agent = AgentGenerator(browser.user_agent_generator_config).generate(random.Random())  # noqa: S311

    def jar_for(self, session_id: str | None) -> CookieJar | None:
        """The cookies a visit begins with and adds to: its session's, or a copy of the crawler's for itself.

        None when it begins with none.
        """
        if session_id is not None:
            return self.sessions.get(session_id).jar
        return self._jar.fork() if len(self._jar) else None

    def session_for(self, session_id: str | None) -> Session | None:
        """The session of that name, begun when there is none; None for None."""
        return None if session_id is None else self.sessions.get(session_id)

    def origins_for(self, session: Session | None) -> Sequence[JSONValue]:
        """The local storage a rendered visit begins with."""
        return self._origins if session is None else session.origins

    def agents_for(self, config: CrawlerRunConfig) -> Agents:
        """The made-up agents of a config's visits.

        Raises:
            ConfigError: Its `user_agent_generator_config` cannot be used.
        """
        if config.user_agent is not None or config.user_agent_mode == "":
            return Agents(None, None, "")
        if config.user_agent_mode == "random":
            generator = AgentGenerator(config.user_agent_generator_config)
            return Agents(None, generator, f"{self._seed} {config.session_id}" if config.session_id else "")
        return Agents(self._agent, None, "")

    def steps_for(self, config: CrawlerRunConfig) -> VisitSteps:
        """What is done around the requests of a config's visits."""
        return VisitSteps(self._auth, self.hooks, {"config": config, "shared_data": config.shared_data})

    def state(self, session_id: str | None) -> StorageState:
        """The cookies and origins of a session, or those that visits without one begin with.

        Raises:
            ConfigError: There is no such session.
        """
        if session_id is None:
            return StorageState(list(self._jar), list(self._origins))
        session = self.sessions.find(session_id)
        if session is None:
            raise ConfigError(f"There is no session {session_id!r}; it may have been idle for too long.")
        return StorageState(list(session.jar), list(session.origins))

    def take(self, state: StorageState, session_id: str | None) -> int:
        """Add cookies and origins to a session, or to what visits and new sessions begin with."""
        if session_id is None:
            jar, origins = self._jar, self._origins
        else:
            session = self.sessions.get(session_id)
            jar, origins = session.jar, session.origins
        for cookie in state.cookies:
            jar.add(cookie)
        origins.extend(state.origins)
        return len(state.cookies)


class Agents:
    """Where the agent of a visit comes from.

    Args:
        fixed: The one agent, if there is one.
        generator: Makes one up for each attempt.
        seed: With one, the generator makes up the same agent each time.
    """

    def __init__(self, fixed: Agent | None, generator: AgentGenerator | None, seed: str) -> None:
        self._fixed = fixed
        self._generator = generator
        self._seed = seed

    def one(self) -> Agent | None:
        """The agent of an attempt; None when none is made up."""
        if self._generator is None:
            return self._fixed
        chance = random.Random(self._seed) if self._seed else random.Random()  # noqa: S311 - no secret
        return self._generator.generate(chance)


class VisitSteps:
    """Credentials and hooks around each request.

    Args:
        auth: Credentials by origin.
        hooks: Of the crawler.
        context: What hooks may take by keyword.
    """

    def __init__(
        self,
        auth: Mapping[str, BasicAuth | BearerAuth | Authenticate],
        hooks: Hooks,
        context: Mapping[str, object] = _NOTHING,
    ) -> None:
        self._auth = auth
        self._hooks = hooks
        self._context = context

    @property
    def needed(self) -> bool:
        """Whether there is anything to do; hooks may be set at any time."""
        return bool(self._auth) or bool(self._hooks)

    async def prepare(self, request: OutgoingRequest) -> None:
        """Call `before_request`, then add the credentials of the request's own origin."""
        await self._hooks.call("before_request", request.url, request, context=self._context)
        auth = self._auth.get(origin_of(request.url)) if self._auth else None
        if isinstance(auth, BasicAuth | BearerAuth):
            request.headers["Authorization"] = auth.header()
        elif auth is not None:
            headers = await called("auth", auth, request.url, request.headers)
            if not isinstance(headers, Mapping):
                message = f"auth returned {type(headers).__name__}; the headers to send are expected."
                raise FetchError(ErrorCode.USER_CODE, message)
            # A list first: it may well be the same object.
            replaced = list(headers.items())
            request.headers.clear()
            request.headers.update(replaced)

    async def received(self, response: Response) -> None:
        """Call `after_request`."""
        await self._hooks.call("after_request", response, context=self._context)

    async def failed(self, error: FetchError) -> None:
        """Call `on_error`."""
        await self._hooks.call("on_error", error, context=self._context)


class CrawlerStrategy:
    """What is done through `crawler.crawler_strategy` elsewhere; the crawler has the same methods.

    Args:
        crawler: The crawler.
    """

    def __init__(self, crawler: WithIdentity) -> None:
        self._crawler = crawler

    def set_hook(self, name: str, hook: Hook | None) -> None:
        """Have a function called at a fixed point of every visit; see `Hooks` for the names."""
        self._crawler.set_hook(name, hook)

    async def kill_session(self, session_id: str) -> bool:
        """Forget a session; see `AsyncWebCrawler.kill_session`."""
        return await self._crawler.kill_session(session_id)

    async def export_storage_state(
        self, path: str | Path | None = None, session_id: str | None = None
    ) -> dict[str, JSONValue]:
        """Return cookies and local storage; see `AsyncWebCrawler.export_storage_state`."""
        return await self._crawler.export_storage_state(path, session_id)


class WithIdentity:
    """What a crawler's owner can do with its identity."""

    identity: CrawlerIdentity

    @property
    def crawler_strategy(self) -> CrawlerStrategy:
        """The crawler by the name under which hooks are set elsewhere: `crawler.crawler_strategy.set_hook(...)`."""
        return CrawlerStrategy(self)

    async def _open_origins(self, session: Session) -> list[JSONValue]:
        """Local storage of a session, that of its open page included."""
        return list(session.origins)

    def set_hook(self, name: str, hook: Hook | None) -> None:
        """Have a function called at a fixed point of every visit; None takes it away. See `Hooks` for the names.

        Raises:
            ConfigError: There is no hook of that name, or it is not a function.
        """
        self.identity.hooks.set(name, hook)

    async def kill_session(self, session_id: str) -> bool:
        """Forget a session and its cookies; returns whether there was one.

        Visits of it that are under way end as they began; later ones begin a new session.
        """
        return self.identity.sessions.kill(session_id)

    def session_ids(self) -> list[str]:
        """The sessions there are, the one used longest ago first."""
        return self.identity.sessions.ids()

    async def export_storage_state(
        self, path: str | Path | None = None, session_id: str | None = None
    ) -> dict[str, JSONValue]:
        """Return cookies and local storage in the form of Playwright's `storage_state`; they are secrets.

        Of a session with a page open in the browser, the databases (IndexedDB) are in it too.

        Args:
            path: File to write them to as well, as JSON that only its owner may read.
            session_id: Whose; None means what visits without a session begin with.

        Raises:
            ConfigError: There is no such session.
            FetchError: The session's page does not answer.
            OSError: The file cannot be written.
        """
        state = self.identity.state(session_id)
        session = self.identity.sessions.find(session_id) if session_id is not None else None
        if session is not None:
            state.origins = await self._open_origins(session)
        if path is not None:
            write_private(path, state.to_json())
        return state.to_dict()

    def export_cookies(self, path: str | Path, session_id: str | None = None) -> int:
        """Write cookies to a Netscape `cookies.txt` that only its owner may read; returns their number.

        Args:
            path: The file.
            session_id: Whose; None means those that visits without a session begin with.

        Raises:
            ConfigError: There is no such session.
            OSError: The file cannot be written.
        """
        cookies = self.identity.state(session_id).cookies
        write_private(path, netscape_text(cookies))
        return len(cookies)

    def import_cookies(self, path: str | Path, session_id: str | None = None) -> int:
        """Read cookies from a Netscape `cookies.txt` or a storage state in JSON; returns their number.

        Args:
            path: The file.
            session_id: Whose they become; None means that visits and new sessions begin with them.

        Raises:
            ConfigError: The file cannot be read.
        """
        return self.identity.take(read_cookies(path), session_id)
