"""`RegexExtractionStrategy`: finds e-mail addresses, dates, amounts and the like by regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final, NoReturn

from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.extract.structured.patterns import CHECKS, FLAGS, NEEDED, RegexPattern, built_in
from nephila.models import JSONValue
from nephila.options.strategies import ExtractionStrategy

FORMATS: Final = ("markdown", "fit_markdown", "html", "cleaned_html", "fit_html")
"""The values of `input_format`."""


class RegexExtractionStrategy(ExtractionStrategy):
    """Finds text by regular expressions, ignoring case.

    Args:
        pattern: Built-in patterns, such as `RegexExtractionStrategy.Email | RegexExtractionStrategy.Url`.
        custom: Patterns of your own by label, a dict or pairs; they replace built-in ones of the same label.
        input_format: What is searched: `fit_html` (`cleaned_html` without a content filter), `html`, `cleaned_html`,
            `markdown` or `fit_markdown`.
        verbose: Kept for its name.

    Raises:
        ConfigError: A pattern is no regular expression, or a number stands for no built-in patterns.
    """

    Email: ClassVar = RegexPattern.EMAIL
    PhoneIntl: ClassVar = RegexPattern.PHONE_INTL
    PhoneUS: ClassVar = RegexPattern.PHONE_US
    Url: ClassVar = RegexPattern.URL
    IPv4: ClassVar = RegexPattern.IPV4
    IPv6: ClassVar = RegexPattern.IPV6
    Uuid: ClassVar = RegexPattern.UUID
    Currency: ClassVar = RegexPattern.CURRENCY
    Percentage: ClassVar = RegexPattern.PERCENTAGE
    Number: ClassVar = RegexPattern.NUMBER
    DateIso: ClassVar = RegexPattern.DATE_ISO
    DateUS: ClassVar = RegexPattern.DATE_US
    Time24h: ClassVar = RegexPattern.TIME_24H
    PostalUS: ClassVar = RegexPattern.POSTAL_US
    PostalUK: ClassVar = RegexPattern.POSTAL_UK
    HexColor: ClassVar = RegexPattern.HTML_COLOR_HEX
    TwitterHandle: ClassVar = RegexPattern.TWITTER_HANDLE
    Hashtag: ClassVar = RegexPattern.HASHTAG
    MacAddr: ClassVar = RegexPattern.MAC_ADDR
    Iban: ClassVar = RegexPattern.IBAN
    CreditCard: ClassVar = RegexPattern.CREDIT_CARD
    All: ClassVar = RegexPattern.ALL
    Nothing: ClassVar = RegexPattern.NOTHING

    def __init__(
        self,
        pattern: RegexPattern | int = RegexPattern.NOTHING,
        *,
        custom: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        input_format: str = "fit_html",
        verbose: bool = False,
    ) -> None:
        super().__init__(input_format, verbose)
        if not isinstance(pattern, int) or not 0 <= pattern <= RegexPattern.ALL:
            raise ConfigError(f"pattern is made of RegexExtractionStrategy.Email and the like, not {pattern!r}.")
        if input_format not in FORMATS:
            raise ConfigError(f"input_format is one of {', '.join(FORMATS)}, not {input_format!r}.")
        self.pattern = RegexPattern(pattern)
        self.custom = _labelled(custom)
        self._patterns = {
            **built_in(self.pattern),
            **{label: _compiled(label, own) for label, own in self.custom.items()},
        }

    def dump_params(self) -> dict[str, object]:
        """See `Strategy.dump_params`; the built-in patterns are written as their number."""
        params = super().dump_params()
        if "pattern" in params:
            params["pattern"] = int(self.pattern)
        if not self.custom:
            params.pop("custom", None)
        return params

    @property
    def has_patterns(self) -> bool:
        """Whether there are patterns of the caller's own, which may take long on some text."""
        return bool(self.custom)

    def extract(self, url: str, html: str) -> list[dict[str, JSONValue]]:
        """Return every match in order, with `url`, `label`, `value` and `span`, its start and end in `html`."""
        found: list[tuple[int, int, str, str]] = []
        for label, pattern in self._patterns.items():
            is_own = label in self.custom
            if not is_own and NEEDED.get(label, "") not in html:
                continue
            check = None if is_own else CHECKS.get(label)
            for match in pattern.finditer(html):
                value = match.group() if check is None else check(match.group())
                if value:
                    found.append((match.start(), match.start() + len(value), label, value))
        found.sort(key=lambda match: match[:2])
        return [
            {"url": url, "label": label, "value": value, "span": [start, end]} for start, end, label, value in found
        ]

    @staticmethod
    def generate_pattern(*args: object, **options: object) -> NoReturn:
        """Not built.

        Raises:
            UnsupportedOptionError: Always.
        """
        raise UnsupportedOptionError("Patterns made by a language model are not built yet; write them in custom.")


def _labelled(custom: Mapping[str, str] | Iterable[tuple[str, str]] | None) -> dict[str, str]:
    try:
        patterns = dict(custom or {})
    except (TypeError, ValueError):
        raise ConfigError("custom is a dict of labels and patterns, or pairs of them.") from None
    for label, pattern in patterns.items():
        if not isinstance(label, str) or not isinstance(pattern, str):
            raise ConfigError(f"custom[{label!r}]: a label and a pattern are strings.")
    return patterns


def _compiled(label: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, FLAGS)
    except (re.error, RecursionError, OverflowError) as error:
        raise ConfigError(f"custom[{label!r}]: {pattern!r} is not a regular expression: {error}.") from None
