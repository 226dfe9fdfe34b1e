"""What a page requests: a record of events, and the ended requests that HAR and WARC are made of."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from nephila.fetch.browser.exchange import Budget, Exchange, ended_exchange, is_text, timing_of
from nephila.fetch.browser.har import har_of
from nephila.fetch.browser.page_visit import PageVisit
from nephila.fetch.browser.warc import warc_of
from nephila.models import JSONValue

if TYPE_CHECKING:
    from playwright.async_api import Request, Response

logger = logging.getLogger("nephila.browser")

_MAX_EVENTS: Final = 20_000
_MAX_POST_DATA: Final = 65_536
"""Bytes of what one request sends."""

_COMPLETE_SECONDS: Final = 5.0
"""For what is still being asked of the browser when the page is done."""


async def record_network(visit: PageVisit) -> None:
    """`capture_network_requests`, `capture_har`, `capture_warc`."""
    run = visit.run
    if run.capture_network_requests or run.capture_har or run.capture_warc:
        NetworkRecording(visit).begin()


async def finish_recordings(visit: PageVisit) -> None:
    """Make the archives of what has been recorded."""
    run = visit.run
    if visit.background:
        patience = min(_COMPLETE_SECONDS, visit.patience(reserve=0.2) / 1000)
        _, unfinished = await asyncio.wait(set(visit.background), timeout=patience)
        if unfinished:
            visit.rendered.warnings.append(f"The recording of {len(unfinished)} requests is not complete.")
    visit.exchanges.sort(key=lambda exchange: exchange.started)
    if run.capture_har:
        version = visit.slot.running.version
        visit.rendered.har = har_of(
            visit.exchanges, visit.request.url, visit.browser.browser_type, version, bodies=run.capture_network_bodies
        )
    if run.capture_warc:
        visit.rendered.warc = await asyncio.to_thread(warc_of, visit.exchanges)


class NetworkRecording:
    """Listens to the requests of one visit's page, those of its frames and workers too."""

    def __init__(self, visit: PageVisit) -> None:
        run = visit.run
        self._visit = visit
        self._budget = Budget(run.max_capture_bytes)
        self._bodies = "all" if run.capture_warc else "text" if run.capture_network_bodies else "none"
        self._archives = run.capture_har or run.capture_warc
        self._events: list[dict[str, JSONValue]] | None = [] if run.capture_network_requests else None
        self._answers: dict[Request, dict[str, JSONValue]] = {}
        self._seen = 0

    def begin(self) -> None:
        """Listen until the visit is over."""
        visit, page = self._visit, self._visit.page
        visit.rendered.network_requests = self._events
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfinished", self._on_finished)
        page.on("requestfailed", self._on_failed)
        visit.unwatch.append(self._end)

    def _end(self) -> None:
        page = self._visit.page
        page.remove_listener("request", self._on_request)
        page.remove_listener("response", self._on_response)
        page.remove_listener("requestfinished", self._on_finished)
        page.remove_listener("requestfailed", self._on_failed)
        for task in self._visit.background:
            task.cancel()

    def _on_request(self, request: Request) -> None:
        sent = request.post_data_buffer
        self._add(
            {
                "event_type": "request",
                "url": request.url,
                "method": request.method,
                "headers": dict(request.headers),
                "post_data": None if sent is None else sent[:_MAX_POST_DATA].decode("utf-8", "replace"),
                "resource_type": request.resource_type,
                "is_navigation_request": request.is_navigation_request(),
                "timestamp": time.time(),
            }
        )

    def _on_response(self, response: Response) -> None:
        event: dict[str, JSONValue] = {
            "event_type": "response",
            "url": response.url,
            "method": response.request.method,
            "status": response.status,
            "status_text": response.status_text,
            "headers": dict(response.headers),
            "resource_type": response.request.resource_type,
            "from_service_worker": response.from_service_worker,
            "request_timing": dict(timing_of(response.request)),
            "timestamp": time.time(),
        }
        if self._add(event) and self._visit.run.capture_network_bodies:
            self._answers[response.request] = event

    def _on_failed(self, request: Request) -> None:
        self._add(
            {
                "event_type": "request_failed",
                "url": request.url,
                "method": request.method,
                "resource_type": request.resource_type,
                "failure_text": request.failure,
                "timestamp": time.time(),
            }
        )
        self._on_finished(request)

    def _on_finished(self, request: Request) -> None:
        if not self._archives and request not in self._answers:
            return
        self._seen += 1
        if self._seen > _MAX_EVENTS:
            self._say_full("The archive")
            return
        background = self._visit.background
        task = asyncio.get_running_loop().create_task(self._take(request))
        background.add(task)
        task.add_done_callback(background.discard)

    async def _take(self, request: Request) -> None:
        from playwright.async_api import Error

        try:
            exchange = await ended_exchange(request, self._budget, bodies=self._bodies)
        except Error as error:
            logger.debug("a request could not be recorded: %s", error)
            return
        if self._archives:
            self._visit.exchanges.append(exchange)
        event = self._answers.pop(request, None)
        if event is not None and is_text(exchange.content_type):
            event["body"] = _body(exchange)

    def _add(self, event: dict[str, JSONValue]) -> bool:
        if self._events is None:
            return False
        if len(self._events) >= _MAX_EVENTS:
            self._say_full("network_requests")
            return False
        self._events.append(event)
        return True

    def _say_full(self, what: str) -> None:
        warnings = self._visit.rendered.warnings
        sentence = f"{what} holds the first {_MAX_EVENTS:,} events."
        if sentence not in warnings:
            warnings.append(sentence)


def _body(exchange: Exchange) -> dict[str, JSONValue]:
    text = exchange.text()
    return {"text": text} if text is not None else {"text": None, "error": exchange.body_note or exchange.failure}
