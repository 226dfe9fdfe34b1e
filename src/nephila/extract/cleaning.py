"""From the tree as it came to clean HTML: content and structure stay, scripts, styling and hidden parts go."""

from __future__ import annotations

from functools import lru_cache

import turbohtml
from turbohtml.clean import DEFAULT_CSS_PROPERTIES, OnDisallowed, Policy, Sanitizer

from nephila.options.content import ContentOptions

_BLOCK_TAGS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "col", "colgroup", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "legend", "li", "main", "menu", "nav", "ol", "p", "pre",
    "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_INLINE_TAGS = frozenset({
    "a", "abbr", "acronym", "area", "audio", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "datalist",
    "del", "dfn", "em", "font", "i", "img", "input", "ins", "kbd", "label", "map", "mark", "meter", "optgroup",
    "option", "output", "picture", "progress", "q", "rp", "rt", "ruby", "s", "samp", "select", "small", "source",
    "span", "strike", "strong", "sub", "sup", "textarea", "time", "track", "tt", "u", "var", "video", "wbr",
})  # fmt: skip
_MATH_TAGS = frozenset({
    "math", "annotation", "annotation-xml", "maction", "menclose", "merror", "mfrac", "mi", "mmultiscripts", "mn",
    "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub",
    "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "none", "semantics",
})  # fmt: skip
_DROPPED_WITH_CONTENT = frozenset({
    "script", "style", "noscript", "template", "iframe", "frame", "frameset", "noframes", "noembed", "object",
    "embed", "applet", "svg", "head", "title", "meta", "link", "base", "canvas", "param",
})  # fmt: skip
_GLOBAL_ATTRIBUTES = frozenset({"class", "id", "title", "lang", "dir"})
_ATTRIBUTES = {
    "a": {"href"},
    "area": {"href", "alt"},
    "img": {"src", "alt", "width", "height"},
    "video": {"src", "poster", "width", "height"},
    "audio": {"src"},
    "source": {"src", "type"},
    "track": {"src", "kind", "label", "srclang"},
    "td": {"colspan", "rowspan", "headers", "align"},
    "th": {"colspan", "rowspan", "headers", "scope", "align"},
    "col": {"span"},
    "colgroup": {"span"},
    "table": {"summary", "role"},
    "ol": {"start", "type", "reversed"},
    "li": {"value"},
    "time": {"datetime"},
    "del": {"datetime"},
    "ins": {"datetime"},
    "data": {"value"},
    "meter": {"value", "min", "max"},
    "progress": {"value", "max"},
    "input": {"type", "checked"},
    "option": {"selected"},
    "details": {"open"},
    "dialog": {"open"},
    "pre": {"data-lang", "data-language"},
    "code": {"data-lang", "data-language"},
    "math": {"display", "alttext"},
    "annotation": {"encoding"},
}
_SCHEMES = frozenset({
    "http", "https", "ftp", "ftps", "sftp", "file", "mailto", "tel", "sms", "callto", "sip", "sips", "facetime",
    "skype", "whatsapp", "tg", "xmpp", "irc", "ircs", "matrix", "news", "nntp", "feed", "webcal", "geo", "maps",
    "magnet", "bitcoin", "ethereum", "git", "ssh", "svn", "vscode", "slack", "zoommtg", "spotify", "itms",
    "itms-apps", "market", "steam", "gopher", "gemini", "rtsp", "rtmp", "ws", "wss", "urn", "doi",
})  # fmt: skip
_CSS_PROPERTIES = DEFAULT_CSS_PROPERTIES | frozenset({
    "background", "border", "border-bottom", "border-left", "border-right", "border-top", "border-width",
    "border-style", "margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding", "padding-top",
    "padding-right", "padding-bottom", "padding-left", "max-width", "max-height", "min-width", "min-height",
    "position", "top", "left", "right", "bottom", "visibility", "opacity", "flex", "grid", "gap", "align-items",
    "justify-content", "list-style", "list-style-type", "object-fit", "text-transform", "z-index",
})  # fmt: skip

_TEXT_BLOCKS = "p,li,dt,dd,h1,h2,h3,h4,h5,h6,blockquote,figcaption,address,summary,legend,div,section,article"
_NOT_JUST_TEXT = "p,li,dl,ul,ol,h1,h2,h3,h4,h5,h6,blockquote,div,section,article,table,pre,img,video,audio,form,math"
MANY_BREAKS = 200
"""`br` elements from which it pays to look for runs of them."""

_KEPT_WHOLE = frozenset({"td", "th", "pre", "caption"})


def clean(body: turbohtml.Element, options: ContentOptions, *, has_math: bool = True) -> turbohtml.Element:
    """Return a clean copy of `body`; the source loses only its short blocks.

    What stays: the elements that carry content or structure, `class`, `id`, `title`, `lang` and `dir` on all of them,
    and the attributes that mean something on each (`href`, `src`, `alt`, `colspan`, `datetime`, ...), plus
    `keep_attrs` and with `keep_data_attributes` all `data-*`. What goes with its content: scripts, styles, `noscript`,
    templates, frames, SVG drawings and comments. Unknown elements leave their content behind.
    Event handlers, `javascript:` and `data:` URLs go whatever the options say.

    Args:
        body: The element whose content is cleaned.
        options: What else stays or goes.
        has_math: Whether there may be MathML in it; without it cleaning is a little faster.
    """
    if options.word_count_threshold > 1:
        drop_short_blocks(body, options.word_count_threshold)
    if options.only_text:
        sanitizer = _text_sanitizer()
    else:
        sanitizer = _sanitizer(tuple(options.keep_attrs), options.keep_data_attributes, has_math)
    return sanitizer.sanitize_node(body)


def drop_short_blocks(body: turbohtml.Element, word_count_threshold: int) -> None:
    """Remove text blocks with fewer words; table cells, preformatted text and blocks around media or blocks stay."""
    for block in body.select(_TEXT_BLOCKS):
        parent = block.parent
        if not isinstance(parent, turbohtml.Element) or parent.tag in _KEPT_WHOLE:
            continue
        if block.select_one(_NOT_JUST_TEXT) is None and len(block.text.split()) < word_count_threshold:
            block.decompose()


def collapse_breaks(root: turbohtml.Element) -> None:
    """Drop surplus `br`: beyond two in a run, and beyond `MANY_BREAKS` with images but no text between them.

    Writing Markdown takes quadratic time in the length of a run, and nobody sees more than an empty line.
    """
    run = since_text = 0
    surplus: list[turbohtml.Element] = []
    for node in root.descendants:
        if isinstance(node, turbohtml.Text):
            if not node.data.isspace():
                run = since_text = 0
        elif isinstance(node, turbohtml.Element):
            if node.tag == "br":
                run += 1
                since_text += 1
                if run > 2 or since_text > MANY_BREAKS:
                    surplus.append(node)
            elif node.tag == "img":
                run = 0
    for element in surplus:
        element.extract()


def serialize(root: turbohtml.Element, options: ContentOptions) -> str:
    """The content of a clean tree as HTML."""
    if options.prettiify:
        return root.serialize(turbohtml.Html(layout=turbohtml.Indent(2)), inner=True).strip()
    return root.serialize(inner=True).strip()


@lru_cache(maxsize=64)
def _sanitizer(keep_attrs: tuple[str, ...], keep_data_attributes: bool, has_math: bool) -> Sanitizer:
    """The compiled rules; a crawl uses one or two of them."""
    everywhere = _GLOBAL_ATTRIBUTES | {name.lower() for name in keep_attrs}
    return Sanitizer(
        Policy(
            tags=_BLOCK_TAGS | _INLINE_TAGS | (_MATH_TAGS if has_math else frozenset()),
            attributes={"*": everywhere} | {tag: frozenset(names) for tag, names in _ATTRIBUTES.items()},
            attribute_prefixes=frozenset({"data-"}) if keep_data_attributes else frozenset(),
            url_schemes=_SCHEMES,
            allow_fragment_urls=True,
            on_disallowed_tag=OnDisallowed.STRIP,
            remove_with_content=_DROPPED_WITH_CONTENT if has_math else _DROPPED_WITH_CONTENT | {"math"},
            css_properties=_CSS_PROPERTIES,
            allow_svg=False,
            allow_mathml=has_math,
        )
    )


@lru_cache(maxsize=1)
def _text_sanitizer() -> Sanitizer:
    """The rules of `only_text`: blocks without attributes, everything else leaves its text."""
    return Sanitizer(
        Policy(
            tags=_BLOCK_TAGS,
            attributes={tag: frozenset({"colspan", "rowspan"}) for tag in ("td", "th")},
            on_disallowed_tag=OnDisallowed.STRIP,
            remove_with_content=_DROPPED_WITH_CONTENT | {"select", "textarea", "datalist", "audio", "video"},
            allow_svg=False,
            allow_mathml=False,
        )
    )
