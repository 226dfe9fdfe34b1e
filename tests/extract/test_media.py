import pytest
import turbohtml

from nephila.extract import media
from tests.extract.reading import read_well

SITE = "https://www.example.com"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def images(html, **options):
    return read_well(html, **options).media["images"]


def sources(html, **options):
    return [image["src"] for image in images(html, **options)]


def shown(html, **options):
    """The images of `cleaned_html`, which the Markdown must show as well."""
    document = read_well(html, **options)
    found = [image.attr("src") for image in turbohtml.parse(document.cleaned_html).find_all("img")]
    for src in found:
        if src:
            assert f"]({src}" in document.markdown.raw_markdown
    assert "data:" not in document.cleaned_html + document.markdown.raw_markdown
    return found


def test_one_image():
    (image,) = images('<div><p>Near text</p><img src="/a.jpg?x=1" alt=" An image " width=640px height=480></div>')
    assert image == {
        "src": SITE + "/a.jpg?x=1",
        "alt": "An image",
        "desc": "Near text",
        "score": 8,
        "type": "image",
        "group_id": 0,
        "format": "jpg",
        "width": 640,
    }


def test_sources_of_one_image_are_a_group():
    html = '<img src=/s.jpg srcset="/m.jpg 640w, /l.jpg 1280w" width=320><img src=/other.png>'
    found = [(image["src"], image["width"], image["group_id"]) for image in images(html)]
    assert found == [
        (SITE + "/s.jpg", 320, 0),
        (SITE + "/m.jpg", 640, 0),
        (SITE + "/l.jpg", 1280, 0),
        (SITE + "/other.png", None, 1),
    ]


def test_picture():
    html = """<picture><source srcset="/a.avif 1x, /a2.avif 2x" type="image/avif"><source srcset=/a.webp>
    <img src=/a.jpg alt=A></picture>"""
    found = [(image["src"], image["format"], image["group_id"]) for image in images(html)]
    assert found == [
        (SITE + "/a.jpg", "jpg", 0),
        (SITE + "/a.avif", "avif", 0),
        (SITE + "/a2.avif", "avif", 0),
        (SITE + "/a.webp", "webp", 0),
    ]
    assert shown(html) == [SITE + "/a.jpg"]


def test_only_a_srcset():
    html = '<img srcset="/s.jpg 100w, /l.jpg 900w, /m.jpg 500w">'
    assert sources(html) == [SITE + "/l.jpg", SITE + "/s.jpg", SITE + "/m.jpg"]
    assert shown(html) == [SITE + "/l.jpg"]


def test_a_comma_in_a_data_url_of_a_srcset():
    assert sources('<img src=/a.png srcset="data:image/gif;base64,AA,BB 1x, /b.png 2x">') == [
        SITE + "/a.png",
        SITE + "/b.png",
    ]


@pytest.mark.parametrize("attribute", ["data-src", "data-lazy-src", "data-original", "data-lazy", "data-echo"])
@pytest.mark.parametrize("placeholder", ["", f'src="{PIXEL}"', "src=/img/blank.gif", "src=/lazy-placeholder.png?v=1"])
def test_lazy_images_have_their_real_address_everywhere(attribute, placeholder):
    html = f'<img {placeholder} {attribute}="/real.jpg" alt=A>'
    assert sources(html) == [SITE + "/real.jpg"]
    assert shown(html) == [SITE + "/real.jpg"]


def test_a_lazy_srcset():
    html = f'<img src="{PIXEL}" data-srcset="/s.jpg 300w, /l.jpg 600w">'
    assert shown(html) == [SITE + "/l.jpg"]


def test_a_real_address_is_not_replaced():
    html = "<img src=/small.jpg data-src=/large.jpg>"
    assert sources(html) == [SITE + "/small.jpg", SITE + "/large.jpg"]
    assert shown(html) == [SITE + "/small.jpg"]


@pytest.mark.parametrize("value", ["{{ image }}", '{"a":1}', "[1]", "two words", "<b>", "data:image/png;base64,AA"])
def test_a_lazy_attribute_that_is_no_address(value):
    assert sources(f"<img src=/a.jpg data-src='{value}'>") == [SITE + "/a.jpg"]


def test_noscript_stands_in_for_a_lazy_image():
    html = f'<div><img src="{PIXEL}" class=lazy><noscript><img src="/real.jpg" alt=Real></noscript></div>'
    assert sources(html) == [SITE + "/real.jpg"]
    assert shown(html) == [SITE + "/real.jpg"]
    assert images(html)[0]["alt"] == "Real"


def test_noscript_alone_and_beside_a_good_image():
    assert shown("<p>a</p><noscript><img src=/only.jpg></noscript>") == [SITE + "/only.jpg"]
    assert shown("<img src=/good.jpg><noscript><img src=/copy.jpg></noscript>") == [SITE + "/good.jpg"]


def test_data_images():
    picture = "data:image/png;base64," + "A" * 2000
    (image,) = images(f'<img src="{picture}" alt=Chart>')
    assert (image["src"], image["data"], image["alt"]) == ("", picture, "Chart")
    assert images(f'<img src="{PIXEL}">') == []
    assert images(f'<img src="data:image/png;base64,{"A" * media_limit()}">') == []
    assert images(f'<img src="data:image/svg+xml,{"A" * 2000}">') == []


def media_limit():
    from nephila.extract.image_sources import MAX_DATA_URL

    return MAX_DATA_URL


def test_backgrounds_posters_and_og_image():
    html = """<head><meta property="og:image" content="/og.jpg"></head>
    <div style="color:red;background:url('/bg.jpg'), url( &quot;/bg2.png&quot; )">x</div>
    <div style="background-image: url(/bg3.webp)">x</div><div data-bg="/lazy-bg.jpg">x</div>
    <div style="background:url(data:image/gif;base64,AA)"></div><video poster=/poster.jpg src=/v.mp4></video>"""
    assert sources(html) == [SITE + name for name in (
        "/bg.jpg", "/bg2.png", "/bg3.webp", "/lazy-bg.jpg", "/poster.jpg", "/og.jpg",
    )]  # fmt: skip


def test_an_address_is_reported_once():
    html = "<meta property=og:image content=/a.jpg><img src=/a.jpg><img src=a.jpg><img src=/a.jpg>"
    assert sources(html) == [SITE + "/a.jpg", SITE + "/dir/a.jpg"]


def score(html):
    (image,) = images(html + "<img src=/last.jpg>", image_score_threshold=-1)[:1]
    return image["score"]


@pytest.mark.parametrize(
    ("html", "points"),
    [
        ("<img src=/a>", 4),
        ("<img src=/a alt=A>", 5),
        ("<img src=/a.jpg>", 5),
        ("<img src=/a.gif>", 4),
        ("<img src=/a width=150>", 5),
        ("<img src=/a width=150 height=150>", 6),
        ("<img src=/a width=149 height=50%>", 4),
        ('<img src=/a srcset="/b 2x">', 5),
        ("<figure><img src=/a></figure>", 5),
        ("<img src=/a width=48>", 1),
        ("<img src=/icons/a>", 1),
        ("<img src=/a class='site-logo'>", 1),
        ("<img src=/a id=avatar>", 1),
        ("<img src=/iconic>", 4),
        ("<img src=/a.jpg width=1 height=1 alt=t>", 0),
        ("<img src=/logo.svg width=32 height=32>", 0),
    ],
)
def test_score(html, points):
    assert score(html) == points


def test_the_second_half_of_the_page_scores_less():
    scores = [image["score"] for image in images("".join(f"<img src=/{n}.jpg>" for n in range(4)))]
    assert scores == [5, 5, 4, 4]


def test_image_score_threshold():
    html = "<img src=/photo.jpg alt=P><img src=/i.png width=16><img src=/t.gif width=1 height=1>"
    assert sources(html) == [SITE + "/photo.jpg"]
    assert len(sources(html, image_score_threshold=1)) == 2
    assert len(sources(html, image_score_threshold=-1)) == 3
    assert sources(html, image_score_threshold=9) == []
    assert len(shown(html)) == 3


def test_descriptions():
    html = """<figure><img src=/a.jpg><figcaption>The  caption</figcaption></figure>
    <ul><li>Short <img src=/b.jpg></li><li>Some more words here <img src=/c.jpg></li></ul>"""
    assert [image["desc"] for image in images(html)] == ["The caption", "Short", "Some more words here"]
    three = images(html, image_description_min_word_threshold=3)
    assert [image["desc"] for image in three] == ["", "", "Some more words here"]


def test_a_description_is_cut():
    (image,) = images(f"<p>{'word ' * 500}<img src=/a.jpg></p>")
    assert len(image["desc"]) <= media.MAX_DESCRIPTION + 4
    assert image["desc"].endswith("word ...")


def test_videos_and_audios():
    html = """<video src=/v.mp4 width=640 title=Film></video>
    <video><source src=/v.webm type="video/webm; codecs=vp9"><source src=/v.mp4 type=video/mp4>
    <track src=/subs.vtt></video><audio src="blob:x"><source src=/a.ogg></audio>"""
    document = read_well(html)
    videos = [
        (item["src"], item["type"], item["format"], item["group_id"], item["alt"]) for item in document.media["videos"]
    ]
    assert videos == [
        (SITE + "/v.mp4", "video", "mp4", 0, "Film"),
        (SITE + "/v.webm", "video", "webm", 1, ""),
    ]
    assert document.media["videos"][0]["width"] == 640
    assert [(item["src"], item["type"]) for item in document.media["audios"]] == [(SITE + "/a.ogg", "audio")]
    assert f'src="{SITE}/v.webm"' in document.cleaned_html
    assert f'src="{SITE}/subs.vtt"' in document.cleaned_html


IMAGES = """text <img src=/own.jpg> <img src="https://cdn.example.com/sub.jpg"> <img src="https://other.example/x.jpg">
<picture><source srcset="https://other.example/y.webp"><img src=/y.jpg></picture>
<p style="background:url(https://other.example/bg.jpg)">more</p>"""


def test_exclude_all_images():
    document = read_well(IMAGES, exclude_all_images=True)
    assert document.media["images"] == []
    assert "<img" not in document.cleaned_html
    assert "![" not in document.markdown.raw_markdown
    assert "text" in document.cleaned_html
    assert "more" in document.cleaned_html


def test_exclude_external_images():
    own = [SITE + "/own.jpg", "https://cdn.example.com/sub.jpg", SITE + "/y.jpg"]
    assert sources(IMAGES, exclude_external_images=True) == own
    assert shown(IMAGES, exclude_external_images=True) == own
    assert len(sources(IMAGES)) == 6


def test_images_of_drawings_buttons_and_objects():
    document = read_well(
        "<svg><image href=a.png /><image xlink:href=b.png /></svg><input type=IMAGE src=c.png>"
        "<input type=text src=no.png>"
        "<object type=image/png data=d.png></object><object type=text/html data=no.html></object>"
        "<div style=\"background:url('data:image/png;base64,AA,BB'),url(e.png)\"></div>",
        image_score_threshold=0,
    )
    assert [image["src"].rpartition("/")[2] for image in document.media["images"]] == [
        "e.png",
        "a.png",
        "b.png",
        "c.png",
        "d.png",
    ]
