"""The scores on labelled pages, where there are any; see `benchmarks.quality`."""

from __future__ import annotations

from itertools import chain

import pytest

from benchmarks.quality.labelled_pages import articles, corpus_folder, wcxb
from benchmarks.quality.main_content import fit_html_text, scores_of, weighted_f1

CORPUS = corpus_folder()


@pytest.mark.skipif(CORPUS is None, reason="needs the labelled pages of NEPHILA_CORPUS")
def test_scores_stay_above_their_floors() -> None:
    assert CORPUS is not None
    pages = chain(list(articles(CORPUS))[::3], list(wcxb(CORPUS))[::4])
    scores = scores_of((page, fit_html_text(page)) for page in pages)
    assert scores["articles"].f1 > 0.94
    assert weighted_f1(scores) > 0.87
