import pytest
import turbohtml

from nephila.extract.metadata import read_metadata

GERMAN = (
    "<p>Die Seidenspinne baut ein großes goldenes Netz, das auch kleine Vögel halten kann, und lebt in den Tropen. " * 3
)


def language(html):
    return read_metadata(turbohtml.parse(html), "https://example.com/").get("language")


@pytest.mark.parametrize(
    ("html", "tag"),
    [
        ('<html lang="de">', "de"),
        ('<html lang=" pt_BR ">', "pt-BR"),
        ('<html lang="zh-Hant-TW">', "zh-Hant-TW"),
        ('<html xml:lang="fr">', "fr"),
        ('<html lang=""><meta http-equiv="Content-Language" content="it, en">', "it"),
        ('<html lang="{{ lang }}"><meta http-equiv="content-language" content="es">', "es"),
        (GERMAN, "de"),
        (f'<html lang="en">{GERMAN}', "en"),
        ("<p>Kurz.", None),
        ("", None),
    ],
)
def test_language(html, tag):
    assert language(html) == tag
