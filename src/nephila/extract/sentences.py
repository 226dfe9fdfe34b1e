"""Sentences of any language, by rules: no model, no data files, linear time."""

from __future__ import annotations

import re
from typing import Final

from nephila.options.strategies import ChunkingStrategy

_END = re.compile(
    r"(?P<full>[。！？｡．]+[」』”’）】》〉\"'\)\]]*)"  # CJK: no space follows
    r"|(?P<stop>[.!?…‽؟۔।॥։።፧፨။៖។]+[\"'»”’›\)\]]*)"
    r"|(?P<blank>\n[ \t]*\n\s*)"
)
_ABBREVIATIONS: Final = frozenset(
    """
    mr mrs ms dr prof rev hon st sr jr sen rep gov gen col capt lt sgt maj adm messrs mmes vs etc inc ltd co corp dept
    est approx fig figs no nos vol vols ed eds pp p ch sec al cf viz resp e.g i.e a.m p.m u.s u.k u.n ph.d
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun ave blvd rd
    bzw ca evtl ggf inkl exkl max min mind nr s.o s.u u.a u.ä usw vgl z.b z.t d.h o.ä i.d.r abs art bd bsp dipl hr fr
    ing str tel zzgl abb aufl hrsg jh
    m mm mme mlle mgr env ex av bd boul cie éd réf tél p.ex c.-à-d
    sra srta ud uds vd dña ee.uu pág págs núm aprox avda
    sig sigg dott avv arch geom ecc pag es
    sra dra exmo exma
    dhr mevr mw drs mr ir bijv enz o.a m.b.t d.w.z blz
    т.е т.д т.п т.к г гг в вв им ул д кв стр рис руб коп тыс млн млрд см напр др
    np tzn tzw itd itp ul prof ok godz
    """.split()
)
"""Words after which a full stop ends no sentence, in lower case and without their last stop."""
_LOOK_BACK: Final = 24
"""Characters before a stop that its word is looked for in."""
_MONTHS: Final = (
    "januar februar märz april mai juni juli august september oktober november dezember jänner januari februari maart "
    "augustus maj juni juli marts oktober leden únor"
).split()


def sentence_ends(text: str) -> list[int]:
    """Where the sentences of `text` end, each with the white space after it; the last is `len(text)`.

    A sentence ends with a mark such as `.`, `!`, `?`, `。` or `।` and the quotes that close after it, or with a blank
    line. A full stop ends none after an abbreviation, an initial or a number that counts something, within a number,
    an address or a name, or before a small letter.
    """
    ends: list[int] = []
    for match in _END.finditer(text):
        if match.lastgroup == "stop" and not _is_end(text, match.start(), match.end()):
            continue
        end = match.end()
        while end < len(text) and text[end].isspace():
            end += 1
        if not ends or end > ends[-1]:
            ends.append(end)
    if text and (not ends or ends[-1] < len(text)):
        ends.append(len(text))
    return ends


def _is_end(text: str, start: int, end: int) -> bool:
    """Whether the marks at `text[start:end]` end a sentence."""
    if end >= len(text):
        return True
    if not text[end].isspace():
        # No space follows: a number, an address, a name, unless the script writes without spaces.
        return text[start] in "؟۔।॥။។"
    following = text[end : end + _LOOK_BACK].lstrip()
    first = following.lstrip("\"'«“‘„¿¡([*_#-> ")[:1]
    if first.islower():
        return False
    if text[start] != "." or text[start : start + 2] in ("..", ".!", ".?"):
        return True
    return not _stop_belongs_to_word(text, start, following)


def _stop_belongs_to_word(text: str, stop: int, following: str) -> bool:
    before = text[max(0, stop - _LOOK_BACK) : stop]
    words = before.split()
    if not words or before[-1:].isspace():
        return False
    word = words[-1].lstrip("(\"'«“‘„[*_").lower()
    if word in _ABBREVIATIONS:
        return True
    if len(word) == 1 and word.isalpha() and words[-1][-1].isupper():
        return True
    if word.isdigit():
        # "1. First" at the beginning of a line, "3. Mai".
        line = before.rpartition("\n")[2].strip()
        next_word = following.split()[:1]
        return line == word or (bool(next_word) and next_word[0].lower() in _MONTHS)
    return False


class NlpSentenceChunking(ChunkingStrategy):
    """One sentence a piece, in any language; see `sentence_ends` for the rules."""

    def chunk(self, text: str) -> list[str]:
        """Return the sentences in their order, without the white space around them."""
        pieces, start = [], 0
        for end in sentence_ends(text):
            piece = text[start:end].strip()
            if piece:
                pieces.append(piece)
            start = end
        return pieces
