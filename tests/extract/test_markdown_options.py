from dataclasses import fields

import pytest

from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.extract.markdown import DefaultMarkdownGenerator
from nephila.extract.markdown_options import MarkdownOptions

PAGE = "https://example.com/page"


def write(html, **options):
    return DefaultMarkdownGenerator(options=options).generate_markdown(html, PAGE).raw_markdown


LONG = "word " * 30
GOOGLE = '<p><span style="font-weight:700">bold</span> <span style="text-decoration:line-through">gone</span></p>'
GOOGLE_LIST = '<ul><li style="margin-left:36px">a</li><li style="margin-left:72px">b</li></ul>'

EFFECTS = [
    ("ignore_links", True, '<a href="/x">t</a>', "t"),
    ("ignore_mailto_links", True, '<a href="mailto:a@b.c">m</a>', "m"),
    ("skip_internal_links", True, '<a href="#x">t</a> <a href="/page#y">u</a>', "t u"),
    ("inline_links", False, '<a href="/x">t</a>', "[t][1]\n\n[1]: https://example.com/x"),
    ("protect_links", True, '<a href="/x" title="y">t</a>', '[t](<https://example.com/x> "y")'),
    (
        "use_automatic_links",
        False,
        '<a href="https://x.example/">https://x.example/</a>',
        "[https://x.example/](https://x.example/)",
    ),
    ("ignore_images", True, 'a <img src="/i.png" alt="b"> c', "a c"),
    ("images_to_alt", True, '<img src="/i.png" alt="b">', "b"),
    ("images_as_html", True, '<img src="/i.png" alt="b">', '<img src="https://example.com/i.png" alt="b">'),
    (
        "images_with_size",
        True,
        '<img src="/i.png" alt="b" width="3"><img src="/j.png" alt="c">',
        '<img src="https://example.com/i.png" alt="b" width="3">![c](https://example.com/j.png)',
    ),
    ("default_image_alt", "picture", '<img src="/i.png">', "![picture](https://example.com/i.png)"),
    ("data_uris", True, '<img src="data:image/gif;base64,AA" alt="b">', "![b](data:image/gif;base64,AA)"),
    ("ignore_emphasis", True, "<b>a</b> <i>b</i>", "a b"),
    ("emphasis_mark", "_", "<i>a</i>", "_a_"),
    ("strong_mark", "__", "<b>a</b>", "__a__"),
    ("hide_strikethrough", True, "<p>a <del>b</del> c</p>", "a c"),
    ("include_sup_sub", False, "x<sup>2</sup>y<sub>1</sub>", "x2y1"),
    ("open_quote", "«", "<q>a</q>", '«a"'),
    ("close_quote", "»", "<q>a</q>", '"a»'),
    ("ul_item_mark", "+", "<ul><li>a</ul>", "+ a"),
    ("mark_code", False, "<p>a<pre>b\n\n  c</pre>", "a\n\n    b\n\n      c"),
    ("handle_code_in_pre", True, "<pre>a <code>b</code></pre>", "```\na `b`\n```"),
    ("bypass_tables", True, "<table><tr><td>a</table>", "<table><tbody><tr><td>a</td></tr></tbody></table>"),
    ("ignore_tables", True, "<table><tr><td>a<td>b</table>", "a b"),
    ("pad_tables", True, "<table><tr><th>a<tr><td>long</table>", "| a    |\n| ---- |\n| long |"),
    ("single_line_break", True, "<p>a<p>b", "a\nb"),
    ("escape_html", False, "a &lt;b&gt; `", r"a <b> \`"),
    ("escape_snob", True, "a. b-c", r"a. b\-c"),
    ("escape_backslash", False, r"a\b\*", "a\\b\\\\*"),
    ("escape_dot", False, "<p>1. a", "1. a"),
    ("escape_plus", False, "<p>+ a", "+ a"),
    ("escape_dash", False, "<p>- a", "- a"),
    ("unicode_snob", False, "“a” — é", '"a" -- e'),
    ("google_doc", True, GOOGLE, "**bold** gone"),
    ("preserve_tags", ["kbd"], "<kbd>a<b>c</b></kbd>", "<kbd>a<b>c</b></kbd>"),
]


@pytest.mark.parametrize(("name", "value", "html", "expected"), EFFECTS, ids=[effect[0] for effect in EFFECTS])
def test_every_option_has_an_effect(name, value, html, expected):
    assert write(html, **{name: value}) == expected
    assert write(html) != expected


def test_body_width_wraps_prose():
    assert max(map(len, write(f"<p>{LONG}", body_width=40).split("\n"))) <= 40
    assert "\n" not in write(f"<p>{LONG}")


def test_wrap_list_items_wraps_them_too():
    html = f"<ul><li>{LONG}</ul>"
    assert "\n" not in write(html, body_width=40)
    assert write(html, body_width=40, wrap_list_items=True).count("\n") > 2


def test_wrap_links_false_keeps_a_link_on_one_line():
    html = f'<p>one two three four <a href="/x">{"five six " * 6}</a>'
    assert any("](" in line and "[" not in line for line in write(html, body_width=30).split("\n"))
    assert all(("](" in line) == ("[" in line) for line in write(html, body_width=30, wrap_links=False).split("\n"))


def test_links_each_paragraph():
    html = '<p><a href="/a">a</a><p>b<ul><li><a href="/c">c</a><p>d<li>e</ul><pre>[x][1]</pre><p><a href="/f">f</a>'
    assert write(html, inline_links=False, links_each_paragraph=True) == (
        "[a][1]\n\n[1]: https://example.com/a\n\nb\n\n- [c][2]\n\n  d\n\n- e\n\n[2]: https://example.com/c\n\n"
        "```\n[x][1]\n```\n\n[f][3]\n\n[3]: https://example.com/f"
    )


def test_google_list_indent():
    assert write(GOOGLE_LIST, google_doc=True) == "  - a\n    - b"
    assert write(GOOGLE_LIST, google_doc=True, google_list_indent=18) == "    - a\n        - b"


def test_mark_code_false_in_lists_and_quotes():
    html = "<ul><li>a<pre>b</pre></ul><blockquote><p>c<pre>d</pre></blockquote>"
    assert write(html, mark_code=False) == "- a\n\n      b\n\n> c\n>\n>     d"


def test_citations_false_leaves_the_links():
    generator = DefaultMarkdownGenerator(options={"citations": False})
    result = generator.generate_markdown('<a href="/x">t</a>', PAGE)
    assert result.markdown_with_citations == result.raw_markdown
    assert result.references_markdown == ""


def test_options_that_change_the_text_spare_code():
    html = "<p>1. a</p><pre>1\\. [a](https://x/)</pre><p><code>\\.</code>"
    written = write(html, escape_dot=False, escape_backslash=False, protect_links=True)
    assert written == "1. a\n\n```\n1\\. [a](https://x/)\n```\n\n`\\.`"


def test_citations_follow_the_other_options():
    generator = DefaultMarkdownGenerator(options={"escape_dot": False, "inline_links": False, "mark_code": False})
    result = generator.generate_markdown('<p>1. <a href="/x">t</a><pre>[c](d)</pre>', PAGE)
    assert result.raw_markdown == "1. [t][1]\n\n    [c](d)\n\n[1]: https://example.com/x"
    assert result.markdown_with_citations == "1. t⟨1⟩\n\n    [c](d)"


def test_every_option_is_tested_here():
    tested = {effect[0] for effect in EFFECTS} | {"body_width", "wrap_list_items", "wrap_links", "wrap_tables"}
    tested |= {"links_each_paragraph", "google_list_indent", "citations"}
    assert tested == {option.name for option in fields(MarkdownOptions)}


def test_an_unknown_option_names_the_nearest():
    with pytest.raises(ConfigError, match=r"'ignore_link'.*'ignore_links'"):
        DefaultMarkdownGenerator(options={"ignore_link": True})
    with pytest.raises(ConfigError, match="There are: body_width, bypass_tables"):
        DefaultMarkdownGenerator(options={"zzz": True})


@pytest.mark.parametrize(
    "options",
    [
        {"ignore_links": "yes"},
        {"body_width": "80"},
        {"body_width": -1},
        {"body_width": True},
        {"google_list_indent": 0},
        {"strong_mark": None},
        {"ul_item_mark": "x"},
        {"ul_item_mark": ""},
        {"preserve_tags": "kbd"},
        {"links_each_paragraph": True},
    ],
)
def test_wrong_values_are_refused(options):
    with pytest.raises(ConfigError):
        DefaultMarkdownGenerator(options=options)


def test_an_option_without_a_possible_effect_says_so():
    with pytest.raises(UnsupportedOptionError, match="wrap_tables"):
        DefaultMarkdownGenerator(options={"wrap_tables": True})
    assert DefaultMarkdownGenerator(options={"wrap_tables": False})
