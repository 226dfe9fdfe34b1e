"""Looking at the heads of linked pages, and scoring links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from nephila.errors import ConfigError
from nephila.options.base import Config
from nephila.options.rules import AtLeast, Fraction, PositiveInt


class LinkPreviewConfig(Config, kw_only=False):
    """Which linked pages have their head fetched, and how.

    Attributes:
        include_internal: Look at links to the page's own site.
        include_external: Look at links to other sites. At least one of the two must be True.
        include_patterns: Only links that match one of these glob patterns; None means all.
        exclude_patterns: No link that matches one of these glob patterns.
        concurrency: Heads fetched at once.
        timeout: Seconds for one head.
        max_links: Heads fetched at most for one page.
        query: What `contextual_score` compares a link with.
        score_threshold: Links that score lower are dropped, 0 to 1; None keeps all.
        verbose: Log each head at INFO instead of DEBUG.
    """

    include_internal: bool = True
    include_external: bool = False
    include_patterns: list[str] | None = None
    exclude_patterns: list[str] | None = None
    concurrency: PositiveInt = 10
    timeout: Annotated[float, AtLeast(0.001)] = 5
    max_links: PositiveInt = 100
    query: str | None = None
    score_threshold: Fraction | None = None
    verbose: bool = False

    def _settle(self, given: Mapping[str, object]) -> None:
        if not self.include_internal and not self.include_external:
            raise ConfigError("LinkPreviewConfig: set include_internal or include_external to True; no link is left.")


class LinkPreviewOptions(Config):
    """What is found out about the links of a page beyond the page itself.

    Attributes:
        link_preview_config: Fetch the heads of linked pages as it says (a dict of its options works too); None
            fetches none.
    """

    link_preview_config: LinkPreviewConfig | None = None
