"""The hyperlinks of a page, and the ones it shall lose."""

from __future__ import annotations

from dataclasses import dataclass

from turbohtml import Element

from nephila.extract.addresses import Addresses
from nephila.extract.link_places import LinkPlaces
from nephila.extract.link_scores import LinkContexts, score_links
from nephila.models import Link, Links
from nephila.net.url import in_domain
from nephila.options.links import LinkOptions


@dataclass(slots=True)
class _Site:
    """What is decided once per host."""

    internal: bool
    excluded: bool
    base_domain: str


def resolve_links(
    anchors: list[Element], addresses: Addresses, options: LinkOptions, body: Element
) -> tuple[Links, bool]:
    """Make the links absolute in the tree, drop the excluded ones there, and report the rest.

    Only http and https links are reported, each distinct address once, with the first text that is not empty. A link
    is internal when its host is of the page's own site (`nephila.net.url.same_site`). An excluded link goes with its
    text; everything around it stays.

    Args:
        anchors: The `a` and `area` elements in document order.
        addresses: Resolves the references.
        options: Which links to exclude, and whether to score the others.
        body: What the anchors are in.

    Returns:
        The links, and whether any was dropped.
    """
    internal: dict[str, Link] = {}
    external: dict[str, Link] = {}
    sites: dict[str, _Site] = {}
    excluded: list[Element] = []
    places = LinkPlaces(body)
    contexts = LinkContexts() if options.score_links else None
    upgrade = options.preserve_https_for_internal_links and addresses.page_is_https
    for anchor in anchors:
        reference = anchor.attr("href")
        if reference is None:
            continue
        href, host = addresses[reference]
        if host:
            site = sites.get(host)
            if site is None:
                site = sites[host] = _site_of(host, addresses, options)
            if site.excluded:
                excluded.append(anchor)
                continue
            if upgrade and site.internal and href.startswith("http:"):
                href = "https" + href[4:]
            found = internal if site.internal else external
            link = found.get(href)
            if link is None:
                link = found[href] = _link(anchor, href, site.base_domain)
                place = places.place_of(anchor)
                if place:
                    link["position"] = place
                if contexts is not None:
                    link["context"] = contexts.context_of(anchor)
            elif not link["text"]:
                link["text"] = " ".join(anchor.text.split())
        if href != reference:
            anchor.attrs["href"] = href
    for anchor in excluded:
        anchor.decompose()
    if options.score_links:
        score_links(internal.values())
        score_links(external.values())
    links = Links(internal=list(internal.values()), external=list(external.values()))
    return links, bool(excluded)


def _link(anchor: Element, href: str, base_domain: str) -> Link:
    # A literal: calling the type costs three times as much, for each of a hundred links.
    link: Link = {
        "href": href,
        "text": " ".join(anchor.text.split()),
        "title": anchor.attr("title") or "",
        "base_domain": base_domain,
    }
    rel = anchor.attr("rel")
    if rel:
        link["rel"] = rel
    return link


def _site_of(host: str, addresses: Addresses, options: LinkOptions) -> _Site:
    internal = addresses.is_internal(host)
    social = options.exclude_social_media_links and not internal
    return _Site(
        internal=internal,
        excluded=(options.exclude_internal_links if internal else options.exclude_external_links)
        or any(in_domain(host, domain) for domain in options.exclude_domains)
        or (social and any(in_domain(host, domain) for domain in options.exclude_social_media_domains)),
        base_domain=host.removeprefix("www."),
    )
