"""What short texts on pages speak of, by words that mark the furniture of pages in the common languages."""

from __future__ import annotations

_WORDS = (
    ("share", "share tweet facebook twitter pinterest whatsapp linkedin instagram youtube follow teilen compartir "
              "partager social telegram reddit condividi udostępnij"),
    ("signup", "subscribe newsletter sign signup log login register email password account abonnieren anmelden inbox "
               "join member donate s'abonner suscribirse iscriviti"),
    ("consent", "cookie cookies consent gdpr accept datenschutz privacy policy terms imprint impressum mentions legal "
                "datenschutzerklärung agb"),
    ("related", "related recommended popular trending latest recent similar also more read next previous viewed mehr "
                "plus articles posts stories ähnliche auch weitere relacionados articoli lire aussi más neueste"),
    ("comment", "comment comments reply replies respond discussion kommentare kommentar leave responses commentaires "
                "comentarios antworten répondre"),
    ("ad", "advertisement sponsored ad ads anzeige promoted publicidad werbung affiliate reklama publicité"),
    ("rights", "copyright reserved rights ltd inc vorbehalten"),
    ("shop", "cart add buy checkout wishlist quantity price sale shipping delivery stock sold out bag order compare "
             "warenkorb preis panier versand"),
    ("filter", "filter sort clear show view results items reset apply category categories load kategorien kategorie"),
    ("nav", "menu home skip navigation back top search contact about help close open toggle page expand startseite "
            "kontakt suche suchen zurück accueil inicio über"),
    ("meta", "by posted published updated written author date min ago edited last filed tags photo credit image source "
             "views likes von par por autor veröffentlicht foto schlagwörter"),
    ("faq", "faq question what how why q a can is do"),
    ("review", "review reviews rating ratings stars customers helpful verified bewertungen"),
    ("print", "print pdf download copy save report edit quote link permalink like drucken bearbeiten"),
)  # fmt: skip

PHRASES = tuple(name for name, _ in _WORDS)
"""What each bit of `phrase_bits` stands for, the lowest first."""
PHRASE_MARK = 1 << PHRASES.index("rights")


def _table() -> dict[str, int]:
    bits: dict[str, int] = {}
    for place, (_, words) in enumerate(_WORDS):
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << place
    return bits


_BITS = _table()
_EDGE = ",.;:!?()[]\"'|»›…"


def phrase_bits(words: list[str]) -> int:
    """The bits of `PHRASES` that the words of a short text speak of."""
    bits = 0
    for word in words:
        bits |= _BITS.get(word, 0) or _BITS.get(word.strip(_EDGE), 0)
    return bits
