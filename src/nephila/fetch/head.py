"""The head of a response under a limit, and told from what follows it."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.streams import StreamReader

DEFAULT_HEAD_BYTES = 262_144

_END = b"\r\n\r\n"

_LENGTH = re.compile(rb"\r\ncontent-length: ?([0-9]{1,15})\r\n", re.IGNORECASE)


class HeadTooLargeError(aiohttp.ClientError):
    """The headers are larger than their limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"max_header_bytes ({limit:,} bytes)")


class BrokenBodyError(aiohttp.ClientError):
    """The body's framing is broken after a good head."""


class HeadLimitedHandler(ResponseHandler):
    """aiohttp's protocol, but that all headers together are limited, those of informational responses included.

    The parser is given a head and what follows it one after the other, so that bytes which do not belong to the
    response (a body where there is none, more than its length) cannot make the response unreadable.

    Attributes:
        head_limit: Bytes of the heads of one exchange.
        is_known: Whether a request was sent on the connection before.
    """

    head_limit = DEFAULT_HEAD_BYTES
    is_known = False
    _in_head = False
    _head_bytes = 0
    _body: StreamReader | None = None

    def set_response_params(self, **params: Any) -> None:
        """The next exchange begins."""
        self._in_head = True
        self._head_bytes = 0
        super().set_response_params(**params)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """A head was parsed; what comes from now on is its body, unless the response is informational."""
        if data[0].code >= 200 or data[0].code == 101:
            self._in_head = False
            self._body = data[1]
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """Bytes from the server."""
        if not self._in_head:
            self._parse(data)
            return
        if self._is_regular(data):
            self._head_bytes = len(data)
            self._parse(data)
            return
        start = 0
        while self._in_head and start < len(data):
            end = data.find(_END, start)
            end = len(data) if end < 0 else end + len(_END)
            self._head_bytes += end - start
            if self._head_bytes > self.head_limit:
                self.set_exception(HeadTooLargeError(self.head_limit))
                if self.transport is not None:
                    self.transport.close()
                return
            self._parse(data[start:end])
            start = end
            if self._exception is not None:
                return
        if start < len(data):
            self._parse(data[start:])

    def _is_regular(self, data: bytes) -> bool:
        """Whether it is a whole head of an ordinary response and no more behind it than its length says.

        As most are: the parser can be given all of it at once.
        """
        if self._head_bytes or self._skip_payload or not data.startswith(b"HTTP/1.1 200"):
            return False
        end = data.find(_END, 0, self.head_limit) + len(_END)
        length = _LENGTH.search(data, 0, end) if end >= len(_END) else None
        return length is not None and len(data) - end <= int(length.group(1))

    def _parse(self, data: bytes) -> None:
        super().data_received(data)
        body = self._body
        if self._exception is not None and body is not None and not body.is_eof():
            # The parser gives up without a word to whoever is reading the body.
            # Called soon, so that what came before is read first.
            self._loop.call_soon(body.set_exception, BrokenBodyError(str(self._exception)))
