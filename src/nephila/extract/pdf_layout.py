"""From the words of a PDF page, which only have places, back to paragraphs, headings and list items."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise

import turbohtml

_GUTTER = 1.8
"""Space between words, in font sizes, from which what follows is another column or cell."""

_COLUMN_ROWS = 4
_COLUMN_CHARACTERS = 22
"""So many rows in a row with two pieces of at least so many characters are two columns, and not a table."""

_PARAGRAPH_STEP = 1.35
"""A step to the next line so many times the usual one is the space between paragraphs."""

_INDENT = (0.8, 5.0)
"""Font sizes by which the first line of a paragraph may be indented."""

_SAME_SIZE = 0.12
_SENTENCE_ENDS = (".", "!", "?", ":", ";", "。", "！", "？", "”", '"', "»", ")")
_BULLETS = frozenset("•▪◦‣·●○■□▸►∙")
_UNSPACED = ((0x2E80, 0xA4CF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))
"""Scripts written without spaces: lines of them are joined without one."""


@dataclass(slots=True)
class Word:
    """A run of letters without a space in it, and where it stands, in points from the lower left corner."""

    text: str
    left: float
    right: float
    bottom: float
    size: float
    href: str = ""


@dataclass(slots=True)
class Line:
    """Words next to each other.

    Attributes:
        hyphenated: Whether its last word goes on in the next line.
        is_row: Whether it is a row of several cells.
        size: The size of its font, in points.
    """

    words: list[Word]
    hyphenated: bool = False
    is_row: bool = False
    size: float = field(init=False)

    def __post_init__(self) -> None:
        self.size = max([word.size for word in self.words])

    @property
    def left(self) -> float:
        """Where it begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.words[-1].right

    @property
    def bottom(self) -> float:
        """Where it stands."""
        return self.words[0].bottom

    @property
    def characters(self) -> int:
        """Its length without spaces."""
        return sum(len(word.text) for word in self.words)

    @property
    def is_item(self) -> bool:
        """Whether it begins a list item."""
        return self.words[0].text[0] in _BULLETS


@dataclass(slots=True)
class Block:
    """A paragraph as HTML.

    Attributes:
        html: Its content.
        size: The size of its font.
        characters: The length of its text.
        lines: How many lines it takes on the page.
        is_item: Whether it is a list item.
    """

    html: str
    size: float
    characters: int
    lines: int
    is_item: bool


def blocks_of(lines: Sequence[Line]) -> list[Block]:
    """The paragraphs of a page, in reading order."""
    ordered = _by_columns([_pieces(line) for line in lines])
    step = _usual_step(ordered)
    blocks: list[Block] = []
    paragraph: list[Line] = []
    for line in ordered:
        if paragraph and _starts_anew(paragraph, line, step):
            blocks.append(_block(paragraph))
            paragraph = []
        paragraph.append(line)
    if paragraph:
        blocks.append(_block(paragraph))
    return blocks


def body_size(pages: Iterable[Iterable[Block]]) -> float:
    """The font size most of a document is set in."""
    counts: dict[float, int] = {}
    for blocks in pages:
        for block in blocks:
            counts[round(block.size, 1)] = counts.get(round(block.size, 1), 0) + block.characters
    return max(counts, key=lambda size: counts[size], default=0.0)


def is_heading(block: Block, body: float) -> bool:
    """Whether a paragraph is a heading: short, and larger than the text."""
    return not block.is_item and block.size > body * (1 + _SAME_SIZE) and block.characters <= 200 and block.lines <= 3


def _pieces(line: Line) -> list[Line]:
    """The line cut where its words are far apart."""
    pieces: list[list[Word]] = []
    last: Word | None = None
    for word in line.words:
        is_near = last is not None and -word.size < word.left - last.right < _GUTTER * word.size
        # A bullet stands apart from what it belongs to.
        if is_near or (len(pieces) == 1 and pieces[0] == [last] and line.is_item):
            pieces[-1].append(word)
        else:
            pieces.append([word])
        last = word
    if len(pieces) == 1:
        return [line]
    return [Line(words, line.hyphenated and words is pieces[-1]) for words in pieces]


def _by_columns(rows: Sequence[list[Line]]) -> list[Line]:
    """Rows that run across two columns are read column by column; other rows of several pieces stay rows."""
    ordered: list[Line] = []
    for count, group in groupby(rows, key=lambda pieces: len(pieces)):
        block = list(group)
        pieces = [piece for row in block for piece in row]
        if count == 2 and len(block) >= _COLUMN_ROWS:
            shortest = min(statistics.mean(row[side].characters for row in block) for side in (0, 1))
            if shortest >= _COLUMN_CHARACTERS:
                for side in (0, 1):
                    ordered += [row[side] for row in block]
                continue
        if count == 1:
            ordered += pieces
        else:
            ordered += [
                Line([word for piece in row for word in piece.words], row[-1].hyphenated, True) for row in block
            ]
    return ordered


def _usual_step(lines: Sequence[Line]) -> float:
    """From one line to the next, in font sizes."""
    steps = [
        (before.bottom - after.bottom) / after.size
        for before, after in pairwise(lines)
        if after.size > 0 and 0 < before.bottom - after.bottom < 3 * after.size and _same_size(before.size, after.size)
    ]
    # Most steps are within paragraphs; where paragraphs are single lines, none should be joined.
    return min(statistics.median_low(steps), 2.2) if steps else 1.2


def _starts_anew(paragraph: Sequence[Line], line: Line, step: float) -> bool:
    """Whether `line` begins another paragraph."""
    last = paragraph[-1]
    if line.is_item or not _same_size(last.size, line.size):
        return True
    if last.hyphenated:
        return False
    ended = last.words[-1].text.endswith(_SENTENCE_ENDS)
    down = last.bottom - line.bottom
    if down < 0 or line.left > last.right:
        # The top of the next column, or something set beside: a sentence may go on there.
        return ended or not line.words[0].text[0].islower()
    if down > _PARAGRAPH_STEP * step * line.size:
        return True
    if paragraph[0].is_item:
        return line.left <= paragraph[0].left + 0.1 * line.size
    if last.is_row or line.is_row:
        return last.is_row != line.is_row
    indent = line.left - last.left
    if ended and _INDENT[0] * line.size < indent < _INDENT[1] * line.size:
        return True
    width = max(each.right for each in paragraph) - min(each.left for each in paragraph)
    return ended and len(paragraph) > 1 and max(each.right for each in paragraph) - last.right > 0.25 * width


def _same_size(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_SIZE * max(one, other)


def _block(lines: Sequence[Line]) -> Block:
    words: list[tuple[str, str, str]] = []
    """What stands before a word, the word, where it leads."""
    is_item = lines[0].is_item
    for number, line in enumerate(lines):
        for position, word in enumerate(line.words):
            if position:
                words.append((" ", word.text, word.href))
            elif number == 0:
                words.append(("", word.text, word.href))
            else:
                before, text, href = words[-1]
                between, text = _joint(text, word.text, lines[number - 1], line)
                words[-1] = (before, text, href)
                words.append((between, word.text, word.href))
    if is_item:
        _, text, href = words[0]
        text = text.lstrip("".join(_BULLETS))
        words = [("", text, href), *words[1:]] if text else [("", *words[1][1:]), *words[2:]] if words[1:] else []
    characters = sum(len(text) for _, text, _ in words)
    return Block(_html(words), max(line.size for line in lines), characters, len(lines), is_item)


def _joint(text: str, following: str, last: Line, line: Line) -> tuple[str, str]:
    """What comes between two words that stand on two lines, and how the first is written then."""
    if last.hyphenated:
        # A hyphen that the text itself has is followed by a name or a number more often than not.
        return "", text if following[0].islower() else text + "-"
    if last.is_row and line.is_row:
        return "<br>", text
    if _is_unspaced(text[-1]) and _is_unspaced(following[0]):
        return "", text
    return " ", text


def _is_unspaced(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in _UNSPACED)


def _html(words: Sequence[tuple[str, str, str]]) -> str:
    """The words as HTML, those of one link in one anchor."""
    html: list[str] = []
    for href, group in groupby(words, key=lambda word: word[2]):
        run = list(group)
        html.append(run[0][0])
        text = "".join(
            (before if number else "") + turbohtml.escape(word, quote=False)
            for number, (before, word, _) in enumerate(run)
        )
        html.append(f'<a href="{turbohtml.escape(href)}">{text}</a>' if href else text)
    return "".join(html)
