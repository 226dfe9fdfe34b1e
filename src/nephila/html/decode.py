"""From bytes to text and tree by the WHATWG Encoding and HTML Standards.

The order is the standard's: byte-order mark, the `charset` of `Content-Type`, `<meta>`, detection. Two labels are
corrected, because they are the common ways in which servers are wrong and a browser shows garbage for them:

- a body that is valid UTF-8 throughout is UTF-8 even when a single-byte charset is claimed;
- a body that claims UTF-8 and mostly is not is detected like one without a claim.
"""

from __future__ import annotations

import codecs
import re

import turbohtml
import turbohtml.detect  # registers the whatwg-* codecs

from nephila.errors import ErrorCode, ReadError
from nephila.html.inflate import MAX_RATIO, inflate

_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([^\s"';,]+)""", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "UTF-8"), (b"\xff\xfe", "UTF-16LE"), (b"\xfe\xff", "UTF-16BE"))
_MULTI_BYTE_META = re.compile(
    rb"""charset\s*=\s*["']?\s*(?:gb|big5|cn-big5|chinese|shift|sjis|x-sjis|ms_kanji|ms932|windows-31j|euc|x-euc"""
    rb"""|iso-2022|ks_?c|korean|windows-949|hz-|utf-?16|unicode)""",
    re.IGNORECASE,
)
_META_WINDOW = 1024
_MULTI_BYTE = frozenset({"gbk", "gb18030", "big5", "euc-jp", "euc-kr", "shift_jis", "iso-2022-jp", "replacement"})
_SAMPLE = 1 << 16


def charset_label(content_type: str) -> str:
    """The `charset` parameter of a `Content-Type` header, unquoted; an empty string without one."""
    found = _CHARSET.search(content_type)
    return found.group(1) if found else ""


def canonical_name(label: str) -> str:
    """The WHATWG name of an encoding label, such as `windows-1252` for `latin1`; empty when there is none."""
    if not label:
        return ""
    try:
        return turbohtml.parse(b"", encoding=label).encoding or ""
    except (LookupError, ValueError):
        return ""


def parse_html(body: bytes, label: str = "") -> tuple[turbohtml.Document, str]:
    """Decode and parse a page; any bytes give a tree.

    Args:
        body: The page, already unpacked.
        label: The charset the server named, or an empty string.

    Returns:
        The tree, and the WHATWG name of the encoding, which `decode` takes to give the same text.
    """
    text = _as_utf8(body, label)
    if text is not None:
        return turbohtml.parse(text, positions=False, allow_declarative_shadow_roots=False), "UTF-8"
    encoding = _claimed(body, label)
    if encoding == "UTF-8" and not _mostly_utf8(body):
        encoding = _detected_legacy(body)
    if encoding:
        tree = turbohtml.parse(body, encoding=encoding, positions=False, allow_declarative_shadow_roots=False)
    else:
        tree = turbohtml.parse(body, detect_encoding=True, positions=False, allow_declarative_shadow_roots=False)
        if tree.encoding == "UTF-8" and not _mostly_utf8(body):
            encoding = _detected_legacy(body)
            tree = turbohtml.parse(body, encoding=encoding, positions=False, allow_declarative_shadow_roots=False)
    return tree, tree.encoding or "UTF-8"


def decode_text(body: bytes, label: str = "") -> tuple[str, str]:
    """Decode a body that is not HTML; any bytes give a text.

    Returns:
        The text without byte-order mark, and the WHATWG name of the encoding.
    """
    text = _as_utf8(body, label)
    if text is not None:
        return text, "UTF-8"
    encoding = _claimed(body, label)
    if not encoding or (encoding == "UTF-8" and not _mostly_utf8(body)):
        encoding = "UTF-8" if _mostly_utf8(body) else _detected_legacy(body)
    return decode(body, encoding), encoding


def decode(body: bytes, encoding: str) -> str:
    """Decode `body` with the encoding that `parse_html` or `decode_text` named; malformed bytes become U+FFFD.

    Raises:
        ReadError: `encoding` is not a label of the Encoding Standard.
    """
    for mark, name in _BOMS:
        if name == encoding and body.startswith(mark):
            body = body[len(mark) :]
    if encoding == "UTF-8":
        return body.decode("utf-8", "replace")
    try:
        return codecs.decode(body, f"whatwg-{encoding}", "replace")
    except LookupError:
        raise ReadError(ErrorCode.READ, f"{encoding!r} is not an encoding of the WHATWG Encoding Standard.") from None


def decode_body(
    body: bytes, content_encoding: str, encoding: str, max_decoded_bytes: int, max_ratio: int = MAX_RATIO
) -> str:
    """The text of a body as sent, for reading it again later.

    Args:
        body: The bytes as sent.
        content_encoding: The `Content-Encoding` header.
        encoding: `Document.encoding`.
        max_decoded_bytes: Bytes the body may unpack to.
        max_ratio: The same in times its size; see `inflate`.

    Raises:
        ReadError: It unpacks to more than the limit, or cannot be unpacked.
    """
    return decode(inflate(body, content_encoding, max_decoded_bytes, max_ratio).data, encoding)


def _as_utf8(body: bytes, label: str) -> str | None:
    """The text if the body is UTF-8 beyond doubt, the common case; None when a closer look is needed."""
    # Two-byte charsets can be valid UTF-8 by accident, ISO-2022 and UTF-16 are ASCII to the eye.
    if b"\x1b" in body or b"\x00" in body[:_META_WINDOW] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    if (
        label
        and label.lower() not in ("utf-8", "utf8")
        and canonical_name(label).lower()
        in _MULTI_BYTE
        | {
            "utf-16le",
            "utf-16be",
        }
    ):
        return None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not label and not text.isascii() and _MULTI_BYTE_META.search(body, 0, _META_WINDOW):
        return None
    return text.removeprefix("\ufeff")


def _claimed(body: bytes, label: str) -> str:
    """What the byte-order mark, the label, or the shape of UTF-16 says; empty when nothing does."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    return _utf16_shape(body) or canonical_name(label)


def _utf16_shape(body: bytes) -> str:
    """`UTF-16LE` or `UTF-16BE` when nearly every second byte of the beginning is zero; text in Latin script is."""
    head = body[:512]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd > 0.7 * half and even < 0.1 * half:
        return "UTF-16LE"
    if half and even > 0.7 * half and odd < 0.1 * half:
        return "UTF-16BE"
    return ""


def _mostly_utf8(body: bytes) -> bool:
    """Whether most of the non-ASCII characters are well-formed UTF-8, so that the rest are slips."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    # One multi-byte character is worth more than one bad byte: it hardly happens by chance.
    return bad == 0 or len(body) - len(text) >= 2 * bad


def _detected_legacy(body: bytes) -> str:
    """The encoding by the frequencies of its characters, UTF-8 being ruled out."""
    options = turbohtml.detect.Detection(excluded=frozenset({"UTF-8"}))
    return turbohtml.detect.detect(_without_meta(body)[:_SAMPLE], options).encoding or "windows-1252"


def _without_meta(body: bytes) -> bytes:
    """The body with the charset declaration, which was found to be wrong, made unreadable to the detector."""
    head = re.sub(rb"charset", b"chars_t", body[:_META_WINDOW], flags=re.IGNORECASE)
    return head + body[_META_WINDOW:]
