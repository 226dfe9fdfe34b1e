"""What travels through a visit and what the user gets: plain data, cheap to build, to pickle and to dump."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NotRequired, TypeAlias, TypedDict

from nephila.errors import ErrorCode

if TYPE_CHECKING:
    from nephila.net.cookie_jar import CookieJar
    from nephila.net.guard import AddressPolicy
    from nephila.net.hooks import Hooks, RequestSteps
    from nephila.net.sessions import Session
    from nephila.options import CrawlerRunConfig
    from nephila.options.auth import ClientCertificate

JSONValue: TypeAlias = "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None"

_LARGEST_INTEGER = 2**63 - 1


def representable(value: JSONValue) -> JSONValue:
    """The value with what UTF-8 and 64 bits cannot hold replaced: lone surrogates and larger integers."""
    # JSON from a parser nests at most as deep as the parser goes, so this recursion ends.
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case bool():
            return value
        case int() if abs(value) > _LARGEST_INTEGER:
            return float(value) if abs(value) < 2**1000 else str(value.bit_length()) + "-bit integer"
        case list():
            return [representable(item) for item in value]
        case dict():
            return representable_fields(value)
        case _:
            return value


def representable_fields(values: dict[str, JSONValue]) -> dict[str, JSONValue]:
    """The same for every name and value of a JSON object."""
    return {str(representable(name)): representable(value) for name, value in values.items()}


class Link(TypedDict):
    """One hyperlink of a page."""

    href: str
    """Absolute URL."""
    text: str
    """The anchor's text, white space collapsed."""
    title: str
    """The anchor's `title`, or an empty string."""
    base_domain: str
    """The host the link points to, without `www.`."""
    rel: NotRequired[str]
    """The anchor's `rel` tokens, when it has any."""
    position: NotRequired[str]
    """Where the link stands: `nav`, `main`, `aside`, `header` or `footer`; left out where the page does not say."""
    context: NotRequired[str]
    """The text of the block around the link, cut at 200 characters; with `score_links` only, as are the scores."""
    intrinsic_score: NotRequired[float]
    """How much the link looks like one worth following, 0 to 10."""
    contextual_score: NotRequired[float | None]
    """How much of a query it answers, 0 to 1; None without a query."""
    total_score: NotRequired[float]
    """Both together, 0 to 10."""


class Links(TypedDict):
    """The hyperlinks of a page by whether they stay on its site."""

    internal: list[Link]
    external: list[Link]


class MediaItem(TypedDict):
    """One image, video or audio of a page; an image with several sources is several items of one `group_id`."""

    src: str
    """Absolute URL."""
    alt: str
    desc: str
    """Text near the item that describes it, or an empty string."""
    score: int
    """How much the item looks like content, for images (0 and up)."""
    type: str
    """`image`, `video` or `audio`."""
    group_id: int
    """Items that are the same picture in other sizes or formats share it."""
    format: str | None
    """The file type from the URL or the `type` attribute, such as `webp`."""
    width: int | None
    """Pixels, from `srcset` or the `width` attribute."""
    data: NotRequired[str]


class Media(TypedDict):
    """The media of a page."""

    images: list[MediaItem]
    videos: list[MediaItem]
    audios: list[MediaItem]


class Table(TypedDict):
    """A data table, spans expanded so that every row has as many cells as the table has columns."""

    headers: list[str]
    """The header row; empty when the table has none."""
    rows: list[list[str]]
    caption: str
    summary: str
    metadata: dict[str, JSONValue]
    """`row_count`, `column_count`, `has_headers`, `has_caption`, `has_summary`, and `id` and `class` when present."""


class Redirect(TypedDict):
    """One hop of a redirect chain."""

    url: str
    """The URL that answered with the redirect."""
    status: int
    """The answer's status; below 300 when it was a page that led on by a meta refresh or a script."""
    location: str
    """The `Location` header as sent, or where the page led."""


class Headers(dict[str, str]):
    """Response headers with lower-cased names; look-ups ignore case. Repeated headers are joined with a comma and
    a space, `set-cookie` and `x-robots-tag` with a newline (RFC 9110, section 5.3)."""

    __slots__ = ()

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and super().__contains__(name.lower())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The header's value, or `default`."""
        return super().get(name.lower(), default)


@dataclass
class Request:
    """What a `Fetcher` is asked for."""

    url: str
    """Absolute, serialised by the WHATWG URL Standard."""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cookies: Sequence[Mapping[str, object]] = ()
    """Cookies to add, as dicts; see `nephila.net.cookie_files.cookie_from_dict`."""
    follow_redirects: bool = True
    max_redirects: int = 20
    verify_tls: bool = True
    max_body_bytes: int = 50_000_000
    """Bytes read from the connection at most, before decompression."""
    cut_body: bool = False
    """Whether a body that is announced to be larger is read up to the limit, instead of not at all."""
    max_url_length: int = 8192
    max_header_bytes: int = 262_144
    max_headers: int = 1000
    min_speed: int = 64
    """Bytes a second of a body, over each `min_speed_window`."""
    min_speed_window: float = 30.0
    follow_meta_refresh: bool = True
    policy: AddressPolicy | None = None
    """Which addresses may be connected to; None permits all."""
    proxy: str | None = None
    proxy_auth: tuple[str, str] | None = None
    validators: tuple[str, Mapping[str, str]] | None = None
    """A URL and headers, such as `If-None-Match`, that are sent with the request for exactly that URL of the chain."""
    cookie_jar: CookieJar | None = None
    """Where cookies are kept, such as a session's; None means a jar for this request and its redirects."""
    client_certs: Mapping[str, ClientCertificate] = field(default_factory=dict)
    """By origin; `*` stands for all others."""
    steps: RequestSteps | None = None
    """Called around each request of a redirect chain."""
    before_send: Callable[[str], Awaitable[None]] | None = None
    """Awaited with the URL before each request of a redirect chain, once there is a connection; None means at once."""
    before_hop: Callable[[str], Awaitable[None]] | None = None
    """Awaited with the target before a redirect is followed; raises `FetchError` when it may not be."""
    want_certificate: bool = False
    """Whether the response is to carry the server's certificate."""
    config: CrawlerRunConfig | None = None
    """What is to be done on the page, for a fetcher that renders it."""
    session: Session | None = None
    """Whose page is used, by a fetcher that renders; None means a page for this request alone."""
    origins: Sequence[JSONValue] = ()
    """Local storage by origin that a rendered page begins with, as in Playwright's `storage_state`."""
    hooks: Hooks | None = None
    """The caller's functions that are called around a page."""

    def clone(self) -> Request:
        """A request that can be changed on its own; cheaper than making one."""
        made = Request.__new__(Request)
        made.__dict__.update(self.__dict__)
        return made


@dataclass(slots=True)
class Rendered:
    """What a browser gives of a page besides its HTML; each field is the result's of the same name."""

    js_execution_result: dict[str, JSONValue] | None = None
    screenshot: str | None = None
    pdf: bytes | None = None
    mhtml: str | None = None
    network_requests: list[dict[str, JSONValue]] | None = None
    console_messages: list[dict[str, JSONValue]] | None = None
    accessibility: list[dict[str, JSONValue]] | None = None
    har: dict[str, JSONValue] | None = None
    warc: bytes | None = None
    downloaded_files: list[str] | None = None
    session_id: str | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Response:
    """What a `Fetcher` got: the bytes as sent, and the truth about how they came."""

    url: str
    """The final URL, after redirects."""
    status: int | None
    """The final status; None for `file:` and `raw:`."""
    headers: Headers
    body: bytes
    """As sent: still in its `Content-Encoding`."""
    redirects: list[Redirect] = field(default_factory=list)
    redirect_headers: list[Headers] = field(default_factory=list)
    """The headers of each of `redirects`; fewer when they are not known."""
    error: ErrorCode | None = None
    """Set when something arrived but not all of it, such as a lost connection in the middle of the body."""
    error_message: str = ""
    wire_bytes: int = 0
    certificate: bytes | None = None
    """The certificate of the connection it came on (DER), when it was asked for and there was one."""
    rendered: Rendered | None = None
    """What else a browser gave; None when there was none."""

    @classmethod
    def of_html(cls, url: str, html: str) -> Response:
        """A response made of text that is already here."""
        headers = Headers({"content-type": "text/html; charset=utf-8"})
        return cls(url=url, status=None, headers=headers, body=html.encode("utf-8", "replace"))

    @property
    def content_type(self) -> str:
        """The `Content-Type` header, or an empty string."""
        return self.headers.get("content-type") or ""

    @property
    def content_encoding(self) -> str:
        """The `Content-Encoding` header, or an empty string."""
        return self.headers.get("content-encoding") or ""


@dataclass(slots=True)
class RawPage:
    """What reading starts from: bytes and where they came from."""

    url: str
    """The final URL; relative links resolve against it."""
    body: bytes
    content_type: str = ""
    content_encoding: str = ""


class _MayBeDeferred:
    """What holds the function that makes the citations, until somebody asks for them."""

    __slots__ = ("_cite",)

    _cite: Callable[[], tuple[str, str]]


@dataclass(slots=True)
class MarkdownGenerationResult(_MayBeDeferred):
    """The Markdown of a page in its variants."""

    raw_markdown: str = ""
    """The whole page."""
    markdown_with_citations: str = ""
    """The same with links as numbered marks."""
    references_markdown: str = ""
    """The list of the numbered links."""
    fit_markdown: str | None = None
    """The main content only; None with `content_filter=None`."""
    fit_html: str | None = None
    """The HTML `fit_markdown` was made from."""
    fit_confidence: float | None = None
    """How sure `MainContentFilter` is of `fit_markdown`, 0 to 1: the F1 over words it expects."""
    page_type: str | None = None
    """What kind of page `MainContentFilter` takes it for, such as `article` or `forum`."""

    def __str__(self) -> str:
        return self.raw_markdown

    def defer_citations(self, cite: Callable[[], tuple[str, str]]) -> None:
        """Leave `markdown_with_citations` and `references_markdown` to a function, called when one of them is read."""
        self._cite = cite
        del self.markdown_with_citations, self.references_markdown

    @property
    def deferred_citations(self) -> Callable[[], tuple[str, str]] | None:
        """The function that still has to be called; None when both texts are there."""
        return getattr(self, "_cite", None)

    def __getattr__(self, name: str) -> str:
        # Reached only for what is not set.
        if name not in ("markdown_with_citations", "references_markdown"):
            raise AttributeError(f"{type(self).__name__} has no {name!r}.")
        self.markdown_with_citations, self.references_markdown = self._cite()
        del self._cite
        return self.markdown_with_citations if name == "markdown_with_citations" else self.references_markdown


MarkdownResult = MarkdownGenerationResult


@dataclass(slots=True)
class Document:
    """What reading a page gives; every string is complete, every URL absolute."""

    kind: str
    """`html`, `xml`, `text`, `json`, `pdf` or `binary`."""
    encoding: str | None = None
    """The WHATWG name of the character encoding the text was decoded with; None for binary and PDF."""
    cleaned_html: str = ""
    markdown: MarkdownGenerationResult = field(default_factory=MarkdownGenerationResult)
    links: Links = field(default_factory=lambda: Links(internal=[], external=[]))
    media: Media = field(default_factory=lambda: Media(images=[], videos=[], audios=[]))
    tables: list[Table] = field(default_factory=list)
    metadata: dict[str, JSONValue] = field(default_factory=dict)
    extracted_content: str | None = None
    """JSON from the extraction strategy; None without one."""
    warnings: list[str] = field(default_factory=list)
    """Sentences about options that had nothing to act on, such as a selector without a match."""
    error: str = ""
    """Why reading failed, in a sentence; empty when it did not."""
    error_code: str = ""
    needs_scripts: str = ""
    """Why the page has to be rendered before there is anything to read; empty when it need not be."""


@dataclass(slots=True)
class DispatchResult:
    """When a visit of `arun_many` waited, started and ended.

    Attributes:
        task_id: Unique in the run.
        position: Position of the URL in the input, from 0.
        start_time: When the last attempt started, seconds since the epoch.
        end_time: When the visit ended, seconds since the epoch.
        queue_time: Seconds between reading the URL from the input and its first attempt.
        wait_time: Seconds of `queue_time` and between attempts that were waited for the host's pace.
        attempts: Visits made, 1 without a retry; 0 when the URL was never visited.
        retry_reasons: Why each further attempt was made, and how long it waited for its turn, such as
            `429 Too Many Requests, waited 3.0 s`; the newest 20.
        memory_usage: Memory of the whole process tree at the end of the visit, in MB.
        peak_memory: The highest memory of the process tree seen so far in the run, in MB.
        error_message: The same as the result's, kept for its name.
    """

    task_id: str
    position: int = 0
    start_time: float = 0.0
    end_time: float = 0.0
    queue_time: float = 0.0
    wait_time: float = 0.0
    attempts: int = 1
    retry_reasons: list[str] = field(default_factory=list)
    memory_usage: float = 0.0
    peak_memory: float = 0.0
    error_message: str = ""

    def model_dump(self) -> dict[str, JSONValue]:
        """The fields as a dict."""
        return {timing.name: getattr(self, timing.name) for timing in fields(self)}
