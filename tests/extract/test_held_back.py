from nephila.extract.held_back import NOSCRIPT_WORDS
from tests.extract.reading import read_well


def cleaned(html):
    return read_well(html).cleaned_html


def test_a_long_noscript_is_the_text_of_the_page():
    long = "word " * NOSCRIPT_WORDS
    document = read_well(f"<div id=app></div><noscript><p>{long}</p><a href=/x>l</a><img src=/i.jpg></noscript>")
    assert document.markdown.raw_markdown.count("word") == NOSCRIPT_WORDS
    assert [link["text"] for link in document.links["internal"]] == ["l"]
    assert len(document.media["images"]) == 1


def test_a_short_noscript_is_not():
    assert cleaned("<p>x</p><noscript>Please enable JavaScript.</noscript>") == "<p>x</p>"


def test_streamed_segments_go_to_their_places():
    html = """<main><!--$?--><template id="B:0"></template><p>Loading</p><!--/$--><p>after</p></main>
    <div hidden id="S:0"><h1>Late</h1><template id="P:1"></template><p>end</p></div><script>$RC("B:0","S:0")</script>
    <div hidden id="S:1"><a href=/x>later</a></div>"""
    document = read_well(html)
    assert "Loading" not in document.cleaned_html
    assert document.markdown.raw_markdown.split() == [
        "#", "Late", "[later](https://www.example.com/x)", "end", "after",
    ]  # fmt: skip
    assert document.links["internal"][0]["text"] == "later"


def test_a_streamed_segment_without_a_place_is_shown_where_it_is():
    assert cleaned('<p>x</p><div hidden id="S:4">late</div><template></template>') == '<p>x</p><div id="S:4">late</div>'


def test_a_stand_in_without_an_end_stays():
    html = '<main><template id="B:0"></template><p>after</p></main><div hidden id="S:0">late</div>'
    assert cleaned(html) == "<main>late<p>after</p></main>"


def test_declarative_shadow_roots():
    html = """<my-card><template shadowrootmode=open><style>p{}</style><h2><slot name=title></slot></h2><slot></slot>
    <slot name=none>fall-back</slot></template><b slot=title>Title</b>Body<i slot=unknown>not shown</i></my-card>"""
    assert " ".join(cleaned(html).split()) == "<h2><b>Title</b></h2>Body fall-back"


def test_nested_shadow_roots():
    inner = "<b-b><template shadowrootmode=open>2<slot></slot></template>3</b-b>"
    html = f"<a-a><template shadowrootmode=open>1{inner}</template></a-a>"
    assert cleaned(html) == "123"


def test_other_templates_are_no_content():
    assert cleaned("<template><p>x</p><img src=/i.png></template>y") == "y"
