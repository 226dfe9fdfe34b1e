"""The numbers by which the texts of a page are told apart, as columns of bytes.

Every number is brought to 0..254, so that a column can be compared with a threshold for all texts of a page in one call
(see `trees`). What holds for a group of texts is computed once for the group and looked up for its texts.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import accumulate
from math import log2

from nephila.extract.main_content.scanner import Container, Page, Segment
from nephila.extract.main_content.words import PHRASE_MARK, phrase_bits

TAGS = tuple(
    "div p li h1 h2 h3 h4 h5 h6 td th pre blockquote dt dd figcaption caption label button option summary article "
    "section address form nav header footer aside main legend textarea ul ol table tbody tr body dl figure".split()
)
_TAG = {tag: place + 1 for place, tag in enumerate(TAGS)}
WRAPPERS = tuple(
    "nav header footer aside article main section form ul ol table td dl figure details blockquote dialog pre fieldset "
    "select button menu thead textarea".split()
)
_WRAPPER = {tag: 1 << place for place, tag in enumerate(WRAPPERS)}
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

_SHORT = 12
"""Words up to which a text is looked at for phrases."""
_PROSE = 12
"""Words outside links from which a text counts as prose."""
LEVELS = 5
_HEAD = 160
"""Characters of a text that are searched for figures."""
_PRICE = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:€|kr\b|zł|USD|EUR|GBP|руб)")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\d[./-]\d{1,2}[./-]\d|\d:\d\d|\b\d+\s?(?:min|hours?|days?|years?|months?|weeks?)\b"
)
_DIGITS = re.compile(r"\d+")
_END = {".": 1, "!": 1, "?": 1, "。": 1, "…": 2, ":": 3, ",": 4, ";": 4}

_LOG = bytes(min(254, round(20 * log2(1 + value))) for value in range(6600))


def log_of(value: int) -> int:
    """`value` on a scale of 20 steps for each doubling."""
    return _LOG[value] if value < 6600 else 254


def share(part: int, whole: int) -> int:
    """`part` of `whole` on a scale of 200."""
    return min(254, part * 200 // whole) if whole else 0


class Columns:
    """The columns of one page, by name; each holds one byte for each text."""

    def __init__(self, page: Page, title: str, description: str) -> None:
        self.page = page
        self.columns: dict[str, bytes] = {}
        self.title = plain(title)
        self.title_words = frozenset(self.title.split())
        self.description = plain(description)
        self.segments = page.segments
        self.places = [segment.container for segment in page.segments]
        self._own()
        self._sums()
        self._headings()
        self._containers()
        self._groups()
        self._neighbours()

    def _own(self) -> None:
        rows = [self._row(segment) for segment in self.segments]
        names = (
            "words links_share links_words length end commas case digits marks links title_match title_share "
            "described parts names0 names1 names2 phrases0 phrases1"
        ).split()
        self.columns.update(zip(names, map(bytes, zip(*rows, strict=True)), strict=True))
        copies = Counter([segment.text[:80] for segment in self.segments])
        self.columns["copies"] = bytes([min(copies[segment.text[:80]], 254) for segment in self.segments])

    def _row(self, segment: Segment) -> tuple[int, ...]:
        text, words, linked = segment.text, segment.words, segment.link_words
        names = segment.names | self.page.containers[segment.container].names
        head = text[:_HEAD]
        digits = sum(map(len, _DIGITS.findall(head)))
        marks = segment.marks
        if digits:
            marks |= (32 if _PRICE.search(head) else 0) | (64 if _DATE.search(head) else 0)
        phrases = match = common = described = 0
        if words <= 40:
            line = plain(text)
            pieces = line.split()
            if words <= _SHORT:
                phrases = phrase_bits(pieces)
            if line and (line == self.title or (len(line) > 10 and line in self.title)):
                match = 1
            common = sum(map(self.title_words.__contains__, pieces)) * 200 // max(len(pieces), 1)
        if words > 4:
            described = int(plain(head)[:80] in self.description)
        if "©" in text:
            phrases |= PHRASE_MARK
        segment.price = marks & 32
        return (
            log_of(words),
            min(linked * 200 // (words or 1), 254),
            log_of(linked),
            min(len(text) * 10 // (words or 1), 254),
            _END.get(text[-1:], 0),
            min(text.count(",") * 200 // (words or 1), 254),
            (2 if text.isupper() else 1) if text[:1].isupper() else 0,
            min(digits * 200 // (len(head) or 1), 254),
            marks,
            min(segment.links, 254),
            match,
            min(common, 254),
            described,
            min(segment.end - segment.start, 254),
            names & 255,
            names >> 8 & 255,
            names >> 16,
            phrases & 255,
            phrases >> 8,
        )

    def _sums(self) -> None:
        """Running sums over the texts, for the numbers of any run of them."""
        segments, containers = self.segments, self.page.containers
        own = [segment.words - segment.link_words for segment in segments]
        self.words = [0, *accumulate([segment.words for segment in segments])]
        self.link_words = [0, *accumulate([segment.link_words for segment in segments])]
        self.prose = [0, *accumulate([words if words >= _PROSE else 0 for words in own])]
        self.linked = [0, *accumulate([segment.link_words * 2 > segment.words for segment in segments])]
        self.levels = [HEADINGS.get(containers[place].tag, 0) for place in self.places]
        self.heads = [0, *accumulate(map(bool, self.levels))]
        self.firsts = [0, *accumulate([level == 1 for level in self.levels])]
        self.priced = [0, *accumulate([segment.price > 0 for segment in segments])]
        self.dated = [0, *accumulate([mark & 80 > 0 for mark in self.columns["marks"]])]
        self.ended = [0, *accumulate([end == 1 for end in self.columns["end"]])]
        total, count = max(self.words[-1], 1), len(segments)
        self.columns["before"] = bytes([words * 200 // total for words in self.words[:-1]])
        self.columns["before_texts"] = bytes([place * 200 // count for place in range(count)])
        self.columns["level"] = bytes(self.levels)

    def _headings(self) -> None:
        """For every text, the last heading before it."""
        low, high = self.columns["phrases0"], self.columns["phrases1"]
        rows = []
        level = since = first = second = past = 0
        for place, own_level in enumerate(self.levels):
            if own_level:
                level, since, first, second = own_level, self.words[place], low[place], high[place]
                past |= own_level == 1
            rows.append((level, log_of(self.words[place] - since), past, first, second))
        names = ("under", "since", "past_h1", "heading0", "heading1")
        self.columns.update(zip(names, map(bytes, zip(*rows, strict=True)), strict=True))

    def _containers(self) -> None:
        """What every container is inside of; a container stands after the one around it."""
        rows: list[tuple[int, ...]] = []
        inherited: list[tuple[int, int]] = []
        containers = self.page.containers
        for container in containers:
            above = container.parent
            outer, outer_names = inherited[above] if above >= 0 else (0, 0)
            near = container.names | containers[above].names if above >= 0 else container.names
            wrappers, names = outer | _WRAPPER.get(container.tag, 0), outer_names | container.names
            inherited.append((wrappers, names))
            rows.append((
                min(container.depth, 254), _TAG.get(container.tag, 0),
                wrappers & 255, wrappers >> 8 & 255, wrappers >> 16,
                names & 255, names >> 8 & 255, names >> 16,
                near & 255, near >> 8 & 255, near >> 16,
            ))  # fmt: skip
        names_of = "depth tag in0 in1 in2 all0 all1 all2 near0 near1 near2".split()
        for name, column in zip(names_of, map(bytes, zip(*rows, strict=True)), strict=True):
            self._look_up(name, column, self.places)

    def _look_up(self, name: str, column: bytes, places: list[int]) -> None:
        self.columns[name] = bytes(map(column.__getitem__, places))

    def _groups(self) -> None:
        """The containers with several texts: each container belongs to the innermost one that is or holds it."""
        containers = self.page.containers
        groups: list[Container] = [containers[0]]
        up = [0]
        group_of = [0] * len(containers)
        sizes = [len(self.segments)]
        for place, container in enumerate(containers):
            if not place:
                continue
            above = group_of[container.parent]
            size = container.end - container.first
            if 1 < size < sizes[above]:
                group_of[place] = len(groups)
                groups.append(container)
                up.append(above)
                sizes.append(size)
            else:
                group_of[place] = above
        alike = Counter([(above, group.tag, group.names) for above, group in zip(up, groups, strict=True)])
        columns = list(map(bytes, zip(*[self._group_row(g, alike[u, g.tag, g.names]) for g, u in zip(groups, up, strict=True)], strict=True)))
        places = list(map(group_of.__getitem__, self.places))
        for level in range(LEVELS):
            if level:
                places = list(map(up.__getitem__, places))
            for name, column in zip(GROUP_COLUMNS, columns, strict=True):
                self._look_up(f"{name}@{level}", column, places)
            if level < 3:
                self.columns[f"into@{level}"] = bytes([
                    (place - groups[group].first) * 200 // sizes[group] for place, group in enumerate(places)
                ])
        self._cores(groups, list(map(group_of.__getitem__, self.places)), up)

    def _group_row(self, group: Container, alike: int) -> tuple[int, ...]:
        first, end = group.first, group.end
        count = max(end - first, 1)
        words = self.words[end] - self.words[first]
        prose = self.prose[end] - self.prose[first]
        return (
            log_of(words),
            share(self.link_words[end] - self.link_words[first], words),
            log_of(count),
            share(prose, words),
            share(prose, self.prose[-1]),
            share(words, self.words[-1]),
            log_of(words // count),
            share(self.linked[end] - self.linked[first], count),
            share(self.heads[end] - self.heads[first], count),
            share(self.priced[end] - self.priced[first], count),
            share(self.dated[end] - self.dated[first], count),
            share(self.ended[end] - self.ended[first], count),
            log_of(group.children),
            _TAG.get(group.tag, 0),
            log_of(alike),
            min(self.firsts[end] - self.firsts[first], 2),
            group.names & 255,
            group.names >> 8 & 255,
            group.names >> 16,
        )

    def _cores(self, groups: list[Container], places: list[int], up: list[int]) -> None:
        """The innermost groups with most of the page's prose, and where every text stands to them."""
        count = len(self.segments)
        for percent in (90, 70, 40):
            core = groups[0]
            for group in groups:
                inside = self.prose[group.end] - self.prose[group.first]
                if inside * 100 >= percent * self.prose[-1] and group.depth >= core.depth:
                    core = group
            depth = bytes([min(max(group.depth - core.depth, 0), 50) for group in groups])
            # 60 for inside plus the depth; below for before, above for after.
            column = []
            for place, group in enumerate(places):
                if core.first <= place < core.end:
                    column.append(60 + depth[group])
                elif place < core.first:
                    column.append(59 - (core.first - place) * 59 // count)
                else:
                    column.append(120 + (place - core.end) * 100 // count)
            self.columns[f"core{percent}"] = bytes(column)

    def _neighbours(self) -> None:
        """The numbers of the texts before and after."""
        columns = self.columns
        joined = bytes([0, *map(int.__eq__, self.places, self.places[1:])])
        columns["same-1"], columns["same+1"] = joined, joined[1:] + b"\0"
        for name in ("words", "links_share", "end", "level", "tag"):
            column = columns[name]
            columns[f"{name}-1"] = (b"\xfe" + column)[: len(column)]
            columns[f"{name}-2"] = (b"\xfe\xfe" + column)[: len(column)]
            columns[f"{name}+1"] = (column + b"\xfe")[1:]
            columns[f"{name}+2"] = (column + b"\xfe\xfe")[2:]


GROUP_COLUMNS = tuple(
    "words links texts prose prose_share words_share mean linked heads priced dated ended children tag alike h1 "
    "names0 names1 names2".split()
)


def plain(text: str) -> str:
    """`text` in lower case with single spaces."""
    return " ".join(text.lower().split())
