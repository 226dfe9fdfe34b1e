"""What language a page is written in."""

from __future__ import annotations

import re
from itertools import islice

import turbohtml
from turbohtml.detect import LanguageDetection, detect_language

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}\Z")
_ENOUGH = 200
"""Characters of text from which on the detector is right nearly always."""
_SAMPLE = 800
_MOST = 200
"""Elements that are looked at."""
_SURE = LanguageDetection(threshold=0.5)

_TWO_LETTERS = (
    "afr:af aka:ak amh:am ara:ar aze:az bel:be ben:bn bul:bg cat:ca ces:cs cmn:zh dan:da deu:de ell:el eng:en epo:eo "
    "est:et fin:fi fra:fr guj:gu heb:he hin:hi hrv:hr hun:hu hye:hy ind:id ita:it jav:jv jpn:ja kan:kn kat:ka khm:km "
    "kor:ko lat:la lav:lv lit:lt mal:ml mar:mr mkd:mk mya:my nep:ne nld:nl nob:nb ori:or pan:pa pes:fa pol:pl por:pt "
    "ron:ro rus:ru sin:si slk:sk slv:sl sna:sn spa:es srp:sr swe:sv tam:ta tel:te tgl:tl tha:th tuk:tk tur:tr ukr:uk "
    "urd:ur uzb:uz vie:vi yid:yi zul:zu"
)
"""The two-letter codes (ISO 639-1) of the detector's three-letter ones (ISO 639-3)."""


def declared_language(tree: turbohtml.Document, declared: str) -> str | None:
    """The language the page says it is in, as a BCP 47 tag: from `<html lang>`, else `declared`.

    Args:
        tree: The page.
        declared: The value of `<meta http-equiv="content-language">`.
    """
    root = tree.root
    if root is not None:
        for name in ("lang", "xml:lang"):
            if tag := _checked(root.attr(name) or ""):
                return tag
    return _checked(declared.partition(",")[0])


def detected_language(tree: turbohtml.Document) -> str | None:
    """The language its first paragraphs are written in; None when they are few, or no language is likely enough."""
    sample: list[str] = []
    length = 0
    for paragraph in islice(tree.iter_elements(("p", "li", "td", "h1", "h2")), _MOST):
        text = paragraph.text[:_SAMPLE].strip()
        sample.append(text)
        length += len(text)
        if length >= _SAMPLE:
            break
    if length < _ENOUGH:
        return None
    language = detect_language("\n".join(sample)[:_SAMPLE], _SURE).language
    return None if language is None else _code(language)


def _checked(tag: str) -> str | None:
    tag = tag.strip()
    return tag.replace("_", "-") if _TAG.match(tag) else None


def _code(language: str) -> str:
    """The two-letter code of a three-letter one, or the latter where there is none."""
    place = _TWO_LETTERS.find(language + ":")
    return language if place < 0 else _TWO_LETTERS[place + 4 : place + 6]
