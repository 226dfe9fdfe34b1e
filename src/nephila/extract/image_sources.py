"""Where the sources of an image are: `src`, `srcset`, `picture`, lazy attributes, `noscript`."""

from __future__ import annotations

from typing import TypeAlias

from turbohtml import Axis, Element

from nephila.extract.inventory import Inventory
from nephila.extract.srcset import parse_srcset

MAX_PICTURE_SOURCES = 16
"""`source` elements read of one `picture`."""

MAX_NOSCRIPTS = 1000
"""`noscript` elements of one page whose images are looked at."""

MAX_NOSCRIPT_IMAGES = 100
"""Images looked at in one `noscript`."""

MAX_DATA_URL = 100_000
"""Characters of a `data:` image that is still reported."""

MIN_DATA_URL = 1_000
"""Characters below which a `data:` image is taken for a placeholder."""


_LAZY = frozenset({
    "data-src", "data-lazy-src", "data-original", "data-lazy", "data-lazyload", "data-echo", "data-ll-src",
    "data-original-src", "data-full-src", "data-hi-res-src", "data-img-src", "data-image-src", "data-image",
    "data-pagespeed-lazy-src", "data-cfsrc", "data-url", "data-srclazy", "data-orig-file", "data-large-file",
})  # fmt: skip
_SRCSETS = frozenset({"srcset", "data-srcset", "data-lazy-srcset", "data-original-set", "data-ll-srcset"})
_SOURCES = _LAZY | _SRCSETS
_PLACEHOLDER_WORDS = frozenset({
    "blank", "spacer", "placeholder", "transparent", "pixel", "1x1", "lazy", "lazyload", "lazyloader", "loading",
    "loader", "empty", "clear", "grey", "gray", "dummy", "trans",
})  # fmt: skip

Source: TypeAlias = tuple[str, int | None, str | None]
"""Address, width in pixels, and media type."""


def with_noscript_images(inventory: Inventory) -> list[Element]:
    """The images of a page, those in `noscript` put in the place of the lazy ones they stand in for, or next to it."""
    if not inventory.noscripts:
        return inventory.images
    inside: set[Element] = set()
    for noscript in inventory.noscripts[:MAX_NOSCRIPTS]:
        images = noscript.find_all("img", limit=MAX_NOSCRIPT_IMAGES)
        inside.update(images)
        if not images or not images[0].attr("src"):
            continue
        image = images[0]
        before = noscript.find(axis=Axis.PREVIOUS_SIBLINGS)
        if before is None or before.tag != "img":
            noscript.insert_before(image)
            inside.discard(image)
        elif not _has_source(before):
            before.attrs["src"] = image.attr("src") or ""
            if not before.attr("alt") and image.attr("alt"):
                before.attrs["alt"] = image.attr("alt") or ""
    return [image for image in inventory.images if image not in inside]


def _has_source(image: Element) -> bool:
    """Whether an `img` can be shown without its `noscript` twin."""
    return not _LAZY.isdisjoint(image.attrs) or not _is_placeholder(image.attr("src") or "")


def _is_placeholder(src: str) -> bool:
    """Whether an address is no image, or by its file name one that only keeps the place."""
    if not src or src[:5].lower() in ("data:", "about"):
        return True
    return not _PLACEHOLDER_WORDS.isdisjoint(words_of(src.partition("?")[0].rpartition("/")[2]))


def words_of(text: str) -> list[str]:
    """The words of a name or an address; only its end is looked at."""
    return text[-200:].lower().replace("-", "/").replace("_", "/").replace(".", "/").replace(" ", "/").split("/")


def sources_of(element: Element, pictures: dict[Element, list[Source]]) -> tuple[list[Source], str]:
    """The sources of an `img` as written, first the one that is shown; or a `data:` URL that is the image itself.

    Args:
        element: The `img`.
        pictures: The `picture` elements met so far with their sources; it is added to.
    """
    get = element.attr
    sources = _picture_sources(element, pictures)
    lazy = ""
    if not _SOURCES.isdisjoint(element.attrs):
        for name in element.attrs:
            if name in _SRCSETS:
                sources += [(url, width, None) for url, width in parse_srcset(get(name) or "") if not is_data(url)]
            elif not lazy and name in _LAZY:
                lazy = _plausible((get(name) or "").strip())
    src = shown = (get("src") or "").strip()
    if _is_placeholder(src):
        shown = lazy or max(sources, key=_width_of, default=("", None, None))[0]
        if not shown and is_data(src):
            is_picture = MIN_DATA_URL <= len(src) <= MAX_DATA_URL and "svg" not in src[:20]
            return sources, src if is_picture else ""
        shown = shown or src
    elif lazy:
        sources.append((lazy, None, None))
    if shown:
        sources.insert(0, (shown, pixels(get("width")), None))
    return sources, ""


def css_urls(style: str) -> list[str]:
    """The addresses in `url(...)` of a CSS text."""
    urls: list[str] = []
    start = style.find("url(")
    while start >= 0 and len(urls) < MAX_PICTURE_SOURCES:
        end = style.find(")", start)
        if end < 0:
            break
        urls.append(style[start + 4 : end].strip(" \t\r\n\f\"'"))
        start = style.find("url(", end)
    return urls


def is_data(url: str) -> bool:
    """Whether a URL holds its content itself."""
    return url[:5].lower() == "data:"


def _picture_sources(element: Element, pictures: dict[Element, list[Source]]) -> list[Source]:
    """What the `source` elements beside an `img` in a `picture` offer, as written; they leave the tree."""
    parent = element.parent
    if not isinstance(parent, Element) or parent.tag != "picture":
        return []
    known = pictures.get(parent)
    if known is None:
        known = pictures[parent] = []
        for source in parent.find_all("source", axis=Axis.CHILDREN, limit=MAX_PICTURE_SOURCES):
            content_type = source.attr("type")
            value = source.attr("srcset") or source.attr("data-srcset") or ""
            known += [(url, width, content_type) for url, width in parse_srcset(value) if not is_data(url)]
        parent.remove("source")
    return known.copy()


def _width_of(source: Source) -> int:
    return source[1] or 0


def _plausible(value: str) -> str:
    """A lazy attribute's value when it can be an address; templates and JSON are not."""
    return "" if value[:1] in ("", "{", "[", "<") or "{{" in value or " " in value or value[:5] == "data:" else value


def pixels(value: str | None) -> int | None:
    """A length in pixels; percentages and other units are none."""
    if not value:
        return None
    number = value.strip().removesuffix("px").partition(".")[0]
    return int(number) if len(number) < 7 and number.isdecimal() and number.isascii() else None
