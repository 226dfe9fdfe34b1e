"""Fitting the two models, on all pages or by cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np

from nephila.extract.main_content.model import PAGE_TYPES
from nephila.extract.main_content.selection import PAGE_NUMBERS
from training.main_content.export import export_content, export_page_type
from training.main_content.pages import FOLDS, Bytes, Example, Floats

_COMMON = {"num_threads": 1, "verbose": -1, "deterministic": True, "seed": 1, "bagging_freq": 1}
_PAGE_TYPE = _COMMON | {
    "objective": "multiclass", "num_class": len(PAGE_TYPES), "num_leaves": 8, "learning_rate": 0.1,
    "min_data_in_leaf": 5, "feature_fraction": 0.3, "bagging_fraction": 0.8, "lambda_l2": 3,
}  # fmt: skip
_PAGE_TYPE_ROUNDS = 60
_CONTENT = _COMMON | {
    "objective": "cross_entropy", "num_leaves": 20, "learning_rate": 0.15, "feature_fraction": 0.3,
    "bagging_fraction": 0.7, "min_data_in_leaf": 30, "min_sum_hessian_in_leaf": 0.05, "lambda_l2": 2, "max_bin": 64,
}  # fmt: skip
_CONTENT_ROUNDS = 50
_PHRASE_WEIGHT = 0.04
_MOST_PAGE_WEIGHT = 6.0
_FEWEST_WORDS = 60

Model = dict[str, Any]


def _weights(example: Example) -> Floats:
    """What a text weighs: its words beside those of the main content, as they count in an F1."""
    if not example.page.main_content:
        return np.where(example.labels >= 0, _PHRASE_WEIGHT, 0.0)
    content = max(float((example.words * (example.labels >= 0.5)).sum()), _FEWEST_WORDS)
    weights = (example.words + 1) / content
    return weights * min(1.0, _MOST_PAGE_WEIGHT / weights.sum())


def _fit_page_type(examples: Sequence[Example]) -> lightgbm.Booster:
    rows = np.array([example.page_row for example in examples], dtype=np.float32)
    kinds = [PAGE_TYPES.index(example.page.page_type or "") for example in examples]
    return lightgbm.train(_PAGE_TYPE, lightgbm.Dataset(rows, kinds), _PAGE_TYPE_ROUNDS)


def _page_types(booster: lightgbm.Booster, examples: Sequence[Example]) -> Floats:
    return np.asarray(booster.predict(np.array([example.page_row for example in examples], dtype=np.float32)))


def _out_of_fold_types(examples: Sequence[Example], of_known: Sequence[Example]) -> Floats:
    """The page types of examples by models that have not seen their sites."""
    kinds = np.zeros((len(examples), len(PAGE_TYPES)))
    for fold in range(FOLDS):
        places = [place for place, example in enumerate(examples) if example.fold == fold]
        if places:
            booster = _fit_page_type([example for example in of_known if example.fold != fold])
            kinds[places] = _page_types(booster, [examples[place] for place in places])
    return kinds


def _rows(example: Example, kinds: Floats) -> Bytes:
    page = np.concatenate([example.page_row[:PAGE_NUMBERS], np.round(200 * kinds)]).clip(0, 254).astype(np.uint8)
    return np.hstack([example.rows, np.tile(page, (len(example.rows), 1))])


def fit(examples: Sequence[Example], names: list[str]) -> Model:
    """Fit both models on pages, some of which have their phrases only."""
    known = [example for example in examples if example.page.page_type]
    kinds = _out_of_fold_types(examples, known)
    rows, labels, weights = [], [], []
    for example, kind in zip(examples, kinds, strict=True):
        told = example.labels >= 0
        rows.append(_rows(example, kind)[told])
        labels.append(example.labels[told])
        weights.append(_weights(example)[told])
    data = lightgbm.Dataset(
        np.concatenate(rows), np.concatenate(labels), weight=np.concatenate(weights), params={"min_data_in_bin": 1}
    )
    constants = [f"page{place}" for place in range(PAGE_NUMBERS)] + [f"is_{kind}" for kind in PAGE_TYPES]
    content = lightgbm.train(_CONTENT, data, _CONTENT_ROUNDS)
    return {
        "page_type": export_page_type(_fit_page_type(known), len(PAGE_TYPES)),
        "content": export_content(content, [*names, *constants], constants),
    }
