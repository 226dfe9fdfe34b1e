"""The headings that may be a page's title, and where on the page they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass

import turbohtml

_ASIDE = frozenset(("nav", "footer", "aside", "dialog"))
_MAIN = frozenset(("article", "main"))
_LOGO = re.compile(r"logo|site-?(?:title|name)|brand|masthead", re.IGNORECASE)
_ANCESTORS = 6
"""Elements above a heading that are looked at."""
_NEAR = 2
"""Of these, the ones whose class may say that the heading is the site's name."""
_LONGEST = 400
"""Characters; a longer text is no title."""
_LONGEST_CLASS = 200


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading.

    Attributes:
        text: Its text on one line.
        is_first_level: Whether it is an `<h1>`.
        in_main: Whether it stands in an `<article>` or `<main>`.
        is_aside: Whether it stands in navigation, a footer, an aside or a dialogue.
        is_logo: Whether its class, or that of what is around it, says that it names the site.
    """

    text: str
    is_first_level: bool
    in_main: bool = False
    is_aside: bool = False
    is_logo: bool = False


def heading_of(element: turbohtml.Element) -> Heading | None:
    """The heading an element is; None when it holds no text, or more than a title does."""
    text = " ".join(element.text[: 4 * _LONGEST].split()).rstrip(" \u00b6#\u00a7")
    if not text or len(text) > _LONGEST:
        return None
    around: set[str] = set()
    is_logo = _names_site(element)
    above = element.parent
    for distance in range(_ANCESTORS):
        if not isinstance(above, turbohtml.Element):
            break
        around.add(above.tag)
        is_logo = is_logo or (distance < _NEAR and _names_site(above))
        above = above.parent
    return Heading(text, element.tag == "h1", not _MAIN.isdisjoint(around), not _ASIDE.isdisjoint(around), is_logo)


def _names_site(element: turbohtml.Element) -> bool:
    said = f"{element.attr('class') or ''} {element.attr('id') or ''}"
    return _LOGO.search(said[:_LONGEST_CLASS]) is not None
