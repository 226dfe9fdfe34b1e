"""`make quality`: print every table of figures with its floor; the exit code is 1 when one is missed.

Add a table by a module with `rows()` in `TABLES`.
"""

from __future__ import annotations

import argparse
import importlib
import sys

TABLES = {
    "round-trip": ("Markdown: HTML to Markdown to HTML is the same document", "benchmarks.quality.round_trip"),
    "words": ("Markdown: the words of real pages", "benchmarks.quality.words"),
    "metadata": ("Titles, authors and dates that somebody wrote down", "benchmarks.quality.metadata"),
    "cost": ("Cost on one core", "benchmarks.quality.cost"),
}
"""The name of each table to its heading and the module whose `rows()` yields name, figure, floor, and whether it is
reached (None for a figure without a floor)."""


def main() -> int:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality")
    parser.add_argument("--only", choices=sorted(TABLES), action="append", help="print this table only (repeatable)")
    wanted = parser.parse_args().only or list(TABLES)
    missed = False
    for name in wanted:
        heading, module = TABLES[name]
        print(f"\n## {heading}\n\n| measured | figure | floor | |\n|---|---|---|---|")
        for row, figure, floor, reached in importlib.import_module(module).rows():
            missed |= reached is False
            print(f"| {row} | {figure} | {floor} | {'missed' if reached is False else ''} |", flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
