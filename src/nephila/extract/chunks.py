"""Cutting Markdown into pieces for a search index, each of which knows where it is from."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nephila.errors import ConfigError
from nephila.extract.markdown_blocks import MarkdownBlock, markdown_blocks
from nephila.extract.sentences import sentence_ends
from nephila.extract.tokens import Tokenizer, counted
from nephila.options.strategies import ChunkingStrategy

WAYS: Final = ("headings", "sentences", "tokens")
_WORD: Final = re.compile(r"\S+\s*|\s+")
_LONGEST_WORD: Final = 200
"""Characters of a word that are cut at once."""


@dataclass(slots=True, frozen=True)
class Chunk:
    """A piece of a Markdown text.

    Attributes:
        id: The same for the same text at the same place of the same page, whatever else of the page changes.
        text: The piece, `markdown[start:end]`.
        heading_path: The titles of the headings it stands under, outermost first.
        url: The page.
        start: Where it begins in the Markdown, in characters.
        end: Where it ends.
        tokens: Its size by the tokenizer.
    """

    id: str
    text: str
    heading_path: tuple[str, ...]
    url: str
    start: int
    end: int
    tokens: int


@dataclass(slots=True, frozen=True)
class _Atom:
    """A part of the text that is not cut."""

    start: int
    end: int
    tokens: int
    block: MarkdownBlock
    opens_section: bool


class MarkdownChunker(ChunkingStrategy):
    """Cuts Markdown into pieces of a limited size.

    The pieces cover the text: without overlap, one begins where the one before ends. Code blocks and tables are cut
    only when they are longer than `max_tokens`, and then between lines where possible. A heading stays with what
    follows it.

    Args:
        by: `headings`: every section begins a piece, sections that are too long are cut between paragraphs.
            `sentences`: as many whole sentences as fit. `tokens`: as many words as fit.
        max_tokens: The size of a piece, 1 or more.
        overlap: Tokens that a piece repeats of the end of the one before, as far as whole sentences (`headings`,
            `sentences`) or words (`tokens`) fit; from 0 to `max_tokens - 1`. With `headings`, within a section.
        tokenizer: Gives the tokens of a text, or their number; None estimates it, see
            `nephila.extract.tokens.approximate_tokens`.

    Raises:
        ConfigError: An argument is out of its range.
    """

    def __init__(
        self, by: str = "headings", max_tokens: int = 512, overlap: int = 0, tokenizer: Tokenizer | None = None
    ) -> None:
        if by not in WAYS:
            raise ConfigError(f"by is one of {', '.join(WAYS)}, not {by!r}.")
        if max_tokens < 1:
            raise ConfigError(f"max_tokens is 1 or more, not {max_tokens}.")
        if not 0 <= overlap < max_tokens:
            raise ConfigError(f"overlap is from 0 to max_tokens - 1 ({max_tokens - 1}), not {overlap}.")
        self.by = by
        self.max_tokens = max_tokens
        self.overlap = overlap
        self.tokenizer = tokenizer

    def chunk(self, text: str) -> list[str]:
        """Return the texts of the pieces."""
        return [piece.text for piece in self.split(text)]

    def split(self, markdown: str, url: str = "") -> list[Chunk]:
        """Return the pieces of a page's Markdown in their order; none for a text that is only white space.

        Args:
            markdown: The text, such as `result.markdown` or `result.markdown.fit_markdown`.
            url: The page; it becomes part of the ids.
        """
        markdown = str(markdown)
        if not markdown.strip():
            return []
        chunks: list[Chunk] = []
        seen: Counter[tuple[tuple[str, ...], str]] = Counter()
        for group in self._groups(_glued(self._atoms(markdown), self.max_tokens)):
            start, end = group[0].start, group[-1].end
            text = markdown[start:end]
            path = self._path(group)
            seen[path, text] += 1
            identity = _identity(url, path, text, seen[path, text])
            chunks.append(Chunk(identity, text, path, url, start, end, counted(self.tokenizer, text)))
        return chunks

    def _path(self, group: list[_Atom]) -> tuple[str, ...]:
        """The headings of the first thing in a piece that is no heading."""
        content = next((atom for atom in group if atom.block.kind != "heading"), group[-1])
        return content.block.heading_path

    def _atoms(self, markdown: str) -> Iterator[_Atom]:
        """The smallest parts, in order."""
        for block in markdown_blocks(markdown):
            is_first = block.kind == "heading"
            for start, end, tokens in self._parts(markdown, block):
                yield _Atom(start, end, tokens, block, is_first)
                is_first = False

    def _parts(self, markdown: str, block: MarkdownBlock) -> Iterator[tuple[int, int, int]]:
        """A block as the spans that are not cut: the whole, or its lines or sentences, or its words."""
        tokens = counted(self.tokenizer, markdown[block.start : block.end])
        fits = tokens <= self.max_tokens
        if fits and (block.kind != "text" or (self.by == "headings" and not self.overlap)):
            yield block.start, block.end, tokens
            return
        if self.by == "tokens" and block.kind == "text":
            yield from self._words(markdown, block.start, block.end)
            return
        text = markdown[block.start : block.end]
        ends = sentence_ends(text) if block.kind == "text" else [*_line_ends(text)]
        start = block.start
        for end in ends:
            size = counted(self.tokenizer, markdown[start : block.start + end])
            if size <= self.max_tokens:
                yield start, block.start + end, size
            else:
                yield from self._words(markdown, start, block.start + end)
            start = block.start + end

    def _words(self, markdown: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        for match in _WORD.finditer(markdown, start, end):
            for first in range(match.start(), match.end(), _LONGEST_WORD):
                last = min(first + _LONGEST_WORD, match.end())
                yield from self._letters(markdown, first, last)

    def _letters(self, markdown: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """A word, in halves until each fits."""
        spans = [(start, end)]
        while spans:
            first, last = spans.pop()
            tokens = counted(self.tokenizer, markdown[first:last])
            if tokens <= self.max_tokens or last - first == 1:
                yield first, last, tokens
            else:
                middle = (first + last) // 2
                spans += [(middle, last), (first, middle)]

    def _groups(self, units: list[list[_Atom]]) -> Iterator[list[_Atom]]:
        """Units put together until a piece is full."""
        group: list[_Atom] = []
        size = fresh = 0
        for unit in units:
            needed = sum(atom.tokens for atom in unit)
            is_section = self.by == "headings" and unit[0].opens_section
            if fresh and (is_section or size + needed > self.max_tokens):
                yield group
                group = [] if is_section else self._repeated(group, needed)
                size, fresh = sum(atom.tokens for atom in group), 0
            group.extend(unit)
            size += needed
            fresh += 1
        if group:
            yield group

    def _repeated(self, group: list[_Atom], needed: int) -> list[_Atom]:
        """The end of a piece that the next one begins with."""
        if not self.overlap:
            return []
        room = min(self.overlap, self.max_tokens - needed)
        first = len(group)
        while first > 1 and group[first - 1].tokens <= room:
            first -= 1
            room -= group[first].tokens
        return group[first:]


def _glued(atoms: Iterable[_Atom], limit: int) -> list[list[_Atom]]:
    """Atoms that stay together: a heading with what follows it, where that is no heading of its level or above."""
    units: list[list[_Atom]] = []
    open_headings = False
    size = 0
    for atom in atoms:
        before = units[-1][-1] if units else None
        size += atom.tokens
        if before is not None and open_headings and size <= limit and _stays(before.block, atom.block):
            units[-1].append(atom)
        else:
            units.append([atom])
            size = atom.tokens
        open_headings = atom.block.kind == "heading"
    return units


def _stays(heading: MarkdownBlock, following: MarkdownBlock) -> bool:
    return following.kind != "heading" or len(following.heading_path) > len(heading.heading_path)


def _line_ends(text: str) -> Iterator[int]:
    position = text.find("\n")
    while position >= 0:
        yield position + 1
        position = text.find("\n", position + 1)
    if not text.endswith("\n"):
        yield len(text)


def _identity(url: str, path: tuple[str, ...], text: str, occurrence: int) -> str:
    """A digest of what a piece is and where it stands, not of what stands around it."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (url, *path, text, str(occurrence)):
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
