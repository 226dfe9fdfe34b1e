"""Which links of a page are reported and kept."""

from __future__ import annotations

from dataclasses import dataclass, field

SOCIAL_MEDIA_DOMAINS = (
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


@dataclass(kw_only=True)
class LinkOptions:
    """Which links are reported in `links` and kept in `cleaned_html` and the Markdown.

    An excluded link loses its anchor and its text, nothing around it.

    Attributes:
        exclude_external_links: Leave out links to other sites.
        exclude_internal_links: Leave out links to the page's own site.
        exclude_social_media_links: Leave out links to `exclude_social_media_domains`.
        exclude_social_media_domains: Host names (sub-domains included); the default is the nine best known.
        exclude_domains: Leave out links to these hosts and their sub-domains.
        preserve_https_for_internal_links: Internal `http:` links of a page fetched by https are reported as https.
    """

    exclude_external_links: bool = False
    exclude_internal_links: bool = False
    exclude_social_media_links: bool = False
    exclude_social_media_domains: list[str] = field(default_factory=lambda: list(SOCIAL_MEDIA_DOMAINS))
    exclude_domains: list[str] = field(default_factory=list)
    preserve_https_for_internal_links: bool = False
