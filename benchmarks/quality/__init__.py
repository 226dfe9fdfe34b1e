"""How good what is read from pages is: one module per table, `python -m benchmarks.quality` prints them all."""
