"""A document as bytes, for crossing the border between a reading worker and the crawl."""

from __future__ import annotations

from dataclasses import fields, replace

import msgspec

from nephila.errors import ErrorCode
from nephila.extract.citations import DeferredCitations
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
    document, citations_base = _without_deferred(document)
    try:
        return msgspec.msgpack.encode((document, citations_base))
    except (UnicodeEncodeError, OverflowError):
        # A page's JSON may hold lone surrogates and integers beyond 64 bits.
        document.metadata = representable_fields(document.metadata)
    try:
        return msgspec.msgpack.encode((document, citations_base))
    except (UnicodeEncodeError, OverflowError) as error:
        failed = failed_document(ErrorCode.READ, f"The page's content cannot be represented: {error}.")
        return msgspec.msgpack.encode((failed, None))


def decode(encoded: bytes | bytearray | memoryview) -> Document:
    """The document that `encode` encoded.

    Raises:
        msgspec.DecodeError: The bytes are not MessagePack.
        TypeError: They are, but not a document.
    """
    values, citations_base = msgspec.msgpack.decode(encoded)
    markdown = MarkdownGenerationResult(**values.pop("markdown"))
    if citations_base is not None:
        markdown.defer_citations(DeferredCitations(markdown.raw_markdown, citations_base))
    return Document(markdown=markdown, **values)


def _without_deferred(document: Document) -> tuple[Document, str | None]:
    """The document without citations that the other side can make, and the base URL it needs for them."""
    deferred = document.markdown.deferred_citations
    if not isinstance(deferred, DeferredCitations) or deferred.markdown is not document.markdown.raw_markdown:
        return document, None
    others = {
        each.name: getattr(document.markdown, each.name)
        for each in fields(document.markdown)
        if each.name not in _CITED
    }
    return replace(document, markdown=MarkdownGenerationResult(**others)), deferred.base_url


_CITED = frozenset({"markdown_with_citations", "references_markdown"})
