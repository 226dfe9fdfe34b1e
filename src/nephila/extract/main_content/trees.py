"""Boosted decision trees, asked about all texts of a page at once.

Each column of a page holds one byte for each text. Comparing it with a threshold is one `bytes.translate`, and the
result is taken as one large integer with a lane of 16 bits for each text, so that a step from a node of a tree to its
children is one operation on integers however many texts there are. The leaves' values are whole numbers whose sum
fits into a lane.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

_FILLER = 255
_AT_MOST = tuple(bytes(value <= most and value != _FILLER for value in range(256)) for most in range(255))
"""For each threshold, the table that turns the values up to it to 1."""
_WITHOUT_BIT = tuple(bytes(not value >> bit & 1 and value != _FILLER for value in range(256)) for bit in range(8))
_BITS_FROM = 256
"""From here on a test is for a bit that is not set."""
_LEAF = -1

Test = tuple[int, int]
"""A column's place, and the value up to which (or the bit without which) one goes left."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees in preorder.

    Attributes:
        columns: The names of the columns, then those of the page's numbers.
        constant: How many of them are numbers of the page, the same for all texts.
        tests: What the inner nodes ask.
        nodes: For all trees one after another, the place of a test, or for a leaf -1 minus its value.
        scale: What a leaf's value of 1 means.
        bias: What is added to the sum.
    """

    columns: Sequence[str]
    constant: int
    tests: Sequence[Test]
    nodes: Sequence[Sequence[int]]
    scale: float
    bias: float

    def probabilities(self, columns: dict[str, bytes], constants: Sequence[int], count: int) -> list[float]:
        """The probability of every text, of which there are `count`."""
        ones = int.from_bytes(b"\1\0" * count, "little")
        conditions = self._conditions(columns, constants, count, ones)
        total = 0
        for tree in self.nodes:
            waiting = [ones]
            for node in tree:
                mask = waiting.pop()
                if node < 0:
                    if mask:
                        total += mask * ~node
                else:
                    left = mask & conditions[node]
                    waiting.append(mask ^ left)
                    waiting.append(left)
        sums = struct.unpack(f"<{count}H", total.to_bytes(2 * count, "little"))
        known: dict[int, float] = {}
        for value in set(sums):
            known[value] = 1 / (1 + exp(-value * self.scale - self.bias))
        return list(map(known.__getitem__, sums))

    def _conditions(self, columns: dict[str, bytes], constants: Sequence[int], count: int, ones: int) -> list[int]:
        """For every test, the lanes of the texts that go left."""
        wide: list[bytes] = []
        varying = len(self.columns) - self.constant
        for name in self.columns[:varying]:
            lanes = bytearray(b"\xff") * (2 * count)
            lanes[::2] = columns[name]
            wide.append(bytes(lanes))
        conditions = []
        for column, limit in self.tests:
            if column >= varying:
                conditions.append(ones if constants[column - varying] <= limit else 0)
            else:
                table = _WITHOUT_BIT[limit - _BITS_FROM] if limit >= _BITS_FROM else _AT_MOST[limit]
                conditions.append(int.from_bytes(wide[column].translate(table), "little"))
        return conditions


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees for one row of numbers and several classes.

    Attributes:
        trees: For each class its trees, each in preorder: `[place of the number, most, size of the left side]` for an
            inner node, `[value]` for a leaf, one after another.
        scale: What a leaf's value of 1 means.
        biases: What is added to the sum of each class.
    """

    trees: Sequence[Sequence[Sequence[int]]]
    scale: float
    biases: Sequence[float]

    def probabilities(self, row: Sequence[int]) -> list[float]:
        """The probability of each class."""
        scores = []
        for trees, bias in zip(self.trees, self.biases, strict=True):
            total = 0
            for tree in trees:
                place = 0
                while tree[place] >= 0:
                    place += 3 if row[tree[place]] <= tree[place + 1] else tree[place + 2]
                total += tree[place + 1]
            scores.append(exp(min(total * self.scale + bias, 50.0)))
        whole = sum(scores)
        return [score / whole for score in scores]
