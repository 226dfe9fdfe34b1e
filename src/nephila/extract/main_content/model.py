"""The trained models, as they come with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from nephila.extract.main_content.trees import Forest, Trees

PAGE_TYPES = ("article", "service", "product", "collection", "forum", "listing", "documentation")
"""The kinds of pages that are told apart, in the order of the models' classes."""


@dataclass(frozen=True, slots=True)
class Model:
    """What kind of page it is, then which texts are its content."""

    page_type: Forest
    content: Trees


@lru_cache(maxsize=1)
def load_model() -> Model:
    """Read the coefficients, once in a process."""
    data = json.loads(files("nephila.extract.main_content").joinpath("model.json").read_text("utf-8"))
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
