import itertools
import pickle

import pytest

from nephila.errors import ConfigError
from nephila.extract.chunking import (
    FixedLengthWordChunking,
    IdentityChunking,
    OverlappingWindowChunking,
    RegexChunking,
    SlidingWindowChunking,
)

WORDS = [f"w{number}" for number in range(25)]
TEXT = " ".join(WORDS)


def test_identity():
    assert IdentityChunking().chunk("a\n\nb") == ["a\n\nb"]


def test_regex_splits_at_blank_lines_by_default():
    assert RegexChunking().chunk("a\n\nb\n\n\n\nc") == ["a", "b", "c"]


def test_regex_applies_every_pattern_and_leaves_captures_out():
    assert RegexChunking([r"\n\n", r"(;)\s*"]).chunk("a; b\n\nc") == ["a", "b", "c"]


def test_fixed_length():
    chunks = FixedLengthWordChunking(10).chunk(TEXT)
    assert [len(chunk.split()) for chunk in chunks] == [10, 10, 5]
    assert " ".join(chunks) == TEXT


def test_sliding_window_starts_every_step_and_ends_with_the_text():
    chunks = SlidingWindowChunking(window_size=10, step=5).chunk(TEXT)
    assert [chunk.split()[0] for chunk in chunks] == ["w0", "w5", "w10", "w15"]
    assert chunks[-1].split()[-1] == "w24"


def test_overlapping_window_repeats_the_last_words():
    chunks = OverlappingWindowChunking(window_size=10, overlap=3).chunk(TEXT)
    for chunk, following in itertools.pairwise(chunks):
        assert chunk.split()[-3:] == following.split()[:3]
    assert {word for chunk in chunks for word in chunk.split()} == set(WORDS)


@pytest.mark.parametrize(
    "chunker", [FixedLengthWordChunking(7), SlidingWindowChunking(7, 3), OverlappingWindowChunking(7, 3)]
)
def test_no_word_is_lost_whatever_the_length(chunker):
    for count in range(25):
        words = WORDS[:count]
        assert {word for chunk in chunker.chunk(" ".join(words)) for word in chunk.split()} == set(words)
        assert all(chunker.chunk(" ".join(words)))


@pytest.mark.parametrize("chunker", [FixedLengthWordChunking(), SlidingWindowChunking(), OverlappingWindowChunking()])
def test_blank_text_has_no_chunks(chunker):
    assert chunker.chunk(" \n ") == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: FixedLengthWordChunking(0),
        lambda: SlidingWindowChunking(0, 1),
        lambda: SlidingWindowChunking(10, 0),
        lambda: SlidingWindowChunking(10, 11),
        lambda: OverlappingWindowChunking(10, 10),
        lambda: OverlappingWindowChunking(10, -1),
        lambda: RegexChunking(["("]),
    ],
)
def test_impossible_sizes_are_refused(make):
    with pytest.raises(ConfigError):
        make()


def test_chunkers_can_be_sent_to_another_process():
    chunker = pickle.loads(pickle.dumps(SlidingWindowChunking(10, 5)))
    assert chunker.chunk(TEXT) == SlidingWindowChunking(10, 5).chunk(TEXT)
