import pytest

from nephila.extract import cleaning
from tests.extract.reading import read_well


def clean(html, **options):
    return read_well(html, **options).cleaned_html


@pytest.mark.parametrize(
    "html",
    [
        "<script>gone</script>",
        "<style>gone</style>",
        "<noscript>gone</noscript>",
        "<template>gone</template>",
        "<iframe>gone</iframe>",
        "<iframe src=/gone></iframe>",
        "<object>gone</object>",
        "<svg><text>gone</text></svg>",
        "<canvas>gone</canvas>",
        "<!-- gone -->",
        "<div hidden>gone</div>",
        "<p hidden=''>gone</p>",
        "<dialog>gone</dialog>",
        "<meta name=gone>",
        "<link rel=gone>",
    ],
)
def test_what_goes(html):
    document = read_well(f"<p>before{html}after</p>")
    assert "gone" not in document.cleaned_html
    assert "gone" not in document.markdown.raw_markdown
    assert "before" in document.cleaned_html
    assert "after" in document.cleaned_html


@pytest.mark.parametrize(
    "html",
    [
        '<p class="a b" id="i" title="t" lang="de" dir="rtl">x</p>',
        '<a href="https://other.example/">x</a>',
        '<a href="mailto:a@b.example">x</a>',
        '<a href="tel:+491">x</a>',
        '<img src="https://other.example/a.png" alt="a" width="5" height="6">',
        '<ol start="3"><li value="4">x</li></ol>',
        '<time datetime="2024-01-02">x</time>',
        '<pre><code class="language-python">x</code></pre>',
        '<pre data-lang="js">x</pre>',
        '<table><tbody><tr><th scope="row">x</th><td colspan="2" rowspan="3">y</td></tr></tbody></table>',
        '<details open=""><summary>x</summary>y</details>',
        '<dialog open="">x</dialog>',
        '<abbr title="t">x</abbr>',
        '<input type="checkbox" checked="">',
        '<math display="block"><mi>x</mi></math>',
        "<ruby>x<rt>y</rt></ruby>",
        '<div hidden="until-found">x</div>'.replace(' hidden="until-found"', ""),
    ],
)
def test_what_stays(html):
    assert clean(html) == html


@pytest.mark.parametrize(
    ("html", "cleaned"),
    [
        ("<p style=color:red onclick=x() data-x=1 role=note aria-label=l>x</p>", "<p>x</p>"),
        ("<a href='javascript:alert(1)'>x</a>", "<a>x</a>"),
        ("<a href=/x target=_blank rel=nofollow ping=/p>x</a>", '<a href="https://www.example.com/x">x</a>'),
        ("<img src=/a.png srcset='/b.png 2x' loading=lazy>", '<img src="https://www.example.com/a.png">'),
        ("<my-card><b>x</b> y</my-card>", "<b>x</b> y"),
        ("<div hidden=until-found>x</div><div hidden role=tabpanel>y</div>", "<div>x</div><div>y</div>"),
        ("<input type=text value=secret>", '<input type="text">'),
    ],
)
def test_what_changes(html, cleaned):
    assert clean(html) == cleaned


def test_keep_data_attributes():
    html = "<p data-x=1 data-y onclick=z>x</p>"
    assert clean(html, keep_data_attributes=True) == '<p data-x="1" data-y="">x</p>'


def test_keep_attrs():
    html = "<p role=note style='color: red' onclick=z aria-label=l>x</p><q cite=/c>y</q>"
    kept = clean(html, keep_attrs=["ROLE", "style", "onclick", "cite"])
    assert 'role="note"' in kept
    assert "color: red" in kept
    assert "onclick" not in kept
    assert "aria-label" not in kept
    assert 'cite="https://www.example.com/c"' in kept


PAGE = """<h2>One two</h2><p>one</p><p>one two three four</p><div>one</div><ul><li>one<li>one two three</ul>
<table><tr><td>one<td><p>one</p></table><pre>one</pre><p><img src=/a.png></p><blockquote>one two</blockquote>"""


def test_word_count_threshold():
    cleaned = clean(PAGE, word_count_threshold=3)
    assert "<h2>" not in cleaned
    assert "<blockquote>" not in cleaned
    assert "<div>" not in cleaned
    assert "<p>one two three four</p>" in cleaned
    assert "<li>one two three</li>" in cleaned
    assert "<li>one</li>" not in cleaned
    assert "<td>one</td><td><p>one</p></td>" in cleaned
    assert "<pre>one</pre>" in cleaned
    assert "<img" in cleaned
    assert clean(PAGE, word_count_threshold=1) == clean(PAGE)
    assert "One two" not in read_well(PAGE, word_count_threshold=3).markdown.raw_markdown


def test_only_text():
    html = """<h1>Head</h1><p>Some <b>bold</b> <a href=/x>link</a><img src=/a.png alt=i></p><ul><li>item</ul>
    <table><tr><td colspan=2>cell</table><script>no</script>"""
    document = read_well(html, only_text=True)
    assert document.cleaned_html.startswith("<h1>Head</h1><p>Some bold link</p><ul><li>item")
    assert '<td colspan="2">cell</td>' in document.cleaned_html
    for mark in ("*", "](", "![", "http", "no"):
        assert mark not in document.markdown.raw_markdown.replace("* item", "")
    for word in ("Head", "Some bold link", "item", "cell"):
        assert word in document.markdown.raw_markdown
    assert len(document.links["internal"]) == 1
    assert len(document.media["images"]) == 1


def test_prettiify():
    html = "<div><p>x</p></div>"
    assert clean(html, prettiify=True) == "<div>\n  <p>x</p>\n</div>"
    assert clean(html) == html


def test_a_run_of_line_breaks_is_cut_on_pages_full_of_them():
    many = cleaning.MANY_BREAKS + 50
    document = read_well(f"a{'<br>' * many}b<br>c<br><br>d")
    assert document.cleaned_html == "a<br><br>b<br>c<br><br>d"
    few = read_well(f"a{'<br>' * 10}b")
    assert few.cleaned_html.count("<br>") == 10
    lines = read_well("x<br>" * many)
    assert lines.cleaned_html.count("<br>") == many


def test_line_breaks_between_images():
    html = "<br><img src=/a.png>" * 600
    assert read_well(html).cleaned_html.count("<br>") == cleaning.MANY_BREAKS
