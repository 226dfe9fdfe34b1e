"""Filling a result from what was fetched and from what was read of it."""

from __future__ import annotations

import functools

from nephila.certificate import SSLCertificate
from nephila.errors import ErrorCode, ReadError
from nephila.html.decode import decode_body
from nephila.html.inflate import inflate
from nephila.models import Document, Rendered, Response
from nephila.net import url as urls
from nephila.plan import VisitPlan
from nephila.result import CrawlResult, StringCompatibleMarkdown


def take_response(result: CrawlResult, response: Response) -> None:
    """Take over what came with the bytes: status, headers, the way to them."""
    result.status_code = result.redirected_status_code = response.status
    result.response_headers = response.headers
    result.content_type = response.content_type
    result.redirects = response.redirects
    result.wire_bytes = response.wire_bytes
    if response.certificate is not None:
        result.ssl_certificate = SSLCertificate.from_der(response.certificate)
    if response.rendered is not None:
        _take_rendered(result, response.rendered)
    result.redirected_url = None if urls.is_raw(response.url) else response.url


def _take_rendered(result: CrawlResult, rendered: Rendered) -> None:
    """Take over what a browser gave besides the HTML."""
    result.js_execution_result = rendered.js_execution_result
    result.screenshot = rendered.screenshot
    result.pdf = rendered.pdf
    result.mhtml = rendered.mhtml
    result.network_requests = rendered.network_requests
    result.console_messages = rendered.console_messages
    result.accessibility = rendered.accessibility
    result.har = rendered.har
    result.warc = rendered.warc
    result.downloaded_files = rendered.downloaded_files
    result.session_id = rendered.session_id
    result.warnings += rendered.warnings


def take_document(result: CrawlResult, response: Response, document: Document, plan: VisitPlan) -> None:
    """Take over what was read; the text and the bytes themselves are made when asked for."""
    limits = plan.config.max_decoded_bytes, plan.config.max_decoded_ratio
    result.body = functools.partial(_unpacked, response.body, response.content_encoding, *limits)
    if document.encoding is not None:
        result.html = functools.partial(
            decode_body, response.body, response.content_encoding, document.encoding, *limits
        )
    result.encoding = document.encoding
    result.cleaned_html = document.cleaned_html
    result.markdown = StringCompatibleMarkdown(document.markdown)
    result.fit_html = document.markdown.fit_html
    result.links = document.links
    result.media = document.media
    result.tables = document.tables
    result.metadata = document.metadata
    result.extracted_content = document.extracted_content
    result.warnings += document.warnings
    result.success = not document.error
    if document.error:
        fail(result, ErrorCode(document.error_code), document.error)


def _unpacked(body: bytes, content_encoding: str, limit: int, ratio: int) -> bytes:
    try:
        return inflate(body, content_encoding, limit, ratio).data
    except ReadError:
        # More than may be unpacked: the bytes as sent are all there is to give.
        return body


def fail(result: CrawlResult, code: ErrorCode, message: str) -> None:
    """Make it a failed result; what it holds is kept."""
    result.success = False
    result.error_code = code
    result.error_message = message
