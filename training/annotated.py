"""Pages whose title, author and date somebody wrote down by looking at them."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CORPUS = Path(os.environ.get("NEPHILA_CORPUS", "../shared/corpus"))
"""The folder with `web-pages` and `wcxb-dev`."""


@dataclass(frozen=True, slots=True)
class AnnotatedPage:
    """One page.

    Attributes:
        collection: Where it is from.
        name: Its name there.
        url: Where it was fetched from.
        file: Its bytes, compressed.
        kind: What kind of page it is; empty when nobody said.
        title: What a reader would call it; empty when nobody said.
        author: Who wrote it; empty when nobody said.
        date: When it was published, as `2024-05-31`; empty when nobody said.
    """

    collection: str
    name: str
    url: str
    file: Path
    kind: str = ""
    title: str = ""
    author: str = ""
    date: str = ""

    def body(self) -> bytes:
        """The page as it was sent."""
        return gzip.decompress(self.file.read_bytes())

    def fold(self, folds: int = 5) -> int:
        """The part of a cross-validation it belongs to; pages of one host are in the same."""
        host = urlsplit(self.url).hostname or ""
        return int(hashlib.sha256(host.encode()).hexdigest(), 16) % folds


def annotated_pages(corpus: Path = CORPUS) -> Iterator[AnnotatedPage]:
    """Yield every page of the corpus that has annotations and is there."""
    notes = corpus / "web-pages" / "annotations.json"
    if notes.exists():
        for url, page in json.loads(notes.read_text(encoding="utf-8")).items():
            file = notes.parent / "html" / page["file"]
            if file.exists():
                said = (_text(page.get(name)) for name in ("title", "author", "date"))
                yield AnnotatedPage("web-pages", page["file"], url, file, "", *said)
    for truth in sorted((corpus / "wcxb-dev" / "ground-truth").glob("*.json")):
        page = json.loads(truth.read_text(encoding="utf-8"))
        file = corpus / "wcxb-dev" / "html" / f"{truth.stem}.html.gz"
        kind = page["page_type"]
        kind = kind if isinstance(kind, str) else kind["primary"]
        said = (_text(page.get(name)) for name in ("title", "author", "publish_date"))
        if file.exists():
            yield AnnotatedPage("wcxb", truth.stem, page["url"], file, kind, *said)


def normalised(text: str) -> str:
    """The words of a text in a form in which spellings of the same are equal."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value or "").strip()
