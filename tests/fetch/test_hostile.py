"""Every hostile case through the crawler, over every transport: outcome, time and memory."""

from __future__ import annotations

import pytest

from tests.fetch.probe import Probe
from tests.site.cases.case import Case
from tests.site.cases.table import CASES
from tests.site.server import Site

_HANG = 20.0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outcome(case: Case, site: Site, probe: Probe) -> None:
    case = case.over(probe.transport)
    url = case.install(site)
    options = {"page_timeout": 5000, **case.options}
    report = probe.visit(url, options, case.browser, within=_HANG)
    assert (report.status, report.code, report.success) == (case.status, case.code, case.code is None), report
    assert case.contains in report.html, report
    assert case.message in report.message
    assert not report.message or report.message.endswith("."), report.message
    assert case.absent not in report.html
    assert "secret" not in f"{report.url} {report.redirects} {report.message}"
    assert len(report.redirects) == case.hops, report
    assert case.requests is None or site.request_count == case.requests
    assert report.seconds < int(options["page_timeout"]) / 1000 * 1.2 + 1
    assert report.growth <= case.memory
    assert report.tasks <= 0


def test_names_are_distinct_and_many() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 80
