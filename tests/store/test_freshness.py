"""RFC 9111, rule by rule."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given, strategies as st

from nephila.models import Headers
from nephila.store import freshness

NOW = 1_700_000_000.0
DAY = 86_400.0


def date(seconds: float) -> str:
    return formatdate(NOW + seconds, usegmt=True)


def fresh(after: float, ttl: float | None = None, status: int = 200, **headers: str) -> bool:
    """Whether a page fetched at NOW with these headers is fresh that many seconds later."""
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return freshness.is_fresh(status, [], named, NOW, NOW + after, ttl)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache_control": "max-age=100"}, 100),
        ({"cache_control": 'public, max-age="100"'}, 100),
        ({"cache_control": "MAX-AGE=100, must-revalidate"}, 100),
        ({"cache_control": "s-maxage=5, max-age=100"}, 100),
        ({"cache_control": "max-age=100, max-age=5"}, 100),
        ({"cache_control": "max-age=100", "expires": date(5), "date": date(0)}, 100),
        ({"cache_control": "max-age=100", "age": "40"}, 60),
        ({"cache_control": "max-age=100", "date": date(-30)}, 70),
        ({"cache_control": "max-age=100", "date": date(-30), "age": "40"}, 60),
        ({"cache_control": "max-age=100", "date": date(+30)}, 100),
        ({"expires": date(100), "date": date(0)}, 100),
        ({"last_modified": date(-1000), "date": date(0)}, 100),
        ({"last_modified": date(-100 * DAY), "date": date(0)}, DAY),
        ({}, 3600),
        ({"last_modified": date(-1000)}, 3600),
        ({"cache_control": "private, max-age=100"}, 100),
        ({"cache_control": 'x="a, max-age=5", max-age=100'}, 100),
    ],
    ids=str,
)
def test_how_long_a_page_is_fresh(headers: dict[str, str], seconds: float) -> None:
    assert fresh(seconds - 1, **headers)
    assert not fresh(seconds + 1, **headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"cache_control": "no-cache"},
        {"cache_control": 'no-cache="set-cookie", max-age=100'},
        {"cache_control": "no-store, max-age=100"},
        {"cache_control": "max-age=0"},
        {"cache_control": "max-age=soon"},
        {"cache_control": "max-age=-1"},
        {"cache_control": "max-age"},
        {"expires": "0", "date": date(0)},
        {"expires": date(-1), "date": date(0)},
        {"expires": date(100)},
        {"last_modified": date(100), "date": date(0)},
    ],
    ids=str,
)
def test_never_fresh(headers: dict[str, str]) -> None:
    assert not fresh(0, **headers)


def test_the_callers_own_time_replaces_the_servers() -> None:
    for headers in (
        {"cache_control": "no-cache"},
        {"cache_control": "no-store"},
        {"cache_control": "max-age=9999"},
        {},
    ):
        assert fresh(59, 60.0, **headers)
        assert not fresh(61, 60.0, **headers)
    assert not fresh(0, 0.0)


def test_errors_are_fresh_only_when_the_server_says_so() -> None:
    assert not fresh(1, status=404)
    assert not fresh(1, 60.0, status=404)
    assert fresh(1, status=404, cache_control="max-age=10")
    assert not fresh(11, 60.0, status=404, cache_control="max-age=10")


def test_a_clock_that_was_set_back_makes_nothing_fresh_for_longer() -> None:
    assert fresh(-50, cache_control="max-age=100")
    assert not fresh(-50, 60.0)


@pytest.mark.parametrize(
    ("hop", "is_kept_fresh"),
    [
        ((301, {}), True),
        ((308, {}), True),
        ((302, {}), False),
        ((303, {}), False),
        ((307, {}), False),
        ((302, {"cache-control": "max-age=100"}), True),
        ((301, {"cache-control": "no-cache"}), False),
        ((301, {"cache-control": "no-store"}), False),
        ((301, {"cache-control": "max-age=1"}), False),
    ],
    ids=str,
)
def test_a_chain_is_as_fresh_as_its_least_fresh_hop(hop: tuple[int, dict[str, str]], is_kept_fresh: bool) -> None:
    chain = [(hop[0], Headers(hop[1]))]
    final = Headers({"cache-control": "max-age=1000"})
    assert freshness.is_fresh(200, chain, final, NOW, NOW + 50, None) is is_kept_fresh


@pytest.mark.parametrize(
    ("status", "headers", "ttl", "kept"),
    [
        (200, {}, None, True),
        (200, {"cache-control": "no-store"}, None, False),
        (200, {"cache-control": "no-store"}, 60.0, True),
        (200, {"cache-control": "private"}, None, True),
        (200, {"cache-control": "no-cache"}, None, True),
        (200, {"vary": "*"}, None, False),
        (200, {"vary": "accept, *"}, 60.0, False),
        (200, {"vary": "accept-language"}, None, True),
        (206, {"cache-control": "max-age=9"}, None, False),
        (304, {}, None, False),
        (302, {}, None, True),
        (404, {}, None, False),
        (404, {}, 60.0, False),
        (404, {"cache-control": "max-age=9"}, None, True),
        (404, {"cache-control": "max-age=0"}, None, False),
        (410, {"cache-control": "max-age=9, no-store"}, None, False),
        (429, {"cache-control": "max-age=9"}, None, False),
        (500, {"cache-control": "max-age=9"}, 60.0, False),
        (503, {"cache-control": "max-age=9"}, None, False),
        (None, {}, 60.0, False),
    ],
    ids=str,
)
def test_what_may_be_kept(status: int | None, headers: dict[str, str], ttl: float | None, kept: bool) -> None:
    assert freshness.may_store(status, [], Headers(headers), ttl) is kept


def test_a_hop_that_must_not_be_kept() -> None:
    chain = [(301, Headers({"cache-control": "no-store"}))]
    assert not freshness.may_store(200, chain, Headers(), None)
    assert freshness.may_store(200, chain, Headers(), 60.0)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, (True, True)),
        ({"Cache-Control": "no-cache"}, (False, True)),
        ({"cache-control": "max-age=0"}, (False, True)),
        ({"Pragma": "no-cache"}, (False, True)),
        ({"Cache-Control": "no-store"}, (False, False)),
        ({"Range": "bytes=0-9"}, (False, False)),
        ({"If-None-Match": '"a"'}, (False, False)),
    ],
    ids=str,
)
def test_what_the_request_says(headers: dict[str, str], allowed: tuple[bool, bool]) -> None:
    assert freshness.request_allows(headers) == allowed


def test_questions_for_the_server() -> None:
    headers = Headers({"etag": 'W/"a,b"', "last-modified": date(0)})
    assert freshness.validators(headers) == {"If-None-Match": 'W/"a,b"', "If-Modified-Since": date(0)}
    assert freshness.validators(Headers({"last-modified": "yesterday"})) == {}


def test_a_304_updates_what_is_not_of_the_body() -> None:
    stored = Headers({"etag": '"1"', "content-type": "text/html", "content-length": "10", "x": "old"})
    answer = Headers({"etag": '"2"', "content-type": "text/plain", "content-length": "0", "x": "new", "age": "0"})
    assert freshness.updated(stored, answer) == {
        "etag": '"2"', "content-type": "text/html", "content-length": "10", "x": "new", "age": "0",
    }  # fmt: skip


@given(st.text(alphabet='abc=,"\\ 0129-', max_size=200), st.sampled_from(["cache-control", "expires", "date", "vary"]))
def test_any_header_is_understood_somehow(value: str, name: str) -> None:
    headers = Headers({name: value, "last-modified": value, "age": value})
    assert freshness.lifetime(200, headers).seconds >= 0
    assert freshness.age(headers, NOW, NOW + 5) >= 5
    assert freshness.may_store(200, [], headers, None) in (True, False)
    assert all(key == key.lower().strip() and key for key in freshness.directives(value))


def test_a_very_long_header_takes_no_time() -> None:
    value = 'a="' + "x,\\" * 300_000
    began = time.perf_counter()
    freshness.directives(value)
    assert time.perf_counter() - began < 2.0
