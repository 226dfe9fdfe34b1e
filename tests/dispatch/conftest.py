"""What runs in virtual time share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def memory_read_at_once() -> Iterator[None]:
    """Spare the walk over all processes, which a run makes every second: virtual ones pass in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nephila.dispatch.dispatchers.process_tree_megabytes", lambda: 100.0)
        yield
