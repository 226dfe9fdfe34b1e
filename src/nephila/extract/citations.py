"""Links as numbered marks, with a list of references at the end."""

from __future__ import annotations

import re

from nephila.extract.markdown_syntax import IMAGE, LINK, code_parts, unescape
from nephila.net import url as urls

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")


def convert_links_to_citations(markdown: str, base_url: str = "") -> tuple[str, str]:
    """Replace every inline link of `markdown` by its text and a numbered mark.

    A mark is the number between U+27E8 and U+27E9. Links to the same URL share a number; numbers follow the order of
    first appearance. Autolinks keep their text. Images and everything in code spans and fenced blocks stay as they
    are. Takes linear time whatever the text.

    Args:
        markdown: CommonMark text with inline links.
        base_url: What relative links resolve against; left as they are when it is empty.

    Returns:
        The text with marks, and the references: a section headed `## References` with one line per URL, its title
        and the text of its first link. The references are empty when there are no links.
    """
    references = _References(base_url)
    pieces: list[str] = []
    position = 0
    for start, end, _ in code_parts(markdown):
        pieces.append(LINK.sub(references.mark, markdown[position:start]))
        pieces.append(markdown[start:end])
        position = end
    pieces.append(LINK.sub(references.mark, markdown[position:]))
    return "".join(pieces), references.section()


class _References:
    """The distinct URLs met so far."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._numbers: dict[str, int] = {}
        self._lines: list[str] = []

    def mark(self, match: re.Match[str]) -> str:
        """Return what stands in the text for the link that matched."""
        text = match["text"]
        if text is None:
            auto = match["auto"]
            if auto is None:
                return match[0]
            return f"{match['slashes']}<{auto}>\u27e8{self._number(auto, '', '')}\u27e9"
        destination, plain, double, single, round_ = match.group("bracketed", "plain", "double", "single", "round")
        title = double or single or round_ or ""
        number = self._number(unescape(destination if plain is None else plain), title, text)
        return f"{match['slashes']}{text}\u27e8{number}\u27e9"

    def _number(self, url: str, title: str, text: str) -> int:
        number = self._numbers.get(url)
        if number is not None:
            return number
        key = url
        if self._base_url and not _ABSOLUTE.match(url):
            key = urls.join(self._base_url, url) or url
            number = self._numbers.get(key)
        if number is None:
            number = len(self._lines) + 1
            self._lines.append(f"\u27e8{number}\u27e9 {key}{_description(title, text)}")
            self._numbers[key] = number
        self._numbers[url] = number
        return number

    def section(self) -> str:
        """Return the references as Markdown."""
        if not self._lines:
            return ""
        return "\n\n## References\n\n" + "\n".join(self._lines) + "\n"


def _description(title: str, text: str) -> str:
    """What is said of a URL behind it in the references."""
    if "![" in text:
        text = IMAGE.sub(lambda match: match["alt"], text)
    if title:
        title = " ".join(unescape(title).split())
    text = " ".join(text.split())
    parts = [part for part in (title, text) if part]
    if len(parts) == 2 and title == text:
        parts.pop()
    return ": " + " - ".join(parts) if parts else ""
