"""Text a page holds but does not show, which is where instructions to language models are put.

Found by what the markup itself says: the `hidden` attribute, `aria-hidden`, inline styles (no display, no visibility,
no opacity, no size, off the screen), and rules of the page's own `style` elements for one class or one id.
"""

from __future__ import annotations

import re

import turbohtml
from turbohtml import Element

from nephila.extract.ancestry import nearest
from nephila.options.enums import HiddenText

MOST_HIDDEN = 0.5
"""The part of a page's text that may be hidden; where more seems to be, a script will show it, and it stays."""

FEW = 200
"""Characters of hidden text up to which nobody asks how much of the page it is."""

MAX_FOUND = 20_000
"""Hidden elements looked at on one page."""

MAX_STYLE = 200_000
"""Characters of a page's own style sheets that are read."""

MAX_RULES = 40
"""Rules of the page's own style sheets that hide something and are followed."""

FLAG = ("[hidden text: ", "]")
"""What stands around hidden text that is kept and flagged."""

_SELECTOR = (
    '[hidden]:not([hidden="until-found" i],[role="tabpanel" i],[role="region" i]),dialog:not([open]),'
    '[aria-hidden="true" i]'
)
_SUSPECT = re.compile(
    r"none|hidden|collapse|opacity\s*:\s*[-+.0]|font-size\s*:\s*[-+.0]|:\s*-\d{3}|clip|scale\(0|transparent"
    r"|background(?:-color)?\s*:",
    re.I,
)
"""What a style that hides something has in it."""
_ZERO = re.compile(r"[+-]?0*\.?0*(?:px|em|rem|%|pt|vh|vw|vmin|vmax|ch|cm|mm|in)?\Z")
_FAR = re.compile(r"-(\d{3,9})(?:\.\d{0,9})?(px|em|rem|vw|vh|%|pt)?\Z")
_HIDING = ("display:none", "display: none", "visibility:hidden", "visibility: hidden", "font-size:0", "font-size: 0",
           ":-9", ": -9", ":-5", ": -5", ":-1", ": -1", "clip:rect", "clip: rect")  # fmt: skip
"""What a rule that hides something has in it; searching for it is much faster than reading the rules."""
_FEW_SELECTORS = 5
_SIMPLE = re.compile(r"[.#][A-Za-z_][\w-]{0,80}\Z")
_OPENED_BY_CLICK = frozenset(
    "tabpanel tab-pane tab-content tabcontent accordion collapse collapsible panel details dropdown toggle expandable"
    " faq answer slide slider carousel swiper spoiler readmore more modal-body lazy fade animate wow aos reveal"
    " elementor-invisible js-reveal".split()
)
_KEPT_TAGS = frozenset({"body", "html", "main", "math", "br", "hr", "img", "picture", "source", "svg"})
_FOR_THE_EYE = frozenset({"a", "button", "td", "th", "code"})
"""Where `aria-hidden` is no sign: a link's or a button's own words are read by people."""
_UNTOLD = _KEPT_TAGS | _FOR_THE_EYE
_FORMULA_CLASSES = frozenset({"katex", "mwe-math-element", "MathJax", "mjx-container"})


def treat(tree: turbohtml.Node, body: Element, mode: HiddenText) -> None:
    """Remove or flag the hidden parts of a page, as `mode` says; with `HiddenText.KEEP` nothing is done.

    What the page's own buttons open (tabs, accordions, slides) is no hidden text, nor is anything on a page that hides
    most of itself until its scripts have run.

    Args:
        tree: The page, for its style sheets.
        body: The part that is read; it is changed.
        mode: What becomes of hidden text.
    """
    if mode is HiddenText.KEEP:
        return
    hidden = _hidden_elements(tree, body)
    if not hidden:
        return
    texts = {element: text for element in hidden if (text := element.text) and not text.isspace()}
    outermost = [element for element in texts if not _is_inside(element, hidden)]
    length = sum(_length(texts[element]) for element in outermost)
    if length > FEW and length > _all_text(body) * MOST_HIDDEN:
        # The attribute means what it says even there.
        outermost = [
            element
            for element in hidden
            if ("hidden" in element.attrs or element.tag == "dialog") and not _is_inside(element, hidden)
        ]
    elif mode is HiddenText.DROP:
        # Those without text as well: what is inside others goes with them.
        outermost += [element for element in hidden if element not in texts]
    for element in outermost:
        if element.parent is None:
            continue
        if mode is HiddenText.DROP:
            element.decompose()
        else:
            _flag(element)


def _flag(element: Element) -> None:
    """Mark the text of an element as hidden."""
    if next(element.stripped_strings, None) is None:
        return
    for name in ("hidden", "open"):
        if name in element.attrs:
            del element.attrs[name]
    if element.tag == "dialog":
        element.tag = "div"
    element.insert(0, turbohtml.Text(FLAG[0]))
    element.append(turbohtml.Text(FLAG[1]))


def _length(text: str) -> int:
    """Characters that are no white space."""
    return len(text) - sum(map(text.count, " \n\t\r\xa0"))


def _all_text(body: Element) -> int:
    """Characters of text on a page, scripts left out."""
    unread = sum(_length(element.text) for element in body.find_all(["script", "style", "noscript"], limit=2_000))
    return _length(body.text) - unread


def uncover(body: Element) -> None:
    """Make hidden elements of the comments and templates, which no browser makes text of."""
    for template in body.find_all("template", limit=MAX_FOUND):
        content = [
            node
            for child in template.children
            for node in (child.children if isinstance(child, turbohtml.DocumentFragment) else [child])
        ]
        template.replace_with(Element("div", {"hidden": ""}, children=[node.extract() for node in content]))
    for node in list(body.descendants):
        if isinstance(node, turbohtml.Comment) and _is_sentence(node.data):
            node.replace_with(Element("span", {"hidden": ""}, children=[turbohtml.Text(node.data.strip())]))


def _is_sentence(comment: str) -> bool:
    """Whether a comment holds words rather than the marks of a framework or markup that was taken out."""
    text = comment.strip()
    return len(text) > 3 and text[0] not in "[</$" and any(character.isalpha() for character in text[:200])


def _is_inside(element: Element, hidden: dict[Element, None]) -> bool:
    """Whether one of the nearest elements around is hidden as well."""
    parent = element.parent
    for _ in range(64):
        if not isinstance(parent, Element):
            return False
        if parent in hidden:
            return True
        parent = parent.parent
    return False


def _hidden_elements(tree: turbohtml.Node, body: Element) -> dict[Element, None]:
    """The hidden elements in document order."""
    found: dict[Element, None] = {}
    for element in body.select(_SELECTOR)[:MAX_FOUND]:
        tag = element.tag
        is_told = tag not in _UNTOLD or (tag in _FOR_THE_EYE and "hidden" in element.attrs)
        if is_told and not _is_exempt(element):
            found[element] = None
    verdicts: dict[str, bool] = {}
    for element in body.select("[style]")[:MAX_FOUND]:
        style = element.attr("style") or ""
        hides = verdicts.get(style)
        if hides is None:
            hides = verdicts[style] = _SUSPECT.search(style, 0, 2000) is not None and _hides(style)
        if hides and element.tag not in _KEPT_TAGS and not _is_exempt(element):
            found[element] = None
    for element in _named(body, _hiding_selectors(tree)):
        shown = (element.attr("style") or "").replace(" ", "").lower()
        if element.tag not in _KEPT_TAGS and "display:block" not in shown and not _is_exempt(element):
            found[element] = None
    return found


def _named(body: Element, selectors: list[str]) -> list[Element]:
    """The elements that one of the selectors for a class or an id matches."""
    if len(selectors) <= _FEW_SELECTORS:
        return body.select(",".join(selectors))[:MAX_FOUND] if selectors else []
    # One look at every class is faster than one look per selector.
    classes = {selector[1:] for selector in selectors if selector[0] == "."}
    names = [selector for selector in selectors if selector[0] == "#"]
    found = body.select(",".join(names)) if names else []
    verdicts: dict[str, bool] = {}
    for element in body.select("[class]"):
        written = element.attr("class") or ""
        matches = verdicts.get(written)
        if matches is None:
            matches = verdicts[written] = not classes.isdisjoint(written.split())
        if matches:
            found.append(element)
    return found[:MAX_FOUND]


def _is_exempt(element: Element) -> bool:
    """Whether the page itself will show it, on a click or when its scripts have run."""
    if (element.attr("role") or "").lower() in ("tabpanel", "region"):
        return True
    names = f"{element.attr('class') or ''} {element.attr('id') or ''}".lower()
    if "hidden" not in element.attrs and not _OPENED_BY_CLICK.isdisjoint(names.replace("_", "-").split()):
        return True
    return (
        not _FORMULA_CLASSES.isdisjoint((element.attr("class") or "").split())
        or nearest(element, ("math",)) is not None
    )


def _hides(style: str) -> bool:
    """Whether declarations keep what they are for from being seen."""
    declared: dict[str, str] = {}
    for declaration in style[:2000].lower().split(";"):
        name, _, value = declaration.partition(":")
        declared[name.strip()] = value.replace("!important", "").strip()
    get = declared.get
    if get("display") == "none" or get("visibility") in ("hidden", "collapse"):
        return True
    if _is_zero(get("opacity")) and not (
        "transform" in declared or "transition" in declared or "animation" in declared
    ):
        return True
    if _is_zero(get("font-size")) or get("content-visibility") == "hidden":
        return True
    if get("clip", "").replace(" ", "") in (
        "rect(0,0,0,0)",
        "rect(0000)",
        "rect(1px,1px,1px,1px)",
        "rect(0px,0px,0px,0px)",
    ):
        return True
    if "inset(50%" in get("clip-path", "") or "inset(100%" in get("clip-path", "") or get("transform") == "scale(0)":
        return True
    cut = get("overflow", "") in ("hidden", "clip") or get("overflow-y", "") == "hidden"
    if cut and any(_is_zero(get(side)) for side in ("height", "width", "max-height", "max-width")):
        return True
    if get("position") in ("absolute", "fixed", "relative") and any(
        _is_far(get(side)) for side in ("left", "top", "right")
    ):
        return True
    if _is_far(get("text-indent")) or get("color") == "transparent":
        return True
    return _same_colour(get("color"), get("background-color") or get("background"))


def _is_zero(value: str | None) -> bool:
    return bool(value) and _ZERO.match(value or "") is not None and "0" in (value or "")


def _is_far(value: str | None) -> bool:
    match = _FAR.match(value or "")
    return match is not None and int(match[1]) >= (100 if match[2] in ("em", "rem", "vw", "vh", "%") else 500)


def _same_colour(text: str | None, behind: str | None) -> bool:
    names = {"#fff": "white", "#ffffff": "white", "#000": "black", "#000000": "black"}
    return bool(text) and bool(behind) and names.get(text or "", text) == names.get(behind or "", behind)


def _hiding_selectors(tree: turbohtml.Node) -> list[str]:
    """The one-class and one-id selectors that the page's own style sheets hide and name nowhere else."""
    sheets: list[str] = []
    left = MAX_STYLE
    for sheet in tree.find_all("style", limit=100):
        if sheet.attr("media") not in (None, "", "all", "screen"):
            continue
        text = sheet.text
        left -= len(text)
        if left < 0:
            break
        sheets.append(text)
    candidates: dict[str, None] = {}
    for text in sheets:
        if not any(mark in text for mark in _HIDING):
            continue
        plain = _outside_at_rules(text)
        for mark in _HIDING:
            _add_hidden_by(mark, plain, candidates)
    # One that is named again is shown in some state or on some screen.
    return [name for name in candidates if sum(_count(text, name) for text in sheets) == 1]


def _add_hidden_by(mark: str, text: str, candidates: dict[str, None]) -> None:
    """Add the simple selectors of the rules in which `mark` is found and that hide something."""
    position = text.find(mark)
    while position >= 0 and len(candidates) < MAX_RULES:
        opening = text.rfind("{", max(position - 1000, 0), position)
        closing = text.find("}", position, position + 1000)
        if opening >= 0 and closing >= 0 and "opacity" not in (rule := text[opening + 1 : closing]) and _hides(rule):
            first = max(opening - 300, 0)
            names = text[max(text.rfind(end, first, opening) + 1 for end in ("}", "/", "{", ";")) : opening]
            for name in map(str.strip, names.split(",")):
                if _SIMPLE.match(name):
                    candidates[name] = None
        position = text.find(mark, position + len(mark))


def _count(text: str, name: str) -> int:
    """How often a style sheet names a class or an id, longer names that begin with it not counted; 2 is enough."""
    found = 0
    position = text.find(name)
    while position >= 0 and found < 2:
        following = text[position + len(name) : position + len(name) + 1]
        found += not (following.isalnum() or following in ("-", "_")) or not following
        position = text.find(name, position + 1)
    return found


def _outside_at_rules(text: str) -> str:
    """A style sheet without its blocks such as `@media` and `@keyframes`, which hold only sometimes."""
    if "@" not in text:
        return text
    pieces: list[str] = []
    position = 0
    while (start := text.find("@", position)) >= 0:
        pieces.append(text[position:start])
        opening, semicolon = text.find("{", start), text.find(";", start)
        if opening < 0 or 0 <= semicolon < opening:
            position = semicolon + 1 if semicolon >= 0 else len(text)
            continue
        depth, position = 1, opening + 1
        while depth and position < len(text):
            closes, opens = text.find("}", position), text.find("{", position)
            if closes < 0:
                position = len(text)
            elif 0 <= opens < closes:
                depth, position = depth + 1, opens + 1
            else:
                depth, position = depth - 1, closes + 1
    pieces.append(text[position:])
    return "".join(pieces)
