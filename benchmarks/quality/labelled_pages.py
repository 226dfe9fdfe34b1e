"""The labelled pages of a corpus folder."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


def corpus_folder() -> Path | None:
    """The folder that `NEPHILA_CORPUS` names, or the one beside the checkout; None without either."""
    folder = Path(os.environ.get("NEPHILA_CORPUS") or DEFAULT_CORPUS)
    return folder if (folder / "articles" / "ground-truth.json").is_file() else None


@dataclass(frozen=True)
class LabelledPage:
    """A page with what is known of its main content."""

    collection: str
    """`articles`, `web-pages` or `wcxb-dev`."""
    name: str
    url: str
    path: Path
    page_type: str | None = None
    main_content: str = ""
    wanted: list[str] = field(default_factory=list)
    """Phrases its main content holds."""
    unwanted: list[str] = field(default_factory=list)

    def html(self) -> bytes:
        """The page's bytes."""
        return gzip.decompress(self.path.read_bytes())


def labelled_pages(corpus: Path) -> Iterator[LabelledPage]:
    """All pages with ground truth, in a fixed order."""
    yield from articles(corpus)
    yield from wcxb(corpus)
    yield from web_pages(corpus)


def articles(corpus: Path) -> Iterator[LabelledPage]:
    """The pages of the article extraction benchmark."""
    folder = corpus / "articles"
    for name, truth in sorted(json.loads((folder / "ground-truth.json").read_text("utf-8")).items()):
        path = folder / "html" / f"{name}.html.gz"
        yield LabelledPage("articles", name, truth["url"], path, "article", truth["articleBody"])


def wcxb(corpus: Path) -> Iterator[LabelledPage]:
    """The pages of WCXB's development split that have a main content."""
    folder = corpus / "wcxb-dev"
    for file in sorted((folder / "ground-truth").glob("*.json")):
        truth = json.loads(file.read_text("utf-8"))
        kind = truth["page_type"]
        page_type = kind["primary"] if isinstance(kind, dict) else kind
        path = folder / "html" / f"{file.stem}.html.gz"
        if truth.get("main_content") and path.is_file():
            yield LabelledPage(
                "wcxb-dev", file.stem, truth["url"], path, page_type, truth["main_content"],
                truth.get("with") or [], truth.get("without") or [],
            )  # fmt: skip


def web_pages(corpus: Path) -> Iterator[LabelledPage]:
    """The pages that have phrases only."""
    folder = corpus / "web-pages"
    for url, truth in json.loads((folder / "annotations.json").read_text("utf-8")).items():
        path = folder / "html" / truth["file"]
        if path.is_file():
            yield LabelledPage(
                "web-pages", truth["file"], url, path, wanted=truth.get("with") or [],
                unwanted=truth.get("without") or [],
            )  # fmt: skip
