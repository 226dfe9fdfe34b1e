import pickle
from copy import copy

import pytest
import turbohtml

from nephila.errors import ConfigError
from nephila.extract.filters import BM25ContentFilter, PruningContentFilter
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.options.strategies import RelevantContentFilter

PAGE = "https://example.com/dir/page"


def write(html, **options):
    return DefaultMarkdownGenerator(options=options).generate_markdown(html, PAGE).raw_markdown


def test_a_page_in_every_variant():
    result = DefaultMarkdownGenerator().generate_markdown('<h1>T</h1><p>See <a href="../x">this</a>.', PAGE)
    assert result.raw_markdown == str(result) == "# T\n\nSee [this](https://example.com/x)."
    assert result.markdown_with_citations == "# T\n\nSee this⟨1⟩."
    assert result.references_markdown == "\n\n## References\n\n⟨1⟩ https://example.com/x: this\n"
    assert result.fit_markdown is None
    assert result.fit_html is None


def test_without_citations():
    result = DefaultMarkdownGenerator().generate_markdown('<a href="/x">t</a>', PAGE, citations=False)
    assert result.markdown_with_citations == result.raw_markdown
    assert result.references_markdown == ""


def test_base_href_and_no_base():
    generator = DefaultMarkdownGenerator()
    html = '<base href="https://other.example/a/"><a href="b">t</a>'
    assert generator.generate_markdown(html, PAGE).raw_markdown == "[t](https://other.example/a/b)"
    assert generator.generate_markdown('<a href="b">t</a>').raw_markdown == "[t](b)"


def test_generate_writes_a_tree_without_parsing_it_again():
    tree = turbohtml.parse('<body><p>a</p><div><p>b <a href="https://x/">c</a></div>')
    generator = DefaultMarkdownGenerator()
    assert generator.generate(copy(tree), PAGE).raw_markdown == "a\n\nb [c](https://x/)"
    assert generator.generate(tree.find("div"), PAGE).markdown_with_citations == "b c⟨1⟩"


def test_only_text_is_text_in_every_variant():
    tree = turbohtml.parse('<h1>T</h1><p><b>a</b> <a href="https://x/">l</a> *<img src="i" alt="p"><ul><li>item</ul>')
    generator = DefaultMarkdownGenerator(PruningContentFilter())
    result = generator.generate(tree, PAGE, only_text=True)
    assert result.raw_markdown == result.markdown_with_citations == "T\n\na l *\n\n* item"
    assert result.fit_markdown == result.raw_markdown
    assert result.references_markdown == ""


def test_one_set_of_options_is_applied_the_call_before_the_generator():
    generator = DefaultMarkdownGenerator(options={"emphasis_mark": "_"})
    html = "<i>a</i><b>b</b>"
    assert generator.generate_markdown(html).raw_markdown == "_a_**b**"
    assert generator.generate_markdown(html, options={"strong_mark": "__"}).raw_markdown == "*a*__b__"
    given = generator.generate_markdown(
        html, options={"strong_mark": "__"}, html2text_options={"ignore_emphasis": True}
    )
    assert given.raw_markdown == "ab"


def test_wrong_arguments_are_refused():
    with pytest.raises(ConfigError, match="content_source"):
        DefaultMarkdownGenerator(content_source="html")
    with pytest.raises(ConfigError, match="ignore_links"):
        DefaultMarkdownGenerator().generate_markdown("x", options={"ignore_linkz": True})


def test_a_generator_can_be_sent_to_another_process():
    generator = DefaultMarkdownGenerator(PruningContentFilter(), {"preserve_tags": ["kbd"], "include_sup_sub": True})
    sent = pickle.loads(pickle.dumps(generator))
    result = sent.generate(turbohtml.parse("<p>a <kbd>b</kbd> c<sup>2</sup>"), PAGE)
    assert result.raw_markdown == "a <kbd>b</kbd> c<sup>2</sup>"
    assert result.fit_markdown == result.raw_markdown


@pytest.mark.parametrize("content_filter", [PruningContentFilter(), BM25ContentFilter("spider")])
def test_a_filter_gives_fit_markdown(content_filter):
    text = "The golden orb-weaver is a spider of the warm parts of the world and makes a large golden web. " * 3
    html = f'<nav><a href="/">Home</a> <a href="/b">Blog</a></nav><p>{text}<a href="/x">More</a></p><aside>Ad</aside>'
    result = DefaultMarkdownGenerator(content_filter).generate_markdown(html, PAGE)
    assert "Home" in result.raw_markdown
    assert result.fit_markdown == f"{text}[More](https://example.com/x)"
    assert result.fit_html.startswith("<div><p>The golden")


class KeepParagraphs(RelevantContentFilter):
    def filter_content(self, html, min_word_threshold=None):
        self.seen = html
        return [node.html for node in turbohtml.parse(html).find_all("p")]


class Broken(RelevantContentFilter):
    def filter_content(self, html, min_word_threshold=None):
        raise LookupError("mine")


def test_a_filter_of_the_caller_sees_the_html_and_chooses_blocks():
    mine = KeepParagraphs()
    html = '<h1>x<a href="#x">¶</a></h1><p>a <b>b</b></p><pre class="hljs js">c</pre><p>d</p>'
    result = DefaultMarkdownGenerator().generate_markdown(html, PAGE, content_filter=mine)
    assert "¶" in mine.seen
    assert 'class="hljs js"' in mine.seen
    assert result.fit_html == "<div><p>a <b>b</b></p></div>\n<div><p>d</p></div>"
    assert result.fit_markdown == "a **b**\n\nd"


def test_an_error_in_a_filter_of_the_caller_is_the_callers():
    with pytest.raises(LookupError, match="mine"):
        DefaultMarkdownGenerator(Broken()).generate(turbohtml.parse("<p>a"), PAGE)


@pytest.mark.parametrize(
    "html",
    [
        '<h2>T<a class="headerlink" href="#t">¶</a></h2>',
        '<h2><a class="anchor" href="#t" aria-hidden="true"><svg></svg></a>T</h2>',
        '<h2>T <a href="https://example.com/dir/page#t">#</a></h2>',
        '<h2>T</h2><a href="#t"></a>',
    ],
)
def test_permalinks_of_headings_are_left_out(html):
    assert write(html) == "## T"


def test_links_that_only_look_like_permalinks_stay():
    assert write('<h2><a href="#t">T</a></h2>') == "## [T](https://example.com/dir/page#t)"
    assert write('<p><a href="#t">#</a></p>') == "[#](https://example.com/dir/page#t)"
    assert write('<h2>T <a href="https://other.example/#t">#</a></h2>') == "## T [#](https://other.example/#t)"
    assert write('<a href="#t"><img src="/i.png" alt="i"></a>').startswith("[![i]")


def test_empty_headings_are_left_out():
    assert write("<h1 class=x></h1><h2> <a href='#x'>#</a></h2><h3><img src='/i.png' alt='i'></h3>") == (
        "### ![i](https://example.com/i.png)"
    )


def test_no_data_uris_and_no_links_to_nowhere():
    html = '<p>a <img src="data:image/png;base64,AAAA" alt="b"><img alt="c"><img src=""> <a href="javascript:x()">d</a>'
    assert write(html) == "a bc d"


def test_nested_lists_and_tables():
    html = "<ol start=3><li>a<ul><li>b</ul><li>c</ol><table><tr><th>x<th>y<tr><td>1|2<td><b>3</b></table>"
    assert write(html) == "3. a\n   - b\n4. c\n\n| x | y |\n| --- | --- |\n| 1\\|2 | **3** |"


def test_a_page_nested_two_hundred_thousand_deep():
    generator = DefaultMarkdownGenerator(PruningContentFilter())
    result = generator.generate_markdown("<div>" * 200_000 + "deep" + "</div>" * 200_000, PAGE)
    assert result.raw_markdown == "deep"
    assert result.fit_markdown == "deep"


def test_convert_links_to_citations():
    assert DefaultMarkdownGenerator().convert_links_to_citations("[a](/b)", PAGE) == (
        "a⟨1⟩",
        "\n\n## References\n\n⟨1⟩ https://example.com/b: a\n",
    )


class Shouting(PruningContentFilter):
    def filter_content(self, html, min_word_threshold=None):
        return [block.upper() for block in super().filter_content(html, min_word_threshold)]


def test_a_subclass_of_a_built_in_filter_has_the_last_word():
    result = DefaultMarkdownGenerator(Shouting()).generate_markdown("<p>quiet words here</p>")
    assert result.fit_markdown == "QUIET WORDS HERE"


def test_a_whole_page_gives_no_text_that_is_not_shown():
    html = (
        "<style>a{}</style><svg><title>t</title></svg><iframe>i</iframe><template>u</template><script>x()</script><p>p"
    )
    assert write(html) == "p"
