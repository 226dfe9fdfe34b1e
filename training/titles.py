"""Fit how much each feature of a candidate says that it is the page's title: `python -m training.titles`.

A conditional logit (McFadden, 1974): one candidate of each page is right, and the chance of each is the exponential of
the sum of its features' weights, beside those of the others. Prints the accuracy under cross-validation, pages of one
host together, and the weights fitted on all pages, to be put into `nephila.extract.titles.WEIGHTS`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nephila.extract import json_ld
from nephila.extract.metadata import Head, title_sources
from nephila.extract.titles import SiteNames, candidates
from nephila.html.decode import parse_html
from nephila.net import url as urls
from training.annotated import annotated_pages, normalised

FOLDS = 5
STEPS = 250
RATE = 0.1
RIDGE = 0.3
COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Choice:
    """One page: its candidates' features, and which of them are the title."""

    fold: int
    collection: str
    texts: list[str]
    features: list[dict[str, float]]
    right: list[bool]


def choices() -> list[Choice]:
    """The annotated pages that have a title."""
    found = []
    for page in annotated_pages():
        if not page.title:
            continue
        tree, _ = parse_html(page.body())
        head = Head(tree)
        things = list(json_ld.nodes(json_ld.decode_blocks(head.blocks)))
        is_site = SiteNames(head.metas, things, urls.host_of(page.url))
        each = candidates(title_sources(head, things, page.url), is_site)
        features = [{COVERED: one.covered, **dict.fromkeys(sorted(one.features), 1.0)} for one in each]
        right = [normalised(one.text) == normalised(page.title) for one in each]
        found.append(Choice(page.fold(FOLDS), page.collection, [one.text for one in each], features, right))
    return found


def fit(pages: Sequence[Choice]) -> dict[str, float]:
    """The weights under which the right candidates are the most likely, by gradient steps (Adam) with a ridge."""
    weights: dict[str, float] = {name: 0.0 for page in pages for one in page.features for name in one}
    mean, square = dict.fromkeys(weights, 0.0), dict.fromkeys(weights, 0.0)
    pages = [page for page in pages if any(page.right)]
    for step in range(1, STEPS + 1):
        slope = {name: RIDGE * weight for name, weight in weights.items()}
        for page in pages:
            powers = [math.exp(score(one, weights)) for one in page.features]
            total, right = sum(powers), sum(page.right)
            for one, power, is_right in zip(page.features, powers, page.right, strict=True):
                surplus = power / total - is_right / right
                for name, value in one.items():
                    slope[name] += surplus * value
        for name, value in slope.items():
            mean[name] = 0.9 * mean[name] + 0.1 * value
            square[name] = 0.99 * square[name] + 0.01 * value * value
            ahead = mean[name] / (1 - 0.9**step)
            weights[name] -= RATE * ahead / (math.sqrt(square[name] / (1 - 0.99**step)) + 1e-8)
    return weights


def score(features: dict[str, float], weights: dict[str, float]) -> float:
    """The sum of the weights of what a candidate has."""
    return sum(weights.get(name, 0.0) * value for name, value in features.items())


def main() -> None:
    """Print the accuracy and the weights."""
    pages = choices()
    right: Counter[str] = Counter()
    for fold in range(FOLDS):
        weights = fit([page for page in pages if page.fold != fold])
        for page in pages:
            if page.fold == fold and page.features:
                scores = [score(one, weights) for one in page.features]
                right[page.collection] += page.right[scores.index(max(scores))]
    total = Counter(page.collection for page in pages)
    for collection, count in sorted(total.items()):
        print(f"{collection}: {right[collection] / count:.3f} of {count} titles right, cross-validated")
    for name, weight in sorted(fit(pages).items(), key=lambda item: -item[1]):
        print(f'        "{name}": {weight:.2f},')


if __name__ == "__main__":
    main()
