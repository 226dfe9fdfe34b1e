"""Extraction as a part of reading a page, and of a crawl."""

import json

import pytest

import nephila
from nephila import (
    AsyncWebCrawler,
    ChunkingStrategy,
    CrawlerRunConfig,
    ExtractionStrategy,
    FixedLengthWordChunking,
    JsonCssExtractionStrategy,
    NoExtractionStrategy,
    PruningContentFilter,
    RegexExtractionStrategy,
)
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.extract.pool import ReadingPlan
from tests.extract.reading import read_html, read_well

PAGE = """<!doctype html><html><head><title>T</title></head><body>
<nav><a href="/n">nav@example.com</a></nav>
<div class="p"><h2>One</h2><a href="one">x</a></div>

<div class="p"><h2>Zwei €</h2><a href="/two">y</a></div>
<p>Write to main@example.com today, about 5 words more.</p></body></html>"""
SCHEMA = {
    "name": "P",
    "baseSelector": "div.p",
    "fields": [
        {"name": "title", "selector": "h2", "type": "text"},
        {"name": "href", "selector": "a", "type": "attribute", "attribute": "href"},
    ],
}


class Pieces(ExtractionStrategy):
    """One record for each piece it is given."""

    def extract(self, url, html):
        return [{"url": url, "piece": html}]


class Broken(ExtractionStrategy):
    def extract(self, url, html):
        raise LookupError("no such thing")


class NoList(ExtractionStrategy):
    def run(self, url, sections):
        return {"a": 1}

    def extract(self, url, html):
        return []


class BrokenChunks(ChunkingStrategy):
    def chunk(self, text):
        raise LookupError("no chunks")


def pieces(input_format, **options):
    document = read_well(PAGE, extraction_strategy=Pieces(input_format), **options)
    return [record["piece"] for record in json.loads(document.extracted_content)]


def test_a_schema_reads_attributes_as_they_are_and_gives_json():
    document = read_well(PAGE, extraction_strategy=JsonCssExtractionStrategy(SCHEMA))
    assert document.extracted_content == (
        '[\n    {\n        "title": "One",\n        "href": "one"\n    },\n'
        '    {\n        "title": "Zwei €",\n        "href": "/two"\n    }\n]'
    )
    assert document.markdown.raw_markdown
    assert document.links["internal"][1]["href"] == "https://www.example.com/dir/one"


def test_selection_holds_for_extraction_too():
    document = read_well(
        PAGE, extraction_strategy=JsonCssExtractionStrategy(SCHEMA), excluded_selector="div:has(> a[href='/two'])"
    )
    assert [record["title"] for record in json.loads(document.extracted_content)] == ["One"]
    assert "<nav>" not in pieces("html", excluded_tags=["nav"])[0]


def test_what_matched_nothing_is_a_warning():
    document = read_well("<p>x", extraction_strategy=JsonCssExtractionStrategy(SCHEMA))
    assert document.extracted_content == "[]"
    assert document.warnings == ["JsonCssExtractionStrategy: baseSelector 'div.p' matches nothing on this page."]


def test_formats():
    assert pieces("html") == [PAGE]
    (cleaned,) = pieces("cleaned_html")
    assert "<h2>One</h2>" in cleaned and "<title>" not in cleaned
    plain = DefaultMarkdownGenerator(content_filter=None)
    assert pieces("fit_html", markdown_generator=plain) == [cleaned]
    markdown = pieces("markdown")
    assert markdown == pieces("fit_markdown", markdown_generator=plain)
    assert "## One" in markdown and len(markdown) > 4
    generator = DefaultMarkdownGenerator(content_filter=PruningContentFilter())
    assert "nav@" not in "".join(pieces("fit_markdown", markdown_generator=generator))
    assert "nav@" not in "".join(pieces("fit_html", markdown_generator=generator))


def test_markdown_comes_in_the_pieces_of_the_chunking_strategy_and_html_does_not():
    chunking = FixedLengthWordChunking(4)
    assert all(len(piece.split()) <= 4 for piece in pieces("markdown", chunking_strategy=chunking))
    assert len(pieces("html", chunking_strategy=chunking)) == 1


def test_spans_count_in_the_whole_text():
    plain = DefaultMarkdownGenerator(content_filter=None)
    emails = RegexExtractionStrategy(RegexExtractionStrategy.Email)
    document = read_well(PAGE, extraction_strategy=emails, markdown_generator=plain)
    found = json.loads(document.extracted_content)
    assert {match["value"] for match in found} == {"nav@example.com", "main@example.com"}
    assert all(document.cleaned_html[slice(*match["span"])] == match["value"] for match in found)
    strategy = RegexExtractionStrategy(RegexExtractionStrategy.Email, input_format="markdown")
    document = read_well(PAGE, extraction_strategy=strategy)
    for match in json.loads(document.extracted_content):
        assert document.markdown.raw_markdown[slice(*match["span"])] == match["value"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"extraction_strategy": Broken()}, "extraction_strategy Broken raised LookupError: no such thing"),
        ({"extraction_strategy": NoList()}, "extraction_strategy NoList raised TypeError: it returned a dict"),
        ({"extraction_strategy": Pieces("pdf")}, "Pieces raised ValueError: input_format is one of"),
        ({"extraction_strategy": Pieces(), "chunking_strategy": BrokenChunks()}, "LookupError: no chunks"),
        (
            {"extraction_strategy": JsonCssExtractionStrategy({"baseSelector": "p", "fields": [
                {"name": "a", "type": "computed", "function": lambda record: record["b"]}]})},
            "fields[0].function raised KeyError: 'b'",
        ),
    ],
)  # fmt: skip
def test_a_strategy_that_raises_fails_its_page_only(options, sentence):
    document = read_html(PAGE, **options)
    assert document.error_code == "user_code"
    assert sentence in document.error
    assert document.extracted_content is None
    assert "main@example.com" in document.markdown.raw_markdown


def test_nothing_is_extracted_where_nothing_is_asked_for():
    assert read_well(PAGE).extracted_content is None
    assert read_well(PAGE, extraction_strategy=NoExtractionStrategy()).extracted_content is None
    assert (
        read_well(PAGE, extraction_strategy=JsonCssExtractionStrategy(SCHEMA), prefetch=True).extracted_content is None
    )
    assert NoExtractionStrategy().extract("u", "x") == [{"index": 0, "content": "x"}]


def test_other_bodies():
    email = RegexExtractionStrategy(RegexExtractionStrategy.Email, input_format="html")
    document = read_well('{"mail": "a@b.org"}', content_type="application/json", extraction_strategy=email)
    assert json.loads(document.extracted_content)[0]["span"] == [10, 17]
    document = read_well("a", content_type="text/plain", extraction_strategy=JsonCssExtractionStrategy(SCHEMA))
    assert document.extracted_content == "[]"
    assert document.warnings == ["JsonCssExtractionStrategy: Schemas apply to HTML; this body is text."]
    assert (
        read_well(b"\x89PNG\r\n\x1a\n", content_type="image/png", extraction_strategy=email).extracted_content is None
    )


def test_lone_surrogates_and_large_numbers_become_json():
    class Odd(ExtractionStrategy):
        def extract(self, url, html):
            return [{"a": "\ud800", "b": 2**70, "c": float("nan")}]

    (record,) = json.loads(read_well(PAGE, extraction_strategy=Odd("html")).extracted_content)
    assert record == {"a": "\ufffd", "b": 2.0**70, "c": None}


def test_built_in_strategies_go_to_workers():
    for strategy in (JsonCssExtractionStrategy(SCHEMA), RegexExtractionStrategy(RegexExtractionStrategy.All)):
        plan = ReadingPlan.of(CrawlerRunConfig(extraction_strategy=strategy))
        assert plan.pickled is not None
        assert plan.in_worker
    own = {"name": "n", "type": "computed", "function": lambda record: 1}
    strategy = JsonCssExtractionStrategy({**SCHEMA, "fields": [own]})
    assert ReadingPlan.of(CrawlerRunConfig(extraction_strategy=strategy)).pickled is None
    assert not ReadingPlan.of(CrawlerRunConfig()).in_worker


async def test_a_crawl_extracts_in_a_worker_and_a_bad_pattern_only_costs_its_page():
    slow = RegexExtractionStrategy(custom={"slow": r"(a|a)*b"}, input_format="html")
    async with AsyncWebCrawler() as crawler:
        config = CrawlerRunConfig(extraction_strategy=JsonCssExtractionStrategy(SCHEMA))
        result = await crawler.arun("raw:" + PAGE, config=config)
        assert result.success
        assert [record["title"] for record in json.loads(result.extracted_content)] == ["One", "Zwei €"]
        late = await crawler.arun("raw:<p>" + "a" * 60, extraction_strategy=slow, page_timeout=1500)
        assert (late.success, late.error_code) == (False, "timeout")
        again = await crawler.arun("raw:" + PAGE, config=config)
        assert again.extracted_content == result.extracted_content
        own = await crawler.aprocess_html("https://a.example/", PAGE, config=config)
        assert own.extracted_content == result.extracted_content
        given = await crawler.aprocess_html("https://a.example/", PAGE, extracted_content="[]", config=config)
        assert given.extracted_content == "[]"


async def test_a_strategy_of_the_caller_runs_in_the_process():
    async with AsyncWebCrawler() as crawler:
        result = await crawler.arun("raw:" + PAGE, extraction_strategy=Pieces("html"))
        assert json.loads(result.extracted_content)[0]["piece"] == PAGE
        failed = await crawler.arun("raw:" + PAGE, extraction_strategy=Broken())
        assert (failed.success, failed.error_code) == (False, "user_code")


async def test_a_strategy_can_be_awaited_by_itself():
    assert await Pieces().arun("u", ["a", "b"]) == [{"url": "u", "piece": "a"}, {"url": "u", "piece": "b"}]


def test_configs_with_schemas_can_be_stored():
    config = CrawlerRunConfig(extraction_strategy=JsonCssExtractionStrategy(SCHEMA))
    loaded = nephila.CrawlerRunConfig.load(config.dump())
    assert loaded.extraction_strategy.schema == SCHEMA
