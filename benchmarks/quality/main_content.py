"""How well the main content of pages is found, by the measures of the field.

Articles: precision, recall and F1 over 4-word shingles, as in the article extraction benchmark (Scrapinghub, 2020):
shingle counts are made shares of the page, precision and recall are means over pages, F1 is their harmonic mean.
WCXB: F1 between bags of lower-case words, the mean over pages, also for each kind of page. Web pages: the share of the
phrases that must be kept and are, and of those that must go and are gone.

    python -m benchmarks.quality.main_content
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import unescape
from statistics import fmean

from benchmarks.quality.labelled_pages import LabelledPage, corpus_folder, labelled_pages
from nephila import DefaultMarkdownGenerator, MainContentFilter
from nephila.extract.document import read
from nephila.models import RawPage
from nephila.options.reading import ReadingOptions

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|mark|q|ruby|s|samp|small|span|strike|strong|sub"
    r"|sup|time|tt|u|var|wbr)(?: [^>]*)?>"
)
_ANY_TAG = re.compile(r"<[^>]*>")
WCXB_SHARES = {
    "article": 0.53, "service": 0.11, "product": 0.08, "collection": 0.08, "forum": 0.075, "listing": 0.065,
    "documentation": 0.06,
}  # fmt: skip
"""How often each kind of page is in the published data."""


@dataclass(frozen=True)
class Score:
    """Means over pages."""

    precision: float
    recall: float
    f1: float
    pages: int


def word_f1(found: str, truth: str) -> Score:
    """The overlap of two bags of words."""
    left, right = Counter(_WORD.findall(found.lower())), Counter(_WORD.findall(truth.lower()))
    common = (left & right).total()
    if not common:
        return Score(0.0, 0.0, 0.0, 1)
    precision, recall = common / left.total(), common / right.total()
    return Score(precision, recall, 2 * precision * recall / (precision + recall), 1)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return Counter(tuple(words[place : place + _SHINGLE]) for place in range(max(1, len(words) - _SHINGLE + 1)))


def shingle_score(pairs: Iterable[tuple[str, str]]) -> Score:
    """The article extraction benchmark's score of found texts and true ones."""
    precisions, recalls, pages = [], [], 0
    for found, truth in pairs:
        pages += 1
        left, right = _shingles(found), _shingles(truth)
        right_ones = (left & right).total()
        wrong, missing = left.total() - right_ones, right.total() - right_ones
        if right_ones or wrong:
            precisions.append(right_ones / (right_ones + wrong))
        if right_ones or missing:
            recalls.append(right_ones / (right_ones + missing))
    precision, recall = fmean(precisions or [0.0]), fmean(recalls or [0.0])
    return Score(precision, recall, 2 * precision * recall / ((precision + recall) or 1), pages)


def mean_score(scores: Sequence[Score]) -> Score:
    """The mean of each number."""
    return Score(
        fmean(score.precision for score in scores),
        fmean(score.recall for score in scores),
        fmean(score.f1 for score in scores),
        len(scores),
    )


def weighted_f1(scores: dict[str, Score]) -> float:
    """The F1 of all kinds of pages by their published shares, of those that were scored."""
    whole = sum(share for kind, share in WCXB_SHARES.items() if kind in scores)
    return sum(share * scores[kind].f1 for kind, share in WCXB_SHARES.items() if kind in scores) / (whole or 1)


def scores_of(found_texts: Iterable[tuple[LabelledPage, str]]) -> dict[str, Score]:
    """The scores of `articles`, of each kind of page in WCXB, and of the phrases of web pages (`phrases`)."""
    article_pairs: list[tuple[str, str]] = []
    kinds: dict[str, list[Score]] = defaultdict(list)
    kept, gone = [], []
    for page, found in found_texts:
        if page.collection == "articles":
            article_pairs.append((found, page.main_content))
        elif page.collection == "wcxb-dev":
            kinds[page.page_type or ""].append(word_f1(found, page.main_content))
        else:
            line = " ".join(found.split())
            kept += [" ".join(phrase.split()) in line for phrase in page.wanted]
            gone += [" ".join(phrase.split()) not in line for phrase in page.unwanted]
    scores = {kind: mean_score(scores) for kind, scores in kinds.items()}
    if article_pairs:
        scores["articles"] = shingle_score(article_pairs)
    if kept and gone:
        scores["phrases"] = Score(fmean(gone), fmean(kept), fmean(kept + gone), len(kept + gone))
    return scores


def text_of_html(html: str) -> str:
    """The text of HTML, its blocks apart."""
    return unescape(_ANY_TAG.sub(" ", _INLINE_TAG.sub("", html)))


def fit_html_text(page: LabelledPage) -> str:
    """What a user gets: the text of `fit_html`."""
    return _read(page)[0]


def fit_markdown_text(page: LabelledPage) -> str:
    """What a user gets: `fit_markdown` without its syntax and addresses."""
    return plain_text(_read(page)[1])


def _read(page: LabelledPage) -> tuple[str, str]:
    options = ReadingOptions(markdown_generator=DefaultMarkdownGenerator(MainContentFilter()))
    markdown = read(RawPage(page.url, page.html(), "text/html"), options).markdown
    return text_of_html(markdown.fit_html or ""), markdown.fit_markdown or ""


def plain_text(markdown: str) -> str:
    """Markdown without pictures, addresses and marks."""
    text = re.sub(r"!\[[^\]\n]*\]\((?:[^()\s]|\([^()\s]*\))*(?: \"[^\"\n]*\")?\)", " ", markdown)
    text = re.sub(r"\]\((?:<[^<>\n]*>|(?:[^()\s]|\([^()\s]*\))*)(?: \"[^\"\n]*\")?\)", "]", text)
    text = re.sub(r"(?m)^```.*$", "", text)
    return re.sub(r"\\([!-/:-@[-`{-~])", r"\1", re.sub(r"(?<!\\)[*`\[\]~]|(?<![\\\w])_|_(?!\w)", "", text))


def print_scores(scores: dict[str, Score]) -> None:
    """One line for each set of pages."""
    for name in ("articles", *WCXB_SHARES, "phrases"):
        if name in scores:
            score = scores[name]
            line = f"{name:14} F1 {score.f1:.3f}  precision {score.precision:.3f}  recall {score.recall:.3f}"
            print(f"{line}  ({score.pages})")
    print(f"{'WCXB by shares':14} F1 {weighted_f1(scores):.3f}")


def main() -> int:
    """Score the model that comes with the package; it was trained on these pages."""
    corpus = corpus_folder()
    if corpus is None:
        print("There is no corpus: set NEPHILA_CORPUS to its folder.")
        return 1
    print_scores(scores_of((page, fit_html_text(page)) for page in labelled_pages(corpus)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
