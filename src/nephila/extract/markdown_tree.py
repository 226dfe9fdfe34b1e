"""What is put right in a page's tree before it is written as Markdown."""

from __future__ import annotations

from itertools import islice

import turbohtml

from nephila.extract.code_blocks import prepare_code_block
from nephila.extract.markdown_options import MarkdownOptions

_ANCHORS = 'a[href*="#"], a[href^="mailto:"], a[href^="javascript:"], a[href^="data:"]'
_IMAGES = 'img[src^="data:" i], img[src=""], img:not([src])'
_PERMALINK_TEXTS = frozenset({"", "#", "¶", "§", "🔗", "\uf0c1", "permalink", "anchor"})
_CODE_AND_HEADINGS = ("pre", "h1", "h2", "h3", "h4", "h5", "h6")


def prepare(root: turbohtml.Node, base_url: str, options: MarkdownOptions) -> None:
    """Change the tree under `root` so that the renderer writes what `options` and good Markdown ask for."""
    page = base_url.partition("#")[0]
    for anchor in root.select(_ANCHORS):
        _prepare_anchor(anchor, page, options)
    for image in root.select(_IMAGES):
        _prepare_image(image, options)
    for element in list(root.iter_elements(_CODE_AND_HEADINGS)):
        if element.tag == "pre":
            prepare_code_block(element)
            if options.handle_code_in_pre:
                _keep_backticks(element)
        elif next(element.stripped_strings, None) is None and element.find("img") is None:
            element.decompose()


def _prepare_anchor(anchor: turbohtml.Element, page: str, options: MarkdownOptions) -> None:
    url, mark, _ = (anchor.attr("href") or "").partition("#")
    scheme = url[:11].lower()
    if scheme.startswith(("javascript:", "data:")):
        anchor.unwrap()
    elif scheme.startswith("mailto:"):
        if options.ignore_mailto_links:
            anchor.unwrap()
    elif mark and (not url or url == page):
        if _is_permalink(anchor):
            anchor.decompose()
        elif options.skip_internal_links:
            anchor.unwrap()


def _is_permalink(anchor: turbohtml.Element) -> bool:
    """Whether an in-page link is only the mark that headings carry to be linked to."""
    texts = list(islice(anchor.stripped_strings, 2))
    text = texts[0].lower() if texts else ""
    if len(texts) > 1 or text not in _PERMALINK_TEXTS or anchor.find("img") is not None:
        return False
    parent = anchor.parent
    return not text or (isinstance(parent, turbohtml.Element) and anchor.closest("h1, h2, h3, h4, h5, h6") is not None)


def _prepare_image(image: turbohtml.Element, options: MarkdownOptions) -> None:
    """Leave the alternative text of an image that has no URL to show."""
    source = image.attr("src") or ""
    if source and options.data_uris:
        return
    image.replace_with(turbohtml.Text(image.attr("alt") or ""))


def _keep_backticks(pre: turbohtml.Element) -> None:
    """Write the marks of `<code>` that is a part of a block as text."""
    text = pre.text.strip()
    for code in pre.find_all("code"):
        if code.text.strip() != text:
            code.insert_before(turbohtml.Text("`"))
            code.insert_after(turbohtml.Text("`"))
