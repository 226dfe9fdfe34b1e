"""The images, videos and audios of a page, lazy ones included, and how much an image looks like content."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import turbohtml
from turbohtml import Axis, Element

from nephila.extract.addresses import Addresses
from nephila.extract.srcset import Candidate, parse_srcset
from nephila.models import Media, MediaItem
from nephila.options.media import MediaOptions

MAX_DESCRIPTION = 300
"""Characters of a `desc` at most."""

MAX_DESCRIBED = 500
"""Places of one page whose text is looked at for descriptions; images elsewhere have none."""

MAX_DATA_URL = 100_000
"""Characters of a `data:` image that is still reported."""

MIN_DATA_URL = 1_000
"""Characters below which a `data:` image is taken for a placeholder."""

SMALL = 48
"""Pixels up to which an image counts as an icon."""

LARGE = 150
"""Pixels from which an image counts as large."""

_LAZY_SOURCES = (
    "data-src", "data-lazy-src", "data-original", "data-lazy", "data-lazyload", "data-echo", "data-ll-src",
    "data-original-src", "data-full-src", "data-hi-res-src", "data-img-src", "data-image-src", "data-image",
    "data-pagespeed-lazy-src", "data-cfsrc", "data-url", "data-srclazy", "data-orig-file", "data-large-file",
)  # fmt: skip
_LAZY_SRCSETS = ("data-srcset", "data-lazy-srcset", "data-original-set", "data-ll-srcset")
_PLACEHOLDER = re.compile(
    r"(?:^|[/_.-])(?:blank|spacer|placeholder|transparent|pixel|1x1|lazy(?:load(?:er|ing)?)?|loading|loader|empty|clear"
    r"|grey|gray|dummy|trans)(?:[_.-][^/]{0,40})?\.(?:gif|png|svg|jpe?g|webp)(?:$|[?#])",
    re.IGNORECASE,
)
_DECORATION = re.compile(
    r"(?:^|[/_.\s-])(?:icons?|sprites?|logos?|avatars?|emojis?|smil(?:ey|ies)|badges?|buttons?|btn|bullets?|arrows?"
    r"|spinner|spacer|pixel|tracking|beacon|captcha|gravatar|flags?|favicon)(?:$|[/_.\s-])",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\.(jpe?g|png|webp|avif|gif|svg|bmp|ico|tiff?|heic|jxl|mp4|webm|ogv|mov|m4v|m3u8|mpd|mp3|m4a|aac"
                        r"|ogg|oga|opus|wav|flac)(?:$|[?#;!&/])", re.IGNORECASE)  # fmt: skip
_PHOTO_FORMATS = frozenset({"jpg", "jpeg", "png", "webp", "avif", "heic", "jxl"})
_CSS_URL = re.compile(r"""url\(\s*(?:"([^"]{1,4000})"|'([^']{1,4000})'|([^"'()\s]{1,4000}))\s*\)""", re.IGNORECASE)
_DIGITS = re.compile(r"\s*(\d{1,6})(?:\.\d+)?(?:px)?\s*\Z")
_TEXT_BLOCKS = frozenset(
    "figure p li td th dd dt div section article blockquote a aside header footer main center summary".split()
)
_NEAR = 4
"""How many ancestors of an image are looked at for text."""


@dataclass(slots=True)
class _Image:
    """One `img` with all its sources."""

    element: Element
    alt: str
    candidates: list[tuple[str, str | None, int | None]]
    """Absolute URL, type and width; the first is the image as shown."""
    width: int | None = None
    height: int | None = None
    class_and_id: str = ""
    data: str = ""


@dataclass(slots=True)
class _Reading:
    """What is gathered while the page is walked."""

    addresses: Addresses
    options: MediaOptions
    seen: set[str] = field(default_factory=set)
    texts: dict[Element, str] = field(default_factory=dict)
    group_id: int = 0


def read_media(tree: turbohtml.Document, body: Element, addresses: Addresses, options: MediaOptions) -> Media:
    """Report the media below `body`, make their addresses absolute there, and drop the excluded images.

    Lazy images (`data-src` and its kin, `noscript` fall-backs) get their real address in the tree as well. Every
    address is reported once; sources of one image share a `group_id`. Background images, video posters and the
    `og:image` of the page are reported after the others.

    The score of an image starts at 3: +1 each for alternative text, a photo format, a width and a height of at
    least 150 pixels, several sources, a `figure` around it, and a place in the first half of the page's images;
    -3 each for an icon's size (48 pixels or less) and an icon's name (icon, logo, sprite, avatar, ...); an image of
    one or two pixels has 0. It is never below 0, and images that score `image_score_threshold` or less are left out.
    """
    reading = _Reading(addresses, options)
    if options.exclude_all_images:
        body.remove("img,picture,input[type=image i]")
        images: list[MediaItem] = []
    else:
        _hoist_noscript_images(body)
        images = _images(body, reading)
        images += _other_images(tree, body, reading)
    videos = _players(body, "video", reading)
    audios = _players(body, "audio", reading)
    return Media(images=images, videos=videos, audios=audios)


def _hoist_noscript_images(body: Element) -> None:
    """Put the image of a `noscript` in the place of the lazy one it stands in for, or next to it."""
    for noscript in body.find_all("noscript"):
        image = noscript.find("img")
        if image is None or not image.attr("src"):
            continue
        before = noscript.find(axis=Axis.PREVIOUS_SIBLINGS)
        if before is not None and before.tag == "img" and not _has_source(before):
            before.attrs["src"] = image.attr("src") or ""
            if not before.attr("alt") and image.attr("alt"):
                before.attrs["alt"] = image.attr("alt") or ""
        elif before is None or before.tag != "img":
            noscript.insert_before(image)


def _has_source(image: Element) -> bool:
    """Whether an `img` can be shown without its `noscript` twin."""
    attrs = image.attrs
    return any(name in attrs for name in _LAZY_SOURCES + _LAZY_SRCSETS) or not _is_placeholder(image.attr("src") or "")


def _is_placeholder(src: str) -> bool:
    return (
        not src or src[:5].lower() == "data:" or src.startswith("about:") or _PLACEHOLDER.search(src[-200:]) is not None
    )


def _images(body: Element, reading: _Reading) -> list[MediaItem]:
    """The `img` elements, in document order."""
    addresses, options = reading.addresses, reading.options
    found: list[_Image] = []
    external: list[Element] = []
    for element in body.iter_elements("img"):
        image = _image(element, addresses)
        if options.exclude_external_images and image.candidates:
            if not addresses.is_internal(addresses[image.candidates[0][0]].host):
                external.append(element)
                continue
            image.candidates = [each for each in image.candidates if addresses.is_internal(addresses[each[0]].host)]
        if image.candidates or image.data:
            found.append(image)
    items: list[MediaItem] = []
    for index, image in enumerate(found):
        _report(image, index * 2 < len(found), reading, items)
    for element in external:
        element.decompose()
    return items


def _image(element: Element, addresses: Addresses) -> _Image:
    """Gather the sources of one `img`, and give the tree the one that is shown."""
    attrs = element.attrs.copy()
    get = attrs.get
    shown = _string(get("src"))
    written: list[Candidate] = []
    types: dict[str, str] = {}
    parent = element.parent
    if isinstance(parent, Element) and parent.tag == "picture":
        for source in parent.find_all("source", axis=Axis.CHILDREN):
            value = source.attr("srcset") or source.attr("data-srcset") or ""
            for candidate in parse_srcset(value):
                written.append(candidate)
                types[candidate.url] = source.attr("type") or ""
    lazy = ""
    for name in attrs:
        if name == "srcset" or (name.startswith("data-") and name in _LAZY_SRCSETS):
            written += parse_srcset(_string(get(name)))
        elif name.startswith("data-") and not lazy and name in _LAZY_SOURCES:
            lazy = _plausible(_string(get(name)))
    placeholder = _is_placeholder(shown)
    data = ""
    if placeholder:
        if (
            MIN_DATA_URL <= len(shown) <= MAX_DATA_URL
            and shown[:11].lower() == "data:image/"
            and "svg" not in shown[:20]
        ):
            data = shown
        best = lazy or (max(written, key=lambda each: each.width or 0).url if written else "")
        if not best and not data and shown[:5].lower() != "data:":
            best = shown
        shown = best
    elif lazy:
        written.append(Candidate(lazy, None))
    candidates: list[tuple[str, str | None, int | None]] = []
    width = _pixels(get("width"))
    if shown:
        href = addresses[shown].href
        candidates.append((href, None, width))
        if href != get("src"):
            element.attrs["src"] = href
    for url, candidate_width in written:
        if url[:5].lower() != "data:":
            candidates.append((addresses[url].href, types.get(url), candidate_width))
    class_and_id = f"{element.attr('class') or ''} {_string(get('id'))}"
    return _Image(
        element, _string(get("alt")), candidates, width, _pixels(get("height")), class_and_id, data if not shown else ""
    )


def _string(value: str | list[str] | None) -> str:
    return value.strip() if isinstance(value, str) else ""


def _plausible(value: str) -> str:
    """A lazy attribute's value when it can be an address; templates and JSON are not."""
    return (
        "" if not value or value[0] in "{[<" or "{{" in value or " " in value.strip() or value[:5] == "data:" else value
    )


def _pixels(value: str | list[str] | None) -> int | None:
    found = _DIGITS.match(value) if isinstance(value, str) else None
    return int(found.group(1)) if found else None


def _report(image: _Image, in_first_half: bool, reading: _Reading, items: list[MediaItem]) -> None:
    """Add the items of one image, unless its score is too low or all were reported before."""
    fresh = [each for each in image.candidates if each[0] not in reading.seen]
    if not fresh and not image.data:
        return
    figure = _figure_of(image.element)
    url = image.candidates[0][0] if image.candidates else ""
    kind = _format(url, image.candidates[0][1] if image.candidates else None)
    score = _score(image, url, kind, in_first_half, figure is not None)
    if score <= reading.options.image_score_threshold:
        return
    description = _description(image.element, figure, reading)
    for src, content_type, width in fresh or [("", None, image.width)]:
        if src in reading.seen:
            continue
        reading.seen.add(src) if src else None
        item = _item("image", src, reading.group_id, _format(src, content_type), width)
        item["alt"], item["desc"], item["score"] = image.alt, description, score
        if not src:
            item["data"] = image.data
        items.append(item)
    reading.group_id += 1


def _item(kind: str, src: str, group_id: int, file_format: str | None, width: int | None = None) -> MediaItem:
    return MediaItem(src=src, alt="", desc="", score=0, type=kind, group_id=group_id, format=file_format, width=width)


def _format(url: str, content_type: str | None) -> str | None:
    """The file type in lower case, from the `type` attribute or the end of the URL's path."""
    if content_type and "/" in content_type:
        return content_type.partition("/")[2].partition(";")[0].partition("+")[0].strip().lower() or None
    found = _EXTENSION.search(url)
    return found.group(1).lower() if found else None


def _score(image: _Image, url: str, kind: str | None, in_first_half: bool, in_figure: bool) -> int:
    """See `read_media`."""
    width, height = image.width, image.height
    if (width is not None and width <= 2) or (height is not None and height <= 2):
        return 0
    score = 3 + bool(image.alt) + (kind in _PHOTO_FORMATS) + in_first_half + in_figure + (len(image.candidates) > 1)
    score += (width is not None and width >= LARGE) + (height is not None and height >= LARGE)
    if (width is not None and width <= SMALL) or (height is not None and height <= SMALL):
        score -= 3
    if _DECORATION.search(url[-200:]) or _DECORATION.search(image.class_and_id):
        score -= 3
    return max(score, 0)


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
        caption = figure.find("figcaption")
        if caption is not None and (text := _text_of(caption, reading)) and text.count(" ") + 1 >= least:
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


def _text_of(element: Element, reading: _Reading) -> str:
    """The beginning of an element's text, looked up once per element and for so many elements at most."""
    known = reading.texts.get(element)
    if known is None:
        if len(reading.texts) >= MAX_DESCRIBED:
            return ""
        known = reading.texts[element] = _shortened(element.text)
    return known


def _shortened(text: str) -> str:
    text = " ".join(text[: MAX_DESCRIPTION * 8].split())
    if len(text) <= MAX_DESCRIPTION:
        return text
    return text[:MAX_DESCRIPTION].rpartition(" ")[0] + " ..."


def _other_images(tree: turbohtml.Document, body: Element, reading: _Reading) -> list[MediaItem]:
    """Backgrounds in `style`, video posters and the `og:image`; those reported before are left out."""
    written: list[tuple[Element, str, str]] = []
    for element in body.select('[style*="url(" i]'):
        for found in _CSS_URL.finditer((element.attr("style") or "")[:20_000]):
            written.append((element, found[1] or found[2] or found[3], ""))
    for element in body.find_all("video", poster=True):
        written.append((element, _string(element.attr("poster")), ""))
    for element in tree.find_all("meta", attrs={"property": ["og:image", "og:image:url", "og:image:secure_url"]}):
        written.append((element, _string(element.attr("content")), ""))
    items: list[MediaItem] = []
    for element, url, alt in written:
        if not url or url[:5].lower() == "data:":
            continue
        href, host = reading.addresses[url]
        if host and not (reading.options.exclude_external_images and not reading.addresses.is_internal(host)):
            image = _Image(element, alt, [(href, None, None)], class_and_id=element.attr("class") or "")
            _report(image, False, reading, items)
    return items


def _players(body: Element, kind: str, reading: _Reading) -> list[MediaItem]:
    """The `video` or `audio` elements with their sources, made absolute in the tree as well."""
    items: list[MediaItem] = []
    addresses = reading.addresses
    for element in body.find_all(kind):
        group_id = reading.group_id
        poster = element.attr("poster")
        if poster:
            element.attrs["poster"] = addresses[poster].href
        width = _pixels(element.attr("width"))
        for source in [element, *element.find_all(["source", "track"])]:
            written = source.attr("src") or source.attr("data-src")
            if not written or written[:5].lower() in ("data:", "blob:"):
                continue
            src = source.attrs["src"] = addresses[written].href
            if source.tag == "track" or src in reading.seen:
                continue
            reading.seen.add(src)
            item = _item(kind, src, group_id, _format(src, source.attr("type")), width)
            item["alt"] = element.attr("title") or element.attr("aria-label") or ""
            items.append(item)
            reading.group_id = group_id + 1
    return items
