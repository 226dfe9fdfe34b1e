"""Labelled pages as the models see them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.quality.labelled_pages import LabelledPage
from nephila.extract.document import read
from nephila.extract.main_content.features import Columns
from nephila.extract.main_content.page_features import PageHints, page_row
from nephila.extract.main_content.scanner import scan
from nephila.models import RawPage
from nephila.options.reading import ReadingOptions
from training.main_content.labels import label, label_by_phrases

FOLDS = 5
_BITS_OF = ("in", "all", "near", "names")
"""Columns whose bits are asked one by one; their names end in the number of a byte, or in `@` and a level after it."""

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


@dataclass
class Example:
    """One page: a row for each text."""

    page: LabelledPage
    rows: Bytes
    page_row: npt.NDArray[np.int64]
    labels: Floats
    words: Floats
    fold: int


def registered_domain(url: str) -> str:
    """About the part of the host that somebody registered: pages of one site must not be in two folds."""
    parts = url.partition("://")[2].partition("/")[0].partition(":")[0].lower().split(".")
    short_suffix = len(parts) > 2 and len(parts[-1]) == 2 and len(parts[-2]) <= 3
    return ".".join(parts[-3:] if short_suffix else parts[-2:])


def fold_of(url: str) -> int:
    """The fold a page's site belongs to, the same on every run."""
    return zlib.crc32(registered_domain(url).encode()) % FOLDS


def example_of(page: LabelledPage) -> tuple[Example, list[str]] | None:
    """The page with its labels, and the names of the columns; None without a text."""
    document = read(RawPage(page.url, page.html(), "text/html"), ReadingOptions())
    scanned = scan(document.cleaned_html)
    if not scanned.texts:
        return None
    columns = Columns(scanned)
    names, rows = spread(columns.columns)
    if page.main_content:
        labels = label(scanned.texts, page.main_content)
    else:
        labels = label_by_phrases(scanned.texts, page.wanted, page.unwanted)
    example = Example(
        page=page,
        rows=rows,
        page_row=np.array(page_row(columns, PageHints.of(document.metadata, page.url))),
        labels=np.array(labels),
        words=np.array(scanned.words, dtype=float),
        fold=fold_of(page.url),
    )
    return example, names


def spread(columns: dict[str, bytes]) -> tuple[list[str], Bytes]:
    """The columns as a matrix, those of bits as one column for each bit."""
    names, values = [], []
    for name, column in columns.items():
        array = np.frombuffer(column, dtype=np.uint8)
        stem = name.partition("@")[0]
        if stem == "figures" or (stem[-1] in "012" and stem[:-1] in _BITS_OF):
            for bit in range(8):
                names.append(f"{name}&{bit}")
                values.append(array >> bit & 1)
        else:
            names.append(name)
            values.append(array)
    return names, np.array(values, dtype=np.uint8).T
