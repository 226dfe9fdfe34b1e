"""What kind of page it says it is, and on what terms it may be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import turbohtml

from nephila.extract import json_ld
from nephila.models import JSONValue
from nephila.net import url as urls

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "article": "Article NewsArticle BlogPosting Report ScholarlyArticle OpinionNewsArticle Review Recipe HowTo "
        "AnalysisNewsArticle ReportageNewsArticle LiveBlogPosting",
        "documentation": "TechArticle APIReference",
        "forum": "DiscussionForumPosting QAPage Question",
        "product": "Product ProductGroup IndividualProduct Vehicle Car",
        "collection": "CollectionPage OfferCatalog ProductCollection",
        "listing": "ItemList SearchResultsPage",
        "service": "Service FinancialProduct ProfessionalService",
        "profile": "ProfilePage Person",
        "video": "VideoObject",
        "event": "Event",
        "job": "JobPosting",
        "course": "Course",
        "software": "SoftwareApplication",
    }
)
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {name: kind for kind, names in _TYPES.items() for name in names.split()}
)
"""The kind of page that a type of schema.org is the subject of."""

_OPEN_GRAPH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "article": "article",
        "product": "product",
        "og:product": "product",
        "product.item": "product",
        "profile": "profile",
    }
)
_MOST_LINKS: Final = 2_000


def declared_type(metas: Mapping[str, str], things: Sequence[dict[str, JSONValue]]) -> str | None:
    """The kind of page its JSON-LD or Open Graph type says it is; None when they do not say.

    One of `article`, `documentation`, `forum`, `product`, `collection`, `listing`, `service`, `profile`, `video`,
    `event`, `job`, `course` and `software`.
    """
    for thing in things:
        for name in json_ld.types_of(thing):
            if name in _KINDS:
                return _KINDS[name]
    kind = metas.get("og:type", "").lower()
    return _OPEN_GRAPH.get(kind) or ("video" if kind.startswith("video") else None)


def licence_of(
    tree: turbohtml.Document, metas: Mapping[str, str], things: Sequence[dict[str, JSONValue]], base_url: str
) -> str | None:
    """The licence the page names: the URL of a `rel=license` link, else what JSON-LD or `<meta>` says."""
    for link in tree.select("[rel~=license i]")[:_MOST_LINKS]:
        reference = (link.attr("href") or "").strip()
        if reference and (target := urls.join(base_url, reference)) is not None:
            return target
    for thing in things:
        licence = thing.get("license")
        if isinstance(licence, dict):
            licence = licence.get("url") or licence.get("name")
        if isinstance(licence, str) and licence.strip():
            return licence.strip()[:1000]
    for name in ("dcterms.license", "dc.rights", "dcterms.rights", "license"):
        if said := metas.get(name):
            return said[:1000]
    return None
