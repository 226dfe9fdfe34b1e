"""Where on the page a link stands: in its navigation, its main part, at its edges."""

from __future__ import annotations

from turbohtml import Element

_KINDS = frozenset({"nav", "main", "aside", "header", "footer", "article"})
_ROLES = {
    "navigation": "nav", "menu": "nav", "menubar": "nav", "main": "main", "complementary": "aside", "banner": "header",
    "contentinfo": "footer",
}  # fmt: skip
"""Landmark roles (WAI-ARIA 1.2, section 5.3.4, and the two menus) as the elements that mean the same."""
_ROLE_SELECTOR = ",".join(f'[role="{role}" i]' for role in _ROLES)


class LinkPlaces:
    """Tells for each link in which part of the page it is; each element is looked at once.

    Args:
        body: The element with the page's content.
    """

    def __init__(self, body: Element) -> None:
        self._places: dict[Element, str] = {}
        self._roles = {
            element: _ROLES.get((element.attr("role") or "").lower(), "") for element in body.select(_ROLE_SELECTOR)
        }

    def place_of(self, element: Element) -> str:
        """`nav`, `main`, `aside`, `header`, `footer`, or an empty string; of several the innermost.

        A header or footer of an article or of the main part is a part of these, and so is an article of what holds it.
        """
        places = self._places
        unknown: list[Element] = []
        place = ""
        node = element.parent
        while isinstance(node, Element):
            known = places.get(node)
            if known is not None:
                place = known
                break
            unknown.append(node)
            node = node.parent
        roles = self._roles
        for node in reversed(unknown):
            tag = roles.get(node) or node.tag if roles else node.tag
            if tag in _KINDS:
                place = _inside(place, tag)
            places[node] = place
        return place


def _inside(place: str, tag: str) -> str:
    """What a landmark element is, inside another one or in none."""
    if tag == "article":
        return place or "main"
    if tag in ("header", "footer"):
        return place or tag
    return tag
