"""A page as a Markdown file."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from nephila.net.url import is_raw

if TYPE_CHECKING:
    from nephila.models import JSONValue
    from nephila.result import CrawlResult

_LONGEST_URL_SHOWN: Final = 8192
_NOT_IN_YAML: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def with_front_matter(result: CrawlResult) -> bytes:
    """A page's Markdown after a YAML block that says where it is from."""
    entries: dict[str, JSONValue] = {"url": result.url[:_LONGEST_URL_SHOWN]}
    if result.redirected_url and result.redirected_url != result.url and not is_raw(result.url):
        entries["redirected_url"] = result.redirected_url
    if result.status_code is not None:
        entries["status"] = result.status_code
    if title := result.metadata.get("title"):
        entries["title"] = title
    if not result.success:
        entries["error"] = str(result.error_code)
        entries["message"] = result.error_message
    lines = "".join(f"{name}: {_yaml(value)}\n" for name, value in entries.items())
    block = f"---\n{lines}---\n".encode()
    return block + (b"\n" + markdown_text(result) if result.success else b"")


def markdown_text(result: CrawlResult) -> bytes:
    """A page's Markdown, which ends with a line feed unless it is empty."""
    text = str(result.markdown)
    if text and not text.endswith("\n"):
        text += "\n"
    return text.encode("utf-8", "replace")


def _yaml(value: JSONValue) -> str:
    """A value as YAML: JSON (YAML 1.2, section 1.3) without the characters YAML does not print."""
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_IN_YAML.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
