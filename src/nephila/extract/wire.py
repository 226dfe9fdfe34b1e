"""A document as bytes, for crossing the border between a reading worker and the crawl."""

from __future__ import annotations

import msgspec

from nephila.errors import ErrorCode
from nephila.extract.document import read
from nephila.models import Document, JSONValue, MarkdownGenerationResult, RawPage
from nephila.options.reading import ReadingOptions

_LARGEST_INTEGER = 2**63 - 1


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
        document.metadata = {_text(name): _encodable(value) for name, value in document.metadata.items()}
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


def _encodable(value: JSONValue) -> JSONValue:
    # JSON from the standard parser nests at most as deep as its recursion allows, so this recursion ends.
    match value:
        case str():
            return _text(value)
        case bool():
            return value
        case int() if abs(value) > _LARGEST_INTEGER:
            return float(value) if abs(value) < 2**1000 else str(value.bit_length()) + "-bit integer"
        case list():
            return [_encodable(item) for item in value]
        case dict():
            return {_text(name): _encodable(item) for name, item in value.items()}
        case _:
            return value


def _text(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
