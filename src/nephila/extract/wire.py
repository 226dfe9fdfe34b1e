"""A document as bytes, for crossing the border between a reading worker and the crawl."""

from __future__ import annotations

import msgspec

from nephila.errors import ErrorCode
from nephila.extract.document import read
from nephila.models import Document, MarkdownGenerationResult, RawPage, representable_fields
from nephila.options.reading import ReadingOptions


def read_to_bytes(page: RawPage, options: ReadingOptions) -> bytes:
    """Read `page` and encode the document; whatever the page does, the answer is a document."""
    try:
        document = read(page, options)
    except MemoryError:
        document = failed_document(ErrorCode.READ, "Reading the page needed more memory than a worker may use.")
    return encode(document)


def failed_document(code: ErrorCode, message: str) -> Document:
    """A document that says only why there is none."""
    return Document(kind="binary", error=message, error_code=code)


def encode(document: Document) -> bytes:
    """The document as MessagePack; numbers and characters it cannot hold are replaced."""
    try:
        return msgspec.msgpack.encode(document)
    except (UnicodeEncodeError, OverflowError):
        # A page's JSON may hold lone surrogates and integers beyond 64 bits.
        document.metadata = representable_fields(document.metadata)
    try:
        return msgspec.msgpack.encode(document)
    except (UnicodeEncodeError, OverflowError) as error:
        return msgspec.msgpack.encode(
            failed_document(ErrorCode.READ, f"The page's content cannot be represented: {error}.")
        )


def decode(encoded: bytes | bytearray | memoryview) -> Document:
    """The document that `encode` encoded.

    Raises:
        msgspec.DecodeError: The bytes are not MessagePack.
        TypeError: They are, but not a document.
    """
    fields = msgspec.msgpack.decode(encoded)
    markdown = MarkdownGenerationResult(**fields.pop("markdown"))
    return Document(markdown=markdown, **fields)
