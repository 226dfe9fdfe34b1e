"""What is put right in a page's tree before it is written as Markdown."""

from __future__ import annotations

from itertools import islice

import turbohtml
from turbohtml import Axis, Element

from nephila.extract import formulas, markdown_lists
from nephila.extract.ancestry import holds, nearest, shows_something
from nephila.extract.code_blocks import prepare_bare_code, prepare_code_block
from nephila.extract.markdown_marks import FORMULA, SHIFTED, Marks
from nephila.extract.markdown_options import MarkdownOptions
from nephila.extract.markdown_tables import prepare_tables

_PERMALINK_TEXTS = frozenset({"", "#", "¶", "§", "🔗", "\uf0c1", "permalink", "anchor", "link", "\u200b", "⚓", "⚓︎"})
_BACK_TEXTS = frozenset({"↩", "↩︎", "↩️", "↑", "⏎", "^"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_RENAMED = {
    "center": "div", "dialog": "div", "fieldset": "div", "form": "div", "hgroup": "div", "legend": "div",
    "search": "div", "marquee": "div", "noframes": "div", "optgroup": "div", "dir": "ul", "listing": "pre",
    "xmp": "pre", "plaintext": "pre", "tt": "code",
}  # fmt: skip
"""Elements the renderer does not know, or takes for parts of a line, to what they are alike."""
_CONTROLS = frozenset({"button", "select", "option", "textarea", "output", "meter", "progress"})
_PREPARED = (
    "a", "img", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "br", "table", "dl", "ol", "code", "sup", "sub", "ruby",
    "math", "label", *_CONTROLS, *_RENAMED,
)  # fmt: skip
_EMOJI_CLASSES = frozenset({"emoji", "emojione", "emoticon", "wp-smiley", "smiley", "smilies", "twemoji", "g-emoji"})
_ONE_LINE = _HEADINGS | {"td", "th", "a"}
MAX_READINGS = 1_000
"""Parts of one `ruby` that are looked at."""

MAX_BARE_BLOCKS = 500
"""Elements `code` without a `pre` that are made blocks on one page."""

MAX_NESTED_BLOCKS = 64
"""Elements `pre` around others that are looked at on one page."""

_LINE_ENDS = frozenset({
    "p", "div", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "table", "dd", "dt",
    "section", "article", "pre", "figure", "hr", "center", "form", "header", "footer", "aside", "main", "figcaption",
})  # fmt: skip


class _Found:
    """What needs more than its own element, gathered in the one walk."""

    def __init__(self) -> None:
        self.marks = Marks()
        self.headings: list[Element] = []
        self.tables: list[Element] = []
        self.breaks: list[Element] = []
        self.definitions: list[Element] = []
        self.has_numbered = False
        self.bare_blocks = 0
        self.nested_blocks = 0


def prepare(root: turbohtml.Node, base_url: str, options: MarkdownOptions) -> Marks:
    """Change the tree under `root` so that the renderer writes what `options` and good Markdown ask for.

    Returns:
        What the marks in it stand for, for `nephila.extract.markdown_text.resolve`.
    """
    page = base_url.partition("#")[0]
    found = _Found()
    for element in list(root.iter_elements(_PREPARED)):
        tag = element.tag
        if tag == "a":
            url = element.attr("href")
            if url and ("#" in url or url[:4] != "http"):
                _prepare_anchor(element, url, page, options)
        elif tag == "img":
            _prepare_image(element, options)
        elif tag in _HEADINGS:
            found.headings.append(element)
        elif tag == "br":
            found.breaks.append(element)
        else:
            _prepare_other(element, tag, found, options)
    for heading in found.headings:
        _prepare_heading(heading)
    for definitions in reversed(found.definitions):
        markdown_lists.write_definitions(definitions)
    if found.tables and not (options.bypass_tables or options.ignore_tables):
        found.marks.others |= prepare_tables([table for table in found.tables if table.parent is not None])
    if found.breaks:
        _prepare_breaks(found.breaks)
    if found.has_numbered:
        markdown_lists.number(root)
    found.marks.others |= markdown_lists.space_out(root)
    return found.marks


def _prepare_other(element: Element, tag: str, found: _Found, options: MarkdownOptions) -> None:
    """The elements that most pages have few of."""
    if element.parent is None:
        return
    renamed = _RENAMED.get(tag)
    if renamed is not None:
        element.tag = tag = renamed
    if tag == "pre":
        found.nested_blocks += element.find("pre") is not None
        if found.nested_blocks <= MAX_NESTED_BLOCKS:
            prepare_code_block(element)
            if options.handle_code_in_pre:
                _keep_backticks(element)
    elif tag == "code":
        if found.bare_blocks < MAX_BARE_BLOCKS:
            found.bare_blocks += prepare_bare_code(element)
    elif tag == "table":
        found.tables.append(element)
    elif tag == "dl":
        found.definitions.append(element)
    elif tag == "ol":
        found.has_numbered = True
    elif tag in _CONTROLS:
        # They stand apart on the screen, with or without a space in the source.
        element.insert_before(turbohtml.Text(" "))
        element.insert_after(turbohtml.Text(" "))
    elif tag == "label":
        first = element.find(axis=Axis.CHILDREN)
        if first is not None and first.tag == "input":
            # A check box is one where it begins its list item.
            element.unwrap()
    elif tag == "ruby":
        _prepare_ruby(element)
    elif tag in ("sup", "sub"):
        # The number of a footnote is a link, not a power.
        if options.include_sup_sub and not holds(element, ("a",)) and shows_something(element, ("img", "math")):
            opening, closing = SHIFTED[tag]
            element.insert(0, turbohtml.Text(opening))
            element.append(turbohtml.Text(closing))
            found.marks.others = True
    elif tag == "math":
        _prepare_formula(element, found.marks.formulas)


def _prepare_anchor(anchor: Element, href: str, page: str, options: MarkdownOptions) -> None:
    url, mark, _ = href.partition("#")
    scheme = url[:11].lower()
    if scheme.startswith(("javascript:", "data:")):
        anchor.unwrap()
    elif scheme.startswith("mailto:"):
        if options.ignore_mailto_links:
            anchor.unwrap()
    elif mark and (not url or url == page):
        if _is_permalink(anchor) or anchor.text.strip() in _BACK_TEXTS:
            anchor.decompose()
        elif options.skip_internal_links:
            anchor.unwrap()


def _is_permalink(anchor: Element) -> bool:
    """Whether an in-page link is only the mark that headings carry to be linked to."""
    texts = list(islice(anchor.stripped_strings, 2))
    text = texts[0].lower() if texts else ""
    if len(texts) > 1 or text not in _PERMALINK_TEXTS or anchor.find("img") is not None:
        return False
    parent = anchor.parent
    return not text or (isinstance(parent, Element) and nearest(anchor, _HEADINGS) is not None)


def _prepare_image(image: Element, options: MarkdownOptions) -> None:
    """Write an image as its text where it is a character, or where there is nothing to show."""
    source = image.attr("src")
    if not source or (source[:5].lower() == "data:" and not options.data_uris):
        image.replace_with(turbohtml.Text(image.attr("alt") or ""))
        return
    classes = image.attr("class")
    if classes and not _EMOJI_CLASSES.isdisjoint(classes.split()) and image.attr("alt"):
        image.replace_with(turbohtml.Text(image.attr("alt") or ""))


def _prepare_heading(heading: Element) -> None:
    """Drop a heading that shows nothing, and take a link around a heading into it."""
    if not shows_something(heading, ("img", "math")):
        if heading.attrs or len(heading.children):
            heading.decompose()
        return
    anchor = nearest(heading, ("a",))
    if anchor is None or holds(heading, ("a",)):
        return
    href = anchor.attr("href")
    if href is not None:
        inner = Element("a", {"href": href})
        if title := anchor.attr("title"):
            inner.attrs["title"] = title
        heading.wrap_children(inner)
    anchor.unwrap()


def _prepare_ruby(ruby: Element) -> None:
    """Put the reading of a text in brackets behind it."""
    for reading in list(ruby.children)[:MAX_READINGS]:
        if not isinstance(reading, Element) or reading.tag not in ("rp", "rt", "rtc"):
            continue
        if reading.tag == "rp":
            reading.extract()
            continue
        if next(reading.stripped_strings, None) is not None:
            reading.insert(0, turbohtml.Text("("))
            reading.append(turbohtml.Text(")"))


def _prepare_formula(math: Element, known: list[str]) -> None:
    """Put a mark in the place of a formula, whose TeX the renderer would escape."""
    tex = formulas.written(math)
    if not tex:
        return
    if nearest(math, ("td", "th")) is not None:
        tex = tex.replace("|", "\\|")
    mark = Element("span", children=[turbohtml.Text(f"{FORMULA}{len(known)}{FORMULA}")])
    known.append(tex)
    math.replace_with(mark)
    if tex.startswith("$$"):
        _set_apart(mark)


def _set_apart(element: Element) -> None:
    """Give an element a block of its own where it is a part of a line."""
    parent = element.parent
    is_alone = element.previous_sibling is None and element.next_sibling is None
    if isinstance(parent, Element) and parent.tag not in ("td", "th") and not is_alone:
        element.wrap(Element("div"))


def _prepare_breaks(breaks: list[Element]) -> None:
    """Drop the line breaks that begin or end a block, and make new blocks where a line was left empty."""
    for element in breaks:
        parent = element.parent
        if not isinstance(parent, Element) or parent.tag in ("pre", "code"):
            continue
        following = _beside(element, forward=True)
        before = _beside(element, forward=False)
        if following is None or (isinstance(following, Element) and following.tag in _LINE_ENDS):
            if parent.tag in _LINE_ENDS or following is not None:
                element.extract()
        elif before is None or (isinstance(before, Element) and before.tag in _LINE_ENDS):
            if parent.tag in _LINE_ENDS or before is not None:
                element.extract()
        elif isinstance(following, Element) and following.tag == "br":
            if parent.tag in _ONE_LINE or nearest(parent, _ONE_LINE) is not None:
                element.extract()
            else:
                element.replace_with(Element("div"))


def _beside(element: Element, *, forward: bool) -> turbohtml.Node | None:
    """The sibling before or behind an element that is no white space."""
    node = element.next_sibling if forward else element.previous_sibling
    while node is not None and (
        isinstance(node, turbohtml.Comment) or (isinstance(node, turbohtml.Text) and not node.data.strip(" \t\r\n\f"))
    ):
        node = node.next_sibling if forward else node.previous_sibling
    return node


def _keep_backticks(pre: Element) -> None:
    """Write the marks of `<code>` that is a part of a block as text."""
    text = pre.text.strip()
    for code in pre.find_all("code"):
        if code.text.strip() != text:
            code.insert_before(turbohtml.Text("`"))
            code.insert_after(turbohtml.Text("`"))
