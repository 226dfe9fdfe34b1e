"""CSS and XPath selectors, checked when they are made.

A CSS selector finds what a browser's `querySelectorAll` finds, called on the element: all matches below it in document
order. In addition it may begin with a combinator (`> li`, `+ tr`, `~ .note`), which is relative to the element itself,
and with `:scope`, which is that element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

import turbohtml

from nephila.errors import ConfigError

_STRINGS = re.compile(r"\"[^\"]*\"|'[^']*'")
_POSITION = re.compile(r"\[\s*\d")
_OPENING = {"(": ")", "[": "]"}


class Selector(Protocol):
    """Finds things from an element on."""

    source: str

    def all(self, start: turbohtml.Node) -> list[turbohtml.Element | str]:
        """Every match in document order; text and attribute values of an XPath as strings."""
        ...

    def first(self, start: turbohtml.Node) -> turbohtml.Element | str | None:
        """The first of them."""
        ...


class CssSelector:
    """A CSS selector, a list of several is allowed.

    Args:
        source: The selector.

    Raises:
        ConfigError: It is no valid CSS selector.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        native: list[str] = []
        self._siblings: list[list[tuple[str, str]]] = []
        self._own: list[str] = []
        for arm in _arms(source):
            steps = _steps(arm)
            if steps and steps[0] == ("", ":scope") and len(steps) > 1:
                steps = steps[1:]
            combinator, compound = steps[0] if steps else ("", "")
            if combinator in ("+", "~"):
                self._siblings.append(steps)
            elif len(steps) == 1 and compound.startswith(":scope"):
                self._own.append(compound)
            elif combinator:
                native.append(":scope" + _joined(steps))
            else:
                native.append(arm)
        self._native = ", ".join(native)
        self._check(native)

    def _check(self, native: list[str]) -> None:
        nothing = turbohtml.parse_fragment("")
        checked = [*native, *self._own, *(compound for steps in self._siblings for _, compound in steps)]
        for selector in checked:
            try:
                nothing.select(selector)
            except ValueError as error:
                reason = str(error).rpartition('": ')[2]
                raise ConfigError(f"{self.source!r} is not a valid CSS selector: {reason}") from None

    def all(self, start: turbohtml.Node) -> list[turbohtml.Element | str]:
        """See `Selector`."""
        if not self._siblings and not self._own:
            return [*start.select(self._native)]
        found: dict[turbohtml.Element, None] = {}
        if isinstance(start, turbohtml.Element) and any(start.matches(own) for own in self._own):
            found[start] = None
        if self._native:
            found.update(dict.fromkeys(start.select(self._native)))
        beside = [dict.fromkeys(_beside(start, steps)) for steps in self._siblings]
        found.update(beside[0] if len(beside) == 1 else _in_order(start, beside))
        return [*found]

    def first(self, start: turbohtml.Node) -> turbohtml.Element | str | None:
        """See `Selector`."""
        if not self._siblings and not self._own:
            return start.select_one(self._native)
        if not self._native and not self._own and len(self._siblings) == 1:
            return next(_beside(start, self._siblings[0]), None)
        return next(iter(self.all(start)), None)


def _beside(start: turbohtml.Node, steps: list[tuple[str, str]]) -> Iterator[turbohtml.Element]:
    """What `steps`, the first of them `+` or `~`, lead to."""
    (combinator, compound), rest = steps[0], steps[1:]
    seen: set[turbohtml.Element] = set()
    for sibling in start.next_siblings:
        if not isinstance(sibling, turbohtml.Element):
            continue
        if sibling.matches(compound):
            if not rest:
                yield sibling
            elif rest[0][0] in ("+", "~"):
                for found in _beside(sibling, rest):
                    if found not in seen:
                        seen.add(found)
                        yield found
            else:
                yield from sibling.select(":scope" + _joined(rest))
        if combinator == "+":
            return


def _in_order(start: turbohtml.Node, groups: list[dict[turbohtml.Element, None]]) -> dict[turbohtml.Element, None]:
    """The elements of several selectors, which are all beside or below siblings, in document order."""
    wanted = {element for group in groups for element in group}
    ordered: dict[turbohtml.Element, None] = {}
    for sibling in start.next_siblings:
        if len(ordered) == len(wanted):
            break
        for element in sibling.iter_elements(include_self=True):
            if element in wanted:
                ordered[element] = None
    return ordered


def _joined(steps: list[tuple[str, str]]) -> str:
    return "".join(f" {combinator} {compound}" for combinator, compound in steps)


def _arms(source: str) -> list[str]:
    """The selectors of a list."""
    arms, start = [], 0
    for position, character in _outside(source):
        if character == ",":
            arms.append(source[start:position].strip())
            start = position + 1
    return [*arms, source[start:].strip()]


def _steps(arm: str) -> list[tuple[str, str]]:
    """The compound selectors of one selector, each with the combinator before it."""
    marks = [(position, character) for position, character in _outside(arm) if character in ">+~ \t\n\r\f"]
    steps: list[tuple[str, str]] = []
    combinator, start = "", 0
    for position, character in [*marks, (len(arm), " ")]:
        compound = arm[start:position]
        if compound:
            steps.append((combinator, compound))
            combinator = " "
        if not character.isspace():
            if combinator.strip():
                # Two in a row: left for the parser to refuse.
                steps.append((combinator, ""))
            combinator = character
        start = position + 1
    if combinator.strip() and (not steps or arm[-1:] in ">+~"):
        # A combinator with nothing after it: left for the parser to refuse.
        steps.append((combinator, ""))
    return steps


def _outside(source: str) -> Iterator[tuple[int, str]]:
    """The characters that are in no brackets, parentheses and strings, and not escaped."""
    closing: list[str] = []
    quote, escaped = "", False
    for position, character in enumerate(source):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in _OPENING:
            closing.append(_OPENING[character])
        elif closing:
            if character == closing[-1]:
                closing.pop()
        else:
            yield position, character


class XPathSelector:
    """An XPath 1.0 expression; paths without a leading `/` are relative to the element.

    Args:
        source: The expression.

    Raises:
        ConfigError: It is no valid XPath.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        try:
            if "$" in _STRINGS.sub("", source):
                raise ValueError("variables have no values here")
            self._compiled = turbohtml.XPath(source)
            self._compiled(turbohtml.parse(""))
        except (ValueError, TypeError) as error:
            raise ConfigError(f"{source!r} is not a valid XPath: {error}") from None

    def all(self, start: turbohtml.Node) -> list[turbohtml.Element | str]:
        """See `Selector`; a number or a truth value is one string."""
        found = self._compiled(start)
        if not isinstance(found, list):
            return [_as_text(found)]
        return [each if isinstance(each, turbohtml.Element | str) else each.text for each in found]

    def first(self, start: turbohtml.Node) -> turbohtml.Element | str | None:
        """See `Selector`."""
        return next(iter(self.all(start)), None)


def _as_text(value: float | bool | str) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def xpath_or_css(source: str) -> Selector:
    """The selector of an XPath strategy: XPath, or simple CSS such as `div.card` where it can be nothing else.

    Without a slash, `@`, parenthesis, axis or dot path it is read as CSS, so a bare tag name finds all below.

    Raises:
        ConfigError: It is neither.
    """
    plain = source.strip()
    if plain in (".", "..") or _POSITION.search(plain) or any(mark in plain for mark in ("/", "@", "(", "::")):
        return XPathSelector(plain)
    try:
        return CssSelector(plain)
    except ConfigError:
        return XPathSelector(plain)
