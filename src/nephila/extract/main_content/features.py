"""The numbers by which the texts of a page are told apart, as columns of bytes.

Every number is brought to 0..254, so that a column can be compared with a threshold for all texts of a page in one call
(see `trees`). What holds for a group of texts is computed once for the group and looked up for its texts. None of the
numbers depends on the language.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from math import log2

from nephila.extract.main_content.scanner import Page

_TAGS = (
    "div p li h1 h2 h3 h4 h5 h6 td th pre blockquote dt dd figcaption caption label button option summary article "
    "section address form nav header footer aside main legend textarea ul ol table tbody tr body dl figure"
).split()
_TAG = {tag: place + 1 for place, tag in enumerate(_TAGS)}
_WRAPPERS = (
    "header aside article main section form ul ol table td dl figure details blockquote dialog pre fieldset menu thead "
    "button"
).split()
_WRAPPER = {tag: 1 << place for place, tag in enumerate(_WRAPPERS)}
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}

_PROSE = 12
"""Words outside links from which a text counts as prose."""
LEVELS = 5
_HEAD = 80
"""Characters of a text that are searched for figures, and by which copies are told."""
_PRICE = re.compile(r"[$€£¥₹]\s?\d|\d\s?(?:€|kr\b|zł|USD|EUR|GBP|руб)")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\d[./-]\d{1,2}[./-]\d|\d:\d\d|\b\d+\s?(?:min|hours?|days?|years?|months?|weeks?)\b"
)
_END = {".": 1, "!": 1, "?": 1, "。": 1, "…": 2, ":": 3, ",": 4, ";": 4}

_LOG = bytes(min(254, round(20 * log2(1 + value))) for value in range(6600))


def log_of(value: int) -> int:
    """`value` on a scale of 20 steps for each doubling."""
    return _LOG[value] if value < 6600 else 254


def share(part: int, whole: int) -> int:
    """`part` of `whole` on a scale of 200."""
    return min(254, part * 200 // whole) if whole else 0


def _sums(values: Iterable[int]) -> list[int]:
    return [0, *accumulate(values)]


class Columns:
    """The columns of one page, by name; each holds one byte for each text."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.columns: dict[str, bytes] = {}
        self.count = len(page.texts)
        self._measure_texts()
        self._measure_headings()
        self._look_around()
        self._form_groups()
        self._measure_groups()
        self._find_cores()

    def _put(self, names: Sequence[str], rows: Iterable[Sequence[int]], suffix: str = "") -> None:
        """Add columns whose values are given text by text."""
        for name, column in zip(names, zip(*rows, strict=True), strict=True):
            self.columns[name + suffix] = bytes(column)

    def _measure_texts(self) -> None:
        page, columns = self.page, self.columns
        texts, words, links = page.texts, page.words, page.links
        self.words, self.links = _sums(words), _sums(links)
        self.prose = _sums(
            [own if (own := count - linked) >= _PROSE else 0 for count, linked in zip(words, links, strict=True)]
        )
        self.linked = _sums([linked * 2 > count for count, linked in zip(words, links, strict=True)])
        heads = [text[:_HEAD] for text in texts]
        priced = [_PRICE.search(head) is not None for head in heads]
        dated = [_DATE.search(head) is not None for head in heads]
        end = [_END.get(text[-1], 0) for text in texts]
        self.priced, self.dated, self.ended = _sums(priced), _sums(dated), _sums([kind == 1 for kind in end])
        copies = Counter(heads)
        total = self.words[-1] or 1
        columns["words"] = bytes(map(log_of, words))
        columns["links"] = bytes([linked * 200 // count for count, linked in zip(words, links, strict=True)])
        columns["length"] = bytes([min(len(text) * 10 // count, 254) for count, text in zip(words, texts, strict=True)])
        columns["commas"] = bytes(
            [min(text.count(",") * 200 // count, 254) for count, text in zip(words, texts, strict=True)]
        )
        columns["end"] = bytes(end)
        columns["figures"] = bytes([price + 2 * date for price, date in zip(priced, dated, strict=True)])
        columns["copies"] = bytes([min(copies[head], 254) for head in heads])
        columns["before"] = bytes([before * 200 // total for before in self.words[:-1]])
        columns["before_texts"] = bytes([place * 200 // self.count for place in range(self.count)])

    def _measure_headings(self) -> None:
        """For every text, the last heading before it."""
        tags, words = self.page.tags, self.words
        levels = [HEADINGS.get(tags[place], 0) for place in self.page.places]
        rows = []
        level = since = past = 0
        for place, own_level in enumerate(levels):
            if own_level:
                level, since = own_level, words[place]
                past |= own_level == 1
            rows.append((level, log_of(words[place] - since), past))
        self._put(("under", "since", "past_h1"), rows)
        self.heads, self.titles = _sums(map(bool, levels)), _sums([level == 1 for level in levels])

    def _look_around(self) -> None:
        """What every block element is inside of; an element stands after the one around it."""
        page = self.page
        wrappers, names = [0], [0]
        rows = [(0,) * 9]
        every = zip(page.tags, page.parents, page.depths, page.names, strict=True)
        next(every)
        for tag, above, depth, own in every:
            inside, inherited = wrappers[above] | _WRAPPER.get(tag, 0), names[above] | own
            wrappers.append(inside)
            names.append(inherited)
            near = own | page.names[above]
            rows.append((
                depth if depth < 254 else 254, _TAG.get(tag, 0),
                inside & 255, inside >> 8 & 255, inside >> 16,
                inherited & 255, inherited >> 8 & 255, inherited >> 16,
                near & 255,
            ))  # fmt: skip
        self._put(
            ("depth", "tag", "in0", "in1", "in2", "all0", "all1", "all2", "near0"),
            [rows[place] for place in page.places],
        )
        close_by = [page.names[place] | page.names[page.parents[place]] for place in page.places]
        self._put(("near1", "near2"), [(bits >> 8 & 255, bits >> 16) for bits in close_by])
        own_tags = self.columns["tag"]
        self.columns["tag-1"] = (b"\xfe" + own_tags)[:-1]
        self.columns["tag+1"] = (own_tags + b"\xfe")[1:]
        self.columns["tag+2"] = (own_tags + b"\xfe\xfe")[2:]
        own_words = self.columns["words"]
        self.columns["words-1"] = (b"\xfe" + own_words)[:-1]
        self.columns["words+1"] = (own_words + b"\xfe")[1:]

    def _form_groups(self) -> None:
        """The elements with several texts; each element belongs to the innermost of them that is or holds it."""
        page = self.page
        self.groups = [0]
        self.up = [0]
        group_of = [0] * len(page.tags)
        sizes = [self.count]
        every = zip(page.parents, page.firsts, page.ends, strict=True)
        next(every)
        for place, (parent, first, end) in enumerate(every, 1):
            above = group_of[parent]
            if 1 < end - first < sizes[above]:
                group_of[place] = len(sizes)
                self.groups.append(place)
                self.up.append(above)
                sizes.append(end - first)
            else:
                group_of[place] = above
        self.group_places = [group_of[place] for place in page.places]

    def _measure_groups(self) -> None:
        page, up = self.page, self.up
        keys = [(above, page.tags[place], page.names[place]) for above, place in zip(up, self.groups, strict=True)]
        alike = Counter(keys)
        alike_words: Counter[tuple[int, str, int]] = Counter()
        alike_prose: Counter[tuple[int, str, int]] = Counter()
        for key, place in zip(keys, self.groups, strict=True):
            first, end = page.firsts[place], page.ends[place]
            alike_words[key] += self.words[end] - self.words[first]
            alike_prose[key] += self.prose[end] - self.prose[first]
        rows = [
            (*self._group_row(place), log_of(alike[key]), share(alike_words[key], self.words[-1]),
             share(alike_prose[key], self.prose[-1]))
            for key, place in zip(keys, self.groups, strict=True)
        ]  # fmt: skip
        firsts = [page.firsts[place] for place in self.groups]
        sizes = [max(page.ends[place] - page.firsts[place], 1) for place in self.groups]
        places = self.group_places
        for level in range(LEVELS):
            if level:
                places = [up[place] for place in places]
            self._put(GROUP_COLUMNS, [rows[place] for place in places], f"@{level}")
            if level in (1, 2):
                self.columns[f"into@{level}"] = bytes(
                    [(text - firsts[place]) * 200 // sizes[place] for text, place in enumerate(places)]
                )

    def _group_row(self, place: int) -> tuple[int, ...]:
        page = self.page
        first, end = page.firsts[place], page.ends[place]
        count = end - first or 1
        words = self.words[end] - self.words[first]
        prose = self.prose[end] - self.prose[first]
        names = page.names[place]
        return (
            log_of(words),
            share(self.links[end] - self.links[first], words),
            log_of(count),
            share(prose, words),
            share(prose, self.prose[-1]),
            share(words, self.words[-1]),
            log_of(words // count),
            (self.linked[end] - self.linked[first]) * 200 // count,
            (self.heads[end] - self.heads[first]) * 200 // count,
            (self.priced[end] - self.priced[first]) * 200 // count,
            (self.dated[end] - self.dated[first]) * 200 // count,
            (self.ended[end] - self.ended[first]) * 200 // count,
            log_of(page.children[place]),
            _TAG.get(page.tags[place], 0),
            names & 255,
            names >> 8 & 255,
        )

    def _find_cores(self) -> None:
        """The innermost groups with most of the page's prose, and where every text stands to them."""
        page, count = self.page, self.count
        inside = [self.prose[page.ends[place]] - self.prose[page.firsts[place]] for place in self.groups]
        for percent in (90, 70, 40):
            least = percent * self.prose[-1] / 100
            core = 0
            for place, prose in zip(self.groups, inside, strict=True):
                if prose >= least and page.depths[place] >= page.depths[core]:
                    core = place
            # 60 for inside plus the depth; below for before, above for after.
            deep = [60 + min(max(page.depths[place] - page.depths[core], 0), 50) for place in self.groups]
            first, end = page.firsts[core], page.ends[core]
            self.columns[f"core{percent}"] = bytes(
                [
                    *[59 - (first - place) * 59 // count for place in range(first)],
                    *[deep[group] for group in self.group_places[first:end]],
                    *[120 + (place - end) * 100 // count for place in range(end, count)],
                ]
            )


GROUP_COLUMNS = (
    "words links texts prose prose_share words_share mean linked heads priced dated ended children tag names0 names1 "
    "alike alike_words alike_prose"
).split()
