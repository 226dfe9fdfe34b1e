"""From LightGBM's trees to the numbers that come with the package."""

from __future__ import annotations

from math import floor
from typing import Any

import lightgbm

_LANE = 60_000
"""What the sum of all leaves may be at most, in whole steps."""
_BITS_FROM = 256
"""As in `nephila.extract.main_content.trees`."""
_LARGEST_LEAF = 999

Data = dict[str, Any]


def _preorder(root: Data) -> list[Data]:
    nodes, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        nodes.append(node)
        if "split_feature" in node:
            waiting += [node["right_child"], node["left_child"]]
    return nodes


def export_content(booster: lightgbm.Booster, names: list[str], constants: list[str]) -> Data:
    """The trees over texts, for `Trees`."""
    trees = [_preorder(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    leaves = [[node["leaf_value"] for node in tree if "split_feature" not in node] for tree in trees]
    scale = sum(max(values) - min(values) for values in leaves) / _LANE
    tests: dict[tuple[str, int], int] = {}
    nodes: list[list[int]] = []
    for tree, values in zip(trees, leaves, strict=True):
        line = []
        for node in tree:
            if "split_feature" in node:
                column, _, bit = names[node["split_feature"]].partition("&")
                test = (column, _BITS_FROM + int(bit) if bit else floor(node["threshold"]))
                line.append(tests.setdefault(test, len(tests)))
            else:
                line.append(-1 - round((node["leaf_value"] - min(values)) / scale))
        nodes.append(line)
    varying = sorted({column for column, _ in tests} - set(constants))
    columns = [*varying, *constants]
    return {
        "columns": columns,
        "constant": len(constants),
        "tests": [[columns.index(column), limit] for column, limit in tests],
        "trees": nodes,
        "scale": scale,
        "bias": sum(min(values) for values in leaves),
    }


def export_page_type(booster: lightgbm.Booster, classes: int) -> Data:
    """The trees over pages, for `Forest`."""
    trees = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    largest = max(abs(node["leaf_value"]) for tree in trees for node in _preorder(tree) if "split_feature" not in node)
    scale = largest / _LARGEST_LEAF
    lines = [_line(tree, scale) for tree in trees]
    return {
        "trees": [lines[kind::classes] for kind in range(classes)],
        "scale": scale,
        "biases": [0.0] * classes,
    }


def _line(node: Data, scale: float) -> list[int]:
    if "split_feature" not in node:
        return [-1, round(node["leaf_value"] / scale)]
    left, right = _line(node["left_child"], scale), _line(node["right_child"], scale)
    return [node["split_feature"], floor(node["threshold"]), 3 + len(left), *left, *right]
