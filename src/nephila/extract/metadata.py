"""What a page says about itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import turbohtml

from nephila.extract import json_ld
from nephila.extract.dates import modified_date, published_date
from nephila.extract.embedded import embedded_data
from nephila.extract.headings import Heading, heading_of
from nephila.extract.languages import declared_language, detected_language
from nephila.extract.nearby import Surroundings
from nephila.extract.page_types import declared_type, licence_of
from nephila.extract.people import author_of
from nephila.extract.titles import SiteNames, TitleSources, page_title
from nephila.models import JSONValue
from nephila.net import url as urls
from nephila.net.robots_tag import are_directives

MAX_VALUE = 10_000
"""Characters of one value; longer ones are cut."""
_MOST = {"meta": 500, "link": 500, "script": 500, "title": 20, "h1": 20, "h2": 3, "time": 20}
"""Elements of each kind that are read."""

_PREFIXES = ("og:", "twitter:", "article:")
_REPEATED = frozenset({"article:tag", "article:author", "og:locale:alternate", "robots"})
"""Properties that may stand several times, by the Open Graph protocol for example; joined by comma and space."""
_AGENTS = 20
"""Crawlers a page may speak to by name."""
_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_ICONS = ("icon", "shortcut", "apple-touch-icon", "apple-touch-icon-precomposed")
_UNDATED = frozenset({"product", "product.item", "product.group", "profile"})
"""Values of `og:type` of pages whose text rarely carries a date of publication."""
_JSON_LD = "application/ld+json"
_FRONT_PAGE = re.compile(r"[a-z]+://[^/?#]*/?")


def read_metadata(tree: turbohtml.Document, base_url: str) -> dict[str, JSONValue]:
    """Read the metadata of a page.

    `title`, `description`, `keywords` and `author` are always there, None when the page does not say. Found or left
    out: `document_title` (the text of `<title>`), `language` (BCP 47: declared, else detected), `detected_language`,
    `page_type` (see `declared_type`), `license`, `canonical`, `image`, `favicon` (absolute URLs), `site_name`,
    `robots`, `robots_agents` (by the name of a crawler what is meant for it alone), `published_date`, `modified_date`
    (ISO 8601), `feeds` (objects with `href`, `type`, `title`), `alternates` (objects with `hreflang`, `href`),
    `jsonld` (the decoded objects), `microdata` and `rdfa` (see `embedded_data`), and every `og:*`, `twitter:*` and
    `article:*` property as written. Takes time linear in the page's size; strings are cut at `MAX_VALUE` characters.

    Args:
        tree: The whole page, before anything is removed from it.
        base_url: What relative URLs in it resolve against.
    """
    head = Head(tree)
    metas = head.metas
    objects = json_ld.decode_blocks(head.blocks)
    things = list(json_ld.nodes(objects))
    is_site = SiteNames(metas, things, urls.host_of(base_url))
    kind = metas.get("og:type", "").lower()
    title = page_title(title_sources(head, things, base_url), is_site)
    around = Surroundings(tree, title or "")
    published = published_date(metas, things, head.times, tree if kind not in _UNDATED else None, around, base_url)
    # Without a sign that the page was written on some day, what looks like an author is somebody else as a rule.
    in_text = tree if published or kind == "article" else None
    declared, detected = declared_language(tree, metas.get("content-language", "")), detected_language(tree)
    metadata: dict[str, JSONValue] = {
        "title": title,
        "description": metas.get("description") or metas.get("og:description") or metas.get("twitter:description"),
        "keywords": metas.get("keywords") or metas.get("news_keywords"),
        "author": author_of(metas, things, in_text, around, is_site),
    }
    found: dict[str, JSONValue] = {
        "document_title": head.title,
        "language": declared or detected,
        "detected_language": detected,
        "page_type": declared_type(metas, things),
        "license": licence_of(tree, metas, things, base_url),
        "site_name": metas.get("og:site_name") or metas.get("application-name"),
        "image": _absolute(base_url, _image(metas)),
        "robots": metas.get("robots"),
        "robots_agents": dict(head.agents),
        "published_date": published,
        "modified_date": modified_date(metas, things),
        "jsonld": objects,
        **embedded_data(tree, base_url),
        **_links(head.links, base_url),
    }
    metadata.update((name, value) for name, value in found.items() if value)
    metadata.update((name, value) for name, value in metas.items() if name.startswith(_PREFIXES))
    return metadata


def title_sources(head: Head, things: Sequence[dict[str, JSONValue]], url: str) -> TitleSources:
    """Where the title of the page may be found."""
    articles = [thing.get("headline") for thing in things if json_ld.is_article(thing)]
    return TitleSources(
        document=head.title,
        open_graph=_line(head.metas.get("og:title", "")),
        twitter=_line(head.metas.get("twitter:title", "")),
        headings=head.headings,
        headlines=[_line(headline) for headline in articles if isinstance(headline, str)],
        is_article=head.metas.get("og:type", "").lower().startswith("article"),
        is_front_page=_FRONT_PAGE.fullmatch(url) is not None,
    )


class Head:
    """What one walk over the page collects."""

    def __init__(self, tree: turbohtml.Document) -> None:
        self.metas: dict[str, str] = {}
        self.agents: dict[str, str] = {}
        self.title = ""
        self.headings: list[Heading] = []
        self.links: list[turbohtml.Element] = []
        self.times: list[turbohtml.Element] = []
        self.blocks: list[str] = []
        left = _MOST.copy()
        for element in tree.iter_elements(tuple(left)):
            tag = element.tag
            if tag == "script":
                kind = element.attr("type")
                if not kind or kind.partition(";")[0].strip().lower() != _JSON_LD:
                    continue
            if not left[tag]:
                continue
            left[tag] -= 1
            if tag == "meta":
                self._add_meta(element)
            elif tag == "link":
                self.links.append(element)
            elif tag == "script":
                self.blocks.append(element.text)
            elif tag == "time":
                self.times.append(element)
            elif tag in ("h1", "h2"):
                if (heading := heading_of(element)) is not None:
                    self.headings.append(heading)
            elif not self.title and element.namespace is turbohtml.Namespace.HTML:
                self.title = _line(element.text)

    def _add_meta(self, element: turbohtml.Element) -> None:
        content = element.attr("content")
        if not content:
            return
        name = element.attr("property") or element.attr("name") or element.attr("itemprop")
        name = (name or element.attr("http-equiv") or "")[:100].strip().lower()
        content = _text(content)
        if not name or not content:
            return
        if name != "robots" and element.attr("name") and are_directives(content):
            # The name of a crawler, as in <meta name="googlebot" content="noindex">.
            if name in self.agents or len(self.agents) < _AGENTS:
                self.agents[name] = f"{self.agents[name]}, {content}"[:MAX_VALUE] if name in self.agents else content
            return
        if name not in self.metas:
            self.metas[name] = content
        elif name in _REPEATED and len(self.metas[name]) < MAX_VALUE:
            self.metas[name] = f"{self.metas[name]}, {content}"[:MAX_VALUE]


def _text(value: str) -> str:
    """`value` without white space around it, cut at the limit."""
    return value[:MAX_VALUE].strip()


def _line(value: str) -> str:
    """`value` on one line, cut at the limit."""
    return " ".join(value[:MAX_VALUE].split())


def _absolute(base_url: str, reference: str) -> str | None:
    """The URL that `reference` means; None for what is no URL, or a whole picture in one."""
    reference = reference.strip()
    if not reference or len(reference) > urls.MAX_URL_LENGTH or reference[:5].lower() == "data:":
        return None
    return urls.join(base_url, reference)


def _image(metas: dict[str, str]) -> str:
    for name in ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image"):
        if name in metas:
            return metas[name]
    return ""


def _links(elements: Iterable[turbohtml.Element], base_url: str) -> dict[str, JSONValue]:
    """What the `<link>` elements say: canonical, favicon, feeds and alternates."""
    canonical: str | None = None
    icons: dict[str, str] = {}
    feeds: list[JSONValue] = []
    alternates: list[JSONValue] = []
    for element in elements:
        relations = (element.attr("rel") or "").lower().split()
        reference = element.attr("href") or ""
        if not relations or not reference:
            continue
        if "canonical" in relations:
            canonical = canonical or _absolute(base_url, reference)
        elif "alternate" in relations and "stylesheet" not in relations:
            _add_alternate(element, _absolute(base_url, reference), feeds, alternates)
        else:
            for relation in relations:
                if relation in _ICONS and relation not in icons and (icon := _absolute(base_url, reference)):
                    icons[relation] = icon
    favicon = next((icons[relation] for relation in _ICONS if relation in icons), None)
    return {"canonical": canonical, "favicon": favicon, "feeds": feeds, "alternates": alternates}


def _add_alternate(
    element: turbohtml.Element, url: str | None, feeds: list[JSONValue], alternates: list[JSONValue]
) -> None:
    if url is None:
        return
    kind = (element.attr("type") or "").partition(";")[0].strip().lower()
    language = (element.attr("hreflang") or "").strip()
    if kind in _FEEDS:
        feeds.append({"href": url, "type": kind, "title": _line(element.attr("title") or "")})
    elif language:
        alternates.append({"hreflang": language[:100], "href": url})
