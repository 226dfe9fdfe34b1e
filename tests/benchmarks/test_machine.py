"""The line that says what the benchmark ran on."""

import os

from benchmarks.machine import describe_machine


def test_machine_is_described() -> None:
    machine = describe_machine()
    assert 1 <= int(machine["cores"]) <= (os.cpu_count() or 1)
    assert machine["python"].count(".") == 2
    milliseconds, unit = machine["fixed loop"].split()
    assert unit == "ms"
    assert int(milliseconds) > 0
