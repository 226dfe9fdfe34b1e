import gzip

import pytest
from hypothesis import given, strategies as st

from nephila.errors import ReadError
from nephila.html.decode import canonical_name, charset_label, decode, decode_body, decode_text, parse_html

SAMPLES = {
    "utf-8": "Grüße aus Köln, 東京 und Москва",
    "gbk": "中文网页内容，今天天气很好，我们去公园玩。",
    "gb2312": "中文网页内容，今天天气很好，我们去公园玩。",
    "gb18030": "中文网页内容，今天天气很好，我们去公园玩。",
    "big5": "繁體中文網頁內容，今天天氣很好，我們去公園玩。",
    "shift_jis": "日本語のテキスト、これはテストです。",
    "euc-jp": "日本語のテキスト、これはテストです。",
    "iso-2022-jp": "日本語のテキスト、これはテストです。",
    "euc-kr": "한국어 텍스트입니다. 오늘 날씨가 좋습니다.",
    "windows-1250": "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "windows-1251": "Привет, мир! Это русский текст для проверки.",
    "windows-1252": "Café déjà vu – naïve “quoted” façade",
    "windows-1253": "Καλημέρα κόσμε, αυτό είναι ένα κείμενο",
    "windows-1254": "Türkçe metin şöyle ığdır, güneş doğuyor",
    "windows-1255": "שלום עולם זה טקסט בעברית",
    "windows-1256": "مرحبا بالعالم هذا نص عربي",
    "windows-1257": "Ąžuolas šoko į ežerą, ūkininkas žiūrėjo",
    "koi8-r": "Привет, мир! Это русский текст для проверки.",
    "iso-8859-2": "Příliš žluťoučký kůň úpěl ďábelské ódy",
}


def page(text, head=""):
    return f"<html><head>{head}<title>x</title></head><body><p>{text}</p></body></html>"


def check(body, label, text):
    tree, encoding = parse_html(body, label)
    assert tree.find("p").text == text
    assert text in decode(body, encoding)
    return encoding


@pytest.mark.parametrize(("charset", "text"), SAMPLES.items())
def test_by_content_type(charset, text):
    check(page(text).encode(charset), charset, text)


@pytest.mark.parametrize(("charset", "text"), SAMPLES.items())
def test_by_meta(charset, text):
    check(page(text, f'<meta charset="{charset}">').encode(charset), "", text)
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    check(page(text, head).encode(charset), "", text)


@pytest.mark.parametrize(
    "charset", ["utf-8", "gbk", "big5", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "windows-1251", "koi8-r"]
)
@pytest.mark.parametrize("label", ["", "uft-8", "utf8mb4", "none", "\u00e9"])
def test_detected_when_the_label_is_missing_or_nonsense(charset, label):
    text = SAMPLES[charset] * 3
    check(page(text).encode(charset), label, text)


@pytest.mark.parametrize("charset", ["windows-1251", "gbk", "shift_jis", "koi8-r"])
def test_detected_when_utf8_is_claimed_in_vain(charset):
    text = SAMPLES[charset] * 3
    check(page(text).encode(charset), "utf-8", text)
    check(page(text, "<meta charset=utf-8>").encode(charset), "", text)


@pytest.mark.parametrize("label", ["iso-8859-1", "windows-1252", "windows-1251", "us-ascii"])
def test_utf8_under_a_single_byte_label(label):
    assert check(page(SAMPLES["utf-8"]).encode(), label, SAMPLES["utf-8"]) == "UTF-8"


def test_one_bad_byte_does_not_make_it_another_encoding():
    body = page(SAMPLES["utf-8"]).encode() + b"\xff"
    assert check(body, "utf-8", SAMPLES["utf-8"]) == "UTF-8"


@pytest.mark.parametrize("label", ["", "utf-16", "iso-8859-1"])
@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-8", b"\xef\xbb\xbf"),
    ],
)
def test_byte_order_marks_and_utf16_without(codec, mark, label):
    text = "Grüße aus Köln"
    body = mark + page(text).encode(codec)
    assert check(body, label, text) == codec.upper().replace("16-", "16")
    assert not decode_text(body, label)[0].startswith("\ufeff")


def test_a_mark_outranks_the_label():
    assert check(b"\xef\xbb\xbf" + page("Grüße").encode(), "gbk", "Grüße") == "UTF-8"


def test_a_late_meta_is_found():
    text = SAMPLES["windows-1251"]
    head = f"<!-- {'x' * 2000} --><meta charset=windows-1251>"
    check(page(text, head).encode("windows-1251"), "", text)


@pytest.mark.parametrize(
    ("content_type", "label"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ('text/html; charset="utf-8"', "utf-8"),
        ("text/html;charset='gbk'", "gbk"),
        ("text/html; CHARSET = KOI8-R ; x=y", "KOI8-R"),
        ("text/html", ""),
        ("", ""),
        ("text/html; charset=", ""),
    ],
)
def test_charset_label(content_type, label):
    assert charset_label(content_type) == label


def test_canonical_names():
    assert canonical_name("latin1") == "windows-1252"
    assert canonical_name("GB2312") == "GBK"
    assert canonical_name("uft-8") == canonical_name("") == ""


def test_decode_text_without_html():
    assert decode_text(SAMPLES["gbk"].encode("gbk"), "gb2312") == (SAMPLES["gbk"], "GBK")
    assert decode_text("Grüße".encode()) == ("Grüße", "UTF-8")
    assert decode_text((SAMPLES["koi8-r"] * 3).encode("koi8-r"))[0] == SAMPLES["koi8-r"] * 3
    assert decode_text(b"") == ("", "UTF-8")


def test_decode_with_an_encoding_that_is_none():
    with pytest.raises(ReadError, match="'klingon'"):
        decode(b"x", "klingon")


def test_decode_body_unpacks_first():
    body = gzip.compress(page("Grüße").encode("windows-1252"))
    assert "Grüße" in decode_body(body, "gzip", "windows-1252", 10_000)
    with pytest.raises(ReadError):
        decode_body(body, "gzip", "windows-1252", 10)


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "gbk", "utf-16", "iso-2022-jp", "x-user-defined", "?"]))
def test_any_bytes_give_a_tree_and_a_text(body, label):
    tree, encoding = parse_html(body, label)
    assert tree.root is not None
    assert isinstance(decode(body, encoding), str)
    text, name = decode_text(body, label)
    assert isinstance(text, str)
    assert canonical_name(name) == name
