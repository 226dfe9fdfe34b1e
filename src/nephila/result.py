"""`CrawlResult`: everything one URL gave, success or not."""

from __future__ import annotations

import base64
import functools
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

from nephila.models import (
    DispatchResult,
    Headers,
    JSONValue,
    Links,
    MarkdownGenerationResult,
    Media,
    Redirect,
    Table,
    representable_fields,
)

if TYPE_CHECKING:
    from nephila.certificate import SSLCertificate
    from nephila.errors import ErrorCode


class StringCompatibleMarkdown(str):
    """The page's Markdown: a real string (the whole page) that also carries the other variants.

    Attributes:
        markdown_with_citations: The same with links as numbered marks.
        references_markdown: The list of the numbered links.
        fit_markdown: The main content only; None with `content_filter=None`.
        fit_html: The HTML `fit_markdown` was made from; None with `content_filter=None`.
        fit_confidence: How sure `MainContentFilter` is of `fit_markdown`, 0 to 1; None without it.
        page_type: What kind of page `MainContentFilter` takes it for; None without it.
    """

    fit_markdown: str | None
    fit_html: str | None
    fit_confidence: float | None
    page_type: str | None
    _variants: MarkdownGenerationResult

    def __new__(cls, markdown: MarkdownGenerationResult) -> StringCompatibleMarkdown:
        """Make the string `markdown.raw_markdown`, carrying the rest."""
        self = super().__new__(cls, markdown.raw_markdown)
        self._variants = markdown
        self.fit_markdown = markdown.fit_markdown
        self.fit_html = markdown.fit_html
        self.fit_confidence = markdown.fit_confidence
        self.page_type = markdown.page_type
        return self

    @property
    def raw_markdown(self) -> str:
        """The whole page; the same text as the string itself."""
        return self

    @property
    def markdown_with_citations(self) -> str:
        """The same with links as numbered marks."""
        return self._variants.markdown_with_citations

    @property
    def references_markdown(self) -> str:
        """The list of the numbered links."""
        return self._variants.references_markdown

    def held_texts(self) -> list[str]:
        """The variants that are in memory."""
        texts: list[str | None] = [self, self.fit_markdown, self.fit_html]
        if self._variants.deferred_citations is None:
            texts += [self.markdown_with_citations, self.references_markdown]
        return [text for text in texts if text]

    def __reduce__(self) -> tuple[type[StringCompatibleMarkdown], tuple[MarkdownGenerationResult]]:
        return StringCompatibleMarkdown, (self.to_result(),)

    def to_result(self) -> MarkdownGenerationResult:
        """The variants as plain data."""
        return MarkdownGenerationResult(
            str.__str__(self),
            self.markdown_with_citations,
            self.references_markdown,
            self.fit_markdown,
            self.fit_html,
            self.fit_confidence,
            self.page_type,
        )

    def model_dump(self) -> dict[str, str | float | None]:
        """The variants as a dict."""
        result = self.to_result()
        return {variant.name: getattr(result, variant.name) for variant in fields(result)}


_LINK_BYTES: Final = 700
"""What a link or an image takes, about: a dict with its strings."""

_CELL_BYTES: Final = 80

NO_MARKDOWN: Final = MarkdownGenerationResult()


_T = TypeVar("_T", str, bytes)


class LazyField(Generic[_T]):
    """A field that may be given as a function, called once, when the field is first read.

    A page's text is often not needed and several times larger than the bytes it came in.
    """

    def __init__(self, default: _T) -> None:
        self._default: _T = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._slot = "_" + name

    def __get__(self, instance: object | None, owner: type) -> _T:
        if instance is None:
            return self._default
        value = instance.__dict__[self._slot]
        if callable(value):
            value = instance.__dict__[self._slot] = value()
        text: _T = value
        return text

    def __set__(self, instance: object, value: _T | Callable[[], _T]) -> None:
        instance.__dict__[self._slot] = value


def _no_links() -> Links:
    return Links(internal=[], external=[])


def _no_media() -> Media:
    return Media(images=[], videos=[], audios=[])


@dataclass(kw_only=True, repr=False)
class CrawlResult:
    """Everything one URL gave. A failed result keeps whatever had arrived: status, headers, content.

    Attributes:
        url: The URL as given by the caller.
        success: Whether the page was fetched with a status below 400 and read.
        html: The page as text, decoded when first read; empty for binary content.
        cleaned_html: The page's body without scripts, styles, comments, hidden elements and unneeded attributes; its
            URLs are absolute.
        markdown: The page as Markdown; a string with the other variants as attributes, empty when there is none.
        links: Hyperlinks, `{"internal": [...], "external": [...]}`.
        media: `{"images": [...], "videos": [...], "audios": [...]}`.
        tables: Data tables with `headers` and `rows`.
        metadata: Title, description, author, dates, Open Graph, JSON-LD, ...
        robots: What `X-Robots-Tag` headers and robots meta elements tell this crawler, such as
            `["noindex", "nofollow"]`; lower case, each directive once.
        error_code: From the closed list `ErrorCode`; None on success.
        error_message: A sentence that says what happened; None on success.
        warnings: Sentences about options that found nothing to act on.
        status_code: The final HTTP status, whenever there was a response.
        response_headers: The final response's headers; look-ups ignore case.
        redirected_url: The final URL; equal to the serialised input when there was no redirect.
        redirected_status_code: The same as `status_code`, kept for its name.
        redirects: Every hop, first to last.
        body: The content as bytes, unpacked, in the encoding the server sent it in.
        content_type: The `Content-Type` as sent.
        encoding: The character encoding the text was decoded with (WHATWG name); None for binary content.
        wire_bytes: Bytes received for the bodies of this visit, or of the one that fetched the cached copy.
        extracted_content: JSON from the extraction strategy; None without one.
        fit_html: The HTML the fit Markdown was made from; None with `content_filter=None`.
        dispatch_result: When the visit waited, started and ended; set by `arun_many`.
        crawl_stats: `attempts`, `retries`, `proxies_used`, `fallback_fetch_used`, `resolved_by`.
        session_id: The session the visit belonged to; None without one.
        cache_status: None: no cache was asked. `miss`: the page was fetched, `hit`: it was not, `hit_validated`: the
            server said that the cached copy is still good, `hit_fallback`: it could not be asked.
        cached_at: When the cached copy was stored, seconds since the epoch; None without one.
        changed: Whether the content is another than that of the cached copy there was; None without one.
        head_fingerprint: Kept for its name; None.
        downloaded_files: Absolute paths of the files saved for this page; None when there are none.
        js_execution_result: What scripts returned; None without a browser.
        screenshot: Base64 picture; None without a browser.
        pdf: The page as PDF; None without a browser.
        mhtml: The page as MHTML; None without a browser.
        ssl_certificate: The certificate of the connection the final response came on; None when not asked for
            (`fetch_ssl_certificate`), and without TLS.
        network_requests: What the page requested; None without a browser.
        console_messages: What the page logged; None without a browser.
        accessibility: What a screen reader is told about the page; None when not asked for.
        har: The page's requests as an HTTP Archive; None when not asked for.
        warc: The page and all it loaded as WARC/1.1; None when not asked for.
    """

    url: str
    html: LazyField[str] = LazyField("")
    success: bool = False
    cleaned_html: str | None = None
    markdown: StringCompatibleMarkdown = field(default_factory=lambda: StringCompatibleMarkdown(NO_MARKDOWN))
    links: Links = field(default_factory=_no_links)
    media: Media = field(default_factory=_no_media)
    tables: list[Table] = field(default_factory=list)
    metadata: dict[str, JSONValue] = field(default_factory=dict)
    robots: list[str] = field(default_factory=list)
    error_code: ErrorCode | None = None
    error_message: str | None = None
    warnings: list[str] = field(default_factory=list)
    status_code: int | None = None
    response_headers: Headers = field(default_factory=Headers)
    redirected_url: str | None = None
    redirected_status_code: int | None = None
    redirects: list[Redirect] = field(default_factory=list)
    body: LazyField[bytes] = LazyField(b"")
    content_type: str = ""
    encoding: str | None = None
    wire_bytes: int = 0
    extracted_content: str | None = None
    fit_html: str | None = None
    dispatch_result: DispatchResult | None = None
    crawl_stats: dict[str, JSONValue] = field(default_factory=dict)
    session_id: str | None = None
    cache_status: str | None = None
    cached_at: float | None = None
    changed: bool | None = None
    head_fingerprint: str | None = None
    downloaded_files: list[str] | None = None
    js_execution_result: dict[str, JSONValue] | None = None
    screenshot: str | None = None
    pdf: bytes | None = None
    mhtml: str | None = None
    ssl_certificate: SSLCertificate | None = None
    network_requests: list[dict[str, JSONValue]] | None = None
    console_messages: list[dict[str, JSONValue]] | None = None
    accessibility: list[dict[str, JSONValue]] | None = None
    har: dict[str, JSONValue] | None = None
    warc: bytes | None = None

    def held_bytes(self) -> int:
        """About how many bytes of memory the body and the texts take; nothing is unpacked or decoded for it."""
        held = 0
        seen: set[int] = set()
        for value in (self.__dict__["_body"], self.__dict__["_html"]):
            # A lazy field is a function with the bytes as sent among its arguments, the same bytes for both.
            for part in value.args if isinstance(value, functools.partial) else (value,):
                if isinstance(part, bytes | str) and id(part) not in seen:
                    seen.add(id(part))
                    held += sys.getsizeof(part)
        texts = (
            self.cleaned_html,
            *self.markdown.held_texts(),
            self.extracted_content,
            self.screenshot,
            self.pdf,
            self.mhtml,
            self.warc,
        )
        held += sum(sys.getsizeof(text) for text in texts if text)
        links = sum(map(len, self.links.values()))  # type: ignore[arg-type]  # lists, by their type
        media = sum(map(len, self.media.values()))  # type: ignore[arg-type]
        cells = sum(len(row) for table in self.tables for row in table["rows"])
        recorded = sum(
            len(record or ()) for record in (self.network_requests, self.console_messages, self.accessibility)
        )
        return held + (links + media + recorded) * _LINK_BYTES + cells * _CELL_BYTES

    def __repr__(self) -> str:
        outcome = f"status {self.status_code}" if self.success else f"{self.error_code}: {self.error_message}"
        return f"<CrawlResult {self.url[:100]!r} {outcome}>"

    def model_dump(self, *, include: Collection[str] | None = None) -> dict[str, JSONValue]:
        """The result as plain data that JSON can hold; `body`, `pdf` and `warc` as Base64 text.

        Args:
            include: Names of the fields to dump; None for all.
        """
        dumped: dict[str, JSONValue] = {}
        for name in RESULT_FIELDS if include is None else include:
            value = getattr(self, name)
            if isinstance(value, StringCompatibleMarkdown):
                value = value.model_dump()
            elif isinstance(value, bytes):
                value = base64.b64encode(value).decode("ascii")
            elif name == "dispatch_result" and value is not None:
                value = value.model_dump()
            elif name == "error_code" and value is not None:
                value = str(value)
            dumped[name] = value
        return dumped

    def model_dump_json(self, indent: int | None = None) -> str:
        """`model_dump` as JSON text; `indent` is the spaces per level, None for one line."""
        dumped = self.model_dump()
        try:
            text = msgspec.json.encode(dumped)
        except UnicodeEncodeError:
            # A URL or a strategy of the caller may hold lone surrogates, which JSON has no bytes for.
            text = msgspec.json.encode(representable_fields(dumped))
        return (msgspec.json.format(text, indent=indent) if indent else text).decode("utf-8")


RESULT_FIELDS: Final = tuple(result_field.name for result_field in fields(CrawlResult))
