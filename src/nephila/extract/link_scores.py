"""How much a link looks like one worth following, by itself and for a query."""

from __future__ import annotations

import re
from collections.abc import Iterable

from turbohtml import Element

from nephila.models import Link

MAX_CONTEXT = 200
"""Characters of a link's context."""

MAX_BLOCKS = 2_000
"""Blocks of one page whose text is looked at for contexts; links elsewhere have none."""

_BLOCKS = frozenset(
    "p li td th dd dt div section article blockquote figure figcaption nav aside header footer main summary".split()
)
_LEVELS = 6
"""How many elements around a link are looked at."""
_BY_PLACE = {"main": 2.0, "": 0.5, "aside": -0.5, "header": -0.5, "nav": 0.0, "footer": -2.0}
_SAY_NOTHING = frozenset({
    "click here", "here", "more", "read more", "learn more", "link", "this", "details", "view", "view all", "see more",
    "continue reading", "weiterlesen", "mehr", "lire la suite", "leer más", "next", "previous", "back",
    "skip to content",
})  # fmt: skip
_UTILITY = re.compile(
    r"/(?:log-?in|log-?out|sign-?(?:in|up|out)|register|account|cart|basket|checkout|privacy|terms|imprint|impressum|"
    r"datenschutz|cookies?|legal|share|print|search|feed|rss|subscribe|unsubscribe|wp-admin|javascript)\b",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|ico|css|js|zip|gz|exe|dmg|mp[34]|avi|xml|json)\Z", re.IGNORECASE)
_WORD = re.compile(r"\w+")


class LinkContexts:
    """The text of the block around each link; the text of a block is read once."""

    def __init__(self) -> None:
        self._texts: dict[Element, str] = {}

    def context_of(self, anchor: Element) -> str:
        """The text of the nearest block that says more than the link, on one line, cut at `MAX_CONTEXT`."""
        own = len(anchor.text[: MAX_CONTEXT * 4].split())
        node = anchor.parent
        for _ in range(_LEVELS):
            if not isinstance(node, Element) or node.tag == "body":
                break
            if node.tag in _BLOCKS:
                text = self._text_of(node)
                if text.count(" ") + 1 > own:
                    return text
            node = node.parent
        return ""

    def _text_of(self, block: Element) -> str:
        known = self._texts.get(block)
        if known is None:
            if len(self._texts) >= MAX_BLOCKS:
                return ""
            text = " ".join(block.text[: MAX_CONTEXT * 8].split())
            if len(text) > MAX_CONTEXT:
                text = text[:MAX_CONTEXT].rpartition(" ")[0] + " ..."
            known = self._texts[block] = text
        return known


def score_links(links: Iterable[Link], query: str | None = None) -> None:
    """Give each link `intrinsic_score`, `contextual_score` and `total_score`.

    `intrinsic_score`, 0 to 10, starts at 4: up to 2.5 for a text of several words, -2 for none and -1.5 for one that
    says nothing (`read more`); 2 in the main part of the page, -2 in the footer; 0.5 for a `title`; 1 for a path of one
    to four steps; 1 for a context of ten words and more; -1 for `nofollow`, `sponsored` and `ugc`; -1 for three
    parameters and more; -2 for sign-in, cart and legal pages; -3 for files that are no pages.

    `contextual_score`, 0 to 1, is the part of the words of `query` that the link's text, title, address and context
    say, a word of the text or title counting twice as much as one of the rest; None without a query.

    `total_score` is the intrinsic score without a query, else `0.7 * intrinsic + 0.3 * 10 * contextual`.

    Args:
        links: As read from a page; they are changed.
        query: What the links are looked at for.
    """
    wanted = frozenset(_WORD.findall((query or "").casefold()))
    for link in links:
        intrinsic = link["intrinsic_score"] = _intrinsic(link)
        if not wanted:
            link["contextual_score"] = None
            link["total_score"] = intrinsic
            continue
        contextual = link["contextual_score"] = round(_contextual(link, wanted), 3)
        link["total_score"] = round(0.7 * intrinsic + 3 * contextual, 2)


def _intrinsic(link: Link) -> float:
    text, href = link["text"], link["href"]
    words = len(text[:1_000].split())
    if not words:
        score = 2.0
    elif text.casefold().strip(" .>\u00bb\u2192\u2026") in _SAY_NOTHING:
        score = 2.5
    else:
        score = 4 + (1.0 if words == 1 else 2.5 if words <= 14 else 1.5)
    score += _BY_PLACE.get(link.get("position", ""), 0.0) + (0.5 if link["title"] else 0.0)
    score += link.get("context", "").count(" ") >= 9
    address, _, parameters = href.partition("#")[0].partition("?")
    path = address.split("/", 3)[3] if address.count("/") > 2 else ""
    steps = sum(map(bool, path[:2_000].split("/")))
    score += 1 <= steps <= 4
    score -= parameters.count("=") >= 3
    if not {"nofollow", "sponsored", "ugc"}.isdisjoint(link.get("rel", "").lower().split()):
        score -= 1
    if _UTILITY.search(f"/{path[:2_000]}"):
        score -= 2
    if _FILE.search(path[-10:]):
        score -= 3
    return round(min(max(score, 0.0), 10.0), 2)


def _contextual(link: Link, wanted: frozenset[str]) -> float:
    near = set(_WORD.findall(f"{link['text']} {link['title']}".casefold()))
    far = set(_WORD.findall(f"{link.get('context', '')} {link['href'][:2_000]}".casefold().replace("_", " ")))
    return sum(1.0 if word in near else 0.5 if word in far else 0.0 for word in wanted) / len(wanted)
