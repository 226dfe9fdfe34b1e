"""What every test can use: a real web site on loopback, over TLS too, and a forward proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.site.proxy import Proxy
from tests.site.server import Site
from tests.site.tls import TlsSite


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


@pytest.fixture(scope="session")
def tls_site(running_site: Site, tmp_path_factory: pytest.TempPathFactory) -> TlsSite:
    """The site's pages over TLS; ask for `site` too when the log matters."""
    return TlsSite(running_site, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A forward proxy that asks for no credentials."""
    with Proxy() as proxy:
        yield proxy
