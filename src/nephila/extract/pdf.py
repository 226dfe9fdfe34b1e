"""PDF files: their text, links and metadata, as an HTML page that is then read as any other.

PDFium, the PDF reader of Chromium, takes the file apart (ISO 32000); it comes with the extra `pdf`. It is not safe to
use from two threads at once, so one file is read at a time in a process.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import math
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final

import turbohtml

from nephila.errors import ErrorCode, ReadError
from nephila.extract.pdf_layout import Block, Line, Word, blocks_of, body_size, is_heading
from nephila.models import JSONValue

if TYPE_CHECKING:
    import pypdfium2

INSTALL: Final = 'pip install "nephila[pdf]"'

_HEADER_WITHIN: Final = 1024
"""Readers of the format accept its header in the first so many bytes (ISO 32000-1, Annex H.3.4.1)."""

_TRAILER_WITHIN: Final = 2048
_HEADER: Final = re.compile(rb"%PDF-\d\.\d")
_PAGE_CHARACTERS: Final = 1_000_000
"""Of one page; a page that somebody reads has about 5,000."""

_PAGE_LINKS: Final = 10_000
_WAIT_SECONDS: Final = 60.0
_HYPHENS: Final = frozenset("\x02\ufffe")
"""What PDFium makes of a hyphen at which a word is broken."""

_BREAKS: Final = _HYPHENS | frozenset("\r\n")
_WORD_OR_BREAK: Final = re.compile("[^\\s\x00-\x1f\ufffe]+|[\r\n]+|[\x02\ufffe]")

_DATE: Final = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+Z-])(\d\d)?'?(\d\d)?'?)?")


@dataclass(slots=True)
class PdfPages:
    """What a PDF file holds.

    Attributes:
        html: Its pages as HTML, a `div` of the class `pdf-page` for each.
        metadata: `title`, `author`, `subject`, `keywords`, `creator`, `producer`, `created`, `modified`, `pages`,
            `encrypted`, `file_size`.
        warnings: What could not be read.
    """

    html: str = ""
    metadata: dict[str, JSONValue] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def is_pdf(body: bytes, is_textual: bool = False) -> bool:
    """Whether the bytes are a PDF file, whatever they are called.

    The header may come after something else; a page of text that merely speaks of it is told by its end.

    Args:
        body: The bytes.
        is_textual: Whether they are said to be text.
    """
    found = _HEADER.search(body, 0, _HEADER_WITHIN + len(b"%PDF-1.7"))
    if found is None:
        return False
    return not body[: found.start()].strip(b"\xef\xbb\xbf\x00 \t\r\n\f") or (
        not is_textual and b"startxref" in body[-_TRAILER_WITHIN:]
    )


def can_read_pdf() -> bool:
    """Whether the extra `pdf` is installed."""
    return importlib.util.find_spec("pypdfium2") is not None


def read_pdf(body: bytes, max_pages: int, max_characters: int) -> PdfPages:
    """Read a PDF file.

    Args:
        body: The file.
        max_pages: Pages read; a warning says when there are more.
        max_characters: Characters of HTML that may come of it.

    Raises:
        ReadError: It is damaged, needs a password, or holds too much.
    """
    with _alone(), _opened(body) as document:
        pages = PdfPages(metadata=_metadata(document, len(body)))
        read: list[_Page] = []
        unread: list[int] = []
        left = max_characters
        count = len(document)
        for number in range(min(count, max_pages)):
            page = _read_page(document, number)
            if page is None:
                unread.append(number + 1)
            read.append(page or _Page())
            left -= sum(len(block.html) for block in read[-1].blocks)
            if left < 0:
                message = f"The PDF has more text than max_decoded_bytes allows ({max_characters:,} characters)."
                raise ReadError(ErrorCode.TOO_LARGE, message)
        pages.html = _html(read, str(pages.metadata.get("title", "")))
        pages.warnings = _warnings(read, unread, count, max_pages)
    return pages


@functools.cache
def _reading() -> threading.Lock:
    return threading.Lock()


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other threads of this process out of PDFium."""
    if not _reading().acquire(timeout=_WAIT_SECONDS):
        raise ReadError(ErrorCode.READ, "The PDF was not read: another one has kept the reader busy for too long.")
    try:
        yield
    finally:
        _reading().release()


@contextmanager
def _opened(body: bytes) -> Iterator[pypdfium2.PdfDocument]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise ReadError(ErrorCode.READ, "The PDF is encrypted and needs a password.") from None
        raise ReadError(ErrorCode.READ, "The PDF is damaged: no page of it can be found.") from None
    try:
        yield document
    finally:
        document.close()


def _metadata(document: pypdfium2.PdfDocument, file_size: int) -> dict[str, JSONValue]:
    import pypdfium2.raw as pdfium

    metadata: dict[str, JSONValue] = {}
    for name, value in document.get_metadata_dict(skip_empty=True).items():
        value = value.replace("\x00", "").strip()
        if not value:
            continue
        if name in ("CreationDate", "ModDate"):
            metadata["created" if name == "CreationDate" else "modified"] = _iso_date(value)
        elif name != "Trapped":
            metadata[name.lower()] = value
    metadata["pages"] = len(document)
    metadata["encrypted"] = pdfium.FPDF_GetSecurityHandlerRevision(document) != -1
    metadata["file_size"] = file_size
    return metadata


def _iso_date(text: str) -> str:
    """A PDF date (ISO 32000-1, section 7.9.4) in the form of ISO 8601; as it is when it is none."""
    found = _DATE.match(text)
    if found is None:
        return text
    year, month, day, hour, minute, second, sign, offset_hours, offset_minutes = found.groups()
    zone = None
    try:
        if sign is not None:
            offset = timedelta(hours=int(offset_hours or 0), minutes=int(offset_minutes or 0))
            zone = timezone(-offset if sign == "-" else offset)
        date = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone
        )
    except ValueError:
        return text
    return date.isoformat()


@dataclass(slots=True)
class _Page:
    blocks: list[Block] = field(default_factory=list)
    wordless_links: list[str] = field(default_factory=list)


def _read_page(document: pypdfium2.PdfDocument, number: int) -> _Page | None:
    """The paragraphs of a page and its links; None when it cannot be read."""
    import pypdfium2

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        return None
    try:
        text_page = page.get_textpage()
        try:
            links = _links(document, page)
            lines = _lines(text_page)
            _give_links(lines, links)
            return _Page(blocks_of(lines), [link.href for link in links if not link.has_words])
        finally:
            text_page.close()
    except pypdfium2.PdfiumError:
        return None
    finally:
        page.close()


@dataclass(slots=True)
class _PageLink:
    left: float
    bottom: float
    right: float
    top: float
    href: str
    has_words: bool = False


def _links(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage) -> list[_PageLink]:
    """The places of a page that lead to a URL."""
    import pypdfium2.raw as pdfium

    links: list[_PageLink] = []
    position = ctypes.c_int(0)
    link = pdfium.FPDF_LINK()
    rectangle = pdfium.FS_RECTF()
    while len(links) < _PAGE_LINKS and pdfium.FPDFLink_Enumerate(page, position, link):
        action = pdfium.FPDFLink_GetAction(link)
        if not action or pdfium.FPDFAction_GetType(action) != pdfium.PDFACTION_URI:
            continue
        size = pdfium.FPDFAction_GetURIPath(document, action, None, 0)
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
        href = buffer.value.decode("utf-8", "replace").strip()
        if href and pdfium.FPDFLink_GetAnnotRect(link, rectangle):
            low, high = sorted((rectangle.bottom, rectangle.top))
            links.append(_PageLink(rectangle.left, low, rectangle.right, high, href))
    return links


def _lines(text_page: pypdfium2.PdfTextPage) -> list[Line]:
    """The page's words in the order of the file, line by line."""
    text = _text(text_page, min(text_page.count_chars(), _PAGE_CHARACTERS))
    places = _Places(text_page)
    lines: list[Line] = []
    words: list[Word] = []
    for found in _WORD_OR_BREAK.finditer(text):
        piece = found.group()
        if piece[0] not in _BREAKS:
            words.append(places.word(piece, found.start()))
        elif words:
            lines.append(Line(words, piece[0] in _HYPHENS))
            words = []
    if words:
        lines.append(Line(words))
    return lines


def _text(text_page: pypdfium2.PdfTextPage, count: int) -> str:
    """The letters, one for each of PDFium's positions."""
    import pypdfium2.raw as pdfium

    text: str = text_page.get_text_range(0, count)
    if len(text) == count and not any("\ud800" <= letter <= "\udfff" or letter > "\uffff" for letter in text):
        return text
    codes = (pdfium.FPDFText_GetUnicode(text_page, index) for index in range(count))
    return "".join(chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else " " for code in codes)


class _Places:
    """Where the words of a page stand."""

    def __init__(self, text_page: pypdfium2.PdfTextPage) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium = pdfium
        self._handle = text_page.raw
        self._first, self._last, self._matrix = pdfium.FS_RECTF(), pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._box = (math.nan, math.nan)
        self._size = 0.0

    def word(self, text: str, index: int) -> Word:
        """The word whose first letter is at a position of the page."""
        box = self._pdfium.FPDFText_GetLooseCharBox
        first, last = self._first, self._last
        box(self._handle, index, first)
        box(self._handle, index + len(text) - 1, last)
        if (first.bottom, first.top) != self._box:
            # Words of one line that are as high are as large and on the same line; most are.
            self._box = (first.bottom, first.top)
            self._measure(index)
        return Word(text, first.left, last.right, self._y.value, self._size)

    def _measure(self, index: int) -> None:
        self._pdfium.FPDFText_GetCharOrigin(self._handle, index, self._x, self._y)
        self._size = self._pdfium.FPDFText_GetFontSize(self._handle, index)
        if self._pdfium.FPDFText_GetMatrix(self._handle, index, self._matrix):
            self._size *= math.hypot(self._matrix.c, self._matrix.d)


def _give_links(lines: Sequence[Line], links: Sequence[_PageLink]) -> None:
    """Say of each word where it leads."""
    if not links:
        return
    # By height, so that a page of many links takes no time in the square of them.
    bands: dict[int, list[_PageLink]] = {}
    for link in links:
        low, high = (max(-2000, min(int(edge // 20), 2000)) for edge in (link.bottom, link.top))
        for band in range(low, high + 1):
            bands.setdefault(band, []).append(link)
    for word in (word for line in lines for word in line.words):
        x, y = (word.left + word.right) / 2, word.bottom + word.size / 4
        for link in bands.get(int(y // 20), [])[:200]:
            if link.left <= x <= link.right and link.bottom <= y <= link.top:
                word.href = link.href
                link.has_words = True
                break


def _html(pages: Sequence[_Page], title: str) -> str:
    body = body_size(page.blocks for page in pages)
    sizes = {round(block.size) for page in pages for block in page.blocks if is_heading(block, body)}
    level = {size: min(number, 6) for number, size in enumerate(sorted(sizes, reverse=True), 1)}
    html = [f'<!DOCTYPE html><meta charset="utf-8"><title>{turbohtml.escape(title, quote=False)}</title><body>']
    for number, page in enumerate(pages, 1):
        html.append(f'<div class="pdf-page" data-page="{number}">')
        in_list = False
        for block in page.blocks:
            if block.is_item != in_list:
                html.append("</ul>" if in_list else "<ul>")
                in_list = block.is_item
            tag = "li" if block.is_item else f"h{level[round(block.size)]}" if is_heading(block, body) else "p"
            html.append(f"<{tag}>{block.html}</{tag}>")
        if in_list:
            html.append("</ul>")
        html += [f'<a href="{turbohtml.escape(href)}" hidden></a>' for href in page.wordless_links]
        html.append("</div>")
    return "\n".join(html)


def _warnings(pages: Sequence[_Page], unread: Sequence[int], count: int, max_pages: int) -> list[str]:
    warnings = []
    if count > max_pages:
        warnings.append(f"The PDF has {count:,} pages; the first {max_pages:,} were read (pdf_max_pages).")
    if unread:
        shown = ", ".join(map(str, unread[:10])) + (", ..." if len(unread) > 10 else "")
        warnings.append(f"Pages of the PDF that are damaged and were not read: {shown}.")
    if not any(page.blocks for page in pages) and not unread:
        warnings.append("The PDF has no text; its pages may be pictures.")
    return warnings
