"""Starting a browser and ending it, so that nothing of it stays behind however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import sys
from typing import TYPE_CHECKING, Any, Final

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.browser.find import PACKAGE_COMMAND, find_browser
from nephila.fetch.browser.processes import BrowserProcesses
from nephila.options import BrowserConfig

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, BrowserType, Playwright

logger = logging.getLogger("nephila.browser")

_QUIET: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--metrics-recording-only",
)
"""Nothing is sent but what the pages ask for."""

_LIGHT: Final = ("--disable-extensions", "--disable-remote-fonts", "--blink-settings=imagesEnabled=false")

_START_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 5.0


class RunningBrowser:
    """A browser and the driver that belongs to it; made by `start`.

    Attributes:
        browser: None with a persistent profile, whose only context is `shared_context`.
        shared_context: The context every visit uses, with a persistent profile or a browser started by somebody else.
        owned: Whether it was started here, and so is ended here.
        sandboxed: Whether the renderers are.
        program: What was started; empty when nothing was.
        pages_opened: Visits begun in it.
        started_at: Time on the event loop's clock.
    """

    def __init__(self, playwright: Playwright, processes: BrowserProcesses, *, owned: bool) -> None:
        self._playwright = playwright
        self.processes = processes
        self.owned = owned
        self.browser: Browser | None = None
        self.shared_context: BrowserContext | None = None
        self.sandboxed = True
        self.program = ""
        self.pages_opened = 0
        self.started_at = asyncio.get_running_loop().time()
        self._gone = False
        self._closing: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether pages can be opened in it."""
        if self._gone or self._closing is not None:
            return False
        return self.browser is None or self.browser.is_connected()

    @property
    def version(self) -> str:
        """The browser's own version."""
        browser = self.browser or (self.shared_context.browser if self.shared_context is not None else None)
        return browser.version if browser is not None else ""

    @classmethod
    async def start(cls, config: BrowserConfig) -> RunningBrowser:
        """Start the browser, or connect to the one the config names.

        A start that is cancelled is waited for and undone, so that no process is left that nobody knows.

        Raises:
            FetchError: It cannot be started (`browser`); the sentence says why.
        """
        starting = asyncio.get_running_loop().create_task(_start(config))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with contextlib.suppress(FetchError):
                await (await starting).close()
            raise

    async def close(self) -> None:
        """End it; complete even when the caller is cancelled meanwhile."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._close())
        await asyncio.shield(self._closing)

    def kill(self) -> None:
        """End its processes at once, if it was started here."""
        self._gone = True
        if self.owned:
            self.processes.kill()

    def watch(self) -> None:
        """Notice when it ends by itself."""
        if self.browser is not None:
            self.browser.on("disconnected", lambda _: self._lost())
        elif self.shared_context is not None:
            self.shared_context.on("close", lambda _: self._lost())

    def _lost(self) -> None:
        self._gone = True

    async def _close(self) -> None:
        graceful = await _in_time(self._close_browser())
        if self.owned and not graceful:
            await asyncio.to_thread(self.processes.kill)
        if not await _in_time(self._playwright.stop()) and self.owned:
            await asyncio.to_thread(self.processes.kill)
        self.processes.forget_profile()

    async def _close_browser(self) -> None:
        if self.browser is not None:
            # Of a browser somebody else started, this closes only the connection and what was opened through it.
            await self.browser.close()
        elif self.shared_context is not None:
            await self.shared_context.close()


async def _in_time(work: Any) -> bool:
    """Whether it ended well and in time."""
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await work
    except (TimeoutError, Error, OSError):
        return False
    return True


async def _start(config: BrowserConfig) -> RunningBrowser:
    try:
        from playwright.async_api import Error, async_playwright
    except ModuleNotFoundError:
        raise FetchError(ErrorCode.BROWSER, f"The browser extra is not installed; run: {PACKAGE_COMMAND}") from None
    mark = f"--nephila-run={secrets.token_hex(8)}"
    running: RunningBrowser | None = None
    try:
        async with asyncio.timeout(_START_SECONDS):
            playwright = await async_playwright().start()
            running = RunningBrowser(playwright, BrowserProcesses(mark), owned=config.cdp_url is None)
            if config.cdp_url is not None:
                await _connect(running, playwright, config)
            else:
                await _launch(running, playwright, config, mark)
    except FetchError:
        await _abandon(running)
        raise
    except (Error, OSError, TimeoutError) as error:
        await _abandon(running)
        raise FetchError(ErrorCode.BROWSER, _why_not(error, config)) from error
    running.watch()
    return running


async def _abandon(running: RunningBrowser | None) -> None:
    if running is not None:
        await asyncio.to_thread(running.kill)
        await running.close()


async def _launch(running: RunningBrowser, playwright: Playwright, config: BrowserConfig, mark: str) -> None:
    kind: BrowserType = getattr(playwright, config.browser_type)
    running.sandboxed = sandbox_possible()
    options: dict[str, Any] = {
        "headless": config.headless,
        "args": [*_arguments(config), mark] if config.browser_type == "chromium" else list(config.extra_args),
        # The signals of the program are the program's own business; it ends the browser itself.
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
        "timeout": _START_SECONDS * 1000,
    }
    if config.browser_type == "chromium":
        options["chromium_sandbox"] = running.sandboxed
    channel = channel_of(config)
    if channel:
        options["channel"] = running.program = channel
    else:
        program = find_browser(kind.executable_path, config.browser_type)
        logger.debug("starting %s (%s)%s", program.path, program.origin, "" if running.sandboxed else ", no sandbox")
        options["executable_path"] = running.program = program.path
    if config.use_persistent_context and config.user_data_dir:
        running.shared_context = await kind.launch_persistent_context(
            config.user_data_dir, **options, **_profile_options(config)
        )
    else:
        running.browser = await kind.launch(**options)
    await asyncio.to_thread(running.processes.note)


def _profile_options(config: BrowserConfig) -> dict[str, Any]:
    """What a profile's only context is like; it cannot be said of single visits."""
    options: dict[str, Any] = {
        "viewport": {"width": config.viewport_width, "height": config.viewport_height},
        "device_scale_factor": config.device_scale_factor,
        "user_agent": config.user_agent,
        "ignore_https_errors": config.ignore_https_errors,
        "java_script_enabled": config.java_script_enabled,
        "accept_downloads": config.accept_downloads,
    }
    if config.proxy_config is not None:
        proxy = config.proxy_config
        options["proxy"] = {"server": proxy.server, "username": proxy.username, "password": proxy.password}
        options["proxy"] = {name: value for name, value in options["proxy"].items() if value is not None}
    return options


async def _connect(running: RunningBrowser, playwright: Playwright, config: BrowserConfig) -> None:
    browser = await playwright.chromium.connect_over_cdp(config.cdp_url or "", timeout=_START_SECONDS * 1000)
    running.browser = browser
    if config.create_isolated_context:
        return
    contexts = browser.contexts
    if config.browser_context_id is not None or config.target_id is not None:
        running.shared_context = await _named_context(contexts, config)
    elif contexts:
        running.shared_context = contexts[0]


async def _named_context(contexts: list[BrowserContext], config: BrowserConfig) -> BrowserContext:
    """The context with that id, or the one that holds the page with that id."""
    for context in contexts:
        for page in context.pages:
            session = await context.new_cdp_session(page)
            target = (await session.send("Target.getTargetInfo"))["targetInfo"]
            await session.detach()
            if config.target_id in (None, target["targetId"]) and config.browser_context_id in (
                None,
                target.get("browserContextId"),
            ):
                return context
    raise FetchError(ErrorCode.BROWSER, "The browser at cdp_url has no page with that browser_context_id or target_id.")


def channel_of(config: BrowserConfig) -> str:
    """Playwright's name of the build the caller wants; empty for whichever Chromium there is."""
    given = config.chrome_channel if config.chrome_channel != "chromium" else config.channel
    return "" if given == "chromium" else given


def sandbox_possible() -> bool:
    """Whether Chromium can sandbox its renderers; it refuses to as root."""
    return sys.platform == "win32" or os.geteuid() != 0


def _arguments(config: BrowserConfig) -> list[str]:
    arguments = list(_QUIET)
    if config.light_mode:
        arguments += _LIGHT
    if config.use_managed_browser and not config.use_persistent_context:
        arguments += [f"--remote-debugging-port={config.debugging_port}", f"--remote-debugging-address={config.host}"]
    if config.memory_saving_mode:
        arguments += ["--renderer-process-limit=4", "--js-flags=--max-old-space-size=512"]
    return arguments + list(config.extra_args)


def _why_not(error: BaseException, config: BrowserConfig) -> str:
    if isinstance(error, TimeoutError):
        return f"The browser did not start within {_START_SECONDS:.0f} s."
    what = "connected to at cdp_url" if config.cdp_url is not None else "started"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # The first line names the call; what the browser itself said is worth more.
    said = next((line for line in lines if "ERROR" in line or "error while loading" in line), lines[0] if lines else "")
    return f"The browser could not be {what}: {said[:300] or type(error).__name__}"
