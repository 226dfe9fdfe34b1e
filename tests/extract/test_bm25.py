import pickle

import pytest

from nephila.errors import ConfigError
from nephila.extract.bm25 import BM25ContentFilter

PAGE = """<head><title>About crawlers</title><meta name="description" content="How crawling works"></head>
<body><h1>Robots</h1><p>Crawlers crawl the web.</p><p>The weather is fine in the mountains today.</p>
<p>Cats sleep most of the day on warm places.</p><div>Loose words on <b>crawling</b><ul><li>Dogs bark at night.</li>
<li>A crawler obeys the robots file.</li></ul></div><p>Crawlers crawl the web.</p><p>Bread needs flour and water.</p>
<table><tr><th>crawler</th><th>pages</th></tr><tr><td>a</td><td>1</td></tr></table></body>"""


def rank(query, html=PAGE, **settings):
    return BM25ContentFilter(query, **settings).filter_content(html)


def test_blocks_that_answer_the_query_in_document_order():
    assert rank("crawler crawling", bm25_threshold=0.8) == [
        "<p>Crawlers crawl the web.</p>",
        "Loose words on <b>crawling</b>",
        "<li>A crawler obeys the robots file.</li>",
        "<table><tbody><tr><th>crawler</th><th>pages</th></tr><tr><td>a</td><td>1</td></tr></tbody></table>",
    ]


def test_text_that_occurs_twice_comes_once():
    assert rank("web") == ["<p>Crawlers crawl the web.</p>"]


def test_without_a_query_the_page_says_what_it_is_about():
    assert "<h1>Robots</h1>" in rank(None)
    assert "<p>Bread needs flour and water.</p>" not in rank(None)


def test_without_a_title_the_first_long_paragraph_is_the_query():
    paragraph = "<p>" + "Spiders weave orb webs between trees. " * 6 + "</p>"
    others = "".join(f"<p>Other text number {name} on its own.</p>" for name in ("one", "two", "three", "four"))
    blocks = rank(None, f"{others}{paragraph}<p>A spider and its web.</p>")
    assert "<p>A spider and its web.</p>" in blocks
    assert not any("Other" in block for block in blocks)


def test_nothing_that_answers_gives_nothing():
    assert rank("zebra") == []
    assert rank("the of and") == []
    assert rank("crawler", "") == []


def test_threshold():
    assert len(rank("crawler", bm25_threshold=0.1)) >= len(rank("crawler")) > len(rank("crawler", bm25_threshold=1.6))


def test_weight_of_headings():
    html = "<h1>Orb</h1><p>Orb</p>" + "".join(f"<p>Text {name} here.</p>" for name in "abcdefgh")
    assert rank("orb", html.replace("<p>Orb</p>", "<p>An orb.</p>"), bm25_threshold=5) == ["<h1>Orb</h1>"]


def test_stemming_finds_other_forms():
    html = PAGE.replace("robots file", "file")
    assert "<p>Cats sleep most of the day on warm places.</p>" in rank("sleeping cat", html)
    assert rank("sleeping cat", html, use_stemming=False) == []


def test_language_chooses_the_stemmer():
    others = "".join(f"<p>Andere Wörter stehen {name} da.</p>" for name in ("hier", "dort", "oben", "unten"))
    html = f"<p>Die Häuser sind alt.</p>{others}"
    assert rank("Haus", html, language="german") == ["<p>Die Häuser sind alt.</p>"]
    assert rank("Haus", html, language="english") == []


def test_text_without_spaces_between_words():
    html = "<p>我们研究机器学习算法</p><p>今天天气很好</p><p>猫在睡觉</p>"
    assert rank("机器学习", html) == ["<p>我们研究机器学习算法</p>"]


def test_min_word_threshold():
    assert "<h1>Robots</h1>" in BM25ContentFilter("robots").filter_content(PAGE)
    assert "<h1>Robots</h1>" not in BM25ContentFilter("robots").filter_content(PAGE, 3)


def test_words_of_adjacent_elements_are_not_glued():
    html = PAGE.replace("Crawlers crawl", "<b>Crawlers</b><br><i>rest</i> crawl")
    assert any("rest" in block for block in rank("crawlers rest", html))


def test_an_unknown_language_is_refused():
    with pytest.raises(ConfigError, match="klingon"):
        BM25ContentFilter(language="klingon")
    assert BM25ContentFilter(language="klingon", use_stemming=False)


def test_a_filter_can_be_sent_to_another_process():
    assert pickle.loads(pickle.dumps(BM25ContentFilter("crawler"))).filter_content(PAGE) == rank("crawler")


def test_hostile_pages():
    assert rank("deep", "<div>" * 200_000 + "deep words", bm25_threshold=0.01) == ["deep words"]
    assert len(rank("x", "<p>a" * 100_000 + "<p>x", bm25_threshold=0.1)) == 1
    assert rank("q", "<custom-a>" * 50_000 + "<p>q</p><p>b</p><p>c</p>", bm25_threshold=0.1) == ["q"]
    assert rank("w" * 100_000, f"<p>{'w' * 100_000}</p><p>a</p><p>b</p>", bm25_threshold=0.1)
