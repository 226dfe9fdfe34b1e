import gzip
import os
import tracemalloc
import zlib

import pytest

from nephila.errors import ErrorCode, ReadError
from nephila.html import inflate as module
from nephila.html.inflate import inflate

TEXT = b"<html><p>hello world, hello reader</p>" * 5000 + b"THE END"
LIMIT = 10_000_000


def raw_deflate(data):
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def brotli(data):
    return pytest.importorskip("brotli").compress(data)


def zstd(data):
    try:
        from compression.zstd import compress
    except ImportError:
        compress = pytest.importorskip("backports.zstd").compress
    return compress(data)


CODINGS = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli),
    ("zstd", zstd),
]


@pytest.mark.parametrize(("name", "compress"), CODINGS)
def test_every_coding_is_undone(name, compress):
    result = inflate(compress(TEXT), name, LIMIT)
    assert result.data == TEXT
    assert result.error is None


@pytest.mark.parametrize("name", ["", "identity", " Identity ", ",", "identity, identity"])
def test_nothing_to_undo(name):
    assert inflate(TEXT, name, LIMIT).data == TEXT


def test_case_and_white_space_of_the_name():
    assert inflate(gzip.compress(TEXT), " GZip ", LIMIT).data == TEXT


def test_nested_codings_are_undone_last_first():
    assert inflate(brotli(gzip.compress(TEXT)), "gzip, br", LIMIT).data == TEXT
    assert inflate(gzip.compress(zlib.compress(TEXT)), "deflate,identity,gzip", LIMIT).data == TEXT


def test_too_many_codings():
    with pytest.raises(ReadError) as caught:
        inflate(TEXT, ", ".join(["gzip"] * 6), LIMIT)
    assert caught.value.code is ErrorCode.PROTOCOL


@pytest.mark.parametrize("name", ["compress", "aes128gcm", "gzip;q=1", "utf-8"])
def test_unknown_coding(name):
    with pytest.raises(ReadError, match="is not known") as caught:
        inflate(TEXT, name, LIMIT)
    assert caught.value.code is ErrorCode.PROTOCOL


def test_several_members_are_joined():
    assert inflate(gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), "gzip", LIMIT).data == TEXT
    assert inflate(zstd(TEXT[:100]) + zstd(TEXT[100:]), "zstd", LIMIT).data == TEXT


@pytest.mark.parametrize("garbage", [b"\0" * 100, b"trailer", b"\n"])
@pytest.mark.parametrize(("name", "compress"), CODINGS)
def test_garbage_after_the_end_is_dropped(name, compress, garbage):
    result = inflate(compress(TEXT) + garbage, name, LIMIT)
    assert result.data == TEXT
    assert result.error is None


@pytest.mark.parametrize(("name", "compress"), CODINGS)
def test_a_cut_stream_gives_what_came(name, compress):
    text = TEXT + os.urandom(20_000)
    result = inflate(compress(text)[:-500], name, LIMIT)
    assert result.error is ErrorCode.CONNECTION_LOST
    assert len(result.data) > 100_000
    assert text.startswith(result.data)
    assert f"{len(result.data):,} bytes" in result.message


def test_a_damaged_stream_gives_what_came_before():
    packed = bytearray(gzip.compress(TEXT + os.urandom(50_000)))
    packed[-20_000:-19_000] = b"\xff" * 1000
    result = inflate(bytes(packed), "gzip", LIMIT)
    assert result.error is ErrorCode.PROTOCOL
    assert result.data.startswith(TEXT)


def test_a_wrong_checksum_keeps_the_page():
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 0xFF
    result = inflate(bytes(packed), "gzip", LIMIT)
    assert result.error is ErrorCode.PROTOCOL
    assert len(result.data) > len(TEXT) - 1000


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("body", [TEXT, b"hello", b"{}", "grüße".encode(), b""])
def test_a_body_that_is_not_compressed_is_taken_as_it_is(name, body):
    result = inflate(body, name, LIMIT)
    assert result.data == body
    assert result.error is None


@pytest.mark.parametrize(("name", "compress"), CODINGS)
def test_the_limit_is_exact(name, compress):
    packed = compress(TEXT)
    assert inflate(packed, name, len(TEXT)).data == TEXT
    with pytest.raises(ReadError) as caught:
        inflate(packed, name, len(TEXT) - 1)
    assert caught.value.code is ErrorCode.TOO_LARGE


def test_the_limit_holds_without_coding():
    with pytest.raises(ReadError) as caught:
        inflate(TEXT, "", 100)
    assert caught.value.code is ErrorCode.TOO_LARGE


@pytest.mark.parametrize(("name", "compress"), CODINGS)
def test_a_bomb_does_not_fill_the_memory(name, compress):
    bomb = compress(bytes(50_000_000))
    assert len(bomb) < 60_000
    tracemalloc.start()
    try:
        with pytest.raises(ReadError, match="1,000,000 bytes allowed"):
            inflate(bomb, name, 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_endless_empty_members_end():
    result = inflate(gzip.compress(b"") * (module.MAX_MEMBERS + 10), "gzip", LIMIT)
    assert result.error is ErrorCode.PROTOCOL
    assert result.data == b""


def test_a_window_larger_than_the_web_allows_is_refused():
    zstd_module = pytest.importorskip("backports.zstd")
    options = {zstd_module.CompressionParameter.window_log: 27}
    packed = zstd_module.compress(os.urandom(300_000) * 60, options=options)
    assert inflate(packed, "zstd", 100_000_000).error is ErrorCode.PROTOCOL


def test_without_the_fast_inflater(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "isal", None)
    assert inflate(gzip.compress(TEXT), "gzip", LIMIT).data == TEXT
    assert inflate(raw_deflate(TEXT), "deflate", LIMIT).data == TEXT


@pytest.mark.parametrize(("name", "package"), [("br", "brotli"), ("zstd", "backports.zstd")])
def test_a_missing_decoder_names_its_package(monkeypatch, name, package):
    import sys

    body = zstd(TEXT) if name == "zstd" else brotli(TEXT)
    for module_name in ("brotli", "backports.zstd", "compression.zstd"):
        monkeypatch.setitem(sys.modules, module_name, None)
    with pytest.raises(ReadError, match=package) as caught:
        inflate(body, name, LIMIT)
    assert caught.value.code is ErrorCode.PROTOCOL
