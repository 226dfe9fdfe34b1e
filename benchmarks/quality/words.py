"""No word of a page is lost, doubled or glued: the words of the Markdown, rendered, are those of the page."""

from __future__ import annotations

import difflib
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import turbohtml

from benchmarks.corpus import corpus_files, corpus_folder
from benchmarks.quality.round_trip import back, walk
from nephila.extract.markdown import DefaultMarkdownGenerator

PAGES = 150
_WORD = re.compile(r"\w+")
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label map mark nobr s samp small span strike"
    " strong time tt u var wbr".split()
)
_DRAWN = "math,script,sup,sub,ruby,q,img,select,textarea,input"
"""What is written in other words than its own."""


def words_of(html: str) -> list[str]:
    """The words in a piece of HTML, told apart where a block or a control begins or ends."""
    pieces: list[str] = []
    for _, node in walk(turbohtml.parse(html)):
        if isinstance(node, turbohtml.Text):
            pieces.append(node.data)
        elif isinstance(node, turbohtml.Element) and node.tag not in _INLINE:
            pieces.append(" ")
    return _WORD.findall("".join(pieces))


def compared(html: str) -> tuple[int, int, int]:
    """How many words a page has, how many its Markdown lacks, and how many it has beyond them."""
    tree = turbohtml.parse(html)
    tree.remove(f"head,style,template,svg,canvas,iframe,object,embed,noscript,{_DRAWN}")
    body = tree.find("body")
    source = body.serialize() if body is not None else ""
    options = {"open_quote": "", "close_quote": ""}
    markdown = DefaultMarkdownGenerator(options=options).generate_markdown(source, citations=False).raw_markdown
    wanted, found = words_of(source), words_of(back(markdown, gfm=True))
    if wanted == found:
        return len(wanted), 0, 0
    lost = added = 0
    for kind, start, end, other_start, other_end in difflib.SequenceMatcher(
        a=wanted, b=found, autojunk=False
    ).get_opcodes():
        if kind != "equal":
            lost += end - start
            added += other_end - other_start
    return len(wanted), lost, added


def pages() -> list[str]:
    """Some pages of the corpus, the same every time; none where there is no corpus."""
    files = corpus_files(corpus_folder(Path(__file__).parents[2]))
    step = max(len(files) // PAGES, 1)
    return [gzip.decompress(file.read_bytes()).decode("utf-8", "replace") for file in files[::step][:PAGES]]


def rows() -> Iterator[tuple[str, str, str, bool | None]]:
    """What was measured, the figure, its floor, and whether it is reached."""
    total = lost = added = clean = 0
    sample = [page for page in pages() if len(page) < 400_000]
    if not sample:
        yield "words of the corpus", "no corpus here", "", None
        return
    for page in sample:
        words, missing, more = compared(page)
        total, lost, added, clean = total + words, lost + missing, added + more, clean + (missing == more == 0)
    yield (
        f"words lost or glued, of {total:,} on {len(sample)} pages",
        f"{lost} ({lost / total:.3%})",
        "0.1 %",
        lost <= total / 1000,
    )
    yield "words doubled or made up", f"{added} ({added / total:.3%})", "0.1 %", added <= total / 1000
    yield "pages with the same words in the same order", f"{clean} of {len(sample)}", "", None
