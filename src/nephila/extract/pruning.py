"""A content filter that drops blocks by what they look like: little text, many links, names of page furniture."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import log

import turbohtml

from nephila.errors import ConfigError
from nephila.extract.text_blocks import BLOCK_TAGS, HEADINGS, SHOWN_TAGS, Block, is_data_table, measure
from nephila.options.strategies import RelevantContentFilter

_FURNITURE = frozenset({"nav", "footer", "header", "aside", "form", "noscript"})
"""Dropped whole, unless most of the page's text is in it."""
_NEVER_CONTENT = "script, style, iframe, template"

_TAG_WEIGHTS = {
    "div": 0.5,
    "p": 1.0,
    "article": 1.5,
    "section": 1.0,
    "h1": 1.2,
    "h2": 1.1,
    "h3": 1.0,
    "h4": 0.9,
    "h5": 0.8,
    "h6": 0.7,
}
_OTHER_TAG = 0.5
_IMPORTANT_TAGS = frozenset({"article", "main", "section", "p", "h1", "h2", "h3", "blockquote", "pre"})
_FURNITURE_NAME = re.compile(
    r"(?:\b|_)(?:nav|navbar|navigation|menu|footer|header|sidebar|ads?|advert\w*|comments?|promo\w*|social|share|sharing"
    r"|breadcrumbs?|cookies?|related)(?:\b|_)",
    re.IGNORECASE,
)
_ATOMIC = frozenset({"pre", "dl", "figure", "p", "address", "hgroup"}) | HEADINGS
"""Kept or dropped as one: without some of their parts the rest would say something else."""


class PruningContentFilter(RelevantContentFilter):
    """Keeps the blocks of a page that look like content.

    Every block element gets a score: 0.4 * share of text in its HTML + 0.2 * share of its text outside links
    + 0.2 * weight of its tag + 0.1 * ln(characters of text + 1) - 0.05 for a class and 0.05 for an id that names page
    furniture. From the outside in, a block below the threshold goes with everything in it. Text inside a block that
    stays is never cut: inline elements, code, headings and the cells of data tables stay with what they are part of.

    A page with text never comes out empty: if nothing stays, the page without its furniture is returned, or the whole
    page if there is no more than furniture.

    Args:
        user_query: Kept for its name; this filter does not rank by a query.
        min_word_threshold: Blocks without blocks in them that have fewer words are dropped, headings excepted.
        threshold_type: `fixed`, or `dynamic`: lower for elements that are content by their tag (x 0.8) and blocks
            that are mostly text (x 0.9), higher for blocks that are mostly links (x 1.2).
        threshold: The score a block needs.
        preserve_classes: Elements with one of these classes are never dropped.
        preserve_tags: Elements with one of these names are never dropped.

    Raises:
        ConfigError: `threshold_type` is neither of the two.
    """

    def __init__(
        self,
        user_query: str | None = None,
        min_word_threshold: int | None = None,
        threshold_type: str = "fixed",
        threshold: float = 0.48,
        preserve_classes: Iterable[str] | None = None,
        preserve_tags: Iterable[str] | None = None,
    ) -> None:
        super().__init__(user_query)
        if threshold_type not in ("fixed", "dynamic"):
            raise ConfigError(f"threshold_type is 'fixed' or 'dynamic', not {threshold_type!r}.")
        self.min_word_threshold = min_word_threshold
        self.threshold_type = threshold_type
        self.threshold = threshold
        self.preserve_classes = frozenset(preserve_classes or ())
        self.preserve_tags = frozenset(tag.lower() for tag in preserve_tags or ())

    def filter_content(self, html: str, min_word_threshold: int | None = None) -> list[str]:
        """Return the HTML of the blocks that stay, in document order.

        Args:
            html: A page or a part of one.
            min_word_threshold: Instead of the filter's own, for this call.
        """
        return self.filter_tree(turbohtml.parse(html), min_word_threshold)

    def filter_tree(self, root: turbohtml.Node, min_word_threshold: int | None = None) -> list[str]:
        """Do the same with a tree that is already there; what is no content is removed from it."""
        body = root.find("body") or root
        for element in body.select(_NEVER_CONTENT):
            element.decompose()
        top = measure(body, self._is_preserved if self.preserve_classes or self.preserve_tags else None)
        if not top.words:
            return []
        fewest = self.min_word_threshold if min_word_threshold is None else min_word_threshold
        dropped, kept_words = self._judge(top, fewest or 0)
        if not kept_words:
            dropped = [block for block in dropped if block.tag in _FURNITURE]
            if sum(block.words for block in dropped) >= top.words:
                dropped = []
        for block in dropped:
            block.element.decompose()
        return _top_blocks(body)

    def _is_preserved(self, element: turbohtml.Element) -> bool:
        if element.tag in self.preserve_tags:
            return True
        return not self.preserve_classes.isdisjoint((element.attr("class") or "").split())

    def _judge(self, top: Block, fewest_words: int) -> tuple[list[Block], int]:
        """The blocks to drop, and the words that are left without them."""
        dropped: list[Block] = []
        words = top.own_words
        # Beside each block: whether an article is around it, and whether all but what is preserved in it goes.
        waiting = [(block, False, False) for block in top.blocks]
        while waiting:
            block, in_content, doomed = waiting.pop()
            if block.preserved:
                words += block.words
                continue
            stays = not doomed and self._stays(block, top.words, in_content, fewest_words)
            if not stays and not block.holds_preserved:
                dropped.append(block)
            elif stays and (block.tag in _ATOMIC or (block.tag == "table" and is_data_table(block))):
                words += block.words
            else:
                words += block.own_words
                in_content = in_content or block.tag in ("article", "main")
                waiting.extend((inner, in_content, not stays) for inner in block.blocks)
        return dropped, words

    def _stays(self, block: Block, page_words: int, in_content: bool, fewest_words: int) -> bool:
        # An article may have a header and a footer of its own.
        own_part = in_content and block.tag in ("header", "footer")
        if block.tag in _FURNITURE and not own_part and 2 * block.words <= page_words:
            return False
        if not block.blocks and block.words < fewest_words and block.tag not in HEADINGS:
            return False
        return _score(block) >= (self.threshold if self.threshold_type == "fixed" else self._dynamic_threshold(block))

    def _dynamic_threshold(self, block: Block) -> float:
        threshold = self.threshold
        if block.tag in _IMPORTANT_TAGS:
            threshold *= 0.8
        if block.text_length > 0.4 * block.markup_length:
            threshold *= 0.9
        if block.link_length > 0.6 * block.text_length:
            threshold *= 1.2
        return threshold


def _score(block: Block) -> float:
    """How much the block looks like content; what has neither text nor an image scores lowest."""
    if not block.text_length:
        return 1.0 if block.has_media else -1.0
    score = 0.4 * block.text_length / block.markup_length
    score += 0.2 * (1 - block.link_length / block.text_length)
    score += 0.2 * _TAG_WEIGHTS.get(block.tag, _OTHER_TAG)
    score += 0.1 * log(block.text_length + 1)
    if isinstance(block.element, turbohtml.Element):
        for name in ("class", "id"):
            if _FURNITURE_NAME.search((block.element.attr(name) or "")[:200]):
                score -= 0.05
    return score


def _top_blocks(body: turbohtml.Node) -> list[str]:
    """The HTML of what is left in the body, with text and inline elements side by side as one block."""
    blocks: list[str] = []
    inline: list[str] = []
    for node in body.children:
        is_block = isinstance(node, turbohtml.Element) and node.tag in BLOCK_TAGS
        if is_block and inline:
            blocks.append("".join(inline))
            inline = []
        if _says_something(node):
            (blocks if is_block else inline).append(node.html)
        elif inline and isinstance(node, turbohtml.Text):
            inline.append(" ")
    return [*blocks, "".join(inline).rstrip()] if inline else blocks


def _says_something(node: turbohtml.Node) -> bool:
    """Whether a node has text or shows something."""
    if isinstance(node, turbohtml.Element):
        return bool(node.text.strip()) or node.tag in SHOWN_TAGS or node.find(list(SHOWN_TAGS)) is not None
    return isinstance(node, turbohtml.Text) and bool(node.data.strip())
