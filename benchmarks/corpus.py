"""The pages of the benchmark: real ones from a corpus, or generated ones where there is none."""

from __future__ import annotations

import gzip
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generated_pages import article_page, small_page

CORPUS_FOLDERS = ("articles", "web-pages", "wcxb-dev")
GENERATED_PAGES = 400
SMALL_PAGES = 1_000
"""Distinct small pages; the URLs of the long stream share them by their last three digits."""


@dataclass(frozen=True)
class Page:
    """One page of the site."""

    path: str
    """The path of its URL."""
    size: int
    """Bytes after decompression."""


@dataclass(frozen=True)
class Corpus:
    """The pages and where they came from."""

    pages: list[Page]
    source: str
    """`corpus pages` or `generated pages`, for the heading of the table."""

    @property
    def mean_size(self) -> float:
        """Bytes of HTML in a page on average."""
        return sum(page.size for page in self.pages) / len(self.pages)


def corpus_folder(repository: Path) -> Path:
    """NEPHILA_CORPUS, or `../shared/corpus` beside the repository."""
    return Path(os.environ.get("NEPHILA_CORPUS") or repository.parent / "shared" / "corpus")


def corpus_files(folder: Path) -> list[Path]:
    """Every page of the corpus, in the order of the names."""
    return sorted(file for name in CORPUS_FOLDERS for file in (folder / name / "html").glob("*.gz"))


def is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def lay_out_site(root: Path, files: list[Path]) -> Corpus:
    """Fill `root` with what the server serves: gzip files under `u/`, `p/` and `s/`.

    A page that is valid UTF-8 goes to `u/`, which is served with that charset in its `Content-Type` as most sites do;
    the others go to `p/`, without one. `s/` holds the small pages of the long stream.
    """
    for name in ("u", "p", "s"):
        (root / name).mkdir(parents=True)
    for number in range(SMALL_PAGES):
        (root / "s" / f"{number:03d}.html.gz").write_bytes(gzip.compress(small_page(number).encode(), 6))
    pages = list(link_pages(root, files)) if files else list(write_pages(root))
    return Corpus(pages, "corpus pages" if files else "generated pages")


def link_pages(root: Path, files: list[Path]) -> Iterator[Page]:
    for number, file in enumerate(files):
        body = gzip.decompress(file.read_bytes())
        path = f"{'u' if is_utf8(body) else 'p'}/{number:05d}.html"
        (root / f"{path}.gz").symlink_to(file.resolve())
        yield Page("/" + path, len(body))


def write_pages(root: Path) -> Iterator[Page]:
    for number in range(GENERATED_PAGES):
        body = article_page(number).encode()
        path = f"u/{number:05d}.html"
        (root / f"{path}.gz").write_bytes(gzip.compress(body, 1))
        yield Page("/" + path, len(body))


def sample(pages: list[Page], count: int) -> list[Page]:
    """`count` pages with the same mix of sizes as all of them: evenly spaced in the order of size.

    The result is shuffled, always in the same way, so that big pages do not come together.
    """
    by_size = sorted(pages, key=lambda page: (page.size, page.path))
    count = min(count, len(by_size))
    chosen = [by_size[int((index + 0.5) * len(by_size) / count)] for index in range(count)]
    random.Random(20).shuffle(chosen)
    return chosen


def page_urls(pages: list[Page], hosts: list[str]) -> list[str]:
    """The pages' URLs, spread over the hosts in turn."""
    return [f"http://{hosts[index % len(hosts)]}{page.path}" for index, page in enumerate(pages)]
