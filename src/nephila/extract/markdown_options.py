"""The options of `DefaultMarkdownGenerator`: their names, defaults and what they mean to the renderer."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, fields, replace
from typing import Literal

import turbohtml

from nephila.errors import ConfigError, UnsupportedOptionError
from nephila.models import JSONValue


@dataclass(frozen=True, kw_only=True)
class MarkdownOptions:
    """How Markdown is written. The names are those the field knows from html2text.

    Attributes:
        ignore_links: Write a link's text only.
        ignore_mailto_links: Write a mail address link's text only.
        skip_internal_links: Write the text only of links to a place in the same page.
        inline_links: `[text](url)`; False writes `[text][1]` and lists the URLs at the end.
        links_each_paragraph: With `inline_links=False`, list them after each block instead.
        protect_links: Put every URL between `<` and `>`.
        use_automatic_links: Write `<url>` for a link whose text is its URL.
        ignore_images: Leave images out.
        images_to_alt: Write an image's alternative text only.
        images_as_html: Write images as `<img>`.
        images_with_size: Write images that have a width or a height as `<img>`.
        default_image_alt: Alternative text of images that have none.
        data_uris: Keep images whose source is a `data:` URI; otherwise their alternative text stays.
            Cleaned HTML has none of them, so this needs `content_source="raw_html"`.
        ignore_emphasis: No marks for emphasis.
        emphasis_mark: What stands around emphasised text.
        strong_mark: What stands around strong text.
        hide_strikethrough: Leave out struck text.
        include_sup_sub: Write `<sup>` and `<sub>`; otherwise their text only.
        open_quote: What stands before the text of `<q>`.
        close_quote: What stands behind it.
        ul_item_mark: The bullet; several characters are used in turn by depth.
        mark_code: Fence code blocks; False indents them by four spaces and loses their language.
        handle_code_in_pre: Keep the backticks of `<code>` that is only a part of a code block.
        bypass_tables: Write tables as HTML.
        ignore_tables: Write the text of tables only.
        pad_tables: Align the columns of tables.
        body_width: Wrap prose at this column; 0 does not wrap.
        wrap_links: Let a link break across lines.
        wrap_list_items: Wrap list items too.
        wrap_tables: Not supported when True: a table row with a line break in it is no table row.
        single_line_break: One line break between blocks instead of a blank line. Paragraphs then run together when
            the Markdown is rendered.
        escape_html: Escape `<` in prose, so that it stays text.
        escape_snob: Escape every character that could mean something in Markdown, not only where it would.
        escape_backslash: Escape backslashes.
        escape_dot: Escape the dot of a number at the start of a line.
        escape_plus: Escape a plus sign at the start of a line.
        escape_dash: Escape a hyphen at the start of a line.
        unicode_snob: Keep typographic characters; False writes quotes, dashes and the like in ASCII.
        google_doc: Read the inline styles of a Google Docs export. Needs `style` attributes, so
            `content_source="raw_html"`.
        google_list_indent: Pixels of indentation per list level in such an export.
        preserve_tags: Names of elements written as HTML.
        citations: Also write the variant with numbered marks.
    """

    ignore_links: bool = False
    ignore_mailto_links: bool = False
    skip_internal_links: bool = False
    inline_links: bool = True
    links_each_paragraph: bool = False
    protect_links: bool = False
    use_automatic_links: bool = True
    ignore_images: bool = False
    images_to_alt: bool = False
    images_as_html: bool = False
    images_with_size: bool = False
    default_image_alt: str = ""
    data_uris: bool = False
    ignore_emphasis: bool = False
    emphasis_mark: str = "*"
    strong_mark: str = "**"
    hide_strikethrough: bool = False
    include_sup_sub: bool = True
    open_quote: str = '"'
    close_quote: str = '"'
    ul_item_mark: str = "-"
    mark_code: bool = True
    handle_code_in_pre: bool = False
    bypass_tables: bool = False
    ignore_tables: bool = False
    pad_tables: bool = False
    body_width: int = 0
    wrap_links: bool = True
    wrap_list_items: bool = False
    wrap_tables: bool = False
    single_line_break: bool = False
    escape_html: bool = True
    escape_snob: bool = False
    escape_backslash: bool = True
    escape_dot: bool = True
    escape_plus: bool = True
    escape_dash: bool = True
    unicode_snob: bool = True
    google_doc: bool = False
    google_list_indent: int = 36
    preserve_tags: tuple[str, ...] = ()
    citations: bool = True

    @classmethod
    def from_mapping(cls, options: Mapping[str, JSONValue]) -> MarkdownOptions:
        """Check `options` and build the object.

        Raises:
            ConfigError: There is no such option, or its value has the wrong type or is out of range.
            UnsupportedOptionError: The option is known and can have no effect here.
        """
        if not options:
            return cls()
        known = {option.name: option.default for option in fields(cls)}
        values: dict[str, JSONValue | tuple[str, ...]] = {}
        for name, value in options.items():
            if name not in known:
                near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
                hint = f"; did you mean {near[0]!r}?" if near else f". There are: {', '.join(sorted(known))}."
                raise ConfigError(f"There is no Markdown option {name!r}{hint}")
            values[name] = _checked(name, value, known[name])
        checked = cls(**values)  # type: ignore[arg-type]
        _refuse_impossible(checked)
        return checked

    def with_inline_links(self) -> MarkdownOptions:
        """Return the same options with links written inline."""
        return self if self.inline_links else replace(self, inline_links=True, links_each_paragraph=False)

    @property
    def removed_escapes(self) -> str:
        """The characters that are not escaped although the renderer does."""
        escaped = {
            "<": self.escape_html,
            "\\": self.escape_backslash,
            ".": self.escape_dot,
            "+": self.escape_plus,
            "-": self.escape_dash,
        }
        return "".join(character for character, wanted in escaped.items() if not wanted)

    @property
    def leaves_as_rendered(self) -> bool:
        """Whether what the renderer writes needs no changes afterwards."""
        return (
            self.inline_links
            and self.mark_code
            and not (self.protect_links or self.links_each_paragraph or self.removed_escapes)
        )

    def renderer(self) -> turbohtml.Markdown | None:
        """Return the configuration of the renderer; None when it is the default."""
        if self == MarkdownOptions():
            return None
        style = turbohtml.Markdown
        return style(
            lists=style.Lists(bullets=self.ul_item_mark),
            inline=style.Inline(
                strong=self.strong_mark,
                emphasis=self.emphasis_mark,
                strikethrough="hide" if self.hide_strikethrough else "keep",
                ignore_emphasis=self.ignore_emphasis,
                hide_strikethrough=self.hide_strikethrough,
                quote_open=self.open_quote,
                quote_close=self.close_quote,
            ),
            links=style.Links(
                style="inline" if self.inline_links else "reference",
                autolink=self.use_automatic_links,
                ignore=self.ignore_links,
            ),
            images=style.Images(mode=self._image_mode(), default_alt=self.default_image_alt),
            tables=style.Tables(mode=self._table_mode(), pad=self.pad_tables),
            escaping=style.Escaping(mode="all" if self.escape_snob else "minimal"),
            wrapping=style.Wrapping(width=self.body_width, list_items=self.wrap_list_items, links=self.wrap_links),
            document=style.Document(
                block_spacing="single" if self.single_line_break else "double",
                transliterate=not self.unicode_snob,
            ),
            google=style.GoogleDoc(enabled=self.google_doc, list_indent=self.google_list_indent),
            converters=self._converters(),
        )

    def _image_mode(self) -> Literal["markdown", "alt", "ignore", "html"]:
        if self.ignore_images:
            return "ignore"
        if self.images_as_html:
            return "html"
        return "alt" if self.images_to_alt else "markdown"

    def _table_mode(self) -> Literal["markdown", "strip", "html"]:
        if self.bypass_tables:
            return "html"
        return "strip" if self.ignore_tables else "markdown"

    def _converters(self) -> dict[str, Callable[[turbohtml.Element, str], str]] | None:
        """What writes elements the renderer has no setting for."""
        converters: dict[str, Callable[[turbohtml.Element, str], str]] = {}
        if self.images_with_size and self._image_mode() == "markdown":
            converters["img"] = _sized_image(self.default_image_alt)
        converters.update(dict.fromkeys(self.preserve_tags, _as_html))
        return converters or None


def _as_html(element: turbohtml.Element, markdown: str) -> str:
    return element.html


def _sized_image(default_alt: str) -> Callable[[turbohtml.Element, str], str]:
    plain = turbohtml.Markdown(images=turbohtml.Markdown.Images(default_alt=default_alt))
    tagged = turbohtml.Markdown(images=turbohtml.Markdown.Images(mode="html", default_alt=default_alt))

    def write(element: turbohtml.Element, markdown: str) -> str:
        sized = element.attr("width") or element.attr("height")
        # An image has no inside: only an element around it can be written.
        return turbohtml.Element("p", children=[copy(element)]).to_markdown(tagged if sized else plain)

    return write


def _checked(name: str, value: JSONValue | tuple[str, ...], default: object) -> JSONValue | tuple[str, ...]:
    """Return `value` if it is of the kind of `default`."""
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ConfigError(f"The Markdown option {name!r} is True or False, not {value!r}.")
    elif isinstance(default, int):
        smallest = 1 if name == "google_list_indent" else 0
        if not isinstance(value, int) or isinstance(value, bool) or value < smallest:
            raise ConfigError(f"The Markdown option {name!r} is a whole number from {smallest} up, not {value!r}.")
    elif isinstance(default, str):
        if not isinstance(value, str):
            raise ConfigError(f"The Markdown option {name!r} is a string, not {value!r}.")
        if name == "ul_item_mark" and (not value or set(value) - set("-*+")):
            raise ConfigError(f"The Markdown option {name!r} is made of the bullets -, * and +, not {value!r}.")
    else:
        if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
            raise ConfigError(f"The Markdown option {name!r} is a list of tag names, not {value!r}.")
        return tuple(sorted(str(tag).lower() for tag in value))
    return value


def _refuse_impossible(options: MarkdownOptions) -> None:
    """Raise for what is known but cannot be done."""
    if options.wrap_tables:
        raise UnsupportedOptionError(
            "The Markdown option 'wrap_tables' is not supported: a table row with a line break in it is no table row."
        )
    if options.links_each_paragraph and options.inline_links:
        raise ConfigError("The Markdown option 'links_each_paragraph' needs inline_links=False.")
