"""Train the models of the main content on labelled pages.

    python -m training.main_content --cross-validate    the scores on sites that were not trained on
    python -m training.main_content --write             the coefficients from all pages, into the package

Needs lightgbm and numpy, and a corpus (`NEPHILA_CORPUS`, or ../shared/corpus beside the checkout).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import nephila.extract.main_content as package
from benchmarks.quality.labelled_pages import LabelledPage, corpus_folder, labelled_pages
from benchmarks.quality.main_content import Score, print_scores, scores_of, text_of_html
from nephila.extract.document import read
from nephila.extract.main_content.model import Model, model_of
from nephila.extract.main_content.page_features import PageHints
from nephila.extract.main_content.selection import find_main_content
from nephila.models import RawPage
from nephila.options.reading import ReadingOptions
from training.main_content.fit import fit
from training.main_content.pages import FOLDS, Example, example_of, fold_of


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cross-validate", action="store_true", help="print the scores by cross-validation over sites")
    parser.add_argument("--write", action="store_true", help="train on all pages and write the coefficients")
    wishes = parser.parse_args()
    corpus = corpus_folder()
    if corpus is None or not (wishes.cross_validate or wishes.write):
        parser.print_help()
        return 2
    pages = list(labelled_pages(corpus))
    made = [example for page in pages if (example := example_of(page)) is not None]
    examples, names = [example for example, _ in made], made[0][1]
    if wishes.cross_validate:
        print_scores(cross_validate(pages, examples, names))
    if wishes.write:
        target = Path(package.__file__).with_name("model.json")
        target.write_text(json.dumps(fit(examples, names), separators=(",", ":")) + "\n", "utf-8")
        print(f"{target}: {target.stat().st_size:,} bytes, from {len(examples)} pages")
    return 0


def cross_validate(pages: list[LabelledPage], examples: list[Example], names: list[str]) -> dict[str, Score]:
    """Score every page by models that have not seen its site."""
    found: list[tuple[LabelledPage, str]] = []
    for fold in range(FOLDS):
        model = model_of(fit([example for example in examples if example.fold != fold], names))
        found += [(page, _text(page, model)) for page in pages if fold_of(page.url) == fold]
    return scores_of(found)


def _text(page: LabelledPage, model: Model) -> str:
    document = read(RawPage(page.url, page.html(), "text/html"), ReadingOptions())
    hints = PageHints.of(document.metadata, page.url)
    return text_of_html(find_main_content(document.cleaned_html, hints, model=model).html)


if __name__ == "__main__":
    sys.exit(main())
