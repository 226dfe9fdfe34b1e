"""What a page says about itself."""

from __future__ import annotations

import turbohtml

from nephila.models import JSONValue

_LIMIT = 10_000
"""Characters of one value at most."""


def read_metadata(tree: turbohtml.Document, base_url: str) -> dict[str, JSONValue]:
    """Read the metadata of a page."""
    metadata: dict[str, JSONValue] = {"title": None, "description": None, "keywords": None, "author": None}
    for element in tree.iter_elements(("meta", "title")):
        if element.tag == "title":
            if metadata["title"] is None:
                metadata["title"] = " ".join(element.text[:_LIMIT].split()) or None
            continue
        name = (element.attr("property") or element.attr("name") or "").strip().lower()
        if name in ("description", "keywords", "author") or name.startswith(("og:", "twitter:", "article:")):
            content = (element.attr("content") or "").strip()[:_LIMIT]
            if content and metadata.get(name) is None:
                metadata[name] = content
    return metadata
