"""Heads of responses, cut into pieces in every way and with every kind of damage."""

from __future__ import annotations

import asyncio
import itertools

from hypothesis import given, settings, strategies as st

from nephila.errors import ErrorCode, FetchError
from nephila.fetch.http import HttpFetcher
from nephila.models import Request, Response

_NAMES = st.sampled_from(["X-A", "X-B", "Set-Cookie", "Content-Type", "Location", "Vary"])
_VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20).map(str.strip)
_HEADERS = st.lists(st.tuples(_NAMES, _VALUES), max_size=8)
_CODES = {ErrorCode.PROTOCOL, ErrorCode.CONNECTION_LOST, ErrorCode.TOO_LARGE, ErrorCode.TIMEOUT, ErrorCode.REDIRECT}


async def answered(pieces: list[bytes]) -> Response | FetchError:
    """What comes of a server that sends these pieces and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    fetcher = HttpFetcher()
    try:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        return await fetcher.fetch(Request(url, follow_redirects=False), asyncio.get_running_loop().time() + 2)
    except FetchError as error:
        return error
    finally:
        await fetcher.close()
        server.close()


@settings(max_examples=40, deadline=None)
@given(_HEADERS, st.lists(st.integers(0, 200), max_size=6))
def test_headers_are_those_that_were_sent_however_they_arrive(headers: list[tuple[str, str]], cuts: list[int]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    message = f"HTTP/1.1 200 OK\r\n{lines}Content-Length: 4\r\n\r\nbody".encode()
    edges = sorted({0, len(message), *(cut % len(message) for cut in cuts)})
    pieces = [message[start:end] for start, end in itertools.pairwise(edges)]
    response = asyncio.run(answered(pieces))
    assert isinstance(response, Response)
    assert (response.status, response.body, response.error) == (200, b"body", None)
    expected: dict[str, list[str]] = {}
    for name, value in headers:
        expected.setdefault(name.lower(), []).append(value)
    for name, values in expected.items():
        assert response.headers[name] == ("\n" if name == "set-cookie" else ", ").join(values)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 90), st.binary(max_size=6)), min_size=1, max_size=4))
def test_damage_gives_an_outcome(damage: list[tuple[int, bytes]]) -> None:
    message = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
    for position, junk in damage:
        message = message[:position] + junk + message[position + len(junk) :]
    outcome = asyncio.run(answered([message]))
    if isinstance(outcome, FetchError):
        assert outcome.code in _CODES
    else:
        assert outcome.error is None or outcome.error in _CODES
        assert outcome.headers is not None
