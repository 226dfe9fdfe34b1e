"""The test site's content encodings, transfer encodings, decompression bombs and character encodings."""

from __future__ import annotations

import asyncio
import codecs
import gzip
import html
import zlib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tests.site.exchange import Answer, Exchange, Handler
from tests.site.pages import TEXT, document


def encode(body: bytes, encoding: str) -> bytes:
    """`body` in the named content encoding; several, separated by commas, are applied in order."""
    for name in encoding.split(","):
        match name.strip():
            case "gzip":
                body = gzip.compress(body, mtime=0)
            case "deflate":
                body = zlib.compress(body)
            case "raw-deflate":
                body = zlib.compress(body, wbits=-15)
            case "br":
                import brotli  # type: ignore[import-untyped]

                body = brotli.compress(body)
            case "zstd":
                from backports import zstd

                body = zstd.compress(body)
            case other:
                raise ValueError(f"no content encoding {other!r}")
    return body


def encoded_page(encoding: str) -> bytes:
    """The page behind `/gzip`, `/br`, ... before it is encoded."""
    return document(f"Encoded with {encoding}", f"<h1>Encoded with {encoding}</h1>" + f"<p>{TEXT}</p>\n" * 20)


def _encoded(encoding: str, label: str | None = None) -> Handler:
    def handler(_exchange: Exchange) -> Answer:
        return Answer(encode(encoded_page(encoding), encoding), headers=(("content-encoding", label or encoding),))

    return handler


def wrongly_labelled(_exchange: Exchange) -> Answer:
    """Says gzip, is not."""
    return Answer(encoded_page("nothing"), headers=(("content-encoding", "gzip"),))


def unknown_encoding(_exchange: Exchange) -> Answer:
    """An encoding nobody has."""
    return Answer(encoded_page("nothing"), headers=(("content-encoding", "x-rot13"),))


def cut_gzip(_exchange: Exchange) -> Answer:
    """A gzip stream that ends in the middle, in a complete response."""
    body = encode(encoded_page("gzip"), "gzip")
    return Answer(body[: len(body) // 2], headers=(("content-encoding", "gzip"),))


@cache
def _gzip_bomb(megabytes: int) -> bytes:
    """Zeros; each megabyte is the same few compressed bytes, since a full flush makes blocks independent."""
    packer = zlib.compressobj(9, wbits=-15)
    zeros = bytes(1 << 20)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(megabytes):
        checksum = zlib.crc32(zeros, checksum)
    trailer = checksum.to_bytes(4, "little") + (megabytes << 20 & 0xFFFFFFFF).to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * megabytes + packer.flush() + trailer


@cache
def _zstd_bomb(megabytes: int) -> bytes:
    from backports import zstd

    packer = zstd.ZstdCompressor()
    zeros = bytes(1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(megabytes)) + packer.flush()


@cache
def _brotli_bomb(megabytes: int) -> bytes:
    import brotli

    packer = brotli.Compressor(quality=1)
    zeros = bytes(1 << 20)
    return b"".join(packer.process(zeros) for _ in range(megabytes)) + bytes(packer.finish())


async def bomb(exchange: Exchange) -> Answer:
    """`/bomb?mb=1024&encoding=gzip`: a small body that unpacks to that many megabytes of zeros."""
    encoding = exchange.query.get("encoding", "gzip")
    makers = {"gzip": _gzip_bomb, "zstd": _zstd_bomb, "br": _brotli_bomb}
    megabytes = exchange.number("mb", 1024)
    if encoding == "gzip,gzip":
        body = gzip.compress(await asyncio.to_thread(_gzip_bomb, megabytes))
    else:
        body = await asyncio.to_thread(makers[encoding], megabytes)
    return Answer(body, headers=(("content-encoding", encoding),))


async def no_length(exchange: Exchange) -> None:
    """A body that ends with the connection."""
    await exchange.head("content-type: text/html; charset=utf-8", "connection: close")
    await exchange.send(document("No length", "<h1>No length</h1>"))


async def chunked(exchange: Exchange) -> None:
    """`/chunked?ms=`: a page in chunks with an extension and a trailer, that many milliseconds apart."""
    await exchange.head("content-type: text/html; charset=utf-8", "transfer-encoding: chunked")
    body = document("Chunked", "<h1>Chunked</h1>" + f"<p>{TEXT}</p>" * 10)
    for start in range(0, len(body), 100):
        part = body[start : start + 100]
        await exchange.send(b"%x;part=%d\r\n%b\r\n" % (len(part), start // 100, part))
        await exchange.sleep(exchange.number("ms", 0) / 1000)
    await exchange.send(b"0\r\nx-trailer: yes\r\n\r\n")
    exchange.keep_alive = True


SAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "gb": "中文网页：测试字符编码，简体汉字。",
        "big5": "繁體中文網頁：測試字元編碼。",
        "jp": "日本語のページ：文字コードのテスト。カタカナ。",
        "kr": "한국어 페이지: 문자 인코딩 시험입니다.",
        "ru": "Русская страница: проверка кодировки символов.",
        "gr": "Ελληνική σελίδα: δοκιμή κωδικοποίησης.",
        "he": "דף בעברית: בדיקת קידוד תווים.",
        "tr": "Türkçe sayfa: ığüşöç İĞÜŞÖÇ.",
        "pl": "Polska strona: zażółć gęślą jaźń.",
        "th": "หน้าภาษาไทย ทดสอบรหัสอักขระ",
        "latin": "Café à la crème, naïve façade, Straße.",
    }
)

_FAMILIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "gbk": ("gbk", "gb"),
        "gb2312": ("gb2312", "gb"),
        "gb18030": ("gb18030", "gb"),
        "big5": ("big5", "big5"),
        "shift_jis": ("cp932", "jp"),
        "euc-jp": ("euc_jp", "jp"),
        "iso-2022-jp": ("iso2022_jp", "jp"),
        "euc-kr": ("cp949", "kr"),
        "windows-1251": ("cp1251", "ru"),
        "koi8-r": ("koi8_r", "ru"),
        "iso-8859-5": ("iso8859_5", "ru"),
        "windows-1253": ("cp1253", "gr"),
        "iso-8859-7": ("iso8859_7", "gr"),
        "windows-1255": ("cp1255", "he"),
        "windows-1254": ("cp1254", "tr"),
        "iso-8859-9": ("cp1254", "tr"),
        "windows-1250": ("cp1250", "pl"),
        "iso-8859-2": ("iso8859_2", "pl"),
        "windows-874": ("cp874", "th"),
        "windows-1252": ("cp1252", "latin"),
        "iso-8859-1": ("cp1252", "latin"),
        "iso-8859-15": ("iso8859_15", "latin"),
        "macintosh": ("mac_roman", "latin"),
        "utf-16le": ("utf-16-le", "jp"),
        "utf-16be": ("utf-16-be", "jp"),
    }
)

CHARSETS: tuple[str, ...] = (*_FAMILIES, "utf-8")


def sample(label: str) -> str:
    """The text in the body of `/charset/<label>`; unknown labels are served as UTF-8."""
    return SAMPLES[_FAMILIES.get(label.lower(), ("utf-8", "jp"))[1]]


def codec_of(label: str) -> str:
    """The Python codec the body of `/charset/<label>` is encoded with."""
    return _FAMILIES.get(label.lower(), ("utf-8", ""))[0]


def charset(exchange: Exchange) -> Answer:
    """`/charset/<label>?via=header|meta|bom|none`: a text in that encoding, declared in that way.

    A label that is none, such as `uft-8`, is declared as it is and the body is UTF-8.
    """
    label, via = exchange.rest, exchange.query.get("via", "header")
    codec = codec_of(label)
    meta = f'<meta charset="{html.escape(label)}">' if via == "meta" else ""
    text = f"<!DOCTYPE html><html><head>{meta}<title>Charset</title></head><body><p>{sample(label)}</p></body></html>"
    mark = b""
    if via == "bom":
        mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(codec, codecs.BOM_UTF8)
    declared = f"text/html; charset={label}" if via == "header" else "text/html"
    return Answer(mark + text.encode(codec), declared)


ROUTES: Mapping[str, Handler] = MappingProxyType(
    {
        "gzip": _encoded("gzip"),
        "deflate": _encoded("deflate"),
        "raw-deflate": _encoded("raw-deflate", "deflate"),
        "br": _encoded("br"),
        "zstd": _encoded("zstd"),
        "gzip-gzip": _encoded("gzip,gzip", "gzip, gzip"),
        "gzip-wrong": wrongly_labelled,
        "gzip-cut": cut_gzip,
        "unknown-encoding": unknown_encoding,
        "bomb": bomb,
        "no-length": no_length,
        "chunked": chunked,
        "charset": charset,
    }
)
