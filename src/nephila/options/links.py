"""Which links of a page are reported and kept."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Final

from nephila.options.base import Config
from nephila.options.rules import REFUSED, ConvertedBy

SOCIAL_MEDIA_DOMAINS: Final = (
    "facebook.com",
    "twitter.com",
    "x.com",
    "linkedin.com",
    "instagram.com",
    "pinterest.com",
    "tiktok.com",
    "snapchat.com",
    "reddit.com",
)


def _social_media_domains(value: object) -> object:
    """Accept a list of host names; None means the built-in ones."""
    if value is None:
        return list(SOCIAL_MEDIA_DOMAINS)
    is_list = isinstance(value, list | tuple | set | frozenset) and all(isinstance(host, str) for host in value)
    return list(value) if is_list else REFUSED  # type: ignore[call-overload]  # is_list says it is one


class LinkOptions(Config):
    """Which links are reported in `links` and kept in `cleaned_html` and the Markdown.

    An excluded link loses its anchor and its text, nothing around it.

    Attributes:
        exclude_external_links: Leave out links to other sites.
        exclude_internal_links: Leave out links to the page's own site.
        exclude_social_media_links: Leave out links to `exclude_social_media_domains`.
        exclude_social_media_domains: Host names (sub-domains included); the default is the nine best known.
        exclude_domains: Leave out links to these hosts and their sub-domains.
        preserve_https_for_internal_links: Internal `http:` links of a page fetched by https are reported as https.
        score_links: Links also have `context`, the text around them, and `intrinsic_score` (0 to 10),
            `contextual_score` and `total_score`; see `nephila.extract.link_scores.score_links`.
    """

    exclude_external_links: bool = False
    exclude_internal_links: bool = False
    exclude_social_media_links: bool = False
    exclude_social_media_domains: Annotated[list[str], ConvertedBy(_social_media_domains, "a list of str or None")] = (
        field(default_factory=lambda: list(SOCIAL_MEDIA_DOMAINS))
    )
    exclude_domains: list[str] = field(default_factory=list)
    preserve_https_for_internal_links: bool = False
    score_links: bool = False
