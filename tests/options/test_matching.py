import pytest

from nephila.options import CrawlerRunConfig, MatchMode, select_config

URL = "https://example.com/docs/Page.html?x=1"


def is_doc(url):
    return "/docs/" in url


def is_never(url):
    return 0


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        (None, True),
        ("*", True),
        ("https://example.com/*", True),  # * crosses /
        ("*/docs/*", True),
        ("*.html", False),  # the whole URL, query included
        ("*.html?x=?", True),
        ("*/DOCS/*", False),  # case matters
        ("https://example.com/docs/[A-Z]age*", True),
        ("example.com", False),
        (is_doc, True),
        (is_never, False),
        ([], False),
        (["*/none/*", is_doc], True),
        (["*/none/*", is_never], False),
    ],
)
def test_is_match(matcher, expected):
    assert CrawlerRunConfig(url_matcher=matcher).is_match(URL) is expected


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [([], False), (["*", is_doc], True), (["*/none/*", is_doc], False), (["*", is_never], False)],
)
def test_and_wants_every_item(matcher, expected):
    assert CrawlerRunConfig(url_matcher=matcher, match_mode=MatchMode.AND).is_match(URL) is expected


def test_what_a_matcher_raises_reaches_the_caller():
    def broken(url):
        raise LookupError(url)

    with pytest.raises(LookupError):
        CrawlerRunConfig(url_matcher=["*/none/*", broken]).is_match(URL)
    with pytest.raises(LookupError):
        select_config(URL, [CrawlerRunConfig(url_matcher=broken), CrawlerRunConfig()])


def test_the_first_config_that_matches_is_selected():
    docs, pdf = CrawlerRunConfig(url_matcher="*/docs/*"), CrawlerRunConfig(url_matcher="*.pdf")
    anything = CrawlerRunConfig()
    configs = [pdf, docs, anything]
    assert select_config(URL, configs) is docs
    assert select_config("https://example.com/docs/a.pdf", configs) is pdf
    assert select_config("https://example.com/", configs) is anything
    assert select_config("https://example.com/", [pdf, docs]) is None
    assert select_config(URL, []) is None
