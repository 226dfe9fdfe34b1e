from __future__ import annotations

import pytest

from nephila import CrawlStats, HostStats


def advice(**numbers: object) -> list[str]:
    return CrawlStats(**numbers).advice()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        (
            HostStats(host="a.example", done=60, retries=37, errors={"http": 37}, statuses={"429": 37}),
            "a.example answered 429 37 times: lower its concurrency or raise its delay.",
        ),
        (
            HostStats(host="a.example", failed=4, errors={"http": 4}, statuses={"503": 4}),
            "a.example answered 503 4 times: raise its delay.",
        ),
        (
            HostStats(host="b.example", done=1, failed=9, errors={"timeout": 9}),
            "b.example: 90 % of 10 visits timed out; it is down, or needs a longer page_timeout or fewer visits at "
            "once.",
        ),
        (
            HostStats(host="c.example", failed=5, errors={"connect": 5}),
            "c.example: 100 % of 5 visits found no connection; it may be down.",
        ),
        (
            HostStats(host="d.example", failed=5, errors={"dns": 5}),
            "d.example: its name could not be resolved in 100 % of 5 visits; is it spelt right?",
        ),
        (
            HostStats(host="e.example", failed=5, done=5, errors={"http": 5}, statuses={"403": 5}),
            "e.example answered 403 to 50 % of 10 visits: it refuses this client or wants a login.",
        ),
    ],
)
def test_of_a_host(host: HostStats, sentence: str) -> None:
    assert advice(hosts=(host,)) == [sentence]


@pytest.mark.parametrize(
    "host",
    [
        HostStats(host="fine.example", done=1000),
        HostStats(host="a.example", done=60, retries=2, errors={"http": 2}, statuses={"429": 2}),
        HostStats(host="b.example", done=91, failed=9, errors={"timeout": 9}),
        HostStats(host="c.example", failed=2, errors={"connect": 2}),
        HostStats(host="d.example", failed=50, errors={"http": 50}, statuses={"404": 50}),
    ],
)
def test_none_where_none_is_warranted(host: HostStats) -> None:
    assert advice(hosts=(host,)) == []


def test_many_hosts_are_not_all_named() -> None:
    hosts = tuple(HostStats(host=f"{n}.example", failed=5, errors={"timeout": 5}) for n in range(1005))
    sentences = advice(hosts=hosts)
    assert len(sentences) == 6
    assert sentences[-1] == "The same goes for 1,000 more hosts."


def test_of_the_run() -> None:
    errors = {"user_code": 2, "no_config_match": 1, "reader_crashed": 1, "internal": 1}
    assert advice(fewest_permits=3, most_permits=20, textless=12, errors=errors) == [
        "Memory pressure lowered the visits at once from 20 to 3: give the process more memory.",
        "12 HTML pages held no text: what a browser would show there may be made by scripts, which do not run here.",
        "2 URLs failed in your own code (a matcher, hook or strategy): see error_message.",
        "1 URL matched no config: put one without a url_matcher last.",
        "1 URL ended the process that was reading it: please report the page.",
        "1 URL failed by a fault of the crawler: please report it.",
    ]
    assert advice(fewest_permits=20, most_permits=20) == []
