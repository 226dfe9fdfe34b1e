"""The built-in patterns of `RegexExtractionStrategy`.

Each takes linear time: a match can only begin where a look-behind allows it, so that a long run is entered once, and
no two repetitions of a pattern can match the same characters in different ways.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from enum import IntFlag, auto
from types import MappingProxyType
from typing import Final


class RegexPattern(IntFlag):
    """The built-in patterns; several are combined with `|`."""

    NOTHING = 0
    EMAIL = auto()
    PHONE_INTL = auto()
    PHONE_US = auto()
    URL = auto()
    IPV4 = auto()
    IPV6 = auto()
    UUID = auto()
    CURRENCY = auto()
    PERCENTAGE = auto()
    NUMBER = auto()
    DATE_ISO = auto()
    DATE_US = auto()
    TIME_24H = auto()
    POSTAL_US = auto()
    POSTAL_UK = auto()
    HTML_COLOR_HEX = auto()
    TWITTER_HANDLE = auto()
    HASHTAG = auto()
    MAC_ADDR = auto()
    IBAN = auto()
    CREDIT_CARD = auto()
    ALL = (
        EMAIL | PHONE_INTL | PHONE_US | URL | IPV4 | IPV6 | UUID | CURRENCY | PERCENTAGE | NUMBER | DATE_ISO | DATE_US
        | TIME_24H | POSTAL_US | POSTAL_UK | HTML_COLOR_HEX | TWITTER_HANDLE | HASHTAG | MAC_ADDR | IBAN | CREDIT_CARD
    )  # fmt: skip


_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_AMOUNT = r"\d{1,15}(?:[.,' ]\d{3}){0,6}(?:[.,]\d{1,2})?"
_CURRENCY_CODES = "USD|EUR|GBP|JPY|CNY|RMB|INR|KRW|CHF|AUD|CAD|NZD|SEK|NOK|DKK|PLN|CZK|HUF|RUB|TRY|BRL|MXN|ZAR|SGD|HKD"

_SOURCES: Final[Mapping[RegexPattern, str]] = MappingProxyType(
    {
        RegexPattern.EMAIL: rf"(?<![\w.+%-])[\w+%-][\w.+%-]{{0,63}}@(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}}(?![\w-])",
        RegexPattern.PHONE_INTL: r"(?<![\w+])\+[1-9]\d{0,2}(?:[ .-]?\(\d{1,4}\))?(?:[ ./-]?\d){5,14}(?!\d)",
        RegexPattern.PHONE_US: (
            r"(?<![\w+.-])(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-]?)[2-9]\d\d[ .-]?\d{4}(?![\w-])"
        ),
        RegexPattern.URL: r"(?<!\w)(?:https?|ftp)://[^\s<>\"'`{}|\\^]{0,2047}[^\s<>\"'`{}|\\^.,;:!?)\]]",
        RegexPattern.IPV4: rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w]|\.\d)",
        RegexPattern.IPV6: (
            rf"(?<![\w:.])(?:[0-9a-f]{{0,4}}:){{2,7}}(?:{_OCTET}(?:\.{_OCTET}){{3}}|[0-9a-f]{{0,4}})(?![\w:]|\.\d)"
        ),
        RegexPattern.UUID: r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])",
        RegexPattern.CURRENCY: (
            rf"(?:(?<!\w)(?:{_CURRENCY_CODES}) ?|[$€£¥₹₩₽₺₪₫₴฿] ?){_AMOUNT}(?!\d)"
            rf"|(?<![\w.,]){_AMOUNT} ?(?:[€£¥₹₩₽₺₪₫₴฿]|(?:{_CURRENCY_CODES})(?!\w))"
        ),
        RegexPattern.PERCENTAGE: r"(?<![\w.,])[-+]?\d{1,15}(?:[.,]\d{1,15})? ?%",
        RegexPattern.NUMBER: r"(?<![\w.,])[-+]?\d{1,30}(?:[.,]\d{1,30}){0,10}(?!\w|[.,]\d)",
        RegexPattern.DATE_ISO: r"(?<![\w-])\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])",
        RegexPattern.DATE_US: r"(?<![\w/])(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:\d{4}|\d{2})(?![\w/])",
        RegexPattern.TIME_24H: r"(?<![\w:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\w:])",
        RegexPattern.POSTAL_US: r"(?<![\w.,#/-])\d{5}(?:-\d{4})?(?![\w-]|[.,]\d)",
        RegexPattern.POSTAL_UK: r"(?<!\w)[a-z]{1,2}\d[a-z\d]? ?\d[abd-hjlnp-uw-z]{2}(?!\w)",
        RegexPattern.HTML_COLOR_HEX: r"(?<![\w&#/])#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?!\w)",
        RegexPattern.TWITTER_HANDLE: r"(?<![\w@./+%-])@[a-z0-9_]{1,15}(?![\w@]|\.\w)",
        RegexPattern.HASHTAG: r"(?<![\w&#/])#(?=\d{0,99}[^\W\d])\w{1,100}(?!\w)",
        RegexPattern.MAC_ADDR: r"(?<![\w:-])[0-9a-f]{2}(?:(?::[0-9a-f]{2}){5}|(?:-[0-9a-f]{2}){5})(?![\w:-])",
        RegexPattern.IBAN: r"(?<!\w)[a-z]{2}\d{2}(?:[a-z0-9]{11,30}|(?: [a-z0-9]{4}){2,7}(?: [a-z0-9]{1,3})?)(?!\w)",
        RegexPattern.CREDIT_CARD: r"(?<![\w.-])[2-6](?:[ -]?\d){12,18}(?![\w-])",
    }
)


def _card(text: str) -> str:
    """A card number with the right check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(character) for character in reversed(text) if character.isdigit()]
    total = sum(digits[::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return text if total % 10 == 0 else ""


def _iban(text: str) -> str:
    """A bank account number with the right check digits (ISO 13616), without words that only follow it."""
    while len(text) >= 15:
        joined = text.replace(" ", "").upper()
        if int("".join(str(int(character, 36)) for character in joined[4:] + joined[:4])) % 97 == 1:
            return text
        text = text.rpartition(" ")[0]
    return ""


def _ipv6(text: str) -> str:
    """An address by the rules of RFC 4291, section 2.2; `::` alone is more often something else."""
    try:
        return text if len(text) > 2 and ipaddress.IPv6Address(text) else ""
    except ValueError:
        return ""


CHECKS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {"credit_card": _card, "iban": _iban, "ipv6": _ipv6}
)
"""What of a match is kept, for kinds of text that a pattern alone cannot tell; nothing when it is something else."""

FLAGS: Final = re.IGNORECASE | re.MULTILINE


NEEDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "email": "@", "phone_intl": "+", "url": "://", "ipv4": ".", "ipv6": ":", "uuid": "-", "percentage": "%",
        "date_iso": "-", "date_us": "/", "time_24h": ":", "html_color_hex": "#", "twitter_handle": "@", "hashtag": "#",
    }
)  # fmt: skip
"""What every match of a pattern holds; a text without it need not be searched."""


def built_in(patterns: RegexPattern) -> dict[str, re.Pattern[str]]:
    """The chosen patterns by label."""
    return {
        str(pattern.name).lower(): re.compile(source, FLAGS)
        for pattern, source in _SOURCES.items()
        if pattern in patterns
    }
