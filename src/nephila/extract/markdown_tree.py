"""What is put right in a page's tree before it is written as Markdown."""

from __future__ import annotations

from itertools import islice

import turbohtml

from nephila.extract.code_blocks import prepare_code_block
from nephila.extract.markdown_options import MarkdownOptions

_PERMALINK_TEXTS = frozenset({"", "#", "¶", "§", "🔗", "\uf0c1", "permalink", "anchor"})
_PREPARED = ("a", "img", "pre", "h1", "h2", "h3", "h4", "h5", "h6")


def prepare(root: turbohtml.Node, base_url: str, options: MarkdownOptions) -> None:
    """Change the tree under `root` so that the renderer writes what `options` and good Markdown ask for."""
    page = base_url.partition("#")[0]
    headings: list[turbohtml.Element] = []
    for element in list(root.iter_elements(_PREPARED)):
        tag = element.tag
        if tag == "a":
            url = element.attr("href")
            if url and ("#" in url or url[:4] != "http"):
                _prepare_anchor(element, url, page, options)
        elif tag == "img":
            source = element.attr("src")
            if not source or (source[:5].lower() == "data:" and not options.data_uris):
                element.replace_with(turbohtml.Text(element.attr("alt") or ""))
        elif tag == "pre":
            prepare_code_block(element)
            if options.handle_code_in_pre:
                _keep_backticks(element)
        else:
            headings.append(element)
    for heading in headings:
        if next(heading.stripped_strings, None) is None and heading.find("img") is None:
            heading.decompose()


def _prepare_anchor(anchor: turbohtml.Element, href: str, page: str, options: MarkdownOptions) -> None:
    url, mark, _ = href.partition("#")
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


def _keep_backticks(pre: turbohtml.Element) -> None:
    """Write the marks of `<code>` that is a part of a block as text."""
    text = pre.text.strip()
    for code in pre.find_all("code"):
        if code.text.strip() != text:
            code.insert_before(turbohtml.Text("`"))
            code.insert_after(turbohtml.Text("`"))
