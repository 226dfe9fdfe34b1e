from __future__ import annotations

import random

import pytest
from hypothesis import given, strategies as st

from nephila.fetch.browser.png import PngError, PngStack, PngTooLargeError, size_of
from tests.fetch.browser.pictures import CHANNELS, png_of, rows_of


@given(
    seed=st.integers(0, 2**32),
    colours=st.sampled_from(sorted(CHANNELS)),
    width=st.integers(1, 9),
    heights=st.lists(st.integers(1, 6), min_size=1, max_size=4),
)
def test_parts_are_joined_to_the_pixel(seed: int, colours: int, width: int, heights: list[int]) -> None:
    dice = random.Random(seed)
    stack, expected = PngStack(1_000_000), []
    for height in heights:
        rows = [dice.randbytes(width * CHANNELS[colours]) for _ in range(height)]
        stack.add(png_of(rows, colours, [dice.randrange(5) for _ in rows]))
        expected += rows
    picture = stack.finish()
    assert rows_of(picture) == expected
    assert size_of(picture) == (width, sum(heights)) == (width, stack.height)


def test_parts_that_do_not_fit_are_refused() -> None:
    stack = PngStack(1_000_000)
    stack.add(png_of([b"abcdef"], 2, [0]))
    with pytest.raises(PngError, match="different widths or colours"):
        stack.add(png_of([b"abc"], 2, [0]))
    with pytest.raises(PngError, match="different widths or colours"):
        stack.add(png_of([b"abcdefgh"], 6, [0]))


@pytest.mark.parametrize("length", [0, 8, 40, 80])
def test_what_is_no_whole_picture_is_refused(length: int) -> None:
    png = png_of([bytes(300)] * 50, 2, [1] * 50)
    with pytest.raises(PngError):
        PngStack(1_000_000).add(png[:length])


def test_a_picture_is_bounded() -> None:
    stack, dice = PngStack(10_000), random.Random(1)
    noise = [dice.randbytes(3000) for _ in range(40)]
    with pytest.raises(PngTooLargeError):
        stack.add(png_of(noise, 2, [0] * 40))


def test_nothing_is_no_picture() -> None:
    with pytest.raises(PngError):
        PngStack(1).finish()
