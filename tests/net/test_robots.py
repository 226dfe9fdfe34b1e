"""robots.txt by RFC 9309 and by the examples of Google's documentation."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, strategies as st

from nephila.net.robots import MAX_BYTES, RobotsFile, path_of, product_tokens

HOST = "http://site.example"


def allows(robots: str | bytes, path: str, agent: str = "FooBot") -> bool:
    content = robots if isinstance(robots, bytes) else robots.encode()
    return RobotsFile(content).group_for(product_tokens(agent)).allows(HOST + path)


def decided(rules: str, path: str) -> bool:
    return allows("User-agent: *\n" + rules.replace("; ", "\n") + "\n", path)


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        # RFC 9309, section 2.2.2: the most octets count, and case matters.
        ("Allow: /example/page/; Disallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", False),
        ("Allow: /example/page/; Disallow: /example/page/disallowed.gif", "/example/page/", True),
        ("Disallow: /x/page.html; Allow: /x/page.html", "/x/page.html", True),
        ("Disallow: /X/", "/x/", True),
        ("Disallow:; Allow:", "/", True),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /", "/robots.txt?x", False),
        # RFC 9309, section 2.2.2: the table of encodings.
        ("Disallow: /foo/bar?baz=quz", "/foo/bar?baz=quz", False),
        ("Disallow: /foo/bar?baz=http://foo.bar", "/foo/bar?baz=http%3A%2F%2Ffoo.bar", False),
        ("Disallow: /foo/bar?baz=http%3A%2F%2Ffoo.bar", "/foo/bar?baz=http://foo.bar", False),
        ("Disallow: /foo/bar/ツ", "/foo/bar/%E3%83%84", False),
        ("Disallow: /foo/bar/%E3%83%84", "/foo/bar/%e3%83%84", False),
        ("Disallow: /foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("Disallow: /foo/bar/baz", "/foo/bar/%62a%7a", False),
        ("Disallow: /a%2Fb", "/a/b", True),
        ("Disallow: /a%3Fb", "/a?b", True),
        ("Disallow: /%FF", "/%FE", True),
        ("Disallow: /%zz", "/%zz", False),
        # RFC 9309, section 2.2.3: special characters.
        ("Allow: /this/path/exactly$; Disallow: /", "/this/path/exactly", True),
        ("Allow: /this/path/exactly$; Disallow: /", "/this/path/exactly/", False),
        ("Disallow: /this/*/exactly", "/this/path/exactly", False),
        ("Disallow: /path/file-with-a-%2A.html", "/path/file-with-a-*.html", False),
        ("Disallow: /path/file-with-a-%2A.html", "/path/file-with-a-b.html", True),
        ("Disallow: /path/foo-%24", "/path/foo-$", False),
        ("Disallow: /path/foo-%24", "/path/foo-", True),
        ("Disallow: /a$", "/a$b", True),
        ("Disallow: /a$b", "/a$b", False),
        ("Disallow: /quz#qux", "/quz", False),
        ("Disallow: /*/*/*/z$", "/a/b/c/z", False),
        ("Disallow: /*z*z$", "/z", True),
        ("Disallow: /**a", "/xa", False),
        # Google's documentation: path matching.
        *[("Disallow: /", path, False) for path in ("/", "/a", "/?x")],
        *[("Disallow: /*", path, False) for path in ("/", "/a")],
        *[("Disallow: /$", path, path != "/") for path in ("/", "/a")],
        *[("Disallow: /fish", path, False) for path in ("/fish", "/fish.html", "/fishheads/yum", "/fish.php?id=a")],
        *[("Disallow: /fish", path, True) for path in ("/Fish.asp", "/catfish", "/?id=fish", "/desert/fish")],
        *[("Disallow: /fish*", path, False) for path in ("/fish", "/fish.html", "/fish.php?id=anything")],
        *[("Disallow: /fish/", path, False) for path in ("/fish/", "/fish/?id=anything", "/fish/salmon.htm")],
        *[("Disallow: /fish/", path, True) for path in ("/fish", "/fish.html", "/animals/fish/", "/Fish/x")],
        *[("Disallow: /*.php", p, False) for p in ("/index.php", "/a/filename.php?p=1", "/a/any.php.file", "/x.php/")],
        *[("Disallow: /*.php", path, True) for path in ("/", "/windows.PHP")],
        *[("Disallow: /*.php$", path, False) for path in ("/filename.php", "/folder/filename.php")],
        *[("Disallow: /*.php$", path, True) for path in ("/f.php?p", "/f.php/", "/f.php5", "/windows.PHP")],
        *[("Disallow: /fish*.php", path, False) for path in ("/fish.php", "/fishheads/catfish.php?p")],
        ("Disallow: /fish*.php", "/Fish.PHP", True),
        # Google's documentation: the order of rules.
        ("Allow: /p; Disallow: /", "/page", True),
        ("Allow: /folder; Disallow: /folder", "/folder/page", True),
        ("Allow: /page; Disallow: /*.htm", "/page.htm", False),
        ("Allow: /page; Disallow: /*.ph", "/page.php5", True),
        ("Allow: /$; Disallow: /", "/", True),
        ("Allow: /$; Disallow: /", "/page.htm", False),
        # A question mark is one octet, however it is compared.
        ("Allow: /foo; Disallow: /*?", "/foo?x", True),
        ("Allow: /x/page.; Disallow: /*.html", "/x/page.html", True),
        # The directory of an allowed index page.
        ("Allow: /slash/index.html; Disallow: /", "/slash/", True),
        ("Allow: /slash/index.html; Disallow: /", "/slash/index.htm", False),
        ("Allow: /slash/index.html; Disallow: /", "/slash/index.html", True),
        # What cannot be a path matches none.
        ("Disallow: fish", "/fish", True),
        ("Disallow: *fish", "/catfish", False),
        # Spellings.
        ("disallow /a", "/a", False),
        ("disallow /a b", "/a", True),
        ("DISALLOW:/a", "/a", False),
        ("Dissallow: /a", "/a", False),
        (" \tDisallow \t:\t /a \t", "/a", False),
    ],
)
def test_rules(rules: str, path: str, expected: bool) -> None:
    assert decided(rules, path) is expected


GROUPS = """allow: /foo/bar/

user-agent: FooBot
disallow: /
allow: /x/
user-agent: BarBot
disallow: /
allow: /y/


allow: /w/
user-agent: BazBot

user-agent: FooBot
allow: /z/
disallow: /
"""


@pytest.mark.parametrize(
    ("agent", "allowed"), [("FooBot", "xz"), ("BarBot", "yw"), ("BazBot", "z"), ("QuxBot", "xyzw")]
)
def test_groups(agent: str, allowed: str) -> None:
    assert [letter for letter in "wxyz" if allows(GROUPS, f"/{letter}/b", agent)] == sorted(allowed)


@pytest.mark.parametrize(
    ("robots", "agent", "expected"),
    [
        ("", "FooBot", True),
        ("User-agent: *\nDisallow: /\nUser-agent: FooBot\nDisallow:\n", "FooBot", True),
        ("User-agent: *\nDisallow: /\nUser-agent: FooBot\nDisallow:\n", "BarBot", False),
        ("User-agent: foobot\nDisallow: /\n", "FOOBOT/2.1", False),
        ("User-agent: FooBot/1.2 (beta)\nDisallow: /\n", "FooBot", False),
        ("User-agent: Foo Bar\nDisallow: /\n", "Foo", False),
        ("User-agent: Foo\nDisallow: /\n", "FooBot", True),
        ("User-agent: FooBot-News\nDisallow: /\n", "FooBot", True),
        ("User-agent: Bot\nDisallow: /\n", "FooBot", True),
        ("User-agent: * baz\nDisallow: /\n", "FooBot", False),
        ("User-agent: *baz\nDisallow: /\n", "FooBot", True),
        ("User-agent: Mozilla\nDisallow: /\n", "Mozilla/5.0 (compatible; Nephila/0.1.0)", True),
        ("User-agent: compatible\nDisallow: /\n", "Mozilla/5.0 (compatible; Nephila/0.1.0)", True),
        ("User-agent: nephila\nDisallow: /\n", "Mozilla/5.0 (compatible; Nephila/0.1.0)", False),
        # Other lines neither end nor begin a group (RFC 9309, section 2.2.4).
        ("User-agent: BarBot\nSitemap: https://foo.bar/sitemap\nUser-agent: *\nDisallow: /\n", "BarBot", False),
        ("User-agent: FooBot\nInvalid-Line: unknown\nUser-agent: *\nDisallow: /\n", "FooBot", False),
        ("User-agent: FooBot\nCrawl-delay: 5\nUser-agent: BarBot\nDisallow: /\n", "FooBot", False),
        # Lines end with CR, LF or both, and with nothing else.
        ("User-agent: *\rDisallow: /\r", "FooBot", False),
        ("User-agent: *\r\nDisallow: /\r\n", "FooBot", False),
        ("User-agent: *\nDisallow: /x\u2028Disallow: /\n", "FooBot", True),
        # Byte-order marks, whole, cut off, and in the middle of the file.
        ("\ufeffUser-agent: *\nDisallow: /\n", "FooBot", False),
        (b"\xef\xbbUser-agent: *\nDisallow: /\n", "FooBot", False),
        (b"\xef\x11\xbfUser-agent: *\nDisallow: /\n", "FooBot", True),
        ("User-agent: *\n\ufeffDisallow: /\n", "FooBot", True),
        # Rules before any group are for nobody.
        ("Disallow: /\nUser-agent: *\nAllow: /x\n", "FooBot", True),
        # What is no robots.txt at all allows everything.
        ("<!doctype html><title>Not found</title><p>Nothing: here", "FooBot", True),
        (bytes(range(256)) * 20, "FooBot", True),
    ],
)
def test_whose_rules(robots: str | bytes, agent: str, expected: bool) -> None:
    assert allows(robots, "/page", agent) is expected


@pytest.mark.parametrize(
    ("user_agent", "tokens"),
    [
        ("Mozilla/5.0 (compatible; Nephila/0.1.0)", ("nephila",)),
        ("FooBot/1.0 (+https://foo.example/bot; x@foo.example)", ("foobot",)),
        ("MJ12bot", ("mj12bot",)),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", ("googlebot",)),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            ("gptbot",),
        ),
        (
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/41.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            ("googlebot",),
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36",
            ("mozilla", "applewebkit", "chrome", "safari"),
        ),
        ("", ()),
        ("()", ()),
    ],
)
def test_product_tokens(user_agent: str, tokens: tuple[str, ...]) -> None:
    assert product_tokens(user_agent) == tokens


def test_a_browser_is_addressed_by_each_of_its_products() -> None:
    robots = "User-agent: Chrome\nDisallow: /a\nUser-agent: Safari\nDisallow: /b\nUser-agent: *\nDisallow: /c\n"
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
    assert [letter for letter in "abc" if allows(robots, f"/{letter}", agent)] == ["c"]


def test_only_the_first_500_kib_count() -> None:
    start = b"User-agent: *\n"
    filler = b"# filler\n" * ((MAX_BYTES - len(start)) // 9 - 1)
    rest = MAX_BYTES - len(start) - len(filler)
    assert not allows(start + filler + b"Disallow: /\n", "/a")
    assert allows(start + filler + b"#" * (rest - 1) + b"\nDisallow: /\n", "/a")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Crawl-delay: 10\nDisallow: /x", 10.0),
        ("crawldelay: 1", 1.0),
        ("Crawl-delay: 1\nCrawl-delay: 3", 3.0),
        *[(f"Crawl-delay: {wrong}", None) for wrong in ("", "soon", "-1", "nan", "inf", "1e999", "1,5")],
    ],
)
def test_crawl_delay(lines: str, expected: float | None) -> None:
    robots = RobotsFile(f"User-agent: *\nCrawl-delay: 99\nDisallow:\nUser-agent: FooBot\n{lines}\n".encode())
    assert robots.group_for(("foobot",)).crawl_delay == expected


def test_sitemaps() -> None:
    robots = RobotsFile(
        b"Sitemap: https://a.example/1.xml\nUser-agent: *\nsite-map: /2.xml\nSitemap:\nSitemap: https://a.example/1.xml"
    )
    assert robots.sitemaps == ["https://a.example/1.xml", "/2.xml"]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://a.example/", "/"),
        ("http://a.example", "/"),
        ("http://a.example?x=/", "/?x=/"),
        ("http://a.example/b;c?d#e", "/b;c?d"),
        ("http://a.example/b?", "/b?"),
        ("http://u:p@a.example:8/b://c", "/b://c"),
    ],
)
def test_path_of(url: str, path: str) -> None:
    assert path_of(url) == path


PATTERNS = st.text("ab/*$", max_size=8).map(lambda text: "/" + text)
PATHS = st.text("ab/", max_size=12).map(lambda text: "/" + text)


def by_expressions(rules: list[tuple[bool, str]], path: str) -> bool:
    """The same decision, made with regular expressions."""
    best = (0, True)
    for allow, pattern in rules:
        anchored = pattern.endswith("$")
        body = "".join(".*" if letter == "*" else re.escape(letter) for letter in pattern.removesuffix("$"))
        if re.match(body + ("$" if anchored else ""), path):
            best = max(best, (len(pattern), allow))
    return best[1]


@given(st.lists(st.tuples(st.booleans(), PATTERNS), max_size=6), PATHS)
def test_any_rules(rules: list[tuple[bool, str]], path: str) -> None:
    lines = "".join(f"{'Allow' if allow else 'Disallow'}: {pattern}\n" for allow, pattern in rules)
    assert allows("User-agent: *\n" + lines, path) is by_expressions(rules, path)


@given(st.binary(max_size=300), st.text(max_size=50), st.text(max_size=50))
def test_any_bytes_are_read(content: bytes, agent: str, path: str) -> None:
    group = RobotsFile(b"User-agent: *\nDisallow: /" + content).group_for(product_tokens(agent))
    assert group.allows("http://a.example/" + path.encode("utf-8", "replace").decode()) in (True, False)


@pytest.mark.parametrize(
    "content",
    [
        b"User-agent: *\n" + b"Disallow:/*a*a*a*b\n" * 28_000,
        b"User-agent: *\nDisallow: /" + b"*a" * 250_000,
        b"User-agent: *\nDisallow: /" + b"%41" * 170_000,
        b"User-agent: a\n" * 36_000 + b"Disallow: /\n",
        b"".join(b"User-agent: a%d\n" % number for number in range(30_000)) + b"Disallow: /\n",
        b"".join(b"User-agent: a%d\n" % number for number in range(14_000)) + b"Disallow:/a\n" * 20_000,
    ],
    ids=["wildcards", "one wildcard pattern", "escapes", "one agent", "agents", "agents and rules"],
)
def test_hostile_files_take_bounded_time(content: bytes) -> None:
    started = time.process_time()
    group = RobotsFile(content).group_for(("a",))
    group.allows("http://a.example/" + "a" * 8_000)
    assert time.process_time() - started < 3.0


@pytest.mark.parametrize("user_agent", ["(" * 100_000, "(;" * 50_000, "a/" * 50_000, ";" + " " * 100_000])
def test_hostile_user_agents_take_bounded_time(user_agent: str) -> None:
    started = time.process_time()
    product_tokens(user_agent)
    assert time.process_time() - started < 1.0
