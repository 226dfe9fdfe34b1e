"""One walk over the page that finds everything the later steps are about; walks are what reading spends its time on."""

from __future__ import annotations

from dataclasses import dataclass, field

from turbohtml import Element

_TAGS = ("a", "area", "img", "br", "noscript", "video", "audio", "table", "math", "template", "iframe",
         "image", "input", "object")  # fmt: skip


@dataclass(slots=True)
class Inventory:
    """Elements below a root in document order."""

    anchors: list[Element] = field(default_factory=list)
    """`a` and `area`."""
    images: list[Element] = field(default_factory=list)
    noscripts: list[Element] = field(default_factory=list)
    players: list[Element] = field(default_factory=list)
    """`video` and `audio`."""
    tables: list[Element] = field(default_factory=list)
    breaks: int = 0
    """How many `br` there are."""
    has_math: bool = False
    has_template: bool = False
    frames: list[Element] = field(default_factory=list)
    """`iframe` with a `srcdoc`."""
    drawn: list[Element] = field(default_factory=list)
    """`image` in SVG, and what may be an image: `input` and `object`."""


def take_inventory(root: Element) -> Inventory:
    """Find the elements below `root`."""
    inventory = Inventory()
    anchors, images = inventory.anchors.append, inventory.images.append
    for element in root.iter_elements(_TAGS):
        tag = element.tag
        if tag in ("a", "area"):
            anchors(element)
        elif tag == "img":
            images(element)
        elif tag == "br":
            inventory.breaks += 1
        elif tag == "table":
            inventory.tables.append(element)
        elif tag == "noscript":
            inventory.noscripts.append(element)
        elif tag == "math":
            inventory.has_math = True
        elif tag == "template":
            inventory.has_template = True
        elif tag == "iframe":
            if element.attr("srcdoc"):
                inventory.frames.append(element)
        elif tag in ("image", "input", "object"):
            inventory.drawn.append(element)
        else:
            inventory.players.append(element)
    return inventory
