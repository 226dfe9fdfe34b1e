"""Bytes go in and come out."""

from __future__ import annotations

import os
import zlib

import pytest
from hypothesis import given, strategies as st

from nephila.store.packing import Packing, UnpackError, pack, unpack


@given(st.binary(max_size=2000))
def test_round_trip(data: bytes) -> None:
    assert unpack(*pack(data)) == data


def test_text_gets_smaller_and_noise_no_larger() -> None:
    assert len(pack(b"<p>the same again</p>" * 1000)[1]) < 1000
    noise = os.urandom(5000)
    assert pack(noise) == (Packing.NONE, noise)


@pytest.mark.parametrize("packing", [Packing.ZLIB, Packing.ZSTD, 9])
def test_damaged(packing: int) -> None:
    with pytest.raises(UnpackError):
        unpack(packing, b"nonsense")


def test_packed_without_zstd() -> None:
    assert unpack(Packing.ZLIB, zlib.compress(b"a")) == b"a"
