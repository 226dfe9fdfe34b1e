"""Trees asked column by column give what walking each of them gives."""

from __future__ import annotations

import random
from math import exp

import pytest

from nephila.extract.main_content.trees import Forest, Trees

COUNT = 300


def walk(tree: list[int], ask: list[bool]) -> int:
    """The value of the leaf a tree in preorder leads to."""

    def size(place: int) -> int:
        if tree[place] < 0:
            return 1
        left = size(place + 1)
        return 1 + left + size(place + 1 + left)

    place = 0
    while tree[place] >= 0:
        place += 1 if ask[tree[place]] else 1 + size(place + 1)
    return ~tree[place]


def test_sums_are_those_of_the_leaves_reached() -> None:
    chance = random.Random(5)
    columns = {
        "a": bytes(chance.randrange(255) for _ in range(COUNT)),
        "b": bytes(chance.randrange(255) for _ in range(COUNT)),
    }
    tests = [(0, 100), (1, 30), (1, 256 + 3), (2, 7), (0, 254), (0, 0)]
    nodes = [[0, -11, 1, -201, -3001], [3, 2, -5, -6, 4, 5, -7, -8, -9], [-1]]
    trees = Trees(["a", "b", "page"], 1, tests, nodes, 0.001, -1.5)
    for page in (5, 9):
        expected = []
        for a, b in zip(columns["a"], columns["b"], strict=True):
            ask = [a <= 100, b <= 30, not b >> 3 & 1, page <= 7, a <= 254, a <= 0]
            expected.append(1 / (1 + exp(1.5 - 0.001 * sum(walk(tree, ask) for tree in nodes))))
        assert trees.probabilities(columns, [page], COUNT) == pytest.approx(expected)


def test_a_forest_follows_its_numbers() -> None:
    forest = Forest([[[0, 5, 5, -1, 10, -1, -10]], [[-1, 0]]], 0.1, [0.0, 0.0])
    low, high = forest.probabilities([5]), forest.probabilities([6])
    assert low == pytest.approx([exp(1) / (exp(1) + 1), 1 / (exp(1) + 1)])
    assert high == pytest.approx([exp(-1) / (exp(-1) + 1), 1 / (exp(-1) + 1)])
