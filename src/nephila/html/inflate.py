"""Undoing `Content-Encoding` (RFC 9110, section 8.4) with a hard limit on what comes out.

A body of a few kilobytes can unpack to terabytes, so every decoder is asked for a bounded piece at a time and the sum
is checked before the next one: memory stays within the limit plus one piece.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Protocol

from nephila.errors import ErrorCode, ReadError

PIECE_BYTES = 1 << 20
"""What a decoder is asked for at a time, in bytes."""

SALVAGE_PIECE_BYTES = 512
"""The same once a stream turned out to be damaged."""

_BEGINNING_PIECE_BYTES = 1 << 16
"""The same where only the beginning is wanted."""

INPUT_BYTES = 1 << 18
"""What a decoder is given at a time, in bytes."""

MAX_CODINGS = 5
"""Codings in one `Content-Encoding` list; more is an attack, not a page."""

MAX_MEMBERS = 10_000
"""Gzip members or zstd frames in one body; each costs time even when it is empty."""

ZSTD_WINDOW_LOG = 23
"""The largest zstd window on the web, 8 MiB (RFC 9659); a larger one only serves to exhaust memory."""

MAX_RATIO = 200
"""How many times its size as sent a body may unpack to; beyond `RATIO_FLOOR` nothing but an attack does."""

RATIO_FLOOR = 8_000_000
"""Bytes that a body may unpack to whatever the ratio."""

GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


@dataclass(slots=True)
class Inflated:
    """What a body unpacked to.

    Attributes:
        data: The bytes; everything before the fault if there was one.
        error: Set when the stream was cut off (`CONNECTION_LOST`) or broken (`PROTOCOL`).
        message: The fault in a sentence.
    """

    data: bytes
    error: ErrorCode | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Limit:
    """How large a body may become, and what that came from."""

    size: int
    ratio: int | None

    @classmethod
    def of(cls, packed: int, max_bytes: int, max_ratio: int) -> _Limit:
        by_ratio = max(RATIO_FLOOR, packed * max_ratio)
        return cls(by_ratio, max_ratio) if by_ratio < max_bytes else cls(max_bytes, None)

    def exceeded(self) -> ReadError:
        if self.ratio is None:
            return ReadError(
                ErrorCode.TOO_LARGE,
                f"The body unpacks to more than the {self.size:,} bytes allowed (max_decoded_bytes).",
            )
        return ReadError(
            ErrorCode.TOO_LARGE, f"The body unpacks to more than {self.ratio} times its size (max_decoded_ratio)."
        )


class _MislabelledError(Exception):
    """The body does not even begin as its label says."""


class _DamagedError(Exception):
    """The stream is damaged after a good beginning."""


class _Decompress(Protocol):
    """The part of a zlib decompressor that is used; `isal.isal_zlib` has the same."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class _BrotliDecompressor(Protocol):
    """The part of brotli's decompressor that is used."""

    def process(self, data: bytes, output_buffer_limit: int) -> bytes: ...
    def is_finished(self) -> bool: ...
    def can_accept_more_data(self) -> bool: ...


Pieces = Iterator[tuple[bytes, bool]]
"""Pieces of output, each with whether the stream is complete after it."""

Decoder = Callable[[bytes, int], Pieces]
"""From a body and the size of a piece to the pieces."""


def inflate(body: bytes, content_encoding: str, max_bytes: int, max_ratio: int = MAX_RATIO) -> Inflated:
    """Undo every coding of a `Content-Encoding` header, last first.

    A body that plainly is not what its label says (a server that compresses nothing but sends the header) is taken
    as it is. Anything after the end of a compressed stream is dropped.

    Args:
        body: The bytes as sent.
        content_encoding: The header, such as `gzip` or `gzip, br`.
        max_bytes: Bytes the body may have after each step.
        max_ratio: The same in times its size as sent, from `RATIO_FLOOR` bytes on.

    Raises:
        ReadError: It unpacks to more than it may (`TOO_LARGE`), or the coding is unknown or cannot be undone
            here (`PROTOCOL`).
    """
    names = [name for part in content_encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > MAX_CODINGS:
        raise ReadError(ErrorCode.PROTOCOL, f"The body is encoded {len(names)} times; at most {MAX_CODINGS} is sane.")
    result = Inflated(body)
    limit = _Limit.of(len(body), max_bytes, max_ratio)
    for name in reversed(names):
        decoder = _decoder_of(name)
        if not result.data:
            break
        result = _undo(decoder, name, result, limit)
    if len(result.data) > max_bytes:
        raise limit.exceeded()
    return result


def beginning(body: bytes, content_encoding: str, max_bytes: int) -> bytes:
    """The first `max_bytes` of what a body unpacks to; less when it is cut off or damaged.

    Raises:
        ReadError: The coding is unknown or cannot be undone here (`PROTOCOL`).
    """
    names = [name for part in content_encoding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if len(names) > MAX_CODINGS:
        raise ReadError(ErrorCode.PROTOCOL, f"The body is encoded {len(names)} times; at most {MAX_CODINGS} is sane.")
    for name in reversed(names):
        pieces: list[bytes] = []
        size = 0
        try:
            for piece, _ in _decoder_of(name)(body, _BEGINNING_PIECE_BYTES):
                pieces.append(piece)
                size += len(piece)
                if size >= max_bytes:
                    break
        except _MislabelledError:
            continue
        except _DamagedError:
            # What came before the damage has to do.
            pass
        body = b"".join(pieces)
    return body[:max_bytes]


def _undo(decoder: Decoder, name: str, packed: Inflated, limit: _Limit) -> Inflated:
    """Undo one coding; a fault found by an earlier step stays in the result."""
    error, message = packed.error, packed.message
    pieces: list[bytes] = []
    try:
        complete = _collect(decoder(packed.data, PIECE_BYTES), pieces, limit)
    except _MislabelledError:
        return packed
    except _DamagedError as fault:
        # A decoder keeps the piece it failed in to itself, so small ones save more of the page.
        pieces = []
        with contextlib.suppress(_DamagedError):
            _collect(decoder(packed.data, SALVAGE_PIECE_BYTES), pieces, limit)
        if error is None:
            size = sum(map(len, pieces))
            error, message = ErrorCode.PROTOCOL, f"The {name} body is damaged after {size:,} bytes: {fault}."
    else:
        if not complete and error is None:
            size = sum(map(len, pieces))
            error = ErrorCode.CONNECTION_LOST
            message = f"The {name} body ends too early; {size:,} bytes of it could be read."
    return Inflated(b"".join(pieces), error, message)


def _collect(output: Pieces, pieces: list[bytes], limit: _Limit) -> bool:
    """Gather the pieces within the limit; returns whether the stream was complete."""
    size = 0
    complete = False
    for piece, complete in output:  # noqa: B007 (the last value is used)
        size += len(piece)
        if size > limit.size:
            raise limit.exceeded()
        pieces.append(piece)
    return complete


def _decoder_of(name: str) -> Decoder:
    """The decoder of a registered coding name."""
    if name in ("gzip", "x-gzip"):
        return _gunzip
    if name == "deflate":
        return _deflate
    if name == "br":
        return _unbrotli
    if name == "zstd":
        return _unzstd
    raise ReadError(ErrorCode.PROTOCOL, f"The body's Content-Encoding {name[:40]!r} is not known.")


def _zlib_decompressor(wbits: int) -> _Decompress:
    """ISA-L's decompressor (several times faster) where it is installed, else zlib's."""
    try:
        from isal import isal_zlib
    except ImportError:
        return zlib.decompressobj(wbits)
    decompressor: _Decompress = isal_zlib.decompressobj(wbits)
    return decompressor


def _zlib_errors() -> tuple[type[Exception], ...]:
    try:
        from isal import isal_zlib
    except ImportError:
        return (zlib.error,)
    error: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub says an instance
    return (zlib.error, error)


def _gunzip(body: bytes, piece_bytes: int) -> Pieces:
    """Every member of a gzip file (RFC 1952, section 2.2); servers' padding and trailers after them are dropped."""
    if body[:2] != GZIP_MAGIC[: len(body)]:
        raise _MislabelledError
    start = 0
    for _ in range(MAX_MEMBERS):
        if body[start : start + 2] != GZIP_MAGIC:
            return
        decompressor = _zlib_decompressor(31)
        start = yield from _unzlib(decompressor, body, start, piece_bytes)
        if not decompressor.eof:
            return
    raise _DamagedError(f"it has more than {MAX_MEMBERS:,} members")


def _deflate(body: bytes, piece_bytes: int) -> Pieces:
    """The zlib format (RFC 1950) as the standard says, or raw deflate as some servers send it."""
    if len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0:
        yield from _unzlib(_zlib_decompressor(15), body, 0, piece_bytes)
        return
    if _looks_like_text(body):
        raise _MislabelledError
    yield from _unzlib(_zlib_decompressor(-15), body, 0, piece_bytes)


def _unzlib(
    decompressor: _Decompress, body: bytes, start: int, piece_bytes: int
) -> Generator[tuple[bytes, bool], None, int]:
    """One deflate stream in pieces; returns where it ends in `body`.

    The input is handed over in slices because the decompressor copies what it has not used at every call.
    """
    errors = _zlib_errors()
    while not decompressor.eof:
        data = body[start : start + INPUT_BYTES]
        if not data:
            break
        start += len(data)
        more = True
        while more:
            try:
                piece = decompressor.decompress(data, piece_bytes)
            except errors as error:
                raise _DamagedError(str(error)) from error
            data = decompressor.unconsumed_tail
            yield piece, decompressor.eof
            more = not decompressor.eof and (bool(data) or len(piece) == piece_bytes)
    return start - len(decompressor.unused_data)


def _unbrotli(body: bytes, piece_bytes: int) -> Pieces:
    """One brotli stream (RFC 7932) in pieces."""
    try:
        brotli = import_module("brotli")
    except ImportError:
        raise _not_installed("br", "brotli") from None
    decompressor = brotli.Decompressor()
    for start in range(0, len(body), INPUT_BYTES):
        of_slice = 0
        try:
            for piece in _brotli_output(decompressor, body[start : start + INPUT_BYTES], piece_bytes):
                of_slice += len(piece)
                yield piece, decompressor.is_finished()
        except brotli.error as error:
            # Brotli has no magic number, so only now can plain text be told from a damaged stream.
            if _looks_like_text(body):
                raise _MislabelledError from None
            yield from _unbrotli_bytewise(body, start, of_slice, error)
            return
        if decompressor.is_finished():
            return
    if _looks_like_text(body):
        raise _MislabelledError


def _unbrotli_bytewise(body: bytes, start: int, skip: int, error: Exception) -> Pieces:
    """The same stream again, byte by byte in the slice at `start` where it failed after `skip` bytes of output.

    The decoder fails for bytes after the end of a stream as it does for damage, and keeps what it has read then.
    """
    decompressor = import_module("brotli").Decompressor()
    for _ in _brotli_output(decompressor, body[:start], PIECE_BYTES):
        pass
    for position in range(start, min(start + INPUT_BYTES, len(body))):
        try:
            for piece in _brotli_output(decompressor, body[position : position + 1], PIECE_BYTES):
                yield piece[skip:], decompressor.is_finished()
                skip = max(skip - len(piece), 0)
        except type(error):
            raise _DamagedError(str(error)) from error
        if decompressor.is_finished():
            return


def _brotli_output(decompressor: _BrotliDecompressor, data: bytes, piece_bytes: int) -> Iterator[bytes]:
    """All that a slice of the input gives."""
    while True:
        piece = decompressor.process(data, output_buffer_limit=piece_bytes)
        data = b""
        yield piece
        if decompressor.is_finished() or (not piece and decompressor.can_accept_more_data()):
            return


def _unzstd(body: bytes, piece_bytes: int) -> Pieces:
    """Every frame of a zstd stream (RFC 8878) in pieces."""
    if body[:4] != ZSTD_MAGIC[: len(body)]:
        raise _MislabelledError
    zstd = _zstd_module()
    start = 0
    for _ in range(MAX_MEMBERS):
        if body[start : start + 4] != ZSTD_MAGIC:
            return
        decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
        while not decompressor.eof:
            data = body[start : start + INPUT_BYTES] if decompressor.needs_input else b""
            start += len(data)
            try:
                piece = decompressor.decompress(data, piece_bytes)
            except zstd.ZstdError as error:
                raise _DamagedError(str(error)) from error
            yield piece, decompressor.eof
            if not data and not piece and not decompressor.eof:
                return
        start -= len(decompressor.unused_data)
    raise _DamagedError(f"it has more than {MAX_MEMBERS:,} frames")


def _zstd_module() -> ModuleType:
    """The standard library's zstd (3.14) or its backport."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            continue
    raise _not_installed("zstd", "backports.zstd")


def _not_installed(coding: str, package: str) -> ReadError:
    return ReadError(
        ErrorCode.PROTOCOL, f"The body's Content-Encoding is {coding}; install the package {package} to read it."
    )


def _looks_like_text(body: bytes) -> bool:
    """Whether the first bytes are text rather than compressed data."""
    head = body[:64]
    text = head.decode("utf-8", "ignore")
    # Up to three bytes may belong to a character cut off at the end.
    whole = len(text.encode()) >= len(head) - 3
    return whole and all(character.isprintable() or character in "\t\r\n\ufeff" for character in text)
