"""What kind of body it is, and reading the kinds that are not HTML."""

from __future__ import annotations

import re

import turbohtml

from nephila.extract.pdf import INSTALL, is_pdf
from nephila.html.decode import charset_label, decode_text
from nephila.models import Document, MarkdownGenerationResult, RawPage

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml", "text/xhtml"})
_XML_TYPES = frozenset({"text/xml", "application/xml", "text/xsl", "application/rss", "application/atom"})
_JSON_TYPES = frozenset({"application/json", "text/json", "application/x-json", "application/manifest"})
_TEXT_TYPES = frozenset({
    "application/javascript", "application/x-javascript", "application/ecmascript", "application/typescript",
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-seq", "application/yaml",
    "application/x-yaml", "application/toml", "application/sql", "application/csv", "application/graphql",
    "application/x-sh", "application/x-httpd-php", "application/x-tex", "application/x-latex", "application/markdown",
    "application/x-www-form-urlencoded", "application/x-troff-man", "application/x-subrip",
})  # fmt: skip
_UNKNOWN_TYPES = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "unknown/unknown", "application/unknown", "*/*"}
)
_FENCE_LANGUAGES = {"xml": "xml", "json": "json"}

SNIFF_BYTES = 1445
"""How much of a body is looked at (WHATWG MIME Sniffing Standard, section 5.2)."""

_MAGIC = (
    b"%PDF-", b"%!PS-Adobe-", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff", b"PK\x03\x04",
    b"\x1f\x8b\x08", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"OggS\x00", b"ID3", b"wOFF", b"wOF2",
    b"\x00\x01\x00\x00", b"\x1aE\xdf\xa3", b"\x00asm", b"\x7fELF", b"\x28\xb5\x2f\xfd", b"SQLite format 3\x00",
    b"BZh9", b"\xfd7zXZ\x00", b"\xd0\xcf\x11\xe0",
)  # fmt: skip
_RIFF = (b"WEBPVP", b"AVI ", b"WAVE")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
# Bytes that no text has (MIME Sniffing Standard, section 3, "binary data byte").
_BINARY_BYTE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_XML_ROOTS = re.compile(
    rb"<(?:\?xml[\s?]|rss[\s>]|feed[\s>]|rdf:rdf[\s>]|urlset[\s>]|sitemapindex[\s>]|svg[\s>])", re.IGNORECASE
)
_HTML_START = re.compile(rb"<(?:!doctype\s+html|!--|[a-z][a-z0-9-]*[\s/>])", re.IGNORECASE)
_HTML_ROOT = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)


def media_type(content_type: str) -> str:
    """The type and subtype of a `Content-Type` header in lower case, without parameters."""
    return content_type.partition(";")[0].partition(",")[0].strip().lower()


def kind_of(content_type: str, body: bytes) -> str:
    """`html`, `xml`, `json`, `text`, `pdf` or `binary`, by `Content-Type`, and by the bytes where that says nothing.

    The bytes are looked at by the rules of the WHATWG MIME Sniffing Standard, sections 6 and 7, with two additions:
    any tag at the beginning is HTML, and text between braces or brackets is JSON. XML whose root is `html` is HTML.
    A well-known binary signature outweighs a textual `Content-Type`.
    """
    name = media_type(content_type)
    if is_pdf(body, is_textual=_is_textual(name)):
        return "pdf"
    if body.startswith(_MAGIC) or (body[:4] == b"RIFF" and body[8:14].startswith(_RIFF)):
        return "binary"
    if name in _HTML_TYPES:
        return "html"
    if name in _UNKNOWN_TYPES or "/" not in name:
        return _sniffed(body)
    if name in _XML_TYPES or name.endswith("+xml"):
        return "html" if _HTML_ROOT.search(body, 0, SNIFF_BYTES) and name != "image/svg+xml" else "xml"
    if name in _JSON_TYPES or name.endswith("+json"):
        return "json"
    if name.startswith("text/") or name in _TEXT_TYPES:
        return "binary" if _is_binary(body) else "text"
    return "binary"


def _is_textual(name: str) -> bool:
    return name in _HTML_TYPES or name in _TEXT_TYPES or name.startswith("text/")


def _sniffed(body: bytes) -> str:
    """The kind by the bytes alone."""
    head = body[:SNIFF_BYTES]
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _XML_ROOTS.match(text):
        return "html" if _HTML_ROOT.search(text) else "xml"
    if _HTML_START.match(text):
        return "html"
    if _is_binary(head):
        return "binary"
    if (text[:1], body[-64:].rstrip()[-1:]) in ((b"{", b"}"), (b"[", b"]")):
        return "json"
    return "text"


def _is_binary(body: bytes) -> bool:
    """Whether the beginning has bytes that text never has; UTF-16 with a byte-order mark is text."""
    return not body.startswith(_BOMS) and _BINARY_BYTE.search(body, 0, SNIFF_BYTES) is not None


def read_plain(kind: str, page: RawPage, body: bytes) -> Document:
    """Read a body that is not HTML: its text unchanged, as `pre` in `cleaned_html` and as a code block in Markdown.

    A `text/markdown` body is its own Markdown. A binary body has no text, a PDF none without
    the extra that reads it; a warning says so.
    """
    name = media_type(page.content_type)
    if kind == "pdf":
        return Document(
            kind="binary", warnings=[f"The body is a PDF of {len(body):,} bytes; to have its text read, {INSTALL}."]
        )
    if kind == "binary":
        what = name or "unknown type"
        return Document(
            kind=kind, warnings=[f"The body ({what}, {len(body):,} bytes) is binary: it has no text to read."]
        )
    label = charset_label(page.content_type) or (_xml_encoding(body) if kind == "xml" else "")
    text, encoding = decode_text(body, label)
    document = Document(kind=kind, encoding=encoding)
    if text and not text.isspace():
        document.cleaned_html = f"<pre>{turbohtml.escape(text, quote=False)}</pre>"
        markdown = (
            text.strip("\r\n")
            if name in ("text/markdown", "text/x-markdown")
            else fenced(text, _FENCE_LANGUAGES.get(kind, ""))
        )
        document.markdown = MarkdownGenerationResult(raw_markdown=markdown, markdown_with_citations=markdown)
    return document


def fenced(text: str, language: str) -> str:
    """`text` as a fenced code block (CommonMark, section 4.5); the fence is longer than any in the text."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10) + chr(13))}\n{fence}"


def _xml_encoding(body: bytes) -> str:
    """The encoding an XML declaration names, or an empty string."""
    found = re.match(rb"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][\w.:-]{0,60})""", body)
    return found.group(1).decode("ascii") if found else ""
