"""The trained models, as they come with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TypedDict

from nephila.extract.main_content.trees import Forest, Trees

PAGE_TYPES = ("article", "service", "product", "collection", "forum", "listing", "documentation")
"""The kinds of pages that are told apart, in the order of the models' classes."""


@dataclass(frozen=True, slots=True)
class Model:
    """What kind of page it is, then which texts are its content."""

    page_type: Forest
    content: Trees


class _PageTypeData(TypedDict):
    trees: list[list[list[int]]]
    scale: float
    biases: list[float]


class _ContentData(TypedDict):
    columns: list[str]
    constant: int
    tests: list[tuple[int, int]]
    trees: list[list[int]]
    scale: float
    bias: float


class ModelData(TypedDict):
    """The coefficients as they are stored; see `Forest` and `Trees`."""

    page_type: _PageTypeData
    content: _ContentData


@lru_cache(maxsize=1)
def load_model() -> Model:
    """Read the coefficients, once in a process."""
    return model_of(json.loads(files("nephila.extract.main_content").joinpath("model.json").read_text("utf-8")))


def model_of(data: ModelData) -> Model:
    """The models with these coefficients."""
    types, content = data["page_type"], data["content"]
    return Model(
        Forest(types["trees"], types["scale"], types["biases"]),
        Trees(
            content["columns"],
            content["constant"],
            [(column, limit) for column, limit in content["tests"]],
            content["trees"],
            content["scale"],
            content["bias"],
        ),
    )
