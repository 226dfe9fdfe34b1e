"""What the options change in Markdown that is already written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from nephila.extract.markdown_marks import ALIGNED, BLANK, FORMULA, SHIFTED, Marks
from nephila.extract.markdown_options import MarkdownOptions
from nephila.extract.markdown_syntax import LINK, Code, code_parts, link_free_parts

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_DEFINITION = re.compile(r"\[(\d+)\]: .*")
_REFERENCE = re.compile(r"\]\[(\d+)\]")
_EMPTY_LINE = re.compile(r"\n[ >\t]*(?=\n)")
_FORMULA = re.compile(rf"{FORMULA}(\d{{1,7}}){FORMULA}")
_BAR = re.compile(r"(?<!\\)\|")
_TAGGED = re.compile(r"(?<!\\)<(?P<tag>strong|em)>(?P<text>[^<>\n]+)</(?P=tag)>")
_TAG = re.compile("<(?:strong|em)>")
_LIST_ITEM = re.compile(r" {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]")


def resolve(markdown: str, marks: Marks, options: MarkdownOptions) -> str:
    """Return the renderer's `markdown` with what the marks that `prepare` left in the tree stand for.

    Args:
        markdown: What the renderer wrote.
        marks: What `prepare` returned.
        options: How emphasis is written.
    """
    if marks.others:
        if BLANK in markdown:
            markdown = _blank_lines(markdown)
        if any(mark in markdown for mark in ALIGNED.values()):
            markdown = _aligned(markdown)
        for tag, (opening, closing) in SHIFTED.items():
            if opening in markdown:
                markdown = markdown.replace(opening, f"<{tag}>").replace(closing, f"</{tag}>")
    known = marks.formulas
    if known:
        markdown = _FORMULA.sub(
            lambda match: known[int(match[1])] if int(match[1]) < len(known) else match[1], markdown
        )
    if _TAG.search(markdown):
        parts = [(part.start, part.end) for part in code_parts(markdown)]
        markdown = _change_around(markdown, parts, lambda prose: _emphasised(prose, options))
    return markdown


def finish(markdown: str, options: MarkdownOptions) -> str:
    """Return `markdown` with the changes that `options` ask for and the renderer cannot make."""
    if options.removed_escapes:
        unwanted = options.removed_escapes
        markdown = _change_around(
            markdown,
            ((part.start, part.end) for part in code_parts(markdown)),
            lambda prose: _ESCAPE.sub(lambda match: match[1] if match[1] in unwanted else match[0], prose),
        )
    if options.protect_links:
        markdown = _change_around(markdown, link_free_parts(markdown), lambda prose: LINK.sub(_protected, prose))
    if options.links_each_paragraph:
        markdown = _move_definitions(markdown)
    return markdown if options.mark_code else _indent_code(markdown)


def _blank_lines(markdown: str) -> str:
    """Leave an empty line where the marks of `BLANK` stand, unless there is one."""
    first, *others = markdown.split(BLANK)
    pieces = [_without_prefix(first)]
    for index, piece in enumerate(others):
        empty = _EMPTY_LINE.match(piece)
        if empty is not None:
            piece = piece[empty.end() :]
        pieces.append(piece if index == len(others) - 1 else _without_prefix(piece))
    return "".join(pieces)


def _without_prefix(text: str) -> str:
    """Remove the beginning of the line that holds a mark, and the line break before it."""
    stripped = text.rstrip(" >\t")
    return stripped[:-1] if stripped.endswith("\n") else text


def _aligned(markdown: str) -> str:
    """Write the alignment of columns as the marks in a table's header say."""
    lines = markdown.split("\n")
    signs = dict(zip(ALIGNED.values(), (":--", ":-:", "--:"), strict=True))
    for index, line in enumerate(lines):
        if not any(mark in line for mark in signs):
            continue
        cells = _BAR.split(line)
        delimiters = lines[index + 1].split("|") if index + 1 < len(lines) else []
        if len(delimiters) == len(cells):
            for column, cell in enumerate(cells):
                mark = next((mark for mark in signs if mark in cell), None)
                if mark is not None:
                    dashes = delimiters[column].strip(" ")
                    sign = signs[mark]
                    delimiters[column] = f" {sign[0]}{'-' * max(len(dashes) - 2, 1)}{sign[2]} "
            lines[index + 1] = "|".join(delimiters)
        for mark in signs:
            line = line.replace(mark, "")
        lines[index] = line
    return "\n".join(lines)


def _emphasised(prose: str, options: MarkdownOptions) -> str:
    """Write emphasis with marks where the renderer, which knows ASCII only, took to tags."""
    return _TAGGED.sub(lambda match: _with_marks(match, options), prose)


def _with_marks(match: re.Match[str], options: MarkdownOptions) -> str:
    mark = options.strong_mark if match["tag"] == "strong" else options.emphasis_mark
    text = match["text"]
    before = match.string[match.start() - 1 : match.start()] or " "
    after = match.string[match.end() : match.end() + 1] or " "
    if not mark.strip("*") and "*" not in (before, after, text[0], text[-1]):
        opens = not text[0].isspace() and (not _is_punctuation(text[0]) or _separates(before))
        closes = not text[-1].isspace() and (not _is_punctuation(text[-1]) or _separates(after))
        if opens and closes and mark:
            return f"{mark}{text}{mark}"
    return match[0]


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _separates(character: str) -> bool:
    return character.isspace() or _is_punctuation(character)


def _change_around(markdown: str, parts: Iterable[tuple[int, int]], change: Callable[[str], str]) -> str:
    """Apply `change` to everything but `parts`."""
    pieces: list[str] = []
    position = 0
    for start, end in parts:
        pieces.append(change(markdown[position:start]))
        pieces.append(markdown[start:end])
        position = end
    pieces.append(change(markdown[position:]))
    return "".join(pieces)


def _protected(match: re.Match[str]) -> str:
    """The link with its URL between angle brackets."""
    start, end = match.span("plain")
    if match["image"] is not None or start < 0 or "<" in match["plain"] or ">" in match["plain"]:
        return match[0]
    text, offset = match[0], match.start()
    return f"{text[: start - offset]}<{match['plain']}>{text[end - offset :]}"


def _move_definitions(markdown: str) -> str:
    """Move the list of link definitions at the end to behind the blocks that use them."""
    body, _, tail = markdown.rpartition("\n\n")
    definitions = {match[1]: match[0] for match in map(_DEFINITION.fullmatch, tail.split("\n")) if match}
    if len(definitions) != tail.count("\n") + 1:
        return markdown
    moved: list[str] = []
    waiting: list[str] = []
    blocks = _blocks(body)
    in_list = False
    for block, following in zip(blocks, [*blocks[1:], ""], strict=True):
        moved.append(block)
        waiting += [number for number in _REFERENCE.findall(block) if number in definitions]
        if block[:1] not in (" ", "\t"):
            in_list = _LIST_ITEM.match(block) is not None
        # Definitions inside a list would end it.
        if waiting and not (in_list and (following[:1] in (" ", "\t") or _LIST_ITEM.match(following))):
            moved.append("\n".join(definitions.pop(number) for number in dict.fromkeys(waiting)))
            waiting = []
    return "\n\n".join([*moved, *definitions.values()])


def _blocks(markdown: str) -> list[str]:
    """Split at blank lines outside fenced code."""
    blocks: list[str] = []
    start = position = 0
    fences = [part for part in code_parts(markdown) if part.fenced] + [Code(len(markdown), len(markdown), True)]
    for fence in fences:
        while (gap := markdown.find("\n\n", position, fence.start)) >= 0:
            blocks.append(markdown[start:gap])
            start = position = gap + 2
        position = fence.end
    blocks.append(markdown[start:])
    return blocks


def _indent_code(markdown: str) -> str:
    """Write fenced code blocks as blocks indented by four spaces."""
    pieces: list[str] = []
    position = 0
    for start, end, fenced in code_parts(markdown):
        if not fenced:
            continue
        line_start = markdown.rfind("\n", 0, start) + 1
        before = markdown[markdown.rfind("\n", 0, max(line_start - 1, 0)) + 1 : max(line_start - 1, 0)]
        pieces.append(markdown[position:line_start])
        pieces.append(_indented(markdown[line_start:end], start - line_start, bool(before.strip(" \t>-*+"))))
        position = end
    pieces.append(markdown[position:])
    return "".join(pieces)


def _indented(block: str, indent: int, after_text: bool) -> str:
    """One fenced block, whose fence stands `indent` characters into its line, as an indented one."""
    opening, *lines = block.split("\n")
    if lines and lines[-1][indent:].lstrip(" >").startswith(("```", "~~~")):
        lines.pop()
    prefix = opening[:indent]
    indented = [f"{line[:indent]}    {line[indent:]}" if line[indent:] else line.rstrip(" ") for line in lines]
    if prefix.strip(" \t>"):
        # The fence began a list item: its marker goes to the first line of code.
        first = indented[0][indent:] if indented else ""
        return "\n".join([prefix + first, *indented[1:]])
    # An indented block cannot follow a paragraph without a blank line.
    return "\n".join([prefix.rstrip(), *indented] if after_text else indented)
