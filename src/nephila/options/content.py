"""What of a page is read: selection, cleaning, Markdown."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated

from nephila.options.base import Config
from nephila.options.enums import HiddenText
from nephila.options.rules import REFUSED, ConvertedBy, Count, NoneMeans
from nephila.options.strategies import MarkdownGenerationStrategy


def _hidden_text(value: object) -> object:
    """Accept the members, their values, and `visible` and `all` for the first two."""
    named = {"visible": HiddenText.DROP, "all": HiddenText.KEEP}
    name = str(value).lower()
    if name in named:
        return named[name]
    return HiddenText(name) if name in list(HiddenText) else REFUSED


class ContentOptions(Config):
    """Selection, cleaning and Markdown.

    Attributes:
        word_count_threshold: Text blocks (p, li, headings, ...) with fewer words are left out of `cleaned_html` and
            the Markdown; table cells, preformatted text and blocks with images stay. 1 leaves out nothing.
        only_text: `cleaned_html` and the Markdown carry text and block structure only: no links, no images, no
            emphasis.
        css_selector: Only what matches is read, by every part of the result (several matches: all, in order).
            No match gives an empty page and a warning.
        target_elements: CSS selectors; `cleaned_html` and the Markdown are made of what matches, links and media
            still of the whole page.
        excluded_tags: Tag names removed with their content from every part of the result.
        excluded_selector: CSS selector removed with its content from every part of the result.
        keep_data_attributes: `data-*` attributes stay in `cleaned_html`.
        keep_attrs: More attribute names that stay in `cleaned_html`.
        remove_forms: Forms are removed with their content from every part of the result.
        prettiify: `cleaned_html` is indented.
        markdown_generator: Makes the Markdown; None means `DefaultMarkdownGenerator()`.
        hidden_text: What becomes of text that a browser does not show (`hidden`, `aria-hidden`, no display, visibility,
            opacity or size, off the screen, comments, templates), in `cleaned_html` and the Markdown: `drop`, `keep`
            or `flag`. Links and media are reported whatever it says.
        prefetch: Only `html` and `links` are read.
        base_url: What relative links of `raw:` input resolve against.
    """

    word_count_threshold: Count = 1
    only_text: bool = False
    css_selector: str | None = None
    target_elements: list[str] = field(default_factory=list)
    excluded_tags: list[str] = field(default_factory=list)
    excluded_selector: Annotated[str, NoneMeans("")] = ""
    keep_data_attributes: bool = False
    keep_attrs: list[str] = field(default_factory=list)
    remove_forms: bool = False
    prettiify: bool = False
    markdown_generator: MarkdownGenerationStrategy | None = None
    hidden_text: Annotated[HiddenText, ConvertedBy(_hidden_text, "'drop', 'keep' or 'flag'")] = HiddenText.DROP
    prefetch: bool = False
    base_url: str | None = None
