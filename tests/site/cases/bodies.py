"""Bodies whose encoding is wrong, broken, or an attack."""

from __future__ import annotations

import gzip
import zlib
from functools import cache

import brotli
from backports import zstd

from tests.site.cases.case import HTML, PAGE, Case, encoded, page
from tests.site.exchange import Answer, Exchange, Handler

_LONG = b"<h1>Arrived</h1>" + b"".join(b"<p>paragraph %d of a page %d</p>" % (n, n * n) for n in range(20_000))


def _raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def _damaged(data: bytes) -> bytes:
    middle = len(data) // 3
    return data[:middle] + bytes(255 - byte for byte in data[middle : middle + 40]) + data[middle + 40 :]


@cache
def _bomb(coding: str, megabytes: int) -> bytes:
    """A small body that unpacks to that much."""
    piece = b"<p>" + bytes(1_000_000 - 3)
    if coding == "gzip":
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        return b"".join(packer.compress(piece) for _ in range(megabytes)) + packer.flush()
    if coding == "deflate":
        deflater = zlib.compressobj(9)
        return b"".join(deflater.compress(piece) for _ in range(megabytes)) + deflater.flush()
    if coding == "br":
        squeezer = brotli.Compressor(quality=5)
        return b"".join(squeezer.process(piece) for _ in range(megabytes)) + squeezer.finish()
    press = zstd.ZstdCompressor()
    return b"".join(press.compress(piece) for _ in range(megabytes)) + press.flush()


def _bomb_of(coding: str, megabytes: int = 60) -> Handler:
    def handler(_exchange: Exchange) -> Answer:
        return Answer(_bomb(coding, megabytes), headers=(("content-encoding", coding),))

    return handler


def _nested_bomb(_exchange: Exchange) -> Answer:
    inner = _bomb("gzip", 60)
    return Answer(gzip.compress(gzip.compress(inner)), headers=(("content-encoding", "gzip, gzip, gzip"),))


def _wide_zstd() -> bytes:
    """A frame that asks for a window of 128 MB."""
    parameter = zstd.CompressionParameter
    press = zstd.ZstdCompressor(options={parameter.window_log: 27, parameter.compression_level: 1})
    return press.compress(_LONG) + press.compress(bytes(1 << 20)) + press.flush()


def _of_type(body: bytes, content_type: str) -> Handler:
    return lambda _exchange: Answer(body, content_type)


_GZIP = gzip.compress(_LONG)
_TOO_LARGE = {"code": "too_large", "contains": ""}

BODIES = (
    Case("gzip", encoded(_GZIP, "gzip")),
    Case("gzip-old-name", encoded(_GZIP, "X-GZip")),
    Case("gzip-twice", encoded(gzip.compress(_GZIP), "gzip, gzip")),
    Case("gzip-in-brotli", encoded(brotli.compress(_GZIP), "gzip, br")),
    Case("deflate", encoded(zlib.compress(_LONG), "deflate")),
    Case("deflate-without-wrapper", encoded(_raw_deflate(_LONG), "deflate")),
    Case("brotli", encoded(brotli.compress(_LONG), "br")),
    Case("zstd", encoded(zstd.compress(_LONG), "zstd")),
    Case("identity", encoded(PAGE, "identity")),
    Case("coding-unknown", encoded(PAGE, "lzma"), code="protocol", contains=""),
    Case("coding-nonsense", encoded(PAGE, ",,;q=1"), code="protocol", contains=""),
    Case("six-codings", encoded(PAGE, ", ".join(["gzip"] * 6)), code="protocol", contains=""),
    Case("gzip-label-on-text", encoded(PAGE, "gzip")),
    Case("deflate-label-on-text", encoded(PAGE, "deflate")),
    Case("brotli-label-on-text", encoded(PAGE, "br")),
    Case("zstd-label-on-text", encoded(PAGE, "zstd")),
    Case("gzip-label-on-nothing", encoded(b"", "gzip"), contains=""),
    Case("gzip-without-label", page(_GZIP), contains=""),
    Case("gzip-cut-off", encoded(_GZIP[: len(_GZIP) // 2], "gzip"), code="connection_lost"),
    Case("gzip-damaged", encoded(_damaged(_GZIP), "gzip"), code="protocol"),
    Case("gzip-with-more-behind", encoded(_GZIP + b"\0" * 500 + b"junk", "gzip")),
    Case("gzip-of-many-members", encoded(gzip.compress(b"") * 20_000, "gzip"), code="protocol", contains=""),
    Case("brotli-cut-off", encoded(brotli.compress(_LONG)[:-900], "br"), code="connection_lost"),
    Case("brotli-damaged", encoded(_damaged(brotli.compress(_LONG)), "br"), code="connection_lost"),
    Case("zstd-cut-off", encoded(zstd.compress(_LONG)[:-900], "zstd"), code="connection_lost", contains=""),
    Case("zstd-of-a-wide-window", encoded(_wide_zstd(), "zstd"), code="protocol", contains=""),
    Case("gzip-bomb", _bomb_of("gzip"), memory=96, **_TOO_LARGE),
    Case("deflate-bomb", _bomb_of("deflate"), memory=96, **_TOO_LARGE),
    Case("brotli-bomb", _bomb_of("br"), memory=96, **_TOO_LARGE),
    Case("zstd-bomb", _bomb_of("zstd"), memory=96, **_TOO_LARGE),
    Case("nested-bomb", _nested_bomb, memory=96, **_TOO_LARGE),
    Case("unpacks-to-too-much", encoded(_GZIP, "gzip"), options={"max_decoded_bytes": 100_000}, **_TOO_LARGE),
    Case(
        "ratio-too-high",
        encoded(gzip.compress(PAGE + b"a" * 9_000_000), "gzip"),
        message="200 times",
        **_TOO_LARGE,
    ),
    Case("ratio-below-the-floor", encoded(gzip.compress(PAGE + b"a" * 7_000_000), "gzip"), memory=220),
    Case("charset-unknown", _of_type(PAGE, "text/html; charset=klingon-8")),
    Case(
        "charset-wrong",
        _of_type("<h1>Arrived: Überzeugung</h1>".encode(), "text/html; charset=us-ascii"),
        contains="Überzeugung",
    ),
    Case("utf-16-unsaid", _of_type(b"\xff\xfe" + PAGE.decode().encode("utf-16-le"), "text/html")),
    Case("null-bytes", page(b"\0\0<h1>Arrived</h1>\0" * 3, HTML)),
    Case("binary-as-html", page(bytes(range(256)) * 40), contains=""),
)
