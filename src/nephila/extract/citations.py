"""Links as numbered marks, with a list of references at the end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nephila.extract.markdown_syntax import IMAGE, LINK, SIMPLE_LINK, link_free_parts, may_hold_link, unescape
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
    for start, end in link_free_parts(markdown):
        references.mark_links(markdown[position:start], pieces)
        pieces.append(markdown[start:end])
        position = end
    references.mark_links(markdown[position:], pieces)
    return "".join(pieces), references.section()


@dataclass(frozen=True, slots=True)
class DeferredCitations:
    """Citations that are made when somebody asks for them, which is rare and takes longer than much of reading.

    Attributes:
        markdown: As for `convert_links_to_citations`.
        base_url: The same.
    """

    markdown: str
    base_url: str

    def __call__(self) -> tuple[str, str]:
        """Make them."""
        return convert_links_to_citations(self.markdown, self.base_url)


class _References:
    """The distinct URLs met so far."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._marks: dict[str, str] = {}
        self._lines: list[str] = []

    def mark_links(self, prose: str, pieces: list[str]) -> None:
        """Append `prose` with marks to `pieces`."""
        if "](" not in prose and "<http" not in prose:
            pieces.append(prose)
            return
        parts = SIMPLE_LINK.split(prose)
        marks, lines = self._marks, self._lines
        for between, text, url, title in zip(parts[0::4], parts[1::4], parts[2::4], parts[3::4], strict=False):
            if ("](" in between or "<http" in between) and may_hold_link(between):
                between = LINK.sub(self._mark, between)
            mark = marks.get(url)
            if mark is None:
                if title is None and url[:4] == "http" and "![" not in text:
                    # What nearly every link is, written out: this loop is most of the time.
                    mark = marks[url] = f"\u27e8{len(lines) + 1}\u27e9"
                    lines.append(f"{mark} {url}: {text}" if text else f"{mark} {url}")
                else:
                    mark = self._add(url, title, text)
            pieces += (between, text, mark)
        pieces.append(LINK.sub(self._mark, parts[-1]) if may_hold_link(parts[-1]) else parts[-1])

    def _mark(self, match: re.Match[str]) -> str:
        image, text, bracketed, plain, double, single, round_, auto = match.groups()
        if image is not None:
            return match[0]
        if auto is not None:
            return f"<{auto}>{self._marks.get(auto) or self._add(auto, None, '')}"
        url = unescape(bracketed if plain is None else plain)
        return f"{text}{self._marks.get(url) or self._add(url, double or single or round_, text)}"

    def _add(self, url: str, title: str | None, text: str) -> str:
        """The mark of a URL that is not yet known as it is written."""
        key = url
        mark = None
        if self._base_url and not url.startswith("http") and not _ABSOLUTE.match(url):
            key = urls.join(self._base_url, url) or url
            mark = self._marks.get(key)
        if mark is None:
            mark = f"\u27e8{len(self._lines) + 1}\u27e9"
            self._lines.append(f"{mark} {key}{_description(title, text)}")
            self._marks[key] = mark
        self._marks[url] = mark
        return mark

    def section(self) -> str:
        """Return the references as Markdown."""
        if not self._lines:
            return ""
        return "\n\n## References\n\n" + "\n".join(self._lines) + "\n"


def _description(title: str | None, text: str) -> str:
    """What is said of a URL behind it in the references."""
    if "![" in text:
        text = IMAGE.sub(lambda match: match["alt"], text)
    if not title:
        text = " ".join(text.split())
        return f": {text}" if text else ""
    title, text = " ".join(unescape(title).split()), " ".join(text.split())
    return ": " + " - ".join([title, text] if text and text != title else [title])
