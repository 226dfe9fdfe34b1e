"""What the class names and ids of elements say about them, by the words page authors everywhere use."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = (
    ("nav", "nav navbar navigation menu menubar submenu megamenu nav menuitem sitemap"),
    ("crumb", "breadcrumb breadcrumbs crumb crumbs pagination pager paging paginate pages toc contents "
              "tableofcontents jump anchor anchors tabs tab tablist"),
    ("foot", "footer foot bottom colophon copyright legal footnav disclaimer"),
    ("head", "header masthead topbar topnav head banner hero jumbotron"),
    ("side", "sidebar aside side rail widget widgets secondary rightcol leftcol sidecol right left"),
    ("comment", "comment comments disqus respond discussion livefyre commentlist"),
    ("related", "related recommend recommended recommendation recommendations similar popular trending latest recent "
                "recirc upnext also suggestions suggested teaser teasers next prev previous readmore upsell crosssell "
                "recently viewed mostread"),
    ("share", "share sharing social follow facebook twitter whatsapp pinterest linkedin addtoany addthis sharedaddy"),
    ("ad", "ad ads advert adverts advertisement advertising sponsor sponsored sponsors promo promos promotion outbrain "
           "taboola adsbygoogle dfp affiliate"),
    ("consent", "cookie cookies consent gdpr privacy onetrust modal popup popover overlay dialog lightbox notice alert "
                "toast interstitial paywall"),
    ("signup", "newsletter subscribe subscription signup login register signin account cart basket minicart search "
               "searchform wishlist email optin form donate checkout"),
    ("meta", "meta byline author authors date time published timestamp info kicker credit credits caption bio posted "
             "dateline contributor postmeta "
             "avatar user username profile rank stats member userinfo poster nickname karma"),
    ("tags", "tag tags category categories topic topics keywords hashtag label labels badge badges taxonomy"),
    ("body", "article content body entry story text main prose markdown richtext rte copy paragraph articlebody post "
             "blog page wysiwyg editor"),
    ("post", "message messages thread posts reply replies answer answers question usertext postbody cooked bbcode "
             "forum postcontent signature quote"),
    ("product", "product products price prices sku description details detail specs spec specification specifications "
                "feature features overview pdp attributes ingredients availability stock shipping delivery"),
    ("review", "review reviews rating ratings stars testimonial testimonials feedback votes vote"),
    ("list", "grid list listing listings items item results result card cards tile tiles collection catalog gallery "
             "row rows feed plp"),
    ("filter", "filter filters facet facets sort sorting refine refinement swatch swatches select dropdown option "
               "options toggle selector quantity variant variants"),
    ("hidden", "hidden sr hide skip offscreen tooltip collapsed collapse invisible accessibility a11y screenreader "
               "print noprint mobile clone"),
    ("doc", "docs documentation example examples code highlight api reference doc document section sphinx hljs "
            "language property faq faqs accordion expand expandable panel"),
    ("title", "title heading headline subtitle dek summary lead intro standfirst excerpt subheading subhead"),
    ("control", "btn btns button buttons cta action actions toolbar controls control link links edit editsection icon "
                "icons report flag"),
    ("slide", "carousel slider swiper slide slides slick gallery thumbnails thumbs media image images video figure"),
)  # fmt: skip

NAMES = tuple(name for name, _ in _WORDS)
"""What each bit of `name_bits` stands for, the lowest first."""


def _table() -> dict[str, int]:
    bits: dict[str, int] = {}
    for place, (_, words) in enumerate(_WORDS):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << place
    return bits


_BITS = _table()
_NAME = re.compile(r'\b(?:class|id)="([^"]*)"')
_PART = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+")
_MOST = 300
"""Characters of a class attribute that are looked at."""


def name_bits(attributes: str) -> int:
    """The bits of `NAMES` that the class and the id in an element's attributes speak of."""
    bits = 0
    for value in _NAME.findall(attributes):
        bits |= _bits_of(value[:_MOST])
    return bits


@lru_cache(maxsize=4096)
def _bits_of(value: str) -> int:
    bits = 0
    for word in _PART.findall(value):
        bits |= _BITS.get(word.lower(), 0)
    return bits
