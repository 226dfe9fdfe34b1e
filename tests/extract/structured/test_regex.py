import gc
import time

import pytest

from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.extract.structured.patterns import RegexPattern
from nephila.extract.structured.regex import RegexExtractionStrategy
from nephila.options import CrawlerRunConfig

R = RegexExtractionStrategy


def values(pattern, text, **options):
    return [match["value"] for match in R(pattern, **options).extract("u", text)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (R.Email, "mail a.b+c@Ex-a.co.uk. or x@y, <d@e.org>", ["a.b+c@Ex-a.co.uk", "d@e.org"]),
        (R.PhoneIntl, "+49 30 1234567, +1 (212) 555-1234; +12 3", ["+49 30 1234567", "+1 (212) 555-1234"]),
        (R.PhoneUS, "(212) 555-1234 212.555.1234 +1 212-555-1234 112-555-1234",
         ["(212) 555-1234", "212.555.1234", "+1 212-555-1234"]),
        (R.Url, "see https://a.b/c?d=1#e. (http://x.y/z), xhttp://no", ["https://a.b/c?d=1#e", "http://x.y/z"]),
        (R.IPv4, "10.0.0.1 256.1.1.1 1.2.3.4.5 192.168.1.255.", ["10.0.0.1", "192.168.1.255"]),
        (R.IPv6, "2001:db8::1 ::1 ::ffff:1.2.3.4 std::x 12:30:45 :: 1:2:3:4:5:6:7:8",
         ["2001:db8::1", "::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"]),
        (R.Uuid, "550E8400-e29b-41d4-a716-446655440000 550e8400-e29b", ["550E8400-e29b-41d4-a716-446655440000"]),
        (R.Currency, "$1,234.50, 12 €, EUR 5, 3 apples, £0.99", ["$1,234.50", "12 €", "EUR 5", "£0.99"]),
        (R.Percentage, "50 % or 3.5% or -1%", ["50 %", "3.5%", "-1%"]),
        (R.Number, "1,234.5 and -7, v2 x3y 8.", ["1,234.5", "-7", "8"]),
        (R.DateIso, "2024-02-29 2024-13-01 2024-02-291", ["2024-02-29"]),
        (R.DateUS, "12/31/2024 1/2/24 13/1/2024", ["12/31/2024", "1/2/24"]),
        (R.Time24h, "23:59 24:00 7:05:09 12:345", ["23:59", "7:05:09"]),
        (R.PostalUS, "90210 90210-1234 123456", ["90210", "90210-1234"]),
        (R.PostalUK, "SW1A 1AA, m1 1ae, AAA 1AA", ["SW1A 1AA", "m1 1ae"]),
        (R.HexColor, "#fff #ff00AA #ff00 #ff &#123; #ggg", ["#fff", "#ff00AA", "#ff00"]),
        (R.TwitterHandle, "@jack, a@b.c @very_long_handle_x", ["@jack"]),
        (R.Hashtag, "#tag #1 #2nd a#b #größe", ["#tag", "#2nd", "#größe"]),
        (R.MacAddr, "00:1b:44:11:3A:b7 00-1b-44-11-3a-b7 00:1b:44-11:3a:b7",
         ["00:1b:44:11:3A:b7", "00-1b-44-11-3a-b7"]),
        (R.Iban, "DE89370400440532013000, BE68 5390 0754 7034 will, DE00370400440532013000",
         ["DE89370400440532013000", "BE68 5390 0754 7034"]),
        (R.CreditCard, "4111 1111 1111 1111 and 4111 1111 1111 1112", ["4111 1111 1111 1111"]),
        (R.Nothing, "a@b.cd", []),
    ],
)  # fmt: skip
def test_built_in_patterns(pattern, text, expected):
    assert values(pattern, text) == expected


def test_matches_have_label_url_and_span_in_the_text():
    text = "Ä x@y.org or https://y.org/ü!"
    found = R(R.Email | R.Url).extract("https://p/", text)
    assert [(match["label"], match["url"]) for match in found] == [("email", "https://p/"), ("url", "https://p/")]
    assert [text[slice(*match["span"])] for match in found] == ["x@y.org", "https://y.org/ü"]
    assert list(found[0]) == ["url", "label", "value", "span"]


def test_every_label():
    labels = (
        "email phone_intl phone_us url ipv4 ipv6 uuid currency percentage number date_iso date_us time_24h postal_us "
        "postal_uk html_color_hex twitter_handle hashtag mac_addr iban credit_card"
    )
    assert list(R(R.All)._patterns) == labels.split()


def test_patterns_of_ones_own():
    custom = {"sku": r"[A-Z]{3}-\d{4}", "email": "nobody"}
    assert [m["value"] for m in R(R.Email, custom=custom).extract("", "abc-1234 a@b.org NOBODY")] == [
        "abc-1234",
        "NOBODY",
    ]
    assert values(R.Nothing, "x1\nx2", custom=[("line", "^x.$")]) == ["x1", "x2"]


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        ((), {"custom": {"a": "("}}, r"custom\['a'\]: '\(' is not a regular expression"),
        ((), {"custom": {"a": 1}}, r"custom\['a'\]: a label and a pattern are strings"),
        ((), {"custom": ["abc"]}, "custom is a dict"),
        ((-1,), {}, "pattern is made of"),
        ((1 << 40,), {}, "pattern is made of"),
        (("email",), {}, "pattern is made of"),
        ((), {"input_format": "pdf"}, "input_format is one of"),
    ],
)
def test_faults_are_found_when_it_is_made(arguments, options, sentence):
    with pytest.raises(ConfigError, match=sentence):
        R(*arguments, **options)


def test_it_can_be_written_down():
    config = CrawlerRunConfig(extraction_strategy=R(R.Email | R.Iban, custom={"a": "b"}, input_format="html"))
    loaded = CrawlerRunConfig.load(config.dump(), types=[R]).extraction_strategy
    assert (loaded.pattern, loaded.custom, loaded.input_format) == (R.Email | R.Iban, {"a": "b"}, "html")


def test_patterns_by_a_model_are_not_there():
    with pytest.raises(UnsupportedOptionError):
        R.generate_pattern("price", "<p>")


MB = 1_000_000
BAIT = {
    "letters": "a" * MB,
    "digits": "1" * MB,
    "dots": "." * MB,
    "spaces": " " * MB,
    "email starts": "a.a@" * (MB // 4),
    "email domains": "a@" + "a." * (MB // 2),
    "email labels": "a@" + "a-" * (MB // 2),
    "local parts": "a.b+c%d" * (MB // 7),
    "schemes": "http://" * (MB // 7),
    "url tails": ("http://" + "." * 3000) * (MB // 3007),
    "numbers": "1,1.1," * (MB // 6),
    "numbers and letters": "1,1.1x" * (MB // 6),
    "phones": "+1 2 3 4 " * (MB // 9),
    "phone digits": "+1(1234)1-2-3-4-5-6-7-8-9-0-1-2-3-4-5-6" * (MB // 40),
    "colons": ":" * MB,
    "hex groups": "abcd:" * (MB // 5),
    "octets": "1." * (MB // 2),
    "hashes": "#" * MB,
    "hash digits": ("#" + "1" * 99) * (MB // 100),
    "currencies": "$ 1 000 000 " * (MB // 12),
    "ibans": "DE89 3704 0044 0532 0130 00 and " * (MB // 32),
    "cards": "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 " * (MB // 41),
    "uuid": "12345678-1234-" * (MB // 14),
}


@pytest.mark.parametrize("name", BAIT)
def test_bait_takes_linear_time(name):
    strategy = R(R.All)
    text = BAIT[name]

    def seconds(size):
        gc.collect()
        start = time.process_time()
        strategy.extract("", text[:size])
        return time.process_time() - start

    small = seconds(20_000)
    # Ten times the text, with room for what else the process has to do.
    assert seconds(200_000) < 40 * max(small, 0.02)


def test_a_megabyte_is_searched_in_seconds():
    start = time.perf_counter()
    R(R.All).extract("", BAIT["letters"])
    assert time.perf_counter() - start < 20


def test_the_flags_are_complete():
    assert sum(1 << bit for bit in range(21)) == RegexPattern.ALL
