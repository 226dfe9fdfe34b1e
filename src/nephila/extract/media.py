"""The images, videos and audios of a page, lazy ones included, and how much an image looks like content."""

from __future__ import annotations

from dataclasses import dataclass, field

import turbohtml
from turbohtml import Element

from nephila.extract.addresses import Addresses
from nephila.extract.image_sources import (
    MAX_PICTURE_SOURCES,
    Source,
    css_urls,
    is_data,
    pixels,
    sources_of,
    with_noscript_images,
    words_of,
)
from nephila.extract.inventory import Inventory
from nephila.models import Media, MediaItem
from nephila.options.media import MediaOptions

MAX_DESCRIPTION = 300
"""Characters of a `desc` at most."""

MAX_DESCRIBED = 500
"""Places of one page whose text is looked at for descriptions; images elsewhere have none."""

TRACKER = 2
"""Pixels up to which an image is there to be counted, not seen."""

SMALL = 48
"""Pixels up to which an image counts as an icon."""

LARGE = 150
"""Pixels from which an image counts as large."""

_DECORATION_WORDS = frozenset({
    "icon", "icons", "sprite", "sprites", "logo", "logos", "avatar", "avatars", "gravatar", "emoji", "emojis",
    "smiley", "smilies", "badge", "badges", "button", "buttons", "btn", "bullet", "bullets", "arrow", "arrows",
    "spinner", "spacer", "pixel", "tracking", "beacon", "captcha", "flag", "flags", "favicon",
})  # fmt: skip
_FORMATS = frozenset({
    "jpg", "jpeg", "png", "webp", "avif", "gif", "svg", "bmp", "ico", "tif", "tiff", "heic", "jxl", "mp4", "webm",
    "ogv", "mov", "m4v", "m3u8", "mpd", "mp3", "m4a", "aac", "ogg", "oga", "opus", "wav", "flac",
})  # fmt: skip
_PHOTO_FORMATS = frozenset({"jpg", "jpeg", "png", "webp", "avif", "heic", "jxl"})
_TEXT_BLOCKS = frozenset({
    "figure", "p", "li", "td", "th", "dd", "dt", "div", "section", "article", "blockquote", "a", "aside", "header",
    "footer", "main", "center", "summary",
})  # fmt: skip
_NEAR = 4
"""How many ancestors of an image are looked at for text."""


@dataclass(slots=True)
class _Reading:
    """What is gathered while the page is walked."""

    addresses: Addresses
    options: MediaOptions
    seen: set[str] = field(default_factory=set)
    texts: dict[Element, str] = field(default_factory=dict)
    captions: dict[Element, str] = field(default_factory=dict)
    formats: dict[str, str | None] = field(default_factory=dict)
    group_id: int = 0

    def format_of(self, url: str, content_type: str | None) -> str | None:
        """The same as `_format`, looked up once for each ending of an address."""
        if content_type:
            return _format(url, content_type)
        ending = url[-6:]
        known = self.formats.get(ending)
        if known is None:
            known = _format(url, None)
            if "?" not in url and "#" not in url:
                self.formats[ending] = known
        return known


def read_media(
    tree: turbohtml.Document, body: Element, inventory: Inventory, addresses: Addresses, options: MediaOptions
) -> Media:
    """Report the media below `body`, make their addresses absolute there, and drop the excluded images.

    Lazy images (`data-src` and its kin, `noscript` fall-backs) get their real address in the tree as well. Every
    address is reported once; sources of one image share a `group_id`. Background images, images of SVG
    drawings, image buttons, images in `object` elements, video posters and the `og:image` of the page are reported
    after the others.

    The score of an image starts at 3: +1 each for alternative text, a photo format, a width and a height of at
    least 150 pixels, several sources, a `figure` around it, and a place in the first half of the page's images;
    -3 each for an icon's size (48 pixels or less) and an icon's name (icon, logo, sprite, avatar, ...); an image of
    one or two pixels has 0. It is never below 0, and images that score `image_score_threshold` or less are left out.
    """
    reading = _Reading(addresses, options)
    images: list[MediaItem] = []
    if options.exclude_all_images:
        body.remove('img,picture,input[type="image" i]')
    else:
        elements = with_noscript_images(inventory)
        _read_images(elements, reading, images)
        _read_other_images(tree, body, inventory, reading, images)
    videos: list[MediaItem] = []
    audios: list[MediaItem] = []
    for player in inventory.players:
        _read_player(player, reading, videos if player.tag == "video" else audios)
    return Media(images=images, videos=videos, audios=audios)


def _read_images(elements: list[Element], reading: _Reading, items: list[MediaItem]) -> None:
    """Report the `img` elements and give the tree the address that is shown of each."""
    addresses, only_own = reading.addresses, reading.options.exclude_external_images
    pictures: dict[Element, list[Source]] = {}
    for index, element in enumerate(elements):
        written, data = sources_of(element, pictures)
        if only_own and written and not addresses.is_internal(addresses[written[0][0]][1]):
            element.decompose()
            continue
        sources: list[Source] = []
        for reference, width, content_type in written:
            href, host = addresses[reference]
            if not only_own or addresses.is_internal(host):
                sources.append((href, width, content_type))
        if sources:
            element.attrs["src"] = sources[0][0]
        if sources or data:
            _report(element, sources, data, index * 2 < len(elements), reading, items)


def _report(
    element: Element, sources: list[Source], data: str, in_first_half: bool, reading: _Reading, items: list[MediaItem]
) -> None:
    """Add the items of one image, unless its score is too low or all were reported before."""
    seen = reading.seen
    if not data:
        sources_left = [source for source in sources if source[0] not in seen]
        if not sources_left:
            return
    else:
        sources_left = [("", pixels(element.attr("width")), None)]
    figure = _figure_of(element)
    alt = (element.attr("alt") or "").strip() if element.tag == "img" else ""
    url = sources[0][0] if sources else ""
    kind = reading.format_of(url, None)
    score = _score(element, url, alt, in_first_half, kind) + (figure is not None) + (len(sources) > 1)
    score = max(score, 0)
    if score <= reading.options.image_score_threshold:
        return
    description = _description(element, figure, reading)
    for src, width, content_type in sources_left:
        if src in seen:
            continue
        item: MediaItem = {
            "src": src,
            "alt": alt,
            "desc": description,
            "score": score,
            "type": "image",
            "group_id": reading.group_id,
            "format": reading.format_of(src, content_type),
            "width": width,
        }
        if src:
            seen.add(src)
        else:
            item["data"] = data
        items.append(item)
    reading.group_id += 1


def _format(url: str, content_type: str | None) -> str | None:
    """The file type in lower case, from the `type` attribute or the end of the URL's path."""
    if content_type and "/" in content_type:
        return content_type.partition("/")[2].partition(";")[0].partition("+")[0].strip().lower() or None
    extension = url[-6:].rpartition(".")[2].lower()
    if extension not in _FORMATS:
        extension = url.partition("?")[0].partition("#")[0][-6:].rpartition(".")[2].lower()
    return extension if extension in _FORMATS else None


def _score(element: Element, url: str, alt: str, in_first_half: bool, kind: str | None) -> int:
    """The points of `read_media` that an image has by itself."""
    width, height = pixels(element.attr("width")), pixels(element.attr("height"))
    score = 3 + bool(alt) + in_first_half + (kind in _PHOTO_FORMATS)
    for side in (width, height):
        if side is not None:
            if side <= TRACKER:
                return -2
            score += side >= LARGE
    if (width is not None and width <= SMALL) or (height is not None and height <= SMALL):
        score -= 3
    names = f"{url.partition('?')[0][-80:]}/{element.attr('class') or ''}/{element.attr('id') or ''}"
    if not _DECORATION_WORDS.isdisjoint(words_of(names)):
        score -= 3
    return score


def _figure_of(element: Element) -> Element | None:
    """The `figure` around an image, if it is near."""
    ancestor = element.parent
    for _ in range(_NEAR):
        if not isinstance(ancestor, Element):
            return None
        if ancestor.tag == "figure":
            return ancestor
        ancestor = ancestor.parent
    return None


def _description(element: Element, figure: Element | None, reading: _Reading) -> str:
    """The caption, or the text of the nearest ancestor that has enough of it."""
    least = reading.options.image_description_min_word_threshold
    if figure is not None:
        text = _caption_of(figure, reading)
        if text and text.count(" ") + 1 >= least:
            return text
    ancestor = element.parent
    for _ in range(_NEAR):
        if not isinstance(ancestor, Element) or ancestor.tag == "body":
            break
        if ancestor.tag in _TEXT_BLOCKS:
            text = _text_of(ancestor, reading)
            if text and text.count(" ") + 1 >= least:
                return text
        ancestor = ancestor.parent
    return ""


def _caption_of(figure: Element, reading: _Reading) -> str:
    """The text of a figure's caption, looked up as often as `_text_of` looks."""
    known = reading.captions.get(figure)
    if known is None:
        if len(reading.captions) >= MAX_DESCRIBED:
            return ""
        caption = figure.find("figcaption")
        known = reading.captions[figure] = "" if caption is None else _shortened(caption.text)
    return known


def _text_of(element: Element, reading: _Reading) -> str:
    """The beginning of an element's text, looked up once per element and for so many elements at most."""
    known = reading.texts.get(element)
    if known is None:
        if len(reading.texts) >= MAX_DESCRIBED:
            return ""
        known = reading.texts[element] = _shortened(element.text)
    return known


def _shortened(text: str) -> str:
    text = " ".join(text[: MAX_DESCRIPTION * 4].split())
    if len(text) <= MAX_DESCRIPTION:
        return text
    return text[:MAX_DESCRIPTION].rpartition(" ")[0] + " ..."


def _read_other_images(
    tree: turbohtml.Document, body: Element, inventory: Inventory, reading: _Reading, items: list[MediaItem]
) -> None:
    """Backgrounds in `style`, video posters and the `og:image`; those reported before are left out."""
    written: list[tuple[Element, str]] = []
    for element in body.select('[style*="url("],[data-bg],[data-background-image]'):
        lazy = element.attr("data-bg") or element.attr("data-background-image") or ""
        written += [(element, url) for url in css_urls(element.attr("style") or "")]
        written += [(element, url) for url in css_urls(lazy) or [lazy]]
    written += [(element, _drawn_source(element)) for element in inventory.drawn]
    for element in inventory.players:
        written.append((element, element.attr("poster") or ""))
    for name in ("og:image", "og:image:url", "og:image:secure_url"):
        for element in tree.find_all("meta", attrs={"property": name}):
            written.append((element, (element.attr("content") or "").strip()))
    for element, url in written:
        if not url or is_data(url):
            continue
        href, host = reading.addresses[url]
        if host and not (reading.options.exclude_external_images and not reading.addresses.is_internal(host)):
            _report(element, [(href, None, None)], "", False, reading, items)


def _drawn_source(element: Element) -> str:
    """The address of an image in SVG, of an image button or of an image in an `object`; empty when it is none."""
    tag = element.tag
    if tag == "image":
        reference = element.attr("href") or element.attr("xlink:href")
    elif tag == "input":
        reference = element.attr("src") if (element.attr("type") or "").strip().lower() == "image" else None
    else:
        reference = element.attr("data") if (element.attr("type") or "").strip().lower()[:6] == "image/" else None
    return (reference or "").strip()


def _read_player(element: Element, reading: _Reading, items: list[MediaItem]) -> None:
    """Report the sources of a `video` or `audio`, and make them absolute in the tree as well."""
    addresses = reading.addresses
    poster = element.attr("poster")
    if poster:
        element.attrs["poster"] = addresses[poster][0]
    width = pixels(element.attr("width"))
    title = element.attr("title") or element.attr("aria-label") or ""
    before = len(items)
    for source in [element, *element.find_all(["source", "track"], limit=MAX_PICTURE_SOURCES)]:
        written = source.attr("src") or source.attr("data-src")
        if not written or written[:5].lower() in ("data:", "blob:"):
            continue
        src = addresses[written][0]
        source.attrs["src"] = src
        if source.tag == "track" or src in reading.seen:
            continue
        reading.seen.add(src)
        items.append(
            MediaItem(
                src=src,
                alt=title,
                desc="",
                score=0,
                type=element.tag,
                group_id=reading.group_id,
                format=_format(src, source.attr("type")),
                width=width,
            )
        )
    reading.group_id += len(items) > before
