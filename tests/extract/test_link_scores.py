"""Scores and contexts of links."""

import pytest

from nephila.extract.link_scores import MAX_CONTEXT, score_links
from tests.extract.reading import read_well

PAGE = """
<nav><a href="/login">Log in</a></nav>
<main><p>Orb weavers of the tropics spin golden silk, and <a href="/golden-silk">how golden silk is spun</a> is told
elsewhere in more words than here.</p><p><a href="/golden-silk/more">Read more</a></p></main>
<footer><a href="/privacy" rel="nofollow">Privacy</a></footer>
"""


def links_of(html, **options):
    return read_well(html, **options).links["internal"]


def test_nothing_of_it_unless_asked():
    for link in links_of(PAGE):
        assert not {"context", "intrinsic_score", "contextual_score", "total_score"} & link.keys()


def test_links_of_the_main_part_score_higher():
    scores = {link["text"]: link["intrinsic_score"] for link in links_of(PAGE, score_links=True)}
    assert scores["how golden silk is spun"] > scores["Read more"] > scores["Privacy"]
    assert scores["how golden silk is spun"] > scores["Log in"]
    assert all(0 <= score <= 10 for score in scores.values())


def test_without_a_query_the_total_is_the_intrinsic_score():
    for link in links_of(PAGE, score_links=True):
        assert link["contextual_score"] is None
        assert link["total_score"] == link["intrinsic_score"]


def test_query():
    links = links_of(PAGE, score_links=True)
    score_links(links, "golden silk")
    scores = {link["text"]: link["contextual_score"] for link in links}
    assert scores["how golden silk is spun"] == 1
    assert scores["Read more"] == 0.5
    assert scores["Log in"] == 0
    for link in links:
        total = 0.7 * link["intrinsic_score"] + 3 * link["contextual_score"]
        assert link["total_score"] == pytest.approx(total, abs=0.01)


def test_context_is_the_text_of_the_block_around():
    contexts = {link["text"]: link["context"] for link in links_of(PAGE, score_links=True)}
    assert contexts["how golden silk is spun"].startswith("Orb weavers of the tropics")
    assert "elsewhere" in contexts["how golden silk is spun"]


def test_context_is_cut():
    html = f"<p>{'word ' * 500}<a href=/a>a link</a></p>"
    (link,) = links_of(html, score_links=True)
    assert len(link["context"]) <= MAX_CONTEXT + 4


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ('<a href="/a"></a>', '<a href="/a">spiders of the world</a>'),
        ('<a href="/a">here</a>', '<a href="/a">spiders</a>'),
        ('<a href="/a.zip">spiders of the world</a>', '<a href="/a">spiders of the world</a>'),
        ('<a href="/a?a=1&b=2&c=3">spiders of the world</a>', '<a href="/a?a=1">spiders of the world</a>'),
        ('<a href="/a" rel="ugc">spiders</a>', '<a href="/a" rel="author">spiders</a>'),
        ('<a href="/cart">spiders</a>', '<a href="/spiders">spiders</a>'),
        ('<a href="/a">spiders</a>', '<a href="/a" title="All of them">spiders</a>'),
    ],
)
def test_what_counts(worse, better):
    first, second = links_of(worse, score_links=True), links_of(better, score_links=True)
    assert first[0]["intrinsic_score"] < second[0]["intrinsic_score"]
