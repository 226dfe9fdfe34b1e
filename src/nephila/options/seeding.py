"""Finding the URLs of a site before crawling it."""

from __future__ import annotations

from typing import Annotated, Final

from nephila.options.base import Config
from nephila.options.llm import LLMConfig
from nephila.options.rules import REFUSED, AtLeast, ConvertedBy, Fraction, OneOf, PositiveInt

SEEDING_SOURCES: Final = ("sitemap", "cc")
MAPPER_SOURCES: Final = ("sitemap", "cc", "wayback", "crt", "probe", "robots", "feed", "homepage")
ScoringMethod = Annotated[str, OneOf(("bm25",))]
UrlLimit = Annotated[int, AtLeast(-1)]


def _sources(known: tuple[str, ...]) -> ConvertedBy:
    """Return the check of source names joined by +."""

    def check(value: object) -> object:
        return value if isinstance(value, str) and all(part in known for part in value.split("+")) else REFUSED

    return ConvertedBy(check, f"names joined by + out of {', '.join(known)}")


class SeedingConfig(Config, kw_only=False):
    """Where the URLs of a site are looked up, and which are kept.

    Attributes:
        source: `sitemap`, `cc` (Common Crawl) or both joined by `+`.
        pattern: Glob pattern the URLs must match.
        live_check: Ask for each URL whether it answers.
        extract_head: Fetch each page's head; needed to score.
        max_urls: URLs at most; -1 means all.
        concurrency: Requests at once.
        hits_per_sec: Requests a second at most; None means no limit.
        force: Do not use stored lists.
        base_directory: Where lists are stored; None means the usual cache folder.
        llm_config: The model of scoring methods that ask one.
        verbose: Log at INFO; None takes the crawler's setting.
        query: What the URLs are scored against.
        score_threshold: URLs that score lower are dropped, 0 to 1; None keeps all.
        scoring_method: `bm25`.
        filter_nonsense_urls: Drop robots.txt, sitemaps, feeds and the like.
        cache_ttl_hours: Hours a stored list is used; 0 means for ever.
        validate_sitemap_lastmod: A stored list is not used when the sitemap is newer.
    """

    source: Annotated[str, _sources(SEEDING_SOURCES)] = "sitemap+cc"
    pattern: str = "*"
    live_check: bool = False
    extract_head: bool = False
    max_urls: UrlLimit = -1
    concurrency: PositiveInt = 1000
    hits_per_sec: PositiveInt | None = 5
    force: bool = False
    base_directory: str | None = None
    llm_config: LLMConfig | None = None
    verbose: bool | None = None
    query: str | None = None
    score_threshold: Fraction | None = None
    scoring_method: ScoringMethod = "bm25"
    filter_nonsense_urls: bool = True
    cache_ttl_hours: Annotated[float, AtLeast(0)] = 24
    validate_sitemap_lastmod: bool = True


class DomainMapperConfig(Config, kw_only=False):
    """How the hosts and URLs of a whole domain are found.

    Attributes:
        source: Names out of sitemap, cc, wayback, crt, probe, robots, feed and homepage, joined by `+`.
        max_urls: URLs at most; -1 means all.
        concurrency: Requests at once.
        hits_per_sec: Requests a second at most; None means no limit.
        force: Do not use stored lists.
        extract_head: Fetch each page's head; needed to score.
        filter_nonsense_urls: Drop robots.txt, sitemaps, feeds and the like.
        soft_404_detection: Recognise hosts that answer every path with a page.
        query: What the URLs are scored against.
        score_threshold: URLs that score lower are dropped, 0 to 1; None keeps all.
        scoring_method: `bm25`.
        probe_paths: Paths to try on each host; None means the built-in list.
        common_subdomains: Sub-domains to try; None means the built-in list.
        include_subdomains: Look at sub-domains too.
        source_timeout: Seconds for one source.
        use_browser_for_homepage: Render the home page in a browser.
        verbose: Log at INFO; None takes the crawler's setting.
        cache_ttl_hours: Hours a stored list is used; 0 means for ever.
        base_directory: Where lists are stored; None means the usual cache folder.
        dns_timeout: Seconds for one name look-up.
        http_timeout: Seconds for one request.
    """

    source: Annotated[str, _sources(MAPPER_SOURCES)] = "sitemap+cc+crt+probe"
    max_urls: UrlLimit = -1
    concurrency: PositiveInt = 50
    hits_per_sec: PositiveInt | None = 10
    force: bool = False
    extract_head: bool = True
    filter_nonsense_urls: bool = True
    soft_404_detection: bool = True
    query: str | None = None
    score_threshold: Fraction | None = None
    scoring_method: ScoringMethod = "bm25"
    probe_paths: list[str] | None = None
    common_subdomains: list[str] | None = None
    include_subdomains: bool = True
    source_timeout: Annotated[float, AtLeast(0.001)] = 30.0
    use_browser_for_homepage: bool = False
    verbose: bool | None = None
    cache_ttl_hours: Annotated[float, AtLeast(0)] = 24
    base_directory: str | None = None
    dns_timeout: Annotated[float, AtLeast(0.001)] = 3.0
    http_timeout: Annotated[float, AtLeast(0.001)] = 10.0
