from __future__ import annotations

import datetime
import threading

import pytest

from nephila.net.cookie_dates import seconds_of
from nephila.net.cookie_jar import MAX_AGE, MAX_COOKIES, MAX_PER_DOMAIN, Cookie, CookieJar, is_public_suffix

HERE = "https://www.example.com/a/b"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def jar_of(*headers: str, url: str = HERE) -> CookieJar:
    jar = CookieJar(clock=Clock())
    for header in headers:
        jar.receive(url, header)
    return jar


@pytest.mark.parametrize(
    ("header", "url", "sent"),
    [
        ("a=1; Domain=example.com", "https://other.example.com/a", True),
        ("a=1; Domain=.example.com", "https://example.com/a/", True),
        ("a=1; Domain=example.com", "https://notexample.com/a", False),
        ("a=1", "https://example.com/a", False),
        ("a=1", "https://x.www.example.com/a", False),
        ("a=1; Path=/a", "https://www.example.com/a/x", True),
        ("a=1; Path=/a", "https://www.example.com/ab", False),
        ("a=1; Path=/a/", "https://www.example.com/a", False),
        ("a=1; Path=a", "https://www.example.com/a/x", True),
        ("a=1", "https://www.example.com/c", False),
        ("a=1; Secure", "http://www.example.com/a", False),
        ("a=1; Secure", "https://www.example.com/a", True),
    ],
)
def test_where_a_cookie_is_sent(header: str, url: str, sent: bool) -> None:
    assert jar_of(header).header_for(url) == ("a=1" if sent else "")


@pytest.mark.parametrize(
    "header",
    [
        "a=1; Domain=com",
        "a=1; Domain=other.example",
        "a=1; Domain=www.other.example",
        "a=1; Domain=ww.example.com",
        "__Host-a=1",
        "__Host-a=1; Secure",
        "__Host-a=1; Secure; Path=/a",
        "__Host-a=1; Secure; Path=/; Domain=example.com",
        "__Secure-a=1",
        "__SECURE-a=1",
        "=__Host-a=1; Secure; Path=/",
        "__Secure-a",
        "a=1; SameSite=None",
        "a=" + "x" * 4096,
        "a=\x01",
        "a=\x7f",
        "a=\r\nb",
        ";",
        "=",
        "",
        "a=1; Max-Age=0",
        "a=1; Max-Age=-1",
        "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "a=1; Max-Age=0; Expires=Wed, 01 Jan 2200 00:00:00 GMT",
    ],
)
def test_refused(header: str) -> None:
    assert list(jar_of(header)) == []


@pytest.mark.parametrize(
    "header", ["__Host-a=1; Secure; Path=/", "__Secure-a=1; Secure", "a=1; SameSite=None; Secure", "a=" + "x" * 4095]
)
def test_accepted(header: str) -> None:
    assert len(jar_of(header)) == 1


def test_addresses_and_single_names_keep_cookies_for_themselves() -> None:
    for host in ("127.0.0.1", "[::1]", "localhost"):
        jar = jar_of("a=1; Path=/", f"b=2; Path=/; Domain={host}", url=f"http://{host}/")
        assert jar.header_for(f"http://{host}/x") == "a=1; b=2"
        assert all(cookie.host_only for cookie in jar)
    assert list(jar_of("a=1; Domain=0.1", "b=1; Domain=1", url="http://127.0.0.1/")) == []
    assert jar_of("a=1; Path=/", url="http://localhost/").header_for("http://x.localhost/") == ""


@pytest.mark.parametrize(
    ("domain", "suffix"),
    [("com", True), ("co.uk", True), ("com.au", True), ("example.com", False), ("t.co", False), ("bbc.co.uk", False)],
)
def test_public_suffixes_by_their_shape(domain: str, suffix: bool) -> None:
    assert is_public_suffix(domain) is suffix


def test_an_insecure_server_cannot_cover_a_secure_cookie() -> None:
    jar = jar_of("id=good; Secure; Domain=example.com; Path=/")
    for header in ("id=bad; Domain=example.com; Path=/", "id=bad; Path=/", "id=bad"):
        assert not jar.receive("http://www.example.com/", header)
    assert not jar.receive("http://www.example.com/", "id=bad; Secure")
    assert jar.receive("http://www.example.com/", "other=1")
    assert jar.header_for(HERE) == "id=good; other=1"
    assert jar.receive("http://www.elsewhere.com/", "id=theirs")


def test_order_and_replacement() -> None:
    jar = jar_of("short=1; Path=/", "long=1; Path=/a", "later=1; Path=/", "short=2; Path=/")
    assert jar.header_for(HERE) == "long=1; short=2; later=1"


def test_time_passes() -> None:
    clock = Clock()
    jar = CookieJar(clock=clock)
    jar.receive(HERE, "short=1; Max-Age=10")
    jar.receive(HERE, "long=1; Max-Age=99999999999999999999")
    jar.receive(HERE, "date=1; Expires=Fri, 15-Jan-2100 08:00:00 GMT")
    clock.now += 11
    assert jar.header_for(HERE) == "long=1; date=1"
    assert {cookie.name for cookie in jar} == {"long", "date"}
    clock.now += MAX_AGE
    assert jar.header_for(HERE) == ""


def test_bounds() -> None:
    jar = jar_of(*(f"c{number}=1; Path=/" for number in range(MAX_PER_DOMAIN + 5)))
    names = [cookie.name for cookie in jar]
    assert len(names) == MAX_PER_DOMAIN and names[0] == "c5"
    for number in range(MAX_COOKIES + 50):
        jar.receive(f"https://h{number}.example/", "a=1")
    assert len(jar) <= MAX_COOKIES
    assert jar.header_for(HERE) == ""  # Changed longest ago.


def test_a_fork_goes_its_own_way() -> None:
    jar = jar_of("a=1; Path=/")
    fork = jar.fork()
    fork.receive(HERE, "b=2; Path=/")
    jar.receive(HERE, "c=3; Path=/")
    fork.receive(HERE, "a=; Max-Age=0; Path=/")
    assert jar.header_for(HERE) == "a=1; c=3"
    assert fork.header_for(HERE) == "b=2"


def test_threads_lose_nothing() -> None:
    jar = CookieJar()

    def fill(name: str) -> None:
        for number in range(100):
            jar.receive(f"https://{name}.example/", f"c{number}=1")

    threads = [threading.Thread(target=fill, args=(f"h{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(jar) == 800


def test_values_are_not_shown() -> None:
    assert "secret" not in repr(Cookie("a", "secret", "example.com"))


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        ("Sun Nov  6 08:49:37 1994", 784111777),
        ("6 nov 1994 8:49:37", 784111777),
        ("1994 Nov 6 08:49:37", 784111777),
        ("Sun, 06 Nov 69 08:49:37 GMT", datetime.datetime(2069, 11, 6, 8, 49, 37, tzinfo=datetime.UTC).timestamp()),
        ("", None),
        ("Thu, 31 Feb 2030 00:00:00 GMT", None),
        ("Thu, 01 Jan 1970 24:00:00 GMT", None),
        ("Thu, 01 Jan 1600 00:00:00 GMT", None),
        ("tomorrow", None),
    ],
)
def test_dates(date: str, seconds: float | None) -> None:
    assert seconds_of(date) == seconds
