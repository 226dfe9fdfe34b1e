"""What every test can use: a real web site on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.site.server import Site


@pytest.fixture(scope="session")
def running_site() -> Iterator[Site]:
    """The site, started once."""
    site = Site().start()
    yield site
    site.close()


@pytest.fixture
def site(running_site: Site) -> Site:
    """The site with an empty log and fresh counters."""
    running_site.reset()
    return running_site
