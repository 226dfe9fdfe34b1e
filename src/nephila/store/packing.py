"""Bytes made smaller for the store."""

from __future__ import annotations

import zlib
from enum import IntEnum
from functools import lru_cache
from importlib import import_module
from types import ModuleType

_SMALLEST = 200
"""Bytes; nothing is gained below."""

_ZLIB_LEVEL = 1


class Packing(IntEnum):
    """How bytes are kept."""

    NONE = 0
    ZLIB = 1
    ZSTD = 2


class UnpackError(ValueError):
    """The bytes are damaged, or packed by something that is not installed."""


def pack(data: bytes) -> tuple[Packing, bytes]:
    """The bytes, smaller where that is possible."""
    if len(data) < _SMALLEST:
        return Packing.NONE, data
    zstd = _zstd()
    if zstd is not None:
        packing, packed = Packing.ZSTD, zstd.compress(data, 1)
    else:
        packing, packed = Packing.ZLIB, zlib.compress(data, _ZLIB_LEVEL)
    return (packing, packed) if len(packed) < len(data) else (Packing.NONE, data)


def unpack(packing: int, data: bytes) -> bytes:
    """What `pack` was given.

    Raises:
        UnpackError: It cannot be had.
    """
    if packing == Packing.NONE:
        return data
    zstd = _zstd()
    try:
        if packing == Packing.ZLIB:
            return zlib.decompress(data)
        if packing == Packing.ZSTD and zstd is not None:
            unpacked: bytes = zstd.decompress(data)
            return unpacked
    except zlib.error as error:
        raise UnpackError(str(error)) from error
    except Exception as error:
        if zstd is not None and isinstance(error, zstd.ZstdError):
            raise UnpackError(str(error)) from error
        raise
    raise UnpackError(f"nothing is installed that unpacks kind {packing}")


@lru_cache(maxsize=1)
def _zstd() -> ModuleType | None:
    """The standard library's zstd (3.14) or its backport; None without either."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            continue
    return None
