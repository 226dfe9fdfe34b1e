import time

import pytest

from nephila import ConfigError, TopicSegmentationChunking

SPIDERS = "The spider spins a web of silk. Silk threads hold the web while the spider waits for insects to strike. "
ENGINES = "The engine burns fuel in its cylinders. Each piston turns the crankshaft so the engine drives the wheels. "


def test_a_text_is_cut_where_its_words_change():
    text = SPIDERS * 12 + "\n\n" + ENGINES * 12
    pieces = TopicSegmentationChunking().chunk(text)
    assert len(pieces) == 2
    assert pieces[0].count("spider") == 24 and "spider" not in pieces[1]


def test_keywords():
    text = SPIDERS * 12 + "\n\n" + ENGINES * 12
    (first, keywords), (_, others) = TopicSegmentationChunking(num_keywords=2).chunk_with_topics(text)
    assert first.startswith("The spider")
    assert (set(keywords) <= {"spider", "web", "silk"}, others[0]) == (True, "engine")
    assert len(keywords) == len(others) == 2


def test_nothing_is_lost_and_short_texts_stay_whole():
    text = SPIDERS * 12 + "\n\n" + ENGINES * 12 + "\n\n" + SPIDERS * 9
    assert "".join("".join(TopicSegmentationChunking().chunk(text)).split()) == "".join(text.split())
    assert TopicSegmentationChunking().chunk("Short text.") == ["Short text."]
    assert TopicSegmentationChunking().chunk(" ") == []
    with pytest.raises(ConfigError):
        TopicSegmentationChunking(num_keywords=0)


def test_a_long_text_takes_linear_time():
    def seconds(times):
        start = time.perf_counter()
        TopicSegmentationChunking().chunk((SPIDERS * 9 + ENGINES * 9) * times)
        return time.perf_counter() - start

    assert seconds(100) < 40 * max(seconds(10), 0.01)
