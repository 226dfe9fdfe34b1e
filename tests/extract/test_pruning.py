import pickle

import pytest
import turbohtml

from nephila.errors import ConfigError
from nephila.extract.pruning import PruningContentFilter
from nephila.extract.text_blocks import measure

TEXT = "A paragraph of <b>plain</b> words with <a href='/l'>a link</a> in it, long enough to be worth reading. "
PARAGRAPH = f"<p>{TEXT}</p>"
MENU = "<ul>" + '<li><a class="item" href="https://example.com/some/long/path/to/a/page">Item</a></li>' * 8 + "</ul>"


def keep(html, **settings):
    return "".join(PruningContentFilter(**settings).filter_content(html))


def test_content_stays_and_menus_go():
    kept = keep(f"<nav>Top</nav><div>{MENU}</div><article><h1>Title</h1>{PARAGRAPH * 3}</article><footer>Foot</footer>")
    assert "<h1>Title</h1>" in kept
    assert kept.count("worth reading") == 3
    assert not any(word in kept for word in ("Top", "Item", "Foot"))


def test_the_text_of_a_kept_block_is_whole():
    kept = turbohtml.parse(keep(f"<div>{PARAGRAPH * 2}</div>"))
    assert kept.find("p").inner_html == turbohtml.parse(PARAGRAPH).find("p").inner_html


def test_blocks_come_in_document_order_and_loose_text_with_them():
    blocks = PruningContentFilter().filter_content(f"loose <b>text</b> here{PARAGRAPH}<script>x()</script>tail & end")
    assert blocks[0] == "loose <b>text</b> here"
    assert blocks[1].startswith("<p>A paragraph")
    assert blocks[2] == "tail &amp; end"


def test_an_article_keeps_its_own_header():
    page = f"<header>Site</header><article><header><h1>Title</h1><p>By an author</p></header>{PARAGRAPH}</article>"
    assert "Title" in keep(page)
    assert "Site" not in keep(page)


@pytest.mark.parametrize("tag", ["form", "header", "aside", "footer", "nav", "noscript"])
def test_furniture_around_the_whole_page_does_not_empty_it(tag):
    assert "worth reading" in keep(f"<{tag}>{PARAGRAPH * 3}</{tag}>")


@pytest.mark.parametrize(
    "html",
    [
        "x",
        "<div>x</div>",
        MENU,
        f"<nav>{MENU}</nav>",
        "<nav>x</nav><footer>y</footer>",
        "<span>x</span>",
        "<div><div><ul><li><a href='/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>x</a></ul></div></div>",
    ],
)
@pytest.mark.parametrize("threshold", [0.48, 100.0])
def test_a_page_with_text_never_comes_out_empty(html, threshold):
    assert turbohtml.parse(keep(html, threshold=threshold)).text.strip()


@pytest.mark.parametrize("html", ["", "   ", "<script>x</script>", "<style>a{}</style><div></div>", "<!-- c -->"])
def test_a_page_without_text_has_no_blocks(html):
    assert keep(html) == ""


def test_threshold():
    page = PARAGRAPH * 2 + "<div class='x y z'><p>Short one.</p></div>"
    assert "Short one" in keep(page, threshold=0.1)
    assert "Short one" not in keep(page, threshold=1.1)
    assert "worth reading" in keep(page, threshold=1.1)


def test_threshold_type_dynamic_is_kinder_to_text_and_harder_on_links():
    text = f"<p>Short.</p>{PARAGRAPH}"
    links = f'<div class="links"><a href="/aaaaaaaaaaaaaaaa">Some link text here</a></div>{PARAGRAPH}'
    assert "Short." not in keep(text, threshold=1.05)
    assert "Short." in keep(text, threshold=1.05, threshold_type="dynamic")
    assert "Some link" in keep(links, threshold=0.5)
    assert "Some link" not in keep(links, threshold=0.5, threshold_type="dynamic")


def test_min_word_threshold_spares_headings():
    page = f"<h2>One</h2><p>Two words</p>{PARAGRAPH}"
    assert "Two words" in keep(page)
    kept = keep(page, min_word_threshold=5)
    assert "Two words" not in kept
    assert "One" in kept
    assert "Two words" not in "".join(PruningContentFilter().filter_content(page, 5))


@pytest.mark.parametrize("settings", [{"preserve_classes": ["keep", "other"]}, {"preserve_tags": ["NAV", "mark"]}])
def test_preserved_elements_stay_wherever_they_are(settings):
    inner = '<nav class="keep">Crumbs</nav>' if "preserve_classes" in settings else "<nav>Crumbs</nav>"
    page = f"{PARAGRAPH * 2}<footer><div>Imprint</div><div>{inner}</div></footer>"
    assert "Crumbs" not in keep(page)
    kept = keep(page, **settings)
    assert "Crumbs" in kept
    assert "Imprint" not in kept


def test_names_of_page_furniture_count_against_a_block():
    block = "<div {}>" + "Twelve words or so of text that is neither short nor long." + "</div>"
    page = PARAGRAPH + block
    between = 1.05
    assert "Twelve" in keep(page.format(""), threshold=between)
    assert "Twelve" not in keep(page.format('class="social-share" id="comments"'), threshold=between)


def test_tables_of_values_are_kept_or_dropped_as_one():
    rows = "".join(f"<tr><td>{number}</td><td><a href='/{number}'>x</a></td></tr>" for number in range(9))
    assert keep(f"{PARAGRAPH}<table>{rows}</table>").count("<tr>") in (0, 9)


def test_a_picture_without_text_stays():
    assert "<img" in keep(f'{PARAGRAPH}<figure><img src="/i.png"></figure>')


def test_wrong_threshold_type():
    with pytest.raises(ConfigError, match="threshold_type"):
        PruningContentFilter(threshold_type="adaptive")


def test_a_filter_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(PruningContentFilter(preserve_tags=["nav"])))
    assert sent.filter_content("<nav>a</nav><p>b</p>") == PruningContentFilter(preserve_tags=["nav"]).filter_content(
        "<nav>a</nav><p>b</p>"
    )


def test_hostile_pages():
    assert "deep" in keep("<div>" * 200_000 + "deep")
    assert "deep" in keep("<table><tr><td>" * 20_000 + "deep")
    assert keep("<p>a" * 200_000).count("<p>") == 200_000
    assert keep("<template>" * 2_000 + "x" + "</template>" * 2_000 + "y") == "y"


def test_measure_counts_every_part_once():
    top = measure(
        turbohtml.parse('<body>one <div>two <a href="/x">three</a><p>four</p></div><script>no</script></body>')
    )
    block = top.blocks[0].blocks[0].blocks[0]
    assert block.tag == "div"
    assert (block.words, block.own_words, block.link_length) == (3, 2, 5)
    assert block.markup_length == len('two <a href="/x">three</a><p>four</p>')
    assert top.words == 4
