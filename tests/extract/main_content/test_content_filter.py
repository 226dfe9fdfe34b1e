"""`MainContentFilter`: every kind of page, what goes, and what must never happen."""

from __future__ import annotations

import time

import pytest
import turbohtml

from nephila import ConfigError, DefaultMarkdownGenerator, MainContentFilter
from nephila.extract.document import read
from nephila.models import MarkdownGenerationResult, RawPage
from nephila.options.reading import ReadingOptions

SENTENCE = "The old harbour was rebuilt after the flood, and its owners, who had lost everything, moved inland."
OTHER = "Nobody in the village remembers the year, but the church books name three families who stayed behind."
NAVIGATION = (
    '<nav><ul><li><a href="/a">Home</a></li><li><a href="/b">World news</a></li><li><a href="/c">Sport</a></li>'
    "</ul></nav>"
)
FOOTER = '<footer><p>Copyright 2024 Example Limited. <a href="/privacy">Privacy policy</a></p></footer>'
RELATED = (
    '<div class="related-posts"><h3>You may also like</h3><ul>'
    + "".join(f'<li><a href="/r{number}">Ten unrelated things number {number}</a></li>' for number in range(6))
    + "</ul></div>"
)


def page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>A page</title>{head}</head><body>{body}</body></html>"


def fit(
    html: str, content_filter: MainContentFilter | None = None, url: str = "https://example.com/"
) -> MarkdownGenerationResult:
    options = ReadingOptions(markdown_generator=DefaultMarkdownGenerator(content_filter or MainContentFilter()))
    document = read(RawPage(url, html.encode(), "text/html; charset=utf-8"), options)
    assert document.error == ""
    return document.markdown


def article() -> str:
    paragraphs = "".join(f"<p>{number}. {SENTENCE} {OTHER}</p>" for number in range(8))
    share = '<div class="social-share"><a href="https://x.example/s">Share</a> <a href="#">Tweet</a></div>'
    body = f'<main><article class="post"><h1>The harbour</h1>{share}<div class="entry">{paragraphs}</div></article>'
    return page(f"{NAVIGATION}{body}</main>{RELATED}{FOOTER}", '<meta property="og:type" content="article">')


def test_of_an_article_the_text_stays_and_the_furniture_goes() -> None:
    markdown = fit(article(), url="https://example.com/news/the-harbour")
    assert markdown.page_type == "article"
    assert markdown.fit_markdown is not None
    for number in range(8):
        assert f"{number}. {SENTENCE} {OTHER}" in markdown.fit_markdown.replace("\\.", ".")
    for gone in ("World news", "Privacy policy", "Ten unrelated things", "Tweet"):
        assert gone not in markdown.fit_markdown
    assert markdown.fit_confidence is not None and 0.7 < markdown.fit_confidence <= 1


def test_of_a_forum_all_posts_stay() -> None:
    posts = "".join(
        f'<div class="post" id="p{number}"><div class="author"><a href="/u/{number}">user{number}</a></div>'
        f'<div class="content"><p>Answer {number}: {SENTENCE}</p><p>{OTHER} It was in {1900 + number}.</p></div></div>'
        for number in range(7)
    )
    html = page(f'{NAVIGATION}<h1>Who knows the harbour?</h1><div class="thread">{posts}</div>{FOOTER}')
    markdown = fit(html, url="https://forum.example.com/t/who-knows-the-harbour/12")
    assert markdown.page_type == "forum"
    assert all(f"Answer {number}: {SENTENCE}" in (markdown.fit_markdown or "") for number in range(7))
    assert "World news" not in (markdown.fit_markdown or "")


def test_of_a_collection_the_grid_stays() -> None:
    cards = "".join(
        f'<li class="product-card"><a href="/p/{number}"><h3>Woollen sock number {number}</h3></a>'
        f'<span class="price">${number + 10}.99</span></li>'
        for number in range(24)
    )
    html = page(f'{NAVIGATION}<h1>Socks</h1><ul class="product-grid">{cards}</ul>{FOOTER}')
    markdown = fit(html, url="https://shop.example.com/collections/socks")
    assert markdown.page_type in ("collection", "listing")
    assert all(f"Woollen sock number {number}" in (markdown.fit_markdown or "") for number in range(24))
    assert "$20.99" in (markdown.fit_markdown or "")


def test_of_documentation_code_and_tables_stay_whole() -> None:
    rows = "".join(f"<tr><td>option{number}</td><td></td><td>{OTHER}</td></tr>" for number in range(5))
    sections = "".join(
        f"<h2>Part {number}</h2><p>{SENTENCE}</p><pre><code>call({number})\n  .then()</code></pre>"
        for number in range(5)
    )
    table = f"<table><thead><tr><th>Name</th><th>Unit</th><th>Meaning</th></tr></thead><tbody>{rows}</tbody></table>"
    html = page(f'{NAVIGATION}<main class="docs-content"><h1>API reference</h1>{sections}{table}</main>{FOOTER}')
    markdown = fit(html, url="https://docs.example.com/reference/api.html")
    assert markdown.page_type == "documentation"
    assert "call(4)\n  .then()" in (markdown.fit_markdown or "")
    cells = [
        [cell.text for cell in row.select("td,th")] for row in turbohtml.parse(markdown.fit_html or "").select("tr")
    ]
    assert cells[0] == ["Name", "Unit", "Meaning"]
    assert cells[1:] == [[f"option{number}", "", OTHER] for number in range(5)]


def test_of_a_product_its_description_stays() -> None:
    data = (
        '<script type="application/ld+json">{"@type": "Product", "name": "Kettle", "offers": {"@type": "Offer", '
        '"price": "49.00"}}</script>'
    )
    html = page(
        f'{NAVIGATION}<div class="product"><h1>Kettle</h1><div class="price">$49.00</div><button>Add to cart</button>'
        f'<div class="product-description"><p>{SENTENCE}</p><ul><li>Holds two litres</li><li>Steel, brushed</li></ul>'
        f"<p>{OTHER}</p></div></div>{RELATED}{FOOTER}",
        data,
    )
    markdown = fit(html, url="https://shop.example.com/products/kettle")
    assert markdown.page_type == "product"
    assert SENTENCE in (markdown.fit_markdown or "") and OTHER in (markdown.fit_markdown or "")
    assert "Privacy policy" not in (markdown.fit_markdown or "")


def test_links_pictures_and_inline_markup_stay_inside_what_is_kept() -> None:
    html = article().replace(
        "The old harbour", '<em>The</em> <a href="/harbour"><b>old</b> harbour</a> <img src="/h.png" alt="map">'
    )
    markdown = fit(html)
    assert markdown.fit_html is not None
    assert '<em>The</em> <a href="https://example.com/harbour"><b>old</b> harbour</a> <img src=' in markdown.fit_html
    assert "[**old** harbour](https://example.com/harbour)" in (markdown.fit_markdown or "")


def test_a_link_around_blocks_ends_where_it_ended() -> None:
    html = article().replace("<p>0.", '<a href="/x"><div>Before</div></a><p>0.')
    fit_html = fit(html).fit_html or ""
    assert turbohtml.parse_fragment(fit_html).select_one("a p") is None


@pytest.mark.parametrize(
    "body",
    [
        "word",
        "<nav>Only navigation</nav>",
        "<footer><p>Only a footer</p></footer>",
        "<ul><li><a href=/a>one</a></li></ul>",
        "<textarea>Only a field</textarea>",
        "<p>x</p>" * 3,
        "<div><span>Accept all cookies</span></div>",
    ],
)
def test_a_page_with_text_never_comes_out_empty(body: str) -> None:
    markdown = fit(page(body))
    assert (markdown.fit_markdown or "").strip()
    assert MainContentFilter().filter_content(page(body))


@pytest.mark.parametrize("body", ["", "   ", "<div></div>", "<img src=a.png>"])
def test_a_page_without_text_gives_nothing(body: str) -> None:
    markdown = fit(page(body))
    assert markdown.fit_html == "" and markdown.fit_confidence == 0.0
    assert MainContentFilter().filter_content(page(body)) == []


def test_page_type_is_taken_as_given() -> None:
    assert fit(article(), MainContentFilter(page_type="forum")).page_type == "forum"


def test_favor_moves_the_border() -> None:
    mixed = article().replace("</main>", f"<div><p>{OTHER}</p><p>Read <a href=/m>more</a> here</p></div></main>" * 3)
    sizes = [
        len(fit(mixed, MainContentFilter(favor=favor)).fit_html or "") for favor in ("precision", "balance", "recall")
    ]
    assert sizes == sorted(sizes) and sizes[0] < sizes[2]


def test_min_word_threshold_leaves_out_short_texts_but_headings() -> None:
    html = article().replace("<p>3.", "<h2>Part</h2><p>Yes, so it was.</p><p>3.")
    assert "Yes, so it was." in (fit(html).fit_markdown or "")
    shortened = fit(html, MainContentFilter(min_word_threshold=8)).fit_markdown or ""
    assert "Yes, so it was." not in shortened and "## Part" in shortened
    kept = MainContentFilter(min_word_threshold=8).filter_content(html, min_word_threshold=2)
    assert "Yes, so it was." in kept[0]


@pytest.mark.parametrize("wrong", [{"page_type": "blog"}, {"favor": "speed"}])
def test_unknown_words_are_errors(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="is one of"):
        MainContentFilter(**wrong)  # type: ignore[arg-type]


def test_filter_content_agrees_with_reading() -> None:
    assert SENTENCE in MainContentFilter().filter_content(article())[0]


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 200_000 + "deep",
        "<b>" * 50_000 + "inline",
        "<nav><footer>" * 40_000 + "x",
        "<p>word</p>" * 60_000,
        f"<p>{'word ' * 400_000}</p>",
        "<table>" + "<tr><td>1<td>2" * 30_000,
        "<a href=x>" * 30_000 + "x" + "</a>" * 30_000,
    ],
    ids=["depth", "inline", "cut", "paragraphs", "one text", "table", "links"],
)
def test_time_is_linear(body: str) -> None:
    html = page(body)
    started = time.process_time()
    assert MainContentFilter().filter_content(html)
    assert time.process_time() - started < 6


def test_what_only_the_json_ld_tells_is_added() -> None:
    data = f'{{"@type": "Product", "name": "Kettle", "description": "{SENTENCE} &lt;b&gt;{OTHER}"}}'
    html = page('<div class="product"><h1>Kettle</h1><div class="price">$49.00</div></div>')
    html = html.replace("</head>", f'<script type="application/ld+json">{data}</script></head>')
    told = MainContentFilter(page_type="product").filter_content(html)[0]
    assert SENTENCE in told and OTHER in told and "<b>" not in told
    there = html.replace("</h1>", f"</h1><p>{SENTENCE}</p>")
    assert MainContentFilter(page_type="product").filter_content(there)[0].count(SENTENCE) == 1
