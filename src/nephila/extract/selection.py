"""Which part of a page is read: `css_selector`, `target_elements` and the exclusions."""

from __future__ import annotations

import re

import turbohtml

from nephila.errors import ErrorCode, ReadError
from nephila.options.content import ContentOptions

_TAG_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z")
_WRAPPERS = {
    "li": "ul", "dt": "dl", "dd": "dl",
    "thead": "table", "tbody": "table", "tfoot": "table", "caption": "table", "colgroup": "table",
    "tr": "table", "td": "table", "th": "table",
}  # fmt: skip


def select_outermost(root: turbohtml.Node, selector: str, option: str) -> list[turbohtml.Element]:
    """What `selector` matches below `root` in document order, without matches that lie inside another match.

    Args:
        root: Where to look.
        selector: CSS, a list is allowed.
        option: The option's name, for the error.

    Raises:
        ReadError: The selector is not valid CSS.
    """
    try:
        matches = root.select(selector)
    except ValueError as error:
        raise _invalid_selector(selector, option, error) from None
    outermost = []
    position = 0
    while position < len(matches):
        match = matches[position]
        outermost.append(match)
        # Document order: the matches inside this one are the next in the list.
        position += 1 + len(match.select(selector))
    return outermost


def keep_only(body: turbohtml.Element, matches: list[turbohtml.Element]) -> None:
    """Make `matches` the only content of `body`; list items and table parts get the parent they need."""
    if any(match == body for match in matches):
        return
    groups: list[tuple[str, list[turbohtml.Element]]] = []
    for match in matches:
        tag = match.tag
        wrapper = _WRAPPERS.get(tag, "")
        if wrapper == "ul":
            parent = match.parent
            wrapper = "ol" if isinstance(parent, turbohtml.Element) and parent.tag == "ol" else "ul"
        if wrapper and groups and groups[-1][0] == wrapper:
            groups[-1][1].append(match)
        else:
            groups.append((wrapper, [match]))
    body.clear()
    for wrapper, members in groups:
        if not wrapper:
            body.extend(members)
            continue
        holder = turbohtml.Element(wrapper)
        body.append(holder)
        if members[0].tag in ("td", "th"):
            row = turbohtml.Element("tr")
            holder.append(row)
            holder = row
        holder.extend(members)


def apply_css_selector(body: turbohtml.Element, root: turbohtml.Node, selector: str) -> bool:
    """Reduce the page to what `css_selector` matches; returns whether anything did."""
    matches = select_outermost(root, selector, "css_selector")
    if matches and matches[0].tag == "html":
        return True
    keep_only(body, matches)
    return bool(matches)


def apply_exclusions(body: turbohtml.Element, options: ContentOptions) -> bool:
    """Remove what `excluded_tags`, `excluded_selector` and `remove_forms` name, with its content.

    Returns whether any of them is set.

    Raises:
        ReadError: A tag name or the selector is not valid.
    """
    for tag in options.excluded_tags:
        if not _TAG_NAME.match(tag):
            raise ReadError(ErrorCode.READ, f"excluded_tags: {tag!r} is not a tag name.")
    if options.excluded_tags:
        body.remove(", ".join(options.excluded_tags))
    if options.excluded_selector:
        try:
            body.remove(options.excluded_selector)
        except ValueError as error:
            raise _invalid_selector(options.excluded_selector, "excluded_selector", error) from None
    if options.remove_forms:
        body.remove("form")
    return bool(options.excluded_tags or options.excluded_selector or options.remove_forms)


def target_matches(body: turbohtml.Element, target_elements: list[str]) -> list[turbohtml.Element]:
    """What any of `target_elements` matches, in document order.

    Raises:
        ReadError: One of the selectors is not valid CSS.
    """
    for selector in target_elements:
        try:
            body.matches(selector)
        except ValueError as error:
            raise _invalid_selector(selector, "target_elements", error) from None
    return select_outermost(body, ", ".join(target_elements), "target_elements")


def _invalid_selector(selector: str, option: str, error: ValueError) -> ReadError:
    reason = str(error).rpartition('": ')[2]
    return ReadError(ErrorCode.READ, f"{option} {selector!r} is not a valid CSS selector: {reason}.")
