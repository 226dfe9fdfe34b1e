"""The files a page offers: saved each under a name of its own, listed on the result of the page that offered them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nephila.errors import ErrorCode
from nephila.fetch.browser.failures import is_gone
from nephila.fetch.browser.page_visit import PageVisit, StepFailed
from nephila.net.file_names import is_attachment, safe_name
from nephila.net.new_files import name_new, unfinished_in
from nephila.net.url import redacted

if TYPE_CHECKING:
    from playwright.async_api import Download, Request, Response

logger = logging.getLogger("nephila.browser")

DEFAULT_FOLDER: Final = "downloads"
"""Below the current directory."""

_MAX_DOWNLOADS: Final = 100
"""Of one page."""

_BEGIN_SECONDS: Final = 1.0
"""In which what a script has clicked on begins to arrive."""

_EVENT_SECONDS: Final = 2.0
"""In which the browser tells that an answer is a download, after it has told of the answer."""

_LOOKS: Final = 200
_RESERVE: Final = 0.1
_SHOWN: Final = ("text/", "image/", "video/", "audio/", "application/json", "application/pdf", "application/xml")


@dataclass(slots=True)
class PageDownload:
    """A file that is being saved.

    Attributes:
        name: As the page proposes it; not safe to use as it is.
        saving: Gives the path.
    """

    name: str
    download: Download
    saving: asyncio.Task[Path]


class _RefusedError(Exception):
    """A file is not kept."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code


async def watch_downloads(visit: PageVisit) -> None:
    """Take what the page offers from now on."""

    def on_download(download: Download) -> None:
        _leave_navigation(visit, download.url)
        visit.download_began.set()
        if not visit.browser.accept_downloads:
            _say_once(visit, f"The page offered a download ({redacted(download.url)[:300]}); it is not kept.")
        elif len(visit.downloads) >= _MAX_DOWNLOADS:
            _say_once(visit, f"The page offered more than {_MAX_DOWNLOADS} downloads; the others are not kept.")
        else:
            saving = asyncio.get_running_loop().create_task(_save(visit, download))
            # Nobody may be left to ask how it ended.
            saving.add_done_callback(lambda task: task.cancelled() or task.exception())
            visit.downloads.append(PageDownload(download.suggested_filename, download, saving))

    def end() -> None:
        visit.page.remove_listener("download", on_download)
        for item in visit.downloads:
            item.saving.cancel()

    visit.page.on("download", on_download)
    visit.unwatch.append(end)
    if visit.browser.accept_downloads:
        # What begins to arrive after the visit must not be taken for the next one's.
        visit.slot.marked = True


def _say_once(visit: PageVisit, sentence: str) -> None:
    if sentence not in visit.rendered.warnings and len(visit.rendered.warnings) < _MAX_DOWNLOADS:
        visit.rendered.warnings.append(sentence)


def _leave_navigation(visit: PageVisit, url: str) -> None:
    """A navigation that has become a download leads nowhere; the page is where it was."""
    ended = next((request for request in reversed(visit.navigations) if request.url == url), None)
    chain: set[Request] = set()
    while ended is not None:
        chain.add(ended)
        ended = ended.redirected_from
    left = [request for request in visit.navigations if request not in chain]
    if chain and not left:
        visit.is_download = True
    elif chain:
        visit.navigations[:] = left


async def became_download(visit: PageVisit, response: Response | None) -> bool:
    """Whether a navigation, by its answer, ends as a download and not as a page."""
    if response is None or response.status in (204, 205) or not _is_file(response):
        return False
    for _ in range(_LOOKS):
        if response.request not in visit.navigations or visit.is_download:
            return True
        await asyncio.sleep(_EVENT_SECONDS / _LOOKS)
    return False


def _is_file(response: Response) -> bool:
    headers = response.headers
    kind = headers.get("content-type", "").strip().lower()
    return is_attachment(headers.get("content-disposition", "")) or bool(
        kind and not kind.startswith(_SHOWN) and "xml" not in kind and "script" not in kind
    )


async def download_begun(visit: PageVisit) -> bool:
    """Whether the browser says that it is a download, which it does a moment after it has refused the navigation."""
    try:
        async with asyncio.timeout(min(_EVENT_SECONDS, visit.remaining() / 2)):
            await visit.download_began.wait()
    except TimeoutError:
        return False
    return visit.is_download


async def finish_downloads(visit: PageVisit) -> None:
    """Wait for what is arriving, and list what has arrived.

    Raises:
        StepFailed: A file could not be saved, or not in time.
    """
    if not visit.browser.accept_downloads:
        return
    if not visit.downloads and visit.rendered.downloaded_files is None and _runs_scripts(visit):
        await _wait_for_first(visit)
    waiting = {item.saving for item in visit.downloads}
    if waiting:
        await asyncio.wait(waiting, timeout=visit.patience(reserve=_RESERVE) / 1000)
    failure: StepFailed | None = None
    files: list[str] = []
    for item in visit.downloads:
        outcome = _outcome(item)
        if isinstance(outcome, Path):
            files.append(str(outcome))
        else:
            failure = failure or outcome
    visit.rendered.downloaded_files = files or None
    if failure is not None:
        raise failure


def _outcome(item: PageDownload) -> Path | StepFailed:
    name = item.name[:200]
    if not item.saving.done():
        message = f"The download {name!r} was not complete before the deadline (page_timeout)."
        return StepFailed(ErrorCode.TIMEOUT, message)
    error = item.saving.exception()
    if error is None:
        return item.saving.result()
    if isinstance(error, _RefusedError):
        return StepFailed(error.code, f"The download {name!r} failed: {error}")
    if is_gone(str(error)):
        raise error
    reason = str(error).partition("\n")[0]
    code = ErrorCode.FILE if isinstance(error, OSError) else ErrorCode.CONNECTION_LOST
    return StepFailed(code, f"The download {name!r} failed: {reason}")


def _runs_scripts(visit: PageVisit) -> bool:
    run = visit.run
    return bool(run.js_code or run.js_code_before_wait or run.c4a_script)


async def _wait_for_first(visit: PageVisit) -> None:
    try:
        async with asyncio.timeout(min(_BEGIN_SECONDS, visit.remaining() / 2)):
            await visit.download_began.wait()
    except TimeoutError:
        logger.debug("no download has begun after the scripts")


async def downloaded_body(visit: PageVisit) -> bytes:
    """The file that the URL itself leads to; empty when it could not be had."""
    try:
        await finish_downloads(visit)
    except StepFailed:
        # It is told when the visit ends.
        return b""
    files = visit.rendered.downloaded_files
    return await asyncio.to_thread(Path(files[0]).read_bytes) if files else b""


async def _save(visit: PageVisit, download: Download) -> Path:
    """Save one file under a name that was free.

    Raises:
        _RefusedError: It is larger than `max_body_bytes`.
        OSError: It could not be written.
        playwright.async_api.Error: It did not arrive.
    """
    unfinished = await asyncio.to_thread(unfinished_in, Path(visit.browser.downloads_path or DEFAULT_FOLDER))
    try:
        await download.save_as(unfinished)
        limit = visit.request.max_body_bytes
        if (await asyncio.to_thread(unfinished.stat)).st_size > limit:
            raise _RefusedError(ErrorCode.TOO_LARGE, f"It is larger than max_body_bytes ({limit:,} bytes).")
        return await asyncio.to_thread(name_new, unfinished, safe_name(download.suggested_filename))
    finally:
        unfinished.unlink(missing_ok=True)
