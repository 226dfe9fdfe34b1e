from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import Any

import pytest

from nephila.errors import ErrorCode
from nephila.models import Response
from tests.fetch.browser.conftest import Render
from tests.site.server import Site

QUIET = """<!doctype html><title>Recorded</title><link rel=stylesheet href=/style.css><p>{token}</p><script>
console.log('token', '{token}', {{a: 1}}); console.warn('careful'); console.error('bad\\nnephila: forged');
fetch('/api?x=1&y=', {{method: 'POST', body: 'sent {token}', headers: {{'content-type': 'text/plain'}}}});
fetch('http://127.0.0.1:1/refused').catch(() => 0);
setTimeout(() => {{ throw new TypeError('boom {token}') }});
</script>"""


@pytest.fixture
def recorded(site: Site) -> str:
    site.serve("/style.css", "p { color: red }", "text/css")
    site.serve("/api", json.dumps({"species": "é"}), "application/json", headers={"set-cookie": "a=b; Path=/"})
    return site.serve("/recorded", QUIET.format(token="t0"))


def network(response: Response) -> list[dict[str, Any]]:
    assert response.rendered is not None and response.rendered.network_requests is not None
    return response.rendered.network_requests


async def test_requests_responses_and_failures(render: Render, site: Site, recorded: str) -> None:
    events = network(await render(recorded, wait_until="networkidle", capture_network_requests=True))
    sent = {event["url"]: event for event in events if event["event_type"] == "request"}
    page, style, api = sent[recorded], sent[site.url("/style.css")], sent[site.url("/api?x=1&y=")]
    assert (page["method"], page["resource_type"], page["is_navigation_request"]) == ("GET", "document", True)
    assert (style["resource_type"], style["is_navigation_request"]) == ("stylesheet", False)
    assert (api["method"], api["post_data"], api["headers"]["content-type"]) == ("POST", "sent t0", "text/plain")
    got = {event["url"]: event for event in events if event["event_type"] == "response"}
    assert (got[recorded]["status"], got[recorded]["status_text"]) == (200, "OK")
    assert got[api["url"]]["headers"]["content-type"] == "application/json"
    assert got[recorded]["request_timing"]["startTime"] > 1e12 and got[recorded]["from_service_worker"] is False
    assert all("body" not in event for event in events)
    failed = [event for event in events if event["event_type"] == "request_failed"]
    assert [(event["url"], event["failure_text"]) for event in failed if "refused" in event["url"]] == [
        ("http://127.0.0.1:1/refused", "net::ERR_UNSAFE_PORT")
    ]
    json.dumps(events)


async def test_bodies_that_are_text(render: Render, site: Site, recorded: str) -> None:
    events = network(
        await render(recorded, wait_until="networkidle", capture_network_requests=True, capture_network_bodies=True)
    )
    bodies = {event["url"]: event["body"]["text"] for event in events if "body" in event}
    assert bodies[site.url("/api?x=1&y=")] == '{"species": "\\u00e9"}'
    assert bodies[site.url("/style.css")] == "p { color: red }"
    assert "sent t0" in bodies[recorded]


async def test_bodies_are_bounded(render: Render, site: Site, recorded: str) -> None:
    events = network(
        await render(
            recorded,
            wait_until="networkidle",
            capture_network_requests=True,
            capture_network_bodies=True,
            max_capture_bytes=40,
        )
    )
    bodies = {event["url"]: event["body"] for event in events if "body" in event}
    assert bodies[recorded] == {"text": None, "error": "length"}
    assert bodies[site.url("/style.css")] == {"text": "p { color: red }"}


async def test_the_console(render: Render, recorded: str) -> None:
    response = await render(recorded, wait_until="networkidle", capture_console_messages=True)
    assert response.rendered is not None and response.rendered.console_messages is not None
    said = {message["text"]: message for message in response.rendered.console_messages}
    assert said["token t0 {a: 1}"]["type"] == "log" and said["careful"]["type"] == "warning"
    boom = said["TypeError: boom t0"]
    assert boom["type"] == "error" and f"at {recorded}" in str(boom["stack"])
    assert all(isinstance(message["timestamp"], float) for message in said.values())


async def test_the_console_is_bounded(render: Render, site: Site) -> None:
    url = site.serve(
        "/loud", "<script>console.log('x'.repeat(1e6)); for (let n = 0; n < 6000; n++) console.log(n)</script>"
    )
    response = await render(url, capture_console_messages=True)
    assert response.rendered is not None and response.rendered.console_messages is not None
    assert len(response.rendered.console_messages) == 5_000
    assert response.rendered.console_messages[0]["text"] == "x" * 10_000
    assert response.rendered.warnings == ["console_messages holds the first 5,000 messages."]


async def test_the_console_is_logged(render: Render, recorded: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "nephila.page"):
        response = await render(recorded, wait_until="networkidle", log_console=True)
    assert response.rendered is not None and response.rendered.console_messages is None
    lines = {record.getMessage(): record.levelno for record in caplog.records if record.name == "nephila.page"}
    assert lines[f"{recorded} [log] token t0 {{a: 1}}"] == logging.INFO
    assert lines[f"{recorded} [error] bad nephila: forged"] == logging.WARNING


async def test_an_archive(render: Render, site: Site, recorded: str) -> None:
    response = await render(recorded, wait_until="networkidle", capture_har=True, capture_network_bodies=True)
    assert response.rendered is not None and response.rendered.har is not None
    log: dict[str, Any] = json.loads(json.dumps(response.rendered.har))["log"]
    assert (log["version"], log["browser"]["name"]) == ("1.2", "chromium") and log["browser"]["version"]
    entries = {entry["request"]["url"]: entry for entry in log["entries"]}
    assert [entry["startedDateTime"] for entry in log["entries"]] == sorted(
        entry["startedDateTime"] for entry in log["entries"]
    )
    api = entries[site.url("/api?x=1&y=")]
    assert api["request"]["queryString"] == [{"name": "x", "value": "1"}, {"name": "y", "value": ""}]
    assert api["request"]["postData"] == {"mimeType": "text/plain", "params": [], "text": "sent t0"}
    assert api["response"]["cookies"] == [{"name": "a", "value": "b"}]
    assert api["response"]["content"]["text"] == '{"species": "\\u00e9"}'
    assert api["response"]["bodySize"] == len('{"species": "\\u00e9"}') and api["serverIPAddress"] == "127.0.0.1"
    assert api["timings"]["wait"] >= 0 and api["time"] >= api["timings"]["wait"]
    assert entries["http://127.0.0.1:1/refused"]["response"]["_error"] == "net::ERR_UNSAFE_PORT"
    assert response.rendered.network_requests is None


async def test_a_failed_page_is_recorded_too(render: Render, recorded: str) -> None:
    response = await render(
        recorded, wait_for="css:#never", wait_for_timeout=300, capture_har=True, capture_console_messages=True
    )
    assert response.error is ErrorCode.TIMEOUT and response.rendered is not None
    assert response.rendered.har is not None and recorded in json.dumps(response.rendered.har)
    assert response.rendered.console_messages


async def test_a_web_archive(render: Render, site: Site, recorded: str) -> None:
    warcio = pytest.importorskip("warcio")
    pixel = bytes(range(256)) * 10
    site.serve("/pixel.png", pixel, "image/png")
    moved = site.serve("/moved", "", status=302, headers={"location": "/recorded"})
    response = await render(
        moved,
        wait_until="networkidle",
        capture_warc=True,
        js_code="() => new Promise(done => { const i = new Image(); i.onerror = done; i.src = '/pixel.png' })",
    )
    assert response.rendered is not None and response.rendered.warc is not None
    found: dict[tuple[str, str], tuple[str, bytes]] = {}
    for record in warcio.ArchiveIterator(io.BytesIO(response.rendered.warc), check_digests="raise"):
        kind, url = record.rec_type, record.rec_headers.get_header("WARC-Target-URI")
        status = record.http_headers.statusline if record.http_headers else ""
        found[kind, url] = (status, record.content_stream().read())
    assert ("warcinfo", None) in found
    assert found["response", moved][0] == "302 Found"
    assert "sent t0" in found["response", recorded][1].decode()
    assert found["response", site.url("/pixel.png")] == ("200 OK", pixel)
    assert found["request", site.url("/api?x=1&y=")] == ("/api?x=1&y= HTTP/1.1", b"sent t0")


async def test_recordings_of_pages_at_once_never_mix(render: Render, site: Site) -> None:
    site.serve("/api", "{}", "application/json")
    site.serve("/style.css", "", "text/css")
    tokens = [f"token{number}x" for number in range(24)]
    for token in tokens:
        site.serve(f"/page/{token}", QUIET.format(token=token))
    responses = await asyncio.gather(
        *(
            render(
                site.url(f"/page/{token}"),
                within=60.0,
                wait_until="load",
                capture_network_requests=True,
                capture_console_messages=True,
                capture_har=True,
                capture_network_bodies=True,
            )
            for token in tokens
        )
    )
    for response, token in zip(responses, tokens, strict=True):
        assert response.error is None and response.rendered is not None
        told = json.dumps(
            [response.rendered.network_requests, response.rendered.console_messages, response.rendered.har]
        )
        assert [other for other in tokens if other in told] == [token]
        assert f"token {token}" in json.dumps(response.rendered.console_messages)
